// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { ILedger } from "../../src/interfaces/ILedger.sol";
import { AssetFee, IModelRegistry } from "../../src/interfaces/IModelRegistry.sol";
import { IProofOfInferenceAVS, RequestState } from "../../src/interfaces/IProofOfInferenceAVS.sol";
import { Attestation, Job, Opening, Request, Status } from "../../src/types/DataTypes.sol";
import { ReenteringReceiver } from "../mocks/ReenteringReceiver.sol";
import { FalseReturningToken, FeeOnTransferToken, HookToken, MockToken, NoReturnToken } from "../mocks/Tokens.sol";
import { AVSTest } from "../utils/AVSTest.sol";

contract ProofOfInferenceAVSRequestsTest is AVSTest {
    /// @dev Opening the job in a default request must fail.
    function expectRefusal(Job memory job, bytes memory reason) private {
        expectRefusal(requestFor(job), job, reason);
    }

    function expectRefusal(Request memory request, Job memory job, bytes memory reason) private {
        vm.expectRevert(reason);
        open(request, job);
    }

    function openPaying(Request memory request, uint256 value) private {
        Opening memory opening;
        vm.prank(requester);
        avs.requestInferenceVerification{ value: value }(request, plainJob(), opening);
    }

    // -- who, which

    function test_RevertWhen_CallerIsNotRequester() public {
        Request memory request = requestFor(plainJob());
        Opening memory opening;
        opening.fromDeposit = true;
        depositFor(requester, NATIVE, 10 ether);
        vm.expectRevert(abi.encodeWithSelector(IProofOfInferenceAVS.NotRequester.selector, stranger, requester));
        vm.prank(stranger);
        avs.requestInferenceVerification(request, plainJob(), opening);
    }

    function test_RevertWhen_OpenedBefore() public {
        Job memory job = plainJob();
        Request memory request = requestFor(job);
        bytes memory reason =
            abi.encodeWithSelector(IProofOfInferenceAVS.RequestAlreadyOpened.selector, requestIdOf(request));
        open(request, job);
        expectRefusal(request, job, reason);
        vm.warp(DEADLINE + 1);
        avs.settleRequest(request, job);
        expectRefusal(request, job, reason);
    }

    function test_RevertWhen_JobIsAnother() public {
        Job memory job = plainJob();
        Request memory request = requestFor(job);
        job.salt = keccak256("another salt");
        expectRefusal(
            request, job, abi.encodeWithSelector(IProofOfInferenceAVS.JobMismatch.selector, request.jobId, jobIdOf(job))
        );
    }

    function test_RevertWhen_JobIsDecided() public {
        Job memory job = plainJob();
        Request memory request = requestFor(job);
        open(request, job);
        decide(request, job, false);
        request.nonce = 1;
        expectRefusal(
            request,
            job,
            abi.encodeWithSelector(IProofOfInferenceAVS.JobAlreadyDecided.selector, request.jobId, Status.Rejected)
        );
    }

    // -- terms

    function test_RevertWhen_VersionIsUnknown() public {
        Job memory job = plainJob();
        job.modelVersionId = modelId;
        expectRefusal(job, abi.encodeWithSelector(IModelRegistry.UnknownModelVersion.selector, modelId));
    }

    function test_RevertWhen_ModelIsInactive() public {
        vm.prank(modelOwner);
        registry.setActive(modelId, false);
        expectRefusal(plainJob(), abi.encodeWithSelector(IProofOfInferenceAVS.ModelInactive.selector, modelId));
    }

    function test_RevertWhen_AssetIsNotAccepted() public {
        Request memory request = requestFor(plainJob());
        request.asset = address(new MockToken());
        vm.expectRevert(abi.encodeWithSelector(IProofOfInferenceAVS.AssetNotAccepted.selector, modelId, request.asset));
        openPaying(request, 0);
    }

    function test_RevertWhen_AssetIsNoLongerAccepted() public {
        AssetFee[] memory fees = new AssetFee[](1);
        fees[0] = AssetFee(NATIVE, false, 0);
        vm.prank(modelOwner);
        registry.setFees(modelId, fees);
        expectRefusal(
            plainJob(), abi.encodeWithSelector(IProofOfInferenceAVS.AssetNotAccepted.selector, modelId, NATIVE)
        );
    }

    function test_RevertWhen_FeeIsBelowMinimum() public {
        Request memory request = requestFor(plainJob());
        request.verificationFee = MINIMUM_FEE - 1;
        expectRefusal(
            request,
            plainJob(),
            abi.encodeWithSelector(IProofOfInferenceAVS.FeeBelowMinimum.selector, MINIMUM_FEE - 1, MINIMUM_FEE)
        );
        request.verificationFee = MINIMUM_FEE;
        open(request, plainJob());
    }

    function testFuzz_Quorum(uint16 quorumBps) public {
        Job memory job = plainJob();
        job.quorumBps = quorumBps;
        if (quorumBps < 5_001 || quorumBps > 10_000) {
            expectRefusal(job, abi.encodeWithSelector(IProofOfInferenceAVS.InvalidQuorum.selector, quorumBps));
        } else {
            open(requestFor(job), job);
        }
    }

    function test_QuorumBounds() public {
        testFuzz_Quorum(5_000);
        testFuzz_Quorum(5_001);
        testFuzz_Quorum(10_000);
        testFuzz_Quorum(10_001);
    }

    function testFuzz_MinAttestations(uint16 minAttestations) public {
        Job memory job = plainJob();
        job.minAttestations = minAttestations;
        if (minAttestations == 0 || minAttestations > 256) {
            expectRefusal(
                job, abi.encodeWithSelector(IProofOfInferenceAVS.InvalidMinAttestations.selector, minAttestations)
            );
        } else {
            open(requestFor(job), job);
        }
    }

    function test_MinAttestationsBounds() public {
        testFuzz_MinAttestations(0);
        testFuzz_MinAttestations(1);
        testFuzz_MinAttestations(256);
        testFuzz_MinAttestations(257);
    }

    function testFuzz_MinConfidence(uint16 minConfidence) public {
        Job memory job = plainJob();
        job.minConfidence = minConfidence;
        if (minConfidence < 100 || minConfidence > VALID_CONFIDENCE) {
            expectRefusal(
                job,
                abi.encodeWithSelector(
                    IProofOfInferenceAVS.InvalidMinConfidence.selector, minConfidence, VALID_CONFIDENCE
                )
            );
        } else {
            open(requestFor(job), job);
        }
    }

    function test_MinConfidenceBounds() public {
        testFuzz_MinConfidence(99);
        testFuzz_MinConfidence(100);
        testFuzz_MinConfidence(VALID_CONFIDENCE);
        testFuzz_MinConfidence(VALID_CONFIDENCE + 1);
    }

    function test_RevertWhen_AgentIdWithoutFlag() public {
        Job memory job = plainJob();
        job.agentId = AGENT_ID;
        expectRefusal(job, abi.encodeWithSelector(IProofOfInferenceAVS.InvalidAgent.selector, false, AGENT_ID));
    }

    function test_RevertWhen_RewardWithoutPayee() public {
        Job memory job = plainJob();
        job.payee = address(0);
        expectRefusal(job, abi.encodeWithSelector(IProofOfInferenceAVS.InvalidPayee.selector, address(0)));
    }

    function test_RevertWhen_AgentWithoutPayee() public {
        Job memory job = agentJob();
        job.payee = address(0);
        Request memory request = requestFor(job);
        request.reward = 0;
        expectRefusal(request, job, abi.encodeWithSelector(IProofOfInferenceAVS.InvalidPayee.selector, address(0)));
    }

    function test_NeitherRewardNorPayee() public {
        Job memory job = plainJob();
        job.payee = address(0);
        Request memory request = requestFor(job);
        request.reward = 0;
        open(request, job);
        decide(request, job, true);
        assertStatus(request, Status.Verified);
        assertEarnings(NATIVE, address(0), 0);
    }

    // -- times

    function test_RevertWhen_DeadlineIsOutOfRange() public {
        Request memory request = requestFor(plainJob());
        uint40[3] memory deadlines = [uint40(0), START, START + LIFETIME + 1];
        for (uint256 i; i < deadlines.length; ++i) {
            request.deadline = deadlines[i];
            expectRefusal(
                request,
                plainJob(),
                abi.encodeWithSelector(
                    IProofOfInferenceAVS.InvalidDeadline.selector, deadlines[i], START + 1, START + LIFETIME
                )
            );
        }
    }

    function test_DeadlineBounds() public {
        Request memory request = requestFor(plainJob());
        request.deadline = START + 1;
        open(request, plainJob());
        request.deadline = START + LIFETIME;
        open(request, plainJob());
    }

    function test_RevertWhen_CommitWindowLeavesNoTime() public {
        Request memory request = requestFor(plainJob());
        uint32[2] memory windows = [uint32(1 hours), type(uint32).max];
        for (uint256 i; i < windows.length; ++i) {
            request.commitWindow = windows[i];
            expectRefusal(
                request,
                plainJob(),
                abi.encodeWithSelector(IProofOfInferenceAVS.InvalidCommitWindow.selector, windows[i], DEADLINE)
            );
        }
        request.commitWindow = 1 hours - 1;
        open(request, plainJob());
    }

    function test_RevertWhen_ReferenceIsInvalid() public {
        Request memory request = requestFor(plainJob());
        uint48[3] memory references = [CLOCK, CLOCK + 1, CLOCK - 101];
        for (uint256 i; i < references.length; ++i) {
            request.referenceTimepoint = references[i];
            expectRefusal(
                request,
                plainJob(),
                abi.encodeWithSelector(IProofOfInferenceAVS.InvalidReference.selector, references[i])
            );
        }
    }

    function test_ReferenceBounds() public {
        Request memory request = requestFor(plainJob());
        request.referenceTimepoint = CLOCK - 1;
        open(request, plainJob());
        request.referenceTimepoint = CLOCK - 100;
        open(request, plainJob());
    }

    // -- payloads

    function test_RevertWhen_PayloadHasAnotherDigest() public {
        Request memory request = requestFor(plainJob());
        Opening memory opening;
        opening.input = "another input";
        vm.expectRevert(
            abi.encodeWithSelector(
                IProofOfInferenceAVS.PayloadDigestMismatch.selector, inputDigest, sha256(opening.input)
            )
        );
        vm.prank(requester);
        avs.requestInferenceVerification{ value: REWARD + FEE }(request, plainJob(), opening);

        opening.input = INPUT;
        opening.output = bytes.concat(OUTPUT, "\x00");
        vm.expectRevert(
            abi.encodeWithSelector(
                IProofOfInferenceAVS.PayloadDigestMismatch.selector, outputDigest, sha256(opening.output)
            )
        );
        vm.prank(requester);
        avs.requestInferenceVerification{ value: REWARD + FEE }(request, plainJob(), opening);
    }

    function test_PublishesPayloads() public {
        Opening memory opening;
        opening.input = INPUT;
        opening.output = OUTPUT;
        Request memory request = requestFor(plainJob());
        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.PayloadPublished(inputDigest, INPUT);
        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.PayloadPublished(outputDigest, OUTPUT);
        vm.prank(requester);
        avs.requestInferenceVerification{ value: REWARD + FEE }(request, plainJob(), opening);
    }

    // -- paying

    function test_RevertWhen_NativePaymentIsNotExact() public {
        Request memory request = requestFor(plainJob());
        uint256[3] memory values = [uint256(0), REWARD + FEE - 1, REWARD + FEE + 1];
        for (uint256 i; i < values.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(ILedger.IncorrectPayment.selector, NATIVE, REWARD + FEE, values[i]));
            openPaying(request, values[i]);
        }
    }

    function test_RevertWhen_ValueComesWithToken() public {
        Request memory request = requestFor(plainJob());
        request.asset = address(token);
        mintAndApprove(address(token), requester, REWARD + FEE);
        vm.expectRevert(abi.encodeWithSelector(ILedger.IncorrectPayment.selector, NATIVE, 0, 1));
        openPaying(request, 1);
    }

    function test_RevertWhen_ValueComesWithDeposit() public {
        Request memory request = requestFor(plainJob());
        depositFor(requester, NATIVE, REWARD + FEE);
        Opening memory opening;
        opening.fromDeposit = true;
        vm.expectRevert(abi.encodeWithSelector(ILedger.IncorrectPayment.selector, NATIVE, 0, 1));
        vm.prank(requester);
        avs.requestInferenceVerification{ value: 1 }(request, plainJob(), opening);
    }

    function test_RevertWhen_DepositIsTooSmall() public {
        Request memory request = requestFor(plainJob());
        depositFor(requester, NATIVE, REWARD + FEE - 1);
        depositFor(stranger, NATIVE, 10 ether);
        depositFor(requester, address(token), 10 ether);
        Opening memory opening;
        opening.fromDeposit = true;
        vm.expectRevert(
            abi.encodeWithSelector(
                ILedger.InsufficientDeposit.selector, requester, NATIVE, REWARD + FEE, REWARD + FEE - 1
            )
        );
        vm.prank(requester);
        avs.requestInferenceVerification(request, plainJob(), opening);
    }

    function test_RevertWhen_TokenIsNotAllowed() public {
        Request memory request = requestFor(plainJob());
        request.asset = address(token);
        vm.expectRevert();
        openPaying(request, 0);
        assertStatus(request, Status.None);
    }

    function test_RevertWhen_TokenTakesFee() public {
        FeeOnTransferToken taxed = new FeeOnTransferToken();
        acceptAsset(address(taxed));
        mintAndApprove(address(taxed), requester, REWARD + FEE);
        Request memory request = requestFor(plainJob());
        request.asset = address(taxed);
        vm.expectRevert(
            abi.encodeWithSelector(
                ILedger.IncorrectPayment.selector, address(taxed), REWARD + FEE, (REWARD + FEE) / 100 * 99
            )
        );
        openPaying(request, 0);
    }

    function test_RevertWhen_TokenReturnsFalse() public {
        FalseReturningToken liar = new FalseReturningToken();
        acceptAsset(address(liar));
        mintAndApprove(address(liar), requester, REWARD + FEE);
        Request memory request = requestFor(plainJob());
        request.asset = address(liar);
        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(liar)));
        openPaying(request, 0);
    }

    function test_RevertWhen_TokenIsNoContract() public {
        acceptAsset(stranger);
        Request memory request = requestFor(plainJob());
        request.asset = stranger;
        vm.expectRevert();
        openPaying(request, 0);
    }

    function test_TokenWithoutReturnValue() public {
        NoReturnToken silent = new NoReturnToken();
        acceptAsset(address(silent));
        Request memory request = requestFor(plainJob());
        request.asset = address(silent);
        open(request, plainJob());
        assertEq(silent.balanceOf(address(avs)), REWARD + FEE);
    }

    // -- a token that calls back

    /// @dev Has an account open a request, paid in a token that calls the account back, which then makes the call.
    function openWithHook(bytes memory data) private returns (ReenteringReceiver account, Request memory request) {
        HookToken hooked = new HookToken();
        acceptAsset(address(hooked));
        account = new ReenteringReceiver();
        request = requestFor(plainJob());
        request.asset = address(hooked);
        request.requester = address(account);
        mintAndApprove(address(hooked), address(account), REWARD + FEE);
        hooked.setHook(address(account), abi.encodeCall(account.reenter, ()));
        account.setReentry(address(avs), data.length == 0 ? decidingVote(request) : data);

        Opening memory opening;
        account.execute(
            address(avs), 0, abi.encodeCall(avs.requestInferenceVerification, (request, plainJob(), opening))
        );
        assertEq(account.attempts(), 1);
        assertEq(hooked.balanceOf(address(avs)), REWARD + FEE);
    }

    function decidingVote(Request memory request) private view returns (bytes memory) {
        Attestation memory attestation = attestationOf(request, 0, true);
        return abi.encodeCall(
            avs.submitVerification, (request, plainJob(), attestation, signAttestation(attestation, 0), bytes32(0))
        );
    }

    function test_HookCannotMoveTokens() public {
        Opening memory opening;
        bytes[4] memory calls = [
            abi.encodeCall(avs.deposit, (NATIVE, 1)),
            abi.encodeCall(avs.completeDepositWithdrawal, (NATIVE)),
            abi.encodeCall(avs.withdrawEarnings, (NATIVE, stranger)),
            abi.encodeCall(avs.requestInferenceVerification, (requestFor(plainJob()), plainJob(), opening))
        ];
        for (uint256 i; i < calls.length; ++i) {
            (ReenteringReceiver account,) = openWithHook(calls[i]);
            assertFalse(account.succeeded());
            assertEq(
                account.result(), abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector)
            );
        }
    }

    function test_HookMayVote() public {
        (ReenteringReceiver account, Request memory request) = openWithHook("");
        assertTrue(account.succeeded());
        assertStatus(request, Status.Open);
        assertEq(vote(request, plainJob(), 1, true), Status.Verified);
        assertEarnings(request.asset, payee, REWARD);
    }

    // -- opened

    function assertOpened(Request memory request, bool fromDeposit) private view {
        RequestState memory state = avs.getRequestState(requestIdOf(request));
        assertEq(state.status, Status.Open);
        assertEq(state.fromDeposit, fromDeposit);
        assertFalse(state.feeSettled);
        assertEq(state.openedAt, block.timestamp);
        assertEq(state.validWeight | state.invalidWeight, 0);
        assertEq(state.confidenceShortfall, 0);
        assertEq(state.runningHash, 0);
        assertEq(state.validVotes | state.invalidVotes, 0);
        assertEq(avs.getJobState(request.jobId).status, Status.None);
    }

    function test_OpensWithNativeCurrency() public {
        Job memory job = plainJob();
        Request memory request = requestFor(job);
        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.InferenceVerificationRequested(
            requestIdOf(request), request.jobId, requester, request, job, false
        );
        assertEq(open(request, job), requestIdOf(request));
        assertOpened(request, false);
        assertEq(address(avs).balance, REWARD + FEE);
        assertEq(requester.balance, 1_000 ether - REWARD - FEE);
    }

    function test_OpensWithToken() public {
        Request memory request = requestFor(plainJob());
        request.asset = address(token);
        open(request, plainJob());
        assertOpened(request, false);
        assertEq(token.balanceOf(address(avs)), REWARD + FEE);
        assertEq(token.balanceOf(requester), 0);
    }

    function test_OpensFromDeposit() public {
        Job memory job = plainJob();
        Request memory request = requestFor(job);
        Opening memory opening;
        opening.fromDeposit = true;
        depositFor(requester, NATIVE, REWARD + FEE + 5);
        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.InferenceVerificationRequested(
            requestIdOf(request), request.jobId, requester, request, job, true
        );
        vm.prank(requester);
        avs.requestInferenceVerification(request, job, opening);
        assertOpened(request, true);
        assertDeposit(NATIVE, requester, 5);
    }

    function test_TakesNothingForNothing() public {
        Request memory request = requestFor(plainJob());
        request.asset = address(token);
        request.reward = 0;
        request.verificationFee = 0;
        openPaying(request, 0);
        assertOpened(request, false);
    }

    function testFuzz_EscrowsExactly(uint128 reward, uint128 fee, bool fromDeposit) public {
        Request memory request = requestFor(plainJob());
        request.asset = address(token);
        request.reward = reward;
        request.verificationFee = fee;
        uint256 amount = uint256(reward) + fee;
        vm.assume(amount != 0);
        if (fromDeposit) openFromDeposit(request, plainJob());
        else open(request, plainJob());
        assertEq(token.balanceOf(address(avs)), amount);
        assertDeposit(address(token), requester, 0);
    }

    function test_ExpiredRequestMayBeRetried() public {
        Job memory job = plainJob();
        Request memory request = requestFor(job);
        open(request, job);
        vm.warp(DEADLINE + 1);
        avs.settleRequest(request, job);

        request.nonce = 1;
        request.deadline = DEADLINE + 1 hours;
        open(request, job);
        decide(request, job, true);
        assertEarnings(NATIVE, payee, REWARD);
    }
}
