// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice An account that, whenever it is paid in the native currency or called back by a token, makes a call of its
/// own, and remembers how that went.
contract ReenteringReceiver {
    address private _target;
    bytes private _data;

    /// @dev Calls back so far, and whether the last one's own call succeeded, with what it returned.
    uint256 public attempts;
    bool public succeeded;
    bytes public result;

    receive() external payable {
        reenter();
    }

    function setReentry(address target, bytes calldata data) external {
        _target = target;
        _data = data;
    }

    /// @notice Acts as this account.
    function execute(address target, uint256 value, bytes calldata data) external payable returns (bytes memory) {
        (bool success, bytes memory returned) = target.call{ value: value }(data);
        if (!success) {
            assembly ("memory-safe") {
                revert(add(returned, 32), mload(returned))
            }
        }
        return returned;
    }

    function reenter() public {
        if (_target == address(0)) return;
        ++attempts;
        (succeeded, result) = _target.call(_data);
    }
}
