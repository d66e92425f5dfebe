import { parseAbi } from 'viem'

// The part of EigenLayer's ABIs that the SDK uses: other people's contracts, so kept by hand. `npm run check:abis`
// compares every entry with the real ABI of the contract that the constant is named after.

/** What the SDK uses of the ABI of `AllocationManager`. */
export const allocationManagerAbi = parseAbi([
  'struct OperatorSet { address avs; uint32 id; }',
  'struct Allocation { uint64 currentMagnitude; int128 pendingDiff; uint32 effectBlock; }',
  'struct AllocateParams { OperatorSet operatorSet; address[] strategies; uint64[] newMagnitudes; }',
  'struct RegisterParams { address avs; uint32[] operatorSetIds; bytes data; }',
  'struct DeregisterParams { address operator; address avs; uint32[] operatorSetIds; }',
  'function setAllocationDelay(address operator, uint32 delay)',
  'function modifyAllocations(address operator, AllocateParams[] params)',
  'function registerForOperatorSets(address operator, RegisterParams params)',
  'function deregisterFromOperatorSets(DeregisterParams params)',
  'function delegation() view returns (address)',
  'function getAVSRegistrar(address avs) view returns (address)',
  'function getAllocatableMagnitude(address operator, address strategy) view returns (uint64 allocatableMagnitude)',
  'function getAllocation(address operator, OperatorSet operatorSet, address strategy) view returns (Allocation allocation)',
  'function getAllocations(address[] operators, OperatorSet operatorSet, address strategy) view returns (Allocation[] allocations)',
  'function getAllocationDelay(address operator) view returns (bool, uint32)',
  'function getMembers(OperatorSet operatorSet) view returns (address[] operators)',
  'function getMinimumSlashableStake(OperatorSet operatorSet, address[] operators, address[] strategies, uint32 futureBlock) view returns (uint256[][] slashableStake)',
  'function getSlasher(OperatorSet operatorSet) view returns (address)',
  'function getStrategiesInOperatorSet(OperatorSet operatorSet) view returns (address[] strategies)',
  'function isMemberOfOperatorSet(address operator, OperatorSet operatorSet) view returns (bool result)',
  'event AllocationDelaySet(address operator, uint32 delay, uint32 effectBlock)',
  'event AllocationUpdated(address operator, OperatorSet operatorSet, address strategy, uint64 magnitude, uint32 effectBlock)',
  'error AlreadyMemberOfSet()',
  'error CurrentlyPaused()',
  'error InputArrayLengthMismatch()',
  'error InsufficientMagnitude()',
  'error InvalidCaller()',
  'error InvalidOperator()',
  'error InvalidOperatorSet()',
  'error InvalidPermissions()',
  'error ModificationAlreadyPending()',
  'error NotMemberOfSet()',
  'error OperatorNotSlashable()',
  'error SameMagnitude()',
  'error UninitializedAllocationDelay()',
])

/** What every action calls of the allocation manager: once more by itself, so that a bundle need not have the rest. */
export const getSlasher = parseAbi([
  'struct OperatorSet { address avs; uint32 id; }',
  'function getSlasher(OperatorSet operatorSet) view returns (address)',
])

/** What the SDK uses of the ABI of `DelegationManager`. */
export const delegationManagerAbi = parseAbi([
  'function registerAsOperator(address initDelegationApprover, uint32 allocationDelay, string metadataURI)',
  'function getOperatorShares(address operator, address[] strategies) view returns (uint256[])',
  'function isOperator(address operator) view returns (bool)',
  'function strategyManager() view returns (address)',
  'error ActivelyDelegated()',
  'error CurrentlyPaused()',
  'error FullySlashed()',
])

/** What the SDK uses of the ABI of `ECDSACertificateVerifier`. */
export const ecdsaCertificateVerifierAbi = parseAbi([
  'struct OperatorSet { address avs; uint32 id; }',
  'struct ECDSAOperatorInfo { address pubkey; uint256[] weights; }',
  'function latestReferenceTimestamp(OperatorSet operatorSet) view returns (uint32)',
  'function maxOperatorTableStaleness(OperatorSet operatorSet) view returns (uint32)',
  'function getOperatorInfos(OperatorSet operatorSet, uint32 referenceTimestamp) view returns (ECDSAOperatorInfo[])',
])

/** What the SDK uses of the ABI of `KeyRegistrar`. */
export const keyRegistrarAbi = parseAbi([
  'struct OperatorSet { address avs; uint32 id; }',
  'function registerKey(address operator, OperatorSet operatorSet, bytes keyData, bytes signature)',
  'function deregisterKey(address operator, OperatorSet operatorSet)',
  'function allocationManager() view returns (address)',
  'function getECDSAAddress(OperatorSet operatorSet, address operator) view returns (address)',
  'function getECDSAKeyRegistrationMessageHash(address operator, OperatorSet operatorSet, address keyAddress) view returns (bytes32)',
  'function isRegistered(OperatorSet operatorSet, address operator) view returns (bool)',
  'error InvalidCurveType()',
  'error InvalidPermissions()',
  'error InvalidSignature()',
  'error KeyAlreadyRegistered()',
  'error KeyNotFound(OperatorSet operatorSet, address operator)',
  'error OperatorAlreadyRegistered()',
  'error OperatorSetNotConfigured()',
  'error OperatorStillSlashable(OperatorSet operatorSet, address operator)',
  'error ZeroPubkey()',
])

/** What the SDK uses of the ABI of `StrategyManager`. */
export const strategyManagerAbi = parseAbi([
  'function depositIntoStrategy(address strategy, address token, uint256 amount) returns (uint256 depositShares)',
  'error CurrentlyPaused()',
  'error StrategyNotWhitelisted()',
])
