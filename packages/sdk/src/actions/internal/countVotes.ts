import { type Client, type Hex, zeroAddress } from 'viem'
import type { Deployment } from '../../deployments/deployment.ts'
import {
  AlreadyVotedError,
  ConfidenceOutOfRangeError,
  InvalidSignerError,
  OperatorCannotVoteError,
  RequestNotOpenError,
} from '../../errors/avs.ts'
import { isSameAddress, recoverSigner } from '../../utils/signature.ts'
import { hashAttestation, hashRequest, type Job, type Request, type VersionConfig } from '../../utils/typedData.ts'
import { type SignedAttestation, toSignature, toVote } from '../../utils/vote.ts'
import { getTotalWeight } from '../operatorSet/getTotalWeight.ts'
import type { getVoter } from '../operatorSet/getVoter.ts'
import type { VoteResult } from './ballotResults.ts'
import { readVoter, type VoterCache } from './voterCache.ts'

const maxConfidence = 10_000

/** What the contract counted before: `getRequestState` of an open request. */
export type Tally = {
  readonly validVotes: bigint
  readonly invalidVotes: bigint
  readonly validWeight: bigint
  readonly invalidWeight: bigint
  readonly confidenceShortfall: bigint
}

const emptyTally: Tally = {
  validVotes: 0n,
  invalidVotes: 0n,
  validWeight: 0n,
  invalidWeight: 0n,
  confidenceShortfall: 0n,
}

/** What votes came to. */
export type Count = {
  readonly status: 'open' | 'verified' | 'rejected'
  /** Weight-mean confidence of the valid votes in 1..100 when verified; 0 otherwise. */
  readonly response: number
  readonly validWeight: bigint
  readonly invalidWeight: bigint
  readonly totalWeight: bigint
  /** Of each vote, in their order. */
  readonly votes: VoteResult[]
}

type CountParameters = {
  readonly deployment: Deployment
  readonly request: Request
  readonly job: Job
  /** The job's model version. */
  readonly version: Pick<VersionConfig, 'methodId' | 'validConfidence'>
}

/** Why a vote alone would not count on a request that nobody voted on; `undefined` when it would. */
export async function checkVote(
  { deployment, request, version }: Omit<CountParameters, 'job'>,
  vote: SignedAttestation,
  voter: getVoter.ReturnType,
): Promise<Error | undefined> {
  const { isValid, confidence, operator } = vote.attestation
  const maximum = isValid ? version.validConfidence : maxConfidence
  if (confidence > maximum) return new ConfidenceOutOfRangeError({ confidence, maximum })
  const { referenceTimepoint } = request
  if (!voter.canVote) return new OperatorCannotVoteError({ operator, referenceTimepoint })
  // Neither travels with the vote: the contract takes the request's own id, and the version's method.
  const requestId = hashRequest({ deployment, request })
  const attestation = { ...vote.attestation, requestId, method: version.methodId }
  const compact = toCompact(vote)
  const recovered =
    compact && (await recoverSigner(hashAttestation({ deployment, attestation }), compact, voter.signingKey))
  if (!recovered || !isSameAddress(recovered, voter.signingKey)) {
    return new InvalidSignerError({ recovered: recovered ?? zeroAddress, signingKey: voter.signingKey })
  }
  return undefined
}

/** The signature as it arrives at the contract; `undefined` when it cannot be sent. */
function toCompact(vote: SignedAttestation): Hex | undefined {
  try {
    return toSignature(toVote(vote))
  } catch {
    return undefined // not 65 bytes that encode a signature
  }
}

/** A vote, who cast it, and why it does not count if it does not. */
export type CheckedVote = {
  readonly vote: SignedAttestation
  readonly voter: getVoter.ReturnType
  readonly error: Error | undefined
}

/**
 * Checks votes one by one, for {@link countChecked}. Operators are read from the chain, at the request's reference, and
 * so is their total weight.
 */
export async function checkVotes(
  client: Client,
  {
    votes,
    voters,
    ...parameters
  }: Omit<CountParameters, 'job'> & { readonly votes: readonly SignedAttestation[]; readonly voters: VoterCache },
): Promise<{ votes: CheckedVote[]; totalWeight: bigint }> {
  const { deployment, request } = parameters
  const timepoint = request.referenceTimepoint
  const checked = await Promise.all(
    votes.map(async (vote) => {
      const { operator } = vote.attestation
      const voter = await readVoter(client, { deployment, operator, timepoint, voters })
      return { vote, voter, error: await checkVote(parameters, vote, voter) }
    }),
  )
  const totalWeight = checked[0]?.voter.totalWeight ?? (await getTotalWeight(client, { deployment, timepoint }))
  return { votes: checked, totalWeight }
}

/** Counts votes as the contract does, in their order, on top of what it counted before. */
export function countChecked({
  deployment,
  request,
  job,
  version,
  votes,
  totalWeight,
  tally = emptyTally,
}: CountParameters & {
  readonly votes: readonly CheckedVote[]
  readonly totalWeight: bigint
  readonly tally?: Tally | undefined
}): Count {
  const requestId = hashRequest({ deployment, request })
  let { validVotes, invalidVotes, validWeight, invalidWeight, confidenceShortfall } = tally
  let status: Count['status'] = 'open'
  const results: VoteResult[] = []
  for (const { vote, voter, error } of votes) {
    const { operator, isValid, confidence } = vote.attestation
    const bit = 1n << BigInt(voter.index)
    const problem =
      status !== 'open'
        ? new RequestNotOpenError({ requestId, status })
        : (error ?? ((validVotes | invalidVotes) & bit ? new AlreadyVotedError({ requestId, operator }) : undefined))
    if (problem) {
      results.push({ operator, weight: 0n, isCounted: false, error: problem })
      continue
    }
    const { weight } = voter
    const countsAsValid = isValid && confidence >= job.minConfidence
    if (countsAsValid) {
      validVotes |= bit
      validWeight += weight
      confidenceShortfall += weight * BigInt(version.validConfidence - confidence)
    } else {
      invalidVotes |= bit
      invalidWeight += weight
    }
    const [sideWeight, side] = countsAsValid ? [validWeight, validVotes] : [invalidWeight, invalidVotes]
    if (isQuorum(sideWeight, totalWeight, job) && countBits(side) >= job.minAttestations) {
      status = countsAsValid ? 'verified' : 'rejected'
    }
    results.push({ operator, weight, isCounted: true, error: undefined })
  }
  const response =
    status === 'verified'
      ? Number((BigInt(version.validConfidence) * validWeight - confidenceShortfall) / validWeight / 100n)
      : 0
  return { status, response, validWeight, invalidWeight, totalWeight, votes: results }
}

/** Whether a weight is the share of the total that a job asks for. Without any weight there is no quorum. */
export function isQuorum(weight: bigint, totalWeight: bigint, { quorumBps }: Pick<Job, 'quorumBps'>): boolean {
  return totalWeight !== 0n && weight * 10_000n >= totalWeight * BigInt(quorumBps)
}

function countBits(bits: bigint): number {
  return bits.toString(2).replaceAll('0', '').length
}
