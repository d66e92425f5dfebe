import fc from 'fast-check'
import * as v from 'valibot'
import { getAddress, type Hex } from 'viem'
import { expect, test } from 'vitest'
import {
  certificateSchema,
  commitmentsSchema,
  describeIssues,
  progressSchema,
  refusalSchema,
  revealedVoteSchema,
  signedCommitmentSchema,
  signedRequestSchema,
  toJson,
} from './protocol.ts'

const hex = (bytes: number): fc.Arbitrary<Hex> =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((array): Hex => `0x${Array.from(array, (byte) => byte.toString(16).padStart(2, '0')).join('')}`)
const address = hex(20).map((value) => getAddress(value))
const uint = (bits: number) => fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n })
const small = (bits: number) => fc.maxSafeNat().map((value) => value % 2 ** bits)

const job = fc.record({
  modelVersionId: hex(32),
  inputDigest: hex(32),
  outputDigest: hex(32),
  hasAgent: fc.boolean(),
  agentId: uint(256),
  payee: address,
  quorumBps: small(16),
  minAttestations: small(16),
  minConfidence: small(16),
  salt: hex(32),
})
const request = fc.record({
  jobId: hex(32),
  requester: address,
  asset: address,
  reward: uint(128),
  verificationFee: uint(128),
  deadline: small(40),
  referenceTimepoint: small(48),
  commitWindow: small(32),
  nonce: uint(256),
})
const attestation = fc.record({
  requestId: hex(32),
  operator: address,
  isValid: fc.boolean(),
  confidence: small(16),
  method: hex(32),
  evidenceDigest: hex(32),
})
const signedRequest = fc.record(
  { request, job, requesterSignature: hex(65), consent: hex(70) },
  { requiredKeys: ['request', 'job', 'requesterSignature'] },
)
const commitment = fc.record({ requestId: hex(32), operator: address, commitment: hex(32), signature: hex(65) })
const vote = fc.record({ attestation, signature: hex(65) })
const messages = [
  { schema: signedRequestSchema, value: signedRequest },
  { schema: signedCommitmentSchema, value: commitment },
  { schema: commitmentsSchema, value: fc.record({ commitments: fc.array(commitment, { maxLength: 3 }) }) },
  { schema: revealedVoteSchema, value: fc.record({ attestation, signature: hex(65), operatorSalt: hex(32) }) },
  {
    schema: certificateSchema,
    value: fc.record({ request, job, requesterSignature: hex(65), votes: fc.array(vote, { maxLength: 3 }) }),
  },
] as const
const schemas = [...messages.map(({ schema }) => schema), progressSchema, refusalSchema]

test('what is sent is what arrives', () => {
  for (const { schema, value } of messages) {
    fc.assert(
      fc.property<[unknown]>(value, (message) => {
        expect(v.parse(schema, JSON.parse(toJson(message)))).toEqual(message)
      }),
      { numRuns: 50 },
    )
  }
})

test('nothing breaks a schema, and nothing but a message passes', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      for (const schema of schemas) {
        const parsed = v.safeParse(schema, value)
        expect(parsed.success).toBe(false)
        if (!parsed.success) expect(describeIssues(parsed.issues).join().length).toBeLessThan(2_000)
      }
    }),
    { numRuns: 300 },
  )
})

test('one changed member is refused, or is another value of the same kind', () => {
  fc.assert(
    fc.property(
      commitment,
      fc.constantFrom('requestId', 'operator', 'commitment', 'signature'),
      fc.jsonValue(),
      (message, key, value) => {
        const parsed = v.safeParse(signedCommitmentSchema, { ...message, [key]: value })
        expect(parsed.success).toBe(false)
      },
    ),
  )
})

test('integers are exact, bounded, and of one form', () => {
  const reward = (value: unknown) =>
    v.safeParse(signedRequestSchema, { ...sample, request: { ...sample.request, reward: value } })
  const [sample] = fc.sample(signedRequest, { numRuns: 1, seed: 1 }).map((each) => JSON.parse(toJson(each)))
  expect(reward('0x10')).toMatchObject({ success: true, output: { request: { reward: 16n } } })
  expect(reward(String(2n ** 128n - 1n)).success).toBe(true)
  for (const bad of [String(2n ** 128n), '-1', '01', '1.5', '1e3', '', ' 1', 1, null, '0x', `1${'0'.repeat(90)}`]) {
    expect(reward(bad).success).toBe(false)
  }
  expect(v.safeParse(signedRequestSchema, { ...sample, more: 1 }).success).toBe(false)
  const deadline = (value: unknown) =>
    v.safeParse(signedRequestSchema, { ...sample, request: { ...sample.request, deadline: value } }).success
  expect([2 ** 40 - 1, 2 ** 40, -1, 1.5, '1'].map(deadline)).toEqual([true, false, false, false, false])
})

test('hex is of its length, and comes out in one case', () => {
  const [sample] = fc.sample(commitment, { numRuns: 1, seed: 1 })
  if (!sample) throw new Error('unreachable')
  const upper = {
    ...sample,
    requestId: `0x${sample.requestId.slice(2).toUpperCase()}`,
    operator: sample.operator.toLowerCase(),
  }
  expect(v.parse(signedCommitmentSchema, upper)).toEqual(sample)
  for (const signature of [sample.signature.slice(0, -2), `${sample.signature}00`, '0x', 'signature']) {
    expect(v.safeParse(signedCommitmentSchema, { ...sample, signature }).success).toBe(false)
  }
})
