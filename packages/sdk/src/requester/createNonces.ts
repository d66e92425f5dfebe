import { bytesToBigInt } from 'viem'

/** Nonces that share a word of the contract's bitmap. */
const nonceCount = 256n

/**
 * Makes a source of nonces that nobody has drawn before, for as long as the process runs: no state to keep.
 *
 * The contract marks the used ones in words of 256 bits, the lowest 8 bits of a nonce being its place in one. So each
 * source starts at a random word of 248 bits and counts through its places, then draws another word: the first
 * certificate that is settled pays for the word, the others hardly anything.
 *
 * @returns A function that gives another nonce, 0..2^256 − 1, at each call.
 */
export function createNonces(): () => bigint {
  let next = 0n
  return () => {
    if (next % nonceCount === 0n) next = bytesToBigInt(crypto.getRandomValues(new Uint8Array(31))) * nonceCount
    return next++
  }
}
