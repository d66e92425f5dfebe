import { verifierConformance } from '@proof-of-inference/conformance'
import {
  decodePolicy,
  encodePolicy,
  type InferenceInput,
  type InferenceOutput,
  type ModelManifest,
  type RuntimeFingerprint,
  runtimeClass,
  type Tensor,
} from '@proof-of-inference/sdk/payload'
import { type Runner, RunnerFailedError } from '@proof-of-inference/sdk/runner'
import { createRandom, methodId, type PolicyJob, runVerifier } from '@proof-of-inference/sdk/verifier'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findConsensus } from './consensus.ts'
import { type CrossvalPolicyOptions, crossval } from './index.ts'

const digestOf = (byte: string) => `0x${byte.repeat(32)}` as const
const id = digestOf('01')
const profile = { engine: 'engine', version: '1', provider: 'cpu', threads: 1, optimization: 'all' }
const fingerprintOf = (byte: string): RuntimeFingerprint => ({ ...profile, weightsDigest: digestOf(byte) })
const runtime = runtimeClass(profile)
const manifest: ModelManifest = {
  v: 1,
  name: 'm',
  weights: { digest: digestOf('22'), format: 'x', size: 1 },
  runtimes: [],
}
const roles = { model: '22', second: '33', third: '44' } as const
type Role = keyof typeof roles

const options: CrossvalPolicyOptions = {
  panel: [
    { role: 'model', weight: 1, runtime },
    { role: 'second', weight: 1, runtime, manifest: digestOf('03') },
    { role: 'third', weight: 1, runtime, manifest: digestOf('04') },
  ],
  claims: [
    {
      claimed: runtime,
      scales: { 'y/cosine': 1e-3, 'y/relativeL2': 0.05, 'y/maxAbs': 0.1 },
      validBelow: 2,
      invalidAbove: 4,
    },
  ],
  confidence: { valid: 9_900, invalid: 9_900 },
}
const policy = crossval.policy(options)

const floats = (...values: number[]): Tensor => ({
  dtype: 'float32',
  dims: [values.length],
  data: new Float32Array(values),
})
const y = (...values: number[]): InferenceOutput => ({
  type: 'tensors',
  tensors: { y: floats(...values) },
  runtime: fingerprintOf('22'),
})
const text = (value: string): InferenceOutput => ({ type: 'text', text: value, runtime: fingerprintOf('22') })

const by = (output: InferenceOutput, role: Role): InferenceOutput => ({
  ...output,
  runtime: fingerprintOf(roles[role]),
})
const runnerOf = (
  role: Role,
  answer: (input: InferenceInput) => InferenceOutput,
  changes: Partial<Runner> = {},
): Runner => ({
  fingerprint: fingerprintOf(roles[role]),
  deterministic: true,
  async run(input, { signal } = {}) {
    signal?.throwIfAborted()
    return by(answer(input), role)
  },
  dispose: async () => {},
  ...changes,
})

async function verify(
  claimed: InferenceOutput,
  panel: readonly [InferenceOutput, InferenceOutput, InferenceOutput],
  under = policy,
  changes: { [role in Role]?: Partial<Runner> } = {},
) {
  const names: readonly Role[] = ['model', 'second', 'third']
  const runners = names.map((role, index) => runnerOf(role, () => panel[index] ?? claimed, changes[role]))
  const job: PolicyJob = {
    requestId: id,
    jobId: id,
    input: { type: 'json', value: 1 },
    claimed,
    manifest,
    policy: under,
  }
  const random = (name: string) => createRandom(id, name)
  const result = await runVerifier(crossval(), job, {
    operator: `0x${'a1'.repeat(20)}`,
    async runner(role = 'model') {
      const runner = runners[names.indexOf(role as Role)]
      if (!runner) throw new Error(`no ${role}`)
      return runner
    },
    ...{ shared: random, secret: random, signal: new AbortController().signal },
  })
  return result.verdict
}

describe('policies', () => {
  test('hold revision 1: a golden vector', async () => {
    expect((await encodePolicy(policy)).digest).toMatchInlineSnapshot(
      `"0x279dcd902781930d33ebf8e0cc53869aab72463f64c73a95bcca70f9ecda21fa"`,
    )
    expect(methodId(crossval())).toMatchInlineSnapshot(
      `"0xef906e938ab233796855da0fc77ebae11b25aec21a886439121dfda04efaea97"`,
    )
    expect(decodePolicy((await encodePolicy(policy)).bytes)).toEqual(policy)
    expect(policy.references).toEqual({
      second: { manifestDigest: digestOf('03') },
      third: { manifestDigest: digestOf('04') },
    })
  })

  const [model, second, third] = options.panel
  test.each<[string, Partial<CrossvalPolicyOptions>]>([
    ['a panel of two', { panel: options.panel.slice(0, 2) }],
    [
      'a panellist with half of the weight',
      { panel: [...options.panel.slice(0, 2), { ...options.panel[2], weight: 2 } as never] },
    ],
    ['a role twice', { panel: [model, second, second] as never }],
    ['a panellist without a manifest', { panel: [model, second, { role: 'third', weight: 1, runtime }] as never }],
    ['the model with a manifest', { panel: [{ ...model, manifest: id }, second, third] as never }],
    ['a weight of 0', { panel: [model, second, { ...third, weight: 0 }] as never }],
    ['no claims', { claims: [] }],
    ['a claim twice', { claims: [...options.claims, ...options.claims] }],
  ])('refuse %s', (_, changes) => {
    expect(() => crossval.policy({ ...options, ...changes })).toThrow()
  })
})

describe('verdicts of revision 1: golden vectors', () => {
  const json = (value: number[]): InferenceOutput => ({ type: 'json', value, runtime: fingerprintOf('22') })
  test.each<[string, InferenceOutput, [InferenceOutput, InferenceOutput, InferenceOutput], string]>([
    ['what the panel says', y(1, 2), [y(1, 2), y(1.1, 2), y(1, 2.1)], 'valid'],
    ['close to the median', y(1.05, 2), [y(1, 2), y(1.1, 2), y(1, 2.1)], 'valid'],
    ['between the thresholds', y(1.13, 2.26), [y(1, 2), y(1, 2), y(1, 2)], 'inconclusive'],
    ['far from it', y(5, 2), [y(1, 2), y(1.1, 2), y(1, 2.1)], 'invalid'],
    ['one panellist lies', y(1, 2), [y(1, 2), y(1e9, -1e9), y(1, 2.1)], 'valid'],
    ['one panellist agrees with a lie', y(5, 2), [y(1, 2), y(5, 2), y(1, 2.1)], 'invalid'],
    ['one panellist says NaN', y(1, 2), [y(1, 2), y(Number.NaN, Number.NaN), y(1, 2.1)], 'valid'],
    ['one panellist answers in another shape', y(1, 2), [y(1, 2), y(1, 2, 3), y(1, 2.1)], 'valid'],
    ['no two panellists answer in one shape', y(1, 2), [y(1, 2), y(1, 2, 3), y(1)], 'inconclusive'],
    ['one output', y(1), [y(1), y(1), y(1)], 'inconclusive'],
    ['another shape', y(1, 2, 3), [y(1, 2), y(1, 2), y(1, 2)], 'invalid'],
    ['the text of the majority', text('a'), [text('a'), text('b'), text('a')], 'valid'],
    ['the value of the majority', json([1]), [json([1]), json([2]), json([1])], 'valid'],
    ['another text', text('b'), [text('a'), text('b'), text('a')], 'invalid'],
    ['text where no two agree', text('a'), [text('a'), text('b'), text('c')], 'inconclusive'],
    ['another type', text('a'), [y(1, 2), y(1, 2), y(1, 2)], 'invalid'],
  ])('%s', async (_, claimed, panel, status) => {
    expect((await verify(claimed, panel)).status).toBe(status)
  })

  test('abstains from claims of other runtimes, and refuses other weights', async () => {
    const panel = [y(1, 2), y(1, 2), y(1, 2)] as const
    const unknown = { ...y(1, 2), runtime: { ...fingerprintOf('22'), version: '2' } }
    expect(await verify(unknown, panel)).toMatchObject({ status: 'inconclusive' })
    expect(await verify(by(y(1, 2), 'second'), panel)).toMatchObject({ status: 'invalid' })
  })

  test('abstains where a panellist runs on another runtime than the policy says, or is not deterministic', async () => {
    const panel = [y(1, 2), y(1, 2), y(1, 2)] as const
    const fingerprint = { ...fingerprintOf('33'), version: '2' }
    expect(await verify(y(1, 2), panel, policy, { second: { fingerprint } })).toMatchObject({ status: 'inconclusive' })
    expect(await verify(y(1, 2), panel, policy, { third: { deterministic: false } })).toMatchObject({
      status: 'inconclusive',
    })
  })
})

test('a panellist that fails throws, and ends the runs of the others', async () => {
  const signals: (AbortSignal | undefined)[] = []
  const fail = () => Promise.reject(new RunnerFailedError({ runner: 'x', reason: 'out of memory' }))
  const hang: Runner['run'] = (_, { signal } = {}) => {
    signals.push(signal)
    return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
  }
  const panel = [y(1, 2), y(1, 2), y(1, 2)] as const
  await expect(verify(y(1, 2), panel, policy, { second: { run: fail }, third: { run: hang } })).rejects.toMatchObject({
    name: 'RunnerFailedError',
  })
  expect(signals.map((signal) => signal?.aborted)).toEqual([true])
})

describe('findConsensus', () => {
  const medianOf = (...answers: [number, number][]) => {
    const found = findConsensus(answers.map(([value, weight]) => ({ output: y(value), weight })))
    return found?.type === 'tensors' ? found.tensors.y?.data[0] : undefined
  }

  test('is the weighted median', () => {
    expect(medianOf([1, 1], [2, 1], [9, 1])).toBe(2)
    expect(medianOf([1, 2], [2, 1], [9, 2])).toBe(2)
    expect(medianOf([1, 3], [2, 1], [9, 3])).toBe(2)
    expect(medianOf([5, 1], [1, 1], [7, 1], [3, 1], [9, 1])).toBe(5)
    expect(medianOf([1, 1], [2, 1], [3, 1], [4, 1])).toBe(2)
    expect(medianOf([1, 1], [2, 1], [Number.NaN, 1])).toBe(2)
    expect(medianOf([1, 1], [2, 1], [Number.POSITIVE_INFINITY, 1])).toBe(2)
  })

  test('stays among the others, whatever one says', () => {
    const float = fc.float({ noNaN: true, noDefaultInfinity: true })
    const any = fc.float()
    fc.assert(
      fc.property(fc.array(float, { minLength: 2, maxLength: 6 }), any, fc.nat(6), (honest, lie, at) => {
        const values = [...honest]
        values.splice(at % (honest.length + 1), 0, lie)
        const median = medianOf(...values.map((value): [number, number] => [value, 1]))
        expect(median).toBeGreaterThanOrEqual(Math.min(...honest))
        expect(median).toBeLessThanOrEqual(Math.max(...honest))
      }),
    )
  })

  test('has medians of integers too', () => {
    const of = (value: bigint, weight: number) => ({
      output: {
        ...{ type: 'tensors', runtime: fingerprintOf('22') },
        tensors: { ids: { dtype: 'int64', dims: [1], data: BigInt64Array.of(value) } },
      } as InferenceOutput,
      weight,
    })
    const found = findConsensus([of(3n, 1), of(1n, 1), of(2n, 1)])
    expect(found?.type === 'tensors' && found.tensors.ids?.data[0]).toBe(2n)
  })
})

/** Three models of one task: each adds a little of its own. */
const answer =
  (own: number) =>
  (input: InferenceInput): InferenceOutput => {
    const value = input.type === 'json' ? Number(input.value) : 0
    return y(value, value + own, -value)
  }
verifierConformance({
  create: crossval,
  async fixtures() {
    const runners = {
      model: runnerOf('model', answer(0)),
      second: runnerOf('second', answer(0.01)),
      third: runnerOf('third', answer(-0.01)),
    }
    const [a, b] = [{ type: 'json', value: 1 } as const, { type: 'json', value: 5 } as const]
    return {
      policy,
      manifest,
      runners,
      honest: [
        { input: a, claimed: answer(0.01)(a) },
        { input: b, claimed: answer(0)(b) },
      ],
      wrong: { 'another model': { input: a, claimed: answer(2)(a) }, random: { input: b, claimed: y(0.3, -7, 1) } },
      runtimes: [profile],
    }
  },
})
