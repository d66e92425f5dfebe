// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Test } from "forge-std/Test.sol";

import { DevnetAllocationManager } from "../../devnet/DevnetAllocationManager.sol";
import { DevnetDelegationManager } from "../../devnet/DevnetDelegationManager.sol";
import { DevnetKeyRegistrar } from "../../devnet/DevnetKeyRegistrar.sol";
import { DevnetStrategy } from "../../devnet/DevnetStrategy.sol";
import { DevnetStrategyManager } from "../../devnet/DevnetStrategyManager.sol";
import { DevnetToken } from "../../devnet/DevnetToken.sol";
import {
    AllocateParams,
    CreateSetParamsV1,
    DeregisterParams,
    QueuedWithdrawalParams,
    RegisterParams,
    SlashingParams
} from "../../devnet/EigenLayerTypes.sol";
import { IAVSRegistrar } from "../../src/interfaces/external/IAVSRegistrar.sol";
import { OperatorSet } from "../../src/interfaces/external/IAllocationManager.sol";

/// @dev Records what it is told, and reads the state it is told in.
contract RecordingRegistrar is IAVSRegistrar {
    DevnetAllocationManager private immutable _manager;
    address private immutable _avs;

    bool public isRefusing;
    uint256 public calls;
    uint256 public lastIdCount;
    uint256 public lastMemberCount;

    error Refused();

    constructor(DevnetAllocationManager manager, address avs) {
        _manager = manager;
        _avs = avs;
    }

    function refuse(bool isRefusing_) external {
        isRefusing = isRefusing_;
    }

    function registerOperator(address, address avs, uint32[] calldata ids, bytes calldata) external {
        _record(avs, ids);
    }

    function deregisterOperator(address, address avs, uint32[] calldata ids) external {
        _record(avs, ids);
    }

    function supportsAVS(address avs) external view returns (bool) {
        return avs == _avs;
    }

    function _record(address avs, uint32[] calldata ids) private {
        require(!isRefusing, Refused());
        ++calls;
        lastIdCount = ids.length;
        if (ids.length != 0) lastMemberCount = _manager.getMemberCount(OperatorSet(avs, ids[0]));
    }
}

/// @dev The stand-ins for EigenLayer, an operator set of one strategy, and an operator with 100 e18 staked.
abstract contract EigenLayerTest is Test {
    uint32 internal constant DEALLOCATION_DELAY = 50;
    uint32 internal constant CONFIGURATION_DELAY = 75;
    uint32 internal constant WITHDRAWAL_DELAY = 50;
    uint32 internal constant SET_ID = 7;
    uint64 internal constant WAD = 1e18;
    uint256 internal constant STAKE = 100e18;

    DevnetAllocationManager internal manager;
    DevnetDelegationManager internal delegation;
    DevnetStrategyManager internal strategyManager;
    DevnetKeyRegistrar internal keyRegistrar;
    DevnetToken internal token;
    address internal strategy;
    RecordingRegistrar internal registrar;

    address internal avs = makeAddr("avs");
    address internal operator = makeAddr("operator");
    address internal stranger = makeAddr("stranger");

    function setUp() public virtual {
        vm.roll(1_000_000);
        uint256 nonce = vm.getNonce(address(this));
        manager = new DevnetAllocationManager(
            DevnetDelegationManager(vm.computeCreateAddress(address(this), nonce + 1)),
            DEALLOCATION_DELAY,
            CONFIGURATION_DELAY
        );
        delegation = new DevnetDelegationManager(
            manager, DevnetStrategyManager(vm.computeCreateAddress(address(this), nonce + 2)), WITHDRAWAL_DELAY
        );
        strategyManager = new DevnetStrategyManager(delegation, address(this));
        keyRegistrar = new DevnetKeyRegistrar(manager);
        token = new DevnetToken("Stake", "STAKE");
        strategy = address(new DevnetStrategy(address(token)));
        registrar = new RecordingRegistrar(manager, avs);
        strategyManager.addStrategiesToDepositWhitelist(_list(strategy));

        vm.startPrank(avs);
        manager.updateAVSMetadataURI(avs, "");
        manager.setAVSRegistrar(avs, address(registrar));
        CreateSetParamsV1[] memory params = new CreateSetParamsV1[](1);
        params[0] = CreateSetParamsV1(SET_ID, _list(strategy));
        manager.createOperatorSets(avs, params);
        vm.stopPrank();

        _becomeOperator(operator, 0);
        _deposit(operator, STAKE);
    }

    function _becomeOperator(address account, uint32 allocationDelay) internal {
        vm.prank(account);
        delegation.registerAsOperator(address(0), allocationDelay, "");
    }

    function _deposit(address account, uint256 amount) internal {
        token.mint(account, amount);
        vm.startPrank(account);
        token.approve(address(strategyManager), amount);
        strategyManager.depositIntoStrategy(strategy, address(token), amount);
        vm.stopPrank();
    }

    function _allocate(address account, uint64 magnitude) internal {
        AllocateParams[] memory params = _allocation(magnitude);
        vm.prank(account);
        manager.modifyAllocations(account, params);
    }

    function _allocation(uint64 magnitude) internal view returns (AllocateParams[] memory params) {
        params = new AllocateParams[](1);
        params[0] = AllocateParams(_set(), _list(strategy), new uint64[](1));
        params[0].newMagnitudes[0] = magnitude;
    }

    function _join(address account) internal {
        vm.prank(account);
        manager.registerForOperatorSets(account, _registration());
    }

    function _registration() internal view returns (RegisterParams memory) {
        return RegisterParams(avs, _ids(SET_ID), "");
    }

    function _leave(address account) internal {
        vm.prank(account);
        manager.deregisterFromOperatorSets(_deregistration(account));
    }

    function _deregistration(address account) internal view returns (DeregisterParams memory) {
        return DeregisterParams(account, avs, _ids(SET_ID));
    }

    function _slash(uint256 wad) internal returns (uint256 slashId, uint256 shares) {
        SlashingParams memory params = _slashing(wad);
        vm.prank(avs);
        uint256[] memory taken;
        (slashId, taken) = manager.slashOperator(avs, params);
        return (slashId, taken[0]);
    }

    function _slashing(uint256 wad) internal view returns (SlashingParams memory params) {
        params = SlashingParams(operator, SET_ID, _list(strategy), new uint256[](1), "equivocation");
        params.wadsToSlash[0] = wad;
    }

    function _queueWithdrawal(address account, uint256 depositShares) internal {
        QueuedWithdrawalParams[] memory params = new QueuedWithdrawalParams[](1);
        params[0] = QueuedWithdrawalParams(_list(strategy), new uint256[](1), address(0));
        params[0].depositShares[0] = depositShares;
        vm.prank(account);
        delegation.queueWithdrawals(params);
    }

    function _slashableStake(address account, uint256 futureBlock) internal view returns (uint256) {
        return manager.getMinimumSlashableStake(_set(), _list(account), _list(strategy), uint32(futureBlock))[0][0];
    }

    function _allocatedStake(address account) internal view returns (uint256) {
        return manager.getAllocatedStake(_set(), _list(account), _list(strategy))[0][0];
    }

    function _set() internal view returns (OperatorSet memory) {
        return OperatorSet(avs, SET_ID);
    }

    function _list(address item) internal pure returns (address[] memory list) {
        list = new address[](1);
        list[0] = item;
    }

    function _ids(uint32 id) internal pure returns (uint32[] memory list) {
        list = new uint32[](1);
        list[0] = id;
    }
}
