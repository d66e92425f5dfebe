import { isProofOfInferenceError } from '../errors/base.ts'
import {
  DisallowedUrlError,
  PayloadNotStoredError,
  PayloadTooLargeError,
  PayloadUnavailableError,
} from '../errors/payload.ts'
import { readCapped } from '../utils/readCapped.ts'
import { assertHttp } from './assertPublicUrl.ts'
import { assertDigest, digest } from './digest.ts'
import { fetchPublic } from './fetchPublic.ts'
import type { PayloadStore } from './store.ts'
import { assertBytes, defaultMaxBytes, verifyingSource } from './transfer.ts'

/** Where a payload store is, and what it may answer. */
export type HttpPayloadStoreOptions = {
  /** Payloads are at `<url>/<digest>`, the digest with its `0x`. */
  readonly url: string
  /** Default: the platform's. */
  readonly fetch?: typeof globalThis.fetch
  /** Allow loopback, link-local and private addresses. Default: false. */
  readonly allowPrivateNetwork?: boolean
  /** Most bytes of a payload; a smaller `maxBytes` of a call wins. Default: 64 MiB. */
  readonly maxBytes?: number
  /** Milliseconds for a whole exchange. Default: 30,000. */
  readonly timeout?: number
  /** Sent with every exchange, such as an authorization. */
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Payloads on an HTTP server: `GET <url>/<digest>` and `PUT <url>/<digest>`.
 *
 * Trusts the server with nothing: bytes are counted while they stream in and hashed before they are returned,
 * redirects are refused, and so are private addresses unless allowed (limits: `assertPublicUrl`).
 *
 * `get` throws `PayloadUnavailableError`, `PayloadTooLargeError`, `PayloadDigestMismatchError`, `DisallowedUrlError`;
 * `put` throws `PayloadNotStoredError`, `PayloadTooLargeError`, `DisallowedUrlError`.
 *
 * @throws `DisallowedUrlError` for what is no http(s) URL
 *
 * @example
 * const payloads = httpPayloadStore({ url: 'https://payloads.example.com' })
 */
export function httpPayloadStore(options: HttpPayloadStoreOptions): PayloadStore {
  const { allowPrivateNetwork = false, timeout = 30_000, headers = {} } = options
  const storeMaxBytes = options.maxBytes ?? defaultMaxBytes
  const base = parseUrl(options.url)

  function exchange<result>(
    key: string,
    init: RequestInit,
    signal: AbortSignal | undefined,
    read: (response: Response, uri: string, signal: AbortSignal) => Promise<result>,
  ): Promise<result> {
    const url = new URL(base)
    url.pathname = `${url.pathname.replace(/\/$/, '')}/${assertDigest(key)}`
    const how = { fetch: options.fetch, allowPrivateNetwork, timeout, signal }
    return fetchPublic(url, init, how, (response, signal) => read(response, url.href, signal))
  }

  return verifyingSource({
    async put(bytes, { signal } = {}) {
      const body = new Uint8Array(bytes)
      const key = await digest(body)
      if (body.length > storeMaxBytes)
        throw new PayloadTooLargeError({ limit: storeMaxBytes, size: body.length, uri: options.url })
      const failed = (uri: string, reason: string, cause?: unknown) =>
        new PayloadNotStoredError({ digest: key, sources: [uri], reason, cause })
      try {
        const init = { method: 'PUT', body, headers: { 'content-type': 'application/octet-stream', ...headers } }
        await exchange(key, init, signal, async (response, uri) => {
          await response.body?.cancel()
          if (!response.ok) throw failed(uri, `the server answered ${response.status} ${response.statusText}`)
        })
      } catch (error) {
        signal?.throwIfAborted()
        if (isProofOfInferenceError(error)) throw error
        throw failed(options.url, toReason(error), error)
      }
      return key
    },

    async get(key, { signal, maxBytes = defaultMaxBytes } = {}) {
      const limit = Math.min(maxBytes, storeMaxBytes)
      const failed = (uri: string, reason: string, cause?: unknown, hint?: string) =>
        new PayloadUnavailableError({ digest: key, sources: [uri], reason, hint, cause })
      try {
        return await exchange(key, { method: 'GET', headers }, signal, async (response, uri, signal) => {
          if (response.status !== 200) {
            await response.body?.cancel()
            throw failed(
              uri,
              response.status === 404
                ? 'the server does not hold it (404)'
                : `the server answered ${response.status} ${response.statusText}`,
            )
          }
          return assertBytes(await readPayload(response, limit, uri, signal), assertDigest(key), {
            maxBytes: limit,
            uri,
          })
        })
      } catch (error) {
        signal?.throwIfAborted()
        if (isProofOfInferenceError(error)) throw error
        throw failed(options.url, toReason(error), error, 'Check the address of the store, and that its server runs.')
      }
    },
  })
}

/** A response's body, cancelled as soon as it exceeds the limit. */
async function readPayload(response: Response, limit: number, uri: string, signal: AbortSignal): Promise<Uint8Array> {
  const announced = Number(response.headers.get('content-length') ?? 0)
  const bytes = await readCapped(response, limit, signal)
  if (bytes) return bytes
  throw new PayloadTooLargeError({ limit, size: announced > limit ? announced : undefined, uri })
}

/** With what the platform calls the failure, such as `ECONNREFUSED`; of `fetch`, the cause says it. */
function toReason(error: unknown): string {
  const code = findCode(error)
  return `the server could not be reached, or broke off${code === undefined ? '' : ` (${code})`}`
}

function findCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  return 'code' in error && typeof error.code === 'string' ? error.code : findCode(error.cause)
}

function parseUrl(url: string): URL {
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch (cause) {
    throw new DisallowedUrlError({ url, reason: 'it is not an absolute URL', cause })
  }
  assertHttp(parsed)
  return parsed
}
