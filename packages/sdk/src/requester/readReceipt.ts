import { postFeedback } from '../actions/avs/postFeedback.ts'
import { postReceipt } from '../actions/avs/postReceipt.ts'
import { verifyReceipt } from '../actions/avs/verifyReceipt.ts'
import { InvalidAgentError } from '../errors/avs.ts'
import { isProofOfInferenceError } from '../errors/base.ts'
import { JobNotDecidedError } from '../errors/receipts.ts'
import { hashValidationRequest } from '../utils/validationRequest.ts'
import type { InferenceRequest, Outcome, ReceiptOptions, RequesterConfig } from './types.ts'

/** Waits for the outcome of a request, posts it where nobody has, and checks its receipt. */
export async function readReceipt(
  { client, deployment }: RequesterConfig,
  { job, jobId }: Pick<InferenceRequest, 'job' | 'jobId'>,
  outcome: () => Promise<Outcome>,
  { binding, blocksPerQuery, post = true }: ReceiptOptions,
): Promise<verifyReceipt.ReturnType> {
  // The registries know of agents only.
  if (!job.hasAgent) throw new InvalidAgentError({ hasAgent: false, agentId: job.agentId })
  const { status } = await outcome()
  // The job may have been decided after the request's deadline: it has a receipt, but not of this request.
  if (status === 'expired') throw new JobNotDecidedError({ jobId })
  const requestHash = hashValidationRequest({ deployment, job, binding })
  if (post) {
    await unlessPosted(postReceipt(client, { deployment, job, binding }))
    if (deployment.reputationRegistry !== null) await unlessPosted(postFeedback(client, { deployment, job }))
  }
  return verifyReceipt(client, { deployment, requestHash, blocksPerQuery })
}

/** Somebody else may be first, before the simulation or after it. */
async function unlessPosted(posting: Promise<unknown>): Promise<void> {
  try {
    await posting
  } catch (error) {
    if (isProofOfInferenceError(error) && error.walk('AlreadyPostedError')) return
    throw error
  }
}
