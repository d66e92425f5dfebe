// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC1271 } from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import { IERC721Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { Test } from "forge-std/Test.sol";
import { Vm } from "forge-std/Vm.sol";

import { DevnetIdentityRegistry } from "../../devnet/DevnetIdentityRegistry.sol";

/// @dev A contract wallet that agrees to one digest.
contract AgreeingWallet is IERC1271 {
    bytes32 private _digest;

    function agree(bytes32 digest) external {
        _digest = digest;
    }

    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4) {
        return digest == _digest ? IERC1271.isValidSignature.selector : bytes4(0);
    }
}

contract DevnetIdentityRegistryTest is Test {
    DevnetIdentityRegistry internal registry;
    Vm.Wallet internal wallet;
    address internal owner = makeAddr("owner");
    address internal stranger = makeAddr("stranger");

    function setUp() public {
        vm.warp(1_800_000_000);
        registry = new DevnetIdentityRegistry();
        wallet = vm.createWallet("wallet");
    }

    function _digest(uint256 agentId, address newWallet, address agentOwner, uint256 deadline)
        internal
        view
        returns (bytes32)
    {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("ERC8004IdentityRegistry"),
                keccak256("1"),
                block.chainid,
                address(registry)
            )
        );
        bytes32 message = keccak256(
            abi.encode(
                keccak256("AgentWalletSet(uint256 agentId,address newWallet,address owner,uint256 deadline)"),
                agentId,
                newWallet,
                agentOwner,
                deadline
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, message));
    }

    function _sign(uint256 deadline) internal returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(wallet, _digest(0, wallet.addr, owner, deadline));
        return abi.encodePacked(r, s, v);
    }

    function _register() internal returns (uint256) {
        vm.prank(owner);
        return registry.register();
    }

    function test_TheFirstAgentIsNumberZero() public {
        vm.expectEmit(address(registry));
        emit DevnetIdentityRegistry.Registered(0, "", owner);
        vm.expectEmit(address(registry));
        emit DevnetIdentityRegistry.MetadataSet(0, "agentWallet", "agentWallet", abi.encodePacked(owner));
        assertEq(_register(), 0);
        assertEq(_register(), 1);
        assertEq(registry.ownerOf(0), owner);
        assertEq(registry.getAgentWallet(0), owner);
        assertEq(registry.getMetadata(0, "agentWallet"), abi.encodePacked(owner));
    }

    function test_AnAgentIsRegisteredWithItsFileAndMetadata() public {
        DevnetIdentityRegistry.MetadataEntry[] memory metadata = new DevnetIdentityRegistry.MetadataEntry[](1);
        metadata[0] = DevnetIdentityRegistry.MetadataEntry("model", hex"01");
        vm.prank(owner);
        registry.register("ipfs://agent", metadata);
        assertEq(registry.tokenURI(0), "ipfs://agent");
        assertEq(registry.getMetadata(0, "model"), hex"01");
        vm.prank(owner);
        registry.register("ipfs://other");
        assertEq(registry.tokenURI(1), "ipfs://other");

        metadata[0].metadataKey = "agentWallet";
        vm.prank(owner);
        vm.expectRevert("reserved key");
        registry.register("", metadata);
    }

    function test_OnlyTheOwnerAndItsApprovedChangeAnAgent() public {
        _register();
        vm.startPrank(stranger);
        vm.expectRevert("Not authorized");
        registry.setAgentURI(0, "ipfs://x");
        vm.expectRevert("Not authorized");
        registry.setMetadata(0, "model", hex"01");
        vm.expectRevert("Not authorized");
        registry.setAgentWallet(0, wallet.addr, block.timestamp, "");
        vm.expectRevert("Not authorized");
        registry.unsetAgentWallet(0);
        vm.stopPrank();

        vm.prank(owner);
        registry.approve(stranger, 0);
        assertTrue(registry.isAuthorizedOrOwner(stranger, 0));
        vm.startPrank(stranger);
        registry.setAgentURI(0, "ipfs://x");
        registry.setMetadata(0, "model", hex"01");
        vm.expectRevert("reserved key");
        registry.setMetadata(0, "agentWallet", abi.encodePacked(stranger));
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, 9));
        registry.isAuthorizedOrOwner(stranger, 9);
    }

    function test_AWalletAgreesByItsSignature() public {
        _register();
        uint256 deadline = block.timestamp + 5 minutes;
        bytes memory signature = _sign(deadline);
        vm.prank(owner);
        registry.setAgentWallet(0, wallet.addr, deadline, signature);
        assertEq(registry.getAgentWallet(0), wallet.addr);
    }

    function test_AContractWalletAgreesByErc1271() public {
        _register();
        AgreeingWallet contractWallet = new AgreeingWallet();
        vm.prank(owner);
        vm.expectRevert("invalid wallet sig");
        registry.setAgentWallet(0, address(contractWallet), block.timestamp, "");
        contractWallet.agree(_digest(0, address(contractWallet), owner, block.timestamp));
        vm.prank(owner);
        registry.setAgentWallet(0, address(contractWallet), block.timestamp, "");
        assertEq(registry.getAgentWallet(0), address(contractWallet));
    }

    function test_SettingAWalletHasErrors() public {
        _register();
        bytes memory signature = _sign(block.timestamp);
        vm.startPrank(owner);
        vm.expectRevert("bad wallet");
        registry.setAgentWallet(0, address(0), block.timestamp, signature);
        vm.expectRevert("expired");
        registry.setAgentWallet(0, wallet.addr, block.timestamp - 1, signature);
        vm.expectRevert("deadline too far");
        registry.setAgentWallet(0, wallet.addr, block.timestamp + 5 minutes + 1, signature);
        vm.expectRevert("invalid wallet sig");
        registry.setAgentWallet(0, wallet.addr, block.timestamp + 1, signature);
    }

    function test_ATransferClearsTheWallet() public {
        _register();
        vm.prank(owner);
        registry.transferFrom(owner, stranger, 0);
        assertEq(registry.getAgentWallet(0), address(0));
        assertEq(registry.getMetadata(0, "agentWallet"), "");
    }

    function test_AWalletCanBeUnset() public {
        _register();
        vm.prank(owner);
        registry.unsetAgentWallet(0);
        assertEq(registry.getAgentWallet(0), address(0));
    }

    function test_AnUnknownAgentHasNoWallet() public view {
        assertEq(registry.getAgentWallet(9), address(0));
    }
}
