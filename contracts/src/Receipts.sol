// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Openings } from "./Openings.sol";
import { Binding, IReceipts } from "./interfaces/IReceipts.sol";
import { IReputationRegistry } from "./interfaces/external/IReputationRegistry.sol";
import { IValidationRegistry } from "./interfaces/external/IValidationRegistry.sol";
import { Job, Status } from "./types/DataTypes.sol";

/// @title Receipts and feedback in the ERC-8004 registries
/// @dev A registry is called last, with everything stored; one that calls back finds its answer posted. Nothing here
/// writes what settlement reads.
abstract contract Receipts is IReceipts, Openings {
    bytes32 private constant GUARANTEE_TYPEHASH = keccak256("4MICA_VALIDATION_REQUEST_V2");
    string private constant TAG = "proof-of-inference";

    /// @inheritdoc IReceipts
    IValidationRegistry public immutable override validationRegistry;
    /// @inheritdoc IReceipts
    IReputationRegistry public immutable override reputationRegistry;

    /// @inheritdoc IReceipts
    mapping(address registry => mapping(bytes32 id => bool)) public override isPosted;

    constructor(address validationRegistry_, address reputationRegistry_) {
        validationRegistry = IValidationRegistry(validationRegistry_);
        reputationRegistry = IReputationRegistry(reputationRegistry_);
        if (validationRegistry_ != address(0)) _requireSameAgents(validationRegistry_);
        if (reputationRegistry_ != address(0)) _requireSameAgents(reputationRegistry_);
    }

    /// @inheritdoc IReceipts
    function postReceipt(Job calldata job, Binding calldata binding, string calldata uri)
        external
        returns (bytes32 requestHash)
    {
        (bytes32 jobId, uint8 response, bytes32 recordHash) = _outcomeOf(job);
        requestHash = binding.subjectHash == 0 ? jobId : _hashGuarantee(jobId, job.agentId, binding);
        _post(address(validationRegistry), requestHash);
        (address validator, uint256 agentId,,,,) = validationRegistry.getValidationStatus(requestHash);
        if (validator != address(this) || agentId != job.agentId) {
            revert ValidationMismatch(requestHash, validator, agentId);
        }
        emit ReceiptPosted(jobId, requestHash, binding, response);
        validationRegistry.validationResponse(requestHash, response, uri, recordHash, TAG);
    }

    /// @inheritdoc IReceipts
    function postFeedback(Job calldata job) external {
        (bytes32 jobId, uint8 response, bytes32 recordHash) = _outcomeOf(job);
        _post(address(reputationRegistry), jobId);
        emit FeedbackPosted(jobId, job.agentId, response);
        reputationRegistry.giveFeedback(job.agentId, int128(uint128(response)), 0, TAG, "", "", "", recordHash);
    }

    // -- internal

    /// @dev Status is None, Verified or Rejected; the response is 0 unless Verified; the hash commits to the record.
    function _decisionOf(bytes32 jobId)
        internal
        view
        virtual
        returns (Status status, uint8 response, bytes32 recordHash);

    function _outcomeOf(Job calldata job) private view returns (bytes32 jobId, uint8 response, bytes32 recordHash) {
        if (!job.hasAgent) revert InvalidAgent(false, job.agentId);
        jobId = hashJob(job);
        Status status;
        (status, response, recordHash) = _decisionOf(jobId);
        if (status == Status.None) revert JobNotDecided(jobId);
    }

    function _hashGuarantee(bytes32 jobId, uint256 agentId, Binding calldata binding) private view returns (bytes32) {
        return keccak256(
            abi.encode(
                GUARANTEE_TYPEHASH,
                block.chainid,
                address(validationRegistry),
                address(this),
                agentId,
                binding.subjectHash,
                binding.minScore,
                keccak256(bytes(TAG)),
                jobId
            )
        );
    }

    function _post(address registry, bytes32 id) private {
        if (registry == address(0)) revert RegistryMissing();
        if (isPosted[registry][id]) revert AlreadyPosted(registry, id);
        isPosted[registry][id] = true;
    }

    /// @dev Both registries have the function.
    function _requireSameAgents(address registry) private view {
        _requireContract(registry);
        address used = IValidationRegistry(registry).getIdentityRegistry();
        if (used != address(identityRegistry)) revert RegistryMismatch(registry, used);
    }
}
