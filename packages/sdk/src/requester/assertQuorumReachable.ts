import type { Client } from 'viem'
import { toVoterKey, type VoterCache } from '../actions/internal/voterCache.ts'
import { getSeatedOperators } from '../actions/operatorSet/getSeatedOperators.ts'
import { getTotalWeight } from '../actions/operatorSet/getTotalWeight.ts'
import { getVoter } from '../actions/operatorSet/getVoter.ts'
import type { Deployment } from '../deployments/deployment.ts'
import { QuorumUnreachableError } from '../errors/requester.ts'
import type { Job } from '../utils/typedData.ts'

/**
 * Makes sure that the operators that may vote could decide a job, if they agreed.
 *
 * @throws `QuorumUnreachableError`
 */
export async function assertQuorumReachable(
  client: Client,
  {
    deployment,
    job: { minAttestations, quorumBps },
    referenceTimepoint: timepoint,
    blockNumber,
    voters: cache,
  }: {
    deployment: Deployment
    job: Pick<Job, 'minAttestations' | 'quorumBps'>
    /** On the clock of the operator set; before its present. */
    referenceTimepoint: number
    /** The block to read at. */
    blockNumber: bigint
    /** Remembers the operators. */
    voters: VoterCache
  },
): Promise<void> {
  const [operators, totalWeight] = await Promise.all([
    getSeatedOperators(client, { deployment, blockNumber }),
    getTotalWeight(client, { deployment, timepoint, blockNumber }),
  ])
  const voters = await Promise.all(
    operators.map(async (operator) => {
      const voter = await getVoter(client, { deployment, operator, timepoint, blockNumber })
      cache.set(toVoterKey(timepoint, operator), Promise.resolve(voter))
      return { operator, ...voter }
    }),
  )
  const voting = voters.filter(({ canVote }) => canVote)
  const votingWeight = voting.reduce((sum, { weight }) => sum + weight, 0n)
  const hasWeight = votingWeight * 10_000n >= totalWeight * BigInt(quorumBps)
  if (hasWeight && voting.length >= minAttestations) return
  throw new QuorumUnreachableError({
    referenceTimepoint: timepoint,
    totalWeight,
    votingWeight,
    quorumBps,
    votingOperators: voting.map(({ operator }) => operator),
    minAttestations,
    // Without a weight it joined after the timepoint, and needs no refresh.
    staleOperators: voters.filter(({ canVote, weight }) => !canVote && weight > 0n).map(({ operator }) => operator),
  })
}
