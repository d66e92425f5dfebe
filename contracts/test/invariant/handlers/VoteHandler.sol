// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Attestation, Status } from "../../../src/types/DataTypes.sol";
import { Ballot, Checkpoint } from "../stores/Store.sol";
import { BaseHandler } from "./BaseHandler.sol";

/// @notice Commitments, votes and reveals: those that the contract must take, and those that it must refuse.
abstract contract VoteHandler is BaseHandler {
    // -- what must be taken

    /// @notice Up to `voters` operators do on each of three requests what is due: vote, commit, or reveal.
    function participate(uint256 seed, uint256 voters) external {
        uint256 done;
        for (uint256 i = 0; i < requests.length && done < 3; ++i) {
            uint256 j = (seed % requests.length + i) % requests.length;
            if (_voteOn(j, seed, voters) || _commitTo(j, seed, voters) || _revealOn(j, seed, voters)) ++done;
        }
    }

    function vote(uint256 seed, uint256 voters) external {
        for (uint256 i = 0; i < requests.length; ++i) {
            if (_voteOn((seed % requests.length + i) % requests.length, seed, voters)) return;
        }
    }

    function commit(uint256 seed, uint256 voters) external {
        for (uint256 i = 0; i < requests.length; ++i) {
            if (_commitTo((seed % requests.length + i) % requests.length, seed, voters)) return;
        }
    }

    /// @dev After the wait for the commit window to close; also once the request is final, for the fee.
    function reveal(uint256 seed, uint256 voters) external {
        for (uint256 i = 0; i < requests.length; ++i) {
            uint256 j = (seed % requests.length + i) % requests.length;
            if (requests[j].commitWindow == 0 || block.timestamp > requests[j].deadline || !_isCommittedTo(j)) {
                continue;
            }
            _waitUntil(uint256(entries[j].openedAt) + requests[j].commitWindow + 1);
            if (_revealOn(j, seed, voters)) return;
        }
    }

    function _voteOn(uint256 i, uint256 seed, uint256 voters) private returns (bool) {
        if (requests[i].commitWindow != 0 || !_takesVotes(i)) return false;
        return _each(i, seed, bound(voters, 1, 7), _vote);
    }

    function _commitTo(uint256 i, uint256 seed, uint256 voters) private returns (bool) {
        if (requests[i].commitWindow == 0 || _isWindowPast(i) || !_takesVotes(i)) return false;
        return _each(i, seed, bound(voters, 3, 7), _commit);
    }

    function _revealOn(uint256 i, uint256 seed, uint256 voters) private returns (bool) {
        if (requests[i].commitWindow == 0 || !_isWindowPast(i) || block.timestamp > requests[i].deadline) return false;
        return _each(i, seed, bound(voters, 1, 7), _reveal);
    }

    /// @dev Has up to `voters` operators do it; whether any did. Every second job is valid, and every sixth vote wrong.
    function _each(
        uint256 i,
        uint256 seed,
        uint256 voters,
        function(uint256, address, uint256, bool) returns (bool) act
    ) private returns (bool some) {
        uint256 first = seed % 7;
        for (uint256 k = 0; k < 7 && voters > 0; ++k) {
            seed = _roll(seed, "next");
            bool isValid = entries[i].jobIndex % 2 == 0;
            if (!act(i, world.operators[(first + k) % 7], seed, seed % 6 == 0 ? !isValid : isValid)) continue;
            some = true;
            --voters;
        }
    }

    function _vote(uint256 i, address operator, uint256 seed, bool isValid) private returns (bool) {
        if (!_mayVote(i, operator)) return false;
        uint16 confidence = _roll(seed, "sure") % 4 == 0 ? uint16(_roll(seed, "confidence") % 9_901) : 9_900;
        _submitVote(i, operator, Ballot(isValid, confidence, 0, 0, false));
        ++counts["vote"];
        return true;
    }

    function _commit(uint256 i, address operator, uint256 seed, bool isValid) private returns (bool) {
        (Checkpoint memory checkpoint, bool canVote) = checkpointAt(operator, requests[i].referenceTimepoint);
        if (!canVote || ballots[i][operator].salt != 0) return false;
        Ballot memory ballot = Ballot(isValid, 9_900, keccak256(abi.encode(seed, i, operator)), 0, false);
        bytes32 digest = avs.hashAttestation(_attestation(i, operator, ballot));
        vm.prank(seed >> 8 & 1 == 0 ? operator : checkpoint.signer);
        avs.commitVerification(requests[i], operator, keccak256(abi.encode(digest, ballot.salt)));
        ballots[i][operator] = ballot;
        ++counts["commitment"];
        return true;
    }

    function _reveal(uint256 i, address operator, uint256, bool) private returns (bool) {
        if (!_mayVote(i, operator)) return false;
        _submitVote(i, operator, ballots[i][operator]);
        ++counts[ballots[i][operator].isCounted ? "reveal" : "late reveal"];
        return true;
    }

    function _submitVote(uint256 i, address operator, Ballot memory ballot) private settling(i) {
        Attestation memory attestation = _attestation(i, operator, ballot);
        bytes memory signature = _signature(attestation, i);
        bool isOpen = _isOpen(i);
        avs.submitVerification(requests[i], _jobOf(i), attestation, signature, ballot.salt);
        _recordVote(i, operator, ballot, isOpen);
    }

    // -- what must be refused

    /// @dev Votes that the contract has to refuse: a stale operator's, a second one, and any other.
    function tryToVote(uint256 seed, uint256 operatorSeed) external {
        _tryToVoteAs(seed, operatorSeed, _isStale, "stale vote refused");
        _tryToVoteAs(seed, operatorSeed, _isSecond, "second vote refused");
        _tryToVoteAs(seed, operatorSeed, _isOther, "other vote refused");
    }

    function _tryToVoteAs(
        uint256 seed,
        uint256 operatorSeed,
        function(uint256, address) view returns (bool) isMeant,
        string memory what
    ) private {
        for (uint256 i = 0; i < requests.length; ++i) {
            // from the latest on, as the earlier ones take no votes at all
            uint256 j = requests.length - 1 - i;
            address operator = world.operators[(operatorSeed % 7 + i) % 7];
            if (!isMeant(j, operator)) continue;
            _tryToVote(j, operator, seed % 2 == 0);
            ++counts[what];
            return;
        }
    }

    function _isStale(uint256 i, address operator) private view returns (bool) {
        (Checkpoint memory checkpoint, bool canVote) = checkpointAt(operator, requests[i].referenceTimepoint);
        return checkpoint.weight != 0 && !canVote && _takesVotes(i) && requests[i].commitWindow == 0;
    }

    function _isSecond(uint256 i, address operator) private view returns (bool) {
        return ballots[i][operator].accepted != 0 && block.timestamp <= requests[i].deadline;
    }

    function _isOther(uint256 i, address operator) private view returns (bool) {
        return !_mayVote(i, operator) && !_isStale(i, operator) && !_isSecond(i, operator);
    }

    function _tryToVote(uint256 i, address operator, bool isValid) private settling(i) {
        Ballot memory ballot = ballots[i][operator];
        if (ballot.salt == 0) (ballot.isValid, ballot.confidence) = (isValid, 9_900);
        Attestation memory attestation = _attestation(i, operator, ballot);
        bytes memory signature = _signature(attestation, i);
        bool isOpen = _isOpen(i);
        try avs.submitVerification(requests[i], _jobOf(i), attestation, signature, ballot.salt) {
            _recordVote(i, operator, ballot, isOpen);
        } catch { }
    }

    // -- who may

    /// @dev A decision by another request of the job is taken over before a vote is looked at.
    function _isOpen(uint256 i) private view returns (bool) {
        return entries[i].outcome == Status.Open && decisions[entries[i].jobIndex].status == Status.None;
    }

    function _takesVotes(uint256 i) private view returns (bool) {
        return block.timestamp <= requests[i].deadline && _isOpen(i);
    }

    function _isWindowPast(uint256 i) private view returns (bool) {
        return block.timestamp > uint256(entries[i].openedAt) + requests[i].commitWindow;
    }

    function _isCommittedTo(uint256 i) private view returns (bool) {
        for (uint256 k = 0; k < 7; ++k) {
            if (ballots[i][world.operators[k]].salt != 0) return true;
        }
        return false;
    }

    function _mayVote(uint256 i, address operator) private view returns (bool) {
        if (block.timestamp > requests[i].deadline || ballots[i][operator].accepted != 0) return false;
        if (requests[i].commitWindow != 0) return ballots[i][operator].salt != 0 && _isWindowPast(i);
        if (!_isOpen(i)) return false;
        (, bool canVote) = checkpointAt(operator, requests[i].referenceTimepoint);
        return canVote;
    }

    // -- what is signed

    function _recordVote(uint256 i, address operator, Ballot memory ballot, bool isOpen) private {
        ballot.accepted += 1;
        ballot.isCounted = isOpen;
        ballots[i][operator] = ballot;
    }

    function _attestation(uint256 i, address operator, Ballot memory ballot)
        private
        view
        returns (Attestation memory attestation)
    {
        attestation.requestId = entries[i].id;
        attestation.operator = operator;
        attestation.isValid = ballot.isValid;
        attestation.confidence = ballot.confidence;
        attestation.method = world.method;
    }

    /// @dev By the key of the reference, or by today's where the operator had no seat.
    function _signature(Attestation memory attestation, uint256 i) private view returns (bytes memory) {
        (Checkpoint memory checkpoint,) = checkpointAt(attestation.operator, requests[i].referenceTimepoint);
        address signer = checkpoint.weight != 0 ? checkpoint.signer : signers[attestation.operator];
        return _sign(signer, avs.hashAttestation(attestation));
    }
}
