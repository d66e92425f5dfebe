import type { Address, Client, GetBlockNumberErrorType } from 'viem'
import { getBlockNumber, readContract } from 'viem/actions'
import { allocationManagerAbi } from '../../abis/eigenlayer.ts'
import { assertEigenLayer } from '../../eigenlayer/assertEigenLayer.ts'
import type { OperatorSet } from '../../eigenlayer/types.ts'
import { withEigenLayerErrors } from '../../errors/eigenLayerContract.ts'
import type { ReadParameters } from '../types.ts'
import type { EigenLayerParameter, EigenLayerReadErrorType } from './types.ts'

/**
 * Reads the least stake that an operator set can slash, from now to a block. Allocations that have not taken effect
 * count nothing; deallocations are subtracted when they take effect by then. 0 for who cannot be slashed.
 *
 * @returns Per operator, per strategy, in shares of the strategy.
 *
 * @example
 * const [stakes] = await getSlashableStake(client, { eigenLayer, operatorSet, operators: [operator], strategies })
 */
export async function getSlashableStake(
  client: Client,
  parameters: getSlashableStake.Parameters,
): Promise<getSlashableStake.ReturnType> {
  const { eigenLayer, operatorSet, operators, strategies } = parameters
  await assertEigenLayer(client, eigenLayer)
  const blockNumber = parameters.blockNumber ?? (await getBlockNumber(client, { cacheTime: 0 }))
  return withEigenLayerErrors(
    readContract(client, {
      address: eigenLayer.allocationManager,
      abi: allocationManagerAbi,
      functionName: 'getMinimumSlashableStake',
      args: [operatorSet, operators, strategies, Number(blockNumber) + (parameters.horizon ?? 0)],
      blockNumber,
    }),
  )
}

export declare namespace getSlashableStake {
  type Parameters = ReadParameters &
    EigenLayerParameter & {
      operatorSet: OperatorSet
      operators: readonly Address[]
      strategies: readonly Address[]
      /** How many blocks ahead the stake must stay slashable. Default: 0. */
      horizon?: number | undefined
    }
  type ReturnType = readonly (readonly bigint[])[]
  type ErrorType = EigenLayerReadErrorType | GetBlockNumberErrorType
}
