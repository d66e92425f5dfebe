// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Test } from "forge-std/Test.sol";

import { JobState, RequestState } from "../../src/interfaces/IProofOfInferenceAVS.sol";
import { Status } from "../../src/types/DataTypes.sol";
import { JobRecord } from "../../src/types/JobRecord.sol";
import { RequestRecord, RequestRecordLibrary } from "../../src/types/RequestRecord.sol";

contract RecordsTest is Test {
    RequestRecord private request;
    JobRecord private job;

    function loadRequest() private view returns (RequestState memory state) {
        request.load(state);
    }

    function loadJob() private view returns (JobState memory state) {
        job.load(state);
    }

    /// @dev A state as there can be: without weight there are no votes, and nothing that follows from them.
    function bounded(RequestState memory state, uint8 status) private pure returns (RequestState memory) {
        state.status = Status(status % 5);
        if (state.validWeight == 0 && state.invalidWeight == 0) {
            state.confidenceShortfall = 0;
            state.runningHash = 0;
            state.validVotes = 0;
            state.invalidVotes = 0;
        }
        return state;
    }

    function decoded(bytes32[9] memory words) private pure returns (RequestState memory state) {
        state.fromDeposit = uint256(words[0]) & 1 != 0;
        state.feeSettled = uint256(words[0]) & 2 != 0;
        state.openedAt = uint40(uint256(words[1]));
        // often none
        if (uint256(words[0]) & 4 != 0) state.validWeight = uint96(uint256(words[2]));
        if (uint256(words[0]) & 8 != 0) state.invalidWeight = uint96(uint256(words[3]));
        if (uint256(words[0]) & 16 != 0) state.confidenceShortfall = uint112(uint256(words[4]));
        state.runningHash = bytes32(bytes20(words[5]));
        uint256 indices = uint256(words[0]) & 32 != 0 ? type(uint256).max : 2 ** 48 - 1;
        state.validVotes = uint256(words[6]) & indices;
        state.invalidVotes = uint256(words[7]) & indices;
        return bounded(state, uint8(uint256(words[8])));
    }

    function testFuzz_Request_RoundTrip(bytes32[9] memory words) public {
        RequestState memory state = decoded(words);
        request.save(state);
        assertEq(abi.encode(loadRequest()), abi.encode(state));
        assertEq(uint8(request.status()), uint8(state.status));
    }

    /// @dev Whatever stood there before; weights only ever grow.
    function testFuzz_Request_Overwrite(bytes32[9] memory first, bytes32[9] memory second) public {
        RequestState memory state = decoded(first);
        request.save(state);
        RequestState memory next = decoded(second);
        if (state.validWeight != 0 || state.invalidWeight != 0) {
            if (next.validWeight == 0) next.validWeight = 1;
        }
        request.save(next);
        assertEq(abi.encode(loadRequest()), abi.encode(next));
        // nothing is left of it, either, where the head tells nobody to look
        assertEq(request.confidenceShortfall, next.confidenceShortfall);
        assertEq(request.highValidVotes, next.validVotes / 2 ** 48 * 2 ** 48);
        assertEq(request.highInvalidVotes, next.invalidVotes / 2 ** 48 * 2 ** 48);
    }

    function testFuzz_Request_Layout(bytes32[9] memory words) public {
        RequestState memory state = decoded(words);
        request.saveHead(state);
        uint256 expected = uint256(state.status) + (state.fromDeposit ? 2 ** 8 : 0) + (state.feeSettled ? 2 ** 16 : 0)
            + uint256(state.openedAt) * 2 ** 24 + uint256(state.validWeight) * 2 ** 64 + uint256(state.invalidWeight)
            * 2 ** 160;
        if (state.confidenceShortfall != 0) expected += 2 ** 9;
        if ((state.validVotes | state.invalidVotes) >> 48 != 0) expected += 2 ** 10;
        assertEq(request.head, expected);
    }

    /// @dev Of votes of low indices, one slot has them all; it is not the others' business.
    function testFuzz_Request_Votes(bytes32[9] memory words, bool hasHighVotes) public {
        RequestState memory state = decoded(words);
        state.confidenceShortfall = 0;
        if (!hasHighVotes) {
            state.validVotes &= 2 ** 48 - 1;
            state.invalidVotes &= 2 ** 48 - 1;
        }
        request.save(state);
        uint256 expected =
            uint256(state.runningHash) + state.validVotes % 2 ** 48 + state.invalidVotes % 2 ** 48 * 2 ** 48;
        assertEq(request.votes, expected);
        assertEq(request.confidenceShortfall, 0);
        assertEq(request.highValidVotes, state.validVotes / 2 ** 48 * 2 ** 48);
        assertEq(request.highInvalidVotes, state.invalidVotes / 2 ** 48 * 2 ** 48);
    }

    /// @dev The head alone, and the votes stay.
    function testFuzz_Request_SaveHead(bytes32[9] memory words, bool feeSettled, uint8 status) public {
        RequestState memory state = decoded(words);
        request.save(state);
        state.feeSettled = feeSettled;
        state.status = Status(status % 5);
        request.saveHead(state);
        assertEq(abi.encode(loadRequest()), abi.encode(state));
    }

    function testFuzz_Request_RemoveVote(bytes32[9] memory words, uint8 index, bool isValid) public {
        RequestState memory state = decoded(words);
        request.save(state);
        uint256 bit = 2 ** uint256(index);
        bool isThere = (isValid ? state.validVotes : state.invalidVotes) & bit != 0;
        assertEq(request.removeVote(isValid, index), isThere);
        if (isValid) state.validVotes &= ~bit;
        else state.invalidVotes &= ~bit;
        assertEq(abi.encode(loadRequest()), abi.encode(state));
        assertFalse(request.removeVote(isValid, index));
    }

    function testFuzz_Request_Clear(bytes32[9] memory words) public pure {
        RequestState memory state = decoded(words);
        RequestRecordLibrary.clear(state);
        RequestState memory empty;
        assertEq(abi.encode(state), abi.encode(empty));
    }

    function test_Request_Empty() public view {
        RequestState memory empty;
        assertEq(abi.encode(loadRequest()), abi.encode(empty));
    }

    function decoded(bytes32[4] memory words, uint8 status) private pure returns (JobState memory state) {
        state.status = Status(status % 5);
        state.response = uint8(uint256(words[0]));
        state.decidedAt = uint40(uint256(words[1]));
        state.consentedAt = uint40(uint256(words[2]));
        state.recordHash = bytes32(bytes20(words[3]));
    }

    function testFuzz_Job_RoundTrip(bytes32[4] memory words, uint8 status) public {
        JobState memory state = decoded(words, status);
        job.save(state, status % 2 == 1);
        assertEq(abi.encode(loadJob()), abi.encode(state));
        assertEq(job.load(state), status % 2 == 1);
    }

    function testFuzz_Job_Layout(bytes32[4] memory words, uint8 status) public {
        JobState memory state = decoded(words, status);
        job.save(state, status % 2 == 1);
        uint256 expected = uint256(state.status) + (status % 2 == 1 ? 2 ** 7 : 0) + uint256(state.response) * 2 ** 8
            + uint256(state.decidedAt) * 2 ** 16 + uint256(state.consentedAt) * 2 ** 56
            + uint256(uint160(bytes20(state.recordHash))) * 2 ** 96;
        assertEq(job.slot, expected);
    }

    function test_Job_Empty() public view {
        JobState memory empty;
        assertEq(abi.encode(loadJob()), abi.encode(empty));
    }
}
