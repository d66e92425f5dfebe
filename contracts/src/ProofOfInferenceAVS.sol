// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { LibBit } from "solady/utils/LibBit.sol";

import { Ledger } from "./Ledger.sol";
import { Openings } from "./Openings.sol";
import { Receipts } from "./Receipts.sol";
import { IEquivocationSlasher } from "./interfaces/IEquivocationSlasher.sol";
import { RequestTerms } from "./interfaces/IModelRegistry.sol";
import { Voter } from "./interfaces/IOperatorSet.sol";
import { IProofOfInferenceAVS, JobState, RequestState } from "./interfaces/IProofOfInferenceAVS.sol";
import { CreateSetParamsV2, IAllocationManager, OperatorSet } from "./interfaces/external/IAllocationManager.sol";
import { IKeyRegistrar } from "./interfaces/external/IKeyRegistrar.sol";
import { Consensus } from "./libraries/Consensus.sol";
import { Hashing } from "./libraries/Hashing.sol";
import { Problem } from "./libraries/Problem.sol";
import { Signatures } from "./libraries/Signatures.sol";
import { Attestation, Ballot, Certificate, Job, Opening, Request, Status, Vote } from "./types/DataTypes.sol";
import { JobRecord } from "./types/JobRecord.sol";
import { RequestRecord } from "./types/RequestRecord.sol";

/// @notice The AVS's parameters, fixed at deployment.
struct AVSConfig {
    address owner;
    address modelRegistry;
    address operatorSet;
    address identityRegistry;
    /// @dev ERC-8004's other registries; each zero where the chain has none.
    address validationRegistry;
    address reputationRegistry;
    /// @dev EigenLayer's AllocationManager, or zero where the chain has none; the rest is unused then.
    address allocationManager;
    address keyRegistrar;
    /// @dev The `IEquivocationSlasher` that alone may slash in the operator set.
    address slasher;
    uint32 operatorSetId;
    address[] strategies;
    string metadataURI;
}

/// @dev A request while a call deals with it, in memory.
struct Tally {
    bytes32 requestId;
    Request request;
    Job job;
    RequestState state;
    JobState jobState;
    bytes32 method;
    uint16 validConfidence;
    uint96 totalWeight;
    /// @dev What the votes came to: Verified or Rejected, or Open while neither side has a quorum.
    Status outcome;
    Counted[] votes;
}

/// @dev What became of a vote.
struct Counted {
    /// @dev Why it does not count; empty when it does.
    bytes problem;
    address operator;
    uint8 index;
    uint96 weight;
    /// @dev Whether it counts as valid.
    bool isValid;
    /// @dev False for a committed vote after the request was final, which only earns.
    bool isCounted;
}

/// @title Proof-of-Inference AVS
/// @notice Immutable: an upgrade is a new contract and operator set. The owner can pause new requests and set the
/// AVS's metadata, nothing else.
contract ProofOfInferenceAVS is IProofOfInferenceAVS, Ledger, Receipts {
    using Problem for bytes;

    /// @dev Added to the longest request to get the delay of a deposit's withdrawal.
    uint256 private constant DEPOSIT_WITHDRAWAL_MARGIN = 1 hours;
    uint8 private constant CURVE_ECDSA = 1;

    IAllocationManager private immutable _allocationManager;

    /// @dev One slot: totalJobs 0..63 | verifiedJobs 64..127.
    struct AgentRecord {
        uint64 totalJobs;
        uint64 verifiedJobs;
    }

    mapping(bytes32 requestId => RequestRecord) private _requests;
    mapping(bytes32 jobId => JobRecord) private _jobs;
    mapping(bytes32 requestId => mapping(address operator => bytes32)) private _commitments;
    mapping(uint256 agentId => AgentRecord) private _agents;

    constructor(AVSConfig memory config)
        Ledger(_maxRequestLifetimeOf(config.operatorSet) + DEPOSIT_WITHDRAWAL_MARGIN)
        Openings(config.owner, config.modelRegistry, config.operatorSet, config.identityRegistry)
        Receipts(config.validationRegistry, config.reputationRegistry)
    {
        _allocationManager = IAllocationManager(config.allocationManager);
        if (config.allocationManager != address(0)) _joinEigenLayer(config);
    }

    // -- requests

    /// @inheritdoc IProofOfInferenceAVS
    function requestInferenceVerification(Request calldata request, Job calldata job, Opening calldata opening)
        external
        payable
        nonReentrant
        returns (bytes32)
    {
        if (msg.sender != request.requester) revert NotRequester(msg.sender, request.requester);
        Tally memory tally = _load(request, job);
        if (tally.state.status != Status.None) revert RequestAlreadyOpened(tally.requestId);
        _checkJob(tally.request, tally.job).raise();
        if (tally.jobState.status != Status.None) {
            revert JobAlreadyDecided(request.jobId, tally.jobState.status);
        }
        (bytes memory problem,) = _checkOpening(tally.request, tally.job, tally.jobState.consentedAt);
        problem.raise();
        if (_needsConsent(tally)) {
            _checkConsent(request.jobId, tally.job, opening.consent).raise();
            _recordConsent(tally);
            _jobs[request.jobId].saveHead(tally.jobState);
        }
        _open(tally, opening.fromDeposit);
        _requests[tally.requestId].saveHead(tally.state);
        _publish(job.inputDigest, opening.input);
        _publish(job.outputDigest, opening.output);
        if (opening.fromDeposit) {
            if (msg.value != 0) revert IncorrectPayment(NATIVE, 0, msg.value);
            _checkDeposit(request.asset, request.requester, _amountOf(tally.request)).raise();
            _spendDeposit(request.asset, request.requester, _amountOf(tally.request));
        } else {
            _receiveExactly(request.asset, _amountOf(tally.request));
        }
        return tally.requestId;
    }

    /// @inheritdoc IProofOfInferenceAVS
    function recordConsent(Job calldata job, bytes calldata consent) external {
        Tally memory tally;
        tally.job = job;
        tally.request.jobId = _hashJob(tally.job);
        if (!job.hasAgent) revert InvalidAgent(false, job.agentId);
        tally.jobState = _jobs[tally.request.jobId].load();
        if (tally.jobState.consentedAt != 0) return;
        _checkConsent(tally.request.jobId, tally.job, consent).raise();
        _recordConsent(tally);
        _jobs[tally.request.jobId].saveHead(tally.jobState);
    }

    /// @inheritdoc IProofOfInferenceAVS
    function settleRequest(Request calldata request, Job calldata job) external returns (Status) {
        Tally memory tally = _load(request, job);
        _checkJob(tally.request, tally.job).raise();
        if (tally.state.status != Status.Open) revert RequestNotOpen(tally.requestId, tally.state.status);
        if (!_settleByDecision(tally)) {
            if (block.timestamp <= request.deadline) revert RequestNotSettleable(tally.requestId, request.deadline);
            _finalize(tally, Status.Expired);
        }
        _save(tally);
        return tally.state.status;
    }

    // -- votes

    /// @inheritdoc IProofOfInferenceAVS
    function commitVerification(Request calldata request, address operator, bytes32 commitment) external {
        bytes32 requestId = hashRequest(request);
        RequestState memory state = _requests[requestId].load();
        if (state.status != Status.Open) revert RequestNotOpen(requestId, state.status);
        Status decision = _jobs[request.jobId].load().status;
        if (decision != Status.None) revert JobAlreadyDecided(request.jobId, decision);
        uint256 closesAt = uint256(state.openedAt) + request.commitWindow;
        if (request.commitWindow == 0 || block.timestamp > closesAt) revert CommitWindowClosed(closesAt);
        (Voter memory voter,) = operatorSet.getVoter(operator, request.referenceTimepoint);
        if (!voter.canVote) revert OperatorCannotVote(operator, request.referenceTimepoint);
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
        Tally memory tally = _load(request, job);
        _begin(tally).raise();
        if (attestation.requestId != tally.requestId) {
            revert AttestationMismatch(tally.requestId, attestation.requestId);
        }
        if (attestation.method != tally.method) revert MethodMismatch(tally.method, attestation.method);
        Vote[] memory votes = new Vote[](1);
        votes[0].operator = attestation.operator;
        votes[0].isValid = attestation.isValid;
        votes[0].confidence = attestation.confidence;
        votes[0].evidenceDigest = attestation.evidenceDigest;
        (votes[0].r, votes[0].vs) = Signatures.compact(signature);
        bytes32[] memory operatorSalts = new bytes32[](1);
        operatorSalts[0] = operatorSalt;
        _count(tally, votes, operatorSalts);
        tally.votes[0].problem.raise();
        _emitVotes(tally, votes);
        _conclude(tally);
        return tally.state.status;
    }

    /// @inheritdoc IProofOfInferenceAVS
    function submitVerifications(Ballot[] calldata ballots) external returns (Status[] memory statuses) {
        statuses = new Status[](ballots.length);
        for (uint256 i = 0; i < ballots.length; ++i) {
            uint256 memoryPointer = _getMemoryPointer();
            Tally memory tally = _load(ballots[i].request, ballots[i].job);
            bytes memory problem = _countBallot(tally, ballots[i].votes, ballots[i].operatorSalts);
            if (problem.length != 0) emit RequestSkipped(tally.requestId, problem);
            statuses[i] = tally.state.status;
            _setMemoryPointer(memoryPointer);
        }
    }

    // -- certificates

    /// @inheritdoc IProofOfInferenceAVS
    function settleCertificates(Certificate[] calldata certificates) external returns (Status[] memory statuses) {
        statuses = new Status[](certificates.length);
        for (uint256 i = 0; i < certificates.length; ++i) {
            uint256 memoryPointer = _getMemoryPointer();
            Tally memory tally = _load(certificates[i].request, certificates[i].job);
            bytes memory problem = _settleCertificate(tally, certificates[i]);
            if (problem.length != 0) emit RequestSkipped(tally.requestId, problem);
            statuses[i] = tally.state.status;
            _setMemoryPointer(memoryPointer);
        }
    }

    // -- canaries

    /// @inheritdoc IProofOfInferenceAVS
    function revealCanary(Job calldata job, bool isValid, bytes32 secret) external {
        bytes32 salt = Hashing.canarySalt(isValid, secret);
        if (salt != job.salt) revert CanaryMismatch(salt, job.salt);
        emit CanaryRevealed(hashJob(job), isValid);
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
        Tally memory tally;
        tally.request = request;
        tally.requestId = _hashRequest(tally.request);
        tally.state = _requests[tally.requestId].load();
        Status status = tally.state.status;
        if (status == Status.None || status == Status.Open) revert RequestNotFinal(tally.requestId, status);
        if (tally.state.feeSettled) return 0;
        if (block.timestamp <= request.deadline) revert RequestNotSettleable(tally.requestId, request.deadline);
        tally.state.feeSettled = true;
        _requests[tally.requestId].saveHead(tally.state);
        tally.totalWeight = operatorSet.getTotalWeight(request.referenceTimepoint);
        amount = _unearnedFee(tally);
        _refund(request.asset, request.requester, amount, tally.state.fromDeposit);
        emit UnearnedFeeReleased(tally.requestId, amount);
    }

    // -- owner

    /// @inheritdoc IProofOfInferenceAVS
    function setMetadataURI(string calldata metadataURI) external onlyOwner {
        _requireContract(address(_allocationManager));
        _allocationManager.updateAVSMetadataURI(address(this), metadataURI);
    }

    // -- reading

    /// @inheritdoc IProofOfInferenceAVS
    function getRequestState(bytes32 requestId) external view returns (RequestState memory) {
        return _requests[requestId].load();
    }

    /// @inheritdoc IProofOfInferenceAVS
    function getJobState(bytes32 jobId) external view returns (JobState memory state) {
        state = _jobs[jobId].load();
        state.recordHash = _jobs[jobId].recordHash;
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

    /// @dev What receipts say of a job.
    function _decisionOf(bytes32 jobId) internal view override returns (Status, uint8, bytes32) {
        JobState memory state = _jobs[jobId].load();
        return (state.status, state.response, _jobs[jobId].recordHash);
    }

    // -- opening

    function _load(Request calldata request, Job calldata job) private view returns (Tally memory tally) {
        tally.request = request;
        tally.job = job;
        tally.requestId = _hashRequest(tally.request);
        tally.state = _requests[tally.requestId].load();
        tally.jobState = _jobs[request.jobId].load();
    }

    /// @dev Stores what is left to remember of a request that has a record.
    function _save(Tally memory tally) private {
        _requests[tally.requestId].save(tally.state);
    }

    function _open(Tally memory tally, bool fromDeposit) private {
        tally.state.status = Status.Open;
        tally.state.fromDeposit = fromDeposit;
        tally.state.openedAt = uint40(block.timestamp);
        emit InferenceVerificationRequested(
            tally.requestId, tally.request.jobId, tally.request.requester, tally.request, tally.job, fromDeposit
        );
    }

    function _needsConsent(Tally memory tally) private pure returns (bool) {
        return tally.job.hasAgent && tally.jobState.consentedAt == 0;
    }

    function _recordConsent(Tally memory tally) private {
        tally.jobState.consentedAt = uint40(block.timestamp);
        emit ConsentRecorded(tally.request.jobId, tally.job.agentId, tally.job.payee);
    }

    function _amountOf(Request memory request) private pure returns (uint256) {
        return uint256(request.reward) + request.verificationFee;
    }

    // -- certificates, one by one

    function _settleCertificate(Tally memory tally, Certificate calldata certificate)
        private
        returns (bytes memory problem)
    {
        if (tally.request.commitWindow != 0) {
            return Problem.encode(InvalidCommitWindow.selector, tally.request.commitWindow, tally.request.deadline);
        }
        if (tally.state.status == Status.Open) return _countBallot(tally, certificate.votes, new bytes32[](0));
        problem = _checkCertificate(tally, certificate);
        if (problem.length != 0) return problem;

        if (tally.jobState.status != Status.None) {
            // Another request decided the job. This one is recorded, so that it cannot be settled again.
            _spendDeposit(tally.request.asset, tally.request.requester, _amountOf(tally.request));
            _open(tally, true);
            _settleByDecision(tally);
            _save(tally);
            return problem;
        }
        bool needsConsent = _needsConsent(tally);
        tally.outcome = Status.Open;
        Vote[] memory votes = certificate.votes;
        _count(tally, votes, new bytes32[](0));
        if (tally.outcome == Status.Open) return _quorumNotReached(tally);
        _spendDeposit(tally.request.asset, tally.request.requester, _amountOf(tally.request));
        if (needsConsent) _recordConsent(tally);
        _open(tally, true);
        _emitVotes(tally, votes);
        _decide(tally);
    }

    /// @dev All but the votes.
    function _checkCertificate(Tally memory tally, Certificate calldata certificate)
        private
        view
        returns (bytes memory problem)
    {
        Request memory request = tally.request;
        if (tally.state.status != Status.None) return _notOpen(tally.requestId, tally.state.status);
        problem = _checkJob(request, tally.job);
        if (problem.length != 0) return problem;
        // forge-lint: disable-next-line(unsafe-typecast)
        if (tally.jobState.status != Status.None && tally.jobState.decidedBy == uint160(uint256(tally.requestId))) {
            tally.state.status = tally.jobState.status;
            return _notOpen(tally.requestId, tally.state.status);
        }
        RequestTerms memory terms;
        (problem, terms) = _checkOpening(request, tally.job, tally.jobState.consentedAt);
        if (problem.length != 0) return problem;
        tally.method = terms.methodId;
        tally.validConfidence = terms.validConfidence;
        if (!Signatures.isValid(request.requester, tally.requestId, certificate.requesterSignature)) {
            return
                Problem.encode(InvalidRequesterSignature.selector, uint256(tally.requestId), uint160(request.requester));
        }
        problem = _checkDeposit(request.asset, request.requester, _amountOf(request));
        if (problem.length != 0 || !_needsConsent(tally)) return problem;
        return _checkConsent(request.jobId, tally.job, certificate.consent);
    }

    function _quorumNotReached(Tally memory tally) private view returns (bytes memory) {
        return Problem.encode(
            QuorumNotReached.selector,
            uint256(tally.requestId),
            tally.state.validWeight,
            tally.state.invalidWeight,
            operatorSet.getTotalWeight(tally.request.referenceTimepoint)
        );
    }

    // -- counting votes

    function _countBallot(Tally memory tally, Vote[] memory votes, bytes32[] memory operatorSalts)
        private
        returns (bytes memory problem)
    {
        if (operatorSalts.length != (tally.request.commitWindow == 0 ? 0 : votes.length)) {
            return Problem.encode(OperatorSaltsMismatch.selector, votes.length, operatorSalts.length);
        }
        problem = _begin(tally);
        if (problem.length != 0) return problem;
        _count(tally, votes, operatorSalts);
        _emitVotes(tally, votes);
        _conclude(tally);
    }

    /// @dev Settles the request first if another one decided its job. Once final, only votes that were committed in
    /// time still count, for their fee.
    function _begin(Tally memory tally) private returns (bytes memory problem) {
        problem = _checkJob(tally.request, tally.job);
        if (problem.length != 0) return problem;
        if (tally.state.status == Status.None) return _notOpen(tally.requestId, Status.None);
        if (block.timestamp > tally.request.deadline) {
            return Problem.encode(RequestDeadlinePassed.selector, uint256(tally.requestId), tally.request.deadline);
        }
        if (tally.state.status == Status.Open && _settleByDecision(tally)) _save(tally);
        tally.outcome = tally.state.status;
        if (tally.outcome != Status.Open && tally.request.commitWindow == 0) {
            return _notOpen(tally.requestId, tally.outcome);
        }
        (tally.method, tally.validConfidence) = modelRegistry.getVersionMethod(tally.job.modelVersionId);
    }

    function _count(Tally memory tally, Vote[] memory votes, bytes32[] memory operatorSalts) private {
        tally.votes = new Counted[](votes.length);
        for (uint256 i = 0; i < votes.length; ++i) {
            tally.votes[i] = _countVote(tally, votes[i], operatorSalts.length == 0 ? bytes32(0) : operatorSalts[i]);
        }
    }

    function _countVote(Tally memory tally, Vote memory vote, bytes32 operatorSalt)
        private
        returns (Counted memory counted)
    {
        if (tally.outcome != Status.Open && tally.request.commitWindow == 0) {
            counted.problem = _notOpen(tally.requestId, tally.outcome);
            return counted;
        }
        bytes32 digest = _hashTypedData(Hashing.structHash(tally.requestId, vote, tally.method));
        if (tally.request.commitWindow != 0) {
            counted.problem = _checkCommitment(tally, vote.operator, digest, operatorSalt);
            if (counted.problem.length != 0) return counted;
        }
        _checkVote(tally, vote, digest, counted);
        if (counted.problem.length != 0) return counted;
        if (tally.request.commitWindow != 0) delete _commitments[tally.requestId][vote.operator];

        RequestState memory state = tally.state;
        counted.operator = vote.operator;
        counted.isValid = vote.isValid && vote.confidence >= tally.job.minConfidence;
        counted.isCounted = tally.outcome == Status.Open;
        if (counted.isValid) {
            state.validVotes |= 1 << counted.index;
            state.validWeight += counted.weight;
        } else {
            state.invalidVotes |= 1 << counted.index;
            state.invalidWeight += counted.weight;
        }
        if (!counted.isCounted) return counted;
        state.runningHash = keccak256(abi.encode(state.runningHash, digest));
        if (counted.isValid) {
            state.confidenceShortfall += uint112(counted.weight) * (tally.validConfidence - vote.confidence);
        }
        if (!_isQuorum(tally, counted.isValid)) return counted;
        tally.outcome = counted.isValid ? Status.Verified : Status.Rejected;
        // Now, since later votes of the call may still add their weight, for their fee.
        if (counted.isValid) {
            tally.jobState.response =
                Consensus.response(tally.validConfidence, state.confidenceShortfall, state.validWeight);
        }
    }

    /// @dev Only the side that was just voted for can have come to a quorum.
    function _isQuorum(Tally memory tally, bool isValid) private pure returns (bool) {
        uint256 weight = isValid ? tally.state.validWeight : tally.state.invalidWeight;
        uint256 votes = isValid ? tally.state.validVotes : tally.state.invalidVotes;
        return Consensus.isQuorum(weight, tally.totalWeight, tally.job.quorumBps)
            && LibBit.popCount(votes) >= tally.job.minAttestations;
    }

    /// @dev Sets `counted`'s index and weight, or its problem.
    function _checkVote(Tally memory tally, Vote memory vote, bytes32 digest, Counted memory counted) private view {
        // forge-lint: disable-next-line(unsafe-typecast)
        uint16 maximum = vote.isValid ? tally.validConfidence : uint16(Consensus.BPS);
        if (vote.confidence > maximum) {
            counted.problem = Problem.encode(ConfidenceOutOfRange.selector, vote.confidence, maximum);
            return;
        }
        Voter memory voter;
        (voter, tally.totalWeight) = operatorSet.getVoter(vote.operator, tally.request.referenceTimepoint);
        if (!voter.canVote || voter.weight == 0) {
            counted.problem =
                Problem.encode(OperatorCannotVote.selector, uint160(vote.operator), tally.request.referenceTimepoint);
            return;
        }
        address recovered = Signatures.recover(digest, vote.r, vote.vs);
        if (recovered == address(0) || recovered != voter.signingKey) {
            counted.problem = Problem.encode(InvalidSigner.selector, uint160(recovered), uint160(voter.signingKey));
            return;
        }
        if ((tally.state.validVotes | tally.state.invalidVotes) >> voter.index & 1 != 0) {
            counted.problem = Problem.encode(AlreadyVoted.selector, uint256(tally.requestId), uint160(vote.operator));
            return;
        }
        counted.index = voter.index;
        counted.weight = voter.weight;
    }

    function _checkCommitment(Tally memory tally, address operator, bytes32 attestationDigest, bytes32 operatorSalt)
        private
        view
        returns (bytes memory problem)
    {
        uint256 closesAt = uint256(tally.state.openedAt) + tally.request.commitWindow;
        if (block.timestamp <= closesAt) return Problem.encode(CommitWindowOpen.selector, closesAt);
        bytes32 commitment = _commitments[tally.requestId][operator];
        if (commitment == 0 || commitment != keccak256(abi.encode(attestationDigest, operatorSalt))) {
            return Problem.encode(CommitmentMismatch.selector, uint256(tally.requestId), uint160(operator));
        }
    }

    function _notOpen(bytes32 requestId, Status status) private pure returns (bytes memory) {
        return Problem.encode(RequestNotOpen.selector, uint256(requestId), uint8(status));
    }

    function _emitVotes(Tally memory tally, Vote[] memory votes) private {
        for (uint256 i = 0; i < votes.length; ++i) {
            Vote memory vote = votes[i];
            Counted memory counted = tally.votes[i];
            if (counted.problem.length != 0) {
                emit VerificationSkipped(tally.requestId, vote.operator, counted.problem);
                continue;
            }
            emit VerificationSubmitted(
                tally.requestId,
                vote.operator,
                vote.isValid,
                vote.confidence,
                counted.weight,
                vote.evidenceDigest,
                vote.r,
                vote.vs,
                counted.isCounted
            );
        }
    }

    // -- settlement

    /// @dev A decision at or before the deadline binds the request, whenever it is settled. Returns whether one does.
    function _settleByDecision(Tally memory tally) private returns (bool) {
        JobState memory jobState = tally.jobState;
        if (jobState.status == Status.None || jobState.decidedAt > tally.request.deadline) return false;
        tally.totalWeight = operatorSet.getTotalWeight(tally.request.referenceTimepoint);
        _finalize(tally, jobState.status);
        return true;
    }

    /// @dev Decides the request if this call's votes came to a quorum, and stores what is left to remember of it.
    function _conclude(Tally memory tally) private {
        if (tally.state.status == Status.Open && tally.outcome != Status.Open) _decide(tally);
        _save(tally);
    }

    function _decide(Tally memory tally) private {
        JobState memory jobState = tally.jobState;
        RequestState memory state = tally.state;
        bytes32 jobId = tally.request.jobId;
        bool isVerified = tally.outcome == Status.Verified;
        jobState.status = tally.outcome;
        jobState.decidedAt = uint40(block.timestamp);
        // forge-lint: disable-next-line(unsafe-typecast)
        jobState.decidedBy = uint160(uint256(tally.requestId));
        bytes32 recordHash = keccak256(abi.encode(state.runningHash, jobState.status, jobState.response));
        _jobs[jobId].saveHead(jobState);
        _jobs[jobId].recordHash = recordHash;
        emit JobDecided(jobId, tally.requestId, jobState.status, jobState.response, recordHash);
        if (jobState.consentedAt != 0) {
            AgentRecord storage agent = _agents[tally.job.agentId];
            agent.totalJobs += 1;
            if (isVerified) agent.verifiedJobs += 1;
            modelRegistry.recordOutcome(tally.job.modelVersionId, tally.job.agentId, isVerified);
        }
        _finalize(tally, jobState.status);
        _payAtOnce(tally);
    }

    /// @dev The winning votes of the call that makes a request final are paid at once, and none of its votes needs to
    /// be remembered.
    function _payAtOnce(Tally memory tally) private {
        bool isVerified = tally.outcome == Status.Verified;
        for (uint256 i = 0; i < tally.votes.length; ++i) {
            Counted memory vote = tally.votes[i];
            if (vote.problem.length != 0) continue;
            tally.state.validVotes &= ~(1 << vote.index);
            tally.state.invalidVotes &= ~(1 << vote.index);
            if (vote.isValid != isVerified) continue;
            uint256 share = Consensus.feeShare(tally.request.verificationFee, vote.weight, tally.totalWeight);
            _creditEarnings(tally.request.asset, vote.operator, share);
        }
    }

    /// @dev Nobody is called here: what is owed is credited. With a commit window the fee stays until the deadline has
    /// passed, since committed votes may still be revealed and earn.
    function _finalize(Tally memory tally, Status status) private {
        Request memory request = tally.request;
        RequestState memory state = tally.state;
        state.status = status;
        uint256 refund;
        if (status == Status.Verified) _creditEarnings(request.asset, tally.job.payee, request.reward);
        else refund = request.reward;
        if (status == Status.Expired) {
            state.feeSettled = true;
            refund += request.verificationFee;
        } else if (request.commitWindow == 0 || block.timestamp > request.deadline) {
            state.feeSettled = true;
            refund += _unearnedFee(tally);
        }
        _refund(request.asset, request.requester, refund, state.fromDeposit);
        uint8 response = status == Status.Verified ? tally.jobState.response : 0;
        emit RequestFinalized(tally.requestId, request.jobId, status, response, state.runningHash);
        state.runningHash = 0;
        state.confidenceShortfall = 0;
    }

    /// @dev The fee less what the votes with the outcome earn. A total weight of zero has no votes.
    function _unearnedFee(Tally memory tally) private pure returns (uint256) {
        RequestState memory state = tally.state;
        uint256 fee = tally.request.verificationFee;
        uint256 weight = state.status == Status.Verified ? state.validWeight : state.invalidWeight;
        return weight == 0 ? fee : fee - Consensus.feeShare(fee, weight, tally.totalWeight);
    }

    function _claimFee(address operator, Request calldata request) private returns (uint256) {
        bytes32 requestId = hashRequest(request);
        RequestRecord storage record = _requests[requestId];
        Status status = record.status();
        if (status == Status.None || status == Status.Open) revert RequestNotFinal(requestId, status);
        if (status == Status.Expired) return 0;
        (Voter memory voter, uint96 totalWeight) = operatorSet.getVoter(operator, request.referenceTimepoint);
        if (!voter.canVote) return 0;
        uint256 bit = 1 << voter.index;
        if (status == Status.Verified) {
            if (record.validVotes & bit == 0) return 0;
            record.validVotes ^= bit;
        } else {
            if (record.invalidVotes & bit == 0) return 0;
            record.invalidVotes ^= bit;
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

    // -- memory

    /// @dev Where memory is free. Going back to it after each of many requests keeps memory, whose cost grows with the
    /// square of its size, to what one request needs.
    function _getMemoryPointer() private pure returns (uint256 pointer) {
        assembly ("memory-safe") {
            pointer := mload(0x40)
        }
    }

    function _setMemoryPointer(uint256 pointer) private pure {
        assembly ("memory-safe") {
            mstore(0x40, pointer)
        }
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
}
