/**
 * Conformal scores, seeded margins of tokens, two-sample tests of text.
 *
 * @module @proof-of-inference/verifier-statistical
 */

export type { PolicyOptions, RuntimePair } from './common.ts'
export {
  type ConformalPair,
  type ConformalParameters,
  type ConformalPolicyOptions,
  conformal,
  conformalScore,
} from './conformal.ts'
export { type Margin, type MarginStatistics, marginStatistics, measureMargins } from './margins.ts'
export type { PermutationTest } from './permutations.ts'
export { meanLogRank, type RankStratum, rankDiscrepancy } from './ranks.ts'
export {
  type SeededMarginPair,
  type SeededMarginParameters,
  type SeededMarginPolicyOptions,
  seededMargin,
} from './seededMargin.ts'
export {
  meanDiscrepancy,
  type Stratum,
  type TwoSampleParameters,
  type TwoSamplePolicyOptions,
  twoSample,
} from './twoSample.ts'
