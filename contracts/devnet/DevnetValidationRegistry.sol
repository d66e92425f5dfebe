// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC721 } from "@openzeppelin/contracts/token/ERC721/IERC721.sol";

/// @title Stand-in for the ERC-8004 ValidationRegistry: requests to validators, and their answers
/// @dev As in the real one a hash belongs for good to whoever files it first, and a status without an answer reads like
/// the answer 0 with an empty tag: only the `ValidationResponse` event tells them apart.
contract DevnetValidationRegistry {
    struct Validation {
        address validator;
        uint8 response;
        bool isAnswered;
        uint256 agentId;
        bytes32 responseHash;
        string tag;
        uint256 lastUpdate;
    }

    IERC721 private immutable _identityRegistry;
    mapping(bytes32 requestHash => Validation) private _validations;
    mapping(uint256 agentId => bytes32[]) private _agentHashes;
    mapping(address validator => bytes32[]) private _validatorHashes;

    event ValidationRequest(
        address indexed validatorAddress, uint256 indexed agentId, string requestURI, bytes32 indexed requestHash
    );
    event ValidationResponse(
        address indexed validatorAddress,
        uint256 indexed agentId,
        bytes32 indexed requestHash,
        uint8 response,
        string responseURI,
        bytes32 responseHash,
        string tag
    );

    constructor(address identityRegistry) {
        require(identityRegistry != address(0), "bad identity");
        _identityRegistry = IERC721(identityRegistry);
    }

    /// @notice Asks a validator, by the agent's owner or whom it approved.
    function validationRequest(
        address validatorAddress,
        uint256 agentId,
        string calldata requestURI,
        bytes32 requestHash
    ) external {
        require(validatorAddress != address(0), "bad validator");
        Validation storage validation = _validations[requestHash];
        require(validation.validator == address(0), "exists");
        address owner = _identityRegistry.ownerOf(agentId);
        bool isAuthorized = msg.sender == owner || _identityRegistry.isApprovedForAll(owner, msg.sender)
            || _identityRegistry.getApproved(agentId) == msg.sender;
        require(isAuthorized, "Not authorized");
        validation.validator = validatorAddress;
        validation.agentId = agentId;
        validation.lastUpdate = block.timestamp;
        _agentHashes[agentId].push(requestHash);
        _validatorHashes[validatorAddress].push(requestHash);
        emit ValidationRequest(validatorAddress, agentId, requestURI, requestHash);
    }

    /// @notice The validator's answer, 0 to 100; a later one replaces it.
    function validationResponse(
        bytes32 requestHash,
        uint8 response,
        string calldata responseURI,
        bytes32 responseHash,
        string calldata tag
    ) external {
        Validation storage validation = _known(requestHash);
        require(msg.sender == validation.validator, "not validator");
        require(response <= 100, "resp>100");
        validation.response = response;
        validation.responseHash = responseHash;
        validation.tag = tag;
        validation.lastUpdate = block.timestamp;
        validation.isAnswered = true;
        emit ValidationResponse(
            msg.sender, validation.agentId, requestHash, response, responseURI, responseHash, tag
        );
    }

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
        )
    {
        Validation storage validation = _known(requestHash);
        return (
            validation.validator,
            validation.agentId,
            validation.response,
            validation.responseHash,
            validation.tag,
            validation.lastUpdate
        );
    }

    /// @notice Number and mean, rounded down, of an agent's answered validations. No validators or tag: any.
    function getSummary(uint256 agentId, address[] calldata validatorAddresses, string calldata tag)
        external
        view
        returns (uint64 count, uint8 avgResponse)
    {
        bytes32[] storage hashes = _agentHashes[agentId];
        uint256 sum;
        for (uint256 i = 0; i < hashes.length; ++i) {
            Validation storage validation = _validations[hashes[i]];
            bool matchesTag = bytes(tag).length == 0 || keccak256(bytes(tag)) == keccak256(bytes(validation.tag));
            if (!validation.isAnswered || !matchesTag || !_isAmong(validation.validator, validatorAddresses)) continue;
            sum += validation.response;
            ++count;
        }
        // forge-lint: disable-next-line(unsafe-typecast)
        if (count != 0) avgResponse = uint8(sum / count);
    }

    function getAgentValidations(uint256 agentId) external view returns (bytes32[] memory) {
        return _agentHashes[agentId];
    }

    function getValidatorRequests(address validatorAddress) external view returns (bytes32[] memory) {
        return _validatorHashes[validatorAddress];
    }

    function getIdentityRegistry() external view returns (address) {
        return address(_identityRegistry);
    }

    function getVersion() external pure returns (string memory) {
        return "2.0.0";
    }

    // -- internal

    function _known(bytes32 requestHash) private view returns (Validation storage validation) {
        validation = _validations[requestHash];
        require(validation.validator != address(0), "unknown");
    }

    function _isAmong(address validator, address[] calldata validators) private pure returns (bool) {
        for (uint256 i = 0; i < validators.length; ++i) {
            if (validators[i] == validator) return true;
        }
        return validators.length == 0;
    }
}
