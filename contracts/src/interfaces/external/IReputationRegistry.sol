// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title What this project calls of the ERC-8004 ReputationRegistry
interface IReputationRegistry {
    function getIdentityRegistry() external view returns (address);

    function giveFeedback(
        uint256 agentId,
        int128 value,
        uint8 valueDecimals,
        string calldata tag1,
        string calldata tag2,
        string calldata endpoint,
        string calldata feedbackURI,
        bytes32 feedbackHash
    ) external;
}
