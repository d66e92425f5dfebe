// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { LibBit } from "solady/utils/LibBit.sol";

import { IOperatorRegistrar, RegistrarConfig, StrategyWeight } from "./interfaces/IOperatorRegistrar.sol";
import { IOperatorSet, Voter } from "./interfaces/IOperatorSet.sol";
import { IAVSRegistrar } from "./interfaces/external/IAVSRegistrar.sol";
import { IAllocationManager, OperatorSet } from "./interfaces/external/IAllocationManager.sol";
import { IKeyRegistrar } from "./interfaces/external/IKeyRegistrar.sol";
import { History } from "./types/History.sol";
import { Seat, SeatLibrary } from "./types/Seat.sol";

/// @title Operator registrar
/// @notice Its clock is the block number.
contract OperatorRegistrar is IOperatorRegistrar {
    uint256 private constant MAX_SEATS = 256;
    /// @dev So that the weights of all seats add up to a uint96.
    uint256 private constant MAX_WEIGHT = type(uint96).max / MAX_SEATS;
    uint256 private constant MULTIPLIER_ONE = 1e18;

    /// @inheritdoc IOperatorRegistrar
    address public immutable override avs;
    /// @inheritdoc IOperatorRegistrar
    uint32 public immutable override operatorSetId;
    /// @inheritdoc IOperatorRegistrar
    uint96 public immutable override minWeight;
    /// @inheritdoc IOperatorRegistrar
    uint32 public immutable override maxWeightAge;
    /// @inheritdoc IOperatorRegistrar
    uint32 public immutable override maxReferenceAge;
    /// @inheritdoc IOperatorSet
    uint32 public immutable override maxRequestLifetime;
    /// @inheritdoc IOperatorRegistrar
    uint32 public immutable override slashabilityHorizon;

    /// @inheritdoc IOperatorRegistrar
    IAllocationManager public immutable override allocationManager;
    /// @inheritdoc IOperatorRegistrar
    IKeyRegistrar public immutable override keyRegistrar;

    StrategyWeight[] private _strategies;
    /// @dev By operator: what it was from a block on. See `Seat` for the bits.
    mapping(address operator => History) private _seats;
    mapping(address operator => History) private _signingKeys;
    History private _totalWeight;
    /// @inheritdoc IOperatorRegistrar
    mapping(address operator => bool) public override isMember;
    /// @dev Who holds an index now; meaningful where the bit of `_occupied` is set.
    address[MAX_SEATS] private _holders;
    uint256 private _occupied;

    constructor(RegistrarConfig memory config) {
        if (config.avs == address(0)) revert InvalidConfig("avs");
        if (config.allocationManager.code.length == 0) revert InvalidConfig("allocationManager");
        if (config.keyRegistrar.code.length == 0) revert InvalidConfig("keyRegistrar");
        if (config.minWeight == 0 || config.minWeight > MAX_WEIGHT) revert InvalidConfig("minWeight");
        if (config.maxWeightAge == 0) revert InvalidConfig("maxWeightAge");
        if (config.maxReferenceAge == 0) revert InvalidConfig("maxReferenceAge");
        if (config.maxRequestLifetime == 0) revert InvalidConfig("maxRequestLifetime");
        if (config.minBlockTime == 0) revert InvalidConfig("minBlockTime");
        if (config.strategies.length == 0) revert InvalidConfig("strategies");
        for (uint256 i = 0; i < config.strategies.length; ++i) {
            // Ascending, hence none twice; EigenLayer asks for the same order when it slashes.
            if (i != 0 && config.strategies[i].strategy <= config.strategies[i - 1].strategy) {
                revert InvalidConfig("strategies");
            }
            if (config.strategies[i].multiplier == 0) revert InvalidConfig("strategies");
            _strategies.push(config.strategies[i]);
        }
        avs = config.avs;
        operatorSetId = config.operatorSetId;
        minWeight = config.minWeight;
        maxWeightAge = config.maxWeightAge;
        maxReferenceAge = config.maxReferenceAge;
        maxRequestLifetime = config.maxRequestLifetime;
        allocationManager = IAllocationManager(config.allocationManager);
        keyRegistrar = IKeyRegistrar(config.keyRegistrar);

        uint256 secondsAfterReference = uint256(config.maxRequestLifetime) + config.evidenceWindow;
        uint256 horizon = uint256(config.maxWeightAge) + config.maxReferenceAge
            + (secondsAfterReference + config.minBlockTime - 1) / config.minBlockTime;
        if (horizon > type(uint32).max) revert InvalidConfig("maxWeightAge");
        // forge-lint: disable-next-line(unsafe-typecast)
        slashabilityHorizon = uint32(horizon);
        uint256 delay = IAllocationManager(config.allocationManager).DEALLOCATION_DELAY();
        if (horizon >= delay && !config.waiveSlashability) revert StakeNotSlashable(horizon, delay);
    }

    // -- EigenLayer's callbacks

    /// @inheritdoc IAVSRegistrar
    function registerOperator(address operator, address avs_, uint32[] calldata operatorSetIds, bytes calldata)
        external
    {
        _requireCallback(avs_, operatorSetIds);
        isMember[operator] = true;
        emit OperatorJoined(operator);
        address[] memory operators = new address[](1);
        operators[0] = operator;
        if (_signingKeyOf(operator) == address(0)) revert SigningKeyMissing(operator);
        _checkpointAll(operators);
    }

    /// @inheritdoc IAVSRegistrar
    /// @dev Never reverts for a member that leaves: EigenLayer would keep it from leaving.
    function deregisterOperator(address operator, address avs_, uint32[] calldata operatorSetIds) external {
        _requireCallback(avs_, operatorSetIds);
        isMember[operator] = false;
        emit OperatorLeft(operator);
        Seat seat = _latestSeat(operator);
        if (seat.isSeated()) _unseat(operator, seat);
    }

    /// @inheritdoc IAVSRegistrar
    function supportsAVS(address avs_) external view returns (bool) {
        return avs_ == avs;
    }

    // -- checkpoints

    /// @inheritdoc IOperatorRegistrar
    function refresh(address[] calldata operators) external {
        for (uint256 i = 0; i < operators.length; ++i) {
            if (!isMember[operators[i]]) revert NotMember(operators[i]);
        }
        _checkpointAll(operators);
    }

    // -- reading, at a timepoint

    /// @inheritdoc IOperatorSet
    function getVoter(address operator, uint48 timepoint)
        external
        view
        returns (Voter memory voter, uint96 totalWeight)
    {
        totalWeight = getTotalWeight(timepoint);
        _readVoter(operator, timepoint, voter);
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
            _readVoter(operators[i], timepoint, voters[i]);
        }
    }

    /// @inheritdoc IOperatorSet
    function getTotalWeight(uint48 timepoint) public view returns (uint96) {
        if (timepoint >= clock()) revert TimepointNotPast(timepoint, clock());
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint96(_totalWeight.lookup(timepoint));
    }

    /// @inheritdoc IOperatorSet
    function isValidReference(uint48 timepoint) external view returns (bool) {
        return timepoint < clock() && clock() - timepoint <= maxReferenceAge;
    }

    /// @notice The block number.
    function clock() public view returns (uint48) {
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint48(block.number);
    }

    /// @notice ERC-6372's description of the clock.
    // solhint-disable-next-line func-name-mixedcase
    function CLOCK_MODE() external pure returns (string memory) {
        return "mode=blocknumber&from=default";
    }

    // -- reading, now

    /// @inheritdoc IOperatorRegistrar
    function slashable() external view returns (bool) {
        return slashabilityHorizon < allocationManager.DEALLOCATION_DELAY();
    }

    /// @inheritdoc IOperatorRegistrar
    function getSeatedOperators() external view returns (address[] memory operators) {
        uint256 occupied = _occupied;
        operators = new address[](LibBit.popCount(occupied));
        for (uint256 i = 0; i < operators.length; ++i) {
            uint256 index = LibBit.ffs(occupied);
            operators[i] = _holders[index];
            occupied &= occupied - 1;
        }
    }

    /// @inheritdoc IOperatorRegistrar
    function getCheckpoint(address operator)
        external
        view
        returns (bool isSeated, uint8 index, uint96 weight, uint48 timepoint, address signingKey)
    {
        Seat seat = _latestSeat(operator);
        return (
            seat.isSeated(), seat.index(), seat.weight(), seat.timepoint(), _toAddress(_signingKeys[operator].current())
        );
    }

    /// @inheritdoc IOperatorRegistrar
    function getStrategies() external view returns (StrategyWeight[] memory) {
        return _strategies;
    }

    // -- internals

    /// @dev An empty list of sets, or another AVS's, reaches registrars too.
    function _requireCallback(address avs_, uint32[] calldata operatorSetIds) private view {
        if (msg.sender != address(allocationManager)) revert NotAllocationManager(msg.sender);
        if (avs_ != avs) revert UnknownAVS(avs_);
        if (operatorSetIds.length != 1 || operatorSetIds[0] != operatorSetId) revert UnknownOperatorSet();
    }

    function _checkpointAll(address[] memory operators) private {
        StrategyWeight[] memory strategies = _strategies;
        address[] memory addresses = new address[](strategies.length);
        for (uint256 i = 0; i < strategies.length; ++i) {
            addresses[i] = strategies[i].strategy;
        }
        // forge-lint: disable-next-line(unsafe-typecast)
        uint32 futureBlock = uint32(block.number) + slashabilityHorizon;
        uint256[][] memory stakes = allocationManager.getMinimumSlashableStake(
            OperatorSet(avs, operatorSetId), operators, addresses, futureBlock
        );
        for (uint256 i = 0; i < operators.length; ++i) {
            uint256 weight;
            for (uint256 j = 0; j < strategies.length; ++j) {
                weight += stakes[i][j] * strategies[j].multiplier / MULTIPLIER_ONE;
            }
            // forge-lint: disable-next-line(unsafe-typecast)
            _checkpoint(operators[i], uint96(weight < MAX_WEIGHT ? weight : MAX_WEIGHT));
        }
    }

    /// @dev An operator without a signing key or with too little weight holds no index.
    function _checkpoint(address operator, uint96 weight) private {
        address signingKey = _signingKeyOf(operator);
        if (_toAddress(_signingKeys[operator].current()) != signingKey) {
            _signingKeys[operator].push(clock(), uint160(signingKey));
        }
        Seat seat = _latestSeat(operator);
        if (weight < minWeight || signingKey == address(0)) {
            if (seat.isSeated()) _unseat(operator, seat);
            return;
        }
        uint8 index;
        if (seat.isSeated()) {
            index = seat.index();
            _pushTotal(seat.weight(), weight);
        } else {
            bool found;
            (found, index) = _takeIndex(weight);
            if (!found) return;
            _holders[index] = operator;
            _pushTotal(0, weight);
        }
        _pushSeat(operator, SeatLibrary.seated(weight, clock(), index));
        emit OperatorCheckpointed(operator, true, index, weight, signingKey);
    }

    /// @dev A free index, or that of the lightest operator if it is lighter than `weight`.
    function _takeIndex(uint96 weight) private returns (bool found, uint8 index) {
        if (_occupied == type(uint256).max) {
            (address lightest, Seat seat) = _lightest();
            if (seat.weight() >= weight) return (false, 0);
            _unseat(lightest, seat);
        }
        // forge-lint: disable-next-line(unsafe-typecast)
        index = uint8(LibBit.ffs(~_occupied));
        _occupied |= 1 << index;
        return (true, index);
    }

    /// @dev Only asked for when every index is held.
    function _lightest() private view returns (address lightest, Seat seat) {
        lightest = _holders[0];
        seat = _latestSeat(lightest);
        for (uint256 i = 1; i < MAX_SEATS; ++i) {
            address holder = _holders[i];
            Seat candidate = _latestSeat(holder);
            if (candidate.weight() < seat.weight()) (lightest, seat) = (holder, candidate);
        }
    }

    function _unseat(address operator, Seat seat) private {
        _occupied &= ~(1 << seat.index());
        _pushTotal(seat.weight(), 0);
        _pushSeat(operator, SeatLibrary.unseated(clock()));
        emit OperatorCheckpointed(operator, false, 0, 0, _toAddress(_signingKeys[operator].current()));
    }

    function _pushTotal(uint96 before, uint96 now_) private {
        _totalWeight.push(clock(), _totalWeight.current() - before + now_);
    }

    function _pushSeat(address operator, Seat seat) private {
        _seats[operator].push(clock(), Seat.unwrap(seat));
    }

    /// @dev Leaves what is zero as it is where the operator had no seat.
    function _readVoter(address operator, uint48 timepoint, Voter memory voter) private view {
        Seat seat = Seat.wrap(_seats[operator].lookup(timepoint));
        if (!seat.isSeated()) return;
        voter.canVote = timepoint - seat.timepoint() <= maxWeightAge;
        voter.index = seat.index();
        voter.weight = seat.weight();
        voter.signingKey = _toAddress(_signingKeys[operator].lookup(timepoint));
    }

    function _latestSeat(address operator) private view returns (Seat) {
        return Seat.wrap(_seats[operator].current());
    }

    function _toAddress(uint208 value) private pure returns (address) {
        // forge-lint: disable-next-line(unsafe-typecast)
        return address(uint160(value));
    }

    function _signingKeyOf(address operator) private view returns (address) {
        return keyRegistrar.getECDSAAddress(OperatorSet(avs, operatorSetId), operator);
    }
}
