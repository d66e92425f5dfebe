// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { RequestTerms } from "../interfaces/IModelRegistry.sol";
import { Voter } from "../interfaces/IOperatorSet.sol";
import { JobState, RequestState } from "../interfaces/IProofOfInferenceAVS.sol";
import { Job, Request, Status, Vote } from "./DataTypes.sol";

/// @dev A request while a call deals with it, in memory. One serves all of a call's requests, one after another.
struct Tally {
    bytes32 requestId;
    Request request;
    Job job;
    RequestState state;
    JobState jobState;
    bytes32 method;
    uint16 validConfidence;
    /// @dev What the votes came to: Verified or Rejected, or Open while neither side has a quorum.
    Status outcome;
    /// @dev As many as the voters that were looked up last.
    Counted[] votes;
    Shared shared;
}

/// @dev What was read for a request of the call, and holds for the next one too if it asks for the same. None of it can
/// change within a call.
struct Shared {
    /// @dev Memory is free from here on for each request.
    uint256 memoryPointer;
    /// @dev A reference that a request may have now, plus one; 0 for none yet.
    uint256 validReference;
    /// @dev The version and the asset that `terms` are for. Zeros are no version, whose terms are zeros.
    bytes32 modelVersionId;
    address asset;
    RequestTerms terms;
    /// @dev The reference that the voters of the votes, and the total weight, are of, plus one; 0 for none yet.
    uint256 votersReference;
    uint96 totalWeight;
}

/// @dev What became of a vote.
struct Counted {
    /// @dev Why it does not count; empty when it does.
    bytes problem;
    Vote vote;
    /// @dev Whom the voter is: the vote's operator.
    address operator;
    Voter voter;
    /// @dev Whether it counts as valid.
    bool isValid;
    /// @dev False for a committed vote after the request was final, which only earns.
    bool isCounted;
}
