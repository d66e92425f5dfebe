// Runs the native forge in contracts/: `node scripts/forge.mjs build`, `test --match-path …`, `coverage`, `fmt`.
import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readSync } from 'node:fs'
import { constants } from 'node:os'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')

/** Path of a native forge: FORGE_BIN, the npm platform package's, or one on PATH. Throws when there is none. */
function findForge() {
  if (process.env.FORGE_BIN) {
    if (!existsSync(process.env.FORGE_BIN))
      throw new Error(`FORGE_BIN is ${process.env.FORGE_BIN}, which does not exist.`)
    return process.env.FORGE_BIN
  }
  const directories = (process.env.PATH ?? '').split(path.delimiter).filter((directory) => directory !== '')
  const candidates = [path.join(root, 'node_modules/.bin'), ...directories].map((directory) =>
    path.join(directory, 'forge'),
  )
  const found = candidates.find((file) => existsSync(file) && isNative(file))
  if (found) return found
  throw new Error(
    'No native forge was found. On linux-x64 `npm ci` installs it; elsewhere install Foundry 1.7 or later ' +
      '(https://getfoundry.sh) so that forge is on PATH, or set FORGE_BIN.',
  )
}

/** npm's `@foundry-rs/forge` is a script that exits 0 whatever forge did: only a binary will do. */
function isNative(file) {
  const descriptor = openSync(file, 'r')
  try {
    const head = Buffer.alloc(2)
    readSync(descriptor, head, 0, 2, 0)
    return head.toString('latin1') !== '#!'
  } finally {
    closeSync(descriptor)
  }
}

function run([command, ...rest]) {
  const args = command === undefined ? [] : [command, ...rest]
  if (command === 'coverage') args.push('--report', 'summary', '--no-match-coverage', '(test|script|devnet)/')
  // `npm run --silent` keeps stdout for the output of what follows the build
  const isSilent = command === 'build' && process.env.npm_config_loglevel === 'silent'

  const {
    FOUNDRY_SOLC = path.join(root, 'tools/solc.mjs'),
    FOUNDRY_PROFILE = ['build', 'inspect'].includes(command) ? 'deploy' : 'default',
  } = process.env
  const child = spawn(findForge(), args, {
    cwd: path.join(root, 'contracts'),
    env: { ...process.env, FOUNDRY_SOLC, FOUNDRY_PROFILE },
    stdio: ['inherit', isSilent ? 'pipe' : 'inherit', 'inherit'],
  })
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    if (text.startsWith('Compiling')) console.error('Compiling the contracts, which takes a minute or more …')
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.once('error', (error) => {
    console.error(`forge did not start: ${error.message}`)
    process.exitCode = 127
  })
  child.once('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal]
  })
}

try {
  run(process.argv.slice(2))
} catch (error) {
  console.error(error.message)
  process.exitCode = 127
}
