// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice A registry that says whatever it was told to, and makes a call when it is answered or given feedback.
contract HostileRegistry {
    address public immutable getIdentityRegistry;
    address private _validator;
    uint256 private _agentId;
    address private _target;
    bytes private _call;
    /// @notice What the call came to.
    bool public succeeded;
    bytes public result;
    uint256 public answers;

    constructor(address identityRegistry) {
        getIdentityRegistry = identityRegistry;
    }

    function say(address validator, uint256 agentId) external {
        (_validator, _agentId) = (validator, agentId);
    }

    function callBack(address target, bytes calldata data) external {
        (_target, _call) = (target, data);
    }

    function getValidationStatus(bytes32)
        external
        view
        returns (address, uint256, uint8, bytes32, string memory, uint256)
    {
        return (_validator, _agentId, 0, 0, "", 0);
    }

    /// @dev Answers and feedback. By name, their arguments would be too many for a compiler that does not optimize.
    fallback() external {
        ++answers;
        (succeeded, result) = _target.call(_call);
    }
}
