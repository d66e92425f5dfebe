// The reference: Markdown in docs/reference, a folder for each entry of a package. Fails on a link that leads nowhere and on an
// export without a docstring. Run by `npm run docs`.
import path from 'node:path'
import { Converter, ReflectionKind } from 'typedoc'
import { MemberRouter } from 'typedoc-plugin-markdown'

const root = path.resolve(import.meta.dirname, '../..')

/** A page for every export; the types that a function has under its name share one. */
class Router extends MemberRouter {
  buildChildPages(reflection, pages) {
    if (reflection.parent?.kind === ReflectionKind.Namespace) return this.buildAnchors(reflection, reflection.parent)
    super.buildChildPages(reflection, pages)
  }
}

/** What every error inherits: said once, on the page of the base. */
const ofEveryError = new Set(['walk', 'shortMessage', 'metaMessages', 'details', 'docsUrl'])

function site(app) {
  app.renderer.defineRouter('site', Router)
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const { name, children = [] } of project.getReflectionsByKind(ReflectionKind.Class)) {
      if (!name.endsWith('Error') || name === 'ProofOfInferenceError') continue
      for (const child of children.filter((child) => ofEveryError.has(child.name))) project.removeReflection(child)
    }
  })
  // what the docstrings call a parameter that the code takes apart
  app.converter.on(Converter.EVENT_CREATE_PARAMETER, (_, parameter) => {
    if (parameter.name === '__namedParameters') parameter.name = 'parameters'
  })
}

/** @type {import('typedoc').TypeDocOptions & import('typedoc-plugin-markdown').PluginOptions} */
export default {
  tsconfig: path.join(root, 'tsconfig.json'),
  // `npm run check` does it
  skipErrorChecking: true,
  entryPoints: [
    path.join(root, 'packages/sdk/src/exports/**/*.ts'),
    path.join(root, 'packages/{verifier-*,conformance,devnet}/src/index.ts'),
  ],
  exclude: ['**/*.test.ts'],
  excludeExternals: true,
  out: path.join(root, 'docs/reference'),
  plugin: ['typedoc-plugin-markdown', site],
  router: 'site',
  readme: 'none',
  name: 'Reference',
  logLevel: 'Warn',
  disableSources: true,
  entryFileName: 'index',
  excludeScopesInPaths: true,
  hidePageHeader: true,
  useCodeBlocks: true,
  expandObjects: true,
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  classPropertiesFormat: 'table',
  typeAliasPropertiesFormat: 'table',
  indexFormat: 'table',
  tableColumnSettings: { hideModifiers: true },
  sort: ['source-order'],
  groupOrder: ['Functions', 'Variables', 'Interfaces', 'Type Aliases', 'Classes', 'Namespaces', '*'],
  packagesRequiringDocumentation: [
    ...[
      'sdk',
      'verifier-exact',
      'verifier-cosine',
      'verifier-statistical',
      'verifier-crossval',
      'conformance',
      'devnet',
    ],
  ].map((name) => `@proof-of-inference/${name}`),
  requiredToBeDocumented: ['Class', 'Function', 'Interface', 'Variable'],
  // what is generated, and what its name says
  intentionallyNotDocumented: [
    ...[
      'equivocationSlasherAbi',
      'modelRegistryAbi',
      'operatorRegistrarAbi',
      'operatorTableSetAbi',
      'proofOfInferenceAvsAbi',
    ].map((name) => `@proof-of-inference/sdk/abis.${name}`),
    ...['debug', 'info', 'warn', 'error'].map((name) => `@proof-of-inference/sdk/operator.Logger.${name}`),
    '@proof-of-inference/sdk/verifier.createVerificationContext.__type.dispose',
    '@proof-of-inference/conformance.PaymentRailFixture.payee.__type.restart',
  ],
  validation: { invalidLink: true, notDocumented: true, notExported: false },
  treatWarningsAsErrors: true,
}
