// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title Errors as values
/// @notice What a call would revert with, encoded, or empty: where one of many must not fail the others.
/// @dev A word per argument, whatever its type: all of the errors have static arguments only.
library Problem {
    function encode(bytes4 selector, uint256 a) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, a);
    }

    function encode(bytes4 selector, uint256 a, uint256 b) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, a, b);
    }

    function encode(bytes4 selector, uint256 a, uint256 b, uint256 c) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, a, b, c);
    }

    function encode(bytes4 selector, uint256 a, uint256 b, uint256 c, uint256 d) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, a, b, c, d);
    }

    /// @notice Reverts with the problem if there is one.
    function raise(bytes memory problem) internal pure {
        if (problem.length == 0) return;
        assembly ("memory-safe") {
            revert(add(problem, 0x20), mload(problem))
        }
    }
}
