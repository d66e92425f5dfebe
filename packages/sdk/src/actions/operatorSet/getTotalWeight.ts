import type { Client } from 'viem'
import { readContract } from 'viem/actions'
import * as operatorRegistrarAbi from '../../abis/calls/operatorRegistrar.ts'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import { withContractErrors } from '../../errors/contract.ts'
import type { TableNotLoadedError, TimepointNotPastError } from '../../errors/operatorSet.ts'
import type { DeploymentParameter, ReadErrorType, ReadParameters } from '../types.ts'

/**
 * Reads the total stake weight of the operator set at a timepoint, stale operators included.
 *
 * @throws `TimepointNotPastError`; on an L2 `TableNotLoadedError`
 *
 * @example
 * const totalWeight = await getTotalWeight(client, { deployment, timepoint })
 */
export async function getTotalWeight(
  client: Client,
  parameters: getTotalWeight.Parameters,
): Promise<getTotalWeight.ReturnType> {
  const { deployment, blockNumber, timepoint } = parameters
  await assertDeployment(client, deployment)
  return withContractErrors(
    readContract(client, {
      address: deployment.operatorSet,
      abi: operatorRegistrarAbi.getTotalWeight,
      functionName: 'getTotalWeight',
      args: [timepoint],
      blockNumber,
    }),
  )
}

export declare namespace getTotalWeight {
  type BoundParameters = ReadParameters & {
    /** On L1 a block before the present one, see `getClock`; on an L2 the timestamp of a loaded table. */
    timepoint: number
  }
  type Parameters = BoundParameters & DeploymentParameter
  type ReturnType = bigint
  type ErrorType = ReadErrorType | TableNotLoadedError | TimepointNotPastError
}
