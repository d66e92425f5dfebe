// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { OperatorSet } from "../src/interfaces/external/IAllocationManager.sol";
import { DevnetDelegationManager } from "./DevnetDelegationManager.sol";
import { AllocateParams, Allocation, SlashingParams } from "./EigenLayerTypes.sol";
import { OperatorSets } from "./OperatorSets.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { EnumerableSet } from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";

/// @title Stand-in for EigenLayer's AllocationManager: operator sets, allocations, slashing
/// @dev Behaves as the real one where an AVS can tell; an account acts for itself only (no appointees), and nothing
/// can be paused or redistributed. Magnitudes and wads are fractions of 1e18. All delays are in blocks.
contract DevnetAllocationManager is OperatorSets {
    using EnumerableSet for EnumerableSet.AddressSet;
    using EnumerableSet for EnumerableSet.Bytes32Set;
    using Math for uint256;

    struct Strategy {
        /// @dev Magnitude lost to slashing: the maximum is 1e18 less this.
        uint64 slashed;
        /// @dev Magnitude allocated, including allocations under way and deallocations not yet done.
        uint64 encumbered;
    }

    /// @dev A value and the one that replaces it from `effectBlock` on, when that is not 0.
    struct Delay {
        bool isSet;
        uint32 current;
        uint32 next;
        uint32 effectBlock;
    }

    uint64 private constant WAD = 1e18;

    mapping(bytes32 key => uint256) private _slashCounts;
    mapping(address operator => Delay) private _delays;
    mapping(address operator => EnumerableSet.Bytes32Set) private _allocatedSets;
    mapping(address operator => mapping(bytes32 key => EnumerableSet.AddressSet)) private _allocatedStrategies;
    mapping(address operator => mapping(address strategy => Strategy)) private _strategies;
    mapping(address operator => mapping(bytes32 key => mapping(address strategy => Allocation))) private _allocations;

    event AllocationDelaySet(address operator, uint32 delay, uint32 effectBlock);
    event AllocationUpdated(
        address operator, OperatorSet operatorSet, address strategy, uint64 magnitude, uint32 effectBlock
    );
    event EncumberedMagnitudeUpdated(address operator, address strategy, uint64 encumberedMagnitude);
    event MaxMagnitudeUpdated(address operator, address strategy, uint64 maxMagnitude);
    event OperatorSlashed(
        address operator, OperatorSet operatorSet, address[] strategies, uint256[] wadSlashed, string description
    );

    error InputArrayLengthMismatch();
    error InsufficientMagnitude();
    error InvalidWadToSlash();
    error ModificationAlreadyPending();
    error OperatorNotSlashable();
    error SameMagnitude();
    error StrategiesMustBeInAscendingOrder();
    error UninitializedAllocationDelay();

    constructor(DevnetDelegationManager delegation_, uint32 deallocationDelay, uint32 allocationConfigurationDelay)
        OperatorSets(delegation_, deallocationDelay, allocationConfigurationDelay)
    { }

    // -- the operator

    /// @dev At once for an operator that the DelegationManager is just registering.
    function setAllocationDelay(address operator, uint32 delay) external {
        bool isNew = msg.sender == address(delegation);
        require(isNew || msg.sender == operator, InvalidPermissions());
        require(isNew || delegation.isOperator(operator), InvalidOperator());

        Delay storage stored = _delays[operator];
        (stored.isSet, stored.current) = isNew ? (true, delay) : getAllocationDelay(operator);
        stored.next = delay;
        stored.effectBlock = isNew ? _blockIn(0) : _blockIn(ALLOCATION_CONFIGURATION_DELAY + 1);
        emit AllocationDelaySet(operator, delay, stored.effectBlock);
    }

    function modifyAllocations(address operator, AllocateParams[] calldata params) external onlyFor(operator) {
        (bool isSet, uint32 delay) = getAllocationDelay(operator);
        require(isSet, UninitializedAllocationDelay());
        for (uint256 i = 0; i < params.length; ++i) {
            require(params[i].strategies.length == params[i].newMagnitudes.length, InputArrayLengthMismatch());
            require(_isSet[_key(params[i].operatorSet)], InvalidOperatorSet());
            for (uint256 j = 0; j < params[i].strategies.length; ++j) {
                _modifyAllocation(
                    operator, params[i].operatorSet, params[i].strategies[j], params[i].newMagnitudes[j], delay
                );
            }
        }
    }

    // -- the slasher

    /// @return slashId Counts the set's slashes from 1, those that took nothing included.
    /// @return shares Taken per strategy; 0 where nothing was allocated. There is no revert then.
    function slashOperator(address avs, SlashingParams calldata params)
        external
        returns (uint256 slashId, uint256[] memory shares)
    {
        OperatorSet memory operatorSet = OperatorSet(avs, params.operatorSetId);
        require(params.strategies.length == params.wadsToSlash.length, InputArrayLengthMismatch());
        require(_isSet[_key(operatorSet)], InvalidOperatorSet());
        require(isOperatorSlashable(params.operator, operatorSet), OperatorNotSlashable());
        require(msg.sender == getSlasher(operatorSet), InvalidCaller());

        slashId = ++_slashCounts[_key(operatorSet)];
        shares = new uint256[](params.strategies.length);
        uint256[] memory wadSlashed = new uint256[](params.strategies.length);
        for (uint256 i = 0; i < params.strategies.length; ++i) {
            address strategy = params.strategies[i];
            require(i == 0 || strategy > params.strategies[i - 1], StrategiesMustBeInAscendingOrder());
            require(params.wadsToSlash[i] != 0 && params.wadsToSlash[i] <= WAD, InvalidWadToSlash());
            require(_strategiesOf[_key(operatorSet)].contains(strategy), StrategyNotInOperatorSet());
            (wadSlashed[i], shares[i]) = _slash(operatorSet, slashId, params.operator, strategy, params.wadsToSlash[i]);
        }
        emit OperatorSlashed(params.operator, operatorSet, params.strategies, wadSlashed, params.description);
    }

    // -- reading

    function getSlashCount(OperatorSet calldata operatorSet) external view returns (uint256 slashCount) {
        return _slashCounts[_key(operatorSet)];
    }

    function getAllocationDelay(address operator) public view returns (bool, uint32) {
        Delay storage stored = _delays[operator];
        if (stored.effectBlock != 0 && block.number >= stored.effectBlock) return (true, stored.next);
        return (stored.isSet, stored.current);
    }

    function getAllocation(address operator, OperatorSet memory operatorSet, address strategy)
        public
        view
        returns (Allocation memory allocation)
    {
        return _effective(operator, _key(operatorSet), strategy);
    }

    function getAllocations(address[] calldata operators, OperatorSet calldata operatorSet, address strategy)
        external
        view
        returns (Allocation[] memory allocations)
    {
        allocations = new Allocation[](operators.length);
        for (uint256 i = 0; i < operators.length; ++i) {
            allocations[i] = getAllocation(operators[i], operatorSet, strategy);
        }
    }

    function getAllocatedSets(address operator) external view returns (OperatorSet[] memory operatorSets) {
        return _decode(_allocatedSets[operator].values());
    }

    function getAllocatedStrategies(address operator, OperatorSet calldata operatorSet)
        external
        view
        returns (address[] memory strategies)
    {
        return _allocatedStrategies[operator][_key(operatorSet)].values();
    }

    function getMaxMagnitude(address operator, address strategy) public view returns (uint64 maxMagnitude) {
        return WAD - _strategies[operator][strategy].slashed;
    }

    function getMaxMagnitudes(address operator, address[] calldata strategies)
        external
        view
        returns (uint64[] memory maxMagnitudes)
    {
        maxMagnitudes = new uint64[](strategies.length);
        for (uint256 i = 0; i < strategies.length; ++i) {
            maxMagnitudes[i] = getMaxMagnitude(operator, strategies[i]);
        }
    }

    function getMaxMagnitudes(address[] calldata operators, address strategy)
        external
        view
        returns (uint64[] memory maxMagnitudes)
    {
        maxMagnitudes = new uint64[](operators.length);
        for (uint256 i = 0; i < operators.length; ++i) {
            maxMagnitudes[i] = getMaxMagnitude(operators[i], strategy);
        }
    }

    /// @dev Deallocations that are due count as done, although nothing has stored that yet.
    function getEncumberedMagnitude(address operator, address strategy)
        public
        view
        returns (uint64 encumberedMagnitude)
    {
        encumberedMagnitude = _strategies[operator][strategy].encumbered;
        bytes32[] memory keys = _allocatedSets[operator].values();
        for (uint256 i = 0; i < keys.length; ++i) {
            Allocation storage stored = _allocations[operator][keys[i]][strategy];
            if (stored.pendingDiff < 0 && block.number >= stored.effectBlock) {
                encumberedMagnitude = _add(encumberedMagnitude, stored.pendingDiff);
            }
        }
    }

    function getAllocatableMagnitude(address operator, address strategy)
        external
        view
        returns (uint64 allocatableMagnitude)
    {
        return getMaxMagnitude(operator, strategy) - getEncumberedMagnitude(operator, strategy);
    }

    /// @notice Stake allocated now, whether or not the operator is a member.
    function getAllocatedStake(OperatorSet memory operatorSet, address[] memory operators, address[] memory strategies)
        external
        view
        returns (uint256[][] memory slashableStake)
    {
        return _allocatedStake(operatorSet, operators, strategies, block.number);
    }

    /// @notice The least stake between now and `futureBlock`: pending allocations count nothing, pending
    /// deallocations are subtracted when they are done by then. Zero for who cannot be slashed.
    function getMinimumSlashableStake(
        OperatorSet memory operatorSet,
        address[] memory operators,
        address[] memory strategies,
        uint32 futureBlock
    ) external view returns (uint256[][] memory slashableStake) {
        slashableStake = _allocatedStake(operatorSet, operators, strategies, futureBlock);
        for (uint256 i = 0; i < operators.length; ++i) {
            if (isOperatorSlashable(operators[i], operatorSet)) continue;
            slashableStake[i] = new uint256[](strategies.length);
        }
    }

    // -- internal

    function _modifyAllocation(
        address operator,
        OperatorSet calldata operatorSet,
        address strategy,
        uint64 newMagnitude,
        uint32 delay
    ) private {
        bytes32[] memory keys = _allocatedSets[operator].values();
        for (uint256 i = 0; i < keys.length; ++i) {
            _complete(operator, keys[i], strategy);
        }
        bytes32 key = _key(operatorSet);
        Allocation storage stored = _allocations[operator][key][strategy];
        require(stored.effectBlock == 0, ModificationAlreadyPending());
        int128 diff = int128(uint128(newMagnitude)) - int128(uint128(stored.currentMagnitude));
        require(diff != 0, SameMagnitude());

        uint32 effectBlock = _blockIn(0);
        if (diff > 0) {
            _setEncumbered(operator, strategy, _add(_strategies[operator][strategy].encumbered, diff));
            require(
                _strategies[operator][strategy].encumbered <= getMaxMagnitude(operator, strategy),
                InsufficientMagnitude()
            );
            effectBlock = _blockIn(delay);
            (stored.pendingDiff, stored.effectBlock) = (diff, effectBlock);
        } else if (_strategiesOf[key].contains(strategy) && isOperatorSlashable(operator, operatorSet)) {
            effectBlock = _blockIn(DEALLOCATION_DELAY + 1);
            (stored.pendingDiff, stored.effectBlock) = (diff, effectBlock);
        } else {
            _setEncumbered(operator, strategy, _add(_strategies[operator][strategy].encumbered, diff));
            stored.currentMagnitude = newMagnitude;
        }
        _trackAllocation(operator, key, strategy);
        emit AllocationUpdated(operator, operatorSet, strategy, newMagnitude, effectBlock);
    }

    function _slash(OperatorSet memory operatorSet, uint256 slashId, address operator, address strategy, uint256 wad)
        private
        returns (uint256 wadSlashed, uint256 shares)
    {
        bytes32 key = _key(operatorSet);
        _complete(operator, key, strategy);
        Allocation storage stored = _allocations[operator][key][strategy];
        if (stored.currentMagnitude == 0) return (0, 0);

        uint64 before = getMaxMagnitude(operator, strategy);
        uint64 magnitude = _fraction(stored.currentMagnitude, wad);
        wadSlashed = uint256(magnitude).mulDiv(WAD, before);
        stored.currentMagnitude -= magnitude;
        _strategies[operator][strategy].slashed += magnitude;
        if (stored.pendingDiff < 0) {
            stored.pendingDiff += int128(uint128(_fraction(uint64(uint128(-stored.pendingDiff)), wad)));
            emit AllocationUpdated(
                operator, operatorSet, strategy, _add(stored.currentMagnitude, stored.pendingDiff), stored.effectBlock
            );
        }
        _setEncumbered(operator, strategy, _strategies[operator][strategy].encumbered - magnitude);
        _trackAllocation(operator, key, strategy);
        emit AllocationUpdated(operator, operatorSet, strategy, stored.currentMagnitude, _blockIn(0));
        emit MaxMagnitudeUpdated(operator, strategy, before - magnitude);
        shares = delegation.slashOperatorShares(operator, operatorSet, slashId, strategy, before, before - magnitude);
    }

    /// @dev The stored allocation with a due change applied.
    function _effective(address operator, bytes32 key, address strategy)
        private
        view
        returns (Allocation memory allocation)
    {
        allocation = _allocations[operator][key][strategy];
        if (block.number < allocation.effectBlock) return allocation;
        return Allocation(_add(allocation.currentMagnitude, allocation.pendingDiff), 0, 0);
    }

    /// @dev Stores a due change.
    function _complete(address operator, bytes32 key, address strategy) private {
        Allocation storage stored = _allocations[operator][key][strategy];
        if (stored.effectBlock == 0 || block.number < stored.effectBlock) return;
        if (stored.pendingDiff < 0) {
            _setEncumbered(operator, strategy, _add(_strategies[operator][strategy].encumbered, stored.pendingDiff));
        }
        _allocations[operator][key][strategy] = _effective(operator, key, strategy);
        _trackAllocation(operator, key, strategy);
    }

    function _setEncumbered(address operator, address strategy, uint64 encumbered) private {
        _strategies[operator][strategy].encumbered = encumbered;
        emit EncumberedMagnitudeUpdated(operator, strategy, encumbered);
    }

    function _trackAllocation(address operator, bytes32 key, address strategy) private {
        Allocation storage stored = _allocations[operator][key][strategy];
        if (stored.currentMagnitude != 0 || stored.pendingDiff != 0) {
            _allocatedStrategies[operator][key].add(strategy);
            _allocatedSets[operator].add(key);
            return;
        }
        _allocatedStrategies[operator][key].remove(strategy);
        if (_allocatedStrategies[operator][key].length() == 0) _allocatedSets[operator].remove(key);
    }

    function _allocatedStake(
        OperatorSet memory operatorSet,
        address[] memory operators,
        address[] memory strategies,
        uint256 futureBlock
    ) private view returns (uint256[][] memory stake) {
        stake = delegation.getOperatorsShares(operators, strategies);
        for (uint256 i = 0; i < operators.length; ++i) {
            for (uint256 j = 0; j < strategies.length; ++j) {
                uint256 maxMagnitude = getMaxMagnitude(operators[i], strategies[j]);
                Allocation memory allocation = getAllocation(operators[i], operatorSet, strategies[j]);
                uint64 magnitude = allocation.currentMagnitude;
                if (allocation.pendingDiff < 0 && allocation.effectBlock <= futureBlock) {
                    magnitude = _add(magnitude, allocation.pendingDiff);
                }
                uint256 proportion = maxMagnitude == 0 ? 0 : uint256(magnitude).mulDiv(WAD, maxMagnitude);
                stake[i][j] = stake[i][j].mulDiv(proportion, WAD);
            }
        }
    }

    /// @dev Rounded up, so that the smallest slash still takes something.
    function _fraction(uint64 magnitude, uint256 wad) private pure returns (uint64) {
        return uint64(uint256(magnitude).mulDiv(wad, WAD, Math.Rounding.Ceil));
    }

    function _add(uint64 magnitude, int128 diff) private pure returns (uint64) {
        return uint64(uint128(int128(uint128(magnitude)) + diff));
    }
}
