/**
 * ERC-8004: agents, feedback and validations; receipts, and how they are checked.
 *
 * @module @proof-of-inference/sdk/erc8004
 */

export { identityRegistryAbi, reputationRegistryAbi, validationRegistryAbi } from '../abis/erc8004.ts'
export { getAuditTrail } from '../actions/avs/getAuditTrail.ts'
export { postFeedback } from '../actions/avs/postFeedback.ts'
export { postReceipt } from '../actions/avs/postReceipt.ts'
export { type ReceiptCheckName, verifyReceipt } from '../actions/avs/verifyReceipt.ts'
export { getAgent } from '../actions/erc8004/getAgent.ts'
export { getAgentRegistration } from '../actions/erc8004/getAgentRegistration.ts'
export { getFeedback } from '../actions/erc8004/getFeedback.ts'
export { getFeedbackSummary } from '../actions/erc8004/getFeedbackSummary.ts'
export { getValidation } from '../actions/erc8004/getValidation.ts'
export { getValidationSummary } from '../actions/erc8004/getValidationSummary.ts'
export { giveFeedback } from '../actions/erc8004/giveFeedback.ts'
export { registerAgent } from '../actions/erc8004/registerAgent.ts'
export { requestValidation } from '../actions/erc8004/requestValidation.ts'
export { revokeFeedback } from '../actions/erc8004/revokeFeedback.ts'
export { setAgentUri } from '../actions/erc8004/setAgentUri.ts'
export { setAgentWallet } from '../actions/erc8004/setAgentWallet.ts'
export type { Erc8004ReadErrorType, RegistriesParameter } from '../actions/erc8004/types.ts'
export type { AuditCheck } from '../audit/types.ts'
export { type AgentRegistration, parseAgentRegistration, registrationType } from '../erc8004/agentRegistration.ts'
export { assertRegistries } from '../erc8004/assertRegistries.ts'
export { erc8004Registries } from '../erc8004/erc8004Registries.ts'
export type { FileIntegrity, ReadFileOptions } from '../erc8004/readFile.ts'
export type { Erc8004Contract, Erc8004Registries } from '../erc8004/types.ts'
export {
  AgentNotFoundError,
  AgentRegistrationInvalidError,
  AgentRegistrationUnavailableError,
  UnsupportedRegistryError,
  ValidationNotFoundError,
} from '../errors/erc8004.ts'
export {
  AlreadyPostedError,
  JobNotDecidedError,
  RegistryMissingError,
  ValidationMismatchError,
} from '../errors/receipts.ts'
export { type Binding, hashValidationRequest, receiptTag } from '../utils/validationRequest.ts'
