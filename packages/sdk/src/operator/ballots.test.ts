import { decodeFunctionData, type Hex } from 'viem'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { fakeDeployment as deployment } from '../../test/fakeContracts.ts'
import { fakeEvent } from '../../test/fakeEvents.ts'
import { createRecord, createVote, hashOf } from '../../test/fixtures.ts'
import { proofOfInferenceAvsAbi } from '../abis/generated.ts'
import { type BallotEntry, createBallotBox } from './ballots.ts'
import type { TransactionSender } from './transactions.ts'

type Receipt = Awaited<ReturnType<TransactionSender['send']>>

const abi = proofOfInferenceAvsAbi
const signature: Hex = `0x${'11'.repeat(32)}${'22'.repeat(32)}1b`
let stop: AbortController
let isBusy: boolean
/** Names of the functions that were called, and how many votes each call had. */
let calls: [name: string, votes: number][]
/** Requests whose vote the contract skips, or says nothing of. */
let skipped: Set<Hex>
let silent: Set<Hex>
let failTogether: boolean

beforeEach(() => {
  vi.useFakeTimers()
  stop = new AbortController()
  isBusy = true
  calls = []
  skipped = new Set()
  silent = new Set()
  failTogether = false
})
afterEach(() => vi.useRealTimers())

const sender: TransactionSender = {
  pending: 0,
  async send({ data }, options) {
    options.signal.throwIfAborted()
    const { functionName, args } = decodeFunctionData({ abi, data })
    if (functionName === 'submitVerification') {
      calls.push([functionName, 1])
      return receipt([])
    }
    if (functionName !== 'submitVerifications') throw new Error(functionName)
    calls.push([functionName, args[0].length])
    if (failTogether) throw new Error('out of gas')
    return receipt(entries.filter(({ request }) => args[0].some((ballot) => ballot.request.nonce === request.nonce)))
  },
}

/** A receipt with the events of the votes. */
function receipt(of: readonly BallotEntry[]): Receipt {
  const logs = of.flatMap(({ requestId, vote: { attestation } }) => {
    if (silent.has(requestId)) return []
    const eventName = skipped.has(requestId) ? 'VerificationSkipped' : 'VerificationSubmitted'
    const event = { weight: 1n, isCounted: true, reason: '0x', r: hashOf('r'), vs: hashOf('vs'), jobId: hashOf('job') }
    return fakeEvent(eventName, { ...attestation, ...event }, { blockNumber: 9n })
  })
  return { transactionHash: hashOf('transaction'), blockNumber: 9n, status: 'success', logs } as unknown as Receipt
}

const entries: BallotEntry[] = [0, 1, 2].map((index) => {
  const record = createRecord(`job ${index}`)
  const request = { ...record.request, nonce: BigInt(index) }
  const requestId = hashOf(`request ${index}`)
  const { attestation } = createVote(requestId)
  return { requestId, request, job: record.job, vote: { attestation, signature }, isWanted: () => true }
})
const createBox = () =>
  createBallotBox({ deployment, sender, interval: 1_000, expectsMore: () => isBusy, signal: stop.signal })
const patient = { isUrgent: false }

test('a vote goes alone, and at once, where none is to come, or time is short', async () => {
  const box = createBox()
  isBusy = false
  for (const entry of entries.slice(0, 1)) await box.cast(entry, patient)
  isBusy = true
  for (const entry of entries.slice(1, 2)) await box.cast(entry, { isUrgent: true })
  expect(calls).toEqual([
    ['submitVerification', 1],
    ['submitVerification', 1],
  ])
})

test('votes wait for others for an interval, and go in one transaction', async () => {
  const box = createBox()
  const casting = Promise.all(entries.map((entry) => box.cast(entry, patient)))
  await vi.advanceTimersByTimeAsync(999)
  expect(calls).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect(await casting).toMatchObject(entries.map(() => ({ blockNumber: 9n })))
  expect(calls).toEqual([['submitVerifications', 3]])
})

test('the last that is expected sends those that wait', async () => {
  const box = createBox()
  const casting = entries.map((entry, index) => {
    isBusy = index < 2
    return box.cast(entry, patient)
  })
  await Promise.all(casting)
  expect(calls).toEqual([['submitVerifications', 3]])
})

test('one that is skipped, or of which nothing is said, rejects alone', async () => {
  const box = createBox()
  const [a, b, c] = entries
  if (!a || !b || !c) throw new Error('no entries')
  skipped.add(a.requestId)
  silent.add(b.requestId)
  const casting = Promise.allSettled(entries.map((entry) => box.cast(entry, patient)))
  await vi.advanceTimersByTimeAsync(1_000)
  expect((await casting).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
})

test('what fails as a whole is sent one by one', async () => {
  failTogether = true
  const box = createBox()
  const casting = Promise.all(entries.map((entry) => box.cast(entry, patient)))
  await vi.advanceTimersByTimeAsync(1_000)
  await casting
  expect(calls.map(([name]) => name)).toEqual(['submitVerifications', ...entries.map(() => 'submitVerification')])
})

test('what is no longer wanted is not sent, nor anything after a stop', async () => {
  const box = createBox()
  const [a, b, c] = entries
  if (!a || !b || !c) throw new Error('no entries')
  const unwanted = expect(box.cast({ ...a, isWanted: () => false }, patient)).rejects.toThrow('not wanted')
  await vi.advanceTimersByTimeAsync(1_000)
  await unwanted
  const waiting = expect(box.cast(b, patient)).rejects.toThrow()
  stop.abort()
  await waiting
  await expect(box.cast(c, patient)).rejects.toThrow()
  expect(calls).toEqual([])
})
