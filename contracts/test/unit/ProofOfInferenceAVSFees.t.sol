// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IProofOfInferenceAVS } from "../../src/interfaces/IProofOfInferenceAVS.sol";
import { Job, Request, Status } from "../../src/types/DataTypes.sol";
import { AVSTest } from "../utils/AVSTest.sol";

contract ProofOfInferenceAVSFeesTest is AVSTest {
    uint32 private constant WINDOW = 10 minutes;

    Job private job;
    Request private request;

    function setUp() public override {
        super.setUp();
        job = plainJob();
        request = requestFor(job);
    }

    /// @dev A request of its own job, decided by operators 0 and 1.
    function decided(uint256 n, address asset, bool isValid) private returns (Request memory another) {
        Job memory anotherJob = job;
        anotherJob.salt = bytes32(n);
        another = requestFor(anotherJob);
        another.asset = asset;
        open(another, anotherJob);
        decide(another, anotherJob, isValid);
    }

    // -- claimFees

    function test_Claim_RevertWhen_NotFinal() public {
        open(request, job);
        vote(request, job, 0, true);
        vm.expectRevert(
            abi.encodeWithSelector(IProofOfInferenceAVS.RequestNotFinal.selector, requestIdOf(request), Status.Open)
        );
        claim(0, request);
    }

    /// @dev As one that a certificate settled has none either.
    function test_Claim_NoRecord() public {
        assertEq(claim(0, request), 0);
        Request[] memory requests = new Request[](2);
        requests[0] = request;
        requests[1] = decided(0, NATIVE, true);
        assertEq(avs.claimFees(operators[0].account, requests), FEE * 40 / 100);
    }

    function test_Claim_NoRequests() public {
        assertEq(avs.claimFees(operators[0].account, new Request[](0)), 0);
    }

    function test_Claim_Expired() public {
        open(request, job);
        vote(request, job, 0, true);
        vote(request, job, 1, false);
        vm.warp(DEADLINE + 1);
        avs.settleRequest(request, job);
        assertEq(claim(0, request), 0);
        assertEq(claim(1, request), 0);
    }

    function test_Claim_NothingEarned() public {
        open(request, job);
        vote(request, job, 3, false);
        decide(request, job, true);
        Request[] memory requests = new Request[](1);
        requests[0] = request;
        vm.recordLogs();
        // did not vote, voted against, no operator
        assertEq(claim(2, request), 0);
        assertEq(claim(3, request), 0);
        assertEq(avs.claimFees(stranger, requests), 0);
        assertEq(vm.getRecordedLogs().length, 0);
        assertEarnings(NATIVE, stranger, 0);
    }

    /// @dev What a lying operator set might say of somebody without an index.
    function test_Claim_OperatorThatCannotVote() public {
        open(request, job);
        decide(request, job, true);
        setVoter(0, REFERENCE, false);
        assertEq(claim(0, request), 0);
    }

    function test_Claim_Verified() public {
        open(request, job);
        decide(request, job, true);
        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.FeesClaimed(operators[0].account, NATIVE, FEE * 40 / 100);
        vm.prank(stranger);
        assertEq(claim(0, request), FEE * 40 / 100);
        // operator 1 decided the request, and was paid in that call
        assertEarnings(NATIVE, operators[1].account, FEE * 30 / 100);
        assertEq(claim(1, request), 0);
        assertEarnings(NATIVE, operators[0].account, FEE * 40 / 100);
        assertEarnings(NATIVE, operators[1].account, FEE * 30 / 100);
        assertEarnings(NATIVE, requester, FEE * 30 / 100);
    }

    function test_Claim_Rejected() public {
        open(request, job);
        vote(request, job, 3, true);
        decide(request, job, false);
        assertEq(claim(0, request), FEE * 40 / 100);
        assertEq(claim(3, request), 0);
        assertEarnings(NATIVE, requester, REWARD + FEE * 30 / 100);
    }

    function test_Claim_Twice() public {
        for (uint256 i; i < 2; ++i) {
            request = decided(i, NATIVE, i == 0);
            assertEq(claim(0, request), FEE * 40 / 100);
            assertEq(claim(0, request), 0);
            Request[] memory requests = new Request[](3);
            requests[0] = requests[1] = requests[2] = request;
            assertEq(avs.claimFees(operators[1].account, requests), 0);
            assertEarnings(NATIVE, operators[1].account, (i + 1) * FEE * 30 / 100);
        }
    }

    function test_Claim_Batch() public {
        Request[] memory requests = new Request[](4);
        requests[0] = decided(0, NATIVE, true);
        requests[1] = decided(1, NATIVE, false);
        requests[2] = decided(2, address(token), true);
        requests[3] = decided(3, NATIVE, true);
        address operator = operators[0].account;
        uint256 share = FEE * 40 / 100;
        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.FeesClaimed(operator, NATIVE, 2 * share);
        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.FeesClaimed(operator, address(token), share);
        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.FeesClaimed(operator, NATIVE, share);
        assertEq(avs.claimFees(operator, requests), 4 * share);
        assertEarnings(NATIVE, operator, 3 * share);
        assertEarnings(address(token), operator, share);
        assertEq(avs.claimFees(operator, requests), 0);
    }

    function test_Claim_BatchWithOpenRequest() public {
        Request[] memory requests = new Request[](2);
        requests[0] = decided(0, NATIVE, true);
        open(request, job);
        requests[1] = request;
        vm.expectPartialRevert(IProofOfInferenceAVS.RequestNotFinal.selector);
        avs.claimFees(operators[0].account, requests);
    }

    function testFuzz_Claim_NeverMoreThanFee(uint128 fee, uint96[4] memory weights, uint8 verdicts, bool fromDeposit)
        public
    {
        for (uint256 i; i < 4; ++i) {
            operators[i].weight = uint96(bound(weights[i], 1, type(uint96).max / 4));
            setVoter(i, REFERENCE, true);
        }
        job.minAttestations = 1;
        request = requestFor(job);
        request.asset = address(token);
        request.verificationFee = fee;
        request.reward = 1;
        if (fromDeposit) openFromDeposit(request, job);
        else open(request, job);
        for (uint256 i; i < 4; ++i) {
            if (vote(request, job, i, (verdicts >> i) & 1 == 1) != Status.Open) break;
        }
        Status status = avs.getRequestState(requestIdOf(request)).status;
        if (status == Status.Open) return;

        uint256 returned = avs.getDeposit(address(token), requester) + avs.getEarnings(address(token), requester);
        if (status == Status.Rejected) returned -= 1;
        uint256 paid;
        for (uint256 i; i < 4; ++i) {
            claim(i, request);
            paid += avs.getEarnings(address(token), operators[i].account);
        }
        assertLe(paid + returned, fee);
        assertApproxEqAbs(paid + returned, fee, 4);
    }

    // -- releaseUnearnedFee

    function openWithWindow(bool fromDeposit) private {
        request.commitWindow = WINDOW;
        if (fromDeposit) openFromDeposit(request, job);
        else open(request, job);
        for (uint256 i; i < 4; ++i) {
            commit(request, i, i < 3);
        }
        vm.warp(START + WINDOW + 1);
        reveal(request, job, 0, true);
        reveal(request, job, 1, true);
    }

    function test_Release_RevertWhen_NotFinal() public {
        request.commitWindow = WINDOW;
        vm.expectRevert(
            abi.encodeWithSelector(IProofOfInferenceAVS.RequestNotFinal.selector, requestIdOf(request), Status.None)
        );
        avs.releaseUnearnedFee(request);
        open(request, job);
        vm.warp(DEADLINE + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IProofOfInferenceAVS.RequestNotFinal.selector, requestIdOf(request), Status.Open)
        );
        avs.releaseUnearnedFee(request);
    }

    function test_Release_WithoutWindow() public {
        open(request, job);
        decide(request, job, true);
        assertEq(avs.releaseUnearnedFee(request), 0);
        vm.warp(DEADLINE + 1);
        assertEq(avs.releaseUnearnedFee(request), 0);
        assertEarnings(NATIVE, requester, FEE * 30 / 100);
    }

    function test_Release_RevertWhen_DeadlineHasNotPassed() public {
        openWithWindow(false);
        uint40[2] memory times = [START + WINDOW + 1, DEADLINE];
        for (uint256 i; i < times.length; ++i) {
            vm.warp(times[i]);
            vm.expectRevert(
                abi.encodeWithSelector(
                    IProofOfInferenceAVS.RequestNotSettleable.selector, requestIdOf(request), DEADLINE
                )
            );
            avs.releaseUnearnedFee(request);
        }
    }

    function test_Release() public {
        openWithWindow(false);
        assertEarnings(NATIVE, requester, 0);
        assertEq(claim(0, request), FEE * 40 / 100);
        vm.warp(DEADLINE + 1);
        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.UnearnedFeeReleased(requestIdOf(request), FEE * 30 / 100);
        vm.prank(stranger);
        assertEq(avs.releaseUnearnedFee(request), FEE * 30 / 100);
        assertEarnings(NATIVE, requester, FEE * 30 / 100);
        assertTrue(avs.getRequestState(requestIdOf(request)).feeSettled);
        assertEq(avs.releaseUnearnedFee(request), 0);
        assertEarnings(NATIVE, requester, FEE * 30 / 100);
    }

    function test_Release_BeforeFeesAreClaimed() public {
        openWithWindow(false);
        reveal(request, job, 2, true);
        vm.warp(DEADLINE + 1);
        assertEq(avs.releaseUnearnedFee(request), FEE * 10 / 100);
        // what is not claimed yet is still there
        assertEq(claim(0, request), FEE * 40 / 100);
        assertEq(claim(2, request), FEE * 20 / 100);
    }

    function test_Release_AfterLateReveals() public {
        openWithWindow(true);
        reveal(request, job, 2, true);
        reveal(request, job, 3, false);
        vm.warp(DEADLINE + 1);
        assertEq(avs.releaseUnearnedFee(request), FEE * 10 / 100);
        assertDeposit(NATIVE, requester, FEE * 10 / 100);
        assertEarnings(NATIVE, requester, 0);
        assertEq(claim(2, request), FEE * 20 / 100);
        assertEq(claim(3, request), 0);
    }

    /// @dev Settled by another request's decision after its own deadline, without a single vote.
    function test_Release_WithoutVotes() public {
        request.commitWindow = WINDOW;
        open(request, job);
        Request memory another = requestFor(job);
        open(another, job);
        decide(another, job, false);
        vm.warp(DEADLINE + 1);
        uint256 before = avs.getEarnings(NATIVE, requester);
        avs.settleRequest(request, job);
        assertEarnings(NATIVE, requester, before + REWARD + FEE);
        assertEq(avs.releaseUnearnedFee(request), 0);
    }

    /// @dev Settled by another request's decision before its own deadline, and nobody reveals a vote.
    function test_Release_WithoutVotes_BeforeTheDeadline() public {
        request.commitWindow = WINDOW;
        open(request, job);
        Request memory another = requestFor(job);
        open(another, job);
        decide(another, job, false);
        avs.settleRequest(request, job);
        vm.warp(DEADLINE + 1);
        uint256 before = avs.getEarnings(NATIVE, requester);
        assertEq(avs.releaseUnearnedFee(request), FEE);
        assertEarnings(NATIVE, requester, before + FEE);
    }
}
