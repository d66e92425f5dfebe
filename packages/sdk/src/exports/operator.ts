/**
 * The operator: finds requests, verifies, signs, submits; its store interface and its state machine.
 *
 * @module @proof-of-inference/sdk/operator
 */

export type { AggregatorClient, RevealedVote, SignedCommitment, SignedRequest } from '../aggregator/types.ts'
export {
  AggregatorFailedError,
  CommitmentsInsufficientError,
  EquivocationRefusedError,
  ForgedEventError,
  OperatorNotRunningError,
  OperatorRunningError,
  SignerMissingError,
  StoreCorruptedError,
  StoreLockedError,
  StoreMismatchError,
  StoreNotOpenError,
  type StoreOwner,
} from '../errors/operator.ts'
export { createOperator } from '../operator/createOperator.ts'
export {
  isTerminal,
  type OutcomeStatus,
  type RequestEvent,
  type RequestState,
  type SignedVote,
  type SkipReason,
  transition,
} from '../operator/machine.ts'
export { memoryOperatorStore } from '../operator/memoryOperatorStore.ts'
export type {
  BlockReference,
  Cursor,
  OperatorStore,
  RequestRecord,
  StoreChanges,
  StoredAttestation,
  StoredRequestFilter,
  StoreOrigin,
} from '../operator/store.ts'
export type {
  Exposure,
  FeeClaim,
  Logger,
  MinimumFee,
  Operator,
  OperatorClient,
  OperatorConfig,
  OperatorEvent,
  OperatorProgress,
  OperatorStatus,
} from '../operator/types.ts'
export type { SignedAttestation } from '../utils/vote.ts'
