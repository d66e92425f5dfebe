// Generates TypeScript from the Foundry build (`npm run generate` builds first):
//   packages/sdk/src/abis/generated.ts           ABIs of the deployed contracts, committed, via @wagmi/cli
//   packages/sdk/src/abis/calls/                 the same, a constant for each item, for the SDK's actions, committed
//   packages/devnet/src/generated/artifacts.ts   ABIs and creation bytecode of what the devnet deploys, not committed
//   packages/sdk/test/generated/artifacts.ts     the same of what the differential tests deploy, not committed
// `--quiet` prints nothing unless it fails.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { parseArgs } from 'node:util'

const root = path.resolve(import.meta.dirname, '..')
const { values } = parseArgs({ options: { quiet: { type: 'boolean', default: false } } })

const deployedByDevnet = [
  'DevnetAllocationManager',
  'DevnetCore4Mica',
  'DevnetDelegationManager',
  'DevnetECDSACertificateVerifier',
  'DevnetIdentityRegistry',
  'DevnetKeyRegistrar',
  'DevnetOperatorTableUpdater',
  'DevnetReputationRegistry',
  'DevnetStrategy',
  'DevnetStrategyManager',
  'DevnetToken',
  'DevnetValidationRegistry',
  'DevnetValidationRegistryGuaranteeDecoder',
  'EquivocationSlasher',
  'ModelRegistry',
  'OperatorRegistrar',
  'OperatorTableSet',
  'ProofOfInferenceAVS',
]

const deployedByTests = ['MockIdentityRegistry', 'MockOperatorSet', 'ModelRegistry', 'Probe', 'ProofOfInferenceAVS']

function readArtifact(name) {
  const file = path.join(root, 'contracts/out', `${name}.sol`, `${name}.json`)
  if (!existsSync(file)) throw new Error(`${file} does not exist. Build first: npm run build:contracts`)
  const { abi, bytecode } = JSON.parse(readFileSync(file, 'utf8'))
  if (!/^0x([0-9a-f]{2})+$/.test(bytecode.object))
    throw new Error(`${name} has no deployable bytecode: it is abstract, or needs a linked library.`)
  return { abi, bytecode: bytecode.object }
}

function generateAbis() {
  const require = createRequire(import.meta.url)
  const wagmi = path.join(path.dirname(require.resolve('@wagmi/cli/package.json')), 'dist/esm/cli.js')
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [wagmi, 'generate'], {
    cwd: root,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`wagmi generate failed:\n${stdout}${stderr}`, { cause: error })
  if (!values.quiet) console.log('Wrote packages/sdk/src/abis/generated.ts')
}

/** What `assertDeployment` calls, by contract. */
const links = {
  ProofOfInferenceAVS: ['modelRegistry', 'operatorSet', 'identityRegistry', 'validationRegistry', 'reputationRegistry'],
  OperatorRegistrar: ['allocationManager', 'operatorSetId'],
  EquivocationSlasher: ['avs', 'operatorSet'],
}

/**
 * ABIs as small as a call needs them, so that a bundle has what it calls and no more: of each contract a file with every
 * function and event as an ABI of its own; the errors, which are loaded when a call has failed, apart; and what every
 * action calls first.
 */
function generateCalls() {
  const called = Object.entries(links).flatMap(([contract, names]) => {
    const { abi } = readArtifact(contract)
    const found = names.map((name) => abi.find((item) => item.type === 'function' && item.name === name))
    if (found.includes(undefined)) throw new Error(`${contract} does not have all of ${names.join(', ')}`)
    return found
  })
  const deployed = [
    'EquivocationSlasher',
    'ModelRegistry',
    'OperatorRegistrar',
    'OperatorTableSet',
    'ProofOfInferenceAVS',
  ]
  const errors = deployed.flatMap((name) => readArtifact(name).abi.filter(({ type }) => type === 'error'))
  writeAbis('links', { linksAbi: deduplicate(called) }) // two contracts have one function
  writeAbis('errors', { errorsAbi: deduplicate(errors) })
  for (const name of deployed) {
    const items = readArtifact(name).abi.filter(({ type }) => type === 'function' || type === 'event')
    const file = name.replace('AVS', 'Avs').replace(/^./, (first) => first.toLowerCase())
    const names = [...new Set(items.map((item) => item.name))]
    writeAbis(file, Object.fromEntries(names.map((of) => [of, items.filter((item) => item.name === of)])))
  }
}

/** Leaves out what encoding and decoding have no use for; of errors the SDK reads which argument is a status. */
function named(key, value) {
  const isKept = key !== 'internalType' || value === 'enum Status'
  return isKept && key !== 'anonymous' ? value : undefined
}

function deduplicate(items) {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()]
}

function writeAbis(file, abis) {
  const constants = Object.entries(abis).map(
    ([name, abi]) => `export const ${name} = ${JSON.stringify(abi, named)} as const\n`,
  )
  write(`packages/sdk/src/abis/calls/${file}.ts`, constants)
}

function generateArtifacts(target, names) {
  const constants = names.map((name) => {
    const { abi, bytecode } = readArtifact(name)
    const identifier = name[0].toLowerCase() + name.slice(1)
    return `export const ${identifier} = {\n  abi: ${JSON.stringify(abi)},\n  bytecode: '${bytecode}',\n} as const\n`
  })
  write(target, constants)
}

function write(target, constants) {
  const file = path.join(root, target)
  mkdirSync(path.dirname(file), { recursive: true })
  // in one step: several builds and tests may run at once
  writeFileSync(`${file}.${process.pid}`, `// Generated by scripts/generate.mjs.\n\n${constants.join('\n')}`)
  renameSync(`${file}.${process.pid}`, file)
  if (!values.quiet) console.log(`Wrote ${path.relative(root, file)}`)
}

generateAbis()
generateCalls()
generateArtifacts('packages/devnet/src/generated/artifacts.ts', deployedByDevnet)
generateArtifacts('packages/sdk/test/generated/artifacts.ts', deployedByTests)
