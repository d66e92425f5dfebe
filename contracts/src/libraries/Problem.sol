// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title Errors as values
/// @notice What a call would revert with, encoded, or empty: where one of many must not fail the others.
/// @dev A word per argument, whatever its type: all of the errors have static arguments only.
library Problem {
    function encode(bytes4 selector, uint256 a) internal pure returns (bytes memory) {
        return _encode(selector, 0x24, a, 0, 0, 0);
    }

    function encode(bytes4 selector, uint256 a, uint256 b) internal pure returns (bytes memory) {
        return _encode(selector, 0x44, a, b, 0, 0);
    }

    function encode(bytes4 selector, uint256 a, uint256 b, uint256 c) internal pure returns (bytes memory) {
        return _encode(selector, 0x64, a, b, c, 0);
    }

    function encode(bytes4 selector, uint256 a, uint256 b, uint256 c, uint256 d) internal pure returns (bytes memory) {
        return _encode(selector, 0x84, a, b, c, d);
    }

    /// @notice Reverts with the problem if there is one.
    function raise(bytes memory problem) internal pure {
        if (problem.length == 0) return;
        assembly ("memory-safe") {
            revert(add(problem, 0x20), mload(problem))
        }
    }

    /// @dev `abi.encodeWithSelector` for any number of words, as there is one in the contract's code for all of them.
    function _encode(bytes4 selector, uint256 length, uint256 a, uint256 b, uint256 c, uint256 d)
        private
        pure
        returns (bytes memory problem)
    {
        assembly ("memory-safe") {
            problem := mload(0x40)
            mstore(0x40, add(problem, 0xc0))
            mstore(problem, length)
            mstore(add(problem, 0x20), selector)
            mstore(add(problem, 0x24), a)
            mstore(add(problem, 0x44), b)
            mstore(add(problem, 0x64), c)
            mstore(add(problem, 0x84), d)
        }
    }
}
