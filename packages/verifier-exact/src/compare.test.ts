import type { IpldValue, Tensor } from '@proof-of-inference/sdk/payload'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareTensors, compareTexts, compareTokenIds, compareValues } from './compare.ts'

const float32 = (...values: number[]): { x: Tensor } => ({
  x: { dtype: 'float32', dims: [values.length], data: new Float32Array(values) },
})
/** A float32 with exactly these bits. */
const bits = (...words: number[]): { x: Tensor } => ({
  x: { dtype: 'float32', dims: [words.length], data: new Float32Array(new Uint32Array(words).buffer) },
})
const bitwise = undefined
const loose = { atol: 0.5, rtol: 0.1 }

describe('tensors, bit for bit', () => {
  test('are equal to themselves, whatever their bits', () => {
    fc.assert(
      fc.property(fc.uint32Array({ minLength: 1 }), (words) => {
        const compared = compareTensors(bits(...words), bits(...words), bitwise)
        expect(compared).toEqual({ equal: true, metrics: { compared: words.length, mismatches: 0, maxAbs: 0 } })
      }),
      { seed: 1 },
    )
  })

  test('differ in any one byte, of whatever length and wherever in memory', () => {
    for (const length of [1, 3, 4, 7, 8, 9]) {
      for (const offset of [0, 1]) {
        const make = (at?: number): { x: Tensor } => {
          const data = new Uint8Array(length + offset).subarray(offset)
          if (at !== undefined) data[at] = 1
          return { x: { dtype: 'uint8', dims: [length], data } }
        }
        expect(compareTensors(make(), make(), bitwise).equal).toBe(true)
        for (let at = 0; at < length; at++) {
          expect(compareTensors(make(at), make(), bitwise)).toMatchObject({ equal: false, metrics: { mismatches: 1 } })
        }
      }
    }
  })

  test('differ when any one bit does', () => {
    fc.assert(
      fc.property(fc.uint32Array({ minLength: 1 }), fc.nat(), fc.nat(31), (words, index, bit) => {
        const flipped = Uint32Array.from(words)
        const at = index % words.length
        flipped[at] = (flipped[at] ?? 0) ^ (1 << bit)
        const { equal, metrics } = compareTensors(bits(...flipped), bits(...words), bitwise)
        expect(equal).toBe(false)
        expect(metrics.mismatches).toBe(1)
        expect(Number.isFinite(metrics.maxAbs)).toBe(true)
      }),
      { seed: 1 },
    )
  })

  test.each<[string, { x: Tensor }, { x: Tensor }, boolean]>([
    ['0 and -0', float32(0), float32(-0), false],
    ['NaN and NaN of the same bits', bits(0x7fc00001), bits(0x7fc00001), true],
    ['NaN and NaN of other bits', bits(0x7fc00001), bits(0x7fc00000), false],
    ['infinities', float32(Infinity), float32(Infinity), true],
  ])('%s', (_, a, b, equal) => {
    expect(compareTensors(a, b, bitwise).equal).toBe(equal)
  })
})

describe('tensors, within a tolerance', () => {
  test.each<[string, number, number, boolean]>([
    ['at the limit', 11.5, 10, true],
    ['beyond the limit', 11.500001, 10, false],
    ['at the limit below', 8.5, 10, true],
    ['near zero', 0.5, 0, true],
    ['beyond, near zero', 0.50001, 0, false],
    ['0 and -0', 0, -0, true],
    ['NaN and NaN', Number.NaN, Number.NaN, true],
    ['NaN claimed', Number.NaN, 1, false],
    ['NaN expected', 1, Number.NaN, false],
    ['the same infinity', -Infinity, -Infinity, true],
    ['the other infinity', Infinity, -Infinity, false],
    ['a number against infinity', 1e38, Infinity, false],
    ['infinity against a number', Infinity, 1e38, false],
  ])('%s', (_, a, b, equal) => {
    expect(compareTensors(float32(a), float32(b), loose).equal).toBe(equal)
  })

  test('NaNs are equal whatever their bits, which runtimes do not agree on', () => {
    expect(compareTensors(bits(0x7fc00001), bits(0xffc00000), loose).equal).toBe(true)
  })

  test('measure relative to the reference, not to the claim', () => {
    const relative = { atol: 0, rtol: 0.5 }
    expect(compareTensors(float32(2), float32(1), relative).equal).toBe(false)
    expect(compareTensors(float32(1), float32(2), relative).equal).toBe(true)
  })

  test('accept exactly |a − b| ≤ atol + rtol·|b|', () => {
    const value = fc.float({ noNaN: true, noDefaultInfinity: true })
    fc.assert(
      fc.property(value, value, (a, b) => {
        const within = Math.abs(a - b) <= loose.atol + loose.rtol * Math.abs(b)
        expect(compareTensors(float32(a), float32(b), loose).equal).toBe(within)
      }),
      { seed: 1 },
    )
  })

  test('integers and booleans must still be equal', () => {
    const int64 = (value: bigint) => ({ x: { dtype: 'int64', dims: [1], data: new BigInt64Array([value]) } as const })
    expect(compareTensors(int64(2n ** 53n), int64(2n ** 53n + 1n), { atol: 10, rtol: 0 }).equal).toBe(false)
    const bool = (value: number) => ({ x: { dtype: 'bool', dims: [1], data: new Uint8Array([value]) } as const })
    expect(compareTensors(bool(1), bool(0), { atol: 10, rtol: 0 }).equal).toBe(false)
  })

  test('report the largest difference and the count', () => {
    expect(compareTensors(float32(1, 2, 3), float32(1, 2.25, 5), loose).metrics).toEqual({
      compared: 3,
      mismatches: 1,
      maxAbs: 2,
    })
  })
})

describe('tensors of another structure differ', () => {
  const reference = { x: float32(1, 2, 3, 4).x, y: float32(1).x }
  test.each<[string, Record<string, Tensor>, string]>([
    ['a name less', { x: reference.x }, 'the tensors are x, not x, y'],
    ['a name more', { ...reference, z: reference.y }, 'the tensors are x, y, z, not x, y'],
    ['another name', { x: reference.x, z: reference.y }, 'the tensors are x, z, not x, y'],
    ['names swapped', { x: reference.y, y: reference.x }, 'x is of shape [1], not [4]'],
    ['another shape', { ...reference, x: { ...reference.x, dims: [2, 2] } }, 'x is of shape [2, 2], not [4]'],
    [
      'another dtype',
      { ...reference, x: { dtype: 'int32', dims: [4], data: new Int32Array([1, 2, 3, 4]) } },
      'x is of int32, not float32',
    ],
    [
      'fewer elements than the shape',
      { ...reference, x: { dtype: 'float32', dims: [4], data: new Float32Array(3) } },
      'x has 3 elements, not 4',
    ],
  ])('%s', (_, claimed, reason) => {
    for (const tolerance of [bitwise, { atol: 1e9, rtol: 1e9 }]) {
      const compared = compareTensors(claimed, reference, tolerance)
      expect(compared).toMatchObject({ equal: false, reason })
    }
  })
})

describe('values', () => {
  test.each<[IpldValue, IpldValue, boolean]>([
    [{ a: 1, b: [2] }, { b: [2], a: 1 }, true],
    [{ a: 1 }, { a: 1, b: null }, false],
    [[1, 2], [2, 1], false],
    ['1', 1, false],
    [new Uint8Array([1]), [1], false],
    ['e\u0301', '\u00e9', false],
  ])('%j and %j: %s', (a, b, equal) => {
    expect(compareValues(a, b).equal).toBe(equal)
  })
})

describe('texts', () => {
  const rule = (normalization: 'none' | 'NFC' | 'NFKC', whitespace: 'none' | 'trim' | 'collapse') =>
    normalization === 'none' ? { normalization, whitespace } : { normalization, whitespace, unicode: '15.0' }

  test.each<[string, string, 'none' | 'NFC' | 'NFKC', 'none' | 'trim' | 'collapse', boolean]>([
    ['a', 'a', 'none', 'none', true],
    ['a', 'A', 'NFKC', 'collapse', false],
    ['e\u0301', '\u00e9', 'none', 'none', false],
    ['e\u0301', '\u00e9', 'NFC', 'none', true],
    ['ﬁ', 'fi', 'NFC', 'none', false],
    ['ﬁ', 'fi', 'NFKC', 'none', true],
    ['a ', 'a', 'none', 'none', false],
    ['a \n', 'a', 'none', 'trim', true],
    ['a  b', 'a b', 'none', 'trim', false],
    ['\ta \n b', 'a b', 'none', 'collapse', true],
    ['ab', 'a b', 'none', 'collapse', false],
    ['', ' ', 'none', 'trim', true],
    ['', 'a', 'NFKC', 'collapse', false],
  ])('%j and %j by %s, %s: %s', (a, b, normalization, whitespace, equal) => {
    expect(compareTexts(a, b, rule(normalization, whitespace), '15.0')?.equal).toBe(equal)
  })

  test('are left undecided where the runtime normalises by another Unicode, and it matters', () => {
    for (const unicode of ['16.0', undefined]) {
      expect(compareTexts('e\u0301', '\u00e9', rule('NFC', 'none'), unicode)).toBeUndefined()
      expect(compareTexts('\u00e9', '\u00e9', rule('NFC', 'none'), unicode)?.equal).toBe(true)
      expect(compareTexts('a', 'b', rule('NFC', 'none'), unicode)?.equal).toBe(false)
      expect(compareTexts('é', 'e', rule('none', 'none'), unicode)?.equal).toBe(false)
    }
  })
})

describe('token ids', () => {
  test.each<[number[], number[], boolean, number]>([
    [[], [], true, 0],
    [[1, 2], [1, 2], true, 0],
    [[1, 2], [1, 3], false, 1],
    [[1], [1, 2], false, 1],
    [[1, 2, 3], [1, 2], false, 1],
    [[2, 1], [1, 2], false, 2],
  ])('%j and %j: %s', (a, b, equal, mismatches) => {
    expect(compareTokenIds(a, b)).toMatchObject({ equal, metrics: { mismatches } })
  })
})
