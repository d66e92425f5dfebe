import { describe, expect, test } from 'vitest'
import { memoryPayloadStore } from '../payload/memoryPayloadStore.ts'
import { putPayload } from '../payload/transfer.ts'
import type { PolicyDocument } from '../payload/types.ts'
import { createRandom } from '../verifier/random.ts'
import { type CalibrateParameters, calibrate, recalibrate } from './calibrate.ts'
import { conformalPValue, lowerQuantile, upperQuantile } from './quantile.ts'
import type { Calibrated, Sample } from './types.ts'

const random = createRandom(`0x${'07'.repeat(32)}`, 'samples')
const samplesOf = (count: number, low: number, high: number, pair = 'a/b'): Sample[] =>
  Array.from({ length: count }, (_, index) => ({
    unit: `unit ${index}`,
    pair,
    metrics: { distance: low + (high - low) * random.float(), other: 1e-9 },
  }))

const build = ({ thresholds, ...rest }: Calibrated) =>
  ({ v: 1, verifier: '@acme/close', revision: 1, references: {}, parameters: { ...thresholds }, ...rest }) as const

const honest = [...samplesOf(800, 0, 1e-6), ...samplesOf(800, 0, 2e-6, 'b/b')]
const attacks = {
  far: [...samplesOf(800, 1e-3, 1), ...samplesOf(800, 1e-3, 1, 'b/b')],
  near: [...samplesOf(800, 1e-6, 1e-5), ...samplesOf(800, 1e-6, 1e-5, 'b/b')],
}
const parameters = { honest, attacks, floors: { distance: 1e-9, other: 1e-6 }, build } as const

async function storeOf({ payloads }: Awaited<ReturnType<typeof calibrate>>) {
  const store = memoryPayloadStore()
  for (const payload of Object.values(payloads)) await putPayload(store, payload)
  return store
}

describe('calibrate', () => {
  test('takes thresholds between the honest and the weakest covered attack, for each pair', async () => {
    const { report, policy } = await calibrate(parameters)
    const a = report.thresholds['a/b']
    expect(a?.scales.distance).toBeGreaterThan(0.98e-6)
    expect(a?.scales.distance).toBeLessThanOrEqual(1e-6)
    // What the honest differed by is below the floor.
    expect(a?.scales.other).toBe(1e-6)
    const middle = Math.sqrt((a?.validBelow ?? 0) * (a?.invalidAbove ?? 0))
    // The root of what 99 % of the attack score over: about 0.011 / 1e-6.
    expect(middle).toBeGreaterThan(60)
    expect(middle).toBeLessThan(160)
    expect((a?.invalidAbove ?? 0) / (a?.validBelow ?? 1)).toBeCloseTo(2, 10)
    expect(report.thresholds['b/b']?.scales.distance).toBeGreaterThan(1.9e-6)
    expect(report.attacks.far).toMatchObject({ n: 400, invalid: 400, isCovered: true, auc: 1 })
    expect(report.attacks.near).toMatchObject({ n: 400, invalid: 0, isCovered: false })
    expect(report.honest).toMatchObject({ n: 400, valid: 400, errors: 0 })
    // 0 of 400: an upper bound of 0.75 %.
    expect(report.confidence).toEqual({ valid: 9925, invalid: 9925 })
    expect(report.disagreement).toMatchObject({ n: 400, count: 0 })
    expect(policy.errorRates?.attacks.far).toEqual({ n: 400, valid: 0, invalid: 400, inconclusive: 0 })
  })

  test('never takes thresholds from the split that it measures', async () => {
    const { payloads, report } = await calibrate(parameters)
    const [a, b] = [payloads.calibrationSet, payloads.testSet].map(({ bytes }) => new TextDecoder().decode(bytes))
    const unitsOf = (text = '') => new Set([...text.matchAll(/unit (\d+)/g)].map(([, unit]) => unit))
    expect([...unitsOf(a)].filter((unit) => unitsOf(b).has(unit))).toEqual([])
    expect(unitsOf(a).size + unitsOf(b).size).toBe(800)
    // One more honest outlier in the untouched split is an error, and moves no threshold.
    const unit = [...unitsOf(b)][0]
    const outlier = { unit: `unit ${unit}`, pair: 'a/b', metrics: { distance: 0.5, other: 0 } }
    const again = await calibrate({ ...parameters, honest: [...honest, outlier] })
    expect(again.report.thresholds).toEqual(report.thresholds)
    expect(again.report.honest).toMatchObject({ n: 400, invalid: 1, errors: 1 })
    expect(again.report.confidence.invalid).toBeLessThan(report.confidence.invalid)
  })

  test('counts units, each by its worst sample', async () => {
    const slips = attacks.far.map((sample, index) =>
      index % 250 === 0 ? { ...sample, metrics: { distance: 0, other: 0 } } : sample,
    )
    const { report } = await calibrate({ ...parameters, attacks: { far: slips } })
    const { n, valid, invalid } = report.attacks.far ?? { n: 0, valid: 0, invalid: 0 }
    // 0, 250, 500 and 750 of the first pair, 200, 450 and 700 of the second: half of these seven, or so.
    expect(n).toBe(400)
    expect(valid).toBeGreaterThan(0)
    expect(valid).toBeLessThan(7)
    expect(valid + invalid).toBe(400)
  })

  test('fails where no attack can be told', async () => {
    await expect(calibrate({ ...parameters, attacks: { near: attacks.near } })).rejects.toMatchObject({
      name: 'CalibrationFailedError',
      reason: expect.stringContaining('no attack'),
    })
  })

  test.each<[string, Partial<CalibrateParameters<never>>, string]>([
    ['no honest sample', { honest: [] }, 'CalibrationFailedError'],
    ['no sample of an attack', { attacks: { ...attacks, none: [] } }, 'CalibrationFailedError'],
    ['a pair without honest samples', { honest: samplesOf(800, 0, 1e-6) }, 'CalibrationFailedError'],
    ['a distance below 0', { honest: [{ unit: 'x', pair: 'a/b', metrics: { distance: -1 } }] }, 'PayloadInvalidError'],
    ['a floor of 0', { floors: { distance: 0 } }, 'PayloadInvalidError'],
    ['a share of 1', { share: 1 }, 'RangeError'],
  ])('refuses %s', async (_, changes, name) => {
    await expect(calibrate({ ...parameters, ...(changes as object) })).rejects.toMatchObject({ name })
  })

  test('is blind where it is told so, and still finds the wrong', async () => {
    const blind = honest.map((sample) => ({ ...sample, isBlind: true }))
    const { report } = await calibrate({ ...parameters, honest: blind })
    expect(report.honest).toMatchObject({ valid: 0, inconclusive: 400, errors: 0 })
    expect(report.noQuorum.independent).toBeGreaterThan(0.99)
    expect(report.attacks.far).toMatchObject({ invalid: 400 })
  })

  test('a metric that no honest output had is no honest one', async () => {
    const odd = attacks.far.map((sample) => ({
      ...sample,
      metrics: { ...sample.metrics, distance: 0, surplus: 1e-30 },
    }))
    expect((await calibrate({ ...parameters, attacks: { odd } })).report.attacks.odd).toMatchObject({ invalid: 400 })
  })

  test('gives the curve and the chance of no quorum by hand', async () => {
    const { report } = await calibrate(parameters)
    // Each operator is missing with the upper bound of 0 in 400; 50 + 20 is a quorum of 6667, 30 + 20 and 50 are not.
    const r = 1 - 0.05 ** (1 / 400)
    const quorum = (1 - r) * (1 - r) * (1 - r) + (1 - r) * (1 - r) * r * 2
    expect(report.noQuorum.independent).toBeCloseTo(1 - quorum, 12)
    expect(report.noQuorum.any).toBeCloseTo(r / 0.3333, 12)
    expect(report.attacks.near?.auc).toBeGreaterThan(0.9)
    expect(report.attacks.far?.roc.at(-1)).toEqual([1, 1])
    expect(report.attacks.near?.roc.length).toBeLessThanOrEqual(34)
  })
})

describe('recalibrate', () => {
  test('reproduces a policy from its digests', async () => {
    const found = await calibrate(parameters)
    const again = await recalibrate({ policy: found.policy, payloads: await storeOf(found), build })
    expect(again.policy).toEqual(found.policy)
    expect(again.report).toEqual(found.report)
  })

  test('notices a policy that was bettered', async () => {
    const found = await calibrate(parameters)
    const policy: PolicyDocument = { ...found.policy, confidence: { valid: 9_999, invalid: 9_999 } }
    await expect(recalibrate({ policy, payloads: await storeOf(found), build })).rejects.toMatchObject({
      name: 'CalibrationMismatchError',
    })
    const { calibration: _, ...without } = found.policy
    await expect(recalibrate({ policy: without, payloads: await storeOf(found), build })).rejects.toMatchObject({
      name: 'CalibrationMismatchError',
    })
  })
})

test('quantiles are those of conformal prediction', () => {
  const scores = Array.from({ length: 99 }, (_, index) => index + 1)
  expect(upperQuantile(scores, 0.99)).toBe(99)
  expect(upperQuantile(scores.slice(1), 0.99)).toBeUndefined()
  expect(upperQuantile(scores, 0.5)).toBe(50)
  expect(lowerQuantile(scores, 0.99)).toBe(1)
  expect(lowerQuantile([3], 0.5)).toBe(3)
  expect(conformalPValue(scores, 99)).toBe(0.02)
  expect(conformalPValue(scores, 100)).toBe(0.01)
  expect(() => upperQuantile(scores, 1)).toThrow(RangeError)
  expect(() => upperQuantile([Number.NaN], 0.5)).toThrow(RangeError)
})
