// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice What is still to be added to an account's earnings in an asset.
struct Credit {
    address asset;
    address account;
    uint256 amount;
}

/// @notice An account's deposit in an asset, as it is to be written. Nobody has the zero address, whose deposit is zero.
struct Deposit {
    address asset;
    address account;
    uint256 amount;
}
