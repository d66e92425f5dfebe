export { signConsent } from '../actions/avs/signConsent.ts'
export { CertificateTimeoutError, RequestNeverOpenedError } from '../errors/aggregator.ts'
export {
  AgentWalletMissingError,
  InlinePayloadTooLargeError,
  PolicyMismatchError,
  QuorumUnreachableError,
} from '../errors/requester.ts'
export { getModelPolicy } from '../model/getModelPolicy.ts'
export { publishModel } from '../model/publishModel.ts'
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
  VerifiedCertificate,
} from '../requester/types.ts'
