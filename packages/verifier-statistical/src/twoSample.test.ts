import { readFile } from 'node:fs/promises'
import { type VerifierItem, verifierConformance } from '@proof-of-inference/conformance'
import {
  type BatchItem,
  decodePolicy,
  digest,
  encodePolicy,
  type InferenceInput,
  type IpldValue,
  type ModelManifest,
  runtimeClass,
  type TextOutput,
} from '@proof-of-inference/sdk/payload'
import { byteTokenizer, type PositionScores, type Runner } from '@proof-of-inference/sdk/runner'
import { onnxNode } from '@proof-of-inference/sdk/runner/onnx-node'
import { createRandom, methodId, type Random, runVerifier } from '@proof-of-inference/sdk/verifier'
import { afterAll, describe, expect, test } from 'vitest'
import { meanDiscrepancy, meanLogRank, rankDiscrepancy, twoSample } from './index.ts'
import { rankOf } from './ranks.ts'

const jobId = `0x${'01'.repeat(32)}` as const
async function load(name: string): Promise<{ runner: Runner; manifest: ModelManifest }> {
  const weights = new Uint8Array(await readFile(new URL(`../../../models/tiny-lm/${name}.onnx`, import.meta.url)))
  const manifest: ModelManifest = {
    v: 1,
    name,
    weights: { digest: await digest(weights), format: 'onnx', size: weights.length },
    tokenizer: { digest: await digest(new Uint8Array()), format: 'bytes' },
    runtimes: [],
  }
  return { runner: await onnxNode().load({ manifest, weights }), manifest }
}
const { runner: model, manifest } = await load('tiny-lm')
afterAll(() => model.dispose())

const native = runtimeClass(model.fingerprint)
const options = {
  pairs: [{ claimed: native, reference: native }],
  alpha: 0.01,
  prompts: 3,
  samples: 10,
  length: 8,
  permutations: 399,
  confidence: { valid: 5_000, invalid: 9_900 },
}
const full = twoSample.policy(options)
const texts = ['\nhacker\n n.\n\n    [', 'the\n    comput', 'ABSTAINER, n.  A '] as const
const others = ['ing of the f', 'http://www.', 'See also {'] as const

/** Ten samples for each prompt. */
async function batchOf(
  prompts: readonly string[],
  changes: { [key: string]: IpldValue } = {},
): Promise<VerifierItem[]> {
  const items: VerifierItem[] = []
  for (const [at, prompt] of prompts.entries())
    for (let seed = 0; seed < 10; seed++) {
      const value = { prompt, maxTokens: 8, temperature: 1, seed: at * 10 + seed, ...changes }
      const input: InferenceInput = { type: 'json', value }
      items.push({ input, claimed: await model.run(input) })
    }
  return items
}
/** Of the first prompts. */
const honestly = await batchOf(texts)
const change = ({ input, claimed }: VerifierItem, changes: Partial<TextOutput>): VerifierItem => {
  if (claimed.type !== 'text') throw new Error('no text')
  return { input, claimed: { ...claimed, ...changes } }
}
const tokensOf = (text: string) => byteTokenizer.encode(text)
/** What a model would say that always says the same. */
const stuck = (items: readonly VerifierItem[]) =>
  items.map(({ input, claimed }) => change({ input, claimed }, { text: 'the same', tokenIds: tokensOf('the same') }))

async function judge(items: readonly VerifierItem[], { policy = full, runner = model } = {}) {
  const batch = {
    size: items.length,
    async *items(indices = [...items.keys()]): AsyncGenerator<BatchItem> {
      for (const index of indices) {
        const item = items[index]
        if (item) yield { index, ...item }
      }
    },
  }
  const random = (name: string) => createRandom(jobId, name)
  const { verdict } = await runVerifier(
    twoSample(),
    { requestId: jobId, jobId, manifest, policy, batch },
    {
      operator: `0x${'a1'.repeat(20)}`,
      runner: async () => runner,
      shared: random,
      secret: random,
      signal: new AbortController().signal,
    },
  )
  return verdict
}

verifierConformance({
  create: twoSample,
  fixtures: async () => {
    const [first, second] = [honestly, await batchOf(others)]
    return {
      policy: full,
      manifest,
      runners: { model },
      honest: [{ items: first }, { items: second }],
      wrong: { 'always the same text': { items: stuck(first) } },
      runtimes: [model.fingerprint],
    }
  },
})

describe('a batch', () => {
  test('of honest texts is valid, of others invalid', async () => {
    const honest = honestly
    expect(await judge(honest)).toMatchObject({ status: 'valid', metrics: { prompts: 3, samples: 10 } })
    expect(await judge(stuck(honest))).toMatchObject({ status: 'invalid', metrics: { pValue: 0.0025 } })
  })

  test('whose texts look alike but whose tokens are likelier than the model’s is invalid by their ranks', async () => {
    const honest = honestly
    const greedy = await batchOf(texts, { temperature: 0.4 })
    const claimed = honest.map(({ input }, index) => ({ input, claimed: greedy[index]?.claimed ?? honest[0]?.claimed }))
    const found = await judge(claimed as VerifierItem[])
    expect(found).toMatchObject({ status: 'invalid', metrics: { rankPValue: 0.0025 } })
    const omitted = twoSample.policy({ ...options, ranks: false })
    const { metrics } = await judge(claimed as VerifierItem[], { policy: omitted })
    expect(metrics).not.toHaveProperty('rankPValue')
    expect(metrics.pValue).toBe(found.metrics.pValue)
  })

  test('whose tokens are not there, or not those of the text', async () => {
    const honest = honestly
    const first = honest[0]
    if (!first) throw new Error('no items')
    const { score: _, ...silent } = model
    const { input, claimed } = first
    const bare = { input, claimed: { type: 'text', text: 'a', runtime: claimed.runtime } } as const
    const reason = { status: 'inconclusive' }
    expect(await judge([bare, ...honest.slice(1)])).toMatchObject(reason)
    expect(await judge(honest, { runner: silent })).toMatchObject(reason)
    const omitted = twoSample.policy({ ...options, ranks: false })
    expect(await judge([bare, ...honest.slice(1)], { runner: silent, policy: omitted })).toMatchObject({
      status: 'valid',
    })
    const lying = change(first, { text: 'another' })
    expect((await judge([lying, ...honest.slice(1)])).status).toBe('invalid')
  })

  test('of too few prompts, of more or fewer samples, or of greedy texts, is inconclusive', async () => {
    expect((await judge(honestly.slice(0, 29))).status).toBe('inconclusive')
    expect((await judge(honestly.slice(0, 1))).status).toBe('inconclusive')
    expect((await judge([...honestly, ...stuck(honestly).slice(0, 1)])).reason).toContain('11 texts')
    const [first] = stuck(honestly)
    if (!first) throw new Error('no items')
    const apart: VerifierItem = {
      ...first,
      input: { type: 'json', value: { prompt: 'else', temperature: 1, seed: 1 } },
    }
    expect((await judge([...honestly, apart])).reason).toContain('1 texts')
    expect((await judge(await batchOf(texts, { temperature: 0 }))).status).toBe('inconclusive')
  })
})

const word = (random: Random) => Array.from({ length: 4 }, () => 'abc'[random.int(3)]).join('')
const several = <item>(draw: () => item) => ({
  claimed: Array.from({ length: 6 }, draw),
  reference: Array.from({ length: 6 }, draw),
})

test.each<[string, (random: Random) => number]>([
  [
    'texts',
    (random) => {
      const strata = [several(() => word(random)), several(() => word(random))]
      return meanDiscrepancy(strata, { length: 4, permutations: 39 }, random).pValue
    },
  ],
  [
    'ranks',
    (random) => {
      const strata = [several(() => random.float()), several(() => random.float() ** 2)]
      return rankDiscrepancy(strata, { permutations: 39 }, random).pValue
    },
  ],
])('the p-value of %s is uniform under the null, and never 0', (_, trial) => {
  const random = createRandom(jobId, 'null')
  const pValues = Array.from({ length: 400 }, () => trial(random))
  expect(Math.min(...pValues)).toBeGreaterThanOrEqual(1 / 40)
  for (const level of [0.1, 0.25, 0.5, 0.75]) {
    const share = pValues.filter((pValue) => pValue <= level).length / pValues.length
    expect(Math.abs(share - level)).toBeLessThan(4 * Math.sqrt((level * (1 - level)) / 400))
  }
})

test('ranks: of equal scores the lower, of unknown tokens one more than there are', () => {
  const logits = { kind: 'logits', position: 0, logits: new Float32Array([1, 3, 3, -2]) } as const
  expect([0, 1, 2, 3, 4].map((token) => rankOf(logits, token))).toEqual([3, 1, 1, 4, 5])
  const few = { kind: 'topK', position: 0, tokenIds: new Uint32Array([7, 5]), logprobs: new Float32Array([-1, -2]) }
  expect([7, 5, 0].map((token) => rankOf(few as PositionScores, token))).toEqual([1, 2, 3])
})

test('ranks are of the tokens that were given', async () => {
  const input: InferenceInput = { type: 'json', value: { prompt: 'a', temperature: 1 } }
  expect(await meanLogRank(model, input, [])).toBe(0)
  async function* second() {
    yield { kind: 'logits', position: 1, logits: new Float32Array(2) } as const
  }
  await expect(meanLogRank({ ...model, score: second }, input, [1, 1])).rejects.toMatchObject({
    name: 'RunnerFailedError',
  })
})

test('revision 3: golden vectors', async () => {
  const strata = [{ claimed: ['ab', 'ac', 'a'], reference: ['xb', 'xc', 'x'] }]
  const found = meanDiscrepancy(strata, { length: 2, permutations: 19 }, createRandom(jobId, 'golden'))
  expect(found).toMatchInlineSnapshot(`
    {
      "pValue": 0.2,
      "statistic": 0.6666666666666667,
    }
  `)
  const ranks = [{ claimed: [0.1, 0.2, 0.5], reference: [0.5, 0.9, 1.5] }]
  expect(rankDiscrepancy(ranks, { permutations: 19 }, createRandom(jobId, 'golden'))).toMatchInlineSnapshot(`
    {
      "pValue": 0.3,
      "statistic": 0.5104166666666667,
    }
  `)
  const input: InferenceInput = { type: 'json', value: { prompt: 'the ', temperature: 1 } }
  expect(await meanLogRank(model, input, tokensOf('model of'))).toMatchInlineSnapshot(`0.621226662447`)
  const fixed = twoSample.policy({ pairs: [{ claimed: 'a', reference: 'b' }], confidence: options.confidence })
  const { bytes, digest } = await encodePolicy(fixed)
  expect(decodePolicy(bytes)).toEqual(fixed)
  expect(digest).toMatchInlineSnapshot(`"0xd64cb8bcfd0bb927bc4b126e62ccde5b2a76b11a4af4a22dbe1a5e46eff212a4"`)
  expect(methodId(twoSample())).toMatchInlineSnapshot(
    `"0xbc45a0827b743fd66afcd3ee7670df3bcfdcbed7c2efcd2fec80faed6ded6e23"`,
  )
  expect(() => twoSample.policy({ ...options, permutations: 198 })).toThrow('too few permutations')
})
