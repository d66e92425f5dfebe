import type { Client } from 'viem'
import { readContract } from 'viem/actions'
import * as proofOfInferenceAvsAbi from '../../abis/calls/proofOfInferenceAvs.ts'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import { withContractErrors } from '../../errors/contract.ts'
import { getBlockRanges } from '../internal/blockRanges.ts'
import { type MarketRecord, queryMarketHistory, tallyMarket } from '../internal/marketHistory.ts'
import type { BlockRangeParameters, DeploymentParameter, ReadErrorType } from '../types.ts'

/**
 * Reads the record of an ERC-8004 agent: how many decided jobs it ever consented to, and what came of the requests for
 * its jobs that were opened in a range of blocks. All of it from the chain.
 *
 * @returns `totalJobs`, `verifiedJobs`: of all time, as the AVS counts them at the end of the range. The rest is of the
 * range; its accuracy comes with the two-sided 95 % interval of Wilson.
 *
 * @example
 * const { jobs, meanResponse } = await getAgentRecord(client, { deployment, agentId: 7n })
 * console.log(`verified ${jobs.accuracy.lower} to ${jobs.accuracy.upper} of the time`)
 */
export async function getAgentRecord(
  client: Client,
  parameters: getAgentRecord.Parameters,
): Promise<getAgentRecord.ReturnType> {
  const { deployment, agentId } = parameters
  await assertDeployment(client, deployment)
  const { fromBlock, toBlock, ranges } = await getBlockRanges(client, parameters)
  const [[totalJobs, verifiedJobs], history] = await Promise.all([
    withContractErrors(
      readContract(client, {
        address: deployment.avs,
        abi: proofOfInferenceAvsAbi.getAgentRecord,
        functionName: 'getAgentRecord',
        args: [agentId],
        blockNumber: toBlock,
      }),
    ),
    queryMarketHistory(client, { deployment, ranges }),
  ])
  const record = tallyMarket(history, (job) => job.hasAgent && job.agentId === agentId)
  return { agentId, fromBlock, toBlock, totalJobs, verifiedJobs, ...record }
}

export declare namespace getAgentRecord {
  type BoundParameters = BlockRangeParameters & {
    /** Id in the ERC-8004 identity registry; 0 is a real agent. */
    agentId: bigint
  }
  type Parameters = BoundParameters & DeploymentParameter
  type ReturnType = MarketRecord & {
    agentId: bigint
    /** The requests are those opened from this block on. */
    fromBlock: bigint
    /** What happened later is left out. */
    toBlock: bigint
    totalJobs: bigint
    verifiedJobs: bigint
  }
  type ErrorType = ReadErrorType | getBlockRanges.ErrorType | queryMarketHistory.ErrorType
}
