import { createDevnet } from '@proof-of-inference/devnet'
import { decodeManifest, memoryPayloadStore } from '@proof-of-inference/sdk/payload'
import { getModelPolicy, publishModel } from '@proof-of-inference/sdk/requester'
import { createWalletClient, http, zeroAddress, zeroHash } from 'viem'
import { expect, test } from 'vitest'
import { createPublications, type Publication } from './quality/publications.ts'

const progress = () => {}

test('what a calibration gives can be published, and is read again with its error rates', async () => {
  const payloads = memoryPayloadStore()
  // Calibrates again from the digests.
  const publications = await createPublications('lande', { payloads, inputs: 40, progress })
  expect(Object.keys(publications)).toEqual([
    '@proof-of-inference/verifier-cosine',
    '@proof-of-inference/verifier-crossval',
  ])
  const { deployment, accounts, chain, stop } = await createDevnet()
  try {
    const client = createWalletClient({ account: accounts.deployer, chain, transport: http(), pollingInterval: 20 })
    for (const [index, { manifest, policy, ...digests }] of Object.values(publications).entries()) {
      const { modelVersionId } = await publishModel(client, {
        ...{ deployment, payloads, name: `lande-${index}`, manifest, policy },
        fees: [{ asset: zeroAddress, accepted: true, minimumFee: 1n }],
      })
      const read = await getModelPolicy(client, { deployment, payloads, modelVersionId })
      expect(read.version).toMatchObject({
        manifestDigest: digests.manifestDigest,
        policyDigest: digests.policyDigest,
        methodId: digests.methodId,
        validConfidence: digests.validConfidence,
      })
      // 28 of the 40 inputs set no threshold.
      expect(read.policy.errorRates?.honest).toEqual({ n: 28, valid: 28, invalid: 0, inconclusive: 0 })
      expect(read.policy.errorRates?.attacks['random output']).toEqual({
        n: 28,
        valid: 0,
        invalid: 28,
        inconclusive: 0,
      })
      // Of no error in 28: 0.05^(1/28).
      expect(read.policy.confidence.invalid).toBe(8_985)
      for (const { manifestDigest = zeroHash } of Object.values(read.policy.references))
        expect(decodeManifest(await payloads.get(manifestDigest)).weights).toEqual(manifest.weights)
    }
  } finally {
    await stop()
  }
  expect(Object.keys(references(publications['@proof-of-inference/verifier-crossval']))).toHaveLength(2)
}, 120_000)

test('so can that of a token verifier', async () => {
  const payloads = memoryPayloadStore()
  const [publication] = Object.values(await createPublications('tiny-lm', { payloads, inputs: 8, progress }))
  expect(publication?.policy).toMatchObject({
    verifier: '@proof-of-inference/verifier-statistical/seeded-margin',
    errorRates: {
      honest: { n: 6, valid: 6, invalid: 0, inconclusive: 0 },
      attacks: { sibling: { n: 6, invalid: 6 }, 'random output': { n: 6, invalid: 6 } },
    },
  })
}, 120_000)

const references = (publication: Publication | undefined) => publication?.policy.references ?? {}
