import { type Address, type Hex, type Log, parseEventLogs } from 'viem'
import * as proofOfInferenceAvsAbi from '../../abis/calls/proofOfInferenceAvs.ts'
import { type RequestStatus, toRequestStatus } from '../../utils/requestStatus.ts'
import { readVerdict } from '../../utils/vote.ts'

/**
 * Above what is estimated: votes of others, mined before, may change what a ballot comes to.
 */
export const ballotGas = 400_000n

/** What became of a vote that was submitted with others. */
export type VoteResult = {
  operator: Address
  /** In the unit of the operator set; 0 when the vote does not count. */
  weight: bigint
  /** False, too, for a committed vote that was revealed after the request was final. */
  isCounted: boolean
  /** Why the vote was skipped: the error that it alone would have failed with. */
  error: Error | undefined
}

/** What became of one of several requests. */
export type BallotResult = {
  requestId: Hex
  /** Of the request after the call; `none` where it was skipped, or where nothing but its votes is known. */
  status: RequestStatus
  /** Why the request was skipped as a whole. */
  error: Error | undefined
  votes: VoteResult[]
}

/** Reads what became of each request from the events of the transaction. */
export async function readBallotResults(
  logs: Log<bigint, number, false>[],
  requestIds: readonly Hex[],
): Promise<BallotResult[]> {
  const resultsAbi = [
    ...proofOfInferenceAvsAbi.RequestFinalized,
    ...proofOfInferenceAvsAbi.RequestSkipped,
    ...proofOfInferenceAvsAbi.VerificationSkipped,
    ...proofOfInferenceAvsAbi.VerificationSubmitted,
  ] as const
  const { toSkipError } = await import('../../errors/contractErrors.ts')
  const events = parseEventLogs({
    abi: resultsAbi,
    eventName: ['RequestFinalized', 'RequestSkipped', 'VerificationSkipped', 'VerificationSubmitted'],
    logs,
  })
  return requestIds.map((requestId) => {
    const result: BallotResult = { requestId, status: 'none', error: undefined, votes: [] }
    for (const { eventName, args } of events) {
      if (args.requestId !== requestId) continue
      if (eventName === 'RequestFinalized') result.status = toRequestStatus(args.status)
      else if (eventName === 'RequestSkipped') result.error = toSkipError(args.reason)
      else if (eventName === 'VerificationSkipped') {
        result.votes.push({
          operator: args.operator,
          weight: 0n,
          isCounted: false,
          error: toSkipError(args.reason),
        })
      } else {
        const { weight, isCounted } = readVerdict(args.verdict)
        result.votes.push({ operator: args.operator, weight, isCounted, error: undefined })
        if (result.status === 'none' && isCounted) result.status = 'open'
      }
    }
    return result
  })
}
