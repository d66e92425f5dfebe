import {
  type Address,
  encodeAbiParameters,
  type Hex,
  keccak256,
  sha256,
  slice as sliceHex,
  zeroAddress,
  zeroHash,
} from 'viem'
import { type RequestStatus, requestStatuses } from '../../src/utils/requestStatus.ts'
import { commitmentHash, type Job, type Request } from '../../src/utils/typedData.ts'
import { toVote } from '../../src/utils/vote.ts'
import { toVerdict } from '../fakeEvents.ts'
import { feeShare, isQuorum, meanResponse } from './arithmetic.ts'
import type { CastBallot, CastVote, Electorate, Event, Operation, SignedCertificate, Voter } from './operations.ts'
import type { Signed } from './signing.ts'
import {
  agentIds,
  clock,
  maxReferenceAge,
  maxRequestLifetime,
  owner,
  payee,
  versions,
  type World,
  withdrawalDelay,
} from './world.ts'

/** What an operation does; or the errors it may be refused with: whichever is checked first. */
export type Outcome =
  | { readonly refusals: readonly string[] }
  | { readonly refusals?: never; readonly returned: unknown; readonly events: readonly Event[] }

/** A vote that was accepted. */
type Accepted = {
  readonly voter: Voter
  /** Whether it is on the valid side. */
  readonly isValid: boolean
  readonly confidence: number
  /** False after the request was final: it earns and decides nothing. */
  readonly isCounted: boolean
  /** Whether its fee was claimed, or paid (or not earned) in the call that made the request final. */
  isClosed: boolean
}

type RequestEntry = {
  readonly request: Request
  readonly fromDeposit: boolean
  readonly openedAt: number
  /** Of the version: the most that a valid vote can have. */
  readonly validConfidence: number
  readonly votes: Accepted[]
  status: RequestStatus
  /** What the votes came to, which becomes the status at the end of the call. */
  outcome: RequestStatus
  feeSettled: boolean
  runningHash: Hex
}

type JobEntry = {
  status: RequestStatus
  response: number
  decidedAt: number
  consentedAt: number
  recordHash: Hex
}

type Count = { total: bigint; verified: bigint }

/** A map whose missing entries are made when asked for. */
function createTable<value>(create: () => value) {
  const entries = new Map<string, value>()
  return (...keys: readonly unknown[]): value => {
    const key = keys.join()
    const entry = entries.get(key) ?? create()
    entries.set(key, entry)
    return entry
  }
}

const pausedGrace = 21 * 86_400

/**
 * The rules of requests, consensus and money, as the design and the interfaces' documentation say them, in plain
 * TypeScript. Checks have no order here: a refusal lists every error that applies.
 */
export function createModel(world: World, electorates: readonly Electorate[]) {
  const { hashAttestation, hashJob, hashRequest: idOf } = world.digests
  const requests = new Map<Hex, RequestEntry>()
  const commitments = new Map<string, Hex>()
  /** Of certificates that were settled, by requester. */
  const usedNonces = new Set<string>()
  const nonceKey = ({ requester, nonce }: Request) => `${requester},${nonce}`
  const jobOf = createTable<JobEntry>(() => ({
    status: 'none',
    response: 0,
    decidedAt: 0,
    consentedAt: 0,
    recordHash: zeroHash,
  }))
  const balanceOf = createTable(() => ({ deposit: 0n, earnings: 0n, withdrawalAmount: 0n, withdrawalAvailableAt: 0n }))
  const holdingOf = createTable(() => ({ amount: 0n }))
  const agentCount = createTable<Count>(() => ({ total: 0n, verified: 0n }))
  const modelCount = createTable<Count>(() => ({ total: 0n, verified: 0n }))
  const wallets = new Map<bigint, Address>(agentIds.map((id) => [id, payee.address]))
  let isActive = true
  let pausedSince = 0
  /** How often the deciding weight was exactly the least one, and the like. */
  const occurrences = new Map<string, number>()
  const notice = (what: string) => occurrences.set(what, (occurrences.get(what) ?? 0) + 1)

  // -- looking up

  const isJobOf = (request: Request, job: Job) => hashJob(job) === request.jobId
  const electorateAt = (timepoint: number) => electorates.find((electorate) => electorate.timepoint === timepoint)
  const totalWeightAt = (timepoint: number) =>
    (electorateAt(timepoint)?.voters ?? []).reduce((sum, { weight }) => sum + weight, 0n)
  const voterAt = (operator: Address, timepoint: number) =>
    electorateAt(timepoint)?.voters.find((voter) => voter.operator === operator && voter.canVote)
  const versionOf = (job: Job) => versions[world.versionIds.indexOf(job.modelVersionId)]
  const requireVersion = (job: Job) => {
    const version = versionOf(job)
    if (version === undefined) throw new Error('A request that was opened names a version.')
    return version
  }
  const statusOf = (requestId: Hex): RequestStatus => requests.get(requestId)?.status ?? 'none'
  const isFinal = (status: RequestStatus) => status !== 'none' && status !== 'open'
  const isBy = (signed: Signed, signer: Address, digest: Hex) => signed.signer === signer && signed.digest === digest
  const sideOf = (entry: RequestEntry, isValid: boolean) => entry.votes.filter((vote) => vote.isValid === isValid)
  const weightOf = (votes: readonly Accepted[]) => votes.reduce((sum, { voter }) => sum + voter.weight, 0n)
  const amountOf = ({ reward, verificationFee }: Request) => reward + verificationFee
  /** "The first Verified or Rejected decides the job, and every other open request of it settles by that outcome." */
  const isBound = (request: Request) => {
    const job = jobOf(request.jobId)
    return job.status !== 'none' && job.decidedAt <= request.deadline
  }

  /** Names of the errors whose condition holds. */
  const named = (conditions: Readonly<Record<string, boolean>>) =>
    Object.entries(conditions).flatMap(([name, holds]) => (holds ? [name] : []))

  // -- money

  const earn = (asset: Address, account: Address, amount: bigint) => {
    balanceOf(asset, account).earnings += amount
  }
  const refund = ({ request, fromDeposit }: RequestEntry, amount: bigint) => {
    balanceOf(request.asset, request.requester)[fromDeposit ? 'deposit' : 'earnings'] += amount
  }
  /** What nobody has earned of the fee. */
  const unearned = ({ request, ...entry }: RequestEntry, isVerified: boolean) => {
    const winning = weightOf(sideOf({ request, ...entry }, isVerified))
    if (winning === 0n) return request.verificationFee
    return (
      request.verificationFee - feeShare(request.verificationFee, winning, totalWeightAt(request.referenceTimepoint))
    )
  }

  // -- opening

  const consentRefusals = (job: Job, consent: Signed) =>
    named({
      ConsentMissing:
        job.payee === zeroAddress || wallets.get(job.agentId) !== job.payee || !isBy(consent, job.payee, hashJob(job)),
    })

  const openingRefusals = (request: Request, job: Job, now: number) => {
    const version = versionOf(job)
    const minimumFee = world.minimumFees.get(request.asset)
    const { consentedAt } = jobOf(request.jobId)
    const isSpared = consentedAt !== 0 && consentedAt <= pausedSince && now <= pausedSince + pausedGrace
    const age = clock - request.referenceTimepoint
    return named({
      JobMismatch: !isJobOf(request, job),
      RequestsArePaused: pausedSince !== 0 && !isSpared,
      UnknownModelVersion: version === undefined,
      ModelInactive: !isActive,
      AssetNotAccepted: minimumFee === undefined,
      FeeBelowMinimum: minimumFee !== undefined && request.verificationFee < minimumFee,
      InvalidQuorum: job.quorumBps < 5_001 || job.quorumBps > 10_000,
      InvalidMinAttestations: job.minAttestations < 1 || job.minAttestations > 256,
      InvalidMinConfidence:
        version !== undefined && (job.minConfidence < 100 || job.minConfidence > version.validConfidence),
      InvalidAgent: !job.hasAgent && job.agentId !== 0n,
      InvalidPayee: job.payee === zeroAddress && (job.hasAgent || request.reward !== 0n),
      InvalidDeadline: request.deadline <= now || request.deadline > now + maxRequestLifetime,
      InvalidCommitWindow: now + request.commitWindow >= request.deadline,
      InvalidReference: age <= 0 || age > maxReferenceAge,
    })
  }

  const recordConsent = (jobId: Hex, job: Job, now: number): Event[] => {
    const entry = jobOf(jobId)
    if (!job.hasAgent || entry.consentedAt !== 0) return []
    entry.consentedAt = now
    return [{ name: 'ConsentRecorded', args: { jobId, agentId: job.agentId, payee: job.payee } }]
  }

  const createEntry = (request: Request, job: Job, fromDeposit: boolean, now: number): RequestEntry => ({
    request,
    fromDeposit,
    openedAt: now,
    validConfidence: requireVersion(job).validConfidence,
    votes: [],
    status: 'open',
    outcome: 'open',
    feeSettled: false,
    runningHash: zeroHash,
  })

  const requested = (request: Request, job: Job, fromDeposit: boolean): Event => ({
    name: 'InferenceVerificationRequested',
    args: { requestId: idOf(request), jobId: request.jobId, requester: request.requester, request, job, fromDeposit },
  })

  // -- votes

  /** Why a vote is refused, if it is; what it is signed over. */
  const check = (entry: RequestEntry, job: Job, vote: CastVote, operatorSalt: Hex | undefined, now: number) => {
    const { request } = entry
    const requestId = idOf(request)
    const { methodId: method, validConfidence } = requireVersion(job)
    const { operator, isValid, confidence, evidenceDigest } = vote.attestation
    // what its signature must be over: the request it is cast on, and the version's method
    const attestation = { requestId, operator, isValid, confidence, method, evidenceDigest }
    const digest = hashAttestation(attestation)
    const voter = voterAt(operator, request.referenceTimepoint)
    const hasWindow = request.commitWindow !== 0
    const commitment = commitments.get(`${requestId},${operator}`)
    const refusals = named({
      RequestNotOpen: (entry.status !== 'open' || entry.outcome !== 'open') && !hasWindow,
      CommitWindowOpen: hasWindow && now <= entry.openedAt + request.commitWindow,
      CommitmentMismatch:
        hasWindow && (operatorSalt === undefined || commitment !== commitmentHash(digest, operatorSalt)),
      ConfidenceOutOfRange: confidence > (isValid ? validConfidence : 10_000),
      OperatorCannotVote: voter === undefined,
      InvalidSigner: voter === undefined || !isBy(vote.signed, voter.signingKey, digest),
      AlreadyVoted: entry.votes.some((accepted) => accepted.voter.operator === operator),
    })
    return { refusals, voter, digest }
  }

  /** Accepts a vote, or says why not. */
  const cast = (entry: RequestEntry, job: Job, vote: CastVote, operatorSalt: Hex | undefined, now: number): Event => {
    const requestId = idOf(entry.request)
    const { operator, isValid, confidence } = vote.attestation
    const { refusals, voter, digest } = check(entry, job, vote, operatorSalt, now)
    if (voter === undefined || refusals.length > 0)
      return { name: 'VerificationSkipped', args: { requestId, operator, reason: refusals } }
    commitments.delete(`${requestId},${operator}`)
    const accepted = {
      voter,
      isValid: isValid && confidence >= job.minConfidence,
      confidence,
      isCounted: entry.status === 'open' && entry.outcome === 'open',
      isClosed: false,
    }
    entry.votes.push(accepted)
    if (accepted.isCounted) {
      entry.runningHash = truncate(hashWords(entry.runningHash, digest))
      entry.outcome = winnerOf(entry, job)
    } else notice('a vote that only earns')
    const { weight } = voter
    const { attestation, signed } = vote
    const { evidenceDigest, r, vs } = toVote({ attestation, signature: signed.signature })
    const verdict = toVerdict({ isValid, isCounted: accepted.isCounted, confidence, weight })
    return {
      name: 'VerificationSubmitted',
      args: { requestId, operator, verdict, evidenceDigest, r, vs },
    }
  }

  /** "A side wins when its own weight × 10000 ≥ total × quorumBps and it has ≥ minAttestations votes; total > 0." */
  const winnerOf = (entry: RequestEntry, job: Job): RequestStatus => {
    const total = totalWeightAt(entry.request.referenceTimepoint)
    for (const isValid of [true, false]) {
      const votes = sideOf(entry, isValid)
      const weight = weightOf(votes)
      if (!isQuorum(weight, total, job.quorumBps)) continue
      if (weight * 10_000n === total * BigInt(job.quorumBps)) notice('exactly a quorum')
      if (votes.length >= job.minAttestations) return isValid ? 'verified' : 'rejected'
      notice('a quorum of too few attestations')
    }
    return 'open'
  }

  // -- settlement

  const finalize = (
    entry: RequestEntry,
    job: Job,
    { status, response, decidesJob }: { status: RequestStatus; response: number; decidesJob: boolean },
    now: number,
  ): Event[] => {
    const { request } = entry
    entry.status = status
    if (status === 'verified') earn(request.asset, job.payee, request.reward)
    else refund(entry, request.reward)
    // committed votes may be revealed, and earn, until the deadline
    if (status === 'expired' || request.commitWindow === 0 || now > request.deadline) {
      entry.feeSettled = true
      refund(entry, status === 'expired' ? request.verificationFee : unearned(entry, status === 'verified'))
    }
    const { runningHash } = entry
    return [
      {
        name: 'RequestFinalized',
        args: {
          requestId: idOf(request),
          jobId: request.jobId,
          status: toNumber(status),
          response,
          runningHash,
          decidesJob,
        },
      },
    ]
  }

  const settleByDecision = (entry: RequestEntry, job: Job, now: number): Event[] => {
    const { status, response } = jobOf(entry.request.jobId)
    return finalize(entry, job, { status, response, decidesJob: false }, now)
  }

  /** "Weight-mean confidence of the winning votes": of those that made the request final, which came before it was. */
  const responseOf = (entry: RequestEntry): number => {
    const votes = sideOf(entry, true).filter(({ isCounted }) => isCounted)
    return meanResponse(votes.map(({ voter, confidence }) => ({ weight: voter.weight, confidence })))
  }

  /** The request's own votes decide it and its job; the votes of this call are paid at once. */
  const decide = (entry: RequestEntry, job: Job, accepted: readonly Accepted[], now: number): Event[] => {
    const { request, runningHash, outcome } = entry
    const isVerified = outcome === 'verified'
    const jobEntry = jobOf(request.jobId)
    const response = isVerified ? responseOf(entry) : 0
    const recordHash = truncate(
      keccak256(
        encodeAbiParameters(
          [{ type: 'bytes32' }, { type: 'uint8' }, { type: 'uint8' }],
          [runningHash, toNumber(outcome), response],
        ),
      ),
    )
    Object.assign(jobEntry, { status: outcome, response, decidedAt: now, recordHash })
    const events: Event[] = []
    if (jobEntry.consentedAt !== 0) {
      for (const count of [agentCount(job.agentId), modelCount(), modelCount(job.agentId)]) {
        count.total += 1n
        if (isVerified) count.verified += 1n
      }
      events.push({
        name: 'OutcomeRecorded',
        args: {
          modelId: world.modelId,
          modelVersionId: job.modelVersionId,
          agentId: job.agentId,
          verified: isVerified,
        },
      })
    }
    events.push(...finalize(entry, job, { status: outcome, response, decidesJob: true }, now))
    for (const vote of accepted) {
      vote.isClosed = true
      if (vote.isValid !== isVerified) continue
      const total = totalWeightAt(request.referenceTimepoint)
      earn(request.asset, vote.voter.operator, feeShare(request.verificationFee, vote.voter.weight, total))
    }
    return events
  }

  /** Casts votes one after another, and decides the request if they come to a quorum. */
  const castAll = (
    entry: RequestEntry,
    job: Job,
    votes: readonly CastVote[],
    operatorSalts: readonly Hex[],
    now: number,
  ): Event[] => {
    const before = entry.votes.length
    const events = votes.map((vote, index) => cast(entry, job, vote, operatorSalts[index], now))
    if (entry.status !== 'open' || entry.outcome === 'open') return events
    return [...events, ...decide(entry, job, entry.votes.slice(before), now)]
  }

  // -- ballots and certificates

  const skipped = (requestId: Hex, reason: readonly string[]): Event => ({
    name: 'RequestSkipped',
    args: { requestId, reason },
  })

  const settleBallot = ({ request, job, votes, operatorSalts }: CastBallot, now: number): Event[] => {
    const requestId = idOf(request)
    const entry = requests.get(requestId)
    const refusals = named({
      JobMismatch: !isJobOf(request, job),
      RequestNotOpen: entry === undefined,
      RequestDeadlinePassed: now > request.deadline,
      OperatorSaltsMismatch: operatorSalts.length !== (request.commitWindow === 0 ? 0 : votes.length),
    })
    const isClosed = entry !== undefined && entry.status !== 'open' && request.commitWindow === 0
    if (entry === undefined || refusals.length > 0)
      return [skipped(requestId, [...refusals, ...named({ RequestNotOpen: isClosed })])]
    const events: Event[] = []
    if (entry.status === 'open' && isBound(request)) events.push(...settleByDecision(entry, job, now))
    if (entry.status !== 'open' && request.commitWindow === 0)
      return [...events, skipped(requestId, ['RequestNotOpen'])]
    return [...events, ...castAll(entry, job, votes, operatorSalts, now)]
  }

  const settleCertificate = (certificate: SignedCertificate, now: number): [RequestStatus, Event[]] => {
    const { request, job, votes } = certificate
    const requestId = idOf(request)
    const entry = requests.get(requestId)
    if (entry !== undefined) {
      const refusals = named({
        RequestNotOpen: entry.status !== 'open',
        InvalidCommitWindow: request.commitWindow !== 0,
      })
      if (refusals.length > 0) return [entry.status, [skipped(requestId, refusals)]]
      const events = settleBallot({ request, job, votes, operatorSalts: [] }, now)
      return [entry.status, events]
    }
    const jobEntry = jobOf(request.jobId)
    const isDecided = jobEntry.status !== 'none'
    const needsConsent = job.hasAgent && jobEntry.consentedAt === 0
    const refusals = [
      // what it takes to open a request matters to those that need votes
      ...(isDecided
        ? named({
            JobMismatch: !isJobOf(request, job),
            RequestDeadlinePassed: now > request.deadline,
            InvalidPayee: job.payee === zeroAddress && (job.hasAgent || request.reward !== 0n),
          })
        : openingRefusals(request, job, now)),
      ...named({
        NonceAlreadyUsed: usedNonces.has(nonceKey(request)),
        InvalidCommitWindow: request.commitWindow !== 0,
        InvalidRequesterSignature: !isBy(certificate.requesterSignature, request.requester, requestId),
        InsufficientDeposit: balanceOf(request.asset, request.requester).deposit < amountOf(request),
      }),
      ...(needsConsent && !isDecided ? consentRefusals(job, certificate.consent) : []),
    ]
    if (refusals.length > 0) return ['none', [skipped(requestId, refusals)]]
    const opened = createEntry(request, job, true, now)
    if (isDecided) {
      notice('a certificate of a decided job')
      usedNonces.add(nonceKey(request))
      balanceOf(request.asset, request.requester).deposit -= amountOf(request)
      return [jobEntry.status, [requested(request, job, true), ...settleByDecision(opened, job, now)]]
    }
    for (const vote of votes) cast(opened, job, vote, undefined, now)
    if (opened.outcome === 'open') return ['none', [skipped(requestId, ['QuorumNotReached'])]]
    notice(`${opened.outcome} by a certificate`)
    usedNonces.add(nonceKey(request))
    balanceOf(request.asset, request.requester).deposit -= amountOf(request)
    const fresh = createEntry(request, job, true, now)
    return [
      opened.outcome,
      [
        ...recordConsent(request.jobId, job, now),
        requested(request, job, true),
        ...castAll(fresh, job, votes, [], now),
      ],
    ]
  }

  // -- operations

  const done = (events: readonly Event[] = [], returned?: unknown): Outcome => ({ returned, events })

  function receive(asset: Address, amount: bigint, value: bigint): string[] {
    return named({ IncorrectPayment: value !== (asset === zeroAddress ? amount : 0n) })
  }

  /** Applies an operation, or changes nothing and says what it is refused with. */
  function apply(operation: Operation, now: number): Outcome {
    switch (operation.name) {
      case 'deposit': {
        const { from, asset, amount, value } = operation
        const refusals = [...named({ ZeroAmount: amount === 0n }), ...receive(asset, amount, value)]
        if (refusals.length > 0) return { refusals }
        balanceOf(asset, from).deposit += amount
        holdingOf(asset).amount += amount
        return done([{ name: 'Deposited', args: { account: from, asset, amount } }])
      }
      case 'initiateDepositWithdrawal': {
        const { from, asset, amount } = operation
        const balance = balanceOf(asset, from)
        const refusals = named({ ZeroAmount: amount === 0n, InsufficientDeposit: balance.deposit < amount })
        if (refusals.length > 0) return { refusals }
        const availableAt = BigInt(now + withdrawalDelay)
        Object.assign(balance, { withdrawalAmount: amount, withdrawalAvailableAt: availableAt })
        return done([{ name: 'DepositWithdrawalInitiated', args: { account: from, asset, amount, availableAt } }])
      }
      case 'completeDepositWithdrawal': {
        const { from, asset } = operation
        const balance = balanceOf(asset, from)
        const refusals = named({
          NothingToWithdraw: balance.withdrawalAmount === 0n,
          WithdrawalNotReady: BigInt(now) < balance.withdrawalAvailableAt,
        })
        if (refusals.length > 0) return { refusals }
        const amount = balance.withdrawalAmount < balance.deposit ? balance.withdrawalAmount : balance.deposit
        Object.assign(balance, { withdrawalAmount: 0n, withdrawalAvailableAt: 0n, deposit: balance.deposit - amount })
        holdingOf(asset).amount -= amount
        return done([{ name: 'DepositWithdrawn', args: { account: from, asset, amount } }], amount)
      }
      case 'withdrawEarnings': {
        const { asset, account } = operation
        const amount = balanceOf(asset, account).earnings
        if (amount === 0n) return { refusals: ['NothingToWithdraw'] }
        balanceOf(asset, account).earnings = 0n
        holdingOf(asset).amount -= amount
        return done([{ name: 'EarningsWithdrawn', args: { account, asset, amount } }], amount)
      }
      case 'requestInferenceVerification': {
        const { from, request, job, fromDeposit, consent, value } = operation
        const requestId = idOf(request)
        const jobEntry = jobOf(request.jobId)
        const { deposit } = balanceOf(request.asset, request.requester)
        const payloads = [
          { digest: job.inputDigest, data: operation.input },
          { digest: job.outputDigest, data: operation.output },
        ].filter(({ data }) => data !== '0x')
        const refusals = [
          ...openingRefusals(request, job, now),
          ...named({
            NotRequester: from !== request.requester,
            RequestAlreadyOpened: requests.has(requestId),
            NonceAlreadyUsed: usedNonces.has(nonceKey(request)),
            JobAlreadyDecided: jobEntry.status !== 'none',
            PayloadDigestMismatch: payloads.some(({ digest, data }) => sha256(data) !== digest),
            InsufficientDeposit: fromDeposit && deposit < amountOf(request),
          }),
          ...(fromDeposit
            ? named({ IncorrectPayment: value !== 0n })
            : receive(request.asset, amountOf(request), value)),
          ...(job.hasAgent && jobEntry.consentedAt === 0 ? consentRefusals(job, consent) : []),
        ]
        if (refusals.length > 0) return { refusals }
        const events = [...recordConsent(request.jobId, job, now), requested(request, job, fromDeposit)]
        requests.set(requestId, createEntry(request, job, fromDeposit, now))
        if (fromDeposit) balanceOf(request.asset, request.requester).deposit -= amountOf(request)
        else holdingOf(request.asset).amount += amountOf(request)
        return done([...events, ...payloads.map((args) => ({ name: 'PayloadPublished', args }))], requestId)
      }
      case 'recordConsent': {
        const { job, consent } = operation
        const jobId = hashJob(job)
        if (!job.hasAgent) return { refusals: ['InvalidAgent'] }
        if (jobOf(jobId).consentedAt !== 0) return done()
        const refusals = consentRefusals(job, consent)
        return refusals.length > 0 ? { refusals } : done(recordConsent(jobId, job, now))
      }
      case 'settleRequest': {
        const { request, job } = operation
        const entry = requests.get(idOf(request))
        const isOpen = entry?.status === 'open'
        const refusals = named({
          JobMismatch: !isJobOf(request, job),
          RequestNotOpen: !isOpen,
          RequestNotSettleable: isOpen && !isBound(request) && now <= request.deadline,
        })
        if (entry === undefined || refusals.length > 0) return { refusals }
        const events = isBound(request)
          ? settleByDecision(entry, job, now)
          : finalize(entry, job, { status: 'expired', response: 0, decidesJob: false }, now)
        return done(events, toNumber(entry.status))
      }
      case 'commitVerification': {
        const { from, request, operator, commitment } = operation
        const requestId = idOf(request)
        const entry = requests.get(requestId)
        const voter = voterAt(operator, request.referenceTimepoint)
        const key = `${requestId},${operator}`
        const refusals = named({
          RequestNotOpen: entry?.status !== 'open',
          JobAlreadyDecided: jobOf(request.jobId).status !== 'none',
          CommitWindowClosed: request.commitWindow === 0 || now > (entry?.openedAt ?? 0) + request.commitWindow,
          OperatorCannotVote: voter === undefined,
          NotCommitter: from !== operator && from !== voter?.signingKey,
          AlreadyCommitted: commitments.has(key),
          CommitmentMismatch: commitment === zeroHash,
        })
        if (refusals.length > 0) return { refusals }
        commitments.set(key, commitment)
        return done([{ name: 'VerificationCommitted', args: { requestId, operator, commitment } }])
      }
      case 'submitVerification': {
        const { request, job, vote, operatorSalt } = operation
        const requestId = idOf(request)
        const entry = requests.get(requestId)
        const version = versionOf(job)
        const isSettling = entry?.status === 'open' && isBound(request)
        const isClosed = entry === undefined || ((entry.status !== 'open' || isSettling) && request.commitWindow === 0)
        const refusals = named({
          AttestationMismatch: vote.attestation.requestId !== requestId,
          JobMismatch: !isJobOf(request, job),
          RequestNotOpen: isClosed,
          RequestDeadlinePassed: now > request.deadline,
          MethodMismatch: vote.attestation.method !== version?.methodId,
        })
        if (entry === undefined || refusals.length > 0) return { refusals }
        const problems = check(entry, job, vote, operatorSalt, now).refusals
        if (problems.length > 0) return { refusals: problems }
        const events = isSettling ? settleByDecision(entry, job, now) : []
        events.push(...castAll(entry, job, [vote], [operatorSalt], now))
        return done(events, toNumber(entry.status))
      }
      case 'submitVerifications': {
        const settled = operation.ballots.map((ballot) => {
          const events = settleBallot(ballot, now)
          return { events, status: toNumber(statusOf(idOf(ballot.request))) }
        })
        return done(
          settled.flatMap(({ events }) => events),
          settled.map(({ status }) => status),
        )
      }
      case 'settleCertificates': {
        const settled = operation.certificates.map((certificate) => settleCertificate(certificate, now))
        return done(
          settled.flatMap(([, events]) => events),
          settled.map(([status]) => toNumber(status)),
        )
      }
      case 'claimFees': {
        const { operator } = operation
        // what has no record has nothing to claim
        if (operation.requests.some((request) => statusOf(idOf(request)) === 'open'))
          return { refusals: ['RequestNotFinal'] }
        let credited = 0n
        const events = operation.requests.flatMap((request): Event[] => {
          const entry = requests.get(idOf(request))
          const vote = entry?.votes.find(({ voter }) => voter.operator === operator)
          if (vote === undefined || vote.isClosed || entry?.status !== (vote.isValid ? 'verified' : 'rejected'))
            return []
          vote.isClosed = true
          const total = totalWeightAt(request.referenceTimepoint)
          const amount = feeShare(request.verificationFee, vote.voter.weight, total)
          earn(request.asset, operator, amount)
          credited += amount
          return [{ name: 'FeesClaimed', args: { operator, asset: request.asset, amount } }]
        })
        return done(events, credited)
      }
      case 'releaseUnearnedFee': {
        const { request } = operation
        const requestId = idOf(request)
        const entry = requests.get(requestId)
        if (entry === undefined || !isFinal(entry.status)) return { refusals: ['RequestNotFinal'] }
        if (entry.feeSettled) return done([], 0n)
        if (now <= request.deadline) return { refusals: ['RequestNotSettleable'] }
        entry.feeSettled = true
        const amount = unearned(entry, entry.status === 'verified')
        refund(entry, amount)
        return done([{ name: 'UnearnedFeeReleased', args: { requestId, amount } }], amount)
      }
      case 'pauseRequests': {
        const refusals = named({
          OwnableUnauthorizedAccount: operation.from !== owner.address,
          RequestsArePaused: pausedSince !== 0,
        })
        if (refusals.length > 0) return { refusals }
        pausedSince = now
        return done([{ name: 'RequestsPaused', args: {} }])
      }
      case 'unpauseRequests': {
        if (operation.from !== owner.address) return { refusals: ['OwnableUnauthorizedAccount'] }
        pausedSince = 0
        return done([{ name: 'RequestsUnpaused', args: {} }])
      }
      case 'setActive':
        isActive = operation.isActive
        return done([{ name: 'ModelActiveSet', args: { modelId: world.modelId, active: isActive } }])
      case 'setAgentWallet':
        wallets.set(operation.agentId, operation.wallet)
        return done()
    }
  }
  // -- reading

  function readRequest(requestId: Hex) {
    const entry = requests.get(requestId)
    const votes = entry?.votes ?? []
    const isOpen = entry?.status === 'open'
    const weight = (isValid: boolean) => weightOf(votes.filter((vote) => vote.isValid === isValid))
    const unclaimed = (isValid: boolean) =>
      votes
        .filter((vote) => vote.isValid === isValid && !vote.isClosed)
        .reduce((bits, { voter }) => bits | (1n << BigInt(voter.index)), 0n)
    return {
      status: toNumber(entry?.status ?? 'none'),
      fromDeposit: entry?.fromDeposit ?? false,
      feeSettled: entry?.feeSettled ?? false,
      openedAt: entry?.openedAt ?? 0,
      validWeight: weight(true),
      invalidWeight: weight(false),
      confidenceShortfall: isOpen
        ? sideOf(entry, true).reduce(
            (sum, { voter, confidence }) => sum + voter.weight * BigInt(entry.validConfidence - confidence),
            0n,
          )
        : 0n,
      runningHash: isOpen ? entry.runningHash : zeroHash,
      validVotes: unclaimed(true),
      invalidVotes: unclaimed(false),
    }
  }

  function readJob(jobId: Hex) {
    const { status, ...job } = jobOf(jobId)
    return { ...job, status: toNumber(status) }
  }

  return {
    apply,
    readRequest,
    readJob,
    isFinal: (request: Request) => isFinal(statusOf(idOf(request))),
    readCommitment: (requestId: Hex, operator: Address): Hex => commitments.get(`${requestId},${operator}`) ?? zeroHash,
    readBalance: (asset: Address, account: Address) => ({ ...balanceOf(asset, account) }),
    readHolding: (asset: Address) => holdingOf(asset).amount,
    readAgent: (agentId: bigint) => ({ ...agentCount(agentId) }),
    readModel: (...agentId: bigint[]) => ({ ...modelCount(...agentId) }),
    occurrences,
  }
}

export type Model = ReturnType<typeof createModel>

const toNumber = (status: RequestStatus) => requestStatuses.indexOf(status)

/** The upper 160 bits, the rest zero. */
function truncate(hash: Hex): Hex {
  return `${sliceHex(hash, 0, 20)}${'00'.repeat(12)}`
}

function hashWords(...words: readonly [Hex, Hex]): Hex {
  return keccak256(encodeAbiParameters([{ type: 'bytes32' }, { type: 'bytes32' }], words))
}
