// Runs the contracts' tests with coverage and fails below the bar: `npm run coverage:contracts`.
import { spawnSync } from 'node:child_process'
import path from 'node:path'

/** Least share of the lines and of the branches of contracts/src, in per cent. */
const bar = 95

const forge = path.join(import.meta.dirname, 'forge.mjs')
// invariant campaigns add minutes and no lines here
const { status, stdout } = spawnSync(process.execPath, [forge, 'coverage', '--no-match-path', 'test/invariant/*'], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
  maxBuffer: 64 * 2 ** 20,
})
const table = stdout.split('\n').filter((line) => line.startsWith('|') || line.startsWith('╭') || line.startsWith('╰'))
console.log(table.join('\n'))
if (status !== 0) {
  console.error(stdout)
  throw new Error(`forge coverage exited with ${status}`)
}

// | File | % Lines | % Statements | % Branches | % Funcs |
const total = table.find((line) => line.startsWith('| Total'))
if (!total) throw new Error('forge coverage printed no total')
const [lines, , branches] = [...total.matchAll(/([\d.]+)%/g)].map(([, share]) => Number(share))
console.log(`lines ${lines} %, branches ${branches} %, at least ${bar} % each`)
if (!(lines >= bar && branches >= bar)) process.exitCode = 1
