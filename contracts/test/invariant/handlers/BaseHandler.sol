// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import { JobState } from "../../../src/interfaces/IProofOfInferenceAVS.sol";
import { Job, Request, Status } from "../../../src/types/DataTypes.sol";
import { Decision, Entry, Store } from "../stores/Store.sol";

/// @dev Handlers choose among what is possible, or will be after a wait, so that none of their calls reverts; what
/// should be refused is tried in a try statement and, were it accepted, written down like the rest.
abstract contract BaseHandler is Store {
    /// @dev A requester's ledgers and the payee's earnings, in the asset of a request.
    struct Balances {
        uint256 deposit;
        uint256 earnings;
        uint256 payeeEarnings;
        uint256 operatorEarnings;
    }

    /// @dev Spans a call that may settle request `i`, and writes down what it moved.
    modifier settling(uint256 i) {
        Balances memory before = _balances(i);
        _;
        _recordSettlement(i, before, 0);
    }

    function _balances(uint256 i) internal view returns (Balances memory balances) {
        (address asset, address requester) = (requests[i].asset, requests[i].requester);
        balances.deposit = avs.getDeposit(asset, requester);
        balances.earnings = avs.getEarnings(asset, requester);
        balances.payeeEarnings = avs.getEarnings(asset, jobs[entries[i].jobIndex].payee);
        for (uint256 k = 0; k < world.operators.length; ++k) {
            balances.operatorEarnings += avs.getEarnings(asset, world.operators[k]);
        }
    }

    /// @param spent What the call took of the requester's deposit, besides what it gave back.
    function _recordSettlement(uint256 i, Balances memory before, uint256 spent) internal {
        Request storage request = requests[i];
        Entry storage entry = entries[i];
        Balances memory now_ = _balances(i);
        if (entry.outcome == Status.Open) entry.outcome = avs.getRequestState(entry.id).status;

        // A refund is of the reward first, unless that went to the payee.
        uint256 refund = now_.deposit + spent + now_.earnings - before.deposit - before.earnings;
        uint256 ofReward = entry.outcome == Status.Verified ? 0 : request.reward - entry.rewardReturned;
        if (refund < ofReward) ofReward = refund;
        entry.rewardReturned += ofReward;
        entry.feeReturned += refund - ofReward;
        entry.rewardPaid += now_.payeeEarnings - before.payeeEarnings;
        entry.feesPaid += now_.operatorEarnings - before.operatorEarnings;
        if (entry.fromDeposit) {
            deposits[request.asset][request.requester] += int256(now_.deposit) - int256(before.deposit);
        }
        _recordDecision(entry.jobIndex, request.jobId, i);
    }

    function _recordDecision(uint256 jobIndex, bytes32 jobId, uint256 i) private {
        if (decisions[jobIndex].status != Status.None) return;
        JobState memory state = avs.getJobState(jobId);
        if (state.status == Status.None) return;
        decisions[jobIndex] = Decision(state.status, state.decidedAt, state.recordHash, i);
        ++counts[state.status == Status.Verified ? "job verified" : "job rejected"];
    }

    /// @dev Blocks take 12 seconds.
    function _pass(uint256 blocks) internal {
        vm.warp(block.timestamp + 12 * blocks);
        vm.roll(block.number + blocks);
    }

    function _waitUntil(uint256 timestamp) internal {
        if (block.timestamp < timestamp) _pass((timestamp - block.timestamp + 11) / 12);
    }

    function _balanceOf(address asset, address account) internal view returns (uint256) {
        return asset == NATIVE ? account.balance : IERC20(asset).balanceOf(account);
    }

    /// @dev What arrives of a payment: the third asset takes 1 %.
    function _net(address asset, uint256 amount) internal view returns (uint256) {
        return asset == world.assets[2] ? amount - amount / 100 : amount;
    }

    function _jobOf(uint256 i) internal view returns (Job storage) {
        return jobs[entries[i].jobIndex];
    }

    function _sign(address signer, bytes32 digest) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(privateKeys[signer], digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev A random number that follows from the seed.
    function _roll(uint256 seed, string memory label) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, label)));
    }
}
