// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title Two ledgers per asset: deposits that fund requests, and earnings
/// @notice The zero address stands for the chain's native currency. Rebasing tokens are unsupported and hurt only
/// their own asset's accounts.
interface ILedger {
    event Deposited(address indexed account, address indexed asset, uint256 amount);
    event DepositWithdrawalInitiated(
        address indexed account, address indexed asset, uint256 amount, uint256 availableAt
    );
    event DepositWithdrawn(address indexed account, address indexed asset, uint256 amount);
    event EarningsWithdrawn(address indexed account, address indexed asset, uint256 amount);

    error InsufficientDeposit(address account, address asset, uint256 required, uint256 available);
    /// @notice The native currency sent, or the tokens received, are not what the call needs.
    error IncorrectPayment(address asset, uint256 required, uint256 received);
    error NothingToWithdraw(address account, address asset);
    error WithdrawalNotReady(uint256 availableAt);
    error ZeroAmount();

    /// @notice Adds to the caller's deposit what the contract receives: at most `amount`, less for a token that
    /// takes a fee on transfer.
    /// @param amount For the native currency, equal to the value sent.
    function deposit(address asset, uint256 amount) external payable;

    /// @notice Starts the delay after which up to `amount` of the caller's deposit may leave. Replaces an earlier
    /// one. Until it leaves, the deposit still funds requests.
    /// @dev Once the delay is over it may leave at any time: whoever counts on a deposit until a time must leave out
    /// what `getDepositWithdrawal` says is available by then.
    function initiateDepositWithdrawal(address asset, uint256 amount) external;

    /// @notice Pays out an initiated withdrawal, or what is left of the deposit if that is less.
    function completeDepositWithdrawal(address asset) external returns (uint256 amount);

    /// @notice Pays all of an account's earnings in an asset to that account. Anyone may call.
    function withdrawEarnings(address asset, address account) external returns (uint256 amount);

    function getDeposit(address asset, address account) external view returns (uint256);

    function getEarnings(address asset, address account) external view returns (uint256);

    /// @return amount What was asked for; 0 when none is pending.
    /// @return availableAt Unix time from which it can be completed.
    function getDepositWithdrawal(address asset, address account)
        external
        view
        returns (uint256 amount, uint256 availableAt);

    /// @notice Seconds between initiating and completing a deposit's withdrawal; longer than the longest request.
    function depositWithdrawalDelay() external view returns (uint256);
}
