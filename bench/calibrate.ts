// Calibrates the verifiers on a real model: `npm run --silent calibrate -- <model> [--inputs <n>] [--out <directory>]`. Writes the
// policies, the sets they were calibrated on, the reports and the manifests, each under its digest, checks that the sets
// give the policies again, and prints what to publish.
import { parseArgs } from 'node:util'
import { directoryPayloadStore } from '@proof-of-inference/sdk/node'
import { calibrated, createPublications } from './quality/publications.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string', default: 'calibration' },
    inputs: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const [name = ''] = positionals
const inputs = values.inputs === undefined ? undefined : Number(values.inputs)
const usage = `Usage: npm run --silent calibrate -- <${calibrated.join('|')}> [--inputs <n, at least 8>] [--out <directory>]`

if (values.help) {
  console.log(usage)
} else if (!calibrated.includes(name) || !((inputs ?? 8) >= 8 && Number.isSafeInteger(inputs ?? 8))) {
  console.error(usage)
  process.exitCode = 1
} else {
  const progress = (message: string) => process.stderr.write(`· ${message}\n`)
  const payloads = directoryPayloadStore(values.out)
  const publications = await createPublications(name, { payloads, progress, ...(inputs !== undefined && { inputs }) })
  progress(`each policy came out again of its sets, which are in ${values.out} by digest`)
  console.log(JSON.stringify(publications, null, 2))
}
