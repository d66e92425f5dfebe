import type { BatchSampling, ModelManifest, PolicyDocument, RuntimeFingerprint } from '@proof-of-inference/sdk/payload'
import { runtimeClass } from '@proof-of-inference/sdk/payload'
import type { Runner } from '@proof-of-inference/sdk/runner'
import { inconclusive, invalid, type Verdict, VerifierFailedError } from '@proof-of-inference/sdk/verifier'
import * as v from 'valibot'

export const packageName = '@proof-of-inference/verifier-statistical'

export const runtime = v.pipe(v.string(), v.nonEmpty())
export const distance = v.pipe(v.number(), v.finite(), v.minValue(0))
export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
export const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1))
export const positiveNumber = v.pipe(v.number(), v.finite(), v.gtValue(0))
export const probability = v.pipe(v.number(), v.gtValue(0), v.ltValue(1))

/** A pair of runtime classes, as `runtimeClass` writes them. */
export type RuntimePair = {
  /** Class of the runtime that the output claims. */
  readonly claimed: string
  /** Class of the runtime that the operator runs; may be the same. */
  readonly reference: string
}

/** A pair as one name, as the samples of `calibrate` have it. */
export function pairName({ claimed, reference }: RuntimePair): string {
  return JSON.stringify([claimed, reference])
}

const pairTuple = v.pipe(v.string(), v.parseJson(), v.strictTuple([runtime, runtime]))

export function splitPairName(name: string): RuntimePair {
  const [claimed, reference] = v.parse(pairTuple, name)
  return { claimed, reference }
}

/** At least one pair, none of them twice. */
export function pairsOf<pair extends RuntimePair>(schema: v.GenericSchema<pair>) {
  return v.pipe(
    v.array(schema),
    v.minLength(1),
    v.check((pairs) => new Set(pairs.map(pairName)).size === pairs.length, 'a pair of runtimes is there twice'),
  )
}

/** Why an output cannot be judged on a runner, or the policy's pair of runtimes by which it is. */
export function findPair<pair extends RuntimePair>(
  pairs: readonly pair[],
  claimed: RuntimeFingerprint,
  runner: Runner,
  manifest: ModelManifest,
  method: string,
): { readonly pair: pair } | { readonly verdict: Verdict } {
  const { digest } = manifest.weights
  if (runner.fingerprint.weightsDigest !== digest)
    throw new VerifierFailedError({
      verifier: method,
      reason: 'the reference runner holds other weights than the model',
    })
  const classes = { claimed: runtimeClass(claimed), reference: runtimeClass(runner.fingerprint) }
  const pair = pairs.find((each) => each.claimed === classes.claimed && each.reference === classes.reference)
  if (pair) return { pair }
  return {
    verdict: inconclusive({
      reason: `the policy has no thresholds for ${classes.claimed} against ${classes.reference}`,
      evidence: classes,
    }),
  }
}

/** The verdict on an output that claims other weights than the model's: it contradicts itself. */
export function otherWeights(claimed: RuntimeFingerprint, manifest: ModelManifest): Verdict | undefined {
  const { digest } = manifest.weights
  if (claimed.weightsDigest === digest) return undefined
  return invalid({
    reason: 'the output claims other weights than the model has',
    evidence: { claimedWeights: claimed.weightsDigest, weights: digest },
  })
}

/** What every policy says beside its parameters. */
export type PolicyOptions = {
  /** Basis points: 1 − the upper 95 % bound of the measured error of each verdict. */
  readonly confidence: { readonly valid: number; readonly invalid: number }
  /** What was measured on data that set no threshold. */
  readonly errorRates?: NonNullable<PolicyDocument['errorRates']>
  /** Digests of the sets, and of the report. */
  readonly calibration?: NonNullable<PolicyDocument['calibration']>
}

export function documentOf<parameters>(
  name: string,
  revision: number,
  parameters: parameters,
  { confidence, errorRates, calibration }: PolicyOptions,
  batch?: BatchSampling | 'verifier',
): PolicyDocument<parameters> {
  return {
    v: 1,
    verifier: name,
    revision,
    parameters,
    confidence: { ...confidence },
    references: {},
    ...(batch && { batch: batch === 'verifier' ? batch : { ...batch } }),
    ...(errorRates && { errorRates }),
    ...(calibration && { calibration }),
  }
}
