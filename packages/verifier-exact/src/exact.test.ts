import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { verifierConformance } from '@proof-of-inference/conformance'
import {
  decodeOutput,
  decodePolicy,
  digest,
  encodeOutput,
  encodePolicy,
  type InferenceInput,
  type InferenceOutput,
  type ModelManifest,
  memoryPayloadStore,
  type PolicyDocument,
  type RuntimeFingerprint,
  runtimeClass,
  type Tensor,
} from '@proof-of-inference/sdk/payload'
import { type Runner, runnerRegistry } from '@proof-of-inference/sdk/runner'
import { onnx } from '@proof-of-inference/sdk/runner/onnx'
import {
  batchSampling,
  createRandom,
  createVerificationContext,
  methodId,
  type PolicyJob,
  runVerifier,
  type VerificationContext,
} from '@proof-of-inference/sdk/verifier'
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest'
import { type ExactParameters, exact } from './index.ts'

const weightsDigest = `0x${'22'.repeat(32)}` as const
const operator = `0x${'a1'.repeat(20)}` as const
const requestId = `0x${'02'.repeat(32)}` as const
const jobId = `0x${'01'.repeat(32)}` as const
const runtime: RuntimeFingerprint = {
  engine: 'engine',
  version: '1',
  provider: 'cpu',
  threads: 1,
  optimization: 'all',
  weightsDigest,
}
const otherRuntime = { ...runtime, provider: 'gpu' }
const manifest: ModelManifest = {
  v: 1,
  name: 'm',
  weights: { digest: weightsDigest, format: 'x', size: 1 },
  runtimes: [],
}
const pair = { claimed: runtimeClass(otherRuntime), reference: runtimeClass(runtime), atol: 0.01, rtol: 0 }

const tensorsOutput = (value: number, claimedRuntime = runtime): InferenceOutput => ({
  type: 'tensors',
  tensors: { y: { dtype: 'float32', dims: [2], data: new Float32Array([1, value]) } },
  runtime: claimedRuntime,
})
const text = (text: string, tokenIds?: number[]): InferenceOutput => ({
  type: 'text',
  text,
  runtime,
  ...(tokenIds && { tokenIds }),
})

/** A context whose runner always gives one output. */
function contextOf(reference: InferenceOutput, changes: Partial<Runner> = {}) {
  let runs = 0
  const runner: Runner = {
    fingerprint: runtime,
    deterministic: true,
    run: async () => {
      runs++
      return reference
    },
    dispose: async () => {},
    ...changes,
  }
  const context: VerificationContext = {
    operator,
    runner: async () => runner,
    shared: (name) => createRandom(jobId, name),
    secret: (name) => createRandom(requestId, name),
    signal: new AbortController().signal,
  }
  return { context, runs: () => runs }
}

async function verify(
  claimed: InferenceOutput,
  reference: InferenceOutput,
  policy: PolicyDocument<ExactParameters> = exact.policy(),
  changes: Partial<Runner> = {},
) {
  const { context } = contextOf(reference, changes)
  const job: PolicyJob = { requestId, jobId, input: { type: 'json', value: 1 }, claimed, manifest, policy }
  return (await runVerifier(exact(), job, context)).verdict
}

describe('policies', () => {
  test('are fully resolved, and come back from their bytes', async () => {
    const policy = exact.policy({
      tolerances: [pair],
      text: { normalization: 'NFKC', whitespace: 'collapse', unicode: '15.1' },
      tokenIds: 'require',
      confidence: { valid: 9900, invalid: 9800 },
      errorRates: { honest: { n: 1, valid: 1, invalid: 0, inconclusive: 0 }, attacks: {} },
      calibration: { testSet: weightsDigest },
    })
    expectTypeOf(policy).toEqualTypeOf<PolicyDocument<ExactParameters>>()
    expect(decodePolicy((await encodePolicy(policy)).bytes)).toEqual(policy)
  })

  test('may take batches, with no more confidence than a sample gives', async () => {
    const rates = { itemErrorUpper: 3e-4, itemMissUpper: 3e-4 }
    const batch = batchSampling({ ...rates, alpha: 0.01, cheatFraction: 0.1, power: 0.99 })
    const policy = exact.policy({ batch, confidence: { valid: 9900, invalid: 9900 } })
    expect(decodePolicy((await encodePolicy(policy)).bytes)).toEqual(policy)
    expect(policy.batch).toEqual(batch)
    await expect(encodePolicy(exact.policy({ batch }))).rejects.toMatchObject({ name: 'PayloadInvalidError' })
  })

  test('have defaults that hold revision 1: a golden vector', async () => {
    expect(exact.policy()).toEqual({
      v: 1,
      verifier: '@proof-of-inference/verifier-exact',
      revision: 1,
      parameters: { tolerances: [], text: { normalization: 'none', whitespace: 'none' }, tokenIds: 'ignore' },
      confidence: { valid: 9_997, invalid: 9_997 },
      references: {},
    })
    expect((await encodePolicy(exact.policy())).digest).toMatchInlineSnapshot(
      `"0x78bc82eab19bd9168083e8c9f4dc2aff6a68167e480600dcbe9295b54abfdb55"`,
    )
    expect(methodId(exact())).toMatchInlineSnapshot(
      `"0xca9ab69eaec386e70c8ddd85d68b9db56cf6d6126e1ca222be523c11df099894"`,
    )
  })

  test('record the version of Unicode only where it matters', () => {
    expect(exact.policy({ text: { normalization: 'NFC' } }).parameters.text).toEqual({
      normalization: 'NFC',
      whitespace: 'none',
      unicode: process.versions.unicode,
    })
    expect(exact.policy({ text: { whitespace: 'trim' } }).parameters.text).not.toHaveProperty('unicode')
  })

  test.each([
    ['a negative tolerance', { tolerances: [{ ...pair, atol: -1 }] }],
    ['a tolerance that is not finite', { tolerances: [{ ...pair, rtol: Number.POSITIVE_INFINITY }] }],
    ['a tolerance within one class', { tolerances: [{ ...pair, claimed: pair.reference }] }],
    ['a pair twice', { tolerances: [pair, { ...pair, atol: 1 }] }],
    ['no version of Unicode', { text: { normalization: 'NFC', unicode: 'latest' } }],
  ] as const)('refuse %s', (_, options) => {
    expect(() => exact.policy(options)).toThrow()
  })

  test('refuse unknown keys', async () => {
    const policy = exact.policy()
    const parameters = { ...policy.parameters, strict: true }
    await expect(verify(text('a'), text('a'), { ...policy, parameters })).rejects.toMatchObject({
      name: 'PolicyInvalidError',
    })
  })
})

describe('verdicts of revision 1: golden vectors', () => {
  const tolerant = exact.policy({ tolerances: [pair] })
  const tokens = exact.policy({ tokenIds: 'require' })
  const json = (value: number[]): InferenceOutput => ({ type: 'json', value, runtime })
  test.each<[string, InferenceOutput, InferenceOutput, string, PolicyDocument<ExactParameters>?]>([
    ['equal tensors', tensorsOutput(2), tensorsOutput(2), 'valid'],
    ['one element changed', tensorsOutput(2.0000002384185791), tensorsOutput(2), 'invalid'],
    ['another class', tensorsOutput(2, otherRuntime), tensorsOutput(2), 'inconclusive'],
    ['another class within tolerance', tensorsOutput(2.005, otherRuntime), tensorsOutput(2), 'valid', tolerant],
    ['another class beyond tolerance', tensorsOutput(2.02, otherRuntime), tensorsOutput(2), 'invalid', tolerant],
    ['within tolerance, but of one class', tensorsOutput(2.005), tensorsOutput(2), 'invalid', tolerant],
    ['other weights claimed', tensorsOutput(2, { ...runtime, weightsDigest: jobId }), tensorsOutput(2), 'invalid'],
    ['another type', text('2'), tensorsOutput(2), 'invalid'],
    ['equal text', text('a'), text('a'), 'valid'],
    ['other text', text('a'), text('b'), 'invalid'],
    ['token ids ignored', text('a', [1]), text('a', [2]), 'valid'],
    ['token ids required and equal', text('a', [1]), text('a', [1]), 'valid', tokens],
    ['token ids required and other', text('a', [1]), text('a', [2]), 'invalid', tokens],
    ['token ids required and missing', text('a'), text('a', [2]), 'invalid', tokens],
    ['token ids equal but other text', text('b', [1]), text('a', [1]), 'invalid', tokens],
    ['token ids required, the reference has none', text('a', [1]), text('a'), 'inconclusive', tokens],
    ['equal values', json([1, 2]), json([1, 2]), 'valid'],
    ['other values', json([1, 2]), json([2, 1]), 'invalid'],
  ])('%s', async (_, claimed, reference, status, policy) => {
    expect((await verify(claimed, reference, policy)).status).toBe(status)
  })

  test('abstain when the runtime normalises by another Unicode than the policy', async () => {
    const policy = exact.policy({ text: { normalization: 'NFC', unicode: '1.0' } })
    expect(await verify(text('e\u0301'), text('\u00e9'), policy)).toMatchObject({
      status: 'inconclusive',
      reason: expect.stringContaining('Unicode'),
    })
  })

  test('abstain when the reference runner is not deterministic', async () => {
    const verdict = await verify(text('a'), text('a'), exact.policy(), { deterministic: false })
    expect(verdict.status).toBe('inconclusive')
  })
})

test('the evidence holds the reference’s digest and the operator’s runtime', async () => {
  const reference = tensorsOutput(2)
  expect(await verify(tensorsOutput(3), reference)).toEqual({
    status: 'invalid',
    reason: 'the output differs from the reference',
    metrics: { compared: 2, mismatches: 1, maxAbs: 1 },
    evidence: { reference: (await encodeOutput(reference)).digest, runtime },
    provesWork: true,
  })
})

test('only a value that the claimed output does not have proves work', async () => {
  const reference = tensorsOutput(2)
  if (reference.type !== 'tensors') throw new Error('not tensors')
  const { y } = reference.tensors
  if (!y) throw new Error('no tensor')
  const provesWork = async (claimed: InferenceOutput, of: InferenceOutput = reference, policy = exact.policy()) =>
    (await verify(claimed, of, policy)).provesWork ?? false
  expect(await provesWork(tensorsOutput(3))).toBe(true)
  // What follows differs in what the reference could be made from.
  expect(await provesWork(tensorsOutput(2))).toBe(false)
  expect(await provesWork({ ...reference, tensors: { y: { ...y, dims: [1, 2] } } })).toBe(false)
  expect(await provesWork({ ...reference, tensors: { y, z: y } })).toBe(false)
  expect(await provesWork({ ...reference, runtime: { ...runtime, weightsDigest: jobId } })).toBe(false)
  expect(await provesWork(text('a'), text('a', [1]), exact.policy({ tokenIds: 'require' }))).toBe(false)
})

test('does not run the model where nothing could come of it', async () => {
  for (const claimedRuntime of [otherRuntime, { ...runtime, weightsDigest: jobId }]) {
    const { context, runs } = contextOf(tensorsOutput(2))
    const claimed = tensorsOutput(2, claimedRuntime)
    const job = {
      requestId,
      jobId,
      input: { type: 'json', value: 1 },
      claimed,
      manifest,
      policy: exact.policy(),
    } as const
    await runVerifier(exact(), job, context)
    expect(runs()).toBe(0)
  }
})

describe('a reference that fails throws', () => {
  test('when the run does', async () => {
    const run = () => Promise.reject(new Error('out of memory'))
    await expect(verify(text('a'), text('a'), exact.policy(), { run })).rejects.toMatchObject({
      name: 'VerifierFailedError',
      cause: { message: 'out of memory' },
    })
  })

  test('when the runner holds other weights', async () => {
    const fingerprint = { ...runtime, weightsDigest: jobId }
    const reference = { ...text('a'), runtime: fingerprint }
    await expect(verify(text('a'), reference, exact.policy(), { fingerprint })).rejects.toMatchObject({
      name: 'VerifierFailedError',
    })
  })

  test('when its output is of another runtime than it says', async () => {
    await expect(verify(tensorsOutput(2), tensorsOutput(2, otherRuntime))).rejects.toMatchObject({
      name: 'VerifierFailedError',
    })
  })
})

test('a change of any byte of an output’s payload is noticed', async () => {
  const reference = tensorsOutput(2)
  const { bytes, digest: honest } = await encodeOutput(reference)
  const outcomes: Record<string, number> = {}
  for (let index = 0; index < bytes.length; index++) {
    for (const flip of [0x01, 0x20, 0x80]) {
      const tampered = bytes.slice()
      tampered[index] = (tampered[index] ?? 0) ^ flip
      expect(await digest(tampered)).not.toBe(honest)
      const outcome = await decodeOutput(tampered)
        .then((claimed) => verify(claimed, reference))
        .then(
          ({ status }) => status,
          (error: Error) => error.name,
        )
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
    }
  }
  // What still decodes claims another value, other weights, or another runtime.
  expect(Object.keys(outcomes).sort()).toEqual(['PayloadInvalidError', 'inconclusive', 'invalid'])
})

describe('on Silero VAD, a real model', () => {
  const require = createRequire(import.meta.url)
  const payloads = memoryPayloadStore()
  const runners = runnerRegistry({ runners: [onnx()], payloads })
  const signal = new AbortController().signal
  const manifests: Record<string, ModelManifest> = {}

  beforeAll(async () => {
    for (const version of ['v5', 'v6']) {
      const file = require.resolve(`@ricky0123/vad-web/dist/silero_vad_${version}.onnx`)
      const weights = new Uint8Array(await readFile(file))
      manifests[version] = {
        v: 1,
        name: `silero-vad ${version}`,
        weights: { digest: await payloads.put(weights), format: 'onnx', size: weights.length },
        runtimes: [],
      }
    }
  })
  afterAll(() => runners.dispose())

  const manifestOf = (version: string) => {
    const manifest = manifests[version]
    if (!manifest) throw new Error(`no ${version}`)
    return manifest
  }
  const input = {
    type: 'tensors',
    tensors: {
      input: {
        dtype: 'float32',
        dims: [1, 576],
        data: new Float32Array(576).map((_, index) => Math.sin(index / 5) / 3),
      },
      state: { dtype: 'float32', dims: [2, 1, 128], data: new Float32Array(256) },
      sr: { dtype: 'int64', dims: [], data: new BigInt64Array([16_000n]) },
    },
  } as const satisfies InferenceInput

  verifierConformance({
    create: exact,
    async fixtures() {
      const model = await runners.resolve(manifestOf('v5'))
      const silence: InferenceInput = {
        type: 'tensors',
        tensors: { ...input.tensors, input: { dtype: 'float32', dims: [1, 576], data: new Float32Array(576) } },
      }
      const honest = await model.run(input)
      const tolerated = { ...honest.runtime, engine: 'onnxruntime-node', provider: 'cpu' }
      const pair = { claimed: runtimeClass(tolerated), reference: runtimeClass(honest.runtime), atol: 1e-5, rtol: 0 }
      const other = await outputOf('v6')
      return {
        policy: exact.policy({ tolerances: [pair] }),
        manifest: manifestOf('v5'),
        runners: { model },
        honest: [
          { input, claimed: honest },
          { input: silence, claimed: await model.run(silence) },
        ],
        wrong: {
          'another model': { input, claimed: { ...other, runtime: honest.runtime } },
          'the input before': { input, claimed: await model.run(silence) },
        },
        runtimes: [tolerated],
      }
    },
  })

  /** What a model of the version gives, through the wire. */
  async function outputOf(version: string): Promise<InferenceOutput> {
    const runner = await runners.resolve(manifestOf(version))
    const output = await runner.run(input)
    await runner.dispose()
    return decodeOutput((await encodeOutput(output)).bytes)
  }

  async function verifyAsV5(claimed: InferenceOutput) {
    const job: PolicyJob = { requestId, jobId, input, claimed, manifest: manifestOf('v5'), policy: exact.policy() }
    const context = createVerificationContext({ job, operator, runners, payloads, operatorSalt: jobId, signal })
    const result = await runVerifier(exact(), job, context)
    await context.dispose()
    return result
  }

  test('an honest output is valid', async () => {
    expect(await verifyAsV5(await outputOf('v5'))).toMatchObject({
      abstain: false,
      isValid: true,
      confidence: 9_997,
      verdict: { metrics: { compared: 257, mismatches: 0, maxAbs: 0 } },
    })
  })

  test('v6 claimed as v5 is invalid', async () => {
    const output = await outputOf('v6')
    const claimed = { ...output, runtime: { ...output.runtime, weightsDigest: manifestOf('v5').weights.digest } }
    const result = await verifyAsV5(claimed)
    expect(result).toMatchObject({ abstain: false, isValid: false })
    expect(result.verdict.metrics.mismatches).toBeGreaterThan(200)
  })

  test('v6 as it is is invalid', async () => {
    expect(await verifyAsV5(await outputOf('v6'))).toMatchObject({
      isValid: false,
      verdict: { reason: 'the output claims other weights than the model has' },
    })
  })

  test('one element changed, by one unit in the last place, is invalid', async () => {
    const claimed = await outputOf('v5')
    if (claimed.type !== 'tensors') throw new Error('not tensors')
    const stateN = structuredClone(claimed.tensors.stateN) as Tensor
    const words = new Uint32Array(stateN.data.buffer)
    words[100] = (words[100] ?? 0) ^ 1
    expect(await verifyAsV5({ ...claimed, tensors: { ...claimed.tensors, stateN } })).toMatchObject({
      abstain: false,
      isValid: false,
      verdict: { metrics: { mismatches: 1 } },
    })
  })

  test('another optimisation level is another class, and inconclusive', async () => {
    const output = await outputOf('v5')
    const claimed = { ...output, runtime: { ...output.runtime, optimization: 'disabled' } }
    expect(await verifyAsV5(claimed)).toMatchObject({ abstain: true })
  })
})
