import { type Address, getAddress, type Hex, zeroAddress, zeroHash } from 'viem'
import { describe, expect, test } from 'vitest'
import { createFakeContracts, fakeDeployment as deployment } from '../../../test/fakeContracts.ts'
import { answerLogs, fakeEvent } from '../../../test/fakeEvents.ts'
import { createJob, createRequest, hashOf } from '../../../test/fixtures.ts'
import { hashJob, hashRequest } from '../../utils/typedData.ts'
import { getCanaries } from './getCanaries.ts'
import { getOperatorRecord } from './getOperatorRecord.ts'

const operator: Address = getAddress(`0x${'b1'.repeat(20)}`)
const another: Address = getAddress(`0x${'b2'.repeat(20)}`)
const alice: Address = getAddress(`0x${'c1'.repeat(20)}`)
const mallory: Address = getAddress(`0x${'c2'.repeat(20)}`)
/** The time of every block. */
const now = 1_000
/** The statuses of the contracts. */
const [verified, rejected, expired] = [2, 3, 4]

/** A chain on which each event has a block of its own, from the deployment's on. */
function createChain() {
  const logs: ReturnType<typeof fakeEvent>[] = []
  const emit = (...[eventName, args]: [Parameters<typeof fakeEvent>[0], Parameters<typeof fakeEvent>[1]]) => {
    const blockNumber = deployment.startBlock + BigInt(logs.length)
    logs.push(fakeEvent(eventName, args, { blockNumber }))
    return blockNumber
  }
  let nonce = 0n
  const chain = {
    logs,
    open(name: string, { requester = alice, deadline = now }: { requester?: Address; deadline?: number } = {}) {
      const job = createJob(name)
      const request = createRequest(job, nonce++, { jobId: hashJob({ deployment, job }), requester, deadline })
      const requestId = hashRequest({ deployment, request })
      emit('InferenceVerificationRequested', {
        requestId,
        jobId: request.jobId,
        requester,
        request,
        job,
        fromDeposit: true,
      })
      return { requestId, jobId: request.jobId }
    },
    vote({ requestId }: { requestId: Hex }, isValid: boolean, changes: { [name: string]: unknown } = {}) {
      const rest = {
        confidence: 9900,
        weight: 1n,
        evidenceDigest: zeroHash,
        r: zeroHash,
        vs: zeroHash,
        isCounted: true,
      }
      emit('VerificationSubmitted', { requestId, operator, isValid, ...rest, ...changes })
    },
    commit({ requestId }: { requestId: Hex }, by = operator) {
      emit('VerificationCommitted', { requestId, operator: by, commitment: hashOf('commitment') })
    },
    finalize({ requestId, jobId }: { requestId: Hex; jobId: Hex }, status: number | undefined) {
      emit('RequestFinalized', { requestId, jobId, status, response: 0, runningHash: zeroHash, decidesJob: true })
    },
    reveal: ({ jobId }: { jobId: Hex }, isValid: boolean) => emit('CanaryRevealed', { jobId, isValid }),
    client: () =>
      createFakeContracts({
        rpc: {
          eth_blockNumber: () => `0x${(deployment.startBlock + BigInt(logs.length)).toString(16)}`,
          eth_getBlockByNumber: (number: Hex) => ({ number, timestamp: `0x${now.toString(16)}`, transactions: [] }),
          eth_getLogs: answerLogs(logs),
        },
      }).client,
  }
  return chain
}

const recordOf = (chain: ReturnType<typeof createChain>, parameters: Partial<getOperatorRecord.BoundParameters> = {}) =>
  getOperatorRecord(chain.client(), { deployment, operator, ...parameters })

test('of an operator that did nothing says nothing', async () => {
  const chain = createChain()
  chain.vote(chain.open('a'), true, { operator: another })
  chain.commit(chain.open('b'), another)
  expect(await recordOf(chain)).toEqual({
    operator,
    fromBlock: 100n,
    toBlock: 104n,
    votes: { total: 0, counted: 0 },
    outcomes: {
      open: 0,
      expired: 0,
      agreed: 0,
      disagreed: 0,
      disagreement: { rate: null, lower: 0, upper: 1 },
    },
    commitments: { total: 0, revealed: 0, pending: 0, unrevealed: 0, unrevealedRequestIds: [] },
    canaries: null,
    canariesByRequester: [],
  })
})

describe('votes', () => {
  test('are compared with the outcomes by the side that they counted for', async () => {
    const chain = createChain()
    const cases: [boolean, number | undefined, { [name: string]: unknown }?][] = [
      [true, verified],
      [true, rejected],
      [false, rejected],
      [false, verified],
      // Below the job's least confidence it counted as invalid.
      [true, rejected, { confidence: 8999 }],
      [true, expired],
      [true, undefined],
      [false, rejected, { isCounted: false }],
    ]
    for (const [index, [isValid, status, changes]] of cases.entries()) {
      const opened = chain.open(`job ${index}`)
      chain.vote(opened, isValid, changes)
      chain.vote(opened, !isValid, { operator: another })
      if (status !== undefined) chain.finalize(opened, status)
    }
    const { votes, outcomes } = await recordOf(chain, { blocksPerQuery: 3n })
    expect(votes).toEqual({ total: 8, counted: 7 })
    expect(outcomes).toMatchObject({ open: 1, expired: 1, agreed: 4, disagreed: 2 })
    expect(outcomes.disagreement.rate).toBeCloseTo(2 / 6)
    expect(outcomes.disagreement.lower).toBeCloseTo(0.0968, 4)
    expect(outcomes.disagreement.upper).toBeCloseTo(0.7, 4)
  })

  test('are those on requests of the range, up to its end', async () => {
    const chain = createChain()
    const before = chain.open('before')
    const fromBlock = deployment.startBlock + 1n
    chain.vote(before, true)
    chain.vote(chain.open('within'), true)
    const toBlock = deployment.startBlock + BigInt(chain.logs.length) - 1n
    chain.vote(chain.open('after'), true)
    expect((await recordOf(chain, { fromBlock, toBlock })).votes.total).toBe(1)
    expect((await recordOf(chain, { fromBlock })).votes.total).toBe(2)
    expect((await recordOf(chain)).votes.total).toBe(3)
  })
})

test('commitments that were not revealed by the deadline are told from those that may still be', async () => {
  const chain = createChain()
  const revealed = chain.open('revealed')
  const pending = chain.open('pending', { deadline: now })
  const late = chain.open('late', { deadline: now - 1 })
  for (const opened of [revealed, pending, late]) chain.commit(opened)
  chain.vote(revealed, true, { isCounted: false })
  chain.vote(pending, true, { operator: another })
  chain.vote(late, true, { operator: another })
  expect((await recordOf(chain)).commitments).toEqual({
    total: 3,
    revealed: 1,
    pending: 1,
    unrevealed: 1,
    unrevealedRequestIds: [late.requestId],
  })
})

describe('canaries', () => {
  test('count what was voted before the revelation, as it was signed', async () => {
    const chain = createChain()
    const voted = (name: string, isValid: boolean, changes?: { [name: string]: unknown }) => {
      const opened = chain.open(name)
      chain.vote(opened, isValid, changes)
      return opened
    }
    chain.reveal(voted('right', false), false)
    chain.reveal(voted('wrong', true), false)
    chain.reveal(voted('of little confidence', true, { confidence: 1 }), true)
    const late = chain.open('late')
    chain.reveal(late, false)
    chain.vote(late, false)
    voted('no canary', true)
    chain.reveal(chain.open('not voted on'), true)
    const record = await recordOf(chain, { canaryRequesters: [alice] })
    expect(record.canaries).toMatchObject({ right: 2, wrong: 1, test: { state: 'undecided' } })
    expect(record.canaries?.test.logLikelihoodRatio).toBeCloseTo(2.995732 - 2 * 0.213093, 4)
    expect(record.canariesByRequester).toEqual([{ requester: alice, ...record.canaries }])
  })

  test('count once for each job', async () => {
    const chain = createChain()
    const first = chain.open('a job')
    const second = chain.open('a job')
    chain.vote(first, false)
    chain.vote(second, true)
    chain.reveal(first, false)
    chain.reveal(first, false)
    expect((await recordOf(chain, { canaryRequesters: [alice] })).canaries).toMatchObject({ right: 1, wrong: 0 })
  })

  test('of requesters who are not trusted convict nobody', async () => {
    const chain = createChain()
    for (let index = 0; index < 5; index++) {
      const opened = chain.open(`false ${index}`, { requester: mallory })
      chain.vote(opened, true)
      chain.reveal(opened, false)
    }
    const opened = chain.open('true')
    chain.vote(opened, true)
    chain.reveal(opened, true)
    const trusting = await recordOf(chain, { canaryRequesters: [alice.toLowerCase() as Address, zeroAddress] })
    expect(trusting.canaries).toMatchObject({ right: 1, wrong: 0 })
    expect(trusting.canariesByRequester).toMatchObject([
      { right: 1, wrong: 0 },
      { requester: zeroAddress, right: 0, wrong: 0, test: { state: 'undecided', logLikelihoodRatio: 0 } },
    ])
    const all = await recordOf(chain)
    expect(all.canaries).toBeNull()
    expect(all.canariesByRequester).toMatchObject([
      { requester: mallory, right: 0, wrong: 5, test: { state: 'lazy' } },
      { requester: alice, right: 1, wrong: 0, test: { state: 'undecided' } },
    ])
  })

  test('are listed with the requests of their jobs', async () => {
    const chain = createChain()
    const first = chain.open('a job')
    chain.open('another job')
    chain.open('a job', { requester: mallory })
    const blockNumber = chain.reveal(first, false)
    chain.reveal(first, false)
    const fromBlock = blockNumber
    const expected = { jobId: first.jobId, isValid: false, requesters: [alice, mallory], blockNumber, logIndex: 0 }
    const canaries = await getCanaries(chain.client(), { deployment, fromBlock, blocksPerQuery: 2n })
    expect(canaries).toMatchObject([
      { ...expected, requests: [{ requestId: first.requestId }, { requester: mallory }] },
    ])
    const some = { deployment, fromBlock, requestsFromBlock: deployment.startBlock + 1n }
    expect(await getCanaries(chain.client(), some)).toMatchObject([{ requesters: [mallory] }])
    expect(await getCanaries(chain.client(), { deployment, fromBlock: blockNumber + 2n })).toEqual([])
  })
})
