import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { bytesToHex, hexToBytes } from 'viem'
import { describe, expect, test } from 'vitest'
import { maxDepth } from './assertDecodable.ts'
import { decode, decodeCanonical, encode } from './codec.ts'
import { digestToCid } from './digest.ts'
import type { IpldValue } from './types.ts'

const link = digestToCid(`0x${'11'.repeat(32)}`)

function nested(depth: number): IpldValue {
  let value: IpldValue = []
  for (let level = 1; level < depth; level++) value = level % 2 ? [value] : { a: value }
  return value
}

/** Any value that has an encoding. */
const anyValue = fc.letrec<{ value: IpldValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    fc.integer(),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
    fc.bigInt({ min: -(2n ** 64n), max: -(2n ** 53n) }),
    fc.string({ unit: 'grapheme' }).filter((text) => !text.startsWith('\uFEFF')),
    fc.uint8Array().map((bytes) => new Uint8Array(bytes)),
    fc.constant(link),
    fc.array(tie('value')),
    fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      tie('value'),
      { noNullPrototype: true },
    ),
  ),
})).value

describe('encode and decode', () => {
  test('give back what they were given', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(decodeCanonical(encode(value))).toEqual(value)
      }),
      { seed: 1 },
    )
  })

  test('encode equal values to equal bytes, whatever the order of keys', () => {
    expect(bytesToHex(encode({ bb: 1, a: 2, c: 3 }))).toBe('0xa3616102616303626262' + '01')
    expect(encode({ c: 3, a: 2, bb: 1 })).toEqual(encode({ bb: 1, a: 2, c: 3 }))
  })

  test('take a Buffer as bytes, and from one, without sharing its memory', () => {
    const bytes = encode(Buffer.from([1, 2, 3]))
    expect(bytes).toEqual(encode(new Uint8Array([1, 2, 3])))
    const buffer = Buffer.from(bytes)
    const value = decode(buffer)
    buffer.fill(0)
    expect(value).toEqual(new Uint8Array([1, 2, 3]))
    expect(Buffer.isBuffer(value)).toBe(false)
    expect(Buffer.isBuffer(bytes)).toBe(false)
  })

  test('take a value twice that does not contain itself', () => {
    const shared = { a: 1 }
    expect(decode(encode([shared, shared]))).toEqual([shared, shared])
  })

  test(`nest ${maxDepth} deep`, () => {
    expect(decode(encode(nested(maxDepth)))).toEqual(nested(maxDepth))
  })
})

describe('encode refuses', () => {
  const cycle: { self?: unknown } = {}
  cycle.self = cycle
  test.each<[string, unknown, string]>([
    ['-0', { a: [1, -0] }, 'a[1]'],
    ['NaN', [Number.NaN], '[0]'],
    ['Infinity', { x: { y: Number.POSITIVE_INFINITY } }, 'x.y'],
    ['-Infinity', Number.NEGATIVE_INFINITY, ''],
    ['undefined', { a: undefined }, 'a'],
    ['a hole', new Array(1), '[0]'],
    ['a function', { f() {} }, 'f'],
    ['a symbol', [Symbol('s')], '[0]'],
    ['a symbol as a key', { [Symbol('s')]: 1 }, ''],
    ['a lone surrogate', ['a\ud800b'], '[0]'],
    ['a lone surrogate in a key', { '\udc00': 1 }, '\udc00'],
    ['a leading byte order mark', '\ufeffhello', ''],
    ['a leading byte order mark in a key', { '\ufeffa': 1 }, '\ufeffa'],
    ['a small bigint', { n: 5n }, 'n'],
    ['a bigint over 64 bits', 2n ** 64n, ''],
    ['a bigint under 64 bits', -(2n ** 64n) - 1n, ''],
    ['Float32Array', new Float32Array(1), ''],
    ['BigInt64Array', new BigInt64Array(1), ''],
    ['Uint8ClampedArray', new Uint8ClampedArray(1), ''],
    ['DataView', new DataView(new ArrayBuffer(1)), ''],
    ['ArrayBuffer', new ArrayBuffer(1), ''],
    ['Map', new Map([['a', 1]]), ''],
    ['Set', new Set([1]), ''],
    ['Date', new Date(0), ''],
    ['an instance of a class', new (class A {})(), ''],
    ['the key __proto__', JSON.parse('{"__proto__":1}'), '__proto__'],
    ['a cycle', cycle, 'self'],
    ['a cycle in an array', [cycle], '[0].self'],
    ['deep nesting', nested(maxDepth + 1), expect.any(String) as unknown as string],
  ])('%s', (_, value, path) => {
    expect(() => encode(value as IpldValue)).toThrow(expect.objectContaining({ name: 'PayloadEncodingError', path }))
  })
})

describe('decode refuses', () => {
  const repeat = (hex: string, times: number) => `0x${hex.repeat(times)}` as const
  test.each<[string, `0x${string}`]>([
    ['nothing', '0x'],
    ['bytes after the value', '0x0001'],
    ['a truncated list', '0x8201'],
    ['a list of 2^53 items', '0x9b0020000000000000'],
    ['a byte string of 2^64 − 1 bytes', '0x5bffffffffffffffff'],
    ['an indefinite list', '0x9f01ff'],
    ['an indefinite string', '0x7f6161ff'],
    ['duplicate keys', '0xa2616101616102'],
    ['the key __proto__', '0xa1695f5f70726f746f5f5fa16161f5'],
    ['a number as a key', '0xa10102'],
    ['NaN', '0xfb7ff8000000000000'],
    ['Infinity', '0xfb7ff0000000000000'],
    ['-0', '0xfb8000000000000000'],
    ['a half float', '0xf93c00'],
    ['a single float', '0xfa3f800000'],
    ['undefined', '0xf7'],
    ['an unassigned simple value', '0xf0'],
    ['a long head for a small number', '0x1800'],
    ['invalid UTF-8', '0x62c328'],
    ['an encoded surrogate', '0x63eda080'],
    ['a leading byte order mark', '0x64efbbbf61'],
    ['a tag other than a link', '0xc249010000000000000000'],
    ['a link that is not one', '0xd82a4200ff'],
    ['a tag around a list', '0xd82a80'],
    ['lists nested 65 deep', `${repeat('81', 64)}80`],
    ['lists nested 200,000 deep', repeat('81', 200_000)],
    ['maps nested 200,000 deep', repeat('a16161', 200_000)],
    ['tags nested 200,000 deep', repeat('d82a', 200_000)],
  ])('%s', (_, hex) => {
    expect(() => decode(hexToBytes(hex))).toThrow(expect.objectContaining({ name: 'PayloadInvalidError' }))
  })

  test('arbitrary bytes with an error of its own, or what it decodes has an encoding', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 64 }), (bytes) => {
        let value: IpldValue
        try {
          value = decode(bytes)
        } catch (error) {
          expect(error).toMatchObject({ name: 'PayloadInvalidError' })
          return
        }
        expect(decode(encode(value))).toEqual(value)
      }),
      { numRuns: 2000, seed: 1 },
    )
  })
})

describe('decodeCanonical', () => {
  test('refuses other encodings of a value, which decode takes', () => {
    const unordered = hexToBytes('0xa262626201616102')
    expect(decode(unordered)).toEqual({ a: 2, bb: 1 })
    expect(() => decodeCanonical(unordered)).toThrow(expect.objectContaining({ name: 'PayloadNotCanonicalError' }))
  })

  test('refuses an integer as a float', () => {
    expect(() => decodeCanonical(hexToBytes('0xfb3ff0000000000000'))).toThrow(
      expect.objectContaining({ name: 'PayloadNotCanonicalError' }),
    )
  })

  test('decodes links', () => {
    const value = decodeCanonical(encode({ link }))
    expect(CID.asCID((value as { link: CID }).link)?.equals(link)).toBe(true)
  })
})
