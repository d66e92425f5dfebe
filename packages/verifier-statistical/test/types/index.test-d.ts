import type { InferenceInput, InferenceOutput, PolicyDocument } from '@proof-of-inference/sdk/payload'
import type { Runner } from '@proof-of-inference/sdk/runner'
import type { BatchVerifier, ItemVerifier, Random } from '@proof-of-inference/sdk/verifier'
import { expectTypeOf } from 'vitest'
import * as statistical from '../../src/index.ts'

const { input, output, random, runner } = {} as {
  input: InferenceInput
  output: InferenceOutput
  random: Random
  runner: Runner
}
const pair = { claimed: 'a', reference: 'b' }
const confidence = { valid: 9_900, invalid: 9_900 }

expectTypeOf(statistical.seededMargin()).toEqualTypeOf<ItemVerifier<statistical.SeededMarginParameters>>()
expectTypeOf(statistical.seededMargin.policy).parameter(0).toEqualTypeOf<statistical.SeededMarginPolicyOptions>()
expectTypeOf(statistical.seededMargin.policy).returns.toEqualTypeOf<
  PolicyDocument<statistical.SeededMarginParameters>
>()
expectTypeOf(statistical.seededMargin.calibrated({ clip: 0.01, cap: 0.1 })).returns.toEqualTypeOf<
  PolicyDocument<statistical.SeededMarginParameters>
>()
expectTypeOf(statistical.seededMargin.floors).toEqualTypeOf<{ readonly mean: 1e-6; readonly beyond: 1e-6 }>()
expectTypeOf(statistical.conformal()).toEqualTypeOf<ItemVerifier<statistical.ConformalParameters>>()
expectTypeOf(
  statistical.conformal.policy({ outputs: ['y'], pairs: [{ ...pair, scores: [1] }], confidence }),
).toEqualTypeOf<PolicyDocument<statistical.ConformalParameters>>()
expectTypeOf(statistical.conformalScore(output, output, { outputs: ['y'], score: 'maxAbs' })).toEqualTypeOf<
  number | undefined
>()
expectTypeOf(statistical.twoSample()).toEqualTypeOf<BatchVerifier<statistical.TwoSampleParameters>>()
expectTypeOf(statistical.twoSample.policy({ pairs: [pair], confidence })).toEqualTypeOf<
  PolicyDocument<statistical.TwoSampleParameters>
>()

expectTypeOf(statistical.measureMargins(runner, input, [1])).resolves.toEqualTypeOf<
  readonly statistical.Margin[] | undefined
>()
expectTypeOf(statistical.marginStatistics([], { clip: 0.01, cap: 0.1 })).toEqualTypeOf<statistical.MarginStatistics>()
expectTypeOf(
  statistical.meanDiscrepancy([{ claimed: [''], reference: [''] }], { length: 32, permutations: 999 }, random),
).toEqualTypeOf<statistical.PermutationTest>()
expectTypeOf(statistical.rankDiscrepancy).parameter(0).toEqualTypeOf<readonly statistical.RankStratum[]>()
expectTypeOf(statistical.rankDiscrepancy).returns.toEqualTypeOf<statistical.PermutationTest>()
expectTypeOf(statistical.meanLogRank).returns.resolves.toExtend<number | undefined>()
