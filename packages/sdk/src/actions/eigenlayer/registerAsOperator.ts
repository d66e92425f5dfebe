import {
  type Account,
  type Address,
  type Chain,
  type Client,
  encodeFunctionData,
  type Transport,
  zeroAddress,
} from 'viem'
import { delegationManagerAbi } from '../../abis/eigenlayer.ts'
import type { WriteParameters, WriteReturnType } from '../types.ts'
import { executeEigenLayerWrite } from './executeEigenLayerWrite.ts'
import type { EigenLayerParameter } from './types.ts'

/**
 * Registers the sender as an operator of EigenLayer, for good. What it has deposited becomes its stake.
 *
 * @throws `EigenLayerRevertedError` (`ActivelyDelegated`)
 *
 * @example
 * await registerAsOperator(client, { eigenLayer, allocationDelay: 0, metadataURI: 'https://operator.example/about.json' })
 */
export async function registerAsOperator<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: registerAsOperator.Parameters<account>,
): Promise<registerAsOperator.ReturnType> {
  const { eigenLayer, allocationDelay, delegationApprover = zeroAddress, metadataURI = '' } = parameters
  const { transaction } = await executeEigenLayerWrite(client, parameters, {
    to: eigenLayer.delegationManager,
    data: encodeFunctionData({
      abi: delegationManagerAbi,
      functionName: 'registerAsOperator',
      args: [delegationApprover, allocationDelay, metadataURI],
    }),
  })
  return transaction
}

export declare namespace registerAsOperator {
  type Parameters<account extends Account | undefined = Account | undefined> = WriteParameters<account> &
    EigenLayerParameter & {
      /** Blocks from a new allocation to its effect; 0 for at once. Stakers see it; changing it takes weeks. */
      allocationDelay: number
      /** Who must sign every delegation to the operator. Default: nobody, anyone may delegate. */
      delegationApprover?: Address | undefined
      /** Where the operator describes itself. Default: none. */
      metadataURI?: string | undefined
    }
  type ReturnType = WriteReturnType
  type ErrorType = executeEigenLayerWrite.ErrorType
}
