import type { Client } from 'viem'
import { getBlockNumber } from 'viem/actions'
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
  const { deployment, fromBlock, onRequests, onError, pollingInterval = client.pollingInterval, ...query } = parameters
  let next = fromBlock
  let timer: ReturnType<typeof setTimeout> | undefined
  let isWatching = true

  const poll = async () => {
    const toBlock = await getBlockNumber(client, { cacheTime: 0 })
    next ??= toBlock
    if (toBlock < next) return
    const requests = await getRequests(client, { ...query, deployment, fromBlock: next, toBlock })
    if (!isWatching) return
    next = toBlock + 1n
    if (requests.length > 0) onRequests(requests)
  }
  const run = async () => {
    try {
      await poll()
    } catch (error) {
      if (isWatching) onError?.(error)
    }
    if (isWatching) timer = setTimeout(run, pollingInterval)
  }
  void run()

  return () => {
    isWatching = false
    clearTimeout(timer)
  }
}

export declare namespace watchRequests {
  type BoundParameters = Pick<getRequests.BoundParameters, 'blocksPerQuery' | 'jobId' | 'requester'> & {
    /** The first block to read. Default: the latest one, its requests included. */
    fromBlock?: bigint | undefined
    /** Called with new requests, oldest first; never with none. */
    onRequests: (requests: getRequests.ReturnType) => void
    /** Called when a poll fails, and with what `onRequests` throws; the watching goes on. */
    onError?: ((error: unknown) => void) | undefined
    /** Milliseconds between polls. Default: that of the client. */
    pollingInterval?: number | undefined
  }
  type Parameters = BoundParameters & DeploymentParameter
  /** Ends the watching. */
  type ReturnType = () => void
  type ErrorType = getRequests.ErrorType
}
