import { encodeAbiParameters, type Hex, keccak256, toHex } from 'viem'

const canaryTypehash = keccak256(toHex('Canary(bool isValid,bytes32 secret)'))

/**
 * The salt of a job that is a canary, by which its requester commits to the right verdict:
 * `keccak256(abi.encode(keccak256("Canary(bool isValid,bytes32 secret)"), isValid, secret))`.
 *
 * @param parameters.secret 32 bytes that nobody else can guess.
 *
 * @example
 * const salt = canarySalt({ isValid: false, secret })
 */
export function canarySalt({ isValid, secret }: { isValid: boolean; secret: Hex }): Hex {
  return keccak256(
    encodeAbiParameters(
      [{ type: 'bytes32' }, { type: 'bool' }, { type: 'bytes32' }],
      [canaryTypehash, isValid, secret],
    ),
  )
}
