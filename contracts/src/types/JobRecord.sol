// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { JobState } from "../interfaces/IProofOfInferenceAVS.sol";
import { Status } from "./DataTypes.sol";

/// @notice A job's state as it is stored.
struct JobRecord {
    /// @dev status 0..7 | response 8..15 | decidedAt 16..55 | consentedAt 56..95 | decidedBy 96..255.
    uint256 head;
    bytes32 recordHash;
}

using JobRecordLibrary for JobRecord global;

library JobRecordLibrary {
    /// @dev All but the record hash, which only readers want.
    function load(JobRecord storage record) internal view returns (JobState memory state) {
        uint256 head = record.head;
        // forge-lint: disable-start(unsafe-typecast)
        state.status = Status(uint8(head));
        state.response = uint8(head >> 8);
        state.decidedAt = uint40(head >> 16);
        state.consentedAt = uint40(head >> 56);
        state.decidedBy = uint160(head >> 96);
        // forge-lint: disable-end(unsafe-typecast)
    }

    function saveHead(JobRecord storage record, JobState memory state) internal {
        record.head = uint256(state.status) | uint256(state.response) << 8 | uint256(state.decidedAt) << 16
            | uint256(state.consentedAt) << 56 | uint256(state.decidedBy) << 96;
    }
}
