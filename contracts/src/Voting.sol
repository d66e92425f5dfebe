// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { LibBit } from "solady/utils/LibBit.sol";

import { Settlement } from "./Settlement.sol";
import { Voter } from "./interfaces/IOperatorSet.sol";
import { IProofOfInferenceAVS, RequestState } from "./interfaces/IProofOfInferenceAVS.sol";
import { Arguments } from "./libraries/Arguments.sol";
import { Consensus } from "./libraries/Consensus.sol";
import { Hashing } from "./libraries/Hashing.sol";
import { Problem } from "./libraries/Problem.sol";
import { Signatures } from "./libraries/Signatures.sol";
import { Attestation, Ballot, Job, Request, Status, Vote } from "./types/DataTypes.sol";
import { Counted, Shared, Tally } from "./types/Tally.sol";

/// @title Votes and what they come to
abstract contract Voting is Settlement {
    using Arguments for Vote[];
    using Problem for bytes;

    mapping(bytes32 requestId => mapping(address operator => bytes32)) private _commitments;

    // -- votes

    /// @inheritdoc IProofOfInferenceAVS
    function commitVerification(Request calldata request, address operator, bytes32 commitment) external {
        bytes32 requestId = hashRequest(request);
        RequestState memory state;
        _requests[requestId].load(state);
        if (state.status != Status.Open) revert RequestNotOpen(requestId, state.status);
        (Status decision,,) = _decisionOf(request.jobId);
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
        Tally memory tally;
        _load(tally, request, job);
        _begin(tally).raise();
        if (attestation.requestId != tally.requestId) {
            revert AttestationMismatch(tally.requestId, attestation.requestId);
        }
        if (attestation.method != tally.method) revert MethodMismatch(tally.method, attestation.method);
        Vote[] memory votes = new Vote[](1);
        votes[0] = _toVote(attestation);
        (votes[0].r, votes[0].vs) = Signatures.compact(signature);
        bytes32[] memory operatorSalts = new bytes32[](1);
        operatorSalts[0] = operatorSalt;
        _count(tally, votes, operatorSalts);
        tally.votes[0].problem.raise();
        _emitVotes(tally);
        _conclude(tally);
        return tally.state.status;
    }

    /// @inheritdoc IProofOfInferenceAVS
    function submitVerifications(Ballot[] calldata ballots) external returns (Status[] memory statuses) {
        statuses = new Status[](ballots.length);
        Tally memory tally;
        tally.shared.memoryPointer = _getMemoryPointer();
        for (uint256 i = 0; i < ballots.length; ++i) {
            Ballot calldata ballot = ballots[i];
            _load(tally, ballot.request, ballot.job);
            statuses[i] = _finish(tally, _countBallot(tally, ballot.votes.copy(), ballot.operatorSalts));
        }
    }

    /// @dev One of many: says what is wrong with it, and clears the way for the next.
    function _finish(Tally memory tally, bytes memory problem) internal returns (Status) {
        if (problem.length != 0) emit RequestSkipped(tally.requestId, problem);
        _setMemoryPointer(tally.shared.memoryPointer);
        return tally.state.status;
    }

    // -- reading

    /// @inheritdoc IProofOfInferenceAVS
    function getCommitment(bytes32 requestId, address operator) external view returns (bytes32) {
        return _commitments[requestId][operator];
    }

    // -- counting votes

    function _countBallot(Tally memory tally, Vote[] memory votes, bytes32[] memory operatorSalts)
        internal
        returns (bytes memory problem)
    {
        if (operatorSalts.length != (tally.request.commitWindow == 0 ? 0 : votes.length)) {
            return Problem.encode(OperatorSaltsMismatch.selector, votes.length, operatorSalts.length);
        }
        problem = _begin(tally);
        if (problem.length != 0) return problem;
        _count(tally, votes, operatorSalts);
        _emitVotes(tally);
        _conclude(tally);
    }

    /// @dev Settles the request first if another one decided its job. Once final, only votes that were committed in
    /// time still count, for their fee.
    function _begin(Tally memory tally) private returns (bytes memory problem) {
        problem = _checkJob(tally);
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

    function _count(Tally memory tally, Vote[] memory votes, bytes32[] memory operatorSalts) internal {
        if (!_haveVoters(tally, votes)) _readVoters(tally, votes);
        for (uint256 i = 0; i < votes.length; ++i) {
            _countVote(tally, tally.votes[i], operatorSalts.length == 0 ? bytes32(0) : operatorSalts[i]);
        }
    }

    /// @dev Whether the operators of the votes are those that were looked up last; takes the votes over if so.
    function _haveVoters(Tally memory tally, Vote[] memory votes) private pure returns (bool) {
        if (tally.shared.votersReference != uint256(tally.request.referenceTimepoint) + 1) return false;
        if (tally.votes.length != votes.length) return false;
        for (uint256 i = 0; i < votes.length; ++i) {
            Counted memory counted = tally.votes[i];
            counted.vote = votes[i];
            if (counted.operator != counted.vote.operator) return false;
        }
        return true;
    }

    function _readVoters(Tally memory tally, Vote[] memory votes) private view {
        Shared memory shared = tally.shared;
        address[] memory operators = new address[](votes.length);
        for (uint256 i = 0; i < votes.length; ++i) {
            operators[i] = votes[i].operator;
        }
        Voter[] memory voters;
        (voters, shared.totalWeight) = operatorSet.getVoters(operators, tally.request.referenceTimepoint);
        shared.votersReference = uint256(tally.request.referenceTimepoint) + 1;
        tally.votes = new Counted[](votes.length);
        for (uint256 i = 0; i < votes.length; ++i) {
            Counted memory counted = tally.votes[i];
            (counted.vote, counted.operator, counted.voter) = (votes[i], operators[i], voters[i]);
        }
        shared.memoryPointer = _getMemoryPointer();
    }

    /// @dev Says in `counted` what becomes of the vote.
    function _countVote(Tally memory tally, Counted memory counted, bytes32 operatorSalt) private {
        (Vote memory vote, Voter memory voter) = (counted.vote, counted.voter);
        if (tally.outcome != Status.Open && tally.request.commitWindow == 0) {
            counted.problem = _notOpen(tally.requestId, tally.outcome);
            return;
        }
        bytes32 digest = _hashTypedData(Hashing.structHash(tally.requestId, vote, tally.method));
        if (tally.request.commitWindow != 0) {
            counted.problem = _checkCommitment(tally, vote.operator, digest, operatorSalt);
            if (counted.problem.length != 0) return;
        }
        counted.problem = _checkVote(tally, vote, digest, voter);
        if (counted.problem.length != 0) return;
        if (tally.request.commitWindow != 0) delete _commitments[tally.requestId][vote.operator];

        RequestState memory state = tally.state;
        counted.isValid = vote.isValid && vote.confidence >= tally.job.minConfidence;
        counted.isCounted = tally.outcome == Status.Open;
        if (counted.isValid) {
            state.validVotes |= 1 << voter.index;
            state.validWeight += voter.weight;
        } else {
            state.invalidVotes |= 1 << voter.index;
            state.invalidWeight += voter.weight;
        }
        if (!counted.isCounted) return;
        state.runningHash = Hashing.extend(state.runningHash, digest);
        if (counted.isValid) {
            state.confidenceShortfall += uint112(voter.weight) * (tally.validConfidence - vote.confidence);
        }
        if (!_isQuorum(tally, counted.isValid)) return;
        tally.outcome = counted.isValid ? Status.Verified : Status.Rejected;
        // Now, since later votes of the call may still add their weight, for their fee.
        if (counted.isValid) {
            tally.jobState.response =
                Consensus.response(tally.validConfidence, state.confidenceShortfall, state.validWeight);
        }
    }

    /// @dev Only the side that was just voted for can have come to a quorum.
    function _isQuorum(Tally memory tally, bool isValid) private pure returns (bool) {
        uint96 weight = isValid ? tally.state.validWeight : tally.state.invalidWeight;
        uint256 votes = isValid ? tally.state.validVotes : tally.state.invalidVotes;
        return Consensus.isQuorum(weight, tally.shared.totalWeight, tally.job.quorumBps)
            && LibBit.popCount(votes) >= tally.job.minAttestations;
    }

    function _checkVote(Tally memory tally, Vote memory vote, bytes32 digest, Voter memory voter)
        private
        pure
        returns (bytes memory problem)
    {
        // forge-lint: disable-next-line(unsafe-typecast)
        uint16 maximum = vote.isValid ? tally.validConfidence : uint16(Consensus.BPS);
        if (vote.confidence > maximum) {
            return Problem.encode(ConfidenceOutOfRange.selector, vote.confidence, maximum);
        }
        if (!voter.canVote || voter.weight == 0) {
            return Problem.encode(OperatorCannotVote.selector, uint160(vote.operator), tally.request.referenceTimepoint);
        }
        address recovered = Signatures.recover(digest, vote.r, vote.vs);
        if (recovered == address(0) || recovered != voter.signingKey) {
            return Problem.encode(InvalidSigner.selector, uint160(recovered), uint160(voter.signingKey));
        }
        if ((tally.state.validVotes | tally.state.invalidVotes) >> voter.index & 1 != 0) {
            return Problem.encode(AlreadyVoted.selector, uint256(tally.requestId), uint160(vote.operator));
        }
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

    function _emitVotes(Tally memory tally) internal {
        for (uint256 i = 0; i < tally.votes.length; ++i) {
            Counted memory counted = tally.votes[i];
            Vote memory vote = counted.vote;
            if (counted.problem.length != 0) {
                emit VerificationSkipped(tally.requestId, vote.operator, counted.problem);
                continue;
            }
            _emitVote(tally.requestId, counted, vote);
        }
    }

    /// @dev Emits {VerificationSubmitted}, whose fields lie in memory much as they are encoded.
    function _emitVote(bytes32 requestId, Counted memory counted, Vote memory vote) private {
        bytes32 topic = VerificationSubmitted.selector;
        (uint256 weight, bool isCounted) = (counted.voter.weight, counted.isCounted);
        assembly ("memory-safe") {
            let pointer := mload(0x40)
            mcopy(pointer, add(vote, 0x20), 0x40) // isValid, confidence
            mstore(add(pointer, 0x40), weight)
            mcopy(add(pointer, 0x60), add(vote, 0x60), 0x60) // evidenceDigest, r, vs
            mstore(add(pointer, 0xc0), isCounted)
            log3(pointer, 0xe0, topic, requestId, mload(vote)) // operator
        }
    }

    /// @dev Decides the request if this call's votes came to a quorum, and stores what is left to remember of it.
    function _conclude(Tally memory tally) internal {
        if (tally.state.status == Status.Open && tally.outcome != Status.Open) _decide(tally);
        _save(tally);
    }
}
