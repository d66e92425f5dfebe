import { type Address, isAddressEqual } from 'viem'
import type { getVoter } from '../actions/operatorSet/getVoter.ts'
import type { JobStatus } from '../utils/requestStatus.ts'
import type { Job, Request } from '../utils/typedData.ts'
import type { SkipReason } from './machine.ts'
import type { Standing } from './standing.ts'
import type { RequestRecord, StoreOrigin } from './store.ts'
import type { MinimumFee } from './types.ts'

const basisPoints = 10_000n

export type Skip = { readonly reason: SkipReason; readonly details?: string | undefined }

/** Why a request is not worth any work, by what the chain says of it; `undefined` if it is. */
export async function assess(parameters: {
  record: RequestRecord
  standing: Standing
  jobStatus: JobStatus
  origin: StoreOrigin
  signer: Address
  minimumFee: MinimumFee | undefined
}): Promise<Skip | undefined> {
  const { record, standing, jobStatus, origin, signer, minimumFee } = parameters
  const { request, job } = record
  const { voter } = standing
  const age = checkAge(request, origin)
  if (age) return age
  if (standing.status !== 'open') return { reason: 'request-final', details: standing.status }
  if (jobStatus !== 'none') return { reason: 'job-decided', details: jobStatus }
  const unable = checkVoter(voter, signer)
  if (unable) return unable
  const fee = await checkFee({ request, job }, minimumFee)
  if (fee) return fee
  const { validWeight, invalidWeight } = standing
  const openWeight = voter.totalWeight - validWeight - invalidWeight
  const quorum = voter.totalWeight * BigInt(job.quorumBps)
  const isReachable = [validWeight, invalidWeight].some((side) => (side + openWeight) * basisPoints >= quorum)
  if (voter.weight === 0n || !isReachable) {
    return {
      reason: 'quorum-unreachable',
      details: `valid ${validWeight}, invalid ${invalidWeight} of ${voter.totalWeight}; quorum ${job.quorumBps} bps`,
    }
  }
  return undefined
}

/** An operator that lost its store may have signed for what refers to before the present one was made. */
export function checkAge(request: Request, origin: StoreOrigin): Skip | undefined {
  if (request.referenceTimepoint > origin.timepoint) return undefined
  const details = `reference ${request.referenceTimepoint}, store made at ${origin.timepoint}`
  return { reason: 'store-too-new', details }
}

export function checkVoter(voter: getVoter.ReturnType, signer: Address): Skip | undefined {
  if (!voter.canVote) return { reason: voter.weight > 0n ? 'stale-weight' : 'not-an-operator' }
  if (isAddressEqual(voter.signingKey, signer)) return undefined
  return { reason: 'wrong-signing-key', details: `registered ${voter.signingKey}, given ${signer}` }
}

export async function checkFee(
  { request, job }: { request: Request; job: Job },
  minimumFee: MinimumFee | undefined,
): Promise<Skip | undefined> {
  if (minimumFee === undefined) return undefined
  const floor =
    typeof minimumFee === 'function' ? await minimumFee({ request, job }) : floorOf(minimumFee, request.asset)
  if (floor === undefined) return { reason: 'fee-below-floor', details: `no floor for the asset ${request.asset}` }
  if (request.verificationFee >= floor) return undefined
  return { reason: 'fee-below-floor', details: `fee ${request.verificationFee}, floor ${floor}` }
}

function floorOf(floors: { readonly [asset: Address]: bigint }, asset: Address): bigint | undefined {
  return Object.entries(floors).find(([key]) => key.toLowerCase() === asset.toLowerCase())?.[1]
}
