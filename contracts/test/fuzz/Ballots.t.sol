// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Vm } from "forge-std/Vm.sol";

import { IProofOfInferenceAVS, RequestState } from "../../src/interfaces/IProofOfInferenceAVS.sol";
import { Attestation, Ballot, Certificate, Job, Request, Status, Vote } from "../../src/types/DataTypes.sol";
import { AVSTest } from "../utils/AVSTest.sol";

/// @notice Random votes come to the same, however they travel: one by one, in ballots, or in a certificate.
contract BallotsTest is AVSTest {
    uint256 private constant OPERATORS = 6;
    uint32 private constant WINDOW = 10 minutes;

    Job private job;
    Request private request;

    /// @dev A vote, the salt that comes with it, and what becomes of it alone: empty when it counts.
    struct Cast {
        Attestation attestation;
        Vote vote;
        bytes32 operatorSalt;
        bytes problem;
    }

    Cast[] private casts;

    function setUp() public override {
        super.setUp();
        addOperator("operator 4", 9, 1);
        addOperator("operator 5", 10, 1);
    }

    /// forge-config: default.fuzz.runs = 300
    function testFuzz_Ballots_AsVoteByVote(uint256 seed, bool hasWindow) public {
        prepare(seed, hasWindow ? WINDOW : 0);
        openFromDeposit(request, job);
        castAll(seed, hasWindow);

        uint256 snapshot = vm.snapshotState();
        Vm.Log[] memory expectedLogs = voteByVote();
        RequestState memory expected = avs.getRequestState(requestIdOf(request));
        bytes memory expectedLeft = whatIsLeft(true);
        Cast[] memory results = casts;
        vm.revertToState(snapshot);

        vm.recordLogs();
        sendInBallots(seed);
        assertLogs(vm.getRecordedLogs(), expectedLogs, results);
        RequestState memory state = avs.getRequestState(requestIdOf(request));
        if (state.status == Status.Open) {
            assertEq(abi.encode(state), abi.encode(expected), "open");
        } else {
            // the deciding call pays its votes, and remembers none
            assertEq(state.validVotes & ~expected.validVotes, 0, "valid votes");
            assertEq(state.invalidVotes & ~expected.invalidVotes, 0, "invalid votes");
            (state.validVotes, state.invalidVotes) = (expected.validVotes, expected.invalidVotes);
            assertEq(abi.encode(state), abi.encode(expected), "final");
        }
        assertEq(whatIsLeft(true), expectedLeft, "left");
    }

    /// forge-config: default.fuzz.runs = 300
    function testFuzz_Certificate_AsVoteByVote(uint256 seed) public {
        prepare(seed, 0);
        castAll(seed, false);
        Certificate[] memory certificates = new Certificate[](1);
        certificates[0] = certificateOf(request, job, new Vote[](casts.length));
        for (uint256 i; i < casts.length; ++i) {
            certificates[0].votes[i] = casts[i].vote;
        }

        uint256 snapshot = vm.snapshotState();
        openFromDeposit(request, job);
        voteByVote();
        Status expected = avs.getRequestState(requestIdOf(request)).status;
        bytes memory expectedLeft = whatIsLeft(true);
        vm.revertToState(snapshot);

        depositFor(requester, NATIVE, uint256(request.reward) + request.verificationFee);
        bytes memory before = whatIsLeft(false);
        Status status = avs.settleCertificates(certificates)[0];
        RequestState memory none;
        assertEq(abi.encode(avs.getRequestState(requestIdOf(request))), abi.encode(none), "request");
        if (expected == Status.Open) {
            assertEq(status, Status.None);
            assertEq(whatIsLeft(false), before, "untouched");
        } else {
            assertEq(status, expected);
            assertEq(whatIsLeft(false), expectedLeft, "left");
        }
    }

    // -- what is voted on

    function prepare(uint256 seed, uint32 commitWindow) private {
        for (uint256 i; i < OPERATORS; ++i) {
            operators[i].weight = uint96(roll(seed, "weight", i) % 6 == 0 ? 0 : 1 + roll(seed, "weight", i) % 100);
            setVoter(i, REFERENCE, roll(seed, "stale", i) % 12 != 0);
        }
        job = roll(seed, "agent", 0) % 2 == 0 ? plainJob() : agentJob();
        job.quorumBps = uint16(5_001 + roll(seed, "quorum", 0) % 2_000);
        job.minAttestations = uint16(1 + roll(seed, "attestations", 0) % 3);
        request = requestFor(job);
        request.reward = uint128(roll(seed, "reward", 0) % 1 ether);
        request.verificationFee = uint128(MINIMUM_FEE + roll(seed, "fee", 0) % 1 ether);
        request.commitWindow = commitWindow;
    }

    /// @dev Up to ten votes, most of them right and most of them for one side; some of operators who voted before.
    function castAll(uint256 seed, bool hasWindow) private {
        delete casts;
        uint256 count = 1 + roll(seed, "count", 0) % 10;
        for (uint256 i; i < count; ++i) {
            uint256 operator = i < OPERATORS ? i : roll(seed, "operator", i) % OPERATORS;
            bool side = roll(seed, "side", 0) % 2 == 0;
            Attestation memory attestation =
                attestationOf(request, operator, roll(seed, "dissent", i) % 5 == 0 ? !side : side);
            attestation.confidence =
                uint16(roll(seed, "sure", i) % 3 == 0 ? roll(seed, "confidence", i) % 10_100 : VALID_CONFIDENCE);
            if (hasWindow) commitTo(attestation, operator, roll(seed, "commitment", i));
            Cast storage cast = casts.push();
            cast.operatorSalt = hasWindow ? saltOf(roll(seed, "salt", i) % 8 == 0 ? 99 : operator) : bytes32(0);
            uint256 signer = roll(seed, "signer", i) % 10 == 0 ? (operator + 1) % OPERATORS : operator;
            if (roll(seed, "stranger", i) % 15 == 0) attestation.operator = stranger;
            cast.attestation = attestation;
            cast.vote = voteOf(attestation, signer);
        }
        if (hasWindow) vm.warp(START + WINDOW + roll(seed, "early", 0) % 10);
    }

    function commitTo(Attestation memory attestation, uint256 operator, uint256 seed) private {
        if (seed % 8 == 0 || avs.getCommitment(attestation.requestId, attestation.operator) != 0) return;
        vm.prank(operators[operator].account);
        try avs.commitVerification(
            request, attestation.operator, keccak256(abi.encode(digestOf(attestation), saltOf(operator)))
        ) { }
            catch { }
    }

    function roll(uint256 seed, string memory label, uint256 i) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, label, i)));
    }

    // -- how the votes travel

    /// @dev Keeps what each vote comes to, and the events of those that count.
    function voteByVote() private returns (Vm.Log[] memory) {
        vm.recordLogs();
        for (uint256 i; i < casts.length; ++i) {
            Cast storage cast = casts[i];
            bytes memory signature = abi.encodePacked(
                cast.vote.r, uint256(cast.vote.vs) & type(uint256).max >> 1, uint8(27 + (uint256(cast.vote.vs) >> 255))
            );
            try avs.submitVerification(request, job, cast.attestation, signature, cast.operatorSalt) { }
            catch (bytes memory reason) {
                cast.problem = reason;
            }
        }
        return vm.getRecordedLogs();
    }

    /// @dev All in one call, split at random into ballots.
    function sendInBallots(uint256 seed) private {
        Ballot[] memory ballots = new Ballot[](casts.length);
        uint256 count;
        for (uint256 from; from < casts.length; ++count) {
            uint256 length = 1 + roll(seed, "length", count) % (casts.length - from);
            ballots[count] = ballotOf(from, length);
            from += length;
        }
        Ballot[] memory sent = new Ballot[](count);
        for (uint256 i; i < count; ++i) {
            sent[i] = ballots[i];
        }
        Status[] memory statuses = avs.submitVerifications(sent);
        assertStatus(request, statuses[count - 1]);
    }

    function ballotOf(uint256 from, uint256 length) private view returns (Ballot memory ballot) {
        ballot.request = request;
        ballot.job = job;
        ballot.votes = new Vote[](length);
        if (request.commitWindow != 0) ballot.operatorSalts = new bytes32[](length);
        for (uint256 i; i < length; ++i) {
            ballot.votes[i] = casts[from + i].vote;
            if (request.commitWindow != 0) ballot.operatorSalts[i] = casts[from + i].operatorSalt;
        }
    }

    // -- what they come to

    /// @dev In a ballot, that a vote is skipped is said too, unless the request was final before its ballot; and what
    /// decides comes after the ballot's last vote.
    function assertLogs(Vm.Log[] memory logs, Vm.Log[] memory expected, Cast[] memory results) private view {
        uint256 next;
        uint256 skipped;
        uint256 ends;
        for (uint256 i; i < logs.length; ++i) {
            bytes32 topic = logs[i].topics[0];
            if (topic == IProofOfInferenceAVS.VerificationSubmitted.selector) {
                while (next < expected.length && expected[next].topics[0] != topic) ++next;
                assertLt(next, expected.length, "counted more");
                assertEq(abi.encode(logs[i]), abi.encode(expected[next++]), "counted");
            } else if (topic == IProofOfInferenceAVS.VerificationSkipped.selector) {
                while (results[skipped].problem.length == 0) ++skipped;
                assertEq(logs[i].topics[1], requestIdOf(request));
                assertEq(logs[i].topics[2], bytes32(uint256(uint160(results[skipped].vote.operator))));
                assertEq(logs[i].data, abi.encode(results[skipped++].problem), "skipped");
            } else if (topic != IProofOfInferenceAVS.RequestSkipped.selector) {
                assertTrue(contains(expected, logs[i]), "event");
                ++ends;
            }
        }
        for (uint256 i; i < expected.length; ++i) {
            if (expected[i].topics[0] != IProofOfInferenceAVS.VerificationSubmitted.selector) --ends;
            else assertLt(i, next, "not counted");
        }
        assertEq(ends, 0, "decision");
    }

    function contains(Vm.Log[] memory logs, Vm.Log memory log) private pure returns (bool) {
        for (uint256 i; i < logs.length; ++i) {
            if (keccak256(abi.encode(logs[i])) == keccak256(abi.encode(log))) return true;
        }
        return false;
    }

    /// @dev The job, all balances, the statistics, and what is left of commitments.
    /// @param collected Once everybody has claimed, and what nobody earned is released.
    function whatIsLeft(bool collected) private returns (bytes memory left) {
        Status status = avs.getRequestState(requestIdOf(request)).status;
        uint256 snapshot = vm.snapshotState();
        if (collected && (status == Status.Verified || status == Status.Rejected)) {
            for (uint256 i; i < OPERATORS; ++i) {
                claim(i, request);
            }
            vm.warp(DEADLINE + 1);
            avs.releaseUnearnedFee(request);
        }
        (uint64 totalJobs, uint64 verifiedJobs) = avs.getAgentRecord(AGENT_ID);
        left = abi.encode(
            avs.getJobState(request.jobId),
            registry.getModelInfo(modelId),
            totalJobs,
            verifiedJobs,
            avs.getDeposit(NATIVE, requester),
            avs.getEarnings(NATIVE, requester),
            avs.getEarnings(NATIVE, payee),
            avs.getEarnings(NATIVE, stranger)
        );
        for (uint256 i; i < OPERATORS; ++i) {
            address operator = operators[i].account;
            left = abi.encode(
                left, avs.getEarnings(NATIVE, operator), avs.getCommitment(requestIdOf(request), operator)
            );
        }
        vm.revertToState(snapshot);
    }
}
