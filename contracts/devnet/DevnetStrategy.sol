// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title Stand-in for an EigenLayer strategy: holds one token, one share per unit
contract DevnetStrategy {
    address public immutable underlyingToken;

    error OnlyUnderlyingToken();

    constructor(address token) {
        underlyingToken = token;
    }

    /// @notice The shares that `amount` of `token`, which the StrategyManager has just sent here, are worth.
    function deposit(address token, uint256 amount) external view returns (uint256) {
        require(token == underlyingToken, OnlyUnderlyingToken());
        return amount;
    }
}
