import { type Account, type Address, type Chain, type Client, encodeFunctionData, type Hex, type Transport } from 'viem'
import { allocationManagerAbi } from '../../abis/eigenlayer.ts'
import { checkpointGas } from '../internal/checkpointGas.ts'
import { toAccount } from '../internal/executeWrite.ts'
import type { WriteReturnType } from '../types.ts'
import { executeEigenLayerWrite } from './executeEigenLayerWrite.ts'
import type { EigenLayerParameter, OperatorWriteParameters } from './types.ts'

/**
 * Makes an operator a member of operator sets of an AVS, whose registrar must agree. From then on what it allocated to
 * them can be slashed.
 *
 * @throws `EigenLayerRevertedError` (`AlreadyMemberOfSet`, `InvalidOperator`, `InvalidOperatorSet`,
 * `InvalidPermissions`), `ContractRevertedError` with the reason of the registrar (`SigningKeyMissing`)
 *
 * @example
 * await registerForOperatorSets(client, { eigenLayer, avs: operatorSet.avs, operatorSetIds: [operatorSet.id] })
 */
export async function registerForOperatorSets<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: registerForOperatorSets.Parameters<account>,
): Promise<registerForOperatorSets.ReturnType> {
  const { eigenLayer, avs, operatorSetIds, data = '0x', operator = toAccount(client, parameters).address } = parameters
  const { transaction } = await executeEigenLayerWrite(client, parameters, {
    to: eigenLayer.allocationManager,
    data: encodeFunctionData({
      abi: allocationManagerAbi,
      functionName: 'registerForOperatorSets',
      args: [operator, { avs, operatorSetIds, data }],
    }),
    gasHeadroom: checkpointGas,
  })
  return transaction
}

export declare namespace registerForOperatorSets {
  type Parameters<account extends Account | undefined = Account | undefined> = OperatorWriteParameters<account> &
    EigenLayerParameter & {
      avs: Address
      /** At least one: EigenLayer would call the registrar even for none. */
      operatorSetIds: readonly [number, ...number[]]
      /** For the registrar of the AVS. Default: empty, as the `OperatorRegistrar` ignores it. */
      data?: Hex | undefined
    }
  type ReturnType = WriteReturnType
  type ErrorType = executeEigenLayerWrite.ErrorType
}
