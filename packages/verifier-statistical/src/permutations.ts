import type { Random } from '@proof-of-inference/sdk/verifier'

/** A statistic, and how often permutations reach it. */
export type PermutationTest = { readonly statistic: number; readonly pValue: number }

/**
 * A statistic of samples by prompt, and its p-value among permutations within each prompt: (1 + how many are as large) /
 * (B + 1).
 *
 * @param sizes Samples of each prompt, claimed and reference.
 * @param statisticOf Of the samples' order in each prompt, the claimed ones first.
 */
export function permutationTest(
  sizes: readonly number[],
  statisticOf: (orders: readonly (readonly number[])[]) => number,
  permutations: number,
  random: Random,
): PermutationTest {
  const identity = sizes.map((size) => [...Array(size).keys()])
  const statistic = statisticOf(identity)
  let asLarge = 0
  // The same sums in another order may differ in the last place.
  for (let permutation = 0; permutation < permutations; permutation++)
    if (statisticOf(identity.map((order) => random.shuffle(order))) >= statistic - 1e-9) asLarge++
  return { statistic, pValue: (1 + asLarge) / (permutations + 1) }
}
