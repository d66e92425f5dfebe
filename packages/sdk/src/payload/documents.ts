import type * as v from 'valibot'
import { decodeCanonical, encode } from './codec.ts'
import { digest } from './digest.ts'
import { modelManifest, parse, policyDocument } from './schemas.ts'
import type { EncodedPayload, IpldValue, ModelManifest, PolicyDocument } from './types.ts'

/**
 * Encodes a model's manifest. Throws a `PayloadInvalidError` if it is not of the shape.
 *
 * @example
 * const { digest: manifestDigest } = await encodeManifest({
 *   v: 1,
 *   name: 'silero-vad',
 *   weights: { digest: await digest(weights), format: 'onnx', size: weights.length },
 *   runtimes: [],
 * })
 */
export async function encodeManifest(manifest: ModelManifest): Promise<EncodedPayload> {
  return encodeDocument(modelManifest, manifest, 'manifest')
}

/**
 * Encodes a policy. Throws a `PayloadInvalidError` if it is not of the shape; whether the parameters are right is for
 * the verifier's own schema to say.
 *
 * @example
 * const { digest: policyDigest } = await encodePolicy(exact.policy())
 */
export async function encodePolicy(policy: PolicyDocument<IpldValue>): Promise<EncodedPayload> {
  return encodeDocument(policyDocument, policy, 'policy')
}

/**
 * Decodes a model's manifest. Throws a `PayloadInvalidError` if the bytes are not one, a `PayloadNotCanonicalError` if
 * they are not its canonical encoding.
 *
 * @example
 * const manifest = decodeManifest(await getVerified(store, version.manifestDigest))
 */
export function decodeManifest(bytes: Uint8Array): ModelManifest {
  return parse(modelManifest, decodeCanonical(bytes), { what: 'manifest' })
}

/**
 * Decodes a policy, as {@link decodeManifest} does a manifest.
 *
 * @example
 * const policy = decodePolicy(await getVerified(store, version.policyDigest))
 */
export function decodePolicy(bytes: Uint8Array): PolicyDocument {
  return parse(policyDocument, decodeCanonical(bytes), { what: 'policy' })
}

async function encodeDocument<document extends ModelManifest | PolicyDocument>(
  schema: v.GenericSchema<unknown, document>,
  value: document,
  what: string,
): Promise<EncodedPayload> {
  const bytes = encode(parse(schema, value, { what }))
  return { bytes, digest: await digest(bytes), blocks: [] }
}
