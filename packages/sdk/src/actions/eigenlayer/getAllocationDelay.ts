import type { Address, Client } from 'viem'
import { readContract } from 'viem/actions'
import { allocationManagerAbi } from '../../abis/eigenlayer.ts'
import { assertEigenLayer } from '../../eigenlayer/assertEigenLayer.ts'
import { withEigenLayerErrors } from '../../errors/eigenLayerContract.ts'
import type { ReadParameters } from '../types.ts'
import type { EigenLayerParameter, EigenLayerReadErrorType } from './types.ts'

/**
 * Reads how many blocks pass from an operator's new allocations to their effect.
 *
 * @returns `null` while no delay is in effect: the operator cannot allocate.
 *
 * @example
 * const delay = await getAllocationDelay(client, { eigenLayer, operator })
 */
export async function getAllocationDelay(
  client: Client,
  parameters: getAllocationDelay.Parameters,
): Promise<getAllocationDelay.ReturnType> {
  const { eigenLayer, blockNumber, operator } = parameters
  await assertEigenLayer(client, eigenLayer)
  const [isSet, delay] = await withEigenLayerErrors(
    readContract(client, {
      address: eigenLayer.allocationManager,
      abi: allocationManagerAbi,
      functionName: 'getAllocationDelay',
      args: [operator],
      blockNumber,
    }),
  )
  return isSet ? delay : null
}

export declare namespace getAllocationDelay {
  type Parameters = ReadParameters &
    EigenLayerParameter & {
      operator: Address
    }
  type ReturnType = number | null
  type ErrorType = EigenLayerReadErrorType
}
