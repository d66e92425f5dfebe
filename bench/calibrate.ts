// Calibrates the verifiers on a real model: `npm run calibrate -- <model> [--out <directory>]`. Writes the policies, the
// sets they were calibrated on and the reports, each under its digest, and checks that the sets give the policies again.
import { parseArgs } from 'node:util'
import { type Calibrated, recalibrate } from '@proof-of-inference/sdk/calibration'
import { directoryPayloadStore } from '@proof-of-inference/sdk/node'
import { encodePolicy, type IpldValue, type PolicyDocument, putPayload } from '@proof-of-inference/sdk/payload'
import { calibrateModel } from './quality/calibrateModel.ts'
import { benchModels } from './quality/models.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { out: { type: 'string', default: 'calibration' }, help: { type: 'boolean', short: 'h', default: false } },
})
const [name = ''] = positionals
const usage = `Usage: npm run calibrate -- <${Object.keys(benchModels).join('|')}> [--out <directory>]`

if (values.help) {
  console.log(usage)
} else if (!Object.hasOwn(benchModels, name)) {
  console.error(usage)
  process.exitCode = 1
} else {
  const model = await benchModels[name as keyof typeof benchModels]()
  const store = directoryPayloadStore(values.out)
  const { calibrations, builds } = await calibrateModel(model, (message) => process.stderr.write(`· ${message}\n`))
  for (const verifier of ['cosine', 'crossval'] as const) {
    const { policy, report, payloads } = calibrations[verifier]
    for (const payload of Object.values(payloads)) await putPayload(store, payload)
    const digest = await putPayload(store, await encodePolicy(policy))
    const build: (calibrated: Calibrated) => PolicyDocument<IpldValue> = builds[verifier]
    await recalibrate({ policy, payloads: store, build })
    console.log(`${verifier}: policy ${digest}, reproduced from its sets in ${values.out}`)
    console.log(JSON.stringify({ policy, report }, null, 2))
  }
}
