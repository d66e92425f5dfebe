/**
 * Binds every action to a viem client, reads and checks deployments, hashes jobs and requests, and has the errors that any
 * action may throw.
 *
 * @module @proof-of-inference/sdk
 */

export { createVoterCache, type VoterCache } from '../actions/internal/voterCache.ts'
export { type ProofOfInferenceActions, proofOfInferenceActions } from '../decorators/proofOfInferenceActions.ts'
export { assertChain } from '../deployments/assertChain.ts'
export { assertDeployment } from '../deployments/assertDeployment.ts'
export { type ChainContracts, chains } from '../deployments/chains.ts'
export type { Deployment } from '../deployments/deployment.ts'
export { deployments } from '../deployments/deployments.ts'
export { getDeployment } from '../deployments/getDeployment.ts'
export { parseDeployment } from '../deployments/parseDeployment.ts'
export {
  AlreadyCommittedError,
  AlreadyVotedError,
  AssetNotAcceptedError,
  AttestationMismatchError,
  CanaryMismatchError,
  CommitmentMismatchError,
  CommitWindowClosedError,
  CommitWindowOpenError,
  ConfidenceOutOfRangeError,
  ConsentMissingError,
  FeeBelowMinimumError,
  IncorrectPaymentError,
  InsufficientDepositError,
  InvalidAgentError,
  InvalidCommitWindowError,
  InvalidDeadlineError,
  InvalidMinAttestationsError,
  InvalidMinConfidenceError,
  InvalidPayeeError,
  InvalidQuorumError,
  InvalidReferenceError,
  InvalidRequesterSignatureError,
  InvalidSignerError,
  JobAlreadyDecidedError,
  JobMismatchError,
  MethodMismatchError,
  ModelInactiveError,
  NonceAlreadyUsedError,
  NotCommitterError,
  NothingToWithdrawError,
  NotRequesterError,
  OperatorCannotVoteError,
  OperatorSaltsMismatchError,
  QuorumNotReachedError,
  RequestAlreadyOpenedError,
  RequestDeadlinePassedError,
  RequestNotFinalError,
  RequestNotOpenError,
  RequestNotSettleableError,
  RequestsArePausedError,
  WithdrawalNotReadyError,
  ZeroAmountError,
} from '../errors/avs.ts'
export { isProofOfInferenceError, ProofOfInferenceError, type ProofOfInferenceErrorOptions } from '../errors/base.ts'
export type { ContractErrorFacts, ContractErrorName, ContractErrorParameters } from '../errors/contractError.ts'
export {
  ChainMismatchError,
  ContractCodeMismatchError,
  ContractCodeMissingError,
  type DeployedContract,
  type DeploymentLink,
  DeploymentMismatchError,
  DeploymentNotFoundError,
  InvalidDeploymentError,
  type NamedContract,
} from '../errors/deployment.ts'
export { ValidationNotFoundError } from '../errors/erc8004.ts'
export {
  DuplicateOperatorError,
  NoCurrentTableError,
  NotAnOperatorError,
  NotLatestTableError,
  NotMemberError,
  type OperatorSetKind,
  OperatorSetKindMismatchError,
  StaleOperatorError,
  TableAlreadyLoadedError,
  TableNotLoadedError,
  TableRootDisabledError,
  TableWithoutWeightError,
  TimepointNotPastError,
  UnknownClockModeError,
  WeightsMismatchError,
  ZeroOperatorError,
} from '../errors/operatorSet.ts'
export {
  AlreadyPostedError,
  JobNotDecidedError,
  RegistryMissingError,
  ValidationMismatchError,
} from '../errors/receipts.ts'
export {
  InvalidModelNameError,
  InvalidModelOwnerError,
  InvalidModelReferenceError,
  InvalidValidConfidenceError,
  MissingDigestError,
  ModelAlreadyRegisteredError,
  NotModelOwnerError,
  UnknownModelError,
  UnknownModelVersionError,
} from '../errors/registry.ts'
export {
  JobNotFoundError,
  OperatorSaltMissingError,
  OutcomeTimeoutError,
  RequestNotFoundError,
  RequestUnsettledError,
} from '../errors/request.ts'
export {
  AlreadySlashedError,
  DomainAlreadyProposedError,
  DomainAlreadyRegisteredError,
  DomainLockedError,
  DomainNotProposedError,
  DomainNotRegisteredError,
  EvidenceExpiredError,
  InvalidDomainError,
  NothingSlashedError,
  NotOwnerError,
  OperatorMismatchError,
  SameVerdictError,
  SlasherMissingError,
  UnknownSigningKeyError,
} from '../errors/slasher.ts'
export {
  AccountMissingError,
  ContractRevertedError,
  EventMissingError,
  InsufficientAllowanceError,
  TransactionReplacedError,
  TransactionRevertedError,
} from '../errors/transaction.ts'
export { canarySalt } from '../utils/canarySalt.ts'
export type { JobStatus, RequestStatus } from '../utils/requestStatus.ts'
export {
  type Attestation,
  attestationTypes,
  commitmentHash,
  commitmentTypes,
  computeModelId,
  computeModelVersionId,
  hashAttestation,
  hashJob,
  hashRequest,
  type Job,
  jobTypes,
  type Request,
  requestTypes,
  type SigningDomain,
  toTypedDataDomain,
  type VersionConfig,
} from '../utils/typedData.ts'
