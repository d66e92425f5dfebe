import fc from 'fast-check'
import { decodeFunctionResult, encodeFunctionData } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { feeShare, isQuorum, meanResponse } from './differential/arithmetic.ts'
import { count, expectSame, type Tally } from './differential/compare.ts'
import type { Event } from './differential/operations.ts'
import { createPath, type Path, pathPlan, paths } from './differential/paths.ts'
import type { Answer, Reading } from './differential/stage.ts'
import { createStage, type Stage } from './differential/stage.ts'
import { probe } from './generated/artifacts.ts'

/** Vote lists, each of which comes to the chain by every path; and cases of the arithmetic, in batches. */
const numPlans = Number(process.env.DIFFERENTIAL_PATHS ?? 300)
const numBatches = Number(process.env.DIFFERENTIAL_BATCHES ?? 50)
const batchSize = 200

let stage: Stage
beforeAll(async () => {
  stage = await createStage()
})
afterAll(() => stage.stop())

const maxWeight = 2n ** 96n - 1n
const weight = fc.oneof(
  fc.bigInt({ min: 0n, max: 20n }),
  fc.bigInt({ min: 0n, max: maxWeight / 16n }),
  fc.bigInt({ min: maxWeight / 16n - 20n, max: maxWeight / 16n }),
)
const confidence = fc.integer({ min: 100, max: 10_000 })
const arithmeticCase = fc
  .record({
    votes: fc.array(fc.record({ weight, confidence }), { minLength: 1, maxLength: 6 }),
    idle: weight,
    quorumBps: fc.integer({ min: 5_001, max: 10_000 }),
    /** Makes the votes' weight the least quorum, give or take one, of a total that is then made up. */
    nudge: fc.option(fc.bigInt({ min: -1n, max: 1n })),
    fee: fc.oneof(fc.bigInt({ min: 0n, max: 100n }), fc.bigInt({ min: 0n, max: 2n ** 128n - 1n })),
    margin: fc.integer({ min: 0, max: 5_000 }),
  })
  .map(({ votes, idle, quorumBps, nudge, fee, margin }) => {
    const weight = votes.reduce((sum, vote) => sum + vote.weight, 0n)
    const largest = (weight * 10_000n) / BigInt(quorumBps) + (nudge ?? 0n)
    const totalWeight = nudge === null || largest < weight ? weight + idle : largest
    const validConfidence = Math.min(10_000, Math.max(...votes.map((vote) => vote.confidence)) + margin)
    const shortfall = votes.reduce((sum, vote) => sum + vote.weight * BigInt(validConfidence - vote.confidence), 0n)
    return { votes, weight, totalWeight, quorumBps, fee, validConfidence, shortfall }
  })

test('the arithmetic is that of whole numbers', { timeout: 3_600_000 }, async () => {
  const tally: Tally = new Map()
  const batch = fc.array(arithmeticCase, { minLength: batchSize, maxLength: batchSize })
  await fc.assert(
    fc.asyncProperty(batch, async (cases) => {
      const args = cases.map(({ quorumBps, validConfidence, ...rest }) => ({
        ...rest,
        quorumBps: BigInt(quorumBps),
        validConfidence: BigInt(validConfidence),
      }))
      const data = encodeFunctionData({ abi: probe.abi, functionName: 'compute', args: [args] })
      const called = await stage.client.call({ to: stage.probe, data })
      const results = decodeFunctionResult({ abi: probe.abi, functionName: 'compute', data: called.data ?? '0x' })
      const expected = cases.map(({ votes, weight, totalWeight, quorumBps, fee }) => ({
        isQuorum: isQuorum(weight, totalWeight, quorumBps),
        response: weight === 0n ? 0 : meanResponse(votes),
        feeShare: totalWeight === 0n ? 0n : feeShare(fee, weight, totalWeight),
      }))
      expect(results).toEqual(expected)
      for (const { isQuorum } of expected) count(tally, isQuorum ? 'quorum' : 'no quorum')
    }),
    { numRuns: numBatches, seed: 7, endOnFailure: true },
  )
  console.log(`${numBatches * batchSize} cases of the arithmetic:`, Object.fromEntries(tally))
})

/** What must be the same whatever path the votes took: all that was said, where they decided. */
const events = [
  'ConsentRecorded',
  'InferenceVerificationRequested',
  'VerificationSubmitted',
  'OutcomeRecorded',
  'RequestFinalized',
]

function summarize({ answers, reading }: { answers: readonly Answer[]; reading: Reading }) {
  const { requests, commitments: _, ...rest } = reading
  const said = answers.flatMap((answer) => ('events' in answer ? answer.events : []))
  const isDecided = said.some(({ args }) => args.decidesJob === true)
  return {
    ...rest,
    // the request voted on has no record if a certificate decided it
    otherRequests: requests.slice(1),
    events: isDecided
      ? said
          .filter(({ name }) => events.includes(name))
          .map(toComparable)
          .sort()
      : [],
  }
}

function toComparable({ name, args }: Event): string {
  return `${name} ${JSON.stringify(args, (_, value) => (typeof value === 'bigint' ? `${value}` : value))}`
}

test('every path of the votes ends alike', { timeout: 3_600_000 }, async () => {
  const tally: Tally = new Map()
  await fc.assert(
    fc.asyncProperty(pathPlan, async (plan) => {
      const summaries = new Map<Path, ReturnType<typeof summarize>>()
      for (const path of paths) {
        const { scenario, subjects } = createPath(stage.world, plan, path)
        summaries.set(path, summarize(await expectSame(stage, scenario, subjects, tally)))
      }
      const expected = summaries.get('one by one')
      for (const [path, summary] of summaries) expect(summary, path).toEqual(expected)
      count(tally, `job ${['undecided', '', 'verified', 'rejected'][expected?.jobs[0]?.status ?? 0]}`)
    }),
    { numRuns: numPlans, seed: 7, endOnFailure: true },
  )
  console.log(`${numPlans} vote lists by ${paths.length} paths:`, Object.fromEntries([...tally].sort()))
  for (const outcome of ['job undecided', 'job verified', 'job rejected', 'a certificate of a decided job'])
    expect(tally.get(outcome), outcome).toBeGreaterThan(0)
})
