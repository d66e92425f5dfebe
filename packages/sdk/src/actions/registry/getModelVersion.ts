import type { Client, ContractFunctionReturnType, Hex } from 'viem'
import { readContract } from 'viem/actions'
import * as modelRegistryAbi from '../../abis/calls/modelRegistry.ts'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import { withContractErrors } from '../../errors/contract.ts'
import type { UnknownModelVersionError } from '../../errors/registry.ts'
import type { DeploymentParameter, ReadErrorType, ReadParameters } from '../types.ts'

/**
 * Reads a version of a model.
 *
 * @throws `UnknownModelVersionError`
 *
 * @example
 * const { manifestDigest, methodId } = await getModelVersion(client, { deployment, modelVersionId })
 */
export async function getModelVersion(
  client: Client,
  parameters: getModelVersion.Parameters,
): Promise<getModelVersion.ReturnType> {
  const { deployment, blockNumber, modelVersionId } = parameters
  await assertDeployment(client, deployment)
  return withContractErrors(
    readContract(client, {
      address: deployment.modelRegistry,
      abi: modelRegistryAbi.getModelVersion,
      functionName: 'getModelVersion',
      args: [modelVersionId],
      blockNumber,
    }),
  )
}

export declare namespace getModelVersion {
  type BoundParameters = ReadParameters & {
    /** See `computeModelVersionId`. */
    modelVersionId: Hex
  }
  type Parameters = BoundParameters & DeploymentParameter
  type ReturnType = ContractFunctionReturnType<typeof modelRegistryAbi.getModelVersion, 'view', 'getModelVersion'>
  type ErrorType = ReadErrorType | UnknownModelVersionError
}
