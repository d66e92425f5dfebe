// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IProofOfInferenceAVS } from "../../src/interfaces/IProofOfInferenceAVS.sol";
import { Job, Opening, Request, Status } from "../../src/types/DataTypes.sol";
import { FickleWallet, GreedyWallet, LyingWallet, TerseWallet, VerboseWallet } from "../mocks/Wallets.sol";
import { AVSTest } from "../utils/AVSTest.sol";

contract ProofOfInferenceAVSConsentTest is AVSTest {
    function expectMissing(Job memory job, bytes memory consent) private {
        vm.expectRevert(
            abi.encodeWithSelector(IProofOfInferenceAVS.ConsentMissing.selector, jobIdOf(job), job.agentId, job.payee)
        );
        avs.recordConsent(job, consent);
        assertEq(avs.getJobState(jobIdOf(job)).consentedAt, 0);
    }

    function assertConsented(Job memory job, uint256 time) private view {
        assertEq(avs.getJobState(jobIdOf(job)).consentedAt, time);
    }

    /// @dev A job whose agent's wallet is a contract.
    function jobOf(address wallet) private returns (Job memory job) {
        identityRegistry.setAgentWallet(AGENT_ID, wallet);
        job = agentJob();
        job.payee = wallet;
    }

    // -- recordConsent

    function test_RevertWhen_NoAgent() public {
        Job memory job = plainJob();
        vm.expectRevert(abi.encodeWithSelector(IProofOfInferenceAVS.InvalidAgent.selector, false, 0));
        avs.recordConsent(job, signConsent(job));
        job.agentId = AGENT_ID;
        vm.expectRevert(abi.encodeWithSelector(IProofOfInferenceAVS.InvalidAgent.selector, false, AGENT_ID));
        avs.recordConsent(job, signConsent(job));
    }

    function test_RevertWhen_PayeeIsNotWallet() public {
        Job memory job = agentJob();
        identityRegistry.setAgentWallet(AGENT_ID, stranger);
        expectMissing(job, signConsent(job));
        job.agentId = AGENT_ID + 1;
        expectMissing(job, signConsent(job));
    }

    function test_RevertWhen_AgentHasNoWallet() public {
        identityRegistry.setAgentWallet(AGENT_ID, address(0));
        Job memory job = agentJob();
        job.payee = address(0);
        expectMissing(job, new bytes(65));
        expectMissing(job, "");
    }

    function test_RevertWhen_SignatureIsAnother() public {
        Job memory job = agentJob();
        Job memory another = agentJob();
        another.outputDigest = 0;
        (, uint256 strangerKey) = makeAddrAndKey("stranger");
        expectMissing(job, "");
        expectMissing(job, new bytes(65));
        expectMissing(job, signConsent(another));
        expectMissing(job, sign(strangerKey, jobIdOf(job)));
        bytes32 structHash = keccak256(abi.encode(JOB_TYPEHASH, job));
        bytes32 elsewhere = domainSeparator(block.chainid + 1, address(avs));
        expectMissing(job, sign(payeeKey, keccak256(abi.encodePacked("\x19\x01", elsewhere, structHash))));
        elsewhere = domainSeparator(block.chainid, address(registry));
        expectMissing(job, sign(payeeKey, keccak256(abi.encodePacked("\x19\x01", elsewhere, structHash))));
    }

    /// @dev Any field of the job that changes makes it another job, to which nobody agreed.
    function testFuzz_RevertWhen_JobChanged(bytes32 salt, bytes32 output, uint16 quorumBps) public {
        Job memory job = agentJob();
        bytes memory consent = signConsent(job);
        bytes32 jobId = jobIdOf(job);
        job.salt = salt;
        job.outputDigest = output;
        job.quorumBps = quorumBps;
        vm.assume(jobIdOf(job) != jobId);
        expectMissing(job, consent);
    }

    function test_Records() public {
        Job memory job = agentJob();
        vm.warp(START + 5);
        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.ConsentRecorded(jobIdOf(job), AGENT_ID, payee);
        vm.prank(stranger);
        avs.recordConsent(job, signConsent(job));
        assertConsented(job, START + 5);
    }

    function test_RecordsAgentZero() public {
        identityRegistry.setAgentWallet(0, payee);
        Job memory job = agentJob();
        job.agentId = 0;
        avs.recordConsent(job, signConsent(job));
        assertConsented(job, START);
        Request memory request = requestFor(job);
        open(request, job);
        decide(request, job, true);
        (uint64 totalJobs, uint64 verifiedJobs) = avs.getAgentRecord(0);
        assertEq(totalJobs, 1);
        assertEq(verifiedJobs, 1);
    }

    function test_RecordsOnce() public {
        Job memory job = agentJob();
        avs.recordConsent(job, signConsent(job));
        vm.warp(START + 5);
        vm.recordLogs();
        avs.recordConsent(job, signConsent(job));
        identityRegistry.setAgentWallet(AGENT_ID, stranger);
        avs.recordConsent(job, "");
        assertEq(vm.getRecordedLogs().length, 0);
        assertConsented(job, START);
    }

    // -- contracts as wallets

    function test_LyingWallet_SpeaksForItsAgentOnly() public {
        LyingWallet wallet = new LyingWallet();
        Job memory job = agentJob();
        job.payee = address(wallet);
        // agent 7 has another wallet
        expectMissing(job, "");
        identityRegistry.setAgentWallet(AGENT_ID + 1, address(wallet));
        job.agentId = AGENT_ID + 1;
        avs.recordConsent(job, "");
        assertConsented(job, START);
    }

    function test_FickleWallet() public {
        FickleWallet wallet = new FickleWallet();
        Job memory job = jobOf(address(wallet));
        wallet.setAnswer(false);
        expectMissing(job, "");
        wallet.setAnswer(true);
        avs.recordConsent(job, "");
        wallet.setAnswer(false);

        Request memory request = requestFor(job);
        open(request, job);
        decide(request, job, true);
        assertEarnings(NATIVE, address(wallet), REWARD);
    }

    function test_VerboseWallet() public {
        VerboseWallet wallet = new VerboseWallet();
        Job memory job = jobOf(address(wallet));
        wallet.setReverting(true);
        expectMissing(job, "");
        wallet.setReverting(false);
        // the wallet pays 14,000 for its memory; copying it would cost as much again
        uint256 before = gasleft();
        avs.recordConsent(job, "");
        assertLt(before - gasleft(), 80_000);
        assertConsented(job, START);
    }

    function test_GreedyWallet() public {
        Job memory job = jobOf(address(new GreedyWallet()));
        uint256 before = gasleft();
        avs.recordConsent(job, "");
        assertLt(before - gasleft(), 580_000);
    }

    function test_TerseWallet() public {
        expectMissing(jobOf(address(new TerseWallet())), "");
    }

    function test_ContractWithoutERC1271() public {
        expectMissing(jobOf(address(token)), "");
    }

    // -- with the opening

    function openWithConsent(Job memory job, bytes memory consent) private {
        Opening memory opening;
        opening.consent = consent;
        vm.prank(requester);
        avs.requestInferenceVerification{ value: REWARD + FEE }(requestFor(job), job, opening);
    }

    function test_Opening_RevertWhen_ConsentIsMissing() public {
        Job memory job = agentJob();
        bytes memory reason =
            abi.encodeWithSelector(IProofOfInferenceAVS.ConsentMissing.selector, jobIdOf(job), AGENT_ID, payee);
        vm.expectRevert(reason);
        openWithConsent(job, "");
        vm.expectRevert(reason);
        openWithConsent(job, new bytes(65));
    }

    function test_Opening_WithoutAgent() public {
        openWithConsent(plainJob(), "not looked at");
        assertConsented(plainJob(), 0);
    }

    function test_Opening_RecordsConsent() public {
        Job memory job = agentJob();
        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.ConsentRecorded(jobIdOf(job), AGENT_ID, payee);
        openWithConsent(job, signConsent(job));
        assertConsented(job, START);
    }

    function test_Opening_AfterChangeOfWallet() public {
        Job memory job = agentJob();
        avs.recordConsent(job, signConsent(job));
        identityRegistry.setAgentWallet(AGENT_ID, stranger);
        openWithConsent(job, "");
        Request memory request = requestFor(job);
        decide(request, job, true);
        assertEarnings(NATIVE, payee, REWARD);
        assertEarnings(NATIVE, stranger, 0);
        (uint64 totalJobs,) = avs.getAgentRecord(AGENT_ID);
        assertEq(totalJobs, 1);
    }
}
