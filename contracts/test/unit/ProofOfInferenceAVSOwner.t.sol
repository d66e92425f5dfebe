// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Ownable } from "@openzeppelin/contracts/access/Ownable.sol";

import { AVSConfig, ProofOfInferenceAVS } from "../../src/ProofOfInferenceAVS.sol";
import { IEquivocationSlasher } from "../../src/interfaces/IEquivocationSlasher.sol";
import { IProofOfInferenceAVS } from "../../src/interfaces/IProofOfInferenceAVS.sol";
import { IAllocationManager } from "../../src/interfaces/external/IAllocationManager.sol";
import { Job, Request, Status } from "../../src/types/DataTypes.sol";
import { AVSTest } from "../utils/AVSTest.sol";

contract ProofOfInferenceAVSOwnerTest is AVSTest {
    function pause() private {
        vm.prank(owner);
        avs.pauseRequests();
    }

    function expectNotOwner() private {
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, stranger));
        vm.prank(stranger);
    }

    function expectPaused(uint40 since, Request memory request, Job memory job) private {
        vm.expectRevert(abi.encodeWithSelector(IProofOfInferenceAVS.RequestsArePaused.selector, since));
        open(request, job);
    }

    // -- pausing

    function test_Pause_RevertWhen_NotOwner() public {
        expectNotOwner();
        avs.pauseRequests();
    }

    function test_Pause_RevertWhen_Paused() public {
        pause();
        vm.warp(START + 5);
        vm.expectRevert(abi.encodeWithSelector(IProofOfInferenceAVS.RequestsArePaused.selector, START));
        pause();
    }

    function test_Pause() public {
        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.RequestsPaused();
        pause();
        assertEq(avs.pausedSince(), START);
        expectPaused(START, requestFor(plainJob()), plainJob());
        // consent that comes along with the opening is no earlier consent
        expectPaused(START, requestFor(agentJob()), agentJob());
    }

    function test_Pause_SparesConsentedJobs() public {
        Job memory job = agentJob();
        avs.recordConsent(job, signConsent(job));
        vm.warp(START + 5);
        pause();
        open(requestFor(job), job);

        Request memory request = requestFor(job);
        request.deadline = START + 5 + 21 days + 1 hours;
        vm.warp(START + 5 + 21 days);
        open(request, job);
        vm.warp(START + 5 + 21 days + 1);
        request.nonce = 1;
        expectPaused(START + 5, request, job);
    }

    function test_Pause_DoesNotSpareLaterConsent() public {
        pause();
        vm.warp(START + 1);
        Job memory job = agentJob();
        avs.recordConsent(job, signConsent(job));
        expectPaused(START, requestFor(job), job);
    }

    function test_Pause_LeavesOpenRequests() public {
        Job memory job = plainJob();
        Request memory request = requestFor(job);
        Request memory windowed = requestFor(job);
        windowed.commitWindow = 10 minutes;
        open(request, job);
        open(windowed, job);
        pause();
        commit(windowed, 0, true);
        decide(request, job, true);
        avs.settleRequest(windowed, job);
        vm.warp(START + 10 minutes + 1);
        reveal(windowed, job, 0, true);
        assertEq(claim(0, request) + claim(0, windowed), 2 * (FEE * 40 / 100));
        avs.withdrawEarnings(NATIVE, payee);
        assertEq(payee.balance, 2 * uint256(REWARD));
        depositFor(stranger, NATIVE, 1);
    }

    function test_Unpause_RevertWhen_NotOwner() public {
        pause();
        expectNotOwner();
        avs.unpauseRequests();
    }

    function test_Unpause() public {
        pause();
        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.RequestsUnpaused();
        vm.prank(owner);
        avs.unpauseRequests();
        assertEq(avs.pausedSince(), 0);
        open(requestFor(plainJob()), plainJob());
    }

    // -- EigenLayer metadata

    function test_SetMetadataURI_RevertWhen_NotOwner() public {
        expectNotOwner();
        avs.setMetadataURI("https://example.org/avs.json");
    }

    function test_SetMetadataURI_RevertWhen_NoEigenLayer() public {
        vm.expectRevert(abi.encodeWithSelector(IProofOfInferenceAVS.ContractMissing.selector, address(0)));
        vm.prank(owner);
        avs.setMetadataURI("https://example.org/avs.json");
    }

    function test_SetMetadataURI() public {
        address expectedAVS = deployRegistry();
        AVSConfig memory config = avsConfig();
        config.allocationManager = config.keyRegistrar = makeAddr("EigenLayer");
        vm.etch(config.allocationManager, hex"00");
        config.slasher = makeAddr("slasher");
        vm.mockCall(config.slasher, abi.encodeCall(IEquivocationSlasher.avs, ()), abi.encode(expectedAVS));
        avs = new ProofOfInferenceAVS(config);
        bytes memory expected =
            abi.encodeCall(IAllocationManager.updateAVSMetadataURI, (address(avs), "https://example.org/avs.json"));
        vm.expectCall(config.allocationManager, expected, 1);
        vm.prank(owner);
        avs.setMetadataURI("https://example.org/avs.json");
    }

    // -- ownership

    function test_TransferOwnership_TakesTwoSteps() public {
        vm.prank(owner);
        avs.transferOwnership(stranger);
        assertEq(avs.owner(), owner);
        assertEq(avs.pendingOwner(), stranger);
        expectNotOwner();
        avs.pauseRequests();
        vm.prank(stranger);
        avs.acceptOwnership();
        assertEq(avs.owner(), stranger);
        vm.prank(stranger);
        avs.pauseRequests();
    }

    function test_RenounceOwnership_RevertWhen_Paused() public {
        pause();
        vm.expectRevert(abi.encodeWithSelector(IProofOfInferenceAVS.RequestsArePaused.selector, START));
        vm.prank(owner);
        avs.renounceOwnership();
    }

    function test_RenounceOwnership() public {
        expectNotOwner();
        avs.renounceOwnership();
        vm.prank(owner);
        avs.renounceOwnership();
        assertEq(avs.owner(), address(0));
    }
}
