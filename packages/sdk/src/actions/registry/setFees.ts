import { type Account, type Chain, type Client, encodeFunctionData, type Hex, type Transport } from 'viem'
import * as modelRegistryAbi from '../../abis/calls/modelRegistry.ts'
import type { NotModelOwnerError, UnknownModelError } from '../../errors/registry.ts'
import { executeWrite } from '../internal/executeWrite.ts'
import type { DeploymentParameter, WriteParameters, WriteReturnType } from '../types.ts'
import type { AssetFee } from './registerModel.ts'

/**
 * Sets in which assets the verification of a model can be paid, and the least fee in each. Assets that are not named
 * keep what was set before.
 *
 * @throws `NotModelOwnerError`, `UnknownModelError`
 *
 * @example
 * const fees = [{ asset: zeroAddress, accepted: true, minimumFee: parseEther('0.001') }]
 * await setFees(client, { deployment, modelId, fees })
 */
export async function setFees<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: setFees.Parameters<account>,
): Promise<setFees.ReturnType> {
  const { deployment, modelId, fees } = parameters
  const { transaction } = await executeWrite(client, parameters, {
    to: deployment.modelRegistry,
    data: encodeFunctionData({ abi: modelRegistryAbi.setFees, functionName: 'setFees', args: [modelId, fees] }),
  })
  return transaction
}

export declare namespace setFees {
  type BoundParameters<account extends Account | undefined = Account | undefined> = WriteParameters<account> & {
    /** See `computeModelId`. */
    modelId: Hex
    /** `minimumFee` in the smallest unit of the asset. */
    fees: readonly AssetFee[]
  }
  type Parameters<account extends Account | undefined = Account | undefined> = BoundParameters<account> &
    DeploymentParameter
  type ReturnType = WriteReturnType
  type ErrorType = executeWrite.ErrorType | NotModelOwnerError | UnknownModelError
}
