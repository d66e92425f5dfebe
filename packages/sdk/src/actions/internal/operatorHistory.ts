import type { Address, Client, GetContractEventsErrorType, GetLogsErrorType, Hex } from 'viem'
import { getContractEvents, getLogs } from 'viem/actions'
import * as proofOfInferenceAvsAbi from '../../abis/calls/proofOfInferenceAvs.ts'
import type { Deployment } from '../../deployments/deployment.ts'
import { type RequestStatus, toRequestStatus } from '../../utils/requestStatus.ts'
import { readVerdict } from '../../utils/vote.ts'
import type { EventPosition } from '../types.ts'
import { joinCanaries, type RevealedCanary } from './joinCanaries.ts'
import type { OpenedRequest } from './queryRequests.ts'

type HistoricVote = EventPosition & { requestId: Hex; isValid: boolean; confidence: number; isCounted: boolean }

/** What happened in some blocks, as far as it concerns an operator. */
export type OperatorHistory = {
  /** By id. */
  requests: Map<Hex, OpenedRequest>
  /** How requests ended, by id; the others are open. */
  outcomes: Map<Hex, RequestStatus>
  canaries: RevealedCanary[]
  /** The operator's, in order. */
  votes: HistoricVote[]
  /** The ids of the requests that the operator committed to a vote on, in order. */
  commitments: Hex[]
}

/** Reads what happened in ranges of blocks, with three queries each. */
export async function queryOperatorHistory(
  client: Client,
  {
    deployment,
    operator,
    ranges,
  }: { deployment: Deployment; operator: Address; ranges: readonly { fromBlock: bigint; toBlock: bigint }[] },
): Promise<OperatorHistory> {
  const history: OperatorHistory = {
    requests: new Map(),
    outcomes: new Map(),
    canaries: [],
    votes: [],
    commitments: [],
  }
  const revelations: (EventPosition & { jobId: Hex; isValid: boolean })[] = []
  const votesAbi = [
    ...proofOfInferenceAvsAbi.VerificationSubmitted,
    ...proofOfInferenceAvsAbi.VerificationCommitted,
  ] as const
  const marketEvents = [
    proofOfInferenceAvsAbi.InferenceVerificationRequested[0],
    proofOfInferenceAvsAbi.RequestFinalized[0],
    proofOfInferenceAvsAbi.CanaryRevealed[0],
  ] as const
  const ofOperator = {
    address: deployment.avs,
    abi: votesAbi,
    args: { operator },
    strict: true,
  } as const
  for (const range of ranges) {
    const [market, votes, commitments] = await Promise.all([
      getLogs(client, { address: deployment.avs, events: marketEvents, strict: true, ...range }),
      getContractEvents(client, { ...ofOperator, eventName: 'VerificationSubmitted', ...range }),
      getContractEvents(client, { ...ofOperator, eventName: 'VerificationCommitted', ...range }),
    ])
    for (const { eventName, args, blockNumber, logIndex, transactionHash } of market) {
      const position = { blockNumber, logIndex, transactionHash }
      if (eventName === 'InferenceVerificationRequested') history.requests.set(args.requestId, { ...args, ...position })
      else if (eventName === 'CanaryRevealed') revelations.push({ ...args, ...position })
      else history.outcomes.set(args.requestId, toRequestStatus(args.status))
    }
    for (const { args, blockNumber, logIndex, transactionHash } of votes)
      history.votes.push({
        requestId: args.requestId,
        ...readVerdict(args.verdict),
        blockNumber,
        logIndex,
        transactionHash,
      })
    for (const { args } of commitments) history.commitments.push(args.requestId)
  }
  history.canaries = joinCanaries(revelations, [...history.requests.values()])
  return history
}

export declare namespace queryOperatorHistory {
  type ErrorType = GetContractEventsErrorType | GetLogsErrorType
}
