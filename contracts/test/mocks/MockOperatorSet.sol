// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IOperatorSet, Voter } from "../../src/interfaces/IOperatorSet.sol";

/// @notice An operator set whose clock, voters and limits are set by hand. A timepoint that nobody set is empty.
contract MockOperatorSet is IOperatorSet {
    uint48 public clock;
    uint48 public maxReferenceAge = 100;
    uint32 public maxRequestLifetime;

    mapping(uint48 timepoint => mapping(address operator => Voter)) private _voters;
    mapping(uint48 timepoint => uint96) private _totalWeights;

    constructor(uint48 clock_, uint32 maxRequestLifetime_) {
        clock = clock_;
        maxRequestLifetime = maxRequestLifetime_;
    }

    function setClock(uint48 clock_) external {
        clock = clock_;
    }

    function setMaxReferenceAge(uint48 maxReferenceAge_) external {
        maxReferenceAge = maxReferenceAge_;
    }

    /// @notice Sets an operator as it stands at `timepoint`, and adds the change of its weight to the total.
    function setVoter(uint48 timepoint, address operator, Voter calldata voter) external {
        _totalWeights[timepoint] = _totalWeights[timepoint] - _voters[timepoint][operator].weight + voter.weight;
        _voters[timepoint][operator] = voter;
    }

    /// @notice Overrides the total weight.
    function setTotalWeight(uint48 timepoint, uint96 totalWeight) external {
        _totalWeights[timepoint] = totalWeight;
    }

    /// @inheritdoc IOperatorSet
    function getVoter(address operator, uint48 timepoint) external view returns (Voter memory, uint96) {
        _requirePast(timepoint);
        return (_voters[timepoint][operator], _totalWeights[timepoint]);
    }

    /// @inheritdoc IOperatorSet
    function getVoters(address[] calldata operators, uint48 timepoint)
        external
        view
        returns (Voter[] memory voters, uint96)
    {
        _requirePast(timepoint);
        voters = new Voter[](operators.length);
        for (uint256 i = 0; i < operators.length; ++i) {
            voters[i] = _voters[timepoint][operators[i]];
        }
        return (voters, _totalWeights[timepoint]);
    }

    /// @inheritdoc IOperatorSet
    function getTotalWeight(uint48 timepoint) external view returns (uint96) {
        _requirePast(timepoint);
        return _totalWeights[timepoint];
    }

    /// @inheritdoc IOperatorSet
    function isValidReference(uint48 timepoint) external view returns (bool) {
        return timepoint < clock && clock - timepoint <= maxReferenceAge;
    }

    function CLOCK_MODE() external pure returns (string memory) {
        return "mode=blocknumber&from=default";
    }

    function _requirePast(uint48 timepoint) private view {
        if (timepoint >= clock) revert TimepointNotPast(timepoint, clock);
    }
}
