import type { Client, Hex } from 'viem'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import { RequestNotFoundError } from '../../errors/request.ts'
import { getBlockRanges } from '../internal/blockRanges.ts'
import { type OpenedRequest, queryRequests } from '../internal/queryRequests.ts'
import type { BlockRangeParameters, DeploymentParameter } from '../types.ts'

/**
 * Reads a request with its job as they were opened, by the id of the request. Searches the newest blocks first.
 *
 * @throws `RequestNotFoundError`
 *
 * @example
 * const { request, job } = await getRequest(client, { deployment, requestId })
 */
export async function getRequest(client: Client, parameters: getRequest.Parameters): Promise<getRequest.ReturnType> {
  const { deployment, requestId } = parameters
  await assertDeployment(client, deployment)
  const { fromBlock, toBlock, ranges } = await getBlockRanges(client, parameters)
  for (const range of ranges.reverse()) {
    const [request] = await queryRequests(client, { deployment, requestId, ...range })
    if (request) return request
  }
  throw new RequestNotFoundError({ requestId, fromBlock, toBlock })
}

export declare namespace getRequest {
  type BoundParameters = BlockRangeParameters & {
    /** Digest of the request, see `hashRequest`. */
    requestId: Hex
  }
  type Parameters = BoundParameters & DeploymentParameter
  type ReturnType = OpenedRequest
  type ErrorType =
    | assertDeployment.ErrorType
    | getBlockRanges.ErrorType
    | queryRequests.ErrorType
    | RequestNotFoundError
}
