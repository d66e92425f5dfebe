import type { Address, Client, Hex } from 'viem'
import { getPublishedPayload } from '../actions/avs/getPublishedPayload.ts'
import { getModelVersion } from '../actions/registry/getModelVersion.ts'
import type { Deployment } from '../deployments/deployment.ts'
import { isProofOfInferenceError } from '../errors/base.ts'
import { ForgedEventError } from '../errors/operator.ts'
import { getModelPolicy } from '../model/getModelPolicy.ts'
import { decodeInference } from '../payload/batch.ts'
import { fallbackPayloadStore } from '../payload/fallbackPayloadStore.ts'
import { inlinePayloadStore } from '../payload/inlinePayloadStore.ts'
import type { PayloadSource } from '../payload/store.ts'
import { getVerified } from '../payload/transfer.ts'
import type { RunnerRegistry } from '../runner/types.ts'
import { computeModelVersionId } from '../utils/typedData.ts'
import { createVerificationContext } from '../verifier/createVerificationContext.ts'
import { runVerifier } from '../verifier/runVerifier.ts'
import type { PolicyJob, VerificationResult, Verifier } from '../verifier/types.ts'
import type { RequestRecord } from './store.ts'

type Version = getModelVersion.ReturnType

/** Reads a model version, and makes sure that it is the one its id names. */
export async function readVersion(
  client: Client,
  { deployment, modelVersionId }: { deployment: Deployment; modelVersionId: Hex },
): Promise<Version> {
  return assertVersion(modelVersionId, await getModelVersion(client, { deployment, modelVersionId }))
}

function assertVersion(modelVersionId: Hex, version: Version): Version {
  const actual = computeModelVersionId({ modelId: version.modelId, number: version.number, version })
  if (actual !== modelVersionId) throw new ForgedEventError({ what: 'model version', expected: modelVersionId, actual })
  return version
}

/**
 * Fetches all that a request is about, each by its digest, and decodes it; of a batch, the items are fetched as the
 * verifier asks for them. The input and the output are looked for on chain first, where the request was opened.
 *
 * Throws what fetching and decoding throw, and a `PolicyMismatchError` if the policy is not one of the model version.
 */
export async function fetchJob(
  client: Client,
  parameters: {
    deployment: Deployment
    record: Pick<RequestRecord, 'requestId' | 'request' | 'job' | 'blockNumber'>
    payloads: PayloadSource
    maxBytes: number
    maxBatchBytes?: number | undefined
    signal: AbortSignal
  },
): Promise<PolicyJob> {
  const { deployment, record, payloads, maxBytes, maxBatchBytes, signal } = parameters
  const { requestId, request, job, blockNumber } = record
  const inline = inlinePayloadStore(async (digest) => {
    try {
      return await getPublishedPayload(client, { deployment, digest, fromBlock: blockNumber, toBlock: blockNumber })
    } catch (error) {
      if (isProofOfInferenceError(error, 'PayloadUnavailableError')) return undefined
      throw error
    }
  })
  const store = fallbackPayloadStore([inline, payloads])
  // Of one store, so that what it throws is an error that says what could not be fetched.
  const documents = fallbackPayloadStore([payloads])
  const options = { signal, maxBytes }
  const { modelVersionId } = job
  const [input, output, model] = await Promise.all([
    getVerified(store, job.inputDigest, options),
    getVerified(store, job.outputDigest, options),
    getModelPolicy(client, { deployment, modelVersionId, payloads: documents, signal }),
  ])
  assertVersion(modelVersionId, model.version)
  // What they link to is never on chain.
  const found = await decodeInference({ input, output }, { ...options, maxBatchBytes, store: documents })
  return { requestId, jobId: request.jobId, ...found, manifest: model.manifest, policy: model.policy }
}

/** Runs the version's verifier on a job. */
export async function judge(parameters: {
  job: PolicyJob
  operator: Address
  verifier: Verifier
  runners: RunnerRegistry
  payloads: PayloadSource
  operatorSalt: Hex
  modelVersionId: Hex
  signal: AbortSignal
}): Promise<VerificationResult> {
  const { verifier, job } = parameters
  const context = createVerificationContext(parameters)
  try {
    return await runVerifier(verifier, job, context)
  } finally {
    await context.dispose()
  }
}
