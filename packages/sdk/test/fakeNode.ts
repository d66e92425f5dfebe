import {
  createClient,
  custom,
  encodeAbiParameters,
  encodeEventTopics,
  getAbiItem,
  type Hex,
  numberToHex,
  RpcRequestError,
} from 'viem'
import { proofOfInferenceAvsAbi } from '../src/abis/generated.ts'
import { hashJob, hashRequest, type Job, type Request } from '../src/utils/typedData.ts'
import { toVerdict } from './fakeEvents.ts'
import { createJob, createRequest, deployment, hashOf } from './fixtures.ts'

type Log = { topics: readonly Hex[]; data: Hex; requestId: Hex; transactionHash?: Hex }
type Block = { number: bigint; hash: Hex; logs: Log[] }

const [, , , ...openedData] = getAbiItem({
  abi: proofOfInferenceAvsAbi,
  name: 'InferenceVerificationRequested',
}).inputs
const [, , ...finalizedData] = getAbiItem({ abi: proofOfInferenceAvsAbi, name: 'RequestFinalized' }).inputs
const [, , ...votedData] = getAbiItem({ abi: proofOfInferenceAvsAbi, name: 'VerificationSubmitted' }).inputs

/** The event of a request; `claimed` replaces what it says of itself. */
export function openedLog(job: Job, request: Request, claimed: { requestId?: Hex } = {}): Log {
  const requestId = claimed.requestId ?? hashRequest({ deployment, request })
  const eventName = 'InferenceVerificationRequested'
  const { jobId, requester } = request
  return {
    requestId,
    topics: encodeEventTopics({
      abi: proofOfInferenceAvsAbi,
      eventName,
      args: { requestId, jobId, requester },
    }) as Hex[],
    data: encodeAbiParameters(openedData, [request, job, false]),
  }
}

/** The contract's numbers of how a request ends. */
export const statuses = { verified: 2, rejected: 3, expired: 4 } as const

/** Of a request that settled by an earlier decision, or expired. */
export function finalizedLog(
  jobId: Hex,
  requestId: Hex,
  status: keyof typeof statuses,
  { decidesJob = false } = {},
): Log {
  const eventName = 'RequestFinalized'
  return {
    requestId,
    topics: encodeEventTopics({ abi: proofOfInferenceAvsAbi, eventName, args: { requestId, jobId } }) as Hex[],
    data: encodeAbiParameters(finalizedData, [statuses[status], 99, hashOf('running'), decidesJob]),
  }
}

/** Of the request that decided the job. */
export function decidedLog(jobId: Hex, requestId: Hex, status: 'verified' | 'rejected'): Log {
  return finalizedLog(jobId, requestId, status, { decidesJob: true })
}

/** The event of an operator's vote that counts, or that only earns. */
export function votedLog(requestId: Hex, operator: Hex, isCounted = true): Log {
  const eventName = 'VerificationSubmitted'
  const zero = hashOf('any')
  return {
    requestId,
    topics: encodeEventTopics({ abi: proofOfInferenceAvsAbi, eventName, args: { requestId, operator } }) as Hex[],
    data: encodeAbiParameters(votedData, [toVerdict({ isCounted }), zero, zero, zero]),
  }
}

/** The events of one transaction. */
export function inTransaction(name: string, ...logs: Log[]): Log[] {
  return logs.map((log) => ({ ...log, transactionHash: hashOf(name) }))
}

export const newRequest = (name: string, changes: Partial<Request> = {}) => {
  const job = createJob(name)
  const request = createRequest(job, 0n, changes)
  return { job, request, jobId: hashJob({ deployment, job }), requestId: hashRequest({ deployment, request }) }
}

/** A node that answers from memory, can be made to fail, and whose chain can be replaced. */
export function createFakeNode() {
  const blocks: Block[] = []
  let made = 0
  const node = {
    blocks,
    /** Fewer blocks than this an `eth_getLogs` may span. */
    maxRange: 1_000_000n,
    /** How the node says that a range is too large. */
    rangeError: 'query exceeds max block range',
    /** Ranges of the `eth_getLogs` that were answered. */
    ranges: [] as [bigint, bigint][],
    /** Called before every request; may throw, or change the chain. */
    before: (_method: string) => {},
    mine(...logs: Log[]): Block {
      const number = BigInt(blocks.length)
      const block = { number, hash: hashOf(`block ${made++}`), logs }
      blocks.push(block)
      return block
    },
    /** Replaces the newest blocks by as many new ones, with these logs in the first. */
    reorg(depth: number, ...logs: Log[]): void {
      blocks.splice(blocks.length - depth, depth)
      node.mine(...logs)
      for (let index = 1; index < depth; index++) node.mine()
    },
    client: createClient({
      transport: custom({ request: async ({ method, params }) => answer(method, params) }, { retryCount: 0 }),
      pollingInterval: 1,
      cacheTime: 0,
    }),
  }

  function answer(method: string, params: unknown): unknown {
    node.before(method)
    if (method === 'eth_getBlockByNumber') return getBlock(readBlockParameter(params))
    if (method === 'eth_getLogs') return getLogs(params)
    throw new Error(`The fake node does not know ${method}.`)
  }

  function readBlockParameter(params: unknown): bigint {
    const tag: unknown = Array.isArray(params) ? params[0] : undefined
    return tag === 'latest' ? BigInt(blocks.length - 1) : BigInt(String(tag))
  }

  function getBlock(number: bigint): object | null {
    const block = blocks[Number(number)]
    if (!block) return null
    return { number: numberToHex(number), hash: block.hash, timestamp: numberToHex(1_000n + number), transactions: [] }
  }

  function getLogs(params: unknown): object[] {
    const filter: unknown = Array.isArray(params) ? params[0] : undefined
    if (typeof filter !== 'object' || filter === null || !('fromBlock' in filter) || !('toBlock' in filter))
      throw new Error('no filter')
    const [from, to] = [BigInt(String(filter.fromBlock)), BigInt(String(filter.toBlock))]
    if (to - from + 1n > node.maxRange) {
      throw new RpcRequestError({ body: {}, error: { code: -32_000, message: node.rangeError }, url: 'http://node' })
    }
    const topics: unknown[] = 'topics' in filter && Array.isArray(filter.topics) ? filter.topics : []
    // Each range is asked for twice: for the events of requests, and for an operator's votes.
    if (Array.isArray(topics[0])) node.ranges.push([from, to])
    const isWanted = (log: Log) =>
      topics.every((topic, index) => topic === null || [topic].flat().some((each) => each === log.topics[index]))
    return blocks.slice(Number(from), Number(to) + 1).flatMap((block) =>
      block.logs.filter(isWanted).map((log) => ({
        address: deployment.avs,
        topics: log.topics,
        data: log.data,
        blockNumber: numberToHex(block.number),
        blockHash: block.hash,
        logIndex: numberToHex(block.logs.indexOf(log)),
        transactionIndex: '0x0',
        transactionHash: log.transactionHash ?? hashOf('transaction'),
        removed: false,
      })),
    )
  }

  node.mine()
  return node
}

export type FakeNode = ReturnType<typeof createFakeNode>
