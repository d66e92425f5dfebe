import { describe, expect, test } from 'vitest'
import type { Tensor } from '../payload/types.ts'
import { distances, measureTensors, tensorFloors } from './measureTensors.ts'

const floats = (...values: number[]): Tensor => ({
  dtype: 'float32',
  dims: [values.length],
  data: new Float32Array(values),
})
const doubles = (...values: number[]): Tensor => ({
  dtype: 'float64',
  dims: [values.length],
  data: new Float64Array(values),
})
const options = { nearZero: 1e-6, saturation: {} }
const metricsOf = (a: Tensor, b: Tensor, changes: Partial<Parameters<typeof measureTensors>[2]> = {}) =>
  measureTensors({ y: a }, { y: b }, { ...options, ...changes })

describe('distances', () => {
  test('are those of the definitions', () => {
    const found = distances(new Float64Array([1, 2, 2]), new Float64Array([2, 1, 2]))
    expect(found?.cosine).toBeCloseTo(1 - 8 / 9, 15)
    expect(found?.relativeL2).toBeCloseTo(Math.sqrt(2) / 3, 15)
    expect(found?.maxAbs).toBe(1)
    expect(found?.rms).toBeCloseTo(Math.sqrt(3), 15)
    expect(distances(new Float32Array([1, 0]), new Float32Array([-1, 0]))?.cosine).toBe(2)
    expect(distances(new Float32Array([1, 0]), new Float32Array([0, 1]))?.cosine).toBeCloseTo(1, 15)
  })

  test('keep digits where the usual formula cancels them', () => {
    // A right angle's worth of 1e-9: 1 − cos = 5e-19, of which 1 − a·b / (|a| |b|) leaves nothing.
    const found = distances(new Float64Array([1, 1e-9]), new Float64Array([1, 0]))
    expect(found?.cosine).toBeGreaterThan(4.9e-19)
    expect(found?.cosine).toBeLessThan(5.1e-19)
  })

  test('are 0 of equal arrays, and defined of zero ones', () => {
    expect(distances(new Float32Array([3, -4]), new Float32Array([3, -4]))).toMatchObject({ cosine: 0, relativeL2: 0 })
    expect(distances(new Float32Array(2), new Float32Array(2))).toEqual({ cosine: 0, relativeL2: 0, maxAbs: 0, rms: 0 })
    expect(distances(new Float32Array(2), new Float32Array([1, 0]))).toMatchObject({ cosine: 1, relativeL2: 1 })
    expect(distances(new Float32Array([1, 0]), new Float32Array(2))?.relativeL2).toBe(Number.MAX_VALUE)
  })

  test('are the same in blocks of four as one by one, for every length', () => {
    for (let length = 0; length < 14; length++) {
      const values = Array.from({ length }, (_, index) => Math.fround(Math.sin(index * 7)))
      const others = values.map((value, index) => Math.fround(value + 1e-3 * Math.cos(index)))
      const narrow = distances(Float32Array.from(others), Float32Array.from(values))
      const wide = distances(Float64Array.from(others), Float64Array.from(values))
      expect(narrow?.maxAbs).toBe(wide?.maxAbs)
      expect(narrow?.relativeL2).toBeCloseTo(wide?.relativeL2 ?? Number.NaN, 14)
      expect(narrow?.cosine).toBeCloseTo(wide?.cosine ?? Number.NaN, 14)
    }
  })

  test('find the largest difference wherever it is', () => {
    for (let at = 0; at < 11; at++) {
      const [a, b] = [new Float32Array(11), new Float32Array(11).fill(1e-3)]
      a[at] = -5
      expect(distances(a, b)?.maxAbs).toBeCloseTo(5.001, 6)
    }
  })

  test('do not overflow', () => {
    const [a, b] = [new Float64Array([1e300, 2e300]), new Float64Array([2e300, 1e300])]
    const found = distances(a, b)
    expect(found?.cosine).toBeCloseTo(0.2, 12)
    expect(found?.maxAbs).toBeCloseTo(1e300, -290)
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('are none with %d', (value) => {
    for (const array of [Float32Array, Float64Array]) {
      expect(distances(new array([1, value]), new array([1, 2]))).toBeUndefined()
      expect(distances(new array([1, 2]), new array([value, 2]))).toBeUndefined()
    }
  })
})

describe('measureTensors', () => {
  test('names what it measures by the tensor', () => {
    const found = metricsOf(floats(1, 2), floats(1, 2.5))
    expect(Object.keys('metrics' in found ? found.metrics : {})).toEqual(['y/maxAbs', 'y/cosine', 'y/relativeL2'])
    expect(Object.keys(tensorFloors(['y'])).sort()).toEqual(['y/cosine', 'y/maxAbs', 'y/relativeL2'])
  })

  test.each<[string, Tensor, Tensor, string]>([
    ['one element', floats(1), floats(1), 'y has 1 element'],
    ['no element', floats(), floats(), 'y has 0 elements'],
    ['a near-zero reference', floats(1e-7, 1e-7), floats(1e-7, -1e-7), 'y is near zero'],
    ['a saturated one', floats(0, 1), floats(1e-9, 1), 'y is saturated'],
  ])('is blind to %s', (_, a, b, blind) => {
    expect(metricsOf(a, b, { saturation: { y: { low: 0, high: 1, margin: 1e-6 } } })).toMatchObject({ blind })
  })

  test('is not blind if one of several tensors has a direction', () => {
    const tensors = { scalar: floats(1), y: floats(1, 2) }
    const found = measureTensors(tensors, tensors, options)
    expect(found).not.toHaveProperty('blind')
    expect(found).toMatchObject({ metrics: { 'scalar/maxAbs': 0, 'y/cosine': 0 } })
  })

  test('measures the largest difference also where it is blind', () => {
    expect(metricsOf(floats(3), floats(1))).toMatchObject({ metrics: { 'y/maxAbs': 2 } })
  })

  test('has integers equal, or none', () => {
    const ints = (...values: number[]): Tensor => ({ dtype: 'int32', dims: [2], data: new Int32Array(values) })
    const both = (tensor: Tensor) => ({ ids: tensor, y: floats(1, 2) })
    expect(measureTensors(both(ints(1, 2)), both(ints(1, 2)), options)).toHaveProperty('metrics')
    expect(measureTensors(both(ints(1, 3)), both(ints(1, 2)), options)).toEqual({ mismatch: 'ids differs' })
    expect(metricsOf(ints(1, 2), ints(1, 2))).toMatchObject({ blind: 'there are no floats to compare' })
  })

  test.each<[string, Tensor, Tensor, string]>([
    ['another element type', doubles(1, 2), floats(1, 2), 'y is of float64, not float32'],
    ['another shape', { ...floats(1, 2), dims: [1, 2] } as Tensor, floats(1, 2), 'y is of shape [1, 2], not [2]'],
    ['missing data', { ...floats(1), dims: [2] } as Tensor, floats(1, 2), 'y has 1 elements, not 2'],
    ['NaN', floats(1, Number.NaN), floats(1, 2), 'y is not finite'],
  ])('refuses %s', (_, a, b, mismatch) => {
    expect(metricsOf(a, b)).toEqual({ mismatch })
  })

  test('refuses other names, and a reference that is not finite', () => {
    expect(measureTensors({ z: floats(1, 2) }, { y: floats(1, 2) }, options)).toHaveProperty('mismatch')
    expect(measureTensors({ y: floats(1, 2), z: floats(1) }, { y: floats(1, 2) }, options)).toHaveProperty('mismatch')
    expect(metricsOf(floats(1, 2), floats(1, Number.POSITIVE_INFINITY))).toHaveProperty('unusable')
  })
})
