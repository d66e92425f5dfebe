import type { Client } from 'viem'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import { getBlockRanges } from '../internal/blockRanges.ts'
import { type OpenedRequest, queryRequests, type RequestFilter } from '../internal/queryRequests.ts'
import type { BlockRangeParameters, DeploymentParameter } from '../types.ts'

/**
 * Reads the requests that were opened in a range of blocks, oldest first, with as many queries as the range needs.
 *
 * @example
 * const requests = await getRequests(client, { deployment, requester: account.address })
 */
export async function getRequests(client: Client, parameters: getRequests.Parameters): Promise<getRequests.ReturnType> {
  const { deployment, requestId, jobId, requester } = parameters
  await assertDeployment(client, deployment)
  const { ranges } = await getBlockRanges(client, parameters)
  const requests: OpenedRequest[] = []
  for (const range of ranges) {
    requests.push(...(await queryRequests(client, { deployment, requestId, jobId, requester, ...range })))
  }
  return requests
}

export declare namespace getRequests {
  type BoundParameters = BlockRangeParameters & RequestFilter
  type Parameters = BoundParameters & DeploymentParameter
  type ReturnType = OpenedRequest[]
  type ErrorType = assertDeployment.ErrorType | getBlockRanges.ErrorType | queryRequests.ErrorType
}
