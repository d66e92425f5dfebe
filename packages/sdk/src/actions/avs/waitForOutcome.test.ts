import { zeroAddress, zeroHash } from 'viem'
import { expect, test } from 'vitest'
import { createFakeContracts, fakeDeployment } from '../../../test/fakeContracts.ts'
import { answerLogs, fakeEvent } from '../../../test/fakeEvents.ts'
import { waitForOutcome } from './waitForOutcome.ts'

const requestId = `0x${'01'.repeat(32)}` as const
const jobId = `0x${'02'.repeat(32)}` as const
const deadline = 1000

const opened = fakeEvent(
  'InferenceVerificationRequested',
  {
    requestId,
    jobId,
    requester: zeroAddress,
    request: {
      jobId,
      requester: zeroAddress,
      asset: zeroAddress,
      reward: 0n,
      verificationFee: 0n,
      deadline,
      referenceTimepoint: 1,
      commitWindow: 0,
      nonce: 0n,
    },
    job: {
      modelVersionId: zeroHash,
      inputDigest: zeroHash,
      outputDigest: zeroHash,
      hasAgent: false,
      agentId: 0n,
      payee: zeroAddress,
      quorumBps: 1,
      minAttestations: 1,
      minConfidence: 1,
      salt: zeroHash,
    },
    fromDeposit: false,
  },
  { blockNumber: 100n },
)

const statuses = { none: 0, open: 1, verified: 2, rejected: 3, expired: 4 }
type Block = {
  time?: number
  request?: keyof typeof statuses
  job?: keyof typeof statuses
  hasEvents?: boolean
  isReplaced?: boolean
}

/** A chain that has one more of these blocks, from 100 on, whenever it is looked at. */
function createNode(blocks: readonly Block[]) {
  let head = 99
  const at = (number: number): Required<Block> => ({
    time: 500,
    request: 'open',
    job: 'none',
    hasEvents: true,
    isReplaced: false,
    ...blocks[Math.min(number - 100, blocks.length - 1)],
  })
  const finalized = fakeEvent(
    'RequestFinalized',
    { requestId, jobId, status: 2, response: 99, runningHash: zeroHash, decidesJob: true },
    { blockNumber: 101n },
  )
  const { client } = createFakeContracts({
    rpc: {
      eth_blockNumber: () => `0x${Math.max(head, 100).toString(16)}`,
      eth_getBlockByNumber: () => {
        head += 1
        const number = `0x${head.toString(16)}`
        return { number, timestamp: `0x${at(head).time.toString(16)}`, transactions: [] }
      },
      eth_getLogs: (filter: Parameters<ReturnType<typeof answerLogs>>[0]) =>
        answerLogs(at(head).isReplaced ? [] : at(head).hasEvents ? [opened, finalized] : [opened])(filter),
    },
    contract: {
      getRequestState: () => ({
        status: statuses[at(head).request],
        fromDeposit: false,
        feeSettled: false,
        openedAt: 1,
        validWeight: 0n,
        invalidWeight: 0n,
        confidenceShortfall: 0n,
        runningHash: zeroHash,
        validVotes: 0n,
        invalidVotes: 0n,
      }),
      getJobState: () => ({
        status: statuses[at(head).job],
        response: 99,
        decidedAt: at(head).job === 'none' ? 0 : at(head).time,
        consentedAt: 0,
        recordHash: zeroHash,
      }),
    },
  })
  return { client, looks: () => head - 99 }
}

const wait = (
  client: ReturnType<typeof createNode>['client'],
  options: { signal?: AbortSignal; timeout?: number } = {},
) => waitForOutcome(client, { deployment: fakeDeployment, requestId, ...options })

test('looks until the request is final', async () => {
  const { client, looks } = createNode([{}, {}, { request: 'verified', job: 'verified' }])
  expect(await wait(client)).toEqual({
    status: 'verified',
    response: 99,
    requestId,
    jobId,
    runningHash: zeroHash,
    attestations: [],
    blockNumber: 101n,
    logIndex: 0,
    transactionHash: expect.any(String),
  })
  expect(looks()).toBe(3)
})

test('waits for a node whose events lag behind its state', async () => {
  const final = { request: 'verified', job: 'verified' } as const
  const { client, looks } = createNode([{ ...final, hasEvents: false }, final])
  expect(await wait(client)).toMatchObject({ status: 'verified' })
  expect(looks()).toBe(2)
})

test('accepts no decision after the deadline', async () => {
  const late = createNode([{ job: 'verified', time: deadline + 1 }])
  await expect(wait(late.client)).rejects.toMatchObject({ name: 'RequestUnsettledError', jobStatus: 'none' })
  const inTime = createNode([{ job: 'rejected', time: deadline }])
  await expect(wait(inTime.client)).rejects.toMatchObject({ name: 'RequestUnsettledError', jobStatus: 'rejected' })
})

test('the deadline itself is not too late', async () => {
  const { client } = createNode([{ time: deadline }, { time: deadline + 1 }])
  await expect(wait(client)).rejects.toMatchObject({ name: 'RequestUnsettledError', deadline })
  const patient = createNode([{ time: deadline }])
  await expect(wait(patient.client, { timeout: 20 })).rejects.toMatchObject({ name: 'OutcomeTimeoutError' })
})

test('ends when the opening is gone for good', async () => {
  const gone = { request: 'none', isReplaced: true } as const
  const { client, looks } = createNode([{}, gone, gone, { ...gone, time: deadline + 1 }])
  await expect(wait(client)).rejects.toMatchObject({ name: 'RequestNotFoundError', requestId })
  expect(looks()).toBe(4)
})

test('ends when it is aborted', async () => {
  const controller = new AbortController()
  const { client } = createNode([{}])
  const waiting = wait(client, { signal: controller.signal })
  const reason = new Error('enough')
  controller.abort(reason)
  await expect(waiting).rejects.toBe(reason)
  await expect(wait(client, { signal: controller.signal })).rejects.toBe(reason)
})
