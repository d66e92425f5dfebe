// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

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
    /// @dev The wallets of agents 0 and 1.
    address[2] payees;
    /// @dev The last one never joins.
    address[7] operators;
    /// @dev The first counts fully, the second by half.
    address[2] strategies;
    uint96 minWeight;
    uint256 maxWeightAge;
}

/// @notice What the handlers know of a request besides its parameters: how it was opened, and what they saw move.
struct Entry {
    bytes32 id;
    uint256 jobIndex;
    bool fromDeposit;
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
contract Store {
    World private _world;

    Job[] private _jobs;
    mapping(uint256 jobIndex => Decision) private _decisions;
    Request[] private _requests;
    Entry[] private _entries;
    mapping(uint256 requestIndex => mapping(address operator => Ballot)) private _ballots;

    /// @dev Changes of a requester's deposit and wallet that its own calls, and refunds of its requests, explain.
    mapping(address asset => mapping(address account => int256)) public deposits;
    mapping(address asset => mapping(address account => int256)) public wallets;

    mapping(address signer => uint256) public privateKeys;
    mapping(address operator => address) public signers;
    mapping(address operator => uint256[2]) private _stakes;
    mapping(address operator => Checkpoint[]) private _checkpoints;

    mapping(string action => uint256) public counts;

    constructor(World memory world_) {
        _world = world_;
    }

    function count(string calldata action) external {
        ++counts[action];
    }

    // -- money

    function moveDeposit(address asset, address account, int256 change) external {
        deposits[asset][account] += change;
    }

    function moveWallet(address asset, address account, int256 change) external {
        wallets[asset][account] += change;
    }

    // -- jobs, requests and votes

    function addJob(Job calldata job) external returns (uint256 jobIndex) {
        _jobs.push(job);
        return _jobs.length - 1;
    }

    function addRequest(Request calldata request, Entry calldata entry) external {
        _requests.push(request);
        _entries.push(entry);
    }

    function setEntry(uint256 i, Entry calldata entry) external {
        _entries[i] = entry;
    }

    function setDecision(uint256 jobIndex, Decision calldata decision) external {
        _decisions[jobIndex] = decision;
    }

    function setBallot(uint256 i, address operator, Ballot calldata ballot) external {
        _ballots[i][operator] = ballot;
    }

    // -- operators

    function addSigner(address operator, address signer, uint256 privateKey) external {
        privateKeys[signer] = privateKey;
        signers[operator] = signer;
    }

    function setStakes(address operator, uint256[2] calldata stakes) external {
        _stakes[operator] = stakes;
    }

    /// @notice The operator's weight and key were read in this block.
    function addCheckpoint(address operator) external {
        uint256 weight = _stakes[operator][0] + _stakes[operator][1] / 2;
        bool isSeated = weight >= _world.minWeight && signers[operator] != address(0);
        _checkpoints[operator].push(
            Checkpoint(block.number, isSeated ? uint96(weight) : 0, isSeated ? signers[operator] : address(0))
        );
    }

    /// @notice The operator left in this block.
    function addDeparture(address operator) external {
        _checkpoints[operator].push(Checkpoint(block.number, 0, address(0)));
    }

    // -- reading

    function world() external view returns (World memory) {
        return _world;
    }

    function jobCount() external view returns (uint256) {
        return _jobs.length;
    }

    function requestCount() external view returns (uint256) {
        return _requests.length;
    }

    function getJob(uint256 i) external view returns (Job memory) {
        return _jobs[i];
    }

    function getRequest(uint256 i) external view returns (Request memory) {
        return _requests[i];
    }

    function getEntry(uint256 i) external view returns (Entry memory) {
        return _entries[i];
    }

    function getDecision(uint256 jobIndex) external view returns (Decision memory) {
        return _decisions[jobIndex];
    }

    function getBallot(uint256 i, address operator) external view returns (Ballot memory) {
        return _ballots[i][operator];
    }

    /// @notice The operator as it should be at a past block, and whether it may vote there.
    function checkpointAt(address operator, uint256 blockNumber)
        public
        view
        returns (Checkpoint memory checkpoint, bool canVote)
    {
        Checkpoint[] storage checkpoints = _checkpoints[operator];
        for (uint256 i = checkpoints.length; i > 0; --i) {
            if (checkpoints[i - 1].fromBlock > blockNumber) continue;
            checkpoint = checkpoints[i - 1];
            canVote = checkpoint.weight != 0 && blockNumber - checkpoint.fromBlock <= _world.maxWeightAge;
            break;
        }
    }
}
