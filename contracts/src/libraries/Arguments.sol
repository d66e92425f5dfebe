// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Attestation, Job, Request, Vote } from "../types/DataTypes.sol";
import { Counted } from "../types/Tally.sol";
import { Hashing } from "./Hashing.sol";

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

    /// @dev With its typehash, without its signature.
    function copyTo(Attestation calldata from, Counted memory to) internal pure {
        to.typehash = Hashing.ATTESTATION_TYPEHASH;
        assembly ("memory-safe") {
            calldatacopy(add(to, 0x20), from, 0xc0)
        }
        _requireClean(to);
    }

    function copyTo(Vote calldata from, Counted memory to) internal pure {
        assembly ("memory-safe") {
            calldatacopy(add(to, 0x40), from, 0x60) // operator, isValid, confidence
            calldatacopy(add(to, 0xc0), add(from, 0x60), 0x60) // evidenceDigest, r, vs
        }
        _requireClean(to);
    }

    function _requireClean(Counted memory to) private pure {
        assembly ("memory-safe") {
            let excess := or(shr(160, mload(add(to, 0x40))), shr(1, mload(add(to, 0x60)))) // operator, isValid
            if or(excess, shr(16, mload(add(to, 0x80)))) { revert(0, 0) } // confidence
        }
    }
}
