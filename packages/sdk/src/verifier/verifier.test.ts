import * as v from 'valibot'
import { getAddress } from 'viem'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { RunnerUnavailableError } from '../errors/verification.ts'
import { decodeCanonical } from '../payload/codec.ts'
import { digest } from '../payload/digest.ts'
import { encodeManifest } from '../payload/documents.ts'
import { memoryPayloadStore } from '../payload/memoryPayloadStore.ts'
import { putPayload } from '../payload/transfer.ts'
import type { ModelManifest, PolicyDocument } from '../payload/types.ts'
import type { Runner, RunnerRegistry } from '../runner/types.ts'
import { createVerificationContext } from './createVerificationContext.ts'
import { defineVerifier } from './defineVerifier.ts'
import { decodeEvidence } from './evidence.ts'
import { methodId } from './methodId.ts'
import { createRandom } from './random.ts'
import { runVerifier } from './runVerifier.ts'
import type { ItemVerifier, PolicyJob, Verdict, VerificationContext, Verifier } from './types.ts'
import { inconclusive, invalid, valid } from './verdict.ts'
import { verifierRegistry } from './verifierRegistry.ts'

const weightsDigest = `0x${'22'.repeat(32)}` as const
const jobId = `0x${'01'.repeat(32)}` as const
const operator = getAddress(`0x${'ab'.repeat(20)}`)
const requestId = `0x${'02'.repeat(32)}` as const
const manifest: ModelManifest = {
  v: 1,
  name: 'm',
  weights: { digest: weightsDigest, format: 'onnx', size: 1 },
  runtimes: [],
}
const document: PolicyDocument = {
  v: 1,
  verifier: '@acme/rubric',
  revision: 3,
  parameters: { tolerance: 0.5 },
  confidence: { valid: 9900, invalid: 9500 },
  references: {},
}
const job: PolicyJob = {
  requestId,
  jobId,
  input: { type: 'json', value: 1 },
  claimed: {
    type: 'json',
    value: 2,
    runtime: { engine: 'e', version: '1', provider: 'p', threads: 1, optimization: 'none', weightsDigest },
  },
  manifest,
  policy: document,
}
const context: VerificationContext = {
  operator,
  runner: () => Promise.reject(new Error('no runner')),
  shared: (name) => createRandom(jobId, name),
  secret: (name) => createRandom(requestId, name),
  signal: new AbortController().signal,
}

const rubric = (verify: ItemVerifier<{ tolerance: number }>['verify']) =>
  defineVerifier({
    name: '@acme/rubric',
    revision: 3,
    scope: 'item',
    requires: [],
    policy: v.strictObject({ tolerance: v.number() }),
    verify,
  })

describe('defineVerifier', () => {
  test('infers the parameters from the schema', () => {
    const verifier = defineVerifier({
      name: 'rubric',
      revision: 1,
      scope: 'item',
      requires: ['run'],
      policy: v.strictObject({ tolerance: v.number() }),
      verify({ policy }) {
        expectTypeOf(policy).toEqualTypeOf<{ tolerance: number }>()
        return valid()
      },
    })
    expectTypeOf(verifier).toEqualTypeOf<ItemVerifier<{ tolerance: number }>>()
    expectTypeOf(verifier).toExtend<Verifier>()
    expect(Object.isFrozen(verifier)).toBe(true)
  })

  test.each(['rubric', '@acme/rubric', '@acme/rubric/strict', 'rubric/strict', 'a.b_c-d~e'])('takes %s', (name) => {
    expect(defineVerifier({ ...rubric(() => valid()), name }).name).toBe(name)
  })

  test.each(['', 'Rubric', '@acme', '@acme/', 'a/b/c', 'a@1', '@a/b@1', '.a', 'a b', 'a\n', 'x'.repeat(215)])(
    'refuses the name %j',
    (name) => {
      expect(() => defineVerifier({ ...rubric(() => valid()), name })).toThrow(
        expect.objectContaining({ name: 'InvalidDefinitionError' }),
      )
    },
  )

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses revision %s', (revision) => {
    expect(() => defineVerifier({ ...rubric(() => valid()), revision })).toThrow(
      expect.objectContaining({ name: 'InvalidDefinitionError' }),
    )
  })
})

test('methodId is keccak256 of name@revision: a golden vector', () => {
  expect(methodId({ name: '@acme/rubric', revision: 3 })).toMatchInlineSnapshot(
    `"0xfd5442858e8194342a1030e0f71292ec92fd0bde2d9f92d3a402dc34c9fef5df"`,
  )
})

describe('verifierRegistry', () => {
  const verifier = rubric(() => valid())

  test('finds a verifier by its method id', () => {
    const registry = verifierRegistry([verifier])
    expect(registry.get(methodId(verifier))).toBe(verifier)
    expect(registry.methodIds).toEqual([methodId(verifier)])
  })

  test('throws for an unknown method, saying which it knows', () => {
    const unknown = methodId({ ...verifier, revision: 2 })
    expect(() => verifierRegistry([verifier]).get(unknown)).toThrow(
      expect.objectContaining({ name: 'UnknownMethodError', methodId: unknown }),
    )
    expect(() => verifierRegistry([verifier]).get(unknown)).toThrow('@acme/rubric@3')
  })

  test('refuses two of the same name and revision', () => {
    expect(() => verifierRegistry([verifier, verifier])).toThrow('there twice')
  })
})

describe('createRandom', () => {
  const key = `0x${'07'.repeat(32)}` as const

  test('gives the same numbers everywhere: golden vectors', () => {
    const random = createRandom(key, 'permutation')
    expect(Array.from({ length: 9 }, () => random.uint32())).toMatchInlineSnapshot(`
      [
        3606244631,
        1424748899,
        1811720621,
        3602620059,
        2777943166,
        3848488369,
        2011042553,
        2936405655,
        2494688318,
      ]
    `)
    expect(random.float()).toMatchInlineSnapshot(`0.39567647770360315`)
    expect(Array.from({ length: 6 }, () => random.int(10))).toMatchInlineSnapshot(`
      [
        9,
        4,
        4,
        9,
        4,
        4,
      ]
    `)
    expect(random.shuffle([0, 1, 2, 3, 4, 5, 6, 7])).toMatchInlineSnapshot(`
      [
        6,
        1,
        4,
        3,
        5,
        0,
        2,
        7,
      ]
    `)
  })

  test('gives what its documentation says', async () => {
    const utf8 = (text: string) => new TextEncoder().encode(text)
    const name = await digest(utf8('permutation'))
    const bytes = Buffer.from(`${'07'.repeat(32)}${name.slice(2)}${'0'.repeat(15)}1`, 'hex')
    const block = Buffer.from((await digest(bytes)).slice(2), 'hex')
    const random = createRandom(key, 'permutation')
    for (let word = 0; word < 8; word++) random.uint32()
    expect(random.uint32()).toBe(block.readUInt32BE(0))
  })

  test('has a stream of its own for every key and name', () => {
    const first = (key: `0x${string}`, name: string) => createRandom(key, name).uint32()
    expect(new Set([first(key, 'a'), first(key, 'b'), first(jobId, 'a'), first(requestId, 'a')]).size).toBe(4)
  })

  test('is uniform', () => {
    const random = createRandom(key, 'uniform')
    const counts = Array<number>(6).fill(0)
    for (let draw = 0; draw < 6000; draw++) {
      const index = random.int(6)
      counts[index] = (counts[index] ?? 0) + 1
    }
    // Chi-squared with 5 degrees of freedom: over 20.5 once in a thousand.
    expect(counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)).toBeLessThan(20.5)
    const floats = Array.from({ length: 1000 }, () => random.float())
    expect(Math.min(...floats)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...floats)).toBeLessThan(1)
  })

  test('draws again rather than be biased', () => {
    // Half of all words are beyond the largest multiple of 2^31 + 1.
    const n = 2 ** 31 + 1
    const words = createRandom(key, 'reject')
    const expected = Array.from({ length: 64 }, () => words.uint32()).filter((word) => word < n)
    const random = createRandom(key, 'reject')
    expect(expected.slice(0, 8)).toEqual(Array.from({ length: 8 }, () => random.int(n)))
  })

  test('takes all of 2^32, and nothing beyond', () => {
    expect(createRandom(key, 'x').int(2 ** 32)).toBe(createRandom(key, 'x').uint32())
    expect(createRandom(key, 'x').int(1)).toBe(0)
    for (const n of [0, -1, 1.5, 2 ** 32 + 1, Number.NaN])
      expect(() => createRandom(key, 'x').int(n)).toThrow(RangeError)
    expect(() => createRandom('0x12', 'x')).toThrow(RangeError)
  })

  test('shuffles a copy', () => {
    const items = [1, 2, 3, 4]
    expect([...createRandom(key, 's').shuffle(items)].sort()).toEqual(items)
    expect(items).toEqual([1, 2, 3, 4])
  })
})

describe('runVerifier', () => {
  test('attests to a valid output with the confidence of the policy', async () => {
    const result = await runVerifier(
      rubric(({ policy }) => valid({ metrics: { tolerance: policy.tolerance, zero: -0 }, evidence: ['e'] })),
      job,
      context,
    )
    expect(result).toMatchObject({ abstain: false, isValid: true, confidence: 9900 })
    if (result.abstain) return
    expect(result.evidence.digest).toBe(await digest(result.evidence.bytes))
    expect(decodeCanonical(result.evidence.bytes)).toEqual({
      v: 1,
      type: 'evidence',
      verifier: '@acme/rubric',
      revision: 3,
      requestId,
      jobId,
      operator: `0x${'ab'.repeat(20)}`,
      runtimes: {},
      status: 'valid',
      metrics: { tolerance: 0.5, zero: 0 },
      evidence: ['e'],
    })
  })

  test('names the runtimes in the evidence, by role, and not what the verifier says of proof', async () => {
    const fingerprint = { ...job.claimed.runtime, provider: 'q' }
    const runner = async () => ({ fingerprint }) as Partial<Runner> as Runner
    const verifier = rubric(async (_, { runner }) => {
      await runner()
      await runner('judge')
      return invalid({ provesWork: true })
    })
    const result = await runVerifier(verifier, job, { ...context, runner })
    if (result.abstain) throw new Error('it abstained')
    expect(result.verdict.provesWork).toBe(true)
    const evidence = decodeEvidence(result.evidence.bytes)
    expect(evidence.runtimes).toEqual({ model: fingerprint, judge: fingerprint })
    expect(evidence).not.toHaveProperty('provesWork')
  })

  test('attests to an invalid output with the confidence of the policy', async () => {
    const result = await runVerifier(
      rubric(() => invalid({ reason: 'wrong' })),
      job,
      context,
    )
    expect(result).toMatchObject({ abstain: false, isValid: false, confidence: 9500, verdict: { reason: 'wrong' } })
  })

  test('abstains when inconclusive', async () => {
    const verdict = inconclusive({ reason: 'too few samples' })
    expect(
      await runVerifier(
        rubric(() => verdict),
        job,
        context,
      ),
    ).toEqual({ abstain: true, verdict })
  })

  describe('under a graded policy', () => {
    const graded = { ...job, policy: { ...document, confidence: { valid: 9000, invalid: 9500, graded: true } } }
    const confidenceOf = async (verdict: Verdict) => {
      const result = await runVerifier(
        rubric(() => verdict),
        graded,
        context,
      )
      return result.abstain ? undefined : result.confidence
    }

    test('takes the grade, at most the confidence of the policy', async () => {
      expect(await confidenceOf(valid({ grade: 0.57 }))).toBe(5700)
      expect(await confidenceOf(valid({ grade: 1 }))).toBe(9000)
      expect(await confidenceOf(valid({ grade: 0 }))).toBe(0)
      expect(await confidenceOf(invalid({ grade: 0.1 }))).toBe(9500)
      expect(await confidenceOf(invalid())).toBe(9500)
    })

    test('needs a grade', async () => {
      await expect(confidenceOf(valid())).rejects.toMatchObject({ name: 'VerifierFailedError' })
    })
  })

  describe('refuses', () => {
    const never = rubric(() => {
      throw new Error('must not run')
    })
    test.each<[string, Partial<PolicyDocument>]>([
      ['a policy of another verifier', { verifier: '@acme/other' }],
      ['a policy of another revision', { revision: 2 }],
      ['parameters of another shape', { parameters: { tolerance: 'x' } }],
      ['an unknown parameter', { parameters: { tolerance: 1, x: 1 } }],
      ['no parameters', { parameters: null }],
    ])('%s', async (_, change) => {
      const policy = { ...document, ...change }
      await expect(runVerifier(never, { ...job, policy }, context)).rejects.toMatchObject({
        name: 'PolicyInvalidError',
        issues: [expect.any(String)],
      })
    })

    test('a policy that the schema would fill in, strip or change', async () => {
      for (const policy of [
        v.strictObject({ tolerance: v.number(), rounds: v.optional(v.number(), 3) }),
        v.strictObject({
          tolerance: v.pipe(
            v.number(),
            v.transform((tolerance) => tolerance * 2),
          ),
        }),
        v.object({}),
        v.pipe(
          v.strictObject({ tolerance: v.number() }),
          v.transform(() => new Map()),
        ),
      ])
        await expect(
          runVerifier({ ...never, policy: policy as Verifier['policy'] }, job, context),
        ).rejects.toMatchObject({ name: 'PolicyInvalidError' })
    })

    test('an asynchronous schema', async () => {
      const policy = v.pipeAsync(
        v.strictObject({ tolerance: v.number() }),
        v.checkAsync(async () => true),
      )
      await expect(runVerifier({ ...never, policy }, job, context)).rejects.toThrow('asynchronously')
    })

    test.each<[string, unknown]>([
      ['nothing', undefined],
      ['a boolean', true],
      ['an unknown status', { ...valid(), status: 'ok' }],
      ['a metric that is not finite', valid({ metrics: { x: Number.NaN } })],
      ['a metric that is not a number', { ...valid(), metrics: { x: '1' } }],
      ['a grade over 1', valid({ grade: 1.1 })],
      ['a grade under a policy that is not graded', valid({ grade: 1 })],
      ['no evidence', { status: 'valid', metrics: {} }],
      ['an unknown key', { ...valid(), confidence: 10_000 }],
      ['evidence that has no encoding', valid({ evidence: new Date() as unknown as null })],
    ])('%s as a verdict', async (_, verdict) => {
      await expect(
        runVerifier(
          rubric(() => verdict as Verdict),
          job,
          context,
        ),
      ).rejects.toMatchObject({ name: 'VerifierFailedError' })
    })
  })

  describe('throws', () => {
    test('what a verifier throws of its own as its failure', async () => {
      const cause = new TypeError('x is not a function')
      const throwing = [
        rubric(() => {
          throw cause
        }),
        rubric(async () => {
          throw cause
        }),
      ]
      for (const verifier of throwing)
        await expect(runVerifier(verifier, job, context)).rejects.toMatchObject({ name: 'VerifierFailedError', cause })
    })

    test('errors of the SDK as they are', async () => {
      const error = new RunnerUnavailableError({ weightsDigest, reason: 'none' })
      const verifier = rubric(() => {
        throw error
      })
      await expect(runVerifier(verifier, job, context)).rejects.toBe(error)
    })

    test('when the verifier takes too long, and aborts it', async () => {
      let aborted = false
      const verifier = rubric(
        (_, { signal }) =>
          new Promise(() => {
            signal.addEventListener('abort', () => {
              aborted = true
            })
          }),
      )
      await expect(runVerifier(verifier, job, context, { timeout: 10 })).rejects.toThrow('longer than 10 ms')
      expect(aborted).toBe(true)
    })

    test('the reason of the context’s signal', async () => {
      const controller = new AbortController()
      const verifier = rubric(() => {
        controller.abort(new Error('finalised'))
        return new Promise(() => {})
      })
      const aborting = { ...context, signal: controller.signal }
      await expect(runVerifier(verifier, job, aborting)).rejects.toThrow('finalised')
      await expect(runVerifier(verifier, job, aborting)).rejects.toThrow('finalised')
    })
  })
})

describe('createVerificationContext', () => {
  const operatorSalt = `0x${'03'.repeat(32)}` as const
  const signal = new AbortController().signal

  /** A registry that records what it was asked and what was handed back. */
  function recorder(): RunnerRegistry & { resolved: string[]; released: number } {
    const record = {
      resolved: [] as string[],
      released: 0,
      async resolve(manifest: ModelManifest) {
        record.resolved.push(manifest.name)
        return { dispose: async () => void record.released++ } as Partial<Runner> as Runner
      },
      dispose: async () => {},
    }
    return record
  }

  test('takes each runner once, and hands all of them back', async () => {
    const payloads = memoryPayloadStore()
    const judge = await encodeManifest({ ...manifest, name: 'judge' })
    await putPayload(payloads, judge)
    const references = { judge: { manifestDigest: judge.digest, weightsDigest } }
    const runners = recorder()
    const withJudge = { ...job, policy: { ...document, references } }
    const created = createVerificationContext({ job: withJudge, operator, runners, payloads, operatorSalt, signal })
    expect(await created.runner()).toBe(await created.runner('model'))
    await created.runner('judge')
    expect(runners.resolved).toEqual(['m', 'judge'])
    await created.dispose()
    expect(runners.released).toBe(2)
  })

  test('refuses roles that the policy does not fill, or fills with contradictions', async () => {
    const payloads = memoryPayloadStore()
    const judge = await encodeManifest({ ...manifest, name: 'judge' })
    await putPayload(payloads, judge)
    const references = {
      weightsOnly: { weightsDigest },
      contradiction: { manifestDigest: judge.digest, weightsDigest: jobId },
    }
    const runners = recorder()
    const withReferences = { ...job, policy: { ...document, references } }
    const created = createVerificationContext({
      job: withReferences,
      operator,
      runners,
      payloads,
      operatorSalt,
      signal,
    })
    for (const role of ['judge', 'toString', 'weightsOnly', 'contradiction'])
      await expect(created.runner(role)).rejects.toMatchObject({ name: 'PolicyInvalidError' })
    await created.dispose()
    expect(runners.resolved).toEqual([])
  })

  test('keys shared streams by the job and secret ones by the salt', () => {
    const created = createVerificationContext({
      job,
      operator,
      runners: recorder(),
      payloads: memoryPayloadStore(),
      operatorSalt,
      signal,
    })
    expect(created.shared('x').uint32()).toBe(createRandom(jobId, 'x').uint32())
    expect(created.secret('x').uint32()).toBe(createRandom(operatorSalt, 'x').uint32())
  })
})
