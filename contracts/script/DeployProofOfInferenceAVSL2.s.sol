// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { VmSafe } from "forge-std/Vm.sol";
import { console } from "forge-std/console.sol";

import { ModelRegistry } from "../src/ModelRegistry.sol";
import { OperatorTableSet } from "../src/OperatorTableSet.sol";
import { AVSConfig, ProofOfInferenceAVS } from "../src/ProofOfInferenceAVS.sol";
import { TableSetConfig } from "../src/interfaces/IOperatorTableSet.sol";
import { OperatorSet } from "../src/interfaces/external/IAllocationManager.sol";
import { ECDSAOperatorInfo, IECDSACertificateVerifier } from "../src/interfaces/external/IECDSACertificateVerifier.sol";
import { DeployScript } from "./DeployScript.sol";

/// @notice What is deployed, and onto what.
struct L2DeploymentConfig {
    /// @dev Its `avs` is the AVS on L1.
    TableSetConfig tableSet;
    address identityRegistry;
    /// @dev ERC-8004's other registries; each zero where the chain has none.
    address validationRegistry;
    address reputationRegistry;
    address owner;
}

struct L2Deployment {
    uint256 startBlock;
    ProofOfInferenceAVS avs;
    ModelRegistry modelRegistry;
    OperatorTableSet operatorSet;
}

/// @title Deploys the AVS with its model registry on a chain without restaking, over EigenLayer's operator tables there
/// @notice `forge script script/DeployProofOfInferenceAVSL2.s.sol:DeployProofOfInferenceAVSL2 --broadcast --slow --rpc-url …
/// --account …` writes `deployments/<chainId>.json`; without `--broadcast` it only simulates. The environment
/// configures it. The names are not those of the script for L1, where the same parameters are in blocks:
///
/// | variable | default | |
/// |---|---|---|
/// | L2_CERTIFICATE_VERIFIER | | EigenLayer's ECDSACertificateVerifier on this chain |
/// | L2_IDENTITY_REGISTRY | | ERC-8004's contract on this chain |
/// | L2_VALIDATION_REGISTRY | none | likewise, for receipts |
/// | L2_REPUTATION_REGISTRY | none | likewise, for feedback |
/// | L1_AVS | | the AVS on L1, whose operator set it is |
/// | L1_OPERATOR_SET_ID | 0 | |
/// | L2_MULTIPLIERS | | weight per unit of each kind of stake in the tables, 1e18 = 1, comma-separated |
/// | L2_WEIGHT_LOOKAHEAD | | seconds after its timestamp for which a table's stake stays slashable on L1: the blocks that the table calculator looks ahead, times L1's least block time |
/// | L2_OWNER | the broadcaster | may pause new requests |
/// | L2_MIN_WEIGHT | 1e18 | least weight to hold one of the 256 seats |
/// | L2_MAX_REFERENCE_AGE | 691200 s | that a table may be old when a request refers to it |
/// | L2_SUPERSEDED_GRACE | 3600 s | for which a table may be referred to after the timestamp of the next |
/// | L2_MAX_REQUEST_LIFETIME | 86400 s | |
/// | L2_EVIDENCE_WINDOW | 345600 s | after a deadline, in which slashing on L1 must still succeed |
/// | L2_WAIVE_SLASHABILITY | false | deploy although stake can leave before it could be slashed (testnets) |
///
/// With the defaults stake must stay slashable for 13 days; a calculator that looks 100800 blocks of 12 s ahead says 14.
contract DeployProofOfInferenceAVSL2 is DeployScript {
    /// @notice The newest table of the set on this chain has other kinds of stake than there are multipliers, so that it
    /// could not be loaded.
    error MultipliersMismatch(uint256 kinds, uint256 multipliers);

    function run() external {
        L2DeploymentConfig memory config = readConfig();
        vm.startBroadcast();
        (, address deployer,) = vm.readCallers();
        if (config.owner == address(0)) config.owner = deployer;
        L2Deployment memory deployment = deploy(config, deployer);
        vm.stopBroadcast();

        console.log("AVS            ", address(deployment.avs));
        console.log("model registry ", address(deployment.modelRegistry));
        console.log("operator set   ", address(deployment.operatorSet));
        console.log("owner          ", config.owner);
        console.log("slashable      ", deployment.operatorSet.slashable());
        console.log("newest table   ", _newestTable(config.tableSet));
        if (vm.isContext(VmSafe.ForgeContext.ScriptBroadcast)) console.log("written to     ", save(deployment));
    }

    /// @notice The configuration in the environment; `owner` is zero where it names none.
    function readConfig() public view returns (L2DeploymentConfig memory config) {
        TableSetConfig memory tableSet = config.tableSet;
        tableSet.certificateVerifier = _contract("L2_CERTIFICATE_VERIFIER");
        config.identityRegistry = _contract("L2_IDENTITY_REGISTRY");
        if (vm.envExists("L2_VALIDATION_REGISTRY")) config.validationRegistry = _contract("L2_VALIDATION_REGISTRY");
        if (vm.envExists("L2_REPUTATION_REGISTRY")) config.reputationRegistry = _contract("L2_REPUTATION_REGISTRY");
        tableSet.avs = _address("L1_AVS");
        tableSet.operatorSetId = _uint32("L1_OPERATOR_SET_ID", 0);
        tableSet.multipliers = _multipliers();
        _requireVariable("L2_WEIGHT_LOOKAHEAD");
        tableSet.weightLookahead = _uint32("L2_WEIGHT_LOOKAHEAD", 0);
        config.owner = vm.envOr("L2_OWNER", address(0));
        tableSet.minWeight = _uint96("L2_MIN_WEIGHT", 1e18);
        tableSet.maxReferenceAge = _uint32("L2_MAX_REFERENCE_AGE", 8 days);
        tableSet.supersededGrace = _uint32("L2_SUPERSEDED_GRACE", 1 hours);
        tableSet.maxRequestLifetime = _uint32("L2_MAX_REQUEST_LIFETIME", 1 days);
        tableSet.evidenceWindow = _uint32("L2_EVIDENCE_WINDOW", 4 days);
        tableSet.waiveSlashability = vm.envOr("L2_WAIVE_SLASHABILITY", false);
    }

    /// @notice Deploys and checks the links.
    /// @param deployer Who creates the contracts: the broadcaster, or the contract that calls this.
    function deploy(L2DeploymentConfig memory config, address deployer)
        public
        returns (L2Deployment memory deployment)
    {
        _requireMultipliers(config.tableSet);
        // The others are deployed before the AVS, and the registry is told its address.
        address predicted = vm.computeCreateAddress(deployer, vm.getNonce(deployer) + 2);
        deployment.startBlock = vm.getBlockNumber();
        deployment.modelRegistry = ModelRegistry(_create("ModelRegistry", abi.encode(predicted)));
        deployment.operatorSet = OperatorTableSet(_create("OperatorTableSet", abi.encode(config.tableSet)));
        bytes memory avsConfig = abi.encode(_avsConfig(config, deployment));
        deployment.avs = ProofOfInferenceAVS(_create("ProofOfInferenceAVS", avsConfig));
        _requireLinks(config, deployment, predicted);
    }

    /// @notice Writes the deployment, see `DeployScript`; its `slasher` is null.
    function save(L2Deployment memory deployment) public returns (string memory path) {
        return _save(deployment.startBlock, deployment.avs, address(0));
    }

    // -- the AVS

    /// @dev Without an AllocationManager the AVS joins nothing, and the rest is unused.
    function _avsConfig(L2DeploymentConfig memory config, L2Deployment memory deployment)
        private
        pure
        returns (AVSConfig memory avsConfig)
    {
        avsConfig.owner = config.owner;
        avsConfig.modelRegistry = address(deployment.modelRegistry);
        avsConfig.operatorSet = address(deployment.operatorSet);
        avsConfig.identityRegistry = config.identityRegistry;
        avsConfig.validationRegistry = config.validationRegistry;
        avsConfig.reputationRegistry = config.reputationRegistry;
    }

    function _requireLinks(L2DeploymentConfig memory config, L2Deployment memory deployment, address predicted)
        private
        view
    {
        ProofOfInferenceAVS avs = deployment.avs;
        OperatorTableSet operatorSet = deployment.operatorSet;
        TableSetConfig memory tableSet = config.tableSet;
        _requireLink("AVS", predicted, address(avs));
        _requireLink("ModelRegistry.avs", predicted, deployment.modelRegistry.avs());
        _requireLink("OperatorTableSet.avs", tableSet.avs, operatorSet.avs());
        _requireLink(
            "OperatorTableSet.certificateVerifier",
            tableSet.certificateVerifier,
            address(operatorSet.certificateVerifier())
        );
        _requireLink("AVS.modelRegistry", address(deployment.modelRegistry), address(avs.modelRegistry()));
        _requireLink("AVS.operatorSet", address(operatorSet), address(avs.operatorSet()));
        _requireLink("AVS.identityRegistry", config.identityRegistry, address(avs.identityRegistry()));
        _requireLink("AVS.validationRegistry", config.validationRegistry, address(avs.validationRegistry()));
        _requireLink("AVS.reputationRegistry", config.reputationRegistry, address(avs.reputationRegistry()));
        _requireLink("AVS.owner", config.owner, avs.owner());
    }

    // -- tables

    /// @dev With what the newest table says, if there is one; multipliers cannot be changed later.
    function _requireMultipliers(TableSetConfig memory tableSet) private view {
        ECDSAOperatorInfo[] memory infos = IECDSACertificateVerifier(tableSet.certificateVerifier)
            .getOperatorInfos(_setOf(tableSet), _newestTable(tableSet));
        if (infos.length == 0) return;
        uint256 kinds = infos[0].weights.length;
        if (kinds != tableSet.multipliers.length) revert MultipliersMismatch(kinds, tableSet.multipliers.length);
    }

    /// @dev Its timestamp; 0 when none was posted.
    function _newestTable(TableSetConfig memory tableSet) private view returns (uint32) {
        return IECDSACertificateVerifier(tableSet.certificateVerifier).latestReferenceTimestamp(_setOf(tableSet));
    }

    function _setOf(TableSetConfig memory tableSet) private pure returns (OperatorSet memory) {
        return OperatorSet(tableSet.avs, tableSet.operatorSetId);
    }

    // -- the environment

    function _multipliers() private view returns (uint96[] memory multipliers) {
        _requireVariable("L2_MULTIPLIERS");
        uint256[] memory values = vm.envUint("L2_MULTIPLIERS", ",");
        multipliers = new uint96[](values.length);
        for (uint256 i = 0; i < values.length; ++i) {
            _requireAtMost("L2_MULTIPLIERS", values[i], type(uint96).max);
            // forge-lint: disable-next-line(unsafe-typecast)
            multipliers[i] = uint96(values[i]);
        }
    }
}
