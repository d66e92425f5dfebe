import { type Account, type Chain, type Client, encodeFunctionData, parseEventLogs, type Transport } from 'viem'
import * as proofOfInferenceAvsAbi from '../../abis/calls/proofOfInferenceAvs.ts'
import type { RequestNotFinalError, RequestNotSettleableError } from '../../errors/avs.ts'
import type { Request } from '../../utils/typedData.ts'
import { executeWrite } from '../internal/executeWrite.ts'
import type { DeploymentParameter, WriteParameters, WriteReturnType } from '../types.ts'

/**
 * Returns to the requester what nobody earned of the fee of a request with a commit window, once its deadline passed.
 * Without a window this happens when the request is finalised. Anyone may send it.
 *
 * @returns `amount` in the smallest unit of the asset; 0 when the fee was settled before.
 * @throws `RequestNotFinalError`, `RequestNotSettleableError`
 *
 * @example
 * const { amount } = await releaseUnearnedFee(client, { deployment, request })
 */
export async function releaseUnearnedFee<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: releaseUnearnedFee.Parameters<account>,
): Promise<releaseUnearnedFee.ReturnType> {
  const { deployment, request } = parameters
  const { transaction, logs } = await executeWrite(client, parameters, {
    to: deployment.avs,
    data: encodeFunctionData({
      abi: proofOfInferenceAvsAbi.releaseUnearnedFee,
      functionName: 'releaseUnearnedFee',
      args: [request],
    }),
  })
  // There is no event when the fee was settled before.
  const [event] = parseEventLogs({
    abi: proofOfInferenceAvsAbi.UnearnedFeeReleased,
    eventName: 'UnearnedFeeReleased',
    logs,
  })
  return { ...transaction, amount: event?.args.amount ?? 0n }
}

export declare namespace releaseUnearnedFee {
  type BoundParameters<account extends Account | undefined = Account | undefined> = WriteParameters<account> & {
    request: Request
  }
  type Parameters<account extends Account | undefined = Account | undefined> = BoundParameters<account> &
    DeploymentParameter
  type ReturnType = WriteReturnType & { amount: bigint }
  type ErrorType = executeWrite.ErrorType | RequestNotFinalError | RequestNotSettleableError
}
