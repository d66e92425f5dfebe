import { type ChainContracts, chains } from '@proof-of-inference/sdk'
import { type Address, isAddress, isAddressEqual } from 'viem'

/** How a deployment on a chain is rehearsed. */
export type Plan = {
  readonly contracts: ChainContracts
  readonly script: 'DeployProofOfInferenceAVS' | 'DeployProofOfInferenceAVSL2'
  /** What the script is told by the environment. */
  readonly variables: { readonly [name: string]: string }
  /** What only you can know, and what stands for it here; `null`: it is left out. */
  readonly unknowns: readonly { readonly variable: string; readonly why: string; readonly standIn: string | null }[]
  /** Where stand-ins for EigenLayer's strategies, and for contracts that nothing is asked of, are put. */
  readonly strategies: readonly Address[]
  readonly others: readonly Address[]
  /** Blocks for which stake stays slashable on the chain with EigenLayer. */
  readonly deallocationDelay: number
}

type Environment = { readonly [name: string]: string | undefined }

/** EigenLayer's DEALLOCATION_DELAY: of Ethereum, and of its testnets. */
const delays = { mainnet: 100_800, testnet: 50 }
const secondsPerBlock = 12

/** The chains that the market can be deployed on, by what is known to be there. */
export const deployable: readonly ChainContracts[] = Object.values<ChainContracts>(chains).filter(
  ({ eigenLayer, certificateVerifier }) => eigenLayer !== null || certificateVerifier !== null,
)

/** @throws If the environment names other contracts than are known on the chain, or half of what belongs together. */
export function createPlan(chainId: number, environment: Environment): Plan {
  const contracts = deployable.find((chain) => chain.chainId === chainId)
  if (!contracts) {
    const known = deployable.map(({ chainId, name }) => `${chainId} (${name})`).join(', ')
    throw new Error(`The market cannot be deployed on chain ${chainId}. EigenLayer is known to be on ${known}.`)
  }
  const known = (variable: string, address: Address) => {
    const given = environment[variable]
    if (given !== undefined && !isAddressEqual(toAddress(variable, given), address))
      throw new Error(`${variable} is ${given}, but on chain ${chainId} it is ${address}. Leave it out, or correct it.`)
    return { [variable]: address }
  }
  const optional = (variable: string, address: Address | null) => (address === null ? {} : known(variable, address))
  return contracts.eigenLayer === null
    ? planTables(contracts, environment, { known, optional })
    : planRestaking(contracts, contracts.eigenLayer, environment, { known, optional })
}

type Helpers = {
  /** A contract that is known to be at an address. */
  known: (variable: string, address: Address) => { [variable: string]: string }
  optional: (variable: string, address: Address | null) => { [variable: string]: string }
}

/** On a chain with EigenLayer's core. */
function planRestaking(
  contracts: ChainContracts,
  eigenLayer: NonNullable<ChainContracts['eigenLayer']>,
  environment: Environment,
  { known, optional }: Helpers,
): Plan {
  const { registries, chainId } = contracts
  const { VALIDATION_REGISTRY: validation, TABLE_CALCULATOR: calculator, CROSS_CHAIN_REGISTRY } = environment
  if (CROSS_CHAIN_REGISTRY !== undefined && calculator === undefined)
    throw new Error('CROSS_CHAIN_REGISTRY needs a TABLE_CALCULATOR. Name both, or neither.')
  const ask = createAsk(environment)
  const strategies = ask('STRATEGIES', {
    why: 'which strategies count as stake is your decision; EigenLayer lists those of the chain',
    standIn: '0x5000000000000000000000000000000000000001',
  })
  ask('VALIDATION_REGISTRY', {
    why: 'ERC-8004 has published no address; without one there are no receipts, for good',
    standIn: null,
  })
  ask('TABLE_CALCULATOR', {
    why: 'without one the operators cannot serve other chains, for good',
    standIn: null,
  })
  ask('OWNER', { why: 'who may pause new requests; it is the account that deploys otherwise', standIn: null })
  ask('METADATA_URI', { why: 'the owner can set it later', standIn: null })
  const isTestnet = chainId !== 1
  return {
    contracts: {
      ...contracts,
      registries:
        validation === undefined
          ? registries
          : { ...registries, validationRegistry: toAddress('VALIDATION_REGISTRY', validation) },
    },
    script: 'DeployProofOfInferenceAVS',
    variables: {
      ...known('ALLOCATION_MANAGER', eigenLayer.allocationManager),
      ...known('KEY_REGISTRAR', eigenLayer.keyRegistrar),
      ...known('IDENTITY_REGISTRY', registries.identityRegistry),
      ...optional('REPUTATION_REGISTRY', registries.reputationRegistry),
      ...(calculator === undefined ? {} : optional('CROSS_CHAIN_REGISTRY', eigenLayer.crossChainRegistry ?? null)),
      // Stake can leave after 50 blocks there: nothing could be slashed in time, and the SDK says so.
      ...(isTestnet ? { WAIVE_SLASHABILITY: 'true' } : {}),
      ...ask.variables,
    },
    unknowns: ask.unknowns,
    strategies: strategies.split(',').map((each) => toAddress('STRATEGIES', each)),
    others: calculator === undefined ? [] : [toAddress('TABLE_CALCULATOR', calculator)],
    deallocationDelay: isTestnet ? delays.testnet : delays.mainnet,
  }
}

/** On a chain with EigenLayer's operator tables. */
function planTables(contracts: ChainContracts, environment: Environment, { known, optional }: Helpers): Plan {
  const { registries, certificateVerifier, chainId } = contracts
  const isTestnet = chainId !== 8453
  const deallocationDelay = isTestnet ? delays.testnet : delays.mainnet
  const ask = createAsk(environment)
  ask('L1_AVS', {
    why: 'the AVS on the chain with EigenLayer, which is deployed first',
    standIn: '0x5000000000000000000000000000000000000002',
  })
  ask('L2_MULTIPLIERS', {
    why: 'one for each kind of stake in the tables, as many as strategies on the other chain',
    standIn: String(10n ** 18n),
  })
  ask('L2_WEIGHT_LOOKAHEAD', {
    why: 'the seconds that your table calculator looks ahead',
    standIn: String(deallocationDelay * secondsPerBlock),
  })
  ask('L2_OWNER', { why: 'who may pause new requests; it is the account that deploys otherwise', standIn: null })
  ask('L2_VALIDATION_REGISTRY', {
    why: 'ERC-8004 has published no address; without one there are no receipts, for good',
    standIn: null,
  })
  const { L2_VALIDATION_REGISTRY: validation } = environment
  return {
    contracts: {
      ...contracts,
      registries:
        validation === undefined
          ? registries
          : { ...registries, validationRegistry: toAddress('L2_VALIDATION_REGISTRY', validation) },
    },
    script: 'DeployProofOfInferenceAVSL2',
    variables: {
      ...optional('L2_CERTIFICATE_VERIFIER', certificateVerifier),
      ...known('L2_IDENTITY_REGISTRY', registries.identityRegistry),
      ...optional('L2_REPUTATION_REGISTRY', registries.reputationRegistry),
      ...(isTestnet ? { L2_WAIVE_SLASHABILITY: 'true' } : {}),
      ...ask.variables,
    },
    unknowns: ask.unknowns,
    strategies: [],
    others: [],
    deallocationDelay,
  }
}

/** Takes a variable from the environment, or notes that it is not known and what stands for it. */
function createAsk(environment: Environment) {
  const variables: { [name: string]: string } = {}
  const unknowns: Plan['unknowns'][number][] = []
  function ask(variable: string, unknown: { why: string; standIn: string }): string
  function ask(variable: string, unknown: { why: string; standIn: string | null }): string | null
  function ask(variable: string, { why, standIn }: { why: string; standIn: string | null }): string | null {
    const value = environment[variable] ?? standIn
    if (environment[variable] === undefined) unknowns.push({ variable, why, standIn })
    if (value !== null) variables[variable] = value
    return value
  }
  return Object.assign(ask, { variables, unknowns })
}

function toAddress(variable: string, value: string): Address {
  const trimmed = value.trim()
  if (isAddress(trimmed)) return trimmed
  throw new Error(`${variable} has ${trimmed}, which is no address.`)
}
