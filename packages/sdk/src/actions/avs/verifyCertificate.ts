import type { Client, GetBlockNumberErrorType, Hex } from 'viem'
import { getBlock, getBlockNumber } from 'viem/actions'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import {
  type ConsentMissingError,
  type InsufficientDepositError,
  InvalidCommitWindowError,
  type InvalidRequesterSignatureError,
  JobAlreadyDecidedError,
  JobMismatchError,
  QuorumNotReachedError,
  RequestDeadlinePassedError,
  RequestNotOpenError,
} from '../../errors/avs.ts'
import { hashJob, hashRequest } from '../../utils/typedData.ts'
import type { VoteResult } from '../internal/ballotResults.ts'
import { checkOpening, checkRequesterSignature } from '../internal/checkOpening.ts'
import { checkVotes, countChecked } from '../internal/countVotes.ts'
import { createVoterCache, type VoterCache } from '../internal/voterCache.ts'
import { getModelVersion } from '../registry/getModelVersion.ts'
import type { DeploymentParameter, ReadErrorType } from '../types.ts'
import { getJobState } from './getJobState.ts'
import { getRequestState } from './getRequestState.ts'
import { isNonceUsed } from './isNonceUsed.ts'
import type { Certificate } from './settleCertificates.ts'

/**
 * Checks a consensus that was reached off chain: says what `settleCertificates` would make of it in the present state
 * of the chain, without a transaction. Of a certificate that is settled already, says what it was settled as.
 *
 * Checked are the requester's signature (ECDSA, or ERC-1271), that the request could be opened against its requester's
 * deposit now, the agent's consent, and of each vote the signing key and the weight of its operator at the request's
 * reference, the method and the confidence; each operator counts once. One side must have the quorum of the total
 * weight and the least number of votes.
 *
 * @returns `response` is the weight-mean confidence of the winning votes in 1..100 when verified, 0 when rejected.
 * `weight` is that of the winning side. `votes` says of each vote whether it counts; those after the quorum do not.
 * @throws `QuorumNotReachedError`, whose cause has the errors of the votes that do not count;
 * `InvalidRequesterSignatureError`, `InsufficientDepositError`, `ConsentMissingError`, `JobMismatchError`; what else
 * opening the request would be refused with; `JobAlreadyDecidedError` where another request decided the job: this one
 * settles by that; `RequestNotOpenError` where the request ended without the certificate.
 *
 * @example
 * const { status, response } = await verifyCertificate(client, { deployment, certificate })
 * if (status === 'verified') console.log(`verified with ${response} %`)
 */
export async function verifyCertificate(
  client: Client,
  parameters: verifyCertificate.Parameters,
): Promise<verifyCertificate.ReturnType> {
  const { deployment, certificate, voters = createVoterCache() } = parameters
  const { request, job, requesterSignature, consent, votes } = certificate
  const requestId = hashRequest({ deployment, request })
  const jobId = hashJob({ deployment, job })
  if (jobId !== request.jobId.toLowerCase()) throw new JobMismatchError({ expected: request.jobId, actual: jobId })
  if (request.commitWindow !== 0) {
    throw new InvalidCommitWindowError({ commitWindow: request.commitWindow, deadline: request.deadline })
  }
  await assertDeployment(client, deployment)
  // What never changes needs no block.
  const [blockNumber, version] = await Promise.all([
    parameters.blockNumber ?? getBlockNumber(client, { cacheTime: 0 }),
    getModelVersion(client, { deployment, modelVersionId: job.modelVersionId }),
  ])
  const at = { deployment, blockNumber }
  // Asked for together, needed or not, since somebody waits for the answer. Why they fail is told in their turn.
  const checking = checkVotes(client, { deployment, request, version, votes, voters })
  const opening = checkOpening(client, { ...at, request, job, consent })
  for (const each of [checking, opening]) each.catch(() => {})
  const { requester, nonce } = request
  const [state, decision, isUsed] = await Promise.all([
    getRequestState(client, { ...at, requestId }),
    getJobState(client, { ...at, jobId }),
    isNonceUsed(client, { ...at, requester, nonce }),
  ])
  const isOpen = state.status === 'open'
  if (state.status !== 'none' && !isOpen) throw new RequestNotOpenError({ requestId, status: state.status })
  const isSettled = !isOpen && decision.status !== 'none' && isUsed
  if (decision.status !== 'none' && !isSettled) throw new JobAlreadyDecidedError({ jobId, status: decision.status })

  const [checked] = await Promise.all([
    checking,
    isOpen ? undefined : checkRequesterSignature(client, { deployment, request, requesterSignature }),
    isOpen ? assertInTime(client, { blockNumber, requestId, deadline: request.deadline }) : undefined,
    isOpen || isSettled ? undefined : opening,
  ])
  const count = countChecked({ deployment, request, job, version, ...checked, tally: isOpen ? state : undefined })
  const { status, response, totalWeight, validWeight, invalidWeight } = count
  if (status === 'open') {
    const errors = count.votes.flatMap(({ error }) => error ?? [])
    throw new QuorumNotReachedError({
      requestId,
      validWeight,
      invalidWeight,
      totalWeight,
      ...(errors.length === 0 ? {} : { cause: new AggregateError(errors, 'Votes that do not count.') }),
    })
  }
  // Another certificate may have been settled: of the request, of its nonce, or one that the job's decision settled.
  if (isSettled && (decision.status !== status || decision.response !== response)) {
    throw new JobAlreadyDecidedError({ jobId, status: decision.status })
  }
  const weight = status === 'verified' ? validWeight : invalidWeight
  return { requestId, jobId, status, response, weight, totalWeight, votes: count.votes }
}

export declare namespace verifyCertificate {
  type BoundParameters = {
    certificate: Certificate
    /** The state to judge by: that after this block. Default: the latest one. */
    blockNumber?: bigint | undefined
    /** Operators that were read before, see `createVoterCache`. Default: none. */
    voters?: VoterCache | undefined
  }
  type Parameters = BoundParameters & DeploymentParameter
  type ReturnType = {
    requestId: Hex
    jobId: Hex
    status: 'verified' | 'rejected'
    response: number
    /** In the unit of the operator set. */
    weight: bigint
    /** Of the operator set at the request's reference. */
    totalWeight: bigint
    /** In the order of the certificate. */
    votes: VoteResult[]
  }
  type ErrorType =
    | ReadErrorType
    | GetBlockNumberErrorType
    | ConsentMissingError
    | InsufficientDepositError
    | InvalidCommitWindowError
    | InvalidRequesterSignatureError
    | JobAlreadyDecidedError
    | JobMismatchError
    | QuorumNotReachedError
    | RequestDeadlinePassedError
    | RequestNotOpenError
    | getModelVersion.ErrorType
}

async function assertInTime(
  client: Client,
  { blockNumber, requestId, deadline }: { blockNumber: bigint; requestId: Hex; deadline: number },
): Promise<void> {
  const { timestamp } = await getBlock(client, { blockNumber })
  if (timestamp > deadline) throw new RequestDeadlinePassedError({ requestId, deadline })
}
