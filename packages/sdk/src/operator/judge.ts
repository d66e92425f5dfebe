import type { Client, Hex } from 'viem'
import { getPublishedPayload } from '../actions/avs/getPublishedPayload.ts'
import type { Deployment } from '../deployments/deployment.ts'
import { isProofOfInferenceError } from '../errors/base.ts'
import { fallbackPayloadStore } from '../payload/fallbackPayloadStore.ts'
import { decodeInput, decodeOutput } from '../payload/inference.ts'
import { inlinePayloadStore } from '../payload/inlinePayloadStore.ts'
import type { PayloadStore } from '../payload/store.ts'
import { getVerified } from '../payload/transfer.ts'
import type { RunnerRegistry } from '../runner/types.ts'
import { createVerificationContext } from '../verifier/createVerificationContext.ts'
import { runVerifier } from '../verifier/runVerifier.ts'
import type { PolicyJob, VerificationResult, Verifier } from '../verifier/types.ts'
import type { Reads } from './reads.ts'
import type { RequestRecord } from './store.ts'

/**
 * Fetches all that a request is about, each by its digest, and decodes it. The input and the output are looked for on
 * chain first, where the request was opened.
 *
 * Throws what fetching and decoding throw, and a `PolicyMismatchError` if the policy is not one of the model version.
 */
export async function fetchJob(
  client: Client,
  parameters: {
    deployment: Deployment
    record: RequestRecord
    payloads: PayloadStore
    reads: Reads
    maxBytes: number
    signal: AbortSignal
  },
): Promise<PolicyJob> {
  const { deployment, record, payloads, reads, maxBytes, signal } = parameters
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
  const options = { store, signal, maxBytes }
  const [input, claimed, model] = await Promise.all([
    getVerified(store, job.inputDigest, options).then((bytes) => decodeInput(bytes, options)),
    getVerified(store, job.outputDigest, options).then((bytes) => decodeOutput(bytes, options)),
    reads.getPolicy(job.modelVersionId, signal),
  ])
  return { requestId, jobId: request.jobId, input, claimed, manifest: model.manifest, policy: model.policy }
}

/** Runs the version's verifier on a job. */
export async function judge(parameters: {
  job: PolicyJob
  verifier: Verifier
  runners: RunnerRegistry
  payloads: PayloadStore
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
