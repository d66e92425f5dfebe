// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Attestation, Job, Request, Status } from "../../../src/types/DataTypes.sol";
import { Ballot, Checkpoint, Store, World } from "../stores/Store.sol";
import { BaseHandler } from "./BaseHandler.sol";

/// @notice Commitments, votes and reveals: those that the contract must take, and those that it must refuse.
contract VoteHandler is BaseHandler {
    constructor(Store store_) BaseHandler(store_) { }

    // -- what must be taken

    /// @dev Up to `voters` operators vote on one request without a commit window.
    function vote(uint256 seed, uint256 voters, bool isValid) external {
        uint256 requestCount = store.requestCount();
        for (uint256 i = 0; i < requestCount; ++i) {
            uint256 j = (seed % requestCount + i) % requestCount;
            if (store.getRequest(j).commitWindow != 0 || !_takesVotes(j)) continue;
            if (_each(j, seed, bound(voters, 1, 6), isValid, _vote)) return;
        }
    }

    function commit(uint256 seed, uint256 voters, bool isValid) external {
        uint256 requestCount = store.requestCount();
        for (uint256 i = 0; i < requestCount; ++i) {
            uint256 j = (seed % requestCount + i) % requestCount;
            if (!_takesCommitments(j)) continue;
            if (_each(j, seed, bound(voters, 2, 6), isValid, _commit)) return;
        }
    }

    /// @dev Also after the request is final, for the fee.
    function reveal(uint256 seed, uint256 voters) external {
        uint256 requestCount = store.requestCount();
        for (uint256 i = 0; i < requestCount; ++i) {
            uint256 j = (seed % requestCount + i) % requestCount;
            Request memory request = store.getRequest(j);
            if (request.commitWindow == 0 || block.timestamp > request.deadline) continue;
            if (block.timestamp <= _commitmentsCloseAt(j)) continue;
            if (_each(j, seed, bound(voters, 1, 6), false, _reveal)) return;
        }
    }

    // -- what must be refused

    /// @dev Any request and operator for which the contract has to refuse a vote: voted before, stale, no operator
    /// at the reference, not committed, too late.
    function tryToVote(uint256 seed, uint256 operatorSeed, bool isValid) external {
        World memory world = store.world();
        uint256 requestCount = store.requestCount();
        for (uint256 i = 0; i < requestCount * 7; ++i) {
            uint256 j = (seed % requestCount + i / 7) % requestCount;
            address operator = world.operators[(operatorSeed % 7 + i) % 7];
            Ballot memory ballot = store.getBallot(j, operator);
            if (_mayVote(j, operator, ballot)) continue;
            (Checkpoint memory checkpoint, bool canVote) =
                store.checkpointAt(operator, store.getRequest(j).referenceTimepoint);
            // over the whole of a run: first who has no fresh seat, then who voted already
            if (seed % 3 == 0 && (checkpoint.weight == 0 || canVote)) continue;
            if (seed % 3 == 1 && ballot.accepted == 0) continue;
            _try(j, operator, ballot, isValid);
            if (checkpoint.weight != 0 && !canVote) store.count("stale vote refused");
            if (checkpoint.weight == 0) store.count("stranger's vote refused");
            if (ballot.accepted != 0) store.count("second vote refused");
            return;
        }
    }

    function _try(uint256 i, address operator, Ballot memory ballot, bool isValid) private settling(i) {
        if (ballot.salt == 0) {
            ballot.isValid = isValid;
            ballot.confidence = isValid ? 9_900 : 10_000;
        }
        Attestation memory attestation = _attestation(i, operator, ballot);
        bool isOpen = _isCounted(i);
        bytes memory signature = _signature(attestation, i);
        try avs.submitVerification(store.getRequest(i), _jobOf(i), attestation, signature, ballot.salt) {
            _recordVote(i, operator, ballot, isOpen);
        } catch { }
    }

    // -- who may

    /// @dev A decision by another request of the job is taken over before a vote is looked at.
    function _isCounted(uint256 i) private view returns (bool) {
        return store.getEntry(i).outcome == Status.Open
            && store.getDecision(store.getEntry(i).jobIndex).status == Status.None;
    }

    function _takesVotes(uint256 i) private view returns (bool) {
        return _isCounted(i) && block.timestamp <= store.getRequest(i).deadline;
    }

    function _takesCommitments(uint256 i) private view returns (bool) {
        return store.getRequest(i).commitWindow != 0 && _takesVotes(i)
            && block.timestamp <= _commitmentsCloseAt(i);
    }

    function _commitmentsCloseAt(uint256 i) private view returns (uint256) {
        return uint256(avs.getRequestState(store.getEntry(i).id).openedAt) + store.getRequest(i).commitWindow;
    }

    function _mayVote(uint256 i, address operator, Ballot memory ballot) private view returns (bool) {
        Request memory request = store.getRequest(i);
        (, bool canVote) = store.checkpointAt(operator, request.referenceTimepoint);
        if (!canVote || ballot.accepted != 0 || block.timestamp > request.deadline) return false;
        if (request.commitWindow == 0) return _takesVotes(i);
        return ballot.salt != 0 && block.timestamp > _commitmentsCloseAt(i);
    }

    // -- doing

    /// @dev Has up to `voters` operators do it; whether any did.
    function _each(
        uint256 i,
        uint256 seed,
        uint256 voters,
        bool isValid,
        function(uint256, address, uint256, bool) returns (bool) act
    ) private returns (bool some) {
        World memory world = store.world();
        for (uint256 k = 0; k < world.operators.length && voters > 0; ++k) {
            address operator = world.operators[(seed / 7 + k) % 7];
            // one in four contradicts the others
            if (!act(i, operator, seed + k, _roll(seed + k, "dissent") % 4 == 0 ? !isValid : isValid)) continue;
            some = true;
            --voters;
        }
    }

    function _vote(uint256 i, address operator, uint256 seed, bool isValid) private returns (bool) {
        Ballot memory ballot = store.getBallot(i, operator);
        if (!_mayVote(i, operator, ballot)) return false;
        ballot.isValid = isValid;
        ballot.confidence = uint16(_roll(seed, "confidence") % 9_901);
        if (_roll(seed, "sure") % 4 != 0) ballot.confidence = 9_900;
        _submit(i, operator, ballot);
        store.count("vote");
        return true;
    }

    function _commit(uint256 i, address operator, uint256 seed, bool isValid) private returns (bool) {
        Request memory request = store.getRequest(i);
        Ballot memory ballot = store.getBallot(i, operator);
        (Checkpoint memory checkpoint, bool canVote) = store.checkpointAt(operator, request.referenceTimepoint);
        if (!canVote || ballot.salt != 0) return false;
        ballot.isValid = isValid;
        ballot.confidence = 9_900;
        ballot.salt = keccak256(abi.encode(seed, i, operator));
        bytes32 digest = avs.hashAttestation(_attestation(i, operator, ballot));
        vm.prank(_roll(seed, "committer") % 2 == 0 ? operator : checkpoint.signer);
        avs.commitVerification(request, operator, keccak256(abi.encode(digest, ballot.salt)));
        store.setBallot(i, operator, ballot);
        store.count("commit");
        return true;
    }

    function _reveal(uint256 i, address operator, uint256, bool) private returns (bool) {
        Ballot memory ballot = store.getBallot(i, operator);
        if (!_mayVote(i, operator, ballot)) return false;
        _submit(i, operator, ballot);
        store.count(store.getBallot(i, operator).isCounted ? "reveal" : "late reveal");
        return true;
    }

    function _submit(uint256 i, address operator, Ballot memory ballot) private settling(i) {
        Request memory request = store.getRequest(i);
        Job memory job = _jobOf(i);
        Attestation memory attestation = _attestation(i, operator, ballot);
        bool isOpen = _isCounted(i);
        avs.submitVerification(request, job, attestation, _signature(attestation, i), ballot.salt);
        _recordVote(i, operator, ballot, isOpen);
    }

    function _recordVote(uint256 i, address operator, Ballot memory ballot, bool isOpen) private {
        ballot.accepted += 1;
        ballot.isCounted = isOpen;
        store.setBallot(i, operator, ballot);
    }

    function _attestation(uint256 i, address operator, Ballot memory ballot)
        private
        view
        returns (Attestation memory attestation)
    {
        attestation.requestId = store.getEntry(i).id;
        attestation.operator = operator;
        attestation.isValid = ballot.isValid;
        attestation.confidence = ballot.confidence;
        attestation.method = store.world().method;
    }

    /// @dev By the key of the reference, or by today's where the operator had no seat.
    function _signature(Attestation memory attestation, uint256 i) private view returns (bytes memory) {
        (Checkpoint memory checkpoint,) =
            store.checkpointAt(attestation.operator, store.getRequest(i).referenceTimepoint);
        address signer = checkpoint.weight != 0 ? checkpoint.signer : store.signers(attestation.operator);
        return _sign(signer, avs.hashAttestation(attestation));
    }
}
