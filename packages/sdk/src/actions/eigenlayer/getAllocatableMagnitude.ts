import type { Address, Client } from 'viem'
import { readContract } from 'viem/actions'
import { allocationManagerAbi } from '../../abis/eigenlayer.ts'
import { assertEigenLayer } from '../../eigenlayer/assertEigenLayer.ts'
import { withEigenLayerErrors } from '../../errors/eigenLayerContract.ts'
import type { ReadParameters } from '../types.ts'
import type { EigenLayerParameter, EigenLayerReadErrorType } from './types.ts'

/**
 * Reads what part of an operator's stake in a strategy it can still allocate, out of 1e18.
 *
 * @example
 * const magnitude = await getAllocatableMagnitude(client, { eigenLayer, operator, strategy })
 */
export async function getAllocatableMagnitude(
  client: Client,
  parameters: getAllocatableMagnitude.Parameters,
): Promise<getAllocatableMagnitude.ReturnType> {
  const { eigenLayer, blockNumber, operator, strategy } = parameters
  await assertEigenLayer(client, eigenLayer)
  return withEigenLayerErrors(
    readContract(client, {
      address: eigenLayer.allocationManager,
      abi: allocationManagerAbi,
      functionName: 'getAllocatableMagnitude',
      args: [operator, strategy],
      blockNumber,
    }),
  )
}

export declare namespace getAllocatableMagnitude {
  type Parameters = ReadParameters &
    EigenLayerParameter & {
      operator: Address
      strategy: Address
    }
  type ReturnType = bigint
  type ErrorType = EigenLayerReadErrorType
}
