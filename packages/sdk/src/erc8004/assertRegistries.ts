import {
  type Address,
  type Client,
  type GetChainIdErrorType,
  type GetCodeErrorType,
  isAddressEqual,
  type ReadContractErrorType,
} from 'viem'
import { readContract } from 'viem/actions'
import { identityRegistryAbi, validationRegistryAbi } from '../abis/erc8004.ts'
import { assertChainId, assertContract } from '../deployments/assertContract.ts'
import { isNoAnswer } from '../deployments/assertDeployment.ts'
import { createCheckCache } from '../deployments/checkCache.ts'
import type { ChainMismatchError, ContractCodeMissingError } from '../errors/deployment.ts'
import { UnsupportedRegistryError } from '../errors/erc8004.ts'
import type { Erc8004Contract, Erc8004Registries } from './types.ts'

const checkOnce = createCheckCache()

/**
 * Makes sure that a client is on the chain of ERC-8004's registries, and that they are there, of version 2, and of the
 * same agents: the identity registry by its EIP-712 domain, the others by the identity registry that they name. Every
 * action of ERC-8004 does this; a client asks the node once. A failure is not remembered.
 *
 * The registries can be upgraded by their owner: this tells a wrong address, not a hostile registry.
 *
 * @throws `ChainMismatchError`, `ContractCodeMissingError`, `UnsupportedRegistryError`
 *
 * @example
 * await assertRegistries(client, erc8004Registries[8453])
 */
export function assertRegistries(client: Client, registries: Erc8004Registries): Promise<void> {
  const { chainId, identityRegistry, reputationRegistry, validationRegistry } = registries
  const key = [chainId, identityRegistry, reputationRegistry, validationRegistry].join()
  return checkOnce(client, key, () => check(client, registries))
}

export declare namespace assertRegistries {
  type ErrorType =
    | ChainMismatchError
    | ContractCodeMissingError
    | UnsupportedRegistryError
    | GetChainIdErrorType
    | GetCodeErrorType
    | ReadContractErrorType
}

async function check(client: Client, registries: Erc8004Registries): Promise<void> {
  const { chainId: expected, identityRegistry, reputationRegistry, validationRegistry } = registries
  await assertChainId(client, expected)
  await Promise.all([
    assertIdentityRegistry(client, identityRegistry, expected),
    assertOfAgents(client, 'reputationRegistry', reputationRegistry, identityRegistry),
    assertOfAgents(client, 'validationRegistry', validationRegistry, identityRegistry),
  ])
}

async function assertIdentityRegistry(client: Client, address: Address, chainId: number): Promise<void> {
  const registry = { contract: 'identityRegistry', address } as const
  await assertVersion(client, registry)
  const domain = await orUnsupported(
    registry,
    readContract(client, { address, abi: identityRegistryAbi, functionName: 'eip712Domain' }),
  )
  const [, name, version, domainChainId, verifyingContract] = domain
  const isSame =
    name === 'ERC8004IdentityRegistry' &&
    version === '1' &&
    domainChainId === BigInt(chainId) &&
    isAddressEqual(verifyingContract, address)
  if (!isSame) {
    const reason = `its EIP-712 domain is ${name} ${version} of ${verifyingContract} on chain ${domainChainId}`
    throw new UnsupportedRegistryError({ ...registry, reason })
  }
}

async function assertOfAgents(
  client: Client,
  contract: 'reputationRegistry' | 'validationRegistry',
  address: Address | null,
  identityRegistry: Address,
): Promise<void> {
  if (address === null) return
  const registry = { contract, address } as const
  await assertVersion(client, registry)
  const used = await orUnsupported(
    registry,
    // Both have the function.
    readContract(client, { address, abi: validationRegistryAbi, functionName: 'getIdentityRegistry' }),
  )
  if (!isAddressEqual(used, identityRegistry)) {
    throw new UnsupportedRegistryError({ ...registry, reason: `its agents are those of ${used}` })
  }
}

async function assertVersion(client: Client, registry: { contract: Erc8004Contract; address: Address }): Promise<void> {
  const { address } = registry
  await assertContract(client, registry)
  const version = await orUnsupported(
    registry,
    // All have the function.
    readContract(client, { address, abi: identityRegistryAbi, functionName: 'getVersion' }),
  )
  if (!version.startsWith('2.'))
    throw new UnsupportedRegistryError({ ...registry, reason: `its version is ${version}` })
}

/** The answer of a registry, or the error for a contract that has no such function. */
async function orUnsupported<result>(
  registry: { contract: Erc8004Contract; address: Address },
  call: Promise<result>,
): Promise<result> {
  try {
    return await call
  } catch (cause) {
    if (!isNoAnswer(cause)) throw cause
    throw new UnsupportedRegistryError({ ...registry, reason: 'it does not answer as one does', cause })
  }
}
