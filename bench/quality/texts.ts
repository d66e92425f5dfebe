import { runtimeClass } from '@proof-of-inference/sdk/payload'
import { byteTokenizer, type PositionScores, type Runner, samplerName } from '@proof-of-inference/sdk/runner'
import { onnxNode } from '@proof-of-inference/sdk/runner/onnx-node'
import { createRandom } from '@proof-of-inference/sdk/verifier'
import { meanDiscrepancy, meanLogRank, rankDiscrepancy } from '@proof-of-inference/verifier-statistical'
import * as v from 'valibot'
import { generator as randomNumbers } from '../attacks/random.ts'
import { createGenerator, createPrompts, createScorer, inputOf, loadTiny, type Variant } from '../languageModel.ts'
import { cached } from './cache.ts'
import type { Counts } from './collect.ts'

const batches = 100
/** Batches of what is too much alike to be seen. */
const fewerBatches = 10
/** What decides a verdict, beside the pair of runtimes. */
export const rule = { prompts: 25, samples: 10, length: 32, alpha: 0.01, permutations: 399 } as const
const { prompts, samples, length, alpha, permutations } = rule
const id = `0x${'01'.repeat(32)}` as const
export const alike = ['stale', 'int4', 'int8', 'fp16'] as const

/** A batch: tokens of each sample, by prompt. */
type Tokens = readonly (readonly (readonly number[])[])[]

export type TextCounts = {
  /** Both tests, half of alpha each. */
  readonly ranks: { readonly [set: string]: Counts }
  /** The texts' test alone. */
  readonly texts: { readonly [set: string]: Counts }
  /** Class of the runtime that made the texts of both sides. */
  readonly runtime: string
}

/**
 * Power and size of verifier-statistical's twoSample() on models/tiny-lm: verdicts on batches of 25 prompts × 10 texts
 * of 32 tokens by the native build.
 */
export async function textCounts(progress: (message: string) => void): Promise<TextCounts> {
  const generators = {
    model: await createGenerator('model'),
    sibling: await createGenerator('sibling'),
    stale: await createGenerator('stale'),
    int4: await createGenerator('int4'),
    int8: await createGenerator('int8'),
    fp16: await createGenerator('fp16'),
  }
  const runner = await onnxNode().load(await loadTiny())
  const score = await createScorer()

  /** All with seeds of their own. */
  async function tokensOf(variant: Variant, own: Prompts, seed: number): Promise<Tokens> {
    const requests = own.flatMap((prompt, at) =>
      Array.from({ length: samples }, (_, sample) => ({ prompt, seed: seed + at * samples + sample })),
    )
    const key = ['tokens', variant, samplerName, runner.fingerprint, process.arch, requests]
    // A token is a byte.
    const bytes = await cached(key, async () => Uint8Array.from((await generators[variant](requests, length)).flat()))
    const texts = requests.map((_, row) => [...bytes.subarray(row * length, (row + 1) * length)])
    return own.map((_, at) => texts.slice(at * samples, (at + 1) * samples))
  }
  async function ranksOf(own: Prompts, tokens: Tokens): Promise<number[][]> {
    const scores = await score(
      own.flatMap((prompt) => Array.from({ length: samples }, () => prompt)),
      tokens.flat(),
    )
    const ranks: number[] = []
    for (const [row, ids] of tokens.flat().entries()) {
      const together: Runner = { ...runner, score: () => each(scores[row] ?? []) }
      const rank = await meanLogRank(together, inputOf({ prompt: own[0] ?? [], seed: 0 }, length), ids)
      if (rank === undefined) throw new Error('the runner does not score')
      ranks.push(rank)
    }
    return own.map((_, at) => ranks.slice(at * samples, (at + 1) * samples))
  }
  const strataOf = <item>(claimed: readonly item[], reference: readonly item[]) =>
    claimed.map((each, at) => ({ claimed: each, reference: reference[at] ?? each }))
  const textsOf = (tokens: Tokens) => tokens.map((row) => row.map((ids) => byteTokenizer.decode(ids)))

  const all = await createPrompts(prompts * batches, generators.model)
  async function measure(batch: number): Promise<PValues> {
    const own = all.slice(batch * prompts, (batch + 1) * prompts)
    const seed = batch * 10_000_000
    const reference = await tokensOf('model', own, seed)
    const referenceRanks = await ranksOf(own, reference)
    const honest = await tokensOf('model', own, seed + 1_000_000)
    const random = randomNumbers(batch)
    const sets: [string, Tokens][] = [
      ['honest', honest],
      ['sibling', await tokensOf('sibling', own, seed + 1_000_000)],
      ['output of another request', honest.map((_, at) => honest[(at + 1) % prompts] ?? [])],
      ['random output', honest.map((row) => row.map((ids) => ids.map(() => Math.floor(random() * 256))))],
    ]
    if (batch < fewerBatches) for (const name of alike) sets.push([name, await tokensOf(name, own, seed + 1_000_000)])
    const found: { [set: string]: { text: number; rank: number } } = {}
    for (const [name, tokens] of sets) {
      const stream = (test: string) => createRandom(id, `${batch}/${name}/${test}`)
      const strata = strataOf(textsOf(tokens), textsOf(reference))
      const ranked = strataOf(await ranksOf(own, tokens), referenceRanks)
      found[name] = {
        text: meanDiscrepancy(strata, { length, permutations }, stream('texts')).pValue,
        rank: rankDiscrepancy(ranked, { permutations }, stream('ranks')).pValue,
      }
    }
    return found
  }

  const counts = { ranks: {} as { [set: string]: Counts }, texts: {} as { [set: string]: Counts } }
  const count = (test: keyof typeof counts, set: string, isValid: boolean) => {
    const row = counts[test][set] ?? { n: 0, valid: 0, invalid: 0, inconclusive: 0 }
    counts[test][set] = row
    row.n++
    row[isValid ? 'valid' : 'invalid']++
  }
  const utf8 = { encoder: new TextEncoder(), decoder: new TextDecoder() }
  for (let batch = 0; batch < batches; batch++) {
    const key = ['two-sample', rule, samplerName, runner.fingerprint, process.arch, batch, batch < fewerBatches]
    const bytes = await cached(key, async () => utf8.encoder.encode(JSON.stringify(await measure(batch))))
    for (const [set, { text, rank }] of Object.entries(v.parse(pValues, JSON.parse(utf8.decoder.decode(bytes))))) {
      count('ranks', set, Math.min(text, rank) > alpha / 2)
      count('texts', set, text > alpha)
    }
    progress(`texts: batch ${batch} of ${batches}, ${JSON.stringify(counts)}`)
  }
  await runner.dispose()
  return { ...counts, runtime: runtimeClass(runner.fingerprint) }
}

type Prompts = readonly (readonly number[])[]
type PValues = v.InferOutput<typeof pValues>

const pValues = v.record(v.string(), v.object({ text: v.number(), rank: v.number() }))

async function* each(scores: readonly PositionScores[]) {
  yield* scores
}
