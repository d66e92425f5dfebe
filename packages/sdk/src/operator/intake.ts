import PQueue from 'p-queue'
import type { AggregatorClient, SignedRequest } from '../aggregator/types.ts'
import { AggregatorFailedError } from '../errors/operator.ts'
import { abortable } from '../utils/abort.ts'
import { hashRequest } from '../utils/typedData.ts'
import type { Skip } from './assess.ts'
import type { Book, Work } from './book.ts'
import { readAllowance } from './credit.ts'
import { backoff, delay } from './delay.ts'
import type { RequestRecord } from './store.ts'
import type { OperatorConfig, OperatorEvent } from './types.ts'

/** Signed requests that are looked at side by side; more wait with the aggregator. */
const maxPending = 64
/** Attempts at looking at one, while the node does not answer. */
const maxAttempts = 5

/** Takes in the requests that an aggregator passes on from their requesters, and refuses those not worth any work. */
export function createIntake(parameters: {
  config: OperatorConfig
  aggregator: AggregatorClient
  book: Book
  /** See `assessSigned`. */
  assess: (record: RequestRecord) => Promise<Skip | 'opened' | undefined>
  /** Whether it is too late to begin with a request. */
  isLate: (record: RequestRecord) => boolean
  /** Takes in what the chain has by now. */
  refresh: () => Promise<void>
  /** Begins the work. */
  start: (work: Work) => void
  emit: (event: OperatorEvent) => void
  signal: AbortSignal
}) {
  const { config, aggregator, book, assess, isLate, refresh, start, emit, signal } = parameters
  const { client, deployment, exposure } = config
  const queue = new PQueue({ concurrency: maxPending })

  /** Returns what speaks against the request, or begins with it. */
  async function admit(record: RequestRecord): Promise<Skip | undefined> {
    const { request, job } = record
    const cost = request.reward + request.verificationFee
    const readLimit = () => readAllowance(client, { deployment, request, job, exposure })
    const [problem, limit] = await Promise.all([assess(record), readLimit()])
    // The chain's event tells of it, too.
    if (problem === 'opened') return undefined
    if (problem) return problem
    let allowance = limit
    const fits = () => book.getCredit(request) + cost <= allowance
    if (!fits()) {
      // What was settled just now may still be counted, and its cost be gone from the deposit.
      await refresh()
      allowance = await readLimit()
    }
    const work = await book.admit(record, () => !book.sharesNonce(record) && fits())
    if (work === 'known') return undefined
    if (work === 'refused') {
      if (book.sharesNonce(record)) return { reason: 'terms-refused', details: 'the nonce of another signed request' }
      return { reason: 'exposure-exceeded', details: `${book.getCredit(request)} + ${cost} of ${allowance}` }
    }
    work.isAssessed = true
    start(work)
    return undefined
  }

  async function take(signed: SignedRequest): Promise<void> {
    const { request, job, requesterSignature, consent } = signed
    const requestId = hashRequest({ deployment, request })
    const record: RequestRecord = {
      ...{ requestId, request, job, blockNumber: null, transactionHash: null },
      signed: { requesterSignature, ...(consent === undefined ? {} : { consent }) },
      state: { status: 'seen' },
    }
    for (let attempt = 1; !signal.aborted && !(await book.has(requestId)); attempt++) {
      try {
        const problem: Skip | undefined = isLate(record) ? { reason: 'deadline' } : await admit(record)
        if (problem) emit({ type: 'refused', requestId, reason: problem.reason, details: problem.details })
        return
      } catch (error) {
        if (signal.aborted) return
        if (attempt === maxAttempts) {
          emit({ type: 'error', requestId, error })
          return
        }
        const retryInMs = backoff(attempt)
        emit({ type: 'error', requestId, error, retryInMs })
        await delay(retryInMs, signal)
      }
    }
  }

  /** Follows the aggregator until the connection is lost. */
  async function follow(onRequest: () => void): Promise<void> {
    const requests = aggregator.watchRequests({ signal })[Symbol.asyncIterator]()
    try {
      for (;;) {
        const { done, value } = await abortable(requests.next(), signal)
        if (done) throw new Error('It ended.')
        onRequest()
        await queue.onSizeLessThan(maxPending)
        queue.add(() => take(value)).catch((error: unknown) => emit({ type: 'error', error }))
      }
    } finally {
      // An aggregator that does not let go is not waited for.
      requests.return?.().catch(() => {})
    }
  }

  return {
    /** Resolves when the signal has aborted. */
    async run(): Promise<void> {
      let failures = 0
      while (!signal.aborted) {
        try {
          await follow(() => {
            failures = 0
          })
        } catch (cause) {
          if (signal.aborted) break
          failures++
          const retryInMs = backoff(failures)
          emit({ type: 'error', error: new AggregatorFailedError({ step: 'watchRequests', cause }), retryInMs })
          await delay(retryInMs, signal)
        }
      }
      queue.clear()
      await queue.onIdle()
    },
  }
}
