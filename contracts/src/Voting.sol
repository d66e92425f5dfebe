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
    using Arguments for Attestation;
    using Arguments for Vote;
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
        Tally memory tally = _newTally();
        _load(tally, request, job);
        _begin(tally).raise();
        if (attestation.requestId != tally.requestId) {
            revert AttestationMismatch(tally.requestId, attestation.requestId);
        }
        if (attestation.method != tally.method) revert MethodMismatch(tally.method, attestation.method);
        _makeRoom(tally, 1);
        Counted memory counted = tally.votes[0];
        attestation.copyTo(counted);
        (counted.r, counted.vs) = Signatures.compact(signature);
        address[] memory operators = new address[](1);
        operators[0] = attestation.operator;
        _readVoters(tally, operators);
        _countVote(tally, counted, operatorSalt);
        counted.problem.raise();
        _report(tally);
        _conclude(tally);
        _writeBalances(tally);
        return tally.state.status;
    }

    /// @inheritdoc IProofOfInferenceAVS
    function submitVerifications(Ballot[] calldata ballots) external returns (Status[] memory statuses) {
        statuses = new Status[](ballots.length);
        Tally memory tally = _newTally();
        for (uint256 i = 0; i < ballots.length; ++i) {
            Ballot calldata ballot = ballots[i];
            _load(tally, ballot.request, ballot.job);
            statuses[i] = _finish(tally, _countBallot(tally, ballot.votes, ballot.operatorSalts));
        }
        _writeBalances(tally);
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

    function _countBallot(Tally memory tally, Vote[] calldata votes, bytes32[] calldata operatorSalts)
        internal
        returns (bytes memory problem)
    {
        if (operatorSalts.length != (tally.request.commitWindow == 0 ? 0 : votes.length)) {
            return Problem.encode(OperatorSaltsMismatch.selector, votes.length, operatorSalts.length);
        }
        problem = _begin(tally);
        if (problem.length != 0) return problem;
        _count(tally, votes, operatorSalts);
        _report(tally);
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

    function _count(Tally memory tally, Vote[] calldata votes, bytes32[] calldata operatorSalts) internal {
        if (tally.votes.length != votes.length) _makeRoom(tally, votes.length);
        if (!_isKnown(tally.shared, tally.request.referenceTimepoint)) _readVoters(tally, votes);
        for (uint256 i = 0; i < votes.length; ++i) {
            (Vote calldata vote, Counted memory counted) = (votes[i], tally.votes[i]);
            if (vote.operator != counted.operator) _readVoters(tally, votes);
            vote.copyTo(counted);
            _countVote(tally, counted, operatorSalts.length == 0 ? bytes32(0) : operatorSalts[i]);
        }
    }

    /// @dev Whether the voters that were looked up last are of this reference.
    function _isKnown(Shared memory shared, uint48 referenceTimepoint) private pure returns (bool) {
        return shared.votersReference == uint256(referenceTimepoint) + 1;
    }

    function _makeRoom(Tally memory tally, uint256 count) private {
        _writeFees(tally);
        tally.votes = new Counted[](count);
        tally.shared.votersReference = 0;
        tally.shared.memoryPointer = _getMemoryPointer();
    }

    function _readVoters(Tally memory tally, Vote[] calldata votes) private {
        address[] memory operators = new address[](votes.length);
        for (uint256 i = 0; i < operators.length; ++i) {
            operators[i] = votes[i].operator;
        }
        _readVoters(tally, operators);
    }

    function _readVoters(Tally memory tally, address[] memory operators) private {
        _writeFees(tally);
        Shared memory shared = tally.shared;
        Voter[] memory voters;
        (voters, shared.totalWeight) = operatorSet.getVoters(operators, tally.request.referenceTimepoint);
        shared.votersReference = uint256(tally.request.referenceTimepoint) + 1;
        for (uint256 i = 0; i < operators.length; ++i) {
            (Counted memory counted, Voter memory voter) = (tally.votes[i], voters[i]);
            (counted.typehash, counted.operator) = (Hashing.ATTESTATION_TYPEHASH, operators[i]);
            counted.bit = 1 << voter.index;
            counted.weight = voter.canVote ? voter.weight : 0;
            counted.signingKey = voter.signingKey;
        }
    }

    /// @dev Says in `counted` what becomes of the vote.
    function _countVote(Tally memory tally, Counted memory counted, bytes32 operatorSalt) private {
        bool isCounted = tally.outcome == Status.Open;
        bool hasWindow = tally.request.commitWindow != 0;
        if (!isCounted && !hasWindow) {
            counted.problem = _notOpen(tally.requestId, tally.outcome);
            return;
        }
        (counted.requestId, counted.method) = (tally.requestId, tally.method);
        bytes32 digest = Hashing.toDigest(tally.shared.domainSeparator, counted.structHash());
        if (hasWindow) {
            counted.problem = _checkCommitment(tally, counted.operator, digest, operatorSalt);
            if (counted.problem.length != 0) return;
        }
        bytes memory problem = _checkVote(tally, counted, digest);
        counted.problem = problem;
        if (problem.length != 0) return;
        if (hasWindow) delete _commitments[tally.requestId][counted.operator];

        bool isValid = counted.isValid && counted.confidence >= tally.job.minConfidence;
        (counted.countsAsValid, counted.isCounted) = (isValid, isCounted);
        (uint256 votes, uint256 weight) = _addVote(tally.state, counted, isValid);
        if (!isCounted) return;
        tally.state.runningHash = Hashing.extend(tally.state.runningHash, digest);
        if (isValid && counted.confidence != tally.validConfidence) _addShortfall(tally, counted);
        // Only the side that was just voted for can have come to a quorum.
        if (!Consensus.isQuorum(weight, tally.shared.totalWeight, tally.job.quorumBps)) return;
        if (LibBit.popCount(votes) < tally.job.minAttestations) return;
        tally.outcome = isValid ? Status.Verified : Status.Rejected;
        // Now, since later votes of the call may still add their weight, for their fee.
        if (isValid) {
            tally.jobState.response = Consensus.response(tally.validConfidence, tally.state.confidenceShortfall, weight);
        }
    }

    /// @dev Returns the votes, and their weight, of the side that the vote is on.
    function _addVote(RequestState memory state, Counted memory counted, bool isValid)
        private
        pure
        returns (uint256 votes, uint256 weight)
    {
        // A sum of two weights does not overflow a word; one that is beyond a weight's 96 bits is refused.
        // forge-lint: disable-start(unsafe-typecast)
        unchecked {
            if (isValid) {
                state.validVotes = votes = state.validVotes | counted.bit;
                weight = state.validWeight + counted.weight;
                state.validWeight = uint96(weight);
            } else {
                state.invalidVotes = votes = state.invalidVotes | counted.bit;
                weight = state.invalidWeight + counted.weight;
                state.invalidWeight = uint96(weight);
            }
        }
        // forge-lint: disable-end(unsafe-typecast)
        assert(weight <= type(uint96).max);
    }

    /// @dev Of 110 bits at the most: the weights of the valid votes add up to 96 bits, and no confidence is above the
    /// version's, which `_checkVote` sees to.
    function _addShortfall(Tally memory tally, Counted memory counted) private pure {
        unchecked {
            // forge-lint: disable-next-line(unsafe-typecast)
            tally.state.confidenceShortfall += uint112(counted.weight * (tally.validConfidence - counted.confidence));
        }
    }

    function _checkVote(Tally memory tally, Counted memory counted, bytes32 digest)
        private
        view
        returns (bytes memory problem)
    {
        uint256 maximum = counted.isValid ? tally.validConfidence : Consensus.BPS;
        if (counted.confidence > maximum) {
            return Problem.encode(ConfidenceOutOfRange.selector, counted.confidence, maximum);
        }
        if (counted.weight == 0) {
            return
                Problem.encode(OperatorCannotVote.selector, uint160(counted.operator), tally.request.referenceTimepoint);
        }
        address recovered = Signatures.recover(digest, counted.r, counted.vs);
        if (recovered == address(0) || recovered != counted.signingKey) {
            return Problem.encode(InvalidSigner.selector, uint160(recovered), uint160(counted.signingKey));
        }
        if ((tally.state.validVotes | tally.state.invalidVotes) & counted.bit != 0) {
            return Problem.encode(AlreadyVoted.selector, uint256(tally.requestId), uint160(counted.operator));
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

    /// @dev Says what became of the votes. If they decide the request, the winning ones are paid at once, and none of them
    /// needs to be remembered.
    function _report(Tally memory tally) internal {
        bool isDecisive = _isDecisive(tally);
        bool isVerified = tally.outcome == Status.Verified;
        (uint256 fee, uint256 totalWeight) = (tally.request.verificationFee, tally.shared.totalWeight);
        if (tally.shared.feesAsset != tally.request.asset) {
            _writeFees(tally);
            tally.shared.feesAsset = tally.request.asset;
        }
        Counted[] memory votes = tally.votes;
        uint256 voted;
        for (uint256 i = 0; i < votes.length; ++i) {
            Counted memory counted = votes[i];
            if (counted.problem.length != 0) {
                emit VerificationSkipped(tally.requestId, counted.operator, counted.problem);
                continue;
            }
            _emitVote(counted);
            if (!isDecisive) continue;
            voted |= counted.bit;
            if (counted.countsAsValid == isVerified) {
                // A share is at most the fee, of 128 bits, so that what a call's requests earn an operator fits a word.
                unchecked {
                    counted.fees += Consensus.feeShare(fee, counted.weight, totalWeight);
                }
            }
        }
        tally.state.validVotes &= ~voted;
        tally.state.invalidVotes &= ~voted;
    }

    function _isDecisive(Tally memory tally) private pure returns (bool) {
        return tally.state.status == Status.Open && tally.outcome != Status.Open;
    }

    /// @dev Emits {VerificationSubmitted}, in whose data the evidence and the signature follow the verdict as they do in
    /// memory; there it takes the place of the method.
    function _emitVote(Counted memory counted) private {
        bytes32 topic = VerificationSubmitted.selector;
        uint256 verdict = (counted.isValid ? 1 : 0) | (counted.isCounted ? 1 << 8 : 0) | counted.confidence << 16
            | counted.weight << 32;
        assembly ("memory-safe") {
            mstore(add(counted, 0xa0), verdict)
            log3(add(counted, 0xa0), 0x80, topic, mload(add(counted, 0x20)), mload(add(counted, 0x40)))
        }
    }

    /// @dev Decides the request if this call's votes came to a quorum, and stores what is left to remember of it.
    function _conclude(Tally memory tally) internal {
        if (_isDecisive(tally)) _decide(tally);
        _save(tally);
    }
}
