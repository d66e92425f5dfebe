// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice What a checkpoint says of an operator, in 208 bits:
/// weight 0..95 | timepoint 96..143 | index 144..151 | isSeated 152.
/// @dev Zero, which is what an address without a checkpoint has, is "not seated".
type Seat is uint208;

using SeatLibrary for Seat global;

library SeatLibrary {
    function seated(uint96 weight_, uint48 timepoint_, uint8 index_) internal pure returns (Seat) {
        return Seat.wrap(uint208(weight_) | uint208(timepoint_) << 96 | uint208(index_) << 144 | uint208(1) << 152);
    }

    function unseated(uint48 timepoint_) internal pure returns (Seat) {
        return Seat.wrap(uint208(timepoint_) << 96);
    }

    function weight(Seat seat) internal pure returns (uint96) {
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint96(Seat.unwrap(seat));
    }

    function timepoint(Seat seat) internal pure returns (uint48) {
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint48(Seat.unwrap(seat) >> 96);
    }

    function index(Seat seat) internal pure returns (uint8) {
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint8(Seat.unwrap(seat) >> 144);
    }

    function isSeated(Seat seat) internal pure returns (bool) {
        return Seat.unwrap(seat) >> 152 != 0;
    }
}
