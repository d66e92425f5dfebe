/**
 * The interface of verifiers, what one is defined with, and audits of evidence.
 *
 * @module @proof-of-inference/sdk/verifier
 */

export { auditEvidence } from '../audit/auditEvidence.ts'
export { type EvidenceReference, findCopiedEvidence } from '../audit/findCopiedEvidence.ts'
export type { AuditCheck, AuditCheckName, EvidenceAudit } from '../audit/types.ts'
export { ForgedEventError } from '../errors/operator.ts'
export {
  BatchMismatchError,
  InvalidDefinitionError,
  PolicyInvalidError,
  UnknownMethodError,
  VerifierFailedError,
} from '../errors/verification.ts'
export { type BatchSamplingOptions, batchSampling, sampleBatch } from '../verifier/batchSampling.ts'
export { createVerificationContext, type VerificationContextParameters } from '../verifier/createVerificationContext.ts'
export { defineVerifier } from '../verifier/defineVerifier.ts'
export { decodeEvidence, type Evidence } from '../verifier/evidence.ts'
export { methodId } from '../verifier/methodId.ts'
export { createRandom } from '../verifier/random.ts'
export { runVerifier } from '../verifier/runVerifier.ts'
export type {
  BatchVerificationJob,
  BatchVerifier,
  ItemVerifier,
  PolicyJob,
  Random,
  Verdict,
  VerificationContext,
  VerificationJob,
  VerificationResult,
  Verifier,
  VerifierRegistry,
} from '../verifier/types.ts'
export { inconclusive, invalid, valid } from '../verifier/verdict.ts'
export { verifierRegistry } from '../verifier/verifierRegistry.ts'
