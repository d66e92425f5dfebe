import { describe, expect, test } from 'vitest'
import { createRandom } from '../verifier/random.ts'
import { acquitsAt, convictsAt, sequentialTest } from './sequentialTest.ts'

const right = (count: number) => Array<boolean>(count).fill(true)
const wrong = (count: number) => Array<boolean>(count).fill(false)

test('the bounds are ln((1 − β) / α) and ln(β / (1 − α))', () => {
  expect(convictsAt).toBeCloseTo(13.805, 3)
  expect(acquitsAt).toBeCloseTo(-4.605, 3)
})

test.each<[string, boolean[], string, number]>([
  ['nothing', [], 'undecided', 0],
  ['a right result: ln(0.8 / 0.99)', right(1), 'undecided', -0.213093],
  ['a wrong result: ln(0.2 / 0.01)', wrong(1), 'undecided', 2.995732],
  ['both', [true, true, false], 'undecided', 2.569546],
  ['21 right results', right(21), 'undecided', -4.474956],
  ['22 right results', right(22), 'honest', -4.688049],
  ['4 wrong results', wrong(4), 'undecided', 11.982929],
  ['5 wrong results', wrong(5), 'lazy', 14.978661],
])('%s', (_, results, state, logLikelihoodRatio) => {
  const result = sequentialTest(results)
  expect(result.state).toBe(state)
  expect(result.logLikelihoodRatio).toBeCloseTo(logLikelihoodRatio, 5)
})

test('a good start is no excuse', () => {
  // Without rounds a thousand right results would outweigh 75 wrong ones.
  expect(sequentialTest([...right(1000), ...wrong(6)])).toMatchObject({ state: 'lazy' })
  expect(sequentialTest([...right(22), ...wrong(5)])).toEqual(sequentialTest(wrong(5)))
  expect(sequentialTest([...right(23), ...wrong(1)])).toMatchObject({ state: 'honest' })
})

test('a conviction stays', () => {
  expect(sequentialTest([...wrong(5), ...right(1000)])).toEqual(sequentialTest(wrong(5)))
})

describe('simulated operators', () => {
  /** How many results it takes to convict; `undefined` if it is acquitted before. */
  const convictedAfter = (errorRate: number, name: string) => {
    const random = createRandom(`0x${'07'.repeat(32)}`, name)
    const results: boolean[] = []
    for (;;) {
      results.push(random.float() >= errorRate)
      const { state } = sequentialTest(results)
      if (state === 'lazy') return results.length
      if (state === 'honest') return undefined
    }
  }

  test('those that err in 20 % are convicted after about 32 results, 99 % of them', () => {
    const counts = Array.from({ length: 500 }, (_, index) => convictedAfter(0.2, `lazy ${index}`))
    const convicted = counts.filter((count) => count !== undefined)
    expect(convicted.length / counts.length).toBeGreaterThan(0.98)
    const mean = convicted.reduce((sum, count) => sum + count, 0) / convicted.length
    expect(mean).toBeGreaterThan(30)
    expect(mean).toBeLessThan(38)
  })

  test('those that err in 1 % are acquitted', () => {
    const counts = Array.from({ length: 500 }, (_, index) => convictedAfter(0.01, `honest ${index}`))
    expect(counts.every((count) => count === undefined)).toBe(true)
  })
})
