// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Voter } from "../../src/interfaces/IOperatorSet.sol";
import { ECDSAOperatorInfo } from "../../src/interfaces/external/IECDSACertificateVerifier.sol";
import { TableSetTest } from "../utils/TableSetTest.sol";

/// @notice Loaded tables against a plain model: an operator's weight is what its entry says, and its index is how many
/// are heavier, or as heavy with a higher address.
contract OperatorTableSetFuzzTest is TableSetTest {
    uint256 private constant OPERATORS = 8;

    /// @dev As the contract should, with the products in full: stakes are bounded so that none overflows.
    function modelWeight(ECDSAOperatorInfo memory info) private pure returns (uint256 weight) {
        weight = info.weights[0] + info.weights[1] / 2;
        if (weight > MAX_WEIGHT) weight = MAX_WEIGHT;
        if (weight < MIN_WEIGHT) weight = 0;
    }

    function isAhead(uint256 weight, address operator, uint256 otherWeight, address other) private pure returns (bool) {
        return weight > otherWeight || (weight == otherWeight && operator > other);
    }

    function assertTable(uint48 timepoint, ECDSAOperatorInfo[] memory infos) private view {
        uint256[] memory weights = new uint256[](infos.length);
        for (uint256 i = 0; i < infos.length; ++i) {
            weights[i] = modelWeight(infos[i]);
        }
        uint256 total;
        for (uint256 i = 0; i < infos.length; ++i) {
            uint256 rank;
            for (uint256 j = 0; j < infos.length; ++j) {
                if (isAhead(weights[j], infos[j].pubkey, weights[i], infos[i].pubkey)) ++rank;
            }
            Voter memory voter = voterAt(infos[i].pubkey, timepoint);
            bool isSeated = weights[i] != 0 && rank < 256;
            assertEq(voter.canVote, isSeated, "canVote");
            assertEq(voter.weight, isSeated ? weights[i] : 0, "weight");
            assertEq(voter.index, isSeated ? rank : 0, "index");
            assertEq(voter.signingKey, isSeated ? infos[i].pubkey : address(0), "signingKey");
            total += voter.weight;
        }
        assertEq(tableSet.getTotalWeight(timepoint), total, "total");
    }

    /// @dev Stakes around the bounds of a weight, often equal.
    function stakeFrom(uint256 seed) private pure returns (uint256) {
        uint256 kind = seed % 8;
        if (kind == 0) return 0;
        if (kind == 1) return bound(seed >> 8, MIN_WEIGHT - 2, MIN_WEIGHT + 2);
        if (kind == 2) return uint256(MAX_WEIGHT) - 2 + (seed >> 8) % 5;
        if (kind == 3) return (seed >> 8) % (1 << 120);
        return MIN_WEIGHT + (seed >> 8) % 4;
    }

    /// @dev Some of the operators, in an order that is not that of their addresses. The first has weight.
    function tableFrom(uint256 seed) private pure returns (ECDSAOperatorInfo[] memory infos) {
        uint256 first = seed % OPERATORS;
        infos = new ECDSAOperatorInfo[](1 + (seed >> 8) % OPERATORS);
        for (uint256 i = 0; i < infos.length; ++i) {
            uint256 stakes = uint256(keccak256(abi.encode(seed, i)));
            infos[i] = entry(
                operatorNumber((first + 3 * i) % OPERATORS),
                i == 0 ? MIN_WEIGHT : stakeFrom(stakes & type(uint128).max),
                stakeFrom(stakes >> 128)
            );
        }
    }

    /// forge-config: default.fuzz.runs = 300
    function testFuzz_Tables_AreThoseOfThePlainModelForEver(uint256[5] memory seeds) public {
        ECDSAOperatorInfo[][] memory tables = new ECDSAOperatorInfo[][](seeds.length);
        for (uint256 i = 0; i < seeds.length; ++i) {
            tables[i] = tableFrom(uint256(keccak256(abi.encode(seeds[i]))));
            vm.warp(TABLE_TIME + i);
            postAndLoad(TABLE_TIME + uint48(i), tables[i]);
        }
        vm.warp(TABLE_TIME + seeds.length);
        for (uint256 i = 0; i < seeds.length; ++i) {
            assertTable(TABLE_TIME + uint48(i), tables[i]);
        }
    }

    /// forge-config: default.fuzz.runs = 20
    function testFuzz_LongTables_SeatTheHeaviest256(uint256 seed, uint256 count) public {
        ECDSAOperatorInfo[] memory infos = new ECDSAOperatorInfo[](bound(count, 250, 280));
        for (uint256 i = 0; i < infos.length; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            infos[i] = entry(address(uint160(random)), MIN_WEIGHT - 1 + (random >> 160) % 64);
        }
        postAndLoad(TABLE_TIME, infos);
        vm.warp(TABLE_TIME + 1);
        assertTable(TABLE_TIME, infos);
    }

    /// @notice Whether a table may be referred to, against the rule in one line per reason.
    function testFuzz_IsValidReference(
        uint32 successor,
        uint32 third,
        uint32 age,
        uint32 stalenessPeriod,
        bool isSuccessorLoaded,
        bool isDisabled
    ) public {
        successor = uint32(bound(successor, 1, 10 days));
        third = uint32(bound(third, successor + 1, 11 days));
        age = uint32(bound(age, 1, 12 days));
        staleness = stalenessPeriod % 3 == 0 ? 0 : uint32(bound(stalenessPeriod, 1, 10 days));
        postAndLoad(TABLE_TIME, ladder(3, MIN_WEIGHT));

        uint256 supersededAt = type(uint256).max;
        if (age >= successor) {
            vm.warp(TABLE_TIME + successor);
            post(TABLE_TIME + successor, ladder(2, MIN_WEIGHT));
            supersededAt = successor;
            if (isSuccessorLoaded) tableSet.loadTable(TABLE_TIME + successor);
        }
        if (age >= third) {
            vm.warp(TABLE_TIME + third);
            post(TABLE_TIME + third, ladder(1, MIN_WEIGHT));
            // what was posted in between, and never loaded, is not known of
            if (!isSuccessorLoaded) supersededAt = third;
        }
        vm.warp(TABLE_TIME + age);
        if (isDisabled) disableRoot(TABLE_TIME);

        bool expected = !isDisabled;
        if (age > MAX_REFERENCE_AGE) expected = false;
        if (staleness != 0 && age > staleness) expected = false;
        if (supersededAt != type(uint256).max && age > supersededAt + SUPERSEDED_GRACE) expected = false;
        assertEq(tableSet.isValidReference(TABLE_TIME), expected);
    }
}
