import type { Address, Client } from 'viem'
import { readContract } from 'viem/actions'
import * as operatorRegistrarAbi from '../../abis/calls/operatorRegistrar.ts'
import { withContractErrors } from '../../errors/contract.ts'
import { requireOperatorSetKind } from '../internal/requireOperatorSetKind.ts'
import type { DeploymentParameter, ReadErrorType, ReadParameters } from '../types.ts'

/**
 * Reads the latest checkpoint of the weight and the signing key of an operator.
 *
 * @returns `null` for an address that has none.
 * @throws `OperatorSetKindMismatchError`: on an L2 there are tables instead, see `getTable`
 *
 * @example
 * const checkpoint = await getCheckpoint(client, { deployment, operator })
 */
export async function getCheckpoint(
  client: Client,
  parameters: getCheckpoint.Parameters,
): Promise<getCheckpoint.ReturnType> {
  const { deployment, blockNumber, operator } = parameters
  await requireOperatorSetKind(client, deployment, 'registrar')
  const [isSeated, index, weight, timepoint, signingKey] = await withContractErrors(
    readContract(client, {
      address: deployment.operatorSet,
      abi: operatorRegistrarAbi.getCheckpoint,
      functionName: 'getCheckpoint',
      args: [operator],
      blockNumber,
    }),
  )
  return timepoint === 0 ? null : { isSeated, index, weight, timepoint, signingKey }
}

export declare namespace getCheckpoint {
  type BoundParameters = ReadParameters & {
    operator: Address
  }
  type Parameters = BoundParameters & DeploymentParameter
  type ReturnType = {
    /** Whether the operator holds an index. */
    isSeated: boolean
    index: number
    weight: bigint
    /** In the clock of the operator set: the block on L1. */
    timepoint: number
    signingKey: Address
  } | null
  type ErrorType = ReadErrorType | requireOperatorSetKind.ErrorType
}
