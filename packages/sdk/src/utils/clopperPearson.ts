import { binomialAtMost, binomialOver } from './binomial.ts'

/** One-sided bounds of a probability. */
export type Bounds = {
  /** At `confidence`, the probability is no less. */
  readonly lower: number
  /** At `confidence`, the probability is no more. */
  readonly upper: number
}

/**
 * Exact one-sided bounds of the probability behind `count` of `n` independent trials (C. J. Clopper and E. S. Pearson,
 * 1934, doi:10.1093/biomet/26.4.404). Each holds at `confidence` on its own.
 *
 * @param n At least 1.
 * @param confidence Default 0.95.
 *
 * @example
 * clopperPearson(0, 299) // { lower: 0, upper: 0.00997 }: at most 1 % at 95 % confidence
 */
export function clopperPearson(count: number, n: number, confidence = 0.95): Bounds {
  if (!Number.isSafeInteger(n) || n < 1 || !Number.isSafeInteger(count) || count < 0 || count > n)
    throw new RangeError(`${count} of ${n} is no proportion.`)
  if (!(confidence > 0 && confidence < 1)) throw new RangeError(`confidence must be in 0..1, not ${confidence}`)
  const alpha = 1 - confidence
  return {
    lower: round(
      count === 0 ? 0 : count === n ? alpha ** (1 / n) : solve((p) => binomialOver(n, p, count - 1) <= alpha).low,
    ),
    upper: round(
      count === n ? 1 : count === 0 ? 1 - alpha ** (1 / n) : solve((p) => binomialAtMost(n, p, count) > alpha).high,
    ),
  }
}

/** To 12 digits: engines differ in the last ones of a power or a logarithm, and policies that hold a bound have a digest. */
function round(p: number): number {
  return Number(p.toPrecision(12))
}

/** Where a condition stops to hold that holds at 0 and not at 1: a pair of neighbours, low with it and high without. */
function solve(holds: (p: number) => boolean): { low: number; high: number } {
  let [low, high] = [0, 1]
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (holds(middle)) low = middle
    else high = middle
  }
  return { low, high }
}
