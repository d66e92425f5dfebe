import { type Address, type Hex, recoverAddress } from 'viem'

const halfOrder = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n

/** Who signed what, by digest and signature: recovering takes milliseconds, and one is asked for again and again. */
const signers = new Map<string, Promise<Address | null>>()
const maxSigners = 4096

/**
 * Who signed a digest by ECDSA, as the contracts see it: 65 bytes, a low s, and 27 or 28 at the end. `null` when nobody
 * did.
 */
export async function recoverSigner(digest: Hex, signature: Hex): Promise<Address | null> {
  if (!/^0x[0-9a-f]{128}1[bc]$/i.test(signature)) return null
  if (BigInt(`0x${signature.slice(66, 130)}`) > halfOrder) return null
  const key = `${digest}${signature}`.toLowerCase()
  const known = signers.get(key)
  if (known) return known
  // r can be no coordinate of a point of the curve.
  const signer = recoverAddress({ hash: digest, signature }).catch(() => null)
  // The oldest is the first.
  for (const oldest of signers.keys()) {
    if (signers.size < maxSigners) break
    signers.delete(oldest)
  }
  signers.set(key, signer)
  return signer
}

/** Whether two addresses are the same, however they are written. */
export function isSameAddress(a: Address | null, b: Address | null): boolean {
  return a !== null && b !== null && a.toLowerCase() === b.toLowerCase()
}
