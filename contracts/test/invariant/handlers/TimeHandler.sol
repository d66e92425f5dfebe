// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { BaseHandler } from "./BaseHandler.sol";

/// @notice Pauses, besides the waits of other handlers.
abstract contract TimeHandler is BaseHandler {
    function passBlocks(uint256 blocks) external {
        _pass(bound(blocks, 1, 10));
        ++counts["short pause"];
    }

    function passManyBlocks(uint256 blocks) external {
        _pass(bound(blocks, 10, 40));
        ++counts["long pause"];
    }
}
