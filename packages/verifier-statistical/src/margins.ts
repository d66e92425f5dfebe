import { gumbelNoise, type PositionScores, sampleToken } from '@proof-of-inference/sdk/runner'

/** How far a token is from what the sampler takes at one position, in logits; 0 if it is what the sampler takes. */
export type Margin = { readonly margin: number; /** The reference's logit, or log-probability, of the token. */ readonly score: number }

/**
 * The margin of a claimed token: maxᵥ(ℓᵥ + T·gᵥ) − (ℓ_y + T·g_y), after Karvonen et al., Token-DiFR. At temperature 0
 * there is no noise. `undefined` where the scores do not tell: those of some tokens only, at another temperature than 0.
 * A token outside a reference's top k is at least as far as the last of them, and gets that margin.
 *
 * @param seed Of the sampler; not looked at at temperature 0.
 */
export function marginOf(
  scores: PositionScores,
  token: number,
  { temperature, seed }: { readonly temperature: number; readonly seed: number },
): Margin | undefined {
  if (scores.kind === 'topK') {
    if (temperature !== 0 || scores.logprobs.length === 0) return undefined
    const at = scores.tokenIds.indexOf(token)
    const score = at < 0 ? Math.min(...scores.logprobs) : (scores.logprobs[at] ?? Number.NaN)
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

/** The two statistics of a sequence's margins. */
export function statistics(
  margins: readonly number[],
  { clip, cap }: { readonly clip: number; readonly cap: number },
): { readonly mean: number; readonly beyond: number; readonly changed: number; readonly largest: number } {
  let sum = 0
  let beyond = 0
  let changed = 0
  let largest = 0
  for (const margin of margins) {
    sum += Math.min(margin, clip)
    if (margin > cap) beyond++
    if (margin > 0) changed++
    largest = Math.max(largest, margin)
  }
  return { mean: margins.length === 0 ? 0 : sum / margins.length, beyond, changed, largest }
}
