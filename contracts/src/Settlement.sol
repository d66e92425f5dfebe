// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Ledger } from "./Ledger.sol";
import { Receipts } from "./Receipts.sol";
import { Voter } from "./interfaces/IOperatorSet.sol";
import { IProofOfInferenceAVS, JobState, RequestState } from "./interfaces/IProofOfInferenceAVS.sol";
import { Arguments } from "./libraries/Arguments.sol";
import { Consensus } from "./libraries/Consensus.sol";
import { Hashing } from "./libraries/Hashing.sol";
import { Problem } from "./libraries/Problem.sol";
import { Deposit } from "./types/Balances.sol";
import { Job, Request, Status } from "./types/DataTypes.sol";
import { JobRecord } from "./types/JobRecord.sol";
import { RequestRecord, RequestRecordLibrary } from "./types/RequestRecord.sol";
import { Counted, Tally } from "./types/Tally.sol";

/// @title How requests end, and what everybody gets
/// @dev Owns the records of requests, jobs and agents.
abstract contract Settlement is IProofOfInferenceAVS, Ledger, Receipts {
    using Arguments for Job;
    using Arguments for Request;
    using Problem for bytes;

    /// @dev One slot: totalJobs 0..63 | verifiedJobs 64..127.
    struct AgentRecord {
        uint64 totalJobs;
        uint64 verifiedJobs;
    }

    mapping(bytes32 requestId => RequestRecord) internal _requests;
    mapping(bytes32 jobId => JobRecord) internal _jobs;
    mapping(uint256 agentId => AgentRecord) private _agents;

    /// @inheritdoc IProofOfInferenceAVS
    function settleRequest(Request calldata request, Job calldata job) external returns (Status) {
        Tally memory tally = _newTally();
        _load(tally, request, job);
        _checkJob(tally).raise();
        if (tally.state.status != Status.Open) revert RequestNotOpen(tally.requestId, tally.state.status);
        if (!_settleByDecision(tally)) {
            if (block.timestamp <= request.deadline) revert RequestNotSettleable(tally.requestId, request.deadline);
            _finalize(tally, Status.Expired, false);
        }
        _save(tally);
        _writeBalances(tally);
        return tally.state.status;
    }

    // -- fees

    /// @inheritdoc IProofOfInferenceAVS
    function claimFees(address operator, Request[] calldata requests) external returns (uint256 credited) {
        uint256 pending;
        Request memory copy;
        for (uint256 i = 0; i < requests.length; ++i) {
            if (i != 0 && requests[i].asset != requests[i - 1].asset) {
                credited += _creditFees(operator, requests[i - 1].asset, pending);
                pending = 0;
            }
            pending += _claimFee(operator, requests[i], copy);
        }
        if (requests.length != 0) {
            credited += _creditFees(operator, requests[requests.length - 1].asset, pending);
        }
    }

    /// @inheritdoc IProofOfInferenceAVS
    function releaseUnearnedFee(Request calldata request) external returns (uint256 amount) {
        Tally memory tally;
        request.copyTo(tally.request);
        tally.requestId = hashRequest(request);
        _requests[tally.requestId].load(tally.state);
        Status status = tally.state.status;
        if (status == Status.None || status == Status.Open) revert RequestNotFinal(tally.requestId, status);
        if (tally.state.feeSettled) return 0;
        if (block.timestamp <= request.deadline) revert RequestNotSettleable(tally.requestId, request.deadline);
        tally.state.feeSettled = true;
        _requests[tally.requestId].saveHead(tally.state);
        amount = _unearnedFee(tally);
        _refund(tally, amount);
        _writeBalances(tally);
        emit UnearnedFeeReleased(tally.requestId, amount);
    }

    // -- reading

    /// @inheritdoc IProofOfInferenceAVS
    function getRequestState(bytes32 requestId) external view returns (RequestState memory state) {
        _requests[requestId].load(state);
    }

    /// @inheritdoc IProofOfInferenceAVS
    function getJobState(bytes32 jobId) external view returns (JobState memory state) {
        _jobs[jobId].load(state);
    }

    /// @inheritdoc IProofOfInferenceAVS
    function getAgentRecord(uint256 agentId) external view returns (uint64 totalJobs, uint64 verifiedJobs) {
        AgentRecord memory agent = _agents[agentId];
        return (agent.totalJobs, agent.verifiedJobs);
    }

    // -- records

    /// @notice How a job was decided: None, and zeros, while it was not.
    function _decisionOf(bytes32 jobId)
        internal
        view
        override
        returns (Status status, uint8 response, bytes32 recordHash)
    {
        JobState memory state;
        _jobs[jobId].load(state);
        return (state.status, state.response, state.recordHash);
    }

    /// @dev For a call's requests.
    function _newTally() internal view returns (Tally memory tally) {
        tally.shared.domainSeparator = _domainSeparator();
        tally.shared.memoryPointer = _getMemoryPointer();
    }

    function _load(Tally memory tally, Request calldata request, Job calldata job) internal view {
        request.copyTo(tally.request);
        job.copyTo(tally.job);
        tally.requestId = Hashing.toDigest(tally.shared.domainSeparator, Hashing.structHash(tally.request));
        tally.outcome = Status.None;
        tally.wasOpened = _jobs[tally.request.jobId].load(tally.jobState);
        if (tally.wasOpened) _requests[tally.requestId].load(tally.state);
        else RequestRecordLibrary.clear(tally.state);
    }

    /// @dev Stores what is left to remember of a request that has a record.
    function _save(Tally memory tally) internal {
        _requests[tally.requestId].save(tally.state);
    }

    /// @dev Writes what is held of balances, and nothing twice. A call ends with it if it settles requests.
    function _writeBalances(Tally memory tally) internal {
        _write(tally.shared.deposit);
        _write(tally.shared.reward);
        _writeFees(tally);
    }

    function _writeFees(Tally memory tally) internal {
        for (uint256 i = 0; i < tally.votes.length; ++i) {
            Counted memory counted = tally.votes[i];
            _creditEarnings(tally.shared.feesAsset, counted.operator, counted.fees);
            counted.fees = 0;
        }
    }

    function _open(Tally memory tally, bool fromDeposit) internal {
        tally.state.status = Status.Open;
        tally.state.fromDeposit = fromDeposit;
        tally.state.openedAt = uint40(block.timestamp);
        (bytes32 requestId, Request memory request, Job memory job) = (tally.requestId, tally.request, tally.job);
        bytes32 topic = InferenceVerificationRequested.selector;
        // Of static fields only, the structs are encoded as they lie in memory: the job after the request.
        assembly ("memory-safe") {
            let pointer := mload(0x40)
            mcopy(pointer, request, 0x120)
            mcopy(add(pointer, 0x120), job, 0x140)
            mstore(add(pointer, 0x260), fromDeposit)
            log4(pointer, 0x280, topic, requestId, mload(request), mload(add(request, 0x20))) // jobId, requester
        }
    }

    function _needsConsent(Tally memory tally) internal pure returns (bool) {
        return tally.job.hasAgent && tally.jobState.consentedAt == 0;
    }

    function _recordConsent(Tally memory tally) internal {
        tally.jobState.consentedAt = uint40(block.timestamp);
        emit ConsentRecorded(tally.request.jobId, tally.job.agentId, tally.job.payee);
    }

    function _amountOf(Request memory request) internal pure returns (uint256) {
        // Each has 128 bits.
        unchecked {
            return uint256(request.reward) + request.verificationFee;
        }
    }

    // -- settlement

    /// @dev A decision at or before the deadline binds the request, whenever it is settled. Returns whether one does.
    function _settleByDecision(Tally memory tally) internal returns (bool) {
        JobState memory jobState = tally.jobState;
        if (jobState.status == Status.None || jobState.decidedAt > tally.request.deadline) return false;
        _finalize(tally, jobState.status, false);
        return true;
    }

    function _decide(Tally memory tally) internal {
        JobState memory jobState = tally.jobState;
        RequestState memory state = tally.state;
        bytes32 jobId = tally.request.jobId;
        bool isVerified = tally.outcome == Status.Verified;
        jobState.status = tally.outcome;
        jobState.decidedAt = uint40(block.timestamp);
        jobState.recordHash = Hashing.recordHash(state.runningHash, jobState.status, jobState.response);
        _jobs[jobId].save(jobState, tally.wasOpened);
        if (jobState.consentedAt != 0) {
            AgentRecord storage agent = _agents[tally.job.agentId];
            agent.totalJobs += 1;
            if (isVerified) agent.verifiedJobs += 1;
            modelRegistry.recordOutcome(tally.job.modelVersionId, tally.job.agentId, isVerified);
        }
        _finalize(tally, jobState.status, true);
    }

    /// @dev Nobody is called here: what is owed is credited. With a commit window the fee stays until the deadline has
    /// passed, since committed votes may still be revealed and earn.
    function _finalize(Tally memory tally, Status status, bool decidesJob) private {
        Request memory request = tally.request;
        RequestState memory state = tally.state;
        state.status = status;
        uint256 refund;
        if (status == Status.Verified) _credit(tally.shared.reward, request.asset, tally.job.payee, request.reward);
        else refund = request.reward;
        if (status == Status.Expired) {
            state.feeSettled = true;
            refund += request.verificationFee;
        } else if (request.commitWindow == 0 || block.timestamp > request.deadline) {
            state.feeSettled = true;
            refund += _unearnedFee(tally);
        }
        _refund(tally, refund);
        uint8 response = status == Status.Verified ? tally.jobState.response : 0;
        emit RequestFinalized(tally.requestId, request.jobId, status, response, state.runningHash, decidesJob);
        state.runningHash = 0;
        state.confidenceShortfall = 0;
    }

    /// @dev Gives back to where it came from: the deposit, or (paid with a call) the earnings.
    function _refund(Tally memory tally, uint256 amount) private {
        if (amount == 0) return;
        (address asset, address requester) = (tally.request.asset, tally.request.requester);
        if (!tally.state.fromDeposit) return _creditEarnings(asset, requester, amount);
        Deposit memory held = tally.shared.deposit;
        _hold(held, asset, requester);
        held.amount += amount;
    }

    /// @dev The fee less what the votes with the outcome earn; the total weight is not looked up where there are none.
    function _unearnedFee(Tally memory tally) private view returns (uint256) {
        RequestState memory state = tally.state;
        uint128 fee = tally.request.verificationFee;
        uint96 weight = state.status == Status.Verified ? state.validWeight : state.invalidWeight;
        if (weight == 0) return fee;
        return fee - Consensus.feeShare(fee, weight, _totalWeightOf(tally));
    }

    /// @dev That of the voters, if they were looked up.
    function _totalWeightOf(Tally memory tally) private view returns (uint256) {
        uint48 timepoint = tally.request.referenceTimepoint;
        if (tally.shared.votersReference == uint256(timepoint) + 1) return tally.shared.totalWeight;
        return operatorSet.getTotalWeight(timepoint);
    }

    function _claimFee(address operator, Request calldata request, Request memory copy) private returns (uint256) {
        request.copyTo(copy);
        bytes32 requestId = Hashing.toDigest(_domainSeparator(), Hashing.structHash(copy));
        RequestRecord storage record = _requests[requestId];
        Status status = record.status();
        if (status == Status.Open) revert RequestNotFinal(requestId, status);
        if (status == Status.None || status == Status.Expired) return 0;
        (Voter memory voter, uint96 totalWeight) = operatorSet.getVoter(operator, request.referenceTimepoint);
        if (!voter.canVote) return 0;
        if (!record.removeVote(status == Status.Verified, voter.index)) return 0;
        return Consensus.feeShare(request.verificationFee, voter.weight, totalWeight);
    }

    function _creditFees(address operator, address asset, uint256 amount) private returns (uint256) {
        if (amount != 0) {
            _creditEarnings(asset, operator, amount);
            emit FeesClaimed(operator, asset, amount);
        }
        return amount;
    }

    function _notOpen(bytes32 requestId, Status status) internal pure returns (bytes memory) {
        return Problem.encode(RequestNotOpen.selector, uint256(requestId), uint8(status));
    }
}
