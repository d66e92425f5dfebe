import { type Client, getAddress, type Hex, isAddress, isHash } from 'viem'
import { InvalidModelReferenceError, UnknownModelError, UnknownModelVersionError } from '../../errors/registry.ts'
import { computeModelId } from '../../utils/typedData.ts'
import type { DeploymentParameter, ReadParameters } from '../types.ts'
import { getModelVersion } from './getModelVersion.ts'
import { getModelVersionId } from './getModelVersionId.ts'

const maxVersion = 2 ** 32 - 1

/**
 * Finds a version of a model by a reference that people can read.
 *
 * @throws `InvalidModelReferenceError`, `UnknownModelError`, `UnknownModelVersionError`
 *
 * @example
 * const { modelVersionId, policyDigest } = await resolveModel(client, {
 *   deployment,
 *   model: '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266/silero-vad@2',
 * })
 */
export async function resolveModel(
  client: Client,
  parameters: resolveModel.Parameters,
): Promise<resolveModel.ReturnType> {
  const { deployment, blockNumber, model } = parameters
  const modelVersionId = isHash(model) ? model : await findByReference(client, { deployment, blockNumber }, model)
  return { modelVersionId, ...(await getModelVersion(client, { deployment, blockNumber, modelVersionId })) }
}

export declare namespace resolveModel {
  type BoundParameters = ReadParameters & {
    /** `owner/name@version`, with the address of the first owner and the version's number; or a modelVersionId. */
    model: string
  }
  type Parameters = BoundParameters & DeploymentParameter
  type ReturnType = { modelVersionId: Hex } & getModelVersion.ReturnType
  type ErrorType = InvalidModelReferenceError | getModelVersionId.ErrorType | getModelVersion.ErrorType
}

async function findByReference(client: Client, at: ReadParameters & DeploymentParameter, reference: string) {
  const asked = parseReference(reference)
  try {
    return await getModelVersionId(client, { ...at, ...asked })
  } catch (error) {
    // The contract knows of hashes only, so say what was asked for.
    if (error instanceof UnknownModelError)
      throw new UnknownModelError({ reference, modelId: asked.modelId, cause: error })
    if (error instanceof UnknownModelVersionError)
      throw new UnknownModelVersionError({ reference, ...asked, cause: error })
    throw error
  }
}

function parseReference(reference: string): { modelId: Hex; number: number } {
  const [, owner, name, version] = /^(0x[0-9a-fA-F]{40})\/([a-z0-9._-]{1,64})@([1-9][0-9]{0,9})$/.exec(reference) ?? []
  const number = Number(version)
  if (owner === undefined || name === undefined || !isAddress(owner) || !(number <= maxVersion)) {
    throw new InvalidModelReferenceError({ reference })
  }
  return { modelId: computeModelId({ originalOwner: getAddress(owner), name }), number }
}
