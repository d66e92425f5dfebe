import type { Address, Hex } from 'viem'
import type { EventPosition } from '../types.ts'
import type { OpenedRequest } from './queryRequests.ts'

/** A job whose right verdict was revealed. The position is that of the first revelation. */
export type RevealedCanary = EventPosition & {
  jobId: Hex
  /** The right verdict, as whoever made the job says. */
  isValid: boolean
  /** The job's requests, in order of opening; none where it was not requested in the blocks searched. */
  requests: OpenedRequest[]
  /** Who opened them, each once. */
  requesters: Address[]
}

/** Puts revelations, in their order, together with the requests of their jobs. */
export function joinCanaries(
  revelations: readonly (EventPosition & { jobId: Hex; isValid: boolean })[],
  requests: readonly OpenedRequest[],
): RevealedCanary[] {
  const canaries = new Map<Hex, RevealedCanary>()
  for (const revelation of revelations) {
    // A revelation can be repeated, with the same verdict: it is the preimage of the salt.
    if (canaries.has(revelation.jobId)) continue
    const ofJob = requests.filter(({ jobId }) => jobId === revelation.jobId)
    const requesters = [...new Set(ofJob.map(({ requester }) => requester))]
    canaries.set(revelation.jobId, { ...revelation, requests: ofJob, requesters })
  }
  return [...canaries.values()]
}

/** Whether an event is before another in the chain. */
export function isBefore(a: EventPosition, b: EventPosition): boolean {
  return a.blockNumber === b.blockNumber ? a.logIndex < b.logIndex : a.blockNumber < b.blockNumber
}
