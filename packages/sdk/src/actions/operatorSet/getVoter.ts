import type { Address, Client, ContractFunctionReturnType } from 'viem'
import { readContract } from 'viem/actions'
import * as operatorRegistrarAbi from '../../abis/calls/operatorRegistrar.ts'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import { withContractErrors } from '../../errors/contract.ts'
import type { TableNotLoadedError, TimepointNotPastError } from '../../errors/operatorSet.ts'
import type { DeploymentParameter, ReadErrorType, ReadParameters } from '../types.ts'

/**
 * Reads an operator as it stood at a timepoint, and the total weight of the set then.
 *
 * @returns `canVote` is false, and `weight` 0, for an address that was no operator then. With a weight and without
 * `canVote` the operator was stale. On an L2 an operator is its signing address.
 * @throws `TimepointNotPastError`; on an L2 `TableNotLoadedError`
 *
 * @example
 * const timepoint = request.referenceTimepoint
 * const { canVote, weight, totalWeight } = await getVoter(client, { deployment, operator, timepoint })
 */
export async function getVoter(client: Client, parameters: getVoter.Parameters): Promise<getVoter.ReturnType> {
  const { deployment, blockNumber, operator, timepoint } = parameters
  await assertDeployment(client, deployment)
  const [voter, totalWeight] = await withContractErrors(
    readContract(client, {
      address: deployment.operatorSet,
      abi: operatorRegistrarAbi.getVoter,
      functionName: 'getVoter',
      args: [operator, timepoint],
      blockNumber,
    }),
  )
  return { ...voter, totalWeight }
}

export declare namespace getVoter {
  type BoundParameters = ReadParameters & {
    operator: Address
    /** On L1 a block before the present one, see `getClock`; on an L2 the timestamp of a loaded table. */
    timepoint: number
  }
  type Parameters = BoundParameters & DeploymentParameter
  type ReturnType = ContractFunctionReturnType<typeof operatorRegistrarAbi.getVoter, 'view', 'getVoter'>[0] & {
    totalWeight: bigint
  }
  type ErrorType = ReadErrorType | TableNotLoadedError | TimepointNotPastError
}
