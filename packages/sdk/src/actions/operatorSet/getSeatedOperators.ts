import type { Address, Client } from 'viem'
import { readContract } from 'viem/actions'
import * as operatorRegistrarAbi from '../../abis/calls/operatorRegistrar.ts'
import { withContractErrors } from '../../errors/contract.ts'
import type { DeploymentParameter, ReadErrorType, ReadParameters } from '../types.ts'
import { getLatestTable } from './getLatestTable.ts'
import { getOperatorSetKind } from './getOperatorSetKind.ts'
import { getTable } from './getTable.ts'

/**
 * Reads which operators hold an index now, and so can vote while their weight is fresh. On an L2 those are the operators
 * of the table that was loaded last.
 *
 * @example
 * const operators = await getSeatedOperators(client, { deployment })
 */
export async function getSeatedOperators(
  client: Client,
  parameters: getSeatedOperators.Parameters,
): Promise<getSeatedOperators.ReturnType> {
  const { deployment, blockNumber } = parameters
  if ((await getOperatorSetKind(client, { deployment })) === 'tables') {
    const { loaded } = await getLatestTable(client, parameters)
    if (loaded === null) return []
    const { operators } = await getTable(client, { deployment, blockNumber, timepoint: loaded })
    return operators.map(({ operator }) => operator)
  }
  return withContractErrors(
    readContract(client, {
      address: deployment.operatorSet,
      abi: operatorRegistrarAbi.getSeatedOperators,
      functionName: 'getSeatedOperators',

      blockNumber,
    }),
  )
}

export declare namespace getSeatedOperators {
  type BoundParameters = ReadParameters
  type Parameters = BoundParameters & DeploymentParameter
  type ReturnType = readonly Address[]
  type ErrorType = ReadErrorType | getLatestTable.ErrorType | getTable.ErrorType
}
