import type { Address, Client } from 'viem'
import { readContract } from 'viem/actions'
import { allocationManagerAbi } from '../../abis/eigenlayer.ts'
import { assertEigenLayer } from '../../eigenlayer/assertEigenLayer.ts'
import type { OperatorSet } from '../../eigenlayer/types.ts'
import { withEigenLayerErrors } from '../../errors/eigenLayerContract.ts'
import type { ReadParameters } from '../types.ts'
import type { EigenLayerParameter, EigenLayerReadErrorType } from './types.ts'

/**
 * Reads the members of an operator set. Their order changes when one leaves.
 *
 * @example
 * const operators = await getMembers(client, { eigenLayer, operatorSet })
 */
export async function getMembers(client: Client, parameters: getMembers.Parameters): Promise<getMembers.ReturnType> {
  const { eigenLayer, blockNumber, operatorSet } = parameters
  await assertEigenLayer(client, eigenLayer)
  return withEigenLayerErrors(
    readContract(client, {
      address: eigenLayer.allocationManager,
      abi: allocationManagerAbi,
      functionName: 'getMembers',
      args: [operatorSet],
      blockNumber,
    }),
  )
}

export declare namespace getMembers {
  type Parameters = ReadParameters &
    EigenLayerParameter & {
      operatorSet: OperatorSet
    }
  type ReturnType = readonly Address[]
  type ErrorType = EigenLayerReadErrorType
}
