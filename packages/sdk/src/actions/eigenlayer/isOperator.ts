import type { Address, Client } from 'viem'
import { readContract } from 'viem/actions'
import { delegationManagerAbi } from '../../abis/eigenlayer.ts'
import { assertEigenLayer } from '../../eigenlayer/assertEigenLayer.ts'
import { withEigenLayerErrors } from '../../errors/eigenLayerContract.ts'
import type { ReadParameters } from '../types.ts'
import type { EigenLayerParameter, EigenLayerReadErrorType } from './types.ts'

/**
 * Reads whether an address is an operator of EigenLayer.
 *
 * @example
 * const isRegistered = await isOperator(client, { eigenLayer, operator })
 */
export async function isOperator(client: Client, parameters: isOperator.Parameters): Promise<isOperator.ReturnType> {
  const { eigenLayer, blockNumber, operator } = parameters
  await assertEigenLayer(client, eigenLayer)
  return withEigenLayerErrors(
    readContract(client, {
      address: eigenLayer.delegationManager,
      abi: delegationManagerAbi,
      functionName: 'isOperator',
      args: [operator],
      blockNumber,
    }),
  )
}

export declare namespace isOperator {
  type Parameters = ReadParameters &
    EigenLayerParameter & {
      operator: Address
    }
  type ReturnType = boolean
  type ErrorType = EigenLayerReadErrorType
}
