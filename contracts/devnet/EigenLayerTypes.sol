// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { OperatorSet } from "../src/interfaces/external/IAllocationManager.sol";

/// @dev EigenLayer's ABI structs, for the stand-ins. Magnitudes and wads are fractions of 1e18.

struct Allocation {
    uint64 currentMagnitude;
    int128 pendingDiff;
    uint32 effectBlock;
}

struct AllocateParams {
    OperatorSet operatorSet;
    address[] strategies;
    uint64[] newMagnitudes;
}

struct CreateSetParamsV1 {
    uint32 operatorSetId;
    address[] strategies;
}

struct CreateSetParamsV2 {
    uint32 operatorSetId;
    address[] strategies;
    address slasher;
}

struct DeregisterParams {
    address operator;
    address avs;
    uint32[] operatorSetIds;
}

struct RegisterParams {
    address avs;
    uint32[] operatorSetIds;
    bytes data;
}

struct SlashingParams {
    address operator;
    uint32 operatorSetId;
    address[] strategies;
    uint256[] wadsToSlash;
    string description;
}

struct ECDSACertificate {
    uint32 referenceTimestamp;
    bytes32 messageHash;
    /// @dev 65 bytes per signer, by ascending signer.
    bytes sig;
}

struct OperatorSetConfig {
    address owner;
    uint32 maxStalenessPeriod;
}

struct QueuedWithdrawalParams {
    address[] strategies;
    uint256[] depositShares;
    // forge-lint: disable-next-line(mixed-case-variable)
    address __deprecated_withdrawer;
}

struct Withdrawal {
    address staker;
    address delegatedTo;
    address withdrawer;
    uint256 nonce;
    uint32 startBlock;
    address[] strategies;
    uint256[] scaledShares;
}
