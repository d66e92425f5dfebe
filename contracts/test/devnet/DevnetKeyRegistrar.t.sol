// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Vm } from "forge-std/Vm.sol";

import { DevnetKeyRegistrar } from "../../devnet/DevnetKeyRegistrar.sol";
import { OperatorSet } from "../../src/interfaces/external/IAllocationManager.sol";
import { EigenLayerTest } from "./EigenLayerTest.sol";

contract DevnetKeyRegistrarTest is EigenLayerTest {
    Vm.Wallet internal key;

    function setUp() public override {
        super.setUp();
        key = vm.createWallet("key");
        vm.prank(avs);
        keyRegistrar.configureOperatorSet(_set(), 1);
    }

    function _sign(Vm.Wallet memory wallet, address account, OperatorSet memory set) internal returns (bytes memory) {
        bytes32 digest = keyRegistrar.getECDSAKeyRegistrationMessageHash(account, set, wallet.addr);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(wallet, digest);
        return abi.encodePacked(r, s, v);
    }

    function _register() internal {
        bytes memory signature = _sign(key, operator, _set());
        vm.prank(operator);
        keyRegistrar.registerKey(operator, _set(), abi.encodePacked(key.addr), signature);
    }

    function test_OnlyTheAvsConfiguresItsSetAndOnlyOnce() public {
        OperatorSet memory other = OperatorSet(avs, 8);
        vm.prank(stranger);
        vm.expectRevert(DevnetKeyRegistrar.InvalidPermissions.selector);
        keyRegistrar.configureOperatorSet(other, 1);
        vm.startPrank(avs);
        vm.expectRevert(DevnetKeyRegistrar.ConfigurationAlreadySet.selector);
        keyRegistrar.configureOperatorSet(_set(), 1);
        vm.expectRevert(DevnetKeyRegistrar.InvalidCurveType.selector);
        keyRegistrar.configureOperatorSet(other, 0);
        // also before the set exists
        keyRegistrar.configureOperatorSet(other, 1);
        assertEq(keyRegistrar.getOperatorSetCurveType(other), 1);
    }

    function test_AKeyIsRegisteredWithItsSignature() public {
        vm.expectEmit(address(keyRegistrar));
        emit DevnetKeyRegistrar.KeyRegistered(_set(), operator, 1, abi.encodePacked(key.addr));
        _register();
        assertTrue(keyRegistrar.isRegistered(_set(), operator));
        assertEq(keyRegistrar.getECDSAAddress(_set(), operator), key.addr);
        assertEq(keyRegistrar.getECDSAKey(_set(), operator), abi.encodePacked(key.addr));
        bytes32 hash = keccak256(abi.encodePacked(key.addr));
        assertEq(keyRegistrar.getKeyHash(_set(), operator), hash);
        assertTrue(keyRegistrar.isKeyGloballyRegistered(hash));
        (address found, bool isRegistered) = keyRegistrar.getOperatorFromSigningKey(_set(), abi.encodePacked(key.addr));
        assertEq(found, operator);
        assertTrue(isRegistered);
    }

    function test_TheMessageIsEip712() public view {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("EigenLayer"),
                keccak256("1"),
                block.chainid,
                address(keyRegistrar)
            )
        );
        bytes32 message = keccak256(
            abi.encode(
                keccak256("ECDSAKeyRegistration(address operator,address avs,uint32 operatorSetId,address keyAddress)"),
                operator,
                avs,
                SET_ID,
                key.addr
            )
        );
        assertEq(
            keyRegistrar.getECDSAKeyRegistrationMessageHash(operator, _set(), key.addr),
            keccak256(abi.encodePacked(hex"1901", domain, message))
        );
    }

    function test_RegisteringHasErrors() public {
        bytes memory signature = _sign(key, operator, _set());
        bytes memory data = abi.encodePacked(key.addr);
        vm.prank(stranger);
        vm.expectRevert(DevnetKeyRegistrar.InvalidPermissions.selector);
        keyRegistrar.registerKey(operator, _set(), data, signature);

        vm.startPrank(operator);
        vm.expectRevert(DevnetKeyRegistrar.OperatorSetNotConfigured.selector);
        keyRegistrar.registerKey(operator, OperatorSet(avs, 9), data, signature);
        vm.expectRevert(DevnetKeyRegistrar.InvalidKeyFormat.selector);
        keyRegistrar.registerKey(operator, _set(), abi.encodePacked(data, uint8(0)), signature);
        vm.expectRevert(DevnetKeyRegistrar.ZeroPubkey.selector);
        keyRegistrar.registerKey(operator, _set(), new bytes(20), signature);
        vm.stopPrank();

        // a signature for another operator
        signature = _sign(key, stranger, _set());
        vm.prank(operator);
        vm.expectRevert(DevnetKeyRegistrar.InvalidSignature.selector);
        keyRegistrar.registerKey(operator, _set(), data, signature);

        _register();
        vm.prank(operator);
        vm.expectRevert(DevnetKeyRegistrar.OperatorAlreadyRegistered.selector);
        keyRegistrar.registerKey(operator, _set(), data, signature);
    }

    function test_AKeyIsNeverRegisteredAgain() public {
        _register();
        vm.prank(operator);
        keyRegistrar.deregisterKey(operator, _set());
        bytes memory signature = _sign(key, operator, _set());
        vm.prank(operator);
        vm.expectRevert(DevnetKeyRegistrar.KeyAlreadyRegistered.selector);
        keyRegistrar.registerKey(operator, _set(), abi.encodePacked(key.addr), signature);

        signature = _sign(key, stranger, _set());
        vm.prank(stranger);
        vm.expectRevert(DevnetKeyRegistrar.KeyAlreadyRegistered.selector);
        keyRegistrar.registerKey(stranger, _set(), abi.encodePacked(key.addr), signature);
    }

    function test_AKeyStaysWhileItsOperatorCanBeSlashed() public {
        _register();
        _join(operator);
        bytes memory stillSlashable =
            abi.encodeWithSelector(DevnetKeyRegistrar.OperatorStillSlashable.selector, _set(), operator);
        vm.prank(operator);
        vm.expectRevert(stillSlashable);
        keyRegistrar.deregisterKey(operator, _set());
        _leave(operator);
        vm.prank(operator);
        vm.expectRevert(stillSlashable);
        keyRegistrar.deregisterKey(operator, _set());
        vm.roll(block.number + DEALLOCATION_DELAY + 1);
        vm.prank(operator);
        keyRegistrar.deregisterKey(operator, _set());
        assertFalse(keyRegistrar.isRegistered(_set(), operator));
        assertEq(keyRegistrar.getECDSAAddress(_set(), operator), address(0));
        assertEq(keyRegistrar.getKeyHash(_set(), operator), bytes32(0));
    }

    function test_DeregisteringHasErrors() public {
        vm.prank(stranger);
        vm.expectRevert(DevnetKeyRegistrar.InvalidPermissions.selector);
        keyRegistrar.deregisterKey(operator, _set());
        vm.startPrank(operator);
        vm.expectRevert(DevnetKeyRegistrar.OperatorSetNotConfigured.selector);
        keyRegistrar.deregisterKey(operator, OperatorSet(avs, 9));
        vm.expectRevert(abi.encodeWithSelector(DevnetKeyRegistrar.KeyNotFound.selector, _set(), operator));
        keyRegistrar.deregisterKey(operator, _set());
    }

    function test_AnUnconfiguredSetHasNoKeys() public {
        vm.expectRevert(DevnetKeyRegistrar.InvalidCurveType.selector);
        keyRegistrar.getECDSAAddress(OperatorSet(avs, 9), operator);
    }
}
