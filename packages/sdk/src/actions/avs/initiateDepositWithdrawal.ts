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
import type { InsufficientDepositError, ZeroAmountError } from '../../errors/avs.ts'
import { executeWrite } from '../internal/executeWrite.ts'
import { firstEvent } from '../internal/firstEvent.ts'
import type { DeploymentParameter, WriteParameters, WriteReturnType } from '../types.ts'

/**
 * Starts the delay after which up to `amount` of the sender's deposit can leave. Replaces an earlier withdrawal. Until
 * it is completed the deposit still pays requests.
 *
 * @returns `availableAt`: unix time in seconds from which `completeDepositWithdrawal` works.
 * @throws `InsufficientDepositError`, `ZeroAmountError`
 *
 * @example
 * const amount = parseEther('1')
 * const { availableAt } = await initiateDepositWithdrawal(client, { deployment, asset: zeroAddress, amount })
 */
export async function initiateDepositWithdrawal<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: initiateDepositWithdrawal.Parameters<account>,
): Promise<initiateDepositWithdrawal.ReturnType> {
  const { deployment, asset, amount } = parameters
  const { transaction, logs } = await executeWrite(client, parameters, {
    to: deployment.avs,
    data: encodeFunctionData({
      abi: proofOfInferenceAvsAbi.initiateDepositWithdrawal,
      functionName: 'initiateDepositWithdrawal',
      args: [asset, amount],
    }),
  })
  const events = parseEventLogs({
    abi: proofOfInferenceAvsAbi.DepositWithdrawalInitiated,
    eventName: 'DepositWithdrawalInitiated',
    logs,
  })
  const initiated = firstEvent(events, { eventName: 'DepositWithdrawalInitiated', ...transaction })
  return { ...transaction, amount, availableAt: initiated.availableAt }
}

export declare namespace initiateDepositWithdrawal {
  type BoundParameters<account extends Account | undefined = Account | undefined> = WriteParameters<account> & {
    /** The ERC-20; the zero address is the native currency. */
    asset: Address
    /** In the smallest unit of the asset. */
    amount: bigint
  }
  type Parameters<account extends Account | undefined = Account | undefined> = BoundParameters<account> &
    DeploymentParameter
  type ReturnType = WriteReturnType & { amount: bigint /** Unix time in seconds. */; availableAt: bigint }
  type ErrorType = executeWrite.ErrorType | InsufficientDepositError | ZeroAmountError
}
