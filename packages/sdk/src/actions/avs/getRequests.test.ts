import { zeroAddress, zeroHash } from 'viem'
import { expect, test } from 'vitest'
import { createFakeContracts, fakeDeployment } from '../../../test/fakeContracts.ts'
import { answerLogs, fakeEvent } from '../../../test/fakeEvents.ts'
import { hashJob, hashRequest, type Job, type Request } from '../../utils/typedData.ts'
import { getRequest } from './getRequest.ts'
import { getRequests } from './getRequests.ts'

const deployment = fakeDeployment
const job: Job = {
  modelVersionId: zeroHash,
  inputDigest: zeroHash,
  outputDigest: zeroHash,
  hasAgent: false,
  agentId: 0n,
  payee: zeroAddress,
  quorumBps: 6667,
  minAttestations: 1,
  minConfidence: 100,
  salt: zeroHash,
}
const jobId = hashJob({ deployment, job })

function openedAt(blockNumber: bigint) {
  const request: Request = {
    jobId,
    requester: zeroAddress,
    asset: zeroAddress,
    reward: 1n,
    verificationFee: 2n,
    deadline: 3,
    referenceTimepoint: 4,
    commitWindow: 0,
    nonce: blockNumber,
  }
  const requestId = hashRequest({ deployment, request })
  const args = { requestId, jobId, requester: zeroAddress, request, job, fromDeposit: true }
  return { requestId, request, log: fakeEvent('InferenceVerificationRequested', args, { blockNumber }) }
}

function createNode(blocks: readonly bigint[], latest: bigint) {
  const opened = blocks.map(openedAt)
  const node = createFakeContracts({
    rpc: {
      eth_blockNumber: () => `0x${latest.toString(16)}`,
      eth_getLogs: answerLogs(opened.map(({ log }) => log)),
    },
  })
  const queries = () => node.requests.filter(({ method }) => method === 'eth_getLogs').flatMap(({ params }) => params)
  return { ...node, opened, queries }
}

test('asks for as many blocks at once as allowed, oldest first', async () => {
  const { client, opened, queries } = createNode([100n, 109n, 110n, 125n], 125n)
  const requests = await getRequests(client, { deployment, blocksPerQuery: 10n })
  expect(requests.map(({ requestId }) => requestId)).toEqual(opened.map(({ requestId }) => requestId))
  expect(requests[1]).toEqual({
    requestId: opened[1]?.requestId,
    jobId,
    requester: zeroAddress,
    request: opened[1]?.request,
    job,
    fromDeposit: true,
    blockNumber: 109n,
    logIndex: 0,
    transactionHash: opened[1]?.log.transactionHash,
  })
  expect(queries()).toMatchObject([
    { fromBlock: '0x64', toBlock: '0x6d' },
    { fromBlock: '0x6e', toBlock: '0x77' },
    { fromBlock: '0x78', toBlock: '0x7d' },
  ])
})

test('asks for the range it is given', async () => {
  const { client, opened } = createNode([100n, 109n, 110n, 125n], 125n)
  const range = { fromBlock: 101n, toBlock: 110n }
  expect(await getRequests(client, { deployment, ...range })).toHaveLength(2)
  expect(await getRequests(client, { deployment, fromBlock: 126n })).toEqual([])
  const requestId = opened[2]?.requestId
  expect(await getRequests(client, { deployment, requestId })).toMatchObject([{ requestId }])
  await expect(getRequests(client, { deployment, blocksPerQuery: 0n })).rejects.toThrow(RangeError)
})

test('a single request is looked for in the newest blocks first', async () => {
  const { client, opened, queries } = createNode([100n, 124n], 125n)
  const [old, recent] = opened
  if (!old || !recent) throw new Error('two requests were opened')
  const { requestId } = recent
  expect(await getRequest(client, { deployment, requestId, blocksPerQuery: 10n })).toMatchObject({ requestId })
  expect(queries()).toHaveLength(1)
  await expect(
    getRequest(client, { deployment, requestId: old.requestId, fromBlock: 101n, blocksPerQuery: 10n }),
  ).rejects.toMatchObject({
    name: 'RequestNotFoundError',
    requestId: old.requestId,
    message: expect.stringContaining('101 to 125'),
  })
})
