import { bytesToHex, zeroAddress } from 'viem'
import { resolveModel } from '../actions/registry/resolveModel.ts'
import { PayloadTooLargeError } from '../errors/payload.ts'
import { getModelPolicy } from '../model/getModelPolicy.ts'
import { assertPair } from '../payload/batchLinks.ts'
import { assertDigest } from '../payload/digest.ts'
import { encodeInput, encodeOutput } from '../payload/inference.ts'
import { defaultMaxBytes } from '../payload/transfer.ts'
import type {
  BatchInput,
  BatchOutput,
  Digest,
  EncodedPayload,
  InferenceInput,
  InferenceOutput,
} from '../payload/types.ts'
import { createCache } from '../utils/cache.ts'
import { hashJob, type Job } from '../utils/typedData.ts'
import { assertTakes } from '../verifier/assertTakes.ts'
import { assertJobParameters } from './assertParameters.ts'
import { getAgentWallet } from './getAgentWallet.ts'
import type { JobParameters, PayloadOrDigest, PreparedJob, RequesterConfig } from './types.ts'

type Model = Awaited<ReturnType<typeof getModelPolicy>>

/** Models of a requester by reference, which stands for one version for good. */
const models = new WeakMap<RequesterConfig, ReturnType<typeof createCache<Model>>>()
const maxModels = 64

function findModel(config: RequesterConfig, { model, signal }: JobParameters): Promise<Model> {
  const { client, deployment, payloads } = config
  const known = models.get(config) ?? createCache<Model>(maxModels)
  models.set(config, known)
  return known.get(model, async () => {
    const { modelVersionId } = await resolveModel(client, { deployment, model })
    return getModelPolicy(client, { deployment, modelVersionId, payloads, signal })
  })
}

/** See `requester.prepareJob`. */
export async function prepareJob(config: RequesterConfig, parameters: JobParameters): Promise<PreparedJob> {
  assertJobParameters(parameters)
  const { client, deployment, maxPayloadBytes = defaultMaxBytes } = config
  const { agent, minAttestations = 1, quorumBps = 6667 } = parameters
  const model = await findModel(config, parameters)
  const input = await encode(parameters.input, encodeInput, maxPayloadBytes)
  const output = await encode(parameters.output, encodeOutput, maxPayloadBytes)
  assertKind(parameters, model)
  const job: Job = {
    modelVersionId: model.modelVersionId,
    inputDigest: input.digest,
    outputDigest: output.digest,
    hasAgent: agent !== undefined,
    agentId: agent?.id ?? 0n,
    // The zero address is how a job says that it pays nobody.
    payee: parameters.payee ?? (agent ? await getAgentWallet(client, { deployment, agentId: agent.id }) : zeroAddress),
    quorumBps,
    minAttestations,
    minConfidence: parameters.minConfidence ?? model.version.validConfidence,
    salt: parameters.salt ?? bytesToHex(crypto.getRandomValues(new Uint8Array(32))),
  }
  const jobId = hashJob({ deployment, job })
  return { job, jobId, encoded: { input: input.encoded, output: output.encoded }, model }
}

/** Makes sure that the policy takes such payloads, as far as they are given. */
function assertKind(
  { input, output }: Pick<JobParameters, 'input' | 'output'>,
  { policy }: PreparedJob['model'],
): void {
  const given = [input, output].filter((payload) => 'type' in payload)
  const sizes = given.map((payload) => (payload.type === 'batch' ? payload.items.length : undefined))
  if (given.length === 2) assertPair({ input: sizes[0], output: sizes[1] })
  if (given.length > 0) assertTakes(policy, sizes[0])
}

async function encode<payload extends InferenceInput | BatchInput | InferenceOutput | BatchOutput>(
  payload: PayloadOrDigest<payload>,
  encoder: (payload: payload) => Promise<EncodedPayload>,
  limit: number,
): Promise<{ digest: Digest; encoded: EncodedPayload | undefined }> {
  if (!('type' in payload)) return { digest: assertDigest(payload.digest), encoded: undefined }
  const encoded = await encoder(payload)
  assertSize(payload, encoded, limit)
  return { digest: encoded.digest, encoded }
}

/** Counts as an operator does: what is encoded, and the tensors of an item together, are bounded each by itself. */
function assertSize(
  payload: InferenceInput | BatchInput | InferenceOutput | BatchOutput,
  encoded: EncodedPayload,
  limit: number,
): void {
  const items = payload.type === 'batch' ? payload.items : [payload]
  const sizes = items.map((item) =>
    item.type === 'tensors' ? Object.values(item.tensors).reduce((sum, { data }) => sum + data.byteLength, 0) : 0,
  )
  const size = [encoded, ...encoded.blocks].reduce(
    (most, { bytes }) => Math.max(most, bytes.length),
    Math.max(...sizes),
  )
  if (size > limit)
    throw new PayloadTooLargeError({
      limit,
      size,
      hint: 'Send less, or in a batch. Raise `maxPayloadBytes` of the requester if the operators have raised theirs.',
    })
}
