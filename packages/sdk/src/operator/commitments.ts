import { type Address, type Hex, isAddressEqual } from 'viem'
import type { SignedCommitment } from '../aggregator/types.ts'
import type { Deployment } from '../deployments/deployment.ts'
import { CommitmentsInsufficientError } from '../errors/operator.ts'
import { isSameAddress, recoverSigner } from '../utils/signature.ts'
import { hashCommitment, type Job, type Request } from '../utils/typedData.ts'
import type { Reads } from './reads.ts'

const basisPoints = 10_000n
/** Operators with an index. */
const maxOperators = 256

/**
 * Makes sure that, next to the operator itself, others that make up a quorum have committed to their votes, so that
 * none of them can copy the one that is about to be revealed. Throws a `CommitmentsInsufficientError` otherwise.
 */
export async function assertCommitments({
  deployment,
  requestId,
  request,
  job,
  own,
  commitments,
  reads,
}: {
  deployment: Deployment
  requestId: Hex
  request: Request
  job: Job
  own: { readonly operator: Address; readonly commitment: Hex }
  commitments: readonly SignedCommitment[]
  reads: Pick<Reads, 'getVoter'>
}): Promise<void> {
  const issues: string[] = []
  const { operator, commitment } = own
  const others = new Map<Hex, SignedCommitment>()
  const bound = new Set<Hex>([toKey(commitment)])
  for (const each of commitments) {
    if (isAddressEqual(each.operator, operator)) continue
    if (toKey(each.requestId) !== toKey(requestId)) issues.push(`${each.operator}: for another request`)
    // Whoever repeats another's commitment cannot open it.
    else if (bound.has(toKey(each.commitment))) issues.push(`${each.operator}: the commitment of another operator`)
    else if (others.size < maxOperators && !others.has(toKey(each.operator))) {
      others.set(toKey(each.operator), each)
      bound.add(toKey(each.commitment))
    }
  }

  const voterOf = (account: Address) => reads.getVoter(account, request.referenceTimepoint)
  const [voter, voters] = await Promise.all([
    voterOf(operator),
    Promise.all([...others.values()].map(async (each) => ({ each, voter: await voterOf(each.operator) }))),
  ])
  const { totalWeight } = voter
  let { weight } = voter
  let count = 1
  const isEnough = () =>
    totalWeight > 0n && weight * basisPoints >= totalWeight * BigInt(job.quorumBps) && count >= job.minAttestations
  // The heaviest first: each signature takes a millisecond or two.
  for (const { each, voter } of voters.sort((a, b) => Number(b.voter.weight - a.voter.weight))) {
    if (isEnough()) return
    if (!voter.canVote) issues.push(`${each.operator}: cannot vote on the request`)
    else if (!(await isSignedBy(voter.signingKey, each, deployment))) issues.push(`${each.operator}: not its signature`)
    else {
      weight += voter.weight
      count++
    }
  }
  if (isEnough()) return
  const { quorumBps, minAttestations } = job
  throw new CommitmentsInsufficientError({ requestId, weight, totalWeight, quorumBps, count, minAttestations, issues })
}

async function isSignedBy(signingKey: Address, each: SignedCommitment, deployment: Deployment): Promise<boolean> {
  try {
    const signer = await recoverSigner(hashCommitment({ deployment, commitment: each }), each.signature, signingKey)
    return isSameAddress(signer, signingKey)
  } catch {
    // Not a commitment at all.
    return false
  }
}

function toKey(hex: Hex): Hex {
  return `0x${hex.slice(2).toLowerCase()}`
}
