import { type Calibrated, verdictOf } from '@proof-of-inference/sdk/calibration'
import type { BatchSampling, InferenceInput, PolicyDocument } from '@proof-of-inference/sdk/payload'
import { samplerName } from '@proof-of-inference/sdk/runner'
import {
  defineVerifier,
  type ItemVerifier,
  inconclusive,
  invalid,
  type Verdict,
  valid,
} from '@proof-of-inference/sdk/verifier'
import * as v from 'valibot'
import {
  count,
  distance,
  documentOf,
  findPair,
  otherWeights,
  type PolicyOptions,
  packageName,
  pairName,
  pairsOf,
  positive,
  positiveNumber,
  type RuntimePair,
  runtime,
  splitPairName,
} from './common.ts'
import { type Margin, marginStatistics, measureMargins, samplingOf } from './margins.ts'

const name = `${packageName}/seeded-margin`
const revision = 2
const method = `${name}@${revision}`

/** Thresholds of a pair of runtimes. */
export type SeededMarginPair = RuntimePair & {
  /** Margins count for at most so much in their mean, in logits; over 0. */
  readonly clip: number
  /** A token with a larger margin is counted, in logits; at least `clip`. */
  readonly cap: number
  /** What the score counts as 1: the mean of the clipped margins, in logits, and the number of tokens beyond the cap. */
  readonly scales: { readonly mean: number; readonly beyond: number }
  /** Scores up to it are valid; the score is the larger of the two statistics, each over its scale. */
  readonly validBelow: number
  /** Scores over it are invalid; between the two the verifier abstains. */
  readonly invalidAbove: number
}

/** What decides a verdict. */
export type SeededMarginParameters = {
  /** The sampler by which the tokens have to be drawn; `greedy`: none, so that only temperature 0 is judged. */
  readonly sampler: typeof samplerName | 'greedy'
  /** Temperatures that the thresholds were measured at; others are inconclusive. */
  readonly temperatures: readonly number[]
  /** Fewer tokens are too few to say valid. */
  readonly minTokens: number
  /** More are not judged. */
  readonly maxTokens: number
  /** Tokens that end a text. Without one, an output must have as many tokens as the input allows. */
  readonly endOfSequence: readonly number[]
  readonly pairs: readonly SeededMarginPair[]
}

const pair: v.GenericSchema<SeededMarginPair> = v.pipe(
  v.strictObject({
    claimed: runtime,
    reference: runtime,
    clip: positiveNumber,
    cap: positiveNumber,
    scales: v.strictObject({ mean: positiveNumber, beyond: positiveNumber }),
    validBelow: distance,
    invalidAbove: distance,
  }),
  v.check(({ clip, cap }) => cap >= clip, 'the cap is below the clip'),
  v.check(({ validBelow, invalidAbove }) => validBelow <= invalidAbove, 'validBelow is over invalidAbove'),
)

const parameters: v.GenericSchema<SeededMarginParameters> = v.pipe(
  v.strictObject({
    sampler: v.picklist([samplerName, 'greedy']),
    temperatures: v.pipe(v.array(distance), v.minLength(1)),
    minTokens: positive,
    maxTokens: positive,
    endOfSequence: v.array(count),
    pairs: pairsOf(pair),
  }),
  v.check(
    ({ sampler, temperatures }) => sampler !== 'greedy' || temperatures.every((temperature) => temperature === 0),
    'greedy has no temperature but 0',
  ),
  v.check(({ minTokens, maxTokens }) => minTokens <= maxTokens, 'minTokens is over maxTokens'),
)

/** What a policy of `seededMargin` is built from. */
export type SeededMarginPolicyOptions = PolicyOptions & {
  /** Default: {@link samplerName}, the SDK's. */
  readonly sampler?: SeededMarginParameters['sampler']
  /** Default: [1], or [0] for `greedy`. */
  readonly temperatures?: readonly number[]
  /** Default: 100. */
  readonly minTokens?: number
  /** Default: 4,096. */
  readonly maxTokens?: number
  /** Default: none. */
  readonly endOfSequence?: readonly number[]
  /** As `calibrate` measured them. */
  readonly pairs: readonly SeededMarginPair[]
  /** How batches are judged, by `batchSampling`. Default: none are taken. */
  readonly batch?: BatchSampling
}

/**
 * Verifies generated tokens by teacher forcing: one pass of the reference over the prompt and the claimed token ids says
 * what the sampler would have taken at each position, given the requester's seed. Honest tokens are what it takes, but
 * for near ties that another runtime decides the other way; tokens of another model, of rounded weights, for another
 * prompt or drawn with another seed are further off.
 *
 * Needs a runner that scores and knows the tokenizer. Build its policies with `seededMargin.policy`, or with `calibrate`
 * and `seededMargin.calibrated`.
 *
 * @example
 * const operator = createOperator({ client, deployment, payloads, store, verifiers: [seededMargin()], runners: [onnx()] })
 */
export function seededMargin(): ItemVerifier<SeededMarginParameters> {
  return defineVerifier<SeededMarginParameters>({
    name,
    revision,
    scope: 'item',
    requires: ['score'],
    policy: parameters,
    async verify({ claimed, input, manifest, policy }, { runner: take, signal }) {
      const contradiction = otherWeights(claimed.runtime, manifest)
      if (contradiction) return contradiction
      const asked = readInput(input, policy)
      if ('verdict' in asked) return asked.verdict
      if (claimed.type !== 'text') return invalid({ reason: `the output is of type ${claimed.type}, not text` })
      const { tokenIds } = claimed
      if (!tokenIds) return invalid({ reason: 'the output has no token ids' })
      const misshapen = lengthIssue(tokenIds, asked.maxTokens, policy.endOfSequence)
      if (misshapen !== undefined) return invalid({ reason: misshapen, metrics: { tokens: tokenIds.length } })

      const runner = await take()
      const found = findPair(policy.pairs, claimed.runtime, runner, manifest, method)
      if ('verdict' in found) return found.verdict
      if (!runner.score || !runner.decode)
        return inconclusive({ reason: 'the reference runner does not score, or not decode' })
      const text = await runner.decode(tokenIds, { signal })
      if (text !== claimed.text) return invalid({ reason: 'the text is not that of the token ids' })
      const margins = await measureMargins(runner, input, tokenIds, { signal })
      if (!margins) return inconclusive({ reason: 'the reference does not give the scores of all tokens' })
      return judge(margins, found.pair, policy)
    },
  })
}

/** How many tokens there may be, if the input says how to sample in a way that can be repeated. */
function readInput(
  input: InferenceInput,
  policy: SeededMarginParameters,
): { readonly maxTokens: number } | { readonly verdict: Verdict } {
  const sampling = samplingOf(input)
  const abstain = (reason: string) => ({ verdict: inconclusive({ reason }) })
  if (!sampling) return abstain('the input does not ask a language model')
  const { temperature, seed, maxTokens, topK, topP, stop } = sampling
  if (temperature === undefined) return abstain('the input does not say the temperature')
  if (!policy.temperatures.includes(temperature)) return abstain(`the policy is not for temperature ${temperature}`)
  if (temperature > 0 && (topK !== undefined || (topP ?? 1) < 1))
    return abstain('the input draws from some tokens only, and the line between them is not the same everywhere')
  if (temperature > 0 && seed === undefined) return abstain('the input fixes no seed')
  if (maxTokens === undefined) return abstain('the input does not say maxTokens')
  if (maxTokens > policy.maxTokens) return abstain(`the policy judges ${policy.maxTokens} tokens at most`)
  if (stop !== undefined && stop.length > 0) return abstain('the input stops at strings')
  return { maxTokens }
}

/** Why there are not as many tokens as there have to be. */
function lengthIssue(
  tokenIds: readonly number[],
  maxTokens: number,
  endOfSequence: readonly number[],
): string | undefined {
  const end = tokenIds.findIndex((token) => endOfSequence.includes(token))
  if (tokenIds.length > maxTokens) return `there are ${tokenIds.length} tokens, over ${maxTokens}`
  if (end >= 0 && end < tokenIds.length - 1) return 'there are tokens after the end of the text'
  if (end < 0 && tokenIds.length < maxTokens) return `there are ${tokenIds.length} tokens, not ${maxTokens}, and no end`
  return undefined
}

function judge(
  margins: readonly Margin[],
  { clip, cap, ...thresholds }: SeededMarginPair,
  { minTokens }: SeededMarginParameters,
): Verdict {
  const { mean, beyond, changed, largest } = marginStatistics(margins, { clip, cap })
  const findings = {
    metrics: { tokens: margins.length, mean, beyond, changed, largest },
    // Not in the claimed output, nor to be had without the model.
    evidence: { scores: new Uint8Array(Float32Array.from(margins, ({ score }) => score).buffer) },
    provesWork: true,
  }
  const isShort = margins.length < minTokens
  // The mean of a few tokens is anything; a token beyond the cap is one in however short a text.
  const verdict = verdictOf({ metrics: isShort ? { beyond } : { mean, beyond } }, thresholds)
  if (verdict === 'invalid')
    return invalid({ ...findings, reason: `${changed} of ${margins.length} tokens are not what the sampler takes` })
  if (isShort)
    return inconclusive({ ...findings, reason: `${margins.length} tokens are too few, ${minTokens} are needed` })
  return verdict === 'valid' ? valid(findings) : inconclusive({ ...findings, reason: 'between the thresholds' })
}

/**
 * A policy of this verifier, fully resolved. Throws valibot's `ValiError` if an option is out of range.
 *
 * @example
 * const policy = seededMargin.policy({
 *   pairs: [
 *     {
 *       claimed: 'onnxruntime-node@1.30.0/cpu/threads=1/optimization=all',
 *       reference: 'onnxruntime-web@1.30.0/wasm/threads=1/optimization=all',
 *       clip: 0.01,
 *       cap: 0.1,
 *       scales: { mean: 1e-6, beyond: 1e-6 },
 *       validBelow: 20,
 *       invalidAbove: 40,
 *     },
 *   ],
 *   confidence: { valid: 9900, invalid: 9900 },
 * })
 */
seededMargin.policy = function policy(options: SeededMarginPolicyOptions): PolicyDocument<SeededMarginParameters> {
  const { sampler = samplerName, minTokens = 100, maxTokens = 4_096, endOfSequence = [], pairs } = options
  const resolved = v.parse(parameters, {
    sampler,
    temperatures: [...(options.temperatures ?? [sampler === 'greedy' ? 0 : 1])],
    minTokens,
    maxTokens,
    endOfSequence: [...endOfSequence],
    pairs: pairs.map((each) => ({ ...each, scales: { ...each.scales } })),
  })
  return documentOf(name, revision, resolved, options, options.batch)
}

/**
 * Least scales for `calibrate`. `mean`: below it, differences are noise, in logits. `beyond`: where no honest output has
 * a token beyond the cap, one is too many.
 */
seededMargin.floors = { mean: 1e-6, beyond: 1e-6 } as const

/** Name of a pair of runtime classes, for the samples of `calibrate`. */
seededMargin.pair = pairName

/**
 * Builds the policy from what `calibrate` found; its samples have the metrics `mean` and `beyond`, taken with the same
 * clip and cap.
 *
 * @example
 * const { policy } = await calibrate({
 *   honest,
 *   attacks,
 *   floors: seededMargin.floors,
 *   build: seededMargin.calibrated({ clip: 0.01, cap: 0.1 }),
 * })
 */
seededMargin.calibrated =
  ({
    clip,
    cap,
    ...options
  }: { readonly clip: number; readonly cap: number } & Omit<
    SeededMarginPolicyOptions,
    'pairs' | keyof PolicyOptions
  >) =>
  ({ thresholds, ...measured }: Calibrated): PolicyDocument<SeededMarginParameters> =>
    seededMargin.policy({
      ...options,
      ...measured,
      pairs: Object.entries(thresholds).map(([pair, { scales, validBelow, invalidAbove }]) => ({
        ...splitPairName(pair),
        clip,
        cap,
        scales: { mean: scales.mean ?? Number.NaN, beyond: scales.beyond ?? Number.NaN },
        validBelow,
        invalidAbove,
      })),
    })
