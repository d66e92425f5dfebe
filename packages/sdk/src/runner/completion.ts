import * as v from 'valibot'
import { tokenId } from '../payload/schemas.ts'
import type { InferenceInput } from '../payload/types.ts'

/** How text is to be generated. */
export type Sampling = {
  /** At least 0; 0 is greedy. */
  readonly temperature?: number | undefined
  /** Over 0, at most 1. */
  readonly topP?: number | undefined
  /** At least 1. */
  readonly topK?: number | undefined
  /** Most tokens to generate; at least 1. */
  readonly maxTokens?: number | undefined
  /** 0..2^53 − 1. */
  readonly seed?: number | undefined
  /** Strings that end the generation. */
  readonly stop?: readonly string[] | undefined
}

/** Value of an input of type `json` that asks a language model to go on with a text. */
export type Completion = Sampling & {
  /** The text, or its token ids; not empty. */
  readonly prompt: string | readonly number[]
}

const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1))
const completion: v.GenericSchema<unknown, Completion> = v.strictObject({
  prompt: v.union([v.pipe(v.string(), v.nonEmpty()), v.pipe(v.array(tokenId), v.minLength(1))]),
  temperature: v.exactOptional(v.pipe(v.number(), v.finite(), v.minValue(0))),
  topP: v.exactOptional(v.pipe(v.number(), v.gtValue(0), v.maxValue(1))),
  topK: v.exactOptional(positive),
  maxTokens: v.exactOptional(positive),
  seed: v.exactOptional(tokenId),
  stop: v.exactOptional(v.array(v.pipe(v.string(), v.nonEmpty()))),
})

/**
 * The completion that an input of type `json` asks for; `undefined` if it is none.
 *
 * @example
 * parseCompletion({ type: 'json', value: { prompt: 'Once', maxTokens: 20, temperature: 1, seed: 7 } })
 */
export function parseCompletion(input: InferenceInput): Completion | undefined {
  if (input.type !== 'json') return undefined
  const parsed = v.safeParse(completion, input.value)
  return parsed.success ? parsed.output : undefined
}
