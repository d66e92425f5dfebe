// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { LibSort } from "solady/utils/LibSort.sol";

import { IOperatorSet, Voter } from "./interfaces/IOperatorSet.sol";
import { IOperatorTableSet, TableSetConfig } from "./interfaces/IOperatorTableSet.sol";
import { OperatorSet } from "./interfaces/external/IAllocationManager.sol";
import { ECDSAOperatorInfo, IECDSACertificateVerifier } from "./interfaces/external/IECDSACertificateVerifier.sol";
import { IOperatorTableUpdater } from "./interfaces/external/IOperatorTableUpdater.sol";
import { Seat, SeatLibrary } from "./types/Seat.sol";

/// @title Operator table set
/// @notice Its clock is unix time; its timepoints are the timestamps of operator tables.
contract OperatorTableSet is IOperatorTableSet {
    uint256 private constant MAX_SEATS = 256;
    /// @dev So that the weights of all seats add up to a uint96.
    uint256 private constant MAX_WEIGHT = type(uint96).max / MAX_SEATS;
    uint256 private constant MULTIPLIER_ONE = 1e18;

    /// @inheritdoc IOperatorTableSet
    IECDSACertificateVerifier public immutable override certificateVerifier;
    /// @inheritdoc IOperatorTableSet
    address public immutable override avs;
    /// @inheritdoc IOperatorTableSet
    uint32 public immutable override operatorSetId;
    /// @inheritdoc IOperatorTableSet
    uint96 public immutable override minWeight;
    /// @inheritdoc IOperatorTableSet
    uint32 public immutable override maxReferenceAge;
    /// @inheritdoc IOperatorTableSet
    uint32 public immutable override supersededGrace;
    /// @inheritdoc IOperatorSet
    uint32 public immutable override maxRequestLifetime;
    /// @inheritdoc IOperatorTableSet
    uint32 public immutable override weightLookahead;
    /// @inheritdoc IOperatorTableSet
    uint40 public immutable override slashabilityHorizon;

    /// @dev One slot: totalWeight 0..95 | supersededBy 96..143. A loaded table has weight; `supersededBy` is the
    /// timestamp of the table that was loaded next, or 0.
    struct Table {
        uint96 totalWeight;
        uint48 supersededBy;
    }

    uint96[] private _multipliers;
    mapping(uint48 timepoint => Table) private _tables;
    /// @dev See `Seat` for the bits.
    mapping(uint48 timepoint => mapping(address operator => Seat)) private _seats;
    /// @inheritdoc IOperatorTableSet
    uint48 public override latestLoaded;

    constructor(TableSetConfig memory config) {
        if (config.certificateVerifier.code.length == 0) revert InvalidConfig("certificateVerifier");
        if (config.avs == address(0)) revert InvalidConfig("avs");
        if (config.minWeight == 0 || config.minWeight > MAX_WEIGHT) revert InvalidConfig("minWeight");
        if (config.maxReferenceAge == 0) revert InvalidConfig("maxReferenceAge");
        if (config.supersededGrace > config.maxReferenceAge) revert InvalidConfig("supersededGrace");
        if (config.maxRequestLifetime == 0) revert InvalidConfig("maxRequestLifetime");
        if (config.multipliers.length == 0) revert InvalidConfig("multipliers");
        for (uint256 i = 0; i < config.multipliers.length; ++i) {
            if (config.multipliers[i] == 0) revert InvalidConfig("multipliers");
        }
        _multipliers = config.multipliers;
        certificateVerifier = IECDSACertificateVerifier(config.certificateVerifier);
        avs = config.avs;
        operatorSetId = config.operatorSetId;
        minWeight = config.minWeight;
        maxReferenceAge = config.maxReferenceAge;
        supersededGrace = config.supersededGrace;
        maxRequestLifetime = config.maxRequestLifetime;
        weightLookahead = config.weightLookahead;

        uint40 horizon = uint40(config.maxReferenceAge) + config.maxRequestLifetime + config.evidenceWindow;
        slashabilityHorizon = horizon;
        if (horizon >= config.weightLookahead && !config.waiveSlashability) {
            revert StakeNotSlashable(horizon, config.weightLookahead);
        }
    }

    // -- tables

    /// @inheritdoc IOperatorTableSet
    function loadTable(uint48 timepoint) external {
        if (isLoaded(timepoint)) revert TableAlreadyLoaded(timepoint);
        uint32 latest = certificateVerifier.latestReferenceTimestamp(_set());
        if (timepoint == 0 || timepoint != latest) revert NotLatestTable(timepoint, latest);
        if (!_isRootValid(timepoint)) revert TableRootDisabled(timepoint);
        uint256[] memory ranking = _rank(timepoint, certificateVerifier.getOperatorInfos(_set(), latest));
        if (ranking.length == 0) revert TableWithoutWeight(timepoint);

        _tables[latestLoaded].supersededBy = timepoint;
        latestLoaded = timepoint;
        _seat(timepoint, ranking);
    }

    /// @inheritdoc IOperatorTableSet
    function isLoaded(uint48 timepoint) public view returns (bool) {
        return _tables[timepoint].totalWeight != 0;
    }

    // -- reading, at a timepoint

    /// @inheritdoc IOperatorSet
    function getVoter(address operator, uint48 timepoint)
        external
        view
        returns (Voter memory voter, uint96 totalWeight)
    {
        return (_voterAt(operator, timepoint), getTotalWeight(timepoint));
    }

    /// @inheritdoc IOperatorSet
    function getVoters(address[] calldata operators, uint48 timepoint)
        external
        view
        returns (Voter[] memory voters, uint96 totalWeight)
    {
        totalWeight = getTotalWeight(timepoint);
        voters = new Voter[](operators.length);
        for (uint256 i = 0; i < operators.length; ++i) {
            voters[i] = _voterAt(operators[i], timepoint);
        }
    }

    /// @inheritdoc IOperatorSet
    /// @dev Reverts with `TableNotLoaded` unless it is the timestamp of a loaded table.
    function getTotalWeight(uint48 timepoint) public view returns (uint96 totalWeight) {
        if (timepoint >= clock()) revert TimepointNotPast(timepoint, clock());
        totalWeight = _tables[timepoint].totalWeight;
        if (totalWeight == 0) revert TableNotLoaded(timepoint);
    }

    /// @inheritdoc IOperatorSet
    /// @dev Beyond that: a table is loaded at exactly `timepoint`, it is the latest or was so until lately, EigenLayer
    /// does not call it stale, and its root is not disabled. A table that is not loaded supersedes too; of several such
    /// the newest counts.
    function isValidReference(uint48 timepoint) external view returns (bool) {
        if (!isLoaded(timepoint) || timepoint >= clock()) return false;
        uint256 age = clock() - timepoint;
        uint32 staleness = certificateVerifier.maxOperatorTableStaleness(_set());
        if (age > maxReferenceAge || (staleness != 0 && age > staleness)) return false;
        return _isCurrent(timepoint) && _isRootValid(timepoint);
    }

    /// @notice Unix time in seconds.
    function clock() public view returns (uint48) {
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint48(block.timestamp);
    }

    /// @notice ERC-6372's description of the clock.
    // solhint-disable-next-line func-name-mixedcase
    function CLOCK_MODE() external pure returns (string memory) {
        return "mode=timestamp";
    }

    // -- reading, always

    /// @inheritdoc IOperatorTableSet
    function slashable() external view returns (bool) {
        return slashabilityHorizon < weightLookahead;
    }

    /// @inheritdoc IOperatorTableSet
    function getMultipliers() external view returns (uint96[] memory) {
        return _multipliers;
    }

    // -- internals

    function _voterAt(address operator, uint48 timepoint) private view returns (Voter memory voter) {
        Seat seat = _seats[timepoint][operator];
        if (seat.isSeated()) voter = Voter(true, seat.index(), seat.weight(), operator);
    }

    function _isCurrent(uint48 timepoint) private view returns (bool) {
        uint48 successor = _tables[timepoint].supersededBy;
        if (successor == 0) {
            successor = certificateVerifier.latestReferenceTimestamp(_set());
            if (successor == timepoint) return true;
        }
        return clock() <= uint256(successor) + supersededGrace;
    }

    function _isRootValid(uint48 timepoint) private view returns (bool) {
        IOperatorTableUpdater updater = IOperatorTableUpdater(certificateVerifier.operatorTableUpdater());
        // forge-lint: disable-next-line(unsafe-typecast)
        return updater.isRootValidByTimestamp(uint32(timepoint));
    }

    /// @dev The operators that have the least weight, as weight 160..255 | signing address 0..159, ascending.
    function _rank(uint48 timepoint, ECDSAOperatorInfo[] memory infos) private view returns (uint256[] memory ranking) {
        uint96[] memory multipliers = _multipliers;
        ranking = new uint256[](infos.length);
        uint256 count;
        for (uint256 i = 0; i < infos.length; ++i) {
            address operator = infos[i].pubkey;
            uint256[] memory weights = infos[i].weights;
            if (operator == address(0)) revert ZeroOperator(timepoint);
            if (weights.length != multipliers.length) {
                revert WeightsMismatch(timepoint, operator, weights.length, multipliers.length);
            }
            uint256 weight = _weigh(weights, multipliers);
            if (weight >= minWeight) ranking[count++] = weight << 160 | uint160(operator);
        }
        // count <= infos.length
        assembly ("memory-safe") {
            mstore(ranking, count)
        }
        LibSort.sort(ranking);
    }

    /// @dev A product that does not fit is more than any weight may be.
    function _weigh(uint256[] memory weights, uint96[] memory multipliers) private pure returns (uint256 weight) {
        for (uint256 i = 0; i < weights.length; ++i) {
            weight += Math.saturatingMul(weights[i], multipliers[i]) / MULTIPLIER_ONE;
        }
        return Math.min(weight, MAX_WEIGHT);
    }

    function _seat(uint48 timepoint, uint256[] memory ranking) private {
        uint256 count = Math.min(ranking.length, MAX_SEATS);
        address[] memory operators = new address[](count);
        uint96[] memory weights = new uint96[](count);
        uint96 totalWeight;
        for (uint256 i = 0; i < count; ++i) {
            uint256 ranked = ranking[ranking.length - 1 - i];
            // forge-lint: disable-next-line(unsafe-typecast)
            address operator = address(uint160(ranked));
            // forge-lint: disable-next-line(unsafe-typecast)
            uint96 weight = uint96(ranked >> 160);
            if (_seats[timepoint][operator].isSeated()) revert DuplicateOperator(timepoint, operator);
            // forge-lint: disable-next-line(unsafe-typecast)
            _seats[timepoint][operator] = SeatLibrary.seated(weight, timepoint, uint8(i));
            totalWeight += weight;
            operators[i] = operator;
            weights[i] = weight;
        }
        _tables[timepoint].totalWeight = totalWeight;
        emit TableLoaded(timepoint, totalWeight, operators, weights);
    }

    function _set() private view returns (OperatorSet memory) {
        return OperatorSet(avs, operatorSetId);
    }
}
