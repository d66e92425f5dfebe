/** Name of the sampler below; a policy that names it means exactly this. */
export const samplerName = 'gumbel-philox4x32/1'

const unit = 2 ** -32
/** 1/3, 1/5, … 1/23: the series of artanh. */
const coefficients = Array.from({ length: 11 }, (_, index) => 1 / (2 * index + 3))

/**
 * The noise that the sampler adds to the logits of one position, the same bits on every platform.
 *
 * Token v has g = −ln(−ln u) with u = (w + ½) / 2^32, where w is word v mod 4 of Philox4x32-10 (Salmon et al., SC '11)
 * for the counter (⌊v/4⌋, position, 0, 0) and the key (seed mod 2^32, ⌊seed/2^32⌋). ln is {@link naturalLog}.
 *
 * @param seed 0..2^53 − 1; the requester's.
 * @param position Index of the generated token, from 0; below 2^32.
 * @param size Tokens of the vocabulary.
 *
 * @example
 * const noise = gumbelNoise(42, 0, 256)
 */
export function gumbelNoise(seed: number, position: number, size: number): Float64Array {
  const noise = new Float64Array(size)
  const words = new Uint32Array(4)
  const key = [seed % 2 ** 32, Math.floor(seed / 2 ** 32)] as const
  for (let start = 0; start < size; start += 4) {
    philox([start / 4, position, 0, 0], key, words)
    for (let offset = 0; offset < 4 && start + offset < size; offset++)
      noise[start + offset] = -naturalLog(-naturalLog(((words[offset] ?? 0) + 0.5) * unit))
  }
  return noise
}

/**
 * The token that the sampler takes: the one with the largest logit + temperature × noise, in float64; of equal ones the
 * first. At temperature 0 it is the one with the largest logit, and the noise is not looked at.
 *
 * Throws a `RangeError` if a logit is NaN, as nothing is largest then.
 *
 * @example
 * const token = sampleToken(logits, { temperature: 1, noise: gumbelNoise(seed, position, logits.length) })
 */
export function sampleToken(
  logits: Float32Array,
  { temperature, noise }: { readonly temperature: number; readonly noise?: Float64Array },
): number {
  let token = -1
  let largest = Number.NEGATIVE_INFINITY
  for (let index = 0; index < logits.length; index++) {
    const value = perturbed(logits, index, temperature, noise)
    if (Number.isNaN(value)) throw new RangeError(`the logit of token ${index} is not a number`)
    if (value > largest || token < 0) {
      token = index
      largest = value
    }
  }
  if (token < 0) throw new RangeError('there are no logits')
  return token
}

/** A logit with its noise, as {@link sampleToken} compares them. */
export function perturbed(
  logits: Float32Array,
  index: number,
  temperature: number,
  noise: Float64Array | undefined,
): number {
  const logit = logits[index] ?? Number.NaN
  return temperature === 0 ? logit : logit + temperature * (noise?.[index] ?? Number.NaN)
}

/** Philox4x32-10. */
export function philox(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
  words = new Uint32Array(4),
): Uint32Array {
  let [k0, k1] = key
  let [c0, c1, c2, c3] = counter
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, c0)
    const high1 = multiplyHigh(0xcd9e8d57, c2)
    const low0 = Math.imul(0xd2511f53, c0)
    const low1 = Math.imul(0xcd9e8d57, c2)
    c0 = (high1 ^ c1 ^ k0) >>> 0
    c1 = low1 >>> 0
    c2 = (high0 ^ c3 ^ k1) >>> 0
    c3 = low0 >>> 0
    k0 = (k0 + 0x9e3779b9) >>> 0
    k1 = (k1 + 0xbb67ae85) >>> 0
  }
  words[0] = c0
  words[1] = c1
  words[2] = c2
  words[3] = c3
  return words
}

/** The upper 32 bits of the product of two unsigned 32-bit integers. */
function multiplyHigh(a: number, b: number): number {
  const [aHigh, aLow, bHigh, bLow] = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff]
  const middle = aHigh * bLow + Math.floor((aLow * bLow) / 65_536)
  const other = aLow * bHigh + (middle % 65_536)
  return aHigh * bHigh + Math.floor(middle / 65_536) + Math.floor(other / 65_536)
}

const float = new DataView(new ArrayBuffer(8))

/**
 * ln x of a positive, normal float64, by IEEE 754 additions, multiplications and divisions in this order, none fused,
 * because `Math.log` is not the same everywhere. x = m·2^e with m in [√½, √2); s = (m − 1) / (m + 1);
 * ln x = e·0.6931471805599453 + (s + s) + (s + s)·z·(1/3 + z·(1/5 + … + z·1/23)), where z = s·s. The error is below 1e-15 of the result, or
 * of 1 near x = 1.
 */
export function naturalLog(x: number): number {
  float.setFloat64(0, x)
  const high = float.getUint32(0)
  let exponent = (high >>> 20) - 1023
  float.setUint32(0, (high & 0xfffff) | 0x3ff00000)
  let mantissa = float.getFloat64(0)
  if (mantissa >= Math.SQRT2) {
    mantissa /= 2
    exponent++
  }
  const s = (mantissa - 1) / (mantissa + 1)
  const z = s * s
  let sum = 0
  for (let index = coefficients.length - 1; index >= 0; index--) sum = sum * z + (coefficients[index] ?? 0)
  const twice = s + s
  return exponent * Math.LN2 + (twice + twice * (z * sum))
}
