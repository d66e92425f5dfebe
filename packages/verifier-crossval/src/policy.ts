import type { Calibrated, Saturation, Thresholds } from '@proof-of-inference/sdk/calibration'
import type { BatchSampling, Digest, PolicyDocument } from '@proof-of-inference/sdk/payload'
import * as v from 'valibot'

export const name = '@proof-of-inference/verifier-crossval'
export const revision = 1

const text = v.pipe(v.string(), v.nonEmpty())
const finite = v.pipe(v.number(), v.finite())
const distance = v.pipe(finite, v.minValue(0))
const positive = v.pipe(finite, v.gtValue(0))

const claim = v.pipe(
  v.strictObject({
    claimed: text,
    scales: v.record(v.pipe(text, v.regex(/\/(cosine|relativeL2|maxAbs)$/, 'a tensor’s metric')), positive),
    validBelow: positive,
    invalidAbove: positive,
  }),
  v.check(({ validBelow, invalidAbove }) => validBelow <= invalidAbove, 'validBelow exceeds invalidAbove'),
)

const saturation = v.pipe(
  v.strictObject({ low: finite, high: finite, margin: distance }),
  v.check(({ low, high, margin }) => low + margin < high - margin, 'the margins leave nothing between them'),
)

/** Schema of the parameters. */
export const crossvalParameters: v.GenericSchema<CrossvalParameters> = v.strictObject({
  panel: v.pipe(
    v.array(v.strictObject({ role: text, weight: positive, runtime: text })),
    v.minLength(3),
    v.maxLength(15),
    v.check((panel) => new Set(panel.map(({ role }) => role)).size === panel.length, 'a role is there twice'),
    v.check((panel) => hasNoDictator(panel), 'a panellist has half of the weight'),
  ),
  claims: v.pipe(
    v.array(claim),
    v.minLength(1),
    v.check(
      (claims) => new Set(claims.map(({ claimed }) => claimed)).size === claims.length,
      'a runtime is there twice',
    ),
  ),
  nearZero: positive,
  saturation: v.record(text, saturation),
})

function hasNoDictator(panel: readonly { readonly weight: number }[]): boolean {
  const total = panel.reduce((sum, { weight }) => sum + weight, 0)
  return panel.every(({ weight }) => weight < total / 2)
}

/** A model, on a runtime, that has a say. */
export type Panellist = {
  /** By which the policy's references name it; `model` is the verified model itself. */
  readonly role: string
  /** Over 0; less than half of all. */
  readonly weight: number
  /** Class of the runtime that it has to run on, as `runtimeClass` writes it. */
  readonly runtime: string
}

/** How close outputs that claim a runtime have to be to the panel's median. */
export type ClaimThresholds = Thresholds & {
  /** Class of the runtime that the output claims. */
  readonly claimed: string
}

/** What decides a verdict. */
export type CrossvalParameters = {
  /** 3 to 15 panellists. */
  readonly panel: readonly Panellist[]
  /** Runtimes that an output may claim. The score is the largest of metric / scale, which calibration froze. */
  readonly claims: readonly ClaimThresholds[]
  /** Root mean square of a median below which its direction says nothing; over 0. */
  readonly nearZero: number
  /** By tensor; those that are not here do not saturate. */
  readonly saturation: { readonly [tensor: string]: Saturation }
}

/** What a policy of `crossval` is built from. */
export type CrossvalPolicyOptions = {
  /** 3 to 15. `manifest` is the digest of the panellist's manifest: for all but the role `model`. */
  readonly panel: readonly (Panellist & { readonly manifest?: Digest })[]
  /** One at least; from `calibrate`. */
  readonly claims: readonly ClaimThresholds[]
  /** Basis points; measured. */
  readonly confidence: { readonly valid: number; readonly invalid: number }
  /** Default: 1e-6. */
  readonly nearZero?: number
  /** Default: none. */
  readonly saturation?: { readonly [tensor: string]: Saturation }
  /** How batches are judged, by `batchSampling`; `confidence` must not exceed what it gives. Default: none are taken. */
  readonly batch?: BatchSampling
  readonly errorRates?: NonNullable<PolicyDocument['errorRates']>
  readonly calibration?: NonNullable<PolicyDocument['calibration']>
}

/**
 * A policy of this verifier, fully resolved. Take thresholds and confidence from {@link calibrated}. Throws valibot's
 * `ValiError` if an option is out of range, a `RangeError` if a panellist has no manifest, or the model has one.
 *
 * @example
 * const policy = crossval.policy({
 *   panel: [
 *     { role: 'model', weight: 1, runtime },
 *     { role: 'second', weight: 1, runtime, manifest: secondDigest },
 *     { role: 'third', weight: 1, runtime, manifest: thirdDigest },
 *   ],
 *   claims,
 *   confidence: { valid: 9900, invalid: 9900 },
 * })
 */
export function crossvalPolicy(options: CrossvalPolicyOptions): PolicyDocument<CrossvalParameters> {
  const { confidence, nearZero = 1e-6, saturation = {}, batch, errorRates, calibration } = options
  for (const { role, manifest } of options.panel)
    if ((role === 'model') !== (manifest === undefined))
      throw new RangeError(`${role}: the model is the job's; every other panellist needs a manifest`)
  const parameters = {
    panel: options.panel.map(({ role, weight, runtime }) => ({ role, weight, runtime })),
    claims: options.claims.map((claim) => ({ ...claim, scales: { ...claim.scales } })),
    nearZero,
    saturation,
  }
  const references = options.panel.flatMap(({ role, manifest }) =>
    manifest === undefined ? [] : [[role, { manifestDigest: manifest }] as const],
  )
  return {
    v: 1,
    verifier: name,
    revision,
    parameters: v.parse(crossvalParameters, parameters),
    confidence: { ...confidence },
    references: Object.fromEntries(references),
    ...(batch && { batch: { ...batch } }),
    ...(errorRates && { errorRates }),
    ...(calibration && { calibration }),
  }
}

/**
 * What `calibrate` builds a policy with; the pair of a sample is the class of the runtime that it claims.
 *
 * @example
 * const { policy } = await calibrate({ honest, attacks, floors: tensorFloors(['y']), build: crossval.calibrated({ panel }) })
 */
export function crossvalCalibrated(
  options: Pick<CrossvalPolicyOptions, 'panel' | 'nearZero' | 'saturation' | 'batch'>,
): (found: Calibrated) => PolicyDocument<CrossvalParameters> {
  return ({ thresholds, ...rest }) => {
    const claims = Object.entries(thresholds).map(([claimed, own]) => ({ claimed, ...own }))
    return crossvalPolicy({ ...options, ...rest, claims })
  }
}
