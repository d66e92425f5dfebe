// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { VmSafe } from "forge-std/Vm.sol";

import { IProofOfInferenceAVS } from "../../../src/interfaces/IProofOfInferenceAVS.sol";
import { Attestation, Ballot as VotesOnRequest, Status, Vote } from "../../../src/types/DataTypes.sol";
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

    /// @dev After those have committed who still can, and the wait for the commit window to close; also once the request
    /// is final, for the fee.
    function reveal(uint256 seed, uint256 voters) external {
        for (uint256 i = 0; i < requests.length; ++i) {
            uint256 j = (seed % requests.length + i) % requests.length;
            _commitTo(j, seed, voters);
            if (requests[j].commitWindow == 0 || block.timestamp > requests[j].deadline || !_isCommittedTo(j)) {
                continue;
            }
            _waitUntil(uint256(entries[j].openedAt) + requests[j].commitWindow + 1);
            if (_revealOn(j, seed, voters)) return;
        }
    }

    /// @notice Up to `voters` operators vote on each of three requests, in a call for each; in a fifth of the cases the
    /// first votes twice, which must not count.
    function voteTogether(uint256 seed, uint256 voters) external {
        uint256 done;
        for (uint256 i = 0; i < requests.length && done < 3; ++i) {
            uint256 j = (seed % requests.length + i) % requests.length;
            if (requests[j].commitWindow == 0 && _voteTogether(j, seed, bound(voters, 2, 7))) ++done;
        }
    }

    /// @notice As `voteTogether`, all who committed, after those have who still can.
    function revealTogether(uint256 seed) external {
        uint256 done;
        for (uint256 i = 0; i < requests.length && done < 3; ++i) {
            uint256 j = (seed % requests.length + i) % requests.length;
            if (requests[j].commitWindow == 0 || block.timestamp > requests[j].deadline) continue;
            _commitTo(j, seed, 7);
            if (!_isCommittedTo(j)) continue;
            _waitUntil(uint256(entries[j].openedAt) + requests[j].commitWindow + 1);
            if (_voteTogether(j, seed, 7)) ++done;
        }
    }

    function _voteTogether(uint256 i, uint256 seed, uint256 voters) private returns (bool) {
        address[] memory willing = _willing(i, seed, voters);
        if (willing.length == 0) return false;
        _sendTogether(i, seed, willing);
        return true;
    }

    function _willing(uint256 i, uint256 seed, uint256 voters) private view returns (address[] memory willing) {
        address[7] memory found;
        uint256 count;
        for (uint256 k = 0; k < 7 && count < voters; ++k) {
            address operator = world.operators[(seed % 7 + k) % 7];
            if (_mayVote(i, operator)) found[count++] = operator;
        }
        if (count == 0) return willing;
        bool isRepeated = seed % 5 == 0;
        willing = new address[](isRepeated ? count + 1 : count);
        for (uint256 k = 0; k < count; ++k) {
            willing[k] = found[k];
        }
        if (isRepeated) willing[count] = found[0];
    }

    function _sendTogether(uint256 i, uint256 seed, address[] memory willing) private settling(i) {
        VotesOnRequest[] memory together = new VotesOnRequest[](1);
        together[0].request = requests[i];
        together[0].job = _jobOf(i);
        together[0].votes = new Vote[](willing.length);
        bool hasWindow = requests[i].commitWindow != 0;
        if (hasWindow) together[0].operatorSalts = new bytes32[](willing.length);
        for (uint256 k = 0; k < willing.length; ++k) {
            if (hasWindow) {
                together[0].operatorSalts[k] = ballots[i][willing[k]].salt;
            } else if (k == 0 || willing[k] != willing[0]) {
                ballots[i][willing[k]] = _verdict(i, _roll(seed, vm.toString(k)));
            }
            together[0].votes[k] = _voteOf(i, willing[k]);
        }
        vm.recordLogs();
        avs.submitVerifications(together);
        _recordCounted(i);
        ++counts[hasWindow ? "revealed together" : "voted together"];
    }

    /// @dev As `_each` and `_vote` have it.
    function _verdict(uint256 i, uint256 seed) internal view returns (Ballot memory ballot) {
        bool isValid = entries[i].jobIndex % 2 == 0;
        ballot.isValid = seed % 6 == 0 ? !isValid : isValid;
        ballot.confidence = _confidence(seed);
    }

    function _voteOf(uint256 i, address operator) internal view returns (Vote memory cast) {
        Attestation memory attestation = _attestation(i, operator, ballots[i][operator]);
        cast.operator = operator;
        cast.isValid = attestation.isValid;
        cast.confidence = attestation.confidence;
        (cast.r, cast.vs) = vm.signCompact(privateKeys[_signerOf(i, operator)], avs.hashAttestation(attestation));
    }

    /// @dev Which votes counted is what the call says; that they were willing operators', once each, and are in the
    /// tally is what the invariants look at.
    function _recordCounted(uint256 i) internal {
        VmSafe.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 k = 0; k < logs.length; ++k) {
            if (logs[k].topics[0] != IProofOfInferenceAVS.VerificationSubmitted.selector) continue;
            address operator = address(uint160(uint256(logs[k].topics[2])));
            bool isCounted = uint8(logs[k].data[30]) != 0;
            _recordVote(i, operator, ballots[i][operator], isCounted);
            if (!isCounted) ++counts["late reveal together"];
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

    /// @dev In three quarters of the cases the version's.
    function _confidence(uint256 seed) private pure returns (uint16) {
        return _roll(seed, "sure") % 4 == 0 ? uint16(_roll(seed, "confidence") % 9_901) : 9_900;
    }

    function _vote(uint256 i, address operator, uint256 seed, bool isValid) private returns (bool) {
        if (!_mayVote(i, operator)) return false;
        _submitVote(i, operator, Ballot(isValid, _confidence(seed), 0, 0, false));
        ++counts["vote"];
        return true;
    }

    function _commit(uint256 i, address operator, uint256 seed, bool isValid) private returns (bool) {
        (Checkpoint memory checkpoint, bool canVote) = checkpointAt(operator, requests[i].referenceTimepoint);
        if (!canVote || ballots[i][operator].salt != 0) return false;
        Ballot memory ballot = Ballot(isValid, _confidence(seed), keccak256(abi.encode(seed, i, operator)), 0, false);
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
    function _signerOf(uint256 i, address operator) private view returns (address) {
        (Checkpoint memory checkpoint,) = checkpointAt(operator, requests[i].referenceTimepoint);
        return checkpoint.weight != 0 ? checkpoint.signer : signers[operator];
    }

    function _signature(Attestation memory attestation, uint256 i) private view returns (bytes memory) {
        return _sign(_signerOf(i, attestation.operator), avs.hashAttestation(attestation));
    }
}
