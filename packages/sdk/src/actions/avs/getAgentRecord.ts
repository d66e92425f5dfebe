import type { Client } from 'viem'
import { readContract } from 'viem/actions'
import { proofOfInferenceAvsAbi } from '../../abis/generated.ts'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import { withContractErrors } from '../../errors/contract.ts'
import type { DeploymentParameter, ReadErrorType, ReadParameters } from '../types.ts'

/**
 * Reads how many decided jobs an ERC-8004 agent consented to, and how many of them were verified.
 *
 * @example
 * const { totalJobs, verifiedJobs } = await getAgentRecord(client, { deployment, agentId: 7n })
 */
export async function getAgentRecord(
  client: Client,
  parameters: getAgentRecord.Parameters,
): Promise<getAgentRecord.ReturnType> {
  const { deployment, blockNumber, agentId } = parameters
  await assertDeployment(client, deployment)
  const [totalJobs, verifiedJobs] = await withContractErrors(
    readContract(client, {
      address: deployment.avs,
      abi: proofOfInferenceAvsAbi,
      functionName: 'getAgentRecord',
      args: [agentId],
      blockNumber,
    }),
  )
  return { totalJobs, verifiedJobs }
}

export declare namespace getAgentRecord {
  type BoundParameters = ReadParameters & {
    /** Id in the ERC-8004 identity registry; 0 is a real agent. */
    agentId: bigint
  }
  type Parameters = BoundParameters & DeploymentParameter
  type ReturnType = { totalJobs: bigint; verifiedJobs: bigint }
  type ErrorType = ReadErrorType
}
