import type { Client } from 'viem'
import { readContract } from 'viem/actions'
import * as operatorRegistrarAbi from '../../abis/calls/operatorRegistrar.ts'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import { withContractErrors } from '../../errors/contract.ts'
import type { DeploymentParameter, ReadErrorType, ReadParameters } from '../types.ts'

/**
 * Reads the clock of the operator set: the block number on L1, unix time in seconds on an L2. Timepoints must be before
 * it; `getReferenceTimepoint` tells the one that a request can refer to.
 *
 * @example
 * const clock = await getClock(client, { deployment })
 */
export async function getClock(client: Client, parameters: getClock.Parameters): Promise<getClock.ReturnType> {
  const { deployment, blockNumber } = parameters
  await assertDeployment(client, deployment)
  return withContractErrors(
    readContract(client, {
      address: deployment.operatorSet,
      abi: operatorRegistrarAbi.clock,
      functionName: 'clock',
      blockNumber,
    }),
  )
}

export declare namespace getClock {
  type BoundParameters = ReadParameters
  type Parameters = BoundParameters & DeploymentParameter
  type ReturnType = number
  type ErrorType = ReadErrorType
}
