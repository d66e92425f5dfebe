import fc from 'fast-check'
import { expect, test } from 'vitest'
import { gumbelNoise, naturalLog, philox, samplerName, sampleToken } from './sampler.ts'

test('the words are Philox4x32-10’s: the vectors that its authors publish', () => {
  const hex = (...parameters: Parameters<typeof philox>) =>
    Array.from(philox(...parameters), (word) => word.toString(16))
  expect(hex([0, 0, 0, 0], [0, 0])).toEqual(['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8'])
  const ones = 0xffffffff
  expect(hex([ones, ones, ones, ones], [ones, ones])).toEqual(['408f276d', '41c83b0e', 'a20bc7c6', '6d5451fd'])
  expect(hex([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0])).toEqual([
    'd16cfe09',
    '94fdcceb',
    '5001e420',
    '24126ea1',
  ])
})

test('the logarithm is one, within a few units in the last place', () => {
  const numbers = fc.double({ min: 2 ** -40, max: 2 ** 10, noNaN: true })
  fc.assert(
    fc.property(numbers, (x) => Math.abs(naturalLog(x) - Math.log(x)) <= 4e-16 * Math.max(1, Math.abs(Math.log(x)))),
    { seed: 1, numRuns: 20_000 },
  )
  expect(naturalLog(1)).toBe(0)
})

test('the noise has golden vectors, bit for bit', () => {
  const bits = (value = Number.NaN) => {
    const view = new DataView(new ArrayBuffer(8))
    view.setFloat64(0, value)
    return view.getBigUint64(0).toString(16)
  }
  expect(samplerName).toBe('gumbel-philox4x32/1')
  expect(Array.from(gumbelNoise(0, 0, 2), bits)).toMatchInlineSnapshot(`
    [
      "3fb5b6c7ac8fd9dc",
      "40007e48418102fa",
    ]
  `)
  expect(Array.from(gumbelNoise(2 ** 53 - 1, 299, 6), bits)).toMatchInlineSnapshot(`
    [
      "3fe0b0bb3f265e8e",
      "3fbf7428106e9744",
      "bfe30cdb90d0a713",
      "bfdf500e0095276a",
      "4007ade56ca654c9",
      "bfec34b8990b76ed",
    ]
  `)
  // Each token has its own, however large the vocabulary.
  expect(gumbelNoise(7, 3, 9).subarray(0, 5)).toEqual(gumbelNoise(7, 3, 5))
  expect(gumbelNoise(7, 3, 5)).not.toEqual(gumbelNoise(7, 4, 5))
  expect(gumbelNoise(7, 3, 5)).not.toEqual(gumbelNoise(7 + 2 ** 32, 3, 5))
})

test('draws as the probabilities say', () => {
  const probabilities = [0.5, 0.3, 0.15, 0.05]
  const logits = Float32Array.from(probabilities, Math.log)
  const counts = [0, 0, 0, 0]
  const n = 20_000
  for (let position = 0; position < n; position++) {
    const token = sampleToken(logits, { temperature: 1, noise: gumbelNoise(1, position, 4) })
    counts[token] = (counts[token] ?? 0) + 1
  }
  for (const [token, p] of probabilities.entries())
    expect(Math.abs((counts[token] ?? 0) / n - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / n))
})

test('is greedy at temperature 0, takes the first of equals, and refuses what is not a number', () => {
  expect(sampleToken(Float32Array.of(1, 3, 3, 2), { temperature: 0 })).toBe(1)
  expect(sampleToken(Float32Array.of(Number.NEGATIVE_INFINITY), { temperature: 0 })).toBe(0)
  expect(() => sampleToken(Float32Array.of(1, Number.NaN), { temperature: 0 })).toThrow(RangeError)
  expect(() => sampleToken(new Float32Array(0), { temperature: 0 })).toThrow(RangeError)
  expect(() => sampleToken(Float32Array.of(1), { temperature: 1 })).toThrow(RangeError)
})
