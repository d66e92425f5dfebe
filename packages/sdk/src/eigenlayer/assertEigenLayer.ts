import {
  type Address,
  type Client,
  type GetChainIdErrorType,
  type GetCodeErrorType,
  isAddressEqual,
  type ReadContractErrorType,
} from 'viem'
import { readContract } from 'viem/actions'
import { allocationManagerAbi, delegationManagerAbi, keyRegistrarAbi } from '../abis/eigenlayer.ts'
import { assertChainId, assertContract } from '../deployments/assertContract.ts'
import { isNoAnswer } from '../deployments/assertDeployment.ts'
import { createCheckCache } from '../deployments/checkCache.ts'
import type { ChainMismatchError, ContractCodeMissingError, EigenLayerContract } from '../errors/deployment.ts'
import { EigenLayerMismatchError } from '../errors/eigenlayer.ts'
import type { EigenLayerDeployment } from './types.ts'

const checkOnce = createCheckCache()

/**
 * Makes sure that a client is on the chain of an EigenLayer, and that its contracts are there and name each other,
 * as far as the market uses them.
 * Every action of EigenLayer does this; a client asks the node once. A failure is not remembered.
 *
 * @throws `ChainMismatchError`, `ContractCodeMissingError`, `EigenLayerMismatchError`
 *
 * @example
 * await assertEigenLayer(client, eigenLayerDeployments[1])
 */
export function assertEigenLayer(client: Client, eigenLayer: EigenLayerDeployment): Promise<void> {
  const key = JSON.stringify(Object.entries(eigenLayer).sort())
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
  const { chainId, allocationManager, delegationManager, strategyManager, keyRegistrar } = eigenLayer
  const { permissionController, rewardsCoordinator, crossChainRegistry } = eigenLayer
  await assertChainId(client, chainId)
  const assertThere = (contract: EigenLayerContract, address: Address | undefined) =>
    address === undefined ? undefined : assertContract(client, { contract, address })
  await Promise.all([
    assertThere('allocationManager', allocationManager),
    assertThere('delegationManager', delegationManager),
    assertThere('strategyManager', strategyManager),
    assertThere('keyRegistrar', keyRegistrar),
    assertThere('permissionController', permissionController),
    assertThere('rewardsCoordinator', rewardsCoordinator),
    assertThere('crossChainRegistry', crossChainRegistry),
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
