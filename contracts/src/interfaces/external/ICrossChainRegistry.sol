// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { OperatorSet } from "./IAllocationManager.sol";

struct OperatorSetConfig {
    /// @dev Whom contracts on other chains may take for the set's owner.
    address owner;
    /// @dev Seconds after which a table is stale there; 0 for never.
    uint32 maxStalenessPeriod;
}

/// @title What this project calls of EigenLayer's CrossChainRegistry
interface ICrossChainRegistry {
    /// @notice Has the set's tables computed and posted on other chains. Of the AVS only, or of whom it appointed, once
    /// the set exists and its curve is configured.
    function createGenerationReservation(
        OperatorSet calldata operatorSet,
        address operatorTableCalculator,
        OperatorSetConfig calldata config
    ) external;
}
