import { type Address, type Client, type Hex, isAddressEqual, zeroHash } from 'viem'
import { getContractEvents } from 'viem/actions'
import * as proofOfInferenceAvsAbi from '../../abis/calls/proofOfInferenceAvs.ts'
import { failed, passed, unchecked } from '../../audit/check.ts'
import type { AuditCheck } from '../../audit/types.ts'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import type { Deployment } from '../../deployments/deployment.ts'
import { InvalidSignerError } from '../../errors/avs.ts'
import { isProofOfInferenceError } from '../../errors/base.ts'
import { RegistryMissingError } from '../../errors/receipts.ts'
import { extendHash, hashRecord } from '../../utils/recordHash.ts'
import { hashAttestation, hashJob, hashRequest } from '../../utils/typedData.ts'
import { hashValidationRequest, ownBinding, receiptTag } from '../../utils/validationRequest.ts'
import { getValidation } from '../erc8004/getValidation.ts'
import { getBlockRanges } from '../internal/blockRanges.ts'
import { checkVote, countChecked } from '../internal/countVotes.ts'
import { getVoter } from '../operatorSet/getVoter.ts'
import { getModelVersion } from '../registry/getModelVersion.ts'
import type { BlockRangeParameters, DeploymentParameter } from '../types.ts'
import { getAuditTrail } from './getAuditTrail.ts'
import { getJobState } from './getJobState.ts'

/**
 * Checks a receipt end to end, with nothing but a node: finds the validation and folds its history, makes sure that the
 * AVS of the deployment gave the answer, that the answered hash is bound to the job, that the record hash in the answer
 * is that of the votes, that each vote was signed by its operator's key and had its weight, and that the votes come to
 * the response.
 *
 * A receipt that fails is not an error but a report: `status` is `'invalid'`. What it proves holds if the node tells
 * the truth; ask several nodes, or one of your own.
 *
 * @returns `status`: `'verified'` and `'rejected'` only where every check passed; `'pending'` where nothing was
 * answered, which the registry's own state does not tell from a 0; `'unproven'` where a check could not be made;
 * `'invalid'` where one failed. `response`: what was answered, and `null` while nothing was.
 * @throws `ValidationNotFoundError`: nobody filed the hash. `RegistryMissingError`; what the node fails with.
 *
 * @example
 * const receipt = await verifyReceipt(client, { deployment, jobId })
 * if (receipt.status !== 'verified') console.log(receipt.notProven)
 */
export async function verifyReceipt(
  client: Client,
  parameters: verifyReceipt.Parameters,
): Promise<verifyReceipt.ReturnType> {
  const { deployment, blocksPerQuery } = parameters
  if (deployment.validationRegistry === null) throw new RegistryMissingError({})
  await assertDeployment(client, deployment)
  const { fromBlock, toBlock } = await getBlockRanges(client, parameters)
  const range = { fromBlock, toBlock, blocksPerQuery }
  const { requestHash, trail } = await locate(client, parameters, range)
  const validation = await getValidation(client, { registries: deployment, requestHash, ...range })
  const isPending = validation.answers.length === 0
  const checks: verifyReceipt.Checks = {
    ...checkValidation(deployment, validation),
    ...checkBinding(deployment, validation, trail),
    ...(await checkRecord(client, { deployment, toBlock }, validation, trail)),
  }
  const results = Object.values(checks).map(({ result }) => result)
  const response = validation.answers.at(-1)?.response ?? null
  const proven: string[] = []
  const notProven: string[] = []
  for (const name of checkNames) {
    const check = checks[name]
    if (check.result === 'passed') proven.push(claims[name])
    else notProven.push(`${claims[name]}: ${check.reason}`)
  }
  return {
    requestHash,
    jobId: trail?.jobId ?? null,
    status: results.includes('failed')
      ? 'invalid'
      : isPending
        ? 'pending'
        : results.includes('unchecked')
          ? 'unproven'
          : response === 0
            ? 'rejected'
            : 'verified',
    response,
    validation,
    checks,
    proven,
    notProven: [...notProven, ...limits],
    trail,
  }
}

export declare namespace verifyReceipt {
  type BoundParameters = BlockRangeParameters &
    (
      | {
          /** Of the job: its own receipt, or the first that was posted where the jobId itself was not answered. */
          jobId: Hex
          requestHash?: undefined
        }
      | {
          /** In the ValidationRegistry: a jobId, or the hash of a guarantee. */
          requestHash: Hex
          jobId?: undefined
        }
    )
  type Parameters = BoundParameters & DeploymentParameter
  type Checks = { readonly [name in ReceiptCheckName]: AuditCheck }
  type ReturnType = {
    requestHash: Hex
    /** `null` where the hash is known to belong to no job. */
    jobId: Hex | null
    status: 'verified' | 'rejected' | 'pending' | 'unproven' | 'invalid'
    response: number | null
    /** What the registry holds, with its history. */
    validation: getValidation.ReturnType
    checks: Checks
    /** What the checks that passed prove, a sentence each. */
    proven: string[]
    /** What they do not: because a check failed or could not be made, and what no receipt proves. */
    notProven: string[]
    /** What the receipt was checked against; `null` where the job was not found. */
    trail: getAuditTrail.ReturnType | null
  }
  type ErrorType =
    | assertDeployment.ErrorType
    | getAuditTrail.ErrorType
    | getJobState.ErrorType
    | getModelVersion.ErrorType
    | getValidation.ErrorType
    | getVoter.ErrorType
    | RegistryMissingError
}

/** What `verifyReceipt` looks at, in this order. */
export type ReceiptCheckName = (typeof checkNames)[number]

const checkNames = [
  'validator',
  'history',
  'answered',
  'job',
  'binding',
  'agent',
  'decision',
  'record',
  'signatures',
  'weights',
  'consensus',
  'answer',
] as const

const claims: { readonly [name in ReceiptCheckName]: string } = {
  validator: 'The validator is the AVS of the deployment',
  history: 'The answer was given once, and is what the registry holds',
  answered: 'The request was answered',
  job: 'The job is the one that its id names, and so are its requests',
  binding: 'The answered hash is bound to the job, this chain, registry and AVS',
  agent: 'The agent of the validation is the agent of the job, and agreed to it',
  decision: 'The job was decided, as the AVS still has it',
  record: 'The hash in the answer is that of all the votes that counted, and of what they came to',
  signatures: 'Every vote was signed by the signing key of its operator',
  weights: 'Every vote had the weight that its operator had at the reference',
  consensus: 'The votes come to a quorum, and to this outcome and response',
  answer: 'The answer is that outcome',
}

const limits = [
  'That the verdict is right: the operators that signed it say so, and only what they would lose stands behind it.',
  'That the payloads and the evidence can be had: only their digests are on chain. See `auditEvidence`.',
  'What the URIs in the registry lead to.',
  'That the node tells the truth, and that the deployment is the one you mean.',
]

type Range = { fromBlock: bigint; toBlock: bigint; blocksPerQuery: bigint | undefined }

/** Which hash to look at, and the job that it belongs to. */
async function locate(client: Client, { deployment, jobId, requestHash }: verifyReceipt.Parameters, range: Range) {
  if (jobId !== undefined) {
    const trail = await findTrail(client, { deployment, jobId, ...range })
    const receipts = trail?.receipts ?? []
    const isOwn = receipts.length === 0 || receipts.some((receipt) => receipt.requestHash === jobId.toLowerCase())
    return { trail, requestHash: isOwn ? jobId : (receipts[0]?.requestHash ?? jobId) }
  }
  const posted = await findJob(client, deployment, requestHash, range)
  return { trail: await findTrail(client, { deployment, jobId: posted ?? requestHash, ...range }), requestHash }
}

/** The job whose outcome the AVS answered a hash with. */
async function findJob(
  client: Client,
  deployment: Deployment,
  requestHash: Hex,
  range: Range,
): Promise<Hex | undefined> {
  const { ranges } = await getBlockRanges(client, { deployment, ...range })
  for (const range of ranges.reverse()) {
    const [event] = await getContractEvents(client, {
      address: deployment.avs,
      abi: proofOfInferenceAvsAbi.ReceiptPosted,
      eventName: 'ReceiptPosted',
      args: { requestHash },
      strict: true,
      ...range,
    })
    if (event) return event.args.jobId
  }
  return undefined
}

async function findTrail(client: Client, parameters: getAuditTrail.Parameters) {
  try {
    return await getAuditTrail(client, parameters)
  } catch (error) {
    if (isProofOfInferenceError(error, 'JobNotFoundError')) return null
    throw error
  }
}

function checkValidation(
  deployment: Deployment,
  { validator, answers, flips, isConsistent, request }: getValidation.ReturnType,
): Pick<verifyReceipt.Checks, 'validator' | 'history' | 'answered'> {
  const isOnce = answers.length < 2
  return {
    validator: isAddressEqual(validator, deployment.avs) ? passed : failed(`it is ${validator}`),
    history: !isOnce
      ? failed(`${answers.length} answers, in which the response changed ${flips} times`)
      : isConsistent
        ? passed
        : request === null
          ? unchecked('the request was filed before the blocks that were searched')
          : failed("the events are not those of the registry's state"),
    answered: answers.length === 0 ? unchecked('it is pending') : passed,
  }
}

function checkBinding(
  deployment: Deployment,
  { requestHash, agentId }: getValidation.ReturnType,
  trail: getAuditTrail.ReturnType | null,
): Pick<verifyReceipt.Checks, 'job' | 'binding' | 'agent'> {
  if (trail === null) {
    const unknown = unchecked('no job of the AVS is known for it in the blocks that were searched')
    return { job: unknown, binding: unknown, agent: unknown }
  }
  const { job, jobId, requests, receipts, consent } = trail
  const isGenuine =
    hashJob({ deployment, job }) === jobId.toLowerCase() &&
    requests.every(
      ({ requestId, requester, request }) =>
        hashRequest({ deployment, request }) === requestId &&
        isAddressEqual(request.requester, requester) &&
        request.jobId.toLowerCase() === jobId.toLowerCase(),
    )
  const { binding } = receipts.find((receipt) => receipt.requestHash === requestHash.toLowerCase()) ?? {
    binding: ownBinding,
  }
  const bound = hashValidationRequest({ deployment, job, binding })
  const isOfAgent = job.hasAgent && job.agentId === agentId
  return {
    job: isGenuine ? passed : failed('their digests are others'),
    binding: bound === requestHash.toLowerCase() ? passed : failed(`the job's is ${bound}`),
    agent: !isOfAgent
      ? failed(job.hasAgent ? `agent ${agentId} filed it, the job names ${job.agentId}` : 'the job names no agent')
      : consent === null
        ? unchecked('its consent was not recorded in the blocks that were searched')
        : consent.agentId === agentId && isAddressEqual(consent.payee, job.payee)
          ? passed
          : failed('another consent was recorded'),
  }
}

type RecordChecks = Pick<
  verifyReceipt.Checks,
  'decision' | 'record' | 'signatures' | 'weights' | 'consensus' | 'answer'
>

async function checkRecord(
  client: Client,
  { deployment, toBlock }: { deployment: Deployment; toBlock: bigint },
  { answers, requestHash }: getValidation.ReturnType,
  trail: getAuditTrail.ReturnType | null,
): Promise<RecordChecks> {
  const decision = trail?.decision ?? null
  const decisive = trail?.requests.find(({ requestId }) => requestId === decision?.requestId)
  if (trail === null || decision === null || decisive === undefined) {
    const reason = unchecked('no decision of the job is known in the blocks that were searched')
    return {
      decision: reason,
      record: reason,
      signatures: reason,
      weights: reason,
      consensus: reason,
      answer: reason,
    }
  }
  const { job, request, requestId } = decisive
  const counted = decisive.attestations.filter(({ isCounted }) => isCounted)
  const [state, version] = await Promise.all([
    getJobState(client, { deployment, jobId: trail.jobId, blockNumber: toBlock }),
    getModelVersion(client, { deployment, modelVersionId: job.modelVersionId }),
  ])
  const votes = await Promise.all(
    counted.map(async ({ operator, isValid, confidence, evidenceDigest, signature, weight }) => {
      const attestation = { requestId, operator, isValid, confidence, method: version.methodId, evidenceDigest }
      const vote = { attestation, signature }
      const voter = await getVoter(client, { deployment, operator, timepoint: request.referenceTimepoint })
      return { vote, voter, weight, error: await checkVote({ deployment, request, version }, vote, voter) }
    }),
  )
  const count = countChecked({
    ...{ deployment, request, job, version, votes },
    totalWeight: votes[0]?.voter.totalWeight ?? 0n,
  })
  const runningHash = votes.reduce<Hex>(
    (hash, { vote }) => extendHash(hash, hashAttestation({ deployment, attestation: vote.attestation })),
    zeroHash,
  )
  const recordHash = hashRecord(runningHash, count.status, count.response)
  const last = answers.at(-1)

  const unsigned = votes.filter(({ error }) => error instanceof InvalidSignerError)
  const misweighed = votes.filter(({ weight, voter }) => !voter.canVote || weight !== voter.weight)
  const uncounted = count.votes.filter(({ error }) => error !== undefined)
  const isSameOutcome = count.status === decision.status && count.response === decision.response
  const { ending } = decisive
  const isState =
    state.status === decision.status &&
    state.response === decision.response &&
    state.recordHash === decision.recordHash &&
    ending?.status === decision.status &&
    ending.response === decision.response &&
    ending.runningHash === runningHash
  return {
    decision: isState ? passed : failed('the events, the votes and the state of the AVS say different things'),
    record:
      last === undefined
        ? unchecked('nothing was answered')
        : last.responseHash !== decision.recordHash
          ? failed(`the answer has ${last.responseHash}, the decision ${decision.recordHash}`)
          : recordHash !== decision.recordHash
            ? failed(`the votes come to ${recordHash}, the decision has ${decision.recordHash}`)
            : passed,
    signatures:
      unsigned.length === 0 ? passed : failed(`not so of ${names(unsigned.map(({ vote }) => vote.attestation))}`),
    weights:
      misweighed.length === 0 ? passed : failed(`not so of ${names(misweighed.map(({ vote }) => vote.attestation))}`),
    consensus:
      uncounted.length > 0
        ? failed(`the votes of ${names(uncounted)} do not count`)
        : isSameOutcome
          ? passed
          : failed(`they come to ${count.status} with ${count.response}`),
    answer:
      last === undefined
        ? unchecked('nothing was answered')
        : last.response === decision.response && last.tag === receiptTag && isReported(last, trail, requestHash)
          ? passed
          : failed(`it is ${last.response} with the tag '${last.tag}', the decision ${decision.response}`),
  }
}

/** The AVS reports what it answered in its own event. */
function isReported(
  { response, transactionHash }: getValidation.Answer,
  { receipts }: getAuditTrail.ReturnType,
  requestHash: Hex,
): boolean {
  return receipts.some(
    (receipt) =>
      receipt.requestHash === requestHash.toLowerCase() &&
      receipt.response === response &&
      receipt.transactionHash === transactionHash,
  )
}

function names(votes: readonly { readonly operator: Address }[]): string {
  return votes.map(({ operator }) => operator).join(', ')
}
