import type { Address, Client, GetContractEventsErrorType, Hex } from 'viem'
import { getContractEvents } from 'viem/actions'
import * as proofOfInferenceAvsAbi from '../../abis/calls/proofOfInferenceAvs.ts'
import type { Deployment } from '../../deployments/deployment.ts'
import type { Job, Request } from '../../utils/typedData.ts'
import type { EventPosition } from '../types.ts'

/** A request as it was opened. */
export type OpenedRequest = EventPosition & {
  requestId: Hex
  jobId: Hex
  requester: Address
  request: Request
  job: Job
  /** Whether the deposit of the requester paid it. */
  fromDeposit: boolean
}

/** Which requests to find; all of them where nothing is given. */
export type RequestFilter = {
  requestId?: Hex | undefined
  jobId?: Hex | undefined
  requester?: Address | undefined
}

/** The requests opened in a range of blocks, with a single query. */
export async function queryRequests(
  client: Client,
  {
    deployment,
    fromBlock,
    toBlock,
    requestId,
    jobId,
    requester,
  }: Omit<RequestFilter, 'jobId'> & {
    deployment: Deployment
    fromBlock: bigint
    toBlock: bigint
    /** One job, or any of several. */
    jobId?: Hex | Hex[] | undefined
  },
): Promise<OpenedRequest[]> {
  const events = await getContractEvents(client, {
    address: deployment.avs,
    abi: proofOfInferenceAvsAbi.InferenceVerificationRequested,
    eventName: 'InferenceVerificationRequested',
    args: { requestId, jobId, requester },
    fromBlock,
    toBlock,
    strict: true,
  })
  return events.map(({ args, blockNumber, logIndex, transactionHash }) => ({
    ...args,
    blockNumber,
    logIndex,
    transactionHash,
  }))
}

export declare namespace queryRequests {
  type ErrorType = GetContractEventsErrorType
}
