// What importing the packages adds to a bundle for browsers, gzipped, without peers (viem, and the sdk for others):
// `npx size-limit`. Building at all is a check too: what needs Node's modules does not build.
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { readEntries, readPackages } from './scripts/packages.mjs'

/** Of entries as a whole, about a tenth above what they are. */
const budgets = {}

const packages = readPackages()

const browser = (config) => ({ ...config, format: 'esm', platform: 'browser', target: 'es2022', logLevel: 'error' })

/** Leaves out what is loaded when it is needed only, such as the errors when a call fails. Entries are with it. */
const atOnce = (config) => ({
  ...browser(config),
  plugins: [
    {
      name: 'at-once',
      setup: (build) =>
        build.onResolve({ filter: /./ }, ({ kind, path }) =>
          kind === 'dynamic-import' ? { path, external: true } : undefined,
        ),
    },
  ],
})

const entries = packages.flatMap((each) => {
  const ignore = Object.keys(each.manifest.peerDependencies ?? {})
  return readEntries(each)
    .filter(({ node }) => !node)
    .map(({ specifier, script }) => {
      const limit = budgets[specifier.replace('@proof-of-inference/', '')] ?? '100 kB'
      if (!limit) throw new Error(`${specifier} has no size budget in .size-limit.mjs`)
      return { name: specifier, path: path.relative(import.meta.dirname, script), limit, ignore }
    })
})

/** A function imported on its own: an action, bound to nothing. */
const actions = await Promise.all(
  readEntries(packages.find(({ name }) => name.endsWith('/sdk')))
    .filter(({ subpath }) => ['./actions', './eigenlayer', './erc8004'].includes(subpath))
    .map(async ({ specifier, script }) => {
      const names = Object.entries(await import(pathToFileURL(script).href))
        .filter(([, value]) => typeof value === 'function' && !value.toString().startsWith('class'))
        .map(([name]) => name)
      return names.map((name) => ({
        ...{ name: `${name} of ${specifier}`, path: path.relative(import.meta.dirname, script), limit: '6 kB' },
        ...{ import: `{ ${name} }`, ignore: ['viem'], modifyEsbuildConfig: atOnce },
      }))
    }),
)

export default [...entries, ...actions.flat()].map((check) => ({
  gzip: true,
  modifyEsbuildConfig: browser,
  ...check,
}))
