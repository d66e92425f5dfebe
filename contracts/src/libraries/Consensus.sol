// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title Arithmetic of stake-weighted consensus
/// @dev Unchecked where there is no room for an overflow: a fee has 128 bits, a weight 96, basis points 16.
library Consensus {
    uint256 internal constant BPS = 10_000;

    /// @notice Whether `weight` is a quorum of `totalWeight`. Without any weight there is no quorum.
    function isQuorum(uint256 weight, uint256 totalWeight, uint256 quorumBps) internal pure returns (bool) {
        unchecked {
            return totalWeight != 0 && weight * BPS >= totalWeight * quorumBps;
        }
    }

    /// @notice Weight-mean of the confidences, in whole per cent.
    /// @dev In 1..100, given confidences in 100..validConfidence basis points.
    /// @param validConfidence The version's confidence, which no vote exceeds.
    /// @param shortfall Sum of weight × (validConfidence − confidence); `weight` is the sum of the weights, not zero.
    function response(uint256 validConfidence, uint256 shortfall, uint256 weight) internal pure returns (uint8) {
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint8((validConfidence * weight - shortfall) / weight / 100);
    }

    /// @notice The part of `fee` that `weight` of `totalWeight` earns, rounded down.
    /// @dev Rounded down, the shares of any disjoint weights add up to no more than the share of their sum.
    function feeShare(uint256 fee, uint256 weight, uint256 totalWeight) internal pure returns (uint256) {
        unchecked {
            return fee * weight / totalWeight;
        }
    }
}
