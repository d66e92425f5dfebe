// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Campaign } from "./Campaign.sol";

/// @notice A campaign says nothing of what its runs come upon; random runs as deep as its own do.
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
            "another's deposit refused",
            "consent recorded",
            "vote",
            "commitment",
            "reveal",
            "late reveal",
            "voted together",
            "revealed together",
            "late reveal together",
            "stale vote refused",
            "second vote refused",
            "other vote refused",
            "certified",
            "certified by the decision",
            "certificate refused",
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

    /// @dev Each of the events in two fifths of the runs at least.
    function test_RunsReachEveryAction() public {
        uint256[] memory runs = new uint256[](events.length);
        for (uint256 run = 0; run < RUNS; ++run) {
            uint256 snapshot = vm.snapshotState();
            for (uint256 i = 0; i < DEPTH; ++i) {
                act(uint256(keccak256(abi.encode(run, i))));
            }
            for (uint256 i = 0; i < events.length; ++i) {
                if (handler.counts(events[i]) != 0) ++runs[i];
            }
            vm.revertToState(snapshot);
        }
        for (uint256 i = 0; i < events.length; ++i) {
            assertGe(runs[i] * 5, RUNS * 2, events[i]);
        }
    }

    function act(uint256 seed) private {
        bytes4 action = actions[seed % actions.length];
        // no action takes more than three parameters, and an address takes 64 bits as well
        (bool success,) = address(handler)
            .call(abi.encodeWithSelector(action, uint64(seed >> 16), uint64(seed >> 80), uint64(seed >> 144)));
        assertTrue(success, "reverted");
    }
}
