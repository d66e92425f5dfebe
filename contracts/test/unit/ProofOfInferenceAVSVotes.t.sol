// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { ModelInfo } from "../../src/interfaces/IModelRegistry.sol";
import { Voter } from "../../src/interfaces/IOperatorSet.sol";
import { IProofOfInferenceAVS, JobState, RequestState } from "../../src/interfaces/IProofOfInferenceAVS.sol";
import { Attestation, Job, Request, Status } from "../../src/types/DataTypes.sol";
import { AVSTest } from "../utils/AVSTest.sol";

contract ProofOfInferenceAVSVotesTest is AVSTest {
    Job private job;
    Request private request;

    function setUp() public override {
        super.setUp();
        job = plainJob();
        request = requestFor(job);
        open(request, job);
    }

    /// @dev Opens a request for the changed job instead.
    function reopen(Job memory changed) private {
        job = changed;
        request = requestFor(changed);
        request.nonce = 100;
        open(request, changed);
    }

    function expectRefusal(Attestation memory attestation, uint256 i, bytes memory reason) private {
        vm.expectRevert(reason);
        submit(request, job, attestation, i);
    }

    function expectBadSignature(bytes memory signature, address recovered) private {
        vm.expectRevert(
            abi.encodeWithSelector(IProofOfInferenceAVS.InvalidSigner.selector, recovered, operators[0].signer)
        );
        avs.submitVerification(request, job, attestationOf(request, 0, true), signature, 0);
    }

    // -- which request, when

    function test_RevertWhen_JobIsAnother() public {
        Job memory another = job;
        another.quorumBps = 5_001;
        vm.expectRevert(
            abi.encodeWithSelector(IProofOfInferenceAVS.JobMismatch.selector, request.jobId, jobIdOf(another))
        );
        vote(request, another, 0, true);
    }

    function test_RevertWhen_AttestationIsForAnotherRequest() public {
        Request memory another = request;
        another.nonce = 1;
        open(another, job);
        expectRefusal(
            attestationOf(another, 0, true),
            0,
            abi.encodeWithSelector(
                IProofOfInferenceAVS.AttestationMismatch.selector, requestIdOf(request), requestIdOf(another)
            )
        );
    }

    function test_RevertWhen_NeverOpened() public {
        request.nonce = 1;
        expectRefusal(
            attestationOf(request, 0, true),
            0,
            abi.encodeWithSelector(IProofOfInferenceAVS.RequestNotOpen.selector, requestIdOf(request), Status.None)
        );
    }

    function test_AtDeadline() public {
        vm.warp(DEADLINE);
        decide(request, job, true);
        assertEarnings(NATIVE, payee, REWARD);
    }

    function test_RevertWhen_DeadlinePassed() public {
        vote(request, job, 0, true);
        vm.warp(DEADLINE + 1);
        bytes memory reason = abi.encodeWithSelector(
            IProofOfInferenceAVS.RequestDeadlinePassed.selector, requestIdOf(request), DEADLINE
        );
        expectRefusal(attestationOf(request, 1, true), 1, reason);
        avs.settleRequest(request, job);
        expectRefusal(attestationOf(request, 1, true), 1, reason);
    }

    function test_RevertWhen_Final() public {
        decide(request, job, true);
        for (uint256 i; i < 4; ++i) {
            expectRefusal(
                attestationOf(request, i, i % 2 == 0),
                i,
                abi.encodeWithSelector(
                    IProofOfInferenceAVS.RequestNotOpen.selector, requestIdOf(request), Status.Verified
                )
            );
        }
    }

    function test_RevertWhen_AnotherRequestDecided() public {
        Request memory another = request;
        another.nonce = 1;
        open(another, job);
        decide(another, job, false);
        expectRefusal(
            attestationOf(request, 2, false),
            2,
            abi.encodeWithSelector(IProofOfInferenceAVS.RequestNotOpen.selector, requestIdOf(request), Status.Rejected)
        );
        assertStatus(request, Status.Open);
    }

    // -- the verdict

    function test_RevertWhen_MethodIsAnother() public {
        Attestation memory attestation = attestationOf(request, 0, true);
        attestation.method = keccak256("@proof-of-inference/verifier-exact@2");
        expectRefusal(
            attestation,
            0,
            abi.encodeWithSelector(IProofOfInferenceAVS.MethodMismatch.selector, METHOD, attestation.method)
        );
    }

    function testFuzz_ConfidenceRange(uint16 confidence, bool isValid) public {
        Attestation memory attestation = attestationOf(request, 0, isValid);
        attestation.confidence = confidence;
        uint16 maximum = isValid ? VALID_CONFIDENCE : 10_000;
        if (confidence > maximum) {
            expectRefusal(
                attestation,
                0,
                abi.encodeWithSelector(IProofOfInferenceAVS.ConfidenceOutOfRange.selector, confidence, maximum)
            );
        } else {
            submit(request, job, attestation, 0);
            RequestState memory state = avs.getRequestState(attestation.requestId);
            bool isVoteForValid = isValid && confidence >= job.minConfidence;
            assertEq(state.validWeight, isVoteForValid ? 40 : 0);
            assertEq(state.invalidWeight, isVoteForValid ? 0 : 40);
            assertEq(state.confidenceShortfall, isVoteForValid ? 40 * uint256(VALID_CONFIDENCE - confidence) : 0);
        }
    }

    function test_ConfidenceBounds() public {
        uint16[4] memory confidences = [job.minConfidence - 1, job.minConfidence, VALID_CONFIDENCE, 10_000];
        for (uint256 i; i < confidences.length; ++i) {
            request.nonce = i + 1;
            open(request, job);
            testFuzz_ConfidenceRange(confidences[i], true);
            request.nonce = i + 11;
            open(request, job);
            testFuzz_ConfidenceRange(confidences[i], false);
        }
        request.nonce = 21;
        open(request, job);
        testFuzz_ConfidenceRange(10_001, false);
    }

    function test_LowConfidenceVotesReject() public {
        for (uint256 i; i < 2; ++i) {
            Attestation memory attestation = attestationOf(request, i, true);
            attestation.confidence = job.minConfidence - 1;
            submit(request, job, attestation, i);
        }
        assertStatus(request, Status.Rejected);
        assertEq(avs.getJobState(request.jobId).response, 0);
    }

    // -- the operator

    function test_RevertWhen_NoOperator() public {
        Attestation memory attestation = attestationOf(request, 0, true);
        attestation.operator = stranger;
        expectRefusal(
            attestation,
            0,
            abi.encodeWithSelector(IProofOfInferenceAVS.OperatorCannotVote.selector, stranger, REFERENCE)
        );
    }

    function test_RevertWhen_OperatorSinceOnly() public {
        operatorSet.setVoter(REFERENCE + 1, stranger, Voter(true, 9, 50, operators[0].signer));
        Attestation memory attestation = attestationOf(request, 0, true);
        attestation.operator = stranger;
        expectRefusal(
            attestation,
            0,
            abi.encodeWithSelector(IProofOfInferenceAVS.OperatorCannotVote.selector, stranger, REFERENCE)
        );
    }

    function test_RevertWhen_OperatorIsStale() public {
        setVoter(1, REFERENCE, false);
        expectRefusal(
            attestationOf(request, 1, true),
            1,
            abi.encodeWithSelector(IProofOfInferenceAVS.OperatorCannotVote.selector, operators[1].account, REFERENCE)
        );
        // 40 + 20 of 100: the stale 30 are in the total
        vote(request, job, 0, true);
        assertEq(vote(request, job, 2, true), Status.Open);
        assertEq(vote(request, job, 3, true), Status.Verified);
    }

    // -- the signature

    function test_RevertWhen_KeyIsAnothers() public {
        bytes memory signature = signAttestation(attestationOf(request, 0, true), 1);
        expectBadSignature(signature, operators[1].signer);
        // nor does the operator's own account sign for it
        (address account, uint256 accountKey) = makeAddrAndKey("operator 0");
        assertEq(account, operators[0].account);
        expectBadSignature(sign(accountKey, digestOf(attestationOf(request, 0, true))), account);
    }

    /// @dev A signature of the operator's key over another digest recovers to some other account.
    function expectForeignDigest(bytes32 digest) private {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(operators[0].key, digest);
        address recovered = ecrecover(digestOf(attestationOf(request, 0, true)), v, r, s);
        expectBadSignature(abi.encodePacked(r, s, v), recovered);
    }

    function test_RevertWhen_SignedForAnotherDomain() public {
        bytes32 structHash = keccak256(abi.encode(ATTESTATION_TYPEHASH, attestationOf(request, 0, true)));
        bytes32 chain = domainSeparator(block.chainid + 1, address(avs));
        bytes32 verifier = domainSeparator(block.chainid, address(registry));
        expectForeignDigest(keccak256(abi.encodePacked("\x19\x01", chain, structHash)));
        expectForeignDigest(keccak256(abi.encodePacked("\x19\x01", verifier, structHash)));
        expectForeignDigest(structHash);
    }

    function test_RevertWhen_SignedOtherContent() public {
        Attestation memory attestation = attestationOf(request, 0, false);
        expectForeignDigest(digestOf(attestation));
        attestation = attestationOf(request, 0, true);
        attestation.confidence -= 1;
        expectForeignDigest(digestOf(attestation));
        attestation = attestationOf(request, 0, true);
        attestation.evidenceDigest = 0;
        expectForeignDigest(digestOf(attestation));
        attestation = attestationOf(request, 1, true);
        expectForeignDigest(digestOf(attestation));
    }

    function test_RevertWhen_SignedForAnotherRequest() public {
        Request memory another = request;
        another.nonce = 1;
        open(another, job);
        expectForeignDigest(digestOf(attestationOf(another, 0, true)));
    }

    function test_RevertWhen_ChainForked() public {
        bytes memory signature = signAttestation(attestationOf(request, 0, true), 0);
        Attestation memory attestation = attestationOf(request, 0, true);
        vm.chainId(block.chainid + 1);
        // the fork knows the request by another id
        vm.expectPartialRevert(IProofOfInferenceAVS.JobMismatch.selector);
        avs.submitVerification(request, job, attestation, signature, 0);
    }

    function test_RevertWhen_SignatureIsMalleable() public {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(operators[0].key, digestOf(attestationOf(request, 0, true)));
        bytes32 high = bytes32(SECP256K1_ORDER - uint256(s));
        uint8 flipped = v == 27 ? 28 : 27;
        assertEq(ecrecover(digestOf(attestationOf(request, 0, true)), flipped, r, high), operators[0].signer);
        expectBadSignature(abi.encodePacked(r, high, flipped), address(0));
    }

    function test_RevertWhen_SignatureIsMalformed() public {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(operators[0].key, digestOf(attestationOf(request, 0, true)));
        expectBadSignature("", address(0));
        expectBadSignature(abi.encodePacked(r, s), address(0));
        expectBadSignature(abi.encodePacked(r, bytes32(uint256(s) | (uint256(v - 27) << 255))), address(0));
        expectBadSignature(abi.encodePacked(r, s, v, uint8(0)), address(0));
        expectBadSignature(abi.encodePacked(r, s, uint8(v - 27)), address(0));
        expectBadSignature(new bytes(65), address(0));
    }

    function test_RevertWhen_OperatorHasNoKey() public {
        operatorSet.setVoter(REFERENCE, operators[0].account, Voter(true, 0, 40, address(0)));
        vm.expectRevert(abi.encodeWithSelector(IProofOfInferenceAVS.InvalidSigner.selector, address(0), address(0)));
        avs.submitVerification(request, job, attestationOf(request, 0, true), new bytes(65), 0);
    }

    // -- at most once

    function test_RevertWhen_VotedBefore() public {
        bytes memory reason = abi.encodeWithSelector(
            IProofOfInferenceAVS.AlreadyVoted.selector, requestIdOf(request), operators[0].account
        );
        vote(request, job, 0, true);
        expectRefusal(attestationOf(request, 0, true), 0, reason);
        expectRefusal(attestationOf(request, 0, false), 0, reason);
        vote(request, job, 2, false);
        vm.expectRevert(
            abi.encodeWithSelector(
                IProofOfInferenceAVS.AlreadyVoted.selector, requestIdOf(request), operators[2].account
            )
        );
        vote(request, job, 2, true);
    }

    function test_RevertWhen_IndexVotedBefore() public {
        addOperator("twin", operators[0].index, 1);
        vote(request, job, 0, true);
        expectRefusal(
            attestationOf(request, 4, true),
            4,
            abi.encodeWithSelector(
                IProofOfInferenceAVS.AlreadyVoted.selector, requestIdOf(request), operators[4].account
            )
        );
    }

    /// @dev An index that was given to another operator between two references: each votes and is paid on its own.
    function test_IndexReuse() public {
        (address signer, uint256 key) = makeAddrAndKey("successor's signing key");
        operators.push(Operator(makeAddr("successor"), signer, key, operators[0].index, 40));
        setVoter(4, REFERENCE + 1, true);
        setVoter(1, REFERENCE + 1, true);
        Request memory later = request;
        later.referenceTimepoint = REFERENCE + 1;
        open(later, job);

        vote(request, job, 0, true);
        vote(later, job, 4, true);
        expectRefusal(
            attestationOf(request, 4, true),
            4,
            abi.encodeWithSelector(IProofOfInferenceAVS.OperatorCannotVote.selector, operators[4].account, REFERENCE)
        );
        assertEq(vote(later, job, 1, true), Status.Verified);
        avs.settleRequest(request, job);
        assertEq(claim(4, request), 0);
        assertEq(claim(0, later), 0);
        assertEq(claim(0, request), FEE * 40 / 100);
        assertEq(claim(4, later), uint256(FEE) * 40 / 70);
    }

    // -- counting

    function test_CountsVote() public {
        Attestation memory attestation = attestationOf(request, 3, true);
        attestation.confidence = 9_000;
        bytes memory signature = signAttestation(attestation, 3);
        (bytes32 r, bytes32 vs) = compact(signature);
        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.VerificationSubmitted(
            attestation.requestId,
            operators[3].account,
            verdictOf(true, 9_000, 10, true),
            attestation.evidenceDigest,
            r,
            vs
        );
        vm.prank(stranger);
        assertEq(avs.submitVerification(request, job, attestation, signature, 0), Status.Open);
        vote(request, job, 1, false);

        RequestState memory state = avs.getRequestState(attestation.requestId);
        assertEq(state.status, Status.Open);
        assertEq(state.validVotes, 1 << 255);
        assertEq(state.invalidVotes, 1 << 7);
        assertEq(state.validWeight, 10);
        assertEq(state.invalidWeight, 30);
        assertEq(state.confidenceShortfall, 10 * 900);
        bytes32 first = extended(0, digestOf(attestation));
        assertEq(state.runningHash, extended(first, digestOf(attestationOf(request, 1, false))));
    }

    function test_ExactlyAtQuorum() public {
        job.quorumBps = 7_000;
        reopen(job);
        assertEq(vote(request, job, 0, true), Status.Open);
        assertEq(vote(request, job, 1, true), Status.Verified);
    }

    function test_JustBelowQuorum() public {
        job.quorumBps = 7_001;
        reopen(job);
        vote(request, job, 0, false);
        assertEq(vote(request, job, 1, false), Status.Open);
        assertEq(vote(request, job, 3, true), Status.Open);
        assertEq(vote(request, job, 2, false), Status.Rejected);
    }

    function test_QuorumOfEverything() public {
        job.quorumBps = 10_000;
        reopen(job);
        for (uint256 i; i < 3; ++i) {
            assertEq(vote(request, job, i, true), Status.Open);
        }
        assertEq(vote(request, job, 3, true), Status.Verified);
    }

    function test_Tie() public {
        job.quorumBps = 5_001;
        reopen(job);
        vote(request, job, 0, true);
        vote(request, job, 1, false);
        vote(request, job, 2, false);
        assertEq(vote(request, job, 3, true), Status.Open);
        vm.warp(DEADLINE + 1);
        assertEq(avs.settleRequest(request, job), Status.Expired);
    }

    function test_TooFewAttestations() public {
        job.minAttestations = 3;
        reopen(job);
        vote(request, job, 0, true);
        assertEq(vote(request, job, 1, true), Status.Open);
        // a vote against does not help
        assertEq(vote(request, job, 3, false), Status.Open);
        assertEq(vote(request, job, 2, true), Status.Verified);
    }

    function test_MoreAttestationsThanOperators() public {
        job.minAttestations = 5;
        reopen(job);
        for (uint256 i; i < 4; ++i) {
            assertEq(vote(request, job, i, true), Status.Open);
        }
    }

    function test_OneAttestationIsEnough() public {
        operatorSet.setVoter(REFERENCE, operators[0].account, Voter(true, 0, 300, operators[0].signer));
        job.minAttestations = 1;
        reopen(job);
        assertEq(vote(request, job, 0, false), Status.Rejected);
    }

    function test_ZeroTotalWeight() public {
        for (uint256 i; i < 4; ++i) {
            operators[i].weight = 0;
            setVoter(i, REFERENCE, true);
        }
        assertEq(operatorSet.getTotalWeight(REFERENCE), 0);
        expectRefusal(
            attestationOf(request, 0, true),
            0,
            abi.encodeWithSelector(IProofOfInferenceAVS.OperatorCannotVote.selector, operators[0].account, REFERENCE)
        );
        vm.warp(DEADLINE + 1);
        assertEq(avs.settleRequest(request, job), Status.Expired);
        assertEarnings(NATIVE, requester, REWARD + FEE);
    }

    function test_LargestWeights() public {
        uint96[3] memory weights = [type(uint96).max / 2, type(uint96).max / 4, type(uint96).max / 4];
        for (uint256 i; i < 4; ++i) {
            operators[i].weight = 0;
            setVoter(i, REFERENCE, true);
        }
        for (uint256 i; i < 3; ++i) {
            operators[i].weight = weights[i];
            setVoter(i, REFERENCE, true);
        }
        job.minAttestations = 3;
        reopen(job);
        for (uint256 i; i < 3; ++i) {
            vote(request, job, i, true);
        }
        assertEq(avs.getJobState(request.jobId).response, VALID_CONFIDENCE / 100);
    }

    /// @dev Against a model of the rule, vote by vote.
    function testFuzz_Rule(uint16 quorumBps, uint8 minAttestations, uint8 verdicts, uint8[4] memory weights) public {
        job.quorumBps = uint16(bound(quorumBps, 5_001, 10_000));
        job.minAttestations = uint16(bound(minAttestations, 1, 4));
        uint256 total;
        for (uint256 i; i < 4; ++i) {
            operators[i].weight = weights[i] == 0 ? 1 : weights[i];
            setVoter(i, REFERENCE, true);
            total += operators[i].weight;
        }
        reopen(job);
        uint256[2] memory weight;
        uint256[2] memory votes;
        for (uint256 i; i < 4; ++i) {
            uint256 side = (verdicts >> i) & 1;
            weight[side] += operators[i].weight;
            votes[side] += 1;
            Status status = vote(request, job, i, side == 1);
            bool isQuorum = total > 0 && weight[side] * 10_000 >= total * job.quorumBps;
            if (isQuorum && votes[side] >= job.minAttestations) {
                assertEq(status, side == 1 ? Status.Verified : Status.Rejected);
                return;
            }
            assertEq(status, Status.Open);
        }
    }

    // -- deciding

    function test_Verified() public {
        Attestation memory unsure = attestationOf(request, 1, true);
        unsure.confidence = 8_000;
        vote(request, job, 0, true);
        bytes32 requestId = requestIdOf(request);
        bytes32 runningHash = extended(extended(0, digestOf(attestationOf(request, 0, true))), digestOf(unsure));
        // (40 × 9900 + 30 × 8000) / 70 = 9085 basis points
        bytes32 recordHash = recordHashOf(runningHash, Status.Verified, 90);
        vm.warp(START + 60);
        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.RequestFinalized(requestId, request.jobId, Status.Verified, 90, runningHash, true);
        assertEq(submit(request, job, unsure, 1), Status.Verified);

        JobState memory jobState = avs.getJobState(request.jobId);
        assertEq(jobState.status, Status.Verified);
        assertEq(jobState.response, 90);
        assertEq(jobState.decidedAt, START + 60);
        assertEq(jobState.consentedAt, 0);
        assertEq(jobState.recordHash, recordHash);
        RequestState memory state = avs.getRequestState(requestId);
        assertEq(state.status, Status.Verified);
        assertTrue(state.feeSettled);
        assertEq(state.runningHash, 0);
        assertEq(state.confidenceShortfall, 0);
    }

    function test_LowestResponse() public {
        job.minConfidence = 100;
        reopen(job);
        for (uint256 i; i < 2; ++i) {
            Attestation memory attestation = attestationOf(request, i, true);
            attestation.confidence = 100;
            submit(request, job, attestation, i);
        }
        assertEq(avs.getJobState(request.jobId).response, 1);
    }

    function test_Rejected() public {
        vote(request, job, 0, false);
        vote(request, job, 3, true);
        bytes32 requestId = requestIdOf(request);
        bytes32 runningHash;
        runningHash = extended(runningHash, digestOf(attestationOf(request, 0, false)));
        runningHash = extended(runningHash, digestOf(attestationOf(request, 3, true)));
        runningHash = extended(runningHash, digestOf(attestationOf(request, 1, false)));
        bytes32 recordHash = recordHashOf(runningHash, Status.Rejected, 0);
        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.RequestFinalized(requestId, request.jobId, Status.Rejected, 0, runningHash, true);
        assertEq(vote(request, job, 1, false), Status.Rejected);
        assertEq(avs.getJobState(request.jobId).recordHash, recordHash);
        assertEq(avs.getJobState(request.jobId).response, 0);
    }

    function assertRecords(uint64 total, uint64 verified) private view {
        (uint64 totalJobs, uint64 verifiedJobs) = avs.getAgentRecord(AGENT_ID);
        assertEq(totalJobs, total);
        assertEq(verifiedJobs, verified);
        ModelInfo memory info = registry.getModelInfo(modelId);
        assertEq(info.totalInferences, total);
        assertEq(info.successfulVerifications, verified);
        (totalJobs, verifiedJobs) = registry.getModelAgentRecord(modelId, AGENT_ID);
        assertEq(totalJobs, total);
        assertEq(verifiedJobs, verified);
    }

    function test_RecordsConsentedJobsOnly() public {
        decide(request, job, true);
        assertRecords(0, 0);
        reopen(agentJob());
        decide(request, job, true);
        assertRecords(1, 1);
        Job memory second = agentJob();
        second.salt = 0;
        reopen(second);
        decide(request, job, false);
        assertRecords(2, 1);
    }

    function test_RecordsJobOnce() public {
        reopen(agentJob());
        Request memory another = request;
        another.nonce = 1;
        open(another, job);
        decide(request, job, true);
        avs.settleRequest(another, job);
        assertRecords(1, 1);
    }
}
