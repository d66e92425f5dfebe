import { keccak256, toHex } from 'viem'
import { expect, test } from 'vitest'
import { canarySalt } from '../utils/canarySalt.ts'
import { createCanary } from './createCanary.ts'

const secret = `0x${'5e'.repeat(32)}` as const

test('the salt is the hash of the verdict and the secret: a golden vector', () => {
  const typehash = keccak256(toHex('Canary(bool isValid,bytes32 secret)')).slice(2)
  for (const isValid of [true, false]) {
    // Three words, written by hand.
    const words = `0x${typehash}${'0'.repeat(63)}${isValid ? 1 : 0}${'5e'.repeat(32)}` as const
    expect(canarySalt({ isValid, secret })).toBe(keccak256(words))
  }
  expect(canarySalt({ isValid: true, secret })).toMatchInlineSnapshot(
    `"0xb7440f3ec330957e488327127b0935e63980380349ced7a4d3766fe898d581fd"`,
  )
  expect(canarySalt({ isValid: false, secret })).toMatchInlineSnapshot(
    `"0xfb4c3bc8d74bc020573931ed313df3c998847781ed9d41403b0d78dd50f50bbd"`,
  )
})

test('takes no secret of another length', () => {
  expect(() => canarySalt({ isValid: true, secret: '0x5e' })).toThrow()
})

test('every canary has a secret of its own', () => {
  const canaries = Array.from({ length: 100 }, () => createCanary({ isValid: false }))
  expect(new Set(canaries.map((canary) => canary.secret)).size).toBe(100)
  for (const { isValid, secret, salt } of canaries) {
    expect(isValid).toBe(false)
    expect(secret).toMatch(/^0x[0-9a-f]{64}$/)
    expect(salt).toBe(canarySalt({ isValid: false, secret }))
    // The other verdict cannot be claimed afterwards.
    expect(salt).not.toBe(canarySalt({ isValid: true, secret }))
  }
})
