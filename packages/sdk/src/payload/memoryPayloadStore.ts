import { PayloadTooLargeError, PayloadUnavailableError } from '../errors/payload.ts'
import { digest } from './digest.ts'
import type { PayloadStore } from './store.ts'
import { defaultMaxBytes } from './transfer.ts'
import type { Digest } from './types.ts'

/**
 * Keeps payloads in memory, for as long as the process lives.
 *
 * @example
 * const payloads = memoryPayloadStore()
 * const digest = await payloads.put(bytes)
 */
export function memoryPayloadStore(): PayloadStore {
  const payloads = new Map<Digest, Uint8Array>()
  return {
    async put(bytes, { signal } = {}) {
      signal?.throwIfAborted()
      const copy = new Uint8Array(bytes)
      const key = await digest(copy)
      payloads.set(key, copy)
      return key
    },
    async get(key, { signal, maxBytes = defaultMaxBytes } = {}) {
      signal?.throwIfAborted()
      const bytes = payloads.get(key)
      if (!bytes) throw new PayloadUnavailableError({ digest: key, sources: ['memory'], reason: 'not stored here' })
      if (bytes.length > maxBytes)
        throw new PayloadTooLargeError({ limit: maxBytes, size: bytes.length, uri: 'memory' })
      return new Uint8Array(bytes)
    },
  }
}
