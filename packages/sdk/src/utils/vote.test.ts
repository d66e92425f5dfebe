import fc from 'fast-check'
import { type Hex, toHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'
import { createVote, deployment, hashOf } from '../../test/fixtures.ts'
import { attestationTypes, toTypedDataDomain } from './typedData.ts'
import { readVerdict, toSignature, toVote } from './vote.ts'

test('a signature survives its compact form', async () => {
  const keys = fc.bigInt({ min: 1n, max: 2n ** 255n })
  await fc.assert(
    fc.asyncProperty(keys, fc.boolean(), async (key, isValid) => {
      const account = privateKeyToAccount(toHex(key, { size: 32 }))
      const { attestation } = createVote(hashOf('request'), { isValid })
      const domain = toTypedDataDomain(deployment)
      const signature: Hex = await account.signTypedData({
        domain,
        types: attestationTypes,
        primaryType: 'Attestation',
        message: attestation,
      })
      const vote = toVote({ attestation, signature })
      expect(toSignature(vote)).toBe(signature)
      expect(vote).toMatchObject({ operator: attestation.operator, isValid, confidence: attestation.confidence })
      expect(vote).not.toHaveProperty('method')
    }),
    { numRuns: 30 },
  )
})

test('a verdict of an event is read from its word', () => {
  const word = (5n << 32n) | (8100n << 16n) | 1n
  expect(readVerdict(word)).toEqual({ isValid: true, isCounted: false, confidence: 8100, weight: 5n })
  expect(readVerdict((((1n << 96n) - 1n) << 32n) | (10_000n << 16n) | (1n << 8n))).toEqual({
    isValid: false,
    isCounted: true,
    confidence: 10_000,
    weight: (1n << 96n) - 1n,
  })
})
