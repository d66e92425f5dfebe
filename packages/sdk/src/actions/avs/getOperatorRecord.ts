import { type Address, type Client, type GetBlockErrorType, type Hex, isAddressEqual } from 'viem'
import { getBlock } from 'viem/actions'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import { type SequentialTest, sequentialTest } from '../../utils/sequentialTest.ts'
import { type Proportion, wilsonInterval } from '../../utils/wilsonInterval.ts'
import { getBlockRanges } from '../internal/blockRanges.ts'
import { isBefore } from '../internal/joinCanaries.ts'
import { type OperatorHistory, queryOperatorHistory } from '../internal/operatorHistory.ts'
import type { BlockRangeParameters, DeploymentParameter } from '../types.ts'

/**
 * Reads what an operator did with the requests that were opened in a range of blocks: its votes, how they compare with
 * the outcomes, commitments it never revealed, and how it did on canaries. All of it from the chain, up to the end of
 * the range.
 *
 * Disagreeing with outcomes is not being wrong: the others may be. Only canaries tell, and only those of requesters that
 * are trusted to have committed to the right verdict: `canaryRequesters`.
 *
 * @returns `canaries`: over the canaries of `canaryRequesters` together, with Wald's sequential test of laziness; `null`
 * without them. `canariesByRequester`: of each requester of a canary, or each of `canaryRequesters`, alone.
 *
 * @example
 * const record = await getOperatorRecord(client, { deployment, operator, canaryRequesters: [account.address] })
 * if (record.canaries?.test.state === 'lazy') console.log(`${operator} does not do its work`)
 */
export async function getOperatorRecord(
  client: Client,
  parameters: getOperatorRecord.Parameters,
): Promise<getOperatorRecord.ReturnType> {
  const { deployment, operator, canaryRequesters } = parameters
  await assertDeployment(client, deployment)
  const { fromBlock, toBlock, ranges } = await getBlockRanges(client, parameters)
  const { timestamp } = await getBlock(client, { blockNumber: toBlock })
  const history = await queryOperatorHistory(client, { deployment, operator, ranges })
  const results = judgeCanaries(history)
  const tally = (isIncluded: (requesters: readonly Address[]) => boolean): getOperatorRecord.CanaryRecord => {
    const verdicts = results.filter(({ requesters }) => isIncluded(requesters)).map(({ isRight }) => isRight)
    const right = verdicts.filter(Boolean).length
    return { right, wrong: verdicts.length - right, test: sequentialTest(verdicts) }
  }
  const isOf = (requester: Address) => (requesters: readonly Address[]) =>
    requesters.some((each) => isAddressEqual(each, requester))
  return {
    operator,
    fromBlock,
    toBlock,
    ...tallyVotes(history),
    commitments: tallyCommitments(history, timestamp),
    canaries:
      canaryRequesters === undefined
        ? null
        : tally((requesters) => canaryRequesters.some((requester) => isOf(requester)(requesters))),
    canariesByRequester: (canaryRequesters ?? [...new Set(results.flatMap(({ requesters }) => requesters))]).map(
      (requester) => ({ requester, ...tally(isOf(requester)) }),
    ),
  }
}

export declare namespace getOperatorRecord {
  type BoundParameters = BlockRangeParameters & {
    operator: Address
    /**
     * Whose canaries to believe. A job can have requesters besides the one who made it: believe those only who request
     * no job of which another chose the salt.
     */
    canaryRequesters?: readonly Address[] | undefined
  }
  type Parameters = BoundParameters & DeploymentParameter
  /** Verdicts on canaries that were mined before the revelation, the first on each. */
  type CanaryRecord = {
    right: number
    wrong: number
    /** Over the verdicts in the order of the votes. */
    test: SequentialTest
  }
  type ReturnType = {
    operator: Address
    /** The requests are those opened from this block on. */
    fromBlock: bigint
    /** What happened later is left out. */
    toBlock: bigint
    votes: {
      total: number
      /** Those that counted towards the outcome: not those revealed after it. */
      counted: number
    }
    /** How the requests stand that the operator voted on. */
    outcomes: {
      open: number
      expired: number
      /** Decided as the operator voted. */
      agreed: number
      /** Decided the other way. */
      disagreed: number
      /** `disagreed` of all that were decided. */
      disagreement: Proportion
    }
    /** To votes, on requests with a commit window. */
    commitments: {
      total: number
      revealed: number
      /** Not revealed while the deadline has not passed. */
      pending: number
      /** Not revealed by the deadline: they count for nothing and earn nothing. */
      unrevealed: number
      unrevealedRequestIds: Hex[]
    }
    canaries: CanaryRecord | null
    canariesByRequester: ({ requester: Address } & CanaryRecord)[]
  }
  type ErrorType =
    | assertDeployment.ErrorType
    | getBlockRanges.ErrorType
    | queryOperatorHistory.ErrorType
    | GetBlockErrorType
}

function tallyVotes({
  requests,
  outcomes,
  votes,
}: OperatorHistory): Pick<getOperatorRecord.ReturnType, 'votes' | 'outcomes'> {
  const tally = { open: 0, expired: 0, agreed: 0, disagreed: 0 }
  let total = 0
  let counted = 0
  for (const { requestId, isValid, confidence, isCounted } of votes) {
    const opened = requests.get(requestId)
    if (!opened) continue
    total++
    if (isCounted) counted++
    const side = isValid && confidence >= opened.job.minConfidence ? 'verified' : 'rejected'
    const outcome = outcomes.get(requestId)
    if (outcome === undefined) tally.open++
    else if (outcome === 'expired') tally.expired++
    else if (outcome === side) tally.agreed++
    else tally.disagreed++
  }
  const disagreement = wilsonInterval(tally.disagreed, tally.agreed + tally.disagreed)
  return { votes: { total, counted }, outcomes: { ...tally, disagreement } }
}

function tallyCommitments(
  { requests, votes, commitments }: OperatorHistory,
  timestamp: bigint,
): getOperatorRecord.ReturnType['commitments'] {
  const voted = new Set(votes.map(({ requestId }) => requestId))
  const tally = { total: 0, revealed: 0, pending: 0 }
  const unrevealedRequestIds: Hex[] = []
  for (const requestId of commitments) {
    const opened = requests.get(requestId)
    if (!opened) continue
    tally.total++
    // The contract takes no vote after the deadline.
    if (voted.has(requestId)) tally.revealed++
    else if (timestamp <= opened.request.deadline) tally.pending++
    else unrevealedRequestIds.push(requestId)
  }
  return { ...tally, unrevealed: unrevealedRequestIds.length, unrevealedRequestIds }
}

/** Whether the operator was right on each canary, in the order of its votes. */
function judgeCanaries({ requests, canaries, votes }: OperatorHistory) {
  const byJob = new Map(canaries.map((canary) => [canary.jobId, canary]))
  const results: { isRight: boolean; requesters: readonly Address[] }[] = []
  for (const vote of votes) {
    const jobId = requests.get(vote.requestId)?.jobId
    const canary = jobId && byJob.get(jobId)
    if (!canary || !isBefore(vote, canary)) continue
    // Another vote on the same job says nothing new of the operator.
    byJob.delete(canary.jobId)
    // As signed: what counts as invalid only for its low confidence still says valid.
    results.push({ isRight: vote.isValid === canary.isValid, requesters: canary.requesters })
  }
  return results
}
