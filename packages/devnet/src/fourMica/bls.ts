import { bls12_381 } from '@noble/curves/bls12-381'
import { bytesToHex, type Hex, hexToBytes, keccak256, numberToHex, toHex } from 'viem'

/** How messages are hashed to the curve, as the contract has it. */
const suite = { DST: 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_NUL_' }

/** A point of G1 as the contract takes it. */
export type G1Words = { x_a: Hex; x_b: Hex; y_a: Hex; y_b: Hex }

/** A key that signs guarantees. */
export type BlsKey = {
  /** The 48 bytes of the compressed point. */
  readonly publicKey: Uint8Array
  readonly words: G1Words
  /** 96 bytes: a compressed point of G2, over the whole message. */
  sign(message: Hex): Hex
}

/** A key that anybody can derive from the name: for devnets. */
export function deriveBlsKey(name: string): BlsKey {
  const secret = hexToBytes(keccak256(toHex(name)))
  secret[0] = 0 // below the order of the group
  const publicKey = bls12_381.getPublicKey(secret)
  const { x, y } = bls12_381.G1.ProjectivePoint.fromHex(publicKey).toAffine()
  const [x_a, x_b] = toWords(x)
  const [y_a, y_b] = toWords(y)
  return {
    publicKey,
    words: { x_a, x_b, y_a, y_b },
    sign: (message) => bytesToHex(bls12_381.sign(hexToBytes(message), secret, suite)),
  }
}

/** 64 bytes in two words. */
function toWords(value: bigint): [Hex, Hex] {
  return [numberToHex(value >> 256n, { size: 32 }), numberToHex(value & ((1n << 256n) - 1n), { size: 32 })]
}
