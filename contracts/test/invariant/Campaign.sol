// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Test } from "forge-std/Test.sol";

import { EquivocationSlasher } from "../../src/EquivocationSlasher.sol";
import { ModelRegistry } from "../../src/ModelRegistry.sol";
import { OperatorRegistrar } from "../../src/OperatorRegistrar.sol";
import { AVSConfig, ProofOfInferenceAVS } from "../../src/ProofOfInferenceAVS.sol";
import { SlasherConfig } from "../../src/interfaces/IEquivocationSlasher.sol";
import { AssetFee, ModelConfig, VersionConfig } from "../../src/interfaces/IModelRegistry.sol";
import { RegistrarConfig, StrategyWeight } from "../../src/interfaces/IOperatorRegistrar.sol";
import { MockAllocationManager } from "../mocks/MockAllocationManager.sol";
import { MockIdentityRegistry } from "../mocks/MockIdentityRegistry.sol";
import { MockKeyRegistrar } from "../mocks/MockKeyRegistrar.sol";
import { FeeOnTransferToken, MockToken } from "../mocks/Tokens.sol";
import { Handler } from "./handlers/Handler.sol";
import { World } from "./stores/Store.sol";

/// @notice The AVS, its model registry and its registrar, with accounts to use them, and the handler that does.
abstract contract Campaign is Test {
    uint256 internal constant WEALTH = 1e30;
    uint32 internal constant LIFETIME = 30 minutes;

    World internal world;
    Handler internal handler;

    /// @dev What the campaign calls; a name occurs as often as it weighs.
    bytes4[] internal actions;

    // -- setting up

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        vm.roll(20_000_000);
        deploy();
        createAccounts();
        handler = new Handler(world);
        fundAccounts();
        for (uint256 i = 0; i < 4; ++i) {
            handler.join(i);
        }
        vm.roll(20_000_000 + world.maxReferenceAge);
        chooseActions();
    }

    function target() internal {
        targetContract(address(handler));
        targetSelector(FuzzSelector(address(handler), actions));
    }

    function chooseActions() private {
        weigh(handler.deposit.selector, 1);
        weigh(handler.initiateDepositWithdrawal.selector, 2);
        weigh(handler.completeDepositWithdrawal.selector, 3);
        weigh(handler.withdrawEarnings.selector, 1);
        weigh(handler.openForNewJob.selector, 4);
        weigh(handler.openForSameJob.selector, 1);
        weigh(handler.tryToOpenForAnother.selector, 2);
        weigh(handler.settle.selector, 4);
        weigh(handler.tryToSettle.selector, 1);
        weigh(handler.claimFees.selector, 1);
        weigh(handler.claimFeesOfTwoAssets.selector, 2);
        weigh(handler.releaseUnearnedFee.selector, 2);
        weigh(handler.participate.selector, 3);
        weigh(handler.vote.selector, 2);
        weigh(handler.commit.selector, 2);
        weigh(handler.reveal.selector, 6);
        weigh(handler.voteTogether.selector, 2);
        weigh(handler.revealTogether.selector, 3);
        weigh(handler.tryToVote.selector, 2);
        weigh(handler.certifyNewJob.selector, 3);
        weigh(handler.certifySameJob.selector, 3);
        weigh(handler.join.selector, 1);
        weigh(handler.depart.selector, 1);
        weigh(handler.refresh.selector, 1);
        weigh(handler.setStake.selector, 1);
        weigh(handler.rotateKey.selector, 1);
        weigh(handler.passBlocks.selector, 1);
        weigh(handler.passManyBlocks.selector, 1);
    }

    function weigh(bytes4 action, uint256 weight) private {
        for (uint256 i = 0; i < weight; ++i) {
            actions.push(action);
        }
    }

    function deploy() private {
        world.assets = [address(0), address(new MockToken()), address(new FeeOnTransferToken())];
        world.strategies = [address(0x51), address(0x52)];
        world.minWeight = 1 ether;
        world.maxWeightAge = 60;
        world.maxReferenceAge = 40;
        world.allocationManager = new MockAllocationManager(100_800);
        world.keyRegistrar = new MockKeyRegistrar();
        world.identityRegistry = new MockIdentityRegistry();
        address predicted = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 3);
        ModelRegistry modelRegistry = new ModelRegistry(predicted);
        world.registrar = new OperatorRegistrar(registrarConfig(predicted));
        address slasher = address(new EquivocationSlasher(SlasherConfig(address(world.registrar), 0.1e18)));
        world.avs = new ProofOfInferenceAVS(avsConfig(address(modelRegistry), slasher));

        world.method = keccak256("method");
        ModelConfig memory model;
        model.version = VersionConfig(keccak256("manifest"), keccak256("policy"), world.method, 9_900);
        model.fees = new AssetFee[](3);
        for (uint256 i = 0; i < 3; ++i) {
            model.fees[i] = AssetFee(world.assets[i], true, 0.001 ether);
        }
        (, world.modelVersionId) = modelRegistry.registerModel("model", model);
    }

    function registrarConfig(address avs) private view returns (RegistrarConfig memory config) {
        config.avs = avs;
        config.allocationManager = address(world.allocationManager);
        config.keyRegistrar = address(world.keyRegistrar);
        config.strategies = new StrategyWeight[](2);
        config.strategies[0] = StrategyWeight(world.strategies[0], 1e18);
        config.strategies[1] = StrategyWeight(world.strategies[1], 0.5e18);
        config.minWeight = world.minWeight;
        config.maxWeightAge = uint32(world.maxWeightAge);
        config.maxReferenceAge = uint32(world.maxReferenceAge);
        config.maxRequestLifetime = LIFETIME;
        config.evidenceWindow = 1 days;
        config.minBlockTime = 12;
    }

    function avsConfig(address modelRegistry, address slasher) private view returns (AVSConfig memory config) {
        config.owner = address(this);
        config.modelRegistry = modelRegistry;
        config.operatorSet = address(world.registrar);
        config.identityRegistry = address(world.identityRegistry);
        config.allocationManager = address(world.allocationManager);
        config.keyRegistrar = address(world.keyRegistrar);
        config.slasher = slasher;
        config.strategies = new address[](2);
        config.strategies[0] = world.strategies[0];
        config.strategies[1] = world.strategies[1];
    }

    function createAccounts() private {
        for (uint256 i = 0; i < world.requesters.length; ++i) {
            (world.requesters[i], world.requesterKeys[i]) = makeAddrAndKey(string.concat("requester ", vm.toString(i)));
        }
        (world.payees[0], world.payeeKeys[0]) = makeAddrAndKey("payee 0");
        (world.payees[1], world.payeeKeys[1]) = makeAddrAndKey("payee 1");
        world.identityRegistry.setAgentWallet(0, world.payees[0]);
        world.identityRegistry.setAgentWallet(1, world.payees[1]);
        for (uint256 i = 0; i < world.operators.length; ++i) {
            world.operators[i] = makeAddr(string.concat("operator ", vm.toString(i)));
        }
    }

    function fundAccounts() private {
        for (uint256 i = 0; i < 3; ++i) {
            vm.deal(world.requesters[i], WEALTH);
            for (uint256 j = 1; j < 3; ++j) {
                MockToken(world.assets[j]).mint(world.requesters[i], WEALTH);
                vm.prank(world.requesters[i]);
                MockToken(world.assets[j]).approve(address(world.avs), type(uint256).max);
            }
        }
    }
}
