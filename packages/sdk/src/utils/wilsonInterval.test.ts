import { expect, test } from 'vitest'
import { wilsonInterval } from './wilsonInterval.ts'

// R. G. Newcombe, Two-sided confidence intervals for the single proportion (1998), table I, method 3.
test.each([
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
])('%d of %d is from %d to %d', (count, total, lower, upper) => {
  const interval = wilsonInterval(count, total)
  expect(interval.rate).toBe(count / total)
  expect(interval.lower).toBeCloseTo(lower, 4)
  expect(interval.upper).toBeCloseTo(upper, 4)
})

test('ends where the score test is at the limit of 5 %', () => {
  for (const [count, total] of [
    [1, 2],
    [3, 17],
    [400, 1000],
    [999, 1000],
  ] as const) {
    const { lower, upper } = wilsonInterval(count, total)
    for (const end of [lower, upper])
      expect(Math.abs(count / total - end) / Math.sqrt((end * (1 - end)) / total)).toBeCloseTo(1.959964, 6)
  }
})

test('keeps the ends of none and of all exact', () => {
  for (const total of [1, 3, 7, 1e9]) {
    expect(wilsonInterval(0, total).lower).toBe(0)
    expect(wilsonInterval(total, total).upper).toBe(1)
  }
})

test('says nothing of nothing', () => {
  expect(wilsonInterval(0, 0)).toEqual({ rate: null, lower: 0, upper: 1 })
})

test.each([
  [2, 1],
  [-1, 1],
  [0.5, 1],
  [0, Number.NaN],
])('refuses %d of %d', (count, total) => {
  expect(() => wilsonInterval(count, total)).toThrow(RangeError)
})
