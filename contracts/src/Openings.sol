// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Ownable, Ownable2Step } from "@openzeppelin/contracts/access/Ownable2Step.sol";
import { EIP712 } from "solady/utils/EIP712.sol";

import { IModelRegistry, RequestTerms } from "./interfaces/IModelRegistry.sol";
import { IOperatorSet } from "./interfaces/IOperatorSet.sol";
import { IProofOfInferenceAVS } from "./interfaces/IProofOfInferenceAVS.sol";
import { IIdentityRegistry } from "./interfaces/external/IIdentityRegistry.sol";
import { Arguments } from "./libraries/Arguments.sol";
import { Consensus } from "./libraries/Consensus.sol";
import { Hashing } from "./libraries/Hashing.sol";
import { Problem } from "./libraries/Problem.sol";
import { Signatures } from "./libraries/Signatures.sol";
import { Attestation, Job, Request } from "./types/DataTypes.sol";
import { Counted, Shared, Tally } from "./types/Tally.sol";

/// @title What a request must be to be opened
/// @dev Checks give a `Problem`, since certificates are checked by the dozen and one must not fail the others.
abstract contract Openings is IProofOfInferenceAVS, EIP712, Ownable2Step {
    using Arguments for Attestation;
    using Arguments for Job;
    using Arguments for Request;

    /// @dev How long after a pause jobs that were consented to before may still be requested.
    uint256 private constant CONSENTED_JOB_GRACE = 21 days;
    uint256 private constant MIN_QUORUM_BPS = 5001;
    uint256 private constant MAX_OPERATORS = 256;
    uint256 private constant MIN_CONFIDENCE = 100;

    /// @inheritdoc IProofOfInferenceAVS
    IModelRegistry public immutable override modelRegistry;
    /// @inheritdoc IProofOfInferenceAVS
    IOperatorSet public immutable override operatorSet;
    /// @inheritdoc IProofOfInferenceAVS
    IIdentityRegistry public immutable override identityRegistry;

    uint256 private immutable _maxRequestLifetime;

    /// @inheritdoc IProofOfInferenceAVS
    uint40 public override pausedSince;

    constructor(address owner, address modelRegistry_, address operatorSet_, address identityRegistry_) Ownable(owner) {
        _requireContract(modelRegistry_);
        _requireContract(identityRegistry_);
        address writer = IModelRegistry(modelRegistry_).avs();
        if (writer != address(this)) revert ModelRegistryMismatch(modelRegistry_, writer);
        modelRegistry = IModelRegistry(modelRegistry_);
        operatorSet = IOperatorSet(operatorSet_);
        identityRegistry = IIdentityRegistry(identityRegistry_);
        _maxRequestLifetime = _maxRequestLifetimeOf(operatorSet_);
    }

    // -- owner

    /// @inheritdoc IProofOfInferenceAVS
    function pauseRequests() external onlyOwner {
        if (pausedSince != 0) revert RequestsArePaused(pausedSince);
        pausedSince = uint40(block.timestamp);
        emit RequestsPaused();
    }

    /// @inheritdoc IProofOfInferenceAVS
    function unpauseRequests() external onlyOwner {
        pausedSince = 0;
        emit RequestsUnpaused();
    }

    /// @notice Gives up ownership. Not while requests are paused: nobody could unpause them.
    function renounceOwnership() public override onlyOwner {
        if (pausedSince != 0) revert RequestsArePaused(pausedSince);
        super.renounceOwnership();
    }

    // -- ids

    /// @inheritdoc IProofOfInferenceAVS
    function hashJob(Job calldata job) public view returns (bytes32) {
        Job memory copy;
        job.copyTo(copy);
        return Hashing.toDigest(_domainSeparator(), Hashing.structHash(copy));
    }

    /// @inheritdoc IProofOfInferenceAVS
    function hashRequest(Request calldata request) public view returns (bytes32) {
        Request memory copy;
        request.copyTo(copy);
        return Hashing.toDigest(_domainSeparator(), Hashing.structHash(copy));
    }

    /// @inheritdoc IProofOfInferenceAVS
    function hashAttestation(Attestation calldata attestation) public view returns (bytes32) {
        Counted memory counted;
        attestation.copyTo(counted);
        return Hashing.toDigest(_domainSeparator(), counted.structHash());
    }

    // -- checks

    function _checkJob(Tally memory tally) internal pure returns (bytes memory problem) {
        bytes32 jobId = Hashing.toDigest(tally.shared.domainSeparator, Hashing.structHash(tally.job));
        if (jobId != tally.request.jobId) {
            return Problem.encode(JobMismatch.selector, uint256(tally.request.jobId), uint256(jobId));
        }
    }

    /// @dev All but who pays, and with what, and the agent's consent. Sets the method and the confidence for valid.
    function _checkOpening(Tally memory tally) internal view returns (bytes memory problem) {
        problem = _checkPause(tally.jobState.consentedAt);
        if (problem.length != 0) return problem;
        _readTerms(tally);
        problem = _checkTerms(tally.request, tally.job, tally.shared.terms);
        if (problem.length == 0) problem = _checkTimes(tally.request, tally.shared);
    }

    function _checkPayee(Request memory request, Job memory job) internal pure returns (bytes memory problem) {
        if (job.payee == address(0) && (job.hasAgent || request.reward != 0)) {
            return Problem.encode(InvalidPayee.selector, uint160(job.payee));
        }
    }

    function _checkConsent(bytes32 jobId, Job memory job, bytes calldata consent)
        internal
        view
        returns (bytes memory problem)
    {
        bool isGiven = job.payee != address(0) && _agentWalletOf(job.agentId) == job.payee
            && Signatures.isValid(job.payee, jobId, consent);
        if (!isGiven) return Problem.encode(ConsentMissing.selector, uint256(jobId), job.agentId, uint160(job.payee));
    }

    function _publish(bytes32 expected, bytes calldata payload) internal {
        if (payload.length == 0) return;
        bytes32 actual = sha256(payload);
        if (actual != expected) revert PayloadDigestMismatch(expected, actual);
        emit PayloadPublished(expected, payload);
    }

    /// @dev EIP-712's domain, next to the chain and this contract.
    function _domainNameAndVersion() internal pure override returns (string memory, string memory) {
        return ("ProofOfInference", "1");
    }

    function _maxRequestLifetimeOf(address operatorSet_) internal view returns (uint256) {
        _requireContract(operatorSet_);
        return IOperatorSet(operatorSet_).maxRequestLifetime();
    }

    function _requireContract(address account) internal view {
        if (account.code.length == 0) revert ContractMissing(account);
    }

    function _checkPause(uint40 consentedAt) private view returns (bytes memory problem) {
        uint40 since = pausedSince;
        if (since == 0) return problem;
        bool isSpared =
            consentedAt != 0 && consentedAt <= since && block.timestamp <= uint256(since) + CONSENTED_JOB_GRACE;
        if (!isSpared) return Problem.encode(RequestsArePaused.selector, since);
    }

    function _checkTerms(Request memory request, Job memory job, RequestTerms memory terms)
        private
        pure
        returns (bytes memory)
    {
        if (terms.modelId == 0) {
            return Problem.encode(IModelRegistry.UnknownModelVersion.selector, uint256(job.modelVersionId));
        }
        if (!terms.active) return Problem.encode(ModelInactive.selector, uint256(terms.modelId));
        if (!terms.accepted) {
            return Problem.encode(AssetNotAccepted.selector, uint256(terms.modelId), uint160(request.asset));
        }
        if (request.verificationFee < terms.minimumFee) {
            return Problem.encode(FeeBelowMinimum.selector, request.verificationFee, terms.minimumFee);
        }
        if (job.quorumBps < MIN_QUORUM_BPS || job.quorumBps > Consensus.BPS) {
            return Problem.encode(InvalidQuorum.selector, job.quorumBps);
        }
        if (job.minAttestations == 0 || job.minAttestations > MAX_OPERATORS) {
            return Problem.encode(InvalidMinAttestations.selector, job.minAttestations);
        }
        if (job.minConfidence < MIN_CONFIDENCE || job.minConfidence > terms.validConfidence) {
            return Problem.encode(InvalidMinConfidence.selector, job.minConfidence, terms.validConfidence);
        }
        if (!job.hasAgent && job.agentId != 0) {
            return Problem.encode(InvalidAgent.selector, job.hasAgent ? 1 : 0, job.agentId);
        }
        return _checkPayee(request, job);
    }

    /// @dev Those of the last request do if it was of the same version and asset.
    function _readTerms(Tally memory tally) private view {
        Shared memory shared = tally.shared;
        (bytes32 modelVersionId, address asset) = (tally.job.modelVersionId, tally.request.asset);
        if (shared.modelVersionId != modelVersionId || shared.asset != asset) {
            shared.terms = modelRegistry.getRequestTerms(modelVersionId, asset);
            (shared.modelVersionId, shared.asset) = (modelVersionId, asset);
            shared.memoryPointer = _getMemoryPointer();
        }
        (tally.method, tally.validConfidence) = (shared.terms.methodId, shared.terms.validConfidence);
    }

    function _checkTimes(Request memory request, Shared memory shared) private view returns (bytes memory problem) {
        uint256 latest = block.timestamp + _maxRequestLifetime;
        if (request.deadline <= block.timestamp || request.deadline > latest) {
            return Problem.encode(InvalidDeadline.selector, request.deadline, block.timestamp + 1, latest);
        }
        if (block.timestamp + request.commitWindow >= request.deadline) {
            return Problem.encode(InvalidCommitWindow.selector, request.commitWindow, request.deadline);
        }
        uint256 timepoint = uint256(request.referenceTimepoint) + 1;
        if (shared.validReference == timepoint) return problem;
        if (!operatorSet.isValidReference(request.referenceTimepoint)) {
            return Problem.encode(InvalidReference.selector, request.referenceTimepoint);
        }
        shared.validReference = timepoint;
    }

    /// @dev Zero where the registry fails: nobody can consent for an agent that cannot be looked up.
    function _agentWalletOf(uint256 agentId) private view returns (address) {
        try identityRegistry.getAgentWallet(agentId) returns (address wallet) {
            return wallet;
        } catch {
            return address(0);
        }
    }

    // -- memory

    /// @dev Where memory is free. Going back to it after each of many requests keeps memory, whose cost grows with the
    /// square of its size, to what one request needs.
    function _getMemoryPointer() internal pure returns (uint256 pointer) {
        assembly ("memory-safe") {
            pointer := mload(0x40)
        }
    }

    function _setMemoryPointer(uint256 pointer) internal pure {
        assembly ("memory-safe") {
            mstore(0x40, pointer)
        }
    }
}
