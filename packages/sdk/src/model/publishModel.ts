import { type Account, type Chain, type Client, type Hex, isAddressEqual, type Transport } from 'viem'
import { toAccount } from '../actions/internal/executeWrite.ts'
import { getFee } from '../actions/registry/getFee.ts'
import { getModelInfo } from '../actions/registry/getModelInfo.ts'
import { publishVersion } from '../actions/registry/publishVersion.ts'
import { type AssetFee, registerModel } from '../actions/registry/registerModel.ts'
import { setFees } from '../actions/registry/setFees.ts'
import type { DeploymentParameter, WriteParameters } from '../actions/types.ts'
import { isProofOfInferenceError } from '../errors/base.ts'
import {
  type PayloadDigestMismatchError,
  type PayloadEncodingError,
  PayloadInvalidError,
  type PayloadNotStoredError,
} from '../errors/payload.ts'
import { NotModelOwnerError } from '../errors/registry.ts'
import { WeightsDigestMismatchError } from '../errors/verification.ts'
import { digest } from '../payload/digest.ts'
import { encodeManifest, encodePolicy } from '../payload/documents.ts'
import type { PayloadStore } from '../payload/store.ts'
import { putPayload } from '../payload/transfer.ts'
import type { EncodedPayload, ModelManifest, PolicyDocument } from '../payload/types.ts'
import { computeModelId, computeModelVersionId, type VersionConfig } from '../utils/typedData.ts'
import { methodId } from '../verifier/methodId.ts'

/**
 * Publishes a model for others to have verified: stores its manifest, its policy and, if given, its weights, then
 * registers the model under the account, or publishes the next version of it if the account registered it before.
 * Method and confidence of the version are those of the policy.
 *
 * Running it again is safe: what the latest version and the fees are already is not sent again.
 *
 * @returns `number` of the version, starting at 1; `gasUsed` by all transactions together, 0 when none was needed.
 * @throws `PayloadInvalidError` for a malformed manifest or policy, `WeightsDigestMismatchError`, `NotModelOwnerError`
 * (the account gave the model away), `InvalidModelNameError`, `InvalidValidConfidenceError`; what the store throws.
 * Nothing is stored or sent before manifest, policy and weights were checked.
 *
 * @example
 * const { modelVersionId } = await publishModel(client, {
 *   deployment,
 *   payloads,
 *   name: 'silero-vad',
 *   manifest: {
 *     v: 1,
 *     name: 'Silero VAD v5',
 *     weights: { digest: await digest(weights), format: 'onnx', size: weights.length },
 *     runtimes: [],
 *   },
 *   policy: exact.policy(),
 *   weights,
 *   fees: [{ asset: zeroAddress, accepted: true, minimumFee: parseEther('0.001') }],
 * })
 */
export async function publishModel<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: publishModel.Parameters<account>,
): Promise<publishModel.ReturnType> {
  const { deployment, payloads, name, fees, weights, signal } = parameters
  const account = toAccount(client, parameters)
  const manifest = await encodeManifest(parameters.manifest)
  const policy = await encodePolicy(parameters.policy)
  const { verifier, revision, confidence } = parameters.policy
  const version: VersionConfig = {
    manifestDigest: manifest.digest,
    policyDigest: policy.digest,
    methodId: methodId({ name: verifier, revision }),
    validConfidence: confidence.valid,
  }
  const weightsPayload = weights && (await toWeightsPayload(weights, parameters.manifest))

  const modelId = computeModelId({ originalOwner: account.address, name })
  const model = await findModel(client, { deployment, modelId })
  if (model && !isAddressEqual(model.owner, account.address))
    throw new NotModelOwnerError({ modelId, caller: account.address, owner: model.owner })
  for (const payload of [weightsPayload, manifest, policy]) if (payload) await putPayload(payloads, payload, { signal })
  signal?.throwIfAborted()

  const write = { deployment, account, confirmations: parameters.confirmations }
  if (!model) {
    const { modelVersionId, gasUsed } = await registerModel(client, { ...write, name, version, fees })
    return { modelId, modelVersionId, number: 1, gasUsed }
  }
  const latestId = computeModelVersionId({ modelId, number: model.latestVersion, version })
  const published =
    latestId === model.latestVersionId
      ? { modelVersionId: latestId, number: model.latestVersion, gasUsed: 0n }
      : await publishVersion(client, { ...write, modelId, version })
  const changedFees = await getChangedFees(client, { deployment, modelId, fees })
  const { gasUsed } =
    changedFees.length === 0 ? { gasUsed: 0n } : await setFees(client, { ...write, modelId, fees: changedFees })
  return {
    modelId,
    modelVersionId: published.modelVersionId,
    number: published.number,
    gasUsed: published.gasUsed + gasUsed,
  }
}

export declare namespace publishModel {
  type BoundParameters<account extends Account | undefined = Account | undefined> = Pick<
    WriteParameters<account>,
    'account' | 'confirmations'
  > & {
    /** Takes the documents and the weights. */
    payloads: PayloadStore
    /** Unique among the models of the account: 1 to 64 characters of a-z, 0-9, '.', '_' and '-'. */
    name: string
    manifest: ModelManifest
    /** Built by the verifier's package, such as `exact.policy()`. */
    policy: PolicyDocument
    /** The weights' bytes, for operators to fetch. Default: operators get them elsewhere, and check their digest. */
    weights?: Uint8Array | undefined
    /** In which assets verification can be paid, and the least fee in each; other assets keep what was set before. */
    fees: readonly AssetFee[]
    /** Aborts what happens before the first transaction is sent. */
    signal?: AbortSignal | undefined
  }
  type Parameters<account extends Account | undefined = Account | undefined> = BoundParameters<account> &
    DeploymentParameter
  type ReturnType = { modelId: Hex; modelVersionId: Hex; number: number; gasUsed: bigint }
  type ErrorType =
    | getFee.ErrorType
    | getModelInfo.ErrorType
    | publishVersion.ErrorType
    | registerModel.ErrorType
    | setFees.ErrorType
    | PayloadDigestMismatchError
    | PayloadEncodingError
    | PayloadInvalidError
    | PayloadNotStoredError
    | WeightsDigestMismatchError
}

async function toWeightsPayload(weights: Uint8Array, manifest: ModelManifest): Promise<EncodedPayload> {
  const expected = manifest.weights.digest
  const actual = await digest(weights)
  if (actual !== expected) throw new WeightsDigestMismatchError({ expected, actual, source: '`weights`' })
  if (weights.length !== manifest.weights.size)
    throw new PayloadInvalidError({
      what: 'manifest',
      issues: [`weights.size is ${manifest.weights.size}, but the weights have ${weights.length} bytes`],
    })
  return { bytes: weights, digest: actual, blocks: [] }
}

async function findModel(client: Client, parameters: getModelInfo.Parameters) {
  try {
    return await getModelInfo(client, parameters)
  } catch (error) {
    if (isProofOfInferenceError(error, 'UnknownModelError')) return undefined
    throw error
  }
}

async function getChangedFees(
  client: Client,
  { deployment, modelId, fees }: Pick<setFees.Parameters, 'deployment' | 'modelId' | 'fees'>,
): Promise<AssetFee[]> {
  const set = await Promise.all(fees.map(({ asset }) => getFee(client, { deployment, modelId, asset })))
  return fees.filter(
    ({ accepted, minimumFee }, index) => accepted !== set[index]?.accepted || minimumFee !== set[index]?.minimumFee,
  )
}
