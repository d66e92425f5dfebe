// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { LibBit } from "solady/utils/LibBit.sol";

import { Ledger } from "./Ledger.sol";
import { Openings } from "./Openings.sol";
import { RequestTerms } from "./interfaces/IModelRegistry.sol";
import { Voter } from "./interfaces/IOperatorSet.sol";
import { IProofOfInferenceAVS, JobState, RequestState } from "./interfaces/IProofOfInferenceAVS.sol";
import { CreateSetParams, IAllocationManager, OperatorSet } from "./interfaces/external/IAllocationManager.sol";
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
    /// @dev EigenLayer's AllocationManager, or zero where the chain has none; the rest is unused then.
    address allocationManager;
    address keyRegistrar;
    uint32 operatorSetId;
    address[] strategies;
    string metadataURI;
}

/// @dev A request while votes on it are counted, in memory.
struct Count {
    bytes32 requestId;
    bytes32 method;
    uint16 validConfidence;
    uint96 totalWeight;
    RequestState state;
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
contract ProofOfInferenceAVS is IProofOfInferenceAVS, Ledger, Openings {
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
        returns (bytes32 requestId)
    {
        if (msg.sender != request.requester) revert NotRequester(msg.sender, request.requester);
        requestId = hashRequest(request);
        RequestRecord storage record = _requests[requestId];
        if (record.status() != Status.None) revert RequestAlreadyOpened(requestId);
        _checkJob(request, job).raise();
        JobState memory jobState = _jobs[request.jobId].load();
        if (jobState.status != Status.None) revert JobAlreadyDecided(request.jobId, jobState.status);
        (bytes memory problem,) = _checkOpening(request, job, jobState.consentedAt);
        problem.raise();
        if (job.hasAgent && jobState.consentedAt == 0) {
            _checkConsent(request.jobId, job, opening.consent).raise();
            _recordConsent(request.jobId, job, jobState);
            _jobs[request.jobId].saveHead(jobState);
        }

        RequestState memory state = _opened(opening.fromDeposit);
        record.saveHead(state);
        _emitRequested(requestId, request, job, opening.fromDeposit);
        _publish(job.inputDigest, opening.input);
        _publish(job.outputDigest, opening.output);

        uint256 amount = uint256(request.reward) + request.verificationFee;
        if (opening.fromDeposit) {
            if (msg.value != 0) revert IncorrectPayment(NATIVE, 0, msg.value);
            _checkDeposit(request.asset, request.requester, amount).raise();
            _spendDeposit(request.asset, request.requester, amount);
        } else {
            _receiveExactly(request.asset, amount);
        }
    }

    /// @inheritdoc IProofOfInferenceAVS
    function recordConsent(Job calldata job, bytes calldata consent) external {
        bytes32 jobId = hashJob(job);
        if (!job.hasAgent) revert InvalidAgent(false, job.agentId);
        JobState memory jobState = _jobs[jobId].load();
        if (jobState.consentedAt != 0) return;
        _checkConsent(jobId, job, consent).raise();
        _recordConsent(jobId, job, jobState);
        _jobs[jobId].saveHead(jobState);
    }

    /// @inheritdoc IProofOfInferenceAVS
    function settleRequest(Request calldata request, Job calldata job) external returns (Status) {
        bytes32 requestId = hashRequest(request);
        _checkJob(request, job).raise();
        Status status = _requests[requestId].status();
        if (status != Status.Open) revert RequestNotOpen(requestId, status);
        if (_isBoundByDecision(request)) return _settleByDecision(requestId, request, job);
        if (block.timestamp <= request.deadline) revert RequestNotSettleable(requestId, request.deadline);
        _finalizeRecord(requestId, request, job, Status.Expired, 0, 0);
        return Status.Expired;
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
        bytes32 requestId = hashRequest(request);
        (bytes memory problem, Count memory count) = _begin(requestId, request, job);
        problem.raise();
        if (attestation.requestId != requestId) revert AttestationMismatch(requestId, attestation.requestId);
        count.votes = new Counted[](1);
        if (attestation.method != count.method) revert MethodMismatch(count.method, attestation.method);
        RequestState memory before = _requests[requestId].load();
        (bytes32 r, bytes32 vs) = Signatures.compact(signature);
        Vote memory vote = Vote({
            operator: attestation.operator,
            isValid: attestation.isValid,
            confidence: attestation.confidence,
            evidenceDigest: attestation.evidenceDigest,
            r: r,
            vs: vs
        });
        _count(count, count.votes[0], request, job, vote, operatorSalt);
        count.votes[0].problem.raise();
        _emitVote(requestId, count.votes[0], vote);
        return _conclude(count, request, job, before);
    }

    /// @inheritdoc IProofOfInferenceAVS
    function submitVerifications(Ballot[] calldata ballots) external returns (Status[] memory statuses) {
        statuses = new Status[](ballots.length);
        for (uint256 i = 0; i < ballots.length; ++i) {
            Ballot calldata ballot = ballots[i];
            bytes32 requestId = hashRequest(ballot.request);
            bytes memory problem;
            (problem, statuses[i]) =
                _countBallot(requestId, ballot.request, ballot.job, ballot.votes, ballot.operatorSalts);
            if (problem.length != 0) emit RequestSkipped(requestId, problem);
        }
    }

    // -- certificates

    /// @inheritdoc IProofOfInferenceAVS
    function settleCertificates(Certificate[] calldata certificates) external returns (Status[] memory statuses) {
        statuses = new Status[](certificates.length);
        for (uint256 i = 0; i < certificates.length; ++i) {
            bytes32 requestId = hashRequest(certificates[i].request);
            bytes memory problem;
            (problem, statuses[i]) = _settleCertificate(requestId, certificates[i]);
            if (problem.length != 0) emit RequestSkipped(requestId, problem);
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
        bytes32 requestId = hashRequest(request);
        RequestState memory state = _requests[requestId].load();
        if (state.status == Status.None || state.status == Status.Open) {
            revert RequestNotFinal(requestId, state.status);
        }
        if (state.feeSettled) return 0;
        if (block.timestamp <= request.deadline) revert RequestNotSettleable(requestId, request.deadline);
        state.feeSettled = true;
        _requests[requestId].saveHead(state);
        amount = _unearnedFee(state, request, operatorSet.getTotalWeight(request.referenceTimepoint));
        _refund(request.asset, request.requester, amount, state.fromDeposit);
        emit UnearnedFeeReleased(requestId, amount);
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

    // -- opening

    function _opened(bool fromDeposit) private view returns (RequestState memory state) {
        state.status = Status.Open;
        state.fromDeposit = fromDeposit;
        state.openedAt = uint40(block.timestamp);
    }

    function _emitRequested(bytes32 requestId, Request calldata request, Job calldata job, bool fromDeposit) private {
        emit InferenceVerificationRequested(requestId, request.jobId, request.requester, request, job, fromDeposit);
    }

    // -- certificates, one by one

    function _settleCertificate(bytes32 requestId, Certificate calldata certificate)
        private
        returns (bytes memory problem, Status status)
    {
        Request calldata request = certificate.request;
        Job calldata job = certificate.job;
        status = _requests[requestId].status();
        if (status != Status.None && status != Status.Open) {
            return (Problem.encode(RequestNotOpen.selector, uint256(requestId), uint8(status)), status);
        }
        if (request.commitWindow != 0) {
            return (Problem.encode(InvalidCommitWindow.selector, request.commitWindow, request.deadline), status);
        }
        if (status == Status.Open) return _countBallot(requestId, request, job, certificate.votes, new bytes32[](0));

        problem = _checkJob(request, job);
        if (problem.length != 0) return (problem, status);
        JobState memory jobState = _jobs[request.jobId].load();
        // forge-lint: disable-next-line(unsafe-typecast)
        if (jobState.status != Status.None && jobState.decidedBy == uint160(uint256(requestId))) {
            return
                (Problem.encode(RequestNotOpen.selector, uint256(requestId), uint8(jobState.status)), jobState.status);
        }
        RequestTerms memory terms;
        (problem, terms) = _checkOpening(request, job, jobState.consentedAt);
        if (problem.length == 0) problem = _checkPayer(requestId, request, certificate.requesterSignature);
        if (problem.length != 0) return (problem, status);
        if (jobState.status != Status.None) return ("", _settleDecided(requestId, request, job));

        bool needsConsent = job.hasAgent && jobState.consentedAt == 0;
        if (needsConsent) problem = _checkConsent(request.jobId, job, certificate.consent);
        if (problem.length != 0) return (problem, status);
        Count memory count = Count({
            requestId: requestId,
            method: terms.methodId,
            validConfidence: terms.validConfidence,
            totalWeight: 0,
            state: _opened(true),
            outcome: Status.Open,
            votes: new Counted[](certificate.votes.length)
        });
        _countAll(count, request, job, certificate.votes, new bytes32[](0));
        if (count.outcome == Status.Open) {
            return (_quorumNotReached(count, request.referenceTimepoint), status);
        }
        if (needsConsent) _recordConsent(request.jobId, job, jobState);
        _emitRequested(requestId, request, job, true);
        _emitAll(count, certificate.votes);
        _spendDeposit(request.asset, request.requester, uint256(request.reward) + request.verificationFee);
        _decide(count, request, job, jobState);
        return ("", count.outcome);
    }

    function _checkPayer(bytes32 requestId, Request calldata request, bytes calldata signature)
        private
        view
        returns (bytes memory)
    {
        if (!Signatures.isValid(request.requester, requestId, signature)) {
            return Problem.encode(InvalidRequesterSignature.selector, uint256(requestId), uint160(request.requester));
        }
        return _checkDeposit(request.asset, request.requester, uint256(request.reward) + request.verificationFee);
    }

    /// @dev Opens a request of a job that another request decided, and settles it by that. It is recorded, so that it
    /// cannot be settled again.
    function _settleDecided(bytes32 requestId, Request calldata request, Job calldata job) private returns (Status) {
        _emitRequested(requestId, request, job, true);
        _spendDeposit(request.asset, request.requester, uint256(request.reward) + request.verificationFee);
        RequestState memory state = _opened(true);
        _requests[requestId].saveHead(state);
        return _settleByDecision(requestId, request, job);
    }

    function _quorumNotReached(Count memory count, uint48 referenceTimepoint) private view returns (bytes memory) {
        return Problem.encode(
            QuorumNotReached.selector,
            uint256(count.requestId),
            count.state.validWeight,
            count.state.invalidWeight,
            operatorSet.getTotalWeight(referenceTimepoint)
        );
    }

    // -- counting votes

    function _countBallot(
        bytes32 requestId,
        Request calldata request,
        Job calldata job,
        Vote[] calldata votes,
        bytes32[] memory operatorSalts
    ) private returns (bytes memory problem, Status status) {
        if (operatorSalts.length != (request.commitWindow == 0 ? 0 : votes.length)) {
            problem = Problem.encode(OperatorSaltsMismatch.selector, votes.length, operatorSalts.length);
            return (problem, _requests[requestId].status());
        }
        Count memory count;
        (problem, count) = _begin(requestId, request, job);
        if (problem.length != 0) return (problem, _requests[requestId].status());
        RequestState memory before = _requests[requestId].load();
        count.votes = new Counted[](votes.length);
        _countAll(count, request, job, votes, operatorSalts);
        _emitAll(count, votes);
        return ("", _conclude(count, request, job, before));
    }

    /// @dev Settles the request first if another one decided its job. Once final, only votes that were committed in
    /// time still count, for their fee.
    function _begin(bytes32 requestId, Request calldata request, Job calldata job)
        private
        returns (bytes memory problem, Count memory count)
    {
        problem = _checkJob(request, job);
        if (problem.length != 0) return (problem, count);
        Status status = _requests[requestId].status();
        if (status == Status.None) return (_notOpen(requestId, status), count);
        if (block.timestamp > request.deadline) {
            return (Problem.encode(RequestDeadlinePassed.selector, uint256(requestId), request.deadline), count);
        }
        if (status == Status.Open && _isBoundByDecision(request)) status = _settleByDecision(requestId, request, job);
        if (status != Status.Open && request.commitWindow == 0) return (_notOpen(requestId, status), count);
        count.requestId = requestId;
        count.outcome = status;
        count.state = _requests[requestId].load();
        (count.method, count.validConfidence) = modelRegistry.getVersionMethod(job.modelVersionId);
    }

    function _countAll(
        Count memory count,
        Request calldata request,
        Job calldata job,
        Vote[] calldata votes,
        bytes32[] memory operatorSalts
    ) private {
        for (uint256 i = 0; i < votes.length; ++i) {
            _count(
                count, count.votes[i], request, job, votes[i], request.commitWindow == 0 ? bytes32(0) : operatorSalts[i]
            );
        }
    }

    /// @dev Counts one vote, or says in `counted` why not.
    function _count(
        Count memory count,
        Counted memory counted,
        Request calldata request,
        Job calldata job,
        Vote memory vote,
        bytes32 operatorSalt
    ) private {
        if (count.outcome != Status.Open && request.commitWindow == 0) {
            counted.problem = _notOpen(count.requestId, count.outcome);
            return;
        }
        bytes32 digest = _hashTypedData(Hashing.structHash(count.requestId, vote, count.method));
        Voter memory voter;
        (counted.problem, voter) = _checkVote(count, request, vote, digest, operatorSalt);
        if (counted.problem.length != 0) return;
        if (request.commitWindow != 0) delete _commitments[count.requestId][vote.operator];

        RequestState memory state = count.state;
        counted.operator = vote.operator;
        counted.index = voter.index;
        counted.weight = voter.weight;
        counted.isValid = vote.isValid && vote.confidence >= job.minConfidence;
        counted.isCounted = count.outcome == Status.Open;
        if (counted.isValid) {
            state.validVotes |= 1 << voter.index;
            state.validWeight += voter.weight;
        } else {
            state.invalidVotes |= 1 << voter.index;
            state.invalidWeight += voter.weight;
        }
        if (!counted.isCounted) return;
        state.runningHash = keccak256(abi.encode(state.runningHash, digest));
        if (counted.isValid) {
            state.confidenceShortfall += uint112(voter.weight) * (count.validConfidence - vote.confidence);
        }
        // Only the side that was just voted for can have come to a quorum.
        (uint256 weight, uint256 side) =
            counted.isValid ? (state.validWeight, state.validVotes) : (state.invalidWeight, state.invalidVotes);
        if (
            Consensus.isQuorum(weight, count.totalWeight, job.quorumBps) && LibBit.popCount(side) >= job.minAttestations
        ) {
            count.outcome = counted.isValid ? Status.Verified : Status.Rejected;
        }
    }

    function _checkVote(
        Count memory count,
        Request calldata request,
        Vote memory vote,
        bytes32 digest,
        bytes32 operatorSalt
    ) private view returns (bytes memory problem, Voter memory voter) {
        if (request.commitWindow != 0) {
            problem = _checkCommitment(count, request.commitWindow, vote.operator, digest, operatorSalt);
            if (problem.length != 0) return (problem, voter);
        }
        // forge-lint: disable-next-line(unsafe-typecast)
        uint16 maximum = vote.isValid ? count.validConfidence : uint16(Consensus.BPS);
        if (vote.confidence > maximum) {
            return (Problem.encode(ConfidenceOutOfRange.selector, vote.confidence, maximum), voter);
        }
        (voter, count.totalWeight) = operatorSet.getVoter(vote.operator, request.referenceTimepoint);
        if (!voter.canVote || voter.weight == 0) {
            problem = Problem.encode(OperatorCannotVote.selector, uint160(vote.operator), request.referenceTimepoint);
            return (problem, voter);
        }
        address recovered = Signatures.recover(digest, vote.r, vote.vs);
        if (recovered == address(0) || recovered != voter.signingKey) {
            return (Problem.encode(InvalidSigner.selector, uint160(recovered), uint160(voter.signingKey)), voter);
        }
        if ((count.state.validVotes | count.state.invalidVotes) >> voter.index & 1 != 0) {
            return (Problem.encode(AlreadyVoted.selector, uint256(count.requestId), uint160(vote.operator)), voter);
        }
    }

    function _checkCommitment(
        Count memory count,
        uint32 commitWindow,
        address operator,
        bytes32 attestationDigest,
        bytes32 operatorSalt
    ) private view returns (bytes memory problem) {
        uint256 closesAt = uint256(count.state.openedAt) + commitWindow;
        if (block.timestamp <= closesAt) return Problem.encode(CommitWindowOpen.selector, closesAt);
        bytes32 commitment = _commitments[count.requestId][operator];
        if (commitment == 0 || commitment != keccak256(abi.encode(attestationDigest, operatorSalt))) {
            return Problem.encode(CommitmentMismatch.selector, uint256(count.requestId), uint160(operator));
        }
    }

    function _notOpen(bytes32 requestId, Status status) private pure returns (bytes memory) {
        return Problem.encode(RequestNotOpen.selector, uint256(requestId), uint8(status));
    }

    function _emitAll(Count memory count, Vote[] calldata votes) private {
        for (uint256 i = 0; i < votes.length; ++i) {
            bytes memory problem = count.votes[i].problem;
            if (problem.length == 0) _emitVote(count.requestId, count.votes[i], votes[i]);
            else emit VerificationSkipped(count.requestId, votes[i].operator, problem);
        }
    }

    function _emitVote(bytes32 requestId, Counted memory counted, Vote memory vote) private {
        emit VerificationSubmitted(
            requestId,
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

    // -- settlement

    /// @dev A decision at or before the deadline binds the request, whenever it is settled.
    function _isBoundByDecision(Request calldata request) private view returns (bool) {
        JobState memory jobState = _jobs[request.jobId].load();
        return jobState.status != Status.None && jobState.decidedAt <= request.deadline;
    }

    function _settleByDecision(bytes32 requestId, Request calldata request, Job calldata job)
        private
        returns (Status status)
    {
        JobState memory jobState = _jobs[request.jobId].load();
        status = jobState.status;
        uint256 totalWeight = operatorSet.getTotalWeight(request.referenceTimepoint);
        _finalizeRecord(requestId, request, job, status, totalWeight, jobState.response);
    }

    /// @dev Decides the request if this call's votes came to a quorum, and stores what is left to remember of it.
    function _conclude(Count memory count, Request calldata request, Job calldata job, RequestState memory before)
        private
        returns (Status)
    {
        if (count.state.status == Status.Open && count.outcome != Status.Open) {
            _decide(count, request, job, _jobs[request.jobId].load());
        }
        _requests[count.requestId].save(count.state, before);
        return count.outcome;
    }

    /// @dev The winning votes of the call that makes a request final are paid at once, and none of its votes needs to
    /// be remembered.
    function _payAtOnce(Count memory count, Request calldata request) private {
        bool isVerified = count.outcome == Status.Verified;
        for (uint256 i = 0; i < count.votes.length; ++i) {
            Counted memory vote = count.votes[i];
            if (vote.problem.length != 0) continue;
            count.state.validVotes &= ~(1 << vote.index);
            count.state.invalidVotes &= ~(1 << vote.index);
            if (vote.isValid != isVerified) continue;
            uint256 share = Consensus.feeShare(request.verificationFee, vote.weight, count.totalWeight);
            _creditEarnings(request.asset, vote.operator, share);
        }
    }

    function _decide(Count memory count, Request calldata request, Job calldata job, JobState memory jobState) private {
        RequestState memory state = count.state;
        bool isVerified = count.outcome == Status.Verified;
        jobState.status = count.outcome;
        jobState.response =
            isVerified ? Consensus.response(count.validConfidence, state.confidenceShortfall, state.validWeight) : 0;
        jobState.decidedAt = uint40(block.timestamp);
        // forge-lint: disable-next-line(unsafe-typecast)
        jobState.decidedBy = uint160(uint256(count.requestId));
        bytes32 recordHash = keccak256(abi.encode(state.runningHash, count.outcome, jobState.response));
        _jobs[request.jobId].saveHead(jobState);
        _jobs[request.jobId].recordHash = recordHash;
        emit JobDecided(request.jobId, count.requestId, count.outcome, jobState.response, recordHash);
        if (jobState.consentedAt != 0) {
            AgentRecord storage agent = _agents[job.agentId];
            agent.totalJobs += 1;
            if (isVerified) agent.verifiedJobs += 1;
            modelRegistry.recordOutcome(job.modelVersionId, job.agentId, isVerified);
        }
        _finalize(count.requestId, request, job, state, count.outcome, count.totalWeight, jobState.response);
        _payAtOnce(count, request);
    }

    function _finalizeRecord(
        bytes32 requestId,
        Request calldata request,
        Job calldata job,
        Status status,
        uint256 totalWeight,
        uint8 response
    ) private {
        RequestState memory before = _requests[requestId].load();
        RequestState memory state = _requests[requestId].load();
        _finalize(requestId, request, job, state, status, totalWeight, response);
        _requests[requestId].save(state, before);
    }

    /// @dev Nobody is called here: what is owed is credited. With a commit window the fee stays until the deadline has
    /// passed, since committed votes may still be revealed and earn.
    function _finalize(
        bytes32 requestId,
        Request calldata request,
        Job calldata job,
        RequestState memory state,
        Status status,
        uint256 totalWeight,
        uint8 response
    ) private {
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
        emit RequestFinalized(requestId, request.jobId, status, response, state.runningHash);
        state.runningHash = 0;
        state.confidenceShortfall = 0;
    }

    /// @dev The fee less what the votes with the outcome earn. A total weight of zero has no votes.
    function _unearnedFee(RequestState memory state, Request calldata request, uint256 totalWeight)
        private
        pure
        returns (uint256)
    {
        uint256 weight = state.status == Status.Verified ? state.validWeight : state.invalidWeight;
        if (weight == 0) return request.verificationFee;
        return request.verificationFee - Consensus.feeShare(request.verificationFee, weight, totalWeight);
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

    // -- deployment

    /// @dev The registrar must already stand at `operatorSet` and support this address.
    function _joinEigenLayer(AVSConfig memory config) private {
        IAllocationManager manager = IAllocationManager(config.allocationManager);
        manager.updateAVSMetadataURI(address(this), config.metadataURI);
        manager.setAVSRegistrar(address(this), config.operatorSet);
        CreateSetParams[] memory sets = new CreateSetParams[](1);
        sets[0] = CreateSetParams(config.operatorSetId, config.strategies);
        manager.createOperatorSets(address(this), sets);
        IKeyRegistrar(config.keyRegistrar)
            .configureOperatorSet(OperatorSet(address(this), config.operatorSetId), CURVE_ECDSA);
    }
}
