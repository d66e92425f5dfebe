// Checks that every stand-in of the devnet, every interface through which the contracts call others, and every ABI of
// other people's contracts in the SDK, is a subset of the real contract's ABI, entry for entry. REFERENCE_ABIS names a
// folder with the real ABIs, one <Contract>.json in some subfolder; without it there is nothing to compare with, and
// the check says so. It lists what it compared with what, and what it did not.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { tsImport } from 'tsx/esm/api'

const root = path.resolve(import.meta.dirname, '..')
const out = path.resolve(root, 'contracts', process.env.FOUNDRY_OUT ?? 'out')

/** Stand-ins for which there is nothing to be a subset of. */
const withoutReference = new Set(['DevnetOperatorTableUpdater', 'DevnetStrategy', 'DevnetToken'])

/** Contracts whose ABI the folder may lack. Where it is there, it is compared with. */
const optionalReferences = new Set(['IOperatorTableUpdater'])

/** Modules of the SDK's `abis` folder that are not generated from our own contracts. */
const sdkModules = readdirSync(path.join(root, 'packages/sdk/src/abis'))
  .filter((file) => /^\w+\.ts$/.test(file) && !['generated.ts', 'index.ts'].includes(file))
  .map((file) => path.basename(file, '.ts'))

function sources(folder, pattern) {
  return readdirSync(path.join(root, 'contracts', folder))
    .filter((file) => pattern.test(file))
    .map((file) => path.basename(file, '.sol'))
}

function readReferences(folder) {
  const files = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.json'))
  return new Map(
    files.map((file) => {
      const json = JSON.parse(readFileSync(path.join(folder, file), 'utf8'))
      return [path.basename(file, '.json'), Array.isArray(json) ? json : json.abi]
    }),
  )
}

function readAbi(name) {
  const file = path.join(out, `${name}.sol`, `${name}.json`)
  if (!existsSync(file)) throw new Error(`${file} does not exist. Build first: npm run build:contracts`)
  return JSON.parse(readFileSync(file, 'utf8')).abi
}

/** The ABIs that the SDK keeps by hand, which are named after the contracts: `allocationManagerAbi`. */
async function readSdkAbis() {
  const modules = await Promise.all(
    sdkModules.map((name) => tsImport(`../packages/sdk/src/abis/${name}.ts`, import.meta.url)),
  )
  return modules.flatMap((module) => Object.entries(module)).filter(([name]) => name.endsWith('Abi'))
}

/** The reference ABI of an ABI by its name, of which upper and lower case may differ. */
function findReference(references, name) {
  const find = (contract) => [...references].find(([each]) => each.toLowerCase() === contract.toLowerCase())
  return find(name.replace(/Abi$/, '')) ?? find(name.replace(/^(Devnet|I)/, ''))
}

/** `(address,uint32)[]`: the type with its tuples spelled out. */
function canonical({ type, components }) {
  return components ? type.replace('tuple', `(${components.map(canonical).join(',')})`) : type
}

function signature({ type, name, inputs = [] }) {
  return `${type} ${name ?? ''}(${inputs.map(canonical).join(',')})`
}

/** Differences of parameters (what is not said to be indexed is not) that have the same types. A name is free only where the reference has none. */
function compareParameters(actual, expected, where) {
  return expected.flatMap((parameter, index) => {
    const ours = actual[index]
    const place = `${where}[${index}]`
    return [
      ...(parameter.name && parameter.name !== ours.name
        ? [`${place} is named '${ours.name}', not '${parameter.name}'`]
        : []),
      ...((parameter.indexed ?? false) !== (ours.indexed ?? false)
        ? [`${place} indexed is ${ours.indexed}, not ${parameter.indexed}`]
        : []),
      ...compareParameters(ours.components ?? [], parameter.components ?? [], `${place}.components`),
    ]
  })
}

function compareEntry(actual, reference) {
  const expected = reference.find((entry) => signature(entry) === signature(actual))
  if (!expected) return ['is not in the reference ABI']
  const outputs = [actual, expected].map((entry) => (entry.outputs ?? []).map(canonical).join(','))
  if (outputs[0] !== outputs[1]) return [`returns (${outputs[0]}), not (${outputs[1]})`]
  return [
    ...['stateMutability', 'anonymous']
      .filter((key) => (actual[key] ?? false) !== (expected[key] ?? false))
      .map((key) => `${key} is ${actual[key]}, not ${expected[key]}`),
    ...compareParameters(actual.inputs ?? [], expected.inputs ?? [], 'inputs'),
    ...compareParameters(actual.outputs ?? [], expected.outputs ?? [], 'outputs'),
  ]
}

async function main(folder) {
  if (!folder) {
    console.log('ABIs not compared: REFERENCE_ABIS does not name a folder with the real ones.')
    return
  }
  const references = readReferences(folder)
  const names = [
    ...sources('devnet', /^Devnet\w+\.sol$/).filter((name) => !withoutReference.has(name)),
    ...sources('src/interfaces/external', /\.sol$/),
  ]
  const abis = [...names.map((name) => [name, readAbi(name)]), ...(await readSdkAbis())]
  const compared = new Map()
  const notCompared = [...withoutReference]
  let entries = 0
  const problems = abis.flatMap(([name, all]) => {
    const found = findReference(references, name)
    if (!found && optionalReferences.has(name)) {
      notCompared.push(name)
      return []
    }
    if (!found) return [`${name}: no reference ABI in ${folder}`]
    const [contract, reference] = found
    const abi = all.filter((entry) => entry.type !== 'constructor')
    compared.set(contract, [...(compared.get(contract) ?? []), `${name} (${abi.length})`])
    entries += abi.length
    return abi.flatMap((entry) =>
      compareEntry(entry, reference).map((problem) => `${name}: ${signature(entry)} ${problem}`),
    )
  })
  if (problems.length > 0) {
    console.error(problems.join('\n'))
    process.exitCode = 1
    return
  }
  for (const [contract, ours] of compared) console.log(`${contract}: ${ours.join(', ')}`)
  console.log(`Not compared, as ${folder} has no reference ABI of them: ${notCompared.sort().join(', ')}`)
  const count = [...compared.values()].flat().length
  console.log(`${entries} entries of ${count} ABIs equal the reference.`)
}

await main(process.env.REFERENCE_ABIS)
