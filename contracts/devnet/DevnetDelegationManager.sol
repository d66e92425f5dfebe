// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { OperatorSet } from "../src/interfaces/external/IAllocationManager.sol";
import { DevnetAllocationManager } from "./DevnetAllocationManager.sol";
import { DevnetStrategyManager } from "./DevnetStrategyManager.sol";
import { QueuedWithdrawalParams, Withdrawal } from "./EigenLayerTypes.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Stand-in for EigenLayer's DelegationManager: operators, their own shares, the withdrawal queue
/// @dev Stakers delegate only to themselves, by becoming operators. A queued withdrawal counts out at once and stays
/// slashable for the withdrawal delay, as in EigenLayer; completing it is not modelled, so its tokens stay put.
contract DevnetDelegationManager {
    using Math for uint256;

    struct Queued {
        uint256 blockNumber;
        /// @dev Scaled shares ever queued, up to and including this block.
        uint256 cumulative;
    }

    uint256 private constant WAD = 1e18;

    DevnetAllocationManager public immutable allocationManager;
    DevnetStrategyManager public immutable strategyManager;
    uint32 public immutable minWithdrawalDelayBlocks;

    mapping(address staker => address operator) public delegatedTo;
    mapping(address operator => address) public delegationApprover;
    mapping(address operator => mapping(address strategy => uint256 shares)) public operatorShares;
    mapping(address staker => uint256 totalQueued) public cumulativeWithdrawalsQueued;
    mapping(bytes32 withdrawalRoot => bool pending) public pendingWithdrawals;

    /// @dev Shares per deposited share before slashing, in wads; 0 stands for 1e18.
    mapping(address staker => mapping(address strategy => uint256)) private _scaling;
    mapping(address operator => mapping(address strategy => Queued[])) private _queue;

    event DelegationApproverUpdated(address indexed operator, address newDelegationApprover);
    event DepositScalingFactorUpdated(address staker, address strategy, uint256 newDepositScalingFactor);
    event OperatorMetadataURIUpdated(address indexed operator, string metadataURI);
    event OperatorRegistered(address indexed operator, address delegationApprover);
    event OperatorSharesDecreased(address indexed operator, address staker, address strategy, uint256 shares);
    event OperatorSharesIncreased(address indexed operator, address staker, address strategy, uint256 shares);
    event OperatorSharesSlashed(address indexed operator, address strategy, uint256 totalSlashedShares);
    event SlashingWithdrawalQueued(bytes32 withdrawalRoot, Withdrawal withdrawal, uint256[] sharesToWithdraw);
    event StakerDelegated(address indexed staker, address indexed operator);

    error ActivelyDelegated();
    error FullySlashed();
    error InputArrayLengthMismatch();
    error InputArrayLengthZero();
    error OnlyAllocationManager();
    error OnlyStrategyManagerOrEigenPodManager();
    error OperatorNotRegistered();
    error InvalidPermissions();

    constructor(
        DevnetAllocationManager allocationManager_,
        DevnetStrategyManager strategyManager_,
        uint32 minWithdrawalDelayBlocks_
    ) {
        allocationManager = allocationManager_;
        strategyManager = strategyManager_;
        minWithdrawalDelayBlocks = minWithdrawalDelayBlocks_;
    }

    // -- operators

    function registerAsOperator(address initDelegationApprover, uint32 allocationDelay, string calldata metadataURI)
        external
    {
        require(!isDelegated(msg.sender), ActivelyDelegated());
        allocationManager.setAllocationDelay(msg.sender, allocationDelay);
        delegationApprover[msg.sender] = initDelegationApprover;
        emit DelegationApproverUpdated(msg.sender, initDelegationApprover);

        (address[] memory strategies, uint256[] memory shares) = strategyManager.getDeposits(msg.sender);
        delegatedTo[msg.sender] = msg.sender;
        emit StakerDelegated(msg.sender, msg.sender);
        for (uint256 i = 0; i < strategies.length; ++i) {
            _addShares(msg.sender, strategies[i], 0, shares[i]);
        }
        emit OperatorRegistered(msg.sender, initDelegationApprover);
        emit OperatorMetadataURIUpdated(msg.sender, metadataURI);
    }

    function updateOperatorMetadataURI(address operator, string calldata metadataURI) external {
        require(msg.sender == operator, InvalidPermissions());
        require(isOperator(operator), OperatorNotRegistered());
        emit OperatorMetadataURIUpdated(operator, metadataURI);
    }

    function isDelegated(address staker) public view returns (bool) {
        return delegatedTo[staker] != address(0);
    }

    function isOperator(address operator) public view returns (bool) {
        return operator != address(0) && delegatedTo[operator] == operator;
    }

    // -- shares

    function increaseDelegatedShares(address staker, address strategy, uint256 prevDepositShares, uint256 addedShares)
        external
    {
        require(msg.sender == address(strategyManager), OnlyStrategyManagerOrEigenPodManager());
        _addShares(staker, strategy, prevDepositShares, addedShares);
    }

    /// @notice Takes an operator's shares out of the count at once; they stay slashable for the withdrawal delay.
    function queueWithdrawals(QueuedWithdrawalParams[] calldata params) external returns (bytes32[] memory roots) {
        roots = new bytes32[](params.length);
        for (uint256 i = 0; i < params.length; ++i) {
            roots[i] = _queueWithdrawal(params[i].strategies, params[i].depositShares);
        }
    }

    /// @dev Slashes the operator's shares, and what it queued no longer than the withdrawal delay ago. On a chain
    /// younger than that delay the subtraction underflows, as it does in EigenLayer.
    function slashOperatorShares(
        address operator,
        OperatorSet calldata operatorSet,
        uint256 slashId,
        address strategy,
        uint64 prevMaxMagnitude,
        uint64 newMaxMagnitude
    ) external returns (uint256 totalDepositSharesToSlash) {
        require(msg.sender == address(allocationManager), OnlyAllocationManager());
        uint256 queued = _slashableScaledSharesInQueue(operator, strategy).mulDiv(prevMaxMagnitude, WAD);
        uint256 held = operatorShares[operator][strategy];
        uint256 taken = held - held.mulDiv(newMaxMagnitude, prevMaxMagnitude, Math.Rounding.Ceil);
        uint256 slashed = taken + queued - queued.mulDiv(newMaxMagnitude, prevMaxMagnitude, Math.Rounding.Ceil);

        operatorShares[operator][strategy] = held - taken;
        emit OperatorSharesDecreased(operator, address(0), strategy, taken);
        emit OperatorSharesSlashed(operator, strategy, slashed);
        strategyManager.increaseBurnOrRedistributableShares(operatorSet, slashId, strategy, slashed);
        return slashed;
    }

    function getOperatorShares(address operator, address[] memory strategies)
        public
        view
        returns (uint256[] memory shares)
    {
        shares = new uint256[](strategies.length);
        for (uint256 i = 0; i < strategies.length; ++i) {
            shares[i] = operatorShares[operator][strategies[i]];
        }
    }

    function getOperatorsShares(address[] memory operators, address[] memory strategies)
        external
        view
        returns (uint256[][] memory shares)
    {
        shares = new uint256[][](operators.length);
        for (uint256 i = 0; i < operators.length; ++i) {
            shares[i] = getOperatorShares(operators[i], strategies);
        }
    }

    function getSlashableSharesInQueue(address operator, address strategy) external view returns (uint256) {
        return _slashableScaledSharesInQueue(operator, strategy)
            .mulDiv(allocationManager.getMaxMagnitude(operator, strategy), WAD);
    }

    function getWithdrawableShares(address staker, address[] memory strategies)
        external
        view
        returns (uint256[] memory withdrawableShares, uint256[] memory depositShares)
    {
        withdrawableShares = new uint256[](strategies.length);
        depositShares = new uint256[](strategies.length);
        for (uint256 i = 0; i < strategies.length; ++i) {
            depositShares[i] = strategyManager.stakerDepositShares(staker, strategies[i]);
            withdrawableShares[i] = _withdrawable(staker, strategies[i], depositShares[i]);
        }
    }

    function depositScalingFactor(address staker, address strategy) public view returns (uint256) {
        uint256 scaling = _scaling[staker][strategy];
        return scaling == 0 ? WAD : scaling;
    }

    function calculateWithdrawalRoot(Withdrawal memory withdrawal) public pure returns (bytes32) {
        return keccak256(abi.encode(withdrawal));
    }

    // -- internal

    /// @dev Adjusts the scaling so that slashing before this deposit does not touch it.
    function _addShares(address staker, address strategy, uint256 before, uint256 added) private {
        address operator = delegatedTo[staker];
        uint256 maxMagnitude = allocationManager.getMaxMagnitude(operator, strategy);
        require(maxMagnitude != 0, FullySlashed());
        uint256 scaling = before == 0
            ? depositScalingFactor(staker, strategy)
            : (_withdrawable(staker, strategy, before) + added).mulDiv(WAD, before + added);
        _scaling[staker][strategy] = scaling.mulDiv(WAD, maxMagnitude);
        emit DepositScalingFactorUpdated(staker, strategy, _scaling[staker][strategy]);

        if (operator == address(0)) return;
        operatorShares[operator][strategy] += added;
        emit OperatorSharesIncreased(operator, staker, strategy, added);
    }

    function _queueWithdrawal(address[] calldata strategies, uint256[] calldata depositShares)
        private
        returns (bytes32 root)
    {
        require(strategies.length == depositShares.length, InputArrayLengthMismatch());
        require(strategies.length != 0, InputArrayLengthZero());
        address operator = delegatedTo[msg.sender];
        uint256[] memory scaled = new uint256[](strategies.length);
        uint256[] memory withdrawable = new uint256[](strategies.length);
        for (uint256 i = 0; i < strategies.length; ++i) {
            address strategy = strategies[i];
            scaled[i] = depositShares[i].mulDiv(depositScalingFactor(msg.sender, strategy), WAD);
            withdrawable[i] = _withdrawable(msg.sender, strategy, depositShares[i]);
            if (operator != address(0)) {
                uint256 cumulative = _cumulativeQueued(operator, strategy, block.number);
                _queue[operator][strategy].push(Queued(block.number, cumulative + scaled[i]));
                operatorShares[operator][strategy] -= withdrawable[i];
                emit OperatorSharesDecreased(operator, msg.sender, strategy, withdrawable[i]);
            }
            if (strategyManager.removeDepositShares(msg.sender, strategy, depositShares[i]) == 0) {
                delete _scaling[msg.sender][strategy];
                emit DepositScalingFactorUpdated(msg.sender, strategy, WAD);
            }
        }
        Withdrawal memory withdrawal = Withdrawal({
            staker: msg.sender,
            delegatedTo: operator,
            withdrawer: msg.sender,
            nonce: cumulativeWithdrawalsQueued[msg.sender]++,
            startBlock: uint32(block.number),
            strategies: strategies,
            scaledShares: scaled
        });
        root = calculateWithdrawalRoot(withdrawal);
        pendingWithdrawals[root] = true;
        emit SlashingWithdrawalQueued(root, withdrawal, withdrawable);
    }

    function _withdrawable(address staker, address strategy, uint256 depositShares) private view returns (uint256) {
        return depositShares.mulDiv(depositScalingFactor(staker, strategy), WAD)
            .mulDiv(allocationManager.getMaxMagnitude(delegatedTo[staker], strategy), WAD);
    }

    function _slashableScaledSharesInQueue(address operator, address strategy) private view returns (uint256) {
        return _cumulativeQueued(operator, strategy, block.number)
            - _cumulativeQueued(operator, strategy, block.number - minWithdrawalDelayBlocks - 1);
    }

    function _cumulativeQueued(address operator, address strategy, uint256 blockNumber) private view returns (uint256) {
        Queued[] storage queue = _queue[operator][strategy];
        for (uint256 i = queue.length; i > 0; --i) {
            if (queue[i - 1].blockNumber <= blockNumber) return queue[i - 1].cumulative;
        }
        return 0;
    }
}
