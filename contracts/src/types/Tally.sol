// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { RequestTerms } from "../interfaces/IModelRegistry.sol";
import { JobState, RequestState } from "../interfaces/IProofOfInferenceAVS.sol";
import { Credit, Deposit } from "./Balances.sol";
import { Job, Request, Status } from "./DataTypes.sol";

/// @dev A request while a call deals with it, in memory. One serves all of a call's requests, one after another.
struct Tally {
    bytes32 requestId;
    Request request;
    Job job;
    RequestState state;
    JobState jobState;
    /// @dev Whether a request of the job was opened on chain.
    bool wasOpened;
    bytes32 method;
    uint256 validConfidence;
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
    uint256 totalWeight;
    /// @dev The asset of the votes' `fees`.
    address feesAsset;
    bytes32 domainSeparator;
    /// @dev The requester's deposit, and what the payee earned: written when another one's turn comes, and at the end.
    Deposit deposit;
    Credit reward;
    /// @dev Of `noncesOf`, those with `nonceWord` above their lowest 8 bits; written like the deposit. Nobody has the
    /// zero address, which has used none.
    address noncesOf;
    uint256 nonceWord;
    uint256 usedNonces;
}

/// @dev A vote, and what became of it. The first seven words are what EIP-712 hashes of its attestation; numbers are
/// whole words, which need no cleaning, in the ranges of `Vote` and `Voter`.
struct Counted {
    bytes32 typehash;
    bytes32 requestId;
    address operator;
    bool isValid;
    uint256 confidence;
    bytes32 method;
    bytes32 evidenceDigest;
    bytes32 r;
    bytes32 vs;
    /// @dev Why it does not count; empty when it does.
    bytes problem;
    /// @dev The operator's bit, by its index; its weight, zero where it may not vote; and its signing key.
    uint256 bit;
    uint256 weight;
    address signingKey;
    /// @dev Whether it counts as valid.
    bool countsAsValid;
    /// @dev False for a committed vote after the request was final, which only earns.
    bool isCounted;
    /// @dev What is still to be added to the operator's earnings.
    uint256 fees;
}

using CountedLibrary for Counted global;

library CountedLibrary {
    /// @notice The EIP-712 struct hash of the attestation.
    function structHash(Counted memory counted) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            hash := keccak256(counted, 0xe0)
        }
    }
}
