// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Test } from "forge-std/Test.sol";

import { ModelRegistry } from "../../src/ModelRegistry.sol";
import {
    AssetFee,
    IModelRegistry,
    ModelConfig,
    ModelInfo,
    ModelVersion,
    RequestTerms,
    VersionConfig
} from "../../src/interfaces/IModelRegistry.sol";

contract ModelRegistryTest is Test {
    address private constant NATIVE = address(0);
    string private constant NAME = "silero-vad_v5.0";

    ModelRegistry private registry;
    address private avs = makeAddr("AVS");
    address private owner = makeAddr("model owner");
    address private stranger = makeAddr("stranger");
    address private token = makeAddr("token");

    bytes32 private modelId;
    bytes32 private versionId;

    function setUp() public {
        registry = new ModelRegistry(avs);
        vm.prank(owner);
        (modelId, versionId) = registry.registerModel(NAME, modelConfig());
    }

    function versionConfig(uint16 seed) private pure returns (VersionConfig memory) {
        return VersionConfig({
            manifestDigest: keccak256(abi.encode("manifest", seed)),
            policyDigest: keccak256(abi.encode("policy", seed)),
            methodId: keccak256(abi.encode("method", seed)),
            validConfidence: 9000 + seed
        });
    }

    function modelConfig() private view returns (ModelConfig memory config) {
        config.version = versionConfig(1);
        config.fees = new AssetFee[](2);
        config.fees[0] = AssetFee(NATIVE, true, 1 ether);
        config.fees[1] = AssetFee(token, true, 0);
    }

    function assertVersion(bytes32 id, uint32 number, VersionConfig memory expected) private view {
        ModelVersion memory version = registry.getModelVersion(id);
        assertEq(version.modelId, modelId);
        assertEq(version.number, number);
        assertEq(version.manifestDigest, expected.manifestDigest);
        assertEq(version.policyDigest, expected.policyDigest);
        assertEq(version.methodId, expected.methodId);
        assertEq(version.validConfidence, expected.validConfidence);
        assertEq(registry.getModelVersionId(modelId, number), id);
    }

    function assertFee(address asset, bool accepted, uint128 minimumFee) private view {
        AssetFee memory fee = registry.getFee(modelId, asset);
        assertEq(fee.asset, asset);
        assertEq(fee.accepted, accepted);
        assertEq(fee.minimumFee, minimumFee);
    }

    // -- constructor

    function test_Constructor_RevertWhen_AvsIsZero() public {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotAVS.selector, address(0)));
        new ModelRegistry(address(0));
    }

    function test_Constructor_AvsWithoutCode() public view {
        assertEq(registry.avs(), avs);
        assertEq(avs.code.length, 0);
    }

    // -- registerModel

    function expectInvalidName(string memory name) private {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.InvalidModelName.selector, name));
        registry.registerModel(name, modelConfig());
    }

    function test_RegisterModel_RevertWhen_NameIsEmpty() public {
        expectInvalidName("");
    }

    function test_RegisterModel_RevertWhen_NameIsTooLong() public {
        expectInvalidName("abcdefghijklmnopqrstuvwxyz0123456789-abcdefghijklmnopqrstuvwxyz.x");
    }

    function test_RegisterModel_RevertWhen_NameHasOtherCharacters() public {
        expectInvalidName("Silero");
        expectInvalidName("silero vad");
        expectInvalidName("silero/vad");
        expectInvalidName("silero@1");
        expectInvalidName(unicode"siléro");
        expectInvalidName("silero\x00");
    }

    /// @dev Every byte, alone and behind 40 good ones, is accepted exactly if the documented set holds it.
    function test_RegisterModel_NameCharacters() public {
        bytes memory allowed = "abcdefghijklmnopqrstuvwxyz0123456789._-";
        for (uint256 character; character < 256; ++character) {
            bool isAllowed;
            for (uint256 i; i < allowed.length; ++i) {
                if (uint8(allowed[i]) == character) isAllowed = true;
            }
            for (uint256 prefix; prefix < 2; ++prefix) {
                // casting to 'uint8' is safe because character < 256
                // forge-lint: disable-next-line(unsafe-typecast)
                bytes1 last = bytes1(uint8(character));
                string memory name = string.concat(
                    prefix == 0 ? "" : "0123456789012345678901234567890123456789", string(abi.encodePacked(last))
                );
                if (isAllowed) registry.registerModel(name, modelConfig());
                else expectInvalidName(name);
            }
        }
    }

    function test_RegisterModel_RevertWhen_RegisteredBefore() public {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelAlreadyRegistered.selector, modelId));
        vm.prank(owner);
        registry.registerModel(NAME, modelConfig());
    }

    function test_RegisterModel_RevertWhen_TransferredSince() public {
        vm.prank(owner);
        registry.transferModel(modelId, stranger);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelAlreadyRegistered.selector, modelId));
        vm.prank(owner);
        registry.registerModel(NAME, modelConfig());
    }

    function test_RegisterModel_RevertWhen_DigestMissing() public {
        for (uint256 field; field < 3; ++field) {
            ModelConfig memory config = modelConfig();
            config.version = withoutDigest(field);
            vm.expectRevert(IModelRegistry.MissingDigest.selector);
            registry.registerModel("another", config);
        }
    }

    function test_RegisterModel_RevertWhen_ConfidenceOutOfRange() public {
        ModelConfig memory config = modelConfig();
        config.version.validConfidence = 99;
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.InvalidValidConfidence.selector, 99));
        registry.registerModel("another", config);
        config.version.validConfidence = 10_001;
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.InvalidValidConfidence.selector, 10_001));
        registry.registerModel("another", config);
    }

    function test_RegisterModel() public {
        bytes32 expectedModelId = keccak256(abi.encode(stranger, NAME));
        VersionConfig memory config = versionConfig(1);
        bytes32 expectedVersionId = keccak256(
            abi.encode(
                expectedModelId,
                uint32(1),
                config.manifestDigest,
                config.policyDigest,
                config.methodId,
                config.validConfidence
            )
        );
        vm.expectEmit(address(registry));
        emit IModelRegistry.ModelRegistered(expectedModelId, stranger, NAME);
        vm.expectEmit(address(registry));
        emit IModelRegistry.VersionPublished(expectedModelId, expectedVersionId, 1, config);
        vm.expectEmit(address(registry));
        emit IModelRegistry.FeeSet(expectedModelId, NATIVE, true, 1 ether);
        vm.expectEmit(address(registry));
        emit IModelRegistry.FeeSet(expectedModelId, token, true, 0);
        // the same name as `owner`'s model: another model
        vm.prank(stranger);
        (modelId, versionId) = registry.registerModel(NAME, modelConfig());

        assertEq(modelId, expectedModelId);
        assertEq(versionId, expectedVersionId);
        ModelInfo memory info = registry.getModelInfo(modelId);
        assertEq(info.owner, stranger);
        assertTrue(info.active);
        assertEq(info.name, NAME);
        assertEq(info.latestVersion, 1);
        assertEq(info.latestVersionId, versionId);
        assertEq(info.totalInferences, 0);
        assertEq(info.successfulVerifications, 0);
        assertEq(info.accuracyBps, 0);
        assertVersion(versionId, 1, config);
        assertFee(NATIVE, true, 1 ether);
        assertFee(token, true, 0);
    }

    function test_RegisterModel_WithoutFees() public {
        ModelConfig memory config = modelConfig();
        config.fees = new AssetFee[](0);
        (modelId,) = registry.registerModel("free", config);
        assertFee(NATIVE, false, 0);
    }

    function test_RegisterModel_LongestNameAndConfidenceBounds() public {
        string memory name = "abcdefghijklmnopqrstuvwxyz0123456789-abcdefghijklmnopqrstuvwxyz.";
        assertEq(bytes(name).length, 64);
        ModelConfig memory config = modelConfig();
        config.version.validConfidence = 100;
        (modelId,) = registry.registerModel(name, config);
        assertEq(registry.getModelInfo(modelId).name, name);
        config.version.validConfidence = 10_000;
        registry.publishVersion(modelId, config.version);
    }

    // -- publishVersion

    function withoutDigest(uint256 field) private pure returns (VersionConfig memory config) {
        config = versionConfig(2);
        if (field == 0) config.manifestDigest = 0;
        else if (field == 1) config.policyDigest = 0;
        else config.methodId = 0;
    }

    function test_PublishVersion_RevertWhen_ModelUnknown() public {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.UnknownModel.selector, bytes32(uint256(1))));
        registry.publishVersion(bytes32(uint256(1)), versionConfig(2));
    }

    function test_PublishVersion_RevertWhen_NotOwner() public {
        expectNotOwner();
        registry.publishVersion(modelId, versionConfig(2));
    }

    function test_PublishVersion_RevertWhen_DigestMissing() public {
        for (uint256 field; field < 3; ++field) {
            vm.expectRevert(IModelRegistry.MissingDigest.selector);
            vm.prank(owner);
            registry.publishVersion(modelId, withoutDigest(field));
        }
    }

    function testFuzz_PublishVersion_ConfidenceRange(uint16 validConfidence) public {
        VersionConfig memory config = versionConfig(2);
        config.validConfidence = validConfidence;
        vm.prank(owner);
        if (validConfidence < 100 || validConfidence > 10_000) {
            vm.expectRevert(abi.encodeWithSelector(IModelRegistry.InvalidValidConfidence.selector, validConfidence));
            registry.publishVersion(modelId, config);
        } else {
            assertVersion(registry.publishVersion(modelId, config), 2, config);
        }
    }

    function test_PublishVersion() public {
        bytes32 expectedId = registry.computeModelVersionId(modelId, 2, versionConfig(2));
        vm.expectEmit(address(registry));
        emit IModelRegistry.VersionPublished(modelId, expectedId, 2, versionConfig(2));
        vm.prank(owner);
        assertEq(registry.publishVersion(modelId, versionConfig(2)), expectedId);

        assertVersion(versionId, 1, versionConfig(1));
        assertVersion(expectedId, 2, versionConfig(2));
        ModelInfo memory info = registry.getModelInfo(modelId);
        assertEq(info.latestVersion, 2);
        assertEq(info.latestVersionId, expectedId);
    }

    function test_PublishVersion_RepeatedConfiguration() public {
        vm.prank(owner);
        bytes32 secondId = registry.publishVersion(modelId, versionConfig(1));
        assertNotEq(secondId, versionId);
        assertVersion(versionId, 1, versionConfig(1));
        assertVersion(secondId, 2, versionConfig(1));
    }

    // -- owner only

    function expectNotOwner() private {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotModelOwner.selector, modelId, stranger, owner));
        vm.prank(stranger);
    }

    function test_SetFees_RevertWhen_ModelUnknown() public {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.UnknownModel.selector, bytes32(0)));
        registry.setFees(0, new AssetFee[](0));
    }

    function test_SetFees_RevertWhen_NotOwner() public {
        expectNotOwner();
        registry.setFees(modelId, new AssetFee[](0));
    }

    function test_SetFees() public {
        address other = makeAddr("other token");
        AssetFee[] memory fees = new AssetFee[](3);
        fees[0] = AssetFee(other, true, type(uint128).max);
        fees[1] = AssetFee(NATIVE, true, 3);
        fees[2] = AssetFee(NATIVE, false, 4);
        for (uint256 i; i < fees.length; ++i) {
            vm.expectEmit(address(registry));
            emit IModelRegistry.FeeSet(modelId, fees[i].asset, fees[i].accepted, fees[i].minimumFee);
        }
        vm.prank(owner);
        registry.setFees(modelId, fees);
        assertFee(other, true, type(uint128).max);
        assertFee(NATIVE, false, 4);
        assertFee(token, true, 0);
    }

    function test_SetActive_RevertWhen_ModelUnknown() public {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.UnknownModel.selector, bytes32(0)));
        registry.setActive(0, true);
    }

    function test_SetActive_RevertWhen_NotOwner() public {
        expectNotOwner();
        registry.setActive(modelId, false);
    }

    function test_SetActive() public {
        bool[2] memory flags = [false, true];
        for (uint256 i; i < flags.length; ++i) {
            vm.expectEmit(address(registry));
            emit IModelRegistry.ModelActiveSet(modelId, flags[i]);
            vm.prank(owner);
            registry.setActive(modelId, flags[i]);
            assertEq(registry.getModelInfo(modelId).active, flags[i]);
            assertEq(registry.getModelInfo(modelId).owner, owner);
        }
    }

    function test_TransferModel_RevertWhen_ModelUnknown() public {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.UnknownModel.selector, bytes32(0)));
        registry.transferModel(0, owner);
    }

    function test_TransferModel_RevertWhen_NotOwner() public {
        expectNotOwner();
        registry.transferModel(modelId, stranger);
    }

    function test_TransferModel_RevertWhen_NewOwnerIsZero() public {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.InvalidModelOwner.selector, address(0)));
        vm.prank(owner);
        registry.transferModel(modelId, address(0));
    }

    function test_TransferModel() public {
        vm.expectEmit(address(registry));
        emit IModelRegistry.ModelTransferred(modelId, owner, stranger);
        vm.prank(owner);
        registry.transferModel(modelId, stranger);
        assertEq(registry.getModelInfo(modelId).owner, stranger);
        assertVersion(versionId, 1, versionConfig(1));

        vm.prank(stranger);
        registry.publishVersion(modelId, versionConfig(2));
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotModelOwner.selector, modelId, owner, stranger));
        vm.prank(owner);
        registry.publishVersion(modelId, versionConfig(3));
    }

    // -- recordOutcome

    function assertRecord(uint256 agentId, uint64 total, uint64 verified) private view {
        (uint64 actualTotal, uint64 actualVerified) = registry.getModelAgentRecord(modelId, agentId);
        assertEq(actualTotal, total);
        assertEq(actualVerified, verified);
    }

    function test_RecordOutcome_RevertWhen_NotAVS() public {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotAVS.selector, owner));
        vm.prank(owner);
        registry.recordOutcome(versionId, 0, true);
    }

    function test_RecordOutcome_RevertWhen_VersionUnknown() public {
        // the id of the model itself is no version's
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.UnknownModelVersion.selector, modelId));
        vm.prank(avs);
        registry.recordOutcome(modelId, 0, true);
    }

    function test_RecordOutcome() public {
        vm.prank(owner);
        bytes32 secondId = registry.publishVersion(modelId, versionConfig(2));
        vm.startPrank(avs);
        vm.expectEmit(address(registry));
        emit IModelRegistry.OutcomeRecorded(modelId, versionId, 0, true);
        registry.recordOutcome(versionId, 0, true);
        vm.expectEmit(address(registry));
        emit IModelRegistry.OutcomeRecorded(modelId, versionId, 7, false);
        registry.recordOutcome(versionId, 7, false);
        registry.recordOutcome(secondId, 7, true);
        vm.stopPrank();

        ModelInfo memory info = registry.getModelInfo(modelId);
        assertEq(info.totalInferences, 3);
        assertEq(info.successfulVerifications, 2);
        assertEq(info.accuracyBps, 6666);
        assertRecord(0, 1, 1);
        assertRecord(7, 2, 1);
        assertRecord(8, 0, 0);
    }

    function testFuzz_RecordOutcome_CountsMatch(uint8 outcomes, uint256 verdicts, uint256 agentId) public {
        uint64 verified;
        for (uint256 i; i < outcomes; ++i) {
            bool isVerified = (verdicts >> i) & 1 == 1;
            if (isVerified) ++verified;
            vm.prank(avs);
            registry.recordOutcome(versionId, agentId, isVerified);
        }
        ModelInfo memory info = registry.getModelInfo(modelId);
        assertEq(info.totalInferences, outcomes);
        assertEq(info.successfulVerifications, verified);
        assertEq(info.accuracyBps, outcomes == 0 ? 0 : uint256(verified) * 10_000 / outcomes);
        assertRecord(agentId, outcomes, verified);
    }

    function test_RecordOutcome_WritesTwoSlots() public {
        vm.record();
        vm.prank(avs);
        registry.recordOutcome(versionId, 7, true);
        (, bytes32[] memory writes) = vm.accesses(address(registry));
        assertEq(writes.length, 2);
    }

    // -- reading

    function testFuzz_ComputeIds(address account, string calldata name, uint32 number, VersionConfig calldata config)
        public
        view
    {
        bytes32 id = registry.computeModelId(account, name);
        assertEq(id, keccak256(abi.encode(account, name)));
        assertEq(
            registry.computeModelVersionId(id, number, config),
            keccak256(
                abi.encode(
                    id, number, config.manifestDigest, config.policyDigest, config.methodId, config.validConfidence
                )
            )
        );
    }

    function test_Reading_RevertWhen_ModelUnknown() public {
        bytes32 unknown = keccak256("unknown");
        bytes memory expected = abi.encodeWithSelector(IModelRegistry.UnknownModel.selector, unknown);
        vm.expectRevert(expected);
        registry.getModelInfo(unknown);
        vm.expectRevert(expected);
        registry.getModelVersionId(unknown, 1);
        vm.expectRevert(expected);
        registry.getFee(unknown, NATIVE);
        vm.expectRevert(expected);
        registry.getModelAgentRecord(unknown, 0);
    }

    function test_Reading_RevertWhen_VersionUnknown() public {
        bytes32 unknown = keccak256("unknown");
        bytes memory expected = abi.encodeWithSelector(IModelRegistry.UnknownModelVersion.selector, unknown);
        vm.expectRevert(expected);
        registry.getModelVersion(unknown);
        vm.expectRevert(expected);
        registry.getVersionMethod(unknown);
        RequestTerms memory terms = registry.getRequestTerms(unknown, NATIVE);
        assertEq(keccak256(abi.encode(terms)), keccak256(new bytes(192)), "all zero");
    }

    function test_GetModelVersionId_RevertWhen_NumberUnknown() public {
        for (uint32 number; number < 3; number += 2) {
            vm.expectRevert(abi.encodeWithSelector(IModelRegistry.UnknownModelVersion.selector, bytes32(0)));
            registry.getModelVersionId(modelId, number);
        }
    }

    function test_GetFee_NotAccepted() public {
        assertFee(makeAddr("other token"), false, 0);
    }

    function test_GetRequestTerms() public {
        RequestTerms memory terms = registry.getRequestTerms(versionId, NATIVE);
        assertEq(terms.modelId, modelId);
        assertEq(terms.methodId, registry.getModelVersion(versionId).methodId);
        assertTrue(terms.active);
        assertTrue(terms.accepted);
        assertEq(terms.validConfidence, 9001);
        assertEq(terms.minimumFee, 1 ether);

        AssetFee[] memory fees = new AssetFee[](1);
        fees[0] = AssetFee(NATIVE, false, 2 ether);
        vm.startPrank(owner);
        registry.setFees(modelId, fees);
        registry.setActive(modelId, false);
        vm.stopPrank();
        terms = registry.getRequestTerms(versionId, NATIVE);
        assertFalse(terms.active);
        assertFalse(terms.accepted);
        assertEq(terms.minimumFee, 2 ether);
    }

    function test_GetRequestTerms_ReadsFiveSlots() public {
        vm.record();
        registry.getRequestTerms(versionId, token);
        (bytes32[] memory reads,) = vm.accesses(address(registry));
        assertEq(countDistinct(reads), 5);
    }

    function test_GetVersionMethod() public view {
        (bytes32 methodId, uint16 validConfidence) = registry.getVersionMethod(versionId);
        assertEq(methodId, versionConfig(1).methodId);
        assertEq(validConfidence, 9001);
    }

    function test_GetVersionMethod_ReadsTwoSlots() public {
        vm.record();
        registry.getVersionMethod(versionId);
        (bytes32[] memory reads,) = vm.accesses(address(registry));
        assertEq(countDistinct(reads), 2);
    }

    function countDistinct(bytes32[] memory slots) private pure returns (uint256 count) {
        for (uint256 i; i < slots.length; ++i) {
            bool isNew = true;
            for (uint256 j; j < i; ++j) {
                if (slots[j] == slots[i]) isNew = false;
            }
            if (isNew) ++count;
        }
    }
}
