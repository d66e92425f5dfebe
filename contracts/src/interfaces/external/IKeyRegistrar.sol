// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { OperatorSet } from "./IAllocationManager.sol";

/// @title What this project calls of EigenLayer's KeyRegistrar
interface IKeyRegistrar {
    /// @param curveType 1 is ECDSA.
    function configureOperatorSet(OperatorSet calldata operatorSet, uint8 curveType) external;
    /// @return The operator's signing address in the set; zero when it has none.
    function getECDSAAddress(OperatorSet calldata operatorSet, address operator) external view returns (address);
}
