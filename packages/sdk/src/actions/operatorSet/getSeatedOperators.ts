import type { Address, Client } from 'viem'
import { readContract } from 'viem/actions'
import { operatorRegistrarAbi } from '../../abis/generated.ts'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import { withContractErrors } from '../../errors/contract.ts'
import type { DeploymentParameter, ReadErrorType, ReadParameters } from '../types.ts'

/**
 * Reads which operators hold an index now, and so can vote while their weight is fresh.
 *
 * @example
 * const operators = await getSeatedOperators(client, { deployment })
 */
export async function getSeatedOperators(
  client: Client,
  parameters: getSeatedOperators.Parameters,
): Promise<getSeatedOperators.ReturnType> {
  const { deployment, blockNumber } = parameters
  await assertDeployment(client, deployment)
  return withContractErrors(
    readContract(client, {
      address: deployment.operatorSet,
      abi: operatorRegistrarAbi,
      functionName: 'getSeatedOperators',

      blockNumber,
    }),
  )
}

export declare namespace getSeatedOperators {
  type BoundParameters = ReadParameters
  type Parameters = BoundParameters & DeploymentParameter
  type ReturnType = readonly Address[]
  type ErrorType = ReadErrorType
}
