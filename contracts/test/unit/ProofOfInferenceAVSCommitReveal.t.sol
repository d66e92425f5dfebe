// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IProofOfInferenceAVS, RequestState } from "../../src/interfaces/IProofOfInferenceAVS.sol";
import { Attestation, Job, Request, Status } from "../../src/types/DataTypes.sol";
import { AVSTest } from "../utils/AVSTest.sol";

contract ProofOfInferenceAVSCommitRevealTest is AVSTest {
    uint32 private constant WINDOW = 10 minutes;
    /// @dev The last second for commitments.
    uint40 private constant CLOSES_AT = START + WINDOW;

    Job private job;
    Request private request;

    function setUp() public override {
        super.setUp();
        job = plainJob();
        request = requestFor(job);
        request.commitWindow = WINDOW;
        open(request, job);
    }

    function commitAll(bool isValid) private {
        for (uint256 i; i < 4; ++i) {
            commit(request, i, isValid);
        }
    }

    /// @dev The first two reveal, which decides.
    function decideByReveals() private {
        reveal(request, job, 0, true);
        assertEq(reveal(request, job, 1, true), Status.Verified);
    }

    // -- commitVerification

    function test_Commit_RevertWhen_NeverOpened() public {
        request.nonce = 1;
        vm.expectRevert(
            abi.encodeWithSelector(IProofOfInferenceAVS.RequestNotOpen.selector, requestIdOf(request), Status.None)
        );
        commit(request, 0, true);
    }

    function test_Commit_RevertWhen_Final() public {
        vm.warp(DEADLINE + 1);
        avs.settleRequest(request, job);
        vm.expectRevert(
            abi.encodeWithSelector(IProofOfInferenceAVS.RequestNotOpen.selector, requestIdOf(request), Status.Expired)
        );
        commit(request, 0, true);
    }

    function decideByAnother(uint40 deadline) private returns (Request memory another) {
        another = requestFor(job);
        another.nonce = 1;
        another.deadline = deadline;
        open(another, job);
    }

    function test_Commit_RevertWhen_AnotherRequestDecided() public {
        decide(decideByAnother(DEADLINE), job, true);
        vm.expectRevert(
            abi.encodeWithSelector(IProofOfInferenceAVS.JobAlreadyDecided.selector, request.jobId, Status.Verified)
        );
        commit(request, 2, true);
    }

    function test_Commit_RevertWhen_NoWindow() public {
        request.commitWindow = 0;
        open(request, job);
        vm.expectRevert(abi.encodeWithSelector(IProofOfInferenceAVS.CommitWindowClosed.selector, START));
        commit(request, 0, true);
    }

    function test_Commit_RevertWhen_WindowEnded() public {
        vm.warp(CLOSES_AT + 1);
        vm.expectRevert(abi.encodeWithSelector(IProofOfInferenceAVS.CommitWindowClosed.selector, CLOSES_AT));
        commit(request, 0, true);
    }

    function test_Commit_RevertWhen_OperatorCannotVote() public {
        setVoter(0, REFERENCE, false);
        vm.expectRevert(
            abi.encodeWithSelector(IProofOfInferenceAVS.OperatorCannotVote.selector, operators[0].account, REFERENCE)
        );
        commit(request, 0, true);
    }

    function test_Commit_RevertWhen_CallerIsAnother() public {
        bytes32 commitment = commitmentOf(request, 0, true);
        address[2] memory callers = [stranger, operators[1].account];
        for (uint256 i; i < callers.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IProofOfInferenceAVS.NotCommitter.selector, callers[i], operators[0].account)
            );
            vm.prank(callers[i]);
            avs.commitVerification(request, operators[0].account, commitment);
        }
    }

    function test_Commit_RevertWhen_CommittedBefore() public {
        commit(request, 0, true);
        vm.expectRevert(
            abi.encodeWithSelector(
                IProofOfInferenceAVS.AlreadyCommitted.selector, requestIdOf(request), operators[0].account
            )
        );
        commit(request, 0, false);
    }

    function test_Commit() public {
        bytes32 commitment = commitmentOf(request, 0, true);
        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.VerificationCommitted(requestIdOf(request), operators[0].account, commitment);
        commit(request, 0, true);
        assertEq(avs.getCommitment(requestIdOf(request), operators[0].account), commitment);
        assertEq(avs.getCommitment(requestIdOf(request), operators[1].account), 0);
    }

    function test_Commit_InLastSecond_BySigningKey() public {
        vm.warp(CLOSES_AT);
        vm.prank(operators[0].signer);
        avs.commitVerification(request, operators[0].account, commitmentOf(request, 0, true));
        vm.warp(CLOSES_AT + 1);
        reveal(request, job, 0, true);
    }

    /// @dev The window counts from the opening, not from when the request was signed or first seen.
    function test_Commit_WindowStartsAtOpening() public {
        request.nonce = 1;
        vm.warp(START + 100);
        open(request, job);
        vm.warp(CLOSES_AT + 100);
        commit(request, 0, true);
        vm.expectRevert(abi.encodeWithSelector(IProofOfInferenceAVS.CommitWindowOpen.selector, CLOSES_AT + 100));
        reveal(request, job, 0, true);
        vm.warp(CLOSES_AT + 101);
        reveal(request, job, 0, true);
    }

    // -- reveals

    function test_Reveal_RevertWhen_WindowIsOpen() public {
        commit(request, 0, true);
        uint40[2] memory times = [START, CLOSES_AT];
        for (uint256 i; i < times.length; ++i) {
            vm.warp(times[i]);
            vm.expectRevert(abi.encodeWithSelector(IProofOfInferenceAVS.CommitWindowOpen.selector, CLOSES_AT));
            reveal(request, job, 0, true);
        }
    }

    function expectMismatch(uint256 i) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                IProofOfInferenceAVS.CommitmentMismatch.selector, requestIdOf(request), operators[i].account
            )
        );
    }

    function test_Reveal_RevertWhen_NotCommitted() public {
        commit(request, 0, true);
        vm.warp(CLOSES_AT + 1);
        expectMismatch(1);
        reveal(request, job, 1, true);
        expectMismatch(1);
        vote(request, job, 1, true);
    }

    function test_Commit_RevertWhen_Nothing() public {
        expectMismatch(0);
        vm.prank(operators[0].account);
        avs.commitVerification(request, operators[0].account, 0);
    }

    function test_Reveal_RevertWhen_SomethingElse() public {
        commit(request, 0, true);
        vm.warp(CLOSES_AT + 1);
        // another verdict, another salt, another confidence
        expectMismatch(0);
        reveal(request, job, 0, false);
        expectMismatch(0);
        vote(request, job, 0, true);
        Attestation memory attestation = attestationOf(request, 0, true);
        attestation.confidence -= 1;
        bytes memory signature = signAttestation(attestation, 0);
        expectMismatch(0);
        avs.submitVerification(request, job, attestation, signature, saltOf(0));
    }

    function test_Reveal_RevertWhen_CommitmentWasCopied() public {
        commit(request, 0, true);
        vm.prank(operators[1].account);
        avs.commitVerification(request, operators[1].account, commitmentOf(request, 0, true));
        vm.warp(CLOSES_AT + 1);
        reveal(request, job, 0, true);
        Attestation memory attestation = attestationOf(request, 1, true);
        bytes memory signature = signAttestation(attestation, 1);
        expectMismatch(1);
        avs.submitVerification(request, job, attestation, signature, saltOf(0));
    }

    function test_Reveal_RevertWhen_CommitmentIsForAnotherRequest() public {
        Request memory another = request;
        another.nonce = 1;
        open(another, job);
        vm.prank(operators[0].account);
        avs.commitVerification(request, operators[0].account, commitmentOf(another, 0, true));
        vm.warp(CLOSES_AT + 1);
        expectMismatch(0);
        reveal(request, job, 0, true);
    }

    function test_Reveal_RevertWhen_RevealedBefore() public {
        commitAll(true);
        vm.warp(CLOSES_AT + 1);
        reveal(request, job, 0, true);
        expectMismatch(0);
        reveal(request, job, 0, true);
        reveal(request, job, 1, true);
        expectMismatch(1);
        reveal(request, job, 1, true);
    }

    /// @dev Claiming clears the vote's bit: a second reveal must not set it again.
    function test_Reveal_RevertWhen_ClaimedBefore() public {
        commitAll(true);
        vm.warp(CLOSES_AT + 1);
        decideByReveals();
        assertEq(claim(0, request), FEE * 40 / 100);
        expectMismatch(0);
        reveal(request, job, 0, true);
        assertEq(claim(0, request), 0);
    }

    function test_Reveal_RevertWhen_DeadlinePassed() public {
        commitAll(true);
        vm.warp(DEADLINE + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IProofOfInferenceAVS.RequestDeadlinePassed.selector, requestIdOf(request), DEADLINE)
        );
        reveal(request, job, 0, true);
    }

    function test_Reveal_RevertWhen_SignatureIsAnothers() public {
        commit(request, 0, true);
        vm.warp(CLOSES_AT + 1);
        Attestation memory attestation = attestationOf(request, 0, true);
        bytes memory signature = signAttestation(attestation, 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IProofOfInferenceAVS.InvalidSigner.selector, operators[1].signer, operators[0].signer
            )
        );
        avs.submitVerification(request, job, attestation, signature, saltOf(0));
        // the refused attempt left the commitment in place
        reveal(request, job, 0, true);
    }

    function test_Reveal_FromFirstSecondToDeadline() public {
        commitAll(true);
        vm.warp(CLOSES_AT + 1);
        assertEq(reveal(request, job, 0, true), Status.Open);
        assertEq(avs.getCommitment(requestIdOf(request), operators[0].account), 0);
        vm.warp(DEADLINE);
        assertEq(reveal(request, job, 1, true), Status.Verified);
        assertEarnings(NATIVE, payee, REWARD);
        // what the committed votes may still earn stays
        assertEarnings(NATIVE, requester, 0);
        assertFalse(avs.getRequestState(requestIdOf(request)).feeSettled);
    }

    // -- late reveals

    function test_LateReveal() public {
        commitAll(true);
        vm.warp(CLOSES_AT + 1);
        decideByReveals();
        RequestState memory before = avs.getRequestState(requestIdOf(request));
        bytes32 jobBefore = keccak256(abi.encode(avs.getJobState(request.jobId)));

        Attestation memory attestation = attestationOf(request, 2, true);
        (bytes32 r, bytes32 vs) = compact(signAttestation(attestation, 2));
        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.VerificationSubmitted(
            attestation.requestId,
            attestation.operator,
            verdictOf(true, VALID_CONFIDENCE, 20, false),
            attestation.evidenceDigest,
            r,
            vs
        );
        vm.warp(DEADLINE);
        assertEq(reveal(request, job, 2, true), Status.Verified);

        RequestState memory state = avs.getRequestState(requestIdOf(request));
        assertEq(state.runningHash, before.runningHash);
        assertEq(state.confidenceShortfall, before.confidenceShortfall);
        assertEq(state.validWeight, 90);
        assertEq(keccak256(abi.encode(avs.getJobState(request.jobId))), jobBefore);
        assertEq(claim(2, request), FEE * 20 / 100);
        assertEq(claim(2, request), 0);
    }

    function test_LateReveal_OfTheOtherVerdict() public {
        commit(request, 0, true);
        commit(request, 1, true);
        commit(request, 2, false);
        vm.warp(CLOSES_AT + 1);
        decideByReveals();
        assertEq(reveal(request, job, 2, false), Status.Verified);
        assertEq(claim(2, request), 0);
        assertEq(avs.getRequestState(requestIdOf(request)).validWeight, 70);
    }

    /// @dev Even a full quorum of late reveals against the outcome changes nothing.
    function test_LateReveals_CannotDecideAgain() public {
        job.quorumBps = 5_001;
        job.minAttestations = 1;
        request = requestFor(job);
        request.commitWindow = WINDOW;
        open(request, job);
        operators[3].weight = 200;
        setVoter(3, REFERENCE, true);
        commit(request, 3, true);
        commit(request, 0, false);
        vm.warp(CLOSES_AT + 1);
        assertEq(reveal(request, job, 3, true), Status.Verified);
        assertEq(reveal(request, job, 0, false), Status.Verified);
        assertEq(avs.getJobState(request.jobId).status, Status.Verified);
        assertEarnings(NATIVE, payee, REWARD);
    }

    function test_LateReveal_RevertWhen_NotCommitted() public {
        commit(request, 0, true);
        commit(request, 1, true);
        vm.warp(CLOSES_AT + 1);
        decideByReveals();
        expectMismatch(2);
        reveal(request, job, 2, true);
    }

    function test_LateReveal_RevertWhen_DeadlinePassed() public {
        commitAll(true);
        vm.warp(CLOSES_AT + 1);
        decideByReveals();
        vm.warp(DEADLINE + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IProofOfInferenceAVS.RequestDeadlinePassed.selector, requestIdOf(request), DEADLINE)
        );
        reveal(request, job, 2, true);
    }

    // -- when another request decides

    function test_Reveal_SettlesByDecision() public {
        commit(request, 0, true);
        commit(request, 2, true);
        Request memory another = decideByAnother(DEADLINE);
        decide(another, job, true);
        assertStatus(request, Status.Open);

        vm.warp(CLOSES_AT + 1);
        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.RequestFinalized(requestIdOf(request), request.jobId, Status.Verified, 99, 0, false);
        assertEq(reveal(request, job, 0, true), Status.Verified);
        assertEq(reveal(request, job, 2, true), Status.Verified);
        assertEarnings(NATIVE, payee, 2 * uint256(REWARD));
        assertEq(claim(0, request), FEE * 40 / 100);
        assertEq(claim(2, request), FEE * 20 / 100);
        vm.warp(DEADLINE + 1);
        assertEq(avs.releaseUnearnedFee(request), FEE * 40 / 100);
    }

    function test_Expires_WhenDecidedAfterDeadline() public {
        commitAll(true);
        vm.warp(CLOSES_AT + 1);
        reveal(request, job, 0, true);
        Request memory another = decideByAnother(DEADLINE + 1);
        vm.warp(DEADLINE + 1);
        decide(another, job, true);
        assertEq(avs.settleRequest(request, job), Status.Expired);
        assertEq(claim(0, request), 0);
        assertEarnings(NATIVE, payee, REWARD);
    }
}
