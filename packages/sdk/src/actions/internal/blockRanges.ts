import type { Client, GetBlockNumberErrorType } from 'viem'
import { getBlockNumber } from 'viem/actions'
import type { Deployment } from '../../deployments/deployment.ts'
import type { BlockRangeParameters } from '../types.ts'

const defaultBlocksPerQuery = 2000n

type BlockRange = { fromBlock: bigint; toBlock: bigint }

/** The blocks to search, and the queries that cover them, oldest first. */
export async function getBlockRanges(
  client: Client,
  {
    deployment,
    blocksPerQuery = defaultBlocksPerQuery,
    ...parameters
  }: BlockRangeParameters & { deployment: Pick<Deployment, 'startBlock'> },
): Promise<BlockRange & { ranges: BlockRange[] }> {
  if (blocksPerQuery < 1n) throw new RangeError(`\`blocksPerQuery\` is ${blocksPerQuery}; it must be at least 1.`)
  const fromBlock = parameters.fromBlock ?? deployment.startBlock
  const toBlock = parameters.toBlock ?? (await getBlockNumber(client, { cacheTime: 0 }))
  const ranges: BlockRange[] = []
  for (let start = fromBlock; start <= toBlock; start += blocksPerQuery) {
    const end = start + blocksPerQuery - 1n
    ranges.push({ fromBlock: start, toBlock: end < toBlock ? end : toBlock })
  }
  return { fromBlock, toBlock, ranges }
}

export declare namespace getBlockRanges {
  type ErrorType = GetBlockNumberErrorType
}
