import type { Address, LocalAccount } from 'viem'
import { getClock } from '../actions/operatorSet/getClock.ts'
import { runnerRegistry } from '../runner/runnerRegistry.ts'
import { abortable } from '../utils/abort.ts'
import type { VerifierRegistry } from '../verifier/types.ts'
import { assessSigned } from './assessSigned.ts'
import { createBook } from './book.ts'
import { backoff, delay } from './delay.ts'
import { createIngest, getHead } from './ingest.ts'
import { createIntake } from './intake.ts'
import { createReads } from './reads.ts'
import { createSecret } from './salt.ts'
import { readStanding } from './standing.ts'
import type { Cursor, RequestRecord, StoreOrigin } from './store.ts'
import { createTransactionSender } from './transactions.ts'
import type { OperatorConfig, OperatorEvent, OperatorProgress } from './types.ts'
import { createWorker } from './worker.ts'

export type SessionParameters = {
  config: OperatorConfig
  operator: Address
  signer: LocalAccount
  verifiers: VerifierRegistry
  emit: (event: OperatorEvent) => void
  /** Stops the session. */
  stop: AbortController
}

export type Session = Awaited<ReturnType<typeof openSession>>

/** Opens the store; makes it, with a new secret and the present block, if it is new. */
async function openStore({ config, operator }: SessionParameters): Promise<StoreOrigin> {
  const { client, deployment, store } = config
  const { chainId, avs } = deployment
  return store.open({ chainId, avs, operator }, async () => {
    const { number } = await getHead(client)
    const timepoint = await getClock(client, { deployment, blockNumber: number })
    return { secret: createSecret(), blockNumber: number, timepoint }
  })
}

/** One run of an operator, from opening its store to closing it. */
export async function openSession(parameters: SessionParameters) {
  const { config, operator, signer, verifiers, emit, stop } = parameters
  const { client, deployment, payloads, store } = config
  const { confirmations = 1, blockRange = 2000n, stallTimeout = 60_000 } = config
  const { pollingInterval = client.pollingInterval } = config
  const { signal } = stop
  const origin = await openStore(parameters)
  let fatal: { error: unknown } | undefined

  const reads = createReads({ client, deployment, payloads })
  const read = (record: RequestRecord) => readStanding(client, { deployment, operator, reads, record })
  const assess = (record: RequestRecord) =>
    assessSigned(client, { deployment, record, reads, origin, signer: signer.address, minimumFee: config.minimumFee })
  const ingest = createIngest({ client, deployment, operator, depth: confirmations - 1, blockRange })
  const runners = runnerRegistry({ runners: config.runners, payloads })
  const onError = (error: unknown) => emit({ type: 'error', error })
  const sender = createTransactionSender({ client, pollingInterval, stallTimeout, onError })
  const book = createBook({
    deployment,
    store,
    readStanding: read,
    onForged: onError,
    onFatal(error) {
      fatal ??= { error }
      stop.abort()
    },
    onChange({ requestId, request, state, blockNumber }, previous, votedIn) {
      const { jobId, deadline } = request
      const source = blockNumber === null ? 'aggregator' : 'chain'
      if (!previous) emit({ type: 'seen', requestId, jobId, deadline, source })
      if (votedIn !== undefined) emit({ type: 'attested', requestId, hash: votedIn })
      if (state.status === previous?.status) return
      if (state.status === 'fetched') emit({ type: 'fetched', requestId })
      if (state.status === 'skipped') {
        emit({ type: 'skipped', requestId, reason: state.reason, details: state.details })
      }
      if (state.status === 'settled') {
        const { outcome, votedWithOutcome } = state
        emit({ type: 'settled', requestId, status: outcome, votedWithOutcome })
      }
    },
  })

  async function begin() {
    await book.load()
    // Requests opened up to the store's creation refer to before it: they would be skipped.
    const cursor: Cursor = (await store.getCursor()) ?? [await ingest.getReference(origin.blockNumber)]
    return { cursor, head: await getHead(client) }
  }
  const position = await begin().catch(async (error: unknown) => {
    await store.close()
    throw error
  })

  const worker = createWorker({
    config,
    signer,
    book,
    origin,
    runners,
    verifiers,
    sender,
    reads,
    readStanding: read,
    assessSigned: assess,
    getHead: () => position.head,
    emit,
    signal,
  })

  let looking: Promise<unknown> = Promise.resolve()

  /** Looks at the chain once, after any look that is under way. Returns whether there is more to read. */
  function look(): Promise<boolean> {
    const done = looking.then(lookNow)
    looking = done.catch(() => {})
    return done
  }

  async function lookNow(): Promise<boolean> {
    const result = await abortable(ingest.next(position.cursor), signal)
    position.head = result.head
    if (result.type === 'reorg') {
      reads.forget()
      await book.rollBack(result.cursor)
      emit({ type: 'reorg', blockNumber: result.cursor[0].number })
    } else if (result.type === 'logs') {
      await book.absorb(result.logs, { after: position.cursor[0].number, cursor: result.cursor })
    }
    if (result.type !== 'idle') position.cursor = result.cursor
    worker.wake()
    return result.type === 'reorg' || (result.type === 'logs' && result.hasMore)
  }

  const intake =
    config.aggregator &&
    createIntake({
      ...{ config, aggregator: config.aggregator, book, assess, emit, signal },
      isLate: worker.isLate,
      start: worker.start,
      async refresh() {
        while (await look()) {}
      },
    })
  let following: Promise<void> | undefined

  return {
    sender,
    /** Works until the signal aborts. Rejects if the store fails. */
    async work(): Promise<void> {
      emit({ type: 'started', operator, blockNumber: position.cursor[0].number })
      following = intake?.run()
      let failures = 0
      while (!signal.aborted) {
        try {
          const hasMore = await look()
          failures = 0
          if (!hasMore) await delay(pollingInterval, signal)
        } catch (error) {
          if (signal.aborted) break
          failures++
          const retryInMs = backoff(failures)
          emit({ type: 'error', error, retryInMs })
          await delay(retryInMs, signal)
        }
      }
      if (fatal) throw fatal.error
    },
    /** Ends what is under way. The signal is to be aborted first. */
    async close(): Promise<void> {
      book.close()
      await following
      book.close()
      await worker.onIdle()
      await runners.dispose()
      await store.close()
    },
    getStatus(): OperatorProgress {
      const requests = { seen: 0, fetched: 0, verified: 0, committed: 0, revealed: 0, attested: 0 }
      let signed = 0
      for (const { record } of book.works.values()) {
        const { status } = record.state
        if (record.blockNumber === null) signed++
        if (status !== 'settled' && status !== 'skipped') requests[status]++
      }
      return {
        head: position.head.number,
        cursor: position.cursor[0].number,
        requests,
        signed,
        verifying: worker.verifying,
        transactions: sender.pending,
      }
    },
  }
}
