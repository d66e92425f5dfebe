// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC6372 } from "@openzeppelin/contracts/interfaces/IERC6372.sol";

/// @notice An operator as it stood at a timepoint.
struct Voter {
    /// @dev Whether it may vote: it holds an index, and its weight, which is not zero, was fresh at the timepoint.
    bool canVote;
    /// @dev Its index, unique among the operators that hold one at the timepoint.
    uint8 index;
    /// @dev Its stake weight; counted in the total whether or not the operator may vote.
    uint96 weight;
    /// @dev The EOA whose ECDSA signature makes an attestation the operator's.
    address signingKey;
}

/// @title The operators and their stake weights, as the AVS sees them
/// @notice Everything is asked for at a timepoint of the set's ERC-6372 clock and never changes afterwards.
interface IOperatorSet is IERC6372 {
    /// @notice The timepoint is not yet in the past, so what holds at it can still change.
    error TimepointNotPast(uint48 timepoint, uint48 clock);

    /// @notice The operator at `timepoint`, and the total weight of the set then.
    /// @dev Reverts with `TimepointNotPast` unless `timepoint < clock()`. An address that was no operator then
    /// gives `canVote == false` and weight 0.
    function getVoter(address operator, uint48 timepoint) external view returns (Voter memory voter, uint96 totalWeight);

    /// @notice As `getVoter`, of several operators, in their order; each is looked up by itself.
    function getVoters(address[] calldata operators, uint48 timepoint)
        external
        view
        returns (Voter[] memory voters, uint96 totalWeight);

    /// @notice The total weight of the set at `timepoint`, stale operators included.
    function getTotalWeight(uint48 timepoint) external view returns (uint96);

    /// @notice Whether a request opened now may refer to `timepoint`: strictly past, and not too old.
    function isValidReference(uint48 timepoint) external view returns (bool);

    /// @notice The longest a request may run, in seconds, for weights at its reference still to be slashable.
    function maxRequestLifetime() external view returns (uint32);
}
