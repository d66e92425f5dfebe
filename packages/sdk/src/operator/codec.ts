import * as v from 'valibot'
import { type Address, decodeAbiParameters, encodeAbiParameters, type Hex, isAddress, isHex } from 'viem'
import * as proofOfInferenceAvsAbi from '../abis/calls/proofOfInferenceAvs.ts'
import { StoreCorruptedError } from '../errors/operator.ts'
import type { RequestState } from './machine.ts'
import type { Cursor, RequestRecord, StoredAttestation, StoreOrigin } from './store.ts'

/** How a value is written as text, and read back. */
export type TextCodec<value> = {
  encode(value: value): string
  /** Throws a `StoreCorruptedError` that names the key. */
  decode(text: string, key: string): value
}

const hex = v.custom<Hex>((value) => isHex(value))
const bytes32 = v.custom<Hex>((value) => isHex(value) && value.length === 66)
const address = v.custom<Address>((value) => typeof value === 'string' && isAddress(value, { strict: false }))
const integer = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
/** Written as decimal digits, since JSON has no big integers. */
const bigint = v.pipe(
  v.string(),
  v.digits(),
  v.transform((digits) => BigInt(digits)),
)

const attestation = v.strictObject({
  requestId: bytes32,
  operator: address,
  isValid: v.boolean(),
  confidence: integer,
  method: bytes32,
  evidenceDigest: bytes32,
})
const side = v.picklist(['verified', 'rejected'])
const vote = v.strictObject({ attestation, signature: hex, side })
const block = v.strictObject({ number: bigint, hash: bytes32 })

const state = v.variant('status', [
  v.strictObject({ status: v.literal('seen') }),
  v.strictObject({ status: v.literal('fetched') }),
  v.strictObject({ status: v.literal('verified'), vote }),
  v.strictObject({
    status: v.literal('committed'),
    vote,
    blockNumber: bigint,
    outcome: v.exactOptional(v.strictObject({ status: side, blockNumber: bigint })),
  }),
  v.strictObject({ status: v.literal('revealed'), vote }),
  v.strictObject({ status: v.literal('attested'), vote, blockNumber: bigint }),
  v.strictObject({
    status: v.literal('settled'),
    outcome: v.picklist(['verified', 'rejected', 'expired']),
    votedWithOutcome: v.boolean(),
    areFeesClaimed: v.boolean(),
    vote: v.exactOptional(vote),
    votedAt: v.exactOptional(bigint),
    blockNumber: bigint,
  }),
  v.strictObject({
    status: v.literal('skipped'),
    reason: v.picklist([
      'store-too-new',
      'not-an-operator',
      'stale-weight',
      'wrong-signing-key',
      'deadline',
      'fee-below-floor',
      'quorum-unreachable',
      'job-decided',
      'request-final',
      'unknown-method',
      'policy-mismatch',
      'payload-unavailable',
      'payload-mismatch',
      'payload-too-large',
      'payload-invalid',
      'runner-unavailable',
      'weights-mismatch',
      'verification-failed',
      'inconclusive',
      'commit-window-missed',
      'foreign-commitment',
      'vote-refused',
      'signature-invalid',
      'terms-refused',
      'exposure-exceeded',
      'unsettled',
    ]),
    details: v.exactOptional(v.string()),
    vote: v.exactOptional(vote),
    blockNumber: bigint,
  }),
]) satisfies v.GenericSchema<unknown, RequestState>

/** The request and the job travel as in the event that published them. */
const openedParameters = proofOfInferenceAvsAbi.InferenceVerificationRequested[0].inputs
const [, , , requestParameter, jobParameter] = openedParameters

const recordCodec = v.strictObject({
  requestId: bytes32,
  opened: v.pipe(
    hex,
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      try {
        return decodeAbiParameters([requestParameter, jobParameter], dataset.value)
      } catch (error) {
        addIssue({ message: `The request cannot be decoded: ${error}` })
        return NEVER
      }
    }),
  ),
  blockNumber: v.nullable(bigint),
  transactionHash: v.nullable(bytes32),
  signed: v.exactOptional(v.strictObject({ requesterSignature: hex, consent: v.exactOptional(hex) })),
  state,
})

export const requestRecordCodec: TextCodec<RequestRecord> = {
  encode({ request, job, ...record }) {
    return stringify({ ...record, opened: encodeAbiParameters([requestParameter, jobParameter], [request, job]) })
  },
  decode(text, key) {
    const { opened, ...record } = parse(recordCodec, text, key)
    return { ...record, request: opened[0], job: opened[1] }
  },
}

const cursorSchema: v.GenericSchema<unknown, Cursor> = v.tupleWithRest([block], block)

export const cursorCodec: TextCodec<Cursor> = {
  encode: stringify,
  decode: (text, key) => parse(cursorSchema, text, key),
}

const storedAttestation = v.strictObject({ attestation, signature: hex, evidence: v.exactOptional(hex) })

export const attestationCodec: TextCodec<StoredAttestation> = {
  encode: stringify,
  decode: (text, key) => parse(storedAttestation, text, key),
}

const origin = v.strictObject({
  format: v.literal(1),
  owner: v.strictObject({ chainId: integer, avs: address, operator: address }),
  secret: bytes32,
  blockNumber: bigint,
  timepoint: integer,
})

export const originCodec: TextCodec<StoreOrigin> = {
  encode: (value) => stringify({ format: 1, ...value }),
  decode(text, key) {
    const { format, ...value } = parse(origin, text, key)
    return value
  },
}

function stringify(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => (typeof member === 'bigint' ? member.toString() : member))
}

/** Issues name the place, never the value: it may be the secret. */
function parse<output>(schema: v.GenericSchema<unknown, output>, text: string, key: string): output {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new StoreCorruptedError({ key, issues: ['It is not JSON.'] })
  }
  const result = v.safeParse(schema, json)
  if (result.success) return result.output
  const issues = result.issues.map(
    (issue) => `${v.getDotPath(issue) ?? 'the entry'}: expected ${issue.expected ?? 'another value'}`,
  )
  throw new StoreCorruptedError({ key, issues })
}
