import { type Account, type Chain, type Client, encodeFunctionData, parseEventLogs, type Transport } from 'viem'
import { allocationManagerAbi } from '../../abis/eigenlayer.ts'
import { toAccount } from '../internal/executeWrite.ts'
import { firstEvent } from '../internal/firstEvent.ts'
import type { WriteReturnType } from '../types.ts'
import { executeEigenLayerWrite } from './executeEigenLayerWrite.ts'
import type { EigenLayerParameter, OperatorWriteParameters } from './types.ts'

/**
 * Changes how many blocks pass from an operator's new allocations to their effect.
 *
 * @returns `effectBlock`: from which block on the new delay holds, weeks ahead on Ethereum.
 * @throws `EigenLayerRevertedError` (`InvalidOperator`, `InvalidPermissions`)
 *
 * @example
 * const { effectBlock } = await setAllocationDelay(client, { eigenLayer, delay: 7200 })
 */
export async function setAllocationDelay<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: setAllocationDelay.Parameters<account>,
): Promise<setAllocationDelay.ReturnType> {
  const { eigenLayer, delay, operator = toAccount(client, parameters).address } = parameters
  const { transaction, logs } = await executeEigenLayerWrite(client, parameters, {
    to: eigenLayer.allocationManager,
    data: encodeFunctionData({
      abi: allocationManagerAbi,
      functionName: 'setAllocationDelay',
      args: [operator, delay],
    }),
  })
  const events = parseEventLogs({ abi: allocationManagerAbi, eventName: 'AllocationDelaySet', logs })
  const { effectBlock } = firstEvent(events, { eventName: 'AllocationDelaySet', ...transaction })
  return { ...transaction, effectBlock }
}

export declare namespace setAllocationDelay {
  type Parameters<account extends Account | undefined = Account | undefined> = OperatorWriteParameters<account> &
    EigenLayerParameter & {
      /** In blocks; 0 for at once. */
      delay: number
    }
  type ReturnType = WriteReturnType & { effectBlock: number }
  type ErrorType = executeEigenLayerWrite.ErrorType
}
