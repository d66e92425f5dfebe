// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title What this project calls of EigenLayer's OperatorTableUpdater
interface IOperatorTableUpdater {
    /// @return Whether the root that the tables of `referenceTimestamp` were proved against was confirmed and has not
    /// been disabled since.
    function isRootValidByTimestamp(uint32 referenceTimestamp) external view returns (bool);
}
