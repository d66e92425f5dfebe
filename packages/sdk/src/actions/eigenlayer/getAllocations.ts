import type { Address, Client, ContractFunctionReturnType } from 'viem'
import { readContract } from 'viem/actions'
import { allocationManagerAbi } from '../../abis/eigenlayer.ts'
import { assertEigenLayer } from '../../eigenlayer/assertEigenLayer.ts'
import type { OperatorSet } from '../../eigenlayer/types.ts'
import { withEigenLayerErrors } from '../../errors/eigenLayerContract.ts'
import type { ReadParameters } from '../types.ts'
import type { EigenLayerParameter, EigenLayerReadErrorType } from './types.ts'

/**
 * Reads what part of several operators' stake in a strategy an operator set can slash, in the order of `operators`. See
 * `getAllocation`.
 *
 * @example
 * const [first] = await getAllocations(client, { eigenLayer, operators: [operator], operatorSet, strategy })
 */
export async function getAllocations(
  client: Client,
  parameters: getAllocations.Parameters,
): Promise<getAllocations.ReturnType> {
  const { eigenLayer, blockNumber, operators, operatorSet, strategy } = parameters
  await assertEigenLayer(client, eigenLayer)
  return withEigenLayerErrors(
    readContract(client, {
      address: eigenLayer.allocationManager,
      abi: allocationManagerAbi,
      functionName: 'getAllocations',
      args: [operators, operatorSet, strategy],
      blockNumber,
    }),
  )
}

export declare namespace getAllocations {
  type Parameters = ReadParameters &
    EigenLayerParameter & {
      operators: readonly Address[]
      operatorSet: OperatorSet
      strategy: Address
    }
  type ReturnType = ContractFunctionReturnType<typeof allocationManagerAbi, 'view', 'getAllocations'>
  type ErrorType = EigenLayerReadErrorType
}
