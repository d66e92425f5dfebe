// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC1271 } from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @notice Says yes to every signature.
contract LyingWallet is IERC1271 {
    function isValidSignature(bytes32, bytes calldata) external pure returns (bytes4) {
        return IERC1271.isValidSignature.selector;
    }
}

/// @notice Says yes or no to every signature, as it was last told.
contract FickleWallet is IERC1271 {
    bool public answer = true;

    function setAnswer(bool answer_) external {
        answer = answer_;
    }

    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        return answer ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }
}

/// @notice Answers yes, correctly encoded, followed by a mebibyte of zeros; or reverts with as much.
contract VerboseWallet is IERC1271 {
    uint256 private constant LENGTH = 1 << 16;

    bool public reverting;

    function setReverting(bool reverting_) external {
        reverting = reverting_;
    }

    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        bytes4 magic = IERC1271.isValidSignature.selector;
        bool fails = reverting;
        assembly ("memory-safe") {
            let start := mload(0x40)
            mstore(start, magic)
            if fails { revert(start, LENGTH) }
            return(start, LENGTH)
        }
    }
}

/// @notice Answers with the four bytes alone, not the word that the ABI asks for.
contract TerseWallet {
    function isValidSignature(bytes32, bytes calldata) external pure returns (bytes4) {
        bytes4 magic = IERC1271.isValidSignature.selector;
        assembly ("memory-safe") {
            mstore(0, magic)
            return(0, 4)
        }
    }
}

/// @notice Spends all it is given before it answers.
contract GreedyWallet {
    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        while (gasleft() > 1_000) { }
        return IERC1271.isValidSignature.selector;
    }
}
