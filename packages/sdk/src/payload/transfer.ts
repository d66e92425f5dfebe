import { PayloadDigestMismatchError, PayloadTooLargeError } from '../errors/payload.ts'
import { abortable } from '../utils/abort.ts'
import { assertDigest, digest } from './digest.ts'
import type { GetOptions, PayloadSource, PayloadStore, PutOptions } from './store.ts'
import type { Block, Digest, EncodedPayload } from './types.ts'

/** Most bytes that are accepted where the caller does not say: 64 MiB. */
export const defaultMaxBytes = 64 * 1024 * 1024

/** Sources of ours that give nothing but bytes that they have hashed. */
const verifying = new WeakSet<PayloadSource>()

/** Marks a source of which `get` checks bytes and size itself, so that nobody need hash them again. */
export function verifyingSource<source extends PayloadSource>(source: source): source {
  verifying.add(source)
  return source
}

/**
 * Fetches a payload and returns it only if its bytes hash to the digest, whatever the source says.
 *
 * Throws a `PayloadDigestMismatchError` or `PayloadTooLargeError`, the signal's reason, or what the source throws.
 *
 * @example
 * const bytes = await getVerified(store, job.inputDigest, { signal, maxBytes: 1_000_000 })
 */
export async function getVerified(
  source: PayloadSource,
  expected: Digest,
  options: GetOptions = {},
): Promise<Uint8Array> {
  const { maxBytes = defaultMaxBytes } = options
  assertDigest(expected)
  options.signal?.throwIfAborted()
  // A signal of its own: many payloads may be fetched under one, and listeners on it would add up.
  const signal = options.signal && AbortSignal.any([options.signal])
  const bytes = await abortable(source.get(expected, { signal, maxBytes }), signal)
  return verifying.has(source) ? bytes : assertBytes(bytes, expected, { maxBytes })
}

/** The bytes if they are those of the digest and not too many. */
export async function assertBytes(
  bytes: Uint8Array,
  expected: Digest,
  { maxBytes, uri }: { maxBytes: number; uri?: string | undefined },
): Promise<Uint8Array> {
  if (bytes.length > maxBytes) throw new PayloadTooLargeError({ limit: maxBytes, size: bytes.length, uri })
  const actual = await digest(bytes)
  if (actual !== expected) throw new PayloadDigestMismatchError({ expected, actual, uri })
  return bytes
}

/** Blocks that are stored at a time. */
const concurrentPuts = 8

/**
 * Stores an encoded payload and the blocks it links to; the payload itself last, so that whoever can fetch it can
 * fetch all of it. Throws a `PayloadDigestMismatchError` if the store reports another digest.
 *
 * @example
 * const outputDigest = await putPayload(store, await encodeOutput(output))
 */
export async function putPayload(
  store: PayloadStore,
  payload: EncodedPayload,
  options: PutOptions = {},
): Promise<Digest> {
  const put = async ({ bytes, digest }: Block) => {
    options.signal?.throwIfAborted()
    const actual = await store.put(bytes, options)
    if (actual !== digest) throw new PayloadDigestMismatchError({ expected: digest, actual })
  }
  for (let index = 0; index < payload.blocks.length; index += concurrentPuts)
    await Promise.all(payload.blocks.slice(index, index + concurrentPuts).map(put))
  await put(payload)
  return payload.digest
}
