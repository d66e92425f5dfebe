import { hkdfSync } from 'node:crypto'
import { bytesToHex, hexToBytes } from 'viem'
import { expect, test } from 'vitest'
import { hashOf, owner } from '../../test/fixtures.ts'
import { createSecret, deriveOperatorSalt } from './salt.ts'

const secret = hashOf('secret')
const requestId = hashOf('request')

test('the salt is HKDF-SHA256 of the secret, for one request on one deployment', async () => {
  const salt = await deriveOperatorSalt(secret, { ...owner, requestId })
  const info = `proof-of-inference/operator-salt/31337/${owner.avs.toLowerCase()}/${requestId}`
  expect(salt).toBe(bytesToHex(new Uint8Array(hkdfSync('sha256', hexToBytes(secret), new Uint8Array(), info, 32))))
  const others = [
    deriveOperatorSalt(hashOf('another'), { ...owner, requestId }),
    deriveOperatorSalt(secret, { ...owner, requestId: hashOf('another') }),
    deriveOperatorSalt(secret, { ...owner, requestId, chainId: 1 }),
    deriveOperatorSalt(secret, { ...owner, requestId, avs: owner.operator }),
  ]
  expect(new Set([salt, ...(await Promise.all(others))]).size).toBe(5)
})

test('secrets are 32 random bytes', () => {
  expect(createSecret()).toMatch(/^0x[0-9a-f]{64}$/)
  expect(createSecret()).not.toBe(createSecret())
})
