// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Test } from "forge-std/Test.sol";

import { Seat, SeatLibrary } from "../../src/types/Seat.sol";

contract SeatTest is Test {
    function testFuzz_Seated_RoundTrip(uint96 weight, uint48 timepoint, uint8 index) public pure {
        Seat seat = SeatLibrary.seated(weight, timepoint, index);
        assertTrue(seat.isSeated());
        assertEq(seat.weight(), weight);
        assertEq(seat.timepoint(), timepoint);
        assertEq(seat.index(), index);
    }

    function testFuzz_Seated_Layout(uint96 weight, uint48 timepoint, uint8 index) public pure {
        uint256 expected = uint256(weight) + uint256(timepoint) * 2 ** 96 + uint256(index) * 2 ** 144 + 2 ** 152;
        assertEq(Seat.unwrap(SeatLibrary.seated(weight, timepoint, index)), expected);
    }

    function testFuzz_Unseated_RoundTrip(uint48 timepoint) public pure {
        Seat seat = SeatLibrary.unseated(timepoint);
        assertFalse(seat.isSeated());
        assertEq(seat.weight(), 0);
        assertEq(seat.timepoint(), timepoint);
        assertEq(seat.index(), 0);
    }

    function test_Zero_IsNotSeated() public pure {
        assertFalse(Seat.wrap(0).isSeated());
    }
}
