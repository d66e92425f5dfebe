// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC721Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { Test } from "forge-std/Test.sol";

import { DevnetIdentityRegistry } from "../../devnet/DevnetIdentityRegistry.sol";
import { DevnetValidationRegistry } from "../../devnet/DevnetValidationRegistry.sol";

contract DevnetValidationRegistryTest is Test {
    DevnetIdentityRegistry internal identity;
    DevnetValidationRegistry internal registry;
    address internal owner = makeAddr("owner");
    address internal stranger = makeAddr("stranger");
    address internal validator = makeAddr("validator");
    bytes32 internal constant HASH = keccak256("request");

    function setUp() public {
        vm.warp(1_800_000_000);
        identity = new DevnetIdentityRegistry();
        registry = new DevnetValidationRegistry(address(identity));
        vm.prank(owner);
        identity.register();
    }

    function _request(bytes32 hash) internal {
        vm.prank(owner);
        registry.validationRequest(validator, 0, "ipfs://request", hash);
    }

    function _respond(bytes32 hash, uint8 response, string memory tag) internal {
        vm.prank(validator);
        registry.validationResponse(hash, response, "ipfs://response", keccak256("record"), tag);
    }

    function _assertStatus(uint8 response, bytes32 responseHash, string memory tag, uint256 lastUpdate) internal view {
        (address by, uint256 agentId, uint8 was, bytes32 hash, string memory tagged, uint256 updated) =
            registry.getValidationStatus(HASH);
        assertEq(by, validator);
        assertEq(agentId, 0);
        assertEq(was, response);
        assertEq(hash, responseHash);
        assertEq(tagged, tag);
        assertEq(updated, lastUpdate);
    }

    function test_AnswersAnAgentsRequest() public {
        vm.expectEmit(address(registry));
        emit DevnetValidationRegistry.ValidationRequest(validator, 0, "ipfs://request", HASH);
        _request(HASH);
        _assertStatus(0, 0, "", block.timestamp);
        skip(10);
        vm.expectEmit(address(registry));
        emit DevnetValidationRegistry.ValidationResponse(
            validator, 0, HASH, 87, "ipfs://response", keccak256("record"), "tag"
        );
        _respond(HASH, 87, "tag");
        _assertStatus(87, keccak256("record"), "tag", block.timestamp);
        assertEq(registry.getAgentValidations(0)[0], HASH);
        assertEq(registry.getValidatorRequests(validator)[0], HASH);
        assertEq(registry.getIdentityRegistry(), address(identity));
    }

    function test_ALaterAnswerReplacesAnEarlierOne() public {
        _request(HASH);
        _respond(HASH, 100, "tag");
        _respond(HASH, 0, "");
        _assertStatus(0, keccak256("record"), "", block.timestamp);
    }

    function test_OnlyTheAgentsOwnerAndItsApprovedAsk() public {
        vm.prank(stranger);
        vm.expectRevert("Not authorized");
        registry.validationRequest(validator, 0, "", HASH);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, 9));
        registry.validationRequest(validator, 9, "", HASH);
        vm.prank(owner);
        vm.expectRevert("bad validator");
        registry.validationRequest(address(0), 0, "", HASH);

        vm.prank(owner);
        identity.approve(stranger, 0);
        vm.prank(stranger);
        registry.validationRequest(validator, 0, "", HASH);
        vm.startPrank(owner);
        identity.approve(address(0), 0);
        identity.setApprovalForAll(stranger, true);
        vm.stopPrank();
        vm.prank(stranger);
        registry.validationRequest(validator, 0, "", keccak256("other"));
    }

    function test_AHashBelongsToWhoeverFiledItFirst() public {
        vm.prank(stranger);
        uint256 squatter = identity.register();
        vm.prank(stranger);
        registry.validationRequest(stranger, squatter, "", HASH);
        vm.prank(owner);
        vm.expectRevert("exists");
        registry.validationRequest(validator, 0, "", HASH);
    }

    function test_OnlyTheValidatorAnswersWithAtMost100() public {
        vm.prank(validator);
        vm.expectRevert("unknown");
        registry.validationResponse(HASH, 1, "", 0, "");
        vm.expectRevert("unknown");
        registry.getValidationStatus(HASH);
        _request(HASH);
        vm.prank(owner);
        vm.expectRevert("not validator");
        registry.validationResponse(HASH, 1, "", 0, "");
        vm.prank(validator);
        vm.expectRevert("resp>100");
        registry.validationResponse(HASH, 101, "", 0, "");
    }

    function test_SumsUpWhatWasAnswered() public {
        for (uint256 i = 0; i < 4; ++i) {
            _request(bytes32(i));
        }
        _respond(bytes32(0), 100, "a");
        _respond(bytes32(uint256(1)), 51, "b");
        _respond(bytes32(uint256(2)), 0, "a");
        _assertSummary(new address[](0), "", 3, 50);
        _assertSummary(new address[](0), "a", 2, 50);
        address[] memory validators = new address[](1);
        validators[0] = validator;
        _assertSummary(validators, "b", 1, 51);
        validators[0] = stranger;
        _assertSummary(validators, "", 0, 0);
    }

    function _assertSummary(address[] memory validators, string memory tag, uint64 count, uint8 mean) internal view {
        (uint64 counted, uint8 average) = registry.getSummary(0, validators, tag);
        assertEq(counted, count);
        assertEq(average, mean);
    }
}
