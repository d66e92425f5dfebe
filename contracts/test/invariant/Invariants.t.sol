// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { LibBit } from "solady/utils/LibBit.sol";

import { Voter } from "../../src/interfaces/IOperatorSet.sol";
import { JobState, RequestState } from "../../src/interfaces/IProofOfInferenceAVS.sol";
import { Request, Status } from "../../src/types/DataTypes.sol";
import { MockToken } from "../mocks/Tokens.sol";
import { Campaign } from "./Campaign.sol";
import { Ballot, Checkpoint, Decision, Entry } from "./stores/Store.sol";

/// @notice What holds of counting and paying, whatever users, operators and time do.
/// @dev None of these facts heals by itself once broken, so every 25th call is often enough to look; the last of a run
/// is one.
/// forge-config: default.invariant.fail-on-revert = true
/// forge-config: default.invariant.check-interval = 25
/// forge-config: default.invariant.include-storage = false
/// forge-config: default.invariant.include-push-bytes = false
contract InvariantTest is Campaign {
    function setUp() public override {
        super.setUp();
        target();
    }

    function invariant_OperatorCountsAtMostOncePerRequestAndOnlyWithFreshWeight() public view {
        for (uint256 i = 0; i < handler.requestCount(); ++i) {
            assertTally(i);
        }
    }

    function invariant_FeesPaidNeverExceedTheFee() public view {
        for (uint256 i = 0; i < handler.requestCount(); ++i) {
            Entry memory entry = handler.getEntry(i);
            Request memory request = handler.getRequest(i);
            assertLe(entry.feesPaid + entry.feeReturned, request.verificationFee, "fee");
            if (entry.outcome == Status.Open || entry.outcome == Status.Expired) assertEq(entry.feesPaid, 0, "paid");
        }
    }

    /// @dev Deposits and wallets of requesters move only by their own calls and by refunds, and a reward goes to the
    /// payee of a Verified job or back, whole, once.
    function invariant_NobodyButTheRequesterGetsItsDeposit() public view {
        for (uint256 i = 0; i < 3; ++i) {
            for (uint256 j = 0; j < 3; ++j) {
                address account = world.requesters[i];
                address asset = world.assets[j];
                int256 deposit = int256(world.avs.getDeposit(asset, account));
                assertEq(deposit, handler.deposits(asset, account), "deposit");
                uint256 wallet = asset == address(0) ? account.balance : MockToken(asset).balanceOf(account);
                assertEq(int256(wallet) - int256(WEALTH), handler.wallets(asset, account), "wallet");
            }
        }
        for (uint256 i = 0; i < handler.requestCount(); ++i) {
            Entry memory entry = handler.getEntry(i);
            uint256 reward = entry.outcome == Status.Open ? 0 : handler.getRequest(i).reward;
            bool isVerified = entry.outcome == Status.Verified;
            assertEq(entry.rewardPaid, isVerified ? reward : 0, "reward paid");
            assertEq(entry.rewardReturned, isVerified ? 0 : reward, "reward returned");
        }
    }

    function invariant_TotalWeightIsSumOfSeats() public view {
        assertTotal(vm.getBlockNumber() - 1);
        for (uint256 i = 0; i < handler.requestCount(); ++i) {
            assertTotal(handler.getRequest(i).referenceTimepoint);
        }
    }

    function assertTally(uint256 i) private view {
        Entry memory entry = handler.getEntry(i);
        Request memory request = handler.getRequest(i);
        uint256 minConfidence = handler.getJob(entry.jobIndex).minConfidence;
        uint256[3] memory expected;
        uint256 voters;
        for (uint256 k = 0; k < world.operators.length; ++k) {
            Ballot memory ballot = handler.getBallot(i, world.operators[k]);
            if (ballot.accepted == 0) continue;
            assertEq(ballot.accepted, 1, "voted once");
            (Checkpoint memory checkpoint, bool canVote) =
                handler.checkpointAt(world.operators[k], request.referenceTimepoint);
            assertTrue(canVote, "fresh");
            ++voters;
            bool isValid = ballot.isValid && ballot.confidence >= minConfidence;
            expected[isValid ? 0 : 1] += checkpoint.weight;
            if (isValid && ballot.isCounted && entry.outcome == Status.Open) {
                expected[2] += uint256(checkpoint.weight) * (9_900 - ballot.confidence);
            }
        }
        if (entry.isCertified) {
            assertCertified(i, expected);
            return;
        }
        RequestState memory state = world.avs.getRequestState(entry.id);
        assertEq(state.validWeight, expected[0], "validWeight");
        assertEq(state.invalidWeight, expected[1], "invalidWeight");
        assertEq(state.confidenceShortfall, expected[2], "confidenceShortfall");
        // votes that are claimed, or were paid at once, have no bit
        assertLe(LibBit.popCount(state.validVotes) + LibBit.popCount(state.invalidVotes), voters, "votes");
    }

    /// @dev A certificate leaves no record, and had a quorum.
    function assertCertified(uint256 i, uint256[3] memory weights) private view {
        Entry memory entry = handler.getEntry(i);
        Request memory request = handler.getRequest(i);
        RequestState memory empty;
        assertEq(abi.encode(world.avs.getRequestState(entry.id)), abi.encode(empty), "no record");
        if (entry.isJoined) return;
        uint256 total;
        for (uint256 k = 0; k < world.operators.length; ++k) {
            (Checkpoint memory checkpoint,) = handler.checkpointAt(world.operators[k], request.referenceTimepoint);
            total += checkpoint.weight;
        }
        uint256 weight = weights[entry.outcome == Status.Verified ? 0 : 1];
        assertGe(weight * 10_000, total * handler.getJob(entry.jobIndex).quorumBps, "quorum");
    }

    /// @dev Nonces are handed out once here, so that each is one request's.
    function invariant_NonceIsUsedIfACertificateSettledIt() public view {
        for (uint256 i = 0; i < handler.requestCount(); ++i) {
            Request memory request = handler.getRequest(i);
            bool isUsed = world.avs.isNonceUsed(request.requester, request.nonce);
            assertEq(isUsed, handler.getEntry(i).isCertified, "nonce");
            for (uint256 k = 0; k < world.requesters.length; ++k) {
                if (world.requesters[k] == request.requester) continue;
                assertFalse(world.avs.isNonceUsed(world.requesters[k], request.nonce), "another's nonce");
            }
        }
        for (uint256 k = 0; k < world.requesters.length; ++k) {
            assertFalse(
                world.avs.isNonceUsed(world.requesters[k], handler.nonceOf(handler.requestCount())), "a nonce to come"
            );
        }
    }

    function assertTotal(uint256 timepoint) private view {
        uint256 sum;
        uint256 expected;
        uint256 indices;
        for (uint256 i = 0; i < world.operators.length; ++i) {
            (Voter memory voter,) = world.registrar.getVoter(world.operators[i], uint48(timepoint));
            (Checkpoint memory checkpoint,) = handler.checkpointAt(world.operators[i], timepoint);
            sum += voter.weight;
            expected += checkpoint.weight;
            if (voter.weight == 0) continue;
            assertEq(indices & 1 << voter.index, 0, "index held twice");
            indices |= 1 << voter.index;
        }
        assertEq(world.registrar.getTotalWeight(uint48(timepoint)), sum, "sum of the seats");
        assertEq(sum, expected, "sum of the model's");
    }
}

/// @notice What holds of endings; and after each run, everything is settled and withdrawn.
/// forge-config: default.invariant.fail-on-revert = true
/// forge-config: default.invariant.check-interval = 25
/// forge-config: default.invariant.include-storage = false
/// forge-config: default.invariant.include-push-bytes = false
contract SettlementInvariantTest is Campaign {
    function setUp() public override {
        super.setUp();
        target();
    }

    /// @dev Open escrow is reward and fee until a request is final, and then what is left of the fee.
    function invariant_BalanceCoversDepositsEarningsAndOpenEscrow() public view {
        for (uint256 i = 0; i < 3; ++i) {
            address asset = world.assets[i];
            uint256 owed = depositsAndEarnings(asset);
            for (uint256 j = 0; j < handler.requestCount(); ++j) {
                if (handler.getRequest(j).asset == asset) owed += escrowOf(j);
            }
            assertGe(balanceOf(asset), owed, "balance");
        }
    }

    function invariant_JobHasAtMostOneOutcomeAndEveryRequestEndsByIt() public view {
        for (uint256 i = 0; i < handler.jobCount(); ++i) {
            Decision memory decision = handler.getDecision(i);
            JobState memory state = world.avs.getJobState(world.avs.hashJob(handler.getJob(i)));
            assertEq(uint8(state.status), uint8(decision.status), "job's outcome");
            assertEq(state.decidedAt, decision.decidedAt, "decidedAt");
            assertEq(state.recordHash, decision.recordHash, "recordHash");
        }
        for (uint256 i = 0; i < handler.requestCount(); ++i) {
            assertOutcome(i);
        }
    }

    /// @dev Of the votes that were counted before the decision only.
    function invariant_ResponseIsTheMeanConfidenceOfTheVotesThatDecided() public view {
        for (uint256 i = 0; i < handler.jobCount(); ++i) {
            Decision memory decision = handler.getDecision(i);
            JobState memory state = world.avs.getJobState(world.avs.hashJob(handler.getJob(i)));
            uint256 mean = decision.status == Status.Verified ? meanConfidence(i, decision.decidedBy) : 0;
            assertEq(state.response, mean / 100, "response");
        }
    }

    function meanConfidence(uint256 jobIndex, uint256 i) private view returns (uint256) {
        uint256 weight;
        uint256 weighted;
        for (uint256 k = 0; k < world.operators.length; ++k) {
            Ballot memory ballot = handler.getBallot(i, world.operators[k]);
            bool isValid = ballot.isValid && ballot.confidence >= handler.getJob(jobIndex).minConfidence;
            if (ballot.accepted == 0 || !ballot.isCounted || !isValid) continue;
            (Checkpoint memory checkpoint,) =
                handler.checkpointAt(world.operators[k], handler.getRequest(i).referenceTimepoint);
            weight += checkpoint.weight;
            weighted += uint256(checkpoint.weight) * ballot.confidence;
        }
        return weighted / weight;
    }

    // -- after a run

    /// @dev Everybody can take out what is theirs, and what stays is what the rounding of fees left.
    function afterInvariant() public {
        vm.warp(vm.getBlockTimestamp() + 1 days);
        uint256 requestCount = handler.requestCount();
        for (uint256 i = 0; i < requestCount; ++i) {
            handler.settle(i);
        }
        for (uint256 i = 0; i < requestCount; ++i) {
            assertTrue(handler.getEntry(i).outcome != Status.Open, "settled");
            // a certificate leaves nothing to collect
            if (!handler.getEntry(i).isCertified) collect(handler.getRequest(i));
        }
        invariant_JobHasAtMostOneOutcomeAndEveryRequestEndsByIt();
        for (uint256 i = 0; i < 3; ++i) {
            withdrawAll(world.assets[i]);
        }
    }

    function collect(Request memory request) private {
        world.avs.releaseUnearnedFee(request);
        Request[] memory requests = new Request[](1);
        requests[0] = request;
        for (uint256 i = 0; i < world.operators.length; ++i) {
            world.avs.claimFees(world.operators[i], requests);
        }
    }

    function withdrawAll(address asset) private {
        for (uint256 i = 0; i < 3; ++i) {
            uint256 amount = world.avs.getDeposit(asset, world.requesters[i]);
            if (amount == 0) continue;
            vm.startPrank(world.requesters[i]);
            world.avs.initiateDepositWithdrawal(asset, amount);
            vm.warp(vm.getBlockTimestamp() + world.avs.depositWithdrawalDelay());
            world.avs.completeDepositWithdrawal(asset);
            vm.stopPrank();
        }
        address[12] memory earners = earnersOf();
        for (uint256 i = 0; i < earners.length; ++i) {
            if (world.avs.getEarnings(asset, earners[i]) != 0) world.avs.withdrawEarnings(asset, earners[i]);
        }
        assertEq(depositsAndEarnings(asset), 0, "withdrawn");
        // of each request, less than one unit for each of its voters
        assertLe(balanceOf(asset), handler.requestCount() * world.operators.length, "dust");
    }

    // -- helpers

    function earnersOf() private view returns (address[12] memory earners) {
        for (uint256 i = 0; i < 12; ++i) {
            if (i < 3) earners[i] = world.requesters[i];
            else earners[i] = i < 5 ? world.payees[i - 3] : world.operators[i - 5];
        }
    }

    function balanceOf(address asset) private view returns (uint256) {
        return asset == address(0) ? address(world.avs).balance : MockToken(asset).balanceOf(address(world.avs));
    }

    function depositsAndEarnings(address asset) private view returns (uint256 sum) {
        address[12] memory earners = earnersOf();
        for (uint256 i = 0; i < earners.length; ++i) {
            sum += world.avs.getDeposit(asset, earners[i]) + world.avs.getEarnings(asset, earners[i]);
        }
    }

    function escrowOf(uint256 i) private view returns (uint256) {
        Entry memory entry = handler.getEntry(i);
        Request memory request = handler.getRequest(i);
        if (entry.outcome == Status.Open) return uint256(request.reward) + request.verificationFee;
        return request.verificationFee - entry.feesPaid - entry.feeReturned;
    }

    function assertOutcome(uint256 i) private view {
        Entry memory entry = handler.getEntry(i);
        Status recorded = entry.isCertified ? Status.None : entry.outcome;
        assertEq(uint8(world.avs.getRequestState(entry.id).status), uint8(recorded), "request's outcome");
        if (entry.outcome == Status.Open) return;
        Decision memory decision = handler.getDecision(entry.jobIndex);
        bool isBound = decision.status != Status.None && decision.decidedAt <= handler.getRequest(i).deadline;
        assertEq(uint8(entry.outcome), uint8(isBound ? decision.status : Status.Expired), "by the job's outcome");
    }
}
