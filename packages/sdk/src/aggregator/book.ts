import type { Address, Hex } from 'viem'
import type { CheckedVote, Count } from '../actions/internal/countVotes.ts'
import type { Job, Request, VersionConfig } from '../utils/typedData.ts'
import { type Reason, type RequestProgress, toJson } from './protocol.ts'
import { Refusal } from './refusal.ts'
import type { RevealedVote, SignedCommitment, SignedRequest } from './types.ts'

/** What an aggregator knows of a request. */
export type Round = {
  readonly requestId: Hex
  readonly request: Request
  readonly job: Job
  readonly version: Pick<VersionConfig, 'methodId' | 'validConfidence'>
  /** As it was handed in; `undefined` when it was found open on chain. */
  readonly signed: SignedRequest | undefined
  readonly commitments: Map<Address, SignedCommitment>
  /** Whether the operators that committed have the weight, and are as many, as the job asks for. */
  isCommitted: boolean
  /** The votes that were accepted, in that order. */
  readonly votes: Map<Address, CheckedVote & { readonly vote: RevealedVote }>
  /** What the votes come to. */
  count: Count | undefined
  status: RequestProgress['status']
  outcome: 'verified' | 'rejected' | undefined
  transactionHash: Hex | undefined
  reason: Reason | undefined
}

export type Book = ReturnType<typeof createBook>

export const nowInSeconds = () => Math.floor(Date.now() / 1000)

/** All that an aggregator remembers: bounded, and forgotten when it restarts. */
export function createBook({
  maxRequests,
  maxRequestsPerRequester,
}: {
  maxRequests: number
  maxRequestsPerRequester: number
}) {
  /** Oldest first. */
  const rounds = new Map<Hex, Round>()
  const waiting = new Map<Round, Set<() => void>>()
  const watchers = new Set<(line: Uint8Array) => void>()
  const encoder = new TextEncoder()
  /** One copy of each line for all watchers. */
  const lines = new WeakMap<Round, Uint8Array>()

  const toLine = (round: Round): Uint8Array => {
    const line = lines.get(round) ?? encoder.encode(`${toJson(round.signed)}\n`)
    lines.set(round, line)
    return line
  }
  const isRunning = ({ status }: Round) => status === 'collecting' || status === 'certified'
  const isUnsettledOf = (requester: Address, asset: Address | undefined) => (round: Round) =>
    round.signed !== undefined &&
    isRunning(round) &&
    round.request.requester === requester &&
    (asset === undefined || round.request.asset === asset)

  const book = {
    get: (requestId: Hex) => rounds.get(requestId),

    /** Signed requests of a requester that are not settled: its deposit must pay for each. */
    unsettled: (requester: Address, asset?: Address) => [...rounds.values()].filter(isUnsettledOf(requester, asset)),

    /** Adds a request, and tells the watchers if it is signed. */
    add(parameters: Pick<Round, 'requestId' | 'request' | 'job' | 'version' | 'signed'>): Round {
      const { signed, request } = parameters
      book.expire()
      for (const round of rounds.values()) {
        if (rounds.size < maxRequests) break
        if (!isRunning(round)) rounds.delete(round.requestId)
      }
      if (rounds.size >= maxRequests) throw new Refusal(503, 'Busy', 'Too many requests are under way.', 5_000)
      if (signed && book.unsettled(request.requester).length >= maxRequestsPerRequester) {
        throw new Refusal(429, 'TooManyRequests', 'The requester has too many requests under way.', 5_000)
      }
      const round: Round = {
        ...parameters,
        commitments: new Map(),
        isCommitted: false,
        votes: new Map(),
        count: undefined,
        status: 'collecting',
        outcome: undefined,
        transactionHash: undefined,
        reason: undefined,
      }
      rounds.set(round.requestId, round)
      if (signed) for (const watcher of [...watchers]) watcher(toLine(round))
      return round
    },

    /** Wakes who waits for something of a request. */
    changed(round: Round): void {
      for (const wake of waiting.get(round) ?? []) wake()
    },

    /** Resolves to whether the condition holds: as soon as it does, after a time, or when the signal aborts. */
    async waitFor(
      round: Round,
      condition: () => boolean,
      { timeout, signal }: { timeout: number; signal: AbortSignal },
    ): Promise<boolean> {
      if (condition() || timeout <= 0 || signal.aborted) return condition()
      const wakers = waiting.get(round) ?? new Set()
      waiting.set(round, wakers)
      await new Promise<void>((resolve) => {
        const end = () => {
          clearTimeout(timer)
          signal.removeEventListener('abort', end)
          wakers.delete(wake)
          if (wakers.size === 0) waiting.delete(round)
          resolve()
        }
        const wake = () => {
          if (condition()) end()
        }
        const timer = setTimeout(end, timeout)
        signal.addEventListener('abort', end, { once: true })
        wakers.add(wake)
      })
      return condition()
    },

    /** Tells of every signed request that takes votes, and of every new one. Returns what ends it. */
    watch(watcher: (line: Uint8Array) => void): () => void {
      book.expire()
      for (const round of rounds.values()) {
        if (round.signed && round.status === 'collecting') watcher(toLine(round))
      }
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },

    /** Gives up on what is past its deadline. */
    expire(): void {
      const now = nowInSeconds()
      for (const round of rounds.values()) {
        if (!isRunning(round) || round.request.deadline >= now) continue
        round.status = 'expired'
        book.changed(round)
      }
    },

    count() {
      const counts = { collecting: 0, certified: 0, settled: 0, expired: 0 }
      for (const { status } of rounds.values()) counts[status]++
      return counts
    },
  }
  return book
}

export function toProgress(round: Round): RequestProgress {
  const { requestId, status, signed, commitments, votes, outcome, transactionHash, reason } = round
  return {
    requestId,
    status,
    isOpen: signed === undefined,
    commitments: commitments.size,
    votes: votes.size,
    ...(outcome && { outcome }),
    ...(transactionHash && { transactionHash }),
    ...(reason && { reason }),
  }
}

/** The votes that made the quorum, in the order they were accepted: others would cost gas, and not count. */
export function winningVotes({ count, votes, job }: Round): RevealedVote[] {
  if (!count || count.status === 'open') return []
  const isVerified = count.status === 'verified'
  return [...votes.values()].flatMap(({ vote }, index) => {
    const { isValid, confidence } = vote.attestation
    const isWinner = (isValid && confidence >= job.minConfidence) === isVerified
    return count.votes[index]?.isCounted && isWinner ? [vote] : []
  })
}
