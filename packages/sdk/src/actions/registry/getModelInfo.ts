import type { Client, ContractFunctionReturnType, Hex } from 'viem'
import { readContract } from 'viem/actions'
import * as modelRegistryAbi from '../../abis/calls/modelRegistry.ts'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import { withContractErrors } from '../../errors/contract.ts'
import type { UnknownModelError } from '../../errors/registry.ts'
import type { DeploymentParameter, ReadErrorType, ReadParameters } from '../types.ts'

/**
 * Reads a model: its owner, its latest version and its record.
 *
 * @returns `accuracyBps` is in basis points, and 0 while `totalInferences` is 0.
 * @throws `UnknownModelError`
 *
 * @example
 * const { latestVersionId, accuracyBps } = await getModelInfo(client, { deployment, modelId })
 */
export async function getModelInfo(
  client: Client,
  parameters: getModelInfo.Parameters,
): Promise<getModelInfo.ReturnType> {
  const { deployment, blockNumber, modelId } = parameters
  await assertDeployment(client, deployment)
  return withContractErrors(
    readContract(client, {
      address: deployment.modelRegistry,
      abi: modelRegistryAbi.getModelInfo,
      functionName: 'getModelInfo',
      args: [modelId],
      blockNumber,
    }),
  )
}

export declare namespace getModelInfo {
  type BoundParameters = ReadParameters & {
    /** See `computeModelId`. */
    modelId: Hex
  }
  type Parameters = BoundParameters & DeploymentParameter
  type ReturnType = ContractFunctionReturnType<typeof modelRegistryAbi.getModelInfo, 'view', 'getModelInfo'>
  type ErrorType = ReadErrorType | UnknownModelError
}
