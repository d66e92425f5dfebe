// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Voting } from "./Voting.sol";
import { RequestTerms } from "./interfaces/IModelRegistry.sol";
import { IProofOfInferenceAVS } from "./interfaces/IProofOfInferenceAVS.sol";
import { Problem } from "./libraries/Problem.sol";
import { Signatures } from "./libraries/Signatures.sol";
import { Certificate, Request, Status, Vote } from "./types/DataTypes.sol";
import { Tally } from "./types/Tally.sol";

/// @title Requests that were decided before the chain saw them
abstract contract Certificates is Voting {
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
}
