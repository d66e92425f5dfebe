// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Attestation, Status } from "../../../src/types/DataTypes.sol";
import { Ballot, Checkpoint } from "../stores/Store.sol";
import { BaseHandler } from "./BaseHandler.sol";

/// @notice Commitments, votes and reveals: those that the contract must take, and those that it must refuse.
abstract contract VoteHandler is BaseHandler {
    // -- what must be taken

    /// @dev Up to `voters` operators vote on each of two requests without a commit window.
    function vote(uint256 seed, uint256 voters) external {
        uint256 voted;
        for (uint256 i = 0; i < requests.length && voted < 2; ++i) {
            uint256 j = (seed % requests.length + i) % requests.length;
            if (requests[j].commitWindow != 0 || !_takesVotes(j)) continue;
            if (_each(j, seed, bound(voters, 1, 7), _vote)) ++voted;
        }
    }

    function commit(uint256 seed, uint256 voters) external {
        uint256 voted;
        for (uint256 i = 0; i < requests.length && voted < 2; ++i) {
            uint256 j = (seed % requests.length + i) % requests.length;
            if (requests[j].commitWindow == 0 || _isWindowPast(j) || !_takesVotes(j)) continue;
            if (_each(j, seed, bound(voters, 3, 7), _commit)) ++voted;
        }
    }

    /// @dev Also after the request is final, for the fee.
    function reveal(uint256 seed, uint256 voters) external {
        for (uint256 i = 0; i < requests.length; ++i) {
            uint256 j = (seed % requests.length + i) % requests.length;
            if (requests[j].commitWindow == 0 || block.timestamp > requests[j].deadline) continue;
            if (!_isWindowPast(j) && (seed % 2 == 0 || !_isCommittedTo(j))) continue;
            _waitUntil(uint256(entries[j].openedAt) + requests[j].commitWindow + 1);
            if (_each(j, seed, bound(voters, 1, 7), _reveal)) return;
        }
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

    /// @dev A request and an operator for which the contract has to refuse a vote: in a third of the calls a stale
    /// operator, in a third one that voted before, and otherwise whoever may not vote, for whatever reason.
    function tryToVote(uint256 seed, uint256 operatorSeed, bool isValid) external {
        for (uint256 i = 0; i < requests.length * 7; ++i) {
            uint256 j = (seed % requests.length + i / 7) % requests.length;
            address operator = world.operators[(operatorSeed % 7 + i) % 7];
            if (_mayVote(j, operator)) continue;
            (Checkpoint memory checkpoint, bool canVote) = checkpointAt(operator, requests[j].referenceTimepoint);
            bool isStale = checkpoint.weight != 0 && !canVote && _takesVotes(j);
            bool hasVoted = ballots[j][operator].accepted != 0 && (_takesVotes(j) || requests[j].commitWindow != 0);
            if (seed % 3 == 0 && !isStale || seed % 3 == 1 && !hasVoted) continue;
            _tryToVote(j, operator, isValid);
            if (isStale) ++counts["stale vote refused"];
            else if (hasVoted) ++counts["second vote refused"];
            else ++counts[checkpoint.weight == 0 ? "stranger's vote refused" : "other vote refused"];
            return;
        }
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
