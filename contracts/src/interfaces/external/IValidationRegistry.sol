// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title What this project calls of the ERC-8004 ValidationRegistry
interface IValidationRegistry {
    function getIdentityRegistry() external view returns (address);

    /// @notice Fails for a hash that nobody filed. What is pending has the response 0 and no tag.
    function getValidationStatus(bytes32 requestHash)
        external
        view
        returns (
            address validatorAddress,
            uint256 agentId,
            uint8 response,
            bytes32 responseHash,
            string memory tag,
            uint256 lastUpdate
        );

    /// @notice The validator's answer, 0..100.
    function validationResponse(
        bytes32 requestHash,
        uint8 response,
        string calldata responseURI,
        bytes32 responseHash,
        string calldata tag
    ) external;
}
