import { type Address, type Client, type Hex, zeroAddress } from 'viem'
import { getDeposit } from '../actions/avs/getDeposit.ts'
import { getDepositWithdrawal } from '../actions/avs/getDepositWithdrawal.ts'
import { getRequest } from '../actions/avs/getRequest.ts'
import { getRequestState } from '../actions/avs/getRequestState.ts'
import { checkOpening, checkRequesterSignature } from '../actions/internal/checkOpening.ts'
import { checkVote, countChecked, isQuorum } from '../actions/internal/countVotes.ts'
import { isReferenceLasting } from '../actions/internal/isReferenceLasting.ts'
import { readVoter, toVoterKey, type VoterCache } from '../actions/internal/voterCache.ts'
import { getModelVersion } from '../actions/registry/getModelVersion.ts'
import type { Deployment } from '../deployments/deployment.ts'
import {
  InsufficientDepositError,
  InvalidCommitWindowError,
  InvalidSignerError,
  JobMismatchError,
  MethodMismatchError,
  OperatorCannotVoteError,
  RequestAlreadyOpenedError,
  RequestDeadlinePassedError,
  RequestNotOpenError,
} from '../errors/avs.ts'
import { isSameAddress, recoverSigner } from '../utils/signature.ts'
import { commitmentHash, hashAttestation, hashCommitment, hashJob, hashRequest } from '../utils/typedData.ts'
import { type Book, nowInSeconds, type Round } from './book.ts'
import type { RateLimit } from './limits.ts'
import { Refusal } from './refusal.ts'
import type { RevealedVote, SignedCommitment, SignedRequest } from './types.ts'

/** Tokens that asking the chain costs, over those of any call. */
const chainCost = 4

/** Takes tokens of who calls, or gives some back; throws a refusal when there are none left. */
export type Spend = (cost: number) => void

export type Intake = ReturnType<typeof createIntake>

/** Checks what comes in, the cheapest first, and keeps what passes. */
export function createIntake({
  client,
  deployment,
  book,
  voters,
  operatorLimit,
  onCertified,
  onVote,
}: {
  client: Client
  deployment: Deployment
  book: Book
  voters: VoterCache
  operatorLimit: RateLimit
  /** A request has the votes that decide it. */
  onCertified: (round: Round) => void
  /** A vote was accepted that decides nothing yet. */
  onVote: (round: Round) => void
}) {
  const loading = new Map<string, Promise<Round>>()
  /** Those that could vote when they were last asked for. */
  const operators = new Set<Address>()

  /** Reads the operators that are likely to come, ahead of time. What fails is asked for again when they do. */
  function prepareVoters({ request }: Round): void {
    for (const operator of operators) {
      readVoter(client, { deployment, operator, timepoint: request.referenceTimepoint, voters }).catch(() => {})
    }
  }

  async function admit(signed: SignedRequest, requestId: Hex): Promise<Round> {
    const { request, job, requesterSignature, consent } = signed
    const { requester, asset } = request
    // What was unsettled before the deposit was read, it may not have paid yet; nor what came meanwhile.
    const before = book.unsettled(requester, asset)
    await checkRequesterSignature(client, { deployment, request, requesterSignature })
    const [version, available, withdrawal, isLasting] = await Promise.all([
      getModelVersion(client, { deployment, modelVersionId: job.modelVersionId }),
      getDeposit(client, { deployment, asset, account: requester }),
      getDepositWithdrawal(client, { deployment, asset, account: requester }),
      isReferenceLasting(client, { deployment, request }),
      checkOpening(client, { deployment, request, job, consent }),
    ])
    if (!isLasting) {
      const message = 'The reference of the request is about to end: sign one that refers to the latest timepoint.'
      throw new Refusal(422, 'ReferenceTooOld', message)
    }
    const unsettled = new Set([...before, ...book.unsettled(requester, asset)])
    const known = book.get(requestId)
    if (known) return known
    const leaving = withdrawal && withdrawal.availableAt <= request.deadline ? withdrawal.amount : 0n
    const promised = [...unsettled].reduce((sum, round) => sum + costOf(round.request), 0n)
    const left = available - leaving - promised
    const required = costOf(request)
    if (left < required) {
      throw new InsufficientDepositError({ account: requester, asset, required, available: left < 0n ? 0n : left })
    }
    const round = book.add({ requestId, request, job, version, signed })
    prepareVoters(round)
    return round
  }

  /** A request that its requester opened on chain. */
  async function findOpen(requestId: Hex): Promise<Round> {
    const { status } = await getRequestState(client, { deployment, requestId })
    if (status === 'none') {
      throw new Refusal(404, 'RequestUnknown', 'The request was not handed in, nor opened on chain.')
    }
    if (status !== 'open') throw new RequestNotOpenError({ requestId, status })
    const { request, job } = await getRequest(client, { deployment, requestId })
    const { commitWindow, deadline } = request
    // Its commitments are made on chain.
    if (commitWindow !== 0) throw new InvalidCommitWindowError({ commitWindow, deadline })
    if (deadline < nowInSeconds()) throw new RequestDeadlinePassedError({ requestId, deadline })
    const version = await getModelVersion(client, { deployment, modelVersionId: job.modelVersionId })
    return book.get(requestId) ?? book.add({ requestId, request, job, version, signed: undefined })
  }

  /** Asks the chain once, however many ask for the same at a time. */
  function once(key: string, load: () => Promise<Round>): Promise<Round> {
    const known = loading.get(key)
    if (known) return known
    const promise = load().finally(() => loading.delete(key))
    loading.set(key, promise)
    return promise
  }

  async function find(requestId: Hex, spend: Spend): Promise<Round> {
    const round = book.get(requestId)
    if (round) return round
    spend(chainCost)
    const found = await once(`open ${requestId}`, () => findOpen(requestId))
    spend(-chainCost)
    return found
  }

  /** The operator, once its key is known to have signed. */
  async function authenticate(round: Round, { operator, signature, digest }: Signed, spend: Spend) {
    const { referenceTimepoint } = round.request
    const isUnknown = !voters.has(toVoterKey(referenceTimepoint, operator))
    if (isUnknown) spend(chainCost)
    const voter = await readVoter(client, { deployment, operator, timepoint: referenceTimepoint, voters })
    if (!voter.canVote) {
      operators.delete(operator)
      throw new OperatorCannotVoteError({ operator, referenceTimepoint })
    }
    const { signingKey } = voter
    const recovered = await recoverSigner(digest, signature, signingKey)
    if (!isSameAddress(recovered, signingKey)) {
      throw new InvalidSignerError({ recovered: recovered ?? zeroAddress, signingKey })
    }
    operators.add(operator)
    // Operators are not charged for being looked up; who is none is.
    if (isUnknown) spend(-chainCost)
    const retryAfter = operatorLimit.take(operator)
    if (retryAfter > 0) throw new Refusal(429, 'RateLimited', 'The operator asks too often.', retryAfter)
    return voter
  }

  function assertCollecting({ requestId, request, status, outcome }: Round): void {
    if (status === 'expired' || request.deadline < nowInSeconds()) {
      throw new RequestDeadlinePassedError({ requestId, deadline: request.deadline })
    }
    if (status === 'settled') throw new RequestNotOpenError({ requestId, status: outcome ?? 'none' })
  }

  return {
    /** Looks a request up, on chain if it was not handed in. */
    find,

    /** Takes a signed request; again and again, if need be. */
    async takeRequest(signed: SignedRequest, spend: Spend): Promise<Round> {
      const { request, job } = signed
      const requestId = hashRequest({ deployment, request })
      const known = book.get(requestId)
      if (known) return known
      const jobId = hashJob({ deployment, job })
      if (jobId !== request.jobId) throw new JobMismatchError({ expected: request.jobId, actual: jobId })
      const { commitWindow, deadline } = request
      if (commitWindow !== 0) throw new InvalidCommitWindowError({ commitWindow, deadline })
      if (deadline <= nowInSeconds()) throw new RequestDeadlinePassedError({ requestId, deadline })
      spend(chainCost)
      return once(`signed ${requestId}`, () =>
        admit(signed, requestId).catch((error: unknown) => {
          if (error instanceof RequestAlreadyOpenedError) return findOpen(requestId)
          throw error
        }),
      )
    },

    /** Takes an operator's commitment: one for each request. */
    async takeCommitment(commitment: SignedCommitment, spend: Spend): Promise<void> {
      const { requestId, operator, signature } = commitment
      const round = await find(requestId, spend)
      assertCollecting(round)
      const digest = hashCommitment({ deployment, commitment })
      await authenticate(round, { operator, signature, digest }, spend)
      const held = round.commitments.get(operator)
      if (held) {
        if (held.commitment === commitment.commitment) return
        throw new Refusal(409, 'AlreadyCommitted', 'The operator has committed to another vote on this request.')
      }
      assertCollecting(round)
      round.commitments.set(operator, commitment)
      const { job, request } = round
      const committed = await Promise.all(
        [...round.commitments.keys()].map((each) =>
          readVoter(client, { deployment, operator: each, timepoint: request.referenceTimepoint, voters }),
        ),
      )
      const weight = committed.reduce((sum, voter) => sum + voter.weight, 0n)
      if (!isQuorum(weight, committed[0]?.totalWeight ?? 0n, job) || committed.length < job.minAttestations) return
      round.isCommitted = true
      book.changed(round)
    },

    /** Takes the vote that an operator committed to, once operators of a quorum's weight have committed. */
    async takeVote(revealed: RevealedVote, spend: Spend): Promise<void> {
      const { attestation, signature, operatorSalt } = revealed
      const { requestId, operator, method } = attestation
      const round = await find(requestId, spend)
      assertCollecting(round)
      const commitment = round.commitments.get(operator)
      if (!commitment) {
        throw new Refusal(409, 'CommitmentMissing', 'The operator has not committed to a vote on this request.')
      }
      if (!round.isCommitted) {
        throw new Refusal(409, 'CommitmentsIncomplete', 'Operators of a quorum have not committed yet: keep the vote.')
      }
      const digest = hashAttestation({ deployment, attestation })
      if (commitmentHash(digest, operatorSalt) !== commitment.commitment) {
        throw new Refusal(409, 'CommitmentMismatch', 'The vote is not the one the operator committed to.')
      }
      const expected = round.version.methodId
      if (method !== expected.toLowerCase()) throw new MethodMismatchError({ expected, actual: method })
      const voter = await authenticate(round, { operator, signature, digest }, spend)
      const error = await checkVote({ deployment, request: round.request, version: round.version }, revealed, voter)
      if (error) throw error
      // Taken, but too late to be needed.
      if (round.votes.has(operator) || round.status !== 'collecting') return
      round.votes.set(operator, { vote: revealed, voter, error: undefined })
      const { request, job, version } = round
      round.count = countChecked({
        ...{ deployment, request, job, version },
        votes: [...round.votes.values()],
        totalWeight: voter.totalWeight,
      })
      if (round.count.status === 'open') return onVote(round)
      round.status = 'certified'
      book.changed(round)
      onCertified(round)
    },
  }
}

type Signed = Pick<SignedCommitment, 'operator' | 'signature'> & { readonly digest: Hex }

function costOf({ reward, verificationFee }: SignedRequest['request']): bigint {
  return reward + verificationFee
}
