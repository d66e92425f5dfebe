// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice A well-behaved token that anyone may mint.
contract MockToken is ERC20 {
    constructor() ERC20("Token", "TKN") { }

    function mint(address account, uint256 amount) external {
        _mint(account, amount);
    }
}

/// @notice Burns 1 % of every transfer.
contract FeeOnTransferToken is MockToken {
    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (from != address(0) && to != address(0)) super._update(to, address(0), amount / 100);
    }
}

/// @notice Calls its sender before a transfer and its receiver after one, with the data set for them; a failing call
/// back fails the transfer.
contract HookToken is MockToken {
    mapping(address account => bytes) private _hooks;

    function setHook(address account, bytes calldata data) external {
        _hooks[account] = data;
    }

    function _update(address from, address to, uint256 amount) internal override {
        _callBack(from);
        super._update(from, to, amount);
        _callBack(to);
    }

    function _callBack(address account) private {
        bytes memory data = _hooks[account];
        if (data.length == 0) return;
        (bool success,) = account.call(data);
        require(success, "hook failed");
    }
}

/// @notice Returns false instead of reverting, and moves nothing, until told to behave.
contract FalseReturningToken is MockToken {
    bool public failing = true;

    function setFailing(bool failing_) external {
        failing = failing_;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        return failing ? false : super.transfer(to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        return failing ? false : super.transferFrom(from, to, amount);
    }
}

/// @notice Moves like a token but returns nothing, as USDT does.
contract NoReturnToken {
    mapping(address account => uint256) public balanceOf;
    mapping(address owner => mapping(address spender => uint256)) public allowance;

    function mint(address account, uint256 amount) external {
        balanceOf[account] += amount;
    }

    function approve(address spender, uint256 amount) external {
        allowance[msg.sender][spender] = amount;
    }

    function transfer(address to, uint256 amount) external {
        _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external {
        allowance[from][msg.sender] -= amount;
        _move(from, to, amount);
    }

    function _move(address from, address to, uint256 amount) private {
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}
