import type { Client, Hex } from 'viem'
import { readContract } from 'viem/actions'
import * as modelRegistryAbi from '../../abis/calls/modelRegistry.ts'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import { withContractErrors } from '../../errors/contract.ts'
import { type UnknownModelError, UnknownModelVersionError } from '../../errors/registry.ts'
import type { DeploymentParameter, ReadErrorType, ReadParameters } from '../types.ts'

/**
 * Reads the id of a version of a model.
 *
 * @throws `UnknownModelError`, `UnknownModelVersionError`
 *
 * @example
 * const modelVersionId = await getModelVersionId(client, { deployment, modelId, number: 2 })
 */
export async function getModelVersionId(
  client: Client,
  parameters: getModelVersionId.Parameters,
): Promise<getModelVersionId.ReturnType> {
  const { deployment, blockNumber, modelId, number } = parameters
  await assertDeployment(client, deployment)
  try {
    return await withContractErrors(
      readContract(client, {
        address: deployment.modelRegistry,
        abi: modelRegistryAbi.getModelVersionId,
        functionName: 'getModelVersionId',
        args: [modelId, number],
        blockNumber,
      }),
    )
  } catch (error) {
    // The contract has no id to name, so say what was asked for.
    if (error instanceof UnknownModelVersionError) throw new UnknownModelVersionError({ modelId, number, cause: error })
    throw error
  }
}

export declare namespace getModelVersionId {
  type BoundParameters = ReadParameters & {
    /** See `computeModelId`. */
    modelId: Hex
    /** 1 for the first version. */
    number: number
  }
  type Parameters = BoundParameters & DeploymentParameter
  type ReturnType = Hex
  type ErrorType = ReadErrorType | UnknownModelError | UnknownModelVersionError
}
