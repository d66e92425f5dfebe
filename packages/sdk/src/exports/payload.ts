/**
 * Content-addressed payloads: DAG-CBOR by sha2-256 digest, and the stores they are fetched from.
 *
 * @module @proof-of-inference/sdk/payload
 */

export {
  DisallowedUrlError,
  PayloadDigestMismatchError,
  PayloadEncodingError,
  PayloadInvalidError,
  PayloadNotCanonicalError,
  PayloadNotStoredError,
  PayloadTooLargeError,
  PayloadUnavailableError,
} from '../errors/payload.ts'
export type { Batch, BatchItem, DecodeInferenceOptions, Inference } from '../payload/batch.ts'
export { decodeInference } from '../payload/batch.ts'
export { maxBatchSize } from '../payload/batchRule.ts'
export { decode, decodeCanonical, encode } from '../payload/codec.ts'
export type { Codec } from '../payload/digest.ts'
export { cidToDigest, digest, digestToCid, digestToIpfsUri } from '../payload/digest.ts'
export { decodeManifest, decodePolicy, encodeManifest, encodePolicy } from '../payload/documents.ts'
export { fallbackPayloadStore } from '../payload/fallbackPayloadStore.ts'
export { runtimeClass } from '../payload/fingerprint.ts'
export { type HttpPayloadStoreOptions, httpPayloadStore } from '../payload/httpPayloadStore.ts'
export type { DecodeOptions } from '../payload/inference.ts'
export { decodeInput, decodeOutput, encodeInput, encodeOutput } from '../payload/inference.ts'
export { inlinePayloadStore } from '../payload/inlinePayloadStore.ts'
export { memoryPayloadStore } from '../payload/memoryPayloadStore.ts'
export type { GetOptions, PayloadSource, PayloadStore, PutOptions } from '../payload/store.ts'
export { defaultMaxBytes, getVerified, putPayload } from '../payload/transfer.ts'
export type {
  BatchInput,
  BatchOutput,
  BatchSampling,
  Block,
  ChatInput,
  ChatMessage,
  Digest,
  Dtype,
  EncodedPayload,
  InferenceInput,
  InferenceOutput,
  IpldValue,
  JsonInput,
  JsonOutput,
  ModelManifest,
  ModelReference,
  PolicyDocument,
  RuntimeFingerprint,
  RuntimeProfile,
  Tensor,
  TensorDataByDtype,
  TensorsInput,
  TensorsOutput,
  TextOutput,
  VerdictCounts,
} from '../payload/types.ts'
