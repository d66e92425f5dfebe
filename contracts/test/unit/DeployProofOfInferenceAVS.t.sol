// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Test } from "forge-std/Test.sol";

import { DevnetValidationRegistry } from "../../devnet/DevnetValidationRegistry.sol";
import { DeployProofOfInferenceAVS, Deployment, DeploymentConfig } from "../../script/DeployProofOfInferenceAVS.s.sol";
import { DeployScript } from "../../script/DeployScript.sol";
import { TableConfig } from "../../src/ProofOfInferenceAVS.sol";
import { IEquivocationSlasher } from "../../src/interfaces/IEquivocationSlasher.sol";
import { IOperatorRegistrar, RegistrarConfig, StrategyWeight } from "../../src/interfaces/IOperatorRegistrar.sol";
import { IProofOfInferenceAVS } from "../../src/interfaces/IProofOfInferenceAVS.sol";
import { OperatorSet } from "../../src/interfaces/external/IAllocationManager.sol";
import { MockAllocationManager } from "../mocks/MockAllocationManager.sol";
import { MockIdentityRegistry } from "../mocks/MockIdentityRegistry.sol";
import { MockKeyRegistrar } from "../mocks/MockKeyRegistrar.sol";

/// @dev EigenLayer's before version 1.9: no set can be created with a slasher.
contract OldAllocationManager {
    uint32 public constant DEALLOCATION_DELAY = 100_800;
}

/// @dev Stores another slasher than it is given.
contract DisloyalAllocationManager is MockAllocationManager(100_800) {
    function getSlasher(OperatorSet calldata) external pure override returns (address) {
        return address(0xbad);
    }
}

contract DeployProofOfInferenceAVSTest is Test {
    /// @dev Ethereum's.
    uint32 private constant DEALLOCATION_DELAY = 100_800;
    uint32 private constant SET_ID = 5;

    DeployProofOfInferenceAVS private script;
    MockAllocationManager private allocationManager;
    MockKeyRegistrar private keyRegistrar;
    MockIdentityRegistry private identityRegistry;
    address private validationRegistry;
    address private owner = makeAddr("owner");
    address private strategy = address(0x51);
    address private otherStrategy = address(0x52);

    function setUp() public {
        script = new DeployProofOfInferenceAVS();
        allocationManager = new MockAllocationManager(DEALLOCATION_DELAY);
        keyRegistrar = new MockKeyRegistrar();
        identityRegistry = new MockIdentityRegistry();
        validationRegistry = address(new DevnetValidationRegistry(address(identityRegistry)));
        vm.etch(strategy, hex"00");
        vm.etch(otherStrategy, hex"00");
    }

    function deploymentConfig() private view returns (DeploymentConfig memory config) {
        config.registrar.allocationManager = address(allocationManager);
        config.registrar.keyRegistrar = address(keyRegistrar);
        config.registrar.operatorSetId = SET_ID;
        config.registrar.strategies = new StrategyWeight[](2);
        config.registrar.strategies[0] = StrategyWeight(strategy, 1e18);
        config.registrar.strategies[1] = StrategyWeight(otherStrategy, 2e18);
        config.registrar.minWeight = 7;
        config.registrar.maxWeightAge = 1_000;
        config.registrar.maxReferenceAge = 100;
        config.registrar.maxRequestLifetime = 1 hours;
        config.registrar.evidenceWindow = 1 days;
        config.registrar.minBlockTime = 12;
        config.identityRegistry = address(identityRegistry);
        config.validationRegistry = validationRegistry;
        config.owner = owner;
        config.slashWad = 0.2e18;
        config.metadataURI = "ipfs://metadata";
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

    function assertTooLarge(string memory name, uint256 maximum) private {
        vm.setEnv(name, vm.toString(maximum + 1));
        vm.expectRevert(abi.encodeWithSelector(DeployScript.ValueTooLarge.selector, name, maximum + 1, maximum));
        script.readConfig();
    }

    function setAddress(string memory name, address account) private {
        vm.setEnv(name, vm.toString(account));
    }

    function setStrategies(address first, address second) private {
        vm.setEnv("STRATEGIES", string.concat(vm.toString(first), ",", vm.toString(second)));
    }

    /// @dev One test, since the environment is one for all tests and keeps what was set.
    function test_ReadConfig() public {
        address noCode = makeAddr("no code");
        string[3] memory names = ["ALLOCATION_MANAGER", "KEY_REGISTRAR", "IDENTITY_REGISTRY"];
        address[3] memory contracts = [address(allocationManager), address(keyRegistrar), address(identityRegistry)];
        for (uint256 i = 0; i < names.length; ++i) {
            assertMissing(names[i]);
            setAddress(names[i], noCode);
            assertNoCode(names[i], noCode);
            setAddress(names[i], contracts[i]);
        }
        assertMissing("STRATEGIES");
        setStrategies(strategy, noCode);
        assertNoCode("STRATEGIES", noCode);
        assertStrategiesAscend(strategy, strategy);
        assertStrategiesAscend(otherStrategy, strategy);
        setStrategies(strategy, otherStrategy);

        assertDefaults();
        vm.setEnv("MULTIPLIERS", "1000000000000000000");
        vm.expectRevert(
            abi.encodeWithSelector(DeployProofOfInferenceAVS.MultipliersMismatch.selector, uint256(2), uint256(1))
        );
        script.readConfig();
        vm.setEnv("MULTIPLIERS", "1,79228162514264337593543950336");
        vm.expectRevert(
            abi.encodeWithSelector(
                DeployScript.ValueTooLarge.selector,
                "MULTIPLIERS",
                uint256(type(uint96).max) + 1,
                uint256(type(uint96).max)
            )
        );
        script.readConfig();
        vm.setEnv("MULTIPLIERS", "1000000000000000000,2000000000000000000");
        setAddress("OWNER", owner);
        setAddress("VALIDATION_REGISTRY", makeAddr("no code"));
        assertNoCode("VALIDATION_REGISTRY", makeAddr("no code"));
        setAddress("VALIDATION_REGISTRY", validationRegistry);
        vm.setEnv("METADATA_URI", "ipfs://metadata");
        vm.setEnv("WAIVE_SLASHABILITY", "true");
        assertTooLarge("OPERATOR_SET_ID", type(uint32).max);
        vm.setEnv("OPERATOR_SET_ID", "5");
        assertTooLarge("MIN_WEIGHT", type(uint96).max);
        vm.setEnv("MIN_WEIGHT", "7");
        vm.setEnv("SLASH_WAD", "200000000000000000");
        vm.setEnv("MAX_WEIGHT_AGE", "1000");
        vm.setEnv("MAX_REFERENCE_AGE", "100");
        vm.setEnv("MAX_REQUEST_LIFETIME", "3600");
        vm.setEnv("EVIDENCE_WINDOW", "86400");
        vm.setEnv("MIN_BLOCK_TIME", "12");

        DeploymentConfig memory expected = deploymentConfig();
        expected.registrar.waiveSlashability = true;
        assertEq(abi.encode(script.readConfig()), abi.encode(expected));

        vm.setEnv("CROSS_CHAIN_REGISTRY", vm.toString(address(allocationManager)));
        vm.expectRevert(abi.encodeWithSelector(DeployScript.MissingVariable.selector, "TABLE_CALCULATOR"));
        script.readConfig();
        vm.setEnv("TABLE_CALCULATOR", vm.toString(address(script)));
        vm.setEnv("MAX_TABLE_STALENESS", "604800");
        expected.tables = TableConfig(address(allocationManager), address(script), 604_800);
        assertEq(abi.encode(script.readConfig()), abi.encode(expected));
    }

    function assertStrategiesAscend(address first, address second) private {
        setStrategies(first, second);
        vm.expectRevert(
            abi.encodeWithSelector(DeployProofOfInferenceAVS.StrategiesNotAscending.selector, first, second)
        );
        script.readConfig();
    }

    function assertDefaults() private {
        DeploymentConfig memory config = script.readConfig();
        RegistrarConfig memory registrar = config.registrar;
        assertEq(config.owner, address(0));
        assertEq(config.metadataURI, "");
        assertEq(config.slashWad, 0.1e18);
        assertEq(registrar.strategies.length, 2);
        assertEq(registrar.strategies[1].multiplier, 1e18);
        assertFalse(registrar.waiveSlashability);

        config.owner = owner;
        Deployment memory deployment = script.deploy(config, address(script));
        assertEq(deployment.operatorSet.slashabilityHorizon(), 86_700);
        assertTrue(deployment.operatorSet.slashable());
        assertEq(deployment.slasher.wad(), 0.1e18);
    }

    // -- deploy

    function test_Deploy_RevertWhen_DeployerIsAnother() public {
        // the AVS then stands elsewhere than its registry was told
        vm.expectPartialRevert(IProofOfInferenceAVS.ModelRegistryMismatch.selector);
        script.deploy(deploymentConfig(), owner);
    }

    function test_Deploy_RevertWhen_StakeIsNotSlashable() public {
        allocationManager.setDeallocationDelay(50);
        vm.expectRevert(
            abi.encodeWithSelector(IOperatorRegistrar.StakeNotSlashable.selector, uint256(8_600), uint256(50))
        );
        script.deploy(deploymentConfig(), address(script));
    }

    function test_Deploy_RevertWhen_SlashWadIsOutOfRange() public {
        DeploymentConfig memory config = deploymentConfig();
        config.slashWad = 0.5e18 + 1;
        vm.expectRevert(abi.encodeWithSelector(IEquivocationSlasher.InvalidConfig.selector, "wad"));
        script.deploy(config, address(script));
    }

    function test_Deploy_RevertWhen_EigenLayerTakesNoSlasher() public {
        DeploymentConfig memory config = deploymentConfig();
        config.registrar.allocationManager = address(new OldAllocationManager());
        vm.expectRevert(
            abi.encodeWithSelector(
                DeployProofOfInferenceAVS.SlasherUnsupported.selector, config.registrar.allocationManager
            )
        );
        script.deploy(config, address(script));
    }

    function test_Deploy_RevertWhen_EigenLayerStoresAnotherSlasher() public {
        DeploymentConfig memory config = deploymentConfig();
        config.registrar.allocationManager = address(new DisloyalAllocationManager());
        vm.expectPartialRevert(DeployScript.DeploymentMismatch.selector);
        script.deploy(config, address(script));
    }

    function test_Deploy() public {
        vm.roll(123);
        Deployment memory deployment = script.deploy(deploymentConfig(), address(script));
        address avs = address(deployment.avs);
        assertEq(deployment.startBlock, 123);
        assertEq(deployment.modelRegistry.avs(), avs);
        assertEq(deployment.operatorSet.avs(), avs);
        assertEq(address(deployment.avs.modelRegistry()), address(deployment.modelRegistry));
        assertEq(address(deployment.avs.operatorSet()), address(deployment.operatorSet));
        assertEq(address(deployment.avs.identityRegistry()), address(identityRegistry));
        assertEq(deployment.avs.owner(), owner);
        assertEq(deployment.slasher.avs(), avs);
        assertEq(address(deployment.slasher.operatorSet()), address(deployment.operatorSet));
        assertEq(deployment.slasher.wad(), 0.2e18);
        assertEq(deployment.operatorSet.getStrategies()[1].multiplier, 2e18);
        assertEq(deployment.operatorSet.minWeight(), 7);

        assertEq(allocationManager.metadataURIs(avs), "ipfs://metadata");
        assertEq(allocationManager.registrars(avs), address(deployment.operatorSet));
        address[] memory strategies = allocationManager.getStrategies(avs, SET_ID);
        assertEq(strategies.length, 2);
        assertEq(strategies[0], strategy);
        assertEq(strategies[1], otherStrategy);
        assertEq(allocationManager.getSlasher(OperatorSet(avs, SET_ID)), address(deployment.slasher));
        assertEq(keyRegistrar.curveTypes(avs, SET_ID), 1);
    }

    // -- save

    function test_Save() public {
        vm.chainId(987_654_321);
        vm.roll(123);
        Deployment memory deployment = script.deploy(deploymentConfig(), address(script));
        string memory path = script.save(deployment);
        assertEq(path, "deployments/987654321.json");
        string memory json = vm.readFile(path);
        vm.removeFile(path);

        assertEq(vm.parseJsonKeys(json, "$").length, 10);
        assertEq(vm.parseJsonKeys(json, ".codeHashes").length, 4);
        assertTrue(vm.contains(json, '"chainId": 987654321,'), "a number");
        assertTrue(vm.contains(json, '"startBlock": 123'), "a number");
        assertEq(vm.parseJsonUint(json, ".startBlock"), 123);
        assertEq(vm.parseJsonAddress(json, ".avs"), address(deployment.avs));
        assertEq(vm.parseJsonAddress(json, ".modelRegistry"), address(deployment.modelRegistry));
        assertEq(vm.parseJsonAddress(json, ".operatorSet"), address(deployment.operatorSet));
        assertEq(vm.parseJsonAddress(json, ".slasher"), address(deployment.slasher));
        assertEq(vm.parseJsonAddress(json, ".identityRegistry"), address(identityRegistry));
        assertEq(vm.parseJsonAddress(json, ".validationRegistry"), validationRegistry);
        assertTrue(vm.contains(json, '"reputationRegistry": null'));
        assertEq(vm.parseJsonBytes32(json, ".codeHashes.avs"), address(deployment.avs).codehash);
        assertEq(vm.parseJsonBytes32(json, ".codeHashes.modelRegistry"), address(deployment.modelRegistry).codehash);
        assertEq(vm.parseJsonBytes32(json, ".codeHashes.slasher"), address(deployment.slasher).codehash);
        assertEq(vm.parseJsonBytes32(json, ".codeHashes.operatorSet"), address(deployment.operatorSet).codehash);
    }
}
