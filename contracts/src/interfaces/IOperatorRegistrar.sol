// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IOperatorSet } from "./IOperatorSet.sol";
import { IAVSRegistrar } from "./external/IAVSRegistrar.sol";
import { IAllocationManager } from "./external/IAllocationManager.sol";
import { IKeyRegistrar } from "./external/IKeyRegistrar.sol";

/// @notice A strategy that counts towards stake weight.
struct StrategyWeight {
    address strategy;
    /// @dev Weight per unit of slashable stake, 1e18 = 1.
    uint96 multiplier;
}

/// @notice The registrar's parameters, fixed at deployment. H, the blocks for which a weight must stay slashable, is
/// maxWeightAge + maxReferenceAge + (maxRequestLifetime + evidenceWindow) / minBlockTime.
struct RegistrarConfig {
    address avs;
    address allocationManager;
    address keyRegistrar;
    uint32 operatorSetId;
    StrategyWeight[] strategies;
    /// @dev Least weight to hold an index.
    uint96 minWeight;
    /// @dev Blocks after which a weight that was not refreshed no longer votes.
    uint32 maxWeightAge;
    /// @dev Blocks that a request's reference may lie in the past.
    uint32 maxReferenceAge;
    /// @dev Seconds.
    uint32 maxRequestLifetime;
    /// @dev Seconds after a deadline in which slashing must still succeed.
    uint32 evidenceWindow;
    /// @dev Seconds; converts times to blocks.
    uint32 minBlockTime;
    /// @dev Deploy although stake can leave before it could be slashed (testnets with short delays).
    bool waiveSlashability;
}

/// @title The operators of the AVS on L1, fed by EigenLayer
/// @notice Up to 256 members hold an index, by which votes are recorded. Weights are checkpoints of the minimum
/// slashable stake; anyone may refresh them.
interface IOperatorRegistrar is IOperatorSet, IAVSRegistrar {
    event OperatorJoined(address indexed operator);
    event OperatorLeft(address indexed operator);
    /// @param isSeated Whether the operator holds an index (and so may vote while fresh); weight is 0 if not.
    event OperatorCheckpointed(address indexed operator, bool isSeated, uint8 index, uint96 weight, address signingKey);

    error InvalidConfig(string parameter);
    error NotAllocationManager(address caller);
    error UnknownAVS(address avs);
    /// @notice The call is not about exactly this registrar's operator set.
    error UnknownOperatorSet();
    error SigningKeyMissing(address operator);
    error NotMember(address operator);
    /// @notice Stake can be deallocated in `deallocationDelay` blocks, before `horizon` blocks have passed.
    error StakeNotSlashable(uint256 horizon, uint256 deallocationDelay);

    /// @notice Checkpoints the weights and keys of members. Anyone may call.
    function refresh(address[] calldata operators) external;

    /// @notice Whether everyone who can vote can also be slashed: H < EigenLayer's deallocation delay.
    function slashable() external view returns (bool);

    /// @notice H in blocks.
    function slashabilityHorizon() external view returns (uint32);

    function isMember(address operator) external view returns (bool);

    /// @notice The operators that hold an index now.
    function getSeatedOperators() external view returns (address[] memory);

    /// @notice An operator's latest checkpoint; `timepoint`, its block, is 0 when there is none.
    function getCheckpoint(address operator)
        external
        view
        returns (bool isSeated, uint8 index, uint96 weight, uint48 timepoint, address signingKey);

    function getStrategies() external view returns (StrategyWeight[] memory);

    function minWeight() external view returns (uint96);
    function maxWeightAge() external view returns (uint32);
    function maxReferenceAge() external view returns (uint32);
    function operatorSetId() external view returns (uint32);
    function avs() external view returns (address);
    function allocationManager() external view returns (IAllocationManager);
    function keyRegistrar() external view returns (IKeyRegistrar);
}
