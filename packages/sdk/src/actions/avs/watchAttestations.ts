import type { Client } from 'viem'
import { type WatchParameters, watchBlocks } from '../internal/watchBlocks.ts'
import type { DeploymentParameter } from '../types.ts'
import { getAttestations } from './getAttestations.ts'

/**
 * Watches for the attestations of a request by polling. Every block is read once, in order, however long a poll takes or
 * fails for: what could not be read is read with the next poll. Chain reorganisations are not undone; what a request
 * came to is told by `waitForOutcome`.
 *
 * @returns A function that ends the watching.
 *
 * @example
 * const { blockNumber: fromBlock } = await getRequest(client, { deployment, requestId })
 * const unwatch = watchAttestations(client, {
 *   deployment,
 *   requestId,
 *   fromBlock,
 *   onAttestations: (attestations) => console.log(attestations.map(({ operator, isValid }) => [operator, isValid])),
 *   onError: (error) => console.error(error),
 * })
 */
export function watchAttestations(
  client: Client,
  parameters: watchAttestations.Parameters,
): watchAttestations.ReturnType {
  const { fromBlock, onAttestations, onError, pollingInterval, ...query } = parameters
  return watchBlocks(client, {
    ...{ fromBlock, onError, pollingInterval },
    read: (range) => getAttestations(client, { ...query, ...range }),
    onItems: onAttestations,
  })
}

export declare namespace watchAttestations {
  type BoundParameters = Pick<getAttestations.BoundParameters, 'blocksPerQuery' | 'requestId'> &
    WatchParameters & {
      /** Called with new attestations, oldest first; never with none. */
      onAttestations: (attestations: getAttestations.ReturnType) => void
    }
  type Parameters = BoundParameters & DeploymentParameter
  /** Ends the watching. */
  type ReturnType = () => void
  type ErrorType = getAttestations.ErrorType
}
