// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Job, Opening, Request, Status } from "../../../src/types/DataTypes.sol";
import { Entry } from "../stores/Store.sol";
import { BaseHandler } from "./BaseHandler.sol";

/// @notice Opening requests, settling them, and collecting what they leave.
abstract contract RequestHandler is BaseHandler {
    uint256 private constant MINIMUM_FEE = 0.001 ether;
    uint256 private constant LIFETIME = 30 minutes;

    // -- opening

    /// @dev Up to three requests of a new job.
    function openForNewJob(uint256 seed, uint256 reward, uint256 fee) external {
        uint256 jobIndex = _newJob(seed);
        for (uint256 i = 0; i <= _roll(seed, "count") % 3; ++i) {
            _open(jobIndex, _roll(seed, vm.toString(i)), reward, fee);
        }
        ++counts["opened for a new job"];
    }

    /// @dev Another request, by anyone, of a job that is not decided: one with an open request, or any.
    function openForSameJob(uint256 seed, uint256 reward, uint256 fee) external {
        for (uint256 i = 0; i < requests.length; ++i) {
            uint256 j = (seed % requests.length + i) % requests.length;
            uint256 jobIndex = entries[j].jobIndex;
            if (decisions[jobIndex].status != Status.None) continue;
            if (seed % 4 != 0 && block.timestamp > requests[j].deadline) continue;
            _open(jobIndex, seed, reward, fee);
            ++counts["opened for the same job"];
            return;
        }
    }

    /// @dev Somebody else's deposit; the contract should refuse.
    function tryToOpenForAnother(uint256 seed, uint256 reward, uint256 fee) external {
        if (jobs.length == 0 || decisions[seed % jobs.length].status != Status.None) return;
        Job memory job = jobs[seed % jobs.length];
        (Request memory request, bool fromDeposit) = _newRequest(job, seed, reward, fee);
        if (!fromDeposit) return;
        Opening memory opening = _opening(job, true);
        vm.prank(request.requester == world.requesters[0] ? world.requesters[1] : world.requesters[0]);
        try avs.requestInferenceVerification(request, job, opening) { }
        catch {
            ++counts["another's deposit refused"];
        }
    }

    function _newJob(uint256 seed) internal returns (uint256) {
        uint256 agentId = _roll(seed, "agentId") % 2;
        Job memory job;
        job.modelVersionId = world.modelVersionId;
        job.hasAgent = _roll(seed, "agent") % 2 == 0;
        if (job.hasAgent) job.agentId = agentId;
        job.payee = world.payees[agentId];
        job.quorumBps = uint16(5_001 + _roll(seed, "quorum") % (_roll(seed, "strict") % 4 == 0 ? 5_000 : 1_000));
        job.minAttestations = uint16(1 + _roll(seed, "attestations") % 3);
        job.minConfidence = uint16(100 + _roll(seed, "confidence") % 5_000);
        job.salt = bytes32(jobs.length);
        jobs.push(job);
        if (job.hasAgent && _roll(seed, "consent") % 2 == 0) {
            avs.recordConsent(job, _consent(job));
            ++counts["consent recorded"];
        }
        return jobs.length - 1;
    }

    function _consent(Job memory job) internal view returns (bytes memory) {
        return _sign(job.payee, avs.hashJob(job));
    }

    function _opening(Job memory job, bool fromDeposit) private view returns (Opening memory opening) {
        opening.fromDeposit = fromDeposit;
        if (job.hasAgent) opening.consent = _consent(job);
    }

    function _newRequest(Job memory job, uint256 seed, uint256 reward, uint256 fee)
        internal
        view
        returns (Request memory request, bool fromDeposit)
    {
        request.jobId = avs.hashJob(job);
        uint256 lifetime = LIFETIME - _roll(seed, "lifetime") % (LIFETIME / 2);
        request.deadline = uint40(block.timestamp + lifetime);
        if (_roll(seed, "window") % 2 == 0) {
            request.commitWindow = uint32(1 + _roll(seed, "commitWindow") % 120);
        }
        request.referenceTimepoint = uint48(block.number - 1 - _roll(seed, "age") % world.maxReferenceAge);
        request.nonce = nonceOf(requests.length);

        uint256 available;
        (fromDeposit, available) = _choosePayment(request, _roll(seed, "payment"));
        request.verificationFee =
            uint128(bound(fee, MINIMUM_FEE, available / 4 > MINIMUM_FEE ? available / 4 : MINIMUM_FEE));
        request.reward = uint128(bound(reward, 0, available - request.verificationFee));
    }

    /// @dev From any deposit that covers the least fee, or, in a third of the cases, with the call.
    function _choosePayment(Request memory request, uint256 seed)
        private
        view
        returns (bool fromDeposit, uint256 available)
    {
        for (uint256 i = 0; i < 9 && seed % 3 != 0; ++i) {
            request.requester = world.requesters[(seed % 9 + i) % 9 / 3];
            request.asset = world.assets[(seed % 9 + i) % 3];
            available = avs.getDeposit(request.asset, request.requester);
            if (available >= MINIMUM_FEE) return (true, available);
        }
        // a token that takes a fee cannot pay an exact amount with the call
        request.requester = world.requesters[seed / 9 % 3];
        request.asset = world.assets[seed / 27 % 2];
        return (false, 20 ether);
    }

    function _open(uint256 jobIndex, uint256 seed, uint256 reward, uint256 fee) private {
        Job memory job = jobs[jobIndex];
        (Request memory request, bool fromDeposit) = _newRequest(job, seed, reward, fee);
        Opening memory opening = _opening(job, fromDeposit);
        uint256 amount = uint256(request.reward) + request.verificationFee;
        vm.prank(request.requester);
        bytes32 requestId = avs.requestInferenceVerification{
            value: !fromDeposit && request.asset == NATIVE ? amount : 0
        }(
            request, job, opening
        );

        if (fromDeposit) deposits[request.asset][request.requester] -= int256(amount);
        else wallets[request.asset][request.requester] -= int256(amount);
        requests.push(request);
        Entry storage entry = entries.push();
        entry.id = requestId;
        entry.jobIndex = jobIndex;
        entry.fromDeposit = fromDeposit;
        entry.openedAt = uint40(block.timestamp);
        entry.outcome = Status.Open;
        ++counts[fromDeposit ? "opened from the deposit" : "opened with the call"];
        if (request.commitWindow != 0) ++counts["opened with a commit window"];
    }

    // -- settling

    function settle(uint256 seed) external {
        for (uint256 i = 0; i < requests.length; ++i) {
            uint256 j = (seed % requests.length + i) % requests.length;
            if (entries[j].outcome != Status.Open) continue;
            bool isBound = _isBound(j);
            if (!isBound && block.timestamp <= requests[j].deadline) continue;
            _settle(j);
            ++counts[isBound ? "settled by the decision" : "expired"];
            return;
        }
    }

    function _isBound(uint256 i) private view returns (bool) {
        uint256 jobIndex = entries[i].jobIndex;
        return decisions[jobIndex].status != Status.None && decisions[jobIndex].decidedAt <= requests[i].deadline;
    }

    function _settle(uint256 i) private settling(i) {
        avs.settleRequest(requests[i], _jobOf(i));
    }

    /// @dev Requests that are final, or that nothing settles yet; the contract should refuse.
    function tryToSettle(uint256 seed) external {
        if (requests.length != 0) _tryToSettle(seed % requests.length);
    }

    function _tryToSettle(uint256 i) private settling(i) {
        try avs.settleRequest(requests[i], _jobOf(i)) { }
        catch {
            ++counts["settlement refused"];
        }
    }

    // -- collecting

    /// @dev Final, and not by its certificate, which leaves nothing to collect.
    function _isRecorded(uint256 i) private view returns (bool) {
        return entries[i].outcome != Status.Open && !entries[i].isCertified;
    }

    /// @dev One request, named up to three times in the claim.
    function claimFees(uint256 seed, uint256 operatorSeed, uint256 times) external {
        for (uint256 i = 0; i < requests.length; ++i) {
            uint256 j = (seed % requests.length + i) % requests.length;
            if (!_isRecorded(j)) continue;
            Request[] memory claimed = new Request[](bound(times, 1, 3));
            for (uint256 k = 0; k < claimed.length; ++k) {
                claimed[k] = requests[j];
            }
            for (uint256 k = 0; k < 3; ++k) {
                _recordFees(j, avs.claimFees(world.operators[(operatorSeed % 7 + k) % 7], claimed));
            }
            return;
        }
    }

    /// @dev For every operator; requests of two assets by turns, so that what each paid is known by its asset.
    function claimFeesOfTwoAssets(uint256 seed) external {
        for (uint256 i = 0; i < requests.length; ++i) {
            uint256 first = (seed % requests.length + i) % requests.length;
            if (!_isRecorded(first)) continue;
            for (uint256 k = 1; k < requests.length; ++k) {
                uint256 second = (first + k) % requests.length;
                if (!_isRecorded(second) || requests[first].asset == requests[second].asset) continue;
                _claimBoth(first, second);
                ++counts["claimed in two assets"];
                return;
            }
        }
    }

    function _claimBoth(uint256 first, uint256 second) private {
        Request[] memory claimed = new Request[](4);
        claimed[0] = claimed[2] = requests[first];
        claimed[1] = claimed[3] = requests[second];
        address asset = requests[first].asset;
        for (uint256 i = 0; i < world.operators.length; ++i) {
            address operator = world.operators[i];
            uint256 before = avs.getEarnings(asset, operator);
            uint256 credited = avs.claimFees(operator, claimed);
            uint256 ofFirst = avs.getEarnings(asset, operator) - before;
            _recordFees(first, ofFirst);
            _recordFees(second, credited - ofFirst);
        }
    }

    function _recordFees(uint256 i, uint256 amount) private {
        if (amount == 0) return;
        entries[i].feesPaid += amount;
        ++counts["fee claimed"];
    }

    /// @dev Asked for twice: the second time releases nothing.
    function releaseUnearnedFee(uint256 seed) external {
        for (uint256 i = 0; i < requests.length; ++i) {
            uint256 j = (seed % requests.length + i) % requests.length;
            Status outcome = entries[j].outcome;
            if (outcome == Status.Open || outcome == Status.Expired) continue;
            if (requests[j].commitWindow == 0 || entries[j].feeReturned != 0) continue;
            _waitUntil(uint256(requests[j].deadline) + 1);
            _release(j);
            _release(j);
            return;
        }
    }

    function _release(uint256 i) private settling(i) {
        if (avs.releaseUnearnedFee(requests[i]) != 0) ++counts["unearned fee released"];
    }
}
