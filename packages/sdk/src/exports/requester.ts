/**
 * The requester: has outputs verified, publishes models, seeds canaries.
 *
 * @module @proof-of-inference/sdk/requester
 */

export { signConsent } from '../actions/avs/signConsent.ts'
export { CertificateTimeoutError, RequestNeverOpenedError } from '../errors/aggregator.ts'
export {
  AgentWalletMissingError,
  CanaryRevealedTooEarlyError,
  InlinePayloadTooLargeError,
  PolicyMismatchError,
  QuorumUnreachableError,
} from '../errors/requester.ts'
export { BatchMismatchError } from '../errors/verification.ts'
export { getModelPolicy } from '../model/getModelPolicy.ts'
export { publishModel } from '../model/publishModel.ts'
export { type Canary, createCanary } from '../requester/createCanary.ts'
export { createRequester, type Requester } from '../requester/createRequester.ts'
export type {
  CertificateOptions,
  CertifiedRequest,
  CertifyParameters,
  Consent,
  Deadline,
  InferenceRequest,
  JobParameters,
  Outcome,
  OutcomeOptions,
  PayloadOrDigest,
  PreparedJob,
  RequesterConfig,
  RequestParameters,
  RevealCanaryParameters,
  VerifiedCertificate,
} from '../requester/types.ts'
