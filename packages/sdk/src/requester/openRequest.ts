import { type Address, bytesToHex, type Hex, zeroAddress } from 'viem'
import { getBlock, readContract, simulateContract } from 'viem/actions'
import * as operatorRegistrarAbi from '../abis/calls/operatorRegistrar.ts'
import * as proofOfInferenceAvsAbi from '../abis/calls/proofOfInferenceAvs.ts'
import { requestInferenceVerification } from '../actions/avs/requestInferenceVerification.ts'
import { getNativeValue } from '../actions/internal/payment.ts'
import { createVoterCache, type VoterCache } from '../actions/internal/voterCache.ts'
import { getReferenceTimepoint } from '../actions/operatorSet/getReferenceTimepoint.ts'
import { getFee } from '../actions/registry/getFee.ts'
import type { Deployment } from '../deployments/deployment.ts'
import { AssetNotAcceptedError, InvalidAgentError, InvalidDeadlineError } from '../errors/avs.ts'
import { withContractErrors } from '../errors/contract.ts'
import { PayloadNotStoredError } from '../errors/payload.ts'
import { InlinePayloadTooLargeError } from '../errors/requester.ts'
import { getVerified, putPayload } from '../payload/transfer.ts'
import type { Digest, EncodedPayload } from '../payload/types.ts'
import type { Job, Request } from '../utils/typedData.ts'
import { assertRequestParameters } from './assertParameters.ts'
import { assertQuorumReachable } from './assertQuorumReachable.ts'
import { prepareJob } from './prepareJob.ts'
import { toInferenceRequest } from './toInferenceRequest.ts'
import type { Consent, Deadline, InferenceRequest, PreparedJob, RequesterConfig, RequestParameters } from './types.ts'

/** Most bytes of payloads in a transaction: nodes refuse transactions over 128 KiB, and the call has other arguments. */
const maxInlineBytes = 120 * 1024

type Opening = {
  deployment: Deployment
  request: Request
  job: Job
  fromDeposit: boolean
  consent: Hex
  input: Hex
  output: Hex
}

/** A requester's configuration, and what it keeps in memory. */
export type RequesterContext = RequesterConfig & {
  /** See `createNonces`. */
  readonly takeNonce: () => bigint
}

/** A request that is ready to be paid for: checked, with its payloads where the operators find them. */
export type PreparedRequest = {
  readonly prepared: PreparedJob
  readonly request: Request
  readonly consent: Hex
  /** What `requestInferenceVerification` takes. */
  readonly opening: Opening
  /** The latest block when it was checked. */
  readonly blockNumber: bigint
  /** The operators at the request's reference. */
  readonly voters: VoterCache
}

/** See `requester.request`. */
export async function openRequest(config: RequesterContext, parameters: RequestParameters): Promise<InferenceRequest> {
  const { client } = config
  const { request, opening } = await prepareRequest(config, parameters)
  const { requestId, ...opened } = await requestInferenceVerification(client, opening)
  return toInferenceRequest(config, { ...opened, id: requestId, job: opening.job, request })
}

/** Everything that comes before a request is opened, or signed. */
export async function prepareRequest(
  config: RequesterContext,
  parameters: RequestParameters,
): Promise<PreparedRequest> {
  assertRequestParameters(parameters)
  const { client, deployment, payloads, takeNonce } = config
  const { asset = zeroAddress, funding = 'call', inline = !('put' in payloads), signal } = parameters
  const prepared = 'prepared' in parameters ? parameters.prepared : await prepareJob(config, parameters)
  const { job } = prepared
  const consent = await getConsent(job, 'prepared' in parameters ? parameters.consent : parameters.agent?.consent)
  const [{ blockNumber, referenceTimepoint }, minimumFee, deadline] = await Promise.all([
    readReference(config),
    getMinimumFee(config, prepared, asset),
    toTimestamp(config, parameters.deadline),
  ])
  const request: Request = {
    jobId: prepared.jobId,
    requester: client.account.address,
    asset,
    reward: parameters.reward,
    verificationFee: parameters.verificationFee ?? minimumFee,
    deadline,
    referenceTimepoint,
    commitWindow: parameters.commitWindow ?? 0,
    nonce: parameters.nonce ?? takeNonce(),
  }
  const opening: Opening = {
    deployment,
    request,
    job,
    fromDeposit: funding === 'deposit',
    consent,
    ...(inline ? toInlinePayloads(prepared) : { input: '0x', output: '0x' }),
  }
  // Nothing is published for a request that would be refused, or that could only expire.
  const voters = createVoterCache()
  const quorum = assertQuorumReachable(client, { deployment, job, referenceTimepoint, blockNumber, voters })
  // Asked at the same time, but what the contract refuses is told first, and once.
  quorum.catch(() => {})
  await simulate(config, opening)
  await quorum
  await publishPayloads(config, prepared, { inline, signal })
  signal?.throwIfAborted()
  return { prepared, request, consent, opening, blockNumber, voters }
}

/** The latest block, and the latest timepoint that a request can refer to in it. */
async function readReference({ client, deployment }: RequesterConfig) {
  const { number: blockNumber } = await getBlock(client)
  return { blockNumber, referenceTimepoint: await getReferenceTimepoint(client, { deployment, blockNumber }) }
}

/** Before the asset itself is asked for anything: it may not be a token. */
async function getMinimumFee({ client, deployment }: RequesterConfig, { model }: PreparedJob, asset: Address) {
  const { modelId } = model.version
  const { accepted, minimumFee } = await getFee(client, { deployment, modelId, asset })
  if (!accepted) throw new AssetNotAcceptedError({ modelId, asset })
  return minimumFee
}

/** The chain's clock can be off from ours, and its latest block old: the pending block has its time. */
async function toTimestamp({ client, deployment }: RequesterConfig, deadline: Deadline): Promise<number> {
  const [{ timestamp: now }, lifetime] = await Promise.all([
    getBlock(client, { blockTag: 'pending' }),
    readContract(client, {
      address: deployment.operatorSet,
      abi: operatorRegistrarAbi.maxRequestLifetime,
      functionName: 'maxRequestLifetime',
    }),
  ])
  const timestamp = 'timestamp' in deadline ? deadline.timestamp : Number(now) + Math.ceil(deadline.seconds)
  const earliest = now + 1n
  const latest = now + BigInt(lifetime)
  // Also keeps milliseconds, and whatever else does not fit the request, from being encoded.
  if (!(timestamp >= earliest && timestamp <= latest))
    throw new InvalidDeadlineError({ deadline: timestamp, earliest, latest })
  return timestamp
}

async function getConsent(job: Job, consent: Consent | undefined): Promise<Hex> {
  if (consent === undefined) return '0x'
  if (!job.hasAgent) throw new InvalidAgentError({ hasAgent: false, agentId: job.agentId })
  return typeof consent === 'function' ? consent(job) : consent
}

function toInlinePayloads({ encoded: { input, output } }: PreparedJob): Pick<Opening, 'input' | 'output'> {
  const blocks = [input, output].flatMap((payload) => (payload ? [payload, ...payload.blocks] : []))
  const size = blocks.reduce((sum, { bytes }) => sum + bytes.length, 0)
  if (size > maxInlineBytes) throw new InlinePayloadTooLargeError({ size, limit: maxInlineBytes })
  for (const payload of [input, output])
    if (payload && payload.blocks.length > 0)
      throw new PayloadNotStoredError({
        digest: payload.digest,
        sources: [],
        reason: 'the items of a batch do not travel with a transaction',
      })
  return { input: bytesToHex(input?.bytes ?? new Uint8Array()), output: bytesToHex(output?.bytes ?? new Uint8Array()) }
}

/** Asks the chain what it would say of the request. */
async function simulate(
  { client }: RequesterConfig,
  { deployment, request, job, fromDeposit, consent, input, output }: Opening,
): Promise<void> {
  const { account } = client
  const amount = request.reward + request.verificationFee
  await withContractErrors(
    simulateContract(client, {
      account,
      address: deployment.avs,
      abi: proofOfInferenceAvsAbi.requestInferenceVerification,
      functionName: 'requestInferenceVerification',
      args: [request, job, { fromDeposit, consent, input, output }],
      value: fromDeposit ? 0n : await getNativeValue(client, { deployment, account, asset: request.asset, amount }),
    }),
  )
}

/** Makes sure that operators can get what does not travel with the transaction. */
async function publishPayloads(
  { payloads, maxPayloadBytes: maxBytes }: RequesterConfig,
  { job, encoded }: PreparedJob,
  { inline, signal }: { inline: boolean; signal: AbortSignal | undefined },
): Promise<void> {
  const publish = async (digest: Digest, payload: EncodedPayload | undefined) => {
    if (!payload) await getVerified(payloads, digest, { signal, maxBytes })
    else if (inline) return
    else if ('put' in payloads) await putPayload(payloads, payload, { signal })
    else throw new PayloadNotStoredError({ digest, sources: [], reason: 'the source of payloads takes no uploads' })
  }
  await Promise.all([publish(job.inputDigest, encoded.input), publish(job.outputDigest, encoded.output)])
}
