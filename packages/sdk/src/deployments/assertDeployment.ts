import {
  type Address,
  BaseError,
  type Client,
  ContractFunctionRevertedError,
  ContractFunctionZeroDataError,
  type GetChainIdErrorType,
  type GetCodeErrorType,
  type Hex,
  isAddressEqual,
  keccak256,
  type ReadContractErrorType,
  zeroAddress,
} from 'viem'
import { readContract } from 'viem/actions'
import { linksAbi } from '../abis/calls/links.ts'
import { getSlasher } from '../abis/eigenlayer.ts'
import {
  type ChainMismatchError,
  ContractCodeMismatchError,
  type ContractCodeMissingError,
  type DeployedContract,
  type DeploymentLink,
  DeploymentMismatchError,
} from '../errors/deployment.ts'
import { assertChainId, assertContract } from './assertContract.ts'
import { createCheckCache } from './checkCache.ts'
import type { Deployment } from './deployment.ts'

const checkOnce = createCheckCache()

/**
 * Makes sure that a client is on the chain of a deployment, and that its contracts are there, have the code they should
 * have and belong together. Every action does this; a client asks the node once per deployment. A failure is not
 * remembered.
 *
 * @throws `ChainMismatchError`, `ContractCodeMissingError`, `ContractCodeMismatchError`, `DeploymentMismatchError`
 *
 * @example
 * await assertDeployment(client, deployment)
 */
export function assertDeployment(client: Client, deployment: Deployment): Promise<void> {
  const key = JSON.stringify({ ...deployment, startBlock: undefined })
  return checkOnce(client, key, () => check(client, deployment))
}

export declare namespace assertDeployment {
  type ErrorType =
    | ChainMismatchError
    | ContractCodeMissingError
    | ContractCodeMismatchError
    | DeploymentMismatchError
    | GetChainIdErrorType
    | GetCodeErrorType
    | ReadContractErrorType
}

async function check(client: Client, deployment: Deployment): Promise<void> {
  await assertChainId(client, deployment.chainId)
  await Promise.all([
    assertCode(client, deployment, 'avs'),
    assertCode(client, deployment, 'modelRegistry'),
    assertCode(client, deployment, 'operatorSet'),
    assertCode(client, deployment, 'slasher'),
    assertCode(client, deployment, 'identityRegistry'),
    assertCode(client, deployment, 'validationRegistry'),
    assertCode(client, deployment, 'reputationRegistry'),
  ])
  await Promise.all([
    assertUsedByAvs(client, deployment, 'modelRegistry'),
    assertUsedByAvs(client, deployment, 'operatorSet'),
    assertUsedByAvs(client, deployment, 'identityRegistry'),
    assertUsedByAvs(client, deployment, 'validationRegistry'),
    assertUsedByAvs(client, deployment, 'reputationRegistry'),
  ])
  await assertSlasher(client, deployment)
}

async function assertCode(client: Client, deployment: Deployment, contract: DeployedContract): Promise<void> {
  const address = deployment[contract]
  // There is no slasher where there is no EigenLayer, and not every chain has every registry.
  if (address === null) return
  const code = await assertContract(client, { contract, address })
  const hashes: { readonly [contract in DeployedContract]?: Hex | null } = deployment.codeHashes ?? {}
  const expected = hashes[contract]
  if (expected === undefined || expected === null) return
  const actual = keccak256(code)
  if (actual !== expected.toLowerCase()) throw new ContractCodeMismatchError({ contract, address, expected, actual })
}

function assertUsedByAvs(
  client: Client,
  deployment: Deployment,
  contract: 'modelRegistry' | 'operatorSet' | 'identityRegistry' | 'validationRegistry' | 'reputationRegistry',
): Promise<void> {
  const avs = { address: deployment.avs, abi: linksAbi }
  const naming = readContract(client, { ...avs, functionName: contract })
  return assertLink(contract, `avs.${contract}`, deployment[contract] ?? zeroAddress, naming)
}

async function assertSlasher(client: Client, { avs, operatorSet, slasher }: Deployment): Promise<void> {
  if (slasher === null) return
  const contract = { address: slasher, abi: linksAbi } as const
  await assertLink('slasher', 'allocationManager.getSlasher', slasher, readStoredSlasher(client, { avs, operatorSet }))
  await Promise.all([
    assertLink('slasher', 'slasher.avs', avs, readContract(client, { ...contract, functionName: 'avs' })),
    assertLink(
      'slasher',
      'slasher.operatorSet',
      operatorSet,
      readContract(client, { ...contract, functionName: 'operatorSet' }),
    ),
  ])
}

/** Who may slash, as EigenLayer has it. */
async function readStoredSlasher(
  client: Client,
  { avs, operatorSet }: Pick<Deployment, 'avs' | 'operatorSet'>,
): Promise<Address> {
  const registrar = { address: operatorSet, abi: linksAbi } as const
  const [allocationManager, id] = await Promise.all([
    readContract(client, { ...registrar, functionName: 'allocationManager' }),
    readContract(client, { ...registrar, functionName: 'operatorSetId' }),
  ])
  return readContract(client, {
    address: allocationManager,
    abi: getSlasher,
    functionName: 'getSlasher',
    args: [{ avs, id }],
  })
}

async function assertLink(
  contract: DeployedContract,
  link: DeploymentLink,
  expected: Address,
  naming: Promise<Address>,
): Promise<void> {
  let actual: Address
  try {
    actual = await naming
  } catch (error) {
    if (!isNoAnswer(error)) throw error
    throw new DeploymentMismatchError({ contract, link, expected, actual: null, cause: error })
  }
  if (!isAddressEqual(actual, expected)) throw new DeploymentMismatchError({ contract, link, expected, actual })
}

/** Whether a contract without the function was called, as opposed to a node that cannot be reached. */
export function isNoAnswer(error: unknown): boolean {
  return (
    error instanceof BaseError &&
    error.walk(
      (cause) => cause instanceof ContractFunctionRevertedError || cause instanceof ContractFunctionZeroDataError,
    ) !== null
  )
}
