import type { Address, Hash, Hex } from 'viem'
import type { Deployment } from '../deployments/deployment.ts'
import { isProofOfInferenceError } from '../errors/base.ts'
import { ForgedEventError } from '../errors/operator.ts'
import { toRequestStatus } from '../utils/requestStatus.ts'
import { hashJob, hashRequest, type Job } from '../utils/typedData.ts'
import { readVerdict, type SignedAttestation } from '../utils/vote.ts'
import type { Failure } from './failure.ts'
import type { IngestedLog, VoteLog } from './ingest.ts'
import { isTerminal, type RequestEvent, type RequestState, type SignedVote, transition } from './machine.ts'
import type { Standing } from './standing.ts'
import type { Cursor, OperatorStore, RequestRecord, StoreChanges } from './store.ts'

/** A request that is not finished. */
export type Work = {
  record: RequestRecord
  /** Aborted when the request needs no more work, or the operator stops. */
  readonly controller: AbortController
  isBusy: boolean
  /** Failures in a row. */
  failures: number
  lastFailure?: Failure
  /** Runs until the next attempt. */
  timer?: ReturnType<typeof setTimeout> | undefined
  /** The last second of the commit window, once known. */
  closesAt?: number
  /** Whether the terms of a signed request were looked at in this run. */
  isAssessed?: boolean
  /** Milliseconds of our clock since which an aggregator is known to have the vote. */
  revealedAt?: number
  /** Whether the aggregator failed, so that the vote is submitted without it. */
  isDirect?: boolean
}

export type Book = ReturnType<typeof createBook>

/** A stored attestation as the vote on a job. */
export function toSignedVote(job: Job, { attestation, signature }: SignedAttestation): SignedVote {
  const counts = attestation.isValid && attestation.confidence >= job.minConfidence
  return { attestation, signature, side: counts ? 'verified' : 'rejected' }
}

/**
 * Where the operator is with each request, in memory and in the store. What is in memory changes at once; the promises
 * resolve when it is stored, too.
 *
 * @param parameters.onChange Told of each change once it is stored. `previous` is `undefined` for a new request;
 * `votedIn` is the transaction by which the operator's vote came to count, if it did.
 * @param parameters.onFatal Told when the store fails: what is in memory is then not to be relied on.
 */
export function createBook({
  deployment,
  store,
  readStanding,
  onChange,
  onForged,
  onFatal,
}: {
  deployment: Deployment
  store: OperatorStore
  readStanding: (record: RequestRecord) => Promise<Standing>
  onChange: (record: RequestRecord, previous: RequestState | undefined, votedIn?: Hash) => void
  onForged: (error: ForgedEventError) => void
  onFatal: (error: unknown) => void
}) {
  const works = new Map<Hex, Work>()
  let queue: Promise<unknown> = Promise.resolve()

  /** One after the other, so that a request that comes from the chain and from an aggregator is taken in once. */
  function exclusively<result>(task: () => Promise<result>): Promise<result> {
    const done = queue.then(task)
    queue = done.catch(() => {})
    return done
  }

  async function stored(writing: Promise<void>): Promise<void> {
    try {
      await writing
    } catch (error) {
      onFatal(error)
      throw error
    }
  }

  function open(record: RequestRecord): Work {
    const work = { record, controller: new AbortController(), isBusy: false, failures: 0 }
    works.set(record.requestId, work)
    return work
  }

  function close(work: Work): void {
    works.delete(work.record.requestId)
    clearTimeout(work.timer)
    work.controller.abort()
  }

  /** Changes are made in memory while one is collected, so that nobody acts on what they replace. */
  function collect() {
    type Change = { record: RequestRecord; previous: RequestState | undefined; votedIn?: Hash | undefined }
    const changes = new Map<Hex, Change>()
    const find = (requestId: Hex, fallback?: RequestRecord) =>
      changes.get(requestId)?.record ?? works.get(requestId)?.record ?? fallback

    /** Puts `next` in the place of `record`. */
    function replace(record: RequestRecord, next: RequestRecord, votedIn?: Hash): void {
      const change = changes.get(record.requestId)
      const previous = change ? change.previous : record.state
      changes.set(record.requestId, { record: next, previous, votedIn: votedIn ?? change?.votedIn })
      const work = works.get(record.requestId)
      if (work) work.record = next
    }

    return {
      find,
      replace,
      add(record: RequestRecord): void {
        changes.set(record.requestId, { record, previous: undefined })
      },
      /** Returns the record after the event. */
      apply(record: RequestRecord, event: RequestEvent, votedIn?: Hash): RequestRecord {
        const state = transition(record.state, event)
        if (state === record.state) return record
        const next = { ...record, state }
        replace(record, next, votedIn)
        return next
      },
      /** Whether anything changed. */
      async write(others: StoreChanges): Promise<boolean> {
        const collected = [...changes.values()]
        await stored(store.write({ ...others, put: collected.map(({ record }) => record) }))
        for (const { record, previous, votedIn } of collected) {
          const work = works.get(record.requestId)
          if (!work) {
            if (!isTerminal(record.state)) open(record)
          } else if (isTerminal(work.record.state)) close(work)
          onChange(record, previous, votedIn)
        }
        return collected.length > 0
      },
    }
  }

  /** Not stored: after a restart the payloads are fetched again. */
  function fetched(work: Work): boolean {
    const before = work.record
    const state = transition(before.state, { type: 'fetched' })
    if (state === before.state) return false
    work.record = { ...before, state }
    onChange(work.record, before.state)
    return true
  }

  /** The event's request, if it is what its ids say. */
  function readOpened(log: IngestedLog & { eventName: 'InferenceVerificationRequested' }): RequestRecord | undefined {
    const { requestId, request, job } = log.args
    const actualRequestId = hashRequest({ deployment, request })
    const actualJobId = hashJob({ deployment, job })
    if (actualRequestId !== requestId) {
      onForged(new ForgedEventError({ what: 'request', expected: requestId, actual: actualRequestId }))
    } else if (actualJobId !== request.jobId) {
      onForged(new ForgedEventError({ what: 'job', expected: request.jobId, actual: actualJobId }))
    } else {
      const { blockNumber, transactionHash } = log
      return { requestId, request, job, blockNumber, transactionHash, state: { status: 'seen' } }
    }
    return undefined
  }

  /**
   * Whether the fee was credited in the transaction that made the request final. So it is for the votes of the call that
   * did it; an earlier call of the same transaction leaves its votes to be claimed for.
   */
  async function isPaid(record: RequestRecord, finalizedIn: Hash, votes: readonly VoteLog[]): Promise<boolean> {
    const { requestId } = record
    const isOwn = (vote: VoteLog) =>
      vote.args.requestId === requestId &&
      readVerdict(vote.args.verdict).isCounted &&
      vote.transactionHash === finalizedIn
    if (!votes.some(isOwn)) return false
    return record.transactionHash === finalizedIn || !(await readStanding(record)).hasVoted
  }

  /** Works whose transaction's block was passed, and is not the one that the chain has now. */
  async function findLost(passed: { after: bigint; upTo: bigint; votes: readonly VoteLog[] }) {
    const lost: { work: Work; state: RequestState }[] = []
    for (const work of works.values()) {
      const { state, requestId } = work.record
      if (state.status !== 'attested' && state.status !== 'committed') continue
      if (state.blockNumber <= passed.after || state.blockNumber > passed.upTo) continue
      if (passed.votes.some(({ args }) => args.requestId === requestId)) continue
      if (state.status === 'committed') {
        const standing = await readStanding(work.record)
        if (standing.status !== 'open' || standing.commitment !== null) continue
      }
      lost.push({ work, state })
    }
    return lost
  }

  /** What the events say that is not in them, or in memory. */
  async function look(logs: readonly IngestedLog[]) {
    const votes = logs.filter((log): log is VoteLog => log.eventName === 'VerificationSubmitted')
    const opened = new Map<Hex, RequestRecord>()
    const known = new Map<Hex, RequestRecord>()
    const signed = new Map<Hex, SignedVote>()
    const paid = new Set<Hex>()
    for (const log of logs) {
      const { requestId } = log.args
      const record = works.get(requestId)?.record ?? (await store.getRequest(requestId))
      if (record) known.set(requestId, record)
      if (log.eventName === 'InferenceVerificationRequested') {
        const candidate = record && record.blockNumber !== null ? undefined : readOpened(log)
        if (candidate) opened.set(requestId, candidate)
        continue
      }
      const current = opened.get(requestId) ?? record
      if (!current) continue
      if (log.eventName === 'VerificationSubmitted') {
        const attestation = await store.getAttestation(requestId)
        // Signed before a reorg, or a crash, took back what the record says of it.
        if (attestation) signed.set(requestId, toSignedVote(current.job, attestation))
        continue
      }
      if (await isPaid(current, log.transactionHash, votes)) paid.add(requestId)
    }
    return { votes, opened, known, signed, paid }
  }

  return {
    works: works as ReadonlyMap<Hex, Work>,
    isCurrent: (work: Work) => works.get(work.record.requestId) === work,

    async load(): Promise<void> {
      for (const record of await store.getRequests('open')) open(record)
    },

    /** What all signed requests of a requester in an asset that are not settled yet may cost it. */
    getCredit({ requester, asset }: { requester: Address; asset: Address }): bigint {
      let credit = 0n
      for (const { record } of works.values()) {
        const { request, blockNumber } = record
        if (blockNumber !== null || !isSame(request.requester, requester) || !isSame(request.asset, asset)) continue
        credit += request.reward + request.verificationFee
      }
      return credit
    },

    /** Whether another signed request of the requester that is not settled yet has the same nonce: only one of them can be. */
    sharesNonce({ requestId, request }: RequestRecord): boolean {
      return [...works.values()].some(
        ({ record }) =>
          record.blockNumber === null &&
          record.requestId !== requestId &&
          record.request.nonce === request.nonce &&
          isSame(record.request.requester, request.requester),
      )
    },

    /** Whether a request was ever taken in, and not taken back since. */
    async has(requestId: Hex): Promise<boolean> {
      return works.has(requestId) || (await store.getRequest(requestId)) !== undefined
    },

    /** Takes in a request that came signed; `known` if it is in the book. `fits` is asked last, with nothing between. */
    admit(record: RequestRecord, fits: () => boolean): Promise<Work | 'known' | 'refused'> {
      return exclusively(async () => {
        const { requestId } = record
        if (works.has(requestId) || (await store.getRequest(requestId))) return 'known'
        if (!fits()) return 'refused'
        const work = open(record)
        await stored(store.write({ put: [record] }))
        onChange(record, undefined)
        return work
      })
    },

    /**
     * What happened to a request through the operator's own doing. Returns whether it changed anything: not for a work
     * that was closed.
     */
    async advance(work: Work, event: RequestEvent): Promise<boolean> {
      if (works.get(work.record.requestId) !== work) return false
      if (event.type === 'fetched') return fetched(work)
      const changes = collect()
      changes.apply(work.record, event)
      return changes.write({})
    },

    /** Stores a signed vote, with its evidence unless that is stored. Returns whether the vote may be sent. */
    async sign(work: Work, vote: SignedVote, evidence?: Hex): Promise<boolean> {
      const before = work.record
      const state = transition(before.state, { type: 'signed', vote })
      if (works.get(before.requestId) !== work || state === before.state) return false
      const record = { ...before, state }
      work.record = record
      try {
        const { attestation, signature } = vote
        await store.putAttestation({ attestation, signature, ...(evidence === undefined ? {} : { evidence }) }, record)
        return true
      } catch (error) {
        if (work.record === record) work.record = before
        if (!isProofOfInferenceError(error, 'EquivocationRefusedError')) onFatal(error)
        throw error
      }
    },

    /** Takes in events of the chain, together with the cursor that says they were taken in. */
    absorb(logs: readonly IngestedLog[], passed: { after: bigint; cursor: Cursor }): Promise<void> {
      return exclusively(async () => {
        const { votes, opened, known, signed, paid } = await look(logs)
        const [last] = passed.cursor
        const lost = await findLost({ after: passed.after, upTo: last.number, votes })

        const changes = collect()
        for (const { work, state } of lost) {
          if (work.record.state === state) changes.apply(work.record, { type: 'rolledBack', blockNumber: passed.after })
        }
        for (const log of logs) {
          const { blockNumber, transactionHash } = log
          const { requestId } = log.args
          const record = changes.find(requestId, known.get(requestId))
          if (log.eventName === 'InferenceVerificationRequested') {
            const opening = opened.get(requestId)
            if (!opening) continue
            if (!record) changes.add(opening)
            else if (record.blockNumber === null) changes.replace(record, { ...record, blockNumber, transactionHash })
          } else if (log.eventName === 'VerificationSubmitted') {
            const vote = signed.get(requestId)
            if (!record || !vote) continue
            changes.apply(
              changes.apply(record, { type: 'signed', vote }),
              { type: 'attested', blockNumber },
              transactionHash,
            )
          } else {
            const outcome = toRequestStatus(log.args.status)
            if (outcome === 'none' || outcome === 'open') continue
            if (record) changes.apply(record, { type: 'finalized', outcome, isPaid: paid.has(requestId), blockNumber })
            if (!log.args.decidesJob || outcome === 'expired') continue
            for (const sibling of [...opened.values(), ...[...works.values()].map((work) => work.record)]) {
              const current = changes.find(sibling.requestId)
              if (!current || current.request.jobId !== log.args.jobId || current.requestId === requestId) continue
              changes.apply(current, { type: 'decided', outcome, blockNumber })
            }
          }
        }
        await changes.write({ cursor: passed.cursor })
      })
    },

    /** Takes back what happened after the cursor. Signed attestations stay: what is signed once is never signed otherwise. */
    rollBack(cursor: Cursor): Promise<void> {
      return exclusively(async () => {
        const [fork] = cursor
        const records = await store.getRequests({ after: fork.number })
        const changes = collect()
        const remove: Hex[] = []
        for (const stale of records) {
          const record = changes.find(stale.requestId, stale) ?? stale
          const isOpened = record.blockNumber === null || record.blockNumber <= fork.number
          if (!isOpened && record.signed === undefined) {
            remove.push(record.requestId)
            const work = works.get(record.requestId)
            if (work) close(work)
            continue
          }
          const after = changes.apply(record, { type: 'rolledBack', blockNumber: fork.number })
          // What its requester signed holds without the chain.
          if (!isOpened) changes.replace(after, { ...after, blockNumber: null, transactionHash: null })
        }
        await changes.write({ cursor, remove })
      })
    },

    /** Stops all work, without a change to any request. */
    close(): void {
      for (const work of works.values()) close(work)
    },
  }
}

function isSame(a: Hex, b: Hex): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
