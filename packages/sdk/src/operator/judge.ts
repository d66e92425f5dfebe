import { type Address, type Client, type Hex, hexToBytes } from 'viem'
import { getContractEvents } from 'viem/actions'
import { proofOfInferenceAvsAbi } from '../abis/generated.ts'
import { assertDeployment } from '../deployments/assertDeployment.ts'
import type { Deployment } from '../deployments/deployment.ts'
import { decodeInference } from '../payload/batch.ts'
import { fallbackPayloadStore } from '../payload/fallbackPayloadStore.ts'
import { inlinePayloadStore } from '../payload/inlinePayloadStore.ts'
import type { PayloadSource } from '../payload/store.ts'
import { getVerified } from '../payload/transfer.ts'
import type { Digest } from '../payload/types.ts'
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
  const digests = [job.inputDigest, job.outputDigest]
  const published = blockNumber === null ? undefined : readPublished(client, { deployment, digests, blockNumber })
  // It is told of by those who ask for a payload.
  published?.catch(() => {})
  const inline = inlinePayloadStore(async (digest) => (await published)?.get(digest))
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

/** Those payloads that travelled with a request of the block, as the node says: by digest, and not hashed yet. */
async function readPublished(
  client: Client,
  { deployment, digests, blockNumber }: { deployment: Deployment; digests: Digest[]; blockNumber: bigint },
): Promise<ReadonlyMap<Digest, Uint8Array>> {
  await assertDeployment(client, deployment)
  const events = await getContractEvents(client, {
    address: deployment.avs,
    abi: proofOfInferenceAvsAbi,
    eventName: 'PayloadPublished',
    args: { digest: digests },
    strict: true,
    fromBlock: blockNumber,
    toBlock: blockNumber,
  })
  return new Map(events.map(({ args }) => [args.digest, hexToBytes(args.data)]))
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
