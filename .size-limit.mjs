// What importing the packages adds to a bundle for browsers, gzipped, without peers (viem, and the sdk for others):
// `npx size-limit`. Building at all is a check too: what needs Node's modules does not build.
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { readEntries, readPackages } from './scripts/packages.mjs'

/** Of entries as a whole, with what is loaded later: about a tenth above what they are. */
const budgets = {
  sdk: '43.5 kB',
  'sdk/abis': '5.8 kB',
  'sdk/actions': '39.2 kB',
  'sdk/aggregator': '36.8 kB',
  'sdk/calibration': '24.9 kB',
  'sdk/eigenlayer': '20.1 kB',
  'sdk/erc8004': '36.3 kB',
  'sdk/operator': '67.3 kB',
  'sdk/payload': '27.2 kB',
  'sdk/payments': '57.3 kB',
  'sdk/requester': '57.6 kB',
  'sdk/runner': '13.2 kB',
  'sdk/runner/onnx': '14.3 kB',
  'sdk/runner/openai': '14.7 kB',
  'sdk/verifier': '47 kB',
  'verifier-cosine': '5 kB',
  'verifier-crossval': '5 kB',
  'verifier-exact': '5 kB',
  // three of them
  'verifier-statistical': '8.6 kB',
}

/** Of an action on its own. */
const actionBudget = '6 kB'

/** Of those that have others within them: a tenth above what they are. */
const composed = {
  commitVerification: '7.5 kB',
  findEquivocations: '8.6 kB',
  getAgentRegistration: '8.7 kB',
  getModelStats: '7 kB',
  getOperatorRecord: '6.7 kB',
  joinOperatorSet: '10.6 kB',
  postReceipt: '7.6 kB',
  settleCertificates: '6.9 kB',
  slashEquivocation: '7.1 kB',
  submitVerification: '7.9 kB',
  submitVerifications: '6.9 kB',
  verifyCertificate: '10.2 kB',
  verifyReceipt: '15 kB',
  waitForOutcome: '8.3 kB',
}

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
      const limit = budgets[specifier.replace('@proof-of-inference/', '')]
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
        ...{
          name: `${name} of ${specifier}`,
          path: path.relative(import.meta.dirname, script),
          limit: composed[name] ?? actionBudget,
        },
        ...{ import: `{ ${name} }`, ignore: ['viem'], modifyEsbuildConfig: atOnce },
      }))
    }),
)

export default [...entries, ...actions.flat()].map((check) => ({
  gzip: true,
  modifyEsbuildConfig: browser,
  ...check,
}))
