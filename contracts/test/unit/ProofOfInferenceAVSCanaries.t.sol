// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IProofOfInferenceAVS } from "../../src/interfaces/IProofOfInferenceAVS.sol";
import { Job, Request, Status } from "../../src/types/DataTypes.sol";
import { AVSTest } from "../utils/AVSTest.sol";

contract ProofOfInferenceAVSCanariesTest is AVSTest {
    bytes32 private constant CANARY_TYPEHASH = keccak256("Canary(bool isValid,bytes32 secret)");
    bytes32 private constant SECRET = keccak256("a secret");

    function saltFor(bool isValid, bytes32 secret) private pure returns (bytes32) {
        return keccak256(abi.encode(CANARY_TYPEHASH, isValid, secret));
    }

    function canary(bool isValid) private view returns (Job memory job) {
        job = plainJob();
        job.salt = saltFor(isValid, SECRET);
    }

    function expectRevealed(Job memory job, bool isValid) private {
        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.CanaryRevealed(jobIdOf(job), isValid);
        vm.prank(stranger);
        avs.revealCanary(job, isValid, SECRET);
    }

    function expectMismatch(Job memory job, bool isValid, bytes32 secret) private {
        vm.expectRevert(
            abi.encodeWithSelector(IProofOfInferenceAVS.CanaryMismatch.selector, saltFor(isValid, secret), job.salt)
        );
        avs.revealCanary(job, isValid, secret);
    }

    function testFuzz_RevertWhen_SecretIsAnother(bytes32 secret, bool isValid) public {
        vm.assume(secret != SECRET);
        expectMismatch(canary(isValid), isValid, secret);
    }

    function test_RevertWhen_VerdictIsTheOther() public {
        expectMismatch(canary(true), false, SECRET);
        expectMismatch(canary(false), true, SECRET);
    }

    function test_RevertWhen_SaltIsNoCommitment() public {
        expectMismatch(plainJob(), true, SECRET);
        expectMismatch(plainJob(), false, 0);
    }

    /// @dev The salt alone is no canary: the reveal speaks of the job that it comes with, which nobody need know.
    function test_OfAnotherJobWithTheSalt() public {
        Job memory job = canary(false);
        job.outputDigest = 0;
        assertNotEq(jobIdOf(job), jobIdOf(canary(false)));
        expectRevealed(job, false);
    }

    function testFuzz_Reveals(bool isValid) public {
        Job memory job = canary(isValid);
        Request memory request = requestFor(job);
        expectRevealed(job, isValid);
        open(request, job);
        expectRevealed(job, isValid);
        decide(request, job, !isValid);
        expectRevealed(job, isValid);
        expectRevealed(job, isValid);
        assertEq(avs.getJobState(request.jobId).status, isValid ? Status.Rejected : Status.Verified);
    }

    function test_WritesNothing() public {
        Job memory job = canary(true);
        vm.record();
        avs.revealCanary(job, true, SECRET);
        (, bytes32[] memory writes) = vm.accesses(address(avs));
        assertEq(writes.length, 0);
    }
}
