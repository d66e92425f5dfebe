// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Campaign } from "./Campaign.sol";

/// @notice Random runs of the handler, as deep as a campaign's, happen upon everything that an invariant is about.
contract HandlerTest is Campaign {
    uint256 private constant RUNS = 40;
    uint256 private constant DEPTH = 100;

    string[] private events;

    function setUp() public override {
        super.setUp();
        events = [
            "deposit",
            "withdrawal initiated",
            "withdrawal completed",
            "earnings withdrawn",
            "opened for a new job",
            "opened for the same job",
            "opened from the deposit",
            "opened with the call",
            "opened with a commit window",
            "consent recorded",
            "vote",
            "commitment",
            "reveal",
            "late reveal",
            "stale vote refused",
            "second vote refused",
            "other vote refused",
            "job verified",
            "job rejected",
            "settled by the decision",
            "settlement refused",
            "expired",
            "fee claimed",
            "claimed in two assets",
            "unearned fee released",
            "join",
            "depart",
            "refresh",
            "stake set",
            "key rotated",
            "short pause",
            "long pause"
        ];
    }

    function test_RunsReachEveryAction() public {
        uint256[] memory runs = new uint256[](events.length);
        uint256[] memory totals = new uint256[](events.length);
        for (uint256 run = 0; run < RUNS; ++run) {
            uint256 snapshot = vm.snapshotState();
            for (uint256 i = 0; i < DEPTH; ++i) {
                act(uint256(keccak256(abi.encode(run, i))));
            }
            for (uint256 i = 0; i < events.length; ++i) {
                if (handler.counts(events[i]) != 0) ++runs[i];
                totals[i] += handler.counts(events[i]);
            }
            vm.revertToState(snapshot);
        }
        for (uint256 i = 0; i < events.length; ++i) {
            emit log_named_uint(events[i], runs[i] * 10000 + totals[i]);
        }
    }

    function act(uint256 seed) private {
        (uint256 a, uint256 b, uint64 c) = (uint64(seed >> 16), uint64(seed >> 80), uint64(seed >> 144));
        uint256 action = seed % 23;
        if (action == 0) handler.deposit(a, b, c);
        if (action == 1) handler.initiateDepositWithdrawal(a, b);
        if (action == 2) handler.completeDepositWithdrawal(a);
        if (action == 3) handler.withdrawEarnings(a, address(uint160(b)));
        if (action == 4) handler.openForNewJob(a, uint128(b), c);
        if (action == 5) handler.openForSameJob(a, uint128(b), c);
        if (action == 6) handler.settle(a);
        if (action == 7) handler.tryToSettle(a);
        if (action == 8) handler.claimFees(a, b, c);
        if (action == 9) handler.claimFeesOfTwoAssets(a);
        if (action == 10) handler.releaseUnearnedFee(a);
        if (action == 11) handler.vote(a, b);
        if (action == 12) handler.commit(a, b);
        if (action == 13) handler.reveal(a, b);
        if (action == 14) handler.tryToVote(a, b, c % 2 == 0);
        if (action == 15) handler.join(a);
        if (action == 16) handler.depart(a);
        if (action == 17) handler.refresh(a);
        if (action == 18) handler.setStake(a, b, c);
        if (action == 19) handler.rotateKey(a);
        if (action == 20) handler.passBlocks(a);
        if (action == 21) handler.passManyBlocks(a);
        if (action == 22) handler.participate(a, b);
    }
}
