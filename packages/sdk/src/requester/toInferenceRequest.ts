import type { Hex } from 'viem'
import { getBlock, getTransactionReceipt } from 'viem/actions'
import { getRequest } from '../actions/avs/getRequest.ts'
import { waitForOutcome } from '../actions/avs/waitForOutcome.ts'
import { readReceipt } from './readReceipt.ts'
import type { InferenceRequest, Outcome, OutcomeOptions, RequesterConfig } from './types.ts'

/** The handle of an opened request. */
export function toInferenceRequest(
  config: RequesterConfig,
  opened: Omit<InferenceRequest, 'outcome' | 'receipt'>,
): InferenceRequest {
  const { client, deployment } = config
  const { id, jobId, job, request, transactionHash, blockNumber, gasUsed } = opened
  async function outcome({ settle = true, ...options }: OutcomeOptions = {}): Promise<Outcome> {
    const parameters = { ...options, deployment, requestId: id, fromBlock: blockNumber, settle }
    const outcome = await waitForOutcome(client, parameters)
    const [first, last] = await Promise.all([
      getBlock(client, { blockNumber }),
      getBlock(client, { blockNumber: outcome.blockNumber }),
    ])
    return { ...outcome, latency: Number(last.timestamp - first.timestamp) }
  }

  return {
    id,
    jobId,
    job,
    request,
    transactionHash,
    blockNumber,
    gasUsed,
    outcome,
    async receipt({ binding, post, ...options } = {}) {
      const { blocksPerQuery } = options
      return readReceipt(config, { job, jobId }, () => outcome(options), { binding, post, blocksPerQuery })
    },
  }
}

/** The handle of a request that was opened at some time. */
export async function findRequest(
  config: RequesterConfig,
  requestId: Hex,
  fromBlock?: bigint | undefined,
): Promise<InferenceRequest> {
  const { client, deployment } = config
  const { transactionHash, blockNumber, jobId, job, request } = await getRequest(client, {
    deployment,
    requestId,
    fromBlock,
  })
  const { gasUsed } = await getTransactionReceipt(client, { hash: transactionHash })
  return toInferenceRequest(config, { id: requestId, jobId, job, request, transactionHash, blockNumber, gasUsed })
}
