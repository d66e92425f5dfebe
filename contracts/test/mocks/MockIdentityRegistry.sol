// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IIdentityRegistry } from "../../src/interfaces/external/IIdentityRegistry.sol";

/// @notice Agents whose wallets are set by hand.
contract MockIdentityRegistry is IIdentityRegistry {
    mapping(uint256 agentId => address) public getAgentWallet;

    function setAgentWallet(uint256 agentId, address wallet) external {
        getAgentWallet[agentId] = wallet;
    }
}
