// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Certificate, Job, Request, Status, Vote } from "../../../src/types/DataTypes.sol";
import { Entry } from "../stores/Store.sol";
import { RequestHandler } from "./RequestHandler.sol";
import { VoteHandler } from "./VoteHandler.sol";

/// @notice Requests that their certificates settle: each is sent twice in its call, and must settle once.
abstract contract CertificateHandler is RequestHandler, VoteHandler {
    function certifyNewJob(uint256 seed, uint256 reward, uint256 fee) external {
        _certify(_newJob(seed), seed, reward, fee);
    }

    /// @dev Another request, by anyone, of any job: its own votes decide it, or another request did.
    function certifySameJob(uint256 seed, uint256 reward, uint256 fee) external {
        if (jobs.length != 0) _certify(seed % jobs.length, seed, reward, fee);
    }

    function _certify(uint256 jobIndex, uint256 seed, uint256 reward, uint256 fee) private {
        Job memory job = jobs[jobIndex];
        for (uint256 i = 0; i < 4; ++i) {
            (Request memory request, bool fromDeposit) = _newRequest(job, _roll(seed, vm.toString(i)), reward, fee);
            if (!fromDeposit) continue;
            request.commitWindow = 0;
            _settleCertificate(jobIndex, request, seed);
            return;
        }
    }

    function _settleCertificate(uint256 jobIndex, Request memory request, uint256 seed) private {
        uint256 i = requests.length;
        bool wasDecided = decisions[jobIndex].status != Status.None;
        requests.push(request);
        Entry storage entry = entries.push();
        entry.id = avs.hashRequest(request);
        entry.jobIndex = jobIndex;
        entry.fromDeposit = true;
        entry.openedAt = uint40(block.timestamp);
        Certificate[] memory certificates = new Certificate[](2);
        certificates[0] = certificates[1] = _certificate(i, seed);

        Balances memory before = _balances(i);
        vm.recordLogs();
        entry.outcome = avs.settleCertificates(certificates)[0];
        if (entry.outcome == Status.None) {
            // what it left, were it anything, nothing here would explain
            _forget(i);
            ++counts["certificate refused"];
            return;
        }
        entry.isCertified = true;
        entry.isJoined = wasDecided;
        _recordCounted(i);
        _recordSettlement(i, before, uint256(request.reward) + request.verificationFee);
        ++counts[wasDecided ? "certified by the decision" : "certified"];
    }

    /// @dev All operators vote, also those who may not, and two of them twice, in nine of ten cases; else only one does.
    /// Only the first may dissent.
    function _certificate(uint256 i, uint256 seed) private returns (Certificate memory certificate) {
        certificate.request = requests[i];
        certificate.job = _jobOf(i);
        certificate.requesterSignature = _sign(requests[i].requester, entries[i].id);
        if (certificate.job.hasAgent) certificate.consent = _consent(certificate.job);
        certificate.votes = new Vote[](_roll(seed, "voters") % 10 == 0 ? 1 : 9);
        for (uint256 k = 0; k < certificate.votes.length; ++k) {
            address operator = world.operators[(_roll(seed, "first") % 7 + k) % 7];
            if (k < 7) ballots[i][operator] = _verdict(i, _roll(seed, vm.toString(k)));
            if (k > 0 && k < 7) ballots[i][operator].isValid = entries[i].jobIndex % 2 == 0;
            certificate.votes[k] = _voteOf(i, operator);
        }
    }

    function _forget(uint256 i) private {
        for (uint256 k = 0; k < world.operators.length; ++k) {
            delete ballots[i][world.operators[k]];
        }
        requests.pop();
        entries.pop();
    }
}
