import type { Address, Hex } from 'viem'
import type { Evidence } from '../verifier/evidence.ts'

/** What an audit looks at, in this order. Where one fails, what depends on it stays unchecked. */
export type AuditCheckName =
  /** The payload store gives the evidence. */
  | 'available'
  /** It hashes to the digest in the vote. */
  | 'digest'
  /** It is evidence. */
  | 'shape'
  /** It is about the vote's request and its job. */
  | 'request'
  /** It is by the operator that voted. */
  | 'operator'
  /** It is of the method of the model version. */
  | 'method'
  /** It says what the vote says. */
  | 'verdict'
  /** The operator's salt is the one it committed with. */
  | 'salt'
  /** Another run of the verifier comes to the verdict and confidence of the vote. */
  | 'repeatedVerdict'
  /** Another run of the verifier gives the same evidence, byte for byte. */
  | 'repeatedEvidence'

/** What a check came to. */
export type AuditCheck =
  | { readonly result: 'passed' }
  | {
      readonly result: 'failed' | 'unchecked'
      /** Why, in a few words. */
      readonly reason: string
    }

/** What an audit of a vote's evidence found. */
export type EvidenceAudit = {
  readonly requestId: Hex
  readonly jobId: Hex
  readonly operator: Address
  readonly evidenceDigest: Hex
  /**
   * `unavailable`: the evidence could not be had; the operator did not provide it, or the store does not. `failed`: a
   * check failed. `passed`: none did, of those that `checks` says were made.
   */
  readonly outcome: 'passed' | 'failed' | 'unavailable'
  readonly checks: { readonly [name in AuditCheckName]: AuditCheck }
  /** The evidence as decoded; `null` where it could not be. */
  readonly evidence: Evidence | null
  /**
   * Whether the evidence holds a result that only a run of the model gives. True only where a repeated run gave the same
   * evidence and the verifier says that it cannot be derived from the claimed output. It does not tell who ran the
   * model: a result that others published can be copied.
   */
  readonly provesWork: boolean
}
