import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import * as multihash from 'multiformats/hashes/digest'
import { bytesToHex, hexToBytes } from 'viem'
import { PayloadInvalidError } from '../errors/payload.ts'
import type { Digest } from './types.ts'

const sha256Code = 0x12
const codecs = { 'dag-cbor': 0x71, raw: raw.code } as const

/** How a block is encoded, in its CID: `dag-cbor` for payloads, `raw` for weights and chunks of tensors. */
export type Codec = keyof typeof codecs

/** In Node half the processor time of WebCrypto, which copies its input; where there is none, WebCrypto does it. */
const nodeCrypto = typeof process === 'undefined' ? undefined : process.getBuiltinModule?.('node:crypto')

/** More bytes are hashed beside the event loop: 4 MiB take 2 to 3 ms. */
const maxAtOnce = 4 * 1024 * 1024

/**
 * sha2-256 of bytes, as the contracts hold it.
 *
 * @example
 * await digest(new Uint8Array()) // '0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
 */
export async function digest(bytes: Uint8Array): Promise<Digest> {
  const sha256 = bytes.length <= maxAtOnce ? nodeCrypto?.createHash('sha256') : undefined
  if (sha256) return `0x${sha256.update(bytes).digest('hex')}`
  // WebCrypto refuses shared memory, and reads its input later: hash what the bytes are now.
  return bytesToHex(new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(bytes))))
}

/**
 * The CIDv1 of a payload, which follows from its digest alone.
 *
 * @example
 * digestToCid('0xe3b0…b855').toString() // 'bafyrei…'
 */
export function digestToCid(digest: Digest, codec: Codec = 'dag-cbor'): CID {
  return CID.createV1(codecs[codec], multihash.create(sha256Code, hexToBytes(assertDigest(digest))))
}

/** The digest in a CID. Throws a `PayloadInvalidError` unless the CID's hash is sha2-256. */
export function cidToDigest(cid: CID): Digest {
  if (cid.multihash.code !== sha256Code || cid.multihash.digest.length !== 32)
    throw new PayloadInvalidError({ what: 'CID', issues: [`${cid.toString()} is not a sha2-256 CID`] })
  return bytesToHex(cid.multihash.digest)
}

/**
 * The `ipfs://` URI of a payload.
 *
 * @example
 * digestToIpfsUri('0xe3b0…b855') // 'ipfs://bafyrei…'
 */
export function digestToIpfsUri(digest: Digest, codec: Codec = 'dag-cbor'): string {
  return `ipfs://${digestToCid(digest, codec)}`
}

/** Whether the CID names a raw block. */
export function isRawCid(cid: CID): boolean {
  return cid.version === 1 && cid.code === codecs.raw
}

/** Whether a CID names a DAG-CBOR block. */
export function isPayloadCid(cid: CID): boolean {
  return cid.version === 1 && cid.code === codecs['dag-cbor']
}

/** The digest if it is one: `0x` and 64 lower-case hex digits. Throws a `PayloadInvalidError` otherwise. */
export function assertDigest(value: string): Digest {
  if (isDigest(value)) return value
  throw new PayloadInvalidError({
    what: 'digest',
    issues: [`"${value}" is not a sha2-256 digest: 0x and 64 lower-case hex digits`],
  })
}

export function isDigest(value: unknown): value is Digest {
  return typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value)
}
