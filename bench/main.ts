// Benchmarks: `npm run bench -- <name> [part…] [--json]`. Results, with how they were taken, are in bench/results.
import { inspect, parseArgs } from 'node:util'
import { gas } from './gas.ts'
import { latency } from './latency.ts'
import { quality } from './quality.ts'
import { verifiers } from './verifiers.ts'

export type BenchContext = {
  readonly progress: (message: string) => void
  /** Parts of the benchmark to run, where it has several. None: all. */
  readonly parts: readonly string[]
}

const benches = { gas, latency, quality, verifiers } as const satisfies {
  [name: string]: (context: BenchContext) => Promise<unknown>
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
})
const [name = '', ...parts] = positionals
const usage = `Usage: npm run bench -- <${Object.keys(benches).join('|')}> [part…] [--json]`

if (values.help) {
  console.log(usage)
} else if (!Object.hasOwn(benches, name)) {
  console.error(usage)
  process.exitCode = 1
} else {
  const progress = (message: string) => process.stderr.write(`· ${message}\n`)
  const report = await benches[name as keyof typeof benches]({ progress, parts })
  console.log(
    values.json ? JSON.stringify(report, null, 2) : inspect(report, { depth: null, colors: process.stdout.isTTY }),
  )
}
