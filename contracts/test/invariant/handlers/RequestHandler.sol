// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { JobState } from "../../../src/interfaces/IProofOfInferenceAVS.sol";
import { Job, Opening, Request, Status } from "../../../src/types/DataTypes.sol";
import { Entry, Store, World } from "../stores/Store.sol";
import { BaseHandler } from "./BaseHandler.sol";

/// @notice Opening requests, settling them, and collecting what they leave.
contract RequestHandler is BaseHandler {
    uint256 private constant MINIMUM_FEE = 0.001 ether;

    constructor(Store store_) BaseHandler(store_) { }

    // -- opening

    function openForNewJob(uint256 seed, uint128 reward, uint128 fee) external {
        _open(_newJob(seed), seed, reward, fee);
        store.count("openForNewJob");
    }

    /// @dev Another request, by anyone, of a job that is not decided.
    function openForSameJob(uint256 seed, uint128 reward, uint128 fee) external {
        uint256 jobCount = store.jobCount();
        for (uint256 i = 0; i < jobCount; ++i) {
            uint256 jobIndex = (seed % jobCount + i) % jobCount;
            if (store.getDecision(jobIndex).status != Status.None) continue;
            _open(jobIndex, seed, reward, fee);
            store.count("openForSameJob");
            return;
        }
    }

    function _newJob(uint256 seed) private returns (uint256) {
        World memory world = store.world();
        Job memory job;
        job.modelVersionId = world.modelVersionId;
        job.hasAgent = _roll(seed, "agent") % 2 == 0;
        uint256 agentId = _roll(seed, "agentId") % 2;
        if (job.hasAgent) job.agentId = agentId;
        job.payee = world.payees[agentId];
        job.quorumBps = uint16(5_001 + _roll(seed, "quorum") % 5_000 * (_roll(seed, "strict") % 3) / 2);
        job.minAttestations = uint16(1 + _roll(seed, "attestations") % 3);
        job.minConfidence = uint16(100 + _roll(seed, "confidence") % 5_000);
        job.salt = bytes32(store.jobCount());
        uint256 jobIndex = store.addJob(job);
        if (job.hasAgent && _roll(seed, "consent") % 2 == 0) {
            avs.recordConsent(job, _consent(job));
            store.count("recordConsent");
        }
        return jobIndex;
    }

    function _consent(Job memory job) private view returns (bytes memory) {
        return _sign(job.payee, avs.hashJob(job));
    }

    function _open(uint256 jobIndex, uint256 seed, uint128 reward, uint128 fee) private {
        World memory world = store.world();
        Job memory job = store.getJob(jobIndex);
        Request memory request;
        request.jobId = avs.hashJob(job);
        request.requester = world.requesters[_roll(seed, "requester") % 3];
        request.asset = world.assets[_roll(seed, "asset") % 3];
        uint256 lifetime = 60 + _roll(seed, "lifetime") % (avs.operatorSet().maxRequestLifetime() - 59);
        request.deadline = uint40(block.timestamp + lifetime);
        if (_roll(seed, "window") % 2 == 0) {
            request.commitWindow = uint32(1 + _roll(seed, "commitWindow") % (lifetime < 180 ? lifetime - 1 : 120));
        }
        request.referenceTimepoint = uint48(block.number - 1 - _roll(seed, "age") % registrar.maxReferenceAge());
        request.nonce = store.requestCount();

        bool fromDeposit = _roll(seed, "fromDeposit") % 3 != 0;
        uint256 available = avs.getDeposit(request.asset, request.requester);
        if (fromDeposit && available < MINIMUM_FEE) fromDeposit = false;
        // a token that takes a fee cannot pay an exact amount with the call
        if (!fromDeposit && request.asset == world.assets[2]) request.asset = world.assets[1];
        if (!fromDeposit) available = 20 ether;
        request.verificationFee =
            uint128(bound(fee, MINIMUM_FEE, available / 4 > MINIMUM_FEE ? available / 4 : MINIMUM_FEE));
        request.reward = uint128(bound(reward, 0, available - request.verificationFee));
        _submit(request, job, jobIndex, fromDeposit);
    }

    function _submit(Request memory request, Job memory job, uint256 jobIndex, bool fromDeposit) private {
        Opening memory opening;
        opening.fromDeposit = fromDeposit;
        if (job.hasAgent) opening.consent = _consent(job);
        uint256 amount = uint256(request.reward) + request.verificationFee;
        vm.prank(request.requester);
        bytes32 requestId = avs.requestInferenceVerification{
            value: !fromDeposit && request.asset == NATIVE ? amount : 0
        }(request, job, opening);

        if (fromDeposit) store.moveDeposit(request.asset, request.requester, -int256(amount));
        else store.moveWallet(request.asset, request.requester, -int256(amount));
        Entry memory entry;
        entry.id = requestId;
        entry.jobIndex = jobIndex;
        entry.fromDeposit = fromDeposit;
        entry.outcome = Status.Open;
        store.addRequest(request, entry);
        store.count(fromDeposit ? "opened from deposit" : "opened with the call");
        if (request.commitWindow != 0) store.count("opened with a commit window");
    }

    // -- settling

    function settle(uint256 seed) external {
        uint256 requestCount = store.requestCount();
        for (uint256 i = 0; i < requestCount; ++i) {
            uint256 j = (seed % requestCount + i) % requestCount;
            if (store.getEntry(j).outcome != Status.Open) continue;
            Request memory request = store.getRequest(j);
            JobState memory decision = avs.getJobState(request.jobId);
            bool isBound = decision.status != Status.None && decision.decidedAt <= request.deadline;
            if (!isBound && block.timestamp <= request.deadline) continue;
            _settle(j);
            store.count(isBound ? "settled by decision" : "expired");
            return;
        }
    }

    function _settle(uint256 i) private settling(i) {
        avs.settleRequest(store.getRequest(i), _jobOf(i));
    }

    /// @dev Requests that are final, or that nothing settles yet; the contract should refuse or change nothing.
    function tryToSettle(uint256 seed) external {
        uint256 requestCount = store.requestCount();
        if (requestCount != 0) _tryToSettle(seed % requestCount);
    }

    function _tryToSettle(uint256 i) private settling(i) {
        try avs.settleRequest(store.getRequest(i), _jobOf(i)) { }
        catch {
            store.count("settlement refused");
        }
    }

    // -- collecting

    /// @dev One request, named up to three times in the claim.
    function claimFees(uint256 seed, uint256 operatorSeed, uint256 times) external {
        uint256 requestCount = store.requestCount();
        for (uint256 i = 0; i < requestCount; ++i) {
            uint256 j = (seed % requestCount + i) % requestCount;
            if (store.getEntry(j).outcome == Status.Open) continue;
            Request[] memory requests = new Request[](bound(times, 1, 3));
            for (uint256 k = 0; k < requests.length; ++k) {
                requests[k] = store.getRequest(j);
            }
            address operator = store.world().operators[operatorSeed % 7];
            _recordFees(j, _claim(operator, requests));
            store.count("claimFees");
            return;
        }
    }

    /// @dev For every operator; requests of two assets by turns, so that what each paid is known by its asset.
    function claimFeesOfTwoAssets(uint256 seed) external {
        uint256 requestCount = store.requestCount();
        for (uint256 i = 0; i < requestCount; ++i) {
            uint256 first = (seed % requestCount + i) % requestCount;
            if (store.getEntry(first).outcome == Status.Open) continue;
            for (uint256 k = 1; k < requestCount; ++k) {
                uint256 second = (first + k) % requestCount;
                if (store.getEntry(second).outcome == Status.Open) continue;
                if (store.getRequest(first).asset == store.getRequest(second).asset) continue;
                _claimBoth(first, second);
                store.count("claimFeesOfTwoAssets");
                return;
            }
        }
    }

    function _claimBoth(uint256 first, uint256 second) private {
        World memory world = store.world();
        Request[] memory requests = new Request[](4);
        requests[0] = store.getRequest(first);
        requests[1] = store.getRequest(second);
        requests[2] = requests[0];
        requests[3] = requests[1];
        for (uint256 i = 0; i < world.operators.length; ++i) {
            uint256 before = avs.getEarnings(requests[0].asset, world.operators[i]);
            uint256 credited = _claim(world.operators[i], requests);
            uint256 ofFirst = avs.getEarnings(requests[0].asset, world.operators[i]) - before;
            _recordFees(first, ofFirst);
            _recordFees(second, credited - ofFirst);
        }
    }

    function _claim(address operator, Request[] memory requests) private returns (uint256) {
        return avs.claimFees(operator, requests);
    }

    function _recordFees(uint256 i, uint256 amount) private {
        if (amount == 0) return;
        Entry memory entry = store.getEntry(i);
        entry.feesPaid += amount;
        store.setEntry(i, entry);
        store.count("fees paid");
    }

    function releaseUnearnedFee(uint256 seed) external {
        uint256 requestCount = store.requestCount();
        for (uint256 i = 0; i < requestCount; ++i) {
            uint256 j = (seed % requestCount + i) % requestCount;
            Status outcome = store.getEntry(j).outcome;
            Request memory request = store.getRequest(j);
            if (outcome == Status.Open || outcome == Status.Expired) continue;
            if (request.commitWindow == 0 || block.timestamp <= request.deadline) continue;
            _release(j);
            return;
        }
    }

    /// @dev Twice: the second time releases nothing.
    function _release(uint256 i) private settling(i) {
        Request memory request = store.getRequest(i);
        if (avs.releaseUnearnedFee(request) != 0) store.count("releaseUnearnedFee");
        avs.releaseUnearnedFee(request);
    }
}
