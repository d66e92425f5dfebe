// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Voting } from "./Voting.sol";
import { IProofOfInferenceAVS } from "./interfaces/IProofOfInferenceAVS.sol";
import { Problem } from "./libraries/Problem.sol";
import { Signatures } from "./libraries/Signatures.sol";
import { Certificate, Request, Status } from "./types/DataTypes.sol";
import { Shared, Tally } from "./types/Tally.sol";

/// @title Requests that were decided before the chain saw them
/// @dev A settled one leaves a bit, its requester's nonce, and no record: a request is either opened on chain, whose
/// record then keeps it from being settled twice, or it is settled by one certificate, whose nonce does.
abstract contract Certificates is Voting {
    /// @dev By the nonce less its lowest 8 bits, which say the bit.
    mapping(address requester => mapping(uint256 word => uint256)) private _usedNonces;

    /// @inheritdoc IProofOfInferenceAVS
    function settleCertificates(Certificate[] calldata certificates) external returns (Status[] memory statuses) {
        statuses = new Status[](certificates.length);
        Tally memory tally = _newTally();
        for (uint256 i = 0; i < certificates.length; ++i) {
            Certificate calldata certificate = certificates[i];
            _load(tally, certificate.request, certificate.job);
            statuses[i] = _finish(tally, _settleCertificate(tally, certificate));
        }
        _writeBalances(tally);
        _writeNonces(tally.shared);
    }

    /// @inheritdoc IProofOfInferenceAVS
    function isNonceUsed(address requester, uint256 nonce) public view returns (bool) {
        return _usedNonces[requester][nonce >> 8] >> (nonce & 0xff) & 1 != 0;
    }

    function _settleCertificate(Tally memory tally, Certificate calldata certificate)
        private
        returns (bytes memory problem)
    {
        Request memory request = tally.request;
        if (request.commitWindow != 0) {
            return Problem.encode(InvalidCommitWindow.selector, request.commitWindow, request.deadline);
        }
        if (tally.state.status == Status.Open) {
            return _countBallot(tally, certificate.votes, _noSalts());
        }
        problem = _checkCertificate(tally, certificate);
        if (problem.length != 0) return problem;
        if (tally.jobState.status != Status.None) {
            _openCertified(tally);
            _settleByDecision(tally);
            return problem;
        }
        tally.outcome = Status.Open;
        _count(tally, certificate.votes, _noSalts());
        if (tally.outcome == Status.Open) return _quorumNotReached(tally);
        if (_needsConsent(tally)) _recordConsent(tally);
        _openCertified(tally);
        _report(tally);
        _decide(tally);
    }

    function _openCertified(Tally memory tally) private {
        Request memory request = tally.request;
        tally.shared.usedNonces |= 1 << (request.nonce & 0xff);
        tally.shared.deposit.amount -= _amountOf(request); // which was checked against it
        _open(tally, true);
    }

    /// @dev All but the votes. Of what makes a request openable, a decided job needs little: nobody votes, the whole fee
    /// goes back, and the job itself was found right when it was decided.
    function _checkCertificate(Tally memory tally, Certificate calldata certificate)
        private
        returns (bytes memory problem)
    {
        Request memory request = tally.request;
        bool isDecided = tally.jobState.status != Status.None;
        if (tally.state.status != Status.None) return _notOpen(tally.requestId, tally.state.status);
        problem = _checkJob(tally);
        if (problem.length == 0) problem = _checkNonce(tally.shared, request);
        if (problem.length == 0) problem = isDecided ? _checkJoining(tally) : _checkOpening(tally);
        if (problem.length != 0) return problem;
        if (!Signatures.isValid(request.requester, tally.requestId, certificate.requesterSignature)) {
            return
                Problem.encode(InvalidRequesterSignature.selector, uint256(tally.requestId), uint160(request.requester));
        }
        _hold(tally.shared.deposit, request.asset, request.requester);
        problem = _checkDeposit(tally.shared.deposit, _amountOf(request));
        if (problem.length != 0 || isDecided || !_needsConsent(tally)) return problem;
        return _checkConsent(request.jobId, tally.job, certificate.consent);
    }

    function _checkNonce(Shared memory shared, Request memory request) internal returns (bytes memory problem) {
        (address requester, uint256 word) = (request.requester, request.nonce >> 8);
        if (shared.noncesOf != requester || shared.nonceWord != word) {
            _writeNonces(shared);
            (shared.noncesOf, shared.nonceWord, shared.usedNonces) = (requester, word, _usedNonces[requester][word]);
        }
        if (shared.usedNonces >> (request.nonce & 0xff) & 1 != 0) {
            return Problem.encode(NonceAlreadyUsed.selector, uint160(requester), request.nonce);
        }
    }

    function _writeNonces(Shared memory shared) private {
        (address requester, uint256 word, uint256 used) = (shared.noncesOf, shared.nonceWord, shared.usedNonces);
        if (requester != address(0) && used != _usedNonces[requester][word]) _usedNonces[requester][word] = used;
    }

    function _noSalts() private pure returns (bytes32[] calldata salts) {
        assembly ("memory-safe") {
            salts.length := 0
        }
    }

    /// @dev What a request must be to be settled by its job's decision.
    function _checkJoining(Tally memory tally) private view returns (bytes memory problem) {
        Request memory request = tally.request;
        if (block.timestamp > request.deadline) {
            return Problem.encode(RequestDeadlinePassed.selector, uint256(tally.requestId), request.deadline);
        }
        return _checkPayee(request, tally.job);
    }

    function _quorumNotReached(Tally memory tally) private pure returns (bytes memory) {
        return Problem.encode(
            QuorumNotReached.selector,
            uint256(tally.requestId),
            tally.state.validWeight,
            tally.state.invalidWeight,
            tally.shared.totalWeight
        );
    }
}
