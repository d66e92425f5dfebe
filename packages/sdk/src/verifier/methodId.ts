import { type Hex, keccak256, stringToBytes } from 'viem'

/**
 * The id of a verification method, as model versions and attestations carry it: keccak256 of `name@revision`.
 *
 * @example
 * methodId({ name: '@proof-of-inference/verifier-exact', revision: 1 })
 */
export function methodId({ name, revision }: { readonly name: string; readonly revision: number }): Hex {
  return keccak256(stringToBytes(`${name}@${revision}`))
}
