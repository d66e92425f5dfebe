// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { VmSafe } from "forge-std/Vm.sol";
import { console } from "forge-std/console.sol";

import { EquivocationSlasher } from "../src/EquivocationSlasher.sol";
import { ModelRegistry } from "../src/ModelRegistry.sol";
import { OperatorRegistrar } from "../src/OperatorRegistrar.sol";
import { AVSConfig, ProofOfInferenceAVS, TableConfig } from "../src/ProofOfInferenceAVS.sol";
import { SlasherConfig } from "../src/interfaces/IEquivocationSlasher.sol";
import { RegistrarConfig, StrategyWeight } from "../src/interfaces/IOperatorRegistrar.sol";
import { CreateSetParamsV2, IAllocationManager, OperatorSet } from "../src/interfaces/external/IAllocationManager.sol";
import { DeployScript } from "./DeployScript.sol";

/// @notice What is deployed, and onto what.
struct DeploymentConfig {
    /// @dev Its `avs` is left zero: the address follows from the deployer's nonce.
    RegistrarConfig registrar;
    address identityRegistry;
    /// @dev Zero where the chain has none.
    address validationRegistry;
    /// @dev Zero where the chain has none.
    address reputationRegistry;
    address owner;
    /// @dev What an equivocation costs, see `SlasherConfig`.
    uint256 slashWad;
    string metadataURI;
    TableConfig tables;
}

struct Deployment {
    uint256 startBlock;
    ProofOfInferenceAVS avs;
    ModelRegistry modelRegistry;
    OperatorRegistrar operatorSet;
    EquivocationSlasher slasher;
}

/// @title Deploys the AVS with its model registry, operator registrar and slasher, and joins EigenLayer
/// @notice `forge script script/DeployProofOfInferenceAVS.s.sol:DeployProofOfInferenceAVS --broadcast --slow --rpc-url …
/// --account …` writes `deployments/<chainId>.json`; without `--broadcast` it only simulates. The environment configures it:
///
/// | variable | default | |
/// |---|---|---|
/// | ALLOCATION_MANAGER, KEY_REGISTRAR | | EigenLayer's contracts |
/// | IDENTITY_REGISTRY | | ERC-8004's contract |
/// | VALIDATION_REGISTRY, REPUTATION_REGISTRY | none | ERC-8004's other contracts; without them no receipts, no feedback |
/// | STRATEGIES | | strategies that count, comma-separated, ascending |
/// | MULTIPLIERS | 1e18 each | weight per unit of stake, 1e18 = 1, in the order of STRATEGIES |
/// | OWNER | the broadcaster | may pause new requests and set the metadata |
/// | OPERATOR_SET_ID | 0 | |
/// | MIN_WEIGHT | 1e18 | least weight to hold one of the 256 seats |
/// | MAX_WEIGHT_AGE | 50400 blocks | after which a weight that was not refreshed no longer votes |
/// | MAX_REFERENCE_AGE | 300 blocks | that a request's reference may lie in the past |
/// | MAX_REQUEST_LIFETIME | 86400 s | |
/// | EVIDENCE_WINDOW | 345600 s | after a deadline, in which slashing must still succeed |
/// | MIN_BLOCK_TIME | 12 s | |
/// | SLASH_WAD | 1e17 | what an equivocation costs: a fraction of the operator's stake, 1e18 = all; up to 5e17 |
/// | WAIVE_SLASHABILITY | false | deploy although stake can leave before it could be slashed (testnets) |
/// | METADATA_URI | empty | the owner can set it later |
/// | CROSS_CHAIN_REGISTRY | none | EigenLayer's contract; with it, other chains get the operators' tables, and never later |
/// | TABLE_CALCULATOR | | with CROSS_CHAIN_REGISTRY: gives minimum slashable stake, looked ahead, by strategy |
/// | MAX_TABLE_STALENESS | 0 s, never | likewise: after which a table is stale |
///
/// With the defaults stake must stay slashable for 86700 blocks; on Ethereum it does for 100800.
contract DeployProofOfInferenceAVS is DeployScript {
    error StrategiesNotAscending(address strategy, address next);
    /// @notice MULTIPLIERS is not as long as STRATEGIES.
    error MultipliersMismatch(uint256 strategies, uint256 multipliers);
    /// @notice EigenLayer's core on this chain is older than version 1.9: an operator set cannot name its slasher.
    error SlasherUnsupported(address allocationManager);

    function run() external {
        DeploymentConfig memory config = readConfig();
        vm.startBroadcast();
        (, address deployer,) = vm.readCallers();
        if (config.owner == address(0)) config.owner = deployer;
        Deployment memory deployment = deploy(config, deployer);
        vm.stopBroadcast();

        console.log("AVS            ", address(deployment.avs));
        console.log("model registry ", address(deployment.modelRegistry));
        console.log("operator set   ", address(deployment.operatorSet));
        console.log("slasher        ", address(deployment.slasher));
        console.log("owner          ", config.owner);
        console.log("slashable      ", deployment.operatorSet.slashable());
        if (vm.isContext(VmSafe.ForgeContext.ScriptBroadcast)) console.log("written to     ", save(deployment));
    }

    /// @notice The configuration in the environment; `owner` is zero where it names none.
    function readConfig() public view returns (DeploymentConfig memory config) {
        RegistrarConfig memory registrar = config.registrar;
        registrar.allocationManager = _contract("ALLOCATION_MANAGER");
        registrar.keyRegistrar = _contract("KEY_REGISTRAR");
        config.identityRegistry = _contract("IDENTITY_REGISTRY");
        if (vm.envExists("VALIDATION_REGISTRY")) config.validationRegistry = _contract("VALIDATION_REGISTRY");
        if (vm.envExists("REPUTATION_REGISTRY")) config.reputationRegistry = _contract("REPUTATION_REGISTRY");
        registrar.strategies = _strategies();
        config.owner = vm.envOr("OWNER", address(0));
        registrar.operatorSetId = _uint32("OPERATOR_SET_ID", 0);
        registrar.minWeight = _uint96("MIN_WEIGHT", 1e18);
        registrar.maxWeightAge = _uint32("MAX_WEIGHT_AGE", 50_400);
        registrar.maxReferenceAge = _uint32("MAX_REFERENCE_AGE", 300);
        registrar.maxRequestLifetime = _uint32("MAX_REQUEST_LIFETIME", 1 days);
        registrar.evidenceWindow = _uint32("EVIDENCE_WINDOW", 4 days);
        registrar.minBlockTime = _uint32("MIN_BLOCK_TIME", 12);
        registrar.waiveSlashability = vm.envOr("WAIVE_SLASHABILITY", false);
        config.slashWad = vm.envOr("SLASH_WAD", uint256(0.1e18));
        config.metadataURI = vm.envOr("METADATA_URI", string(""));
        if (vm.envExists("CROSS_CHAIN_REGISTRY")) {
            config.tables.crossChainRegistry = _contract("CROSS_CHAIN_REGISTRY");
            config.tables.calculator = _contract("TABLE_CALCULATOR");
            config.tables.maxStaleness = _uint32("MAX_TABLE_STALENESS", 0);
        }
    }

    /// @notice Deploys and checks the links.
    /// @param deployer Who creates the contracts: the broadcaster, or the contract that calls this.
    function deploy(DeploymentConfig memory config, address deployer) public returns (Deployment memory deployment) {
        _requireSlashers(config.registrar.allocationManager);
        // The others are deployed before the AVS, and are told its address.
        address predicted = vm.computeCreateAddress(deployer, vm.getNonce(deployer) + 3);
        config.registrar.avs = predicted;
        deployment.startBlock = vm.getBlockNumber();
        deployment.modelRegistry = ModelRegistry(_create("ModelRegistry", abi.encode(predicted)));
        deployment.operatorSet = OperatorRegistrar(_create("OperatorRegistrar", abi.encode(config.registrar)));
        SlasherConfig memory slasher = SlasherConfig(address(deployment.operatorSet), config.slashWad);
        deployment.slasher = EquivocationSlasher(_create("EquivocationSlasher", abi.encode(slasher)));
        bytes memory avsConfig = abi.encode(_avsConfig(config, deployment));
        deployment.avs = ProofOfInferenceAVS(_create("ProofOfInferenceAVS", avsConfig));
        _requireLinks(config, deployment, predicted);
    }

    /// @notice Writes the deployment, see `DeployScript`.
    function save(Deployment memory deployment) public returns (string memory path) {
        return _save(deployment.startBlock, deployment.avs, address(deployment.slasher));
    }

    // -- the AVS

    function _avsConfig(DeploymentConfig memory config, Deployment memory deployment)
        private
        pure
        returns (AVSConfig memory)
    {
        RegistrarConfig memory registrar = config.registrar;
        address[] memory strategies = new address[](registrar.strategies.length);
        for (uint256 i = 0; i < strategies.length; ++i) {
            strategies[i] = registrar.strategies[i].strategy;
        }
        return AVSConfig({
            owner: config.owner,
            modelRegistry: address(deployment.modelRegistry),
            operatorSet: address(deployment.operatorSet),
            identityRegistry: config.identityRegistry,
            validationRegistry: config.validationRegistry,
            reputationRegistry: config.reputationRegistry,
            allocationManager: registrar.allocationManager,
            keyRegistrar: registrar.keyRegistrar,
            slasher: address(deployment.slasher),
            operatorSetId: registrar.operatorSetId,
            strategies: strategies,
            metadataURI: config.metadataURI,
            tables: config.tables
        });
    }

    /// @dev Asks to create no sets for nobody. Every answer, and every refusal with a reason, is that of the overload; a
    /// contract without it reverts with nothing.
    function _requireSlashers(address allocationManager) private view {
        (bool isDone, bytes memory reason) = allocationManager.staticcall(
            abi.encodeCall(IAllocationManager.createOperatorSets, (address(0), new CreateSetParamsV2[](0)))
        );
        if (!isDone && reason.length == 0) revert SlasherUnsupported(allocationManager);
    }

    function _requireLinks(DeploymentConfig memory config, Deployment memory deployment, address predicted)
        private
        view
    {
        ProofOfInferenceAVS avs = deployment.avs;
        EquivocationSlasher slasher = deployment.slasher;
        address stored = IAllocationManager(config.registrar.allocationManager)
            .getSlasher(OperatorSet(predicted, config.registrar.operatorSetId));
        _requireLink("AVS", predicted, address(avs));
        _requireLink("ModelRegistry.avs", predicted, deployment.modelRegistry.avs());
        _requireLink("OperatorRegistrar.avs", predicted, deployment.operatorSet.avs());
        _requireLink("EquivocationSlasher.avs", predicted, slasher.avs());
        _requireLink("EquivocationSlasher.operatorSet", address(deployment.operatorSet), address(slasher.operatorSet()));
        _requireLink("AllocationManager.getSlasher", address(slasher), stored);
        _requireLink("AVS.modelRegistry", address(deployment.modelRegistry), address(avs.modelRegistry()));
        _requireLink("AVS.operatorSet", address(deployment.operatorSet), address(avs.operatorSet()));
        _requireLink("AVS.identityRegistry", config.identityRegistry, address(avs.identityRegistry()));
        _requireLink("AVS.validationRegistry", config.validationRegistry, address(avs.validationRegistry()));
        _requireLink("AVS.reputationRegistry", config.reputationRegistry, address(avs.reputationRegistry()));
        _requireLink("AVS.owner", config.owner, avs.owner());
    }

    // -- the environment

    function _strategies() private view returns (StrategyWeight[] memory strategies) {
        _requireVariable("STRATEGIES");
        address[] memory addresses = vm.envAddress("STRATEGIES", ",");
        bool isWeighted = vm.envExists("MULTIPLIERS");
        uint256[] memory multipliers = isWeighted ? vm.envUint("MULTIPLIERS", ",") : new uint256[](addresses.length);
        if (multipliers.length != addresses.length) revert MultipliersMismatch(addresses.length, multipliers.length);
        strategies = new StrategyWeight[](addresses.length);
        for (uint256 i = 0; i < addresses.length; ++i) {
            if (addresses[i].code.length == 0) revert ContractMissing("STRATEGIES", addresses[i]);
            if (i != 0 && addresses[i] <= addresses[i - 1]) {
                revert StrategiesNotAscending(addresses[i - 1], addresses[i]);
            }
            uint256 multiplier = isWeighted ? multipliers[i] : 1e18;
            _requireAtMost("MULTIPLIERS", multiplier, type(uint96).max);
            // forge-lint: disable-next-line(unsafe-typecast)
            strategies[i] = StrategyWeight(addresses[i], uint96(multiplier));
        }
    }
}
