// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Store, World } from "../stores/Store.sol";
import { CertificateHandler } from "./CertificateHandler.sol";
import { LedgerHandler } from "./LedgerHandler.sol";
import { OperatorHandler } from "./OperatorHandler.sol";
import { TimeHandler } from "./TimeHandler.sol";

/// @notice Everything that users of the AVS, its operators and time can do.
contract Handler is LedgerHandler, CertificateHandler, OperatorHandler, TimeHandler {
    /// @dev All operators but the last have a key and stake to begin with.
    constructor(World memory world_) Store(world_) {
        for (uint256 i = 0; i < 7; ++i) {
            _setKey(world_.operators[i], _roll(i, "first key"));
            if (i < 6) setStake(i, (10 + 7 * i) * 1 ether, i * 3 ether + 1);
        }
        for (uint256 i = 0; i < 3; ++i) {
            privateKeys[world_.requesters[i]] = world_.requesterKeys[i];
        }
        for (uint256 i = 0; i < 2; ++i) {
            privateKeys[world_.payees[i]] = world_.payeeKeys[i];
        }
    }
}
