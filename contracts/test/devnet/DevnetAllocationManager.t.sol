// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { DevnetAllocationManager } from "../../devnet/DevnetAllocationManager.sol";
import { DevnetDelegationManager } from "../../devnet/DevnetDelegationManager.sol";
import { DevnetStrategyManager } from "../../devnet/DevnetStrategyManager.sol";
import { AllocateParams, Allocation, SlashingParams } from "../../devnet/EigenLayerTypes.sol";
import { OperatorSets } from "../../devnet/OperatorSets.sol";
import { EigenLayerTest } from "./EigenLayerTest.sol";
import { stdError } from "forge-std/StdError.sol";

contract DevnetAllocationManagerTest is EigenLayerTest {
    // -- allocation delay

    function test_ANewOperatorsAllocationDelayHoldsAtOnce() public {
        _becomeOperator(stranger, 9);
        (bool isSet, uint32 delay) = manager.getAllocationDelay(stranger);
        assertTrue(isSet);
        assertEq(delay, 9);
    }

    function test_AChangeOfTheAllocationDelayWaits() public {
        uint32 effectBlock = uint32(block.number) + CONFIGURATION_DELAY + 1;
        vm.expectEmit(address(manager));
        emit DevnetAllocationManager.AllocationDelaySet(operator, 9, effectBlock);
        vm.prank(operator);
        manager.setAllocationDelay(operator, 9);
        vm.roll(effectBlock - 1);
        (, uint32 delay) = manager.getAllocationDelay(operator);
        assertEq(delay, 0);
        vm.roll(effectBlock);
        (, delay) = manager.getAllocationDelay(operator);
        assertEq(delay, 9);
    }

    function test_OnlyAnOperatorSetsItsAllocationDelay() public {
        vm.startPrank(stranger);
        vm.expectRevert(OperatorSets.InvalidPermissions.selector);
        manager.setAllocationDelay(operator, 0);
        vm.expectRevert(OperatorSets.InvalidOperator.selector);
        manager.setAllocationDelay(stranger, 0);
    }

    // -- allocating

    function test_AllocatingHasErrors() public {
        AllocateParams[] memory params = _allocation(WAD);
        vm.prank(stranger);
        vm.expectRevert(OperatorSets.InvalidPermissions.selector);
        manager.modifyAllocations(operator, params);
        vm.prank(stranger);
        vm.expectRevert(DevnetAllocationManager.UninitializedAllocationDelay.selector);
        manager.modifyAllocations(stranger, params);

        vm.startPrank(operator);
        params[0].newMagnitudes = new uint64[](2);
        vm.expectRevert(DevnetAllocationManager.InputArrayLengthMismatch.selector);
        manager.modifyAllocations(operator, params);
        params = _allocation(WAD);
        params[0].operatorSet.id = 9;
        vm.expectRevert(OperatorSets.InvalidOperatorSet.selector);
        manager.modifyAllocations(operator, params);
        params = _allocation(0);
        vm.expectRevert(DevnetAllocationManager.SameMagnitude.selector);
        manager.modifyAllocations(operator, params);
        params = _allocation(WAD + 1);
        vm.expectRevert(DevnetAllocationManager.InsufficientMagnitude.selector);
        manager.modifyAllocations(operator, params);
    }

    function test_RegistrationAndAllocationAreIndependent() public {
        _allocate(operator, WAD / 2);
        assertEq(_allocatedStake(operator), STAKE / 2);
        assertEq(_slashableStake(operator, block.number), 0);
        _join(operator);
        assertEq(_slashableStake(operator, block.number), STAKE / 2);
    }

    function test_APendingAllocationCountsNothingUntilItsEffect() public {
        _becomeOperator(stranger, 10);
        _deposit(stranger, STAKE);
        _join(stranger);
        _allocate(stranger, WAD);
        uint256 effectBlock = block.number + 10;
        assertEq(_slashableStake(stranger, effectBlock), 0);
        assertEq(_slashableStake(stranger, effectBlock + 1000), 0);
        assertEq(manager.getEncumberedMagnitude(stranger, strategy), WAD);

        AllocateParams[] memory params = _allocation(WAD / 2);
        vm.prank(stranger);
        vm.expectRevert(DevnetAllocationManager.ModificationAlreadyPending.selector);
        manager.modifyAllocations(stranger, params);

        vm.roll(effectBlock - 1);
        assertEq(_slashableStake(stranger, effectBlock), 0);
        vm.roll(effectBlock);
        assertEq(_slashableStake(stranger, effectBlock), STAKE);
    }

    function test_APendingDeallocationIsSubtractedOnceItIsDone() public {
        _allocate(operator, WAD);
        _join(operator);
        _allocate(operator, WAD / 4);
        uint256 effectBlock = block.number + DEALLOCATION_DELAY + 1;
        assertEq(_slashableStake(operator, effectBlock - 1), STAKE);
        assertEq(_slashableStake(operator, effectBlock), STAKE / 4);
        Allocation memory allocation = manager.getAllocation(operator, _set(), strategy);
        assertEq(allocation.effectBlock, effectBlock);
        assertEq(allocation.pendingDiff, -int128(uint128(WAD / 4 * 3)));
        assertEq(manager.getAllocatableMagnitude(operator, strategy), 0);

        vm.roll(effectBlock);
        assertEq(_slashableStake(operator, effectBlock), STAKE / 4);
        assertEq(manager.getAllocatableMagnitude(operator, strategy), WAD / 4 * 3);
        // the freed magnitude can be used again
        _allocate(operator, WAD);
        assertEq(_slashableStake(operator, effectBlock), STAKE);
    }

    function test_DeallocatingIsInstantForWhoCannotBeSlashed() public {
        _allocate(operator, WAD);
        _allocate(operator, 0);
        assertEq(manager.getAllocatableMagnitude(operator, strategy), WAD);
        assertEq(manager.getAllocatedSets(operator).length, 0);
    }

    function test_AllocationsAreListed() public {
        _allocate(operator, WAD);
        assertEq(manager.getAllocatedSets(operator)[0].avs, avs);
        assertEq(manager.getAllocatedStrategies(operator, _set()), _list(strategy));
        assertEq(manager.getAllocations(_list(operator), _set(), strategy)[0].currentMagnitude, WAD);
        assertEq(manager.getMaxMagnitudes(operator, _list(strategy))[0], WAD);
        assertEq(manager.getMaxMagnitudes(_list(operator), strategy)[0], WAD);
    }

    function test_UnknownInputsHaveNoStake() public view {
        assertEq(_slashableStake(stranger, block.number), 0);
        assertEq(_allocatedStake(stranger), 0);
    }

    function test_StakeOfWhoLeftIsReportedBeyondItsSlashability() public {
        _allocate(operator, WAD);
        _join(operator);
        _leave(operator);
        assertEq(_slashableStake(operator, block.number + 1000), STAKE);
        vm.roll(block.number + DEALLOCATION_DELAY + 1);
        assertEq(_slashableStake(operator, block.number), 0);
        assertEq(_allocatedStake(operator), STAKE);
    }

    function test_RegisteringAgainMakesAnAllocationSlashableAtOnce() public {
        _allocate(operator, WAD);
        _join(operator);
        _leave(operator);
        vm.roll(block.number + DEALLOCATION_DELAY + 1);
        _join(operator);
        assertEq(_slashableStake(operator, block.number), STAKE);
    }

    function test_AQueuedWithdrawalLowersTheStakeAtOnce() public {
        _allocate(operator, WAD);
        _join(operator);
        _queueWithdrawal(operator, STAKE / 4);
        assertEq(_slashableStake(operator, block.number), STAKE / 4 * 3);
        assertEq(registrar.calls(), 1);
    }

    // -- slashing

    function test_ASlashTakesItsFractionOfTheAllocation() public {
        _allocate(operator, WAD / 2);
        _join(operator);
        uint256[] memory wadSlashed = new uint256[](1);
        wadSlashed[0] = 0.05e18;
        vm.expectEmit(address(manager));
        emit DevnetAllocationManager.EncumberedMagnitudeUpdated(operator, strategy, 0.45e18);
        vm.expectEmit(address(manager));
        emit DevnetAllocationManager.AllocationUpdated(operator, _set(), strategy, 0.45e18, uint32(block.number));
        vm.expectEmit(address(manager));
        emit DevnetAllocationManager.MaxMagnitudeUpdated(operator, strategy, 0.95e18);
        vm.expectEmit(address(delegation));
        emit DevnetDelegationManager.OperatorSharesDecreased(operator, address(0), strategy, 5e18);
        vm.expectEmit(address(delegation));
        emit DevnetDelegationManager.OperatorSharesSlashed(operator, strategy, 5e18);
        vm.expectEmit(address(strategyManager));
        emit DevnetStrategyManager.BurnOrRedistributableSharesIncreased(_set(), 1, strategy, 5e18);
        vm.expectEmit(address(manager));
        emit DevnetAllocationManager.OperatorSlashed(operator, _set(), _list(strategy), wadSlashed, "equivocation");
        (uint256 slashId, uint256 shares) = _slash(0.1e18);

        assertEq(slashId, 1);
        assertEq(shares, 5e18);
        // the proportion of 0.45 to 0.95 is rounded down to 18 digits before it is applied
        assertApproxEqAbs(_slashableStake(operator, block.number), 45e18, 100);
        assertEq(manager.getMaxMagnitude(operator, strategy), 0.95e18);
        assertEq(strategyManager.getBurnOrRedistributableShares(_set(), 1, strategy), 5e18);
    }

    function test_SlashesCompound() public {
        _allocate(operator, WAD);
        _join(operator);
        _slash(0.5e18);
        (uint256 slashId, uint256 shares) = _slash(0.5e18);
        assertEq(slashId, 2);
        assertEq(shares, 25e18);
        assertEq(_slashableStake(operator, block.number), 25e18);
    }

    function test_SlashingHasErrorsInThisOrder() public {
        SlashingParams memory params = _slashing(2e18);
        vm.startPrank(stranger);
        params.wadsToSlash = new uint256[](2);
        params.operatorSetId = 9;
        vm.expectRevert(DevnetAllocationManager.InputArrayLengthMismatch.selector);
        manager.slashOperator(avs, params);
        params = _slashing(2e18);
        params.operatorSetId = 9;
        vm.expectRevert(OperatorSets.InvalidOperatorSet.selector);
        manager.slashOperator(avs, params);
        params.operatorSetId = SET_ID;
        vm.expectRevert(DevnetAllocationManager.OperatorNotSlashable.selector);
        manager.slashOperator(avs, params);
        vm.stopPrank();

        _join(operator);
        vm.prank(stranger);
        vm.expectRevert(OperatorSets.InvalidCaller.selector);
        manager.slashOperator(avs, params);

        vm.startPrank(avs);
        vm.expectRevert(DevnetAllocationManager.InvalidWadToSlash.selector);
        manager.slashOperator(avs, params);
        params = _slashing(0);
        vm.expectRevert(DevnetAllocationManager.InvalidWadToSlash.selector);
        manager.slashOperator(avs, params);
        params = _slashing(1);
        params.strategies[0] = stranger;
        vm.expectRevert(OperatorSets.StrategyNotInOperatorSet.selector);
        manager.slashOperator(avs, params);
        params.strategies = new address[](2);
        params.wadsToSlash = new uint256[](2);
        (params.strategies[0], params.strategies[1]) = (strategy, strategy);
        (params.wadsToSlash[0], params.wadsToSlash[1]) = (1, 1);
        vm.expectRevert(DevnetAllocationManager.StrategiesMustBeInAscendingOrder.selector);
        manager.slashOperator(avs, params);
    }

    function test_SlashingNothingDoesNotRevert() public {
        _join(operator);
        SlashingParams memory params = _slashing(WAD);
        vm.expectEmit(address(manager));
        emit DevnetAllocationManager.OperatorSlashed(
            operator, _set(), _list(strategy), new uint256[](1), "equivocation"
        );
        (uint256 slashId, uint256 shares) = _slash(WAD);
        assertEq(slashId, 1);
        assertEq(shares, 0);

        params.strategies = new address[](0);
        params.wadsToSlash = new uint256[](0);
        vm.prank(avs);
        (slashId,) = manager.slashOperator(avs, params);
        assertEq(slashId, 2);
        assertEq(manager.getSlashCount(_set()), 2);
    }

    function test_SlashingAPendingAllocationTakesNothing() public {
        _becomeOperator(stranger, 10);
        _deposit(stranger, STAKE);
        _join(stranger);
        _allocate(stranger, WAD);
        operator = stranger;
        (, uint256 shares) = _slash(WAD);
        assertEq(shares, 0);
        assertEq(delegation.operatorShares(stranger, strategy), STAKE);
    }

    function test_ASlashReachesIntoAPendingDeallocation() public {
        _allocate(operator, WAD);
        _join(operator);
        _allocate(operator, WAD / 2);
        (, uint256 shares) = _slash(0.5e18);
        assertEq(shares, STAKE / 2);
        // half of what stays, and half of what was leaving
        uint256 effectBlock = block.number + DEALLOCATION_DELAY + 1;
        assertEq(_slashableStake(operator, effectBlock - 1), STAKE / 2);
        assertEq(_slashableStake(operator, effectBlock), STAKE / 4);
        vm.roll(effectBlock);
        assertEq(manager.getAllocatableMagnitude(operator, strategy), 0.25e18);
    }

    function test_WhoIsSlashedInFullStaysAMemberAndCannotDeposit() public {
        _allocate(operator, WAD);
        _join(operator);
        (, uint256 shares) = _slash(WAD);
        assertEq(shares, STAKE);
        assertEq(manager.getMaxMagnitude(operator, strategy), 0);
        assertEq(_slashableStake(operator, block.number), 0);
        assertTrue(manager.isMemberOfOperatorSet(operator, _set()));

        token.mint(operator, 1);
        vm.startPrank(operator);
        token.approve(address(strategyManager), 1);
        vm.expectRevert(DevnetDelegationManager.FullySlashed.selector);
        strategyManager.depositIntoStrategy(strategy, address(token), 1);
    }

    function test_AQueuedWithdrawalStaysSlashableForItsDelay() public {
        _allocate(operator, WAD);
        _join(operator);
        _queueWithdrawal(operator, STAKE / 2);
        vm.roll(block.number + WITHDRAWAL_DELAY);
        assertEq(delegation.getSlashableSharesInQueue(operator, strategy), STAKE / 2);
        (, uint256 shares) = _slash(0.1e18);
        assertEq(shares, STAKE / 10);
        vm.roll(block.number + 1);
        assertEq(delegation.getSlashableSharesInQueue(operator, strategy), 0);
        (, shares) = _slash(0.1e18);
        assertEq(shares, 4.5e18);
    }

    function test_ADepositAfterASlashIsNotSlashedForIt() public {
        _allocate(operator, WAD);
        _join(operator);
        _slash(0.5e18);
        _deposit(operator, STAKE);
        assertEq(delegation.operatorShares(operator, strategy), STAKE + STAKE / 2);
        (uint256[] memory withdrawable, uint256[] memory deposited) =
            delegation.getWithdrawableShares(operator, _list(strategy));
        assertApproxEqAbs(withdrawable[0], STAKE + STAKE / 2, 1e3);
        assertEq(deposited[0], 2 * STAKE);
    }

    function test_AChainYoungerThanTheWithdrawalDelayCannotSlash() public {
        vm.roll(WITHDRAWAL_DELAY);
        _allocate(operator, WAD);
        _join(operator);
        SlashingParams memory params = _slashing(WAD);
        vm.prank(avs);
        vm.expectRevert(stdError.arithmeticError);
        manager.slashOperator(avs, params);
    }

    function test_OnlyTheStoredSlasherSlashes() public {
        _allocate(operator, WAD);
        _join(operator);
        vm.prank(avs);
        manager.updateSlasher(_set(), stranger);
        vm.roll(block.number + CONFIGURATION_DELAY + 1);
        SlashingParams memory params = _slashing(WAD);
        vm.prank(avs);
        vm.expectRevert(OperatorSets.InvalidCaller.selector);
        manager.slashOperator(avs, params);
        vm.prank(stranger);
        manager.slashOperator(avs, params);
    }
}
