// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title What this project calls of the ERC-8004 IdentityRegistry
interface IIdentityRegistry {
    /// @return The wallet that acts and is paid for the agent; zero when unset.
    function getAgentWallet(uint256 agentId) external view returns (address);
}
