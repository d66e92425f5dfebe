// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { OperatorSet } from "../src/interfaces/external/IAllocationManager.sol";
import { DevnetDelegationManager } from "./DevnetDelegationManager.sol";
import { DevnetStrategy } from "./DevnetStrategy.sol";
import { SafeTransferLib } from "solady/utils/SafeTransferLib.sol";

/// @title Stand-in for EigenLayer's StrategyManager: deposits, and the shares that slashing took
contract DevnetStrategyManager {
    DevnetDelegationManager public immutable delegation;
    address public immutable strategyWhitelister;

    mapping(address strategy => bool whitelisted) public strategyIsWhitelistedForDeposit;
    mapping(address staker => mapping(address strategy => uint256 shares)) public stakerDepositShares;

    mapping(address staker => address[]) private _strategies;
    mapping(bytes32 setHash => mapping(uint256 slashId => mapping(address strategy => uint256))) private _slashedShares;

    event BurnOrRedistributableSharesIncreased(
        OperatorSet operatorSet, uint256 slashId, address strategy, uint256 shares
    );
    event Deposit(address staker, address strategy, uint256 shares);
    event StrategyAddedToDepositWhitelist(address strategy);

    error OnlyDelegationManager();
    error OnlyStrategyWhitelister();
    error SharesAmountTooHigh();
    error SharesAmountZero();
    error StrategyNotWhitelisted();

    constructor(DevnetDelegationManager delegation_, address strategyWhitelister_) {
        delegation = delegation_;
        strategyWhitelister = strategyWhitelister_;
    }

    modifier onlyDelegationManager() {
        require(msg.sender == address(delegation), OnlyDelegationManager());
        _;
    }

    function addStrategiesToDepositWhitelist(address[] calldata strategiesToWhitelist) external {
        require(msg.sender == strategyWhitelister, OnlyStrategyWhitelister());
        for (uint256 i = 0; i < strategiesToWhitelist.length; ++i) {
            if (strategyIsWhitelistedForDeposit[strategiesToWhitelist[i]]) continue;
            strategyIsWhitelistedForDeposit[strategiesToWhitelist[i]] = true;
            emit StrategyAddedToDepositWhitelist(strategiesToWhitelist[i]);
        }
    }

    function depositIntoStrategy(address strategy, address token, uint256 amount)
        external
        returns (uint256 depositShares)
    {
        require(strategyIsWhitelistedForDeposit[strategy], StrategyNotWhitelisted());
        SafeTransferLib.safeTransferFrom(token, msg.sender, strategy, amount);
        uint256 shares = DevnetStrategy(strategy).deposit(token, amount);
        require(shares != 0, SharesAmountZero());

        uint256 before = stakerDepositShares[msg.sender][strategy];
        if (before == 0) _strategies[msg.sender].push(strategy);
        stakerDepositShares[msg.sender][strategy] = before + shares;
        emit Deposit(msg.sender, strategy, shares);
        delegation.increaseDelegatedShares(msg.sender, strategy, before, shares);
        return shares;
    }

    function removeDepositShares(address staker, address strategy, uint256 depositSharesToRemove)
        external
        onlyDelegationManager
        returns (uint256 left)
    {
        require(depositSharesToRemove != 0, SharesAmountZero());
        require(depositSharesToRemove <= stakerDepositShares[staker][strategy], SharesAmountTooHigh());
        left = stakerDepositShares[staker][strategy] - depositSharesToRemove;
        stakerDepositShares[staker][strategy] = left;
        if (left != 0) return left;

        address[] storage list = _strategies[staker];
        for (uint256 i = 0; i < list.length; ++i) {
            if (list[i] != strategy) continue;
            list[i] = list[list.length - 1];
            list.pop();
            break;
        }
    }

    function increaseBurnOrRedistributableShares(
        OperatorSet calldata operatorSet,
        uint256 slashId,
        address strategy,
        uint256 sharesToBurn
    ) external onlyDelegationManager {
        _slashedShares[keccak256(abi.encode(operatorSet))][slashId][strategy] += sharesToBurn;
        emit BurnOrRedistributableSharesIncreased(operatorSet, slashId, strategy, sharesToBurn);
    }

    function getBurnOrRedistributableShares(OperatorSet calldata operatorSet, uint256 slashId, address strategy)
        external
        view
        returns (uint256)
    {
        return _slashedShares[keccak256(abi.encode(operatorSet))][slashId][strategy];
    }

    function getDeposits(address staker) external view returns (address[] memory, uint256[] memory) {
        address[] memory strategies = _strategies[staker];
        uint256[] memory shares = new uint256[](strategies.length);
        for (uint256 i = 0; i < strategies.length; ++i) {
            shares[i] = stakerDepositShares[staker][strategies[i]];
        }
        return (strategies, shares);
    }
}
