import { expect, test } from 'vitest'
import { createNonces } from './createNonces.ts'

const take = (count: number, takeNonce = createNonces()) => Array.from({ length: count }, () => takeNonce())

test('256 nonces in a row share a word, and use each of its places once', () => {
  const nonces = take(256)
  expect(new Set(nonces.map((nonce) => nonce >> 8n)).size).toBe(1)
  expect(nonces.map((nonce) => Number(nonce & 255n))).toEqual(Array.from({ length: 256 }, (_, index) => index))
})

test('another word follows, and another source has others', () => {
  const words = [take(257), take(1), take(1)].flat().map((nonce) => nonce >> 8n)
  expect(new Set(words).size).toBe(4)
  for (const word of words) expect(word).toBeLessThan(2n ** 248n)
  // random in all of its bits, not in the low ones only
  expect(words.some((word) => word >= 2n ** 200n)).toBe(true)
})
