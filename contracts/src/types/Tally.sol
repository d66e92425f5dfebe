// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { JobState, RequestState } from "../interfaces/IProofOfInferenceAVS.sol";
import { Job, Request, Status } from "./DataTypes.sol";

/// @dev A request while a call deals with it, in memory.
struct Tally {
    bytes32 requestId;
    Request request;
    Job job;
    RequestState state;
    JobState jobState;
    bytes32 method;
    uint16 validConfidence;
    uint96 totalWeight;
    /// @dev What the votes came to: Verified or Rejected, or Open while neither side has a quorum.
    Status outcome;
    Counted[] votes;
}

/// @dev What became of a vote.
struct Counted {
    /// @dev Why it does not count; empty when it does.
    bytes problem;
    address operator;
    uint8 index;
    uint96 weight;
    /// @dev Whether it counts as valid.
    bool isValid;
    /// @dev False for a committed vote after the request was final, which only earns.
    bool isCounted;
}
