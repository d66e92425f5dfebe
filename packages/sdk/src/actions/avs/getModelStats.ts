import type { Client, Hex } from 'viem'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import type { Job } from '../../utils/typedData.ts'
import { getBlockRanges } from '../internal/blockRanges.ts'
import { type MarketRecord, queryMarketHistory, tallyMarket } from '../internal/marketHistory.ts'
import { getModelInfo } from '../registry/getModelInfo.ts'
import { getModelVersion } from '../registry/getModelVersion.ts'
import type { BlockRangeParameters, DeploymentParameter } from '../types.ts'

/**
 * Reads the record of a model: what the registry counts of all time, and what came of the requests for it that were
 * opened in a range of blocks, with those jobs apart that name an agent. All of it from the chain.
 *
 * The registry counts only jobs that an agent consented to; and throwaway agents can consent to garbage: look at known
 * agents (`getModelAgentRecord`, `getAgentRecord`).
 *
 * @returns `totalInferences`, `successfulVerifications`: at the end of the range. `withAgent`: of the range, what the
 * registry would count. Accuracies come with the two-sided 95 % interval of Wilson.
 * @throws `UnknownModelError`
 *
 * @example
 * const { jobs, meanResponse, volume } = await getModelStats(client, { deployment, modelId })
 */
export async function getModelStats(
  client: Client,
  parameters: getModelStats.Parameters,
): Promise<getModelStats.ReturnType> {
  const { deployment, modelId } = parameters
  await assertDeployment(client, deployment)
  const { fromBlock, toBlock, ranges } = await getBlockRanges(client, parameters)
  const [{ totalInferences, successfulVerifications }, history] = await Promise.all([
    getModelInfo(client, { deployment, modelId, blockNumber: toBlock }),
    queryMarketHistory(client, { deployment, ranges }),
  ])
  const versionIds = [...new Set(history.requests.map(({ job }) => job.modelVersionId))]
  const versions = await Promise.all(
    versionIds.map(async (modelVersionId) => ({
      modelVersionId,
      version: await getModelVersion(client, { deployment, modelVersionId }),
    })),
  )
  const ofModel = versions.filter(({ version }) => version.modelId === modelId.toLowerCase())
  const ids = new Set(ofModel.map(({ modelVersionId }) => modelVersionId))
  const isOfModel = ({ modelVersionId }: Job) => ids.has(modelVersionId)
  return {
    modelId,
    fromBlock,
    toBlock,
    totalInferences,
    successfulVerifications,
    ...tallyMarket(history, isOfModel),
    withAgent: tallyMarket(history, (job) => isOfModel(job) && job.hasAgent),
    versions: ofModel.map(({ modelVersionId, version }) => ({
      modelVersionId,
      number: version.number,
      ...tallyMarket(history, (job) => job.modelVersionId === modelVersionId),
    })),
  }
}

export declare namespace getModelStats {
  type BoundParameters = BlockRangeParameters & {
    /** See `computeModelId`. */
    modelId: Hex
  }
  type Parameters = BoundParameters & DeploymentParameter
  type ReturnType = MarketRecord & {
    modelId: Hex
    /** The requests are those opened from this block on. */
    fromBlock: bigint
    /** What happened later is left out. */
    toBlock: bigint
    totalInferences: bigint
    successfulVerifications: bigint
    withAgent: MarketRecord
    /** Those that were requested. */
    versions: (MarketRecord & { modelVersionId: Hex; number: number })[]
  }
  type ErrorType =
    | getBlockRanges.ErrorType
    | getModelInfo.ErrorType
    | getModelVersion.ErrorType
    | queryMarketHistory.ErrorType
}
