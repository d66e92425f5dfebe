// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { DevnetAllocationManager } from "../../devnet/DevnetAllocationManager.sol";
import {
    CreateSetParamsV1,
    CreateSetParamsV2,
    DeregisterParams,
    RegisterParams
} from "../../devnet/EigenLayerTypes.sol";
import { OperatorSets } from "../../devnet/OperatorSets.sol";
import { OperatorSet } from "../../src/interfaces/external/IAllocationManager.sol";
import { EigenLayerTest, RecordingRegistrar } from "./EigenLayerTest.sol";

contract DevnetOperatorSetsTest is EigenLayerTest {
    // -- permissions

    function test_OnlyTheAvsConfiguresItself() public {
        OperatorSet memory set = _set();
        vm.startPrank(stranger);
        vm.expectRevert(OperatorSets.InvalidPermissions.selector);
        manager.updateAVSMetadataURI(avs, "");
        vm.expectRevert(OperatorSets.InvalidPermissions.selector);
        manager.setAVSRegistrar(avs, address(registrar));
        vm.expectRevert(OperatorSets.InvalidPermissions.selector);
        manager.createOperatorSets(avs, new CreateSetParamsV1[](0));
        vm.expectRevert(OperatorSets.InvalidPermissions.selector);
        manager.createOperatorSets(avs, new CreateSetParamsV2[](0));
        vm.expectRevert(OperatorSets.InvalidPermissions.selector);
        manager.addStrategiesToOperatorSet(avs, SET_ID, _list(stranger));
        vm.expectRevert(OperatorSets.InvalidPermissions.selector);
        manager.removeStrategiesFromOperatorSet(avs, SET_ID, _list(strategy));
        vm.expectRevert(OperatorSets.InvalidPermissions.selector);
        manager.updateSlasher(set, stranger);
    }

    function test_NobodyRegistersAnOperatorButItself() public {
        vm.prank(avs);
        vm.expectRevert(OperatorSets.InvalidPermissions.selector);
        manager.registerForOperatorSets(operator, _registration());
    }

    // -- setting up

    function test_TheRegistrarIsTheAvsUntilItNamesOne() public view {
        assertEq(manager.getAVSRegistrar(avs), address(registrar));
        assertEq(manager.getAVSRegistrar(stranger), stranger);
    }

    function test_ARegistrarMustSupportTheAvs() public {
        RecordingRegistrar other = new RecordingRegistrar(manager, stranger);
        vm.startPrank(avs);
        vm.expectRevert(OperatorSets.InvalidAVSRegistrar.selector);
        manager.setAVSRegistrar(avs, address(other));
        // without code there is no answer to decode
        vm.expectRevert(bytes(""));
        manager.setAVSRegistrar(avs, stranger);
    }

    function test_ASetNeedsMetadataFirst() public {
        vm.startPrank(stranger);
        vm.expectRevert(OperatorSets.NonexistentAVSMetadata.selector);
        manager.createOperatorSets(stranger, new CreateSetParamsV1[](0));
        vm.expectRevert(OperatorSets.NonexistentAVSMetadata.selector);
        manager.createOperatorSets(stranger, new CreateSetParamsV2[](0));
    }

    function test_V1MakesTheAvsTheSlasher() public view {
        assertEq(manager.getSlasher(_set()), avs);
        assertTrue(manager.isOperatorSet(_set()));
        assertEq(manager.getOperatorSetCount(avs), 1);
        assertEq(manager.getStrategiesInOperatorSet(_set()), _list(strategy));
    }

    function test_V2TakesASlasher() public {
        CreateSetParamsV2[] memory params = new CreateSetParamsV2[](1);
        params[0] = CreateSetParamsV2(8, _list(strategy), stranger);
        vm.expectEmit(address(manager));
        emit OperatorSets.OperatorSetCreated(OperatorSet(avs, 8));
        vm.expectEmit(address(manager));
        emit OperatorSets.StrategyAddedToOperatorSet(OperatorSet(avs, 8), strategy);
        vm.expectEmit(address(manager));
        emit OperatorSets.SlasherUpdated(OperatorSet(avs, 8), stranger, uint32(block.number));
        vm.prank(avs);
        manager.createOperatorSets(avs, params);
        assertEq(manager.getSlasher(OperatorSet(avs, 8)), stranger);
    }

    function test_CreatingASetHasErrors() public {
        CreateSetParamsV2[] memory params = new CreateSetParamsV2[](1);
        vm.startPrank(avs);
        params[0] = CreateSetParamsV2(SET_ID, _list(strategy), avs);
        vm.expectRevert(OperatorSets.InvalidOperatorSet.selector);
        manager.createOperatorSets(avs, params);
        params[0] = CreateSetParamsV2(8, _list(strategy), address(0));
        vm.expectRevert(OperatorSets.InputAddressZero.selector);
        manager.createOperatorSets(avs, params);
        address[] memory twice = new address[](2);
        (twice[0], twice[1]) = (strategy, strategy);
        params[0] = CreateSetParamsV2(8, twice, avs);
        vm.expectRevert(OperatorSets.StrategyAlreadyInOperatorSet.selector);
        manager.createOperatorSets(avs, params);
    }

    function test_StrategiesComeAndGo() public {
        address other = makeAddr("strategy");
        vm.startPrank(avs);
        manager.addStrategiesToOperatorSet(avs, SET_ID, _list(other));
        assertEq(manager.getStrategiesInOperatorSet(_set()).length, 2);
        manager.removeStrategiesFromOperatorSet(avs, SET_ID, _list(other));
        vm.expectRevert(OperatorSets.StrategyNotInOperatorSet.selector);
        manager.removeStrategiesFromOperatorSet(avs, SET_ID, _list(other));
        vm.expectRevert(OperatorSets.InvalidOperatorSet.selector);
        manager.addStrategiesToOperatorSet(avs, 9, _list(other));
    }

    function test_ASlasherChangesAfterTheConfigurationDelay() public {
        uint32 effectBlock = uint32(block.number) + CONFIGURATION_DELAY + 1;
        vm.startPrank(avs);
        vm.expectRevert(OperatorSets.InputAddressZero.selector);
        manager.updateSlasher(_set(), address(0));
        manager.updateSlasher(_set(), stranger);
        (address pending, uint32 pendingFrom) = manager.getPendingSlasher(_set());
        assertEq(pending, stranger);
        assertEq(pendingFrom, effectBlock);
        vm.roll(effectBlock - 1);
        // proposing the same again does not start the delay anew
        manager.updateSlasher(_set(), stranger);
        assertEq(manager.getSlasher(_set()), avs);
        vm.roll(effectBlock);
        assertEq(manager.getSlasher(_set()), stranger);
        (pending, pendingFrom) = manager.getPendingSlasher(_set());
        assertEq(pending, address(0));
        assertEq(pendingFrom, 0);
    }

    // -- members

    function test_TheRegistrarIsCalledOnceWithTheStateWritten() public {
        vm.expectEmit(address(manager));
        emit OperatorSets.OperatorAddedToOperatorSet(operator, _set());
        _join(operator);
        assertEq(registrar.calls(), 1);
        assertEq(registrar.lastMemberCount(), 1);
        assertTrue(manager.isMemberOfOperatorSet(operator, _set()));
        assertEq(manager.getRegisteredSets(operator)[0].id, SET_ID);
    }

    function test_RegisteringHasErrors() public {
        vm.prank(stranger);
        vm.expectRevert(OperatorSets.InvalidOperator.selector);
        manager.registerForOperatorSets(stranger, _registration());

        RegisterParams memory unknown = RegisterParams(avs, _ids(9), "");
        vm.prank(operator);
        vm.expectRevert(OperatorSets.InvalidOperatorSet.selector);
        manager.registerForOperatorSets(operator, unknown);

        _join(operator);
        vm.prank(operator);
        vm.expectRevert(OperatorSets.AlreadyMemberOfSet.selector);
        manager.registerForOperatorSets(operator, _registration());
    }

    function test_ARegistrarCanRefuseAnOperator() public {
        registrar.refuse(true);
        vm.prank(operator);
        vm.expectRevert(RecordingRegistrar.Refused.selector);
        manager.registerForOperatorSets(operator, _registration());
        assertEq(manager.getMemberCount(_set()), 0);
    }

    function test_AnyOperatorReachesTheRegistrarWithoutIds() public {
        RegisterParams memory params = RegisterParams(avs, new uint32[](0), "");
        vm.prank(operator);
        manager.registerForOperatorSets(operator, params);
        assertEq(registrar.calls(), 1);
        assertEq(registrar.lastIdCount(), 0);
    }

    function test_AnybodyReachesTheRegistrarLeavingWithoutIds() public {
        DeregisterParams memory params = DeregisterParams(stranger, avs, new uint32[](0));
        vm.prank(stranger);
        manager.deregisterFromOperatorSets(params);
        assertEq(registrar.calls(), 1);
        assertEq(registrar.lastIdCount(), 0);
    }

    function test_TheOperatorOrTheAvsEndsAMembership() public {
        _join(operator);
        DeregisterParams memory params = _deregistration(operator);
        vm.prank(stranger);
        vm.expectRevert(OperatorSets.InvalidCaller.selector);
        manager.deregisterFromOperatorSets(params);

        vm.expectEmit(address(manager));
        emit OperatorSets.OperatorRemovedFromOperatorSet(operator, _set());
        vm.prank(avs);
        manager.deregisterFromOperatorSets(params);
        assertFalse(manager.isMemberOfOperatorSet(operator, _set()));

        vm.prank(operator);
        vm.expectRevert(OperatorSets.NotMemberOfSet.selector);
        manager.deregisterFromOperatorSets(params);
    }

    function test_ARegistrarThatRevertsBlocksLeaving() public {
        _join(operator);
        registrar.refuse(true);
        DeregisterParams memory params = _deregistration(operator);
        vm.prank(operator);
        vm.expectRevert(RecordingRegistrar.Refused.selector);
        manager.deregisterFromOperatorSets(params);
        vm.prank(avs);
        vm.expectRevert(RecordingRegistrar.Refused.selector);
        manager.deregisterFromOperatorSets(params);
        assertTrue(manager.isMemberOfOperatorSet(operator, _set()));
    }

    function test_WhoLeftIsSlashableThroughTheDeallocationDelay() public {
        _join(operator);
        _leave(operator);
        uint256 last = block.number + DEALLOCATION_DELAY;
        vm.roll(last);
        assertTrue(manager.isOperatorSlashable(operator, _set()));
        vm.prank(operator);
        vm.expectRevert(OperatorSets.AlreadyMemberOfSet.selector);
        manager.registerForOperatorSets(operator, _registration());
        vm.roll(last + 1);
        assertFalse(manager.isOperatorSlashable(operator, _set()));
        _join(operator);
    }

    function test_MembersAreSwappedAndPopped() public {
        address second = makeAddr("second");
        address third = makeAddr("third");
        _becomeOperator(second, 0);
        _becomeOperator(third, 0);
        _join(operator);
        _join(second);
        _join(third);
        _leave(operator);
        address[] memory members = manager.getMembers(_set());
        assertEq(members.length, 2);
        assertEq(members[0], third);
        assertEq(members[1], second);
    }
}
