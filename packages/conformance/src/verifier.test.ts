import {
  type InferenceInput,
  type InferenceOutput,
  type ModelManifest,
  memoryPayloadStore,
  type PolicyDocument,
  type TensorsOutput,
} from '@proof-of-inference/sdk/payload'
import { defineRunner, type Runner } from '@proof-of-inference/sdk/runner'
import {
  defineVerifier,
  type ItemVerifier,
  inconclusive,
  invalid,
  type VerificationContext,
  type VerificationJob,
  valid,
} from '@proof-of-inference/sdk/verifier'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { type VerifierFixtures, verifierChecks, verifierConformance } from './verifier.ts'

type Parameters = { readonly atol: number }
type Verify = (
  job: VerificationJob<Parameters>,
  context: VerificationContext,
) => ReturnType<ItemVerifier<Parameters>['verify']>

const weights = new Uint8Array([3])
const manifest: ModelManifest = {
  v: 1,
  name: 'times three',
  weights: { digest: await memoryPayloadStore().put(weights), format: 'factor', size: 1 },
  runtimes: [],
}
const profile = { engine: 'factor', version: '1', provider: 'js', threads: 1, optimization: 'none' }
/** A model that multiplies its numbers by the one byte of its weights. */
const factor = defineRunner({
  name: 'factor',
  formats: ['factor'],
  supports: () => true,
  async load({ weights }) {
    const fingerprint = { ...profile, weightsDigest: manifest.weights.digest }
    return {
      fingerprint,
      deterministic: true,
      async run(input, { signal } = {}) {
        signal?.throwIfAborted()
        const x = numbers(input)
        const y = x.map((value) => value * (weights[0] ?? Number.NaN))
        const tensors = { y: { dtype: 'float32', dims: [y.length], data: y } } as const
        return { type: 'tensors', tensors, runtime: fingerprint }
      },
      dispose: async () => {},
    }
  },
})

function numbers(value: InferenceInput | InferenceOutput): Float32Array {
  if (value.type !== 'tensors') throw new TypeError('not tensors')
  const [tensor] = Object.values(value.tensors)
  if (tensor?.dtype !== 'float32') throw new TypeError('not float32')
  return tensor.data
}

const inputOf = (...values: number[]): InferenceInput => ({
  type: 'tensors',
  tensors: { x: { dtype: 'float32', dims: [values.length], data: new Float32Array(values) } },
})

const policy: PolicyDocument<Parameters> = {
  v: 1,
  verifier: '@test/close',
  revision: 1,
  parameters: { atol: 0.001 },
  confidence: { valid: 9_900, invalid: 9_900 },
  references: {},
}

async function fixtures(): Promise<VerifierFixtures> {
  const model = await factor.load({ manifest, weights })
  const [a, b] = [inputOf(1, 2, 3), inputOf(4, 5, 6)]
  const claim = async (input: InferenceInput) => ({ input, claimed: await model.run(input) })
  const honest = [await claim(a), await claim(b)] as const
  const other: InferenceOutput = { ...honest[0].claimed, ...{ tensors: tensorsOf(2, 4, 6) } } as TensorsOutput
  return { policy, manifest, runners: { model }, honest, wrong: { 'times two': { input: a, claimed: other } } }
}

const tensorsOf = (...values: number[]) => ({
  y: { dtype: 'float32', dims: [values.length], data: new Float32Array(values) } as const,
})

/** A right verifier: every element within the tolerance, of the same runtime. */
const verify: Verify = async ({ claimed, input, manifest, policy: { atol } }, context) => {
  if (claimed.runtime.weightsDigest !== manifest.weights.digest) return invalid({ reason: 'other weights' })
  const runner = await context.runner()
  if (claimed.runtime.engine !== runner.fingerprint.engine || claimed.runtime.version !== runner.fingerprint.version)
    return inconclusive({ reason: 'another runtime' })
  const reference = await runner.run(input, { signal: context.signal })
  return compare(claimed, reference, atol)
}

function compare(claimed: InferenceOutput, reference: InferenceOutput, atol: number) {
  if (claimed.type !== 'tensors' || reference.type !== 'tensors') return invalid({ reason: 'not tensors' })
  const { y: a, ...surplus } = claimed.tensors
  const { y: b } = reference.tensors
  if (!a || !b || Object.keys(surplus).length > 0) return invalid({ reason: 'other tensors' })
  if (a.dtype !== b.dtype || a.dims.join() !== b.dims.join()) return invalid({ reason: 'another shape' })
  const isClose = b.data.every((value, index) => Math.abs(Number(value) - Number(a.data[index])) <= atol)
  return isClose ? valid() : invalid()
}

type Changes = { verify?: Verify; policy?: ItemVerifier<Parameters>['policy'] }

const close = (changes: Changes = {}) =>
  defineVerifier<Parameters>({
    name: '@test/close',
    revision: 1,
    scope: 'item',
    requires: ['run'],
    policy: v.strictObject({ atol: v.number() }),
    verify,
    ...changes,
  })

verifierConformance({ create: close, fixtures })

/** The names of the checks that fail. */
async function failures(create: () => ItemVerifier<Parameters>, except = {}): Promise<string[]> {
  const failed: string[] = []
  for (const { name, skip, run } of verifierChecks({ create, fixtures, except, timeout: 2_000 })) {
    if (skip !== undefined) continue
    await run().catch(() => failed.push(name))
  }
  return failed
}

const swallowing =
  (instead: ReturnType<typeof valid>): Verify =>
  async (job, context) => {
    try {
      return await verify(job, context)
    } catch {
      return instead
    }
  }

/** The right verifier, but that its runner is another. */
const withRunner =
  (change: (runner: Runner) => Runner): Verify =>
  (job, context) =>
    verify(job, { ...context, runner: async (role) => change(await context.runner(role)) })

describe('a broken verifier fails the suite', () => {
  const broken: [flaw: string, changes: Changes, check: string][] = [
    ['always valid', { verify: () => valid() }, 'finds wrong outputs invalid'],
    ['always invalid', { verify: () => invalid() }, 'finds honest outputs valid'],
    ['always abstains', { verify: () => inconclusive({ reason: 'no idea' }) }, 'finds wrong outputs invalid'],
    [
      'ignores the output',
      {
        async verify({ input }, { runner, signal }) {
          const output = await (await runner()).run(input, { signal })
          return compare(output, output, 0)
        },
      },
      'does not find the output of another request valid',
    ],
    [
      'judges the output alone',
      {
        // Of the fixtures' inputs: whichever it is for.
        async verify(job, context) {
          const found = await verify(job, context)
          return found.status === 'invalid' && job.claimed.type === 'tensors' && [3, 12].includes(first(job.claimed))
            ? valid()
            : found
        },
      },
      'does not find the output of another request valid',
    ],
    ['finds the output wrong when the runner fails', { verify: swallowing(invalid()) }, 'throws when a run fails'],
    [
      'abstains when there is no runner',
      { verify: swallowing(inconclusive({ reason: 'down' })) },
      'throws when there is no runner',
    ],
    [
      'passes when aborted',
      { verify: swallowing(valid()) },
      'ends its runs, and throws, when aborted in the midst of one',
    ],
    [
      'judges when a run takes too long',
      { verify: swallowing(invalid()) },
      'throws when a run takes longer than the operator allows',
    ],
    [
      'finds NaN valid',
      {
        // `>` where it should be the negation of `<=`.
        verify: withClaim((claimed, reference, atol) => {
          const isShaped = compare(claimed, reference, Number.POSITIVE_INFINITY).status === 'valid'
          const isFar = pairs(claimed, reference).some(([a, b]) => Math.abs(a - b) > atol)
          return isFar || !(isShaped || hasNaN(claimed)) ? invalid() : valid()
        }),
      },
      'finds NaN and infinities invalid',
    ],
    [
      'looks at as many elements as there are',
      {
        verify: withClaim((claimed, reference, atol) =>
          pairs(claimed, reference).every(([a, b]) => Math.abs(a - b) <= atol) ? valid() : invalid(),
        ),
      },
      'finds other shapes, element types and names invalid',
    ],
    [
      'chokes on another type of output',
      {
        verify(job, context) {
          if (job.claimed.type !== 'tensors') throw new TypeError('not tensors')
          return verify(job, context)
        },
      },
      'judges other types of output, empty and huge ones, and does not find them valid',
    ],
    [
      'believes the claimed runtime',
      { verify: withClaim((claimed, reference, atol) => compare(claimed, reference, atol)) },
      'does not find an output valid that claims other weights, or an unknown runtime',
    ],
    [
      'trusts an engine by its name',
      {
        verify: (job, context) =>
          job.claimed.runtime.engine === 'factor' ? verify(job, context) : valid({ metrics: { trusted: 1 } }),
      },
      'does not find a wrong output valid under the name of another runtime',
    ],
    [
      'gives the run no signal',
      { verify: withRunner((runner) => ({ ...runner, run: (input) => runner.run(input) })) },
      'ends its runs, and throws, when aborted in the midst of one',
    ],
    [
      'throws a coin',
      { verify: async (job, context) => (Math.random() < 0.4 ? invalid() : verify(job, context)) },
      'gives the same verdict on the same job, whatever the time and chance',
    ],
    [
      'measures the time',
      {
        async verify(job, context) {
          return { ...(await verify(job, context)), metrics: { at: Date.now() } }
        },
      },
      'gives the same verdict on the same job, whatever the time and chance',
    ],
    [
      'favours an operator',
      { verify: (job, context) => (context.operator.startsWith('0xb1') ? valid() : verify(job, context)) },
      'gives operators with the same policy the same verdict, or has them abstain',
    ],
    [
      'decides by its own salt',
      { verify: (job, context) => (context.secret('coin').float() < 0.5 ? valid() : verify(job, context)) },
      'gives operators with the same policy the same verdict, or has them abstain',
    ],
    [
      'changes the claimed output',
      {
        async verify(job, context) {
          const found = await verify(job, context)
          if (job.claimed.type === 'tensors') numbers(job.claimed).sort((a, b) => b - a)
          return found
        },
      },
      'changes nothing that it is given',
    ],
    [
      'changes the reference’s output',
      {
        verify: withClaim((claimed, reference, atol, isSame) => {
          if (!isSame) return inconclusive({ reason: 'another runtime' })
          const found = compare(claimed, reference, atol)
          numbers(reference).fill(0)
          return found
        }),
      },
      'changes nothing that it is given',
    ],
    [
      'gives metrics that are no numbers',
      { verify: async (job, context) => ({ ...(await verify(job, context)), metrics: { mean: Number.NaN } }) },
      'finds honest outputs valid',
    ],
    [
      'gives evidence that has no canonical bytes',
      { verify: async (job, context) => ({ ...(await verify(job, context)), evidence: { ratio: Number.NaN } }) },
      'gives metrics and evidence that can be attested to',
    ],
    ['takes unknown keys', { policy: v.looseObject({ atol: v.number() }) }, 'has policies that take no unknown key'],
    ['drops unknown keys', { policy: v.object({ atol: v.number() }) }, 'has policies that take no unknown key'],
    [
      'fills in defaults',
      { policy: v.strictObject({ atol: v.optional(v.number(), 0.5) }) as v.GenericSchema<Parameters> },
      'has policies that come back from their bytes, and that its schema neither fills in nor changes',
    ],
    [
      'changes what it is given',
      {
        policy: v.strictObject({
          atol: v.pipe(
            v.number(),
            v.transform((atol) => atol * 2),
          ),
        }),
      },
      'has policies that come back from their bytes, and that its schema neither fills in nor changes',
    ],
    [
      'parses its policy asynchronously',
      { policy: v.strictObjectAsync({ atol: v.number() }) },
      'has policies that come back from their bytes, and that its schema neither fills in nor changes',
    ],
  ]
  test.each(broken)('%s', async (_, changes, check) => {
    expect(await failures(() => close(changes))).toContain(check)
  })

  test('that says it needs no runner, and asks for one', async () => {
    expect(await failures(() => ({ ...close(), requires: [] }))).toEqual([
      'asks for a runner if it requires one, and only then',
    ])
  })

  test('that says it needs a runner, and asks for none', async () => {
    const lazy = () => close({ verify: ({ claimed }) => (first(claimed) % 3 === 0 ? valid() : invalid()) })
    expect(await failures(lazy)).toContain('asks for a runner if it requires one, and only then')
  })

  test('that deviates otherwise than it says', async () => {
    expect(await failures(() => close(), { runtime: 'a rubric', replay: 'any answer will do' })).toEqual([
      'cannot tell the output of another request, as it says: any answer will do',
      'judges alike whatever runtime is claimed, as it says: a rubric',
    ])
  })
})

const first = (value: InferenceOutput) =>
  value.type === 'tensors' ? Number(Object.values(value.tensors)[0]?.data[0]) : Number.NaN

/** A verifier that compares whatever runtime is claimed. */
function withClaim(
  judge: (
    claimed: InferenceOutput,
    reference: InferenceOutput,
    atol: number,
    isSame: boolean,
  ) => ReturnType<typeof valid>,
): Verify {
  return async ({ claimed, input, policy: { atol } }, { runner, signal }) => {
    const model = await runner()
    const { runtime } = claimed
    const isSame = Object.entries(model.fingerprint).every(([key, value]) => runtime[key as 'engine'] === value)
    return judge(claimed, await model.run(input, { signal }), atol, isSame)
  }
}

function pairs(claimed: InferenceOutput, reference: InferenceOutput): [number, number][] {
  if (claimed.type !== 'tensors' || reference.type !== 'tensors') return []
  const a = Object.values(claimed.tensors)[0]?.data ?? []
  const b = numbers(reference)
  return Array.from({ length: Math.min(a.length, b.length) }, (_, index) => [Number(a[index]), b[index] ?? Number.NaN])
}

function hasNaN(output: InferenceOutput): boolean {
  return output.type === 'tensors' && output.tensors.y?.dtype === 'float32' && output.tensors.y.data.some(Number.isNaN)
}
