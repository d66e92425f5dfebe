// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { OperatorSet } from "../../src/interfaces/external/IAllocationManager.sol";
import { IKeyRegistrar } from "../../src/interfaces/external/IKeyRegistrar.sol";

/// @notice Signing keys set by hand, and a memory of who had each and of the curve of each operator set.
contract MockKeyRegistrar is IKeyRegistrar {
    mapping(address avs => mapping(uint32 id => uint8)) public curveTypes;
    mapping(address operator => address) private _keys;
    mapping(address key => address) private _operators;

    function setKey(address operator, address key) external {
        _keys[operator] = key;
        _operators[key] = operator;
    }

    function configureOperatorSet(OperatorSet calldata operatorSet, uint8 curveType) external {
        curveTypes[operatorSet.avs][operatorSet.id] = curveType;
    }

    function getECDSAAddress(OperatorSet calldata, address operator) external view returns (address) {
        return _keys[operator];
    }

    function getOperatorFromSigningKey(OperatorSet calldata, bytes calldata keyData)
        external
        view
        returns (address operator, bool isRegistered)
    {
        operator = _operators[address(bytes20(keyData))];
        return (operator, _keys[operator] != address(0));
    }
}
