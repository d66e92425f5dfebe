import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { type Batch, type BatchItem, decodeInference } from '../payload/batch.ts'
import { decodeCanonical } from '../payload/codec.ts'
import { encodeInput, encodeOutput } from '../payload/inference.ts'
import { memoryPayloadStore } from '../payload/memoryPayloadStore.ts'
import type { PayloadSource } from '../payload/store.ts'
import { putPayload } from '../payload/transfer.ts'
import type { BatchSampling, PolicyDocument } from '../payload/types.ts'
import { batchSampling, sampleBatch } from './batchSampling.ts'
import { defineVerifier } from './defineVerifier.ts'
import { createRandom } from './random.ts'
import { runVerifier } from './runVerifier.ts'
import type {
  BatchVerificationJob,
  BatchVerifier,
  ItemVerifier,
  PolicyJob,
  Verdict,
  VerificationContext,
  Verifier,
} from './types.ts'
import { inconclusive, invalid, valid } from './verdict.ts'

const weightsDigest = `0x${'22'.repeat(32)}` as const
const operatorSalt = `0x${'03'.repeat(32)}` as const
const runtime = { engine: 'e', version: '1', provider: 'p', threads: 1, optimization: 'none', weightsDigest }
const range = (size: number) => [...Array(size).keys()]

const batch = batchSampling({
  itemErrorUpper: 0.01,
  itemMissUpper: 0.01,
  alpha: 0.01,
  cheatFraction: 0.3,
  sample: 32,
})
const document: PolicyDocument = {
  v: 1,
  verifier: '@acme/rubric',
  revision: 3,
  parameters: { tolerance: 0.5 },
  confidence: { valid: 9900, invalid: 9800 },
  references: {},
  batch,
}
const base = {
  requestId: `0x${'02'.repeat(32)}`,
  jobId: `0x${'01'.repeat(32)}`,
  manifest: { v: 1, name: 'm', weights: { digest: weightsDigest, format: 'onnx', size: 1 }, runtimes: [] },
  policy: document,
} as const satisfies Partial<PolicyJob>
const single: PolicyJob = {
  ...base,
  input: { type: 'json', value: 1 },
  claimed: { type: 'json', value: 2, runtime },
}
const context: VerificationContext = {
  operator: `0x${'ab'.repeat(20)}`,
  runner: () => Promise.reject(new Error('no runner')),
  shared: (name) => createRandom(base.jobId, name),
  secret: (name) => createRandom(operatorSalt, name),
  operatorSalt,
  signal: new AbortController().signal,
}

const itemOf = (index: number): BatchItem => ({
  index,
  input: { type: 'json', value: index },
  claimed: { type: 'json', value: index, runtime },
})

/** A batch in memory, and which of its items were asked for. */
function jobOf(size: number, policy: PolicyDocument = document) {
  const asked: number[] = []
  const inMemory: Batch = {
    size,
    async *items(indices = range(size)) {
      for (const index of indices) {
        asked.push(index)
        yield itemOf(index)
      }
    },
  }
  const job: BatchVerificationJob<PolicyDocument> = { ...base, policy, batch: inMemory }
  return { job, asked }
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

/** A verifier that says of each item what the function says of its index. */
const saying = (of: (index: number) => Verdict) =>
  rubric(({ input }) => of(input.type === 'json' ? Number(input.value) : -1))

const whole = (verify: BatchVerifier<{ tolerance: number }>['verify']) =>
  defineVerifier({
    name: '@acme/rubric',
    revision: 3,
    scope: 'batch',
    requires: [],
    policy: v.strictObject({ tolerance: v.number() }),
    verify,
  })

describe('a verifier of single inferences', () => {
  test('judges a batch by the items that the salt draws', async () => {
    const { job, asked } = jobOf(256)
    const result = await runVerifier(
      saying((index) => valid({ metrics: { zero: -0 }, evidence: { index } })),
      job,
      context,
    )
    expect(result).toMatchObject({ abstain: false, isValid: true, confidence: 9900 })
    const sampled = sampleBatch({ operatorSalt, size: 256, sample: 32 })
    // What is left could not make it invalid.
    const checked = sampled.slice(0, 32 - batch.allowedFailures)
    expect(asked).toEqual(checked)
    expect(result.verdict.metrics).toEqual({ size: 256, sampled: 32, checked: 30, failed: 0, inconclusive: 0 })
    if (result.abstain) return
    expect(decodeCanonical(result.evidence.bytes)).toEqual({
      v: 1,
      type: 'evidence',
      verifier: '@acme/rubric',
      revision: 3,
      requestId: base.requestId,
      jobId: base.jobId,
      operator: context.operator,
      runtimes: {},
      status: 'valid',
      metrics: { size: 256, sampled: 32, checked: 30, failed: 0, inconclusive: 0 },
      evidence: {
        size: 256,
        salt: operatorSalt,
        sampled,
        items: checked.map((index) => ({ index, status: 'valid', metrics: { zero: 0 }, evidence: { index } })),
      },
    })
  })

  test('rejects a batch as soon as more items are invalid than are allowed', async () => {
    const { job, asked } = jobOf(256)
    const result = await runVerifier(
      saying(() => invalid({ reason: 'wrong' })),
      job,
      context,
    )
    expect(result).toMatchObject({
      abstain: false,
      isValid: false,
      confidence: 9800,
      verdict: { metrics: { checked: 3, failed: 3 }, reason: '3 of 3 items are invalid; of 32, 2 may be' },
    })
    expect(asked).toHaveLength(3)
  })

  test('proves work where one of its items does', async () => {
    const provesWork = async (...proving: number[]) => {
      const verifier = saying((index) => (proving.includes(index) ? valid({ provesWork: true }) : valid()))
      return (await runVerifier(verifier, jobOf(256).job, context)).verdict.provesWork
    }
    const sampled = sampleBatch({ operatorSalt, size: 256, sample: 32 })
    const unsampled = range(256).filter((index) => !sampled.includes(index))
    expect(await provesWork(...sampled.slice(0, 1))).toBe(true)
    expect(await provesWork(...unsampled)).toBeUndefined()
  })

  test('abstains when the inconclusive items could decide it', async () => {
    const { job, asked } = jobOf(256)
    const result = await runVerifier(
      saying(() => inconclusive({ reason: 'no tolerance' })),
      job,
      context,
    )
    expect(result).toMatchObject({
      abstain: true,
      verdict: {
        status: 'inconclusive',
        reason: '30 of 30 items are inconclusive: no tolerance',
        metrics: { checked: 30, failed: 0, inconclusive: 30 },
      },
    })
    expect(asked).toHaveLength(30)
  })

  test('stops early only when the verdict of all drawn items is settled', async () => {
    const statuses = fc.constantFrom<Verdict['status']>('valid', 'valid', 'valid', 'invalid', 'inconclusive')
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 12 }).chain((sample) =>
          fc.record({
            sample: fc.constant(sample),
            allowedFailures: fc.integer({ min: 0, max: sample - 1 }),
            found: fc.array(statuses, { minLength: sample, maxLength: sample }),
          }),
        ),
        async ({ sample, allowedFailures, found }) => {
          const { job, asked } = jobOf(sample, { ...document, batch: { ...batch, sample, allowedFailures } })
          const order = sampleBatch({ operatorSalt, size: sample, sample })
          const of = (index: number) => found[order.indexOf(index)] ?? 'valid'
          const { verdict } = await runVerifier(
            saying((index) => ({ status: of(index), metrics: {}, evidence: null, reason: 'x' })),
            job,
            context,
          )
          const count = (status: Verdict['status'], of = found) => of.filter((each) => each === status).length
          // Whatever the inconclusive ones were.
          const [least, most] = [count('invalid'), count('invalid') + count('inconclusive')]
          const expected = least > allowedFailures ? 'invalid' : most <= allowedFailures ? 'valid' : 'inconclusive'
          expect(verdict.status).toBe(expected)
          const checked = found.slice(0, asked.length)
          expect(verdict.metrics).toEqual({
            size: sample,
            sampled: sample,
            checked: asked.length,
            failed: count('invalid', checked),
            inconclusive: count('inconclusive', checked),
          })
        },
      ),
      { seed: 1, numRuns: 1000 },
    )
  })

  test('gives each item random streams of its own', async () => {
    const seen: number[] = []
    const verifier = rubric((_, { shared, secret }) => {
      seen.push(shared('x').uint32(), secret('x').uint32())
      return valid()
    })
    await runVerifier(verifier, jobOf(256).job, context)
    expect(new Set(seen).size).toBe(60)
    const [first] = sampleBatch({ operatorSalt, size: 256, sample: 32 })
    expect(seen.slice(0, 2)).toEqual([
      createRandom(base.jobId, `batch/${first}/x`).uint32(),
      createRandom(operatorSalt, `batch/${first}/x`).uint32(),
    ])
  })

  test('fails as a whole if it fails on an item', async () => {
    const [, second] = sampleBatch({ operatorSalt, size: 256, sample: 32 })
    const cause = new TypeError('a bug')
    const throwing = saying((index) => {
      if (index === second) throw cause
      return valid()
    })
    await expect(runVerifier(throwing, jobOf(256).job, context)).rejects.toMatchObject({
      name: 'VerifierFailedError',
      message: expect.stringContaining(`item ${second}`),
      cause,
    })
    const silent = saying((index) => (index === second ? (undefined as unknown as Verdict) : valid()))
    await expect(runVerifier(silent, jobOf(256).job, context)).rejects.toMatchObject({ name: 'VerifierFailedError' })
    const graded = saying(() => valid({ grade: 1 }))
    await expect(runVerifier(graded, jobOf(256).job, context)).rejects.toMatchObject({ name: 'VerifierFailedError' })
  })

  test('fails when items run out, or there is no salt', async () => {
    const { job } = jobOf(256)
    const short: Batch = { size: 256, items: () => jobOf(256).job.batch.items([1]) }
    await expect(
      runVerifier(
        saying(() => valid()),
        { ...job, batch: short },
        context,
      ),
    ).rejects.toMatchObject({
      name: 'VerifierFailedError',
    })
    await expect(
      runVerifier(
        saying(() => valid()),
        job,
        { ...context, operatorSalt: undefined },
      ),
    ).rejects.toMatchObject({
      name: 'VerifierFailedError',
    })
  })

  test('is aborted when all items together take too long', async () => {
    const endless = rubric(() => new Promise<Verdict>(() => {}))
    await expect(runVerifier(endless, jobOf(256).job, context, { timeout: 10 })).rejects.toThrow('longer than 10 ms')
  })

  test('of 256 items fetches those it draws, and keeps few of them', async () => {
    const store = memoryPayloadStore()
    const items = range(256).map(itemOf)
    const input = await encodeInput({ type: 'batch', items: items.map((item) => item.input) })
    const output = await encodeOutput({ type: 'batch', items: items.map((item) => item.claimed) })
    await putPayload(store, input)
    await putPayload(store, output)
    let fetched = 0
    let judged = 0
    let ahead = 0
    const counting: PayloadSource = {
      get(key, options) {
        fetched++
        ahead = Math.max(ahead, fetched - 2 * judged)
        return store.get(key, options)
      },
    }
    const found = await decodeInference({ input: input.bytes, output: output.bytes }, { store: counting })
    const strict: BatchSampling = { ...batch, allowedFailures: 0 }
    const job = { ...base, ...found, policy: { ...document, batch: strict } }
    const verifier = saying(() => {
      judged++
      return valid()
    })
    expect(await runVerifier(verifier, job, context)).toMatchObject({ isValid: true })
    expect(judged).toBe(32)
    expect(fetched).toBe(64)
    // The item in use, and two more.
    expect(ahead).toBeLessThanOrEqual(6)
  })
})

describe('a verifier of batches', () => {
  const policy: PolicyDocument = { ...document, batch: 'verifier' }

  test('is given the items as it asks for them', async () => {
    const { job, asked } = jobOf(5, policy)
    const verifier = whole(async ({ batch, policy }) => {
      expectTypeOf(policy).toEqualTypeOf<{ tolerance: number }>()
      const seen: BatchItem[] = []
      for await (const item of batch.items([4, 2])) seen.push(item)
      expect(seen).toEqual([itemOf(4), itemOf(2)])
      return valid({ metrics: { size: batch.size, tolerance: policy.tolerance }, evidence: [4, 2] })
    })
    const result = await runVerifier(verifier, job, context)
    expect(result).toMatchObject({ isValid: true, confidence: 9900, verdict: { metrics: { size: 5, tolerance: 0.5 } } })
    expect(asked).toEqual([4, 2])
  })

  test('reads no further once it took too long', async () => {
    let reason: unknown
    const { job } = jobOf(5, policy)
    const stuck: Batch = {
      size: 5,
      async *items(_, { signal } = {}) {
        await new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
      },
    }
    const verifier = whole(async ({ batch }) => {
      try {
        for await (const _ of batch.items()) break
      } catch (error) {
        reason = error
        throw error
      }
      return valid()
    })
    await expect(runVerifier(verifier, { ...job, batch: stuck }, context, { timeout: 10 })).rejects.toThrow('10 ms')
    expect(reason).toMatchObject({ name: 'TimeoutError' })
  })
})

describe('refuses', () => {
  const never = () => {
    throw new Error('must not run')
  }
  test.each<[string, Verifier<{ tolerance: number }>, PolicyJob, string]>([
    [
      'a batch where the policy says nothing of batches',
      rubric(never),
      jobOf(64, without(document)).job,
      'BatchMismatchError',
    ],
    ['a batch of fewer items than are sampled', rubric(never), jobOf(31).job, 'BatchMismatchError'],
    [
      'a single inference for a verifier of batches',
      whole(never),
      { ...single, policy: { ...document, batch: 'verifier' } },
      'BatchMismatchError',
    ],
    ['a policy of a sample for a verifier of batches', whole(never), jobOf(64).job, 'PolicyInvalidError'],
    [
      'a policy without batches for a verifier of batches',
      whole(never),
      jobOf(64, without(document)).job,
      'PolicyInvalidError',
    ],
    [
      'a policy of a verifier of batches for another',
      rubric(never),
      { ...single, policy: { ...document, batch: 'verifier' } },
      'PolicyInvalidError',
    ],
  ])('%s', async (_, verifier, job, name) => {
    await expect(runVerifier(verifier, job, context)).rejects.toMatchObject({ name })
  })
})

test('a policy with a sample takes single inferences as well', async () => {
  expect(
    await runVerifier(
      rubric(() => valid()),
      single,
      context,
    ),
  ).toMatchObject({ isValid: true, confidence: 9900 })
})

test('defineVerifier tells the two kinds apart', () => {
  expectTypeOf(whole(() => valid())).toEqualTypeOf<BatchVerifier<{ tolerance: number }>>()
  expectTypeOf(whole(() => valid())).toExtend<Verifier>()
})

function without({ batch: _, ...rest }: PolicyDocument): PolicyDocument {
  return rest
}
