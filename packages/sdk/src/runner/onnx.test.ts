import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { runnerConformance } from '@proof-of-inference/conformance'
import * as ort from 'onnxruntime-web'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { digest } from '../payload/digest.ts'
import type { ModelManifest, Tensor, TensorsInput } from '../payload/types.ts'
import { onnx } from './onnx.ts'
import type { Runner } from './types.ts'

const file = createRequire(import.meta.url).resolve('@ricky0123/vad-web/dist/silero_vad_v5.onnx')
const weights = new Uint8Array(await readFile(file))
const manifest: ModelManifest = {
  v: 1,
  name: 'silero-vad',
  weights: { digest: await digest(weights), format: 'onnx', size: weights.length },
  runtimes: [],
}

const samples = new Float32Array(576).map((_, index) => Math.sin(index / 5) / 3)
const tensors = {
  input: { dtype: 'float32', dims: [1, 576], data: samples },
  state: { dtype: 'float32', dims: [2, 1, 128], data: new Float32Array(256) },
  sr: { dtype: 'int64', dims: [], data: new BigInt64Array([16_000n]) },
} as const satisfies Record<string, Tensor>
const input: TensorsInput = { type: 'tensors', tensors }
const silence = { ...tensors.input, data: new Float32Array(576) }

runnerConformance({
  create: onnx,
  fixtures: {
    manifest,
    weights,
    inputs: [input, { type: 'tensors', tensors: { ...tensors, input: silence } }],
    badInputs: {
      'another type': { type: 'json', value: 1 },
      'a missing tensor': { type: 'tensors', tensors: { input: tensors.input, state: tensors.state } },
    },
  },
})

describe('onnx', () => {
  let runner: Runner
  beforeAll(async () => {
    runner = await onnx().load({ manifest, weights })
  })
  afterAll(() => runner.dispose())

  test('runs a real model, with int64 input, the same bits every time', async () => {
    const output = await runner.run(input)
    if (output.type !== 'tensors') throw new Error('not tensors')
    const { output: probability, stateN } = output.tensors
    expect(probability).toMatchObject({ dtype: 'float32', dims: [1, 1] })
    expect(probability?.data[0]).toBeGreaterThan(0)
    expect(probability?.data[0]).toBeLessThan(1)
    expect(stateN).toMatchObject({ dtype: 'float32', dims: [2, 1, 128] })
    expect(new Set(stateN?.data as Float32Array).size).toBeGreaterThan(100)
    expect(await runner.run(input)).toEqual(output)
    const [a, b] = await Promise.all([runner.run(input), runner.run(input)])
    expect(a).toEqual(output)
    expect(b).toEqual(output)
  })

  test('says what it is', () => {
    expect(runner.deterministic).toBe(true)
    expect(runner.fingerprint).toEqual({
      engine: 'onnxruntime-web',
      version: ort.env.versions.web,
      provider: 'wasm',
      threads: 1,
      optimization: 'all',
      weightsDigest: manifest.weights.digest,
    })
  })

  test.each<[string, TensorsInput['tensors'], string]>([
    ['a missing input', { input: tensors.input, state: tensors.state }, 'not input, state'],
    ['an unknown input', { ...tensors, x: tensors.sr }, 'not input, state, sr, x'],
    ['another name', { input: tensors.input, state: tensors.state, rate: tensors.sr }, 'not input, state, rate'],
    [
      'another dtype',
      { ...tensors, sr: { dtype: 'int32', dims: [], data: new Int32Array([16_000]) } },
      'sr is of int64, not int32',
    ],
    [
      'another size where the model fixes it',
      { ...tensors, state: { dtype: 'float32', dims: [2, 1, 64], data: new Float32Array(128) } },
      'state is of shape [2, ?, 128], not [2, 1, 64]',
    ],
    ['another rank', { ...tensors, input: { ...tensors.input, dims: [576] } }, 'input is of shape [?, ?], not [576]'],
  ])('refuses %s, and goes on', async (_, tensors, reason) => {
    await expect(runner.run({ type: 'tensors', tensors })).rejects.toThrow(reason)
    await expect(runner.run({ type: 'tensors', tensors })).rejects.toMatchObject({ name: 'RunnerFailedError' })
    expect(await runner.run(input)).toMatchObject({ type: 'tensors' })
  })

  test('keeps the reason when the library refuses a run', async () => {
    const odd = { ...tensors, sr: { dtype: 'int64', dims: [3], data: new BigInt64Array(3) } } as const
    const bad = { ...odd, state: { dtype: 'float32', dims: [2, 5, 128], data: new Float32Array(1280) } } as const
    await expect(runner.run({ type: 'tensors', tensors: bad })).rejects.toMatchObject({
      name: 'RunnerFailedError',
      cause: expect.any(Error),
    })
  })
})

describe('loading', () => {
  test('refuses other weights before the library sees them', async () => {
    const tampered = new Uint8Array(weights)
    tampered[weights.length >> 1] = (tampered[weights.length >> 1] ?? 0) ^ 1
    const create = vi.spyOn(ort.InferenceSession, 'create')
    await expect(onnx({ ort }).load({ manifest, weights: tampered })).rejects.toMatchObject({
      name: 'WeightsDigestMismatchError',
    })
    expect(create).not.toHaveBeenCalled()
    create.mockRestore()
  })

  test('says when the bytes are no model', async () => {
    const garbage = new Uint8Array([1, 2, 3])
    const weightsOfGarbage = { digest: await digest(garbage), format: 'onnx', size: 3 }
    await expect(
      onnx().load({ manifest: { ...manifest, weights: weightsOfGarbage }, weights: garbage }),
    ).rejects.toMatchObject({ name: 'RunnerFailedError', cause: expect.any(Error) })
  })

  test('loads only ONNX', () => {
    const gguf = { ...manifest, weights: { ...manifest.weights, format: 'gguf' } }
    expect(onnx().supports(gguf)).toBe('it loads onnx, not gguf')
    expect(onnx().supports(manifest)).toBe(true)
  })

  test('refuses another number of threads than the library runs with', async () => {
    await (await onnx({ ort }).load({ manifest, weights })).dispose()
    await expect(onnx({ ort, threads: 2 }).load({ manifest, weights })).rejects.toThrow(
      'runs with 1 threads in this process, not with 2',
    )
    expect(() => onnx({ threads: 0 })).toThrow(RangeError)
  })

  test('names the optimisation level in the fingerprint', async () => {
    const runner = await onnx({ optimization: 'disabled' }).load({ manifest, weights })
    expect(runner.fingerprint.optimization).toBe('disabled')
    await runner.dispose()
  })

  test('says when the library is not installed', async () => {
    vi.resetModules()
    vi.doMock('onnxruntime-web', () => {
      throw new Error('Cannot find package onnxruntime-web')
    })
    const { onnx } = await import('./onnx.ts')
    await expect(onnx().load({ manifest, weights })).rejects.toMatchObject({
      name: 'OptionalDependencyMissingError',
      dependency: 'onnxruntime-web',
    })
    vi.doUnmock('onnxruntime-web')
  })

  test('disposes after the run at hand, once, and runs no more', async () => {
    const runner = await onnx().load({ manifest, weights })
    const running = runner.run(input)
    await Promise.all([runner.dispose(), runner.dispose()])
    await expect(running).resolves.toMatchObject({ type: 'tensors' })
    await expect(runner.run(input)).rejects.toThrow('it was disposed')
  })
})
