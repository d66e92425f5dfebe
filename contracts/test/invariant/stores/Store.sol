// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { CommonBase } from "forge-std/Base.sol";
import { StdUtils } from "forge-std/StdUtils.sol";

import { OperatorRegistrar } from "../../../src/OperatorRegistrar.sol";
import { ProofOfInferenceAVS } from "../../../src/ProofOfInferenceAVS.sol";
import { Job, Request, Status } from "../../../src/types/DataTypes.sol";
import { MockAllocationManager } from "../../mocks/MockAllocationManager.sol";
import { MockIdentityRegistry } from "../../mocks/MockIdentityRegistry.sol";
import { MockKeyRegistrar } from "../../mocks/MockKeyRegistrar.sol";

/// @notice What the campaign plays with.
struct World {
    ProofOfInferenceAVS avs;
    OperatorRegistrar registrar;
    MockAllocationManager allocationManager;
    MockKeyRegistrar keyRegistrar;
    MockIdentityRegistry identityRegistry;
    bytes32 modelVersionId;
    bytes32 method;
    /// @dev The native currency, a token, and a token that takes a fee on transfer.
    address[3] assets;
    address[3] requesters;
    uint256[3] requesterKeys;
    /// @dev The wallets of agents 0 and 1.
    address[2] payees;
    uint256[2] payeeKeys;
    /// @dev The last one never joins.
    address[7] operators;
    /// @dev The first counts fully, the second by half.
    address[2] strategies;
    uint96 minWeight;
    uint256 maxWeightAge;
    uint256 maxReferenceAge;
}

/// @notice What the handlers know of a request besides its parameters: how it was opened, and what they saw move.
struct Entry {
    bytes32 id;
    uint256 jobIndex;
    bool fromDeposit;
    /// @dev Settled by its certificate, so that the contract has no record of it.
    bool isCertified;
    /// @dev Settled by its certificate as its job had been decided.
    bool isJoined;
    uint40 openedAt;
    /// @dev The first final status that was seen; Open until then.
    Status outcome;
    uint256 feesPaid;
    uint256 feeReturned;
    uint256 rewardPaid;
    uint256 rewardReturned;
}

/// @notice What the handlers know of a job: how it was first seen to end.
struct Decision {
    Status status;
    uint40 decidedAt;
    bytes32 recordHash;
    /// @dev Index of the request that was seen to decide it.
    uint256 decidedBy;
}

/// @notice An operator's vote on a request, committed to (`salt` is not zero) or accepted by the contract.
struct Ballot {
    bool isValid;
    uint16 confidence;
    bytes32 salt;
    uint256 accepted;
    /// @dev Whether the request was open when the vote was accepted.
    bool isCounted;
}

/// @notice What an operator should be from a block on; weight 0 is "no seat".
struct Checkpoint {
    uint256 fromBlock;
    uint96 weight;
    address signer;
}

/// @title What happened in a run, as the handlers saw it
/// @dev Nothing in here is read from the registrar; of the AVS only what moved in the call that an entry is about.
/// It is the handlers' own storage, since a campaign makes too many calls to have it behind another contract.
abstract contract Store is CommonBase, StdUtils {
    address internal constant NATIVE = address(0);

    ProofOfInferenceAVS internal immutable avs;
    OperatorRegistrar internal immutable registrar;
    World internal world;

    Job[] internal jobs;
    mapping(uint256 jobIndex => Decision) internal decisions;
    Request[] internal requests;
    Entry[] internal entries;
    mapping(uint256 requestIndex => mapping(address operator => Ballot)) internal ballots;

    /// @dev Changes of a requester's deposit and wallet that its own calls, and refunds of its requests, explain.
    mapping(address asset => mapping(address account => int256)) public deposits;
    mapping(address asset => mapping(address account => int256)) public wallets;

    mapping(address signer => uint256) internal privateKeys;
    mapping(address operator => address) internal signers;
    mapping(address operator => uint256[2]) internal stakes;
    mapping(address operator => Checkpoint[]) internal checkpoints;

    /// @notice How often something happened.
    mapping(string what => uint256) public counts;

    constructor(World memory world_) {
        world = world_;
        avs = world_.avs;
        registrar = world_.registrar;
    }

    // -- the model of the registrar

    /// @notice The operator's weight and key are read in this block.
    function _recordCheckpoint(address operator) internal {
        uint256 weight = stakes[operator][0] + stakes[operator][1] / 2;
        if (weight < world.minWeight) _recordDeparture(operator);
        else checkpoints[operator].push(Checkpoint(block.number, uint96(weight), signers[operator]));
    }

    /// @notice The operator has no seat from this block on.
    function _recordDeparture(address operator) internal {
        checkpoints[operator].push(Checkpoint(block.number, 0, address(0)));
    }

    /// @notice The operator as it should be at a past block, and whether it may vote there.
    function checkpointAt(address operator, uint256 blockNumber)
        public
        view
        returns (Checkpoint memory checkpoint, bool canVote)
    {
        Checkpoint[] storage all = checkpoints[operator];
        for (uint256 i = all.length; i > 0; --i) {
            if (all[i - 1].fromBlock > blockNumber) continue;
            checkpoint = all[i - 1];
            canVote = checkpoint.weight != 0 && blockNumber - checkpoint.fromBlock <= world.maxWeightAge;
            break;
        }
    }

    /// @notice The nonce of the i-th request: four words, whose bits are used alike.
    function nonceOf(uint256 i) public pure returns (uint256) {
        return (i % 4) << 200 | i / 4;
    }

    // -- reading

    function jobCount() external view returns (uint256) {
        return jobs.length;
    }

    function requestCount() external view returns (uint256) {
        return requests.length;
    }

    function getJob(uint256 i) external view returns (Job memory) {
        return jobs[i];
    }

    function getRequest(uint256 i) external view returns (Request memory) {
        return requests[i];
    }

    function getEntry(uint256 i) external view returns (Entry memory) {
        return entries[i];
    }

    function getDecision(uint256 jobIndex) external view returns (Decision memory) {
        return decisions[jobIndex];
    }

    function getBallot(uint256 i, address operator) external view returns (Ballot memory) {
        return ballots[i][operator];
    }
}
