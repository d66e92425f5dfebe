import fc from 'fast-check'
import { type Hex, toHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'
import { createVote, deployment, hashOf } from '../../test/fixtures.ts'
import { attestationTypes, toTypedDataDomain } from './typedData.ts'
import { toSignature, toVote } from './vote.ts'

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
