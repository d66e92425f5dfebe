// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IProofOfInferenceAVS, RequestState } from "../../src/interfaces/IProofOfInferenceAVS.sol";
import { Job, Request, Status } from "../../src/types/DataTypes.sol";
import { AVSTest } from "../utils/AVSTest.sol";

contract ProofOfInferenceAVSSettlementTest is AVSTest {
    Job private job;
    Request private request;
    /// @dev A stranger's cheap request for the same job, with a later deadline.
    Request private second;

    function setUp() public override {
        super.setUp();
        job = plainJob();
        request = requestFor(job);
        second = requestFor(job);
        second.requester = stranger;
        second.reward = 0;
        second.verificationFee = MINIMUM_FEE;
        second.deadline = DEADLINE + 1 hours;
        vm.deal(stranger, 1 ether);
    }

    function openBoth() private {
        open(request, job);
        open(second, job);
    }

    // -- settleRequest

    function test_RevertWhen_JobIsAnother() public {
        open(request, job);
        vm.warp(DEADLINE + 1);
        Job memory another = job;
        another.payee = stranger;
        vm.expectRevert(
            abi.encodeWithSelector(IProofOfInferenceAVS.JobMismatch.selector, request.jobId, jobIdOf(another))
        );
        avs.settleRequest(request, another);
    }

    function expectNotOpen(Status status) private {
        vm.expectRevert(
            abi.encodeWithSelector(IProofOfInferenceAVS.RequestNotOpen.selector, requestIdOf(request), status)
        );
        avs.settleRequest(request, job);
    }

    function test_RevertWhen_NotOpen() public {
        expectNotOpen(Status.None);
        open(request, job);
        decide(request, job, true);
        expectNotOpen(Status.Verified);
        vm.warp(DEADLINE + 1);
        expectNotOpen(Status.Verified);
    }

    function test_RevertWhen_ExpiredBefore() public {
        open(request, job);
        vm.warp(DEADLINE + 1);
        avs.settleRequest(request, job);
        expectNotOpen(Status.Expired);
    }

    function test_RevertWhen_DeadlineHasNotPassed() public {
        open(request, job);
        uint40[2] memory times = [START, DEADLINE];
        for (uint256 i; i < times.length; ++i) {
            vm.warp(times[i]);
            vm.expectRevert(
                abi.encodeWithSelector(
                    IProofOfInferenceAVS.RequestNotSettleable.selector, requestIdOf(request), DEADLINE
                )
            );
            avs.settleRequest(request, job);
        }
    }

    function test_Expires() public {
        job = agentJob();
        request = requestFor(job);
        open(request, job);
        vote(request, job, 0, true);
        bytes32 runningHash = avs.getRequestState(requestIdOf(request)).runningHash;
        assertNotEq(runningHash, 0);
        vm.warp(DEADLINE + 1);
        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.RequestFinalized(
            requestIdOf(request), request.jobId, Status.Expired, 0, runningHash, false
        );
        vm.prank(stranger);
        assertEq(avs.settleRequest(request, job), Status.Expired);

        assertStatus(request, Status.Expired);
        assertTrue(avs.getRequestState(requestIdOf(request)).feeSettled);
        assertEarnings(NATIVE, requester, REWARD + FEE);
        assertEarnings(NATIVE, payee, 0);
        assertEq(claim(0, request), 0);
        (uint64 totalJobs,) = avs.getAgentRecord(AGENT_ID);
        assertEq(totalJobs, 0);
        assertEq(registry.getModelInfo(modelId).totalInferences, 0);
        assertEq(avs.getJobState(request.jobId).status, Status.None);
    }

    function test_Expires_BackToDeposit() public {
        openFromDeposit(request, job);
        assertDeposit(NATIVE, requester, 0);
        vm.warp(DEADLINE + 1);
        avs.settleRequest(request, job);
        assertDeposit(NATIVE, requester, REWARD + FEE);
        assertEarnings(NATIVE, requester, 0);
    }

    function test_ExpiresWithCommitWindow() public {
        request.commitWindow = 10 minutes;
        open(request, job);
        commit(request, 0, true);
        vm.warp(DEADLINE + 1);
        avs.settleRequest(request, job);
        assertEarnings(NATIVE, requester, REWARD + FEE);
        assertEq(avs.releaseUnearnedFee(request), 0);
        assertEarnings(NATIVE, requester, REWARD + FEE);
    }

    // -- who gets what

    function test_VerifiedPaysPayee() public {
        open(request, job);
        decide(request, job, true);
        assertEarnings(NATIVE, payee, REWARD);
        // 30 of 100 did not vote
        assertEarnings(NATIVE, requester, FEE * 30 / 100);
    }

    function test_RejectedPaysBack() public {
        open(request, job);
        decide(request, job, false);
        assertEarnings(NATIVE, payee, 0);
        assertEarnings(NATIVE, requester, REWARD + FEE * 30 / 100);
    }

    function test_RejectedPaysBackToDeposit() public {
        request.asset = address(token);
        openFromDeposit(request, job);
        decide(request, job, false);
        assertDeposit(address(token), requester, REWARD + FEE * 30 / 100);
        assertEarnings(address(token), requester, 0);
        assertEarnings(NATIVE, requester, 0);
    }

    function test_VerifiedFromDeposit() public {
        openFromDeposit(request, job);
        decide(request, job, true);
        assertEarnings(NATIVE, payee, REWARD);
        assertDeposit(NATIVE, requester, FEE * 30 / 100);
        assertEarnings(NATIVE, requester, 0);
    }

    // -- several requests for one job

    function test_SettlesByDecision_BeforeDeadline() public {
        openBoth();
        vote(request, job, 3, true);
        vote(request, job, 2, false);
        bytes32 runningHash = avs.getRequestState(requestIdOf(request)).runningHash;
        decide(second, job, true);
        assertStatus(request, Status.Open);

        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.RequestFinalized(
            requestIdOf(request), request.jobId, Status.Verified, 99, runningHash, false
        );
        vm.prank(stranger);
        assertEq(avs.settleRequest(request, job), Status.Verified);
        assertEarnings(NATIVE, payee, REWARD);
        // of this request only operator 3 voted with the outcome
        assertEarnings(NATIVE, requester, FEE * 90 / 100);
        assertEq(claim(3, request), FEE * 10 / 100);
        assertEq(claim(2, request), 0);
        assertEq(claim(0, request), 0);
        RequestState memory state = avs.getRequestState(requestIdOf(request));
        assertEq(state.runningHash, 0);
    }

    function test_SettlesByDecision_WithoutVotes() public {
        openBoth();
        decide(second, job, false);
        avs.settleRequest(request, job);
        assertStatus(request, Status.Rejected);
        assertEarnings(NATIVE, requester, REWARD + FEE);
    }

    function test_SettlesByDecision_ToDeposit() public {
        openFromDeposit(request, job);
        open(second, job);
        decide(second, job, false);
        avs.settleRequest(request, job);
        assertDeposit(NATIVE, requester, REWARD + FEE);
        assertEarnings(NATIVE, requester, 0);
    }

    /// @dev Decided in the last second of the first request, which nobody settles until long after.
    function test_SettlesByDecision_AtDeadline() public {
        openBoth();
        vm.warp(DEADLINE);
        decide(second, job, true);
        vm.warp(DEADLINE + 30 days);
        vm.prank(requester);
        assertEq(avs.settleRequest(request, job), Status.Verified);
        assertEarnings(NATIVE, payee, REWARD);
    }

    function test_Expires_WhenDecidedAfterDeadline() public {
        openBoth();
        vm.warp(DEADLINE + 1);
        decide(second, job, true);
        assertEq(avs.settleRequest(request, job), Status.Expired);
        assertEarnings(NATIVE, payee, 0);
        assertEarnings(NATIVE, requester, REWARD + FEE);
    }

    /// @dev A decision after a request expired does not touch it.
    function test_DecisionLeavesExpiredRequest() public {
        openBoth();
        vm.warp(DEADLINE + 1);
        avs.settleRequest(request, job);
        decide(second, job, true);
        expectNotOpen(Status.Expired);
        assertEarnings(NATIVE, requester, REWARD + FEE);
    }

    /// @dev Neither a second request that expires nor its requester can take the promised reward away.
    function test_PromisedRewardCannotBeVoided() public {
        second.deadline = START + 10;
        openBoth();
        vm.warp(START + 11);
        avs.settleRequest(second, job);
        assertStatus(second, Status.Expired);
        vm.expectRevert(
            abi.encodeWithSelector(IProofOfInferenceAVS.RequestNotSettleable.selector, requestIdOf(request), DEADLINE)
        );
        avs.settleRequest(request, job);
        decide(request, job, true);
        assertEarnings(NATIVE, payee, REWARD);
    }

    function test_RequesterCannotVoidByAnotherRequest() public {
        // the requester's own second request is Verified; letting the first one lapse does not help
        second.requester = requester;
        openBoth();
        decide(second, job, true);
        vm.warp(DEADLINE + 1);
        vm.prank(requester);
        assertEq(avs.settleRequest(request, job), Status.Verified);
        assertEarnings(NATIVE, payee, REWARD);
    }

    function test_OneOutcomePerJob() public {
        openBoth();
        vote(second, job, 0, false);
        decide(request, job, true);
        // the vote that would have rejected the job through the second request
        vm.expectRevert(
            abi.encodeWithSelector(IProofOfInferenceAVS.RequestNotOpen.selector, requestIdOf(second), Status.Verified)
        );
        vote(second, job, 1, false);
        avs.settleRequest(second, job);
        assertStatus(second, Status.Verified);
        assertEq(claim(0, second), 0);
        assertEarnings(NATIVE, stranger, MINIMUM_FEE);
    }

    function test_EveryRequestPays() public {
        second.reward = 0.5 ether;
        openBoth();
        decide(request, job, true);
        avs.settleRequest(second, job);
        assertEarnings(NATIVE, payee, REWARD + 0.5 ether);
    }

    /// @dev All that came in can go out again, but for what rounding leaves.
    function testFuzz_NothingIsLost(uint64 reward, uint64 fee, uint8 verdicts, bool fromDeposit, bool bySecond) public {
        request.reward = reward;
        request.verificationFee = uint128(bound(fee, MINIMUM_FEE, type(uint64).max));
        if (fromDeposit) openFromDeposit(request, job);
        else open(request, job);
        open(second, job);
        uint256 total = address(avs).balance;
        for (uint256 i; i < 4 && avs.getJobState(request.jobId).status == Status.None; ++i) {
            vote(bySecond ? second : request, job, i, (verdicts >> i) & 1 == 1);
        }
        vm.warp(second.deadline + 1);
        if (avs.getRequestState(requestIdOf(request)).status == Status.Open) avs.settleRequest(request, job);
        if (avs.getRequestState(requestIdOf(second)).status == Status.Open) avs.settleRequest(second, job);

        uint256 owed = avs.getEarnings(NATIVE, requester) + avs.getEarnings(NATIVE, stranger)
            + avs.getEarnings(NATIVE, payee) + avs.getDeposit(NATIVE, requester);
        for (uint256 i; i < 4; ++i) {
            claim(i, request);
            claim(i, second);
            owed += avs.getEarnings(NATIVE, operators[i].account);
        }
        assertLe(owed, total);
        assertApproxEqAbs(owed, total, 4);
    }
}
