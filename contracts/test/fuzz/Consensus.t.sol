// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Test } from "forge-std/Test.sol";

import { Consensus } from "../../src/libraries/Consensus.sol";

contract ConsensusTest is Test {
    function testFuzz_IsQuorum_NeverOfBothSides(uint96 total, uint96 valid, uint96 invalid, uint16 quorumBps)
        public
        pure
    {
        valid = uint96(bound(valid, 0, total));
        invalid = uint96(bound(invalid, 0, total - valid));
        quorumBps = uint16(bound(quorumBps, 5_001, 10_000));
        assertFalse(
            Consensus.isQuorum(valid, total, quorumBps) && Consensus.isQuorum(invalid, total, quorumBps), "both"
        );
    }

    /// @dev Where a rounding would show: weights next to the exact share.
    function testFuzz_IsQuorum_FromTheExactShareOn(uint96 total, uint16 quorumBps) public pure {
        total = uint96(bound(total, 1, type(uint96).max));
        quorumBps = uint16(bound(quorumBps, 5_001, 10_000));
        uint96 least = uint96((uint256(total) * quorumBps + 9_999) / 10_000);
        assertTrue(Consensus.isQuorum(least, total, quorumBps), "least");
        assertFalse(Consensus.isQuorum(least - 1, total, quorumBps), "one less");
        assertTrue(Consensus.isQuorum(total, total, quorumBps), "everyone");
    }

    function testFuzz_IsQuorum_NeedsWeight(uint96 weight, uint16 quorumBps) public pure {
        assertFalse(Consensus.isQuorum(weight, 0, quorumBps));
    }

    function testFuzz_FeeShare_SumsToNoMoreThanTheFee(uint128 fee, uint88[] memory weights, uint96 idle) public pure {
        uint256 length = weights.length < 256 ? weights.length : 256;
        uint96 voted;
        for (uint256 i = 0; i < length; ++i) {
            voted += weights[i];
        }
        idle = uint96(bound(idle, 0, type(uint96).max - voted));
        uint96 total = voted + idle;
        vm.assume(total != 0);
        uint256 sum;
        for (uint256 i = 0; i < length; ++i) {
            sum += Consensus.feeShare(fee, weights[i], total);
        }
        uint256 earned = Consensus.feeShare(fee, voted, total);
        assertLe(sum, earned, "shares");
        assertLe(earned - sum, length, "dust");
        assertLe(earned, fee, "fee");
        if (idle == 0) assertEq(earned, fee, "all of it");
    }

    function testFuzz_Response_IsTheMeanInPercent(uint88[] memory weights, uint256 seed) public pure {
        uint256 length = weights.length < 256 ? weights.length : 256;
        uint256 weight;
        uint256 weighted;
        uint256 least = 10_000;
        uint256 greatest = 100;
        for (uint256 i = 0; i < length; ++i) {
            if (weights[i] == 0) continue;
            uint256 confidence = 100 + uint256(keccak256(abi.encode(seed, i))) % 9_901;
            weight += weights[i];
            weighted += uint256(weights[i]) * confidence;
            if (confidence < least) least = confidence;
            if (confidence > greatest) greatest = confidence;
        }
        vm.assume(weight != 0);
        assertLe(weighted, type(uint112).max, "fits its slot");
        uint8 response = Consensus.response(greatest, weight * greatest - weighted, weight);
        assertEq(response, weighted / weight / 100, "the mean");
        assertGe(response, least / 100, "not below the least confident");
        assertLe(response, greatest / 100, "not above the most confident");
        assertGe(response, 1);
        assertLe(response, 100);
        assertEq(Consensus.response(greatest, 0, weight), greatest / 100, "a mean of equals");
    }
}
