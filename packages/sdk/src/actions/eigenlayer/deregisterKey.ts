import { type Account, type Chain, type Client, encodeFunctionData, type Transport } from 'viem'
import { keyRegistrarAbi } from '../../abis/eigenlayer.ts'
import type { OperatorSet } from '../../eigenlayer/types.ts'
import { toAccount } from '../internal/executeWrite.ts'
import type { WriteReturnType } from '../types.ts'
import { executeEigenLayerWrite } from './executeEigenLayerWrite.ts'
import type { EigenLayerParameter, OperatorWriteParameters } from './types.ts'

/**
 * Takes back the signing key of an operator in an operator set, so that it can register another one. Possible only when
 * the operator has left the set and can no longer be slashed; the old key cannot be registered again.
 *
 * @throws `EigenLayerRevertedError` (`InvalidPermissions`, `KeyNotFound`, `OperatorStillSlashable`)
 *
 * @example
 * await deregisterKey(client, { eigenLayer, operatorSet })
 */
export async function deregisterKey<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: deregisterKey.Parameters<account>,
): Promise<deregisterKey.ReturnType> {
  const { eigenLayer, operatorSet, operator = toAccount(client, parameters).address } = parameters
  const { transaction } = await executeEigenLayerWrite(client, parameters, {
    to: eigenLayer.keyRegistrar,
    data: encodeFunctionData({
      abi: keyRegistrarAbi,
      functionName: 'deregisterKey',
      args: [operator, operatorSet],
    }),
  })
  return transaction
}

export declare namespace deregisterKey {
  type Parameters<account extends Account | undefined = Account | undefined> = OperatorWriteParameters<account> &
    EigenLayerParameter & {
      operatorSet: OperatorSet
    }
  type ReturnType = WriteReturnType
  type ErrorType = executeEigenLayerWrite.ErrorType
}
