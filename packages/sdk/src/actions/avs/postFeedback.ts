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
import type { AlreadyPostedError, JobNotDecidedError, RegistryMissingError } from '../../errors/receipts.ts'
import type { Job } from '../../utils/typedData.ts'
import { executeWrite } from '../internal/executeWrite.ts'
import { firstEvent } from '../internal/firstEvent.ts'
import type { DeploymentParameter, WriteParameters, WriteReturnType } from '../types.ts'
import { receiptGasHeadroom } from './postReceipt.ts'

/**
 * Has the AVS rate the agent of a job in the ERC-8004 ReputationRegistry with the job's response. Anyone may send it,
 * once for a job.
 *
 * @returns `value`: 1..100 when the job was verified, 0 when it was rejected.
 * @throws `JobNotDecidedError`, `AlreadyPostedError`, `RegistryMissingError`, `InvalidAgentError`
 *
 * @example
 * const { agentId, value } = await postFeedback(client, { deployment, job })
 */
export async function postFeedback<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: postFeedback.Parameters<account>,
): Promise<postFeedback.ReturnType> {
  const { deployment, job } = parameters
  const { transaction, logs } = await executeWrite(client, parameters, {
    to: deployment.avs,
    data: encodePostFeedback(job),
    gasHeadroom: receiptGasHeadroom,
  })
  const events = parseEventLogs({ abi: proofOfInferenceAvsAbi.FeedbackPosted, eventName: 'FeedbackPosted', logs })
  return { ...transaction, ...firstEvent(events, { eventName: 'FeedbackPosted', ...transaction }) }
}

export declare namespace postFeedback {
  type BoundParameters<account extends Account | undefined = Account | undefined> = WriteParameters<account> & {
    job: Job
  }
  type Parameters<account extends Account | undefined = Account | undefined> = BoundParameters<account> &
    DeploymentParameter
  type ReturnType = WriteReturnType & { jobId: Hex; agentId: bigint; value: number }
  type ErrorType = executeWrite.ErrorType | AlreadyPostedError | JobNotDecidedError | RegistryMissingError
}

/** The call of {@link postFeedback}. */
export function encodePostFeedback(job: Job): Hex {
  return encodeFunctionData({ abi: proofOfInferenceAvsAbi.postFeedback, functionName: 'postFeedback', args: [job] })
}
