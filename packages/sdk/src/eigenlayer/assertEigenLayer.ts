import {
  type Address,
  type Client,
  type GetChainIdErrorType,
  type GetCodeErrorType,
  isAddressEqual,
  type ReadContractErrorType,
} from 'viem'
import { getChainId, getCode, readContract } from 'viem/actions'
import { allocationManagerAbi, delegationManagerAbi, keyRegistrarAbi } from '../abis/eigenlayer.ts'
import { isNoAnswer } from '../deployments/assertDeployment.ts'
import { createCheckCache } from '../deployments/checkCache.ts'
import { ChainMismatchError, ContractCodeMissingError, type EigenLayerContract } from '../errors/deployment.ts'
import { EigenLayerMismatchError } from '../errors/eigenlayer.ts'
import type { EigenLayerDeployment } from './types.ts'

const checkOnce = createCheckCache()

/**
 * Makes sure that a client is on the chain of an EigenLayer, and that its contracts are there and name each other.
 * Every action of EigenLayer does this; a client asks the node once. A failure is not remembered.
 *
 * @throws `ChainMismatchError`, `ContractCodeMissingError`, `EigenLayerMismatchError`
 *
 * @example
 * await assertEigenLayer(client, eigenLayerDeployments[1])
 */
export function assertEigenLayer(client: Client, eigenLayer: EigenLayerDeployment): Promise<void> {
  const { chainId, allocationManager, delegationManager, strategyManager, keyRegistrar } = eigenLayer
  const key = [chainId, allocationManager, delegationManager, strategyManager, keyRegistrar].join()
  return checkOnce(client, key, () => check(client, eigenLayer))
}

export declare namespace assertEigenLayer {
  type ErrorType =
    | ChainMismatchError
    | ContractCodeMissingError
    | EigenLayerMismatchError
    | GetChainIdErrorType
    | GetCodeErrorType
    | ReadContractErrorType
}

async function check(client: Client, eigenLayer: EigenLayerDeployment): Promise<void> {
  const { chainId: expected, allocationManager, delegationManager, strategyManager, keyRegistrar } = eigenLayer
  const actual = await getChainId(client)
  if (actual !== expected) throw new ChainMismatchError({ expected, actual })
  // Transactions are checked against the chain of the client by viem, so that it must be this one, too.
  if (client.chain && client.chain.id !== expected) throw new ChainMismatchError({ expected, actual: client.chain.id })
  const contracts = { allocationManager, delegationManager, strategyManager, keyRegistrar }
  await Promise.all([
    assertCode(client, contracts, 'allocationManager'),
    assertCode(client, contracts, 'delegationManager'),
    assertCode(client, contracts, 'strategyManager'),
    assertCode(client, contracts, 'keyRegistrar'),
  ])
  await Promise.all([
    assertNamed(
      'delegationManager',
      delegationManager,
      readContract(client, { address: allocationManager, abi: allocationManagerAbi, functionName: 'delegation' }),
    ),
    assertNamed(
      'strategyManager',
      strategyManager,
      readContract(client, { address: delegationManager, abi: delegationManagerAbi, functionName: 'strategyManager' }),
    ),
    assertNamed(
      'allocationManager',
      allocationManager,
      readContract(client, { address: keyRegistrar, abi: keyRegistrarAbi, functionName: 'allocationManager' }),
    ),
  ])
}

async function assertCode(
  client: Client,
  contracts: { readonly [contract in EigenLayerContract]: Address },
  contract: EigenLayerContract,
): Promise<void> {
  const address = contracts[contract]
  const code = await getCode(client, { address })
  if (code === undefined) throw new ContractCodeMissingError({ contract, address })
}

async function assertNamed(contract: EigenLayerContract, expected: Address, naming: Promise<Address>): Promise<void> {
  let actual: Address
  try {
    actual = await naming
  } catch (error) {
    if (!isNoAnswer(error)) throw error
    throw new EigenLayerMismatchError({ contract, expected, actual: null, cause: error })
  }
  if (!isAddressEqual(actual, expected)) throw new EigenLayerMismatchError({ contract, expected, actual })
}
