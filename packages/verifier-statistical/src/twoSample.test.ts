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
} from '@proof-of-inference/sdk/payload'
import type { Runner } from '@proof-of-inference/sdk/runner'
import { onnxNode } from '@proof-of-inference/sdk/runner/onnx-node'
import { createRandom, methodId, runVerifier } from '@proof-of-inference/sdk/verifier'
import { afterAll, describe, expect, test } from 'vitest'
import { meanDiscrepancy, twoSample } from './index.ts'

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
const { runner, manifest } = await load('tiny-lm')
afterAll(() => runner.dispose())

const native = runtimeClass(runner.fingerprint)
const options = {
  pairs: [{ claimed: native, reference: native }],
  alpha: 0.01,
  prompts: 3,
  samples: 10,
  length: 8,
  permutations: 199,
  confidence: { valid: 5_000, invalid: 9_900 },
}
const policy = twoSample.policy(options)
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
      items.push({ input, claimed: await runner.run(input) })
    }
  return items
}
/** What a model would say that always says the same. */
const stuck = (items: readonly VerifierItem[]) =>
  items.map(({ input, claimed }) => ({ input, claimed: { ...claimed, text: 'the same' } as VerifierItem['claimed'] }))

async function judge(items: readonly VerifierItem[]) {
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
    const [first, second] = [await batchOf(texts), await batchOf(others)]
    return {
      policy,
      manifest,
      runners: { model: runner },
      honest: [{ items: first }, { items: second }],
      wrong: { 'always the same text': { items: stuck(first) } },
      runtimes: [runner.fingerprint],
    }
  },
})

describe('a batch', () => {
  test('of honest texts is valid, of others invalid', async () => {
    const honest = await batchOf(texts)
    expect(await judge(honest)).toMatchObject({ status: 'valid', metrics: { prompts: 3, samples: 10 } })
    expect(await judge(stuck(honest))).toMatchObject({ status: 'invalid', metrics: { pValue: 0.005 } })
  })

  test('of too few prompts or samples, or of greedy texts, is inconclusive', async () => {
    expect((await judge((await batchOf(texts)).slice(0, 29))).status).toBe('inconclusive')
    expect((await judge((await batchOf(texts)).slice(0, 1))).status).toBe('inconclusive')
    expect((await judge(await batchOf(texts, { temperature: 0 }))).status).toBe('inconclusive')
  })
})

test('the p-value is uniform under the null, and never 0', () => {
  const random = createRandom(jobId, 'null')
  const word = () => Array.from({ length: 4 }, () => 'abc'[random.int(3)]).join('')
  const draw = () => Array.from({ length: 6 }, word)
  const pValues: number[] = []
  for (let trial = 0; trial < 400; trial++) {
    const strata = [
      { claimed: draw(), reference: draw() },
      { claimed: draw(), reference: draw() },
    ]
    pValues.push(meanDiscrepancy(strata, { length: 4, permutations: 39 }, random).pValue)
  }
  expect(Math.min(...pValues)).toBeGreaterThanOrEqual(1 / 40)
  for (const level of [0.1, 0.25, 0.5, 0.75]) {
    const share = pValues.filter((pValue) => pValue <= level).length / pValues.length
    expect(Math.abs(share - level)).toBeLessThan(4 * Math.sqrt((level * (1 - level)) / 400))
  }
})

test('revision 1: golden vectors', async () => {
  const strata = [{ claimed: ['ab', 'ac', 'a'], reference: ['xb', 'xc', 'x'] }]
  const found = meanDiscrepancy(strata, { length: 2, permutations: 19 }, createRandom(jobId, 'golden'))
  expect(found).toMatchInlineSnapshot(`
    {
      "pValue": 0.2,
      "statistic": 0.6666666666666667,
    }
  `)
  const fixed = twoSample.policy({ pairs: [{ claimed: 'a', reference: 'b' }], confidence: options.confidence })
  const { bytes, digest } = await encodePolicy(fixed)
  expect(decodePolicy(bytes)).toEqual(fixed)
  expect(digest).toMatchInlineSnapshot(`"0x0af7901682bc618d21c933328464dc658778db07c0a66bf0d9b3cffdb33c3d35"`)
  expect(methodId(twoSample())).toMatchInlineSnapshot(
    `"0xf2ac6b7b38d6799fb19f4502a205ffef2d28afb2ff01076422916777f47294b8"`,
  )
  expect(() => twoSample.policy({ ...options, permutations: 98 })).toThrow('too few permutations')
})
