import { type CalibrateParameters, type Calibration, recalibrate } from '@proof-of-inference/sdk/calibration'
import {
  decodePolicy,
  type EncodedPayload,
  encodeManifest,
  encodePolicy,
  getVerified,
  type IpldValue,
  type ModelManifest,
  type PayloadStore,
  type PolicyDocument,
  putPayload,
} from '@proof-of-inference/sdk/payload'
import { methodId } from '@proof-of-inference/sdk/verifier'
import { loadTiny } from '../languageModel.ts'
import { calibrateModel } from './calibrateModel.ts'
import { benchModels } from './models.ts'
import { calibrateTokens, sequences } from './tokens.ts'

/** A calibration, ready to publish: what a version is registered with, and what its digests stand for. */
export type Publication = {
  readonly manifest: ModelManifest
  readonly manifestDigest: string
  readonly policy: PolicyDocument
  readonly policyDigest: string
  readonly methodId: string
  readonly validConfidence: number
}

type Unpublished = {
  readonly calibration: Calibration<IpldValue>
  readonly build: CalibrateParameters<IpldValue>['build']
  /** What the policy names by digest, beside its sets. */
  readonly references: readonly EncodedPayload[]
}

/** Models that can be calibrated on: the language model's tokens, and those that answer with tensors. */
export const calibrated = ['tiny-lm', ...Object.keys(benchModels)]

/**
 * Calibrates the verifiers on a model, puts all that their policies need in a store, and makes sure that the policies
 * come out again of what the store has under their digests.
 *
 * @param inputs How many; fewer than the model has give a first look, and less confidence.
 */
export async function createPublications(
  name: string,
  {
    payloads,
    inputs = Number.POSITIVE_INFINITY,
    progress,
  }: {
    readonly payloads: PayloadStore
    readonly inputs?: number
    readonly progress: (message: string) => void
  },
): Promise<{ readonly [verifier: string]: Publication }> {
  const { manifest, calibrations } =
    name === 'tiny-lm' ? await ofTokens(inputs, progress) : await ofTensors(name, inputs, progress)
  const encoded = await encodeManifest(manifest)
  await putPayload(payloads, encoded)
  const publications: { [verifier: string]: Publication } = {}
  for (const { calibration, build, references } of calibrations) {
    const sealed = await encodePolicy(calibration.policy)
    for (const payload of [...Object.values(calibration.payloads), ...references, sealed])
      await putPayload(payloads, payload)
    const policy = decodePolicy(await getVerified(payloads, sealed.digest))
    await recalibrate({ policy, payloads, build })
    publications[policy.verifier] = {
      ...{ manifest, manifestDigest: encoded.digest, policy, policyDigest: sealed.digest },
      methodId: methodId({ name: policy.verifier, revision: policy.revision }),
      validConfidence: policy.confidence.valid,
    }
  }
  return publications
}

async function ofTensors(name: string, inputs: number, progress: (message: string) => void) {
  if (!Object.hasOwn(benchModels, name)) throw new RangeError(`there is no model ${name}`)
  const model = await benchModels[name as keyof typeof benchModels]()
  const counts = {
    honest: Math.min(inputs, model.counts.honest),
    attacked: Math.min(inputs, model.counts.attacked),
  }
  const { calibrations, builds, panelManifests } = await calibrateModel({ ...model, counts }, progress)
  const own: readonly Unpublished[] = [
    { calibration: calibrations.cosine, build: builds.cosine, references: [] },
    { calibration: calibrations.crossval, build: builds.crossval, references: panelManifests },
  ]
  return { manifest: model.manifest, calibrations: own }
}

async function ofTokens(inputs: number, progress: (message: string) => void) {
  const counts = {
    total: Math.min(inputs, sequences[1].total),
    attacked: Math.min(inputs, sequences[1].attacked),
    pilots: Math.min(inputs, sequences[1].pilots),
  }
  const { calibration, build } = await calibrateTokens(progress, { temperature: 1, counts })
  const own: readonly Unpublished[] = [{ calibration, build, references: [] }]
  return { manifest: (await loadTiny()).manifest, calibrations: own }
}
