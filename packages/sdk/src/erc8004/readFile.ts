import { PayloadTooLargeError } from '../errors/payload.ts'
import { fetchPublic } from '../payload/fetchPublic.ts'
import { readCapped } from '../utils/readCapped.ts'

/** How a registration file is fetched. */
export type ReadFileOptions = {
  /** Base of an IPFS gateway, such as `https://gateway.example.com/ipfs`. Default: none; `ipfs:` is refused. */
  readonly ipfsGateway?: string | undefined
  /** Default: the platform's. */
  readonly fetch?: typeof globalThis.fetch | undefined
  /** Allow http, and loopback, link-local and private addresses. Default: false. */
  readonly allowPrivateNetwork?: boolean | undefined
  /** Most bytes. Default: 256 KiB. */
  readonly maxBytes?: number | undefined
  /** Milliseconds. Default: 15,000. */
  readonly timeout?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * How sure it is that the file is the one that its URI names: `chain`, it is the URI itself; `hash`, its bytes hash to
 * it; `none`, whoever served it says so.
 */
export type FileIntegrity = 'chain' | 'hash' | 'none'

/** Reads the file at a URI that somebody else chose. Throws an `Error` that says why not. */
export async function readFile(
  uri: string,
  options: ReadFileOptions,
): Promise<{ bytes: Uint8Array; integrity: FileIntegrity }> {
  const { maxBytes = 256 * 1024 } = options
  if (uri.startsWith('data:')) return { bytes: decodeDataUri(uri, maxBytes), integrity: 'chain' }
  if (!uri.startsWith('ipfs://')) return { bytes: await download(new URL(uri), maxBytes, options), integrity: 'none' }
  const { ipfsGateway } = options
  if (ipfsGateway === undefined) throw new Error('It is on IPFS, and no `ipfsGateway` was given.')
  const path = uri.slice('ipfs://'.length)
  // Few need them: they would be most of a bundle that only reads from the registries.
  const { CID } = await import('multiformats/cid')
  const raw = await import('multiformats/codecs/raw')
  const { assertDigest, cidToDigest, digest } = await import('../payload/digest.ts')
  const root = path.split('/')[0] ?? ''
  const cid = CID.parse(root)
  const toUrl = (file: string) => new URL(`${ipfsGateway.replace(/\/$/, '')}/${file}`)
  const [url, folder] = [toUrl(path), toUrl(root)]
  // Segments of dots would lead to whatever else the gateway's host has.
  if (!`${url.pathname}/`.startsWith(`${folder.pathname}/`))
    throw new Error('Its path leaves the folder that it names.')
  const bytes = await download(url, maxBytes, options)
  // Files in more than one block, and in folders, have the hash of a tree that a gateway does not give.
  if (cid.code !== raw.code || path !== cid.toString()) return { bytes, integrity: 'none' }
  const actual = await digest(bytes)
  if (actual !== assertDigest(cidToDigest(cid))) throw new Error(`The gateway gave another file: ${actual}.`)
  return { bytes, integrity: 'hash' }
}

async function download(url: URL, maxBytes: number, options: ReadFileOptions): Promise<Uint8Array> {
  const { fetch, allowPrivateNetwork = false, timeout = 15_000, signal } = options
  if (url.protocol !== 'https:' && !allowPrivateNetwork) throw new Error(`The scheme ${url.protocol} is not allowed.`)
  return fetchPublic(url, {}, { fetch, allowPrivateNetwork, timeout, signal }, async (response, signal) => {
    if (response.status !== 200) {
      await response.body?.cancel()
      throw new Error(`The server answered ${response.status} ${response.statusText}.`)
    }
    const bytes = await readCapped(response, maxBytes, signal)
    if (!bytes) throw new PayloadTooLargeError({ limit: maxBytes, uri: url.href })
    return bytes
  })
}

/** RFC 2397. */
function decodeDataUri(uri: string, maxBytes: number): Uint8Array {
  const comma = uri.indexOf(',')
  if (comma < 0) throw new Error('The data URI has no data.')
  const data = uri.slice(comma + 1)
  // Three bytes are four characters of base64, or up to nine otherwise.
  if (data.length > maxBytes * 9) throw new PayloadTooLargeError({ limit: maxBytes })
  const text = decodeURIComponent(data)
  const bytes = /;base64$/i.test(uri.slice(0, comma))
    ? Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
    : new TextEncoder().encode(text)
  if (bytes.length > maxBytes) throw new PayloadTooLargeError({ limit: maxBytes, size: bytes.length })
  return bytes
}
