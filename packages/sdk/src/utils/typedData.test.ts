import type { TypedDataToPrimitiveTypes } from 'abitype'
import { type AbiParameter, hashTypedData } from 'viem'
import { expect, expectTypeOf, test } from 'vitest'
import { proofOfInferenceAvsAbi } from '../abis/generated.ts'
import {
  type Attestation,
  attestationTypes,
  commitmentHash,
  commitmentTypes,
  hashAttestation,
  hashCommitment,
  hashJob,
  hashRequest,
  type Job,
  jobTypes,
  type Request,
  requestTypes,
  toTypedDataDomain,
  type VersionConfig,
} from './typedData.ts'

const deployment = { chainId: 1, avs: '0xa000000000000000000000000000000000000001' } as const
const digest = `0x${'11'.repeat(32)}` as const

const attestation: Attestation = {
  requestId: digest,
  operator: '0xb000000000000000000000000000000000000001',
  isValid: true,
  confidence: 9900,
  method: digest,
  evidenceDigest: digest,
}

/** The fields of the struct that a hash function of the contract takes. */
function fieldsOf(functionName: 'hashJob' | 'hashRequest' | 'hashAttestation') {
  const item = proofOfInferenceAvsAbi.find((item) => item.type === 'function' && item.name === functionName)
  const [struct]: readonly AbiParameter[] = item && 'inputs' in item ? item.inputs : []
  if (!struct || !('components' in struct)) throw new Error(`The ABI has no ${functionName}.`)
  return struct.components.map(({ name, type }) => ({ name, type }))
}

test('the EIP-712 types have the fields of the structs, in their order', () => {
  expect(jobTypes.Job).toEqual(fieldsOf('hashJob'))
  expect(requestTypes.Request).toEqual(fieldsOf('hashRequest'))
  expect(attestationTypes.Attestation).toEqual(fieldsOf('hashAttestation'))
})

test('the structs are typed by the ABI', () => {
  expectTypeOf<Job>().toEqualTypeOf<TypedDataToPrimitiveTypes<typeof jobTypes>['Job']>()
  expectTypeOf<Request>().toEqualTypeOf<TypedDataToPrimitiveTypes<typeof requestTypes>['Request']>()
  expectTypeOf<Attestation>().toEqualTypeOf<TypedDataToPrimitiveTypes<typeof attestationTypes>['Attestation']>()
  expectTypeOf<Request['deadline']>().toEqualTypeOf<number>()
  expectTypeOf<Request['referenceTimepoint']>().toEqualTypeOf<number>()
  expectTypeOf<Request['reward']>().toEqualTypeOf<bigint>()
  expectTypeOf<VersionConfig['validConfidence']>().toEqualTypeOf<number>()
})

test('a digest is bound to the chain and the AVS', () => {
  const here = hashAttestation({ deployment, attestation })
  expect(hashAttestation({ deployment: { ...deployment, chainId: 2 }, attestation })).not.toBe(here)
  const avs = '0xa000000000000000000000000000000000000002'
  expect(hashAttestation({ deployment: { ...deployment, avs }, attestation })).not.toBe(here)
  expect(toTypedDataDomain(deployment)).toEqual({
    name: 'ProofOfInference',
    version: '1',
    chainId: 1,
    verifyingContract: deployment.avs,
  })
})

test('every field changes the digest', () => {
  const job: Job = {
    modelVersionId: digest,
    inputDigest: digest,
    outputDigest: digest,
    hasAgent: true,
    agentId: 1n,
    payee: deployment.avs,
    quorumBps: 6667,
    minAttestations: 1,
    minConfidence: 100,
    salt: digest,
  }
  const request: Request = {
    jobId: digest,
    requester: deployment.avs,
    asset: deployment.avs,
    reward: 1n,
    verificationFee: 1n,
    deadline: 1,
    referenceTimepoint: 1,
    commitWindow: 1,
    nonce: 1n,
  }
  const other = (value: unknown) => {
    if (typeof value === 'bigint') return value + 1n
    if (typeof value === 'number') return value + 1
    if (typeof value === 'boolean') return !value
    return `${String(value).slice(0, -1)}f`
  }
  const digests = [
    hashJob({ deployment, job }),
    ...Object.entries(job).map(([field, value]) => hashJob({ deployment, job: { ...job, [field]: other(value) } })),
    hashRequest({ deployment, request }),
    ...Object.entries(request).map(([field, value]) =>
      hashRequest({ deployment, request: { ...request, [field]: other(value) } }),
    ),
    hashAttestation({ deployment, attestation }),
    ...Object.entries(attestation).map(([field, value]) =>
      hashAttestation({ deployment, attestation: { ...attestation, [field]: other(value) } }),
    ),
  ]
  expect(digests).toHaveLength(1 + 10 + 1 + 9 + 1 + 6)
  expect(new Set(digests).size).toBe(digests.length)
})

test('a commitment hides the attestation behind the salt', () => {
  const commitment = commitmentHash(digest, digest)
  expect(commitment).toMatch(/^0x[0-9a-f]{64}$/)
  expect(commitmentHash(digest, `0x${'12'.repeat(32)}`)).not.toBe(commitment)
})

test('digests are those of EIP-712 as viem has it', () => {
  const domain = toTypedDataDomain(deployment)
  const job: Job = {
    ...{ modelVersionId: digest, inputDigest: digest, outputDigest: digest, hasAgent: true, agentId: 2n ** 200n },
    ...{ payee: deployment.avs, quorumBps: 6667, minAttestations: 3, minConfidence: 9900, salt: digest },
  }
  const request: Request = {
    ...{
      jobId: digest,
      requester: deployment.avs,
      asset: attestation.operator,
      reward: 7n,
      verificationFee: 2n ** 127n,
    },
    ...{ deadline: 2 ** 39, referenceTimepoint: 2 ** 40, commitWindow: 60, nonce: 5n },
  }
  const commitment = { requestId: digest, operator: attestation.operator, commitment: digest }
  const expected = [
    hashTypedData({ domain, types: jobTypes, primaryType: 'Job', message: job }),
    hashTypedData({ domain, types: requestTypes, primaryType: 'Request', message: request }),
    hashTypedData({ domain, types: attestationTypes, primaryType: 'Attestation', message: attestation }),
    hashTypedData({ domain, types: commitmentTypes, primaryType: 'Commitment', message: commitment }),
  ]
  const hashAll = () => [
    hashJob({ deployment, job }),
    hashRequest({ deployment, request }),
    hashAttestation({ deployment, attestation }),
    hashCommitment({ deployment, commitment }),
  ]
  expect([hashAll(), hashAll()]).toEqual([expected, expected])
})

test('a value that does not fit its type has no digest', () => {
  expect(() => hashAttestation({ deployment, attestation: { ...attestation, confidence: 65_536 } })).toThrow()
  expect(() => hashAttestation({ deployment, attestation: { ...attestation, method: '0x11' } })).toThrow()
  expect(() => hashAttestation({ deployment, attestation: { ...attestation, operator: '0x11' } })).toThrow()
})
