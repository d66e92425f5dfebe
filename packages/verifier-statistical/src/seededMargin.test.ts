import { readFile } from 'node:fs/promises'
import { verifierConformance } from '@proof-of-inference/conformance'
import {
  decodePolicy,
  digest,
  encodePolicy,
  type InferenceInput,
  type InferenceOutput,
  type IpldValue,
  type ModelManifest,
  type PolicyDocument,
  runtimeClass,
  type TextOutput,
} from '@proof-of-inference/sdk/payload'
import { byteTokenizer, type PositionScores, type Runner, samplerName } from '@proof-of-inference/sdk/runner'
import { onnx } from '@proof-of-inference/sdk/runner/onnx'
import { onnxNode } from '@proof-of-inference/sdk/runner/onnx-node'
import { createRandom, methodId, runVerifier, type Verdict } from '@proof-of-inference/sdk/verifier'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { measureMargins, type SeededMarginPolicyOptions, seededMargin } from './index.ts'

const folder = new URL('../../../models/tiny-lm/', import.meta.url)
const jobId = `0x${'01'.repeat(32)}` as const

async function modelOf(name: string): Promise<{ weights: Uint8Array; manifest: ModelManifest }> {
  const weights = new Uint8Array(await readFile(new URL(`${name}.onnx`, folder)))
  const tokenizer = { digest: await digest(new Uint8Array()), format: 'bytes' }
  const described = { digest: await digest(weights), format: 'onnx', size: weights.length }
  return { weights, manifest: { v: 1, name, weights: described, tokenizer, runtimes: [] } }
}

const model = await modelOf('tiny-lm')
const { manifest } = model
const wasm = await onnx().load(model)
const native = await onnxNode().load(model)
const stale = await modelOf('stale').then((each) => onnxNode().load(each))
afterAll(() => Promise.all([wasm, native, stale].map((runner) => runner.dispose())))

const thresholds = { clip: 0.01, cap: 0.1, scales: { mean: 1e-6, beyond: 1e-6 }, validBelow: 20, invalidAbove: 200 }
const confidence = { valid: 9_900, invalid: 9_900 }
const pairOf = (claimed: Runner, reference: Runner) => ({
  claimed: runtimeClass(claimed.fingerprint),
  reference: runtimeClass(reference.fingerprint),
  ...thresholds,
})
const options: SeededMarginPolicyOptions = {
  pairs: [pairOf(native, wasm), pairOf(wasm, wasm)],
  temperatures: [0, 1],
  minTokens: 20,
  confidence,
}
const policy = seededMargin.policy(options)
const ask = (changes: { [key: string]: IpldValue } = {}): InferenceInput => ({
  type: 'json',
  value: { prompt: 'hacker\n n.', maxTokens: 60, temperature: 1, seed: 42, ...changes },
})

async function textOf(runner: Runner, input: InferenceInput): Promise<TextOutput & { tokenIds: readonly number[] }> {
  const output = await runner.run(input)
  if (output.type !== 'text' || !output.tokenIds) throw new Error('no tokens')
  return { ...output, tokenIds: output.tokenIds }
}
const withTokens = (output: TextOutput, tokenIds: readonly number[]): TextOutput => ({
  ...output,
  tokenIds,
  text: byteTokenizer.decode(tokenIds),
})

async function judge(
  claimed: InferenceOutput,
  input: InferenceInput = ask(),
  by: PolicyDocument = policy,
  runner: Runner = wasm,
): Promise<Verdict> {
  const { verdict } = await runVerifier(
    seededMargin(),
    { requestId: jobId, jobId, input, claimed, manifest, policy: by },
    {
      operator: `0x${'a1'.repeat(20)}`,
      runner: async () => runner,
      shared: (name) => createRandom(jobId, name),
      secret: (name) => createRandom(jobId, name),
      signal: new AbortController().signal,
    },
  )
  return verdict
}

verifierConformance({
  create: seededMargin,
  fixtures: async () => {
    const honest = async (input: InferenceInput) => ({ input, claimed: await native.run(input) })
    const claimed = { ...(await textOf(stale, ask())), runtime: native.fingerprint }
    return {
      policy,
      manifest,
      runners: { model: wasm },
      honest: [await honest(ask()), await honest(ask({ seed: 43 }))],
      wrong: { 'a stale model': { input: ask(), claimed } },
      runtimes: [native.fingerprint, wasm.fingerprint],
    }
  },
})

describe('on a real language model, the native provider against the wasm verifier', () => {
  let honest: Awaited<ReturnType<typeof textOf>>
  beforeAll(async () => {
    honest = await textOf(native, ask())
  })

  test('honest tokens are valid, at temperature 1 and 0', async () => {
    expect(await judge(honest)).toMatchObject({ status: 'valid', metrics: { tokens: 60, beyond: 0 } })
    const greedy = ask({ temperature: 0 })
    expect(await judge(await textOf(native, greedy), greedy)).toMatchObject({ status: 'valid' })
  })

  test('the evidence holds what only a run of the model gives', async () => {
    const { evidence, provesWork } = await judge(honest)
    expect(provesWork).toBe(true)
    const { scores } = evidence as { scores: Uint8Array }
    const margins = await measureMargins(wasm, ask(), honest.tokenIds)
    const expected = Float32Array.from(margins ?? [], ({ score }) => score)
    expect(new Float32Array(scores.slice().buffer)).toEqual(expected)
  })

  test.each<[string, () => Promise<InferenceOutput> | InferenceOutput]>([
    ['a stale model', async () => ({ ...(await textOf(stale, ask())), runtime: native.fingerprint })],
    ['another seed', () => textOf(native, ask({ seed: 43 }))],
    ['another prompt', () => textOf(native, ask({ prompt: 'The' }))],
    ['one token swapped', () => withTokens(honest, honest.tokenIds.with(30, honest.tokenIds[30] === 101 ? 116 : 101))],
    ['truncated', () => withTokens(honest, honest.tokenIds.slice(0, 50))],
    ['a token too many', () => withTokens(honest, [...honest.tokenIds, 32])],
    ['a token that the model does not have', () => ({ ...honest, tokenIds: honest.tokenIds.with(3, 300) })],
    ['the text of other tokens', () => ({ ...honest, text: `${honest.text}!` })],
    ['no token ids', () => ({ type: 'text', text: honest.text, runtime: honest.runtime })],
    ['other weights claimed', () => ({ ...honest, runtime: stale.fingerprint })],
    ['no text', () => ({ type: 'json', value: honest.text, runtime: honest.runtime })],
  ])('%s is invalid', async (_, claim) => {
    expect((await judge(await claim())).status).toBe('invalid')
  })

  test.each<[string, InferenceInput]>([
    ['no seed', { type: 'json', value: { prompt: 'hacker\n n.', maxTokens: 60, temperature: 1 } }],
    ['truncated support', ask({ topP: 0.9 })],
    ['top k', ask({ topK: 40 })],
    ['a temperature that was not calibrated', ask({ temperature: 0.7 })],
    ['strings to stop at', ask({ stop: ['.'] })],
    ['more tokens than are judged', ask({ maxTokens: 5_000 })],
    ['no language model', { type: 'json', value: 1 }],
  ])('an input with %s is inconclusive', async (_, input) => {
    expect((await judge(honest, input)).status).toBe('inconclusive')
  })

  test('abstains from texts too short, other runtimes, and runners that cannot tell', async () => {
    const short = ask({ maxTokens: 10 })
    const few = await textOf(native, short)
    expect((await judge(few, short)).reason).toContain('too few')
    // But one token that the sampler never takes is one.
    expect((await judge(withTokens(few, few.tokenIds.with(5, 0)), short)).status).toBe('invalid')
    expect((await judge(honest, ask(), policy, native)).reason).toContain('no thresholds')
    const { score: _, ...unable } = wasm
    expect((await judge(honest, ask(), policy, unable)).status).toBe('inconclusive')
  })

  test('judges greedy text by the likeliest tokens alone, and no other', async () => {
    const topKOf = (count: number, isGivenListed: boolean): Runner => ({
      ...wasm,
      async *score(input, tokenIds, options) {
        for await (const scores of wasm.score?.(input, tokenIds, options) ?? none()) {
          if (scores.kind !== 'logits') continue
          const order = [...scores.logits.keys()].sort((a, b) => (scores.logits[b] ?? 0) - (scores.logits[a] ?? 0))
          const given = isGivenListed ? (tokenIds[scores.position] ?? 0) : (order[0] ?? 0)
          const likeliest = Uint32Array.from(new Set([...order.slice(0, count), given]))
          const logprobs = Float32Array.from(likeliest, (id) => scores.logits[id] ?? 0)
          yield { kind: 'topK', position: scores.position, tokenIds: likeliest, logprobs }
        }
      },
    })
    const topK = topKOf(5, true)
    const greedy = ask({ temperature: 0 })
    const output = await textOf(native, greedy)
    expect((await judge(output, greedy, policy, topK)).status).toBe('valid')
    const other = withTokens(output, output.tokenIds.with(9, 0))
    expect((await judge(other, greedy, policy, topK)).status).toBe('invalid')
    expect((await judge(honest, ask(), policy, topK)).status).toBe('inconclusive')
    // A token that is not listed may be anywhere below.
    const wrong = withTokens(output, Array(60).fill(200))
    expect((await judge(wrong, greedy, policy, topKOf(1, true))).status).toBe('invalid')
    expect((await judge(wrong, greedy, policy, topKOf(1, false))).status).toBe('inconclusive')
    expect((await judge(other, greedy, policy, topKOf(5, false))).status).toBe('inconclusive')
  })

  test('each statistic decides by itself', async () => {
    const swapped = withTokens(honest, honest.tokenIds.with(59, honest.tokenIds[59] === 101 ? 0 : 101))
    const by = (mean: number, beyond: number) =>
      seededMargin.policy({ ...options, pairs: [{ ...pairOf(native, wasm), scales: { mean, beyond } }] })
    expect((await judge(swapped, ask(), by(1, 1e-6))).status).toBe('invalid')
    expect((await judge(swapped, ask(), by(1e-9, 1))).status).toBe('invalid')
    expect((await judge(swapped, ask(), by(1, 1))).status).toBe('valid')
  })

  test('a text that ends early has to end by a token that ends texts', async () => {
    const end = honest.tokenIds[40] ?? Number.NaN
    const first = honest.tokenIds.indexOf(end)
    const ending = seededMargin.policy({ ...options, minTokens: 1, endOfSequence: [end] })
    const ended = withTokens(honest, honest.tokenIds.slice(0, first + 1))
    expect((await judge(ended, ask(), ending)).status).toBe('valid')
    expect((await judge(honest, ask(), ending)).reason).toContain('after the end')
    expect((await judge(withTokens(honest, honest.tokenIds.slice(0, first)), ask(), ending)).reason).toContain('no end')
  })
})

async function* none(): AsyncGenerator<PositionScores> {}

describe('revision 2: golden vectors', () => {
  const fixed = seededMargin.policy({
    pairs: [
      { claimed: 'a@1/x/threads=1/optimization=all', reference: 'b@1/y/threads=1/optimization=all', ...thresholds },
    ],
    confidence,
  })

  test('policies are fully resolved, and come back from their bytes', async () => {
    expect(fixed).toMatchObject({
      verifier: '@proof-of-inference/verifier-statistical/seeded-margin',
      revision: 2,
      parameters: { sampler: samplerName, temperatures: [1], minTokens: 100, maxTokens: 4_096, endOfSequence: [] },
    })
    const { bytes, digest } = await encodePolicy(fixed)
    expect(decodePolicy(bytes)).toEqual(fixed)
    expect(digest).toMatchInlineSnapshot(`"0xc4b806452d992f4e8c1b84176e02cba6e14bc1537711039c19c46df1e7151aee"`)
    expect(methodId(seededMargin())).toMatchInlineSnapshot(
      `"0x51f9dcd1e9c5da0454c68a48c7ef734409957365ff0a68bfc88b9e7b899cfb46"`,
    )
  })

  /** A model of three tokens, whose logits at position p are p, 0 and −p. */
  const tiny: Runner = {
    ...wasm,
    async *score(_, tokenIds) {
      for (const position of tokenIds.keys())
        yield { kind: 'logits', position, logits: Float32Array.of(position, 0, -position) }
    },
  }

  test('margins', async () => {
    const margins = async (changes: { [key: string]: IpldValue }, tokenIds: number[]) =>
      (await measureMargins(tiny, ask(changes), tokenIds))?.map(({ margin }) => margin)
    expect(await margins({ temperature: 0 }, [0, 1, 2, 0])).toEqual([0, 1, 4, 0])
    expect(await margins({ temperature: 1, seed: 42 }, [0, 1, 2, 0])).toMatchInlineSnapshot(`
      [
        0,
        0.36438624591223195,
        5.8337756323826895,
        0,
      ]
    `)
  })

  test.each([
    ['a cap below the clip', { cap: 0.001 }],
    ['a clip of 0, which sees nothing', { clip: 0 }],
    ['thresholds the wrong way round', { validBelow: 300 }],
  ])('refuse %s', (_, change) => {
    const [pair] = options.pairs
    if (!pair) throw new Error('no pair')
    expect(() => seededMargin.policy({ ...options, pairs: [{ ...pair, ...change }] })).toThrow()
  })

  test('refuse another temperature than 0 without a sampler, and a pair twice', () => {
    expect(() => seededMargin.policy({ ...options, sampler: 'greedy', temperatures: [1] })).toThrow()
    expect(() => seededMargin.policy({ ...options, pairs: [...options.pairs, ...options.pairs] })).toThrow()
    expect(seededMargin.policy({ ...options, sampler: 'greedy', temperatures: [0] }).parameters.sampler).toBe('greedy')
  })

  test('are what a calibration builds', () => {
    const built = seededMargin.calibrated({ clip: 0.01, cap: 0.1 })({
      thresholds: { [seededMargin.pair({ claimed: 'a', reference: 'b' })]: { ...thresholds } },
      confidence,
      errorRates: { honest: { n: 1, valid: 1, invalid: 0, inconclusive: 0 }, attacks: {} },
      calibration: { calibrationSet: jobId, testSet: jobId, report: jobId },
    })
    expect(built.parameters.pairs).toEqual([{ claimed: 'a', reference: 'b', ...thresholds }])
    expect(built.errorRates?.honest.n).toBe(1)
  })
})
