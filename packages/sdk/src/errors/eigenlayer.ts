import type { Address, ContractErrorName, Hex } from 'viem'
import type {
  allocationManagerAbi,
  delegationManagerAbi,
  keyRegistrarAbi,
  strategyManagerAbi,
} from '../abis/eigenlayer.ts'
import type { OperatorSet } from '../eigenlayer/types.ts'
import { ProofOfInferenceError } from './base.ts'
import type { EigenLayerContract } from './deployment.ts'

/** Name of a custom error of EigenLayer's contracts that operators can cause. */
export type EigenLayerErrorName = ContractErrorName<
  typeof allocationManagerAbi | typeof delegationManagerAbi | typeof keyRegistrarAbi | typeof strategyManagerAbi
>

/** Per error of EigenLayer: what it means, then what to do. */
const explanations: { readonly [name in EigenLayerErrorName]: readonly [summary: string, action: string] } = {
  ActivelyDelegated: [
    'The account is an operator already, or delegates its stake to one.',
    'Undelegate first, or use another account.',
  ],
  AlreadyMemberOfSet: [
    'The operator is a member of the operator set, or left it and can still be slashed.',
    'After leaving, wait for the deallocation delay to pass, then register again.',
  ],
  CurrentlyPaused: ['EigenLayer has paused this function.', 'Try again when EigenLayer has resumed it.'],
  FullySlashed: ['All stake of the operator in the strategy was slashed.', 'Use another strategy or operator.'],
  InputArrayLengthMismatch: [
    'There are not as many magnitudes as strategies.',
    'Give one magnitude for each strategy of an operator set.',
  ],
  InsufficientMagnitude: [
    'The operator has less magnitude left in the strategy than it would allocate.',
    'Allocate at most what `getAllocatableMagnitude` says, or reduce what other operator sets have.',
  ],
  InvalidCaller: [
    'The sender is neither the operator, nor the AVS, nor an appointee of one of them.',
    'Send it from the account of the operator, or make the sender its appointee in the PermissionController.',
  ],
  InvalidCurveType: [
    'The keys of the operator set are not ECDSA keys.',
    'Check the operator set: only sets with ECDSA keys can be joined.',
  ],
  InvalidOperator: ['The address is not an operator of EigenLayer.', 'Call `registerAsOperator` first.'],
  InvalidOperatorSet: ['There is no such operator set.', 'Check the address of the AVS and the id of the set.'],
  InvalidPermissions: [
    'The sender may not act for the operator.',
    'Send it from the account of the operator or an appointee. An operator that named admins in the PermissionController acts only through them.',
  ],
  InvalidSignature: [
    'The signature is not by the key that it would register.',
    'Sign with the very key that is registered, on the chain of the KeyRegistrar.',
  ],
  KeyAlreadyRegistered: [
    'The key is, or once was, registered for an operator. A key can be registered only once, for good.',
    'Register a new key.',
  ],
  KeyNotFound: ['The operator has no key in the operator set.', 'There is nothing to deregister.'],
  ModificationAlreadyPending: [
    'An earlier change of the allocation has not taken effect yet.',
    'Wait for the `effectBlock` of `getAllocation`, then change it again.',
  ],
  NotMemberOfSet: ['The operator is not a member of the operator set.', 'There is nothing to leave.'],
  OperatorAlreadyRegistered: [
    'The operator has a key in the operator set.',
    'To change it, leave the set, wait until the operator can no longer be slashed, and call `deregisterKey`.',
  ],
  OperatorNotSlashable: [
    'The operator is no member of the operator set, and left it too long ago to be slashed.',
    'There is nothing to take: evidence had to come within the deallocation delay after the operator left.',
  ],
  OperatorSetNotConfigured: [
    'The AVS has not said what keys the operator set uses.',
    'Check the operator set. Its AVS configures it in the KeyRegistrar.',
  ],
  OperatorStillSlashable: [
    'The operator can still be slashed, so that its key stays registered.',
    'Leave the operator set and wait for the deallocation delay to pass.',
  ],
  SameMagnitude: ['The allocation has this magnitude already.', 'There is nothing to change.'],
  StrategyNotWhitelisted: [
    'The strategy does not take deposits through the StrategyManager.',
    'Check the address of the strategy.',
  ],
  UninitializedAllocationDelay: [
    'The account has no allocation delay, as it is no operator or set none.',
    'Call `registerAsOperator`, or `setAllocationDelay` and wait until it takes effect.',
  ],
  ZeroPubkey: ['The key is the zero address.', 'Register the address of a key.'],
}

export function isEigenLayerErrorName(name: string): name is EigenLayerErrorName {
  return Object.hasOwn(explanations, name)
}

/** A contract of EigenLayer refused the call. `errorName` says for which of the reasons that operators can cause. */
export class EigenLayerRevertedError extends ProofOfInferenceError<'EigenLayerRevertedError'> {
  readonly errorName: EigenLayerErrorName
  constructor({ errorName, cause }: { errorName: EigenLayerErrorName; cause?: unknown }) {
    const [summary, action] = explanations[errorName]
    super(summary, { name: 'EigenLayerRevertedError', cause, metaMessages: [`errorName: ${errorName}`, action] })
    this.errorName = errorName
  }
}

/** Contracts that should name each other do not. */
export class EigenLayerMismatchError extends ProofOfInferenceError<'EigenLayerMismatchError'> {
  readonly contract: EigenLayerContract | 'operatorSet'
  readonly expected: Address
  /** What is named instead; `null` when the contract that should name it does not answer. */
  readonly actual: Address | null
  constructor({
    contract,
    expected,
    actual,
    cause,
  }: {
    contract: EigenLayerContract | 'operatorSet'
    expected: Address
    actual: Address | null
    cause?: unknown
  }) {
    super(`EigenLayer does not use the given ${contract}.`, {
      name: 'EigenLayerMismatchError',
      cause,
      metaMessages: [
        `expected: ${expected}`,
        `actual: ${actual ?? 'the contract that should name it does not answer'}`,
        'Use the addresses of one EigenLayer, the one that the AVS was deployed on; see `eigenLayerDeployments`.',
      ],
    })
    this.contract = contract
    this.expected = expected
    this.actual = actual
  }
}

/** The KeyRegistrar asks for another digest than the SDK would sign. */
export class KeyRegistrationHashMismatchError extends ProofOfInferenceError<'KeyRegistrationHashMismatchError'> {
  readonly keyRegistrar: Address
  readonly expected: Hex
  readonly actual: Hex
  constructor({ keyRegistrar, expected, actual }: { keyRegistrar: Address; expected: Hex; actual: Hex }) {
    super('The KeyRegistrar asks for a signature over something else than the registration of the key.', {
      name: 'KeyRegistrationHashMismatchError',
      metaMessages: [
        `keyRegistrar: ${keyRegistrar}`,
        `expected: ${expected}`,
        `actual: ${actual}`,
        'Nothing was signed. Check the address; if it is right, EigenLayer has changed and the SDK must follow.',
      ],
    })
    this.keyRegistrar = keyRegistrar
    this.expected = expected
    this.actual = actual
  }
}

/** The operator has no stake in any of the strategies. */
export class OperatorSharesMissingError extends ProofOfInferenceError<'OperatorSharesMissingError'> {
  readonly operator: Address
  readonly strategies: readonly Address[]
  constructor({ operator, strategies }: { operator: Address; strategies: readonly Address[] }) {
    super('The operator has no stake in any of the strategies.', {
      name: 'OperatorSharesMissingError',
      metaMessages: [
        `operator: ${operator}`,
        `strategies: ${strategies.join(', ')}`,
        'Deposit into one of them first with `depositIntoStrategy` of the StrategyManager, or have stakers delegate to the operator. Then join again.',
      ],
    })
    this.operator = operator
    this.strategies = strategies
  }
}

/** The operator has allocated all of its stake to other operator sets, or lost it to slashing. */
export class MagnitudeUnavailableError extends ProofOfInferenceError<'MagnitudeUnavailableError'> {
  readonly operator: Address
  readonly strategies: readonly Address[]
  constructor({ operator, strategies }: { operator: Address; strategies: readonly Address[] }) {
    super('The operator has no stake left to allocate to the operator set.', {
      name: 'MagnitudeUnavailableError',
      metaMessages: [
        `operator: ${operator}`,
        `strategies: ${strategies.join(', ')}`,
        'Reduce the allocations to other operator sets with `modifyAllocations`, and wait until that takes effect.',
      ],
    })
    this.operator = operator
    this.strategies = strategies
  }
}

/** The operator set does not count stake in the strategy. */
export class StrategyNotInOperatorSetError extends ProofOfInferenceError<'StrategyNotInOperatorSetError'> {
  readonly strategy: Address
  readonly operatorSet: OperatorSet
  readonly strategies: readonly Address[]
  constructor({
    strategy,
    operatorSet,
    strategies,
  }: { strategy: Address; operatorSet: OperatorSet; strategies: readonly Address[] }) {
    super('The operator set does not count stake in the strategy.', {
      name: 'StrategyNotInOperatorSetError',
      metaMessages: [
        `strategy: ${strategy}`,
        `operatorSet: ${operatorSet.id} of ${operatorSet.avs}`,
        `strategies: ${strategies.join(', ')}`,
        'Allocate stake in strategies of the operator set, see `getOperatorSet`.',
      ],
    })
    this.strategy = strategy
    this.operatorSet = operatorSet
    this.strategies = strategies
  }
}

/** The operator has another signing key in the operator set. */
export class SigningKeyMismatchError extends ProofOfInferenceError<'SigningKeyMismatchError'> {
  readonly operator: Address
  readonly expected: Address
  readonly actual: Address
  constructor({ operator, expected, actual }: { operator: Address; expected: Address; actual: Address }) {
    super('The operator has registered another signing key.', {
      name: 'SigningKeyMismatchError',
      metaMessages: [
        `operator: ${operator}`,
        `expected: ${expected}`,
        `actual: ${actual}`,
        'Join with the key that is registered. To change it, leave the operator set, wait until the operator can no longer be slashed, and call `deregisterKey`.',
      ],
    })
    this.operator = operator
    this.expected = expected
    this.actual = actual
  }
}

/** The operator is a member of the operator set, but holds no index and so cannot vote. */
export class OperatorNotSeatedError extends ProofOfInferenceError<'OperatorNotSeatedError'> {
  readonly operator: Address
  readonly weight: bigint
  readonly minWeight: bigint
  constructor({ operator, weight, minWeight }: { operator: Address; weight: bigint; minWeight: bigint }) {
    super('The operator is a member of the operator set, but cannot vote.', {
      name: 'OperatorNotSeatedError',
      metaMessages: [
        `operator: ${operator}`,
        `weight: ${weight}`,
        `minWeight: ${minWeight}`,
        weight < minWeight
          ? 'Its weight is too small. Add stake or allocate more of it, then join again.'
          : 'All 256 indices are held by operators of at least its weight. Add stake or allocate more of it, then join again.',
      ],
    })
    this.operator = operator
    this.weight = weight
    this.minWeight = minWeight
  }
}
