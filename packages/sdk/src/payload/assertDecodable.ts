import { PayloadInvalidError } from '../errors/payload.ts'

/** Deepest nesting of lists and maps, in encoding as in decoding. */
export const maxDepth = 64

// Additional information of major type 7 (RFC 8949, section 3.3) that DAG-CBOR allows.
const simpleFalse = 20
const simpleTrue = 21
const simpleNull = 22
const float64 = 27

/**
 * Refuses what the decoder would take but lose or choke on: deep nesting (it recurses), invalid UTF-8, a leading byte
 * order mark, −0, short floats, `undefined`, and the key `__proto__` (it would set a prototype). Reads headers only.
 */
export function assertDecodable(bytes: Uint8Array): void {
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
      if (![simpleFalse, simpleTrue, simpleNull, float64].includes(minor)) throw invalid('A value without a meaning')
      if (minor === float64 && Object.is(view.getFloat64(offset + 1), -0)) throw invalid('-0')
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
