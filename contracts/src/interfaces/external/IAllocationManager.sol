// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice EigenLayer's name for an operator set.
struct OperatorSet {
    address avs;
    uint32 id;
}

/// @notice EigenLayer's parameters of a new operator set whose slasher is the AVS itself.
struct CreateSetParams {
    uint32 operatorSetId;
    address[] strategies;
}

/// @title What this project calls of EigenLayer's AllocationManager
interface IAllocationManager {
    function updateAVSMetadataURI(address avs, string calldata metadataURI) external;
    function setAVSRegistrar(address avs, address registrar) external;
    function createOperatorSets(address avs, CreateSetParams[] calldata params) external;
    function DEALLOCATION_DELAY() external view returns (uint32);
    /// @return slashableStake Stake per operator and strategy that stays slashable until `futureBlock`.
    function getMinimumSlashableStake(
        OperatorSet calldata operatorSet,
        address[] calldata operators,
        address[] calldata strategies,
        uint32 futureBlock
    ) external view returns (uint256[][] memory slashableStake);
}
