import { concat, type Hex, hexToBytes, numberToBytes, sha256, stringToBytes } from 'viem'
import type { Random } from './types.ts'

/**
 * A deterministic stream of random numbers, the same on every platform.
 *
 * The stream is the big-endian 32-bit words of sha256(key ‖ sha256(utf8(name)) ‖ counter) for counter = 0, 1, 2, … as
 * an unsigned 64-bit big-endian integer. `float` takes two words, `(a >>> 5) × 2^26 + (b >>> 6)` over 2^53. `int(n)`
 * takes words until one is below the largest multiple of n within 2^32, and gives it modulo n. `shuffle` is
 * Fisher–Yates from the last index down, swapping index i with `int(i + 1)`.
 *
 * @param key 32 bytes.
 * @param name Tells apart the streams of one key.
 *
 * @example
 * const order = createRandom(job.jobId, 'permutation').shuffle([0, 1, 2, 3])
 */
export function createRandom(key: Hex, name: string): Random {
  const keyBytes = hexToBytes(key)
  if (keyBytes.length !== 32) throw new RangeError(`the key must have 32 bytes, not ${keyBytes.length}`)
  const prefix = concat([keyBytes, sha256(stringToBytes(name), 'bytes')])
  let counter = 0
  let words: number[] = []

  function uint32(): number {
    if (words.length === 0) {
      const block = new DataView(sha256(concat([prefix, numberToBytes(counter, { size: 8 })]), 'bytes').buffer)
      counter++
      words = Array.from({ length: 8 }, (_, index) => block.getUint32(index * 4))
    }
    return words.shift() ?? 0
  }

  function int(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 32) throw new RangeError(`n must be an integer in 1..2^32, not ${n}`)
    const limit = 2 ** 32 - (2 ** 32 % n)
    let word = uint32()
    while (word >= limit) word = uint32()
    return word % n
  }

  return {
    uint32,
    int,
    float: () => ((uint32() >>> 5) * 2 ** 26 + (uint32() >>> 6)) / 2 ** 53,
    shuffle<item>(items: readonly item[]) {
      const shuffled = [...items]
      for (let index = shuffled.length - 1; index > 0; index--) {
        const other = int(index + 1)
        // Both indices are within the array.
        ;[shuffled[index], shuffled[other]] = [shuffled[other] as item, shuffled[index] as item]
      }
      return shuffled
    },
  }
}
