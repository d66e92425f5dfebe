import { conformalPValue, upperQuantile } from '@proof-of-inference/sdk/calibration'
import type { BatchSampling, InferenceOutput, PolicyDocument, Tensor } from '@proof-of-inference/sdk/payload'
import { defineVerifier, type ItemVerifier, inconclusive, invalid, valid } from '@proof-of-inference/sdk/verifier'
import * as v from 'valibot'
import {
  count,
  distance,
  documentOf,
  findPair,
  otherWeights,
  type PolicyOptions,
  packageName,
  pairsOf,
  positive,
  probability,
  type RuntimePair,
  runtime,
} from './common.ts'

const name = `${packageName}/conformal`
const revision = 1
const method = `${name}@${revision}`

/** Thresholds of a pair of runtimes. */
export type ConformalPair = RuntimePair & {
  /** Honest scores over independent inputs that `quantile` was taken from; at least 1/alpha − 1. */
  readonly n: number
  /** Scores up to it are valid: the ⌈(n + 1)(1 − alpha)⌉-th smallest honest score. */
  readonly quantile: number
  /** Scores over it are invalid; between the two the verifier abstains. At least `quantile`. */
  readonly invalidAbove: number
}

/** What decides a verdict. */
export type ConformalParameters = {
  /** Share of honest outputs that may be found invalid, on average over calibrations. */
  readonly alpha: number
  /** Output tensors that are judged. The others only have to be there, of their shape and finite: name all that matter. */
  readonly outputs: readonly string[]
  /** `maxAbs`: the largest difference of two elements. `relativeL2`: ‖a − b‖ / ‖b‖ of each tensor, the largest. */
  readonly score: 'maxAbs' | 'relativeL2'
  /** Runs of a reference that is not deterministic; at least 1/alpha − 1. 0: such a reference abstains. */
  readonly repeats: number
  readonly pairs: readonly ConformalPair[]
}

const pair: v.GenericSchema<ConformalPair> = v.pipe(
  v.strictObject({ claimed: runtime, reference: runtime, n: positive, quantile: distance, invalidAbove: distance }),
  v.check(({ quantile, invalidAbove }) => quantile <= invalidAbove, 'invalidAbove is below the quantile'),
)

const isEnough = (n: number, alpha: number) => n >= 1 / alpha - 1 - 1e-9

const parameters: v.GenericSchema<ConformalParameters> = v.pipe(
  v.strictObject({
    alpha: probability,
    outputs: v.pipe(v.array(v.pipe(v.string(), v.nonEmpty())), v.minLength(1)),
    score: v.picklist(['maxAbs', 'relativeL2']),
    repeats: v.pipe(count, v.maxValue(10_000)),
    pairs: pairsOf(pair),
  }),
  v.check(
    ({ pairs, alpha }) => pairs.every(({ n }) => isEnough(n, alpha)),
    'too few scores for alpha: n < 1/alpha − 1',
  ),
  v.check(({ repeats, alpha }) => repeats === 0 || isEnough(repeats, alpha), 'too few repeats for alpha'),
)

/** What a policy of `conformal` is built from. */
export type ConformalPolicyOptions = PolicyOptions & {
  /** Default: 0.01. */
  readonly alpha?: number
  readonly outputs: readonly string[]
  /** Default: `relativeL2`. */
  readonly score?: ConformalParameters['score']
  /** Default: 0. */
  readonly repeats?: number
  /** `scores`: of honest outputs for independent inputs, by {@link conformalScore}. `invalidAbove` defaults to the quantile. */
  readonly pairs: readonly (RuntimePair & { readonly scores: readonly number[]; readonly invalidAbove?: number })[]
  /** How batches are judged, by `batchSampling`. Default: none are taken. */
  readonly batch?: BatchSampling
}

/**
 * Verifies numeric outputs by a run of the model: the claimed output may be as far from the reference's as honest outputs
 * for other inputs were, but for a share alpha of them (split conformal prediction, Vovk et al.). A reference that is not
 * deterministic runs `repeats` times instead, and the claimed output is ranked among its outputs.
 *
 * @example
 * const policy = conformal.policy({
 *   outputs: ['stateN'],
 *   pairs: [{ claimed: native, reference: wasm, scores }],
 *   confidence: { valid: 9900, invalid: 9900 },
 * })
 */
export function conformal(): ItemVerifier<ConformalParameters> {
  return defineVerifier<ConformalParameters>({
    name,
    revision,
    scope: 'item',
    requires: ['run'],
    policy: parameters,
    async verify({ claimed, input, manifest, policy }, { runner: take, signal }) {
      const contradiction = otherWeights(claimed.runtime, manifest)
      if (contradiction) return contradiction
      const runner = await take()
      const found = findPair(policy.pairs, claimed.runtime, runner, manifest, method)
      if ('verdict' in found) return found.verdict
      if (!runner.deterministic && policy.repeats === 0)
        return inconclusive({ reason: 'the reference is not deterministic, and the policy has no repeats' })

      const runs = runner.deterministic ? 1 : policy.repeats
      const references: InferenceOutput[] = []
      for (let run = 0; run < runs; run++) references.push(await runner.run(input, { signal }))
      const [reference] = references
      const distance = reference && conformalScore(claimed, reference, policy)
      if (!reference || distance === undefined)
        return invalid({ reason: 'the outputs differ in type, names or shapes' })
      if (runner.deterministic) {
        const { quantile, invalidAbove } = found.pair
        // The score of NaN is larger than any; metrics are finite.
        const findings = { metrics: { score: Math.min(distance, Number.MAX_VALUE), quantile } }
        if (distance <= quantile) return valid(findings)
        if (distance > invalidAbove)
          return invalid({ ...findings, reason: 'further from the reference than honest outputs are' })
        return inconclusive({ ...findings, reason: 'between the thresholds' })
      }
      const pValue = rank(claimed, references, policy)
      if (pValue === undefined) return inconclusive({ reason: 'the reference’s own outputs differ in names or shapes' })
      const findings = { metrics: { pValue, repeats: runs } }
      return pValue > policy.alpha
        ? valid(findings)
        : invalid({ ...findings, reason: 'unlike all of the reference’s outputs' })
    },
  })
}

/**
 * How far an output is from a reference's, over the named tensors; infinite where a number is not finite on one side
 * only. `undefined` if they differ in type, names, element types or shapes.
 *
 * @example
 * const score = conformalScore(output, reference, { outputs: ['stateN'], score: 'relativeL2' })
 */
export function conformalScore(
  claimed: InferenceOutput,
  reference: InferenceOutput,
  { outputs, score }: Pick<ConformalParameters, 'outputs' | 'score'>,
): number | undefined {
  const pairs = aligned(claimed, reference, outputs)
  if (!pairs) return undefined
  // Also of tensors that are not judged.
  for (const [a, b] of aligned(claimed, reference, tensorNames(reference)) ?? [])
    if (b.some((y, index) => Number.isFinite(y) !== Number.isFinite(a[index]))) return Number.POSITIVE_INFINITY
  let largest = 0
  for (const [a, b] of pairs) {
    let [squares, norm, difference] = [0, 0, 0]
    for (let index = 0; index < b.length; index++) {
      const [x, y] = [a[index] ?? Number.NaN, b[index] ?? Number.NaN]
      if (Object.is(x, y)) continue
      const each = Math.abs(x - y)
      if (!Number.isFinite(each)) return Number.POSITIVE_INFINITY
      difference = Math.max(difference, each)
      squares += each * each
    }
    if (score === 'maxAbs') largest = Math.max(largest, difference)
    else if (squares > 0) {
      for (const y of b) norm += Number.isFinite(y) ? y * y : 0
      largest = Math.max(largest, norm === 0 ? Number.POSITIVE_INFINITY : Math.sqrt(squares / norm))
    }
  }
  return largest
}

/** The rank of the claimed output among the reference's, by their distances from the mean of all: exchangeable if honest. */
function rank(
  claimed: InferenceOutput,
  references: readonly InferenceOutput[],
  policy: ConformalParameters,
): number | undefined {
  const all = [claimed, ...references]
  const sums: Float64Array[] = []
  for (const output of all) {
    const pairs = aligned(output, claimed, policy.outputs)
    if (!pairs) return undefined
    for (const [at, [values]] of pairs.entries()) {
      sums[at] ??= new Float64Array(values.length)
      const sum = sums[at]
      for (let index = 0; index < values.length; index++) sum[index] = (sum[index] ?? 0) + (values[index] ?? Number.NaN)
    }
  }
  const tensors = Object.fromEntries(
    policy.outputs.map((name, at) => {
      const data = (sums[at] ?? new Float64Array(0)).map((sum) => sum / all.length)
      return [name, { dtype: 'float64', dims: [data.length], data } as const]
    }),
  )
  const scores = all.map((output) => {
    if (output.type !== 'tensors') return Number.POSITIVE_INFINITY
    const flat = policy.outputs.map((name) => {
      const data = Float64Array.from(numbers(output.tensors[name]))
      return [name, { dtype: 'float64', dims: [data.length], data } as const] as const
    })
    const mean: InferenceOutput = { type: 'tensors', tensors, runtime: output.runtime }
    const score = conformalScore({ ...output, tensors: Object.fromEntries(flat) }, mean, policy)
    // What makes the mean NaN is at least as far as the others.
    return score ?? Number.POSITIVE_INFINITY
  })
  const [own = Number.POSITIVE_INFINITY, ...others] = scores
  if (!numbersAreFinite(claimed, policy.outputs)) return 1 / all.length
  return conformalPValue(others, own)
}

function numbersAreFinite(output: InferenceOutput, names: readonly string[]): boolean {
  return output.type === 'tensors' && names.every((name) => numbers(output.tensors[name]).every(Number.isFinite))
}

const numbers = (tensor: Tensor | undefined): number[] =>
  tensor ? Array.from<number | bigint, number>(tensor.data, Number) : []

const tensorNames = (output: InferenceOutput) => (output.type === 'tensors' ? Object.keys(output.tensors) : [])

/** The numbers of the named tensors, claimed and reference; `undefined` if anything but values differs. */
function aligned(
  claimed: InferenceOutput,
  reference: InferenceOutput,
  names: readonly string[],
): (readonly [number[], number[]])[] | undefined {
  if (claimed.type !== 'tensors' || reference.type !== 'tensors') return undefined
  const [own, other] = [Object.keys(claimed.tensors), Object.keys(reference.tensors)]
  if (own.length !== other.length || !other.every((name) => own.includes(name))) return undefined
  for (const name of other) {
    const [a, b] = [claimed.tensors[name], reference.tensors[name]]
    if (!a || !b || a.dtype !== b.dtype || a.dims.join() !== b.dims.join() || a.data.length !== b.data.length)
      return undefined
  }
  if (!names.every((name) => other.includes(name))) return undefined
  return names.map((name) => [numbers(claimed.tensors[name]), numbers(reference.tensors[name])] as const)
}

/**
 * A policy of this verifier, fully resolved. Throws valibot's `ValiError` if an option is out of range, a `RangeError`
 * if there are too few scores for alpha. With n scores the honest rate of rejection is alpha on average over
 * calibrations; for 95 % certainty of at most 1 %, give `alpha: 1 / (n + 1)` with n of at least 299.
 */
conformal.policy = function policy(options: ConformalPolicyOptions): PolicyDocument<ConformalParameters> {
  const { alpha = 0.01, outputs, score = 'relativeL2', repeats = 0 } = options
  const pairs = options.pairs.map(({ claimed, reference, scores, invalidAbove }) => {
    const quantile = upperQuantile(scores, 1 - alpha)
    if (quantile === undefined) throw new RangeError(`${scores.length} scores are too few for alpha ${alpha}`)
    return { claimed, reference, n: scores.length, quantile, invalidAbove: invalidAbove ?? quantile }
  })
  const resolved = v.parse(parameters, { alpha, outputs: [...outputs], score, repeats, pairs })
  return documentOf(name, revision, resolved, options, options.batch)
}
