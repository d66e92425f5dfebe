import type { Address, Client } from 'viem'
import { readContract } from 'viem/actions'
import { allocationManagerAbi } from '../../abis/eigenlayer.ts'
import { assertEigenLayer } from '../../eigenlayer/assertEigenLayer.ts'
import type { OperatorSet } from '../../eigenlayer/types.ts'
import { withEigenLayerErrors } from '../../errors/eigenLayerContract.ts'
import type { ReadParameters } from '../types.ts'
import type { EigenLayerParameter, EigenLayerReadErrorType } from './types.ts'

/**
 * Reads whether an operator is a member of an operator set.
 *
 * @returns False as soon as the operator has left, although it can be slashed for some time still.
 *
 * @example
 * const isMember = await isMemberOfOperatorSet(client, { eigenLayer, operator, operatorSet })
 */
export async function isMemberOfOperatorSet(
  client: Client,
  parameters: isMemberOfOperatorSet.Parameters,
): Promise<isMemberOfOperatorSet.ReturnType> {
  const { eigenLayer, blockNumber, operator, operatorSet } = parameters
  await assertEigenLayer(client, eigenLayer)
  return withEigenLayerErrors(
    readContract(client, {
      address: eigenLayer.allocationManager,
      abi: allocationManagerAbi,
      functionName: 'isMemberOfOperatorSet',
      args: [operator, operatorSet],
      blockNumber,
    }),
  )
}

export declare namespace isMemberOfOperatorSet {
  type Parameters = ReadParameters &
    EigenLayerParameter & {
      operator: Address
      operatorSet: OperatorSet
    }
  type ReturnType = boolean
  type ErrorType = EigenLayerReadErrorType
}
