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
import type { IncorrectPaymentError, ZeroAmountError } from '../../errors/avs.ts'
import type { InsufficientAllowanceError } from '../../errors/transaction.ts'
import { executeWrite } from '../internal/executeWrite.ts'
import { firstEvent } from '../internal/firstEvent.ts'
import { getNativeValue } from '../internal/payment.ts'
import type { DeploymentParameter, WriteParameters, WriteReturnType } from '../types.ts'

/**
 * Adds to the deposit from which the sender's requests can be paid.
 *
 * A token needs an allowance for the AVS first.
 *
 * @returns `amount`: what was credited, less than asked for with a token that takes a fee on transfer.
 *
 * @example
 * const { amount } = await deposit(client, { deployment, asset: zeroAddress, amount: parseEther('1') })
 */
export async function deposit<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: deposit.Parameters<account>,
): Promise<deposit.ReturnType> {
  const { asset, amount, deployment } = parameters
  const { transaction, logs } = await executeWrite(client, parameters, {
    to: deployment.avs,
    data: encodeFunctionData({ abi: proofOfInferenceAvsAbi.deposit, functionName: 'deposit', args: [asset, amount] }),
    value: await getNativeValue(client, { ...parameters, amount }),
  })
  const events = parseEventLogs({ abi: proofOfInferenceAvsAbi.Deposited, eventName: 'Deposited', logs })
  const credited = firstEvent(events, { eventName: 'Deposited', ...transaction })
  return { ...transaction, amount: credited.amount }
}

export declare namespace deposit {
  type BoundParameters<account extends Account | undefined = Account | undefined> = WriteParameters<account> & {
    /** The ERC-20; the zero address is the native currency. */
    asset: Address
    /** In the asset's smallest unit. */
    amount: bigint
  }
  type Parameters<account extends Account | undefined = Account | undefined> = BoundParameters<account> &
    DeploymentParameter
  type ReturnType = WriteReturnType & { amount: bigint }
  type ErrorType =
    | executeWrite.ErrorType
    | getNativeValue.ErrorType
    | IncorrectPaymentError
    | InsufficientAllowanceError
    | ZeroAmountError
}
