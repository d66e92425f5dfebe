import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { verifierConformance } from '@proof-of-inference/conformance'
import { measureTensors, tensorFloors, verdictOf } from '@proof-of-inference/sdk/calibration'
import {
  decodePolicy,
  digest,
  encodePolicy,
  type InferenceOutput,
  type ModelManifest,
  type RuntimeFingerprint,
  runtimeClass,
  type Tensor,
} from '@proof-of-inference/sdk/payload'
import type { Runner } from '@proof-of-inference/sdk/runner'
import { onnx } from '@proof-of-inference/sdk/runner/onnx'
import { createRandom, methodId, type PolicyJob, runVerifier } from '@proof-of-inference/sdk/verifier'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLande, encodeText, landeInJavaScript } from '../test/lande.ts'
import { type CosinePolicyOptions, cosine, type Embedder } from './index.ts'

const weightsDigest = `0x${'22'.repeat(32)}` as const
const id = `0x${'01'.repeat(32)}` as const
const runtime: RuntimeFingerprint = {
  ...{ engine: 'engine', version: '1', provider: 'cpu', threads: 1, optimization: 'all' },
  weightsDigest,
}
const other = { ...runtime, provider: 'gpu' }
const manifest: ModelManifest = {
  v: 1,
  name: 'm',
  weights: { digest: weightsDigest, format: 'x', size: 1 },
  runtimes: [],
}
const pair = {
  claimed: runtimeClass(other),
  reference: runtimeClass(runtime),
  scales: {
    'y/cosine': 1e-8,
    'y/relativeL2': 1e-4,
    'y/maxAbs': 1e-3,
    'embedding/cosine': 1e-2,
    'embedding/relativeL2': 1,
    'embedding/maxAbs': 1,
  },
  validBelow: 2,
  invalidAbove: 4,
}
const options: CosinePolicyOptions = { pairs: [pair], confidence: { valid: 9_900, invalid: 9_900 } }
const policy = cosine.policy(options)

const y = (...values: number[]): Tensor => ({ dtype: 'float32', dims: [values.length], data: new Float32Array(values) })
const tensors = (tensor: Tensor, claims = other): InferenceOutput => ({
  type: 'tensors',
  tensors: { y: tensor },
  runtime: claims,
})
const text = (value: string, claims = other): InferenceOutput => ({ type: 'text', text: value, runtime: claims })

/** How often each letter comes. */
const letters: Embedder = {
  digest: id,
  async embed(value) {
    const counts = new Float32Array(26)
    for (const letter of value) counts[letter.charCodeAt(0) - 97] = (counts[letter.charCodeAt(0) - 97] ?? 0) + 1
    return counts
  },
}

async function verify(
  claimed: InferenceOutput,
  reference: InferenceOutput,
  under = policy,
  { embedder, ...changes }: Partial<Runner> & { embedder?: Embedder } = {},
) {
  const runner: Runner = {
    fingerprint: runtime,
    deterministic: true,
    run: async () => reference,
    dispose: async () => {},
    ...changes,
  }
  const job: PolicyJob = {
    requestId: id,
    jobId: id,
    input: { type: 'json', value: 1 },
    claimed,
    manifest,
    policy: under,
  }
  const random = (name: string) => createRandom(id, name)
  const result = await runVerifier(cosine(embedder ? { embedder } : {}), job, {
    ...{ operator: `0x${'a1'.repeat(20)}`, runner: async () => runner, shared: random, secret: random },
    signal: new AbortController().signal,
  })
  return result.verdict
}

describe('policies', () => {
  test('hold revision 1: a golden vector', async () => {
    expect((await encodePolicy(policy)).digest).toMatchInlineSnapshot(
      `"0x44b747cbfaa1ab84356892116c4e0a2b79cd4df18dae8c74478facc73f2fcc83"`,
    )
    expect(methodId(cosine())).toMatchInlineSnapshot(
      `"0x3d9e9e5a7a9557dec3fecd02e69ffe916d049aa00b57cc5fe6c3f553a29df0a2"`,
    )
    expect(decodePolicy((await encodePolicy(policy)).bytes)).toEqual(policy)
  })

  test.each<[string, Partial<CosinePolicyOptions>]>([
    ['no pairs', { pairs: [] }],
    ['a pair twice', { pairs: [pair, pair] }],
    ['a scale of 0', { pairs: [{ ...pair, scales: { 'y/maxAbs': 0 } }] }],
    ['a scale of no metric', { pairs: [{ ...pair, scales: { y: 1 } }] }],
    ['thresholds in the wrong order', { pairs: [{ ...pair, validBelow: 5 }] }],
    ['a margin that leaves nothing', { saturation: { y: { low: 0, high: 1, margin: 0.5 } } }],
    ['an embedder that is no digest', { embedder: '0x12' }],
    ['nearZero of 0', { nearZero: 0 }],
  ])('refuse %s', (_, changes) => {
    expect(() => cosine.policy({ ...options, ...changes })).toThrow()
  })
})

describe('verdicts of revision 1: golden vectors', () => {
  const texts = cosine.policy({ ...options, embedder: id })
  const saturating = cosine.policy({ ...options, saturation: { y: { low: 0, high: 1, margin: 1e-6 } } })
  test.each<[string, InferenceOutput, InferenceOutput, string, typeof policy?]>([
    ['equal', tensors(y(1, 2)), tensors(y(1, 2), runtime), 'valid'],
    ['close', tensors(y(1, 2.0002)), tensors(y(1, 2), runtime), 'valid'],
    ['between the thresholds', tensors(y(1, 2.0006)), tensors(y(1, 2), runtime), 'inconclusive'],
    ['far by relative L2', tensors(y(1, 2.002)), tensors(y(1, 2), runtime), 'invalid'],
    ['far by the largest difference alone', tensors(y(100, 100.0045)), tensors(y(100, 100), runtime), 'invalid'],
    ['far by the angle alone', tensors(y(0.0100035, 0.0099965)), tensors(y(0.01, 0.01), runtime), 'invalid'],
    ['one output', tensors(y(1)), tensors(y(1), runtime), 'inconclusive'],
    ['one output, and far', tensors(y(2)), tensors(y(1), runtime), 'invalid'],
    ['near zero', tensors(y(1e-8, 0)), tensors(y(0, 1e-8), runtime), 'inconclusive'],
    ['saturated', tensors(y(0, 1)), tensors(y(0, 1), runtime), 'inconclusive', saturating],
    ['not saturated', tensors(y(0.1, 0.9)), tensors(y(0.1, 0.9), runtime), 'valid', saturating],
    ['another runtime', tensors(y(1, 2), { ...other, version: '2' }), tensors(y(1, 2), runtime), 'inconclusive'],
    ['other weights claimed', tensors(y(1, 2), { ...other, weightsDigest: id }), tensors(y(1, 2), runtime), 'invalid'],
    ['another type', text('a'), tensors(y(1, 2), runtime), 'invalid'],
    ['a reference with NaN', tensors(y(1, 2)), tensors(y(1, Number.NaN), runtime), 'inconclusive'],
    ['NaN', tensors(y(1, Number.NaN)), tensors(y(1, 2), runtime), 'invalid'],
    ['the same text', text('abba'), text('abba', runtime), 'valid', texts],
    ['the same letters', text('baba'), text('abba', runtime), 'valid', texts],
    ['other letters', text('xyz'), text('abba', runtime), 'invalid', texts],
    ['text without an embedder', text('abba'), text('abba', runtime), 'inconclusive'],
    [
      'structured values',
      { type: 'json', value: 1, runtime: other },
      { type: 'json', value: 1, runtime },
      'inconclusive',
    ],
  ])('%s', async (_, claimed, reference, status, under) => {
    expect((await verify(claimed, reference, under, { embedder: letters })).status).toBe(status)
  })

  test('give the reason where there is nothing to measure', async () => {
    expect((await verify(tensors(y(1)), tensors(y(1), runtime))).reason).toBe(
      'there is nothing to measure: y has 1 element',
    )
  })

  test('prove work where the output is too far', async () => {
    const found = await verify(tensors(y(1, 3)), tensors(y(1, 2), runtime))
    expect(found).toMatchObject({ status: 'invalid', provesWork: true, metrics: { 'y/maxAbs': 1 } })
    expect(found.metrics.score).toBeGreaterThan(4)
  })
})

describe('throws', () => {
  test('when the operator embeds texts otherwise than the policy', async () => {
    const texts = cosine.policy({ ...options, embedder: weightsDigest })
    for (const embedder of [letters, undefined])
      await expect(verify(text('a'), text('a', runtime), texts, embedder ? { embedder } : {})).rejects.toMatchObject({
        name: 'VerifierFailedError',
      })
  })

  test('when the runner holds other weights, or says so of its output', async () => {
    const fingerprint = { ...runtime, weightsDigest: id }
    await expect(verify(tensors(y(1, 2)), tensors(y(1, 2), runtime), policy, { fingerprint })).rejects.toMatchObject({
      name: 'VerifierFailedError',
    })
    await expect(verify(tensors(y(1, 2)), tensors(y(1, 2), other))).rejects.toMatchObject({
      name: 'VerifierFailedError',
    })
  })
})

describe('on lande, a real model', () => {
  const runners: Runner[] = []
  let model: Awaited<ReturnType<typeof createLande>>
  beforeAll(async () => {
    model = await createLande()
    runners.push(await onnx().load(model), landeInJavaScript(model))
  })
  afterAll(() => Promise.all(runners.map((runner) => runner.dispose())))

  const inputs = ['In welcher Sprache ist dieser Satz geschrieben?', 'V jakém jazyce je tato věta napsána?'].map(
    encodeText,
  )
  const measuring = { nearZero: 1e-6, saturation: { probabilities: { low: 0, high: 1, margin: 1e-6 } } }

  /** Its own engine is close to ONNX Runtime; the thresholds are those of the calibration, rounded. */
  async function policyOf() {
    const [reference, own] = runners
    if (!reference || !own) throw new Error('not loaded')
    const scales = {
      ...tensorFloors(['logits', 'probabilities'], 10),
      'logits/cosine': 1e-11,
      'logits/relativeL2': 5e-6,
      'logits/maxAbs': 1e-3,
      'probabilities/cosine': 1e-9,
      'probabilities/relativeL2': 5e-5,
      'probabilities/maxAbs': 3e-5,
    }
    const thresholds = { scales, validBelow: 3, invalidAbove: 6 }
    const [claimed, mine] = [runtimeClass(own.fingerprint), runtimeClass(reference.fingerprint)]
    return cosine.policy({
      ...measuring,
      pairs: [claimed, mine].map((each) => ({ claimed: each, reference: mine, ...thresholds })),
      confidence: { valid: 9_900, invalid: 9_900 },
    })
  }

  verifierConformance({
    create: () => cosine(),
    async fixtures() {
      const [reference, own] = runners
      const [german, czech] = inputs
      if (!reference || !own || !german || !czech) throw new Error('not loaded')
      const claimed = await own.run(german)
      const rounded = structuredClone(claimed)
      if (rounded.type !== 'tensors' || rounded.tensors.logits?.dtype !== 'float32') throw new Error('no logits')
      const { data } = rounded.tensors.logits
      for (const [index, value] of data.entries()) data[index] = Math.round(value * 10) / 10
      return {
        policy: await policyOf(),
        manifest: model.manifest,
        runners: { model: reference },
        honest: [
          { input: german, claimed },
          { input: czech, claimed: await reference.run(czech) },
        ],
        wrong: {
          'another text': { input: german, claimed: await own.run(czech) },
          'rounded logits': { input: german, claimed: rounded },
        },
        runtimes: [own.fingerprint, reference.fingerprint].map(({ weightsDigest: _, ...profile }) => profile),
      }
    },
  })

  test('tells languages, on either engine', async () => {
    const langs = await Promise.all(
      inputs.map(async (input) => {
        const [a, b] = await Promise.all(runners.map((runner) => runner.run(input)))
        if (a?.type !== 'tensors' || b?.type !== 'tensors') throw new Error('not tensors')
        const found = measureTensors(b.tensors, a.tensors, measuring)
        expect('metrics' in found && found.metrics['logits/maxAbs']).toBeLessThan(1e-3)
        const [pair] = (await policyOf()).parameters.pairs
        expect('metrics' in found && pair && verdictOf(found, pair)).toBe('valid')
        const probabilities = Array.from<number | bigint, number>(a.tensors.probabilities?.data ?? [], Number)
        return probabilities.indexOf(Math.max(...probabilities))
      }),
    )
    // deu and ces, in the model's order.
    expect(langs).toEqual([11, 7])
  })
})

test('fp16 weights show in the state of Silero VAD', async () => {
  const { roundWeights } = await import('../../../bench/attacks/weights.ts')
  const file = createRequire(import.meta.url).resolve('@ricky0123/vad-web/dist/silero_vad_v5.onnx')
  const weights = new Uint8Array(await readFile(file))
  const load = async (bytes: Uint8Array) => {
    const own = { digest: await digest(bytes), format: 'onnx', size: bytes.length }
    return onnx().load({ weights: bytes, manifest: { ...manifest, weights: own } })
  }
  const input = {
    type: 'tensors',
    tensors: {
      input: {
        dtype: 'float32',
        dims: [1, 576],
        data: new Float32Array(576).map((_, index) => Math.sin(index / 5) / 3),
      },
      state: { dtype: 'float32', dims: [2, 1, 128], data: new Float32Array(256).map((_, index) => Math.sin(index)) },
      sr: { dtype: 'int64', dims: [], data: new BigInt64Array([16_000n]) },
    },
  } as const
  const outputs = []
  for (const bytes of [weights, roundWeights(weights, 'fp16')]) {
    const runner = await load(bytes)
    const output = await runner.run(input)
    await runner.dispose()
    if (output.type !== 'tensors') throw new Error('not tensors')
    outputs.push(output.tensors)
  }
  const [honest, rounded] = outputs
  if (!honest || !rounded) throw new Error('no outputs')
  const found = measureTensors(rounded, honest, { nearZero: 1e-6, saturation: {} })
  if (!('metrics' in found)) throw new Error('not measured')
  expect(found.metrics['stateN/maxAbs']).toBeGreaterThan(1e-4)
  // A threshold of cosine ≥ 0.999 would have taken it.
  expect(found.metrics['stateN/cosine']).toBeLessThan(1e-3)
})
