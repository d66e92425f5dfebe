// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Script, console } from "forge-std/Script.sol";
import { VmSafe } from "forge-std/Vm.sol";

import { ModelRegistry } from "../src/ModelRegistry.sol";
import { OperatorRegistrar } from "../src/OperatorRegistrar.sol";
import { AVSConfig, ProofOfInferenceAVS } from "../src/ProofOfInferenceAVS.sol";
import { RegistrarConfig, StrategyWeight } from "../src/interfaces/IOperatorRegistrar.sol";

/// @notice What a deployment consists of.
struct Deployment {
    ProofOfInferenceAVS avs;
    ModelRegistry modelRegistry;
    OperatorRegistrar operatorSet;
}

/// @title Deploys the Proof-of-Inference AVS on a chain with EigenLayer and an ERC-8004 identity registry
/// @notice Reads its parameters from the environment:
/// - ALLOCATION_MANAGER, KEY_REGISTRAR, IDENTITY_REGISTRY: addresses; required.
/// - STRATEGIES: addresses in ascending order, separated by commas; required. MULTIPLIERS: weight per unit of stake for
///   each of them, 1e18 = 1; default 1e18 for all.
/// - OWNER: default the broadcaster. METADATA_URI: default empty. OPERATOR_SET_ID: default 0.
/// - MIN_WEIGHT: default 1e18. MAX_WEIGHT_AGE: blocks; default 50,400, a week of 12 s. MAX_REFERENCE_AGE: blocks;
///   default 300. MAX_REQUEST_LIFETIME: seconds; default a day. EVIDENCE_WINDOW: seconds; default three days.
///   MIN_BLOCK_TIME: seconds; default 12. With the defaults stake stays slashable for 79,500 blocks, which is within
///   Ethereum's deallocation delay of 100,800.
/// - WAIVE_SLASHABILITY: true on testnets whose deallocation delay is too short; default false.
/// When broadcasting, writes deployments/<chainId>.json.
contract DeployProofOfInferenceAVS is Script {
    error VariableMissing(string name);
    /// @notice There is no contract at the address: a wrong address, or another chain.
    error NoCodeAt(string name, address account);
    error MultipliersMismatch(uint256 strategies, uint256 multipliers);
    error WrongAddress(string name, address expected, address actual);

    function run() external returns (Deployment memory deployment) {
        vm.startBroadcast();
        (, address deployer,) = vm.readCallers();
        (RegistrarConfig memory registrar, AVSConfig memory avs) = readConfig(deployer);
        uint256 startBlock = block.number;
        deployment = deploy(deployer, registrar, avs);
        vm.stopBroadcast();
        if (vm.isContext(VmSafe.ForgeContext.ScriptBroadcast) || vm.isContext(VmSafe.ForgeContext.ScriptResume)) {
            write(deployment, startBlock);
        } else {
            console.log("Not broadcast: nothing was deployed. Add --broadcast to deploy.");
        }
    }

    /// @notice The parameters from the environment. What names the new contracts is filled in by `deploy`.
    function readConfig(address deployer) public view returns (RegistrarConfig memory registrar, AVSConfig memory avs) {
        registrar.allocationManager = avs.allocationManager = readContract("ALLOCATION_MANAGER");
        registrar.keyRegistrar = avs.keyRegistrar = readContract("KEY_REGISTRAR");
        avs.identityRegistry = readContract("IDENTITY_REGISTRY");
        avs.owner = vm.envOr("OWNER", deployer);
        avs.metadataURI = vm.envOr("METADATA_URI", string(""));
        registrar.operatorSetId = avs.operatorSetId = uint32(readUint("OPERATOR_SET_ID", 0, type(uint32).max));
        avs.strategies = vm.envOr("STRATEGIES", ",", new address[](0));
        registrar.strategies = readStrategies(avs.strategies);
        registrar.minWeight = uint96(readUint("MIN_WEIGHT", 1e18, type(uint96).max));
        registrar.maxWeightAge = uint32(readUint("MAX_WEIGHT_AGE", 50_400, type(uint32).max));
        registrar.maxReferenceAge = uint32(readUint("MAX_REFERENCE_AGE", 300, type(uint32).max));
        registrar.maxRequestLifetime = uint32(readUint("MAX_REQUEST_LIFETIME", 1 days, type(uint32).max));
        registrar.evidenceWindow = uint32(readUint("EVIDENCE_WINDOW", 3 days, type(uint32).max));
        registrar.minBlockTime = uint32(readUint("MIN_BLOCK_TIME", 12, type(uint32).max));
        registrar.waiveSlashability = vm.envOr("WAIVE_SLASHABILITY", false);
    }

    /// @notice Deploys the contracts, which name each other. `deployer` is who creates them.
    function deploy(address deployer, RegistrarConfig memory registrar, AVSConfig memory config)
        public
        returns (Deployment memory deployment)
    {
        address avs = vm.computeCreateAddress(deployer, vm.getNonce(deployer) + 2);
        deployment.modelRegistry = new ModelRegistry(avs);
        registrar.avs = avs;
        deployment.operatorSet = new OperatorRegistrar(registrar);
        config.modelRegistry = address(deployment.modelRegistry);
        config.operatorSet = address(deployment.operatorSet);
        deployment.avs = new ProofOfInferenceAVS(config);
        if (address(deployment.avs) != avs) revert WrongAddress("avs", avs, address(deployment.avs));
    }

    function write(Deployment memory deployment, uint256 startBlock) public {
        string memory hashes = "codeHashes";
        vm.serializeBytes32(hashes, "avs", address(deployment.avs).codehash);
        vm.serializeBytes32(hashes, "modelRegistry", address(deployment.modelRegistry).codehash);
        hashes = vm.serializeBytes32(hashes, "operatorSet", address(deployment.operatorSet).codehash);
        string memory json = "deployment";
        vm.serializeUint(json, "chainId", block.chainid);
        vm.serializeUint(json, "startBlock", startBlock);
        vm.serializeAddress(json, "avs", address(deployment.avs));
        vm.serializeAddress(json, "modelRegistry", address(deployment.modelRegistry));
        vm.serializeAddress(json, "operatorSet", address(deployment.operatorSet));
        vm.serializeAddress(json, "identityRegistry", address(deployment.avs.identityRegistry()));
        json = vm.serializeString(json, "codeHashes", hashes);
        vm.createDir("deployments", true);
        string memory path = string.concat("deployments/", vm.toString(block.chainid), ".json");
        vm.writeJson(json, path);
        console.log("Wrote", path);
    }

    function readStrategies(address[] memory addresses) private view returns (StrategyWeight[] memory strategies) {
        if (addresses.length == 0) revert VariableMissing("STRATEGIES");
        uint256[] memory multipliers = vm.envOr("MULTIPLIERS", ",", new uint256[](0));
        if (multipliers.length != 0 && multipliers.length != addresses.length) {
            revert MultipliersMismatch(addresses.length, multipliers.length);
        }
        strategies = new StrategyWeight[](addresses.length);
        for (uint256 i = 0; i < addresses.length; ++i) {
            if (addresses[i].code.length == 0) revert NoCodeAt("STRATEGIES", addresses[i]);
            uint256 multiplier = multipliers.length == 0 ? 1e18 : multipliers[i];
            require(multiplier <= type(uint96).max, "MULTIPLIERS: over 2^96 - 1");
            // forge-lint: disable-next-line(unsafe-typecast)
            strategies[i] = StrategyWeight(addresses[i], uint96(multiplier));
        }
    }

    function readContract(string memory name) private view returns (address account) {
        account = vm.envOr(name, address(0));
        if (account == address(0)) revert VariableMissing(name);
        if (account.code.length == 0) revert NoCodeAt(name, account);
    }

    function readUint(string memory name, uint256 fallback_, uint256 maximum) private view returns (uint256 value) {
        value = vm.envOr(name, fallback_);
        require(value <= maximum, string.concat(name, ": too large"));
    }
}
