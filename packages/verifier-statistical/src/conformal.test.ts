import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { verifierConformance } from '@proof-of-inference/conformance'
import {
  decodePolicy,
  digest,
  encodePolicy,
  type InferenceInput,
  type InferenceOutput,
  type ModelManifest,
  type PolicyDocument,
  runtimeClass,
} from '@proof-of-inference/sdk/payload'
import type { Runner } from '@proof-of-inference/sdk/runner'
import { onnx } from '@proof-of-inference/sdk/runner/onnx'
import { onnxNode } from '@proof-of-inference/sdk/runner/onnx-node'
import { createRandom, methodId, runVerifier } from '@proof-of-inference/sdk/verifier'
import { afterAll, expect, test } from 'vitest'
import { conformal, conformalScore } from './index.ts'

const file = createRequire(import.meta.url).resolve('@ricky0123/vad-web/dist/silero_vad_v5.onnx')
const weights = new Uint8Array(await readFile(file))
const manifest: ModelManifest = {
  v: 1,
  name: 'silero-vad',
  weights: { digest: await digest(weights), format: 'onnx', size: weights.length },
  runtimes: [],
}
const wasm = await onnx().load({ manifest, weights })
const native = await onnxNode().load({ manifest, weights })
afterAll(() => Promise.all([wasm.dispose(), native.dispose()]))

const inputOf = (seed: number): InferenceInput => ({
  type: 'tensors',
  tensors: {
    input: {
      dtype: 'float32',
      dims: [1, 576],
      data: new Float32Array(576).map((_, at) => Math.sin((at * (seed + 3)) / 50) / 3),
    },
    state: { dtype: 'float32', dims: [2, 1, 128], data: new Float32Array(256).fill(seed / 100) },
    sr: { dtype: 'int64', dims: [], data: BigInt64Array.of(16_000n) },
  },
})
const rule = { outputs: ['stateN'], score: 'relativeL2' } as const
const scores: number[] = []
for (let seed = 0; seed < 99; seed++)
  scores.push(conformalScore(await native.run(inputOf(seed)), await wasm.run(inputOf(seed)), rule) ?? Number.NaN)
const pair = { claimed: runtimeClass(native.fingerprint), reference: runtimeClass(wasm.fingerprint), scores }
const same = { claimed: pair.reference, reference: pair.reference, scores: scores.map(() => 0) }
const confidence = { valid: 9_900, invalid: 9_900 }
const policy = conformal.policy({ ...rule, pairs: [{ ...pair, invalidAbove: 1e-4 }, same], confidence })

function nudged(output: InferenceOutput, by: number): InferenceOutput {
  const copy = structuredClone(output)
  if (copy.type !== 'tensors') throw new Error('not tensors')
  const data = copy.tensors.stateN?.data
  if (!(data instanceof Float32Array)) throw new Error('no state')
  data[7] = (data[7] ?? 0) + by
  return copy
}

verifierConformance({
  create: conformal,
  fixtures: async () => {
    const claim = async (seed: number) => ({ input: inputOf(seed), claimed: await native.run(inputOf(seed)) })
    const [first, second] = [await claim(0), await claim(50)]
    const wrong = { 'one element changed': { input: first.input, claimed: nudged(first.claimed, 0.1) } }
    return {
      policy,
      manifest,
      runners: { model: wasm },
      honest: [first, second],
      wrong,
      runtimes: [native.fingerprint],
    }
  },
})

async function judge(claimed: InferenceOutput, by: PolicyDocument = policy, runner: Runner = wasm) {
  const random = (name: string) => createRandom(manifest.weights.digest, name)
  const id = manifest.weights.digest
  const job = { requestId: id, jobId: id, input: inputOf(0), claimed, manifest, policy: by }
  const signal = new AbortController().signal
  const context = {
    operator: `0x${'a1'.repeat(20)}`,
    runner: async () => runner,
    shared: random,
    secret: random,
    signal,
  } as const
  return (await runVerifier(conformal(), job, context)).verdict
}

test('the quantile is that of honest scores over inputs', () => {
  const [found] = policy.parameters.pairs
  expect(found).toMatchObject({ n: 99, quantile: Math.max(...scores) })
  expect(found?.quantile).toBeGreaterThan(0)
  expect(found?.quantile).toBeLessThan(1e-5)
})

test('abstains between the thresholds', async () => {
  const output = await native.run(inputOf(0))
  expect((await judge(nudged(output, 1e-4))).status).toBe('inconclusive')
})

/** A runner whose outputs are moved at random. */
const noisy = (spread: number): Runner => {
  const random = createRandom(manifest.weights.digest, 'noise')
  const noise = () => (random.float() - 0.5) * spread
  return { ...wasm, deterministic: false, run: async (...parameters) => nudged(await wasm.run(...parameters), noise()) }
}

test('repeats a reference that is not deterministic, and ranks the output among its own', async () => {
  const repeating = conformal.policy({ ...rule, alpha: 0.05, repeats: 19, pairs: [same], confidence })
  const honest = await noisy(0.01).run(inputOf(0))
  expect(await judge(honest, repeating, noisy(0.01))).toMatchObject({ status: 'valid', metrics: { repeats: 19 } })
  expect(await judge(nudged(honest, 0.1), repeating, noisy(0.01))).toMatchObject({
    status: 'invalid',
    metrics: { pValue: 0.05 },
  })
  expect((await judge(nudged(honest, Number.NaN), repeating, noisy(0.01))).status).toBe('invalid')
  expect((await judge(honest, policy, noisy(0.01))).status).toBe('inconclusive')
})

test('refuses too few scores or repeats for alpha', () => {
  const few = { ...pair, scores: scores.slice(1) }
  expect(() => conformal.policy({ ...rule, pairs: [few], confidence })).toThrow('98 scores are too few')
  expect(() => conformal.policy({ ...rule, pairs: [pair], repeats: 98, confidence })).toThrow('too few repeats')
})

test('revision 1: a golden vector', async () => {
  const fixed = conformal.policy({
    ...rule,
    alpha: 0.5,
    pairs: [{ claimed: 'a', reference: 'b', scores: [3, 1, 2] }],
    confidence,
  })
  expect(fixed.parameters.pairs).toEqual([{ claimed: 'a', reference: 'b', n: 3, quantile: 2, invalidAbove: 2 }])
  const { bytes, digest } = await encodePolicy(fixed)
  expect(decodePolicy(bytes)).toEqual(fixed)
  expect(digest).toMatchInlineSnapshot(`"0x3a77070dc916360c7620701eed92712255d3507ed8a6bcd336f455fb615bf62c"`)
  expect(methodId(conformal())).toMatchInlineSnapshot(
    `"0x3993381678d2b5875cfc176f5e544cd2e4e7a94acc14361403d4615241d70c5b"`,
  )
})
