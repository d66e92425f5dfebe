import type { Tensor } from '../payload/types.ts'

type Tensors = { readonly [name: string]: Tensor }

/** What comparing a claimed output with the reference's found. */
export type Measurement =
  | {
      /** By `tensor/cosine` (1 − cosine), `tensor/relativeL2` and `tensor/maxAbs`; those that are defined. */
      readonly metrics: { readonly [metric: string]: number }
      /** Why none of the tensors gives anything to measure, where none does. */
      readonly blind?: string
    }
  | { readonly mismatch: string }
  /** The reference cannot be compared with. */
  | { readonly unusable: string }

/** The ends of a tensor's range, where changes of the model do not show. */
export type Saturation = {
  /** Least value that the tensor can have, such as 0 of a softmax. */
  readonly low: number
  /** Largest value. */
  readonly high: number
  /** Elements no further from an end are saturated; a tensor is if all of them are. At least 0. */
  readonly margin: number
}

/** From where on a tensor of the reference says nothing about direction. */
export type MeasureOptions = {
  /** Root mean square of a tensor of the reference below which its direction says nothing. */
  readonly nearZero: number
  readonly saturation: { readonly [tensor: string]: Saturation }
}

/**
 * Distances of tensors from the reference's, each summed in float64 in a fixed order. Floats have to be finite; integers
 * and booleans have to be equal. A tensor of one element, near zero or saturated has no direction: it gives `maxAbs`
 * alone, and if no tensor has one, the output is blind.
 *
 * @example
 * measureTensors({ y: claimed }, { y: reference }, { nearZero: 1e-6, saturation: {} })
 */
export function measureTensors(
  claimed: Tensors,
  reference: Tensors,
  { nearZero, saturation }: MeasureOptions,
): Measurement {
  const names = Object.keys(reference)
  if (Object.keys(claimed).length !== names.length || !names.every((name) => Object.hasOwn(claimed, name)))
    return { mismatch: `the tensors are ${Object.keys(claimed).join(', ')}, not ${names.join(', ')}` }
  const metrics: { [metric: string]: number } = {}
  const reasons: string[] = []
  let hasDirection = false
  for (const [name, b] of Object.entries(reference)) {
    const a = claimed[name]
    if (!a || a.dtype !== b.dtype) return { mismatch: `${name} is of ${a?.dtype}, not ${b.dtype}` }
    if (a.dims.length !== b.dims.length || a.dims.some((dim, axis) => dim !== b.dims[axis]))
      return { mismatch: `${name} is of shape [${a.dims.join(', ')}], not [${b.dims.join(', ')}]` }
    if (a.data.length !== b.data.length)
      return { mismatch: `${name} has ${a.data.length} elements, not ${b.data.length}` }
    if (!isFloat(a) || !isFloat(b)) {
      if (a.data.some((value, index) => value !== b.data[index])) return { mismatch: `${name} differs` }
      continue
    }
    const found = distances(a.data, b.data)
    if (!found) {
      const isReferenceFinite = b.data.every(Number.isFinite)
      return isReferenceFinite
        ? { mismatch: `${name} is not finite` }
        : { unusable: `${name} of the reference is not finite` }
    }
    metrics[`${name}/maxAbs`] = found.maxAbs
    const blind = blindness(b, found, { nearZero, saturation: saturation[name] })
    if (blind) {
      reasons.push(`${name} ${blind}`)
      continue
    }
    hasDirection = true
    metrics[`${name}/cosine`] = found.cosine
    metrics[`${name}/relativeL2`] = found.relativeL2
  }
  if (hasDirection) return { metrics }
  return { metrics, blind: reasons.join('; ') || 'there are no floats to compare' }
}

type Floats = Extract<Tensor, { dtype: 'float32' | 'float64' }>
const isFloat = (tensor: Tensor): tensor is Floats => tensor.dtype === 'float32' || tensor.dtype === 'float64'

function blindness(
  { data }: Floats,
  { rms }: Distances,
  { nearZero, saturation }: { nearZero: number; saturation: Saturation | undefined },
): string | undefined {
  if (data.length < 2) return `has ${data.length} element${data.length === 1 ? '' : 's'}`
  if (rms < nearZero) return 'is near zero'
  if (!saturation) return undefined
  const { low, high, margin } = saturation
  return data.every((value) => value <= low + margin || value >= high - margin) ? 'is saturated' : undefined
}

type Distances = {
  /** 1 − a·b / (|a| |b|), 0..2; 1 where one of them is zero. */
  readonly cosine: number
  /** |a − b| / |b|. */
  readonly relativeL2: number
  readonly maxAbs: number
  /** Root mean square of b. */
  readonly rms: number
}

/**
 * Distances of a from b, of the same length; `undefined` if one is not finite throughout.
 *
 * From |a|², |b|² and |a − b|² alone: 1 − cos = (|a − b|² − (|a| − |b|)²) / (2 |a| |b|), which keeps the digits that
 * 1 − a·b / (|a| |b|) cancels.
 */
export function distances(a: Floats['data'], b: Floats['data'], scale = 1): Distances | undefined {
  const { aa, bb, dd, maxAbs } =
    a instanceof Float32Array && b instanceof Float32Array ? sums32(a, b) : sums64(a, b, scale)
  if (!Number.isFinite(aa + bb + dd)) {
    // Squares of large float64 overflow.
    if (scale !== 1 || !a.every(Number.isFinite) || !b.every(Number.isFinite)) return undefined
    return distances(Float64Array.from(a), Float64Array.from(b), 2 ** -520)
  }
  const [aNorm, bNorm] = [Math.sqrt(aa), Math.sqrt(bb)]
  const longer = aNorm + bNorm === 0 ? 0 : (aa - bb) / (aNorm + bNorm)
  const product = 2 * aNorm * bNorm
  return {
    // Rounding must not make it negative.
    cosine: product > 0 ? Math.max(0, (dd - longer ** 2) / product) : dd > 0 ? 1 : 0,
    relativeL2: bb > 0 ? Math.min(Math.sqrt(dd / bb), Number.MAX_VALUE) : dd > 0 ? Number.MAX_VALUE : 0,
    maxAbs: Math.min(maxAbs / scale, Number.MAX_VALUE),
    rms: b.length === 0 ? 0 : Math.sqrt(bb / b.length) / scale,
  }
}

type Sums = { aa: number; bb: number; dd: number; maxAbs: number }

/**
 * In blocks of four, each summed as (0 + 1) + (2 + 3), then the rest one by one: the order is part of the verifiers'
 * revisions. The largest square is looked for only in blocks that can hold it, which makes this two thirds of the work.
 */
function sums32(a: Float32Array, b: Float32Array): Sums {
  let [aa, bb, dd, largest] = [0, 0, 0, 0]
  const rest = b.length - (b.length % 4)
  for (let index = 0; index < rest; index += 4) {
    const a0 = a[index] as number
    const b0 = b[index] as number
    const d0 = a0 - b0
    const a1 = a[index + 1] as number
    const b1 = b[index + 1] as number
    const d1 = a1 - b1
    const a2 = a[index + 2] as number
    const b2 = b[index + 2] as number
    const d2 = a2 - b2
    const a3 = a[index + 3] as number
    const b3 = b[index + 3] as number
    const d3 = a3 - b3
    aa += a0 * a0 + a1 * a1 + (a2 * a2 + a3 * a3)
    bb += b0 * b0 + b1 * b1 + (b2 * b2 + b3 * b3)
    const block = d0 * d0 + d1 * d1 + (d2 * d2 + d3 * d3)
    dd += block
    if (block > largest) {
      if (d0 * d0 > largest) largest = d0 * d0
      if (d1 * d1 > largest) largest = d1 * d1
      if (d2 * d2 > largest) largest = d2 * d2
      if (d3 * d3 > largest) largest = d3 * d3
    }
  }
  for (let index = rest; index < b.length; index++) {
    const x = a[index] as number
    const y = b[index] as number
    const square = (x - y) * (x - y)
    aa += x * x
    bb += y * y
    dd += square
    if (square > largest) largest = square
  }
  // The root of a square is the number again: differences of float32 are far from where squares underflow.
  return { aa, bb, dd, maxAbs: Math.sqrt(largest) }
}

/** One by one. */
function sums64(a: Floats['data'], b: Floats['data'], scale: number): Sums {
  let [aa, bb, dd, maxAbs] = [0, 0, 0, 0]
  for (let index = 0; index < b.length; index++) {
    const x = (a[index] as number) * scale
    const y = (b[index] as number) * scale
    const difference = x - y
    aa += x * x
    bb += y * y
    dd += difference * difference
    const distance = Math.abs(difference)
    if (distance > maxAbs) maxAbs = distance
  }
  return { aa, bb, dd, maxAbs }
}

/**
 * Least scales of the metrics of tensors: what rounding of float32 may come to where a calibration saw none.
 *
 * @param magnitude Of the tensors' elements. Default 1.
 *
 * @example
 * const { policy } = await calibrate({ honest, attacks, floors: tensorFloors(['stateN']), build })
 */
export function tensorFloors(tensors: readonly string[], magnitude = 1): { [metric: string]: number } {
  const entries = tensors.flatMap((tensor): [string, number][] => [
    [`${tensor}/cosine`, 1e-13],
    [`${tensor}/relativeL2`, 1e-6],
    [`${tensor}/maxAbs`, 1e-6 * magnitude],
  ])
  return Object.fromEntries(entries)
}
