import { DisallowedUrlError } from '../errors/payload.ts'
import { abortable, withTimeout } from '../utils/abort.ts'
import { assertPublicUrl } from './assertPublicUrl.ts'

/** How to speak to a server that is not trusted. */
export type FetchPublicOptions = {
  readonly fetch: typeof globalThis.fetch | undefined
  readonly allowPrivateNetwork: boolean
  /** Milliseconds for the whole exchange. */
  readonly timeout: number
  readonly signal: AbortSignal | undefined
}

/**
 * One HTTP exchange, from the check of the address to the last byte, under one timeout. Private addresses are refused
 * unless allowed, and redirects always (`DisallowedUrlError`).
 */
export async function fetchPublic<result>(
  url: URL,
  init: RequestInit,
  { fetch = globalThis.fetch, allowPrivateNetwork, timeout, signal }: FetchPublicOptions,
  read: (response: Response, signal: AbortSignal) => Promise<result>,
): Promise<result> {
  signal?.throwIfAborted()
  const limit = withTimeout(signal, timeout)
  try {
    await abortable(assertPublicUrl(url, allowPrivateNetwork), limit.signal)
    const response = await fetch(url, { ...init, redirect: 'manual', signal: limit.signal })
    if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
      await response.body?.cancel()
      throw new DisallowedUrlError({
        url: url.href,
        reason: `it redirects${response.headers.has('location') ? ` to ${response.headers.get('location')}` : ''}`,
        hint: 'Use the address it redirects to, if you trust it.',
      })
    }
    return await read(response, limit.signal)
  } finally {
    limit.clear()
  }
}
