import * as v from 'valibot'
import { type Address, getAddress, type Hex } from 'viem'
import type { Certificate } from '../actions/avs/settleCertificates.ts'
import type { Attestation, Job, Request } from '../utils/typedData.ts'
import type { SignedAttestation } from '../utils/vote.ts'
import type { RevealedVote, SignedCommitment, SignedRequest } from './types.ts'

// What requesters and operators exchange with an aggregator. Integers that may exceed 2^53 are strings, decimal or 0x;
// everything is strict and bounded, since both sides take the other for hostile.

/** Media type of the stream of signed requests: a JSON object a line; an empty line is a sign of life. */
export const streamType = 'application/x-ndjson'

/** Most bytes of a body, a line, or an answer that is no list. */
export const maxMessageBytes = 64 * 1024

/** Most bytes of an answer that has something of each operator. */
export const maxListBytes = 512 * 1024

/** Most operators that can vote. */
const maxOperators = 256

const lowerHex = (digits: RegExp, what: string) =>
  v.pipe(
    v.string(),
    v.regex(digits, what),
    v.transform((text): Hex => `0x${text.slice(2).toLowerCase()}`),
  )

export const bytes32Schema: v.GenericSchema<unknown, Hex> = lowerHex(/^0x[0-9a-f]{64}$/i, '32 bytes in hex')

const bytes32 = bytes32Schema

const ecdsaSignature: v.GenericSchema<unknown, Hex> = lowerHex(/^0x[0-9a-f]{130}$/i, 'a signature of 65 bytes in hex')

/** Of a wallet, too, which may be long. */
const anySignature: v.GenericSchema<unknown, Hex> = v.pipe(
  v.string(),
  v.maxLength(2 + 2 * 4096),
  v.regex(/^0x([0-9a-f]{2})*$/i, 'bytes in hex'),
  v.transform((text): Hex => `0x${text.slice(2).toLowerCase()}`),
)

/** In any case: what a checksum is for, other checks do better. */
const address: v.GenericSchema<unknown, Address> = v.pipe(
  v.string(),
  v.regex(/^0x[0-9a-f]{40}$/i, 'an address'),
  v.transform((text) => getAddress(text.toLowerCase())),
)

const uint = (bits: number): v.GenericSchema<unknown, bigint> =>
  v.pipe(
    v.string(),
    v.regex(/^(0|[1-9][0-9]{0,77}|0x[0-9a-f]{1,64})$/i, 'an unsigned integer, decimal or 0x'),
    v.transform((text) => BigInt(text)),
    v.check((value) => value < 1n << BigInt(bits), `an unsigned integer of ${bits} bits`),
  )

const smallUint = (bits: number): v.GenericSchema<unknown, number> =>
  v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(2 ** bits - 1))

const job: v.GenericSchema<unknown, Job> = v.strictObject({
  modelVersionId: bytes32,
  inputDigest: bytes32,
  outputDigest: bytes32,
  hasAgent: v.boolean(),
  agentId: uint(256),
  payee: address,
  quorumBps: smallUint(16),
  minAttestations: smallUint(16),
  minConfidence: smallUint(16),
  salt: bytes32,
})

const request: v.GenericSchema<unknown, Request> = v.strictObject({
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

const attestation: v.GenericSchema<unknown, Attestation> = v.strictObject({
  requestId: bytes32,
  operator: address,
  isValid: v.boolean(),
  confidence: smallUint(16),
  method: bytes32,
  evidenceDigest: bytes32,
})

export const signedRequestSchema: v.GenericSchema<unknown, SignedRequest> = v.strictObject({
  request,
  job,
  requesterSignature: anySignature,
  consent: v.optional(anySignature),
})

export const signedCommitmentSchema: v.GenericSchema<unknown, SignedCommitment> = v.strictObject({
  requestId: bytes32,
  operator: address,
  commitment: bytes32,
  signature: ecdsaSignature,
})

export const commitmentsSchema: v.GenericSchema<unknown, { commitments: SignedCommitment[] }> = v.strictObject({
  commitments: v.pipe(v.array(signedCommitmentSchema), v.maxLength(maxOperators)),
})

export const revealedVoteSchema: v.GenericSchema<unknown, RevealedVote> = v.strictObject({
  attestation,
  signature: ecdsaSignature,
  operatorSalt: bytes32,
})

const vote: v.GenericSchema<unknown, SignedAttestation> = v.strictObject({ attestation, signature: ecdsaSignature })

export const certificateSchema: v.GenericSchema<unknown, Certificate> = v.strictObject({
  request,
  job,
  requesterSignature: anySignature,
  consent: v.optional(anySignature),
  votes: v.pipe(v.array(vote), v.maxLength(maxOperators)),
})

/** Why something was refused, or was not settled yet. */
export type Reason = {
  /** A word: the name of the contract's error, where it is one of those. */
  readonly code: string
  readonly message: string
}

const reason: v.GenericSchema<unknown, Reason> = v.strictObject({
  code: v.pipe(v.string(), v.regex(/^[A-Za-z0-9]{1,64}$/, 'a word')),
  message: v.pipe(v.string(), v.maxLength(1024)),
})

export const refusalSchema: v.GenericSchema<unknown, { error: Reason }> = v.strictObject({ error: reason })

/** How an aggregator is with a request. */
export type RequestProgress = {
  readonly requestId: Hex
  /**
   * `collecting`: votes are missing. `certified`: there are enough. `settled`: on chain. `expired`: the deadline passed
   * before.
   */
  readonly status: 'collecting' | 'certified' | 'settled' | 'expired'
  /** Whether the requester opened it on chain, and did not hand it in signed. */
  readonly isOpen: boolean
  readonly commitments: number
  readonly votes: number
  /** What it was settled as. */
  readonly outcome?: 'verified' | 'rejected' | undefined
  /** Of the settlement. */
  readonly transactionHash?: Hex | undefined
  /** Why the last attempt to settle it failed. */
  readonly reason?: Reason | undefined
}

export const progressSchema: v.GenericSchema<unknown, RequestProgress> = v.strictObject({
  requestId: bytes32,
  status: v.picklist(['collecting', 'certified', 'settled', 'expired']),
  isOpen: v.boolean(),
  commitments: smallUint(16),
  votes: smallUint(16),
  outcome: v.optional(v.picklist(['verified', 'rejected'])),
  transactionHash: v.optional(bytes32),
  reason: v.optional(reason),
})

/** JSON in which integers beyond JavaScript's numbers are decimal strings. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => (typeof member === 'bigint' ? member.toString() : member))
}

/** What is wrong with a value, a line each and few of them. */
export function describeIssues(issues: readonly v.BaseIssue<unknown>[]): string[] {
  return issues.slice(0, 5).map((issue) => {
    const path = v.getDotPath(issue)?.slice(0, 100)
    return `${path === undefined ? '' : `${path}: `}${issue.message.slice(0, 200)}`
  })
}
