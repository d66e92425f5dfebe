// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { BaseHandler } from "./BaseHandler.sol";

/// @notice Deposits, their withdrawal, and the withdrawal of earnings.
abstract contract LedgerHandler is BaseHandler {
    function deposit(uint256 requesterSeed, uint256 assetSeed, uint256 amount) external {
        address account = world.requesters[requesterSeed % 3];
        address asset = world.assets[assetSeed % 3];
        amount = bound(amount, 1, 40 ether);
        uint256 before = _balanceOf(asset, address(avs));
        vm.prank(account);
        avs.deposit{ value: asset == NATIVE ? amount : 0 }(asset, amount);
        wallets[asset][account] -= int256(amount);
        deposits[asset][account] += int256(_balanceOf(asset, address(avs)) - before);
        ++counts["deposit"];
    }

    function initiateDepositWithdrawal(uint256 seed, uint256 amount) external {
        for (uint256 i = 0; i < 9; ++i) {
            (address account, address asset) = _pair(seed, i);
            uint256 available = avs.getDeposit(asset, account);
            if (available == 0) continue;
            amount = bound(amount, 1, available);
            vm.prank(account);
            avs.initiateDepositWithdrawal(asset, amount);
            ++counts["withdrawal initiated"];
            return;
        }
    }

    function completeDepositWithdrawal(uint256 seed) external {
        for (uint256 i = 0; i < 9; ++i) {
            (address account, address asset) = _pair(seed, i);
            (uint256 pending, uint256 availableAt) = avs.getDepositWithdrawal(asset, account);
            if (pending == 0 || block.timestamp < availableAt && seed % 2 != 0) continue;
            _waitUntil(availableAt);
            vm.prank(account);
            uint256 amount = avs.completeDepositWithdrawal(asset);
            deposits[asset][account] -= int256(amount);
            wallets[asset][account] += int256(_net(asset, amount));
            ++counts["withdrawal completed"];
            return;
        }
    }

    /// @dev By anyone, for anyone.
    function withdrawEarnings(uint256 seed, address caller) external {
        for (uint256 i = 0; i < 36; ++i) {
            uint256 j = (seed % 36 + i) % 36;
            (address asset, address account) = (world.assets[j % 3], _earner(j / 3));
            if (avs.getEarnings(asset, account) == 0) continue;
            vm.prank(caller);
            uint256 amount = avs.withdrawEarnings(asset, account);
            if (j / 3 < 3) wallets[asset][account] += int256(_net(asset, amount));
            ++counts["earnings withdrawn"];
            return;
        }
    }

    function _pair(uint256 seed, uint256 i) private view returns (address account, address asset) {
        uint256 j = (seed % 9 + i) % 9;
        return (world.requesters[j / 3], world.assets[j % 3]);
    }

    /// @dev Requesters are 0..2, payees 3..4, operators 5..11.
    function _earner(uint256 i) private view returns (address) {
        if (i < 3) return world.requesters[i];
        return i < 5 ? world.payees[i - 3] : world.operators[i - 5];
    }
}
