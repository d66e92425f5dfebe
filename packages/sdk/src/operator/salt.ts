import { type Address, bytesToHex, type Hex, hexToBytes, stringToBytes } from 'viem'

/** A store's secret: 32 random bytes. */
export function createSecret(): Hex {
  return bytesToHex(crypto.getRandomValues(new Uint8Array(32)))
}

/**
 * The operator's salt for a request: HKDF-SHA256 of its secret. Nobody can guess it before it is revealed, and it is the
 * same after a restart.
 */
export async function deriveOperatorSalt(
  secret: Hex,
  { chainId, avs, requestId }: { chainId: number; avs: Address; requestId: Hex },
): Promise<Hex> {
  const key = await crypto.subtle.importKey('raw', new Uint8Array(hexToBytes(secret)), 'HKDF', false, ['deriveBits'])
  const info = `proof-of-inference/operator-salt/${chainId}/${avs.toLowerCase()}/${requestId.toLowerCase()}`
  const parameters = {
    name: 'HKDF',
    hash: 'SHA-256',
    salt: new Uint8Array(),
    info: new Uint8Array(stringToBytes(info)),
  }
  return bytesToHex(new Uint8Array(await crypto.subtle.deriveBits(parameters, key, 256)))
}
