import * as v from 'valibot'
import { CalibrationFailedError, CalibrationMismatchError } from '../errors/calibration.ts'
import { decodeCanonical, encode } from '../payload/codec.ts'
import { digest } from '../payload/digest.ts'
import { encodePolicy } from '../payload/documents.ts'
import { named, parse } from '../payload/schemas.ts'
import type { PayloadSource } from '../payload/store.ts'
import { getVerified } from '../payload/transfer.ts'
import type { Digest, EncodedPayload, IpldValue, PolicyDocument } from '../payload/types.ts'
import { createRandom } from '../verifier/random.ts'
import { fit } from './fit.ts'
import { measure } from './measure.ts'
import type { Calibrated, Calibration, CalibrationReport, CalibrationSettings, Sample, SampleSet } from './types.ts'

/** What a policy is calibrated from. */
export type CalibrateParameters<parameters extends IpldValue> = SampleSet & {
  /** Builds the policy, by the verifier package's own `policy`. Must not depend on anything else that changes. */
  readonly build: (calibrated: Calibrated) => PolicyDocument<parameters>
  readonly floors: CalibrationSettings['floors']
  readonly gap?: number
  readonly weights?: readonly number[]
  readonly quorumBps?: number
  /** Draws the split: 32 bytes. Default: zeros. */
  readonly seed?: Digest
  /** Share of the units that set the thresholds; the rest measures them. Over 0, less than 1. Default: 0.5. */
  readonly share?: number
}

/**
 * Calibrates a verifier on measured distances: splits the units in two at random, takes scales and thresholds from one
 * half, measures error rates, ROC curves, operators' disagreement and the probability of no quorum on the other, and
 * has the verifier's package build the policy, with its confidence, error rates and the digests of both halves.
 *
 * Publish the policy's `payloads` with it, so that {@link recalibrate} can reproduce it.
 *
 * @throws `CalibrationFailedError` if a half has no honest sample or none of an attack, a metric is not finite and at
 * least 0, or no attack can be told from honest outputs. `RangeError` if an option is out of range.
 *
 * @example
 * const { policy, report, payloads } = await calibrate({
 *   honest,
 *   attacks: { int8, sibling },
 *   floors: tensorFloors(['stateN']),
 *   build: cosine.calibrated(),
 * })
 */
export async function calibrate<parameters extends IpldValue>(
  options: CalibrateParameters<parameters>,
): Promise<Calibration<parameters>> {
  const { honest, attacks, build, floors, gap = 10, weights = [50, 30, 20], quorumBps = 6667, share = 0.5 } = options
  if (!(share > 0 && share < 1)) throw new RangeError(`share must be over 0 and less than 1, not ${share}`)
  const settings = { floors, gap, weights, quorumBps }
  const sets = split({ honest, attacks }, { seed: options.seed ?? `0x${'00'.repeat(32)}`, share })
  return assemble(await seal(sets.calibration, settings), await seal(sets.test, settings), build)
}

/**
 * Calibrates again from the samples that a policy names by digest, and makes sure that the policy is what comes out.
 *
 * @throws `CalibrationMismatchError` if the policy names no sets, or another policy comes out; what the store throws.
 *
 * @example
 * const { report } = await recalibrate({ policy, payloads, build: cosine.calibrated() })
 */
export async function recalibrate<parameters extends IpldValue>({
  policy,
  payloads,
  build,
  signal,
}: {
  readonly policy: PolicyDocument
  readonly payloads: PayloadSource
  readonly build: CalibrateParameters<parameters>['build']
  readonly signal?: AbortSignal | undefined
}): Promise<Calibration<parameters>> {
  const { calibrationSet, testSet } = policy.calibration ?? {}
  if (calibrationSet === undefined || testSet === undefined)
    throw new CalibrationMismatchError({ reason: 'it does not name the sets it was calibrated on' })
  const [calibrationBytes, testBytes] = await Promise.all([
    getVerified(payloads, calibrationSet, { signal }),
    getVerified(payloads, testSet, { signal }),
  ])
  const found = await assemble(
    { payload: { bytes: calibrationBytes, digest: calibrationSet, blocks: [] }, ...decodeSet(calibrationBytes) },
    { payload: { bytes: testBytes, digest: testSet, blocks: [] }, ...decodeSet(testBytes) },
    build,
  )
  const [expected, actual] = [(await encodePolicy(policy)).digest, (await encodePolicy(found.policy)).digest]
  if (expected !== actual)
    throw new CalibrationMismatchError({
      reason: `its digest is ${expected}, that of the policy from its sets ${actual}`,
    })
  return found
}

type SealedSet = { readonly payload: EncodedPayload; readonly set: SampleSet; readonly settings: CalibrationSettings }

async function assemble<parameters extends IpldValue>(
  calibration: SealedSet,
  test: SealedSet,
  build: CalibrateParameters<parameters>['build'],
): Promise<Calibration<parameters>> {
  const { settings } = calibration
  for (const [name, { set }] of Object.entries({ calibration, test })) assertUsable(set, name)
  const { thresholds, covered } = fit(calibration.set, settings)
  if (covered.size === 0)
    throw new CalibrationFailedError({
      reason: `no attack scores ${settings.gap} times the largest honest score in 99 % of its samples`,
    })
  for (const sample of [test.set.honest, ...Object.values(test.set.attacks)].flat())
    if (!Object.hasOwn(thresholds, sample.pair))
      throw new CalibrationFailedError({ reason: `no honest sample sets thresholds for ${sample.pair}` })
  const report = measure(test.set, thresholds, covered, settings)
  const sealed = await toPayload({ v: 1, type: 'calibration-report', ...report })
  const policy = build({
    thresholds,
    confidence: report.confidence,
    errorRates: { honest: countsOf(report.honest), attacks: mapValues(report.attacks, countsOf) },
    calibration: {
      calibrationSet: calibration.payload.digest,
      testSet: test.payload.digest,
      report: sealed.digest,
    },
  })
  return {
    policy,
    report,
    payloads: { calibrationSet: calibration.payload, testSet: test.payload, report: sealed },
  }
}

const countsOf = ({ n, valid, invalid, inconclusive }: CalibrationReport['honest']) => ({
  ...{ n, valid, invalid, inconclusive },
})

function mapValues<from, to>(
  record: { readonly [key: string]: from },
  map: (value: from) => to,
): { [key: string]: to } {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]))
}

/** Each unit is in one half with all of its samples, honest and not. */
function split(
  { honest, attacks }: SampleSet,
  { seed, share }: { seed: Digest; share: number },
): { calibration: SampleSet; test: SampleSet } {
  const all = [honest, ...Object.values(attacks)].flat()
  const units = createRandom(seed, 'split').shuffle([...new Set(all.map(({ unit }) => unit))].sort())
  const chosen = new Set(units.slice(0, Math.round(units.length * share)))
  const half = (isChosen: boolean): SampleSet => {
    const only = (samples: readonly Sample[]) => samples.filter(({ unit }) => chosen.has(unit) === isChosen)
    return { honest: only(honest), attacks: mapValues(attacks, only) }
  }
  return { calibration: half(true), test: half(false) }
}

function assertUsable({ honest, attacks }: SampleSet, name: string): void {
  for (const [what, samples] of [['honest', honest] as const, ...Object.entries(attacks)])
    if (samples.length === 0) throw new CalibrationFailedError({ reason: `the ${name} split has no ${what} sample` })
}

const distance = v.pipe(v.number(), v.finite(), v.minValue(0))
const sample: v.GenericSchema<unknown, Sample> = v.strictObject({
  unit: v.string(),
  pair: v.string(),
  metrics: named(distance),
  isBlind: v.exactOptional(v.boolean()),
})
const setSchema: v.GenericSchema<unknown, { settings: CalibrationSettings } & SampleSet> = v.pipe(
  v.strictObject({
    v: v.literal(1),
    type: v.literal('calibration-set'),
    settings: v.strictObject({
      floors: named(v.pipe(distance, v.gtValue(0))),
      gap: v.pipe(distance, v.gtValue(1)),
      weights: v.pipe(v.array(v.pipe(distance, v.gtValue(0))), v.minLength(1), v.maxLength(16)),
      quorumBps: v.pipe(v.number(), v.integer(), v.minValue(5_001), v.maxValue(10_000)),
    }),
    honest: v.array(sample),
    attacks: named(v.array(sample)),
  }),
  v.transform(({ settings, honest, attacks }) => ({ settings, honest, attacks })),
)

async function seal(set: SampleSet, settings: CalibrationSettings): Promise<SealedSet> {
  const value = { v: 1, type: 'calibration-set', settings, ...set } as const
  parse(setSchema, value, { what: 'calibration set' })
  return { payload: await toPayload(value), set, settings }
}

function decodeSet(bytes: Uint8Array): { set: SampleSet; settings: CalibrationSettings } {
  const { settings, honest, attacks } = parse(setSchema, decodeCanonical(bytes), { what: 'calibration set' })
  return { settings, set: { honest, attacks } }
}

async function toPayload(value: IpldValue): Promise<EncodedPayload> {
  const bytes = encode(value)
  return { bytes, digest: await digest(bytes), blocks: [] }
}
