import type { Hex } from 'viem'
import type { Deployment } from '../deployments/deployment.ts'
import { isProofOfInferenceError } from '../errors/base.ts'
import { ForgedEventError } from '../errors/operator.ts'
import { toRequestStatus } from '../utils/requestStatus.ts'
import { hashJob, hashRequest } from '../utils/typedData.ts'
import type { Failure } from './failure.ts'
import type { IngestedLog } from './ingest.ts'
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
}

export type Book = ReturnType<typeof createBook>

/**
 * Where the operator is with each request, in memory and in the store. What is in memory changes at once; the promises
 * resolve when it is stored, too.
 *
 * @param parameters.onChange Told of each change once it is stored. `previous` is `undefined` for a new request.
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
  onChange: (record: RequestRecord, previous: RequestState | undefined) => void
  onForged: (error: ForgedEventError) => void
  onFatal: (error: unknown) => void
}) {
  const works = new Map<Hex, Work>()

  async function stored(writing: Promise<void>): Promise<void> {
    try {
      await writing
    } catch (error) {
      onFatal(error)
      throw error
    }
  }

  function open(record: RequestRecord): void {
    const { requestId } = record
    if (isTerminal(record.state) || works.has(requestId)) return
    works.set(requestId, { record, controller: new AbortController(), isBusy: false, failures: 0 })
  }

  function close(work: Work): void {
    works.delete(work.record.requestId)
    clearTimeout(work.timer)
    work.controller.abort()
  }

  /** Changes are made in memory while one is collected, so that nobody acts on what they replace. */
  function collect() {
    const changes = new Map<Hex, { record: RequestRecord; previous: RequestState | undefined }>()
    const find = (requestId: Hex, fallback?: RequestRecord) =>
      changes.get(requestId)?.record ?? works.get(requestId)?.record ?? fallback
    return {
      find,
      add(record: RequestRecord): void {
        changes.set(record.requestId, { record, previous: undefined })
      },
      apply(record: RequestRecord, event: RequestEvent): void {
        const state = transition(record.state, event)
        if (state === record.state) return
        const next = { ...record, state }
        const change = changes.get(record.requestId)
        changes.set(record.requestId, { record: next, previous: change ? change.previous : record.state })
        const work = works.get(record.requestId)
        if (work) work.record = next
      },
      async write(others: StoreChanges): Promise<void> {
        const collected = [...changes.values()]
        await stored(store.write({ ...others, put: collected.map(({ record }) => record) }))
        for (const { record, previous } of collected) {
          const work = works.get(record.requestId)
          if (!work) open(record)
          else if (isTerminal(work.record.state)) close(work)
          onChange(record, previous)
        }
      },
    }
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

  /** Whether the operator's vote counted, where its state does not say. */
  async function hasVoted({ state, ...record }: RequestRecord): Promise<boolean> {
    if (state.status === 'attested') return true
    if (!('vote' in state) || state.vote === undefined) return false
    return (await readStanding({ state, ...record })).hasVoted
  }

  /** Works whose transaction's block was passed, and is not the one that the chain has now. */
  async function findLost(passed: { after: bigint; upTo: bigint }): Promise<{ work: Work; state: RequestState }[]> {
    const lost: { work: Work; state: RequestState }[] = []
    for (const work of works.values()) {
      const { state } = work.record
      if (state.status !== 'attested' && state.status !== 'committed') continue
      if (state.blockNumber <= passed.after || state.blockNumber > passed.upTo) continue
      const standing = await readStanding(work.record)
      // Votes of a final request may be gone since their fee was claimed; its event says what became of it.
      if (standing.status !== 'open' || standing.hasVoted) continue
      if (state.status === 'attested' || standing.commitment === null) lost.push({ work, state })
    }
    return lost
  }

  return {
    works: works as ReadonlyMap<Hex, Work>,
    isCurrent: (work: Work) => works.get(work.record.requestId) === work,

    async load(): Promise<void> {
      for (const record of await store.getRequests('open')) open(record)
    },

    /** What happened to a request through the operator's own doing. Changes nothing for a work that was closed. */
    async advance(work: Work, event: RequestEvent): Promise<void> {
      if (works.get(work.record.requestId) !== work) return
      const changes = collect()
      changes.apply(work.record, event)
      await changes.write({})
    },

    /** Stores a signed vote. Returns whether it may be sent. */
    async sign(work: Work, vote: SignedVote): Promise<boolean> {
      const before = work.record
      const state = transition(before.state, { type: 'signed', vote })
      if (works.get(before.requestId) !== work || state === before.state) return false
      const record = { ...before, state }
      work.record = record
      try {
        await store.putAttestation({ attestation: vote.attestation, signature: vote.signature }, record)
        return true
      } catch (error) {
        if (work.record === record) work.record = before
        if (!isProofOfInferenceError(error, 'EquivocationRefusedError')) onFatal(error)
        throw error
      }
    },

    /** Takes in events of the chain, together with the cursor that says they were taken in. */
    async absorb(logs: readonly IngestedLog[], passed: { after: bigint; cursor: Cursor }): Promise<void> {
      const opened = new Map<IngestedLog, RequestRecord>()
      const known = new Map<Hex, RequestRecord>()
      const voted = new Set<Hex>()
      for (const log of logs) {
        if (log.eventName === 'JobDecided') continue
        const { requestId } = log.args
        const record = works.get(requestId)?.record ?? (await store.getRequest(requestId))
        if (record) known.set(requestId, record)
        if (log.eventName === 'InferenceVerificationRequested') {
          const candidate = record ? undefined : readOpened(log)
          if (candidate) opened.set(log, candidate)
        } else if (record && (await hasVoted(record))) {
          voted.add(requestId)
        }
      }
      const [last] = passed.cursor
      const lost = await findLost({ after: passed.after, upTo: last.number })

      const changes = collect()
      for (const { work, state } of lost) {
        if (work.record.state === state) changes.apply(work.record, { type: 'rolledBack', blockNumber: passed.after })
      }
      for (const log of logs) {
        const { blockNumber } = log
        const record = opened.get(log)
        if (record && !changes.find(record.requestId)) changes.add(record)
        if (log.eventName === 'RequestFinalized') {
          const { requestId } = log.args
          const status = toRequestStatus(log.args.status)
          const finalized = changes.find(requestId, known.get(requestId))
          if (!finalized || status === 'none' || status === 'open') continue
          const event = { type: 'finalized', outcome: status, hasVoted: voted.has(requestId), blockNumber } as const
          changes.apply(finalized, event)
        } else if (log.eventName === 'JobDecided') {
          const { jobId, requestId } = log.args
          const outcome = toRequestStatus(log.args.status)
          if (outcome !== 'verified' && outcome !== 'rejected') continue
          for (const sibling of [...opened.values(), ...[...works.values()].map((work) => work.record)]) {
            const current = changes.find(sibling.requestId)
            if (!current || current.request.jobId !== jobId || current.requestId === requestId) continue
            changes.apply(current, { type: 'decided', outcome, blockNumber })
          }
        }
      }
      await changes.write({ cursor: passed.cursor })
    },

    /** Takes back what happened after the cursor. Signed attestations stay: what is signed once is never signed otherwise. */
    async rollBack(cursor: Cursor): Promise<void> {
      const [fork] = cursor
      const records = await store.getRequests({ after: fork.number })
      const changes = collect()
      const remove: Hex[] = []
      for (const stale of records) {
        const record = changes.find(stale.requestId, stale) ?? stale
        if (record.blockNumber > fork.number) {
          remove.push(record.requestId)
          const work = works.get(record.requestId)
          if (work) close(work)
        } else {
          changes.apply(record, { type: 'rolledBack', blockNumber: fork.number })
        }
      }
      await changes.write({ cursor, remove })
    },

    /** Stops all work, without a change to any request. */
    close(): void {
      for (const work of works.values()) close(work)
    },
  }
}
