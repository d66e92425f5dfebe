import type { Client, GetContractEventsErrorType } from 'viem'
import { getContractEvents } from 'viem/actions'
import * as proofOfInferenceAvsAbi from '../../abis/calls/proofOfInferenceAvs.ts'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import { getBlockRanges } from '../internal/blockRanges.ts'
import { joinCanaries, type RevealedCanary } from '../internal/joinCanaries.ts'
import { type OpenedRequest, queryRequests } from '../internal/queryRequests.ts'
import type { BlockRangeParameters, DeploymentParameter, EventPosition } from '../types.ts'

/** Most jobs to name in a query; nodes refuse long lists. */
const maxJobsPerQuery = 100

/**
 * Reads the canaries that were revealed in a range of blocks, oldest first, with the requests of their jobs.
 *
 * A revelation proves that whoever made the job knew the verdict when making it; not that the verdict is right. Believe
 * those of requesters you trust.
 *
 * @example
 * const canaries = await getCanaries(client, { deployment, fromBlock })
 * const ours = canaries.filter(({ requesters }) => requesters.includes(account.address))
 */
export async function getCanaries(client: Client, parameters: getCanaries.Parameters): Promise<getCanaries.ReturnType> {
  const { deployment, requestsFromBlock, blocksPerQuery } = parameters
  await assertDeployment(client, deployment)
  const { toBlock, ranges } = await getBlockRanges(client, parameters)
  const revelations: (EventPosition & { jobId: RevealedCanary['jobId']; isValid: boolean })[] = []
  for (const range of ranges) {
    const events = await getContractEvents(client, {
      address: deployment.avs,
      abi: proofOfInferenceAvsAbi.CanaryRevealed,
      eventName: 'CanaryRevealed',
      strict: true,
      ...range,
    })
    for (const { args, blockNumber, logIndex, transactionHash } of events)
      revelations.push({ ...args, blockNumber, logIndex, transactionHash })
  }
  if (revelations.length === 0) return []

  const jobIds = [...new Set(revelations.map(({ jobId }) => jobId))]
  const jobId = jobIds.length <= maxJobsPerQuery ? jobIds : undefined
  const before = await getBlockRanges(client, { deployment, blocksPerQuery, fromBlock: requestsFromBlock, toBlock })
  const requests: OpenedRequest[] = []
  for (const range of before.ranges) requests.push(...(await queryRequests(client, { deployment, jobId, ...range })))
  return joinCanaries(revelations, requests)
}

export declare namespace getCanaries {
  type BoundParameters = BlockRangeParameters & {
    /** Where to begin to search for the jobs' requests. Default: the block of the deployment. */
    requestsFromBlock?: bigint | undefined
  }
  type Parameters = BoundParameters & DeploymentParameter
  type ReturnType = RevealedCanary[]
  type ErrorType =
    | assertDeployment.ErrorType
    | getBlockRanges.ErrorType
    | queryRequests.ErrorType
    | GetContractEventsErrorType
}
