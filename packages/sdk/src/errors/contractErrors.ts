import {
  BaseError,
  ContractFunctionRevertedError,
  decodeErrorResult,
  ExecutionRevertedError,
  type Hex,
  parseAbi,
} from 'viem'
import { formatAbiItemWithArgs } from 'viem/utils'
import { errorsAbi } from '../abis/calls/errors.ts'
import * as avs from './avs.ts'
import { type ContractErrorName, type ContractErrorParameters, toContractErrorFacts } from './contractError.ts'
import * as operatorSet from './operatorSet.ts'
import { PayloadDigestMismatchError } from './payload.ts'
import * as receipts from './receipts.ts'
import * as registry from './registry.ts'
import { findRevert } from './revertData.ts'
import * as slasher from './slasher.ts'
import { ContractRevertedError } from './transaction.ts'

/**
 * Errors that have no class of their own, as no call of the SDK's actions leads to them, or only by way of another
 * contract: they become a {@link ContractRevertedError} that names them.
 */
type OtherErrorName =
  | 'CheckpointUnorderedInsertion'
  | 'ContractMissing'
  | 'ERC5267ExtensionsNotSupported'
  | 'ModelRegistryMismatch'
  | 'FailedCall'
  | 'InsufficientBalance'
  | 'InvalidConfig'
  | 'InvalidShortString'
  | 'NotAVS'
  | 'NotAllocationManager'
  | 'OwnableInvalidOwner'
  | 'OwnableUnauthorizedAccount'
  | 'ReentrancyGuardReentrantCall'
  | 'RegistryMismatch'
  | 'SafeERC20FailedOperation'
  | 'SigningKeyMissing'
  | 'SlasherMismatch'
  | 'StakeNotSlashable'
  | 'StringTooLong'
  | 'UnknownAVS'
  | 'UnknownOperatorSet'

type ErrorClasses = {
  [name in Exclude<ContractErrorName, OtherErrorName>]: new (
    parameters: ContractErrorParameters<name>,
  ) => Error
}

const errorClasses = {
  AlreadyCommitted: avs.AlreadyCommittedError,
  AlreadyPosted: receipts.AlreadyPostedError,
  AlreadySlashed: slasher.AlreadySlashedError,
  AlreadyVoted: avs.AlreadyVotedError,
  AssetNotAccepted: avs.AssetNotAcceptedError,
  AttestationMismatch: avs.AttestationMismatchError,
  CanaryMismatch: avs.CanaryMismatchError,
  CommitWindowClosed: avs.CommitWindowClosedError,
  CommitWindowOpen: avs.CommitWindowOpenError,
  CommitmentMismatch: avs.CommitmentMismatchError,
  ConfidenceOutOfRange: avs.ConfidenceOutOfRangeError,
  ConsentMissing: avs.ConsentMissingError,
  DomainAlreadyProposed: slasher.DomainAlreadyProposedError,
  DomainAlreadyRegistered: slasher.DomainAlreadyRegisteredError,
  DomainLocked: slasher.DomainLockedError,
  DomainNotProposed: slasher.DomainNotProposedError,
  DomainNotRegistered: slasher.DomainNotRegisteredError,
  DuplicateOperator: operatorSet.DuplicateOperatorError,
  EvidenceExpired: slasher.EvidenceExpiredError,
  FeeBelowMinimum: avs.FeeBelowMinimumError,
  IncorrectPayment: avs.IncorrectPaymentError,
  InsufficientDeposit: avs.InsufficientDepositError,
  InvalidAgent: avs.InvalidAgentError,
  InvalidCommitWindow: avs.InvalidCommitWindowError,
  InvalidDeadline: avs.InvalidDeadlineError,
  InvalidDomain: slasher.InvalidDomainError,
  InvalidMinAttestations: avs.InvalidMinAttestationsError,
  InvalidMinConfidence: avs.InvalidMinConfidenceError,
  InvalidModelName: registry.InvalidModelNameError,
  InvalidModelOwner: registry.InvalidModelOwnerError,
  InvalidPayee: avs.InvalidPayeeError,
  InvalidQuorum: avs.InvalidQuorumError,
  InvalidReference: avs.InvalidReferenceError,
  InvalidRequesterSignature: avs.InvalidRequesterSignatureError,
  InvalidSigner: avs.InvalidSignerError,
  InvalidValidConfidence: registry.InvalidValidConfidenceError,
  JobAlreadyDecided: avs.JobAlreadyDecidedError,
  JobMismatch: avs.JobMismatchError,
  JobNotDecided: receipts.JobNotDecidedError,
  MethodMismatch: avs.MethodMismatchError,
  MissingDigest: registry.MissingDigestError,
  ModelAlreadyRegistered: registry.ModelAlreadyRegisteredError,
  ModelInactive: avs.ModelInactiveError,
  NonceAlreadyUsed: avs.NonceAlreadyUsedError,
  NotCommitter: avs.NotCommitterError,
  NotLatestTable: operatorSet.NotLatestTableError,
  NotMember: operatorSet.NotMemberError,
  NotModelOwner: registry.NotModelOwnerError,
  NotOwner: slasher.NotOwnerError,
  NotRequester: avs.NotRequesterError,
  NothingSlashed: slasher.NothingSlashedError,
  NothingToWithdraw: avs.NothingToWithdrawError,
  OperatorCannotVote: avs.OperatorCannotVoteError,
  OperatorMismatch: slasher.OperatorMismatchError,
  OperatorSaltsMismatch: avs.OperatorSaltsMismatchError,
  PayloadDigestMismatch: PayloadDigestMismatchError,
  QuorumNotReached: avs.QuorumNotReachedError,
  RegistryMissing: receipts.RegistryMissingError,
  RequestAlreadyOpened: avs.RequestAlreadyOpenedError,
  RequestDeadlinePassed: avs.RequestDeadlinePassedError,
  RequestNotFinal: avs.RequestNotFinalError,
  RequestNotOpen: avs.RequestNotOpenError,
  RequestNotSettleable: avs.RequestNotSettleableError,
  RequestsArePaused: avs.RequestsArePausedError,
  SameVerdict: slasher.SameVerdictError,
  TableAlreadyLoaded: operatorSet.TableAlreadyLoadedError,
  TableNotLoaded: operatorSet.TableNotLoadedError,
  TableRootDisabled: operatorSet.TableRootDisabledError,
  TableWithoutWeight: operatorSet.TableWithoutWeightError,
  TimepointNotPast: operatorSet.TimepointNotPastError,
  UnknownModel: registry.UnknownModelError,
  UnknownModelVersion: registry.UnknownModelVersionError,
  UnknownSigningKey: slasher.UnknownSigningKeyError,
  WeightsMismatch: operatorSet.WeightsMismatchError,
  ValidationMismatch: receipts.ValidationMismatchError,
  WithdrawalNotReady: avs.WithdrawalNotReadyError,
  ZeroAmount: avs.ZeroAmountError,
  ZeroOperator: operatorSet.ZeroOperatorError,
} satisfies ErrorClasses

/** What tokens refuse transfers with (ERC-6093), and `require`. */
const tokenErrorsAbi = parseAbi([
  'error Error(string message)',
  'error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)',
  'error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)',
])

/**
 * What `toContractError` gives: the one that stands for the contract's custom error, a
 * {@link ContractRevertedError} for any other revert. What is no revert, such as an unreachable node, is returned as
 * it is.
 */
export function explainContractError(error: unknown): unknown {
  if (!(error instanceof BaseError)) return error
  const revert = findRevert(error)
  if (revert === undefined) {
    const isRevert = error.walk(
      (cause) => cause instanceof ExecutionRevertedError || cause instanceof ContractFunctionRevertedError,
    )
    return isRevert ? new ContractRevertedError({ data: '0x', cause: error }) : error
  }
  const { data, carrier } = revert
  const decoded = decode(data)
  if (decoded === undefined) return new ContractRevertedError({ data, cause: error })
  return toErrorOf(decoded, data, carrier)
}

function toErrorOf(
  { abiItem, args = [], errorName }: NonNullable<ReturnType<typeof decode>>,
  data: Hex,
  cause: unknown,
) {
  if (!(errorName in errorClasses)) {
    // `require` with a text, or a custom error of another contract.
    const reason = errorName === 'Error' ? String(args[0]) : formatAbiItemWithArgs({ abiItem, args, includeName: true })
    return new ContractRevertedError({ reason, data, cause })
  }
  // The table and the ABI that the arguments were decoded with are checked against each other by their types.
  const ErrorClass = errorClasses[errorName as keyof typeof errorClasses] as new (parameters: object) => Error
  return new ErrorClass({ ...toContractErrorFacts(abiItem.inputs, args), cause })
}

/**
 * The error of the SDK for what a contract says it would have refused a call with, as in the events of skipped votes.
 */
export function toSkipError(data: Hex): Error {
  const decoded = decode(data)
  if (decoded === undefined) return new ContractRevertedError({ data })
  return toErrorOf(decoded, data, undefined)
}

function decode(data: Hex) {
  try {
    return decodeErrorResult({ abi: [...errorsAbi, ...tokenErrorsAbi], data })
  } catch (error) {
    // Not one of the errors we know, or not its arguments: the data is reported as it is.
    if (error instanceof BaseError) return undefined
    throw error
  }
}
