// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Ownable } from "@openzeppelin/contracts/access/Ownable.sol";

import { ModelRegistry } from "../../src/ModelRegistry.sol";
import { AVSConfig, ProofOfInferenceAVS, TableConfig } from "../../src/ProofOfInferenceAVS.sol";
import { IEquivocationSlasher } from "../../src/interfaces/IEquivocationSlasher.sol";
import { IProofOfInferenceAVS } from "../../src/interfaces/IProofOfInferenceAVS.sol";
import {
    CreateSetParamsV2,
    IAllocationManager,
    OperatorSet
} from "../../src/interfaces/external/IAllocationManager.sol";
import { ICrossChainRegistry, OperatorSetConfig } from "../../src/interfaces/external/ICrossChainRegistry.sol";
import { IKeyRegistrar } from "../../src/interfaces/external/IKeyRegistrar.sol";
import { Attestation, Job, Request } from "../../src/types/DataTypes.sol";
import { AVSTest } from "../utils/AVSTest.sol";

contract ProofOfInferenceAVSConstructorTest is AVSTest {
    uint32 private constant SET_ID = 3;

    address private allocationManager = makeAddr("AllocationManager");
    address private keyRegistrar = makeAddr("KeyRegistrar");
    address private slasher = makeAddr("slasher");

    function test_RevertWhen_OwnerIsZero() public {
        AVSConfig memory config = avsConfig();
        config.owner = address(0);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableInvalidOwner.selector, address(0)));
        new ProofOfInferenceAVS(config);
    }

    function test_RevertWhen_RegistryHasNoCode() public {
        AVSConfig memory config = avsConfig();
        config.modelRegistry = stranger;
        vm.expectRevert(abi.encodeWithSelector(IProofOfInferenceAVS.ContractMissing.selector, stranger));
        new ProofOfInferenceAVS(config);

        config = avsConfig();
        config.identityRegistry = stranger;
        vm.expectRevert(abi.encodeWithSelector(IProofOfInferenceAVS.ContractMissing.selector, stranger));
        new ProofOfInferenceAVS(config);
    }

    function test_RevertWhen_OperatorSetHasNoCode() public {
        AVSConfig memory config = avsConfig();
        config.operatorSet = stranger;
        vm.expectRevert(abi.encodeWithSelector(IProofOfInferenceAVS.ContractMissing.selector, stranger));
        new ProofOfInferenceAVS(config);
    }

    function test_RevertWhen_RegistryIsAnotherAVSs() public {
        AVSConfig memory config = avsConfig();
        config.modelRegistry = address(new ModelRegistry(stranger));
        vm.expectRevert(
            abi.encodeWithSelector(IProofOfInferenceAVS.ModelRegistryMismatch.selector, config.modelRegistry, stranger)
        );
        new ProofOfInferenceAVS(config);
    }

    function test_WithoutEigenLayer() public view {
        assertEq(avs.owner(), owner);
        assertEq(address(avs.modelRegistry()), address(registry));
        assertEq(address(avs.operatorSet()), address(operatorSet));
        assertEq(address(avs.identityRegistry()), address(identityRegistry));
        assertEq(avs.depositWithdrawalDelay(), LIFETIME + 1 hours);
        assertEq(avs.pausedSince(), 0);
    }

    /// @dev Mocks EigenLayer, and returns the calls that joining it takes.
    function eigenLayerCalls(AVSConfig memory config, address expectedAVS)
        private
        view
        returns (address[4] memory targets, bytes[4] memory calls)
    {
        CreateSetParamsV2[] memory sets = new CreateSetParamsV2[](1);
        sets[0] = CreateSetParamsV2(SET_ID, config.strategies, slasher);
        targets = [allocationManager, allocationManager, allocationManager, keyRegistrar];
        calls[0] = abi.encodeCall(IAllocationManager.updateAVSMetadataURI, (expectedAVS, config.metadataURI));
        calls[1] = abi.encodeCall(IAllocationManager.setAVSRegistrar, (expectedAVS, address(operatorSet)));
        calls[2] = abi.encodeCall(IAllocationManager.createOperatorSets, (expectedAVS, sets));
        calls[3] = abi.encodeCall(IKeyRegistrar.configureOperatorSet, (OperatorSet(expectedAVS, SET_ID), 1));
    }

    function eigenLayerConfig() private view returns (AVSConfig memory config) {
        config = avsConfig();
        config.allocationManager = allocationManager;
        config.keyRegistrar = keyRegistrar;
        config.slasher = slasher;
        config.operatorSetId = SET_ID;
        config.strategies = new address[](2);
        config.strategies[0] = address(0x51);
        config.strategies[1] = address(0x52);
        config.metadataURI = "https://example.org/avs.json";
    }

    function mockSlasher(address slashed) private {
        vm.mockCall(slasher, abi.encodeCall(IEquivocationSlasher.avs, ()), abi.encode(slashed));
    }

    function test_RevertWhen_SlasherHasNoCode() public {
        deployRegistry();
        vm.expectRevert(abi.encodeWithSelector(IProofOfInferenceAVS.ContractMissing.selector, slasher));
        new ProofOfInferenceAVS(eigenLayerConfig());
    }

    function test_RevertWhen_SlasherIsAnotherAVSs() public {
        deployRegistry();
        mockSlasher(stranger);
        vm.expectRevert(abi.encodeWithSelector(IProofOfInferenceAVS.SlasherMismatch.selector, slasher, stranger));
        new ProofOfInferenceAVS(eigenLayerConfig());
    }

    function test_WithEigenLayer() public {
        // of the overload that takes a slasher
        assertEq(IAllocationManager.createOperatorSets.selector, bytes4(0x3dff8e7d));
        address expected = deployRegistry();
        mockSlasher(expected);
        AVSConfig memory config = eigenLayerConfig();
        (address[4] memory targets, bytes[4] memory calls) = eigenLayerCalls(config, expected);
        for (uint256 i; i < calls.length; ++i) {
            vm.mockCall(targets[i], calls[i], "");
            vm.expectCall(targets[i], calls[i], 1);
        }
        assertEq(address(new ProofOfInferenceAVS(config)), expected);
    }

    /// @dev EigenLayer that agrees to all, and the call that reserves tables.
    function mockTables(AVSConfig memory config, address expected) private returns (address target, bytes memory call) {
        mockSlasher(expected);
        (address[4] memory targets, bytes[4] memory calls) = eigenLayerCalls(config, expected);
        for (uint256 i; i < calls.length; ++i) {
            vm.mockCall(targets[i], calls[i], "");
        }
        target = makeAddr("CrossChainRegistry");
        config.tables = TableConfig(target, address(this), 1 weeks);
        OperatorSetConfig memory setConfig = OperatorSetConfig(expected, 1 weeks);
        call = abi.encodeCall(
            ICrossChainRegistry.createGenerationReservation, (OperatorSet(expected, SET_ID), address(this), setConfig)
        );
        vm.mockCall(target, call, "");
    }

    function test_WithTables() public {
        address expected = deployRegistry();
        AVSConfig memory config = eigenLayerConfig();
        (address target, bytes memory call) = mockTables(config, expected);
        vm.expectCall(target, call, 1);
        assertEq(address(new ProofOfInferenceAVS(config)), expected);
    }

    function test_RevertWhen_TablesAreRefused() public {
        address expected = deployRegistry();
        AVSConfig memory config = eigenLayerConfig();
        (address target, bytes memory call) = mockTables(config, expected);
        vm.mockCallRevert(target, call, "refused");
        vm.expectRevert(bytes("refused"));
        new ProofOfInferenceAVS(config);
    }

    function test_RevertWhen_CalculatorHasNoCode() public {
        address expected = deployRegistry();
        AVSConfig memory config = eigenLayerConfig();
        mockTables(config, expected);
        config.tables.calculator = stranger;
        vm.expectRevert(abi.encodeWithSelector(IProofOfInferenceAVS.ContractMissing.selector, stranger));
        new ProofOfInferenceAVS(config);
    }

    function test_RevertWhen_EigenLayerRefuses() public {
        for (uint256 refused; refused < 4; ++refused) {
            address expected = deployRegistry();
            mockSlasher(expected);
            AVSConfig memory config = eigenLayerConfig();
            (address[4] memory targets, bytes[4] memory calls) = eigenLayerCalls(config, expected);
            for (uint256 i; i < calls.length; ++i) {
                if (i == refused) vm.mockCallRevert(targets[i], calls[i], "refused");
                else vm.mockCall(targets[i], calls[i], "");
            }
            vm.expectRevert(bytes("refused"));
            new ProofOfInferenceAVS(config);
            vm.clearMockedCalls();
        }
    }

    function test_Eip712Domain() public view {
        (, string memory name, string memory version, uint256 chainId, address verifyingContract,,) = avs.eip712Domain();
        assertEq(name, "ProofOfInference");
        assertEq(version, "1");
        assertEq(chainId, block.chainid);
        assertEq(verifyingContract, address(avs));
    }

    function testFuzz_HashJob(Job calldata job, uint64 chainId) public {
        vm.chainId(bound(chainId, 1, type(uint64).max - 1));
        assertEq(avs.hashJob(job), jobIdOf(job));
    }

    function testFuzz_HashRequest(Request calldata request) public view {
        assertEq(avs.hashRequest(request), requestIdOf(request));
    }

    function testFuzz_HashAttestation(Attestation calldata attestation) public view {
        assertEq(avs.hashAttestation(attestation), digestOf(attestation));
    }

    function test_RevertWhen_SentNativeCurrency() public {
        vm.prank(requester);
        (bool success,) = address(avs).call{ value: 1 }("");
        assertFalse(success);
    }
}
