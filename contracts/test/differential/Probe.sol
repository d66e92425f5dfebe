// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import { IModelRegistry } from "../../src/interfaces/IModelRegistry.sol";
import { IProofOfInferenceAVS, JobState, RequestState } from "../../src/interfaces/IProofOfInferenceAVS.sol";
import { Consensus } from "../../src/libraries/Consensus.sol";

/// @notice An account's balances in one asset.
struct Balances {
    uint256 deposit;
    uint256 earnings;
    uint256 withdrawalAmount;
    uint256 withdrawalAvailableAt;
}

/// @notice Counts of decided jobs.
struct Counts {
    uint64 total;
    uint64 verified;
}

/// @notice What is to be read, all pairs of what has two dimensions.
struct Subjects {
    bytes32[] requestIds;
    bytes32[] jobIds;
    address[] operators;
    address[] accounts;
    /// @dev The zero address, and ERC-20s.
    address[] assets;
    uint256[] agentIds;
    bytes32 modelId;
}

/// @notice All there is to read, of the subjects.
struct Reading {
    RequestState[] requests;
    JobState[] jobs;
    /// @dev Request by request.
    bytes32[] commitments;
    /// @dev Asset by asset.
    Balances[] balances;
    uint256[] holdings;
    Counts[] agents;
    Counts model;
    Counts[] modelAgents;
}

/// @notice Reads in one call what tests compare; and makes the arithmetic callable.
contract Probe {
    function read(IProofOfInferenceAVS avs, Subjects calldata subjects) external view returns (Reading memory reading) {
        uint256 operators = subjects.operators.length;
        reading.requests = new RequestState[](subjects.requestIds.length);
        reading.commitments = new bytes32[](reading.requests.length * operators);
        for (uint256 i = 0; i < reading.requests.length; ++i) {
            reading.requests[i] = avs.getRequestState(subjects.requestIds[i]);
            for (uint256 j = 0; j < operators; ++j) {
                reading.commitments[i * operators + j] =
                    avs.getCommitment(subjects.requestIds[i], subjects.operators[j]);
            }
        }
        reading.jobs = new JobState[](subjects.jobIds.length);
        for (uint256 i = 0; i < reading.jobs.length; ++i) {
            reading.jobs[i] = avs.getJobState(subjects.jobIds[i]);
        }
        _readBalances(avs, subjects, reading);
        _readCounts(avs, subjects, reading);
    }

    function _readBalances(IProofOfInferenceAVS avs, Subjects calldata subjects, Reading memory reading) private view {
        uint256 accounts = subjects.accounts.length;
        reading.holdings = new uint256[](subjects.assets.length);
        reading.balances = new Balances[](subjects.assets.length * accounts);
        for (uint256 i = 0; i < subjects.assets.length; ++i) {
            address asset = subjects.assets[i];
            reading.holdings[i] = asset == address(0) ? address(avs).balance : IERC20(asset).balanceOf(address(avs));
            for (uint256 j = 0; j < accounts; ++j) {
                address account = subjects.accounts[j];
                Balances memory balances = reading.balances[i * accounts + j];
                balances.deposit = avs.getDeposit(asset, account);
                balances.earnings = avs.getEarnings(asset, account);
                (balances.withdrawalAmount, balances.withdrawalAvailableAt) = avs.getDepositWithdrawal(asset, account);
            }
        }
    }

    function _readCounts(IProofOfInferenceAVS avs, Subjects calldata subjects, Reading memory reading) private view {
        IModelRegistry registry = avs.modelRegistry();
        reading.agents = new Counts[](subjects.agentIds.length);
        reading.modelAgents = new Counts[](subjects.agentIds.length);
        for (uint256 i = 0; i < subjects.agentIds.length; ++i) {
            Counts memory agent = reading.agents[i];
            (agent.total, agent.verified) = avs.getAgentRecord(subjects.agentIds[i]);
            Counts memory modelAgent = reading.modelAgents[i];
            (modelAgent.total, modelAgent.verified) =
                registry.getModelAgentRecord(subjects.modelId, subjects.agentIds[i]);
        }
        reading.model.total = registry.getModelInfo(subjects.modelId).totalInferences;
        reading.model.verified = registry.getModelInfo(subjects.modelId).successfulVerifications;
    }

    // -- arithmetic

    struct Case {
        uint256 weight;
        uint256 totalWeight;
        uint256 quorumBps;
        uint256 fee;
        uint256 validConfidence;
        uint256 shortfall;
    }

    struct Result {
        bool isQuorum;
        uint8 response;
        uint256 feeShare;
    }

    function compute(Case[] calldata cases) external pure returns (Result[] memory results) {
        results = new Result[](cases.length);
        for (uint256 i = 0; i < cases.length; ++i) {
            Case calldata c = cases[i];
            results[i].isQuorum = Consensus.isQuorum(uint96(c.weight), uint96(c.totalWeight), uint16(c.quorumBps));
            if (c.weight != 0) results[i].response = Consensus.response(c.validConfidence, c.shortfall, c.weight);
            if (c.totalWeight != 0) {
                results[i].feeShare = Consensus.feeShare(uint128(c.fee), uint96(c.weight), uint96(c.totalWeight));
            }
        }
    }
}
