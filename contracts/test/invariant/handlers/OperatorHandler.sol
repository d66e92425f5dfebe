// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Store, World } from "../stores/Store.sol";
import { BaseHandler } from "./BaseHandler.sol";

/// @notice Operators that join, leave, and change; all but the last, who never joins.
contract OperatorHandler is BaseHandler {
    constructor(Store store_) BaseHandler(store_) { }

    function join(uint256 seed) external {
        World memory world = store.world();
        for (uint256 i = 0; i < 6; ++i) {
            address operator = world.operators[(seed % 6 + i) % 6];
            if (registrar.isMember(operator)) continue;
            vm.prank(address(world.allocationManager));
            registrar.registerOperator(operator, address(avs), _ids(), "");
            store.addCheckpoint(operator);
            store.count("join");
            return;
        }
    }

    function depart(uint256 seed) external {
        World memory world = store.world();
        address operator = world.operators[seed % 6];
        if (!registrar.isMember(operator)) return;
        vm.prank(address(world.allocationManager));
        registrar.deregisterOperator(operator, address(avs), _ids());
        store.addDeparture(operator);
        store.count("depart");
    }

    /// @param mask Which of the operators; those that are no members are left out.
    function refresh(uint256 mask) external {
        World memory world = store.world();
        uint256 length;
        address[] memory operators = new address[](6);
        for (uint256 i = 0; i < 6; ++i) {
            if (mask >> i & 1 == 1 && registrar.isMember(world.operators[i])) operators[length++] = world.operators[i];
        }
        assembly ("memory-safe") {
            mstore(operators, length)
        }
        if (length == 0) return;
        registrar.refresh(operators);
        for (uint256 i = 0; i < length; ++i) {
            store.addCheckpoint(operators[i]);
        }
        store.count("refresh");
    }

    function setStake(uint256 seed, uint256 stake, uint256 halfStake) external {
        World memory world = store.world();
        address operator = world.operators[seed % 6];
        uint256[2] memory stakes = [bound(stake, 0, 100 ether), bound(halfStake, 0, 50 ether)];
        world.allocationManager.setStake(operator, world.strategies[0], stakes[0]);
        world.allocationManager.setStake(operator, world.strategies[1], stakes[1]);
        store.setStakes(operator, stakes);
        store.count("setStake");
    }

    function rotateKey(uint256 seed) external {
        World memory world = store.world();
        address operator = world.operators[seed % 6];
        uint256 privateKey = uint256(keccak256(abi.encode("rotated", seed))) >> 1;
        store.addSigner(operator, vm.addr(privateKey), privateKey);
        world.keyRegistrar.setKey(operator, vm.addr(privateKey));
        store.count("rotateKey");
    }

    function _ids() private view returns (uint32[] memory ids) {
        ids = new uint32[](1);
        ids[0] = registrar.operatorSetId();
    }
}
