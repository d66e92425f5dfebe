import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { PayloadEncodingError, PayloadInvalidError, PayloadNotCanonicalError } from '../errors/payload.ts'
import { equalBytes } from '../utils/bytes.ts'
import type { IpldValue } from './types.ts'

/** Deepest nesting of lists and maps, in encoding as in decoding. */
export const maxDepth = 64

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
  return dagCbor.encode(value)
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
      return assertText(value, path, 'a string')
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

/**
 * Refuses what the decoder would take but lose or choke on: deep nesting (it recurses), invalid UTF-8, a leading byte
 * order mark, −0, short floats, and the key `__proto__` (it would set a prototype). Reads headers only.
 */
function assertDecodable(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const invalid = (reason: string) => new PayloadInvalidError({ issues: [`${reason} at byte ${offset}`] })
  /** Items left in each open list or map; a map counts keys and values, and its keys are the even ones. */
  const open: { left: number; isMap: boolean }[] = []
  let offset = 0
  do {
    while (open.at(-1)?.left === 0) open.pop()
    const parent = open.at(-1)
    if (offset > 0 && !parent) break
    const isKey = parent?.isMap === true && parent.left % 2 === 0
    if (parent) parent.left--
    const head = bytes[offset]
    if (head === undefined) throw invalid('The bytes end too early')
    const major = head >> 5
    const minor = head & 31
    if (minor > 27) throw invalid('An item of indefinite length, or reserved,')
    const width = minor < 24 ? 0 : 1 << (minor - 24)
    if (offset + 1 + width > bytes.length) throw invalid('The bytes end too early')
    const start = offset + 1 + width
    if (major === 7) {
      if (minor === 24 || minor === 25 || minor === 26) throw invalid('A float that is not of 64 bits')
      if (minor === 27 && Object.is(view.getFloat64(offset + 1), -0)) throw invalid('-0')
      offset = start
      continue
    }
    const argument =
      width === 0
        ? minor
        : width === 1
          ? view.getUint8(offset + 1)
          : width === 2
            ? view.getUint16(offset + 1)
            : width === 4
              ? view.getUint32(offset + 1)
              : Number(view.getBigUint64(offset + 1))
    if (major === 6) {
      // Only a CID's tag is allowed, and only around bytes; the decoder checks the rest.
      if ((bytes[start] ?? 0) >> 5 !== 2) throw invalid('A tag around something other than bytes')
      if (parent) parent.left++
      offset = start
      continue
    }
    if (major >= 2 && major <= 5 && argument > bytes.length - start) throw invalid('A length beyond the end')
    if (major === 3) {
      const content = bytes.subarray(start, start + argument)
      let decoded: string
      try {
        decoded = text.decode(content)
      } catch {
        throw invalid('Text that is not UTF-8')
      }
      if (decoded.startsWith('\uFEFF')) throw invalid('A string that starts with a byte order mark')
      if (isKey && decoded === '__proto__') throw invalid('The key __proto__')
    }
    if (major === 4 || major === 5) {
      if (open.length >= maxDepth) throw invalid(`Nesting deeper than ${maxDepth}`)
      open.push({ left: major === 5 ? argument * 2 : argument, isMap: major === 5 })
    }
    offset = major === 2 || major === 3 ? start + argument : start
  } while (offset < bytes.length || open.length > 0)
}
