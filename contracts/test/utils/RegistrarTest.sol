// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Test } from "forge-std/Test.sol";

import { OperatorRegistrar } from "../../src/OperatorRegistrar.sol";
import { RegistrarConfig, StrategyWeight } from "../../src/interfaces/IOperatorRegistrar.sol";
import { Voter } from "../../src/interfaces/IOperatorSet.sol";
import { MockAllocationManager } from "../mocks/MockAllocationManager.sol";
import { MockKeyRegistrar } from "../mocks/MockKeyRegistrar.sol";

/// @notice A registrar with two strategies, of multipliers 1 and 0.5, over stakes and keys that are set by hand.
abstract contract RegistrarTest is Test {
    uint32 internal constant SET_ID = 3;
    uint96 internal constant MIN_WEIGHT = 100;
    /// @dev What one of 256 seats can have of a uint96.
    uint96 internal constant MAX_WEIGHT = (1 << 88) - 1;
    uint32 internal constant MAX_WEIGHT_AGE = 50;
    uint32 internal constant MAX_REFERENCE_AGE = 20;
    uint32 internal constant LIFETIME = 3_600;
    /// @dev 50 + 20 + (3600 + 7201) / 12, rounded up.
    uint32 internal constant HORIZON = 971;
    uint32 internal constant DELAY = 1_000;
    uint256 internal constant START_BLOCK = 10_000;

    MockAllocationManager internal allocationManager;
    MockKeyRegistrar internal keyRegistrar;
    OperatorRegistrar internal registrar;
    address internal avs = makeAddr("AVS");
    address internal stranger = makeAddr("stranger");
    address internal strategy = address(0x51);
    address internal halfStrategy = address(0x52);

    function setUp() public virtual {
        vm.roll(START_BLOCK);
        allocationManager = new MockAllocationManager(DELAY);
        keyRegistrar = new MockKeyRegistrar();
        registrar = new OperatorRegistrar(registrarConfig());
    }

    /// @dev To be called from outside where a revert is expected: forge links the creations of tests dynamically, and a
    /// test would end, passing, with one that reverts.
    function create(RegistrarConfig memory config) external returns (OperatorRegistrar) {
        return new OperatorRegistrar(config);
    }

    function registrarConfig() internal view returns (RegistrarConfig memory config) {
        config.avs = avs;
        config.allocationManager = address(allocationManager);
        config.keyRegistrar = address(keyRegistrar);
        config.operatorSetId = SET_ID;
        config.strategies = new StrategyWeight[](2);
        config.strategies[0] = StrategyWeight(strategy, 1e18);
        config.strategies[1] = StrategyWeight(halfStrategy, 0.5e18);
        config.minWeight = MIN_WEIGHT;
        config.maxWeightAge = MAX_WEIGHT_AGE;
        config.maxReferenceAge = MAX_REFERENCE_AGE;
        config.maxRequestLifetime = LIFETIME;
        config.evidenceWindow = 7_201;
        config.minBlockTime = 12;
    }

    // -- operators, as EigenLayer would tell of them

    function ids(uint32 id) internal pure returns (uint32[] memory list) {
        list = new uint32[](1);
        list[0] = id;
    }

    function keyOf(address operator) internal pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encode("signing key", operator)))));
    }

    function setStake(address operator, uint256 stake) internal {
        allocationManager.setStake(operator, strategy, stake);
    }

    /// @notice Gives the operator a key, and `stake` in the strategy of multiplier 1.
    function prepare(address operator, uint256 stake) internal {
        setStake(operator, stake);
        keyRegistrar.setKey(operator, keyOf(operator));
    }

    function join(address operator, uint256 stake) internal {
        prepare(operator, stake);
        register(operator);
    }

    function register(address operator) internal {
        vm.prank(address(allocationManager));
        registrar.registerOperator(operator, avs, ids(SET_ID), "");
    }

    function deregister(address operator) internal {
        vm.prank(address(allocationManager));
        registrar.deregisterOperator(operator, avs, ids(SET_ID));
    }

    function refresh(address operator) internal {
        address[] memory operators = new address[](1);
        operators[0] = operator;
        registrar.refresh(operators);
    }

    function isSeated(address operator) internal view returns (bool seated) {
        (seated,,,,) = registrar.getCheckpoint(operator);
    }

    function indexOf(address operator) internal view returns (uint8 index) {
        (, index,,,) = registrar.getCheckpoint(operator);
    }

    function weightOf(address operator) internal view returns (uint96 weight) {
        (,, weight,,) = registrar.getCheckpoint(operator);
    }

    function voterAt(address operator, uint256 timepoint) internal view returns (Voter memory voter) {
        (voter,) = registrar.getVoter(operator, uint48(timepoint));
    }
}
