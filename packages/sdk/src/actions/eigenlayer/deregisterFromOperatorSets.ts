import { type Account, type Address, type Chain, type Client, encodeFunctionData, type Transport } from 'viem'
import { allocationManagerAbi } from '../../abis/eigenlayer.ts'
import { checkpointGas } from '../internal/checkpointGas.ts'
import { toAccount } from '../internal/executeWrite.ts'
import type { WriteReturnType } from '../types.ts'
import { executeEigenLayerWrite } from './executeEigenLayerWrite.ts'
import type { EigenLayerParameter, OperatorWriteParameters } from './types.ts'

/**
 * Ends the membership of an operator in operator sets of an AVS at once. Its stake can be slashed for EigenLayer's
 * deallocation delay still.
 *
 * @throws `EigenLayerRevertedError` (`InvalidCaller`, `InvalidOperatorSet`, `NotMemberOfSet`)
 *
 * @example
 * await deregisterFromOperatorSets(client, { eigenLayer, avs: operatorSet.avs, operatorSetIds: [operatorSet.id] })
 */
export async function deregisterFromOperatorSets<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: deregisterFromOperatorSets.Parameters<account>,
): Promise<deregisterFromOperatorSets.ReturnType> {
  const { eigenLayer, avs, operatorSetIds, operator = toAccount(client, parameters).address } = parameters
  const { transaction } = await executeEigenLayerWrite(client, parameters, {
    to: eigenLayer.allocationManager,
    data: encodeFunctionData({
      abi: allocationManagerAbi,
      functionName: 'deregisterFromOperatorSets',
      args: [{ operator, avs, operatorSetIds }],
    }),
    gasHeadroom: checkpointGas,
  })
  return transaction
}

export declare namespace deregisterFromOperatorSets {
  type Parameters<account extends Account | undefined = Account | undefined> = OperatorWriteParameters<account> &
    EigenLayerParameter & {
      avs: Address
      /** At least one: EigenLayer would call the registrar even for none. */
      operatorSetIds: readonly [number, ...number[]]
    }
  type ReturnType = WriteReturnType
  type ErrorType = executeEigenLayerWrite.ErrorType
}
