import type { Address, Client, Hex } from 'viem'
import { getPublishedPayload } from '../actions/avs/getPublishedPayload.ts'
import type { Deployment } from '../deployments/deployment.ts'
import { isProofOfInferenceError } from '../errors/base.ts'
import { decodeInference } from '../payload/batch.ts'
import { fallbackPayloadStore } from '../payload/fallbackPayloadStore.ts'
import { inlinePayloadStore } from '../payload/inlinePayloadStore.ts'
import type { PayloadSource } from '../payload/store.ts'
import { getVerified } from '../payload/transfer.ts'
import type { RunnerRegistry } from '../runner/types.ts'
import { createVerificationContext } from '../verifier/createVerificationContext.ts'
import { runVerifier } from '../verifier/runVerifier.ts'
import type { PolicyJob, VerificationResult, Verifier } from '../verifier/types.ts'
import type { Reads } from './reads.ts'
import type { RequestRecord } from './store.ts'

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
    reads: Pick<Reads, 'getPolicy'>
    maxBytes: number
    maxBatchBytes?: number | undefined
    signal: AbortSignal
  },
): Promise<PolicyJob> {
  const { deployment, record, payloads, reads, maxBytes, maxBatchBytes, signal } = parameters
  const { requestId, request, job, blockNumber } = record
  const inline = inlinePayloadStore(async (digest) => {
    if (blockNumber === null) return undefined
    try {
      return await getPublishedPayload(client, { deployment, digest, fromBlock: blockNumber, toBlock: blockNumber })
    } catch (error) {
      if (isProofOfInferenceError(error, 'PayloadUnavailableError')) return undefined
      throw error
    }
  })
  const store = fallbackPayloadStore([inline, payloads])
  const options = { signal, maxBytes }
  const [input, output, model] = await Promise.all([
    getVerified(store, job.inputDigest, options),
    getVerified(store, job.outputDigest, options),
    reads.getPolicy(job.modelVersionId, signal),
  ])
  // What they link to is never on chain. Of one store, so that what it throws says what could not be fetched.
  const linked = fallbackPayloadStore([payloads])
  const found = await decodeInference({ input, output }, { ...options, maxBatchBytes, store: linked })
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
