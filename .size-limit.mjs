// What importing the packages adds to a bundle for browsers, gzipped, without peers (viem, and the sdk for others):
// `npx size-limit`. Building at all is a check too: what needs Node's modules does not build.
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { readEntries, readPackages } from './scripts/packages.mjs'

/** Of a verifier on its own. */
const verifierBudget = '5 kB'

/** Of entries as a whole, with what is loaded later: about a tenth above what they are. */
const budgets = {
  sdk: '43.5 kB',
  'sdk/abis': '5.8 kB',
  'sdk/actions': '37.9 kB',
  'sdk/aggregator': '34.3 kB',
  'sdk/calibration': '24.9 kB',
  'sdk/eigenlayer': '20.1 kB',
  'sdk/erc8004': '33.4 kB',
  'sdk/operator': '67.3 kB',
  'sdk/payload': '27.2 kB',
  'sdk/payments': '54.3 kB',
  'sdk/requester': '55.4 kB',
  'sdk/runner': '13.2 kB',
  'sdk/runner/onnx': '14.3 kB',
  'sdk/runner/openai': '14.7 kB',
  'sdk/verifier': '47 kB',
  'verifier-cosine': verifierBudget,
  'verifier-crossval': verifierBudget,
  'verifier-exact': verifierBudget,
  // its three verifiers together
  'verifier-statistical': '8.6 kB',
}

/** Of an action on its own. */
const actionBudget = '6 kB'

/** Of those that have others within them, and their errors: a tenth above what they are. */
const composed = {
  getAgentRegistration: '8.4 kB',
  joinOperatorSet: '9 kB',
  verifyCertificate: '7.4 kB',
  verifyReceipt: '11.7 kB',
}

/** What viem brings, and loads for the same purpose. */
const ofViem = ['@noble/curves/secp256k1', '@noble/curves/abstract/modular']

const packages = readPackages()

const browser = (config) => ({ ...config, format: 'esm', platform: 'browser', target: 'es2022', logLevel: 'error' })

/** Leaves out what is loaded when it is needed only, such as the errors when a call fails. Entries are with it. */
const atOnce = (config) => ({
  ...browser(config),
  plugins: [
    {
      name: 'at-once',
      setup: (build) =>
        build.onResolve({ filter: /./ }, ({ kind, path }) => {
          if (kind === 'dynamic-import') return { path, external: true }
          // As its package says: who uses nothing of it does not import it.
          return ofViem.includes(path) ? { path, external: true, sideEffects: false } : undefined
        }),
    },
  ],
})

const entries = packages.flatMap((each) => {
  const ignore = [...Object.keys(each.manifest.peerDependencies ?? {}), ...ofViem]
  return readEntries(each)
    .filter(({ node }) => !node)
    .map(({ specifier, script }) => {
      const limit = budgets[specifier.replace('@proof-of-inference/', '')]
      if (!limit) throw new Error(`${specifier} has no size budget in .size-limit.mjs`)
      return { name: specifier, path: path.relative(import.meta.dirname, script), limit, ignore }
    })
})

/** The functions that an entry exports. */
async function readFunctions({ script }) {
  const exported = Object.entries(await import(pathToFileURL(script).href))
  return exported.filter(([, value]) => typeof value === 'function' && !value.toString().startsWith('class'))
}

/** A function imported on its own: an action, bound to nothing. */
const actions = await Promise.all(
  readEntries(packages.find(({ name }) => name.endsWith('/sdk')))
    .filter(({ subpath }) => ['./actions', './eigenlayer', './erc8004'].includes(subpath))
    .map(async (entry) => {
      const { specifier, script } = entry
      const names = (await readFunctions(entry)).map(([name]) => name)
      return names.map((name) => ({
        ...{
          name: `${name} of ${specifier}`,
          path: path.relative(import.meta.dirname, script),
          limit: composed[name] ?? actionBudget,
        },
        ...{ import: `{ ${name} }`, ignore: ['viem', ...ofViem], modifyEsbuildConfig: atOnce },
      }))
    }),
)

/** A verifier imported on its own, where a package has several: its factory has the policies. */
const statistical = packages.find(({ name }) => name.endsWith('/verifier-statistical'))
const verifiers = (await Promise.all(readEntries(statistical).map(readFunctions)))
  .flat()
  .filter(([, { policy }]) => policy)
  .map(([name]) => ({
    ...entries.find((entry) => entry.name === statistical.name),
    ...{ name: `${name} of ${statistical.name}`, limit: verifierBudget, import: `{ ${name} }` },
  }))

export default [...entries, ...actions.flat(), ...verifiers].map((check) => ({
  gzip: true,
  modifyEsbuildConfig: browser,
  ...check,
}))
