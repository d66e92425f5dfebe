import type { BatchSampling, PolicyDocument } from '@proof-of-inference/sdk/payload'
import * as v from 'valibot'

export const name = '@proof-of-inference/verifier-exact'
export const revision = 1

const runtime = v.pipe(v.string(), v.nonEmpty())
const distance = v.pipe(v.number(), v.finite(), v.minValue(0))

const tolerance = v.pipe(
  v.strictObject({ claimed: runtime, reference: runtime, atol: distance, rtol: distance }),
  v.check(({ claimed, reference }) => claimed !== reference, 'within one runtime class the comparison is bitwise'),
)

/** Schema of the parameters. */
export const exactParameters: v.GenericSchema<ExactParameters> = v.strictObject({
  tolerances: v.pipe(
    v.array(tolerance),
    v.check(
      (pairs) => new Set(pairs.map((pair) => JSON.stringify([pair.claimed, pair.reference]))).size === pairs.length,
      'a pair of runtimes is there twice',
    ),
  ),
  text: v.variant('normalization', [
    v.strictObject({ normalization: v.literal('none'), whitespace: v.picklist(['none', 'trim', 'collapse']) }),
    v.strictObject({
      normalization: v.picklist(['NFC', 'NFKC']),
      whitespace: v.picklist(['none', 'trim', 'collapse']),
      unicode: v.pipe(v.string(), v.regex(/^\d+\.\d+$/, 'a Unicode version, such as 16.0')),
    }),
  ]),
  tokenIds: v.picklist(['ignore', 'require']),
})

/** Largest distance between a claimed value a and the reference's b: |a − b| ≤ atol + rtol·|b|. */
export type Tolerance = {
  /** Class of the runtime that the output claims, as `runtimeClass` writes it. */
  readonly claimed: string
  /** Class of the runtime that the operator runs; another one. */
  readonly reference: string
  /** At least 0, in the unit of the output. */
  readonly atol: number
  /** At least 0. */
  readonly rtol: number
}

/** How texts are compared. */
export type TextRule = {
  /** `trim`: white space at the ends is dropped. `collapse`: and each run of it within is one space. */
  readonly whitespace: 'none' | 'trim' | 'collapse'
} & (
  | { readonly normalization: 'none' }
  | {
      readonly normalization: 'NFC' | 'NFKC'
      /** Version of Unicode that the normalisation is by, such as `16.0`. */
      readonly unicode: string
    }
)

/** What decides a verdict. */
export type ExactParameters = {
  /** Pairs of unequal runtime classes that may be compared, and how closely. */
  readonly tolerances: readonly Tolerance[]
  readonly text: TextRule
  /** Whether text must come with the reference's token ids. */
  readonly tokenIds: 'ignore' | 'require'
}

/** What a policy of `exact` is built from. */
export type ExactPolicyOptions = {
  /** Default: none, so that other runtime classes are inconclusive. */
  readonly tolerances?: readonly Tolerance[]
  /** Default: the text as it is. `unicode` defaults to the version of this runtime. */
  readonly text?: {
    readonly normalization?: 'none' | 'NFC' | 'NFKC'
    readonly whitespace?: 'none' | 'trim' | 'collapse'
    readonly unicode?: string
  }
  /** Default: `ignore`. */
  readonly tokenIds?: 'ignore' | 'require'
  /**
   * Confidence in basis points. Default: 9,997 for each verdict, 1 − the upper 95 % bound of no error in
   * 10,000 honest and 10,000 tampered outputs of one runtime class (see the README); with tolerances, set
   * what was measured.
   */
  readonly confidence?: { readonly valid: number; readonly invalid: number }
  /** How batches are judged, by `batchSampling`; `confidence` must not exceed what it gives. Default: none are taken. */
  readonly batch?: BatchSampling
  readonly errorRates?: NonNullable<PolicyDocument['errorRates']>
  readonly calibration?: NonNullable<PolicyDocument['calibration']>
}

/**
 * A policy of this verifier, fully resolved: encode it with `encodePolicy` and publish its digest with the model
 * version. Throws valibot's `ValiError` if an option is out of range, a `RangeError` if text is to be normalised and
 * neither the option nor the runtime says by which version of Unicode.
 *
 * @example
 * const policy = exact.policy({
 *   tolerances: [
 *     {
 *       claimed: 'onnxruntime-node@1.30.0/cpu/threads=1/optimization=all',
 *       reference: 'onnxruntime-web@1.30.0/wasm/threads=1/optimization=all',
 *       atol: 1e-4,
 *       rtol: 0,
 *     },
 *   ],
 *   confidence: { valid: 9900, invalid: 9900 },
 * })
 */
export function exactPolicy(options: ExactPolicyOptions = {}): PolicyDocument<ExactParameters> {
  const { confidence = { valid: 9_997, invalid: 9_997 }, batch, errorRates, calibration } = options
  const { normalization = 'none', whitespace = 'none', unicode = runtimeUnicode() } = options.text ?? {}
  if (normalization !== 'none' && unicode === undefined)
    throw new RangeError('this runtime does not say its version of Unicode: set text.unicode')
  const parameters = {
    tolerances: (options.tolerances ?? []).map((pair) => ({ ...pair })),
    text: { normalization, whitespace, ...(normalization !== 'none' && { unicode }) },
    tokenIds: options.tokenIds ?? 'ignore',
  }
  return {
    v: 1,
    verifier: name,
    revision,
    parameters: v.parse(exactParameters, parameters),
    confidence: { ...confidence },
    references: {},
    ...(batch && { batch: { ...batch } }),
    ...(errorRates && { errorRates }),
    ...(calibration && { calibration }),
  }
}

/** The version of Unicode that this runtime normalises by; `undefined` where it does not say (browsers). */
export function runtimeUnicode(): string | undefined {
  return globalThis.process?.versions?.unicode
}
