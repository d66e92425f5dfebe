import { type Account, type Address, type Chain, type Client, encodeFunctionData, type Hex, type Transport } from 'viem'
import * as modelRegistryAbi from '../../abis/calls/modelRegistry.ts'
import type { InvalidModelOwnerError, NotModelOwnerError, UnknownModelError } from '../../errors/registry.ts'
import { executeWrite } from '../internal/executeWrite.ts'
import type { DeploymentParameter, WriteParameters, WriteReturnType } from '../types.ts'

/**
 * Hands a model to another owner at once. Its id stays that of its first owner.
 *
 * @throws `InvalidModelOwnerError`, `NotModelOwnerError`, `UnknownModelError`
 *
 * @example
 * await transferModel(client, { deployment, modelId, newOwner })
 */
export async function transferModel<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: transferModel.Parameters<account>,
): Promise<transferModel.ReturnType> {
  const { deployment, modelId, newOwner } = parameters
  const { transaction } = await executeWrite(client, parameters, {
    to: deployment.modelRegistry,
    data: encodeFunctionData({
      abi: modelRegistryAbi.transferModel,
      functionName: 'transferModel',
      args: [modelId, newOwner],
    }),
  })
  return transaction
}

export declare namespace transferModel {
  type BoundParameters<account extends Account | undefined = Account | undefined> = WriteParameters<account> & {
    /** See `computeModelId`. */
    modelId: Hex
    newOwner: Address
  }
  type Parameters<account extends Account | undefined = Account | undefined> = BoundParameters<account> &
    DeploymentParameter
  type ReturnType = WriteReturnType
  type ErrorType = executeWrite.ErrorType | InvalidModelOwnerError | NotModelOwnerError | UnknownModelError
}
