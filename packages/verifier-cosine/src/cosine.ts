import { type Measurement, measureTensors, scoreOf, verdictOf } from '@proof-of-inference/sdk/calibration'
import {
  type Digest,
  encodeOutput,
  type InferenceOutput,
  type IpldValue,
  runtimeClass,
  type Tensor,
} from '@proof-of-inference/sdk/payload'
import {
  defineVerifier,
  type ItemVerifier,
  inconclusive,
  invalid,
  VerifierFailedError,
  valid,
} from '@proof-of-inference/sdk/verifier'
import {
  type CosineParameters,
  cosineCalibrated,
  cosineParameters,
  cosinePolicy,
  embedding,
  name,
  type PairThresholds,
  pairName,
  revision,
} from './policy.ts'

/** Turns texts into vectors whose directions can be compared. */
export type Embedder = {
  /** Digest of all that decides its vectors: weights, tokenizer, normalisation. Policies name it. */
  readonly digest: Digest
  /** The vector of a text; every text gets one of the same length. Throws on failure. */
  embed(text: string, options: { readonly signal: AbortSignal }): Promise<Float32Array>
}

/**
 * Verifies by running the model again: the claimed output must be as close to the reference's as the policy says
 * outputs of the two runtimes are, by cosine, relative L2 and the largest difference together. Texts are compared by
 * their embeddings. Where the output gives it nothing to measure (one element, near zero, saturated) it is
 * inconclusive.
 *
 * Build its policies with `calibrate` of the sdk and `cosine.calibrated`. A reference that fails throws.
 *
 * @example
 * const operator = createOperator({ client, deployment, payloads, store, verifiers: [cosine()], runners: [onnx()] })
 */
export function cosine(dependencies: { readonly embedder?: Embedder } = {}): ItemVerifier<CosineParameters> {
  const { embedder } = dependencies
  return defineVerifier<CosineParameters>({
    name,
    revision,
    scope: 'item',
    requires: ['run'],
    policy: cosineParameters,
    async verify({ claimed, input, manifest, policy: parameters }, context) {
      const { digest } = manifest.weights
      if (claimed.runtime.weightsDigest !== digest)
        return invalid({
          reason: 'the output claims other weights than the model has',
          evidence: { claimedWeights: claimed.runtime.weightsDigest, weights: digest },
        })

      const runner = await context.runner()
      const { fingerprint } = runner
      if (fingerprint.weightsDigest !== digest) throw failed('the reference runner holds other weights than the model')
      const classes = { claimed: runtimeClass(claimed.runtime), reference: runtimeClass(fingerprint) }
      const pair = parameters.pairs.find(
        (each) => each.claimed === classes.claimed && each.reference === classes.reference,
      )
      if (!pair)
        return inconclusive({
          reason: `the policy has no thresholds for ${classes.claimed} against ${classes.reference}`,
          evidence: classes,
        })

      const reference = await runner.run(input, { signal: context.signal })
      if (reference.runtime.weightsDigest !== digest || runtimeClass(reference.runtime) !== classes.reference)
        throw failed('the reference output was not made by the runtime that the runner says')
      const evidence = { reference: (await encodeOutput(reference)).digest, runtime: fingerprint }
      return judge(await compare(claimed, reference, parameters, context.signal), pair, evidence)
    },
  })

  async function compare(
    claimed: InferenceOutput,
    reference: InferenceOutput,
    parameters: CosineParameters,
    signal: AbortSignal,
  ): Promise<Measurement> {
    if (claimed.type !== reference.type)
      return { mismatch: `the output is of type ${claimed.type}, not ${reference.type}` }
    if (claimed.type === 'tensors' && reference.type === 'tensors')
      return measureTensors(claimed.tensors, reference.tensors, parameters)
    if (claimed.type !== 'text' || reference.type !== 'text')
      return { metrics: {}, blind: 'structured values have no direction' }
    if (parameters.embedder === null) return { metrics: {}, blind: 'the policy names no embedder for texts' }
    if (embedder?.digest !== parameters.embedder)
      throw failed(
        `the policy embeds texts by ${parameters.embedder}, this operator by ${embedder?.digest ?? 'nothing'}`,
      )
    const [a, b] = [await embedder.embed(claimed.text, { signal }), await embedder.embed(reference.text, { signal })]
    if (a.length !== b.length) throw failed('the embedder gives vectors of different lengths')
    return measureTensors({ [embedding]: tensorOf(a) }, { [embedding]: tensorOf(b) }, parameters)
  }
}

/** Builds policies. */
cosine.policy = cosinePolicy
/** Builds policies from what `calibrate` finds. */
cosine.calibrated = cosineCalibrated
/** Names a pair of runtimes for the samples of `calibrate`. */
cosine.pair = pairName

function judge(measured: Measurement, pair: PairThresholds, evidence: { readonly [key: string]: IpldValue }) {
  if ('mismatch' in measured) return invalid({ reason: measured.mismatch, evidence })
  if ('unusable' in measured) return inconclusive({ reason: measured.unusable, evidence })
  const { metrics, blind } = measured
  const unscaled = Object.keys(metrics).find((metric) => !Object.hasOwn(pair.scales, metric))
  if (unscaled !== undefined) return inconclusive({ reason: `the policy has no scale for ${unscaled}`, evidence })
  const findings = { metrics: { ...metrics, score: scoreOf({ metrics }, pair.scales) }, evidence }
  const verdict = verdictOf({ metrics, isBlind: blind !== undefined }, pair)
  // The score is of the reference's values, which the claimed output does not have.
  if (verdict === 'invalid') return invalid({ ...findings, reason: 'the output is too far', provesWork: true })
  if (blind !== undefined) return inconclusive({ ...findings, reason: `there is nothing to measure: ${blind}` })
  if (verdict === 'inconclusive')
    return inconclusive({ ...findings, reason: 'the distance is between validBelow and invalidAbove' })
  return valid(findings)
}

const tensorOf = (data: Float32Array): Tensor => ({ dtype: 'float32', dims: [data.length], data })

function failed(reason: string): VerifierFailedError {
  return new VerifierFailedError({ verifier: `${name}@${revision}`, reason })
}
