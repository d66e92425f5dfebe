import { readFile } from 'node:fs/promises'
import { digest, type InferenceInput, type ModelManifest } from '@proof-of-inference/sdk/payload'
import { gumbelNoise, type PositionScores, sampleToken } from '@proof-of-inference/sdk/runner'
import * as ort from 'onnxruntime-node'
import { roundWeights } from './attacks/weights.ts'

export const promptLength = 24
const vocabulary = 256
const hidden = 512

/** Files in models/tiny-lm: the model, another one of its shape, and what it was before it was trained to the end. */
export type TinyModel = 'tiny-lm' | 'sibling' | 'stale'

export async function loadTiny(name: TinyModel = 'tiny-lm'): Promise<{ weights: Uint8Array; manifest: ModelManifest }> {
  const weights = new Uint8Array(await readFile(new URL(`../models/tiny-lm/${name}.onnx`, import.meta.url)))
  const manifest: ModelManifest = {
    v: 1,
    name,
    weights: { digest: await digest(weights), format: 'onnx', size: weights.length },
    // Bytes need no file.
    tokenizer: { digest: await digest(new Uint8Array()), format: 'bytes' },
    runtimes: [],
  }
  return { weights, manifest }
}

/** The model, and what a provider may run instead of it. */
export type Variant = 'model' | 'fp16' | 'int8' | 'int4' | 'sibling' | 'stale'

/** Prompts are of one length. */
export type Generator = (
  requests: readonly Request[],
  tokens: number,
  options?: {
    /** Tokens that were generated before, at the prompts' ends. Default: 0. */
    readonly offset?: number
    /** Default: 1. */
    readonly temperature?: number
  },
) => Promise<number[][]>
export type Request = { readonly prompt: readonly number[]; readonly seed: number }

/** Generates many sequences at once, on onnxruntime-node with one thread, by the SDK's sampler. */
export async function createGenerator(variant: Variant, optimization: 'all' | 'disabled' = 'all'): Promise<Generator> {
  const { weights } = await loadTiny(variant === 'sibling' || variant === 'stale' ? variant : 'tiny-lm')
  const rounded =
    variant === 'fp16' || variant === 'int8' || variant === 'int4' ? roundWeights(weights, variant) : weights
  const session = await ort.InferenceSession.create(rounded, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    graphOptimizationLevel: optimization,
  })
  return async (requests, tokens, { offset = 0, temperature = 1 } = {}) => {
    const batch = requests.length
    let state: ort.Tensor = new ort.Tensor('float32', new Float32Array(batch * hidden), [1, batch, hidden])
    let next: number[][] = requests.map(({ prompt }) => [...prompt])
    const generated: number[][] = requests.map(() => [])
    for (let position = 0; position < tokens; position++) {
      const length = next[0]?.length ?? 0
      const ids = BigInt64Array.from(next.flat(), BigInt)
      const results = await session.run({
        input_ids: new ort.Tensor('int64', ids, [batch, length]),
        past_state: state,
      })
      const { logits, present_state: present } = results
      if (!logits || !present || !(logits.data instanceof Float32Array)) throw new Error('no logits')
      state = present
      next = []
      for (const [row, { seed }] of requests.entries()) {
        const end = (row + 1) * length * vocabulary
        const noise = temperature === 0 ? undefined : gumbelNoise(seed, offset + position, vocabulary)
        const token = sampleToken(logits.data.subarray(end - vocabulary, end), { temperature, ...(noise && { noise }) })
        generated[row]?.push(token)
        next.push([token])
      }
    }
    return generated
  }
}

/** The model's logits of each token of many sequences in one pass, as `Runner.score` gives them. Prompts are of one length. */
export async function createScorer() {
  const { weights } = await loadTiny()
  const session = await ort.InferenceSession.create(weights, { intraOpNumThreads: 1, interOpNumThreads: 1 })
  return async (prompts: readonly (readonly number[])[], tokens: readonly (readonly number[])[]) => {
    const batch = prompts.length
    const [prompt = 0, count = 0] = [prompts[0]?.length, tokens[0]?.length]
    // The last token decides nothing.
    const ids = prompts.flatMap((own, row) => [...own, ...(tokens[row] ?? []).slice(0, -1)])
    const length = prompt + count - 1
    const { logits } = await session.run({
      input_ids: new ort.Tensor('int64', BigInt64Array.from(ids, BigInt), [batch, length]),
      past_state: new ort.Tensor('float32', new Float32Array(batch * hidden), [1, batch, hidden]),
    })
    const data = logits?.data
    if (!(data instanceof Float32Array)) throw new Error('no logits')
    return prompts.map((_, row) =>
      Array.from({ length: count }, (_, position): PositionScores => {
        const start = (row * length + prompt - 1 + position) * vocabulary
        return { kind: 'logits', position, logits: data.subarray(start, start + vocabulary) }
      }),
    )
  }
}

/** Distinct prompts, as the model itself goes on from a line's end. */
export async function createPrompts(count: number, generate: Generator): Promise<number[][]> {
  const requests = Array.from({ length: count }, (_, index) => ({ prompt: [10], seed: 1_000_000 + index }))
  const prompts: number[][] = []
  for (let start = 0; start < count; start += 250)
    prompts.push(...(await generate(requests.slice(start, start + 250), promptLength)))
  return prompts
}

export const inputOf = ({ prompt, seed }: Request, maxTokens: number, temperature = 1): InferenceInput => ({
  type: 'json',
  value: { prompt: [...prompt], maxTokens, temperature, seed },
})
