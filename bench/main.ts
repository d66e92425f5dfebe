// Benchmarks: `npm run bench -- <name> [part…] [--json]`. Results, with how they were taken, are in bench/results.
// `quality [part…] --into <file>` replaces in a file of results those of the verifiers and models that it measured.
import { readFile, writeFile } from 'node:fs/promises'
import { inspect, parseArgs } from 'node:util'
import { gas } from './gas.ts'
import { latency } from './latency.ts'
import { measureQuality, mergeReports, quality } from './quality.ts'
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
  options: {
    json: { type: 'boolean', default: false },
    into: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const [name = '', ...parts] = positionals
const progress = (message: string) => process.stderr.write(`· ${message}\n`)
const usage = `Usage: npm run bench -- <${Object.keys(benches).join('|')}> [part…] [--json] [--into <file>]`

if (values.help) {
  console.log(usage)
} else if (!Object.hasOwn(benches, name) || (values.into !== undefined && name !== 'quality')) {
  console.error(usage)
  process.exitCode = 1
} else if (values.into !== undefined) {
  for await (const measured of measureQuality({ progress, parts })) {
    // As it is now: another process may have measured a part meanwhile.
    const merged = mergeReports(JSON.parse(await readFile(values.into, 'utf8')), measured)
    await writeFile(values.into, `${JSON.stringify(merged, null, 2)}\n`)
  }
} else {
  const report = await benches[name as keyof typeof benches]({ progress, parts })
  console.log(
    values.json ? JSON.stringify(report, null, 2) : inspect(report, { depth: null, colors: process.stdout.isTTY }),
  )
}
