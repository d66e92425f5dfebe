import type { Address, Client, ContractEventName, GetContractEventsErrorType, Hex } from 'viem'
import { getContractEvents } from 'viem/actions'
import * as proofOfInferenceAvsAbi from '../../abis/calls/proofOfInferenceAvs.ts'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import { JobNotFoundError } from '../../errors/request.ts'
import { hashRecord } from '../../utils/recordHash.ts'
import { type JobStatus, type RequestStatus, toJobStatus, toRequestStatus } from '../../utils/requestStatus.ts'
import type { Job } from '../../utils/typedData.ts'
import type { Binding } from '../../utils/validationRequest.ts'
import { readVerdict, toSignature } from '../../utils/vote.ts'
import { getBlockRanges } from '../internal/blockRanges.ts'
import { type OpenedRequest, queryRequests } from '../internal/queryRequests.ts'
import type { BlockRangeParameters, DeploymentParameter, EventPosition } from '../types.ts'
import type { getAttestations } from './getAttestations.ts'

/**
 * Reads all that the chain says of a job: its requests, every vote with its signature, how each request ended, what
 * decided the job, and where the outcome was posted. As the node reports it: `verifyReceipt` checks it.
 *
 * The payloads and the evidence are not on chain, but their digests are: `job.inputDigest`, `job.outputDigest`, and the
 * `evidenceDigest` of each vote.
 *
 * @throws `JobNotFoundError`
 *
 * @example
 * const { decision, requests } = await getAuditTrail(client, { deployment, jobId })
 */
export async function getAuditTrail(
  client: Client,
  parameters: getAuditTrail.Parameters,
): Promise<getAuditTrail.ReturnType> {
  const { deployment, jobId } = parameters
  await assertDeployment(client, deployment)
  const { fromBlock, toBlock, ranges } = await getBlockRanges(client, parameters)
  const jobAbi = [
    ...proofOfInferenceAvsAbi.RequestFinalized,
    ...proofOfInferenceAvsAbi.ConsentRecorded,
    ...proofOfInferenceAvsAbi.ReceiptPosted,
    ...proofOfInferenceAvsAbi.FeedbackPosted,
  ] as const
  const ofJob = <name extends ContractEventName<typeof jobAbi>>(eventName: name, range: object) =>
    ({
      address: deployment.avs,
      abi: jobAbi,
      eventName,
      args: { jobId },
      strict: true,
      ...range,
    }) as const
  const trail: Omit<getAuditTrail.ReturnType, 'job' | 'requests'> = {
    jobId,
    fromBlock,
    toBlock,
    consent: null,
    decision: null,
    receipts: [],
    feedback: null,
  }
  const opened: OpenedRequest[] = []
  const endings = new Map<Hex, getAuditTrail.Ending>()
  for (const range of ranges) {
    const [requests, finalized, consents, receipts, feedback] = await Promise.all([
      queryRequests(client, { deployment, jobId, ...range }),
      getContractEvents(client, ofJob('RequestFinalized', range)),
      getContractEvents(client, ofJob('ConsentRecorded', range)),
      getContractEvents(client, ofJob('ReceiptPosted', range)),
      getContractEvents(client, ofJob('FeedbackPosted', range)),
    ])
    opened.push(...requests)
    for (const event of finalized) {
      const { requestId, status, response, runningHash, decidesJob } = event.args
      endings.set(requestId, { status: toRequestStatus(status), response, runningHash, ...toPosition(event) })
      if (!decidesJob) continue
      const recordHash = hashRecord(runningHash, toJobStatus(status), response)
      trail.decision ??= { requestId, status: toJobStatus(status), response, recordHash, ...toPosition(event) }
    }
    for (const event of consents) {
      const { agentId, payee } = event.args
      trail.consent ??= { agentId, payee, ...toPosition(event) }
    }
    for (const event of receipts) {
      const { requestHash, binding, response } = event.args
      trail.receipts.push({ requestHash, binding, response, ...toPosition(event) })
    }
    for (const event of feedback) trail.feedback ??= { value: event.args.value, ...toPosition(event) }
  }
  const [first] = opened
  if (first === undefined) throw new JobNotFoundError({ jobId, fromBlock, toBlock })

  const votes: getAttestations.ReturnType = []
  for (const range of ranges) {
    const events = await getContractEvents(client, {
      address: deployment.avs,
      abi: proofOfInferenceAvsAbi.VerificationSubmitted,
      eventName: 'VerificationSubmitted',
      args: { requestId: opened.map(({ requestId }) => requestId) },
      strict: true,
      ...range,
    })
    for (const event of events) {
      const { r, vs, verdict, ...rest } = event.args
      votes.push({ ...rest, ...readVerdict(verdict), signature: toSignature({ r, vs }), ...toPosition(event) })
    }
  }
  return {
    ...trail,
    job: first.job,
    requests: opened.map((request) => ({
      ...request,
      attestations: votes.filter(({ requestId }) => requestId === request.requestId),
      ending: endings.get(request.requestId) ?? null,
    })),
  }
}

export declare namespace getAuditTrail {
  type BoundParameters = BlockRangeParameters & {
    /** Digest of the job, see `hashJob`. */
    jobId: Hex
  }
  type Parameters = BoundParameters & DeploymentParameter
  /** How a request ended. `runningHash` covers the attestations that counted. */
  type Ending = EventPosition & { status: RequestStatus; response: number; runningHash: Hex }
  type ReturnType = {
    jobId: Hex
    job: Job
    fromBlock: bigint
    toBlock: bigint
    /** In the order of their opening. `ending` is `null` while a request is open. */
    requests: (OpenedRequest & { attestations: getAttestations.ReturnType; ending: Ending | null })[]
    /** Of the agent; `null` where the job names none. */
    consent: (EventPosition & { agentId: bigint; payee: Address }) | null
    /**
     * By the first request to be verified or rejected; `null` before. `recordHash` follows from how that request ended:
     * what the AVS keeps.
     */
    decision:
      | (EventPosition & {
          requestId: Hex
          status: JobStatus
          response: number
          recordHash: Hex
        })
      | null
    /** What the AVS answered in the ValidationRegistry. */
    receipts: (EventPosition & { requestHash: Hex; binding: Binding; response: number })[]
    /** What the AVS gave in the ReputationRegistry. */
    feedback: (EventPosition & { value: number }) | null
  }
  type ErrorType = assertDeployment.ErrorType | getBlockRanges.ErrorType | GetContractEventsErrorType | JobNotFoundError
}

function toPosition({ blockNumber, logIndex, transactionHash }: EventPosition): EventPosition {
  return { blockNumber, logIndex, transactionHash }
}
