import PQueue from 'p-queue'
import { bytesToHex, encodeFunctionData, type Hex, hexToBytes, type LocalAccount, zeroHash } from 'viem'
import * as proofOfInferenceAvsAbi from '../abis/calls/proofOfInferenceAvs.ts'
import { getJobState } from '../actions/avs/getJobState.ts'
import { ballotGas } from '../actions/internal/ballotResults.ts'
import type { AggregatorClient } from '../aggregator/types.ts'
import { RequestNotOpenError } from '../errors/avs.ts'
import { isProofOfInferenceError } from '../errors/base.ts'
import { EquivocationRefusedError } from '../errors/operator.ts'
import { defaultMaxBytes, putPayload } from '../payload/transfer.ts'
import type { RunnerRegistry } from '../runner/types.ts'
import { withTimeout } from '../utils/abort.ts'
import { attestationTypes, commitmentHash, hashAttestation, toTypedDataDomain } from '../utils/typedData.ts'
import type { SignedAttestation } from '../utils/vote.ts'
import type { VerifierRegistry } from '../verifier/types.ts'
import { assess, type Skip } from './assess.ts'
import { createBallotBox } from './ballots.ts'
import { type Book, toSignedVote, type Work } from './book.ts'
import { readAllowance } from './credit.ts'
import { backoff } from './delay.ts'
import { type Failure, toFailure } from './failure.ts'
import type { Head } from './ingest.ts'
import { fetchJob, judge } from './judge.ts'
import { isTerminal, type SignedVote, type SkipReason } from './machine.ts'
import type { Reads } from './reads.ts'
import { revealVote } from './reveal.ts'
import { deriveOperatorSalt } from './salt.ts'
import type { Standing } from './standing.ts'
import type { RequestRecord, StoredAttestation, StoreOrigin } from './store.ts'
import type { TransactionSender } from './transactions.ts'
import type { OperatorConfig, OperatorEvent } from './types.ts'

/** Attempts at what does not wait for anything to come back. */
const fewAttempts = 3

/** Takes each request from where the operator is with it to a vote, or to the reason why there is none. */
export function createWorker(parameters: {
  config: OperatorConfig
  signer: LocalAccount
  book: Book
  origin: StoreOrigin
  runners: RunnerRegistry
  verifiers: VerifierRegistry
  sender: TransactionSender
  reads: Reads
  readStanding: (record: RequestRecord) => Promise<Standing>
  /** See `assessSigned`. */
  assessSigned: (record: RequestRecord) => Promise<Skip | 'opened' | undefined>
  /** The newest block. */
  getHead: () => Head
  emit: (event: OperatorEvent) => void
  /** Aborts when the operator stops. */
  signal: AbortSignal
}) {
  const { config, signer, book, origin, runners, verifiers } = parameters
  const { sender, reads, readStanding, assessSigned, getHead, emit, signal } = parameters
  const { client, deployment, payloads, store, minimumFee, aggregator, exposure } = config
  const { aggregatorTimeout = 30_000, aggregatorMargin = 60, voteInterval = 1_000 } = config
  const { concurrency = 4, jobTimeout = 120_000, deadlineMargin = 3, maxPayloadBytes = defaultMaxBytes } = config
  const queue = new PQueue({ concurrency })
  /** Votes that are about to be sent. */
  let preparing = 0
  const expectsMore = () => queue.pending + queue.size + preparing > 0
  const ballots = createBallotBox({ deployment, sender, interval: voteInterval, expectsMore, signal })
  const running = new Set<Promise<void>>()

  async function skip(work: Work, reason: SkipReason, details?: string): Promise<void> {
    await book.advance(work, { type: 'skipped', reason, details, blockNumber: getHead().number })
  }

  const isWanted = (work: Work) => book.isCurrent(work) && !signal.aborted

  const getSalt = ({ requestId }: RequestRecord) => deriveOperatorSalt(origin.secret, { ...deployment, requestId })

  /** From `seen` to a stored vote. */
  async function verify(work: Work): Promise<void> {
    // It may have waited for its turn.
    if (!isWanted(work) || isLate(work.record)) return
    const { requestId, request, job } = work.record
    const startedAt = Date.now()
    // Signed before a reorg, or a crash: it is never judged again.
    const signed = await store.getAttestation(requestId)
    if (signed) {
      await book.sign(work, toSignedVote(job, signed))
      return
    }
    const refusal = await (isUnopened(work) ? assessUnopened(work) : assessOpen(work))
    if (refusal) return skip(work, refusal.reason, refusal.details)
    // While the verifier runs, so that nothing is left to read once others have committed, too.
    if (isOffered(work)) void reads.prepareVoters(request.referenceTimepoint)
    const version = await reads.getVersion(job.modelVersionId)
    const verifier = verifiers.get(version.methodId)

    const secondsLeft = request.deadline - deadlineMargin - getHead().timestamp
    if (secondsLeft <= 0) return
    const limit = withTimeout(work.controller.signal, Math.min(jobTimeout, secondsLeft * 1000))
    try {
      const { signal } = limit
      const record = work.record
      const policyJob = await fetchJob(client, {
        deployment,
        record,
        payloads,
        reads,
        maxBytes: maxPayloadBytes,
        maxBatchBytes: config.maxBatchBytes,
        signal,
      })
      await book.advance(work, { type: 'fetched' })
      const { modelVersionId } = job
      const operatorSalt = await getSalt(record)
      const { operator } = origin.owner
      const result = await judge({
        job: policyJob,
        operator,
        verifier,
        runners,
        payloads,
        operatorSalt,
        modelVersionId,
        signal,
      })
      if (result.abstain) return await skip(work, 'inconclusive', result.verdict.reason)
      if (!isWanted(work)) return
      const { isValid, confidence, evidence } = result
      const attestation = {
        requestId,
        operator,
        isValid,
        confidence,
        method: version.methodId,
        evidenceDigest: evidence.digest,
      }
      const signature = await signer.signTypedData({
        domain: toTypedDataDomain(deployment),
        types: attestationTypes,
        primaryType: 'Attestation',
        message: attestation,
      })
      const vote = toSignedVote(job, { attestation, signature })
      if (!(await book.sign(work, vote, bytesToHex(evidence.bytes)))) return
      const verdict = isValid ? 'valid' : 'invalid'
      emit({ type: 'verified', requestId, verdict, confidence, ms: Date.now() - startedAt })
    } catch (error) {
      // That the deadline came says nothing of the verifier, nor why it was not done before.
      if (limit.timedOut() && secondsLeft * 1000 <= jobTimeout) {
        const { reason = 'deadline', details } = work.lastFailure ?? {}
        return await skip(work, reason, details)
      }
      throw error
    } finally {
      limit.clear()
    }
  }

  async function assessOpen(work: Work): Promise<Skip | undefined> {
    const { jobId } = work.record.request
    const [standing, { status }] = await Promise.all([readOpen(work), getJobState(client, { deployment, jobId })])
    return assess({ record: work.record, standing, jobStatus: status, origin, signer: signer.address, minimumFee })
  }

  /** Once in a run: before a signed request is taken in, or else here. */
  async function assessUnopened(work: Work): Promise<Skip | undefined> {
    if (work.isAssessed) return undefined
    const { request, job } = work.record
    const [problem, allowance] = await Promise.all([
      assessSigned(work.record),
      readAllowance(client, { deployment, request, job, exposure }),
    ])
    // The chain's event is about to tell.
    if (problem === 'opened') return assessOpen(work)
    if (problem) return problem
    const credit = book.getCredit(request)
    if (credit > allowance) return { reason: 'exposure-exceeded', details: `${credit} of ${allowance}` }
    work.isAssessed = true
    return undefined
  }

  /** How the request stands; throws while the node does not know it. */
  async function readOpen(work: Work): Promise<Standing> {
    const standing = await readStanding(work.record)
    const { status } = standing
    if (status === 'none') throw new RequestNotOpenError({ requestId: work.record.requestId, status })
    work.closesAt = standing.closesAt
    return standing
  }

  /** What leaves is what the store has, whatever is in memory. */
  async function assertStored(requestId: Hex, signature: Hex): Promise<StoredAttestation> {
    const stored = await store.getAttestation(requestId)
    if (stored?.signature !== signature) throw new EquivocationRefusedError({ requestId })
    return stored
  }

  /** Right before the vote becomes public, and not sooner: others could copy it while they may still commit. */
  async function publishEvidence(
    { attestation, evidence }: StoredAttestation,
    options: { signal: AbortSignal },
  ): Promise<void> {
    // It was published before the attestation was stored.
    if (evidence === undefined) return
    await putPayload(payloads, { bytes: hexToBytes(evidence), digest: attestation.evidenceDigest, blocks: [] }, options)
  }

  /** Whether the vote is to go by way of the aggregator. */
  function isOffered(work: Work): boolean {
    const { request } = work.record
    if (!aggregator || request.commitWindow !== 0) return false
    return isUnopened(work) || (!work.isDirect && getHead().timestamp < request.deadline - aggregatorMargin)
  }

  /** Whether a revealed vote was waited for long enough. */
  function isOverdue(work: Work): boolean {
    work.revealedAt ??= Date.now()
    if (Date.now() - work.revealedAt >= aggregatorTimeout) return true
    return !isUnopened(work) && getHead().timestamp >= work.record.request.deadline - aggregatorMargin
  }

  /**
   * From a stored vote to one that the aggregator has; or to submitting it directly. A vote that was revealed is offered
   * again where nothing else can be done: the aggregator may have lost it.
   */
  async function offer(work: Work, vote: SignedVote, aggregator: AggregatorClient): Promise<void> {
    const { record } = work
    const { requestId } = record
    const timeout = aggregatorTimeout
    try {
      const stored = await assertStored(requestId, vote.signature)
      const operatorSalt = await getSalt(record)
      await revealVote({
        ...{ aggregator, deployment, signer, record, vote, operatorSalt, reads, timeout },
        publishEvidence: (options) => publishEvidence(stored, options),
        signal: work.controller.signal,
      })
    } catch (error) {
      const isRevealed = work.record.state.status === 'revealed'
      if (!isWanted(work) || (isUnopened(work) && !isRevealed)) throw error
      emit({ type: 'error', requestId, error })
      if (isRevealed) work.revealedAt = Date.now()
      else work.isDirect = true
      return
    }
    work.revealedAt = Date.now()
    if (await book.advance(work, { type: 'revealed' })) emit({ type: 'revealed', requestId })
  }

  /** From a stored vote to one on chain. Returns false if there is something to wait for. */
  async function sendVote(work: Work, vote: SignedVote): Promise<boolean> {
    let isPreparing = true
    const prepared = () => {
      if (isPreparing) preparing--
      isPreparing = false
    }
    preparing++
    return prepareVote(work, vote, prepared).finally(prepared)
  }

  async function prepareVote(
    work: Work,
    { attestation, signature }: SignedVote,
    prepared: () => void,
  ): Promise<boolean> {
    const { record } = work
    const { requestId, request } = record
    const standing = await readOpen(work)
    // Sent before a crash, or by an aggregator: the chain's event is about to tell.
    if (standing.hasVoted) return false
    const stored = await assertStored(requestId, signature)

    const operatorSalt = request.commitWindow === 0 ? zeroHash : await getSalt(record)
    if (record.state.status === 'verified' && request.commitWindow !== 0) {
      const commitment = commitmentHash(hashAttestation({ deployment, attestation }), operatorSalt)
      if (standing.commitment === commitment) {
        await book.advance(work, { type: 'committed', blockNumber: getHead().number })
        return true
      }
      if (standing.commitment !== null) {
        await skip(work, 'foreign-commitment')
        return true
      }
      if (standing.status !== 'open') return false
      if (getHead().timestamp > standing.closesAt) {
        await skip(work, 'commit-window-missed')
        return true
      }
      const data = encodeFunctionData({
        abi: proofOfInferenceAvsAbi.commitVerification,
        functionName: 'commitVerification',
        args: [request, origin.owner.operator, commitment],
      })
      const { blockNumber, transactionHash } = await send(work, data)
      emit({ type: 'committed', requestId, hash: transactionHash })
      await book.advance(work, { type: 'committed', blockNumber })
      return true
    }
    if (request.commitWindow === 0 && standing.status !== 'open') return false
    if (request.commitWindow !== 0 && getHead().timestamp <= standing.closesAt) return false
    await publishEvidence(stored, { signal: work.controller.signal })
    prepared()
    try {
      const { blockNumber, transactionHash } = await submit(work, { attestation, signature }, operatorSalt)
      const isNew = await book.advance(work, { type: 'attested', blockNumber })
      if (isNew) emit({ type: 'attested', requestId, hash: transactionHash })
      return true
    } catch (error) {
      // Somebody else sent it, or others decided meanwhile: the chain's events tell.
      if (!isBeaten(error)) throw error
      return false
    }
  }

  /** Alone where the commitment is to be opened, or else together with others that are ready. */
  function submit(work: Work, vote: SignedAttestation, operatorSalt: Hex) {
    const { requestId, request, job } = work.record
    if (request.commitWindow === 0) {
      const isUrgent = getHead().timestamp >= request.deadline - deadlineMargin - Math.ceil(voteInterval / 1000)
      return ballots.cast({ requestId, request, job, vote, isWanted: () => isSendable(work) }, { isUrgent })
    }
    const data = encodeFunctionData({
      abi: proofOfInferenceAvsAbi.submitVerification,
      functionName: 'submitVerification',
      args: [request, job, vote.attestation, vote.signature, operatorSalt],
    })
    return send(work, data, ballotGas)
  }

  const isSendable = (work: Work) => isWanted(work) && getHead().timestamp <= work.record.request.deadline

  function send(work: Work, data: Hex, gasHeadroom?: bigint) {
    return sender.send({ to: deployment.avs, data, gasHeadroom }, { signal, isWanted: () => isSendable(work) })
  }

  /** Whether it is too late to begin with what is next. */
  function isLate({ state, request }: RequestRecord): boolean {
    const isSigned = 'vote' in state && state.vote !== undefined
    const { timestamp } = getHead()
    return isSigned ? timestamp > request.deadline : timestamp >= request.deadline - deadlineMargin
  }

  async function process(work: Work): Promise<void> {
    while (isWanted(work)) {
      const { state, request } = work.record
      if (isTerminal(state) || state.status === 'attested') return
      if (isLate(work.record)) {
        if (state.status === 'revealed' && isUnopened(work)) return skip(work, 'unsettled')
        const { reason = 'deadline', details } = work.lastFailure ?? {}
        return skip(work, reason, details)
      }
      if (state.status === 'revealed' && !isOverdue(work)) return
      const isOffering = state.status === 'revealed' ? isUnopened(work) : isOffered(work)
      if (!('vote' in state)) {
        await queue.add(() => verify(work), { priority: -request.deadline })
      } else if (aggregator && isOffering) {
        await offer(work, state.vote, aggregator)
      } else {
        // Nothing but an aggregator can take a vote on what the chain does not know.
        if (isUnopened(work)) return
        if (!(await sendVote(work, state.vote))) return
      }
      work.failures = 0
    }
  }

  async function fail(work: Work, error: unknown): Promise<void> {
    if (!isWanted(work)) return
    const { requestId } = work.record
    const failure: Failure = toFailure(error)
    work.lastFailure = failure
    work.failures++
    if (failure.retry === 'no' || (failure.retry === 'few' && work.failures >= fewAttempts)) {
      emit({ type: 'error', requestId, error })
      return skip(work, failure.reason, failure.details)
    }
    const retryInMs = backoff(work.failures)
    emit({ type: 'error', requestId, error, retryInMs })
    work.timer = setTimeout(() => {
      work.timer = undefined
      start(work)
    }, retryInMs)
  }

  function start(work: Work): void {
    if (work.isBusy || signal.aborted) return
    clearTimeout(work.timer)
    work.timer = undefined
    work.isBusy = true
    const done = process(work)
      .catch((error: unknown) => fail(work, error))
      // The store failed, of which the operator was told.
      .catch(() => {})
      .finally(() => {
        work.isBusy = false
        running.delete(done)
      })
    running.add(done)
  }

  return {
    start,
    isLate,
    /** Starts what can go on. To be called after each look at the chain. */
    wake(): void {
      for (const work of book.works.values()) {
        const { status } = work.record.state
        if (status === 'attested') continue
        const isWaiting = work.timer !== undefined
        const isWindowOpen = status === 'committed' && getHead().timestamp <= (work.closesAt ?? 0)
        if (isLate(work.record) || (!isWaiting && !isWindowOpen)) start(work)
      }
    },
    get verifying() {
      return queue.pending
    },
    /** Resolves when nothing runs any more; the signal is to be aborted first. */
    async onIdle(): Promise<void> {
      while (running.size > 0) await Promise.all(running)
    },
  }
}

/** Whether it came signed, and the chain has not seen it. */
function isUnopened({ record }: Work): boolean {
  return record.blockNumber === null
}

/** Whether a vote was refused, or failed, as it counts already, or as the request is final. */
function isBeaten(error: unknown): boolean {
  if (!isProofOfInferenceError(error)) return false
  return ['AlreadyVotedError', 'RequestNotOpenError'].some((name) => error.walk(name) !== undefined)
}
