import { PayloadNotStoredError, PayloadUnavailableError } from '../errors/payload.ts'
import { digest } from './digest.ts'
import type { PayloadSource, PayloadStore } from './store.ts'
import { getVerified, verifyingSource } from './transfer.ts'

/**
 * Several stores as one. Reading asks them in order until one gives the right bytes; wrong bytes are that store's
 * failure and the next one is asked. Writing goes to the first that takes it.
 *
 * When all fail, `get` throws a `PayloadUnavailableError` whose cause is an `AggregateError` of every store's error:
 * `error.walk('PayloadDigestMismatchError')` tells whether one of them held wrong bytes.
 *
 * @example
 * const payloads = fallbackPayloadStore([httpPayloadStore({ url: primary }), httpPayloadStore({ url: mirror })])
 */
export function fallbackPayloadStore(stores: readonly (PayloadStore | PayloadSource)[]): PayloadStore {
  return verifyingSource({
    async put(bytes, options = {}) {
      const causes: unknown[] = []
      for (const store of stores) {
        if (!('put' in store)) continue
        try {
          return await store.put(bytes, options)
        } catch (error) {
          options.signal?.throwIfAborted()
          causes.push(error)
        }
      }
      throw new PayloadNotStoredError({
        digest: await digest(bytes),
        sources: describe(causes),
        reason: causes.length > 0 ? 'every store failed' : 'no store takes payloads',
        cause: new AggregateError(causes),
      })
    },
    async get(key, options = {}) {
      const causes: unknown[] = []
      for (const store of stores) {
        try {
          return await getVerified(store, key, options)
        } catch (error) {
          options.signal?.throwIfAborted()
          causes.push(error)
        }
      }
      throw new PayloadUnavailableError({
        digest: key,
        sources: describe(causes),
        reason: causes.length > 0 ? 'every store failed' : 'there are no stores',
        cause: new AggregateError(causes),
      })
    },
  })
}

/** A line for each store's failure. */
function describe(causes: readonly unknown[]): string[] {
  return causes.map((cause) =>
    (cause instanceof Error ? cause.message : String(cause))
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('Docs: '))
      .join(' '),
  )
}
