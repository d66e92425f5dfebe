// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { DevnetValidationRegistry } from "../../devnet/DevnetValidationRegistry.sol";
import {
    DeployProofOfInferenceAVSL2,
    L2Deployment,
    L2DeploymentConfig
} from "../../script/DeployProofOfInferenceAVSL2.s.sol";
import { DeployScript } from "../../script/DeployScript.sol";
import { IOperatorTableSet } from "../../src/interfaces/IOperatorTableSet.sol";
import { IProofOfInferenceAVS } from "../../src/interfaces/IProofOfInferenceAVS.sol";
import { MockIdentityRegistry } from "../mocks/MockIdentityRegistry.sol";
import { TableSetTest } from "../utils/TableSetTest.sol";

contract DeployProofOfInferenceAVSL2Test is TableSetTest {
    /// @dev 100800 blocks of 12 seconds.
    uint32 private constant ETHEREUM_LOOKAHEAD = 14 days;

    DeployProofOfInferenceAVSL2 private script;
    MockIdentityRegistry private identityRegistry;
    address private validationRegistry;
    address private owner = makeAddr("owner");

    function setUp() public override {
        super.setUp();
        script = new DeployProofOfInferenceAVSL2();
        identityRegistry = new MockIdentityRegistry();
        validationRegistry = address(new DevnetValidationRegistry(address(identityRegistry)));
    }

    function deploymentConfig() private view returns (L2DeploymentConfig memory config) {
        config.tableSet = tableSetConfig();
        config.identityRegistry = address(identityRegistry);
        config.validationRegistry = validationRegistry;
        config.owner = owner;
    }

    // -- readConfig

    function assertMissing(string memory name) private {
        vm.expectRevert(abi.encodeWithSelector(DeployScript.MissingVariable.selector, name));
        script.readConfig();
    }

    function assertNoCode(string memory name, address account) private {
        vm.expectRevert(abi.encodeWithSelector(DeployScript.ContractMissing.selector, name, account));
        script.readConfig();
    }

    function assertTooLarge(string memory name, string memory value, uint256 maximum) private {
        vm.setEnv(name, value);
        vm.expectRevert(abi.encodeWithSelector(DeployScript.ValueTooLarge.selector, name, maximum + 1, maximum));
        script.readConfig();
    }

    /// @dev One test, since the environment is one for all tests and keeps what was set.
    function test_ReadConfig() public {
        address noCode = makeAddr("no code");
        string[2] memory names = ["L2_CERTIFICATE_VERIFIER", "L2_IDENTITY_REGISTRY"];
        address[2] memory contracts = [address(verifier), address(identityRegistry)];
        for (uint256 i = 0; i < names.length; ++i) {
            assertMissing(names[i]);
            vm.setEnv(names[i], vm.toString(noCode));
            assertNoCode(names[i], noCode);
            vm.setEnv(names[i], vm.toString(contracts[i]));
        }
        assertMissing("L1_AVS");
        vm.setEnv("L1_AVS", vm.toString(l1Avs));
        assertMissing("L2_MULTIPLIERS");
        assertTooLarge("L2_MULTIPLIERS", "1,79228162514264337593543950336", type(uint96).max);
        vm.setEnv("L2_MULTIPLIERS", "1000000000000000000,500000000000000000");
        assertMissing("L2_WEIGHT_LOOKAHEAD");
        assertTooLarge("L2_WEIGHT_LOOKAHEAD", "4294967296", type(uint32).max);
        vm.setEnv("L2_WEIGHT_LOOKAHEAD", vm.toString(ETHEREUM_LOOKAHEAD));
        assertDefaults();

        vm.setEnv("L1_OPERATOR_SET_ID", "3");
        vm.setEnv("L2_VALIDATION_REGISTRY", vm.toString(validationRegistry));
        vm.setEnv("L2_OWNER", vm.toString(owner));
        assertTooLarge("L2_MIN_WEIGHT", "79228162514264337593543950336", type(uint96).max);
        vm.setEnv("L2_MIN_WEIGHT", "100");
        vm.setEnv("L2_MAX_REFERENCE_AGE", "691201");
        vm.setEnv("L2_SUPERSEDED_GRACE", "3601");
        vm.setEnv("L2_MAX_REQUEST_LIFETIME", "86401");
        vm.setEnv("L2_EVIDENCE_WINDOW", "345601");
        vm.setEnv("L2_WAIVE_SLASHABILITY", "true");

        L2DeploymentConfig memory expected = deploymentConfig();
        expected.tableSet.weightLookahead = ETHEREUM_LOOKAHEAD;
        expected.tableSet.maxReferenceAge += 1;
        expected.tableSet.supersededGrace += 1;
        expected.tableSet.maxRequestLifetime += 1;
        expected.tableSet.evidenceWindow += 1;
        expected.tableSet.waiveSlashability = true;
        assertEq(abi.encode(script.readConfig()), abi.encode(expected));
    }

    function assertDefaults() private {
        L2DeploymentConfig memory config = script.readConfig();
        assertEq(config.owner, address(0));
        assertEq(config.tableSet.operatorSetId, 0);
        assertEq(config.tableSet.minWeight, 1e18);
        assertEq(config.tableSet.supersededGrace, 1 hours);
        assertFalse(config.tableSet.waiveSlashability);

        config.owner = owner;
        L2Deployment memory deployment = script.deploy(config, address(script));
        assertEq(deployment.operatorSet.slashabilityHorizon(), 13 days);
        assertTrue(deployment.operatorSet.slashable());
    }

    // -- deploy

    function test_Deploy_RevertWhen_DeployerIsAnother() public {
        // the AVS then stands elsewhere than its registry was told
        vm.expectPartialRevert(IProofOfInferenceAVS.ModelRegistryMismatch.selector);
        script.deploy(deploymentConfig(), owner);
    }

    function test_Deploy_RevertWhen_StakeIsNotSlashable() public {
        L2DeploymentConfig memory config = deploymentConfig();
        config.tableSet.weightLookahead = uint32(HORIZON);
        vm.expectRevert(
            abi.encodeWithSelector(IOperatorTableSet.StakeNotSlashable.selector, uint256(HORIZON), uint256(HORIZON))
        );
        script.deploy(config, address(script));
    }

    function test_Deploy_RevertWhen_TheNewestTableHasOtherKindsOfStake() public {
        post(TABLE_TIME, tableOf(operatorNumber(0), MIN_WEIGHT));
        L2DeploymentConfig memory config = deploymentConfig();
        config.tableSet.multipliers = new uint96[](1);
        config.tableSet.multipliers[0] = 1e18;
        vm.expectRevert(
            abi.encodeWithSelector(DeployProofOfInferenceAVSL2.MultipliersMismatch.selector, uint256(2), uint256(1))
        );
        script.deploy(config, address(script));
    }

    function test_Deploy() public {
        vm.roll(123);
        post(TABLE_TIME, tableOf(operatorNumber(0), MIN_WEIGHT));
        L2Deployment memory deployment = script.deploy(deploymentConfig(), address(script));
        address avs = address(deployment.avs);
        assertEq(deployment.startBlock, 123);
        assertEq(deployment.modelRegistry.avs(), avs);
        assertEq(address(deployment.avs.modelRegistry()), address(deployment.modelRegistry));
        assertEq(address(deployment.avs.operatorSet()), address(deployment.operatorSet));
        assertEq(address(deployment.avs.identityRegistry()), address(identityRegistry));
        assertEq(deployment.avs.owner(), owner);
        assertEq(deployment.operatorSet.avs(), l1Avs);
        assertEq(deployment.operatorSet.operatorSetId(), SET_ID);
        assertEq(address(deployment.operatorSet.certificateVerifier()), address(verifier));

        deployment.operatorSet.loadTable(TABLE_TIME);
        assertEq(deployment.operatorSet.latestLoaded(), TABLE_TIME);
    }

    // -- save

    function test_Save() public {
        vm.chainId(987_654_322);
        vm.roll(123);
        L2Deployment memory deployment = script.deploy(deploymentConfig(), address(script));
        string memory path = script.save(deployment);
        assertEq(path, "deployments/987654322.json");
        string memory json = vm.readFile(path);
        vm.removeFile(path);

        assertEq(vm.parseJsonKeys(json, "$").length, 10);
        assertEq(vm.parseJsonKeys(json, ".codeHashes").length, 4);
        assertTrue(vm.contains(json, '"chainId": 987654322,'), "a number");
        assertEq(vm.parseJsonUint(json, ".startBlock"), 123);
        assertEq(vm.parseJsonAddress(json, ".avs"), address(deployment.avs));
        assertEq(vm.parseJsonAddress(json, ".modelRegistry"), address(deployment.modelRegistry));
        assertEq(vm.parseJsonAddress(json, ".operatorSet"), address(deployment.operatorSet));
        assertEq(vm.parseJsonAddress(json, ".identityRegistry"), address(identityRegistry));
        assertEq(vm.parseJsonAddress(json, ".validationRegistry"), validationRegistry);
        assertTrue(vm.contains(json, '"reputationRegistry": null'));
        assertEq(vm.parseJsonBytes32(json, ".codeHashes.avs"), address(deployment.avs).codehash);
        assertEq(vm.parseJsonBytes32(json, ".codeHashes.modelRegistry"), address(deployment.modelRegistry).codehash);
        assertEq(vm.parseJsonBytes32(json, ".codeHashes.operatorSet"), address(deployment.operatorSet).codehash);
        assertEq(vm.split(json, '"slasher": null').length, 3, "null, twice");
    }
}
