// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { JobState } from "../interfaces/IProofOfInferenceAVS.sol";
import { Status } from "./DataTypes.sol";

/// @notice A job's state as it is stored, in one slot.
struct JobRecord {
    /// @dev status 0..6 | wasOpened 7 | response 8..15 | decidedAt 16..55 | consentedAt 56..95 | upper 160 bits of recordHash 96..255.
    uint256 slot;
}

using JobRecordLibrary for JobRecord global;

library JobRecordLibrary {
    uint256 private constant WAS_OPENED = 1 << 7;

    /// @return wasOpened Whether a request of the job was opened on chain: none of its requests has a record otherwise.
    function load(JobRecord storage record, JobState memory state) internal view returns (bool wasOpened) {
        uint256 slot = record.slot;
        // forge-lint: disable-start(unsafe-typecast)
        state.status = Status(uint8(slot & 0x7f));
        wasOpened = slot & WAS_OPENED != 0;
        state.response = uint8(slot >> 8);
        state.decidedAt = uint40(slot >> 16);
        state.consentedAt = uint40(slot >> 56);
        // forge-lint: disable-end(unsafe-typecast)
        state.recordHash = bytes32(slot >> 96 << 96);
    }

    /// @dev The lower 96 bits of the record hash are zero.
    function save(JobRecord storage record, JobState memory state, bool wasOpened) internal {
        record.slot = uint256(state.status) | (wasOpened ? WAS_OPENED : 0) | uint256(state.response) << 8
            | uint256(state.decidedAt) << 16 | uint256(state.consentedAt) << 56 | uint256(state.recordHash);
    }
}
