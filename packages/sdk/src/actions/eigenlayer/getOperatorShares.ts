import type { Address, Client } from 'viem'
import { readContract } from 'viem/actions'
import { delegationManagerAbi } from '../../abis/eigenlayer.ts'
import { assertEigenLayer } from '../../eigenlayer/assertEigenLayer.ts'
import { withEigenLayerErrors } from '../../errors/eigenLayerContract.ts'
import type { ReadParameters } from '../types.ts'
import type { EigenLayerParameter, EigenLayerReadErrorType } from './types.ts'

/**
 * Reads the stake of an operator, its own and delegated, in shares of each strategy. 0 for who is no operator.
 *
 * @example
 * const [shares] = await getOperatorShares(client, { eigenLayer, operator, strategies: [strategy] })
 */
export async function getOperatorShares(
  client: Client,
  parameters: getOperatorShares.Parameters,
): Promise<getOperatorShares.ReturnType> {
  const { eigenLayer, blockNumber, operator, strategies } = parameters
  await assertEigenLayer(client, eigenLayer)
  return withEigenLayerErrors(
    readContract(client, {
      address: eigenLayer.delegationManager,
      abi: delegationManagerAbi,
      functionName: 'getOperatorShares',
      args: [operator, strategies],
      blockNumber,
    }),
  )
}

export declare namespace getOperatorShares {
  type Parameters = ReadParameters &
    EigenLayerParameter & {
      operator: Address
      strategies: readonly Address[]
    }
  type ReturnType = readonly bigint[]
  type ErrorType = EigenLayerReadErrorType
}
