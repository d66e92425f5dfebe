import { createDevnet, type Devnet } from '@proof-of-inference/devnet'
import {
  type Attestation,
  attestationTypes,
  computeModelId,
  computeModelVersionId,
  hashAttestation,
  hashJob,
  hashRequest,
  type Job,
  type Request,
} from '@proof-of-inference/sdk'
import { modelRegistryAbi, proofOfInferenceAvsAbi } from '@proof-of-inference/sdk/abis'
import fc from 'fast-check'
import { getAddress, type Hex, recoverTypedDataAddress, toHex } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'

let devnet: Devnet
beforeAll(async () => {
  devnet = await createDevnet()
})
afterAll(() => devnet.stop())

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes): Hex => toHex(bytes))
const address = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => getAddress(toHex(bytes)))
const uint = (bits: number) => fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n })
const smallUint = (bits: number) => uint(bits).map(Number)
const settings = { numRuns: 25, seed: 2, endOnFailure: true }

const job: fc.Arbitrary<Job> = fc.record({
  modelVersionId: bytes32,
  inputDigest: bytes32,
  outputDigest: bytes32,
  hasAgent: fc.boolean(),
  agentId: uint(256),
  payee: address,
  quorumBps: smallUint(16),
  minAttestations: smallUint(16),
  minConfidence: smallUint(16),
  salt: bytes32,
})
const request: fc.Arbitrary<Request> = fc.record({
  jobId: bytes32,
  requester: address,
  asset: address,
  reward: uint(128),
  verificationFee: uint(128),
  deadline: smallUint(40),
  referenceTimepoint: smallUint(48),
  commitWindow: smallUint(32),
  nonce: uint(256),
})
const attestation: fc.Arbitrary<Attestation> = fc.record({
  requestId: bytes32,
  operator: address,
  isValid: fc.boolean(),
  confidence: smallUint(16),
  method: bytes32,
  evidenceDigest: bytes32,
})

test('ids and digests are those of the contracts', async () => {
  const { client, deployment } = devnet
  const contract = { address: deployment.avs, abi: proofOfInferenceAvsAbi } as const
  await fc.assert(
    fc.asyncProperty(job, request, attestation, async (job, request, attestation) => {
      expect(hashJob({ deployment, job })).toBe(
        await client.readContract({ ...contract, functionName: 'hashJob', args: [job] }),
      )
      expect(hashRequest({ deployment, request })).toBe(
        await client.readContract({ ...contract, functionName: 'hashRequest', args: [request] }),
      )
      expect(hashAttestation({ deployment, attestation })).toBe(
        await client.readContract({ ...contract, functionName: 'hashAttestation', args: [attestation] }),
      )
    }),
    settings,
  )
})

test('ids of models and versions are those of the registry', async () => {
  const { client, deployment } = devnet
  const contract = { address: deployment.modelRegistry, abi: modelRegistryAbi } as const
  const version = fc.record({
    manifestDigest: bytes32,
    policyDigest: bytes32,
    methodId: bytes32,
    validConfidence: smallUint(16),
  })
  await fc.assert(
    fc.asyncProperty(address, fc.string(), smallUint(32), version, async (originalOwner, name, number, version) => {
      const modelId = computeModelId({ originalOwner, name })
      expect(modelId).toBe(
        await client.readContract({ ...contract, functionName: 'computeModelId', args: [originalOwner, name] }),
      )
      expect(computeModelVersionId({ modelId, number, version })).toBe(
        await client.readContract({
          ...contract,
          functionName: 'computeModelVersionId',
          args: [modelId, number, version],
        }),
      )
    }),
    settings,
  )
})

test('a signed attestation recovers to the key that signed it', async () => {
  const { accounts, deployment } = devnet
  const [message] = fc.sample(attestation, { numRuns: 1, seed: 1 })
  if (!message) throw new Error('no sample')
  const [operator] = accounts.operators
  if (!operator) throw new Error('no operator')
  const domain = {
    name: 'ProofOfInference',
    version: '1',
    chainId: deployment.chainId,
    verifyingContract: deployment.avs,
  } as const
  const typedData = { domain, types: attestationTypes, primaryType: 'Attestation', message } as const
  const signature = await operator.signer.signTypedData(typedData)
  expect(await recoverTypedDataAddress({ ...typedData, signature })).toBe(operator.signer.address)
})
