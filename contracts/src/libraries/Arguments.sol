// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Job, Request, Vote } from "../types/DataTypes.sol";

/// @title Arguments of calls, copied to memory
/// @notice Copies as the compiler's own decoder does, and like it reverts without a reason where a value does not fit its
/// type; but all of a struct at once, and into memory that is there. The compiler has checked where they lie.
library Arguments {
    function copyTo(Request calldata from, Request memory to) internal pure {
        assembly ("memory-safe") {
            calldatacopy(to, from, 0x120)
            let excess := or(shr(160, mload(add(to, 0x20))), shr(160, mload(add(to, 0x40)))) // requester, asset
            excess := or(excess, shr(128, or(mload(add(to, 0x60)), mload(add(to, 0x80))))) // reward, verificationFee
            excess := or(excess, shr(40, mload(add(to, 0xa0)))) // deadline
            excess := or(excess, shr(48, mload(add(to, 0xc0)))) // referenceTimepoint
            if or(excess, shr(32, mload(add(to, 0xe0)))) { revert(0, 0) } // commitWindow
        }
    }

    function copyTo(Job calldata from, Job memory to) internal pure {
        assembly ("memory-safe") {
            calldatacopy(to, from, 0x140)
            let excess := or(shr(1, mload(add(to, 0x60))), shr(160, mload(add(to, 0xa0)))) // hasAgent, payee
            excess := or(excess, shr(16, mload(add(to, 0xc0)))) // quorumBps
            excess := or(excess, shr(16, mload(add(to, 0xe0)))) // minAttestations
            if or(excess, shr(16, mload(add(to, 0x100)))) { revert(0, 0) } // minConfidence
        }
    }

    function copy(Vote[] calldata from) internal pure returns (Vote[] memory votes) {
        assembly ("memory-safe") {
            let count := from.length
            votes := mload(0x40)
            mstore(votes, count)
            let pointer := add(votes, 0x20)
            let vote := add(pointer, shl(5, count))
            let end := add(vote, mul(count, 0xc0))
            calldatacopy(vote, from.offset, mul(count, 0xc0))
            mstore(0x40, end)
            let excess := 0
            for { } lt(vote, end) { vote := add(vote, 0xc0) } {
                mstore(pointer, vote)
                pointer := add(pointer, 0x20)
                excess := or(excess, or(shr(160, mload(vote)), shr(1, mload(add(vote, 0x20))))) // operator, isValid
                excess := or(excess, shr(16, mload(add(vote, 0x40)))) // confidence
            }
            if excess { revert(0, 0) }
        }
    }
}
