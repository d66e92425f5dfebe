import { encode, type IpldValue, type Tensor } from '@proof-of-inference/sdk/payload'
import type { TextRule } from './policy.ts'

/** What comparing a claimed output with the reference's found. */
export type Comparison = {
  readonly equal: boolean
  /** Why not, where it is not a matter of values. */
  readonly reason?: string
  readonly metrics: { readonly [name: string]: number }
}

type Tensors = { readonly [name: string]: Tensor }
type Distance = { readonly atol: number; readonly rtol: number }

/**
 * Compares tensors: bit for bit without a tolerance, so that NaNs are equal if their bits are and −0 is not 0; with
 * one, floats may differ by |a − b| ≤ atol + rtol·|b|, where NaN only equals NaN, and an infinity itself. Integers and
 * booleans always have to be equal.
 */
export function compareTensors(claimed: Tensors, reference: Tensors, tolerance: Distance | undefined): Comparison {
  const names = Object.keys(reference)
  const mismatch = (reason: string) => ({ equal: false, reason, metrics: { compared: 0, mismatches: 0, maxAbs: 0 } })
  if (Object.keys(claimed).length !== names.length || !names.every((name) => Object.hasOwn(claimed, name)))
    return mismatch(`the tensors are ${Object.keys(claimed).join(', ')}, not ${names.join(', ')}`)
  let compared = 0
  let mismatches = 0
  let maxAbs = 0
  for (const [name, b] of Object.entries(reference)) {
    const a = claimed[name]
    if (!a || a.dtype !== b.dtype) return mismatch(`${name} is of ${a?.dtype}, not ${b.dtype}`)
    if (a.dims.length !== b.dims.length || a.dims.some((dim, axis) => dim !== b.dims[axis]))
      return mismatch(`${name} is of shape [${a.dims.join(', ')}], not [${b.dims.join(', ')}]`)
    if (a.data.length !== b.data.length) return mismatch(`${name} has ${a.data.length} elements, not ${b.data.length}`)
    const found = compareData(a, b, tolerance)
    compared += b.data.length
    mismatches += found.mismatches
    maxAbs = Math.max(maxAbs, found.maxAbs)
  }
  return { equal: mismatches === 0, metrics: { compared, mismatches, maxAbs } }
}

function compareData(a: Tensor, b: Tensor, tolerance: Distance | undefined): { mismatches: number; maxAbs: number } {
  const isFloat = b.dtype === 'float32' || b.dtype === 'float64'
  const width = b.data.BYTES_PER_ELEMENT
  const aBytes = new Uint8Array(a.data.buffer, a.data.byteOffset, a.data.byteLength)
  const bBytes = new Uint8Array(b.data.buffer, b.data.byteOffset, b.data.byteLength)
  // Most often all of it is equal, which words tell sooner than bytes.
  if (isSame(aBytes, bBytes)) return { mismatches: 0, maxAbs: 0 }
  let mismatches = 0
  let maxAbs = 0
  for (let index = 0; index < b.data.length; index++) {
    let bitwise = true
    for (let byte = index * width; byte < (index + 1) * width; byte++) {
      if (aBytes[byte] !== bBytes[byte]) {
        bitwise = false
        break
      }
    }
    if (bitwise) continue
    const x = Number(a.data[index])
    const y = Number(b.data[index])
    const difference = Math.abs(x - y)
    // Metrics are finite: an infinite difference, or one with NaN, shows in the count alone.
    if (Number.isFinite(difference)) maxAbs = Math.max(maxAbs, difference)
    if (!isFloat || !tolerance || !isWithin(x, y, tolerance)) mismatches++
  }
  return { mismatches, maxAbs }
}

/** Whether bytes of one length are the same. */
function isSame(a: Uint8Array, b: Uint8Array): boolean {
  const isAligned = a.byteOffset % 4 === 0 && b.byteOffset % 4 === 0
  const count = isAligned ? a.length >> 2 : 0
  const [x, y] = [a, b].map(({ buffer, byteOffset }) => new Uint32Array(buffer, isAligned ? byteOffset : 0, count))
  for (let index = 0; index < count; index++) if (x?.[index] !== y?.[index]) return false
  for (let index = count * 4; index < a.length; index++) if (a[index] !== b[index]) return false
  return true
}

function isWithin(a: number, b: number, { atol, rtol }: Distance): boolean {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b)
  // Infinity − Infinity is NaN, and rtol·∞ allows everything.
  if (!Number.isFinite(a) || !Number.isFinite(b)) return a === b
  return Math.abs(a - b) <= atol + rtol * Math.abs(b)
}

/** Compares structured values by their canonical bytes. */
export function compareValues(claimed: IpldValue, reference: IpldValue): Comparison {
  const a = encode(claimed)
  const b = encode(reference)
  const equal = a.length === b.length && a.every((byte, index) => byte === b[index])
  return { equal, metrics: { compared: 1, mismatches: equal ? 0 : 1 } }
}

/**
 * Compares texts by the policy's rule. `undefined` if this runtime cannot tell: it normalises by another version of
 * Unicode than the policy's, or does not say by which, and the texts are neither equal as they are nor plain ASCII.
 */
export function compareTexts(
  claimed: string,
  reference: string,
  rule: TextRule,
  unicode: string | undefined,
): Comparison | undefined {
  const result = (equal: boolean) => ({ equal, metrics: { compared: 1, mismatches: equal ? 0 : 1 } })
  if (claimed === reference) return result(true)
  if (rule.normalization !== 'none' && rule.unicode !== unicode && !isAscii(claimed + reference)) return undefined
  return result(normalize(claimed, rule) === normalize(reference, rule))
}

function normalize(text: string, { normalization, whitespace }: TextRule): string {
  const composed = normalization === 'none' ? text : text.normalize(normalization)
  if (whitespace === 'none') return composed
  const spaced = whitespace === 'collapse' ? composed.replace(/\s+/g, ' ') : composed
  return spaced.trim()
}

function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text)
}

/** Compares token ids. */
export function compareTokenIds(claimed: readonly number[], reference: readonly number[]): Comparison {
  const compared = Math.max(claimed.length, reference.length)
  let mismatches = 0
  for (let index = 0; index < compared; index++) if (claimed[index] !== reference[index]) mismatches++
  return {
    equal: mismatches === 0,
    ...(claimed.length !== reference.length && {
      reason: `there are ${claimed.length} tokens, not ${reference.length}`,
    }),
    metrics: { compared, mismatches },
  }
}
