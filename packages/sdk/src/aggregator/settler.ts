import {
  BaseError,
  type Hex,
  HttpRequestError,
  InsufficientFundsError,
  TimeoutError,
  type TransactionReceipt,
  WebSocketRequestError,
} from 'viem'
import { getBlock, getBlockNumber } from 'viem/actions'
import { getJobState } from '../actions/avs/getJobState.ts'
import { getRequestState } from '../actions/avs/getRequestState.ts'
import { isNonceUsed } from '../actions/avs/isNonceUsed.ts'
import { encodePostFeedback } from '../actions/avs/postFeedback.ts'
import { encodePostReceipt, receiptGasHeadroom } from '../actions/avs/postReceipt.ts'
import { type Certificate, encodeSettleCertificates } from '../actions/avs/settleCertificates.ts'
import { encodeSubmitVerifications, type submitVerifications } from '../actions/avs/submitVerifications.ts'
import { verifyCertificate } from '../actions/avs/verifyCertificate.ts'
import { type BallotResult, ballotGas, readBallotResults } from '../actions/internal/ballotResults.ts'
import type { VoterCache } from '../actions/internal/voterCache.ts'
import type { Deployment } from '../deployments/deployment.ts'
import { JobAlreadyDecidedError } from '../errors/avs.ts'
import { backoff, delay } from '../operator/delay.ts'
import { describeError } from '../operator/failure.ts'
import { createTransactionSender } from '../operator/transactions.ts'
import type { Logger, OperatorClient } from '../operator/types.ts'
import type { RequestStatus } from '../utils/requestStatus.ts'
import { type Book, nowInSeconds, type Round, winningVotes } from './book.ts'
import { Refusal, toReason } from './refusal.ts'

type Entry = {
  readonly round: Round
  /** Unix time in milliseconds when it is to be submitted at the latest. */
  dueAt: number
  failures: number
}

/** What a request is submitted with. */
type Submission =
  | { readonly entry: Entry; readonly certificate: Certificate }
  | { readonly entry: Entry; readonly ballot: submitVerifications.Ballot }

/**
 * Takes requests that have the votes to the chain: signed ones as certificates, open ones as ballots, many in a
 * transaction. What the chain skips is tried again until its deadline, and says why.
 */
export function createSettler({
  client,
  deployment,
  book,
  voters,
  batchSize,
  batchInterval,
  deadlineMargin,
  stallTimeout,
  depth,
  post,
  logger,
}: {
  client: OperatorClient
  deployment: Deployment
  book: Book
  voters: VoterCache
  batchSize: number
  /** Milliseconds. */
  batchInterval: number
  /** Seconds. */
  deadlineMargin: number
  /** Milliseconds. */
  stallTimeout: number
  /** Blocks on top of the one that settles a request. */
  depth: number
  /** What to post of what was settled. */
  post: readonly ('receipt' | 'feedback')[]
  logger: Logger | undefined
}) {
  const queue = new Map<Hex, Entry>()
  const submitting = new Set<Promise<void>>()
  const postings = new Set<Promise<void>>()
  /** Aborted when there is no more time to wait for transactions. */
  let ending = new AbortController()
  const sender = createTransactionSender({
    client,
    pollingInterval: client.pollingInterval,
    stallTimeout,
    onError: (error) => logger?.warn('a transaction is waited for', { error: describeError(error) }),
  })
  let wake = () => {}

  /** When it is late for a request. */
  const toLateAt = ({ request }: Round) => (request.deadline - deadlineMargin) * 1000

  function enqueue(round: Round, dueAt: number): void {
    const known = queue.get(round.requestId)
    if (known) known.dueAt = Math.min(known.dueAt, dueAt)
    else queue.set(round.requestId, { round, dueAt, failures: 0 })
    wake()
  }

  /** Has an entry submitted later, unless its time is over. */
  function postpone(entry: Entry): void {
    const { round } = entry
    entry.failures++
    if (round.request.deadline < nowInSeconds()) book.expire()
    else queue.set(round.requestId, { ...entry, dueAt: Date.now() + backoff(entry.failures) })
  }

  function settled({ round }: Entry, status: 'verified' | 'rejected', transactionHash?: Hex): void {
    round.status = 'settled'
    round.outcome = status
    round.transactionHash = transactionHash
    round.reason = undefined
    book.changed(round)
    if (transactionHash === undefined || !round.job.hasAgent) return
    const posting = postOutcome(round).finally(() => postings.delete(posting))
    postings.add(posting)
  }

  /**
   * Tells the ERC-8004 registries. What cannot be posted costs no more than a simulation: others may have posted it, or
   * the agent may not have asked. The outcome stands either way, and anyone can post it later.
   */
  async function postOutcome({ requestId, job }: Round): Promise<void> {
    const calls = {
      receipt: deployment.validationRegistry === null ? undefined : encodePostReceipt({ job }),
      feedback: deployment.reputationRegistry === null ? undefined : encodePostFeedback(job),
    }
    for (const what of post) {
      const data = calls[what]
      if (data === undefined) continue
      const call = { to: deployment.avs, data, gasHeadroom: receiptGasHeadroom }
      await sender.send(call, { signal: ending.signal, isWanted: () => true }).then(
        ({ transactionHash }) => logger?.info('posted', { requestId, what, transactionHash }),
        (error: unknown) => logger?.info('not posted', { requestId, what, error: describeError(error) }),
      )
    }
  }

  function failed(entry: Entry, error: unknown): void {
    entry.round.reason = toReason(error)
    logger?.warn('not settled', { requestId: entry.round.requestId, error: describeError(error) })
    postpone(entry)
  }

  /** Waits until enough blocks are on top of a transaction's; throws if the chain has another one there by then. */
  async function confirm({ blockNumber, blockHash }: TransactionReceipt): Promise<void> {
    if (depth === 0) return
    const until = blockNumber + BigInt(depth)
    while ((await getBlockNumber(client, { cacheTime: 0 })) < until) {
      await delay(client.pollingInterval, ending.signal)
      ending.signal.throwIfAborted()
    }
    const { hash } = await getBlock(client, { blockNumber })
    if (hash !== blockHash) throw new Refusal(503, 'Reorganized', 'The chain dropped the block that settled it.')
  }

  /** How a request stands in the newest block that has enough others on top. */
  async function isConfirmed({ requestId, request }: Round): Promise<boolean> {
    if (depth === 0) return true
    const head = await getBlockNumber(client, { cacheTime: 0 })
    if (head < BigInt(depth)) return false
    const at = { deployment, blockNumber: head - BigInt(depth) }
    const [state, decision] = await Promise.all([
      getRequestState(client, { ...at, requestId }),
      getJobState(client, { ...at, jobId: request.jobId }),
    ])
    return isFinal(state.status) || decision.status !== 'none'
  }

  /** What to submit; `undefined` when nothing is to be. */
  async function prepare(entry: Entry): Promise<Submission | undefined> {
    const { round } = entry
    const { requestId, request, job, signed } = round
    const { requester, nonce } = request
    const [state, decision, isUsed] = await Promise.all([
      getRequestState(client, { deployment, requestId }),
      getJobState(client, { deployment, jobId: request.jobId }),
      isNonceUsed(client, { deployment, requester, nonce }),
    ])
    const status = state.status === 'none' && isUsed ? decision.status : state.status
    if (isFinal(status) && !(await isConfirmed(round))) {
      await delay(client.pollingInterval, ending.signal)
      enqueue(round, Date.now())
      return undefined
    }
    if (status === 'verified' || status === 'rejected') {
      settled(entry, status)
      return undefined
    }
    if (status === 'expired') {
      round.status = 'expired'
      book.changed(round)
      return undefined
    }
    if (signed) {
      const certificate = { ...signed, votes: winningVotes(round) }
      await verifyCertificate(client, { deployment, certificate, voters }).catch((error: unknown) => {
        // It settles by the decision of its job.
        if (!(error instanceof JobAlreadyDecidedError)) throw error
      })
      return { entry, certificate }
    }
    const counted = state.validVotes | state.invalidVotes
    const accepted = [...round.votes.values()]
    const winning = winningVotes(round)
    const votes = (winning.length > 0 ? winning : accepted.map(({ vote }) => vote)).filter(
      ({ attestation }) => !hasBit(counted, round.votes.get(attestation.operator)?.voter.index),
    )
    return votes.length === 0 ? undefined : { entry, ballot: { request, job, votes } }
  }

  /** Sends submissions of one kind; halves of them where the whole fails. */
  async function send(submissions: readonly Submission[]): Promise<void> {
    if (submissions.length === 0) return
    const certificates = submissions.flatMap((each) => ('certificate' in each ? each.certificate : []))
    const ballots = submissions.flatMap((each) => ('ballot' in each ? each.ballot : []))
    const data = certificates.length > 0 ? encodeSettleCertificates(certificates) : encodeSubmitVerifications(ballots)
    const deadline = Math.max(...submissions.map(({ entry }) => entry.round.request.deadline))
    try {
      const receipt = await sender.send(
        { to: deployment.avs, data, gasHeadroom: ballotGas },
        { signal: ending.signal, isWanted: () => nowInSeconds() <= deadline },
      )
      await confirm(receipt)
      const { transactionHash, gasUsed } = receipt
      const logs = receipt.logs.filter(({ address }) => address.toLowerCase() === deployment.avs.toLowerCase())
      const ids = submissions.map(({ entry }) => entry.round.requestId)
      logger?.info('submitted', { transactionHash, gasUsed, requests: ids.length })
      for (const [index, result] of (await readBallotResults(logs, ids)).entries()) {
        const entry = submissions[index]?.entry
        if (entry) conclude(entry, result, transactionHash)
      }
    } catch (error) {
      if (ending.signal.aborted) return
      if (submissions.length === 1 || isInfrastructure(error) || error instanceof Refusal) {
        for (const { entry } of submissions) failed(entry, error)
        return
      }
      logger?.warn('a batch is split', { requests: submissions.length, error: describeError(error) })
      const half = submissions.length >> 1
      await Promise.all([send(submissions.slice(0, half)), send(submissions.slice(half))])
    }
  }

  function conclude(entry: Entry, result: BallotResult, transactionHash: Hex): void {
    const { status, error, votes } = result
    const reason = error ?? votes.find((vote) => vote.error)?.error
    if (status === 'verified' || status === 'rejected') settled(entry, status, transactionHash)
    else if (reason) failed(entry, reason)
    // Its votes are on chain, and are not a quorum yet: more may come.
    else entry.round.transactionHash = transactionHash
  }

  async function submit(entries: readonly Entry[]): Promise<void> {
    const prepared = await Promise.all(
      entries.map((entry) =>
        prepare(entry).catch((error: unknown) => {
          failed(entry, error)
          return undefined
        }),
      ),
    )
    const submissions = prepared.flatMap((each) => each ?? [])
    await Promise.all([
      send(submissions.filter((each) => 'certificate' in each)),
      send(submissions.filter((each) => 'ballot' in each)),
    ])
  }

  /** Starts what is due, or everything. Returns in how many milliseconds something will be. */
  function start(everything: boolean): number {
    const now = Date.now()
    for (;;) {
      const entries = [...queue.values()].sort((a, b) => a.dueAt - b.dueAt)
      // What failed waits by itself, and fills no batch.
      const ready = entries.filter(({ failures, dueAt }) => failures === 0 || dueAt <= now)
      const isDue = everything || ready.length >= batchSize || (ready[0]?.dueAt ?? Number.POSITIVE_INFINITY) <= now
      const batch = isDue ? ready.slice(0, batchSize) : []
      if (batch.length === 0) return (entries[0]?.dueAt ?? now + batchInterval) - now
      for (const { round } of batch) queue.delete(round.requestId)
      const submission = submit(batch)
        .catch((error: unknown) => logger?.error('a batch failed', { error: describeError(error) }))
        .finally(() => {
          submitting.delete(submission)
          wake()
        })
      submitting.add(submission)
    }
  }

  return {
    /** A request has the votes that decide it. */
    certified: (round: Round) => enqueue(round, Math.min(Date.now() + batchInterval, toLateAt(round))),

    /** A request got a vote that decides nothing yet: what is open on chain takes it before the deadline. */
    voted(round: Round): void {
      if (!round.signed) enqueue(round, Math.max(Date.now() + batchInterval, toLateAt(round)))
    },

    /** Submits what is due until the signal aborts, then all the rest, and waits for it at most for a time. */
    async run({ signal, drainTimeout }: { signal: AbortSignal; drainTimeout: number }): Promise<void> {
      ending = new AbortController()
      signal.addEventListener('abort', () => wake(), { once: true })
      while (!signal.aborted) {
        book.expire()
        const within = start(false)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.min(Math.max(within, 10), 1_000))
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
      start(true)
      const timer = setTimeout(
        () => ending.abort(new DOMException('The aggregator stops.', 'AbortError')),
        drainTimeout,
      )
      while (submitting.size + postings.size > 0) await Promise.all([...submitting, ...postings])
      clearTimeout(timer)
    },

    status: () => ({ queued: queue.size, batches: submitting.size, transactions: sender.pending }),
  }
}

function isFinal(status: RequestStatus): boolean {
  return status === 'verified' || status === 'rejected' || status === 'expired'
}

function hasBit(bits: bigint, index: number | undefined): boolean {
  return index !== undefined && ((bits >> BigInt(index)) & 1n) === 1n
}

/** Whether it is the node or the account, and not what was submitted. */
function isInfrastructure(error: unknown): boolean {
  return (
    error instanceof BaseError &&
    error.walk(
      (cause) =>
        cause instanceof HttpRequestError ||
        cause instanceof WebSocketRequestError ||
        cause instanceof TimeoutError ||
        cause instanceof InsufficientFundsError,
    ) !== null
  )
}
