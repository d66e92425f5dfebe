import { readFile } from 'node:fs/promises'
import { runnerConformance } from '@proof-of-inference/conformance'
import { describe, expect, test } from 'vitest'
import { digest } from '../payload/digest.ts'
import type { InferenceInput, IpldValue, ModelManifest } from '../payload/types.ts'
import { onnx } from './onnx.ts'
import { onnxNode } from './onnxNode.ts'
import { gumbelNoise, sampleToken } from './sampler.ts'
import type { PositionScores, Runner } from './types.ts'

const weights = new Uint8Array(await readFile(new URL('../../../../models/tiny-lm/tiny-lm.onnx', import.meta.url)))
const manifest: ModelManifest = {
  v: 1,
  name: 'tiny-lm',
  weights: { digest: await digest(weights), format: 'onnx', size: weights.length },
  tokenizer: { digest: await digest(new Uint8Array()), format: 'bytes' },
  runtimes: [],
}
const ask = (changes: { [key: string]: IpldValue } = {}): InferenceInput => ({
  type: 'json',
  value: { prompt: 'hacker\n n.', maxTokens: 40, temperature: 1, seed: 42, ...changes },
})
async function* noScores(): AsyncGenerator<PositionScores> {}

describe.each([
  ['wasm', onnx],
  ['native', onnxNode],
])('a language model on %s', (_, create) => {
  runnerConformance({
    create,
    fixtures: {
      manifest,
      weights,
      inputs: [ask(), ask({ seed: 43 })],
      badInputs: {
        'no tokens allowed': ask({ maxTokens: 0 }),
        'no temperature': { type: 'json', value: { prompt: 'a', maxTokens: 1, seed: 1 } },
        'no seed': { type: 'json', value: { prompt: 'a', maxTokens: 1, temperature: 1 } },
        'no length': { type: 'json', value: { prompt: 'a', temperature: 0 } },
        'some tokens only': ask({ topK: 5 }),
        'strings to stop at': ask({ stop: ['x'] }),
        'no prompt': ask({ prompt: '' }),
        'a chat, for which it has no template': { type: 'chat', messages: [{ role: 'user', content: 'a' }] },
      },
      tokenIds: [32, 65],
    },
  })

  test('draws each token by the sampler from the scores of its position', async () => {
    const runner = await create().load({ manifest, weights })
    const output = await runner.run(ask())
    if (output.type !== 'text' || !output.tokenIds) throw new Error('no tokens')
    expect(output.tokenIds).toHaveLength(40)
    const drawn: number[] = []
    for await (const scores of runner.score?.(ask(), output.tokenIds) ?? noScores())
      if (scores.kind === 'logits') {
        const noise = gumbelNoise(42, scores.position, scores.logits.length)
        drawn.push(sampleToken(scores.logits, { temperature: 1, noise }))
      }
    expect(drawn).toEqual(output.tokenIds)
    expect(await runner.decode?.(output.tokenIds)).toBe(output.text)
    const bytes = [...new TextEncoder().encode('hacker\n n.')]
    expect(await runner.run(ask({ prompt: bytes }))).toEqual(output)
    await runner.dispose()
  })
})

test('is the same text on both, which is English of a kind', async () => {
  const texts: string[] = []
  for (const create of [onnx, onnxNode]) {
    const runner: Runner = await create().load({ manifest, weights })
    const output = await runner.run(ask())
    texts.push(output.type === 'text' ? output.text : '')
    await runner.dispose()
  }
  expect(texts[0]).toBe(texts[1])
  expect(texts[0]).toMatchInlineSnapshot(`"  A change demigniant, this intandation,"`)
})

test('ends at the tokenizer’s end of sequence, which is not part of the text', async () => {
  const space = { format: 'bytes', endOfSequence: [32], encode: (text: string) => [...new TextEncoder().encode(text)] }
  const decode = (ids: readonly number[]) => String.fromCharCode(...ids)
  const runner = await onnx({ tokenizers: [{ ...space, decode }] }).load({ manifest, weights })
  const output = await runner.run(ask({ prompt: 'hack' }))
  if (output.type !== 'text') throw new Error('no text')
  expect(output.tokenIds?.indexOf(32)).toBe((output.tokenIds?.length ?? 0) - 1)
  expect(output.text).toHaveLength((output.tokenIds?.length ?? 0) - 1)
  await runner.dispose()
})

test('takes tensors like any other model, and needs a tokenizer to give text', async () => {
  const runner = await onnx().load({ manifest, weights })
  const tensors = {
    input_ids: { dtype: 'int64', dims: [1, 2], data: BigInt64Array.of(65n, 66n) },
    past_state: { dtype: 'float32', dims: [1, 1, 512], data: new Float32Array(512) },
  } as const
  expect(await runner.run({ type: 'tensors', tensors })).toMatchObject({ tensors: { logits: { dims: [1, 2, 256] } } })
  await runner.dispose()
  const { tokenizer: _, ...without } = manifest
  const bare = await onnx().load({ manifest: without, weights })
  await expect(bare.run(ask())).rejects.toThrow('the manifest names none')
  expect(bare.decode).toBeUndefined()
  await bare.dispose()
})
