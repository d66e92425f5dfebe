import type { AggregatorClient, RevealedVote, SignedCommitment, SignedRequest } from '@proof-of-inference/sdk/operator'
import type { Hex } from 'viem'

export type FakeAggregator = ReturnType<typeof createFakeAggregator>

/**
 * An honest aggregator in memory, which passes on what is published to it and takes commitments and votes.
 *
 * @param parameters.quorum Commitments on a request before it shows them.
 */
export function createFakeAggregator({ quorum }: { quorum: number }) {
  const commitments = new Map<Hex, SignedCommitment[]>()
  const votes = new Map<Hex, RevealedVote[]>()
  const watchers = new Set<(signed: SignedRequest | Error) => void>()
  const waiting = new Set<() => void>()
  const listOf = <item>(lists: Map<Hex, item[]>, requestId: Hex) => lists.get(requestId) ?? []

  /** Resolves once it holds. */
  function until(holds: () => boolean, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = () => {
        if (!holds()) return
        waiting.delete(check)
        resolve()
      }
      signal?.addEventListener('abort', () => {
        waiting.delete(check)
        reject(signal.reason)
      })
      waiting.add(check)
      check()
    })
  }
  const notify = () => {
    for (const check of waiting) check()
  }

  async function* watchRequests({ signal }: { signal: AbortSignal }): AsyncGenerator<SignedRequest> {
    const queue: (SignedRequest | Error)[] = []
    const watcher = (each: SignedRequest | Error) => {
      queue.push(each)
      notify()
    }
    watchers.add(watcher)
    notify()
    try {
      for (;;) {
        await until(() => queue.length > 0 || signal.aborted)
        const next = queue.shift()
        if (next === undefined) return
        if (next instanceof Error) throw next
        yield next
      }
    } finally {
      watchers.delete(watcher)
    }
  }

  const client: AggregatorClient = {
    watchRequests,
    async postCommitment(commitment) {
      const { requestId, operator } = commitment
      const others = listOf(commitments, requestId).filter((each) => each.operator !== operator)
      commitments.set(requestId, [...others, commitment])
      notify()
    },
    async getCommitments(requestId, { signal }) {
      await until(() => listOf(commitments, requestId).length >= quorum, signal)
      return listOf(commitments, requestId)
    },
    async postVote(vote) {
      const { requestId, operator } = vote.attestation
      const others = listOf(votes, requestId).filter(({ attestation }) => attestation.operator !== operator)
      votes.set(requestId, [...others, vote])
      notify()
    },
  }

  return {
    client,
    commitmentsOn: (requestId: Hex) => listOf(commitments, requestId),
    votesOn: (requestId: Hex) => listOf(votes, requestId),
    /** Passes a request on to those who watch. */
    publish(signed: SignedRequest): void {
      for (const watcher of watchers) watcher(signed)
    },
    /** Loses all commitments and votes. */
    forget(): void {
      commitments.clear()
      votes.clear()
    },
    /** Breaks the connection of all who watch. */
    disconnect(): void {
      for (const watcher of watchers) watcher(new Error('The connection was lost.'))
    },
    /** Resolves once that many watch. */
    untilWatched: (count: number) => until(() => watchers.size >= count),
    /** The votes on a request, once that many are there. */
    async untilVotes(requestId: Hex, count = quorum): Promise<RevealedVote[]> {
      await until(() => listOf(votes, requestId).length >= count)
      return listOf(votes, requestId)
    },
  }
}
