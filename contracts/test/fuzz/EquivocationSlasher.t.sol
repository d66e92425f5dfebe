// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Equivocation, IEquivocationSlasher } from "../../src/interfaces/IEquivocationSlasher.sol";
import { Attestation, Request } from "../../src/types/DataTypes.sol";
import { SlasherTest } from "../utils/SlasherTest.sol";

contract EquivocationSlasherFuzzTest is SlasherTest {
    function setUp() public override {
        super.setUp();
        registerL2Domain();
    }

    function contradiction(
        bool isOwnDomain,
        Request memory request,
        Attestation memory first,
        Attestation memory second
    ) private view returns (Equivocation memory equivocation) {
        if (isOwnDomain) request.referenceTimepoint = REFERENCE;
        (equivocation.chainId, equivocation.avs) = isOwnDomain ? (block.chainid, avs) : (L2_CHAIN_ID, l2Avs);
        equivocation.request = request;
        first.requestId = second.requestId = requestIdOf(equivocation);
        first.operator = second.operator = isOwnDomain ? operator : signer;
        second.isValid = !first.isValid;
        (equivocation.first, equivocation.second) = (first, second);
        signBoth(equivocation, signerKey);
    }

    function testFuzz_Slash_EveryContradictionOnce(
        bool isOwnDomain,
        Request memory request,
        Attestation memory first,
        Attestation memory second,
        uint256 strategyShares
    ) public {
        allocationManager.setSlashedShares(strategy, strategyShares);
        Equivocation memory equivocation = contradiction(isOwnDomain, request, first, second);
        slasher.slash(equivocation);
        bytes32 requestId = requestIdOf(equivocation);
        assertTrue(slasher.isSlashed(operator, requestId));

        vm.expectRevert(abi.encodeWithSelector(IEquivocationSlasher.AlreadySlashed.selector, operator, requestId));
        slasher.slash(equivocation);
    }

    function testFuzz_Slash_NoOtherSignature(bool isOwnDomain, bool isFirst, uint256 bit) public {
        Equivocation memory equivocation = isOwnDomain ? ownEquivocation() : l2Equivocation();
        bytes memory signature = isFirst ? equivocation.firstSignature : equivocation.secondSignature;
        bit = bound(bit, 0, 65 * 8 - 1);
        signature[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
        vm.expectPartialRevert(IEquivocationSlasher.InvalidSigner.selector);
        slasher.slash(equivocation);
    }

    /// @dev The words of an attestation: 0 requestId, 1 operator, 2 isValid, 3 confidence, 4 method, 5 evidenceDigest.
    function testFuzz_Slash_NoAttestationThatWasNotSigned(bool isOwnDomain, bool isFirst, uint256 word, uint256 value)
        public
    {
        Equivocation memory equivocation = isOwnDomain ? ownEquivocation() : l2Equivocation();
        Attestation memory attestation = isFirst ? equivocation.first : equivocation.second;
        bytes32 digest = digestOf(equivocation, attestation);
        word = bound(word, 0, 5);
        if (word == 0) attestation.requestId = bytes32(value);
        else if (word == 1) attestation.operator = address(uint160(value));
        else if (word == 2) attestation.isValid = !attestation.isValid;
        else if (word == 3) attestation.confidence = uint16(value);
        else if (word == 4) attestation.method = bytes32(value);
        else attestation.evidenceDigest = bytes32(value);
        vm.assume(digestOf(equivocation, attestation) != digest);
        vm.expectRevert();
        slasher.slash(equivocation);
    }

    function testFuzz_Slash_OnlyAtReferencesOfAFreshSeatWithinTheHorizon(uint256 timepoint, uint256 submitted) public {
        submitted = bound(submitted, START_BLOCK + 1, START_BLOCK + HORIZON + 100);
        timepoint = bound(timepoint, START_BLOCK - 5, START_BLOCK + MAX_WEIGHT_AGE + 5);
        Request memory request = plainRequest();
        request.referenceTimepoint = uint48(timepoint);
        Equivocation memory equivocation = equivocationOn(block.chainid, avs, operator, request);
        vm.roll(submitted);

        bool isSeated = timepoint >= START_BLOCK && timepoint <= START_BLOCK + MAX_WEIGHT_AGE;
        bool isInTime = timepoint < submitted && submitted <= timepoint + HORIZON;
        if (!isSeated || !isInTime) vm.expectRevert();
        slasher.slash(equivocation);
        assertEq(slasher.isSlashed(operator, requestIdOf(equivocation)), isSeated && isInTime);
    }

    function testFuzz_Domain_CountsOnceItWasAnnouncedLongEnough(uint256 chainId, address avs_, uint256 waited) public {
        chainId = bound(chainId, 1, type(uint256).max);
        vm.assume(chainId != block.chainid && avs_ != address(0) && (chainId != L2_CHAIN_ID || avs_ != l2Avs));
        waited = bound(waited, 0, 14 days);
        Equivocation memory equivocation = equivocationOn(chainId, avs_, signer, plainRequest());
        vm.startPrank(owner);
        slasher.proposeDomain(chainId, avs_);
        vm.warp(vm.getBlockTimestamp() + waited);
        if (waited < 7 days) vm.expectPartialRevert(IEquivocationSlasher.DomainLocked.selector);
        slasher.registerDomain(chainId, avs_);
        if (waited < 7 days) vm.expectPartialRevert(IEquivocationSlasher.DomainNotRegistered.selector);
        slasher.slash(equivocation);
        assertEq(slasher.isSlashed(operator, requestIdOf(equivocation)), waited >= 7 days);
    }
}
