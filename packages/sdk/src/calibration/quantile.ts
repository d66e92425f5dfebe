/**
 * The least of the values that is a bound of the given share of their distribution, in expectation: the ⌈(n + 1) × share⌉-th
 * smallest (split conformal prediction; V. Vovk et al., 2005). `undefined` if there are too few values for any to be
 * one: n < share / (1 − share).
 *
 * @param values Independent scores; finite.
 * @param share Over 0, less than 1.
 *
 * @example
 * upperQuantile(scores, 0.99) // of 99 scores their maximum, of 98 none
 */
export function upperQuantile(values: readonly number[], share: number): number | undefined {
  assertShare(share)
  return sorted(values)[Math.ceil((values.length + 1) * share - 1e-9) - 1]
}

/**
 * The largest of the values that at least the given share of their distribution is above, in expectation: the mirror of
 * {@link upperQuantile}.
 */
export function lowerQuantile(values: readonly number[], share: number): number | undefined {
  assertShare(share)
  const bound = upperQuantile(
    values.map((value) => -value),
    share,
  )
  return bound === undefined ? undefined : -bound + 0
}

/**
 * The p-value of a score among reference scores, where larger is further from honest: (1 + how many are as large) / (n + 1).
 * It is a metric, no confidence: of honest work it is uniform.
 *
 * @example
 * conformalPValue(reference, score) <= alpha // rejects at most alpha of honest work, on average
 */
export function conformalPValue(reference: readonly number[], score: number): number {
  return (1 + reference.filter((each) => each >= score).length) / (reference.length + 1)
}

function assertShare(share: number): void {
  if (!(share > 0 && share < 1)) throw new RangeError(`a share is over 0 and less than 1, not ${share}`)
}

function sorted(values: readonly number[]): number[] {
  for (const value of values) if (!Number.isFinite(value)) throw new RangeError(`a score is finite, not ${value}`)
  return [...values].sort((a, b) => a - b)
}
