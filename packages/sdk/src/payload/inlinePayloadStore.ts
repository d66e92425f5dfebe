import { PayloadUnavailableError } from '../errors/payload.ts'
import type { PayloadSource } from './store.ts'
import { assertBytes, defaultMaxBytes, verifyingSource } from './transfer.ts'
import type { Digest } from './types.ts'

/** How errors call the chain as a source. */
export const onChain = 'on chain'

/**
 * Reads payloads that travelled with a transaction: `PayloadPublished` events, in a map or by a function that looks
 * them up. Read-only; combine it with a store that takes payloads by {@link fallbackPayloadStore}.
 *
 * @param source Bytes by digest; `undefined` where there are none.
 *
 * @example
 * const payloads = fallbackPayloadStore([inlinePayloadStore(published), httpPayloadStore({ url })])
 */
export function inlinePayloadStore(
  source:
    | ReadonlyMap<Digest, Uint8Array>
    | ((digest: Digest, options: { signal?: AbortSignal | undefined }) => Promise<Uint8Array | undefined>),
): PayloadSource {
  return verifyingSource({
    async get(digest, { signal, maxBytes = defaultMaxBytes } = {}) {
      signal?.throwIfAborted()
      const bytes = typeof source === 'function' ? await source(digest, { signal }) : source.get(digest)
      if (!bytes)
        throw new PayloadUnavailableError({ digest, sources: [onChain], reason: 'not published with a request' })
      return assertBytes(bytes, digest, { maxBytes, uri: onChain })
    },
  })
}
