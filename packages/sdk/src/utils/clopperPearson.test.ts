import { expect, test } from 'vitest'
import { binomialAtMost } from './binomial.ts'
import { clopperPearson } from './clopperPearson.ts'

test.each([
  // By bisection of the binomial sums in rational arithmetic.
  [0, 299, 0, 0.009969],
  [1, 473, 0.000108, 0.00999],
  [0, 2996, 0, 0.0009994],
  [5, 100, 0.019906, 0.102253],
  [10, 10, 0.741134, 1],
])('%i of %i', (count, n, lower, upper) => {
  const bounds = clopperPearson(count, n)
  expect(bounds.lower).toBeCloseTo(lower, 5)
  expect(bounds.upper).toBeCloseTo(upper, 5)
})

test('covers what it says, at every probability', () => {
  for (const p of [0.001, 0.01, 0.2, 0.5, 0.97]) {
    const n = 120
    let missed = 0
    for (let count = 0; count <= n; count++) {
      const probability = binomialAtMost(n, p, count) - (count === 0 ? 0 : binomialAtMost(n, p, count - 1))
      if (clopperPearson(count, n).upper < p) missed += probability
    }
    expect(missed).toBeLessThanOrEqual(0.05 + 1e-9)
  }
})

test('refuses what is no proportion', () => {
  for (const [count, n] of [
    [1, 0],
    [-1, 3],
    [4, 3],
    [0.5, 3],
  ] as const)
    expect(() => clopperPearson(count, n)).toThrow(RangeError)
  expect(() => clopperPearson(1, 3, 1)).toThrow(RangeError)
})
