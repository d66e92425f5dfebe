// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Store, World } from "../stores/Store.sol";
import { BaseHandler } from "./BaseHandler.sol";

/// @notice Deposits, their withdrawal, and the withdrawal of earnings.
contract LedgerHandler is BaseHandler {
    constructor(Store store_) BaseHandler(store_) { }

    function deposit(uint256 requesterSeed, uint256 assetSeed, uint256 amount) external {
        World memory world = store.world();
        address account = world.requesters[requesterSeed % 3];
        address asset = world.assets[assetSeed % 3];
        amount = bound(amount, 1, 40 ether);
        uint256 before = _balanceOf(asset, address(avs));
        vm.prank(account);
        avs.deposit{ value: asset == NATIVE ? amount : 0 }(asset, amount);
        store.moveWallet(asset, account, -int256(amount));
        store.moveDeposit(asset, account, int256(_balanceOf(asset, address(avs)) - before));
        store.count("deposit");
    }

    function initiateDepositWithdrawal(uint256 seed, uint256 amount) external {
        World memory world = store.world();
        for (uint256 i = 0; i < 9; ++i) {
            (address account, address asset) = _pair(world, seed, i);
            uint256 available = avs.getDeposit(asset, account);
            if (available == 0) continue;
            vm.prank(account);
            avs.initiateDepositWithdrawal(asset, bound(amount, 1, available));
            store.count("initiateDepositWithdrawal");
            return;
        }
    }

    function completeDepositWithdrawal(uint256 seed) external {
        World memory world = store.world();
        for (uint256 i = 0; i < 9; ++i) {
            (address account, address asset) = _pair(world, seed, i);
            (uint256 pending, uint256 availableAt) = avs.getDepositWithdrawal(asset, account);
            if (pending == 0 || block.timestamp < availableAt) continue;
            vm.prank(account);
            uint256 amount = avs.completeDepositWithdrawal(asset);
            store.moveDeposit(asset, account, -int256(amount));
            store.moveWallet(asset, account, int256(_net(asset, amount)));
            store.count("completeDepositWithdrawal");
            return;
        }
    }

    /// @dev By anyone, for anyone.
    function withdrawEarnings(uint256 seed, address caller) external {
        World memory world = store.world();
        for (uint256 i = 0; i < 36; ++i) {
            uint256 j = (seed % 36 + i) % 36;
            address asset = world.assets[j % 3];
            address account = _earner(world, j / 3);
            if (avs.getEarnings(asset, account) == 0) continue;
            vm.prank(caller);
            uint256 amount = avs.withdrawEarnings(asset, account);
            if (j / 3 < 3) store.moveWallet(asset, account, int256(_net(asset, amount)));
            store.count("withdrawEarnings");
            return;
        }
    }

    function _pair(World memory world, uint256 seed, uint256 i) private pure returns (address account, address asset) {
        uint256 j = (seed % 9 + i) % 9;
        return (world.requesters[j / 3], world.assets[j % 3]);
    }

    /// @dev Requesters are 0..2, payees 3..4, operators 5..11.
    function _earner(World memory world, uint256 i) private pure returns (address) {
        if (i < 3) return world.requesters[i];
        return i < 5 ? world.payees[i - 3] : world.operators[i - 5];
    }
}
