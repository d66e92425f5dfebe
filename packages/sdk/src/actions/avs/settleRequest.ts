import {
  type Account,
  type Chain,
  type Client,
  encodeFunctionData,
  type Hex,
  parseEventLogs,
  type Transport,
} from 'viem'
import * as proofOfInferenceAvsAbi from '../../abis/calls/proofOfInferenceAvs.ts'
import type { JobMismatchError, RequestNotOpenError, RequestNotSettleableError } from '../../errors/avs.ts'
import { type RequestStatus, toRequestStatus } from '../../utils/requestStatus.ts'
import type { Job, Request } from '../../utils/typedData.ts'
import { executeWrite } from '../internal/executeWrite.ts'
import { firstEvent } from '../internal/firstEvent.ts'
import type { DeploymentParameter, WriteParameters, WriteReturnType } from '../types.ts'

/**
 * Settles an open request: by the decision of its job if there is one, as expired once its deadline passed. Anyone may
 * send it; refunds follow at once.
 *
 * @returns `status`: how the request ended.
 * @throws `JobMismatchError`, `RequestNotOpenError`, `RequestNotSettleableError`
 *
 * @example
 * const { status } = await settleRequest(client, { deployment, request, job })
 */
export async function settleRequest<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: settleRequest.Parameters<account>,
): Promise<settleRequest.ReturnType> {
  const { deployment, request, job } = parameters
  const { transaction, logs } = await executeWrite(client, parameters, {
    to: deployment.avs,
    data: encodeFunctionData({
      abi: proofOfInferenceAvsAbi.settleRequest,
      functionName: 'settleRequest',
      args: [request, job],
    }),
  })
  const events = parseEventLogs({ abi: proofOfInferenceAvsAbi.RequestFinalized, eventName: 'RequestFinalized', logs })
  const { requestId, status } = firstEvent(events, { eventName: 'RequestFinalized', ...transaction })
  return { ...transaction, requestId, status: toRequestStatus(status) }
}

export declare namespace settleRequest {
  type BoundParameters<account extends Account | undefined = Account | undefined> = WriteParameters<account> & {
    request: Request
    job: Job
  }
  type Parameters<account extends Account | undefined = Account | undefined> = BoundParameters<account> &
    DeploymentParameter
  type ReturnType = WriteReturnType & { requestId: Hex; status: RequestStatus }
  type ErrorType = executeWrite.ErrorType | JobMismatchError | RequestNotOpenError | RequestNotSettleableError
}
