import type { Hex } from 'viem'
import { detection, falseRejection, isBound, maxBatchSize } from '../payload/batchRule.ts'
import type { BatchSampling } from '../payload/types.ts'
import { createRandom } from './random.ts'

/** What a sample has to find, with which probabilities. */
export type BatchSamplingOptions = {
  /** Upper 95 % bound of the measured probability that the verifier calls an honest item invalid: 0..1. */
  readonly itemErrorUpper: number
  /** Upper 95 % bound of the measured probability that it does not call a false item invalid: 0..1. */
  readonly itemMissUpper: number
  /** Most that the probability of rejecting an honest batch may be: 0..1. */
  readonly alpha: number
  /** Share of false items that is to be found: over 0, at most 1. */
  readonly cheatFraction: number
} & (
  | {
      /** Items to draw: 1..4096. */
      readonly sample: number
    }
  | {
      /** Least probability of rejecting such a batch: the smallest sample that reaches it is taken. */
      readonly power: number
    }
)

/**
 * Chooses how batches are sampled: the fewest allowed failures K with P(Bin(m, itemErrorUpper) > K) ≤ alpha, for the
 * sample m that is given or the smallest that has the power. The power of the result, P(Bin(m, cheatFraction ×
 * (1 − itemMissUpper)) > K), is rounded down to a basis point: `confidence.valid` of the policy may be that at most, and
 * `confidence.invalid` 1 − alpha.
 *
 * @throws `RangeError` if an option is out of range, or no sample does it.
 *
 * @example
 * const batch = batchSampling({
 *   itemErrorUpper: 0.01,
 *   itemMissUpper: 0,
 *   alpha: 0.01,
 *   cheatFraction: 0.1,
 *   sample: 64,
 * }) // { allowedFailures: 3, power: 0.8937, … }
 */
export function batchSampling(options: BatchSamplingOptions): BatchSampling {
  const { itemErrorUpper, itemMissUpper, alpha, cheatFraction } = options
  for (const [name, value] of Object.entries({ itemErrorUpper, itemMissUpper, alpha, cheatFraction }))
    if (!(value >= 0 && value <= 1)) throw new RangeError(`${name} must be in 0..1, not ${value}`)
  const goal = 'sample' in options ? 0 : options.power
  if (!(goal >= 0 && goal < 1)) throw new RangeError(`power must be at least 0 and less than 1, not ${goal}`)
  const [first, last] = 'sample' in options ? [options.sample, options.sample] : [1, maxBatchSize]
  if (!Number.isInteger(first) || first < 1 || last > maxBatchSize)
    throw new RangeError(`sample must be an integer in 1..${maxBatchSize}, not ${first}`)

  let allowedFailures = 0
  for (let sample = first; sample <= last; sample++) {
    // More items fail in a larger sample: those that a smaller one had to allow are still to be allowed.
    while (falseRejection({ sample, allowedFailures, itemErrorUpper }) > alpha) allowedFailures++
    const rule = { sample, allowedFailures, itemErrorUpper, itemMissUpper, alpha, cheatFraction }
    if (!isBound(rule)) continue
    const power = Math.floor(detection(rule) * 10_000) / 10_000
    if (power >= goal) return { ...rule, power }
  }
  throw new RangeError(
    `no sample of ${first === last ? first : `up to ${last}`} finds a share of ${cheatFraction} with power ${goal}`,
  )
}

/**
 * The items of a batch that an operator has to check, in the order in which it does: the first `sample` indices of the
 * batch, shuffled by the stream `batch` of its salt. The salt is in the evidence.
 *
 * @param parameters.size Items of the batch; at least `sample`.
 *
 * @example
 * const { salt, sampled } = evidence
 * const expected = sampleBatch({ operatorSalt: salt, size: 256, sample: policy.batch.sample })
 * const isAsDrawn = expected.join() === sampled.join()
 */
export function sampleBatch({
  operatorSalt,
  size,
  sample,
}: {
  readonly operatorSalt: Hex
  readonly size: number
  readonly sample: number
}): number[] {
  if (!(Number.isInteger(sample) && sample >= 1 && sample <= size))
    throw new RangeError(`${sample} of ${size} items cannot be drawn`)
  return createRandom(operatorSalt, 'batch')
    .shuffle([...Array(size).keys()])
    .slice(0, sample)
}
