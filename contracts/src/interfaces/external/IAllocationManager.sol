// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice EigenLayer's name for an operator set.
struct OperatorSet {
    address avs;
    uint32 id;
}

/// @notice EigenLayer's parameters of a new operator set.
struct CreateSetParamsV2 {
    uint32 operatorSetId;
    address[] strategies;
    /// @dev Who alone may slash in the set.
    address slasher;
}

/// @notice EigenLayer's parameters of a slash.
struct SlashingParams {
    address operator;
    uint32 operatorSetId;
    /// @dev Ascending.
    address[] strategies;
    /// @dev Per strategy, the fraction to take of what the operator has allocated to the set now, 1e18 = all of it.
    uint256[] wadsToSlash;
    string description;
}

/// @title What this project calls of EigenLayer's AllocationManager
interface IAllocationManager {
    function updateAVSMetadataURI(address avs, string calldata metadataURI) external;
    function setAVSRegistrar(address avs, address registrar) external;
    /// @dev Since version 1.9 of EigenLayer. Before it there is only an overload without slashers.
    function createOperatorSets(address avs, CreateSetParamsV2[] calldata params) external;
    /// @dev Only the set's slasher may call. Does not revert when there is nothing to take.
    /// @return slashId Counts the set's slashes.
    /// @return shares Taken per strategy; 0 where nothing was slashable.
    function slashOperator(address avs, SlashingParams calldata params)
        external
        returns (uint256 slashId, uint256[] memory shares);
    function DEALLOCATION_DELAY() external view returns (uint32);
    /// @dev Since version 1.9 of EigenLayer. Zero for a set that does not exist.
    function getSlasher(OperatorSet calldata operatorSet) external view returns (address);
    /// @return strategies In no particular order.
    function getStrategiesInOperatorSet(OperatorSet calldata operatorSet)
        external
        view
        returns (address[] memory strategies);
    /// @return slashableStake Stake per operator and strategy that stays slashable until `futureBlock`.
    function getMinimumSlashableStake(
        OperatorSet calldata operatorSet,
        address[] calldata operators,
        address[] calldata strategies,
        uint32 futureBlock
    ) external view returns (uint256[][] memory slashableStake);
}
