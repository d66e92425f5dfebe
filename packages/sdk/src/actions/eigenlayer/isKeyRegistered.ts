import type { Address, Client } from 'viem'
import { readContract } from 'viem/actions'
import { keyRegistrarAbi } from '../../abis/eigenlayer.ts'
import { assertEigenLayer } from '../../eigenlayer/assertEigenLayer.ts'
import type { OperatorSet } from '../../eigenlayer/types.ts'
import { withEigenLayerErrors } from '../../errors/eigenLayerContract.ts'
import type { ReadParameters } from '../types.ts'
import type { EigenLayerParameter, EigenLayerReadErrorType } from './types.ts'

/**
 * Reads whether an operator has a signing key in an operator set.
 *
 * @example
 * const hasKey = await isKeyRegistered(client, { eigenLayer, operator, operatorSet })
 */
export async function isKeyRegistered(
  client: Client,
  parameters: isKeyRegistered.Parameters,
): Promise<isKeyRegistered.ReturnType> {
  const { eigenLayer, blockNumber, operator, operatorSet } = parameters
  await assertEigenLayer(client, eigenLayer)
  return withEigenLayerErrors(
    readContract(client, {
      address: eigenLayer.keyRegistrar,
      abi: keyRegistrarAbi,
      functionName: 'isRegistered',
      args: [operatorSet, operator],
      blockNumber,
    }),
  )
}

export declare namespace isKeyRegistered {
  type Parameters = ReadParameters &
    EigenLayerParameter & {
      operator: Address
      operatorSet: OperatorSet
    }
  type ReturnType = boolean
  type ErrorType = EigenLayerReadErrorType
}
