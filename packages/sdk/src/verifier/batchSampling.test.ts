import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encode } from '../payload/codec.ts'
import { decodePolicy, encodePolicy } from '../payload/documents.ts'
import type { BatchSampling, IpldValue, PolicyDocument } from '../payload/types.ts'
import { binomialOver } from '../utils/binomial.ts'
import { batchSampling, sampleBatch } from './batchSampling.ts'

const reference = { itemErrorUpper: 0.01, itemMissUpper: 0, alpha: 0.01, cheatFraction: 0.1 }

describe('batchSampling', () => {
  test('the reference: m = 64 at 1 % allows 3, and finds 10 % with 89 %, with 93 % if honest items fail at 1 %', () => {
    const rule = batchSampling({ ...reference, sample: 64 })
    expect(rule).toEqual({ ...reference, sample: 64, allowedFailures: 3, power: 0.8937 })
    expect(binomialOver(64, 0.1 + 0.9 * 0.01, 3)).toBeCloseTo(0.93, 2)
  })

  test('allows no more failures than it has to', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.double({ min: 0, max: 0.05, noNaN: true }),
        fc.double({ min: 1e-6, max: 0.2, noNaN: true }),
        (sample, itemErrorUpper, alpha) => {
          const { allowedFailures } = tryTo({ itemErrorUpper, itemMissUpper: 0, alpha, cheatFraction: 1, sample }) ?? {}
          if (allowedFailures === undefined) return
          expect(binomialOver(sample, itemErrorUpper, allowedFailures)).toBeLessThanOrEqual(alpha)
          if (allowedFailures > 0)
            expect(binomialOver(sample, itemErrorUpper, allowedFailures - 1)).toBeGreaterThan(alpha)
        },
      ),
      { seed: 1, numRuns: 300 },
    )
  })

  test('takes the smallest sample that has the power', () => {
    const rule = batchSampling({ ...reference, power: 0.99 })
    expect(rule).toMatchObject({ sample: 113, allowedFailures: 4 })
    expect(rule.power).toBeGreaterThanOrEqual(0.99)
    for (let sample = 1; sample < rule.sample; sample++)
      expect(tryTo({ ...reference, sample })?.power ?? 0).toBeLessThan(0.99)
  })

  test('makes rules that policies accept, down to the last digit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          itemErrorUpper: fc.double({ min: 0, max: 0.05, noNaN: true }),
          itemMissUpper: fc.double({ min: 0, max: 0.5, noNaN: true }),
          alpha: fc.double({ min: 1e-6, max: 0.2, noNaN: true }),
          cheatFraction: fc.double({ min: 0.05, max: 1, noNaN: true }),
          sample: fc.integer({ min: 1, max: 300 }),
        }),
        async (options) => {
          const batch = tryTo(options)
          if (!batch || batch.power < 0.01) return
          const confidence = {
            valid: Math.round(batch.power * 10_000),
            invalid: Math.floor((1 - batch.alpha) * 10_000),
          }
          const { bytes } = await encodePolicy({ ...document, batch, confidence })
          expect(decodePolicy(bytes).batch).toEqual(batch)
        },
      ),
      { seed: 2, numRuns: 300 },
    )
  })

  test.each([
    { sample: 0 },
    { sample: 4097 },
    { sample: 1.5 },
    { sample: 64, itemErrorUpper: -0.1 },
    { sample: 64, itemMissUpper: 1.1 },
    { sample: 64, alpha: Number.NaN },
    { sample: 64, cheatFraction: 2 },
    { power: 1 },
    { power: -1 },
    // All that is drawn may fail, or so many that so little cheating would never be seen.
    { sample: 64, alpha: 0 },
    { sample: 64, cheatFraction: 0.02 },
    { sample: 64, cheatFraction: 0 },
    { power: 0.9, cheatFraction: 0.01 },
    { power: 0.9, itemMissUpper: 1 },
  ])('refuses %j', (change) => {
    const options = { ...reference, ...change } as Parameters<typeof batchSampling>[0]
    expect(() => batchSampling(options)).toThrow(RangeError)
  })
})

/** C(n, k), within 2^53 for small n. */
function choose(n: number, k: number): number {
  if (k < 0 || k > n) return 0
  let result = 1
  for (let index = 1; index <= k; index++) result = (result * (n - k + index)) / index
  return result
}

test('the power holds in batches of every size, of which items are drawn without replacement', () => {
  let tightest = 1
  for (const cheatFraction of [0.1, 0.25, 0.4, 0.7])
    for (const itemMissUpper of [0, 0.2])
      for (let sample = 2; sample <= 20; sample++)
        for (const alpha of [0.001, 0.05]) {
          const rule = tryTo({ itemErrorUpper: 0.02, itemMissUpper, alpha, cheatFraction, sample })
          if (!rule) continue
          for (let size = sample; size <= 50; size++) {
            const cheated = Math.ceil(cheatFraction * size)
            let rejected = 0
            for (let drawn = 0; drawn <= sample; drawn++) {
              const chance = (choose(cheated, drawn) * choose(size - cheated, sample - drawn)) / choose(size, sample)
              rejected += chance * binomialOver(drawn, 1 - itemMissUpper, rule.allowedFailures)
            }
            expect(rejected).toBeGreaterThanOrEqual(rule.power - 1e-12)
            tightest = Math.min(tightest, rejected - rule.power)
          }
        }
  // Else the bound would say nothing.
  expect(tightest).toBeLessThan(0.02)
})

function tryTo(options: Parameters<typeof batchSampling>[0]): BatchSampling | undefined {
  try {
    return batchSampling(options)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

const document: PolicyDocument = {
  v: 1,
  verifier: '@acme/rubric',
  revision: 1,
  parameters: {},
  confidence: { valid: 8900, invalid: 9900 },
  references: {},
}

describe('a policy', () => {
  const batch = batchSampling({ ...reference, sample: 64 })
  const withBatch = (change: Partial<BatchSampling>, policy: Partial<PolicyDocument> = {}): PolicyDocument => ({
    ...document,
    ...policy,
    batch: { ...batch, ...change },
  })
  const counts = (n: number, invalid: number) => ({ n, valid: n - invalid, invalid, inconclusive: 0 })

  test.each<[string, PolicyDocument]>([
    ['a sample', withBatch({})],
    ['a verifier of batches, whose confidence is its own', { ...document, batch: 'verifier' }],
    [
      'figures that are worse than they are',
      withBatch({ alpha: 0.02, power: 0.85 }, { confidence: { valid: 8500, invalid: 9800 } }),
    ],
    ['as much confidence as the sample gives', withBatch({}, { confidence: { valid: 8937, invalid: 9900 } })],
    [
      'an error rate that its measurement bears out',
      withBatch({}, { errorRates: { honest: counts(299, 0), attacks: {} } }),
    ],
  ])('may have %s', async (_, policy) => {
    expect(decodePolicy((await encodePolicy(policy)).bytes)).toEqual(policy)
  })

  test.each<[string, PolicyDocument, string]>([
    ['an alpha that is better than it is', withBatch({ alpha: 0.0039 }), 'alpha is 0.0039'],
    ['fewer failures allowed', withBatch({ allowedFailures: 2 }), 'alpha is 0.01'],
    ['a power that is better than it is', withBatch({ power: 0.8938 }), 'power is 0.8938'],
    ['more failures allowed', withBatch({ allowedFailures: 4 }), 'power is 0.8937'],
    ['a smaller sample', withBatch({ sample: 63 }), 'power is 0.8937'],
    ['a verifier that misses more', withBatch({ itemMissUpper: 0.01 }), 'power is 0.8937'],
    ['less cheating to be found', withBatch({ cheatFraction: 0.05 }), 'cheatFraction is 0.05'],
    ['as many failures allowed as there are items', withBatch({ allowedFailures: 64 }), 'less than the sample'],
    ['more confidence in valid', withBatch({}, { confidence: { valid: 8938, invalid: 9900 } }), 'gives at most 8937'],
    ['more confidence in invalid', withBatch({}, { confidence: { valid: 8900, invalid: 9901 } }), 'gives at most 9900'],
    ['grades', withBatch({}, { confidence: { valid: 8900, invalid: 9900, graded: true } }), 'graded'],
    [
      'an error rate that is better than it was measured',
      withBatch({}, { errorRates: { honest: counts(298, 0), attacks: {} } }),
      'the upper 95 % bound is higher',
    ],
    [
      'an error rate that is better than it was measured, with failures',
      withBatch({}, { errorRates: { honest: counts(1000, 10), attacks: {} } }),
      'the upper 95 % bound is higher',
    ],
    [
      'more cases than can be checked',
      withBatch({}, { errorRates: { honest: counts(2 ** 40, 0), attacks: {} } }),
      'can be checked',
    ],
  ])('is refused with %s', async (_, policy, issue) => {
    await expect(encodePolicy(policy)).rejects.toThrow(issue)
    expect(() => decodePolicy(encode(policy as unknown as IpldValue))).toThrow(
      expect.objectContaining({ name: 'PayloadInvalidError', message: expect.stringContaining(issue) }),
    )
  })

  test.each<[string, IpldValue]>([
    ['no figures', { sample: 64, allowedFailures: 3 }],
    ['an unknown figure', { ...batch, beta: 0.1 }],
    ['a sample of none', { ...batch, sample: 0 }],
    ['a sample beyond the largest batch', { ...batch, sample: 4097 }],
    ['a fraction of a failure', { ...batch, allowedFailures: 2.5 }],
    ['a probability over 1', { ...batch, alpha: 1.5 }],
    ['a share of none', { ...batch, cheatFraction: 0 }],
    ['another word', 'all'],
    ['null', null],
  ])('is refused with %s', (_, value) => {
    const policy = { ...document, batch: value } as unknown as IpldValue
    expect(() => decodePolicy(encode(policy))).toThrow(expect.objectContaining({ name: 'PayloadInvalidError' }))
  })
})

describe('sampleBatch', () => {
  const operatorSalt = `0x${'07'.repeat(32)}` as const

  test('draws distinct items: a golden vector', () => {
    expect(sampleBatch({ operatorSalt, size: 256, sample: 8 })).toMatchInlineSnapshot(`
      [
        81,
        102,
        40,
        113,
        1,
        78,
        74,
        179,
      ]
    `)
    expect(sampleBatch({ operatorSalt, size: 5, sample: 5 }).sort()).toEqual([0, 1, 2, 3, 4])
  })

  test('draws others with another salt', () => {
    const draw = (byte: string) => sampleBatch({ operatorSalt: `0x${byte.repeat(32)}`, size: 256, sample: 16 })
    expect(draw('01')).not.toEqual(draw('02'))
  })

  test('draws every item equally often', () => {
    const counts = Array<number>(16).fill(0)
    for (let salt = 0; salt < 1000; salt++) {
      const operatorSalt = `0x${salt.toString(16).padStart(64, '0')}` as const
      for (const index of sampleBatch({ operatorSalt, size: 16, sample: 4 })) counts[index] = (counts[index] ?? 0) + 1
    }
    // Chi-squared with 15 degrees of freedom: over 37.7 less than once in a thousand.
    expect(counts.reduce((sum, count) => sum + (count - 250) ** 2 / 250, 0)).toBeLessThan(37.7)
  })

  test.each([
    { size: 4, sample: 5 },
    { size: 4, sample: 0 },
    { size: 4, sample: 1.5 },
  ])('refuses %j', ({ size, sample }) => {
    expect(() => sampleBatch({ operatorSalt, size, sample })).toThrow(RangeError)
  })
})
