import { type Account, type Chain, type Client, encodeFunctionData, type Hex, type Transport } from 'viem'
import * as modelRegistryAbi from '../../abis/calls/modelRegistry.ts'
import type { NotModelOwnerError, UnknownModelError } from '../../errors/registry.ts'
import { executeWrite } from '../internal/executeWrite.ts'
import type { DeploymentParameter, WriteParameters, WriteReturnType } from '../types.ts'

/**
 * Says whether new requests may name the model. Open ones are unaffected.
 *
 * @throws `NotModelOwnerError`, `UnknownModelError`
 *
 * @example
 * await setActive(client, { deployment, modelId, active: false })
 */
export async function setActive<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: setActive.Parameters<account>,
): Promise<setActive.ReturnType> {
  const { deployment, modelId, active } = parameters
  const { transaction } = await executeWrite(client, parameters, {
    to: deployment.modelRegistry,
    data: encodeFunctionData({ abi: modelRegistryAbi.setActive, functionName: 'setActive', args: [modelId, active] }),
  })
  return transaction
}

export declare namespace setActive {
  type BoundParameters<account extends Account | undefined = Account | undefined> = WriteParameters<account> & {
    /** See `computeModelId`. */
    modelId: Hex
    active: boolean
  }
  type Parameters<account extends Account | undefined = Account | undefined> = BoundParameters<account> &
    DeploymentParameter
  type ReturnType = WriteReturnType
  type ErrorType = executeWrite.ErrorType | NotModelOwnerError | UnknownModelError
}
