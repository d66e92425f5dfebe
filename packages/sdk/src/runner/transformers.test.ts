import { readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { runnerConformance } from '@proof-of-inference/conformance'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { rowOf, writeHubModel } from '../../test/hubModel.ts'
import { digest } from '../payload/digest.ts'
import type { InferenceInput, IpldValue, ModelManifest } from '../payload/types.ts'
import { onnxNode } from './onnxNode.ts'
import { gumbelNoise, sampleToken } from './sampler.ts'
import { transformers } from './transformers.ts'
import { transformersWeights } from './transformersWeights.ts'
import type { PositionScores } from './types.ts'

const kinds = ['feature-extraction', 'text-classification', 'text-generation', 'text-generation with memory'] as const
const entries = await Promise.all(kinds.map(async (kind) => [kind, await writeHubModel(kind)] as const))
const folders = entries.map(([, folder]) => folder)
const folderOf = (kind: (typeof kinds)[number]) => folders[kinds.indexOf(kind)] ?? ''
const taskOf = (kind: string) => {
  if (kind.startsWith('text-generation')) return 'text-generation'
  return kind === 'text-classification' ? kind : 'feature-extraction'
}

async function modelOf(kind: (typeof kinds)[number]): Promise<{ weights: Uint8Array; manifest: ModelManifest }> {
  const { bytes, weights } = await transformersWeights(folderOf(kind), { task: taskOf(kind) })
  return { weights: bytes, manifest: { v: 1, name: kind, weights, runtimes: [] } }
}
const load = async (kind: (typeof kinds)[number]) => transformers({ folders }).load(await modelOf(kind))
const ask = (value: IpldValue): InferenceInput => ({ type: 'json', value })
const complete = (changes: { [key: string]: IpldValue } = {}) =>
  ask({ prompt: 'the cat', maxTokens: 12, temperature: 1, seed: 4, ...changes })

const network = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('there is no network'))
afterEach(() => expect(network).not.toHaveBeenCalled())
afterAll(async () => {
  network.mockRestore()
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true })))
})

const badInputs = { 'another type': { type: 'tensors', tensors: {} }, 'no text': ask({ text: '' }) } as const
const fixtures = {
  'feature-extraction': {
    inputs: [ask({ text: 'the cat' }), ask({ text: ['the dog', 'the'], pooling: 'mean', normalize: true })],
    badInputs: { ...badInputs, 'a pooling that it does not know': ask({ text: 'cat', pooling: 'max' }) },
  },
  'text-classification': {
    inputs: [ask({ text: 'the cat', topK: 3 }), ask({ text: 'the dog ran', topK: 3 })],
    badInputs: { ...badInputs, 'no classes': ask({ text: 'cat', topK: 0 }) },
  },
  'text-generation': {
    inputs: [complete(), complete({ seed: 5 })],
    badInputs: { 'another type': ask({ text: 'cat' }), 'no seed': ask({ prompt: 'a', maxTokens: 1, temperature: 1 }) },
    tokenIds: [3, 5],
  },
} as const
for (const kind of kinds)
  describe(kind, () => {
    const { inputs, badInputs, ...rest } = fixtures[taskOf(kind)]
    runnerConformance({
      create: () => transformers({ folders }),
      fixtures: async () => ({ ...(await modelOf(kind)), inputs: [...inputs], badInputs, ...rest }),
    })
  })

describe('transformers', () => {
  test('gives the features of each token, and their pools', async () => {
    const runner = await load('feature-extraction')
    const output = await runner.run(ask({ text: 'The cat' }))
    const data = new Float32Array([...rowOf('the'), ...rowOf('cat')])
    expect(output).toMatchObject({
      type: 'tensors',
      tensors: { features: { dtype: 'float32', dims: [1, 2, 8], data } },
    })
    const pooled = await runner.run(ask({ text: ['cat', 'dog'], pooling: 'cls' }))
    const firsts = new Float32Array([...rowOf('cat'), ...rowOf('dog')])
    expect(pooled).toMatchObject({ tensors: { features: { dims: [2, 8], data: firsts } } })
    await runner.dispose()
  })

  test('gives the likeliest classes with their scores', async () => {
    const runner = await load('text-classification')
    const output = await runner.run(ask({ text: 'cat', topK: 8 }))
    if (output.type !== 'json' || !Array.isArray(output.value)) throw new Error('no list')
    const powers = [...rowOf('cat')].map(Math.exp)
    const total = powers.reduce((sum, power) => sum + power, 0)
    const expected = powers.map((power) => power / total).sort((a, b) => b - a)
    expect(output.value).toHaveLength(8)
    for (const [index, found] of output.value.entries()) expect(Object(found).score).toBeCloseTo(expected[index] ?? -1)
    expect(await runner.run(ask({ text: 'cat' }))).toMatchObject({ value: [output.value[0]] })
    await runner.dispose()
  })

  test('draws each token by the sampler from the scores of all before, with and without memory', async () => {
    const runners = await Promise.all([load('text-generation'), load('text-generation with memory')])
    const outputs = await Promise.all(runners.map((runner) => runner.run(complete())))
    for (const [index, runner] of runners.entries()) {
      const output = outputs[index]
      if (output?.type !== 'text' || !output.tokenIds || !runner.score) throw new Error('no tokens')
      const scored: PositionScores[] = []
      for await (const scores of runner.score(complete(), output.tokenIds)) scored.push(scores)
      const drawn = scored.map((scores) => {
        if (scores.kind !== 'logits') throw new Error('no logits')
        const noise = gumbelNoise(4, scores.position, scores.logits.length)
        return sampleToken(scores.logits, { temperature: 1, noise })
      })
      expect(drawn).toEqual(output.tokenIds)
      expect(output.tokenIds.length).toBeGreaterThan(2)
      expect(await runner.decode?.(output.tokenIds)).toBe(output.text)
    }
    expect(outputs[1]).toMatchObject({ tokenIds: outputs[0]?.type === 'text' ? outputs[0].tokenIds : [] })
    await Promise.all(runners.map((runner) => runner.dispose()))
  })

  test.each(['text-generation', 'text-generation with memory'] as const)(
    'generates what the ONNX runner does with %s',
    async (kind) => {
      const bytes = new Uint8Array(await readFile(path.join(folderOf(kind), 'onnx/model.onnx')))
      const manifest: ModelManifest = {
        v: 1,
        name: kind,
        weights: { digest: await digest(bytes), format: 'onnx', size: bytes.length },
        tokenizer: { digest: await digest(new Uint8Array()), format: 'bytes' },
        runtimes: [],
      }
      const runners = await Promise.all([load(kind), onnxNode().load({ manifest, weights: bytes })])
      const input = complete({ prompt: [2, 3] })
      // The one ends at [END], the other at none.
      const [expected, found] = await Promise.all(
        runners.map(async (runner) => {
          const output = await runner.run(input)
          return output.type === 'text' ? (output.tokenIds ?? []) : []
        }),
      )
      expect(expected?.length).toBeGreaterThan(2)
      expect(found?.slice(0, expected?.length)).toEqual(expected)
      await Promise.all(runners.map((runner) => runner.dispose()))
    },
  )

  test('is greedy at temperature 0, whatever the seed, and takes text for its tokens', async () => {
    const runner = await load('text-generation')
    const output = await runner.run(ask({ prompt: [2, 3], maxTokens: 9, temperature: 0 }))
    const sums = rowOf('the').map((value, index) => value + (rowOf('cat')[index] ?? 0))
    expect(output).toMatchObject({
      tokenIds: expect.objectContaining({ 0: sums.indexOf(Math.max(...sums)), length: 9 }),
    })
    expect(await runner.run(ask({ prompt: 'The cat', maxTokens: 9, temperature: 0, seed: 3 }))).toEqual(output)
    await runner.dispose()
  })

  test('ends at the end of the sequence, which is not of the text', async () => {
    const runner = await load('text-generation')
    const endings: number[] = []
    for (let seed = 0; seed < 20; seed++) {
      const output = await runner.run(complete({ seed, temperature: 4 }))
      if (output.type !== 'text' || !output.tokenIds) throw new Error('no tokens')
      const at = output.tokenIds.indexOf(1)
      if (at >= 0) endings.push(output.tokenIds.length - at)
      expect(output.text).not.toContain('[END]')
    }
    expect(new Set(endings)).toEqual(new Set([1]))
    await runner.dispose()
  })

  test('says what it is', async () => {
    const runner = await load('feature-extraction')
    expect(runner.deterministic).toBe(true)
    expect(runner.fingerprint).toMatchObject({
      engine: 'transformers.js',
      version: expect.stringMatching(/^\d+\.\d+\.\d+\+onnxruntime-node-\d+\.\d+\.\d+$/),
      provider: 'cpu',
      threads: 1,
      optimization: 'all',
    })
    expect(runner.decode).toBeUndefined()
    await runner.dispose()
  })
})

describe('loading', () => {
  test('takes a folder only with exactly the files of the weights', async () => {
    const model = await modelOf('feature-extraction')
    const folder = await writeHubModel('feature-extraction')
    const create = () => transformers({ folders: [folder] })
    await (await create().load(model)).dispose()
    await writeFile(path.join(folder, '.gitattributes'), 'does not count')
    await (await create().load(model)).dispose()

    await writeFile(path.join(folder, 'generation_config.json'), '{"eos_token_id":2}')
    await expect(create().load(model)).rejects.toMatchObject({ name: 'RunnerUnavailableError' })
    await rm(path.join(folder, 'generation_config.json'))
    await writeFile(path.join(folder, 'config.json'), '{"model_type":"bert","changed":true}')
    await expect(create().load(model)).rejects.toThrow('has the files of the weights')
    await rm(folder, { recursive: true })
  })

  test('says what is wrong', async () => {
    const model = await modelOf('feature-extraction')
    await expect(transformersWeights('/nowhere', { task: 'text-generation' })).rejects.toThrow('holds no model')
    await expect(
      transformersWeights(folderOf('text-generation').concat('/onnx'), { task: 'text-generation' }),
    ).rejects.toMatchObject({
      name: 'RunnerFailedError',
      cause: expect.objectContaining({ message: 'there is no config.json' }),
    })
    const { bytes, weights } = await transformersWeights(folderOf('feature-extraction'), {
      task: 'feature-extraction',
      dtype: 'q8',
    })
    const other = { weights: bytes, manifest: { ...model.manifest, weights } }
    await expect(transformers({ folders }).load(other)).rejects.toThrow('does not load the model')
    expect(() => transformers({ folders, threads: 0 })).toThrow('threads must be a positive integer')
  })
})
