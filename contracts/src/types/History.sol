// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Checkpoints } from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

/// @notice A value over time. Most look-ups are for what holds since a while, hence the latest has a slot of its own.
struct History {
    /// @dev value 0..207 | the timepoint from which it holds 208..255. Zero while nothing was written.
    uint256 latest;
    Checkpoints.Trace208 earlier;
}

using HistoryLibrary for History global;

library HistoryLibrary {
    using Checkpoints for Checkpoints.Trace208;

    /// @dev Timepoints ascend; of several values at one timepoint the last one holds.
    function push(History storage history, uint48 timepoint, uint208 value) internal {
        uint256 latest = history.latest;
        // forge-lint: disable-next-line(unsafe-typecast)
        uint48 since = uint48(latest >> 208);
        // forge-lint: disable-next-line(unsafe-typecast)
        if (since != 0 && since != timepoint) history.earlier.push(since, uint208(latest));
        history.latest = uint256(timepoint) << 208 | value;
    }

    function current(History storage history) internal view returns (uint208) {
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint208(history.latest);
    }

    /// @notice What held at `timepoint`; zero before the first value.
    function lookup(History storage history, uint48 timepoint) internal view returns (uint208) {
        uint256 latest = history.latest;
        // forge-lint: disable-next-line(unsafe-typecast)
        if (latest >> 208 <= timepoint) return uint208(latest);
        return history.earlier.upperLookupRecent(timepoint);
    }
}
