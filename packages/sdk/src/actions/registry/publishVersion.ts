import {
  type Account,
  type Chain,
  type Client,
  encodeFunctionData,
  type Hex,
  parseEventLogs,
  type Transport,
} from 'viem'
import * as modelRegistryAbi from '../../abis/calls/modelRegistry.ts'
import type {
  InvalidValidConfidenceError,
  MissingDigestError,
  NotModelOwnerError,
  UnknownModelError,
} from '../../errors/registry.ts'
import type { VersionConfig } from '../../utils/typedData.ts'
import { executeWrite } from '../internal/executeWrite.ts'
import { firstEvent } from '../internal/firstEvent.ts'
import type { DeploymentParameter, WriteParameters, WriteReturnType } from '../types.ts'

/**
 * Publishes the next version of a model. A version never changes once published.
 *
 * @throws `InvalidValidConfidenceError`, `MissingDigestError`, `NotModelOwnerError`, `UnknownModelError`
 *
 * @example
 * const { modelVersionId, number } = await publishVersion(client, {
 *   deployment,
 *   modelId,
 *   version: { manifestDigest, policyDigest, methodId: methodId(exact()), validConfidence: 9900 },
 * })
 */
export async function publishVersion<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: publishVersion.Parameters<account>,
): Promise<publishVersion.ReturnType> {
  const { deployment, modelId, version } = parameters
  const { transaction, logs } = await executeWrite(client, parameters, {
    to: deployment.modelRegistry,
    data: encodeFunctionData({
      abi: modelRegistryAbi.publishVersion,
      functionName: 'publishVersion',
      args: [modelId, version],
    }),
  })
  const events = parseEventLogs({ abi: modelRegistryAbi.VersionPublished, eventName: 'VersionPublished', logs })
  const { modelVersionId, number } = firstEvent(events, { eventName: 'VersionPublished', ...transaction })
  return { ...transaction, modelVersionId, number }
}

export declare namespace publishVersion {
  type BoundParameters<account extends Account | undefined = Account | undefined> = WriteParameters<account> & {
    /** See `computeModelId`. */
    modelId: Hex
    version: VersionConfig
  }
  type Parameters<account extends Account | undefined = Account | undefined> = BoundParameters<account> &
    DeploymentParameter
  type ReturnType = WriteReturnType & { modelVersionId: Hex; number: number }
  type ErrorType =
    | executeWrite.ErrorType
    | InvalidValidConfidenceError
    | MissingDigestError
    | NotModelOwnerError
    | UnknownModelError
}
