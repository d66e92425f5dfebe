import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { binomialAtMost, binomialOver } from './binomial.ts'

describe('values computed with exact fractions elsewhere', () => {
  test.each([
    [64, 0.01, 3, 0.003943523776313484, 0.9960564762236865],
    [64, 0.01, 2, 0.026512290781396483, 0.9734877092186035],
    [64, 0.1, 3, 0.8937088174713913, 0.1062911825286087],
    [64, 0.109, 3, 0.928562552845332, 0.07143744715466803],
    [256, 0.0003, 2, 7.049337808839881e-5, 0.9999295066219116],
    [1000, 0.5, 700, 3.766850723525808e-38, 1],
    [20, 0.05, 19, 9.5367431640625e-27, 1],
  ])('n = %d, p = %d, k = %d', (n, p, k, over, atMost) => {
    expect(Math.abs(binomialOver(n, p, k) / over - 1)).toBeLessThan(1e-11)
    expect(Math.abs(binomialAtMost(n, p, k) / atMost - 1)).toBeLessThan(1e-11)
  })
})

test('neither underflow nor overflow in large samples', () => {
  expect(binomialOver(4096, 0.5, 100)).toBeCloseTo(1, 12)
  expect(binomialAtMost(1_000_000, 0.5, 1_000_000)).toBeCloseTo(1, 8)
  expect(binomialAtMost(1_000_000, 0.5, 499_999)).toBeCloseTo(0.5, 3)
})

test('the ends', () => {
  for (const p of [0, 0.3, 1]) {
    expect(binomialOver(8, p, 8)).toBe(0)
    expect(binomialOver(8, p, -1)).toBeCloseTo(1, 14)
    expect(binomialAtMost(8, p, 8)).toBeCloseTo(1, 14)
    expect(binomialAtMost(8, p, -1)).toBe(0)
  }
  expect(binomialOver(8, 0, 0)).toBe(0)
  expect(binomialOver(8, 1, 7)).toBe(1)
  expect(binomialAtMost(8, 1, 7)).toBe(0)
})

/** P(X > k) by adding one trial after the other. */
function overByTrials(n: number, p: number, k: number): number {
  let states = [1]
  for (let trial = 0; trial < n; trial++)
    states = [...states, 0].map((state, count) => state * (1 - p) + (count > 0 ? (states[count - 1] ?? 0) * p : 0))
  return states.reduce((sum, state, count) => (count > k ? sum + state : sum), 0)
}

const samples = fc
  .record({ n: fc.integer({ min: 1, max: 60 }), p: fc.double({ min: 0, max: 1, noNaN: true }) })
  .chain(({ n, p }) => fc.record({ n: fc.constant(n), p: fc.constant(p), k: fc.integer({ min: 0, max: n }) }))

test('agree with adding one trial after the other, and with each other', () => {
  fc.assert(
    fc.property(samples, ({ n, p, k }) => {
      expect(binomialOver(n, p, k)).toBeCloseTo(overByTrials(n, p, k), 11)
      expect(binomialOver(n, p, k) + binomialAtMost(n, p, k)).toBeCloseTo(1, 11)
    }),
    { seed: 1, numRuns: 500 },
  )
})

test('more failures are likelier in larger samples and with a higher probability, more than k + 1 less so', () => {
  fc.assert(
    fc.property(samples, fc.double({ min: 0, max: 1, noNaN: true }), ({ n, p, k }, q) => {
      const over = binomialOver(n, p, k)
      expect(binomialOver(n + 1, p, k)).toBeGreaterThanOrEqual(over - 1e-12)
      expect(binomialOver(n, Math.max(p, q), k)).toBeGreaterThanOrEqual(over - 1e-12)
      expect(binomialOver(n, p, k + 1)).toBeLessThanOrEqual(over + 1e-12)
    }),
    { seed: 2, numRuns: 500 },
  )
})
