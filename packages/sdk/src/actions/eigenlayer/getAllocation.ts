import type { Address, Client, ContractFunctionReturnType } from 'viem'
import { readContract } from 'viem/actions'
import { allocationManagerAbi } from '../../abis/eigenlayer.ts'
import { assertEigenLayer } from '../../eigenlayer/assertEigenLayer.ts'
import type { OperatorSet } from '../../eigenlayer/types.ts'
import { withEigenLayerErrors } from '../../errors/eigenLayerContract.ts'
import type { ReadParameters } from '../types.ts'
import type { EigenLayerParameter, EigenLayerReadErrorType } from './types.ts'

/**
 * Reads what part of an operator's stake in a strategy an operator set can slash.
 *
 * @returns `currentMagnitude`: out of 1e18. `pendingDiff`: what is added to it from `effectBlock` on, negative for less;
 * without a pending change both are 0.
 *
 * @example
 * const { currentMagnitude } = await getAllocation(client, { eigenLayer, operator, operatorSet, strategy })
 */
export async function getAllocation(
  client: Client,
  parameters: getAllocation.Parameters,
): Promise<getAllocation.ReturnType> {
  const { eigenLayer, blockNumber, operator, operatorSet, strategy } = parameters
  await assertEigenLayer(client, eigenLayer)
  return withEigenLayerErrors(
    readContract(client, {
      address: eigenLayer.allocationManager,
      abi: allocationManagerAbi,
      functionName: 'getAllocation',
      args: [operator, operatorSet, strategy],
      blockNumber,
    }),
  )
}

export declare namespace getAllocation {
  type Parameters = ReadParameters &
    EigenLayerParameter & {
      operator: Address
      operatorSet: OperatorSet
      strategy: Address
    }
  type ReturnType = ContractFunctionReturnType<typeof allocationManagerAbi, 'view', 'getAllocation'>
  type ErrorType = EigenLayerReadErrorType
}
