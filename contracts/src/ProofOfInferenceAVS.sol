// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Ownable, Ownable2Step } from "@openzeppelin/contracts/access/Ownable2Step.sol";
import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { LibBit } from "solady/utils/LibBit.sol";

import { Ledger } from "./Ledger.sol";
import { IEquivocationSlasher } from "./interfaces/IEquivocationSlasher.sol";
import { ILedger } from "./interfaces/ILedger.sol";
import { IModelRegistry, RequestTerms } from "./interfaces/IModelRegistry.sol";
import { IOperatorSet, Voter } from "./interfaces/IOperatorSet.sol";
import { IProofOfInferenceAVS, JobState, RequestState } from "./interfaces/IProofOfInferenceAVS.sol";
import { CreateSetParamsV2, IAllocationManager, OperatorSet } from "./interfaces/external/IAllocationManager.sol";
import { IIdentityRegistry } from "./interfaces/external/IIdentityRegistry.sol";
import { IKeyRegistrar } from "./interfaces/external/IKeyRegistrar.sol";
import { Consensus } from "./libraries/Consensus.sol";
import { Hashing } from "./libraries/Hashing.sol";
import { Signatures } from "./libraries/Signatures.sol";
import { Attestation, Job, Opening, Request, Status } from "./types/DataTypes.sol";

/// @notice The AVS's parameters, fixed at deployment.
struct AVSConfig {
    address owner;
    address modelRegistry;
    address operatorSet;
    address identityRegistry;
    /// @dev EigenLayer's AllocationManager, or zero where the chain has none; the rest is unused then.
    address allocationManager;
    address keyRegistrar;
    /// @dev The `IEquivocationSlasher` that alone may slash in the operator set.
    address slasher;
    uint32 operatorSetId;
    address[] strategies;
    string metadataURI;
}

/// @title Proof-of-Inference AVS
/// @notice Immutable: an upgrade is a new contract and operator set. The owner can pause new requests and set the
/// AVS's metadata, nothing else.
contract ProofOfInferenceAVS is IProofOfInferenceAVS, Ledger, EIP712, Ownable2Step {
    /// @dev How long after a pause jobs that were consented to before may still be requested.
    uint256 private constant CONSENTED_JOB_GRACE = 21 days;
    /// @dev Added to the longest request to get the delay of a deposit's withdrawal.
    uint256 private constant DEPOSIT_WITHDRAWAL_MARGIN = 1 hours;
    uint256 private constant MIN_QUORUM_BPS = 5001;
    uint256 private constant MAX_OPERATORS = 256;
    uint256 private constant MIN_CONFIDENCE = 100;
    uint8 private constant CURVE_ECDSA = 1;

    /// @inheritdoc IProofOfInferenceAVS
    IModelRegistry public immutable override modelRegistry;
    /// @inheritdoc IProofOfInferenceAVS
    IOperatorSet public immutable override operatorSet;
    /// @inheritdoc IProofOfInferenceAVS
    IIdentityRegistry public immutable override identityRegistry;

    IAllocationManager private immutable _allocationManager;
    uint256 private immutable _maxRequestLifetime;

    /// @dev One slot: totalJobs 0..63 | verifiedJobs 64..127.
    struct AgentRecord {
        uint64 totalJobs;
        uint64 verifiedJobs;
    }

    /// @dev Slot 0: status 0..7 | fromDeposit 8..15 | feeSettled 16..23 | openedAt 24..63 | validWeight 64..159 |
    /// invalidWeight 160..255. Slot 1: weightedConfidence 0..111. Slot 2: runningHash. Slots 3, 4: votes.
    mapping(bytes32 requestId => RequestState) private _requests;
    /// @dev Slot 0: status 0..7 | response 8..15 | decidedAt 16..55 | consentedAt 56..95. Slot 1: recordHash.
    mapping(bytes32 jobId => JobState) private _jobs;
    mapping(bytes32 requestId => mapping(address operator => bytes32)) private _commitments;
    mapping(uint256 agentId => AgentRecord) private _agents;
    /// @inheritdoc IProofOfInferenceAVS
    uint40 public override pausedSince;

    constructor(AVSConfig memory config)
        Ledger(_maxRequestLifetimeOf(config.operatorSet) + DEPOSIT_WITHDRAWAL_MARGIN)
        EIP712("ProofOfInference", "1")
        Ownable(config.owner)
    {
        _requireContract(config.modelRegistry);
        _requireContract(config.identityRegistry);
        address writer = IModelRegistry(config.modelRegistry).avs();
        if (writer != address(this)) revert ModelRegistryMismatch(config.modelRegistry, writer);
        modelRegistry = IModelRegistry(config.modelRegistry);
        operatorSet = IOperatorSet(config.operatorSet);
        identityRegistry = IIdentityRegistry(config.identityRegistry);
        _maxRequestLifetime = _maxRequestLifetimeOf(config.operatorSet);
        _allocationManager = IAllocationManager(config.allocationManager);
        if (config.allocationManager != address(0)) _joinEigenLayer(config);
    }

    // -- requests

    /// @inheritdoc IProofOfInferenceAVS
    function requestInferenceVerification(Request calldata request, Job calldata job, Opening calldata opening)
        external
        payable
        nonReentrant
        returns (bytes32 requestId)
    {
        if (msg.sender != request.requester) revert NotRequester(msg.sender, request.requester);
        requestId = hashRequest(request);
        RequestState storage state = _requests[requestId];
        if (state.status != Status.None) revert RequestAlreadyOpened(requestId);
        _requireJob(request, job);

        JobState storage jobState = _jobs[request.jobId];
        if (jobState.status != Status.None) revert JobAlreadyDecided(request.jobId, jobState.status);
        _requireNotPaused(jobState.consentedAt);
        _requireTerms(request, job);
        _requireTimes(request);
        if (job.hasAgent && jobState.consentedAt == 0) _recordConsent(request.jobId, job, opening.consent);

        state.status = Status.Open;
        state.fromDeposit = opening.fromDeposit;
        state.openedAt = uint40(block.timestamp);
        emit InferenceVerificationRequested(
            requestId, request.jobId, request.requester, request, job, opening.fromDeposit
        );
        _publish(job.inputDigest, opening.input);
        _publish(job.outputDigest, opening.output);

        uint256 amount = uint256(request.reward) + request.verificationFee;
        if (opening.fromDeposit) _spendDeposit(request.asset, request.requester, amount);
        else _receiveExactly(request.asset, amount);
    }

    /// @inheritdoc IProofOfInferenceAVS
    function recordConsent(Job calldata job, bytes calldata consent) external {
        bytes32 jobId = hashJob(job);
        if (!job.hasAgent) revert InvalidAgent(false, job.agentId);
        if (_jobs[jobId].consentedAt == 0) _recordConsent(jobId, job, consent);
    }

    /// @inheritdoc IProofOfInferenceAVS
    function settleRequest(Request calldata request, Job calldata job) external returns (Status) {
        bytes32 requestId = hashRequest(request);
        _requireJob(request, job);
        Status status = _requests[requestId].status;
        if (status != Status.Open) revert RequestNotOpen(requestId, status);
        if (_isBoundByDecision(request)) return _settleByDecision(requestId, request, job);
        if (block.timestamp <= request.deadline) revert RequestNotSettleable(requestId, request.deadline);
        _finalize(requestId, request, job, Status.Expired, 0);
        return Status.Expired;
    }

    // -- votes

    /// @inheritdoc IProofOfInferenceAVS
    function commitVerification(Request calldata request, address operator, bytes32 commitment) external {
        bytes32 requestId = hashRequest(request);
        RequestState storage state = _requests[requestId];
        if (state.status != Status.Open) revert RequestNotOpen(requestId, state.status);
        Status decision = _jobs[request.jobId].status;
        if (decision != Status.None) revert JobAlreadyDecided(request.jobId, decision);
        uint256 closesAt = uint256(state.openedAt) + request.commitWindow;
        if (request.commitWindow == 0 || block.timestamp > closesAt) revert CommitWindowClosed(closesAt);
        (Voter memory voter,) = _getVoter(operator, request.referenceTimepoint);
        if (msg.sender != operator && msg.sender != voter.signingKey) revert NotCommitter(msg.sender, operator);
        if (_commitments[requestId][operator] != 0) revert AlreadyCommitted(requestId, operator);
        if (commitment == 0) revert CommitmentMismatch(requestId, operator);
        _commitments[requestId][operator] = commitment;
        emit VerificationCommitted(requestId, operator, commitment);
    }

    /// @inheritdoc IProofOfInferenceAVS
    function submitVerification(
        Request calldata request,
        Job calldata job,
        Attestation calldata attestation,
        bytes calldata signature,
        bytes32 operatorSalt
    ) external returns (Status) {
        bytes32 requestId = hashRequest(request);
        _requireJob(request, job);
        if (attestation.requestId != requestId) revert AttestationMismatch(requestId, attestation.requestId);
        Status status = _requests[requestId].status;
        if (status == Status.None) revert RequestNotOpen(requestId, status);
        if (block.timestamp > request.deadline) revert RequestDeadlinePassed(requestId, request.deadline);
        if (status == Status.Open && _isBoundByDecision(request)) status = _settleByDecision(requestId, request, job);
        // Once final, only a vote that was committed in time still counts for its fee.
        if (status != Status.Open && request.commitWindow == 0) revert RequestNotOpen(requestId, status);

        bytes32 digest = hashAttestation(attestation);
        if (request.commitWindow != 0) {
            _openCommitment(requestId, request.commitWindow, attestation.operator, digest, operatorSalt);
        }
        _requireVerdict(job.modelVersionId, attestation);
        (Voter memory voter, uint96 totalWeight) = _getVoter(attestation.operator, request.referenceTimepoint);
        _requireSignature(digest, signature, voter.signingKey);

        bool isValid = attestation.isValid && attestation.confidence >= job.minConfidence;
        _count(attestation, voter, isValid);
        _emitVote(attestation, voter.weight, signature, status == Status.Open);
        if (status != Status.Open) return status;

        RequestState storage state = _requests[requestId];
        state.runningHash = keccak256(abi.encode(state.runningHash, digest));
        if (isValid) state.weightedConfidence += uint112(voter.weight) * attestation.confidence;
        return _isDecidedBy(state, job, isValid, totalWeight)
            ? _decide(requestId, request, job, isValid ? Status.Verified : Status.Rejected, totalWeight)
            : Status.Open;
    }

    // -- fees

    /// @inheritdoc IProofOfInferenceAVS
    function claimFees(address operator, Request[] calldata requests) external returns (uint256 credited) {
        uint256 pending;
        for (uint256 i = 0; i < requests.length; ++i) {
            if (i != 0 && requests[i].asset != requests[i - 1].asset) {
                credited += _creditFees(operator, requests[i - 1].asset, pending);
                pending = 0;
            }
            pending += _claimFee(operator, requests[i]);
        }
        if (requests.length != 0) {
            credited += _creditFees(operator, requests[requests.length - 1].asset, pending);
        }
    }

    /// @inheritdoc IProofOfInferenceAVS
    function releaseUnearnedFee(Request calldata request) external returns (uint256 amount) {
        bytes32 requestId = hashRequest(request);
        RequestState storage state = _requests[requestId];
        if (state.status == Status.None || state.status == Status.Open) {
            revert RequestNotFinal(requestId, state.status);
        }
        if (state.feeSettled) return 0;
        if (block.timestamp <= request.deadline) revert RequestNotSettleable(requestId, request.deadline);
        state.feeSettled = true;
        amount = _unearnedFee(state, request, operatorSet.getTotalWeight(request.referenceTimepoint));
        _refund(request.asset, request.requester, amount, state.fromDeposit);
        emit UnearnedFeeReleased(requestId, amount);
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

    /// @inheritdoc IProofOfInferenceAVS
    function setMetadataURI(string calldata metadataURI) external onlyOwner {
        _requireContract(address(_allocationManager));
        _allocationManager.updateAVSMetadataURI(address(this), metadataURI);
    }

    // -- reading

    /// @inheritdoc IProofOfInferenceAVS
    function hashJob(Job calldata job) public view returns (bytes32) {
        return _hashTypedDataV4(Hashing.structHash(job));
    }

    /// @inheritdoc IProofOfInferenceAVS
    function hashRequest(Request calldata request) public view returns (bytes32) {
        return _hashTypedDataV4(Hashing.structHash(request));
    }

    /// @inheritdoc IProofOfInferenceAVS
    function hashAttestation(Attestation calldata attestation) public view returns (bytes32) {
        return _hashTypedDataV4(Hashing.structHash(attestation));
    }

    /// @inheritdoc IProofOfInferenceAVS
    function getRequestState(bytes32 requestId) external view returns (RequestState memory) {
        return _requests[requestId];
    }

    /// @inheritdoc IProofOfInferenceAVS
    function getJobState(bytes32 jobId) external view returns (JobState memory) {
        return _jobs[jobId];
    }

    /// @inheritdoc IProofOfInferenceAVS
    function getCommitment(bytes32 requestId, address operator) external view returns (bytes32) {
        return _commitments[requestId][operator];
    }

    /// @inheritdoc IProofOfInferenceAVS
    function getAgentRecord(uint256 agentId) external view returns (uint64 totalJobs, uint64 verifiedJobs) {
        AgentRecord memory agent = _agents[agentId];
        return (agent.totalJobs, agent.verifiedJobs);
    }

    // -- opening a request

    function _requireJob(Request calldata request, Job calldata job) private view {
        bytes32 jobId = hashJob(job);
        if (jobId != request.jobId) revert JobMismatch(request.jobId, jobId);
    }

    function _requireNotPaused(uint40 consentedAt) private view {
        uint40 since = pausedSince;
        if (since == 0) return;
        bool isSpared =
            consentedAt != 0 && consentedAt <= since && block.timestamp <= uint256(since) + CONSENTED_JOB_GRACE;
        if (!isSpared) revert RequestsArePaused(since);
    }

    function _requireTerms(Request calldata request, Job calldata job) private view {
        RequestTerms memory terms = modelRegistry.getRequestTerms(job.modelVersionId, request.asset);
        if (!terms.active) revert ModelInactive(terms.modelId);
        if (!terms.accepted) revert AssetNotAccepted(terms.modelId, request.asset);
        if (request.verificationFee < terms.minimumFee) {
            revert FeeBelowMinimum(request.verificationFee, terms.minimumFee);
        }
        if (job.quorumBps < MIN_QUORUM_BPS || job.quorumBps > Consensus.BPS) revert InvalidQuorum(job.quorumBps);
        if (job.minAttestations == 0 || job.minAttestations > MAX_OPERATORS) {
            revert InvalidMinAttestations(job.minAttestations);
        }
        if (job.minConfidence < MIN_CONFIDENCE || job.minConfidence > terms.validConfidence) {
            revert InvalidMinConfidence(job.minConfidence, terms.validConfidence);
        }
        if (!job.hasAgent && job.agentId != 0) revert InvalidAgent(job.hasAgent, job.agentId);
        if (job.payee == address(0) && (job.hasAgent || request.reward != 0)) revert InvalidPayee(job.payee);
    }

    function _requireTimes(Request calldata request) private view {
        if (request.deadline <= block.timestamp || request.deadline > block.timestamp + _maxRequestLifetime) {
            revert InvalidDeadline(request.deadline, block.timestamp + 1, block.timestamp + _maxRequestLifetime);
        }
        if (block.timestamp + request.commitWindow >= request.deadline) {
            revert InvalidCommitWindow(request.commitWindow, request.deadline);
        }
        if (!operatorSet.isValidReference(request.referenceTimepoint)) {
            revert InvalidReference(request.referenceTimepoint);
        }
    }

    function _recordConsent(bytes32 jobId, Job calldata job, bytes calldata consent) private {
        if (
            job.payee == address(0) || identityRegistry.getAgentWallet(job.agentId) != job.payee
                || !Signatures.isValid(job.payee, jobId, consent)
        ) revert ConsentMissing(jobId, job.agentId, job.payee);
        _jobs[jobId].consentedAt = uint40(block.timestamp);
        emit ConsentRecorded(jobId, job.agentId, job.payee);
    }

    function _publish(bytes32 expected, bytes calldata payload) private {
        if (payload.length == 0) return;
        bytes32 actual = sha256(payload);
        if (actual != expected) revert PayloadDigestMismatch(expected, actual);
        emit PayloadPublished(expected, payload);
    }

    // -- counting votes

    function _getVoter(address operator, uint48 timepoint) private view returns (Voter memory voter, uint96 total) {
        (voter, total) = operatorSet.getVoter(operator, timepoint);
        if (!voter.canVote) revert OperatorCannotVote(operator, timepoint);
    }

    function _requireVerdict(bytes32 modelVersionId, Attestation calldata attestation) private view {
        (bytes32 methodId, uint16 validConfidence) = modelRegistry.getVersionMethod(modelVersionId);
        if (attestation.method != methodId) revert MethodMismatch(methodId, attestation.method);
        // forge-lint: disable-next-line(unsafe-typecast)
        uint16 maximum = attestation.isValid ? validConfidence : uint16(Consensus.BPS);
        if (attestation.confidence > maximum) revert ConfidenceOutOfRange(attestation.confidence, maximum);
    }

    function _requireSignature(bytes32 digest, bytes calldata signature, address signingKey) private pure {
        (address recovered,,) = ECDSA.tryRecoverCalldata(digest, signature);
        if (recovered == address(0) || recovered != signingKey) revert InvalidSigner(recovered, signingKey);
    }

    function _openCommitment(
        bytes32 requestId,
        uint32 commitWindow,
        address operator,
        bytes32 attestationDigest,
        bytes32 operatorSalt
    ) private {
        uint256 closesAt = uint256(_requests[requestId].openedAt) + commitWindow;
        if (block.timestamp <= closesAt) revert CommitWindowOpen(closesAt);
        bytes32 commitment = _commitments[requestId][operator];
        if (commitment == 0 || commitment != keccak256(abi.encode(attestationDigest, operatorSalt))) {
            revert CommitmentMismatch(requestId, operator);
        }
        delete _commitments[requestId][operator];
    }

    function _count(Attestation calldata attestation, Voter memory voter, bool isValid) private {
        RequestState storage state = _requests[attestation.requestId];
        uint256 bit = 1 << voter.index;
        if ((state.validVotes | state.invalidVotes) & bit != 0) {
            revert AlreadyVoted(attestation.requestId, attestation.operator);
        }
        if (isValid) {
            state.validVotes |= bit;
            state.validWeight += voter.weight;
        } else {
            state.invalidVotes |= bit;
            state.invalidWeight += voter.weight;
        }
    }

    function _emitVote(Attestation calldata attestation, uint96 weight, bytes calldata signature, bool isCounted)
        private
    {
        emit VerificationSubmitted(
            attestation.requestId,
            attestation.operator,
            attestation.isValid,
            attestation.confidence,
            weight,
            attestation.evidenceDigest,
            signature,
            isCounted
        );
    }

    /// @dev Only the side that was just voted for can have come to a quorum.
    function _isDecidedBy(RequestState storage state, Job calldata job, bool isValid, uint256 totalWeight)
        private
        view
        returns (bool)
    {
        (uint256 weight, uint256 votes) =
            isValid ? (state.validWeight, state.validVotes) : (state.invalidWeight, state.invalidVotes);
        return Consensus.isQuorum(weight, totalWeight, job.quorumBps) && LibBit.popCount(votes) >= job.minAttestations;
    }

    // -- settlement

    /// @dev A decision at or before the deadline binds the request, whenever it is settled.
    function _isBoundByDecision(Request calldata request) private view returns (bool) {
        JobState storage jobState = _jobs[request.jobId];
        return jobState.status != Status.None && jobState.decidedAt <= request.deadline;
    }

    function _settleByDecision(bytes32 requestId, Request calldata request, Job calldata job)
        private
        returns (Status status)
    {
        status = _jobs[request.jobId].status;
        _finalize(requestId, request, job, status, operatorSet.getTotalWeight(request.referenceTimepoint));
    }

    function _decide(bytes32 requestId, Request calldata request, Job calldata job, Status status, uint256 totalWeight)
        private
        returns (Status)
    {
        RequestState storage state = _requests[requestId];
        JobState storage jobState = _jobs[request.jobId];
        bool isVerified = status == Status.Verified;
        uint8 response = isVerified ? Consensus.response(state.weightedConfidence, state.validWeight) : 0;
        bytes32 recordHash = keccak256(abi.encode(state.runningHash, status, response));
        jobState.status = status;
        jobState.response = response;
        jobState.decidedAt = uint40(block.timestamp);
        jobState.recordHash = recordHash;
        emit JobDecided(request.jobId, requestId, status, response, recordHash);
        if (jobState.consentedAt != 0) {
            AgentRecord storage agent = _agents[job.agentId];
            agent.totalJobs += 1;
            if (isVerified) agent.verifiedJobs += 1;
            modelRegistry.recordOutcome(job.modelVersionId, job.agentId, isVerified);
        }
        _finalize(requestId, request, job, status, totalWeight);
        return status;
    }

    /// @dev Nobody is called here: what is owed is credited. With a commit window the fee stays until the deadline has
    /// passed, since committed votes may still be revealed and earn.
    function _finalize(
        bytes32 requestId,
        Request calldata request,
        Job calldata job,
        Status status,
        uint256 totalWeight
    ) private {
        RequestState storage state = _requests[requestId];
        state.status = status;
        uint256 refund;
        if (status == Status.Verified) _creditEarnings(request.asset, job.payee, request.reward);
        else refund = request.reward;
        if (status == Status.Expired) {
            state.feeSettled = true;
            refund += request.verificationFee;
        } else if (request.commitWindow == 0 || block.timestamp > request.deadline) {
            state.feeSettled = true;
            refund += _unearnedFee(state, request, totalWeight);
        }
        _refund(request.asset, request.requester, refund, state.fromDeposit);
        uint8 response = status == Status.Verified ? _jobs[request.jobId].response : 0;
        emit RequestFinalized(requestId, request.jobId, status, response, state.runningHash);
    }

    /// @dev The fee less what the votes with the outcome earn. A total weight of zero has no votes.
    function _unearnedFee(RequestState storage state, Request calldata request, uint256 totalWeight)
        private
        view
        returns (uint256)
    {
        uint256 weight = state.status == Status.Verified ? state.validWeight : state.invalidWeight;
        if (weight == 0) return request.verificationFee;
        return request.verificationFee - Consensus.feeShare(request.verificationFee, weight, totalWeight);
    }

    function _claimFee(address operator, Request calldata request) private returns (uint256) {
        bytes32 requestId = hashRequest(request);
        RequestState storage state = _requests[requestId];
        Status status = state.status;
        if (status == Status.None || status == Status.Open) revert RequestNotFinal(requestId, status);
        if (status == Status.Expired) return 0;
        (Voter memory voter, uint96 totalWeight) = operatorSet.getVoter(operator, request.referenceTimepoint);
        if (!voter.canVote) return 0;
        uint256 bit = 1 << voter.index;
        if (status == Status.Verified) {
            if (state.validVotes & bit == 0) return 0;
            state.validVotes ^= bit;
        } else {
            if (state.invalidVotes & bit == 0) return 0;
            state.invalidVotes ^= bit;
        }
        return Consensus.feeShare(request.verificationFee, voter.weight, totalWeight);
    }

    function _creditFees(address operator, address asset, uint256 amount) private returns (uint256) {
        if (amount != 0) {
            _creditEarnings(asset, operator, amount);
            emit FeesClaimed(operator, asset, amount);
        }
        return amount;
    }

    // -- deployment

    /// @dev The registrar must already stand at `operatorSet` and support this address; the slasher must be its own.
    function _joinEigenLayer(AVSConfig memory config) private {
        _requireContract(config.slasher);
        address slashed = IEquivocationSlasher(config.slasher).avs();
        if (slashed != address(this)) revert SlasherMismatch(config.slasher, slashed);
        IAllocationManager manager = IAllocationManager(config.allocationManager);
        manager.updateAVSMetadataURI(address(this), config.metadataURI);
        manager.setAVSRegistrar(address(this), config.operatorSet);
        CreateSetParamsV2[] memory sets = new CreateSetParamsV2[](1);
        sets[0] = CreateSetParamsV2(config.operatorSetId, config.strategies, config.slasher);
        manager.createOperatorSets(address(this), sets);
        IKeyRegistrar(config.keyRegistrar)
            .configureOperatorSet(OperatorSet(address(this), config.operatorSetId), CURVE_ECDSA);
    }

    function _maxRequestLifetimeOf(address operatorSet_) private view returns (uint256) {
        _requireContract(operatorSet_);
        return IOperatorSet(operatorSet_).maxRequestLifetime();
    }

    function _requireContract(address account) private view {
        if (account.code.length == 0) revert ContractMissing(account);
    }
}
