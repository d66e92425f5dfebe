import type { Digest } from './types.ts'

/** Limits of a read. */
export type GetOptions = {
  readonly signal?: AbortSignal | undefined
  /** Most bytes to accept. Default 64 MiB ({@link defaultMaxBytes}). */
  readonly maxBytes?: number | undefined
}

/** Aborts a write. */
export type PutOptions = { readonly signal?: AbortSignal | undefined }

/**
 * Where payloads travel outside the chain, by the sha2-256 of their bytes.
 *
 * `get` throws a `PayloadUnavailableError` when the store does not hold the payload, a `PayloadTooLargeError` beyond
 * `maxBytes`. What it returns is never trusted: read through {@link getVerified}.
 */
export interface PayloadStore {
  /** Stores bytes; resolves once they can be fetched. Storing the same bytes again changes nothing. */
  put(bytes: Uint8Array, options?: PutOptions): Promise<Digest>
  /** Fetches bytes. They are to be checked against the digest. */
  get(digest: Digest, options?: GetOptions): Promise<Uint8Array>
}

/** The reading half of a {@link PayloadStore}. */
export type PayloadSource = Pick<PayloadStore, 'get'>
