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
