import { runtimeClass } from '@proof-of-inference/sdk/payload'
import { byteTokenizer } from '@proof-of-inference/sdk/runner'
import { onnxNode } from '@proof-of-inference/sdk/runner/onnx-node'
import { createRandom } from '@proof-of-inference/sdk/verifier'
import { meanDiscrepancy, meanLogRank, rankDiscrepancy } from '@proof-of-inference/verifier-statistical'
import { generator as randomNumbers } from '../attacks/random.ts'
import { createGenerator, createPrompts, type Generator, inputOf, loadTiny } from '../languageModel.ts'
import { cached } from './cache.ts'
import type { Counts } from './collect.ts'

const batches = 100
/** Batches of the sets whose rates say no more than that they are seen, or not. */
const fewerBatches = 30
/** What decides a verdict, beside the pair of runtimes. */
export const rule = { prompts: 25, samples: 10, length: 32, alpha: 0.01, permutations: 399 } as const
const { prompts, samples, length, alpha, permutations } = rule
const id = `0x${'01'.repeat(32)}` as const
const attacks = ['sibling', 'stale', 'int4', 'int8', 'fp16'] as const

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
  const model = await createGenerator('model')
  const cheaper = await Promise.all(attacks.map(async (each) => [each, await createGenerator(each)] as const))
  const runner = await onnxNode().load(await loadTiny())

  /** All with seeds of their own. */
  async function tokensOf(generate: Generator, own: Prompts, seed: number): Promise<Tokens> {
    const requests = own.flatMap((prompt, at) =>
      Array.from({ length: samples }, (_, sample) => ({ prompt, seed: seed + at * samples + sample })),
    )
    const tokens = await generate(requests, length)
    return own.map((_, at) => tokens.slice(at * samples, (at + 1) * samples))
  }
  async function rank(own: Prompts, tokens: Tokens): Promise<Float64Array> {
    const ranks: number[] = []
    for (const [at, prompt] of own.entries())
      for (const ids of tokens[at] ?? []) {
        const rank = await meanLogRank(runner, inputOf({ prompt, seed: 0 }, length), ids)
        if (rank === undefined) throw new Error('the runner does not score')
        ranks.push(rank)
      }
    return Float64Array.from(ranks)
  }
  async function ranksOf(own: Prompts, tokens: Tokens): Promise<number[][]> {
    const key = ['mean log-ranks', runner.fingerprint, process.arch, own, tokens]
    const bytes = await cached(key, async () => new Uint8Array((await rank(own, tokens)).buffer))
    const ranks = new Float64Array(bytes.slice().buffer)
    return own.map((_, at) => [...ranks.subarray(at * samples, (at + 1) * samples)])
  }
  const strataOf = <item>(claimed: readonly item[], reference: readonly item[]) =>
    claimed.map((each, at) => ({ claimed: each, reference: reference[at] ?? each }))
  const textsOf = (tokens: Tokens) => tokens.map((row) => row.map((ids) => byteTokenizer.decode(ids)))

  const counts = { ranks: {} as { [set: string]: Counts }, texts: {} as { [set: string]: Counts } }
  const count = (test: keyof typeof counts, set: string, isValid: boolean) => {
    const row = counts[test][set] ?? { n: 0, valid: 0, invalid: 0, inconclusive: 0 }
    counts[test][set] = row
    row.n++
    row[isValid ? 'valid' : 'invalid']++
  }
  const all = await createPrompts(prompts * batches, model)
  for (let batch = 0; batch < batches; batch++) {
    const own = all.slice(batch * prompts, (batch + 1) * prompts)
    const seed = batch * 10_000_000
    const reference = await tokensOf(model, own, seed)
    const referenceRanks = await ranksOf(own, reference)
    const honest = await tokensOf(model, own, seed + 1_000_000)
    const random = randomNumbers(batch)
    const sets: [string, Tokens][] = [['honest', honest]]
    const isWhole = batch < fewerBatches
    for (const [name, generate] of cheaper)
      if (isWhole || name === 'sibling') sets.push([name, await tokensOf(generate, own, seed + 1_000_000)])
    if (isWhole) {
      sets.push(['output of another request', honest.map((_, at) => honest[(at + 1) % prompts] ?? [])])
      sets.push(['random output', honest.map((row) => row.map((ids) => ids.map(() => Math.floor(random() * 256))))])
    }
    for (const [name, tokens] of sets) {
      const stream = (test: string) => createRandom(id, `${batch}/${name}/${test}`)
      const strata = strataOf(textsOf(tokens), textsOf(reference))
      const text = meanDiscrepancy(strata, { length, permutations }, stream('texts')).pValue
      const ranked = strataOf(await ranksOf(own, tokens), referenceRanks)
      const rank = rankDiscrepancy(ranked, { permutations }, stream('ranks')).pValue
      count('ranks', name, Math.min(text, rank) > alpha / 2)
      count('texts', name, text > alpha)
    }
    progress(`texts: ${batch + 1} of ${batches} batches, ${JSON.stringify(counts)}`)
  }
  await runner.dispose()
  return { ...counts, runtime: runtimeClass(runner.fingerprint) }
}

type Prompts = readonly (readonly number[])[]
