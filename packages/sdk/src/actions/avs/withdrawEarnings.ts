import {
  type Account,
  type Address,
  type Chain,
  type Client,
  encodeFunctionData,
  parseEventLogs,
  type Transport,
} from 'viem'
import * as proofOfInferenceAvsAbi from '../../abis/calls/proofOfInferenceAvs.ts'
import type { NothingToWithdrawError } from '../../errors/avs.ts'
import { executeWrite, toAccount } from '../internal/executeWrite.ts'
import { firstEvent } from '../internal/firstEvent.ts'
import type { DeploymentParameter, WriteParameters, WriteReturnType } from '../types.ts'

/**
 * Pays all earnings of an account in an asset to that account. Anyone may send it for any account.
 *
 * @returns `amount` that was paid, in the smallest unit of the asset.
 * @throws `NothingToWithdrawError`
 *
 * @example
 * const { amount } = await withdrawEarnings(client, { deployment, asset: zeroAddress })
 */
export async function withdrawEarnings<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: withdrawEarnings.Parameters<account>,
): Promise<withdrawEarnings.ReturnType> {
  const { deployment, asset, owner = toAccount(client, parameters).address } = parameters
  const { transaction, logs } = await executeWrite(client, parameters, {
    to: deployment.avs,
    data: encodeFunctionData({
      abi: proofOfInferenceAvsAbi.withdrawEarnings,
      functionName: 'withdrawEarnings',
      args: [asset, owner],
    }),
  })
  const events = parseEventLogs({ abi: proofOfInferenceAvsAbi.EarningsWithdrawn, eventName: 'EarningsWithdrawn', logs })
  const { amount } = firstEvent(events, { eventName: 'EarningsWithdrawn', ...transaction })
  return { ...transaction, amount }
}

export declare namespace withdrawEarnings {
  type BoundParameters<account extends Account | undefined = Account | undefined> = WriteParameters<account> & {
    /** The ERC-20; the zero address is the native currency. */
    asset: Address
    /** Whose earnings; they are paid to this address. Default: the sender's. */
    owner?: Address | undefined
  }
  type Parameters<account extends Account | undefined = Account | undefined> = BoundParameters<account> &
    DeploymentParameter
  type ReturnType = WriteReturnType & { amount: bigint }
  type ErrorType = executeWrite.ErrorType | NothingToWithdrawError
}
