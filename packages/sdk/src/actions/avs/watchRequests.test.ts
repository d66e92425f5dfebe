import { zeroAddress, zeroHash } from 'viem'
import { expect, test } from 'vitest'
import { createFakeContracts, fakeDeployment } from '../../../test/fakeContracts.ts'
import { answerLogs, fakeEvent } from '../../../test/fakeEvents.ts'
import { watchRequests } from './watchRequests.ts'

const job = {
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
}

function openedAt(blockNumber: bigint) {
  const request = {
    jobId: zeroHash,
    requester: zeroAddress,
    asset: zeroAddress,
    reward: 0n,
    verificationFee: 0n,
    deadline: 1,
    referenceTimepoint: 1,
    commitWindow: 0,
    nonce: blockNumber,
  }
  const args = { requestId: zeroHash, jobId: zeroHash, requester: zeroAddress, request, job, fromDeposit: false }
  return fakeEvent('InferenceVerificationRequested', args, { blockNumber })
}

/** A chain with a request in every block, whose head and health each poll asks for. */
function createNode(heads: readonly (bigint | 'down')[]) {
  let polls = 0
  const { client } = createFakeContracts({
    rpc: {
      eth_blockNumber: () => {
        const head = heads[Math.min(polls++, heads.length - 1)]
        if (head === 'down' || head === undefined) throw new Error('the node is down')
        return `0x${head.toString(16)}`
      },
      eth_getLogs: answerLogs(Array.from({ length: 50 }, (_, index) => openedAt(100n + BigInt(index)))),
    },
  })
  return client
}

/** The blocks that were seen until `count` of them were, and the errors on the way. */
function watch(client: ReturnType<typeof createNode>, count: number, options: { fromBlock?: bigint } = {}) {
  const blocks: bigint[] = []
  const errors: unknown[] = []
  return new Promise<{ blocks: bigint[]; errors: unknown[] }>((resolve) => {
    const unwatch = watchRequests(client, {
      deployment: fakeDeployment,
      ...options,
      onRequests(requests) {
        blocks.push(...requests.map(({ blockNumber }) => blockNumber))
        if (blocks.length < count) return
        unwatch()
        resolve({ blocks, errors })
      },
      onError: (error) => errors.push(error),
    })
  })
}

test('reads every block once, from the latest on, however the head moves', async () => {
  const { blocks, errors } = await watch(createNode([103n, 103n, 104n, 109n, 108n, 110n]), 8)
  expect(blocks).toEqual([103n, 104n, 105n, 106n, 107n, 108n, 109n, 110n])
  expect(errors).toEqual([])
})

test('starts where it is told', async () => {
  expect((await watch(createNode([102n]), 3, { fromBlock: 100n })).blocks).toEqual([100n, 101n, 102n])
})

test('misses nothing while the node is down', async () => {
  const { blocks, errors } = await watch(createNode([101n, 'down', 'down', 104n]), 4)
  expect(blocks).toEqual([101n, 102n, 103n, 104n])
  expect(errors).toHaveLength(2)
})

test('reports what the listener throws, and goes on', async () => {
  const errors: unknown[] = []
  const seen = await new Promise<bigint[]>((resolve) => {
    const blocks: bigint[] = []
    const unwatch = watchRequests(createNode([100n, 101n]), {
      deployment: fakeDeployment,
      onRequests(requests) {
        blocks.push(...requests.map(({ blockNumber }) => blockNumber))
        if (blocks.length === 1) throw new Error('a mistake of the listener')
        unwatch()
        resolve(blocks)
      },
      onError: (error) => errors.push(error),
    })
  })
  expect(seen).toEqual([100n, 101n])
  expect(errors).toEqual([new Error('a mistake of the listener')])
})
