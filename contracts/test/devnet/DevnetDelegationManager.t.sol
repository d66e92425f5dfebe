// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { DevnetDelegationManager } from "../../devnet/DevnetDelegationManager.sol";
import { DevnetStrategy } from "../../devnet/DevnetStrategy.sol";
import { DevnetStrategyManager } from "../../devnet/DevnetStrategyManager.sol";
import { DevnetToken } from "../../devnet/DevnetToken.sol";
import { QueuedWithdrawalParams } from "../../devnet/EigenLayerTypes.sol";
import { EigenLayerTest } from "./EigenLayerTest.sol";

contract DevnetDelegationManagerTest is EigenLayerTest {
    function test_RegisteringDelegatesToOneself() public view {
        assertTrue(delegation.isOperator(operator));
        assertTrue(delegation.isDelegated(operator));
        assertEq(delegation.delegatedTo(operator), operator);
        assertFalse(delegation.isOperator(stranger));
        assertFalse(delegation.isOperator(address(0)));
    }

    function test_NobodyRegistersTwice() public {
        vm.prank(operator);
        vm.expectRevert(DevnetDelegationManager.ActivelyDelegated.selector);
        delegation.registerAsOperator(address(0), 0, "");
    }

    function test_WhatWasDepositedBeforeCountsOnRegistering() public {
        _deposit(stranger, STAKE);
        assertEq(delegation.operatorShares(stranger, strategy), 0);
        _becomeOperator(stranger, 0);
        assertEq(delegation.getOperatorsShares(_list(stranger), _list(strategy))[0][0], STAKE);
    }

    function test_OnlyAnOperatorUpdatesItsMetadata() public {
        vm.startPrank(stranger);
        vm.expectRevert(DevnetDelegationManager.InvalidPermissions.selector);
        delegation.updateOperatorMetadataURI(operator, "");
        vm.expectRevert(DevnetDelegationManager.OperatorNotRegistered.selector);
        delegation.updateOperatorMetadataURI(stranger, "");
        vm.stopPrank();
        vm.expectEmit(address(delegation));
        emit DevnetDelegationManager.OperatorMetadataURIUpdated(operator, "ipfs://x");
        vm.prank(operator);
        delegation.updateOperatorMetadataURI(operator, "ipfs://x");
    }

    function test_SharesMoveOnlyForTheOtherManagers() public {
        vm.startPrank(stranger);
        vm.expectRevert(DevnetDelegationManager.OnlyStrategyManagerOrEigenPodManager.selector);
        delegation.increaseDelegatedShares(operator, strategy, 0, 1);
        vm.expectRevert(DevnetDelegationManager.OnlyAllocationManager.selector);
        delegation.slashOperatorShares(operator, _set(), 1, strategy, WAD, 0);
        vm.expectRevert(DevnetStrategyManager.OnlyDelegationManager.selector);
        strategyManager.removeDepositShares(operator, strategy, 1);
        vm.expectRevert(DevnetStrategyManager.OnlyDelegationManager.selector);
        strategyManager.increaseBurnOrRedistributableShares(_set(), 1, strategy, 1);
    }

    function test_OnlyWhitelistedStrategiesTakeTheirToken() public {
        DevnetToken other = new DevnetToken("Other", "OTHER");
        address unlisted = address(new DevnetStrategy(address(other)));
        other.mint(operator, 1);
        vm.startPrank(operator);
        other.approve(address(strategyManager), 1);
        vm.expectRevert(DevnetStrategyManager.StrategyNotWhitelisted.selector);
        strategyManager.depositIntoStrategy(unlisted, address(other), 1);
        vm.expectRevert(DevnetStrategy.OnlyUnderlyingToken.selector);
        strategyManager.depositIntoStrategy(strategy, address(other), 1);
        vm.expectRevert(DevnetStrategyManager.SharesAmountZero.selector);
        strategyManager.depositIntoStrategy(strategy, address(token), 0);
        vm.expectRevert(DevnetStrategyManager.OnlyStrategyWhitelister.selector);
        strategyManager.addStrategiesToDepositWhitelist(_list(unlisted));
    }

    function test_AWithdrawalIsQueued() public {
        vm.expectEmit(address(delegation));
        emit DevnetDelegationManager.OperatorSharesDecreased(operator, operator, strategy, STAKE);
        _queueWithdrawal(operator, STAKE);
        assertEq(delegation.cumulativeWithdrawalsQueued(operator), 1);
        assertEq(delegation.operatorShares(operator, strategy), 0);
        (address[] memory strategies,) = strategyManager.getDeposits(operator);
        assertEq(strategies.length, 0);
    }

    function test_QueueingHasErrors() public {
        QueuedWithdrawalParams[] memory params = new QueuedWithdrawalParams[](1);
        vm.startPrank(operator);
        params[0] = QueuedWithdrawalParams(_list(strategy), new uint256[](2), address(0));
        vm.expectRevert(DevnetDelegationManager.InputArrayLengthMismatch.selector);
        delegation.queueWithdrawals(params);
        params[0] = QueuedWithdrawalParams(new address[](0), new uint256[](0), address(0));
        vm.expectRevert(DevnetDelegationManager.InputArrayLengthZero.selector);
        delegation.queueWithdrawals(params);
        params[0] = QueuedWithdrawalParams(_list(strategy), new uint256[](1), address(0));
        vm.expectRevert(DevnetStrategyManager.SharesAmountZero.selector);
        delegation.queueWithdrawals(params);
        vm.stopPrank();

        _deposit(stranger, 1);
        params[0].depositShares[0] = 2;
        vm.prank(stranger);
        vm.expectRevert(DevnetStrategyManager.SharesAmountTooHigh.selector);
        delegation.queueWithdrawals(params);
    }
}
