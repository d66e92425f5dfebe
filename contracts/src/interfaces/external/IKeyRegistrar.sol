// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { OperatorSet } from "./IAllocationManager.sol";

/// @title What this project calls of EigenLayer's KeyRegistrar
interface IKeyRegistrar {
    /// @param curveType 1 is ECDSA.
    function configureOperatorSet(OperatorSet calldata operatorSet, uint8 curveType) external;
    /// @return The operator's signing address in the set; zero when it has none.
    function getECDSAAddress(OperatorSet calldata operatorSet, address operator) external view returns (address);
    /// @param keyData The 20 bytes of a signing address.
    /// @return operator Who registered the key, in whichever set; zero when nobody did. A key has one operator for ever.
    /// @return isRegistered Whether the operator has a key, this or another, in this set now.
    function getOperatorFromSigningKey(OperatorSet calldata operatorSet, bytes calldata keyData)
        external
        view
        returns (address operator, bool isRegistered);
}
