import type { Client, Hex } from 'viem'
import { getModelVersion } from '../actions/registry/getModelVersion.ts'
import type { DeploymentParameter } from '../actions/types.ts'
import {
  type PayloadDigestMismatchError,
  type PayloadInvalidError,
  type PayloadNotCanonicalError,
  type PayloadTooLargeError,
  PayloadUnavailableError,
} from '../errors/payload.ts'
import { PolicyMismatchError } from '../errors/requester.ts'
import { decodeManifest, decodePolicy } from '../payload/documents.ts'
import type { PayloadSource } from '../payload/store.ts'
import { getVerified } from '../payload/transfer.ts'
import type { Digest, ModelManifest, PolicyDocument } from '../payload/types.ts'
import { methodId } from '../verifier/methodId.ts'

/** Most bytes of a manifest or a policy. */
const maxBytes = 1024 * 1024

/**
 * Reads a version of a model with the manifest and the policy that it names. Both are fetched by digest, checked
 * against it, and decoded; the policy must be the one the version was published for: its verifier and revision give the
 * version's method id, its confidence for a valid verdict is the version's.
 *
 * @throws `UnknownModelVersionError`; `PayloadUnavailableError`, `PayloadDigestMismatchError`, `PayloadTooLargeError`
 * (over 1 MiB), `PayloadInvalidError`, `PayloadNotCanonicalError`; `PolicyMismatchError`.
 *
 * @example
 * const { manifest, policy } = await getModelPolicy(client, { deployment, payloads, modelVersionId })
 */
export async function getModelPolicy(
  client: Client,
  { deployment, modelVersionId, payloads, signal }: getModelPolicy.Parameters,
): Promise<getModelPolicy.ReturnType> {
  const version = await getModelVersion(client, { deployment, modelVersionId })
  const fetchDocument = (what: string, digest: Digest) =>
    getVerified(payloads, digest, { maxBytes, signal }).catch((error: unknown) => {
      if (!(error instanceof PayloadUnavailableError)) throw error
      const {
        sources,
        reason,
        hint = 'Ask the owner of the model to publish it, or add a store that holds it.',
      } = error
      const named = `${what} of the model version ${modelVersionId}`
      throw new PayloadUnavailableError({ digest, what: named, sources, reason, hint, cause: error })
    })
  const [manifestBytes, policyBytes] = await Promise.all([
    fetchDocument('manifest', version.manifestDigest),
    fetchDocument('policy', version.policyDigest),
  ])
  const manifest = decodeManifest(manifestBytes)
  const policy = decodePolicy(policyBytes)
  const issues: string[] = []
  const method = methodId({ name: policy.verifier, revision: policy.revision })
  if (method !== version.methodId)
    issues.push(
      `the version's methodId is ${version.methodId}; ${policy.verifier}@${policy.revision} of the policy is ${method}`,
    )
  if (policy.confidence.valid !== version.validConfidence)
    issues.push(
      `the version's validConfidence is ${version.validConfidence}; confidence.valid of the policy is ${policy.confidence.valid}`,
    )
  if (issues.length > 0) throw new PolicyMismatchError({ modelVersionId, issues })
  return { modelVersionId, version, manifest, policy }
}

export declare namespace getModelPolicy {
  type BoundParameters = {
    /** See `resolveModel`. */
    modelVersionId: Hex
    /** Holds the manifest and the policy. */
    payloads: PayloadSource
    signal?: AbortSignal | undefined
  }
  type Parameters = BoundParameters & DeploymentParameter
  type ReturnType = {
    modelVersionId: Hex
    version: getModelVersion.ReturnType
    manifest: ModelManifest
    policy: PolicyDocument
  }
  type ErrorType =
    | getModelVersion.ErrorType
    | PayloadDigestMismatchError
    | PayloadInvalidError
    | PayloadNotCanonicalError
    | PayloadTooLargeError
    | PayloadUnavailableError
    | PolicyMismatchError
}
