// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { Address } from "@openzeppelin/contracts/utils/Address.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { ILedger } from "./interfaces/ILedger.sol";
import { Problem } from "./libraries/Problem.sol";
import { Credit, Deposit } from "./types/Balances.sol";

/// @title Deposits and earnings
/// @dev One lock spans every movement of a token: whoever is called in one cannot start another.
abstract contract Ledger is ILedger, ReentrancyGuardTransient {
    /// @dev The asset that stands for the chain's native currency.
    address internal constant NATIVE = address(0);

    /// @inheritdoc ILedger
    uint256 public immutable override depositWithdrawalDelay;

    struct DepositWithdrawal {
        uint256 amount;
        uint256 availableAt;
    }

    mapping(address asset => mapping(address account => uint256)) private _deposits;
    /// @dev Plus one where there ever were some, so that the first after a withdrawal cost no more than others.
    mapping(address asset => mapping(address account => uint256)) private _earnings;
    mapping(address asset => mapping(address account => DepositWithdrawal)) private _withdrawals;

    constructor(uint256 depositWithdrawalDelay_) {
        depositWithdrawalDelay = depositWithdrawalDelay_;
    }

    // -- deposits

    /// @inheritdoc ILedger
    function deposit(address asset, uint256 amount) external payable nonReentrant {
        if (amount == 0) revert ZeroAmount();
        uint256 received = _receive(asset, amount);
        _deposits[asset][msg.sender] += received;
        emit Deposited(msg.sender, asset, received);
    }

    /// @inheritdoc ILedger
    function initiateDepositWithdrawal(address asset, uint256 amount) external {
        if (amount == 0) revert ZeroAmount();
        Deposit memory held = Deposit(asset, msg.sender, _deposits[asset][msg.sender]);
        Problem.raise(_checkDeposit(held, amount));
        uint256 availableAt = block.timestamp + depositWithdrawalDelay;
        _withdrawals[asset][msg.sender] = DepositWithdrawal(amount, availableAt);
        emit DepositWithdrawalInitiated(msg.sender, asset, amount, availableAt);
    }

    /// @inheritdoc ILedger
    function completeDepositWithdrawal(address asset) external nonReentrant returns (uint256 amount) {
        DepositWithdrawal memory withdrawal = _withdrawals[asset][msg.sender];
        if (withdrawal.amount == 0) revert NothingToWithdraw(msg.sender, asset);
        if (block.timestamp < withdrawal.availableAt) revert WithdrawalNotReady(withdrawal.availableAt);
        uint256 available = _deposits[asset][msg.sender];
        amount = withdrawal.amount < available ? withdrawal.amount : available;
        delete _withdrawals[asset][msg.sender];
        _deposits[asset][msg.sender] = available - amount;
        emit DepositWithdrawn(msg.sender, asset, amount);
        _send(asset, msg.sender, amount);
    }

    // -- earnings

    /// @inheritdoc ILedger
    function withdrawEarnings(address asset, address account) external nonReentrant returns (uint256 amount) {
        amount = getEarnings(asset, account);
        if (amount == 0) revert NothingToWithdraw(account, asset);
        _earnings[asset][account] = 1;
        emit EarningsWithdrawn(account, asset, amount);
        _send(asset, account, amount);
    }

    // -- reading

    /// @inheritdoc ILedger
    function getDeposit(address asset, address account) external view returns (uint256) {
        return _deposits[asset][account];
    }

    /// @inheritdoc ILedger
    function getEarnings(address asset, address account) public view returns (uint256) {
        uint256 stored = _earnings[asset][account];
        return stored == 0 ? 0 : stored - 1;
    }

    /// @inheritdoc ILedger
    function getDepositWithdrawal(address asset, address account)
        external
        view
        returns (uint256 amount, uint256 availableAt)
    {
        DepositWithdrawal memory withdrawal = _withdrawals[asset][account];
        return (withdrawal.amount, withdrawal.availableAt);
    }

    // -- for settlement

    function _checkDeposit(Deposit memory held, uint256 amount) internal pure returns (bytes memory problem) {
        if (held.amount < amount) {
            return Problem.encode(
                InsufficientDeposit.selector, uint160(held.account), uint160(held.asset), amount, held.amount
            );
        }
    }

    /// @dev Makes `held` the account's deposit, after writing the one that it was.
    function _hold(Deposit memory held, address asset, address account) internal {
        if (held.account == account && held.asset == asset) return;
        _write(held);
        (held.asset, held.account, held.amount) = (asset, account, _deposits[asset][account]);
    }

    function _write(Deposit memory held) internal {
        if (held.account == address(0) || held.amount == _deposits[held.asset][held.account]) return;
        _deposits[held.asset][held.account] = held.amount;
    }

    /// @dev Adds to what is to be credited to the account, after writing what was to be credited to another one.
    function _credit(Credit memory credit, address asset, address account, uint128 amount) internal {
        if (credit.account != account || credit.asset != asset) {
            _write(credit);
            (credit.asset, credit.account) = (asset, account);
        }
        // Of fewer than 2^128 requests, the rewards, of 128 bits, fit a word.
        unchecked {
            credit.amount += amount;
        }
    }

    function _write(Credit memory credit) internal {
        _creditEarnings(credit.asset, credit.account, credit.amount);
        credit.amount = 0;
    }

    /// @dev Takes exactly `amount` with the call. The caller holds the lock.
    function _receiveExactly(address asset, uint256 amount) internal {
        uint256 received = _receive(asset, amount);
        if (received != amount) revert IncorrectPayment(asset, amount, received);
    }

    function _creditEarnings(address asset, address account, uint256 amount) internal {
        if (amount == 0) return;
        uint256 stored = _earnings[asset][account];
        _earnings[asset][account] = (stored == 0 ? 1 : stored) + amount;
    }

    // -- token movements

    /// @dev Measured by the balance, since a token may take a fee on transfer.
    function _receive(address asset, uint256 amount) private returns (uint256 received) {
        if (asset == NATIVE) {
            if (msg.value != amount) revert IncorrectPayment(asset, amount, msg.value);
            return amount;
        }
        if (msg.value != 0) revert IncorrectPayment(NATIVE, 0, msg.value);
        if (amount == 0) return 0;
        uint256 before = IERC20(asset).balanceOf(address(this));
        SafeERC20.safeTransferFrom(IERC20(asset), msg.sender, address(this), amount);
        received = IERC20(asset).balanceOf(address(this)) - before;
    }

    function _send(address asset, address to, uint256 amount) private {
        if (asset == NATIVE) Address.sendValue(payable(to), amount);
        else SafeERC20.safeTransfer(IERC20(asset), to, amount);
    }
}
