// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { CommonBase } from "forge-std/Base.sol";
import { StdUtils } from "forge-std/StdUtils.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import { OperatorRegistrar } from "../../../src/OperatorRegistrar.sol";
import { ProofOfInferenceAVS } from "../../../src/ProofOfInferenceAVS.sol";
import { JobState } from "../../../src/interfaces/IProofOfInferenceAVS.sol";
import { Job, Request, Status } from "../../../src/types/DataTypes.sol";
import { Decision, Entry, Store, World } from "../stores/Store.sol";

/// @dev Handlers choose among what is possible, so that none of their calls reverts; what should be refused is tried
/// in a try statement and, had it been accepted, written down like the rest.
abstract contract BaseHandler is CommonBase, StdUtils {
    address internal constant NATIVE = address(0);

    Store internal immutable store;
    ProofOfInferenceAVS internal immutable avs;
    OperatorRegistrar internal immutable registrar;

    constructor(Store store_) {
        store = store_;
        World memory world = store_.world();
        avs = world.avs;
        registrar = world.registrar;
    }

    /// @dev A requester's ledgers and the payee's earnings, in the asset of a request.
    struct Balances {
        uint256 deposit;
        uint256 earnings;
        uint256 payeeEarnings;
    }

    /// @dev Spans a call that may settle request `i`, and writes down what it moved.
    modifier settling(uint256 i) {
        Balances memory before = _balances(i);
        _;
        _recordSettlement(i, before);
    }

    function _balances(uint256 i) private view returns (Balances memory) {
        Request memory request = store.getRequest(i);
        address payee = store.getJob(store.getEntry(i).jobIndex).payee;
        return Balances({
            deposit: avs.getDeposit(request.asset, request.requester),
            earnings: avs.getEarnings(request.asset, request.requester),
            payeeEarnings: avs.getEarnings(request.asset, payee)
        });
    }

    function _recordSettlement(uint256 i, Balances memory before) private {
        Request memory request = store.getRequest(i);
        Entry memory entry = store.getEntry(i);
        Balances memory now_ = _balances(i);
        if (entry.outcome == Status.Open) entry.outcome = avs.getRequestState(entry.id).status;

        // A refund is of the reward first, unless that went to the payee.
        uint256 refund = now_.deposit + now_.earnings - before.deposit - before.earnings;
        uint256 ofReward;
        if (entry.outcome != Status.Verified) {
            ofReward = request.reward - entry.rewardReturned;
            if (refund < ofReward) ofReward = refund;
        }
        entry.rewardReturned += ofReward;
        entry.feeReturned += refund - ofReward;
        entry.rewardPaid += now_.payeeEarnings - before.payeeEarnings;
        store.setEntry(i, entry);
        if (entry.fromDeposit) {
            store.moveDeposit(request.asset, request.requester, int256(now_.deposit) - int256(before.deposit));
        }
        _recordDecision(entry.jobIndex, request.jobId);
    }

    function _recordDecision(uint256 jobIndex, bytes32 jobId) private {
        if (store.getDecision(jobIndex).status != Status.None) return;
        JobState memory state = avs.getJobState(jobId);
        if (state.status == Status.None) return;
        store.setDecision(jobIndex, Decision(state.status, state.decidedAt, state.recordHash));
        store.count(state.status == Status.Verified ? "jobs verified" : "jobs rejected");
    }

    function _balanceOf(address asset, address account) internal view returns (uint256) {
        return asset == NATIVE ? account.balance : IERC20(asset).balanceOf(account);
    }

    /// @dev What arrives of a payment: the third asset takes 1 %.
    function _net(address asset, uint256 amount) internal view returns (uint256) {
        return asset == store.world().assets[2] ? amount - amount / 100 : amount;
    }

    function _sign(address signer, bytes32 digest) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(store.privateKeys(signer), digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev A random number that follows from the seed.
    function _roll(uint256 seed, string memory label) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, label)));
    }

    function _jobOf(uint256 i) internal view returns (Job memory) {
        return store.getJob(store.getEntry(i).jobIndex);
    }
}
