import * as v from 'valibot'
import { binomialAtMost, binomialOver } from '../utils/binomial.ts'
import type { BatchSampling, PolicyDocument } from './types.ts'

/** Most items of a batch. */
export const maxBatchSize = 4096

/** Most honest cases of `errorRates` that a bound is checked against. */
const maxCases = 1_000_000

/** How far a stated figure may be off: platforms differ in the last digits of logarithms. */
const slack = 1e-9

const probability = v.pipe(v.number(), v.minValue(0), v.maxValue(1))

const batchSampling: v.GenericSchema<unknown, BatchSampling> = v.pipe(
  v.strictObject({
    sample: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(maxBatchSize)),
    allowedFailures: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    itemErrorUpper: probability,
    itemMissUpper: probability,
    alpha: probability,
    cheatFraction: v.pipe(probability, v.gtValue(0)),
    power: probability,
  }),
  withoutIssues(findFalseFigures),
)

/** Schema of a policy's `batch`. */
export const batchRule: v.GenericSchema<unknown, BatchSampling | 'verifier'> = v.lazy((value) =>
  value === 'verifier' ? v.literal('verifier') : batchSampling,
)

/** Refuses policies that claim more for batches than follows from their figures. */
export const honestClaims = withoutIssues(findFalseClaims)

function withoutIssues<value>(find: (value: value) => Iterable<string>) {
  return v.rawCheck<value>(({ dataset, addIssue }) => {
    if (!dataset.typed) return
    for (const message of find(dataset.value)) addIssue({ message })
  })
}

/** P(an operator rejects an honest batch), at most. */
export function falseRejection({
  sample,
  allowedFailures,
  itemErrorUpper,
}: Pick<BatchSampling, 'sample' | 'allowedFailures' | 'itemErrorUpper'>): number {
  return binomialOver(sample, itemErrorUpper, allowedFailures)
}

/** P(an operator rejects a batch of which the share is false), at least: as if no honest item were ever rejected. */
export function detection({
  sample,
  allowedFailures,
  cheatFraction,
  itemMissUpper,
}: Pick<BatchSampling, 'sample' | 'allowedFailures' | 'cheatFraction' | 'itemMissUpper'>): number {
  return binomialOver(sample, cheatFraction * (1 - itemMissUpper), allowedFailures)
}

/**
 * Whether the detection is a lower bound for batches of every size. Draws without replacement from a small batch vary
 * less than the binomial distribution; that helps as long as more failures are to be expected than are allowed.
 */
export function isBound({
  sample,
  allowedFailures,
  cheatFraction,
  itemMissUpper,
}: Pick<BatchSampling, 'sample' | 'allowedFailures' | 'cheatFraction' | 'itemMissUpper'>): boolean {
  return sample * cheatFraction * (1 - itemMissUpper) >= allowedFailures + 1 - slack
}

function* findFalseFigures(rule: BatchSampling): Generator<string> {
  const { sample, allowedFailures, alpha, power } = rule
  if (allowedFailures >= sample) {
    yield `allowedFailures is ${allowedFailures}: it must be less than the sample of ${sample}`
    return
  }
  const rejected = falseRejection(rule)
  if (alpha < rejected - slack) yield `alpha is ${alpha}: honest batches are rejected with probability ${rejected}`
  if (!isBound(rule))
    yield `cheatFraction is ${rule.cheatFraction}: so few false items do not exceed the failures allowed`
  const detected = detection(rule)
  if (power > detected + slack) yield `power is ${power}: such batches are rejected with probability ${detected}`
}

/** What a policy says better of its verdicts on batches than its sample and its measured errors allow. */
function* findFalseClaims({ batch, confidence, errorRates }: PolicyDocument): Generator<string> {
  if (batch === undefined || batch === 'verifier') return
  if (confidence.graded) yield 'batch: verdicts of a sample have no grade, and the policy is graded'
  const most = { valid: batch.power, invalid: 1 - batch.alpha }
  for (const side of ['valid', 'invalid'] as const)
    if (confidence[side] / 10_000 > most[side] + slack)
      yield `confidence.${side} is ${confidence[side]}: a sample gives at most ${Math.floor((most[side] + slack) * 10_000)}`
  if (!errorRates) return
  const { n, invalid } = errorRates.honest
  if (n > maxCases) yield `errorRates.honest: with a sample, ${maxCases} cases at most can be checked, not ${n}`
  // Clopper–Pearson: at the upper 95 % bound, as few failures as were measured have a probability of 5 %.
  else if (binomialAtMost(n, batch.itemErrorUpper, invalid) > 0.05 + slack)
    yield `batch.itemErrorUpper is ${batch.itemErrorUpper}: ${invalid} of ${n} honest cases were invalid, of which the upper 95 % bound is higher`
}
