// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { DevnetIdentityRegistry } from "../../devnet/DevnetIdentityRegistry.sol";
import { DevnetReputationRegistry } from "../../devnet/DevnetReputationRegistry.sol";
import { DevnetValidationRegistry } from "../../devnet/DevnetValidationRegistry.sol";
import { AVSConfig, ProofOfInferenceAVS } from "../../src/ProofOfInferenceAVS.sol";
import { IProofOfInferenceAVS } from "../../src/interfaces/IProofOfInferenceAVS.sol";
import { Binding, IReceipts } from "../../src/interfaces/IReceipts.sol";
import { Job, Request, Status } from "../../src/types/DataTypes.sol";
import { HostileRegistry } from "../mocks/HostileRegistry.sol";
import { MockIdentityRegistry } from "../mocks/MockIdentityRegistry.sol";
import { AVSTest } from "../utils/AVSTest.sol";

contract ProofOfInferenceAVSReceiptsTest is AVSTest {
    bytes32 private constant SUBJECT = keccak256("subject");
    uint8 private constant MIN_SCORE = 50;
    uint8 private constant RESPONSE = 99;
    string private constant TAG = "proof-of-inference";

    DevnetIdentityRegistry private agents;
    address private validations;
    address private reputation;

    function setUp() public override {
        super.setUp();
        agents = new DevnetIdentityRegistry();
        for (uint256 i = 0; i <= AGENT_ID; ++i) {
            vm.prank(payee);
            agents.register();
        }
        identityRegistry = MockIdentityRegistry(address(agents));
        validations = address(new DevnetValidationRegistry(address(agents)));
        reputation = address(new DevnetReputationRegistry(address(agents)));
        deploy();
        registerModel();
    }

    function avsConfig() internal view override returns (AVSConfig memory config) {
        config = super.avsConfig();
        config.validationRegistry = validations;
        config.reputationRegistry = reputation;
    }

    // -- helpers

    function own() private pure returns (Binding memory) {
        return Binding(0, 0);
    }

    function guarantee() private pure returns (Binding memory) {
        return Binding(SUBJECT, MIN_SCORE);
    }

    /// @dev As 4Mica computes it, apart from the contract under test.
    function guaranteeHash(Binding memory binding, uint256 agentId, bytes32 jobId) private view returns (bytes32) {
        return guaranteeHash(block.chainid, validations, address(avs), agentId, binding, TAG, jobId);
    }

    function guaranteeHash(
        uint256 chainId,
        address registry_,
        address validator,
        uint256 agentId,
        Binding memory binding,
        string memory tag,
        bytes32 jobId
    ) private pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256("4MICA_VALIDATION_REQUEST_V2"),
                chainId,
                registry_,
                validator,
                agentId,
                binding.subjectHash,
                binding.minScore,
                keccak256(bytes(tag)),
                jobId
            )
        );
    }

    function file(bytes32 requestHash, address validator, uint256 agentId) private {
        vm.prank(agents.ownerOf(agentId));
        DevnetValidationRegistry(validations).validationRequest(validator, agentId, "", requestHash);
    }

    function file(bytes32 requestHash) private {
        file(requestHash, address(avs), AGENT_ID);
    }

    function decided(bool isValid) private returns (Job memory job) {
        return decided(agentJob(), isValid);
    }

    function decided(Job memory job, bool isValid) private returns (Job memory) {
        Request memory request = requestFor(job);
        open(request, job);
        decide(request, job, isValid);
        return job;
    }

    function recordHashOf(Job memory job) private view returns (bytes32) {
        return avs.getJobState(jobIdOf(job)).recordHash;
    }

    function assertAnswer(bytes32 requestHash, uint8 expected, bytes32 recordHash) private view {
        (address validator, uint256 agentId, uint8 response, bytes32 responseHash, string memory tag,) =
            DevnetValidationRegistry(validations).getValidationStatus(requestHash);
        assertEq(validator, address(avs));
        assertEq(agentId, AGENT_ID);
        assertEq(response, expected);
        assertEq(responseHash, recordHash);
        assertNotEq(recordHash, 0);
        assertEq(tag, TAG);
    }

    function expectNotDecided(Job memory job) private {
        vm.expectRevert(abi.encodeWithSelector(IReceipts.JobNotDecided.selector, jobIdOf(job)));
    }

    function expectPosted(address registry_, bytes32 id) private {
        vm.expectRevert(abi.encodeWithSelector(IReceipts.AlreadyPosted.selector, registry_, id));
    }

    // -- constructor

    function test_RevertWhen_ReceiptRegistryHasNoCode() public {
        deployRegistry();
        AVSConfig memory config = avsConfig();
        config.validationRegistry = stranger;
        vm.expectRevert(abi.encodeWithSelector(IProofOfInferenceAVS.ContractMissing.selector, stranger));
        new ProofOfInferenceAVS(config);
    }

    function test_RevertWhen_RegistryUsesOtherAgents() public {
        address other = makeAddr("other agents");
        address[2] memory foreign =
            [address(new DevnetValidationRegistry(other)), address(new DevnetReputationRegistry(other))];
        for (uint256 i = 0; i < 2; ++i) {
            deployRegistry();
            AVSConfig memory config = avsConfig();
            if (i == 0) config.validationRegistry = foreign[0];
            else config.reputationRegistry = foreign[1];
            vm.expectRevert(abi.encodeWithSelector(IReceipts.RegistryMismatch.selector, foreign[i], other));
            new ProofOfInferenceAVS(config);
        }
    }

    function test_WithoutRegistries() public {
        (validations, reputation) = (address(0), address(0));
        deploy();
        registerModel();
        Job memory job = decided(true);
        vm.expectRevert(IReceipts.RegistryMissing.selector);
        avs.postReceipt(job, own(), "");
        vm.expectRevert(IReceipts.RegistryMissing.selector);
        avs.postFeedback(job);
    }

    // -- postReceipt

    function test_RevertWhen_ReceiptNamesNoAgent() public {
        Job memory job = decided(plainJob(), true);
        bytes memory invalid = abi.encodeWithSelector(IProofOfInferenceAVS.InvalidAgent.selector, false, 0);
        vm.expectRevert(invalid);
        avs.postReceipt(job, own(), "");
        vm.expectRevert(invalid);
        avs.postFeedback(job);
    }

    function test_RevertWhen_JobIsUndecided() public {
        Job memory job = agentJob();
        file(jobIdOf(job));
        for (uint256 i = 0; i < 2; ++i) {
            if (i == 1) open(requestFor(job), job);
            expectNotDecided(job);
            avs.postReceipt(job, own(), "");
            expectNotDecided(job);
            avs.postFeedback(job);
        }
    }

    function test_RevertWhen_JobExpired() public {
        Job memory job = agentJob();
        Request memory request = requestFor(job);
        open(request, job);
        vote(request, job, 0, true);
        file(jobIdOf(job));
        vm.warp(DEADLINE + 1);
        assertEq(avs.settleRequest(request, job), Status.Expired);
        expectNotDecided(job);
        avs.postReceipt(job, own(), "");
        expectNotDecided(job);
        avs.postFeedback(job);
    }

    function test_RevertWhen_JobIsForged() public {
        Job memory genuine = decided(true);
        for (uint256 i = 0; i < 9; ++i) {
            Job memory job = abi.decode(abi.encode(genuine), (Job));
            if (i == 0) job.modelVersionId = keccak256("other");
            if (i == 1) job.inputDigest = keccak256("other");
            if (i == 2) job.outputDigest = keccak256("other");
            if (i == 3) job.agentId = 6;
            if (i == 4) job.payee = stranger;
            if (i == 5) job.quorumBps -= 1;
            if (i == 6) job.minAttestations -= 1;
            if (i == 7) job.minConfidence -= 1;
            if (i == 8) job.salt = keccak256("other");
            file(jobIdOf(job), address(avs), job.agentId);
            expectNotDecided(job);
            avs.postReceipt(job, own(), "");
        }
    }

    function test_RevertWhen_AnotherDeploymentDecided() public {
        Job memory job = decided(true);
        bytes32 jobId = jobIdOf(job);
        bytes32 bound = guaranteeHash(guarantee(), AGENT_ID, jobId);
        ProofOfInferenceAVS first = avs;
        deploy();
        file(jobId, address(avs), AGENT_ID);
        file(bound, address(avs), AGENT_ID);
        expectNotDecided(job);
        avs.postReceipt(job, own(), "");
        expectNotDecided(job);
        avs.postReceipt(job, guarantee(), "");

        // nor does the first one answer what was filed for the second
        vm.expectRevert(abi.encodeWithSelector(IReceipts.ValidationMismatch.selector, jobId, address(avs), AGENT_ID));
        first.postReceipt(job, own(), "");
    }

    function test_RevertWhen_NobodyFiled_AndPostsOnceSomebodyDoes() public {
        Job memory job = decided(true);
        vm.expectRevert("unknown");
        avs.postReceipt(job, own(), "");
        assertEarnings(NATIVE, payee, REWARD);
        assertFalse(avs.isPosted(validations, jobIdOf(job)));
        vm.warp(DEADLINE + 365 days);
        file(jobIdOf(job));
        avs.postReceipt(job, own(), "");
        assertAnswer(jobIdOf(job), RESPONSE, recordHashOf(job));
    }

    function test_RevertWhen_AnotherValidatorWasAsked() public {
        Job memory job = decided(true);
        file(jobIdOf(job), stranger, AGENT_ID);
        vm.expectRevert(abi.encodeWithSelector(IReceipts.ValidationMismatch.selector, jobIdOf(job), stranger, AGENT_ID));
        avs.postReceipt(job, own(), "");
    }

    function test_RevertWhen_AnotherAgentFiled() public {
        Job memory job = decided(true);
        vm.prank(stranger);
        uint256 squatter = agents.register();
        file(jobIdOf(job), address(avs), squatter);
        vm.expectRevert(
            abi.encodeWithSelector(IReceipts.ValidationMismatch.selector, jobIdOf(job), address(avs), squatter)
        );
        avs.postReceipt(job, own(), "");
    }

    function test_AnswersAGuarantee() public {
        Job memory job = decided(true);
        bytes32 requestHash = guaranteeHash(guarantee(), AGENT_ID, jobIdOf(job));
        file(requestHash);
        vm.expectEmit(address(avs));
        emit IReceipts.ReceiptPosted(jobIdOf(job), requestHash, guarantee(), RESPONSE);
        assertEq(avs.postReceipt(job, guarantee(), ""), requestHash);
        assertAnswer(requestHash, RESPONSE, recordHashOf(job));
    }

    function test_RevertWhen_GuaranteeIsOfSomethingElse() public {
        Job memory easy = decided(true);
        Job memory hard = agentJob();
        hard.outputDigest = keccak256("another output");
        bytes32 easyId = jobIdOf(easy);
        Binding memory other = Binding(keccak256("other"), MIN_SCORE);
        Binding memory lower = Binding(SUBJECT, MIN_SCORE - 1);
        bytes32[9] memory hashes = [
            guaranteeHash(guarantee(), AGENT_ID, jobIdOf(hard)),
            guaranteeHash(guarantee(), 6, easyId),
            guaranteeHash(block.chainid, validations, stranger, AGENT_ID, guarantee(), TAG, easyId),
            guaranteeHash(block.chainid, reputation, address(avs), AGENT_ID, guarantee(), TAG, easyId),
            guaranteeHash(block.chainid + 1, validations, address(avs), AGENT_ID, guarantee(), TAG, easyId),
            guaranteeHash(other, AGENT_ID, easyId),
            guaranteeHash(lower, AGENT_ID, easyId),
            guaranteeHash(block.chainid, validations, address(avs), AGENT_ID, guarantee(), "other", easyId),
            guaranteeHash(block.chainid, validations, address(avs), AGENT_ID, guarantee(), "", easyId)
        ];
        for (uint256 i = 0; i < hashes.length; ++i) {
            file(hashes[i]);
        }
        vm.expectRevert("unknown");
        avs.postReceipt(easy, guarantee(), "");
        expectNotDecided(hard);
        avs.postReceipt(hard, guarantee(), "");
        for (uint256 i = 0; i < hashes.length; ++i) {
            assertFalse(avs.isPosted(validations, hashes[i]));
        }
    }

    function test_RevertWhen_ReceiptIsPostedAgain() public {
        Job memory job = decided(true);
        bytes32 jobId = jobIdOf(job);
        file(jobId);
        avs.postReceipt(job, own(), "ipfs://first");
        assertTrue(avs.isPosted(validations, jobId));
        expectPosted(validations, jobId);
        avs.postReceipt(job, own(), "ipfs://first");
        expectPosted(validations, jobId);
        // the least response is no part of a job's own hash
        avs.postReceipt(job, Binding(0, 1), "ipfs://second");
    }

    function test_ARegistryThatCallsBackFindsItsAnswerPosted() public {
        HostileRegistry hostile = new HostileRegistry(address(agents));
        validations = address(hostile);
        reputation = address(hostile);
        deploy();
        registerModel();
        hostile.say(address(avs), AGENT_ID);
        Job memory job = decided(true);
        bytes32 jobId = jobIdOf(job);
        hostile.callBack(address(avs), abi.encodeCall(IReceipts.postReceipt, (job, own(), "")));
        avs.postReceipt(job, own(), "");
        assertEq(hostile.answers(), 1);
        assertFalse(hostile.succeeded());
        assertEq(hostile.result(), abi.encodeWithSelector(IReceipts.AlreadyPosted.selector, address(hostile), jobId));
    }

    function test_RevertWhen_RegistryRefuses_AndMayBePostedLater() public {
        Job memory job = decided(true);
        file(jobIdOf(job));
        bytes memory anyResponse = abi.encodePacked(DevnetValidationRegistry.validationResponse.selector);
        vm.mockCallRevert(validations, anyResponse, "refused");
        vm.expectRevert(bytes("refused"));
        avs.postReceipt(job, own(), "");
        vm.mockCallRevert(reputation, abi.encodePacked(DevnetReputationRegistry.giveFeedback.selector), "refused");
        vm.expectRevert(bytes("refused"));
        avs.postFeedback(job);
        vm.clearMockedCalls();
        avs.postReceipt(job, own(), "");
        avs.postFeedback(job);
        assertAnswer(jobIdOf(job), RESPONSE, recordHashOf(job));
    }

    function test_AnswersWithTheOutcome() public {
        Job memory job = decided(true);
        bytes32 jobId = jobIdOf(job);
        file(jobId);
        vm.expectEmit(address(avs));
        emit IReceipts.ReceiptPosted(jobId, jobId, own(), RESPONSE);
        vm.expectEmit(validations);
        emit DevnetValidationRegistry.ValidationResponse(
            address(avs), AGENT_ID, jobId, RESPONSE, "ipfs://record", recordHashOf(job), TAG
        );
        vm.prank(stranger);
        assertEq(avs.postReceipt(job, own(), "ipfs://record"), jobId);
        assertAnswer(jobId, RESPONSE, recordHashOf(job));
    }

    function test_AnswersZeroForARejectedJob() public {
        Job memory job = decided(false);
        file(jobIdOf(job));
        avs.postReceipt(job, own(), "");
        assertAnswer(jobIdOf(job), 0, recordHashOf(job));
    }

    function test_AnswersAllThatIsBoundToAJob() public {
        Job memory job = decided(true);
        Binding[3] memory bindings = [own(), guarantee(), Binding(keccak256("another tab"), 0)];
        for (uint256 i = 0; i < bindings.length; ++i) {
            bytes32 requestHash = i == 0 ? jobIdOf(job) : guaranteeHash(bindings[i], AGENT_ID, jobIdOf(job));
            file(requestHash);
            assertEq(avs.postReceipt(job, bindings[i], ""), requestHash);
            assertAnswer(requestHash, RESPONSE, recordHashOf(job));
        }
    }

    function testFuzz_GuaranteeHash(Binding memory binding, uint64 chainId) public {
        vm.assume(binding.subjectHash != 0);
        vm.chainId(bound(chainId, 1, type(uint64).max - 1));
        Job memory job = decided(true);
        bytes32 requestHash = guaranteeHash(binding, AGENT_ID, jobIdOf(job));
        file(requestHash);
        assertEq(avs.postReceipt(job, binding, ""), requestHash);
    }

    // -- postFeedback

    function test_GivesTheResponseAsFeedback() public {
        Job memory job = decided(true);
        vm.expectEmit(address(avs));
        emit IReceipts.FeedbackPosted(jobIdOf(job), AGENT_ID, RESPONSE);
        vm.expectEmit(reputation);
        emit DevnetReputationRegistry.NewFeedback(
            AGENT_ID, address(avs), 1, int128(uint128(RESPONSE)), 0, TAG, TAG, "", "", "", recordHashOf(job)
        );
        vm.prank(stranger);
        avs.postFeedback(job);

        job = agentJob();
        job.salt = keccak256("another");
        decided(job, false);
        avs.postFeedback(job);
        address[] memory clients = new address[](1);
        clients[0] = address(avs);
        (uint64 count, int128 mean,) = DevnetReputationRegistry(reputation).getSummary(AGENT_ID, clients, TAG, "");
        assertEq(count, 2);
        assertEq(mean, 49);
    }

    function test_RevertWhen_FeedbackIsPostedAgain() public {
        Job memory job = decided(true);
        avs.postFeedback(job);
        assertTrue(avs.isPosted(reputation, jobIdOf(job)));
        expectPosted(reputation, jobIdOf(job));
        avs.postFeedback(job);
    }
}
