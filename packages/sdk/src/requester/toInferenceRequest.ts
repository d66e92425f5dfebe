import { getBlock } from 'viem/actions'
import { waitForOutcome } from '../actions/avs/waitForOutcome.ts'
import type { InferenceRequest, RequesterConfig } from './types.ts'

/** The handle of an opened request. */
export function toInferenceRequest(
  { client, deployment }: RequesterConfig,
  opened: Omit<InferenceRequest, 'outcome'>,
): InferenceRequest {
  const { id, jobId, job, request, transactionHash, blockNumber, gasUsed } = opened
  return {
    id,
    jobId,
    job,
    request,
    transactionHash,
    blockNumber,
    gasUsed,
    async outcome({ settle = true, ...options } = {}) {
      const parameters = { ...options, deployment, requestId: id, fromBlock: blockNumber, settle }
      const outcome = await waitForOutcome(client, parameters)
      const [first, last] = await Promise.all([
        getBlock(client, { blockNumber }),
        getBlock(client, { blockNumber: outcome.blockNumber }),
      ])
      return { ...outcome, latency: Number(last.timestamp - first.timestamp) }
    },
  }
}
