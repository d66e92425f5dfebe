import type { InferenceInput, TextOutput } from '../payload/types.ts'
import { type Completion, parseCompletion } from './completion.ts'
import { gumbelNoise, sampleToken } from './sampler.ts'
import { byteTokenizer, type Tokenizer } from './tokenizer.ts'
import type { PositionScores, RunOptions } from './types.ts'

/** Logits of a sequence, position by position, and what the network remembers of it. */
export type Step = {
  readonly logits: Float32Array
  readonly vocabulary: number
  readonly state: unknown
}

/** A network that reads tokens: `state` is that of the step before; `undefined` at the start of a sequence. */
export type Network = (tokenIds: readonly number[], state: unknown) => Promise<Step>

export type LanguageModel = {
  generate(input: InferenceInput, options: RunOptions): Promise<Pick<TextOutput, 'type' | 'text' | 'tokenIds'>>
  score(
    input: InferenceInput,
    tokenIds: readonly number[],
    signal: AbortSignal | undefined,
  ): Promise<readonly PositionScores[]>
  decode(tokenIds: readonly number[]): string
}

/** Generates and scores with a network: what runners of language models share. */
export function languageModel({
  network,
  tokenizerFormat,
  tokenizers,
  fail,
}: {
  network: Network
  tokenizerFormat: string | undefined
  tokenizers: readonly Tokenizer[]
  fail: (reason: string) => Error
}): LanguageModel {
  function tokenizer(): Tokenizer {
    const found = [...tokenizers, byteTokenizer].find(({ format }) => format === tokenizerFormat)
    if (found) return found
    throw fail(`the runner has no tokenizer of format ${tokenizerFormat ?? '(the manifest names none)'}`)
  }

  function read(input: InferenceInput): { completion: Completion; prompt: readonly number[] } {
    const completion = parseCompletion(input)
    if (!completion) throw fail('a language model takes an input of type json with a prompt and how to sample')
    const { prompt } = completion
    const tokenIds = typeof prompt === 'string' ? tokenizer().encode(prompt) : prompt
    if (tokenIds.length === 0) throw fail('the prompt has no tokens')
    return { completion, prompt: tokenIds }
  }

  return {
    decode: (tokenIds) => tokenizer().decode(tokenIds),

    async generate(input, options) {
      const { completion, prompt } = read(input)
      const { temperature, maxTokens, topK, topP, stop } = completion
      const seed = completion.seed ?? options.seed
      if (maxTokens === undefined) throw fail('the input does not say maxTokens')
      if (temperature === undefined) throw fail('the input does not say the temperature')
      if (temperature > 0 && seed === undefined) throw fail('there is no seed to sample with')
      if (temperature > 0 && (topK !== undefined || (topP ?? 1) < 1))
        throw fail('the sampler draws from all tokens: it takes no topK and no topP below 1')
      if (stop !== undefined && stop.length > 0) throw fail('it does not stop at strings')

      const { endOfSequence = [], decode } = tokenizer()
      const tokenIds: number[] = []
      let step = await network(prompt, undefined)
      for (let position = 0; ; position++) {
        options.signal?.throwIfAborted()
        const { vocabulary, logits } = step
        const last = logits.subarray(logits.length - vocabulary)
        const noise = temperature > 0 && seed !== undefined ? gumbelNoise(seed, position, vocabulary) : undefined
        const token = sampleToken(last, { temperature, ...(noise && { noise }) })
        tokenIds.push(token)
        if (tokenIds.length >= maxTokens || endOfSequence.includes(token)) break
        step = await network([token], step.state)
      }
      const content = tokenIds.filter((token) => !endOfSequence.includes(token))
      return { type: 'text', text: decode(content), tokenIds }
    },

    async score(input, tokenIds, signal) {
      signal?.throwIfAborted()
      const { prompt } = read(input)
      if (tokenIds.length === 0) return []
      const { logits, vocabulary } = await network([...prompt, ...tokenIds.slice(0, -1)], undefined)
      signal?.throwIfAborted()
      const start = prompt.length - 1
      return tokenIds.map((_, position) => ({
        kind: 'logits',
        position,
        logits: logits.slice((start + position) * vocabulary, (start + position + 1) * vocabulary),
      }))
    },
  }
}
