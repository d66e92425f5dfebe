// What the scripts know of the packages: which there are, their entries, and their tarballs.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

export const root = path.resolve(import.meta.dirname, '..')

/** Entries that need Node; every other one is for browsers too. */
const nodeOnly = new Set([
  '@proof-of-inference/sdk/node',
  '@proof-of-inference/sdk/runner/onnx-node',
  '@proof-of-inference/sdk/runner/subprocess',
  '@proof-of-inference/sdk/runner/transformers',
  '@proof-of-inference/conformance',
  '@proof-of-inference/devnet',
])

/** The published packages, those that others depend on first. */
export function readPackages() {
  const packages = readdirSync(path.join(root, 'packages')).map((name) => {
    const folder = path.join(root, 'packages', name)
    const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))
    return { folder, manifest, name: manifest.name }
  })
  return packages.sort((a, b) => Number(b.name.endsWith('/sdk')) - Number(a.name.endsWith('/sdk')))
}

/** The entries of a package: what is imported, the source it is built from, its script and whether it needs Node. */
export function readEntries({ folder, manifest, name }) {
  return Object.entries(manifest.exports).map(([subpath, { default: built }]) => {
    const specifier = path.posix.join(name, subpath)
    const module = path.basename(built, '.js') === 'index' ? 'index' : subpath.slice(2)
    const source = name.endsWith('/sdk') ? `src/exports/${module}.ts` : `src/${module}.ts`
    return {
      ...{ specifier, subpath, node: nodeOnly.has(specifier) },
      source: path.join(folder, source),
      script: path.join(folder, built),
    }
  })
}

/**
 * Packs a built package, as `npm publish` would. Gives npm's report: `filename`, `size`, `unpackedSize`, `files` with
 * `path` and `size`. Without a `destination` nothing is written.
 */
export function pack({ folder, name }, destination) {
  const target = destination ? ['--pack-destination', destination] : ['--dry-run']
  // scripts would print into the report, and have run by now
  const args = ['pack', '--json', '--ignore-scripts', ...target]
  const { status, stdout, stderr, error } = spawnSync('npm', args, { cwd: folder, encoding: 'utf8' })
  if (status !== 0) throw new Error(`npm pack of ${name} exited with ${status}:\n${stderr}`, { cause: error })
  const [report] = Object.values(JSON.parse(stdout))
  return report
}

/** What a tarball may hold. Source maps are not published: they would double its size, and the sources are public. */
const publishable = [
  /^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
  /^dist\/(?!.*[./](test|spec|fixtures?)[./]).+\.(js|d\.ts)$/,
]

/** Peers that a package cannot do without. Every other one is optional. */
const requiredPeers = new Set(['@proof-of-inference/sdk', 'viem', 'vitest'])

/** Why a package is not fit to be published, from its manifest and npm's report of its tarball; empty if it is. */
export function findProblems({ folder, manifest, name }, { files }) {
  const paths = files.map(({ path }) => path)
  const { bin = {}, exports, peerDependencies = {}, peerDependenciesMeta = {}, publishConfig, repository } = manifest
  const targets = [...Object.values(exports).flatMap((each) => Object.values(each)), ...Object.values(bin)]
  const expected = ['README.md', 'LICENSE', ...targets.map((target) => path.posix.normalize(target))]
  const rules = {
    'it is private': !manifest.private,
    '`type` is not "module"': manifest.type === 'module',
    '`sideEffects` is not false': manifest.sideEffects === false,
    'it has no `description`, `keywords` or `license`': manifest.description && manifest.keywords && manifest.license,
    'it has no `engines.node`': manifest.engines?.node,
    '`publishConfig` is not public with provenance': publishConfig?.access === 'public' && publishConfig.provenance,
    '`repository.directory` is not its folder': repository?.directory === path.relative(root, folder),
  }
  const problems = [
    ...Object.entries(rules).flatMap(([problem, holds]) => (holds ? [] : [problem])),
    ...Object.entries(exports).flatMap(([subpath, conditions]) =>
      Object.keys(conditions).join() === 'types,default'
        ? []
        : [`${subpath} is not exported as "types", then "default"`],
    ),
    ...expected.filter((file) => !paths.includes(file)).map((file) => `${file} is missing`),
    ...paths
      .filter((file) => !publishable.some((pattern) => pattern.test(file)))
      .map((file) => `${file} is not to be published`),
    ...Object.keys(peerDependencies)
      .filter((peer) => !requiredPeers.has(peer) && !peerDependenciesMeta[peer]?.optional)
      .map((peer) => `its peer ${peer} is not optional`),
  ]
  return problems.map((problem) => `${name}: ${problem}`)
}
