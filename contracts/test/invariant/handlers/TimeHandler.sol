// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Store } from "../stores/Store.sol";
import { BaseHandler } from "./BaseHandler.sol";

/// @notice Time and blocks, 12 seconds each.
contract TimeHandler is BaseHandler {
    constructor(Store store_) BaseHandler(store_) { }

    function passBlocks(uint256 blocks) external {
        _pass(bound(blocks, 1, 10));
        store.count("passBlocks");
    }

    function passLong(uint256 blocks) external {
        _pass(bound(blocks, 10, 200));
        store.count("passLong");
    }

    function _pass(uint256 blocks) private {
        vm.warp(block.timestamp + 12 * blocks);
        vm.roll(block.number + blocks);
    }
}
