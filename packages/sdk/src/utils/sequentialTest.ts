/** How a sequential test of an operator stands. */
export type SequentialTest = {
  /**
   * `lazy`: convicted, for good. `honest`: acquitted at least once, and not convicted since. `undecided`: neither yet.
   */
  readonly state: 'undecided' | 'honest' | 'lazy'
  /**
   * Of the round under way: the log of how much likelier its results are from an operator that errs in 20 % than from
   * one that errs in 1 %. Convicts at ln 990,000 ≈ 13.8, acquits at ≈ −4.6.
   */
  readonly logLikelihoodRatio: number
}

/** Errors of an operator that does its work. */
const honestRate = 0.01
/** Errors of one that does not. */
const lazyRate = 0.2
/** Probability that a round convicts an honest operator. */
const alpha = 1e-6
/** Probability that a round acquits a lazy one. */
const beta = 0.01

/** ≈ 13.8. */
export const convictsAt = Math.log((1 - beta) / alpha)
/** ≈ −4.6. */
export const acquitsAt = Math.log(beta / (1 - alpha))
const onError = Math.log(lazyRate / honestRate)
const onSuccess = Math.log((1 - lazyRate) / (1 - honestRate))

/**
 * Wald's sequential probability ratio test (A. Wald, 1945, doi:10.1214/aoms/1177731118) of p₀ = 1 % against p₁ = 20 %
 * errors, α = 1e−6, β = 1 %: 22 right results in a row acquit, about 32 results convict an operator that errs in 20 %,
 * five to seven wrong ones in a row any.
 *
 * An acquittal begins another round, or a good start would be an excuse for ever; α and β are those of a round.
 *
 * @param results Whether each result was right, in the order they came in.
 *
 * @example
 * sequentialTest([true, true, false]) // { state: 'undecided', logLikelihoodRatio: 2.57 }
 */
export function sequentialTest(results: Iterable<boolean>): SequentialTest {
  let state: SequentialTest['state'] = 'undecided'
  let logLikelihoodRatio = 0
  for (const isRight of results) {
    if (logLikelihoodRatio <= acquitsAt) logLikelihoodRatio = 0
    logLikelihoodRatio += isRight ? onSuccess : onError
    if (logLikelihoodRatio >= convictsAt) return { state: 'lazy', logLikelihoodRatio }
    if (logLikelihoodRatio <= acquitsAt) state = 'honest'
  }
  return { state, logLikelihoodRatio }
}
