// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { RequestState } from "../interfaces/IProofOfInferenceAVS.sol";
import { Status } from "./DataTypes.sol";

/// @notice A request's state as it is stored.
struct RequestRecord {
    /// @dev status 0..7 | fromDeposit 8 | feeSettled 16 | openedAt 24..63 | validWeight 64..159 | invalidWeight 160..255.
    uint256 head;
    /// @dev Zero, as are the next three, while nobody voted.
    uint256 confidenceShortfall;
    bytes32 runningHash;
    uint256 validVotes;
    uint256 invalidVotes;
}

using RequestRecordLibrary for RequestRecord global;

library RequestRecordLibrary {
    function status(RequestRecord storage record) internal view returns (Status) {
        // forge-lint: disable-next-line(unsafe-typecast)
        return Status(uint8(record.head));
    }

    /// @dev Without votes, only the first slot is read.
    function load(RequestRecord storage record) internal view returns (RequestState memory state) {
        uint256 head = record.head;
        // forge-lint: disable-start(unsafe-typecast)
        state.status = Status(uint8(head));
        state.fromDeposit = head >> 8 & 1 != 0;
        state.feeSettled = head >> 16 & 1 != 0;
        state.openedAt = uint40(head >> 24);
        state.validWeight = uint96(head >> 64);
        state.invalidWeight = uint96(head >> 160);
        // forge-lint: disable-end(unsafe-typecast)
        if (head >> 64 == 0) return state;
        // forge-lint: disable-next-line(unsafe-typecast)
        state.confidenceShortfall = uint112(record.confidenceShortfall);
        state.runningHash = record.runningHash;
        state.validVotes = record.validVotes;
        state.invalidVotes = record.invalidVotes;
    }

    /// @dev Writes all but the votes.
    function saveHead(RequestRecord storage record, RequestState memory state) internal {
        record.head = _packHead(state);
    }

    /// @dev Writes what differs from what is stored. Slots that were never written are not read: that nobody had voted
    /// before shows in the first one.
    function save(RequestRecord storage record, RequestState memory state) internal {
        bool hadVotes = record.head >> 64 != 0;
        record.head = _packHead(state);
        _write(record, hadVotes, state);
    }

    function _write(RequestRecord storage record, bool hadVotes, RequestState memory state) private {
        if (hadVotes ? record.confidenceShortfall != state.confidenceShortfall : state.confidenceShortfall != 0) {
            record.confidenceShortfall = state.confidenceShortfall;
        }
        if (hadVotes ? record.runningHash != state.runningHash : state.runningHash != 0) {
            record.runningHash = state.runningHash;
        }
        if (hadVotes ? record.validVotes != state.validVotes : state.validVotes != 0) {
            record.validVotes = state.validVotes;
        }
        if (hadVotes ? record.invalidVotes != state.invalidVotes : state.invalidVotes != 0) {
            record.invalidVotes = state.invalidVotes;
        }
    }

    function _packHead(RequestState memory state) private pure returns (uint256) {
        return uint256(state.status) | (state.fromDeposit ? 1 << 8 : 0) | (state.feeSettled ? 1 << 16 : 0)
            | uint256(state.openedAt) << 24 | uint256(state.validWeight) << 64 | uint256(state.invalidWeight) << 160;
    }
}
