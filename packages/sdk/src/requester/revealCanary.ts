import { getBlock } from 'viem/actions'
import { getJobState } from '../actions/avs/getJobState.ts'
import { getRequestState } from '../actions/avs/getRequestState.ts'
import { getRequests } from '../actions/avs/getRequests.ts'
import { revealCanary as sendRevelation } from '../actions/avs/revealCanary.ts'
import { CanaryRevealedTooEarlyError } from '../errors/requester.ts'
import { hashJob } from '../utils/typedData.ts'
import type { RequesterConfig, RevealCanaryParameters } from './types.ts'

/** See `requester.revealCanary`. */
export async function revealCanary(
  { client, deployment }: RequesterConfig,
  { job, isValid, secret, force = false, fromBlock, blocksPerQuery }: RevealCanaryParameters,
): Promise<sendRevelation.ReturnType> {
  if (!force) await assertRipe({ client, deployment }, { job, fromBlock, blocksPerQuery })
  return sendRevelation(client, { deployment, job, isValid, secret })
}

/** Makes sure that no vote on the job can count any more. */
async function assertRipe(
  { client, deployment }: Pick<RequesterConfig, 'client' | 'deployment'>,
  { job, fromBlock, blocksPerQuery }: Pick<RevealCanaryParameters, 'job' | 'fromBlock' | 'blocksPerQuery'>,
): Promise<void> {
  const { number: blockNumber, timestamp } = await getBlock(client)
  const jobId = hashJob({ deployment, job })
  const { status } = await getJobState(client, { deployment, jobId, blockNumber })
  if (status !== 'none') return
  const requests = await getRequests(client, { deployment, jobId, fromBlock, blocksPerQuery, toBlock: blockNumber })
  const unexpired = requests.filter(({ request }) => timestamp <= request.deadline)
  const states = await Promise.all(
    unexpired.map(({ requestId }) => getRequestState(client, { deployment, requestId, blockNumber })),
  )
  const open = unexpired.filter((_, index) => states[index]?.status === 'open')
  // Without a request on chain there may be one that an aggregator has.
  if (requests.length > 0 && open.length === 0) return
  throw new CanaryRevealedTooEarlyError({
    jobId,
    requestIds: open.map(({ requestId }) => requestId),
    deadline: open.length === 0 ? undefined : Math.max(...open.map(({ request }) => request.deadline)),
  })
}

export declare namespace revealCanary {
  type ErrorType =
    | CanaryRevealedTooEarlyError
    | getJobState.ErrorType
    | getRequestState.ErrorType
    | getRequests.ErrorType
    | sendRevelation.ErrorType
}
