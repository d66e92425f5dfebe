// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { OperatorSetConfig } from "../../devnet/EigenLayerTypes.sol";
import { OperatorTableSet } from "../../src/OperatorTableSet.sol";
import { IOperatorSet, Voter } from "../../src/interfaces/IOperatorSet.sol";
import { IOperatorTableSet, TableSetConfig } from "../../src/interfaces/IOperatorTableSet.sol";
import { OperatorSet } from "../../src/interfaces/external/IAllocationManager.sol";
import { ECDSAOperatorInfo } from "../../src/interfaces/external/IECDSACertificateVerifier.sol";
import { IOperatorTableUpdater } from "../../src/interfaces/external/IOperatorTableUpdater.sol";
import { TableSetTest } from "../utils/TableSetTest.sol";

contract OperatorTableSetTest is TableSetTest {
    uint48 private constant LATER = TABLE_TIME + 1 days;

    address private alice = address(0xa11ce);
    address private bob = address(0xb0b);
    address private stranger = makeAddr("stranger");

    /// @dev To be called from outside where a revert is expected: forge links the creations of tests dynamically, and a
    /// test would end, passing, with one that reverts.
    function create(TableSetConfig memory config) external returns (OperatorTableSet) {
        return new OperatorTableSet(config);
    }

    function aliceAndBob(uint256 stakeOfAlice, uint256 stakeOfBob)
        private
        view
        returns (ECDSAOperatorInfo[] memory infos)
    {
        infos = new ECDSAOperatorInfo[](2);
        infos[0] = entry(alice, stakeOfAlice);
        infos[1] = entry(bob, stakeOfBob);
    }

    /// @dev The table at `TABLE_TIME`: alice has 1000, bob 500. It is a second old.
    function loadFirst() private {
        postAndLoad(TABLE_TIME, aliceAndBob(1_000, 500));
        vm.warp(TABLE_TIME + 1);
    }

    function assertVoter(address operator, uint48 timepoint, uint8 index, uint96 weight) private view {
        Voter memory voter = voterAt(operator, timepoint);
        assertTrue(voter.canVote, "canVote");
        assertEq(voter.index, index, "index");
        assertEq(voter.weight, weight, "weight");
        assertEq(voter.signingKey, operator, "signingKey");
    }

    function assertNoVoter(address operator, uint48 timepoint) private view {
        Voter memory voter = voterAt(operator, timepoint);
        assertFalse(voter.canVote, "canVote");
        assertEq(voter.index, 0, "index");
        assertEq(voter.weight, 0, "weight");
        assertEq(voter.signingKey, address(0), "signingKey");
    }

    // -- constructor

    function assertInvalid(TableSetConfig memory config, string memory parameter) private {
        vm.expectRevert(abi.encodeWithSelector(IOperatorTableSet.InvalidConfig.selector, parameter));
        this.create(config);
    }

    function test_Constructor_RevertWhen_VerifierHasNoCode() public {
        TableSetConfig memory config = tableSetConfig();
        config.certificateVerifier = stranger;
        assertInvalid(config, "certificateVerifier");
    }

    function test_Constructor_RevertWhen_AvsIsZero() public {
        TableSetConfig memory config = tableSetConfig();
        config.avs = address(0);
        assertInvalid(config, "avs");
    }

    function test_Constructor_RevertWhen_MinWeightIsOutOfRange() public {
        TableSetConfig memory config = tableSetConfig();
        config.minWeight = 0;
        assertInvalid(config, "minWeight");
        config.minWeight = MAX_WEIGHT + 1;
        assertInvalid(config, "minWeight");

        config.minWeight = MAX_WEIGHT;
        assertEq(new OperatorTableSet(config).minWeight(), MAX_WEIGHT);
    }

    function test_Constructor_RevertWhen_ATimeIsZero() public {
        TableSetConfig memory config = tableSetConfig();
        config.supersededGrace = 0;
        config.maxReferenceAge = 0;
        assertInvalid(config, "maxReferenceAge");

        config = tableSetConfig();
        config.maxRequestLifetime = 0;
        assertInvalid(config, "maxRequestLifetime");
    }

    function test_Constructor_RevertWhen_GraceIsLongerThanTheReferenceAge() public {
        TableSetConfig memory config = tableSetConfig();
        config.supersededGrace = MAX_REFERENCE_AGE + 1;
        assertInvalid(config, "supersededGrace");

        config.supersededGrace = MAX_REFERENCE_AGE;
        assertEq(new OperatorTableSet(config).supersededGrace(), MAX_REFERENCE_AGE);
    }

    function test_Constructor_RevertWhen_MultipliersAreInvalid() public {
        TableSetConfig memory config = tableSetConfig();
        config.multipliers = new uint96[](0);
        assertInvalid(config, "multipliers");

        config = tableSetConfig();
        config.multipliers[0] = 0;
        assertInvalid(config, "multipliers");

        config = tableSetConfig();
        config.multipliers[1] = 0;
        assertInvalid(config, "multipliers");
    }

    function test_Constructor_RevertWhen_StakeIsNotSlashable() public {
        TableSetConfig memory config = tableSetConfig();
        config.weightLookahead = uint32(HORIZON);
        vm.expectRevert(
            abi.encodeWithSelector(IOperatorTableSet.StakeNotSlashable.selector, uint256(HORIZON), uint256(HORIZON))
        );
        this.create(config);
    }

    function test_Constructor_Waived() public {
        TableSetConfig memory config = tableSetConfig();
        config.weightLookahead = uint32(HORIZON);
        config.waiveSlashability = true;
        tableSet = new OperatorTableSet(config);
        assertFalse(tableSet.slashable());
        assertEq(tableSet.slashabilityHorizon(), HORIZON);
    }

    function test_Constructor() public view {
        assertEq(address(tableSet.certificateVerifier()), address(verifier));
        assertEq(tableSet.avs(), l1Avs);
        assertEq(tableSet.operatorSetId(), SET_ID);
        assertEq(tableSet.minWeight(), MIN_WEIGHT);
        assertEq(tableSet.maxReferenceAge(), MAX_REFERENCE_AGE);
        assertEq(tableSet.supersededGrace(), SUPERSEDED_GRACE);
        assertEq(tableSet.maxRequestLifetime(), REQUEST_LIFETIME);
        assertEq(tableSet.weightLookahead(), HORIZON + 1);
        assertEq(tableSet.slashabilityHorizon(), HORIZON);
        assertEq(tableSet.latestLoaded(), 0);
        assertTrue(tableSet.slashable());
    }

    function test_Constructor_LargestTimes() public {
        TableSetConfig memory config = tableSetConfig();
        config.maxReferenceAge = type(uint32).max;
        config.maxRequestLifetime = type(uint32).max;
        config.evidenceWindow = type(uint32).max;
        config.weightLookahead = type(uint32).max;
        config.waiveSlashability = true;
        tableSet = new OperatorTableSet(config);
        assertEq(tableSet.slashabilityHorizon(), 3 * uint256(type(uint32).max));
        assertFalse(tableSet.slashable());
    }

    function test_Constructor_Limits() public {
        TableSetConfig memory config = tableSetConfig();
        config.evidenceWindow = 0;
        config.supersededGrace = 0;
        config.weightLookahead = MAX_REFERENCE_AGE + REQUEST_LIFETIME + 1;
        tableSet = new OperatorTableSet(config);
        assertEq(tableSet.slashabilityHorizon(), MAX_REFERENCE_AGE + REQUEST_LIFETIME);
        assertTrue(tableSet.slashable());
    }

    // -- loadTable

    function test_LoadTable_RevertWhen_Loaded() public {
        loadFirst();
        vm.expectRevert(abi.encodeWithSelector(IOperatorTableSet.TableAlreadyLoaded.selector, TABLE_TIME));
        tableSet.loadTable(TABLE_TIME);
    }

    function assertNotLatest(uint48 timepoint, uint256 latest) private {
        vm.expectRevert(abi.encodeWithSelector(IOperatorTableSet.NotLatestTable.selector, timepoint, latest));
        tableSet.loadTable(timepoint);
    }

    function test_LoadTable_RevertWhen_TheSetHasNoTable() public {
        assertNotLatest(0, 0);
        assertNotLatest(TABLE_TIME, 0);
    }

    function test_LoadTable_RevertWhen_NotTheNewest() public {
        post(TABLE_TIME, tableOf(alice, 1_000));
        vm.warp(LATER);
        post(LATER, tableOf(alice, 1_000));
        assertNotLatest(TABLE_TIME, LATER);
        assertNotLatest(LATER - 1, LATER);
        assertNotLatest(LATER + 1, LATER);
        // only the lower 32 bits are the timestamp's
        assertNotLatest(LATER + (1 << 32), LATER);
        assertNotLatest(type(uint48).max, LATER);
        tableSet.loadTable(LATER);
    }

    function test_LoadTable_RevertWhen_AnotherSets() public {
        OperatorSetConfig memory setConfig = OperatorSetConfig(l1Avs, 0);
        updater.postOperatorTable(OperatorSet(l1Avs, SET_ID + 1), uint32(TABLE_TIME), tableOf(alice, 1_000), setConfig);
        updater.postOperatorTable(OperatorSet(stranger, SET_ID), uint32(TABLE_TIME), tableOf(bob, 1_000), setConfig);
        assertNotLatest(TABLE_TIME, 0);
    }

    function test_LoadTable_RevertWhen_RootIsDisabled() public {
        post(TABLE_TIME, tableOf(alice, 1_000));
        disableRoot(TABLE_TIME);
        vm.expectRevert(abi.encodeWithSelector(IOperatorTableSet.TableRootDisabled.selector, TABLE_TIME));
        tableSet.loadTable(TABLE_TIME);
        assertFalse(tableSet.isLoaded(TABLE_TIME));
    }

    function assertWithoutWeight(ECDSAOperatorInfo[] memory infos) private {
        uint256 snapshot = vm.snapshotState();
        post(TABLE_TIME, infos);
        vm.expectRevert(abi.encodeWithSelector(IOperatorTableSet.TableWithoutWeight.selector, TABLE_TIME));
        tableSet.loadTable(TABLE_TIME);
        vm.revertToState(snapshot);
    }

    function test_LoadTable_RevertWhen_WithoutWeight() public {
        assertWithoutWeight(new ECDSAOperatorInfo[](0));
        assertWithoutWeight(tableOf(alice, 0));
        assertWithoutWeight(aliceAndBob(MIN_WEIGHT - 1, MIN_WEIGHT - 1));
    }

    function test_LoadTable_RevertWhen_AnOperatorIsZero() public {
        ECDSAOperatorInfo[] memory infos = aliceAndBob(1_000, 0);
        infos[1].pubkey = address(0);
        post(TABLE_TIME, infos);
        vm.expectRevert(abi.encodeWithSelector(IOperatorTableSet.ZeroOperator.selector, TABLE_TIME));
        tableSet.loadTable(TABLE_TIME);
    }

    function test_LoadTable_RevertWhen_WeightsMismatch() public {
        for (uint256 length = 0; length < 4; ++length) {
            if (length == 2) continue;
            ECDSAOperatorInfo[] memory infos = aliceAndBob(1_000, 0);
            infos[1].weights = new uint256[](length);
            vm.warp(TABLE_TIME + length);
            post(TABLE_TIME + uint48(length), infos);
            vm.expectRevert(
                abi.encodeWithSelector(
                    IOperatorTableSet.WeightsMismatch.selector, TABLE_TIME + uint48(length), bob, length, 2
                )
            );
            tableSet.loadTable(TABLE_TIME + uint48(length));
        }
    }

    function test_LoadTable_RevertWhen_AnOperatorWouldHoldTwoIndices() public {
        for (uint256 i = 0; i < 2; ++i) {
            ECDSAOperatorInfo[] memory infos = ladder(4, 1_000);
            infos[3] = entry(operatorNumber(1), i == 0 ? 1_001 : 5_000);
            vm.warp(TABLE_TIME + i);
            post(TABLE_TIME + uint48(i), infos);
            vm.expectRevert(
                abi.encodeWithSelector(
                    IOperatorTableSet.DuplicateOperator.selector, TABLE_TIME + uint48(i), operatorNumber(1)
                )
            );
            tableSet.loadTable(TABLE_TIME + uint48(i));
        }
    }

    function test_LoadTable_TheSameOperatorBelowTheLeastWeight() public {
        ECDSAOperatorInfo[] memory infos = aliceAndBob(1_000, MIN_WEIGHT - 1);
        infos[1].pubkey = alice;
        postAndLoad(TABLE_TIME, infos);
        vm.warp(TABLE_TIME + 1);
        assertVoter(alice, TABLE_TIME, 0, 1_000);
        assertEq(tableSet.getTotalWeight(TABLE_TIME), 1_000);
    }

    function test_LoadTable_ByAnyone() public {
        post(TABLE_TIME, aliceAndBob(500, 1_000));
        address[] memory operators = new address[](2);
        uint96[] memory weights = new uint96[](2);
        (operators[0], weights[0]) = (bob, 1_000);
        (operators[1], weights[1]) = (alice, 500);
        assertFalse(tableSet.isLoaded(TABLE_TIME));

        vm.expectEmit();
        emit IOperatorTableSet.TableLoaded(TABLE_TIME, 1_500, operators, weights);
        vm.prank(stranger);
        tableSet.loadTable(TABLE_TIME);

        assertTrue(tableSet.isLoaded(TABLE_TIME));
        vm.warp(TABLE_TIME + 1);
        assertVoter(bob, TABLE_TIME, 0, 1_000);
        assertVoter(alice, TABLE_TIME, 1, 500);
        assertEq(tableSet.getTotalWeight(TABLE_TIME), 1_500);
    }

    function test_LoadTable_AddsUpTheKindsOfStake() public {
        TableSetConfig memory config = tableSetConfig();
        config.multipliers[0] = 0.1e18;
        tableSet = new OperatorTableSet(config);
        ECDSAOperatorInfo[] memory infos = new ECDSAOperatorInfo[](1);
        // 199.9 and 25.5
        infos[0] = entry(alice, 1_999, 51);
        postAndLoad(TABLE_TIME, infos);
        vm.warp(TABLE_TIME + 1);
        assertVoter(alice, TABLE_TIME, 0, 199 + 25);
    }

    function test_LoadTable_RanksEqualWeightsByAddress() public {
        ECDSAOperatorInfo[] memory infos = new ECDSAOperatorInfo[](4);
        infos[0] = entry(operatorNumber(2), 500);
        infos[1] = entry(operatorNumber(9), 500);
        infos[2] = entry(operatorNumber(1), 501);
        infos[3] = entry(operatorNumber(5), 0, 1_000);
        postAndLoad(TABLE_TIME, infos);
        vm.warp(TABLE_TIME + 1);
        assertVoter(operatorNumber(1), TABLE_TIME, 0, 501);
        assertVoter(operatorNumber(9), TABLE_TIME, 1, 500);
        assertVoter(operatorNumber(5), TABLE_TIME, 2, 500);
        assertVoter(operatorNumber(2), TABLE_TIME, 3, 500);
    }

    function test_LoadTable_PassesOverTheLight() public {
        postAndLoad(TABLE_TIME, aliceAndBob(MIN_WEIGHT, MIN_WEIGHT - 1));
        vm.warp(TABLE_TIME + 1);
        assertVoter(alice, TABLE_TIME, 0, MIN_WEIGHT);
        assertNoVoter(bob, TABLE_TIME);
        assertEq(tableSet.getTotalWeight(TABLE_TIME), MIN_WEIGHT);
    }

    function test_LoadTable_ClampsTheWeight() public {
        ECDSAOperatorInfo[] memory infos = new ECDSAOperatorInfo[](4);
        infos[0] = entry(operatorNumber(0), type(uint256).max, type(uint256).max);
        infos[1] = entry(operatorNumber(1), uint256(MAX_WEIGHT) + 1);
        infos[2] = entry(operatorNumber(2), MAX_WEIGHT);
        infos[3] = entry(operatorNumber(3), uint256(MAX_WEIGHT) - 1);
        postAndLoad(TABLE_TIME, infos);
        vm.warp(TABLE_TIME + 1);
        assertVoter(operatorNumber(2), TABLE_TIME, 0, MAX_WEIGHT);
        assertVoter(operatorNumber(1), TABLE_TIME, 1, MAX_WEIGHT);
        assertVoter(operatorNumber(0), TABLE_TIME, 2, MAX_WEIGHT);
        assertVoter(operatorNumber(3), TABLE_TIME, 3, MAX_WEIGHT - 1);
    }

    function test_LoadTable_Seats256() public {
        postAndLoad(TABLE_TIME, ladder(256, 1_000));
        vm.warp(TABLE_TIME + 1);
        assertVoter(operatorNumber(255), TABLE_TIME, 0, 1_255);
        assertVoter(operatorNumber(0), TABLE_TIME, 255, 1_000);
        assertEq(tableSet.getTotalWeight(TABLE_TIME), 256 * 1_000 + 255 * 256 / 2);
    }

    function test_LoadTable_SeatsTheHeaviestOfMore() public {
        postAndLoad(TABLE_TIME, ladder(258, 1_000));
        vm.warp(TABLE_TIME + 1);
        assertNoVoter(operatorNumber(0), TABLE_TIME);
        assertNoVoter(operatorNumber(1), TABLE_TIME);
        assertVoter(operatorNumber(2), TABLE_TIME, 255, 1_002);
        assertVoter(operatorNumber(257), TABLE_TIME, 0, 1_257);
        assertEq(tableSet.getTotalWeight(TABLE_TIME), 256 * 1_002 + 255 * 256 / 2);
    }

    function test_LoadTable_LargestWeights() public {
        ECDSAOperatorInfo[] memory infos = new ECDSAOperatorInfo[](257);
        for (uint256 i = 0; i < infos.length; ++i) {
            infos[i] = entry(operatorNumber(i), type(uint256).max);
        }
        postAndLoad(TABLE_TIME, infos);
        vm.warp(TABLE_TIME + 1);
        assertEq(tableSet.getTotalWeight(TABLE_TIME), 256 * uint256(MAX_WEIGHT));
        // of equally heavy ones, that with the lowest address is left out
        assertNoVoter(operatorNumber(0), TABLE_TIME);
        assertVoter(operatorNumber(1), TABLE_TIME, 255, MAX_WEIGHT);
    }

    // -- getVoter, getTotalWeight

    function assertUnreadable(uint48 timepoint, bytes memory expected) private {
        vm.expectRevert(expected);
        tableSet.getVoter(alice, timepoint);
        vm.expectRevert(expected);
        tableSet.getTotalWeight(timepoint);
    }

    function test_GetVoter_RevertWhen_TimepointIsNotPast() public {
        postAndLoad(TABLE_TIME, tableOf(alice, 1_000));
        for (uint48 timepoint = TABLE_TIME; timepoint < TABLE_TIME + 2; ++timepoint) {
            assertUnreadable(
                timepoint, abi.encodeWithSelector(IOperatorSet.TimepointNotPast.selector, timepoint, TABLE_TIME)
            );
        }
        vm.warp(TABLE_TIME + 1);
        assertVoter(alice, TABLE_TIME, 0, 1_000);
    }

    function test_GetVoter_RevertWhen_ThereIsNoTable() public {
        loadFirst();
        vm.warp(LATER);
        uint48[3] memory timepoints = [0, TABLE_TIME - 1, TABLE_TIME + 1];
        for (uint256 i = 0; i < timepoints.length; ++i) {
            assertUnreadable(
                timepoints[i], abi.encodeWithSelector(IOperatorTableSet.TableNotLoaded.selector, timepoints[i])
            );
        }
    }

    function test_GetVoter_RevertWhen_TheTableIsNotLoaded() public {
        loadFirst();
        vm.warp(LATER + 1);
        post(LATER, aliceAndBob(1_000, 500));
        assertUnreadable(LATER, abi.encodeWithSelector(IOperatorTableSet.TableNotLoaded.selector, LATER));
    }

    function test_GetVoter_NoOperator() public {
        loadFirst();
        assertNoVoter(stranger, TABLE_TIME);
        assertNoVoter(address(0), TABLE_TIME);
        (, uint96 totalWeight) = tableSet.getVoter(stranger, TABLE_TIME);
        assertEq(totalWeight, 1_500);
    }

    function test_GetVoter() public {
        loadFirst();
        (Voter memory voter, uint96 totalWeight) = tableSet.getVoter(bob, TABLE_TIME);
        assertTrue(voter.canVote);
        assertEq(voter.index, 1);
        assertEq(voter.weight, 500);
        assertEq(voter.signingKey, bob);
        assertEq(totalWeight, 1_500);
    }

    function test_GetVoter_NeverChanges() public {
        loadFirst();
        vm.warp(LATER + 1);
        postAndLoad(LATER, tableOf(bob, 2_000));
        disableRoot(TABLE_TIME);
        disableRoot(LATER);
        vm.mockCallRevert(address(verifier), bytes(""), "");

        assertVoter(alice, TABLE_TIME, 0, 1_000);
        assertVoter(bob, TABLE_TIME, 1, 500);
        assertEq(tableSet.getTotalWeight(TABLE_TIME), 1_500);
        assertNoVoter(alice, LATER);
        assertVoter(bob, LATER, 0, 2_000);
        assertEq(tableSet.getTotalWeight(LATER), 2_000);
    }

    // -- isValidReference

    function test_IsValidReference_NotLoaded() public {
        loadFirst();
        vm.warp(TABLE_TIME + 2);
        assertTrue(tableSet.isValidReference(TABLE_TIME));
        assertFalse(tableSet.isValidReference(0));
        assertFalse(tableSet.isValidReference(TABLE_TIME - 1));
        assertFalse(tableSet.isValidReference(TABLE_TIME + 1));
        assertFalse(tableSet.isValidReference(type(uint48).max));
        post(TABLE_TIME + 1, tableOf(alice, 1_000));
        assertFalse(tableSet.isValidReference(TABLE_TIME + 1));
        tableSet.loadTable(TABLE_TIME + 1);
        assertTrue(tableSet.isValidReference(TABLE_TIME + 1));
    }

    function test_IsValidReference_NotPast() public {
        postAndLoad(TABLE_TIME, tableOf(alice, 1_000));
        assertFalse(tableSet.isValidReference(TABLE_TIME));
        vm.warp(TABLE_TIME - 1);
        assertFalse(tableSet.isValidReference(TABLE_TIME));
        vm.warp(TABLE_TIME + 1);
        assertTrue(tableSet.isValidReference(TABLE_TIME));
    }

    function test_IsValidReference_LargestAge() public {
        loadFirst();
        vm.warp(TABLE_TIME + MAX_REFERENCE_AGE);
        assertTrue(tableSet.isValidReference(TABLE_TIME));
        vm.warp(TABLE_TIME + MAX_REFERENCE_AGE + 1);
        assertFalse(tableSet.isValidReference(TABLE_TIME));
    }

    function test_IsValidReference_Staleness() public {
        staleness = 2 days;
        loadFirst();
        vm.warp(TABLE_TIME + 2 days);
        assertTrue(tableSet.isValidReference(TABLE_TIME));
        vm.warp(TABLE_TIME + 2 days + 1);
        assertFalse(tableSet.isValidReference(TABLE_TIME));
    }

    function test_IsValidReference_RootDisabled() public {
        loadFirst();
        disableRoot(TABLE_TIME);
        assertFalse(tableSet.isValidReference(TABLE_TIME));
        assertVoter(alice, TABLE_TIME, 0, 1_000);
    }

    function test_IsValidReference_SupersededByAPostedTable() public {
        loadFirst();
        vm.warp(LATER);
        post(LATER, tableOf(bob, 2_000));
        vm.warp(LATER + SUPERSEDED_GRACE);
        assertTrue(tableSet.isValidReference(TABLE_TIME));
        vm.warp(LATER + SUPERSEDED_GRACE + 1);
        assertFalse(tableSet.isValidReference(TABLE_TIME));
    }

    function test_IsValidReference_SupersededByALoadedTable() public {
        loadFirst();
        vm.warp(LATER);
        postAndLoad(LATER, tableOf(bob, 2_000));
        vm.warp(LATER + SUPERSEDED_GRACE);
        post(LATER + SUPERSEDED_GRACE, tableOf(bob, 2_000));
        assertTrue(tableSet.isValidReference(TABLE_TIME));
        assertTrue(tableSet.isValidReference(LATER));
        vm.warp(LATER + SUPERSEDED_GRACE + 1);
        assertFalse(tableSet.isValidReference(TABLE_TIME));
        assertTrue(tableSet.isValidReference(LATER));

        // loading the third begins no grace for the first
        tableSet.loadTable(LATER + SUPERSEDED_GRACE);
        assertFalse(tableSet.isValidReference(TABLE_TIME));
        vm.warp(LATER + 2 * SUPERSEDED_GRACE);
        assertTrue(tableSet.isValidReference(LATER));
        vm.warp(LATER + 2 * SUPERSEDED_GRACE + 1);
        assertFalse(tableSet.isValidReference(LATER));
        assertTrue(tableSet.isValidReference(LATER + SUPERSEDED_GRACE));
    }

    function test_IsValidReference_NoGrace() public {
        TableSetConfig memory config = tableSetConfig();
        config.supersededGrace = 0;
        tableSet = new OperatorTableSet(config);
        loadFirst();
        vm.warp(LATER);
        assertTrue(tableSet.isValidReference(TABLE_TIME));
        vm.warp(LATER + 1);
        postAndLoad(LATER, tableOf(bob, 2_000));
        assertFalse(tableSet.isValidReference(TABLE_TIME));
        assertTrue(tableSet.isValidReference(LATER));
    }

    function test_IsValidReference_TheNewestCannotBeLoaded() public {
        loadFirst();
        vm.warp(LATER);
        post(LATER, new ECDSAOperatorInfo[](0));
        assertTrue(tableSet.isValidReference(TABLE_TIME));
        vm.warp(LATER + SUPERSEDED_GRACE + 1);
        assertFalse(tableSet.isValidReference(TABLE_TIME));
        assertFalse(tableSet.isValidReference(LATER));
    }

    function test_IsValidReference_RevertWhen_EigenLayerReverts() public {
        loadFirst();
        vm.mockCallRevert(
            address(updater), abi.encodeWithSelector(IOperatorTableUpdater.isRootValidByTimestamp.selector), "down"
        );
        vm.expectRevert(bytes("down"));
        tableSet.isValidReference(TABLE_TIME);
    }

    // -- slashable

    function test_Slashable() public {
        assertTrue(tableSet.slashable());
        TableSetConfig memory config = tableSetConfig();
        config.waiveSlashability = true;
        assertTrue(new OperatorTableSet(config).slashable());
        config.weightLookahead = uint32(HORIZON);
        assertFalse(new OperatorTableSet(config).slashable());
    }

    // -- latestLoaded, getMultipliers

    function test_LatestLoaded() public {
        loadFirst();
        assertEq(tableSet.latestLoaded(), TABLE_TIME);
        vm.warp(LATER);
        post(LATER, tableOf(alice, 1_000));
        assertEq(tableSet.latestLoaded(), TABLE_TIME);
        tableSet.loadTable(LATER);
        assertEq(tableSet.latestLoaded(), LATER);
    }

    function test_GetMultipliers() public view {
        uint96[] memory multipliers = tableSet.getMultipliers();
        assertEq(multipliers.length, 2);
        assertEq(multipliers[0], 1e18);
        assertEq(multipliers[1], 0.5e18);
    }

    // -- clock, CLOCK_MODE

    function test_Clock() public {
        assertEq(tableSet.clock(), TABLE_TIME);
        vm.warp(LATER);
        assertEq(tableSet.clock(), LATER);
        assertEq(tableSet.CLOCK_MODE(), "mode=timestamp");
    }
}
