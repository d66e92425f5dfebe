// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice An account that rejects the native currency.
contract RevertingReceiver {
    error Rejected();

    receive() external payable {
        revert Rejected();
    }
}
