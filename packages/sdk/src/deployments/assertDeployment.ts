import {
  type Address,
  BaseError,
  type Client,
  ContractFunctionRevertedError,
  ContractFunctionZeroDataError,
  type GetChainIdErrorType,
  type GetCodeErrorType,
  keccak256,
  type ReadContractErrorType,
} from 'viem'
import { getChainId, getCode, readContract } from 'viem/actions'
import { proofOfInferenceAvsAbi } from '../abis/generated.ts'
import {
  ChainMismatchError,
  ContractCodeMismatchError,
  ContractCodeMissingError,
  type DeployedContract,
  DeploymentMismatchError,
} from '../errors/deployment.ts'
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
  const expected = deployment.chainId
  const actual = await getChainId(client)
  if (actual !== expected) throw new ChainMismatchError({ expected, actual })
  // Transactions are checked against the chain of the client by viem, so that it must be this one, too.
  if (client.chain && client.chain.id !== expected) throw new ChainMismatchError({ expected, actual: client.chain.id })
  await Promise.all([
    assertCode(client, deployment, 'avs'),
    assertCode(client, deployment, 'modelRegistry'),
    assertCode(client, deployment, 'operatorSet'),
    assertCode(client, deployment, 'identityRegistry'),
  ])
  await Promise.all([
    assertUsedByAvs(client, deployment, 'modelRegistry'),
    assertUsedByAvs(client, deployment, 'operatorSet'),
    assertUsedByAvs(client, deployment, 'identityRegistry'),
  ])
}

async function assertCode(client: Client, deployment: Deployment, contract: DeployedContract): Promise<void> {
  const address = deployment[contract]
  const code = await getCode(client, { address })
  if (code === undefined) throw new ContractCodeMissingError({ contract, address })
  const expected = contract === 'identityRegistry' ? undefined : deployment.codeHashes?.[contract]
  if (expected === undefined) return
  const actual = keccak256(code)
  if (actual !== expected.toLowerCase()) throw new ContractCodeMismatchError({ contract, address, expected, actual })
}

async function assertUsedByAvs(
  client: Client,
  deployment: Deployment,
  contract: Exclude<DeployedContract, 'avs'>,
): Promise<void> {
  const expected = deployment[contract]
  let actual: Address
  try {
    actual = await readContract(client, {
      address: deployment.avs,
      abi: proofOfInferenceAvsAbi,
      functionName: contract,
    })
  } catch (error) {
    if (!isNoAnswer(error)) throw error
    throw new DeploymentMismatchError({ contract, expected, actual: null, cause: error })
  }
  if (actual.toLowerCase() !== expected.toLowerCase()) {
    throw new DeploymentMismatchError({ contract, expected, actual })
  }
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
