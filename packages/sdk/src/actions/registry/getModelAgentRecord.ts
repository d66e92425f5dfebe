import type { Client, Hex } from 'viem'
import { readContract } from 'viem/actions'
import * as modelRegistryAbi from '../../abis/calls/modelRegistry.ts'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import { withContractErrors } from '../../errors/contract.ts'
import type { UnknownModelError } from '../../errors/registry.ts'
import type { DeploymentParameter, ReadErrorType, ReadParameters } from '../types.ts'

/**
 * Reads the record of a model with the jobs of one agent only.
 *
 * The record of a model as a whole can be polluted by throwaway agents that consent to garbage; that of a known agent
 * cannot.
 *
 * @throws `UnknownModelError`
 *
 * @example
 * const record = await getModelAgentRecord(client, { deployment, modelId, agentId: 7n })
 * console.log(record.successfulVerifications, record.totalInferences)
 */
export async function getModelAgentRecord(
  client: Client,
  parameters: getModelAgentRecord.Parameters,
): Promise<getModelAgentRecord.ReturnType> {
  const { deployment, blockNumber, modelId, agentId } = parameters
  await assertDeployment(client, deployment)
  const [totalInferences, successfulVerifications] = await withContractErrors(
    readContract(client, {
      address: deployment.modelRegistry,
      abi: modelRegistryAbi.getModelAgentRecord,
      functionName: 'getModelAgentRecord',
      args: [modelId, agentId],
      blockNumber,
    }),
  )
  return { totalInferences, successfulVerifications }
}

export declare namespace getModelAgentRecord {
  type BoundParameters = ReadParameters & {
    /** See `computeModelId`. */
    modelId: Hex
    agentId: bigint
  }
  type Parameters = BoundParameters & DeploymentParameter
  type ReturnType = { totalInferences: bigint; successfulVerifications: bigint }
  type ErrorType = ReadErrorType | UnknownModelError
}
