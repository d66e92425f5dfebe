import {
  type Account,
  type Chain,
  type Client,
  type ContractFunctionArgs,
  encodeFunctionData,
  type Hex,
  parseEventLogs,
  type Transport,
} from 'viem'
import * as modelRegistryAbi from '../../abis/calls/modelRegistry.ts'
import type {
  InvalidModelNameError,
  InvalidValidConfidenceError,
  MissingDigestError,
  ModelAlreadyRegisteredError,
} from '../../errors/registry.ts'
import type { VersionConfig } from '../../utils/typedData.ts'
import { executeWrite } from '../internal/executeWrite.ts'
import { firstEvent } from '../internal/firstEvent.ts'
import type { DeploymentParameter, WriteParameters, WriteReturnType } from '../types.ts'

/** In which asset the verification of a model can be paid, and the least fee in it. */
export type AssetFee = ContractFunctionArgs<typeof modelRegistryAbi.setFees, 'nonpayable', 'setFees'>[1][number]

/**
 * Registers a model under the sender, with its first version.
 *
 * @throws `InvalidModelNameError`, `InvalidValidConfidenceError`, `MissingDigestError`, `ModelAlreadyRegisteredError`
 *
 * @example
 * const { modelId, modelVersionId } = await registerModel(client, {
 *   deployment,
 *   name: 'silero-vad',
 *   version: { manifestDigest, policyDigest, methodId: methodId(exact()), validConfidence: 9900 },
 *   fees: [{ asset: zeroAddress, accepted: true, minimumFee: parseEther('0.001') }],
 * })
 */
export async function registerModel<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: registerModel.Parameters<account>,
): Promise<registerModel.ReturnType> {
  const { deployment, name, version, fees } = parameters
  const { transaction, logs } = await executeWrite(client, parameters, {
    to: deployment.modelRegistry,
    data: encodeFunctionData({
      abi: modelRegistryAbi.registerModel,
      functionName: 'registerModel',
      args: [name, { version, fees }],
    }),
  })
  const events = parseEventLogs({ abi: modelRegistryAbi.VersionPublished, eventName: 'VersionPublished', logs })
  const { modelId, modelVersionId } = firstEvent(events, { eventName: 'VersionPublished', ...transaction })
  return { ...transaction, modelId, modelVersionId }
}

export declare namespace registerModel {
  type BoundParameters<account extends Account | undefined = Account | undefined> = WriteParameters<account> & {
    /** Unique among the models of the sender: 1 to 64 characters of a-z, 0-9, '.', '_' and '-'. */
    name: string
    /** The first version. */
    version: VersionConfig
    /** In which assets the verification can be paid, and the least fee in each, in its smallest unit. */
    fees: readonly AssetFee[]
  }
  type Parameters<account extends Account | undefined = Account | undefined> = BoundParameters<account> &
    DeploymentParameter
  type ReturnType = WriteReturnType & { modelId: Hex; modelVersionId: Hex }
  type ErrorType =
    | executeWrite.ErrorType
    | InvalidModelNameError
    | InvalidValidConfidenceError
    | MissingDigestError
    | ModelAlreadyRegisteredError
}
