/** A share of a count, and how surely it is known. */
export type Proportion = {
  /** `count / total`; `null` of nothing. */
  readonly rate: number | null
  /** Lower end of the two-sided 95 % interval, 0..1. */
  readonly lower: number
  /** Upper end, 0..1. */
  readonly upper: number
}

/** 97.5 % of the standard normal distribution are below. */
const z = 1.959963984540054

/**
 * A proportion with Wilson's score interval at 95 % (E. B. Wilson, 1927, doi:10.1080/01621459.1927.10502953).
 *
 * @example
 * wilsonInterval(1, 10) // { rate: 0.1, lower: 0.018, upper: 0.404 }
 */
export function wilsonInterval(count: number, total: number): Proportion {
  if (!Number.isSafeInteger(count) || !Number.isSafeInteger(total) || count < 0 || count > total)
    throw new RangeError(`${count} of ${total} is no proportion.`)
  if (total === 0) return { rate: null, lower: 0, upper: 1 }
  const rate = count / total
  const spread = z * Math.sqrt((rate * (1 - rate)) / total + z ** 2 / (4 * total ** 2))
  const scale = 1 + z ** 2 / total
  const center = rate + z ** 2 / (2 * total)
  // Of none and of all the ends are exact, which arithmetic misses by a rounding.
  return {
    rate,
    lower: count === 0 ? 0 : (center - spread) / scale,
    upper: count === total ? 1 : (center + spread) / scale,
  }
}
