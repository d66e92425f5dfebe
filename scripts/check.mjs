// The gates besides the tests: generated files, types, lint, format, unused code, packages. `npm run check`.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')
const abis = path.join(root, 'packages/sdk/src/abis')

const run = (command, ...args) => {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  if (error) throw error
  return status === 0
}

const gates = {
  'generated ABIs are up to date': () => {
    const read = () => {
      const calls = readdirSync(path.join(abis, 'calls')).map((name) => `calls/${name}`)
      return new Map(['generated.ts', ...calls].map((name) => [name, readFileSync(path.join(abis, name), 'utf8')]))
    }
    const before = read()
    if (!run('npm', 'run', '--silent', 'generate')) return false
    const after = read()
    const names = [...new Set([...before.keys(), ...after.keys()])]
    const changed = names.filter((name) => before.get(name) !== after.get(name))
    for (const name of changed)
      console.error(`${path.relative(root, path.join(abis, name))} was out of date: it is as generated now, commit it.`)
    return changed.length === 0
  },
  'stand-ins and external interfaces match the reference ABIs': () => run('npm', 'run', '--silent', 'check:abis'),
  'Solidity is formatted': () => run('node', 'scripts/forge.mjs', 'fmt', '--check'),
  'Solidity lint': () => run('node', 'scripts/forge.mjs', 'lint', '--deny', 'warnings', 'src'),
  'lint and format': () => run('npx', 'biome', 'check', '--error-on-warnings', '.'),
  types: () => run('npx', 'tsc', '--noEmit'),
  'docs: code, commands and links': () => run('npm', 'run', '--silent', 'docs:check'),
  'public API, and a type test of each function': () => run('node', 'scripts/check-api.mjs'),
  'what the types of the client cost': () => run('node', 'scripts/check-instantiations.mjs'),
  'unused files, exports and dependencies': () => run('npx', 'knip'),
  'the lock file names no registry': () => {
    const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'))
    const resolved = Object.entries(lock.packages).filter(([, { resolved }]) => /^[a-z+]+:/.test(resolved ?? ''))
    for (const [name] of resolved) console.error(`${name} has a download address in package-lock.json`)
    return resolved.length === 0
  },
  'packages build': () => run('npm', 'run', '--silent', 'build:packages'),
  'packages can be published, and imported': () => run('node', 'scripts/check-packages.mjs'),
  'sizes, and bundles for browsers': () => run('npx', 'size-limit'),
}

const failed = []
for (const [name, gate] of Object.entries(gates)) {
  console.log(`\n▸ ${name}`)
  if (!gate()) failed.push(name)
}
console.log(failed.length === 0 ? '\nAll checks passed.' : `\nFailed: ${failed.join('; ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
