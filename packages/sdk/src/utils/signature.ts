import { invert, mod } from '@noble/curves/abstract/modular'
import { secp256k1 } from '@noble/curves/secp256k1'
import { type Address, type Hex, hexToBigInt, recoverPublicKey } from 'viem'
import { publicKeyToAddress } from 'viem/accounts'

const halfOrder = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n

/** Who signed what, by digest and signature: recovering takes milliseconds, and one is asked for again and again. */
const signers = new Map<string, Promise<Address | null>>()
const maxSigners = 4096

/** Public keys of those who have signed what they were expected to, by lower-case address. */
const publicKeys = new Map<string, PublicKey>()
const maxPublicKeys = 512

/** A key, and what asks whether it signed: made when the key signs for the second time, since that takes a while. */
type PublicKey = { readonly address: Address; readonly hex: Hex; hasSigned?: HasSigned }
type HasSigned = (digest: Hex, signature: Hex) => boolean

/**
 * Who signed a digest by ECDSA, as the contracts see it: 65 bytes, a low s, and 27 or 28 at the end. `null` when nobody
 * did.
 *
 * @param expected Who should have. Makes no difference to the answer; it comes in a third of the time where they did, and
 * have before.
 */
export async function recoverSigner(digest: Hex, signature: Hex, expected: Address): Promise<Address | null> {
  if (!/^0x[0-9a-f]{128}1[bc]$/i.test(signature)) return null
  if (BigInt(`0x${signature.slice(66, 130)}`) > halfOrder) return null
  const key = `${digest}${signature}`.toLowerCase()
  const known = signers.get(key)
  if (known) return known
  // r can be no coordinate of a point of the curve.
  const signer = recover(digest, signature, expected.toLowerCase()).catch(() => null)
  keep(signers, key, signer, maxSigners)
  return signer
}

/** Whether two addresses are the same, however they are written. */
export function isSameAddress(a: Address | null, b: Address | null): boolean {
  return a !== null && b !== null && a.toLowerCase() === b.toLowerCase()
}

async function recover(digest: Hex, signature: Hex, expected: string): Promise<Address> {
  const known = publicKeys.get(expected)
  if (known) {
    known.hasSigned ??= createHasSigned(known.hex)
    if (known.hasSigned(digest, signature)) return known.address
  }
  const hex = await recoverPublicKey({ hash: digest, signature })
  const address = publicKeyToAddress(hex)
  if (!known && address.toLowerCase() === expected) keep(publicKeys, expected, { address, hex }, maxPublicKeys)
  return address
}

/**
 * Whether recovering gives a public key Q: by SEC 1 (section 4.1.6) it does when the point (z G + r Q) / s has r for its x,
 * and a y of the parity that the signature says. G and Q have tables here, which the point that recovering multiplies
 * cannot have.
 */
function createHasSigned(publicKey: Hex): HasSigned {
  const { n } = secp256k1.CURVE
  const { BASE } = secp256k1.ProjectivePoint
  const key = secp256k1.utils.precompute(4, secp256k1.ProjectivePoint.fromHex(publicKey.slice(2)))
  return (digest, signature) => {
    const r = hexToBigInt(`0x${signature.slice(2, 66)}`)
    const s = hexToBigInt(`0x${signature.slice(66, 130)}`)
    const z = mod(hexToBigInt(digest), n)
    // No scalar may be zero. Such a signature is nobody's, or one in 2^256.
    if (r === 0n || r >= n || s === 0n || z === 0n) return false
    const inverse = invert(s, n)
    const point = BASE.multiply(mod(z * inverse, n)).add(key.multiply(mod(r * inverse, n)))
    return point.x === r && Number(point.y & 1n) === Number(`0x${signature.slice(130)}`) - 27
  }
}

/** Keeps the newest: the oldest of a map is its first. */
function keep<value>(map: Map<string, value>, key: string, value: value, most: number): void {
  for (const oldest of map.keys()) {
    if (map.size < most) break
    map.delete(oldest)
  }
  map.set(key, value)
}
