import type { Calibrated, Saturation, Thresholds } from '@proof-of-inference/sdk/calibration'
import type { BatchSampling, Digest, PolicyDocument } from '@proof-of-inference/sdk/payload'
import * as v from 'valibot'

export const name = '@proof-of-inference/verifier-cosine'
export const revision = 1

/** Name of the tensor that a text's embedding is measured as. */
export const embedding = 'embedding'

const text = v.pipe(v.string(), v.nonEmpty())
const finite = v.pipe(v.number(), v.finite())
const distance = v.pipe(finite, v.minValue(0))
const positive = v.pipe(finite, v.gtValue(0))

const pair = v.pipe(
  v.strictObject({
    claimed: text,
    reference: text,
    scales: v.record(v.pipe(text, v.regex(/\/(cosine|relativeL2|maxAbs)$/, 'a tensor’s metric')), positive),
    validBelow: positive,
    invalidAbove: positive,
  }),
  v.check(({ validBelow, invalidAbove }) => validBelow <= invalidAbove, 'validBelow exceeds invalidAbove'),
  v.check(({ scales }) => Object.keys(scales).length > 0, 'there are no scales'),
)

const saturation = v.pipe(
  v.strictObject({ low: finite, high: finite, margin: distance }),
  v.check(({ low, high, margin }) => low + margin < high - margin, 'the margins leave nothing between them'),
)

/** Schema of the parameters. */
export const cosineParameters: v.GenericSchema<CosineParameters> = v.strictObject({
  pairs: v.pipe(
    v.array(pair),
    v.minLength(1),
    v.check(
      (pairs) => new Set(pairs.map((pair) => pairName(pair.claimed, pair.reference))).size === pairs.length,
      'a pair of runtimes is there twice',
    ),
  ),
  nearZero: positive,
  saturation: v.record(text, saturation),
  embedder: v.nullable(
    v.custom<Digest>((value) => typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value), 'a digest'),
  ),
})

/** How close outputs of one runtime have to be to those of another. */
export type PairThresholds = Thresholds & {
  /** Class of the runtime that the output claims, as `runtimeClass` writes it. */
  readonly claimed: string
  /** Class of the runtime that the operator runs; it may be the same. */
  readonly reference: string
}

/** What decides a verdict. */
export type CosineParameters = {
  /** Pairs of runtime classes that may be compared. The score is the largest of metric / scale. */
  readonly pairs: readonly PairThresholds[]
  /** Root mean square of a reference tensor below which its direction says nothing; over 0. */
  readonly nearZero: number
  /** By tensor; those that are not here do not saturate. */
  readonly saturation: { readonly [tensor: string]: Saturation }
  /** Digest of the embedder that texts are compared by; `null`: texts are not compared. */
  readonly embedder: Digest | null
}

/** What a policy of `cosine` is built from. */
export type CosinePolicyOptions = {
  /** One at least; from `calibrate`. */
  readonly pairs: readonly PairThresholds[]
  /** Basis points; measured. */
  readonly confidence: { readonly valid: number; readonly invalid: number }
  /** Default: 1e-6. */
  readonly nearZero?: number
  /** Default: none. */
  readonly saturation?: { readonly [tensor: string]: Saturation }
  /** Default: `null`. */
  readonly embedder?: Digest | null
  /** How batches are judged, by `batchSampling`; `confidence` must not exceed what it gives. Default: none are taken. */
  readonly batch?: BatchSampling
  readonly errorRates?: NonNullable<PolicyDocument['errorRates']>
  readonly calibration?: NonNullable<PolicyDocument['calibration']>
}

/**
 * A policy of this verifier, fully resolved. Its thresholds and confidence are nothing to guess: take them from
 * {@link calibrated}. Throws valibot's `ValiError` if an option is out of range.
 *
 * @example
 * const policy = cosine.policy({ pairs, confidence: { valid: 9900, invalid: 9990 } })
 */
export function cosinePolicy(options: CosinePolicyOptions): PolicyDocument<CosineParameters> {
  const { pairs, confidence, nearZero = 1e-6, saturation = {}, embedder = null } = options
  const { batch, errorRates, calibration } = options
  const parameters = {
    pairs: pairs.map((pair) => ({ ...pair, scales: { ...pair.scales } })),
    nearZero,
    saturation,
    embedder,
  }
  return {
    v: 1,
    verifier: name,
    revision,
    parameters: v.parse(cosineParameters, parameters),
    confidence: { ...confidence },
    references: {},
    ...(batch && { batch: { ...batch } }),
    ...(errorRates && { errorRates }),
    ...(calibration && { calibration }),
  }
}

/** The pair of a sample, as `calibrate` takes it: the claimed runtime's class and the reference's. */
export function pairName(claimed: string, reference: string): string {
  return JSON.stringify([claimed, reference])
}

const pairOf = v.pipe(v.string(), v.parseJson(), v.strictTuple([text, text]))

/**
 * What `calibrate` builds a policy with.
 *
 * @example
 * const { policy } = await calibrate({ honest, attacks, floors: tensorFloors(['stateN']), build: cosine.calibrated() })
 */
export function cosineCalibrated(
  options: Pick<CosinePolicyOptions, 'nearZero' | 'saturation' | 'embedder' | 'batch'> = {},
): (found: Calibrated) => PolicyDocument<CosineParameters> {
  return ({ thresholds, ...rest }) => {
    const pairs = Object.entries(thresholds).map(([name, own]) => {
      const [claimed, reference] = v.parse(pairOf, name)
      return { claimed, reference, ...own }
    })
    return cosinePolicy({ ...options, ...rest, pairs })
  }
}
