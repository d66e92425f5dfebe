import type { InferenceInput } from '@proof-of-inference/sdk/payload'
import {
  gumbelNoise,
  type PositionScores,
  parseCompletion,
  type Runner,
  RunnerFailedError,
  type Sampling,
  sampleToken,
} from '@proof-of-inference/sdk/runner'

/** How far a token is from what the sampler takes at one position, in logits; 0 if it is what the sampler takes. */
export type Margin = {
  readonly margin: number /** The reference's logit, or log-probability, of the token. */
  readonly score: number
}

/**
 * The margin of a claimed token: maxᵥ(ℓᵥ + T·gᵥ) − (ℓ_y + T·g_y), after Karvonen et al., Token-DiFR. At temperature 0
 * there is no noise. `undefined` where the scores do not tell: those of some tokens only, at another temperature than 0 or
 * without the claimed one, which is then as far as the last of them at least.
 *
 * @param seed Of the sampler; not looked at at temperature 0.
 */
export function marginOf(
  scores: PositionScores,
  token: number,
  { temperature, seed }: { readonly temperature: number; readonly seed: number },
): Margin | undefined {
  if (scores.kind === 'topK') {
    const score = scores.logprobs[scores.tokenIds.indexOf(token)]
    if (temperature !== 0 || score === undefined) return undefined
    return { margin: Math.max(...scores.logprobs) - score, score }
  }
  const { logits } = scores
  // A token that the model does not have: nothing is further.
  if (token >= logits.length) return { margin: Number.MAX_VALUE, score: -Number.MAX_VALUE }
  const noise = temperature === 0 ? undefined : gumbelNoise(seed, scores.position, logits.length)
  const best = sampleToken(logits, { temperature, ...(noise && { noise }) })
  const at = (index: number) => (logits[index] ?? Number.NaN) + (noise ? temperature * (noise[index] ?? Number.NaN) : 0)
  return { margin: at(best) - at(token), score: logits[token] ?? Number.NaN }
}

/** How the input says to sample; `undefined` if it asks no language model. */
export function samplingOf(input: InferenceInput): Sampling | undefined {
  return input.type === 'chat' ? input : parseCompletion(input)
}

/**
 * The margins of claimed tokens, from one teacher-forced pass of the runner; `undefined` where the runner cannot tell.
 * What {@link seededMargin} judges by, for calibrations.
 *
 * Throws a `RunnerFailedError` if the runner scores other tokens than it was given.
 *
 * @param input Fixes the temperature and, over 0, the seed.
 *
 * @example
 * const margins = await measureMargins(runner, input, tokenIds)
 */
export async function measureMargins(
  runner: Runner,
  input: InferenceInput,
  tokenIds: readonly number[],
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<readonly Margin[] | undefined> {
  const { temperature, seed } = samplingOf(input) ?? {}
  if (!runner.score || temperature === undefined || (temperature > 0 && seed === undefined)) return undefined
  const margins: Margin[] = []
  for await (const scores of runner.score(input, tokenIds, { signal })) {
    const token = tokenIds[scores.position]
    if (scores.position !== margins.length || token === undefined) throw otherTokens(runner)
    const margin = marginOf(scores, token, { temperature, seed: seed ?? 0 })
    if (!margin) return undefined
    margins.push(margin)
  }
  if (margins.length !== tokenIds.length) throw otherTokens(runner)
  return margins
}

export function otherTokens({ fingerprint: { engine } }: Runner): RunnerFailedError {
  return new RunnerFailedError({ runner: engine, reason: 'it scored other tokens than it was given' })
}

/** What the margins of an output come to. */
export type MarginStatistics = {
  /** Of the margins, each clipped, in logits. */
  readonly mean: number
  /** Margins over the cap. */
  readonly beyond: number
  /** Margins over 0. */
  readonly changed: number
  /** In logits. */
  readonly largest: number
}

/**
 * The two statistics of a sequence's margins that decide, and two that describe.
 *
 * @example
 * const { mean, beyond } = marginStatistics(margins, { clip: 0.01, cap: 0.1 })
 */
export function marginStatistics(
  margins: readonly Pick<Margin, 'margin'>[],
  { clip, cap }: { readonly clip: number; readonly cap: number },
): MarginStatistics {
  let [sum, beyond, changed, largest] = [0, 0, 0, 0]
  for (const { margin } of margins) {
    sum += Math.min(margin, clip)
    if (margin > cap) beyond++
    if (margin > 0) changed++
    largest = Math.max(largest, margin)
  }
  return { mean: margins.length === 0 ? 0 : sum / margins.length, beyond, changed, largest }
}
