// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IAVSRegistrar } from "../src/interfaces/external/IAVSRegistrar.sol";
import { OperatorSet } from "../src/interfaces/external/IAllocationManager.sol";
import { DevnetDelegationManager } from "./DevnetDelegationManager.sol";
import { CreateSetParamsV1, CreateSetParamsV2, DeregisterParams, RegisterParams } from "./EigenLayerTypes.sol";
import { EnumerableSet } from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";

/// @title The part of the AllocationManager's stand-in that keeps operator sets: registrars, members, slashers
abstract contract OperatorSets {
    using EnumerableSet for EnumerableSet.AddressSet;
    using EnumerableSet for EnumerableSet.Bytes32Set;

    struct Membership {
        bool isRegistered;
        /// @dev Last block in which an operator that left can be slashed.
        uint32 slashableUntil;
    }

    /// @dev `next` replaces `current` from `effectBlock` on, when that is not 0.
    struct Slasher {
        address current;
        address next;
        uint32 effectBlock;
    }

    DevnetDelegationManager public immutable delegation;
    uint32 public immutable DEALLOCATION_DELAY;
    uint32 public immutable ALLOCATION_CONFIGURATION_DELAY;

    mapping(bytes32 key => bool) internal _isSet;
    mapping(bytes32 key => EnumerableSet.AddressSet) internal _strategiesOf;
    mapping(address avs => bool) private _hasMetadata;
    mapping(address avs => address) private _registrars;
    mapping(address avs => uint256) private _setCounts;
    mapping(bytes32 key => Slasher) private _slashers;
    mapping(bytes32 key => EnumerableSet.AddressSet) private _members;
    mapping(address operator => EnumerableSet.Bytes32Set) private _registeredSets;
    mapping(address operator => mapping(bytes32 key => Membership)) private _memberships;

    event AVSMetadataURIUpdated(address indexed avs, string metadataURI);
    event AVSRegistrarSet(address avs, address registrar);
    event OperatorAddedToOperatorSet(address indexed operator, OperatorSet operatorSet);
    event OperatorRemovedFromOperatorSet(address indexed operator, OperatorSet operatorSet);
    event OperatorSetCreated(OperatorSet operatorSet);
    event SlasherUpdated(OperatorSet operatorSet, address slasher, uint32 effectBlock);
    event StrategyAddedToOperatorSet(OperatorSet operatorSet, address strategy);
    event StrategyRemovedFromOperatorSet(OperatorSet operatorSet, address strategy);

    error AlreadyMemberOfSet();
    error InputAddressZero();
    error InvalidAVSRegistrar();
    error InvalidCaller();
    error InvalidOperator();
    error InvalidOperatorSet();
    error InvalidPermissions();
    error NonexistentAVSMetadata();
    error NotMemberOfSet();
    error StrategyAlreadyInOperatorSet();
    error StrategyNotInOperatorSet();

    constructor(DevnetDelegationManager delegation_, uint32 deallocationDelay, uint32 allocationConfigurationDelay) {
        delegation = delegation_;
        DEALLOCATION_DELAY = deallocationDelay;
        ALLOCATION_CONFIGURATION_DELAY = allocationConfigurationDelay;
    }

    modifier onlyFor(address account) {
        require(msg.sender == account, InvalidPermissions());
        _;
    }

    modifier onlyExisting(address avs, uint32 id) {
        require(_isSet[_key(avs, id)], InvalidOperatorSet());
        _;
    }

    // -- the AVS

    function updateAVSMetadataURI(address avs, string calldata metadataURI) external onlyFor(avs) {
        _hasMetadata[avs] = true;
        emit AVSMetadataURIUpdated(avs, metadataURI);
    }

    function setAVSRegistrar(address avs, address registrar) external onlyFor(avs) {
        require(IAVSRegistrar(registrar).supportsAVS(avs), InvalidAVSRegistrar());
        _registrars[avs] = registrar;
        emit AVSRegistrarSet(avs, registrar);
    }

    /// @notice The AVS itself becomes the slasher.
    function createOperatorSets(address avs, CreateSetParamsV1[] calldata params) external onlyFor(avs) {
        require(_hasMetadata[avs], NonexistentAVSMetadata());
        for (uint256 i = 0; i < params.length; ++i) {
            _createOperatorSet(avs, params[i].operatorSetId, params[i].strategies, avs);
        }
    }

    function createOperatorSets(address avs, CreateSetParamsV2[] calldata params) external onlyFor(avs) {
        require(_hasMetadata[avs], NonexistentAVSMetadata());
        for (uint256 i = 0; i < params.length; ++i) {
            _createOperatorSet(avs, params[i].operatorSetId, params[i].strategies, params[i].slasher);
        }
    }

    function addStrategiesToOperatorSet(address avs, uint32 operatorSetId, address[] calldata strategies)
        external
        onlyFor(avs)
        onlyExisting(avs, operatorSetId)
    {
        _addStrategies(OperatorSet(avs, operatorSetId), strategies);
    }

    function removeStrategiesFromOperatorSet(address avs, uint32 operatorSetId, address[] calldata strategies)
        external
        onlyFor(avs)
        onlyExisting(avs, operatorSetId)
    {
        for (uint256 i = 0; i < strategies.length; ++i) {
            require(_strategiesOf[_key(avs, operatorSetId)].remove(strategies[i]), StrategyNotInOperatorSet());
            emit StrategyRemovedFromOperatorSet(OperatorSet(avs, operatorSetId), strategies[i]);
        }
    }

    function updateSlasher(OperatorSet calldata operatorSet, address slasher)
        external
        onlyFor(operatorSet.avs)
        onlyExisting(operatorSet.avs, operatorSet.id)
    {
        require(slasher != address(0), InputAddressZero());
        Slasher storage stored = _slashers[_key(operatorSet)];
        if (slasher == stored.next && block.number < stored.effectBlock) return;
        stored.current = getSlasher(operatorSet);
        stored.next = slasher;
        stored.effectBlock = _blockIn(ALLOCATION_CONFIGURATION_DELAY + 1);
        emit SlasherUpdated(operatorSet, slasher, stored.effectBlock);
    }

    // -- members

    /// @dev The registrar is called even for an empty list of ids, as in EigenLayer.
    function registerForOperatorSets(address operator, RegisterParams calldata params) external onlyFor(operator) {
        require(delegation.isOperator(operator), InvalidOperator());
        for (uint256 i = 0; i < params.operatorSetIds.length; ++i) {
            OperatorSet memory operatorSet = OperatorSet(params.avs, params.operatorSetIds[i]);
            bytes32 key = _key(operatorSet);
            require(_isSet[key], InvalidOperatorSet());
            require(!isOperatorSlashable(operator, operatorSet), AlreadyMemberOfSet());
            _memberships[operator][key].isRegistered = true;
            _members[key].add(operator);
            _registeredSets[operator].add(key);
            emit OperatorAddedToOperatorSet(operator, operatorSet);
        }
        IAVSRegistrar(getAVSRegistrar(params.avs))
            .registerOperator(operator, params.avs, params.operatorSetIds, params.data);
    }

    /// @dev A registrar that reverts keeps the operator in, as in EigenLayer.
    function deregisterFromOperatorSets(DeregisterParams calldata params) external {
        require(msg.sender == params.operator || msg.sender == params.avs, InvalidCaller());
        for (uint256 i = 0; i < params.operatorSetIds.length; ++i) {
            OperatorSet memory operatorSet = OperatorSet(params.avs, params.operatorSetIds[i]);
            bytes32 key = _key(operatorSet);
            require(_isSet[key], InvalidOperatorSet());
            require(_memberships[params.operator][key].isRegistered, NotMemberOfSet());
            _memberships[params.operator][key] = Membership(false, _blockIn(DEALLOCATION_DELAY));
            _members[key].remove(params.operator);
            _registeredSets[params.operator].remove(key);
            emit OperatorRemovedFromOperatorSet(params.operator, operatorSet);
        }
        IAVSRegistrar(getAVSRegistrar(params.avs))
            .deregisterOperator(params.operator, params.avs, params.operatorSetIds);
    }

    // -- reading

    // forge-lint: disable-next-line(mixed-case-function)
    function SLASHER_CONFIGURATION_DELAY() external view returns (uint32) {
        return ALLOCATION_CONFIGURATION_DELAY;
    }

    function getAVSRegistrar(address avs) public view returns (address) {
        return _registrars[avs] == address(0) ? avs : _registrars[avs];
    }

    function isOperatorSet(OperatorSet calldata operatorSet) external view returns (bool result) {
        return _isSet[_key(operatorSet)];
    }

    function getOperatorSetCount(address avs) external view returns (uint256 count) {
        return _setCounts[avs];
    }

    function getStrategiesInOperatorSet(OperatorSet calldata operatorSet)
        external
        view
        returns (address[] memory strategies)
    {
        return _strategiesOf[_key(operatorSet)].values();
    }

    /// @dev In the order of swap-and-pop: when a member leaves, the last one takes its place.
    function getMembers(OperatorSet calldata operatorSet) external view returns (address[] memory operators) {
        return _members[_key(operatorSet)].values();
    }

    function getMemberCount(OperatorSet calldata operatorSet) external view returns (uint256 memberCount) {
        return _members[_key(operatorSet)].length();
    }

    function isMemberOfOperatorSet(address operator, OperatorSet calldata operatorSet)
        external
        view
        returns (bool result)
    {
        return _members[_key(operatorSet)].contains(operator);
    }

    function isOperatorSlashable(address operator, OperatorSet memory operatorSet) public view returns (bool) {
        Membership storage membership = _memberships[operator][_key(operatorSet)];
        return membership.isRegistered || block.number <= membership.slashableUntil;
    }

    function getRegisteredSets(address operator) external view returns (OperatorSet[] memory operatorSets) {
        return _decode(_registeredSets[operator].values());
    }

    function getSlasher(OperatorSet memory operatorSet) public view returns (address) {
        Slasher storage stored = _slashers[_key(operatorSet)];
        return stored.effectBlock != 0 && block.number >= stored.effectBlock ? stored.next : stored.current;
    }

    function getPendingSlasher(OperatorSet calldata operatorSet)
        external
        view
        returns (address pendingSlasher, uint32 effectBlock)
    {
        Slasher storage stored = _slashers[_key(operatorSet)];
        return block.number < stored.effectBlock ? (stored.next, stored.effectBlock) : (address(0), 0);
    }

    // -- internal

    function _createOperatorSet(address avs, uint32 id, address[] calldata strategies, address slasher) private {
        OperatorSet memory operatorSet = OperatorSet(avs, id);
        bytes32 key = _key(operatorSet);
        require(!_isSet[key], InvalidOperatorSet());
        _isSet[key] = true;
        ++_setCounts[avs];
        emit OperatorSetCreated(operatorSet);
        _addStrategies(operatorSet, strategies);
        require(slasher != address(0), InputAddressZero());
        _slashers[key].current = slasher;
        emit SlasherUpdated(operatorSet, slasher, _blockIn(0));
    }

    function _addStrategies(OperatorSet memory operatorSet, address[] calldata strategies) private {
        for (uint256 i = 0; i < strategies.length; ++i) {
            require(_strategiesOf[_key(operatorSet)].add(strategies[i]), StrategyAlreadyInOperatorSet());
            emit StrategyAddedToOperatorSet(operatorSet, strategies[i]);
        }
    }

    function _blockIn(uint32 delay) internal view returns (uint32) {
        return uint32(block.number) + delay;
    }

    function _key(OperatorSet memory operatorSet) internal pure returns (bytes32) {
        return _key(operatorSet.avs, operatorSet.id);
    }

    function _key(address avs, uint32 id) internal pure returns (bytes32) {
        return bytes32((uint256(uint160(avs)) << 32) | id);
    }

    function _decode(bytes32[] memory keys) internal pure returns (OperatorSet[] memory operatorSets) {
        operatorSets = new OperatorSet[](keys.length);
        for (uint256 i = 0; i < keys.length; ++i) {
            operatorSets[i] = OperatorSet(address(uint160(uint256(keys[i]) >> 32)), uint32(uint256(keys[i])));
        }
    }
}
