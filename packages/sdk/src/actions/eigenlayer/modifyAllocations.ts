import {
  type Account,
  type Address,
  type Chain,
  type Client,
  encodeFunctionData,
  parseEventLogs,
  type Transport,
} from 'viem'
import { allocationManagerAbi } from '../../abis/eigenlayer.ts'
import type { OperatorSet } from '../../eigenlayer/types.ts'
import { toAccount } from '../internal/executeWrite.ts'
import type { WriteReturnType } from '../types.ts'
import { executeEigenLayerWrite } from './executeEigenLayerWrite.ts'
import type { EigenLayerParameter, OperatorWriteParameters } from './types.ts'

/**
 * Sets what part of an operator's stake in strategies can be slashed by operator sets. More takes effect after the
 * operator's allocation delay, less after EigenLayer's deallocation delay, or at once where it cannot be slashed.
 *
 * @returns `allocations`: what was changed, and from which block on.
 * @throws `EigenLayerRevertedError` (`InsufficientMagnitude`, `InvalidOperatorSet`, `InvalidPermissions`,
 * `ModificationAlreadyPending`, `SameMagnitude`, `UninitializedAllocationDelay`, …)
 *
 * @example
 * const half = 5n * 10n ** 17n
 * await modifyAllocations(client, {
 *   eigenLayer,
 *   allocations: [{ operatorSet, strategies: [strategy], newMagnitudes: [half] }],
 * })
 */
export async function modifyAllocations<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: modifyAllocations.Parameters<account>,
): Promise<modifyAllocations.ReturnType> {
  const { eigenLayer, allocations, operator = toAccount(client, parameters).address } = parameters
  const { transaction, logs } = await executeEigenLayerWrite(client, parameters, {
    to: eigenLayer.allocationManager,
    data: encodeFunctionData({
      abi: allocationManagerAbi,
      functionName: 'modifyAllocations',
      args: [operator, allocations],
    }),
  })
  const events = parseEventLogs({ abi: allocationManagerAbi, eventName: 'AllocationUpdated', logs })
  return {
    ...transaction,
    allocations: events.map(({ args: { operatorSet, strategy, magnitude, effectBlock } }) => ({
      operatorSet,
      strategy,
      magnitude,
      effectBlock,
    })),
  }
}

export declare namespace modifyAllocations {
  type Parameters<account extends Account | undefined = Account | undefined> = OperatorWriteParameters<account> &
    EigenLayerParameter & {
      allocations: readonly {
        operatorSet: OperatorSet
        strategies: readonly Address[]
        /** Per strategy, out of 1e18; all operator sets together get at most that, less what was slashed. */
        newMagnitudes: readonly bigint[]
      }[]
    }
  type ReturnType = WriteReturnType & {
    allocations: { operatorSet: OperatorSet; strategy: Address; magnitude: bigint; effectBlock: number }[]
  }
  type ErrorType = executeEigenLayerWrite.ErrorType
}
