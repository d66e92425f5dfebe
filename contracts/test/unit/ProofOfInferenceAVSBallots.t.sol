// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Vm } from "forge-std/Vm.sol";

import { IProofOfInferenceAVS, JobState, RequestState } from "../../src/interfaces/IProofOfInferenceAVS.sol";
import { Attestation, Ballot, Job, Request, Status, Vote } from "../../src/types/DataTypes.sol";
import { AVSTest } from "../utils/AVSTest.sol";

contract ProofOfInferenceAVSBallotsTest is AVSTest {
    uint32 private constant WINDOW = 10 minutes;

    Job private job;
    Request private request;
    /// @dev Of the same job, with a commit window and a later deadline.
    Request private windowed;

    function setUp() public override {
        super.setUp();
        job = plainJob();
        request = requestFor(job);
        windowed = requestFor(job);
        windowed.commitWindow = WINDOW;
        windowed.deadline = DEADLINE + 1 hours;
        open(request, job);
        open(windowed, job);
    }

    // -- helpers

    function ballotOf(Request memory of_, Vote[] memory votes) private view returns (Ballot memory ballot) {
        ballot.request = of_;
        ballot.job = job;
        ballot.votes = votes;
    }

    function send(Ballot memory ballot) private returns (Status) {
        Ballot[] memory ballots = new Ballot[](1);
        ballots[0] = ballot;
        return avs.submitVerifications(ballots)[0];
    }

    function send(Vote[] memory votes) private returns (Status) {
        return send(ballotOf(request, votes));
    }

    function one(Vote memory only) private pure returns (Vote[] memory votes) {
        votes = new Vote[](1);
        votes[0] = only;
    }

    /// @dev Another open request of a job of its own.
    function openAnother(uint256 n) private returns (Ballot memory ballot) {
        ballot.job = job;
        ballot.job.salt = bytes32(n);
        ballot.request = requestFor(ballot.job);
        open(ballot.request, ballot.job);
    }

    function notOpen(Request memory of_, Status status) private view returns (bytes memory) {
        return abi.encodeWithSelector(IProofOfInferenceAVS.RequestNotOpen.selector, requestIdOf(of_), status);
    }

    function expectVoteSkipped(Request memory of_, address operator, bytes memory reason) private {
        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.VerificationSkipped(requestIdOf(of_), operator, reason);
    }

    function expectBallotSkipped(Ballot memory ballot, bytes memory reason, Status status) private {
        vm.recordLogs();
        assertEq(send(ballot), status);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertEq(logs[0].topics[0], IProofOfInferenceAVS.RequestSkipped.selector);
        assertEq(logs[0].topics[1], requestIdOf(ballot.request));
        assertEq(logs[0].data, abi.encode(reason));
    }

    /// @dev The single vote reverts with the reason, and so is the ballot skipped.
    function expectBallotSkippedLikeVote(Ballot memory ballot, bytes memory reason, Status status) private {
        Attestation memory attestation = attestationOf(ballot.request, 0, true);
        bytes memory signature = signAttestation(attestation, 0);
        vm.expectRevert(reason);
        avs.submitVerification(ballot.request, ballot.job, attestation, signature, 0);
        ballot.votes = votesOf(ballot.request, 2, true);
        expectBallotSkipped(ballot, reason, status);
    }

    /// @dev The vote alone reverts with the reason. In a ballot of `request` it is skipped, and operator 3's counts.
    function expectSkipped(Vote memory bad, bytes memory reason) private {
        Attestation memory attestation =
            Attestation(requestIdOf(request), bad.operator, bad.isValid, bad.confidence, METHOD, bad.evidenceDigest);
        bytes memory signature =
            abi.encodePacked(bad.r, uint256(bad.vs) & type(uint256).max >> 1, uint8(27 + (uint256(bad.vs) >> 255)));
        vm.expectRevert(reason);
        avs.submitVerification(request, job, attestation, signature, 0);

        uint256 snapshot = vm.snapshotState();
        RequestState memory before = avs.getRequestState(requestIdOf(request));
        Vote[] memory votes = new Vote[](2);
        votes[0] = bad;
        votes[1] = voteOf(request, 3, true);
        expectVoteSkipped(request, bad.operator, reason);
        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.VerificationSubmitted(
            requestIdOf(request),
            operators[3].account,
            verdictOf(true, VALID_CONFIDENCE, 10, true),
            votes[1].evidenceDigest,
            votes[1].r,
            votes[1].vs
        );
        assertEq(send(votes), Status.Open);
        RequestState memory state = avs.getRequestState(requestIdOf(request));
        assertEq(state.validWeight, before.validWeight + 10);
        assertEq(state.invalidWeight, before.invalidWeight);
        assertEq(state.validVotes, before.validVotes | 1 << 255);
        assertEq(state.invalidVotes, before.invalidVotes);
        assertEq(state.runningHash, extended(before.runningHash, digestOf(attestationOf(request, 3, true))));
        vm.revertToState(snapshot);
    }

    function assertSameLogs(Vm.Log[] memory actual, Vm.Log[] memory expected) private pure {
        assertEq(actual.length, expected.length, "events");
        for (uint256 i; i < actual.length; ++i) {
            assertEq(abi.encode(actual[i]), abi.encode(expected[i]), "event");
        }
    }

    function assertState(Request memory of_, RequestState memory expected) private view {
        assertEq(abi.encode(avs.getRequestState(requestIdOf(of_))), abi.encode(expected));
    }

    function assertNoBits(Request memory of_) private view {
        RequestState memory state = avs.getRequestState(requestIdOf(of_));
        assertEq(state.validVotes, 0);
        assertEq(state.invalidVotes, 0);
    }

    function assertNothingToClaim(Request memory of_) private {
        for (uint256 i; i < operators.length; ++i) {
            assertEq(claim(i, of_), 0);
        }
    }

    /// @dev Has all four commit, and waits for the window to end.
    function commitAll(bool[4] memory verdicts) private {
        for (uint256 i; i < 4; ++i) {
            commit(windowed, i, verdicts[i]);
        }
        vm.warp(START + WINDOW + 1);
    }

    function windowedBallot(bool[4] memory verdicts) private view returns (Ballot memory ballot) {
        ballot = ballotOf(windowed, new Vote[](4));
        for (uint256 i; i < 4; ++i) {
            ballot.votes[i] = voteOf(windowed, i, verdicts[i]);
        }
        ballot.operatorSalts = saltsOf(4);
    }

    // -- empty ones

    function test_NoBallots() public {
        vm.recordLogs();
        assertEq(avs.submitVerifications(new Ballot[](0)).length, 0);
        assertEq(vm.getRecordedLogs().length, 0);
    }

    function test_NoVotes() public {
        vote(request, job, 0, true);
        RequestState memory before = avs.getRequestState(requestIdOf(request));
        vm.recordLogs();
        assertEq(send(new Vote[](0)), Status.Open);
        assertEq(send(ballotOf(windowed, new Vote[](0))), Status.Open);
        assertEq(vm.getRecordedLogs().length, 0);
        assertState(request, before);
    }

    // -- ballots that do not count

    function test_Skips_AnotherJob() public {
        Ballot memory ballot = ballotOf(request, new Vote[](0));
        ballot.job.quorumBps = 5_001;
        expectBallotSkippedLikeVote(
            ballot,
            abi.encodeWithSelector(IProofOfInferenceAVS.JobMismatch.selector, request.jobId, jobIdOf(ballot.job)),
            Status.Open
        );
    }

    function test_Skips_NeverOpened() public {
        request.nonce = 1;
        expectBallotSkippedLikeVote(ballotOf(request, new Vote[](0)), notOpen(request, Status.None), Status.None);
    }

    function test_Skips_Final() public {
        decide(request, job, false);
        bytes memory reason = notOpen(request, Status.Rejected);
        expectBallotSkippedLikeVote(ballotOf(request, new Vote[](0)), reason, Status.Rejected);
        // it need not even have votes
        expectBallotSkipped(ballotOf(request, new Vote[](0)), reason, Status.Rejected);
    }

    function test_Skips_DeadlinePassed() public {
        vm.warp(DEADLINE + 1);
        bytes memory reason = abi.encodeWithSelector(
            IProofOfInferenceAVS.RequestDeadlinePassed.selector, requestIdOf(request), DEADLINE
        );
        expectBallotSkippedLikeVote(ballotOf(request, new Vote[](0)), reason, Status.Open);
        avs.settleRequest(request, job);
        expectBallotSkippedLikeVote(ballotOf(request, new Vote[](0)), reason, Status.Expired);
    }

    function test_AtDeadline() public {
        vm.warp(DEADLINE);
        assertEq(send(votesOf(request, 2, true)), Status.Verified);
    }

    function test_Skips_Salts() public {
        Ballot memory ballot = ballotOf(request, votesOf(request, 2, true));
        ballot.operatorSalts = saltsOf(2);
        expectBallotSkipped(
            ballot, abi.encodeWithSelector(IProofOfInferenceAVS.OperatorSaltsMismatch.selector, 2, 2), Status.Open
        );
        commitAll([true, true, true, true]);
        ballot = windowedBallot([true, true, true, true]);
        for (uint256 n; n < 6; ++n) {
            if (n == 4) continue;
            ballot.operatorSalts = saltsOf(n);
            expectBallotSkipped(
                ballot, abi.encodeWithSelector(IProofOfInferenceAVS.OperatorSaltsMismatch.selector, 4, n), Status.Open
            );
        }
        ballot.operatorSalts = saltsOf(4);
        assertEq(send(ballot), Status.Verified);
    }

    function test_SkipsOneInTheMiddle() public {
        Ballot[] memory ballots = new Ballot[](3);
        for (uint256 i; i < 3; ++i) {
            ballots[i] = openAnother(i);
            ballots[i].votes = votesOf(ballots[i].request, 2, i == 0);
        }
        ballots[1].job.salt = "another";
        bytes memory reason = abi.encodeWithSelector(
            IProofOfInferenceAVS.JobMismatch.selector, ballots[1].request.jobId, jobIdOf(ballots[1].job)
        );
        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.RequestSkipped(requestIdOf(ballots[1].request), reason);
        vm.prank(stranger);
        Status[] memory statuses = avs.submitVerifications(ballots);
        assertEq(statuses.length, 3);
        assertEq(statuses[0], Status.Verified);
        assertEq(statuses[1], Status.Open);
        assertEq(statuses[2], Status.Rejected);
        assertStatus(ballots[0].request, Status.Verified);
        assertStatus(ballots[1].request, Status.Open);
        assertStatus(ballots[2].request, Status.Rejected);
        assertEarnings(NATIVE, operators[0].account, 2 * (FEE * 40 / 100));
        assertEarnings(NATIVE, payee, REWARD);
    }

    // -- jobs that another request decided

    function test_AnotherRequestDecided() public {
        vote(request, job, 3, true);
        Request memory another = request;
        another.nonce = 1;
        open(another, job);
        decide(another, job, true);
        bytes32 runningHash = avs.getRequestState(requestIdOf(request)).runningHash;

        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.RequestFinalized(
            requestIdOf(request), request.jobId, Status.Verified, 99, runningHash, false
        );
        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.RequestSkipped(requestIdOf(request), notOpen(request, Status.Verified));
        assertEq(send(votesOf(request, 2, true)), Status.Verified);
        assertStatus(request, Status.Verified);
        assertEarnings(NATIVE, payee, 2 * REWARD);
        assertEq(claim(3, request), FEE * 10 / 100);
        assertEq(claim(0, request), 0);
    }

    function test_AnotherRequestDecided_WithCommitWindow() public {
        commitAll([true, true, false, true]);
        decide(request, job, true);
        uint256 before = avs.getEarnings(NATIVE, operators[0].account);
        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.RequestFinalized(requestIdOf(windowed), windowed.jobId, Status.Verified, 99, 0, false);
        assertEq(send(windowedBallot([true, true, false, true])), Status.Verified);

        RequestState memory state = avs.getRequestState(requestIdOf(windowed));
        assertEq(state.runningHash, 0);
        assertEq(state.validWeight, 80);
        assertEq(state.invalidWeight, 20);
        assertEq(state.validVotes, 1 | 1 << 7 | 1 << 255);
        assertEq(state.invalidVotes, 1 << 128);
        // not the call's decision, so nothing was paid at once
        assertEarnings(NATIVE, operators[0].account, before);
        assertEq(claim(0, windowed), FEE * 40 / 100);
        assertEq(claim(0, windowed), 0);
        assertEq(claim(2, windowed), 0);
        vm.warp(windowed.deadline + 1);
        assertEq(avs.releaseUnearnedFee(windowed), FEE * 20 / 100);
    }

    function test_TwoRequestsOfAJob() public {
        Request memory second = request;
        second.nonce = 1;
        second.reward = 5;
        open(second, job);
        Ballot[] memory ballots = new Ballot[](2);
        ballots[0] = ballotOf(request, votesOf(request, 2, true));
        ballots[1] = ballotOf(second, votesOf(second, 2, false));
        bytes memory reason = notOpen(second, Status.Verified);
        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.RequestFinalized(requestIdOf(second), second.jobId, Status.Verified, 99, 0, false);
        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.RequestSkipped(requestIdOf(second), reason);
        Status[] memory statuses = avs.submitVerifications(ballots);
        assertEq(statuses[0], Status.Verified);
        assertEq(statuses[1], Status.Verified);
        assertEarnings(NATIVE, payee, REWARD + 5);
        assertEarnings(NATIVE, requester, FEE * 30 / 100 + FEE);
        assertNothingToClaim(second);
    }

    // -- votes that do not count

    function test_SkipsVote_Confidence() public {
        Attestation memory attestation = attestationOf(request, 0, true);
        attestation.confidence = VALID_CONFIDENCE + 1;
        expectSkipped(
            voteOf(attestation, 0),
            abi.encodeWithSelector(
                IProofOfInferenceAVS.ConfidenceOutOfRange.selector, VALID_CONFIDENCE + 1, VALID_CONFIDENCE
            )
        );
        attestation.isValid = false;
        attestation.confidence = 10_001;
        expectSkipped(
            voteOf(attestation, 0),
            abi.encodeWithSelector(IProofOfInferenceAVS.ConfidenceOutOfRange.selector, 10_001, 10_000)
        );
    }

    function test_SkipsVote_OperatorCannotVote() public {
        Attestation memory attestation = attestationOf(request, 0, true);
        attestation.operator = stranger;
        expectSkipped(
            voteOf(attestation, 0),
            abi.encodeWithSelector(IProofOfInferenceAVS.OperatorCannotVote.selector, stranger, REFERENCE)
        );
        bytes memory reason =
            abi.encodeWithSelector(IProofOfInferenceAVS.OperatorCannotVote.selector, operators[0].account, REFERENCE);
        setVoter(0, REFERENCE, false);
        expectSkipped(voteOf(request, 0, true), reason);
        operators[0].weight = 0;
        setVoter(0, REFERENCE, true);
        expectSkipped(voteOf(request, 0, true), reason);
    }

    /// @dev A signature that does not fit operator 0's vote recovers to some account, or to nobody.
    function expectInvalidSigner(bytes32 r, bytes32 vs, address recovered) private {
        Vote memory bad = voteOf(request, 0, true);
        (bad.r, bad.vs) = (r, vs);
        expectSkipped(
            bad, abi.encodeWithSelector(IProofOfInferenceAVS.InvalidSigner.selector, recovered, operators[0].signer)
        );
    }

    function expectForeign(bytes32 digest) private {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(operators[0].key, digest);
        address recovered = ecrecover(digestOf(attestationOf(request, 0, true)), v, r, s);
        assertNotEq(recovered, operators[0].signer);
        expectInvalidSigner(r, s | bytes32(uint256(v - 27) << 255), recovered);
    }

    function test_SkipsVote_ForeignSignature() public {
        bytes32 structHash = keccak256(abi.encode(ATTESTATION_TYPEHASH, attestationOf(request, 0, true)));
        bytes32 chain = domainSeparator(block.chainid + 1, address(avs));
        bytes32 verifier = domainSeparator(block.chainid, address(registry));
        expectForeign(keccak256(abi.encodePacked("\x19\x01", chain, structHash)));
        expectForeign(keccak256(abi.encodePacked("\x19\x01", verifier, structHash)));
        expectForeign(digestOf(attestationOf(windowed, 0, true)));
        expectForeign(digestOf(attestationOf(request, 1, true)));
        expectForeign(digestOf(attestationOf(request, 0, false)));
        Attestation memory attestation = attestationOf(request, 0, true);
        attestation.method = keccak256("another method");
        expectForeign(digestOf(attestation));
        (bytes32 r, bytes32 vs) = compact(signAttestation(attestationOf(request, 0, true), 1));
        expectInvalidSigner(r, vs, operators[1].signer);
    }

    function test_SkipsVote_MalleatedSignature() public {
        bytes32 digest = digestOf(attestationOf(request, 0, true));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(operators[0].key, digest);
        // the other parity
        bytes32 flipped = s | bytes32(uint256(28 - v) << 255);
        expectInvalidSigner(r, flipped, ecrecover(digest, v == 27 ? 28 : 27, r, s));
        // the other s: its top bit is where the parity is
        uint256 high = SECP256K1_ORDER - uint256(s);
        bytes32 low = bytes32(high & type(uint256).max >> 1);
        expectInvalidSigner(r, bytes32(high), ecrecover(digest, uint8(27 + (high >> 255)), r, low));
        // the largest that fits beside the parity is high, too
        expectInvalidSigner(r, bytes32(type(uint256).max >> 1), address(0));
        expectInvalidSigner(r, bytes32(type(uint256).max), address(0));
        expectInvalidSigner(0, 0, address(0));
        expectInvalidSigner(r, 0, address(0));
    }

    function test_SkipsVote_VotedBefore() public {
        vote(request, job, 0, true);
        bytes memory reason = abi.encodeWithSelector(
            IProofOfInferenceAVS.AlreadyVoted.selector, requestIdOf(request), operators[0].account
        );
        expectSkipped(voteOf(request, 0, true), reason);
        expectSkipped(voteOf(request, 0, false), reason);
    }

    function test_SkipsVote_VotedInTheBallot() public {
        Vote[] memory votes = new Vote[](5);
        votes[0] = voteOf(request, 3, true);
        votes[1] = voteOf(request, 3, true);
        votes[2] = voteOf(request, 3, false);
        votes[3] = voteOf(request, 2, false);
        votes[4] = voteOf(request, 2, true);
        for (uint256 i; i < 3; ++i) {
            address operator = operators[i == 2 ? 2 : 3].account;
            expectVoteSkipped(
                request,
                operator,
                abi.encodeWithSelector(IProofOfInferenceAVS.AlreadyVoted.selector, requestIdOf(request), operator)
            );
        }
        assertEq(send(votes), Status.Open);
        RequestState memory state = avs.getRequestState(requestIdOf(request));
        assertEq(state.validWeight, 10);
        assertEq(state.invalidWeight, 20);
    }

    /// @dev Repetition makes no quorum.
    function test_SkipsVote_Repeated() public {
        Vote[] memory votes = new Vote[](8);
        for (uint256 i; i < votes.length; ++i) {
            votes[i] = voteOf(request, 0, true);
        }
        assertEq(send(votes), Status.Open);
        assertEq(avs.getRequestState(requestIdOf(request)).validWeight, 40);
    }

    function test_SkipsVote_Commitment() public {
        commit(windowed, 0, true);
        commit(windowed, 1, true);
        commit(windowed, 3, true);
        vm.warp(START + WINDOW + 1);
        Ballot memory ballot = windowedBallot([false, true, true, true]);
        // 0 has another verdict, 1 another salt, 2 did not commit
        ballot.operatorSalts[1] = saltOf(0);
        for (uint256 i; i < 3; ++i) {
            bytes memory reason = abi.encodeWithSelector(
                IProofOfInferenceAVS.CommitmentMismatch.selector, requestIdOf(windowed), operators[i].account
            );
            expectVoteSkipped(windowed, operators[i].account, reason);
        }
        assertEq(send(ballot), Status.Open);
        assertEq(avs.getRequestState(requestIdOf(windowed)).validWeight, 10);
        assertEq(avs.getCommitment(requestIdOf(windowed), operators[3].account), 0);

        // what was skipped may come again, what was taken may not
        assertNotEq(avs.getCommitment(requestIdOf(windowed), operators[0].account), 0);
        ballot = windowedBallot([true, true, true, true]);
        bytes memory again = abi.encodeWithSelector(
            IProofOfInferenceAVS.CommitmentMismatch.selector, requestIdOf(windowed), operators[3].account
        );
        expectVoteSkipped(windowed, operators[3].account, again);
        assertEq(send(ballot), Status.Verified);
        assertEq(avs.getRequestState(requestIdOf(windowed)).validWeight, 80);
    }

    /// @dev A commitment is only used up by a vote that counts.
    function test_SkipsVote_KeepsCommitment() public {
        commitAll([true, true, true, true]);
        Ballot memory ballot = windowedBallot([true, true, true, true]);
        ballot.votes[0].vs ^= bytes32(uint256(1 << 255));
        assertEq(send(ballot), Status.Open);
        assertNotEq(avs.getCommitment(requestIdOf(windowed), operators[0].account), 0);
        assertEq(reveal(windowed, job, 0, true), Status.Verified);
    }

    function test_SkipsVote_CommitWindowOpen() public {
        for (uint256 i; i < 4; ++i) {
            commit(windowed, i, true);
        }
        vm.warp(START + WINDOW);
        bytes memory reason =
            abi.encodeWithSelector(IProofOfInferenceAVS.CommitWindowOpen.selector, uint256(START) + WINDOW);
        for (uint256 i; i < 4; ++i) {
            expectVoteSkipped(windowed, operators[i].account, reason);
        }
        assertEq(send(windowedBallot([true, true, true, true])), Status.Open);
        assertEq(avs.getRequestState(requestIdOf(windowed)).validWeight, 0);
        vm.warp(START + WINDOW + 1);
        assertEq(send(windowedBallot([true, true, true, true])), Status.Verified);
    }

    // -- undecided

    function test_Undecided_LikeVoteByVote() public {
        Attestation memory unsure = attestationOf(request, 3, true);
        unsure.confidence = 8_123;
        uint256 snapshot = vm.snapshotState();
        vm.recordLogs();
        vote(request, job, 0, true);
        vote(request, job, 2, false);
        submit(request, job, unsure, 3);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        RequestState memory expected = avs.getRequestState(requestIdOf(request));
        vm.revertToState(snapshot);

        Vote[] memory votes = new Vote[](3);
        votes[0] = voteOf(request, 0, true);
        votes[1] = voteOf(request, 2, false);
        votes[2] = voteOf(unsure, 3);
        vm.recordLogs();
        assertEq(send(votes), Status.Open);
        assertSameLogs(vm.getRecordedLogs(), logs);
        assertState(request, expected);
        assertEq(expected.validWeight, 50);
    }

    // -- decided

    function test_Decides_LikeVoteByVote() public {
        Ballot memory ballot;
        ballot.job = agentJob();
        ballot.request = requestFor(ballot.job);
        open(ballot.request, ballot.job);
        ballot.votes = new Vote[](3);
        ballot.votes[0] = voteOf(ballot.request, 2, false);
        ballot.votes[1] = voteOf(ballot.request, 0, true);
        ballot.votes[2] = voteOf(ballot.request, 1, true);

        uint256 snapshot = vm.snapshotState();
        vm.recordLogs();
        vote(ballot.request, ballot.job, 2, false);
        decide(ballot.request, ballot.job, true);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        // three votes, the registry's OutcomeRecorded, RequestFinalized
        assertEq(logs.length, 5);
        JobState memory jobState = avs.getJobState(ballot.request.jobId);
        RequestState memory expected = avs.getRequestState(requestIdOf(ballot.request));
        vm.revertToState(snapshot);

        vm.recordLogs();
        assertEq(send(ballot), Status.Verified);
        assertSameLogs(vm.getRecordedLogs(), logs);
        assertEq(abi.encode(avs.getJobState(ballot.request.jobId)), abi.encode(jobState));
        (uint64 totalJobs, uint64 verifiedJobs) = avs.getAgentRecord(AGENT_ID);
        assertEq(totalJobs, 1);
        assertEq(verifiedJobs, 1);
        // paid, so no votes are left
        (expected.validVotes, expected.invalidVotes) = (0, 0);
        assertState(ballot.request, expected);
        assertEarnings(NATIVE, operators[0].account, FEE * 40 / 100);
        assertEarnings(NATIVE, operators[1].account, FEE * 30 / 100);
        assertEarnings(NATIVE, operators[2].account, 0);
        assertEarnings(NATIVE, requester, FEE * 30 / 100);
        assertEarnings(NATIVE, payee, REWARD);
        assertNothingToClaim(ballot.request);
    }

    function test_Rejects() public {
        bytes32 runningHash = extended(
            extended(0, digestOf(attestationOf(request, 0, false))), digestOf(attestationOf(request, 1, false))
        );
        assertEq(send(votesOf(request, 2, false)), Status.Rejected);
        JobState memory jobState = avs.getJobState(request.jobId);
        assertEq(jobState.recordHash, recordHashOf(runningHash, Status.Rejected, 0));
        assertEq(jobState.response, 0);
        assertNoBits(request);
        assertEarnings(NATIVE, operators[0].account, FEE * 40 / 100);
        assertEarnings(NATIVE, operators[1].account, FEE * 30 / 100);
        assertEarnings(NATIVE, requester, REWARD + FEE * 30 / 100);
        assertNothingToClaim(request);
    }

    function test_SkipsVotesAfterTheDecision() public {
        Vote[] memory votes = votesOf(request, 4, true);
        votes[3] = voteOf(request, 3, false);
        bytes memory reason = notOpen(request, Status.Verified);
        expectVoteSkipped(request, operators[2].account, reason);
        expectVoteSkipped(request, operators[3].account, reason);
        assertEq(send(votes), Status.Verified);
        RequestState memory state = avs.getRequestState(requestIdOf(request));
        assertEq(state.validWeight, 70);
        assertEq(state.invalidWeight, 0);
        assertNoBits(request);
        assertEarnings(NATIVE, operators[2].account, 0);
        assertEarnings(NATIVE, requester, FEE * 30 / 100);
        assertNothingToClaim(request);
    }

    function test_LowConfidenceIsAVoteAgainst() public {
        Vote[] memory votes = new Vote[](2);
        for (uint256 i; i < 2; ++i) {
            Attestation memory attestation = attestationOf(request, i, true);
            attestation.confidence = job.minConfidence - 1;
            votes[i] = voteOf(attestation, i);
        }
        assertEq(send(votes), Status.Rejected);
        assertEarnings(NATIVE, operators[0].account, FEE * 40 / 100);
    }

    function test_TooFewAttestations() public {
        job.minAttestations = 3;
        request = requestFor(job);
        open(request, job);
        assertEq(send(votesOf(request, 2, true)), Status.Open);
        assertEq(send(one(voteOf(request, 2, true))), Status.Verified);
    }

    // -- votes of several calls

    function test_EarlierVotesAreClaimedOnce() public {
        vote(request, job, 3, true);
        vote(request, job, 2, false);
        assertEq(send(votesOf(request, 2, true)), Status.Verified);
        RequestState memory state = avs.getRequestState(requestIdOf(request));
        assertEq(state.validVotes, 1 << 255);
        assertEq(state.invalidVotes, 1 << 128);
        assertEarnings(NATIVE, operators[3].account, 0);
        assertEq(claim(3, request), FEE * 10 / 100);
        assertEq(claim(3, request), 0);
        assertNothingToClaim(request);
        assertEarnings(NATIVE, operators[0].account, FEE * 40 / 100);
        assertEarnings(NATIVE, operators[1].account, FEE * 30 / 100);
        assertEarnings(NATIVE, operators[2].account, 0);
        assertEarnings(NATIVE, requester, FEE * 20 / 100);
    }

    function test_SingleVoteAfterABallot() public {
        assertEq(send(one(voteOf(request, 0, true))), Status.Open);
        assertEq(vote(request, job, 1, true), Status.Verified);
        assertEq(avs.getRequestState(requestIdOf(request)).validVotes, 1);
        assertEarnings(NATIVE, operators[0].account, 0);
        assertEarnings(NATIVE, operators[1].account, FEE * 30 / 100);
        assertEq(claim(0, request), FEE * 40 / 100);
        assertNothingToClaim(request);
        expectBallotSkippedLikeVote(
            ballotOf(request, new Vote[](0)), notOpen(request, Status.Verified), Status.Verified
        );
    }

    function test_SameRequestTwiceInACall() public {
        Ballot[] memory ballots = new Ballot[](4);
        ballots[0] = ballotOf(request, one(voteOf(request, 0, true)));
        ballots[1] = ballotOf(request, new Vote[](2));
        ballots[1].votes[0] = voteOf(request, 0, true);
        ballots[1].votes[1] = voteOf(request, 1, true);
        ballots[2] = ballots[0];
        ballots[3] = ballotOf(request, one(voteOf(request, 2, true)));
        bytes memory reason = notOpen(request, Status.Verified);
        expectVoteSkipped(
            request,
            operators[0].account,
            abi.encodeWithSelector(
                IProofOfInferenceAVS.AlreadyVoted.selector, requestIdOf(request), operators[0].account
            )
        );
        for (uint256 i = 2; i < 4; ++i) {
            vm.expectEmit(address(avs));
            emit IProofOfInferenceAVS.RequestSkipped(requestIdOf(request), reason);
        }
        Status[] memory statuses = avs.submitVerifications(ballots);
        assertEq(statuses[0], Status.Open);
        for (uint256 i = 1; i < 4; ++i) {
            assertEq(statuses[i], Status.Verified);
        }
        RequestState memory state = avs.getRequestState(requestIdOf(request));
        assertEq(state.validWeight, 70);
        assertEq(state.validVotes, 1);
        assertEq(claim(0, request), FEE * 40 / 100);
        assertNothingToClaim(request);
        assertEarnings(NATIVE, operators[1].account, FEE * 30 / 100);
        assertEarnings(NATIVE, payee, REWARD);
    }

    // -- commit windows

    function test_CommitWindow_LateRevealsOfTheDecidingBallot() public {
        commitAll([true, true, false, true]);
        Ballot memory ballot = windowedBallot([true, true, false, true]);
        bytes32 runningHash = extended(
            extended(0, digestOf(attestationOf(windowed, 0, true))), digestOf(attestationOf(windowed, 1, true))
        );
        for (uint256 i; i < 4; ++i) {
            Vote memory cast = ballot.votes[i];
            vm.expectEmit(address(avs));
            emit IProofOfInferenceAVS.VerificationSubmitted(
                requestIdOf(windowed),
                cast.operator,
                verdictOf(cast.isValid, cast.confidence, operators[i].weight, i < 2),
                cast.evidenceDigest,
                cast.r,
                cast.vs
            );
        }
        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.RequestFinalized(
            requestIdOf(windowed), windowed.jobId, Status.Verified, 99, runningHash, true
        );
        assertEq(send(ballot), Status.Verified);

        RequestState memory state = avs.getRequestState(requestIdOf(windowed));
        assertEq(state.validWeight, 80);
        assertEq(state.invalidWeight, 20);
        assertFalse(state.feeSettled);
        assertNoBits(windowed);
        assertEq(avs.getJobState(windowed.jobId).recordHash, recordHashOf(runningHash, Status.Verified, 99));
        assertEarnings(NATIVE, operators[0].account, FEE * 40 / 100);
        assertEarnings(NATIVE, operators[1].account, FEE * 30 / 100);
        assertEarnings(NATIVE, operators[2].account, 0);
        assertEarnings(NATIVE, operators[3].account, FEE * 10 / 100);
        assertNothingToClaim(windowed);
        for (uint256 i; i < 4; ++i) {
            assertEq(avs.getCommitment(requestIdOf(windowed), operators[i].account), 0);
        }
        vm.warp(windowed.deadline + 1);
        assertEq(avs.releaseUnearnedFee(windowed), FEE * 20 / 100);
        assertEq(avs.releaseUnearnedFee(windowed), 0);
    }

    /// @dev A late vote has no say in the response, whether it is surer or less sure than those that decided.
    function test_CommitWindow_LateRevealLeavesTheResponse() public {
        uint16[2] memory confidences = [VALID_CONFIDENCE, job.minConfidence];
        for (uint256 n; n < 2; ++n) {
            job.salt = bytes32(n);
            windowed.jobId = jobIdOf(job);
            windowed.nonce = n;
            windowed.deadline = uint40(vm.getBlockTimestamp() + 1 hours);
            open(windowed, job);
            Ballot memory ballot = ballotOf(windowed, new Vote[](3));
            ballot.operatorSalts = saltsOf(3);
            for (uint256 i; i < 3; ++i) {
                Attestation memory attestation = attestationOf(windowed, i, true);
                attestation.confidence = confidences[i < 2 ? n : 1 - n];
                ballot.votes[i] = voteOf(attestation, i);
                vm.prank(operators[i].account);
                avs.commitVerification(
                    windowed, operators[i].account, keccak256(abi.encode(digestOf(attestation), saltOf(i)))
                );
            }
            skip(WINDOW + 1);
            assertEq(send(ballot), Status.Verified);
            assertEq(avs.getJobState(windowed.jobId).response, confidences[n] / 100);
            assertEarnings(NATIVE, operators[2].account, (n + 1) * (FEE * 20 / 100));
        }
    }

    function test_CommitWindow_RevealsAfterTheDecidingBallot() public {
        commitAll([true, true, true, true]);
        Ballot memory ballot = ballotOf(windowed, votesOf(windowed, 2, true));
        ballot.operatorSalts = saltsOf(2);
        assertEq(send(ballot), Status.Verified);
        assertNoBits(windowed);
        // one alone, and one in a ballot together with two that were taken before
        assertEq(reveal(windowed, job, 3, true), Status.Verified);
        ballot = ballotOf(windowed, votesOf(windowed, 3, true));
        ballot.operatorSalts = saltsOf(3);
        assertEq(send(ballot), Status.Verified);
        assertEq(avs.getRequestState(requestIdOf(windowed)).validVotes, 1 << 128 | 1 << 255);
        assertEq(avs.getRequestState(requestIdOf(windowed)).validWeight, 100);
        assertEq(claim(2, windowed), FEE * 20 / 100);
        assertEq(claim(3, windowed), FEE * 10 / 100);
        assertNothingToClaim(windowed);
        vm.warp(windowed.deadline + 1);
        assertEq(avs.releaseUnearnedFee(windowed), 0);
    }

    // -- many

    function test_256Operators() public {
        for (uint256 i; i < 256; ++i) {
            if (i == 0 || i == 7 || i == 128 || i == 255) continue;
            addOperator(vm.toString(i), uint8(i), 1);
        }
        uint256 total = uint256(TOTAL_WEIGHT) + 252;
        job.quorumBps = 10_000;
        job.minAttestations = 256;
        request = requestFor(job);
        open(request, job);
        assertEq(send(votesOf(request, 256, true)), Status.Verified);
        assertNoBits(request);
        RequestState memory state = avs.getRequestState(requestIdOf(request));
        assertEq(state.validWeight, total);
        for (uint256 i; i < 256; ++i) {
            assertEarnings(NATIVE, operators[i].account, uint256(FEE) * operators[i].weight / total);
        }
        assertNothingToClaim(request);
        assertEarnings(NATIVE, requester, 0);
    }

    /// @dev The same work for many requests in one call as for one after the other.
    function test_ManyRequests() public {
        Ballot[] memory ballots = new Ballot[](20);
        for (uint256 i; i < ballots.length; ++i) {
            ballots[i] = openAnother(i);
            ballots[i].votes = votesOf(ballots[i].request, 1 + i % 3, i % 2 == 0);
        }
        Status[] memory statuses = avs.submitVerifications(ballots);
        for (uint256 i; i < ballots.length; ++i) {
            Status decision = i % 2 == 0 ? Status.Verified : Status.Rejected;
            assertEq(statuses[i], i % 3 == 0 ? Status.Open : decision);
            assertStatus(ballots[i].request, statuses[i]);
        }
    }
}
