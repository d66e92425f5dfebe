import type { Account, Address, Client, GetBlockErrorType, GetContractEventsErrorType, Hash, Hex } from 'viem'
import { getBlock, getContractEvents } from 'viem/actions'
import * as proofOfInferenceAvsAbi from '../../abis/calls/proofOfInferenceAvs.ts'
import type { Deployment } from '../../deployments/deployment.ts'
import { OutcomeTimeoutError, RequestUnsettledError } from '../../errors/request.ts'
import { toRequestStatus } from '../../utils/requestStatus.ts'
import { getBlockRanges } from '../internal/blockRanges.ts'
import { sleep } from '../internal/sleep.ts'
import type { BlockRangeParameters, DeploymentParameter, EventPosition } from '../types.ts'
import { getAttestations } from './getAttestations.ts'
import { getJobState } from './getJobState.ts'
import { getRequest } from './getRequest.ts'
import { getRequestState } from './getRequestState.ts'
import { settleRequest } from './settleRequest.ts'

/**
 * Waits until a request is verified, rejected or expired.
 *
 * The contract acts only when it is called, so a request without a quorum is not expired before somebody settles it
 * after its deadline; nor is one whose job another request decided. With `settle: true` this is done with the account
 * of the client; otherwise a `RequestUnsettledError` says so.
 *
 * @returns How the request ended, and the attestations up to then. `response` is the weight-mean confidence of the
 * winning votes in 1..100 when verified, 0 when rejected.
 * @throws `RequestNotFoundError`, `RequestUnsettledError`, `OutcomeTimeoutError`, the reason of `signal`
 *
 * @example
 * const outcome = await waitForOutcome(client, { deployment, requestId, settle: true })
 * if (outcome.status === 'verified') console.log(outcome.response)
 */
export async function waitForOutcome(
  client: Client,
  parameters: waitForOutcome.Parameters,
): Promise<waitForOutcome.ReturnType> {
  const { deployment, requestId, account, blocksPerQuery, settle, signal } = parameters
  const { fromBlock, pollingInterval = client.pollingInterval, timeout = Number.POSITIVE_INFINITY } = parameters
  const timesOutAt = Date.now() + timeout
  signal?.throwIfAborted()
  const find = () => getRequest(client, { deployment, requestId, blocksPerQuery, fromBlock })
  const { jobId, job, request, blockNumber: openedAt } = await find()

  while (true) {
    signal?.throwIfAborted()
    // Both states of one block, or a decision in between would look like one by another request.
    const block = await getBlock(client)
    const at = { deployment, blockNumber: block.number }
    const [{ status }, decision] = await Promise.all([
      getRequestState(client, { ...at, requestId }),
      getJobState(client, { ...at, jobId }),
    ])
    if (status === 'open') {
      const isDecided = decision.status !== 'none' && decision.decidedAt <= request.deadline
      if (isDecided || block.timestamp > request.deadline) {
        if (!settle) {
          const jobStatus = isDecided ? decision.status : 'none'
          throw new RequestUnsettledError({ requestId, deadline: request.deadline, jobStatus })
        }
        if (await isSettledNow(settleRequest(client, { deployment, account, request, job }))) continue
      }
    } else {
      // A request that a certificate settled has no record but its events.
      const range = { blocksPerQuery, fromBlock: openedAt, toBlock: block.number }
      const outcome = await findOutcome(client, { deployment, requestId, ...range })
      if (outcome) return outcome
      // Blocks that are replaced may leave it out: then it is not found any more, nor can it be opened.
      if (block.timestamp > request.deadline) await find()
    }
    const rest = timesOutAt - Date.now()
    if (rest <= 0) throw new OutcomeTimeoutError({ requestId, timeout })
    await sleep(Math.min(pollingInterval, rest), signal)
  }
}

export declare namespace waitForOutcome {
  type BoundParameters = Pick<BlockRangeParameters, 'blocksPerQuery' | 'fromBlock'> & {
    /** Digest of the request, see `hashRequest`. */
    requestId: Hex
    /** Who settles. Default: the account of the client. */
    account?: Account | Address | undefined
    /** Milliseconds between looks at the chain. Default: that of the client. */
    pollingInterval?: number | undefined
    /** Settle the request as soon as that is possible, if it is needed. Default: `false`. */
    settle?: boolean | undefined
    /** Ends the waiting. */
    signal?: AbortSignal | undefined
    /** Milliseconds to wait at most. Default: no limit, since a request ends with its deadline. */
    timeout?: number | undefined
  }
  type Parameters = BoundParameters & DeploymentParameter
  /** The position is that of the event with which the request became final. */
  type ReturnType = EventPosition & {
    requestId: Hex
    jobId: Hex
    /** Covers the attestations that counted, in their order. */
    runningHash: Hash
    /** The attestations that counted; none where another request decided the job. */
    attestations: getAttestations.ReturnType
  } & (
      | { status: 'verified'; response: number }
      | { status: 'rejected'; response: 0 }
      | { status: 'expired'; response: null }
    )
  type ErrorType =
    | getRequest.ErrorType
    | getRequestState.ErrorType
    | getAttestations.ErrorType
    | settleRequest.ErrorType
    | GetBlockErrorType
    | GetContractEventsErrorType
    | OutcomeTimeoutError
    | RequestUnsettledError
}

/** False when somebody else settled the request in between. */
async function isSettledNow(settlement: Promise<unknown>): Promise<boolean> {
  try {
    await settlement
    return true
  } catch (error) {
    // By name: the class comes with the error, and need not be in a bundle before.
    if (error instanceof Error && error.name === 'RequestNotOpenError') return false
    throw error
  }
}

/** `undefined` while the node has the state, but not yet the event. */
async function findOutcome(
  client: Client,
  parameters: BlockRangeParameters & { deployment: Deployment; requestId: Hex },
): Promise<waitForOutcome.ReturnType | undefined> {
  const { deployment, requestId } = parameters
  const { ranges } = await getBlockRanges(client, parameters)
  for (const range of ranges.reverse()) {
    const [event] = await getContractEvents(client, {
      address: deployment.avs,
      abi: proofOfInferenceAvsAbi.RequestFinalized,
      eventName: 'RequestFinalized',
      args: { requestId },
      strict: true,
      ...range,
    })
    if (!event) continue
    const { args, blockNumber, logIndex, transactionHash } = event
    const { jobId, response, runningHash } = args
    const attestations = await getAttestations(client, { ...parameters, toBlock: blockNumber })
    const outcome = {
      requestId,
      jobId,
      runningHash,
      attestations: attestations.filter(({ isCounted }) => isCounted),
      blockNumber,
      logIndex,
      transactionHash,
    }
    const status = toRequestStatus(args.status)
    if (status === 'verified') return { ...outcome, status, response }
    if (status === 'rejected') return { ...outcome, status, response: 0 }
    if (status === 'expired') return { ...outcome, status, response: null }
    throw new RangeError(`A request cannot end as ${status}.`)
  }
  return undefined
}
