// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IOperatorSet } from "./IOperatorSet.sol";
import { IECDSACertificateVerifier } from "./external/IECDSACertificateVerifier.sol";

/// @notice The parameters, fixed at deployment. All times are in seconds. H, the time from a table's timestamp for which
/// its weights must stay slashable, is maxReferenceAge + maxRequestLifetime + evidenceWindow.
struct TableSetConfig {
    address certificateVerifier;
    /// @dev The AVS on L1, whose operator set this is.
    address avs;
    uint32 operatorSetId;
    /// @dev Weight per unit of each kind of stake in the tables, 1e18 = 1.
    uint96[] multipliers;
    /// @dev Least weight to hold an index.
    uint96 minWeight;
    /// @dev How far a request's reference may lie in the past. Tables come weekly or more often.
    uint32 maxReferenceAge;
    /// @dev How long after the timestamp of its successor a table may still be referred to; a table is posted some time
    /// after its timestamp. 0 for the latest table only.
    uint32 supersededGrace;
    uint32 maxRequestLifetime;
    /// @dev After a deadline, in which slashing on L1 must still succeed.
    uint32 evidenceWindow;
    /// @dev For how long after its timestamp a table's weights stay slashable on L1: the blocks that the set's table
    /// calculator looks ahead, times L1's least block time. It cannot be read on this chain.
    uint32 weightLookahead;
    /// @dev Deploy although stake can leave before it could be slashed (testnets with short delays).
    bool waiveSlashability;
}

/// @title The operators of the AVS on a chain without restaking, from the tables that EigenLayer posts there
/// @notice An operator is its signing address: that is what a table names, what attests, and what earns here.
///
/// EigenLayer's multichain protocol posts operator tables to its certificate verifier. Anyone may copy the newest one
/// here, once; from then on it is what held at its timestamp, whatever becomes of the original. Only timestamps of
/// tables copied here are timepoints of the set: at any other, voters and weights are an error, not zero.
interface IOperatorTableSet is IOperatorSet {
    /// @param operators By index: the heaviest first, of equally heavy ones the higher address.
    /// @param weights Of `operators`.
    event TableLoaded(uint48 indexed timepoint, uint96 totalWeight, address[] operators, uint96[] weights);

    /// @notice A signing address would hold two indices.
    error DuplicateOperator(uint48 timepoint, address operator);
    error InvalidConfig(string parameter);
    /// @notice The set's newest table is another, or it has none (`latest` is 0).
    error NotLatestTable(uint48 timepoint, uint32 latest);
    /// @notice Stake may be gone `weightLookahead` seconds after a table's timestamp, before `horizon` have passed.
    error StakeNotSlashable(uint256 horizon, uint256 weightLookahead);
    error TableAlreadyLoaded(uint48 timepoint);
    /// @notice There is no table at the timepoint, or nobody has loaded it.
    error TableNotLoaded(uint48 timepoint);
    /// @notice EigenLayer disabled the root that the table was proved against.
    error TableRootDisabled(uint48 timepoint);
    /// @notice No operator in the table has the least weight.
    error TableWithoutWeight(uint48 timepoint);
    /// @notice The table has more or fewer kinds of stake than there are multipliers.
    error WeightsMismatch(uint48 timepoint, address operator, uint256 length, uint256 expected);
    error ZeroOperator(uint48 timepoint);

    /// @notice Copies the set's newest table. Anyone may call, once per table.
    /// @dev Operators below the least weight hold no index and do not count, as on L1. Of more than 256 others the
    /// heaviest 256 hold one: a table lists everybody with any stake in the set, so refusing a long one would let dust
    /// stop the chain. Whatever no table calculator of EigenLayer produces refuses the whole table: a signing address
    /// twice, the zero address, another number of weights.
    /// Gas grows with the table's length, by less than half of what posting it took: what was posted can be loaded.
    /// @param timepoint The table's timestamp.
    function loadTable(uint48 timepoint) external;

    function isLoaded(uint48 timepoint) external view returns (bool);

    /// @notice The timestamp of the table that was loaded last; 0 when none was.
    function latestLoaded() external view returns (uint48);

    /// @notice Whether everyone who can vote can also be slashed on L1: H is less than the weights' look-ahead.
    function slashable() external view returns (bool);

    /// @notice H in seconds.
    function slashabilityHorizon() external view returns (uint40);

    function getMultipliers() external view returns (uint96[] memory);

    function minWeight() external view returns (uint96);
    function maxReferenceAge() external view returns (uint32);
    function supersededGrace() external view returns (uint32);
    function weightLookahead() external view returns (uint32);
    function operatorSetId() external view returns (uint32);
    /// @notice The AVS on L1, whose operator set this is.
    function avs() external view returns (address);
    function certificateVerifier() external view returns (IECDSACertificateVerifier);
}
