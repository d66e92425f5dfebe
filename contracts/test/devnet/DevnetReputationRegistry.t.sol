// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC721Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { Test } from "forge-std/Test.sol";

import { DevnetIdentityRegistry } from "../../devnet/DevnetIdentityRegistry.sol";
import { DevnetReputationRegistry } from "../../devnet/DevnetReputationRegistry.sol";

contract DevnetReputationRegistryTest is Test {
    DevnetIdentityRegistry internal identity;
    DevnetReputationRegistry internal registry;
    address internal owner = makeAddr("owner");
    address internal alice = makeAddr("alice");
    address internal bob = makeAddr("bob");

    function setUp() public {
        identity = new DevnetIdentityRegistry();
        registry = new DevnetReputationRegistry(address(identity));
        vm.prank(owner);
        identity.register();
    }

    function _give(address client, int128 value, uint8 decimals, string memory tag1, string memory tag2) internal {
        vm.prank(client);
        registry.giveFeedback(0, value, decimals, tag1, tag2, "https://agent", "ipfs://feedback", keccak256("file"));
    }

    function _clients(address one, address other) internal pure returns (address[] memory clients) {
        clients = new address[](2);
        (clients[0], clients[1]) = (one, other);
    }

    function _assertSummary(address[] memory clients, string memory tag1, uint64 count, int128 value, uint8 decimals)
        internal
        view
    {
        (uint64 counted, int128 mean, uint8 inDecimals) = registry.getSummary(0, clients, tag1, "");
        assertEq(counted, count);
        assertEq(mean, value);
        assertEq(inDecimals, decimals);
    }

    function test_FeedbackIsIndexedFromOne() public {
        vm.expectEmit(address(registry));
        emit DevnetReputationRegistry.NewFeedback(
            0, alice, 1, -5, 2, "a", "a", "b", "https://agent", "ipfs://feedback", keccak256("file")
        );
        _give(alice, -5, 2, "a", "b");
        assertEq(registry.getLastIndex(0, alice), 1);
        (int128 value, uint8 decimals, string memory tag1, string memory tag2, bool isRevoked) =
            registry.readFeedback(0, alice, 1);
        assertEq(value, -5);
        assertEq(decimals, 2);
        assertEq(tag1, "a");
        assertEq(tag2, "b");
        assertFalse(isRevoked);
        vm.expectRevert("index must be > 0");
        registry.readFeedback(0, alice, 0);
        vm.expectRevert("index out of bounds");
        registry.readFeedback(0, alice, 2);
        assertEq(registry.getIdentityRegistry(), address(identity));
    }

    function test_NobodyRatesAnAgentOfTheirOwn() public {
        vm.prank(owner);
        identity.approve(bob, 0);
        vm.prank(owner);
        identity.setApprovalForAll(alice, true);
        for (uint256 i = 0; i < 3; ++i) {
            vm.prank([owner, alice, bob][i]);
            vm.expectRevert("Self-feedback not allowed");
            registry.giveFeedback(0, 1, 0, "", "", "", "", 0);
        }
    }

    function test_FeedbackHasBounds() public {
        vm.startPrank(alice);
        vm.expectRevert("too many decimals");
        registry.giveFeedback(0, 1, 19, "", "", "", "", 0);
        vm.expectRevert("value too large");
        registry.giveFeedback(0, 1e38 + 1, 0, "", "", "", "", 0);
        vm.expectRevert("value too large");
        registry.giveFeedback(0, -1e38 - 1, 0, "", "", "", "", 0);
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, 9));
        registry.giveFeedback(9, 1, 0, "", "", "", "", 0);
        registry.giveFeedback(0, -1e38, 18, "", "", "", "", 0);
    }

    function test_RevokedFeedbackNoLongerCounts() public {
        _give(alice, 10, 0, "", "");
        _give(alice, 20, 0, "", "");
        vm.startPrank(alice);
        vm.expectEmit(address(registry));
        emit DevnetReputationRegistry.FeedbackRevoked(0, alice, 1);
        registry.revokeFeedback(0, 1);
        vm.expectRevert("Already revoked");
        registry.revokeFeedback(0, 1);
        vm.expectRevert("index out of bounds");
        registry.revokeFeedback(0, 3);
        vm.stopPrank();
        _assertSummary(_clients(alice, bob), "", 1, 20, 0);
    }

    function test_SumsUpInTheCommonestDecimals() public {
        _give(alice, 9000, 2, "a", "");
        _give(alice, 8000, 2, "a", "");
        _give(bob, 40, 0, "b", "");
        _assertSummary(_clients(alice, bob), "", 3, 7000, 2);
        _assertSummary(_clients(alice, bob), "b", 1, 40, 0);
        // named twice, counted twice
        _assertSummary(_clients(bob, bob), "", 2, 40, 0);
        _assertSummary(_clients(owner, owner), "", 0, 0, 0);
        vm.expectRevert("clientAddresses required");
        registry.getSummary(0, new address[](0), "", "");
    }

    function test_ReadsAllFeedback() public {
        _give(alice, 1, 0, "a", "x");
        _give(alice, 2, 0, "b", "x");
        _give(bob, 3, 1, "a", "y");
        vm.prank(alice);
        registry.revokeFeedback(0, 1);
        assertEq(registry.getClients(0), _clients(alice, bob));

        (address[] memory clients, uint64[] memory indexes, int128[] memory values,,,,) =
            registry.readAllFeedback(0, new address[](0), "", "", false);
        assertEq(clients, _clients(alice, bob));
        assertEq(indexes[0], 2);
        assertEq(values[1], 3);

        bool[] memory revoked;
        string[] memory tag2s;
        (clients, indexes,,,, tag2s, revoked) = registry.readAllFeedback(0, _clients(bob, alice), "a", "", true);
        assertEq(clients, _clients(bob, alice));
        assertEq(indexes[1], 1);
        assertEq(tag2s[0], "y");
        assertFalse(revoked[0]);
        assertTrue(revoked[1]);
    }

    function test_AnyoneAnswersFeedback() public {
        _give(alice, 1, 0, "", "");
        _give(alice, 2, 0, "", "");
        vm.startPrank(owner);
        vm.expectEmit(address(registry));
        emit DevnetReputationRegistry.ResponseAppended(0, alice, 2, owner, "ipfs://answer", 0);
        registry.appendResponse(0, alice, 2, "ipfs://answer", 0);
        registry.appendResponse(0, alice, 2, "ipfs://answer", 0);
        vm.expectRevert("Empty URI");
        registry.appendResponse(0, alice, 1, "", 0);
        vm.expectRevert("index must be > 0");
        registry.appendResponse(0, alice, 0, "ipfs://answer", 0);
        vm.expectRevert("index out of bounds");
        registry.appendResponse(0, alice, 3, "ipfs://answer", 0);
        vm.stopPrank();
        vm.prank(bob);
        registry.appendResponse(0, alice, 1, "ipfs://answer", 0);

        address[] memory anyone = new address[](0);
        assertEq(registry.getResponseCount(0, address(0), 0, anyone), 3);
        assertEq(registry.getResponseCount(0, alice, 0, _clients(bob, alice)), 1);
        assertEq(registry.getResponseCount(0, alice, 2, anyone), 2);
        assertEq(registry.getResponseCount(0, alice, 3, anyone), 0);
    }
}
