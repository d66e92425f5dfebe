import type { InferenceInput } from '@proof-of-inference/sdk/payload'
import { naturalLog, type PositionScores, type Runner } from '@proof-of-inference/sdk/runner'
import type { Random } from '@proof-of-inference/sdk/verifier'
import { otherTokens } from './margins.ts'
import { type PermutationTest, permutationTest } from './permutations.ts'

/** Rank of a token among all by their scores, the likeliest 1; one more than there are where it is not among them. */
export function rankOf(scores: PositionScores, token: number): number {
  const values = scores.kind === 'logits' ? scores.logits : scores.logprobs
  const own = values[scores.kind === 'logits' ? token : scores.tokenIds.indexOf(token)]
  if (own === undefined) return values.length + 1
  let rank = 1
  for (const value of values) if (value > own) rank++
  return rank
}

/**
 * The mean of the logarithms of the tokens' ranks, as the runner scores them in one teacher-forced pass; 0 of no tokens.
 * `undefined` where the runner does not score.
 *
 * Throws a `RunnerFailedError` if the runner scores other tokens than it was given.
 *
 * @example
 * const logRank = await meanLogRank(runner, input, tokenIds)
 */
export async function meanLogRank(
  runner: Runner,
  input: InferenceInput,
  tokenIds: readonly number[],
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<number | undefined> {
  if (!runner.score) return undefined
  let [sum, count] = [0, 0]
  for await (const scores of runner.score(input, tokenIds, { signal })) {
    const token = tokenIds[scores.position]
    if (scores.position !== count || token === undefined) throw otherTokens(runner)
    sum += naturalLog(rankOf(scores, token))
    count++
  }
  if (count !== tokenIds.length) throw otherTokens(runner)
  return count === 0 ? 0 : sum / count
}

/** Scores of the texts for one prompt. */
export type RankStratum = { readonly claimed: readonly number[]; readonly reference: readonly number[] }

/**
 * How far the claimed texts' percentiles among the reference's, over all prompts, are from uniform: the Cramér–von Mises
 * statistic, and its p-value among permutations within each prompt. (After Zhu et al., arXiv 2506.06975; the percentiles
 * of one prompt share their reference, so that the statistic's known distribution would not do.)
 *
 * @example
 * const { pValue } = rankDiscrepancy(strata, { permutations: 999 }, shared('ranks'))
 */
export function rankDiscrepancy(
  strata: readonly RankStratum[],
  { permutations }: { readonly permutations: number },
  random: Random,
): PermutationTest {
  const all = strata.map(({ claimed, reference }) => [...claimed, ...reference])
  const percentiles = new Float64Array(strata.reduce((sum, { claimed }) => sum + claimed.length, 0))
  const statisticOf = (orders: readonly (readonly number[])[]) => {
    let filled = 0
    for (const [at, order] of orders.entries()) {
      const scores = order.map((index) => all[at]?.[index] ?? Number.NaN)
      const size = strata[at]?.claimed.length ?? 0
      for (let index = 0; index < size; index++) {
        const own = scores[index] ?? Number.NaN
        let [below, equal] = [0, 0]
        for (let other = size; other < scores.length; other++) {
          const score = scores[other] ?? Number.NaN
          if (score < own) below++
          else if (score === own) equal++
        }
        percentiles[filled++] = (below + equal / 2 + 0.5) / (scores.length - size + 1)
      }
    }
    const n = percentiles.length
    return percentiles
      .sort()
      .reduce((sum, value, index) => sum + (value - (2 * index + 1) / (2 * n)) ** 2, 1 / (12 * n))
  }
  return permutationTest(
    all.map(({ length }) => length),
    statisticOf,
    permutations,
    random,
  )
}
