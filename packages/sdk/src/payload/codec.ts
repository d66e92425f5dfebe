import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { PayloadEncodingError, PayloadInvalidError, PayloadNotCanonicalError } from '../errors/payload.ts'
import { equalBytes } from '../utils/bytes.ts'
import { assertDecodable, maxDepth } from './assertDecodable.ts'
import type { IpldValue } from './types.ts'

/**
 * Encodes a value as canonical DAG-CBOR: equal values give equal bytes.
 *
 * Throws a `PayloadEncodingError`, with the path, for whatever would be lost or would come back as something else: −0,
 * NaN, infinities, `undefined`, holes in arrays, lone surrogates, a byte order mark at the start of a string, a bigint
 * within ±(2^53 − 1) or beyond 64 bits, typed arrays other than `Uint8Array`, objects with a prototype, the key
 * `__proto__`, cycles, nesting deeper than 64.
 *
 * @example
 * encode({ b: 1, a: new Uint8Array([1, 2]) })
 */
export function encode(value: IpldValue): Uint8Array {
  assertEncodable(value, [], new Set())
  // In Node the library gives a Buffer, whose `slice` shares memory where a Uint8Array's copies.
  return new Uint8Array(dagCbor.encode(value))
}

/**
 * Decodes DAG-CBOR. Accepts what {@link encode} makes, and other encodings of the same values (another order of keys).
 * Throws a `PayloadInvalidError` for anything else: the list of {@link encode}, duplicate keys, invalid UTF-8, tags
 * other than a CID's, bytes that follow the value.
 */
export function decode(bytes: Uint8Array): IpldValue {
  // A plain view: a Buffer's slices would be Buffers that share memory.
  const view = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  assertDecodable(view)
  try {
    return dagCbor.decode<IpldValue>(view)
  } catch (cause) {
    throw new PayloadInvalidError({ issues: [cause instanceof Error ? cause.message : String(cause)], cause })
  }
}

/** As {@link decode}, but throws a `PayloadNotCanonicalError` unless the bytes are the value's only encoding. */
export function decodeCanonical(bytes: Uint8Array): IpldValue {
  const value = decode(bytes)
  if (!equalBytes(encode(value), bytes)) throw new PayloadNotCanonicalError()
  return value
}

/** Keys from the root to the value at hand; pushed and popped while walking. */
type Path = (string | number)[]

function assertEncodable(value: unknown, path: Path, ancestors: Set<object>): void {
  switch (typeof value) {
    case 'boolean':
      return
    case 'string':
      assertText(value, path, 'a string')
      return
    case 'number':
      if (!Number.isFinite(value)) throw refusal(path, `${value} is not finite`)
      if (Object.is(value, -0)) throw refusal(path, '-0 would become 0')
      return
    case 'bigint':
      if (value >= -(2n ** 64n) && value < 2n ** 64n) {
        if (value > BigInt(Number.MAX_SAFE_INTEGER) || value < BigInt(Number.MIN_SAFE_INTEGER)) return
        throw refusal(path, `the bigint ${value} would become a number; pass it as one`)
      }
      throw refusal(path, `${value} does not fit 64 bits`)
    case 'object':
      break
    default:
      throw refusal(path, `${typeof value} has no encoding`)
  }
  if (value === null || value instanceof Uint8Array || CID.asCID(value)) return
  if (ancestors.has(value)) throw refusal(path, 'it contains itself')
  if (ancestors.size >= maxDepth) throw refusal(path, `it is nested deeper than ${maxDepth}`)
  ancestors.add(value)
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      path.push(index)
      assertEncodable(value[index], path, ancestors)
      path.pop()
    }
  } else {
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype && prototype !== null)
      throw refusal(path, `${Object.prototype.toString.call(value)} is not a plain object, array or Uint8Array`)
    if (Object.getOwnPropertySymbols(value).length > 0) throw refusal(path, 'symbols cannot be keys')
    for (const [key, member] of Object.entries(value)) {
      path.push(key)
      assertText(key, path, 'a key')
      if (key === '__proto__') throw refusal(path, 'the key __proto__ is not allowed')
      assertEncodable(member, path, ancestors)
      path.pop()
    }
  }
  ancestors.delete(value)
}

function assertText(text: string, path: Path, what: string): void {
  if (/\p{Surrogate}/u.test(text)) throw refusal(path, `${what} has a lone surrogate`)
  // Decoders drop it, so that two different strings would become one.
  if (text.startsWith('\uFEFF')) throw refusal(path, `${what} starts with a byte order mark`)
}

function refusal(path: Path, reason: string): PayloadEncodingError {
  const place = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('')
  return new PayloadEncodingError({ path: place.replace(/^\./, ''), reason })
}
