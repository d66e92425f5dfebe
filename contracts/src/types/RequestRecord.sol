// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { RequestState } from "../interfaces/IProofOfInferenceAVS.sol";
import { Status } from "./DataTypes.sol";

/// @notice A request's state as it is stored.
struct RequestRecord {
    /// @dev status 0..7 | fromDeposit 8 | has a shortfall 9 | has votes of high indices 10 | feeSettled 16 |
    /// openedAt 24..63 | validWeight 64..159 | invalidWeight 160..255.
    uint256 head;
    /// @dev validVotes of indices 0..47 at 0..47 | invalidVotes of the same 48..95 | upper 160 bits of runningHash 96..255.
    /// Zero, as are the next three, while nobody voted.
    uint256 votes;
    /// @dev Zero unless the head says otherwise.
    uint256 confidenceShortfall;
    /// @dev Of indices from 48 on, in their places. Zero, as is the next one, unless the head says otherwise.
    uint256 highValidVotes;
    uint256 highInvalidVotes;
}

using RequestRecordLibrary for RequestRecord global;

library RequestRecordLibrary {
    uint256 private constant LOW_INDICES = 48;
    uint256 private constant LOW_VOTES = (1 << LOW_INDICES) - 1;
    uint256 private constant HAS_VOTES_SHIFT = 64;
    uint256 private constant HAS_SHORTFALL = 1 << 9;
    uint256 private constant HAS_HIGH_VOTES = 1 << 10;

    function status(RequestRecord storage record) internal view returns (Status) {
        // forge-lint: disable-next-line(unsafe-typecast)
        return Status(uint8(record.head));
    }

    /// @dev Without votes, only the first slot is read; mostly no more than the second.
    function load(RequestRecord storage record, RequestState memory state) internal view {
        uint256 head = record.head;
        // forge-lint: disable-start(unsafe-typecast)
        state.status = Status(uint8(head));
        state.fromDeposit = head >> 8 & 1 != 0;
        state.feeSettled = head >> 16 & 1 != 0;
        state.openedAt = uint40(head >> 24);
        state.validWeight = uint96(head >> 64);
        state.invalidWeight = uint96(head >> 160);
        uint256 votes = head >> HAS_VOTES_SHIFT == 0 ? 0 : record.votes;
        state.runningHash = bytes32(votes >> 96 << 96);
        state.validVotes = votes & LOW_VOTES;
        state.invalidVotes = votes >> LOW_INDICES & LOW_VOTES;
        state.confidenceShortfall = head & HAS_SHORTFALL == 0 ? 0 : uint112(record.confidenceShortfall);
        // forge-lint: disable-end(unsafe-typecast)
        if (head & HAS_HIGH_VOTES == 0) return;
        state.validVotes |= record.highValidVotes;
        state.invalidVotes |= record.highInvalidVotes;
    }

    /// @dev Makes it the state of a request that has no record.
    function clear(RequestState memory state) internal pure {
        assembly ("memory-safe") {
            calldatacopy(state, calldatasize(), 0x140) // zeros
        }
    }

    /// @dev Writes all but what only votes change.
    function saveHead(RequestRecord storage record, RequestState memory state) internal {
        record.head = _packHead(state);
    }

    /// @dev Writes what differs from what is stored. Slots that were never written are not read: what there is shows in
    /// the first one.
    function save(RequestRecord storage record, RequestState memory state) internal {
        uint256 before = record.head;
        record.head = _packHead(state);
        uint256 votes =
            uint256(state.runningHash) | state.validVotes & LOW_VOTES | (state.invalidVotes & LOW_VOTES) << LOW_INDICES;
        if (before >> HAS_VOTES_SHIFT == 0 ? votes != 0 : record.votes != votes) record.votes = votes;
        bool hadShortfall = before & HAS_SHORTFALL != 0;
        if (hadShortfall || state.confidenceShortfall != 0) record.confidenceShortfall = state.confidenceShortfall;
        if (before & HAS_HIGH_VOTES == 0 && !_hasHighVotes(state)) return;
        record.highValidVotes = state.validVotes & ~LOW_VOTES;
        record.highInvalidVotes = state.invalidVotes & ~LOW_VOTES;
    }

    /// @dev Forgets a vote on one side; returns whether there was one.
    function removeVote(RequestRecord storage record, bool isValid, uint8 index) internal returns (bool) {
        uint256 bit = 1 << index;
        if (bit & LOW_VOTES != 0) {
            if (!isValid) bit <<= LOW_INDICES;
            uint256 votes = record.votes;
            if (votes & bit == 0) return false;
            record.votes = votes ^ bit;
        } else if (isValid) {
            if (record.highValidVotes & bit == 0) return false;
            record.highValidVotes ^= bit;
        } else {
            if (record.highInvalidVotes & bit == 0) return false;
            record.highInvalidVotes ^= bit;
        }
        return true;
    }

    function _packHead(RequestState memory state) private pure returns (uint256) {
        return uint256(state.status) | (state.fromDeposit ? 1 << 8 : 0) | (state.feeSettled ? 1 << 16 : 0)
            | (state.confidenceShortfall == 0 ? 0 : HAS_SHORTFALL) | (_hasHighVotes(state) ? HAS_HIGH_VOTES : 0)
            | uint256(state.openedAt) << 24 | uint256(state.validWeight) << 64 | uint256(state.invalidWeight) << 160;
    }

    function _hasHighVotes(RequestState memory state) private pure returns (bool) {
        return (state.validVotes | state.invalidVotes) & ~LOW_VOTES != 0;
    }
}
