import {
  type ContractFunctionArgs,
  compactSignatureToSignature,
  type Hex,
  parseSignature,
  serializeSignature,
  signatureToCompactSignature,
} from 'viem'
import type { proofOfInferenceAvsAbi } from '../abis/generated.ts'
import type { Attestation } from './typedData.ts'

/** An attestation and the signature of the operator's signing key over its EIP-712 digest. */
export type SignedAttestation = {
  readonly attestation: Attestation
  /** 65 bytes. */
  readonly signature: Hex
}

/** An attestation as it travels with its request. */
export type Vote = ContractFunctionArgs<
  typeof proofOfInferenceAvsAbi,
  'nonpayable',
  'submitVerifications'
>[0][number]['votes'][number]

/** A signed attestation as the contract takes it with others: without what its request says. */
export function toVote({ attestation, signature }: SignedAttestation): Vote {
  const { operator, isValid, confidence, evidenceDigest } = attestation
  const { r, yParityAndS: vs } = signatureToCompactSignature(parseSignature(signature))
  return { operator, isValid, confidence, evidenceDigest, r, vs }
}

/** The 65 bytes of a signature that an event has in EIP-2098's compact form. */
export function toSignature({ r, vs }: Pick<Vote, 'r' | 'vs'>): Hex {
  return serializeSignature(compactSignatureToSignature({ r, yParityAndS: vs }))
}

/** What `VerificationSubmitted` says of a vote in one word. */
export type Verdict = {
  /** As signed. */
  isValid: boolean
  /** False for a committed vote that was revealed after the request was final. */
  isCounted: boolean
  /** Basis points, 0..10000. */
  confidence: number
  /** In the unit of the operator set. */
  weight: bigint
}

/** isValid 0..7 | isCounted 8..15 | confidence 16..31 | weight 32..127. */
export function readVerdict(verdict: bigint): Verdict {
  return {
    isValid: (verdict & 0xffn) !== 0n,
    isCounted: ((verdict >> 8n) & 0xffn) !== 0n,
    confidence: Number((verdict >> 16n) & 0xffffn),
    weight: (verdict >> 32n) & ((1n << 96n) - 1n),
  }
}
