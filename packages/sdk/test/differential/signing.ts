import { type Address, encodePacked, type Hex, hexToBigInt, keccak256, toHex } from 'viem'
import { privateKeyToAddress } from 'viem/accounts'

/** An account of a test, whose key follows from its name. */
export type Signer = { readonly address: Address; readonly key: bigint }

/** A signature, with what a contract has to find out about it: who signed what. */
export type Signed = {
  /** Nobody, where the bytes are no signature. */
  readonly signer: Address | undefined
  readonly digest: Hex
  readonly signature: Hex
}

/** Order of secp256k1, and the x coordinate of its generator, whose y is even. */
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const generatorX = 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n

export function createSigner(name: string): Signer {
  const key = hexToBigInt(keccak256(toHex(name))) % order
  return { address: privateKeyToAddress(toHex(key, { size: 32 })), key }
}

/**
 * Signs a digest with 1 as the secret nonce: a valid signature within microseconds, which gives its key away. Tens of
 * thousands are needed, and the keys are worthless.
 */
export function sign({ address, key }: Signer, digest: Hex): Signed {
  const s = (hexToBigInt(digest) + generatorX * key) % order
  const isHigh = s > order / 2n
  const signature = encodePacked(
    ['uint256', 'uint256', 'uint8'],
    [generatorX, isHigh ? order - s : s, isHigh ? 28 : 27],
  )
  return { signer: address, digest, signature }
}

/** A signature that nobody can have made: no point of the curve has 5 as its x coordinate. */
export function signByNobody(digest: Hex): Signed {
  return { signer: undefined, digest, signature: encodePacked(['uint256', 'uint256', 'uint8'], [5n, 1n, 27]) }
}
