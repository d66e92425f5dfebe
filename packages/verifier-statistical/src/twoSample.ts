import {
  encode,
  type InferenceInput,
  type IpldValue,
  type PolicyDocument,
  type TextOutput,
} from '@proof-of-inference/sdk/payload'
import type { Runner } from '@proof-of-inference/sdk/runner'
import {
  type BatchVerifier,
  defineVerifier,
  inconclusive,
  invalid,
  type Random,
  type Verdict,
  valid,
} from '@proof-of-inference/sdk/verifier'
import * as v from 'valibot'
import {
  documentOf,
  findPair,
  otherWeights,
  type PolicyOptions,
  packageName,
  pairsOf,
  positive,
  probability,
  type RuntimePair,
  runtime,
} from './common.ts'
import { samplingOf } from './margins.ts'
import { type PermutationTest, permutationTest } from './permutations.ts'
import { meanLogRank, type RankStratum, rankDiscrepancy } from './ranks.ts'

const name = `${packageName}/two-sample`
const revision = 3
const method = `${name}@${revision}`

/** What decides a verdict. */
export type TwoSampleParameters = {
  /** Share of honest batches that may be found invalid. */
  readonly alpha: number
  /** Least prompts of a batch. */
  readonly prompts: number
  /** Texts of each prompt: so many in the batch, and as many of the reference. */
  readonly samples: number
  /** Characters (UTF-16 units) of a text that are compared, from its start. */
  readonly length: number
  /** Permutations, B; at least 1/alpha − 1, or 2/alpha − 1 with `ranks`. */
  readonly permutations: number
  /**
   * Whether the texts' tokens are also ranked by the reference, half of alpha for each test. Then texts without token ids,
   * and runners that do not score, are inconclusive.
   */
  readonly ranks: boolean
  /** Runtimes whose texts may be compared; the distribution is the same on all of them. */
  readonly pairs: readonly RuntimePair[]
}

const parameters: v.GenericSchema<TwoSampleParameters> = v.pipe(
  v.strictObject({
    alpha: probability,
    prompts: positive,
    samples: v.pipe(positive, v.minValue(2)),
    length: positive,
    permutations: v.pipe(positive, v.maxValue(100_000)),
    ranks: v.boolean(),
    pairs: pairsOf<RuntimePair>(v.strictObject({ claimed: runtime, reference: runtime })),
  }),
  v.check((policy) => policy.permutations >= 1 / levelOf(policy) - 1 - 1e-9, 'too few permutations for alpha'),
)

/** What each test may reject of honest batches. */
const levelOf = ({ alpha, ranks }: Pick<TwoSampleParameters, 'alpha' | 'ranks'>) => (ranks ? alpha / 2 : alpha)

/** What a policy of `twoSample` is built from. */
export type TwoSamplePolicyOptions = PolicyOptions &
  Pick<TwoSampleParameters, 'pairs'> & {
    /** Default: 0.01. */
    readonly alpha?: number
    /** Default: 25. */
    readonly prompts?: number
    /** Default: 10. */
    readonly samples?: number
    /** Default: 32. */
    readonly length?: number
    /** Default: 999. */
    readonly permutations?: number
    /** Default: `true`. */
    readonly ranks?: boolean
  }

/**
 * Verifies batches of texts that nobody can repeat: whether they are of the reference's distribution. Two tests decide,
 * both by permutations within each prompt: maximum mean discrepancy with a Hamming kernel (Gao et al., Model equality
 * testing), which needs nothing but the text; and, unless the policy omits it, whether the ranks of the texts' tokens are
 * uniform among the reference's (Zhu et al.), which needs token ids and a runner that scores. Sees another model, given
 * enough prompts and samples; does not see subtle swaps, nor judge single inferences. A batch whose prompts have not all
 * just `samples` texts is inconclusive.
 *
 * @example
 * const policy = twoSample.policy({ pairs: [{ claimed, reference }], confidence: { valid: 7000, invalid: 9900 } })
 */
export function twoSample(): BatchVerifier<TwoSampleParameters> {
  return defineVerifier<TwoSampleParameters>({
    name,
    revision,
    scope: 'batch',
    requires: ['run'],
    policy: parameters,
    async verify({ batch, manifest, policy }, { runner: take, shared, signal }) {
      const runner = await take()
      const byPrompt = new Map<string, { input: InferenceInput; texts: TextOutput[] }>()
      for await (const { input, claimed } of batch.items(undefined, { signal })) {
        const contradiction = otherWeights(claimed.runtime, manifest)
        if (contradiction) return contradiction
        const found = findPair(policy.pairs, claimed.runtime, runner, manifest, method)
        if ('verdict' in found) return found.verdict
        if (claimed.type !== 'text') return invalid({ reason: `an output is of type ${claimed.type}, not text` })
        const key = promptOf(input)
        if (key === undefined) return inconclusive({ reason: 'an input does not sample from a language model' })
        const group = byPrompt.get(key) ?? { input, texts: [] }
        byPrompt.set(key, group)
        group.texts.push(claimed)
      }
      const groups = [...byPrompt.values()]
      const metrics = { prompts: groups.length, samples: policy.samples }
      if (groups.length < policy.prompts)
        return inconclusive({ metrics, reason: `there are ${groups.length} prompts, ${policy.prompts} are needed` })
      // What is not compared could be anything: a batch is judged as a whole.
      const uneven = groups.find(({ texts }) => texts.length !== policy.samples)?.texts.length
      if (uneven !== undefined)
        return inconclusive({ metrics, reason: `a prompt has ${uneven} texts, each must have ${policy.samples}` })
      const seeds = shared('seeds')
      const strata: Stratum[] = []
      const ranked: RankStratum[] = []
      for (const { input, texts } of groups) {
        const reference: TextOutput[] = []
        for (let sample = 0; sample < policy.samples; sample++) {
          const output = await runner.run(withSeed(input, seeds.uint32()), { signal })
          if (output.type !== 'text') return invalid({ metrics, reason: 'the model gives no text' })
          reference.push(output)
        }
        strata.push({ claimed: texts.map(({ text }) => text), reference: reference.map(({ text }) => text) })
        if (!policy.ranks) continue
        const claimed = await ranksOf(runner, input, texts, signal)
        if ('verdict' in claimed) return claimed.verdict
        const own = await ranksOf(runner, input, reference, signal)
        // Its own texts cannot contradict themselves.
        if ('verdict' in own) return inconclusive({ metrics, reason: 'the reference does not rank its own texts' })
        ranked.push({ claimed: claimed.ranks, reference: own.ranks })
      }
      const { statistic, pValue } = meanDiscrepancy(strata, policy, shared('permutations'))
      const ranks = policy.ranks ? rankDiscrepancy(ranked, policy, shared('ranks')) : undefined
      const findings = {
        metrics: {
          ...{ ...metrics, statistic, pValue },
          ...(ranks && { rankStatistic: ranks.statistic, rankPValue: ranks.pValue }),
        },
      }
      if (Math.min(pValue, ranks?.pValue ?? 1) > levelOf(policy)) return valid(findings)
      return invalid({ ...findings, reason: 'the texts are of another distribution than the model’s' })
    },
  })
}

/** The mean log-ranks of texts, or why they cannot be judged by them. */
async function ranksOf(
  runner: Runner,
  input: InferenceInput,
  texts: readonly TextOutput[],
  signal: AbortSignal,
): Promise<{ readonly ranks: number[] } | { readonly verdict: Verdict }> {
  if (!runner.score || !runner.decode)
    return { verdict: inconclusive({ reason: 'the reference runner does not score, or not decode' }) }
  const ranks: number[] = []
  for (const { text, tokenIds } of texts) {
    if (!tokenIds) return { verdict: inconclusive({ reason: 'a text has no token ids' }) }
    if ((await runner.decode(tokenIds, { signal })) !== text)
      return { verdict: invalid({ reason: 'a text is not that of its token ids' }) }
    const rank = await meanLogRank(runner, input, tokenIds, { signal })
    if (rank !== undefined) ranks.push(rank)
  }
  return { ranks }
}

/** Texts for one prompt; as many of both. */
export type Stratum = { readonly claimed: readonly string[]; readonly reference: readonly string[] }

/**
 * Maximum mean discrepancy of claimed and reference texts, summed over prompts, and its p-value among permutations within
 * each prompt: (1 + how many are as large) / (B + 1). The kernel is the share of the first `length` characters that agree,
 * where texts shorter than that go on with an end that agrees with itself.
 */
export function meanDiscrepancy(
  strata: readonly Stratum[],
  { length, permutations }: Pick<TwoSampleParameters, 'length' | 'permutations'>,
  random: Random,
): PermutationTest {
  const kernels = strata.map(({ claimed, reference }) => kernelOf([...claimed, ...reference], length))
  const statisticOf = (orders: readonly (readonly number[])[]) =>
    orders.reduce((sum, order, at) => sum + discrepancy(kernels[at] ?? [], order, strata[at]?.claimed.length ?? 0), 0)
  return permutationTest(
    strata.map(({ claimed, reference }) => claimed.length + reference.length),
    statisticOf,
    permutations,
    random,
  )
}

function kernelOf(texts: readonly string[], length: number): number[][] {
  return texts.map((a) =>
    texts.map((b) => {
      let agreeing = 0
      for (let index = 0; index < length; index++) if (a[index] === b[index]) agreeing++
      return agreeing / length
    }),
  )
}

/** Unbiased: pairs of a text with itself do not count. */
function discrepancy(kernel: readonly (readonly number[])[], order: readonly number[], size: number): number {
  const rest = order.length - size
  let [within, among, across] = [0, 0, 0]
  for (let i = 0; i < order.length; i++)
    for (let j = 0; j < i; j++) {
      const value = kernel[order[i] ?? 0]?.[order[j] ?? 0] ?? 0
      if (i < size) within += value
      else if (j >= size) among += value
      else across += value
    }
  return (2 * within) / (size * (size - 1)) + (2 * among) / (rest * (rest - 1)) - (2 * across) / (size * rest)
}

/** An input apart from its seed; `undefined` if texts for it are not samples of a distribution. */
function promptOf(input: InferenceInput): string | undefined {
  if ((samplingOf(input)?.temperature ?? 0) === 0) return undefined
  const { seed: _, ...rest } = input.type === 'json' ? Object(input.value) : input
  return encode(rest as IpldValue).join()
}

function withSeed(input: InferenceInput, seed: number): InferenceInput {
  return input.type === 'json' ? { ...input, value: { ...Object(input.value), seed } } : { ...Object(input), seed }
}

/** A policy of this verifier, fully resolved. Throws valibot's `ValiError` if an option is out of range. */
twoSample.policy = function policy(options: TwoSamplePolicyOptions): PolicyDocument<TwoSampleParameters> {
  const { alpha = 0.01, prompts = 25, samples = 10, length = 32, permutations = 999, ranks = true } = options
  const pairs = options.pairs.map((each) => ({ ...each }))
  const resolved = v.parse(parameters, { alpha, prompts, samples, length, permutations, ranks, pairs })
  return documentOf(name, revision, resolved, options, 'verifier')
}
