import type { Address, Client } from 'viem'
import { type GetLogsReturnType, getBlock, getLogs } from 'viem/actions'
import * as proofOfInferenceAvsAbi from '../abis/calls/proofOfInferenceAvs.ts'
import type { Deployment } from '../deployments/deployment.ts'
import type { BlockReference, Cursor } from './store.ts'

const events = [
  proofOfInferenceAvsAbi.InferenceVerificationRequested[0],
  proofOfInferenceAvsAbi.RequestFinalized[0],
] as const

const voteEvent = proofOfInferenceAvsAbi.VerificationSubmitted[0]

/** A vote of the operator that the AVS accepted, whoever sent it. */
export type VoteLog = GetLogsReturnType<typeof voteEvent, [typeof voteEvent], true, bigint, bigint>[number]

/** An event of the AVS that operators act on. */
export type IngestedLog = GetLogsReturnType<undefined, typeof events, true, bigint, bigint>[number] | VoteLog

/** The newest block, its time in seconds. */
export type Head = BlockReference & { readonly timestamp: number }

/** What a look at the chain gave. */
export type IngestResult =
  /** Nothing new. */
  | { readonly type: 'idle'; readonly head: Head }
  /** The events after the old cursor, up to the new one, in order. */
  | {
      readonly type: 'logs'
      readonly head: Head
      readonly logs: IngestedLog[]
      readonly cursor: Cursor
      /** Whether there are more blocks to read. */
      readonly hasMore: boolean
    }
  /** The cursor's block is no longer in the chain: `cursor` is where both chains agree. */
  | { readonly type: 'reorg'; readonly head: Head; readonly cursor: Cursor }

/** Blocks by which a fork is found; a deeper reorg is read from the deployment on. */
const historyLength = 64

/**
 * Reads the AVS's events, block range by block range: those of all requests, and the votes of one operator.
 *
 * @param parameters.depth Blocks on top of a block before it is read.
 * @param parameters.blockRange Most blocks to ask for at once. While the node refuses, half as many are asked for; after
 * it answers, more again.
 */
export function createIngest({
  client,
  deployment,
  operator,
  depth,
  blockRange,
}: {
  client: Client
  deployment: Deployment
  operator: Address
  depth: number
  blockRange: bigint
}) {
  let range = blockRange

  async function getReference(number: bigint): Promise<BlockReference> {
    const { hash } = await getBlock(client, { blockNumber: number })
    return { number, hash }
  }

  async function isCanonical({ number, hash }: BlockReference): Promise<boolean> {
    return (await getReference(number)).hash === hash
  }

  /** The newest block of the cursor that the chain still has. */
  async function findFork(cursor: Cursor): Promise<Cursor> {
    for (const [index, block] of cursor.entries()) {
      if (await isCanonical(block)) return [block, ...cursor.slice(index + 1)]
    }
    return [await getReference(deployment.startBlock > 0n ? deployment.startBlock - 1n : 0n)]
  }

  /** The logs of the blocks, or fewer blocks if the node refuses so many. */
  async function readLogs(from: bigint, target: BlockReference): Promise<{ logs: IngestedLog[]; to: BlockReference }> {
    for (;;) {
      const end = from + range - 1n
      // Before the logs: if they are of another chain, the next look finds that this block is gone.
      const to = end < target.number ? await getReference(end) : target
      try {
        const filter = { address: deployment.avs, fromBlock: from, toBlock: to.number, strict: true } as const
        const [others, votes] = await Promise.all([
          getLogs(client, { ...filter, events }),
          // Of one operator only: there may be hundreds of votes on a request.
          getLogs(client, { ...filter, event: voteEvent, args: { operator } }),
        ])
        range = min(blockRange, range + (range + 3n) / 4n)
        return { logs: [...others, ...votes].sort(compareLogs), to }
      } catch (error) {
        const size = to.number - from + 1n
        if (size <= 1n) throw error
        range = size / 2n
        if (!isRangeError(error)) throw error
      }
    }
  }

  return {
    getReference,
    /** What happened since the cursor. Rejects if the node does not answer; nothing is lost by asking again. */
    async next(cursor: Cursor): Promise<IngestResult> {
      const head = await getHead(client)
      const [last] = cursor
      const target = head.number - BigInt(depth)
      // The node is behind, or the chain was cut off: the hash of the block will tell once it is there.
      if (target < last.number) return { type: 'idle', head }
      if (target === last.number) {
        if (head.number === last.number ? head.hash === last.hash : await isCanonical(last)) {
          return { type: 'idle', head }
        }
        return { type: 'reorg', head, cursor: await findFork(cursor) }
      }
      const { logs, to } = await readLogs(last.number + 1n, depth === 0 ? head : await getReference(target))
      // Asked last: had the chain been replaced from below the logs on, it would show here. Had it been replaced above,
      // the new cursor's hash, which is from before the logs, would show it at the next look.
      if (!(await isCanonical(last))) return { type: 'reorg', head, cursor: await findFork(cursor) }
      const next: Cursor = [{ number: to.number, hash: to.hash }, ...cursor.slice(0, historyLength - 1)]
      return { type: 'logs', head, logs, cursor: next, hasMore: to.number < target }
    },
  }
}

export async function getHead(client: Client): Promise<Head> {
  const { number, hash, timestamp } = await getBlock(client, { blockTag: 'latest' })
  return { number, hash, timestamp: Number(timestamp) }
}

/** Whether a node refuses a query for its size: there is no common code for it. */
function isRangeError(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const text = 'details' in error ? `${error.message} ${error.details}` : error.message
  return /range|limit|too (many|large|wide|big)|exceed|more than [\d,]+|response size|query returned/i.test(text)
}

/** In the order of the chain. */
function compareLogs(a: IngestedLog, b: IngestedLog): number {
  return a.blockNumber === b.blockNumber ? a.logIndex - b.logIndex : Number(a.blockNumber - b.blockNumber)
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}
