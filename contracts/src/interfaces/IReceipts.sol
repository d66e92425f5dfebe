// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Job } from "../types/DataTypes.sol";
import { IReputationRegistry } from "./external/IReputationRegistry.sol";
import { IValidationRegistry } from "./external/IValidationRegistry.sol";

/// @notice How a receipt is bound to its job: which request hash of the ValidationRegistry it answers.
/// @dev Either the jobId itself, or the validation request hash of a 4Mica guarantee (version 2) for the job. That one
/// also covers this chain, the registry, this contract, the job's agent, the tag of receipts and the jobId, none of which
/// is the caller's to choose.
struct Binding {
    /// @dev 4Mica's hash of the guarantee's tab, parties, amount, asset and time; zero for the jobId itself.
    bytes32 subjectHash;
    /// @dev The least response for which the guarantee pays, 0..100; unused for the jobId itself.
    uint8 minScore;
}

/// @title Outcomes of jobs as ERC-8004 validations and feedback, with this contract as the validator and client
/// @notice Outside settlement: whatever a registry does, jobs are decided and paid. Anyone may post.
interface IReceipts {
    /// @notice The registry took the job's outcome, with the tag "proof-of-inference", as the answer to `requestHash`.
    event ReceiptPosted(bytes32 indexed jobId, bytes32 indexed requestHash, Binding binding, uint8 response);
    /// @notice The registry took the job's outcome as feedback on its agent.
    event FeedbackPosted(bytes32 indexed jobId, uint256 indexed agentId, uint8 value);

    /// @notice The registry has this contract's answer, or feedback, already.
    error AlreadyPosted(address registry, bytes32 id);
    /// @notice Neither Verified nor Rejected: there is nothing to post. An Expired request decides nothing.
    error JobNotDecided(bytes32 jobId);
    /// @notice The registry numbers its agents by another identity registry.
    error RegistryMismatch(address registry, address identityRegistry);
    /// @notice This deployment has no such registry.
    error RegistryMissing();
    /// @notice The hash was filed for another validator, or for another agent.
    error ValidationMismatch(bytes32 requestHash, address validator, uint256 agentId);

    /// @notice Answers a validation request with the job's outcome, once and for good: the weight-mean confidence of the
    /// winning votes, 1..100, when Verified; 0 when Rejected. The answer's hash is the job's record hash.
    /// @dev The registry must hold this contract as the validator, and the job's agent, for the hash.
    /// @param uri Where the poster says that the audit record is. It proves nothing: the record is in this contract's
    /// events.
    /// @return requestHash What was answered.
    function postReceipt(Job calldata job, Binding calldata binding, string calldata uri)
        external
        returns (bytes32 requestHash);

    /// @notice Gives the job's response as feedback on its agent, once and for good.
    function postFeedback(Job calldata job) external;

    /// @notice Whether a registry has the receipt with a request hash, or the feedback with a jobId.
    function isPosted(address registry, bytes32 id) external view returns (bool);

    /// @return The ERC-8004 ValidationRegistry; zero where the chain has none.
    function validationRegistry() external view returns (IValidationRegistry);

    /// @return The ERC-8004 ReputationRegistry; zero where the chain has none.
    function reputationRegistry() external view returns (IReputationRegistry);
}
