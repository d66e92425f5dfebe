// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { OperatorRegistrar } from "../../src/OperatorRegistrar.sol";
import { IOperatorRegistrar, RegistrarConfig, StrategyWeight } from "../../src/interfaces/IOperatorRegistrar.sol";
import { IOperatorSet, Voter } from "../../src/interfaces/IOperatorSet.sol";
import { IAllocationManager, OperatorSet } from "../../src/interfaces/external/IAllocationManager.sol";
import { IKeyRegistrar } from "../../src/interfaces/external/IKeyRegistrar.sol";
import { RegistrarTest } from "../utils/RegistrarTest.sol";

contract OperatorRegistrarTest is RegistrarTest {
    address private alice = makeAddr("alice");
    address private bob = makeAddr("bob");

    function operatorNumber(uint256 i) private pure returns (address) {
        return address(uint160(0x10_000 + i));
    }

    /// @dev Every seat is held, with the weights 1000, 1001, … 1255 in the order of the indices.
    function fillSeats() private {
        for (uint256 i = 0; i < 256; ++i) {
            join(operatorNumber(i), 1_000 + i);
        }
        vm.roll(START_BLOCK + 1);
    }

    function assertVoter(
        address operator,
        uint256 timepoint,
        bool canVote,
        uint8 index,
        uint96 weight,
        address signingKey
    ) private view {
        Voter memory voter = voterAt(operator, timepoint);
        assertEq(voter.canVote, canVote, "canVote");
        assertEq(voter.index, index, "index");
        assertEq(voter.weight, weight, "weight");
        assertEq(voter.signingKey, signingKey, "signingKey");
    }

    function assertNoVoter(address operator, uint256 timepoint) private view {
        assertVoter(operator, timepoint, false, 0, 0, address(0));
    }

    // -- constructor

    function assertInvalid(RegistrarConfig memory config, string memory parameter) private {
        vm.expectRevert(abi.encodeWithSelector(IOperatorRegistrar.InvalidConfig.selector, parameter));
        this.create(config);
    }

    function test_Constructor_RevertWhen_AvsIsZero() public {
        RegistrarConfig memory config = registrarConfig();
        config.avs = address(0);
        assertInvalid(config, "avs");
    }

    function test_Constructor_RevertWhen_EigenLayerHasNoCode() public {
        RegistrarConfig memory config = registrarConfig();
        config.allocationManager = stranger;
        assertInvalid(config, "allocationManager");

        config = registrarConfig();
        config.keyRegistrar = stranger;
        assertInvalid(config, "keyRegistrar");
    }

    function test_Constructor_RevertWhen_MinWeightIsOutOfRange() public {
        RegistrarConfig memory config = registrarConfig();
        config.minWeight = 0;
        assertInvalid(config, "minWeight");
        config.minWeight = MAX_WEIGHT + 1;
        assertInvalid(config, "minWeight");

        config.minWeight = MAX_WEIGHT;
        assertEq(new OperatorRegistrar(config).minWeight(), MAX_WEIGHT);
    }

    function test_Constructor_RevertWhen_ATimeIsZero() public {
        RegistrarConfig memory config = registrarConfig();
        config.maxWeightAge = 0;
        assertInvalid(config, "maxWeightAge");

        config = registrarConfig();
        config.maxReferenceAge = 0;
        assertInvalid(config, "maxReferenceAge");

        config = registrarConfig();
        config.maxRequestLifetime = 0;
        assertInvalid(config, "maxRequestLifetime");

        config = registrarConfig();
        config.minBlockTime = 0;
        assertInvalid(config, "minBlockTime");
    }

    function test_Constructor_RevertWhen_StrategiesAreInvalid() public {
        RegistrarConfig memory config = registrarConfig();
        config.strategies = new StrategyWeight[](0);
        assertInvalid(config, "strategies");

        config = registrarConfig();
        config.strategies[1].strategy = strategy;
        assertInvalid(config, "strategies");

        config = registrarConfig();
        (config.strategies[0], config.strategies[1]) = (config.strategies[1], config.strategies[0]);
        assertInvalid(config, "strategies");

        config = registrarConfig();
        config.strategies[0].multiplier = 0;
        assertInvalid(config, "strategies");

        config = registrarConfig();
        config.strategies[1].multiplier = 0;
        assertInvalid(config, "strategies");
    }

    function test_Constructor_RevertWhen_HorizonDoesNotFit() public {
        RegistrarConfig memory config = registrarConfig();
        config.waiveSlashability = true;
        config.maxReferenceAge = 1;
        config.maxRequestLifetime = 12;
        config.evidenceWindow = 0;
        config.maxWeightAge = type(uint32).max - 1;
        assertInvalid(config, "maxWeightAge");

        config.maxWeightAge = type(uint32).max - 2;
        assertEq(new OperatorRegistrar(config).slashabilityHorizon(), type(uint32).max);
    }

    function test_Constructor_RevertWhen_StakeIsNotSlashable() public {
        allocationManager.setDeallocationDelay(HORIZON);
        vm.expectRevert(
            abi.encodeWithSelector(IOperatorRegistrar.StakeNotSlashable.selector, uint256(HORIZON), uint256(HORIZON))
        );
        this.create(registrarConfig());
    }

    function test_Constructor_Waived() public {
        allocationManager.setDeallocationDelay(HORIZON);
        RegistrarConfig memory config = registrarConfig();
        config.waiveSlashability = true;
        registrar = new OperatorRegistrar(config);
        assertFalse(registrar.slashable());
        assertEq(registrar.slashabilityHorizon(), HORIZON);
    }

    function test_Constructor() public view {
        assertEq(registrar.avs(), avs);
        assertEq(registrar.operatorSetId(), SET_ID);
        assertEq(address(registrar.allocationManager()), address(allocationManager));
        assertEq(address(registrar.keyRegistrar()), address(keyRegistrar));
        assertEq(registrar.minWeight(), MIN_WEIGHT);
        assertEq(registrar.maxWeightAge(), MAX_WEIGHT_AGE);
        assertEq(registrar.maxReferenceAge(), MAX_REFERENCE_AGE);
        assertEq(registrar.maxRequestLifetime(), LIFETIME);
        assertEq(registrar.getSeatedOperators().length, 0);
        assertEq(registrar.getTotalWeight(uint48(START_BLOCK - 1)), 0);
        assertTrue(registrar.slashable());
    }

    function test_Constructor_HorizonIsRoundedUp() public {
        assertEq(registrar.slashabilityHorizon(), HORIZON);
        RegistrarConfig memory config = registrarConfig();
        config.evidenceWindow = 7_200;
        assertEq(new OperatorRegistrar(config).slashabilityHorizon(), HORIZON - 1);
    }

    function test_Constructor_Limits() public {
        RegistrarConfig memory config = registrarConfig();
        config.evidenceWindow = 0;
        uint32 horizon = MAX_WEIGHT_AGE + MAX_REFERENCE_AGE + LIFETIME / 12;
        allocationManager.setDeallocationDelay(horizon + 1);
        assertEq(new OperatorRegistrar(config).slashabilityHorizon(), horizon);
    }

    // -- supportsAVS

    function test_SupportsAVS() public view {
        assertTrue(registrar.supportsAVS(avs));
        assertFalse(registrar.supportsAVS(stranger));
        assertFalse(registrar.supportsAVS(address(0)));
    }

    // -- registerOperator

    function test_RegisterOperator_RevertWhen_CallerIsNotAllocationManager() public {
        keyRegistrar.setKey(alice, keyOf(alice));
        vm.expectRevert(abi.encodeWithSelector(IOperatorRegistrar.NotAllocationManager.selector, alice));
        vm.prank(alice);
        registrar.registerOperator(alice, avs, ids(SET_ID), "");
    }

    function test_RegisterOperator_RevertWhen_AvsIsAnother() public {
        vm.expectRevert(abi.encodeWithSelector(IOperatorRegistrar.UnknownAVS.selector, stranger));
        vm.prank(address(allocationManager));
        registrar.registerOperator(alice, stranger, ids(SET_ID), "");
    }

    function unknownSets() private pure returns (uint32[][3] memory sets) {
        sets[0] = new uint32[](0);
        sets[1] = ids(SET_ID + 1);
        sets[2] = new uint32[](2);
        sets[2][0] = SET_ID;
        sets[2][1] = SET_ID;
    }

    function test_RegisterOperator_RevertWhen_SetsAreUnknown() public {
        uint32[][3] memory sets = unknownSets();
        for (uint256 i = 0; i < sets.length; ++i) {
            vm.expectRevert(IOperatorRegistrar.UnknownOperatorSet.selector);
            vm.prank(address(allocationManager));
            registrar.registerOperator(alice, avs, sets[i], "");
        }
    }

    function test_RegisterOperator_RevertWhen_KeyIsMissing() public {
        setStake(alice, MIN_WEIGHT);
        vm.expectRevert(abi.encodeWithSelector(IOperatorRegistrar.SigningKeyMissing.selector, alice));
        register(alice);
        assertFalse(registrar.isMember(alice));
    }

    function test_RegisterOperator_TooLittleWeight() public {
        prepare(alice, MIN_WEIGHT - 1);
        vm.expectEmit();
        emit IOperatorRegistrar.OperatorJoined(alice);
        register(alice);
        assertTrue(registrar.isMember(alice));
        assertFalse(isSeated(alice));
        assertEq(registrar.getSeatedOperators().length, 0);
        vm.roll(START_BLOCK + 1);
        assertNoVoter(alice, START_BLOCK);
        assertEq(registrar.getTotalWeight(uint48(START_BLOCK)), 0);
    }

    function test_RegisterOperator_AsksForStakeSlashableForTheHorizon() public {
        keyRegistrar.setKey(alice, keyOf(alice));
        address[] memory operators = new address[](1);
        operators[0] = alice;
        address[] memory strategies = new address[](2);
        strategies[0] = strategy;
        strategies[1] = halfStrategy;
        vm.expectCall(
            address(allocationManager),
            abi.encodeCall(
                IAllocationManager.getMinimumSlashableStake,
                (OperatorSet(avs, SET_ID), operators, strategies, uint32(START_BLOCK) + HORIZON)
            )
        );
        vm.expectCall(
            address(keyRegistrar), abi.encodeCall(IKeyRegistrar.getECDSAAddress, (OperatorSet(avs, SET_ID), alice))
        );
        register(alice);
    }

    function test_RegisterOperator_Seats() public {
        prepare(alice, MIN_WEIGHT);
        vm.expectEmit();
        emit IOperatorRegistrar.OperatorJoined(alice);
        vm.expectEmit();
        emit IOperatorRegistrar.OperatorCheckpointed(alice, true, 0, MIN_WEIGHT, keyOf(alice));
        register(alice);

        assertTrue(registrar.isMember(alice));
        (bool seated, uint8 index, uint96 weight, uint48 timepoint, address signingKey) = registrar.getCheckpoint(alice);
        assertTrue(seated);
        assertEq(index, 0);
        assertEq(weight, MIN_WEIGHT);
        assertEq(timepoint, START_BLOCK);
        assertEq(signingKey, keyOf(alice));

        vm.roll(START_BLOCK + 1);
        assertNoVoter(alice, START_BLOCK - 1);
        assertVoter(alice, START_BLOCK, true, 0, MIN_WEIGHT, keyOf(alice));
        assertEq(registrar.getTotalWeight(uint48(START_BLOCK - 1)), 0);
        assertEq(registrar.getTotalWeight(uint48(START_BLOCK)), MIN_WEIGHT);
    }

    function test_RegisterOperator_LowestFreeIndex() public {
        for (uint256 i = 0; i < 4; ++i) {
            join(operatorNumber(i), 1_000);
            assertEq(indexOf(operatorNumber(i)), i);
        }
        deregister(operatorNumber(2));
        deregister(operatorNumber(1));
        join(alice, 1_000);
        join(bob, 1_000);
        assertEq(indexOf(alice), 1);
        assertEq(indexOf(bob), 2);
    }

    // -- deregisterOperator

    function test_DeregisterOperator_RevertWhen_CallerIsNotAllocationManager() public {
        join(alice, 1_000);
        vm.expectRevert(abi.encodeWithSelector(IOperatorRegistrar.NotAllocationManager.selector, avs));
        vm.prank(avs);
        registrar.deregisterOperator(alice, avs, ids(SET_ID));
    }

    function test_DeregisterOperator_RevertWhen_AvsIsAnother() public {
        join(alice, 1_000);
        vm.expectRevert(abi.encodeWithSelector(IOperatorRegistrar.UnknownAVS.selector, stranger));
        vm.prank(address(allocationManager));
        registrar.deregisterOperator(alice, stranger, ids(SET_ID));
        assertTrue(isSeated(alice));
    }

    function test_DeregisterOperator_RevertWhen_SetsAreUnknown() public {
        join(alice, 1_000);
        uint32[][3] memory sets = unknownSets();
        for (uint256 i = 0; i < sets.length; ++i) {
            vm.expectRevert(IOperatorRegistrar.UnknownOperatorSet.selector);
            vm.prank(address(allocationManager));
            registrar.deregisterOperator(alice, avs, sets[i]);
        }
        assertTrue(isSeated(alice));
    }

    function test_DeregisterOperator_WithoutSeat() public {
        join(alice, MIN_WEIGHT - 1);
        vm.expectEmit();
        emit IOperatorRegistrar.OperatorLeft(alice);
        deregister(alice);
        assertFalse(registrar.isMember(alice));
    }

    function test_DeregisterOperator_WithSeat() public {
        join(alice, 1_000);
        join(bob, 500);
        vm.roll(START_BLOCK + 5);
        vm.expectEmit();
        emit IOperatorRegistrar.OperatorLeft(alice);
        vm.expectEmit();
        emit IOperatorRegistrar.OperatorCheckpointed(alice, false, 0, 0, keyOf(alice));
        deregister(alice);

        assertFalse(registrar.isMember(alice));
        assertFalse(isSeated(alice));
        assertEq(weightOf(alice), 0);
        assertEq(registrar.getSeatedOperators().length, 1);
        assertEq(registrar.getSeatedOperators()[0], bob);

        vm.roll(START_BLOCK + 6);
        assertVoter(alice, START_BLOCK + 4, true, 0, 1_000, keyOf(alice));
        assertNoVoter(alice, START_BLOCK + 5);
        assertEq(registrar.getTotalWeight(uint48(START_BLOCK + 4)), 1_500);
        assertEq(registrar.getTotalWeight(uint48(START_BLOCK + 5)), 500);
    }

    function test_DeregisterOperator_WhenEigenLayerReverts() public {
        join(alice, 1_000);
        join(bob, MIN_WEIGHT - 1);
        keyRegistrar.setKey(alice, address(0));
        vm.mockCallRevert(address(keyRegistrar), abi.encodeWithSelector(IKeyRegistrar.getECDSAAddress.selector), "");
        vm.mockCallRevert(
            address(allocationManager), abi.encodeWithSelector(IAllocationManager.getMinimumSlashableStake.selector), ""
        );
        deregister(alice);
        deregister(bob);
        assertFalse(isSeated(alice));
        assertFalse(registrar.isMember(bob));
    }

    // -- refresh

    function test_Refresh_RevertWhen_OneIsNotAMember() public {
        join(alice, 1_000);
        address[] memory operators = new address[](2);
        operators[0] = alice;
        operators[1] = bob;
        vm.expectRevert(abi.encodeWithSelector(IOperatorRegistrar.NotMember.selector, bob));
        registrar.refresh(operators);

        deregister(alice);
        vm.expectRevert(abi.encodeWithSelector(IOperatorRegistrar.NotMember.selector, alice));
        refresh(alice);
    }

    function test_Refresh_None() public {
        vm.recordLogs();
        registrar.refresh(new address[](0));
        assertEq(vm.getRecordedLogs().length, 0);
    }

    function test_Refresh_SeveralByAnyone() public {
        join(alice, 1_000);
        join(bob, 500);
        setStake(alice, 2_000);
        setStake(bob, 300);
        vm.roll(START_BLOCK + 10);
        address[] memory operators = new address[](3);
        (operators[0], operators[1], operators[2]) = (alice, bob, alice);
        vm.expectEmit();
        emit IOperatorRegistrar.OperatorCheckpointed(alice, true, 0, 2_000, keyOf(alice));
        vm.expectEmit();
        emit IOperatorRegistrar.OperatorCheckpointed(bob, true, 1, 300, keyOf(bob));
        vm.expectEmit();
        emit IOperatorRegistrar.OperatorCheckpointed(alice, true, 0, 2_000, keyOf(alice));
        vm.prank(stranger);
        registrar.refresh(operators);

        vm.roll(START_BLOCK + 11);
        assertVoter(alice, START_BLOCK + 9, true, 0, 1_000, keyOf(alice));
        assertVoter(alice, START_BLOCK + 10, true, 0, 2_000, keyOf(alice));
        assertVoter(bob, START_BLOCK + 10, true, 1, 300, keyOf(bob));
        assertEq(registrar.getTotalWeight(uint48(START_BLOCK + 9)), 1_500);
        assertEq(registrar.getTotalWeight(uint48(START_BLOCK + 10)), 2_300);
    }

    function test_Refresh_AddsStrategiesByMultiplier() public {
        allocationManager.setStake(alice, halfStrategy, 301);
        join(alice, 1_000);
        assertEq(weightOf(alice), 1_150);
        // two halves that round down on their own do not make a whole
        RegistrarConfig memory config = registrarConfig();
        config.strategies[0].multiplier = 0.5e18;
        registrar = new OperatorRegistrar(config);
        join(alice, 1_001);
        assertEq(weightOf(alice), 650);
    }

    function test_Refresh_ClampsTheWeight() public {
        join(alice, MAX_WEIGHT);
        assertEq(weightOf(alice), MAX_WEIGHT);
        setStake(alice, uint256(MAX_WEIGHT) + 1);
        refresh(alice);
        assertEq(weightOf(alice), MAX_WEIGHT);
        setStake(alice, type(uint128).max);
        allocationManager.setStake(alice, halfStrategy, type(uint128).max);
        refresh(alice);
        assertEq(weightOf(alice), MAX_WEIGHT);
    }

    function test_Refresh_SeatsLater() public {
        join(alice, MIN_WEIGHT - 1);
        vm.roll(START_BLOCK + 10);
        setStake(alice, MIN_WEIGHT);
        refresh(alice);
        vm.roll(START_BLOCK + 11);
        assertNoVoter(alice, START_BLOCK + 9);
        assertVoter(alice, START_BLOCK + 10, true, 0, MIN_WEIGHT, keyOf(alice));
    }

    function test_Refresh_UnseatsAndSeatsAgain() public {
        join(alice, 1_000);
        join(bob, 500);
        vm.roll(START_BLOCK + 1);
        setStake(alice, MIN_WEIGHT - 1);
        vm.expectEmit();
        emit IOperatorRegistrar.OperatorCheckpointed(alice, false, 0, 0, keyOf(alice));
        refresh(alice);
        assertTrue(registrar.isMember(alice));
        assertFalse(isSeated(alice));

        // still too light: nothing more to say
        vm.recordLogs();
        refresh(alice);
        assertEq(vm.getRecordedLogs().length, 0);

        vm.roll(START_BLOCK + 2);
        setStake(alice, 700);
        refresh(alice);
        assertEq(indexOf(alice), 0);
        vm.roll(START_BLOCK + 3);
        assertEq(registrar.getTotalWeight(uint48(START_BLOCK)), 1_500);
        assertEq(registrar.getTotalWeight(uint48(START_BLOCK + 1)), 500);
        assertEq(registrar.getTotalWeight(uint48(START_BLOCK + 2)), 1_200);
    }

    function test_Refresh_WithoutKeyUnseats() public {
        join(alice, 1_000);
        vm.roll(START_BLOCK + 1);
        keyRegistrar.setKey(alice, address(0));
        vm.expectEmit();
        emit IOperatorRegistrar.OperatorCheckpointed(alice, false, 0, 0, address(0));
        refresh(alice);
        vm.roll(START_BLOCK + 2);
        assertVoter(alice, START_BLOCK, true, 0, 1_000, keyOf(alice));
        assertNoVoter(alice, START_BLOCK + 1);
    }

    function test_Refresh_RotatesTheKey() public {
        join(alice, 1_000);
        address newKey = makeAddr("new key");
        vm.roll(START_BLOCK + 1);
        keyRegistrar.setKey(alice, newKey);
        vm.roll(START_BLOCK + 2);
        refresh(alice);
        vm.roll(START_BLOCK + 3);
        assertVoter(alice, START_BLOCK + 1, true, 0, 1_000, keyOf(alice));
        assertVoter(alice, START_BLOCK + 2, true, 0, 1_000, newKey);
    }

    // -- when all 256 seats are held

    function test_Full_HeavierReplacesTheLightest() public {
        fillSeats();
        uint96 total = registrar.getTotalWeight(uint48(START_BLOCK));
        assertEq(total, 256 * 1_000 + 255 * 128);
        assertEq(registrar.getSeatedOperators().length, 256);
        // neither the first nor the last index is the lightest
        setStake(operatorNumber(200), 900);
        refresh(operatorNumber(200));

        vm.roll(START_BLOCK + 2);
        prepare(alice, 901);
        vm.expectEmit();
        emit IOperatorRegistrar.OperatorJoined(alice);
        vm.expectEmit();
        emit IOperatorRegistrar.OperatorCheckpointed(operatorNumber(200), false, 0, 0, keyOf(operatorNumber(200)));
        vm.expectEmit();
        emit IOperatorRegistrar.OperatorCheckpointed(alice, true, 200, 901, keyOf(alice));
        register(alice);
        assertTrue(registrar.isMember(operatorNumber(200)));
        assertEq(registrar.getSeatedOperators()[200], alice);

        vm.roll(START_BLOCK + 3);
        assertVoter(operatorNumber(200), START_BLOCK, true, 200, 1_200, keyOf(operatorNumber(200)));
        assertVoter(operatorNumber(200), START_BLOCK + 1, true, 200, 900, keyOf(operatorNumber(200)));
        assertNoVoter(alice, START_BLOCK + 1);
        assertNoVoter(operatorNumber(200), START_BLOCK + 2);
        assertVoter(alice, START_BLOCK + 2, true, 200, 901, keyOf(alice));
        assertEq(registrar.getTotalWeight(uint48(START_BLOCK)), total);
        assertEq(registrar.getTotalWeight(uint48(START_BLOCK + 1)), total - 300);
        assertEq(registrar.getTotalWeight(uint48(START_BLOCK + 2)), total - 299);
    }

    function test_Full_EqualWeightDoesNotReplace() public {
        fillSeats();
        join(alice, 1_000);
        assertTrue(registrar.isMember(alice));
        assertFalse(isSeated(alice));
        assertTrue(isSeated(operatorNumber(0)));
        setStake(alice, 1_001);
        refresh(alice);
        assertEq(indexOf(alice), 0);
        assertFalse(isSeated(operatorNumber(0)));
        assertTrue(isSeated(operatorNumber(1)));
    }

    function test_Full_ReplacedIsSeatedAgain() public {
        fillSeats();
        join(alice, 2_000);
        refresh(operatorNumber(0));
        assertFalse(isSeated(operatorNumber(0)));
        deregister(operatorNumber(77));
        refresh(operatorNumber(0));
        assertEq(indexOf(operatorNumber(0)), 77);
        assertEq(indexOf(alice), 0);
    }

    function test_Full_LargestWeights() public {
        for (uint256 i = 0; i < 256; ++i) {
            join(operatorNumber(i), type(uint128).max);
        }
        join(alice, type(uint128).max);
        assertFalse(isSeated(alice));
        vm.roll(START_BLOCK + 1);
        assertEq(registrar.getTotalWeight(uint48(START_BLOCK)), 256 * uint256(MAX_WEIGHT));
    }

    // -- getVoter, getTotalWeight

    function test_GetVoter_RevertWhen_TimepointIsNotPast() public {
        join(alice, 1_000);
        for (uint48 timepoint = uint48(START_BLOCK); timepoint < START_BLOCK + 2; ++timepoint) {
            bytes memory expected =
                abi.encodeWithSelector(IOperatorSet.TimepointNotPast.selector, timepoint, uint48(START_BLOCK));
            vm.expectRevert(expected);
            registrar.getVoter(alice, timepoint);
            vm.expectRevert(expected);
            registrar.getTotalWeight(timepoint);
        }
    }

    function test_GetVoter_NoOperator() public {
        join(alice, 1_000);
        vm.roll(START_BLOCK + 1);
        assertNoVoter(stranger, START_BLOCK);
        (, uint96 totalWeight) = registrar.getVoter(stranger, uint48(START_BLOCK));
        assertEq(totalWeight, 1_000);
    }

    function test_GetVoter_StaleWeight() public {
        join(alice, 1_000);
        uint256 lastFresh = START_BLOCK + MAX_WEIGHT_AGE;
        vm.roll(lastFresh + 2);
        assertVoter(alice, lastFresh, true, 0, 1_000, keyOf(alice));
        assertVoter(alice, lastFresh + 1, false, 0, 1_000, keyOf(alice));
        (, uint96 totalWeight) = registrar.getVoter(alice, uint48(lastFresh + 1));
        assertEq(totalWeight, 1_000);
        assertEq(registrar.getTotalWeight(uint48(lastFresh + 1)), 1_000);

        refresh(alice);
        vm.roll(lastFresh + 3);
        assertFalse(voterAt(alice, lastFresh + 1).canVote);
        assertTrue(voterAt(alice, lastFresh + 2).canVote);
    }

    function test_GetVoter_BeforeAtAndAfterChanges() public {
        join(alice, 1_000);
        vm.roll(START_BLOCK + 10);
        setStake(alice, 400);
        refresh(alice);
        vm.roll(START_BLOCK + 20);
        deregister(alice);
        vm.roll(START_BLOCK + 30);
        join(bob, 600);
        join(alice, 900);
        vm.roll(START_BLOCK + 40);

        assertNoVoter(alice, START_BLOCK - 1);
        assertVoter(alice, START_BLOCK, true, 0, 1_000, keyOf(alice));
        assertVoter(alice, START_BLOCK + 9, true, 0, 1_000, keyOf(alice));
        assertVoter(alice, START_BLOCK + 10, true, 0, 400, keyOf(alice));
        assertVoter(alice, START_BLOCK + 19, true, 0, 400, keyOf(alice));
        assertNoVoter(alice, START_BLOCK + 20);
        assertNoVoter(alice, START_BLOCK + 29);
        assertVoter(alice, START_BLOCK + 30, true, 1, 900, keyOf(alice));
        assertVoter(bob, START_BLOCK + 30, true, 0, 600, keyOf(bob));
        assertEq(registrar.getTotalWeight(uint48(START_BLOCK + 29)), 0);
        assertEq(registrar.getTotalWeight(uint48(START_BLOCK + 39)), 1_500);
    }

    function test_GetVoter_LastChangeOfABlockHolds() public {
        join(alice, 1_000);
        setStake(alice, 300);
        refresh(alice);
        deregister(alice);
        join(bob, 700);
        join(alice, 800);
        keyRegistrar.setKey(alice, stranger);
        refresh(alice);
        vm.roll(START_BLOCK + 1);
        assertNoVoter(alice, START_BLOCK - 1);
        assertVoter(alice, START_BLOCK, true, 1, 800, stranger);
        assertVoter(bob, START_BLOCK, true, 0, 700, keyOf(bob));
        assertEq(registrar.getTotalWeight(uint48(START_BLOCK)), 1_500);
    }

    // -- isValidReference

    function test_IsValidReference() public view {
        assertFalse(registrar.isValidReference(uint48(START_BLOCK + 1)));
        assertFalse(registrar.isValidReference(uint48(START_BLOCK)));
        assertTrue(registrar.isValidReference(uint48(START_BLOCK - 1)));
        assertTrue(registrar.isValidReference(uint48(START_BLOCK - MAX_REFERENCE_AGE)));
        assertFalse(registrar.isValidReference(uint48(START_BLOCK - MAX_REFERENCE_AGE - 1)));
        assertFalse(registrar.isValidReference(0));
        assertFalse(registrar.isValidReference(type(uint48).max));
    }

    // -- slashable

    function test_Slashable_FollowsTheDelay() public {
        allocationManager.setDeallocationDelay(HORIZON + 1);
        assertTrue(registrar.slashable());
        allocationManager.setDeallocationDelay(HORIZON);
        assertFalse(registrar.slashable());
    }

    // -- getSeatedOperators, getCheckpoint, getStrategies

    function test_GetSeatedOperators() public {
        join(operatorNumber(0), 1_000);
        join(operatorNumber(1), MIN_WEIGHT - 1);
        join(operatorNumber(2), 1_000);
        join(operatorNumber(3), 1_000);
        deregister(operatorNumber(2));
        address[] memory seated = registrar.getSeatedOperators();
        assertEq(seated.length, 2);
        assertEq(seated[0], operatorNumber(0));
        assertEq(seated[1], operatorNumber(3));
    }

    function test_GetCheckpoint_None() public view {
        (bool seated, uint8 index, uint96 weight, uint48 timepoint, address signingKey) = registrar.getCheckpoint(alice);
        assertFalse(seated);
        assertEq(index, 0);
        assertEq(weight, 0);
        assertEq(timepoint, 0);
        assertEq(signingKey, address(0));
    }

    function test_GetStrategies() public view {
        StrategyWeight[] memory strategies = registrar.getStrategies();
        assertEq(strategies.length, 2);
        assertEq(strategies[0].strategy, strategy);
        assertEq(strategies[0].multiplier, 1e18);
        assertEq(strategies[1].strategy, halfStrategy);
        assertEq(strategies[1].multiplier, 0.5e18);
    }

    // -- clock, CLOCK_MODE

    function test_Clock() public {
        assertEq(registrar.clock(), START_BLOCK);
        vm.roll(START_BLOCK + 7);
        assertEq(registrar.clock(), START_BLOCK + 7);
        assertEq(registrar.CLOCK_MODE(), "mode=blocknumber&from=default");
    }
}
