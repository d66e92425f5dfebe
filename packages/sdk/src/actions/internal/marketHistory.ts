import type { Address, Client, GetLogsErrorType, Hex } from 'viem'
import { getLogs } from 'viem/actions'
import * as proofOfInferenceAvsAbi from '../../abis/calls/proofOfInferenceAvs.ts'
import type { Deployment } from '../../deployments/deployment.ts'
import { type RequestStatus, toRequestStatus } from '../../utils/requestStatus.ts'
import type { Job } from '../../utils/typedData.ts'
import { type Proportion, wilsonInterval } from '../../utils/wilsonInterval.ts'
import type { OpenedRequest } from './queryRequests.ts'

/** What happened in a market. */
type MarketHistory = {
  requests: OpenedRequest[]
  /** How requests ended, by id; the others are open. */
  outcomes: Map<Hex, { status: RequestStatus; response: number }>
  /** Requests that decided their job, which has their outcome. */
  decisive: Set<Hex>
}

/** Reads what happened in ranges of blocks, with a query each. */
export async function queryMarketHistory(
  client: Client,
  { deployment, ranges }: { deployment: Deployment; ranges: readonly { fromBlock: bigint; toBlock: bigint }[] },
): Promise<MarketHistory> {
  const marketEvents = [
    proofOfInferenceAvsAbi.InferenceVerificationRequested[0],
    proofOfInferenceAvsAbi.RequestFinalized[0],
  ] as const
  const history: MarketHistory = { requests: [], outcomes: new Map(), decisive: new Set() }
  for (const range of ranges) {
    const logs = await getLogs(client, { address: deployment.avs, events: marketEvents, strict: true, ...range })
    for (const { eventName, args, blockNumber, logIndex, transactionHash } of logs) {
      if (eventName === 'InferenceVerificationRequested')
        history.requests.push({ ...args, blockNumber, logIndex, transactionHash })
      else {
        history.outcomes.set(args.requestId, { status: toRequestStatus(args.status), response: args.response })
        if (args.decidesJob) history.decisive.add(args.requestId)
      }
    }
  }
  return history
}

export declare namespace queryMarketHistory {
  type ErrorType = GetLogsErrorType
}

/** What was requested, and what came of it. */
export type MarketRecord = {
  requests: {
    total: number
    open: number
    verified: number
    rejected: number
    expired: number
  }
  jobs: {
    /** Decided by one of the requests. */
    decided: number
    verified: number
    /** `verified` of `decided`. */
    accuracy: Proportion
  }
  /** Mean of the responses of the verified jobs, 1..100; `null` of none. */
  meanResponse: number | null
  /** What the requests offered, by asset (the zero address is the native currency), in its smallest unit. */
  volume: { asset: Address; rewards: bigint; fees: bigint }[]
}

/** The record of those requests whose job is chosen. */
export function tallyMarket(
  { requests, outcomes, decisive }: MarketHistory,
  isChosen: (job: Job) => boolean,
): MarketRecord {
  const chosen = requests.filter(({ job }) => isChosen(job))
  const count = { open: 0, verified: 0, rejected: 0, expired: 0 }
  const responses: number[] = []
  const volume = new Map<Address, { asset: Address; rewards: bigint; fees: bigint }>()
  let decided = 0
  for (const { requestId, request } of chosen) {
    const { status, response = 0 } = outcomes.get(requestId) ?? {}
    if (status === 'verified' || status === 'rejected' || status === 'expired') count[status]++
    else count.open++
    if (decisive.has(requestId)) {
      decided++
      if (status === 'verified') responses.push(response)
    }
    const { asset, reward, verificationFee } = request
    const paid = volume.get(asset) ?? { asset, rewards: 0n, fees: 0n }
    volume.set(asset, { asset, rewards: paid.rewards + reward, fees: paid.fees + verificationFee })
  }
  return {
    requests: { total: chosen.length, ...count },
    jobs: { decided, verified: responses.length, accuracy: wilsonInterval(responses.length, decided) },
    meanResponse:
      responses.length === 0 ? null : responses.reduce((sum, response) => sum + response, 0) / responses.length,
    volume: [...volume.values()],
  }
}
