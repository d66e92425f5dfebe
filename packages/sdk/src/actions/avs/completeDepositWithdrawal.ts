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
import type { NothingToWithdrawError, WithdrawalNotReadyError } from '../../errors/avs.ts'
import { executeWrite } from '../internal/executeWrite.ts'
import { firstEvent } from '../internal/firstEvent.ts'
import type { DeploymentParameter, WriteParameters, WriteReturnType } from '../types.ts'

/**
 * Pays out the withdrawal that the sender initiated, or what is left of the deposit if that is less.
 *
 * @returns `amount` that was paid, in the smallest unit of the asset.
 * @throws `NothingToWithdrawError`, `WithdrawalNotReadyError`
 *
 * @example
 * const { amount } = await completeDepositWithdrawal(client, { deployment, asset: zeroAddress })
 */
export async function completeDepositWithdrawal<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: completeDepositWithdrawal.Parameters<account>,
): Promise<completeDepositWithdrawal.ReturnType> {
  const { deployment, asset } = parameters
  const { transaction, logs } = await executeWrite(client, parameters, {
    to: deployment.avs,
    data: encodeFunctionData({
      abi: proofOfInferenceAvsAbi.completeDepositWithdrawal,
      functionName: 'completeDepositWithdrawal',
      args: [asset],
    }),
  })
  const events = parseEventLogs({ abi: proofOfInferenceAvsAbi.DepositWithdrawn, eventName: 'DepositWithdrawn', logs })
  const { amount } = firstEvent(events, { eventName: 'DepositWithdrawn', ...transaction })
  return { ...transaction, amount }
}

export declare namespace completeDepositWithdrawal {
  type BoundParameters<account extends Account | undefined = Account | undefined> = WriteParameters<account> & {
    /** The ERC-20; the zero address is the native currency. */
    asset: Address
  }
  type Parameters<account extends Account | undefined = Account | undefined> = BoundParameters<account> &
    DeploymentParameter
  type ReturnType = WriteReturnType & { amount: bigint }
  type ErrorType = executeWrite.ErrorType | NothingToWithdrawError | WithdrawalNotReadyError
}
