// Shows what a release would publish, and publishes nothing: `npm run release:dry`. Builds and packs every package, with
// the version that the changesets give it. Fails if a package is not fit to be published.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { findProblems, pack, readPackages, root } from './packages.mjs'

const help = `npm run release:dry -- [options]

  --no-build  pack what is in the packages' dist folders
  --json      print one JSON document
  --help      print this`

const { values: options } = parseArgs({
  options: { 'no-build': { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
})

/** Runs a command whose output is for people: it goes to stderr. */
function run(command, ...args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')} exited with ${status}`, { cause: error })
}

/** The version that each package gets, by its name, from the changesets. */
function readVersions() {
  const folder = mkdtempSync(path.join(tmpdir(), 'release-'))
  try {
    // changesets takes a path from the root
    const file = path.join(folder, 'status.json')
    run('npx', 'changeset', 'status', '--output', path.relative(root, file))
    const { releases } = JSON.parse(readFileSync(file, 'utf8'))
    return new Map(releases.map(({ name, newVersion }) => [name, newVersion]))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function main() {
  if (!options['no-build']) run('npm', 'run', '--silent', 'build')
  const versions = readVersions()
  const packages = readPackages().map((each) => {
    const report = pack(each)
    const { size, unpackedSize, files } = report
    const current = each.manifest.version
    return {
      ...{ name: each.name, version: versions.get(each.name) ?? null, current, size, unpackedSize },
      files: files.map(({ path, size }) => ({ path, size })),
      problems: findProblems(each, report),
    }
  })
  const problems = packages.flatMap((each) => each.problems)
  if (options.json) console.log(JSON.stringify({ packages }, null, 2))
  else for (const each of packages) print(each)
  for (const problem of problems) console.error(problem)
  if (problems.length > 0) process.exitCode = 1
}

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`

function print({ name, version, current, size, unpackedSize, files }) {
  const release = version ? `${name} ${version} (now ${current})` : `${name}: no changeset, stays ${current}`
  console.log(`\n${release}: ${kilobytes(size)} packed, ${kilobytes(unpackedSize)} unpacked, ${files.length} files`)
  for (const { path, size } of files) console.log(`  ${kilobytes(size).padStart(10)}  ${path}`)
}

if (options.help) console.log(help)
else main()
