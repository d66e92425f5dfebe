/**
 * What an operator does in EigenLayer: register, allocate stake, register a key, join and leave the operator set.
 *
 * @module @proof-of-inference/sdk/eigenlayer
 */

export {
  allocationManagerAbi,
  delegationManagerAbi,
  ecdsaCertificateVerifierAbi,
  keyRegistrarAbi,
  strategyManagerAbi,
} from '../abis/eigenlayer.ts'
export { deregisterFromOperatorSets } from '../actions/eigenlayer/deregisterFromOperatorSets.ts'
export { deregisterKey } from '../actions/eigenlayer/deregisterKey.ts'
export { getAllocatableMagnitude } from '../actions/eigenlayer/getAllocatableMagnitude.ts'
export { getAllocation } from '../actions/eigenlayer/getAllocation.ts'
export { getAllocationDelay } from '../actions/eigenlayer/getAllocationDelay.ts'
export { getAllocations } from '../actions/eigenlayer/getAllocations.ts'
export { getMembers } from '../actions/eigenlayer/getMembers.ts'
export { getOperatorSet } from '../actions/eigenlayer/getOperatorSet.ts'
export { getOperatorShares } from '../actions/eigenlayer/getOperatorShares.ts'
export { getSigningKey } from '../actions/eigenlayer/getSigningKey.ts'
export { getSlashableStake } from '../actions/eigenlayer/getSlashableStake.ts'
export { isKeyRegistered } from '../actions/eigenlayer/isKeyRegistered.ts'
export { isMemberOfOperatorSet } from '../actions/eigenlayer/isMemberOfOperatorSet.ts'
export { isOperator } from '../actions/eigenlayer/isOperator.ts'
export { modifyAllocations } from '../actions/eigenlayer/modifyAllocations.ts'
export { registerAsOperator } from '../actions/eigenlayer/registerAsOperator.ts'
export { registerForOperatorSets } from '../actions/eigenlayer/registerForOperatorSets.ts'
export { registerKey } from '../actions/eigenlayer/registerKey.ts'
export { setAllocationDelay } from '../actions/eigenlayer/setAllocationDelay.ts'
export type {
  EigenLayerParameter,
  EigenLayerReadErrorType,
  OperatorWriteParameters,
} from '../actions/eigenlayer/types.ts'
export { assertEigenLayer } from '../eigenlayer/assertEigenLayer.ts'
export { eigenLayerDeployments } from '../eigenlayer/eigenLayerDeployments.ts'
export { hashKeyRegistration } from '../eigenlayer/hashKeyRegistration.ts'
export { joinOperatorSet } from '../eigenlayer/joinOperatorSet.ts'
export type { EigenLayerDeployment, OperatorSet } from '../eigenlayer/types.ts'
export type { EigenLayerContract } from '../errors/deployment.ts'
export {
  type EigenLayerErrorName,
  EigenLayerMismatchError,
  EigenLayerRevertedError,
  KeyRegistrationHashMismatchError,
  MagnitudeUnavailableError,
  OperatorNotSeatedError,
  OperatorSharesMissingError,
  SigningKeyMismatchError,
  StrategyNotInOperatorSetError,
} from '../errors/eigenlayer.ts'
