// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { OperatorSet } from "./IAllocationManager.sol";

/// @notice An operator in an operator table.
struct ECDSAOperatorInfo {
    /// @dev The address of the operator's signing key, not of the operator.
    address pubkey;
    /// @dev Stake weights by kind; every operator of a table has as many.
    uint256[] weights;
}

/// @title What this project calls of EigenLayer's ECDSACertificateVerifier
interface IECDSACertificateVerifier {
    /// @return The `IOperatorTableUpdater` that posts the tables.
    function operatorTableUpdater() external view returns (address);
    /// @return The timestamp of the newest table of the set, unix time in seconds; 0 when it has none.
    function latestReferenceTimestamp(OperatorSet calldata operatorSet) external view returns (uint32);
    /// @return Seconds after its timestamp until a table goes stale; 0 when tables never do.
    function maxOperatorTableStaleness(OperatorSet calldata operatorSet) external view returns (uint32);
    /// @return The table at exactly `referenceTimestamp`; empty when there is none.
    function getOperatorInfos(OperatorSet calldata operatorSet, uint32 referenceTimestamp)
        external
        view
        returns (ECDSAOperatorInfo[] memory);
}
