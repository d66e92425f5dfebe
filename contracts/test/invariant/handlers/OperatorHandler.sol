// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { BaseHandler } from "./BaseHandler.sol";

/// @notice Operators that join, leave, and change; all but the last, who never joins.
abstract contract OperatorHandler is BaseHandler {
    function join(uint256 seed) external {
        for (uint256 i = 0; i < 6; ++i) {
            address operator = world.operators[(seed % 6 + i) % 6];
            if (registrar.isMember(operator)) continue;
            vm.prank(address(world.allocationManager));
            registrar.registerOperator(operator, address(avs), new uint32[](1), "");
            _recordCheckpoint(operator);
            ++counts["join"];
            return;
        }
    }

    function depart(uint256 seed) external {
        address operator = world.operators[seed % 6];
        if (!registrar.isMember(operator)) return;
        vm.prank(address(world.allocationManager));
        registrar.deregisterOperator(operator, address(avs), new uint32[](1));
        _recordDeparture(operator);
        ++counts["depart"];
    }

    /// @dev All members, or in half of the calls some.
    function refresh(uint256 mask) external {
        if (mask & 1 << 6 == 0) mask = type(uint256).max;
        address[] memory operators = new address[](1);
        for (uint256 i = 0; i < 6; ++i) {
            operators[0] = world.operators[i];
            if (mask >> i & 1 == 0 || !registrar.isMember(operators[0])) continue;
            registrar.refresh(operators);
            _recordCheckpoint(operators[0]);
            ++counts["refresh"];
        }
    }

    function setStake(uint256 seed, uint256 stake, uint256 halfStake) public {
        address operator = world.operators[seed % 6];
        stakes[operator] = [bound(stake, 0, 100 ether), bound(halfStake, 0, 50 ether)];
        world.allocationManager.setStake(operator, world.strategies[0], stakes[operator][0]);
        world.allocationManager.setStake(operator, world.strategies[1], stakes[operator][1]);
        ++counts["stake set"];
    }

    function rotateKey(uint256 seed) external {
        _setKey(world.operators[seed % 6], _roll(seed, "key"));
        ++counts["key rotated"];
    }

    function _setKey(address operator, uint256 privateKey) internal {
        privateKey = privateKey >> 1 | 1;
        signers[operator] = vm.addr(privateKey);
        privateKeys[signers[operator]] = privateKey;
        world.keyRegistrar.setKey(operator, signers[operator]);
    }
}
