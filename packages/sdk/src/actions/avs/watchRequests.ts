import type { Client } from 'viem'
import { type WatchParameters, watchBlocks } from '../internal/watchBlocks.ts'
import type { DeploymentParameter } from '../types.ts'
import { getRequests } from './getRequests.ts'

/**
 * Watches for requests by polling. Every block is read once, in order, however long a poll takes or fails for: what
 * could not be read is read with the next poll. Chain reorganisations are not undone; an operator that must not act on
 * an abandoned block uses `createOperator`.
 *
 * @returns A function that ends the watching.
 *
 * @example
 * const unwatch = watchRequests(client, {
 *   deployment,
 *   onRequests: (requests) => console.log(requests.map(({ requestId }) => requestId)),
 *   onError: (error) => console.error(error),
 * })
 */
export function watchRequests(client: Client, parameters: watchRequests.Parameters): watchRequests.ReturnType {
  const { fromBlock, onRequests, onError, pollingInterval, ...query } = parameters
  return watchBlocks(client, {
    ...{ fromBlock, onError, pollingInterval },
    read: (range) => getRequests(client, { ...query, ...range }),
    onItems: onRequests,
  })
}

export declare namespace watchRequests {
  type BoundParameters = Pick<getRequests.BoundParameters, 'blocksPerQuery' | 'jobId' | 'requester'> &
    WatchParameters & {
      /** Called with new requests, oldest first; never with none. */
      onRequests: (requests: getRequests.ReturnType) => void
    }
  type Parameters = BoundParameters & DeploymentParameter
  /** Ends the watching. */
  type ReturnType = () => void
  type ErrorType = getRequests.ErrorType
}
