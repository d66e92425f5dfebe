// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Ownable } from "@openzeppelin/contracts/access/Ownable.sol";

import { EquivocationSlasher } from "../../src/EquivocationSlasher.sol";
import { Equivocation, IEquivocationSlasher, SlasherConfig } from "../../src/interfaces/IEquivocationSlasher.sol";
import { IOperatorSet } from "../../src/interfaces/IOperatorSet.sol";
import { IAllocationManager, SlashingParams } from "../../src/interfaces/external/IAllocationManager.sol";
import { Request } from "../../src/types/DataTypes.sol";
import { SlasherTest } from "../utils/SlasherTest.sol";

contract EquivocationSlasherTest is SlasherTest {
    error OperatorNotSlashable();

    function assertNotSlashed(Equivocation memory equivocation) private view {
        assertFalse(slasher.isSlashed(operator, requestIdOf(equivocation)), "slashed");
    }

    function assertSlashes(Equivocation memory equivocation) private {
        slasher.slash(equivocation);
        assertTrue(slasher.isSlashed(operator, requestIdOf(equivocation)), "not slashed");
    }

    function expectInvalidSigner(Equivocation memory equivocation, address recovered) private {
        vm.expectRevert(abi.encodeWithSelector(IEquivocationSlasher.InvalidSigner.selector, recovered, signer));
        slasher.slash(equivocation);
    }

    function expectNotRegistered(Equivocation memory equivocation) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                IEquivocationSlasher.DomainNotRegistered.selector, equivocation.chainId, equivocation.avs
            )
        );
        slasher.slash(equivocation);
    }

    function expectMismatch(Equivocation memory equivocation, bytes32 actual) private {
        vm.expectRevert(
            abi.encodeWithSelector(IEquivocationSlasher.AttestationMismatch.selector, requestIdOf(equivocation), actual)
        );
        slasher.slash(equivocation);
    }

    function expectCannotVote(Equivocation memory equivocation) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                IEquivocationSlasher.OperatorCannotVote.selector,
                equivocation.first.operator,
                equivocation.request.referenceTimepoint
            )
        );
        slasher.slash(equivocation);
    }

    function expectUnknownKey(Equivocation memory equivocation) private {
        vm.expectRevert(
            abi.encodeWithSelector(IEquivocationSlasher.UnknownSigningKey.selector, equivocation.first.operator)
        );
        slasher.slash(equivocation);
    }

    function expectNotOwner(address caller) private {
        vm.expectRevert(abi.encodeWithSelector(IEquivocationSlasher.NotOwner.selector, caller, owner));
        vm.prank(caller);
    }

    function ownEquivocationAt(uint256 timepoint) private returns (Equivocation memory) {
        Request memory request = plainRequest();
        request.referenceTimepoint = uint48(timepoint);
        return equivocationOn(block.chainid, avs, operator, request);
    }

    function swap(Equivocation memory equivocation) private pure {
        (equivocation.first, equivocation.second) = (equivocation.second, equivocation.first);
        (equivocation.firstSignature, equivocation.secondSignature) =
        (equivocation.secondSignature, equivocation.firstSignature);
    }

    // -- constructor

    function assertInvalid(SlasherConfig memory config, string memory parameter) private {
        vm.expectRevert(abi.encodeWithSelector(IEquivocationSlasher.InvalidConfig.selector, parameter));
        this.create(config);
    }

    function test_Constructor_RevertWhen_TheOperatorSetHasNoCode() public {
        SlasherConfig memory config = slasherConfig();
        config.operatorSet = stranger;
        assertInvalid(config, "operatorSet");
    }

    function test_Constructor_RevertWhen_WadIsOutOfRange() public {
        SlasherConfig memory config = slasherConfig();
        config.wad = 0;
        assertInvalid(config, "wad");
        config.wad = 0.5e18 + 1;
        assertInvalid(config, "wad");

        config.wad = 0.5e18;
        assertEq(new EquivocationSlasher(config).wad(), 0.5e18);
        config.wad = 1;
        assertEq(new EquivocationSlasher(config).wad(), 1);
    }

    function test_Constructor() public view {
        assertEq(address(slasher.operatorSet()), address(registrar));
        assertEq(slasher.avs(), avs);
        assertEq(slasher.operatorSetId(), SET_ID);
        assertEq(slasher.slashabilityHorizon(), HORIZON);
        assertEq(slasher.wad(), WAD);
        assertEq(slasher.DOMAIN_DELAY(), 7 days);
    }

    // -- slash

    function test_Slash() public {
        Equivocation memory equivocation = ownEquivocation();
        SlashingParams memory params =
            SlashingParams(operator, SET_ID, new address[](2), new uint256[](2), "equivocation");
        (params.strategies[0], params.strategies[1]) = (strategy, halfStrategy);
        (params.wadsToSlash[0], params.wadsToSlash[1]) = (WAD, WAD);
        uint256[] memory expected = new uint256[](2);
        (expected[0], expected[1]) = (5, 7);

        vm.expectCall(address(allocationManager), abi.encodeCall(IAllocationManager.slashOperator, (avs, params)), 1);
        vm.expectEmit(address(slasher));
        emit IEquivocationSlasher.EquivocationSlashed(
            operator, requestIdOf(equivocation), 1, params.strategies, expected
        );
        vm.prank(stranger);
        (uint256 slashId, uint256[] memory shares) = slasher.slash(equivocation);
        assertEq(slashId, 1);
        assertEq(shares, expected);
        assertTrue(slasher.isSlashed(operator, requestIdOf(equivocation)));
    }

    function test_Slash_SharesOfOneStrategySuffice() public {
        allocationManager.setSlashedShares(strategy, 0);
        uint256 snapshot = vm.snapshotState();
        assertSlashes(ownEquivocation());
        vm.revertToState(snapshot);
        allocationManager.setSlashedShares(strategy, 1);
        allocationManager.setSlashedShares(halfStrategy, 0);
        assertSlashes(ownEquivocation());
    }

    function test_Slash_EitherOrder() public {
        Equivocation memory equivocation = ownEquivocation();
        swap(equivocation);
        assertSlashes(equivocation);
    }

    function test_Slash_AgainForAnotherRequest() public {
        slasher.slash(ownEquivocation());
        Request memory request = plainRequest();
        request.nonce = 1;
        (uint256 slashId,) = slasher.slash(equivocationOn(block.chainid, avs, operator, request));
        assertEq(slashId, 2);
    }

    function test_Slash_AnotherOperatorForTheSameRequest() public {
        slasher.slash(ownEquivocation());
        address other = makeAddr("other operator");
        (address otherSigner, uint256 otherKey) = makeAddrAndKey("other signing key");
        setStake(other, 500);
        keyRegistrar.setKey(other, otherSigner);
        register(other);
        uint256 joined = vm.getBlockNumber();
        vm.roll(joined + 1);
        Equivocation memory equivocation = ownEquivocationAt(joined);
        slasher.slash(equivocation);
        (equivocation.first.operator, equivocation.second.operator) = (other, other);
        signBoth(equivocation, otherKey);
        slasher.slash(equivocation);
        assertTrue(slasher.isSlashed(operator, requestIdOf(equivocation)));
        assertTrue(slasher.isSlashed(other, requestIdOf(equivocation)));
    }

    // -- slash: domains

    function test_Slash_RevertWhen_DomainIsAnother() public {
        registerL2Domain();
        Request memory request = plainRequest();
        expectNotRegistered(equivocationOn(block.chainid + 1, avs, operator, request));
        expectNotRegistered(equivocationOn(block.chainid, l2Avs, operator, request));
        expectNotRegistered(equivocationOn(L2_CHAIN_ID, avs, signer, request));
        expectNotRegistered(equivocationOn(L2_CHAIN_ID + 1, l2Avs, signer, request));
    }

    function test_Slash_RevertWhen_DomainIsOnlyProposed() public {
        Equivocation memory equivocation = l2Equivocation();
        expectNotRegistered(equivocation);
        vm.prank(owner);
        slasher.proposeDomain(L2_CHAIN_ID, l2Avs);
        expectNotRegistered(equivocation);
        vm.warp(START + 30 days);
        expectNotRegistered(equivocation);
        vm.prank(owner);
        slasher.cancelDomain(L2_CHAIN_ID, l2Avs);
        expectNotRegistered(equivocation);
    }

    // -- slash: request, operator, verdicts

    function test_Slash_RevertWhen_AnAttestationIsAboutAnotherRequest() public {
        Equivocation memory equivocation = ownEquivocation();
        equivocation.first.requestId = keccak256("another");
        signBoth(equivocation, signerKey);
        expectMismatch(equivocation, keccak256("another"));

        swap(equivocation);
        expectMismatch(equivocation, keccak256("another"));
    }

    function test_Slash_RevertWhen_RequestIsAnother() public {
        Equivocation memory equivocation = ownEquivocation();
        bytes32 requestId = requestIdOf(equivocation);
        equivocation.request.nonce = 1;
        expectMismatch(equivocation, requestId);

        // the same attestations' request, hashed under another domain
        registerL2Domain();
        equivocation = ownEquivocation();
        (equivocation.chainId, equivocation.avs) = (L2_CHAIN_ID, l2Avs);
        expectMismatch(equivocation, requestId);
    }

    function test_Slash_RevertWhen_OperatorsAreTwo() public {
        Equivocation memory equivocation = ownEquivocation();
        equivocation.second.operator = stranger;
        signBoth(equivocation, signerKey);
        vm.expectRevert(abi.encodeWithSelector(IEquivocationSlasher.OperatorMismatch.selector, operator, stranger));
        slasher.slash(equivocation);
    }

    function expectSameVerdict(Equivocation memory equivocation, bool isValid) private {
        vm.expectRevert(
            abi.encodeWithSelector(IEquivocationSlasher.SameVerdict.selector, requestIdOf(equivocation), isValid)
        );
        slasher.slash(equivocation);
    }

    function test_Slash_RevertWhen_AttestationIsTheSame() public {
        Equivocation memory equivocation = ownEquivocation();
        equivocation.second = equivocation.first;
        equivocation.secondSignature = equivocation.firstSignature;
        expectSameVerdict(equivocation, true);
    }

    function test_Slash_RevertWhen_OnlyTheRestDiffers() public {
        Equivocation memory equivocation = ownEquivocation();
        equivocation.second.isValid = true;
        equivocation.second.confidence = 1;
        equivocation.second.method = keccak256("another method");
        signBoth(equivocation, signerKey);
        expectSameVerdict(equivocation, true);

        (equivocation.first.isValid, equivocation.second.isValid) = (false, false);
        signBoth(equivocation, signerKey);
        expectSameVerdict(equivocation, false);
    }

    // -- slash: signatures

    function test_Slash_RevertWhen_AnotherKeySigned() public {
        (address other, uint256 otherKey) = makeAddrAndKey("another key");
        Equivocation memory equivocation = ownEquivocation();
        equivocation.firstSignature = sign(otherKey, digestOf(equivocation, equivocation.first));
        expectInvalidSigner(equivocation, other);
        swap(equivocation);
        expectInvalidSigner(equivocation, other);
        signBoth(equivocation, otherKey);
        expectInvalidSigner(equivocation, other);
    }

    function test_Slash_RevertWhen_TheOperatorItselfSigned() public {
        (, uint256 operatorKey) = makeAddrAndKey("operator");
        Equivocation memory equivocation = ownEquivocation();
        signBoth(equivocation, operatorKey);
        expectInvalidSigner(equivocation, operator);
    }

    function test_Slash_RevertWhen_SignatureIsMalleated() public {
        Equivocation memory equivocation = ownEquivocation();
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(signerKey, digestOf(equivocation, equivocation.first));
        bytes memory highS = abi.encodePacked(r, bytes32(SECP256K1_ORDER - uint256(s)), v == 27 ? uint8(28) : 27);
        // the very same signer, to who does not look at s
        assertEq(
            ecrecover(
                digestOf(equivocation, equivocation.first), v == 27 ? 28 : 27, r, bytes32(SECP256K1_ORDER - uint256(s))
            ),
            signer
        );
        equivocation.firstSignature = highS;
        expectInvalidSigner(equivocation, address(0));
        swap(equivocation);
        expectInvalidSigner(equivocation, address(0));
    }

    function test_Slash_RevertWhen_SignatureIsNoSignature() public {
        Equivocation memory equivocation = ownEquivocation();
        bytes memory signature = equivocation.firstSignature;
        equivocation.firstSignature = "";
        expectInvalidSigner(equivocation, address(0));
        equivocation.firstSignature = bytes.concat(signature, hex"00");
        expectInvalidSigner(equivocation, address(0));
        equivocation.firstSignature = new bytes(65);
        expectInvalidSigner(equivocation, address(0));
        equivocation.firstSignature = signature;
        equivocation.secondSignature = "";
        expectInvalidSigner(equivocation, address(0));
    }

    function test_Slash_RevertWhen_SignedUnderAnotherDomain() public {
        Equivocation memory equivocation = ownEquivocation();
        equivocation.avs = l2Avs;
        bytes memory firstSignature = sign(signerKey, digestOf(equivocation, equivocation.first));
        equivocation.avs = avs;
        address recovered = recover(digestOf(equivocation, equivocation.first), firstSignature);
        equivocation.firstSignature = firstSignature;
        expectInvalidSigner(equivocation, recovered);
    }

    function recover(bytes32 digest, bytes memory signature) private pure returns (address) {
        bytes32 r;
        bytes32 s;
        assembly ("memory-safe") {
            r := mload(add(signature, 0x20))
            s := mload(add(signature, 0x40))
        }
        return ecrecover(digest, uint8(signature[64]), r, s);
    }

    // -- slash: the AVS's own domain

    function test_Slash_RevertWhen_OperatorHeldNoSeat() public {
        expectCannotVote(ownEquivocationAt(START_BLOCK - 1));

        Equivocation memory equivocation = equivocationOn(block.chainid, avs, stranger, plainRequest());
        expectCannotVote(equivocation);

        vm.roll(START_BLOCK + 20);
        deregister(operator);
        vm.roll(START_BLOCK + 21);
        expectCannotVote(ownEquivocationAt(START_BLOCK + 20));
    }

    function test_Slash_RevertWhen_WeightWasStale() public {
        vm.roll(START_BLOCK + MAX_WEIGHT_AGE + 2);
        expectCannotVote(ownEquivocationAt(START_BLOCK + MAX_WEIGHT_AGE + 1));
        assertSlashes(ownEquivocationAt(START_BLOCK + MAX_WEIGHT_AGE));
    }

    function test_Slash_RevertWhen_ReferenceIsNotPast() public {
        uint256 now_ = vm.getBlockNumber();
        Equivocation memory equivocation = ownEquivocationAt(now_);
        vm.expectRevert(abi.encodeWithSelector(IOperatorSet.TimepointNotPast.selector, uint48(now_), uint48(now_)));
        slasher.slash(equivocation);
    }

    function test_Slash_RevertWhen_EvidenceIsTooLate() public {
        vm.roll(REFERENCE + HORIZON + 1);
        Equivocation memory equivocation = ownEquivocation();
        vm.expectRevert(abi.encodeWithSelector(IEquivocationSlasher.EvidenceExpired.selector, REFERENCE, HORIZON));
        slasher.slash(equivocation);
        vm.roll(REFERENCE + HORIZON);
        assertSlashes(equivocation);
    }

    function test_Slash_ByTheKeyOfTheReference() public {
        (address newSigner, uint256 newKey) = makeAddrAndKey("new signing key");
        keyRegistrar.setKey(operator, newSigner);
        refresh(operator);
        uint256 rotated = vm.getBlockNumber();
        vm.roll(rotated + 1);

        // the new key cannot have signed at the old reference, nor the old key at the new one
        Equivocation memory equivocation = ownEquivocationAt(rotated);
        vm.expectRevert(abi.encodeWithSelector(IEquivocationSlasher.InvalidSigner.selector, signer, newSigner));
        slasher.slash(equivocation);
        equivocation = ownEquivocation();
        signBoth(equivocation, newKey);
        expectInvalidSigner(equivocation, newSigner);

        assertSlashes(ownEquivocation());
        equivocation = ownEquivocationAt(rotated);
        signBoth(equivocation, newKey);
        assertSlashes(equivocation);
    }

    function test_Slash_WhoLeftSince() public {
        deregister(operator);
        keyRegistrar.setKey(operator, address(0));
        vm.roll(vm.getBlockNumber() + 1);
        assertSlashes(ownEquivocation());
    }

    function test_Slash_FollowsTheChainsId() public {
        Equivocation memory before = ownEquivocation();
        vm.chainId(block.chainid + 1);
        expectNotRegistered(before);
        assertSlashes(ownEquivocation());
    }

    // -- slash: a registered domain

    function test_Slash_L2() public {
        Equivocation memory equivocation = l2Equivocation();
        registerL2Domain();
        vm.prank(stranger);
        assertSlashes(equivocation);

        equivocation.request.referenceTimepoint = type(uint48).max;
        equivocation = equivocationOn(L2_CHAIN_ID, l2Avs, signer, equivocation.request);
        assertSlashes(equivocation);
    }

    function test_Slash_L2_RevertWhen_KeyIsUnknown() public {
        registerL2Domain();
        (address other, uint256 otherKey) = makeAddrAndKey("another key");
        Equivocation memory equivocation = equivocationOn(L2_CHAIN_ID, l2Avs, other, plainRequest());
        signBoth(equivocation, otherKey);
        expectUnknownKey(equivocation);
    }

    function test_Slash_L2_RevertWhen_KeyIsNoLongerTheOperators() public {
        Equivocation memory equivocation = l2Equivocation();
        registerL2Domain();
        keyRegistrar.setKey(operator, makeAddr("new signing key"));
        expectUnknownKey(equivocation);
        keyRegistrar.setKey(operator, address(0));
        expectUnknownKey(equivocation);
    }

    function test_Slash_L2_RevertWhen_OperatorIsNamedByItsAddressHere() public {
        registerL2Domain();
        expectUnknownKey(equivocationOn(L2_CHAIN_ID, l2Avs, operator, plainRequest()));
    }

    function test_Slash_L2_RevertWhen_OperatorIsZero() public {
        registerL2Domain();
        Equivocation memory equivocation = equivocationOn(L2_CHAIN_ID, l2Avs, address(0), plainRequest());
        equivocation.firstSignature = new bytes(65);
        equivocation.secondSignature = new bytes(65);
        // nobody's key is the key of nobody
        vm.expectRevert(abi.encodeWithSelector(IEquivocationSlasher.InvalidSigner.selector, address(0), address(0)));
        slasher.slash(equivocation);
    }

    function test_Slash_L2_RevertWhen_AnotherKeySigned() public {
        registerL2Domain();
        (address other, uint256 otherKey) = makeAddrAndKey("another key");
        Equivocation memory equivocation = l2Equivocation();
        equivocation.secondSignature = sign(otherKey, digestOf(equivocation, equivocation.second));
        expectInvalidSigner(equivocation, other);
    }

    // -- slash: once, and only if it hurts

    function expectAlreadySlashed(Equivocation memory equivocation) private {
        vm.expectRevert(
            abi.encodeWithSelector(IEquivocationSlasher.AlreadySlashed.selector, operator, requestIdOf(equivocation))
        );
        slasher.slash(equivocation);
    }

    function test_Slash_RevertWhen_Slashed() public {
        Equivocation memory equivocation = ownEquivocation();
        slasher.slash(equivocation);
        expectAlreadySlashed(equivocation);
        swap(equivocation);
        expectAlreadySlashed(equivocation);
        equivocation.first.evidenceDigest = keccak256("a third attestation");
        signBoth(equivocation, signerKey);
        expectAlreadySlashed(equivocation);
    }

    function test_Slash_L2_RevertWhen_Slashed() public {
        Equivocation memory equivocation = l2Equivocation();
        registerL2Domain();
        slasher.slash(equivocation);
        expectAlreadySlashed(equivocation);
    }

    function test_Slash_RevertWhen_EigenLayerRefuses() public {
        Equivocation memory equivocation = ownEquivocation();
        vm.mockCallRevert(
            address(allocationManager),
            abi.encodeWithSelector(IAllocationManager.slashOperator.selector),
            abi.encodeWithSelector(OperatorNotSlashable.selector)
        );
        vm.expectRevert(OperatorNotSlashable.selector);
        slasher.slash(equivocation);
        assertNotSlashed(equivocation);
        vm.clearMockedCalls();
        assertSlashes(equivocation);
    }

    function test_Slash_RevertWhen_NothingIsSlashed() public {
        allocationManager.setSlashedShares(strategy, 0);
        allocationManager.setSlashedShares(halfStrategy, 0);
        Equivocation memory equivocation = ownEquivocation();
        vm.expectRevert(
            abi.encodeWithSelector(IEquivocationSlasher.NothingSlashed.selector, operator, requestIdOf(equivocation))
        );
        slasher.slash(equivocation);
        assertNotSlashed(equivocation);

        allocationManager.setSlashedShares(halfStrategy, 1);
        assertSlashes(equivocation);
    }

    // -- proposing a domain

    function test_ProposeDomain_RevertWhen_NotOwner() public {
        expectNotOwner(stranger);
        slasher.proposeDomain(L2_CHAIN_ID, l2Avs);
        expectNotOwner(avs);
        slasher.proposeDomain(L2_CHAIN_ID, l2Avs);
    }

    function expectInvalidDomain(uint256 chainId, address avs_) private {
        vm.expectRevert(abi.encodeWithSelector(IEquivocationSlasher.InvalidDomain.selector, chainId, avs_));
        vm.prank(owner);
        slasher.proposeDomain(chainId, avs_);
    }

    function test_ProposeDomain_RevertWhen_Invalid() public {
        expectInvalidDomain(0, l2Avs);
        expectInvalidDomain(L2_CHAIN_ID, address(0));
        expectInvalidDomain(block.chainid, l2Avs);
        expectInvalidDomain(block.chainid, avs);
    }

    function test_ProposeDomain_RevertWhen_ProposedOrRegistered() public {
        vm.startPrank(owner);
        slasher.proposeDomain(L2_CHAIN_ID, l2Avs);
        vm.warp(START + 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IEquivocationSlasher.DomainAlreadyProposed.selector, L2_CHAIN_ID, l2Avs, START + 7 days
            )
        );
        slasher.proposeDomain(L2_CHAIN_ID, l2Avs);
        vm.warp(START + 7 days);
        slasher.registerDomain(L2_CHAIN_ID, l2Avs);
        vm.expectRevert(
            abi.encodeWithSelector(IEquivocationSlasher.DomainAlreadyRegistered.selector, L2_CHAIN_ID, l2Avs)
        );
        slasher.proposeDomain(L2_CHAIN_ID, l2Avs);
    }

    function assertDomain(uint256 chainId, address avs_, bool isRegistered, uint40 executableAt) private view {
        (bytes32 separator, bool isRegistered_, uint40 executableAt_) = slasher.getDomain(chainId, avs_);
        assertEq(separator, domainSeparator(chainId, avs_), "separator");
        assertEq(isRegistered_, isRegistered, "isRegistered");
        assertEq(executableAt_, executableAt, "executableAt");
    }

    function test_ProposeDomain() public {
        assertDomain(L2_CHAIN_ID, l2Avs, false, 0);
        vm.expectEmit(address(slasher));
        emit IEquivocationSlasher.DomainProposed(
            domainSeparator(L2_CHAIN_ID, l2Avs), L2_CHAIN_ID, l2Avs, START + 7 days
        );
        vm.prank(owner);
        slasher.proposeDomain(L2_CHAIN_ID, l2Avs);
        assertDomain(L2_CHAIN_ID, l2Avs, false, START + 7 days);
        assertDomain(L2_CHAIN_ID, avs, false, 0);
    }

    // -- cancelling a domain

    function test_CancelDomain_RevertWhen_NotOwner() public {
        vm.prank(owner);
        slasher.proposeDomain(L2_CHAIN_ID, l2Avs);
        expectNotOwner(stranger);
        slasher.cancelDomain(L2_CHAIN_ID, l2Avs);
    }

    function expectNotProposed() private {
        vm.expectRevert(abi.encodeWithSelector(IEquivocationSlasher.DomainNotProposed.selector, L2_CHAIN_ID, l2Avs));
        vm.prank(owner);
    }

    function test_CancelDomain_RevertWhen_NotProposed() public {
        expectNotProposed();
        slasher.cancelDomain(L2_CHAIN_ID, l2Avs);
        registerL2Domain();
        expectNotProposed();
        slasher.cancelDomain(L2_CHAIN_ID, l2Avs);
        assertDomain(L2_CHAIN_ID, l2Avs, true, 0);
    }

    function test_CancelDomain() public {
        vm.startPrank(owner);
        slasher.proposeDomain(L2_CHAIN_ID, l2Avs);
        // also when it could be registered
        vm.warp(START + 8 days);
        vm.expectEmit(address(slasher));
        emit IEquivocationSlasher.DomainCancelled(domainSeparator(L2_CHAIN_ID, l2Avs), L2_CHAIN_ID, l2Avs);
        slasher.cancelDomain(L2_CHAIN_ID, l2Avs);
        assertDomain(L2_CHAIN_ID, l2Avs, false, 0);

        slasher.proposeDomain(L2_CHAIN_ID, l2Avs);
        assertDomain(L2_CHAIN_ID, l2Avs, false, START + 15 days);
    }

    // -- registering a domain

    function test_RegisterDomain_RevertWhen_NotOwner() public {
        vm.prank(owner);
        slasher.proposeDomain(L2_CHAIN_ID, l2Avs);
        vm.warp(START + 7 days);
        expectNotOwner(stranger);
        slasher.registerDomain(L2_CHAIN_ID, l2Avs);
    }

    function test_RegisterDomain_RevertWhen_NotProposed() public {
        expectNotProposed();
        slasher.registerDomain(L2_CHAIN_ID, l2Avs);

        vm.startPrank(owner);
        slasher.proposeDomain(L2_CHAIN_ID, l2Avs);
        slasher.cancelDomain(L2_CHAIN_ID, l2Avs);
        vm.stopPrank();
        vm.warp(START + 7 days);
        expectNotProposed();
        slasher.registerDomain(L2_CHAIN_ID, l2Avs);

        vm.warp(START);
        registerL2Domain();
        expectNotProposed();
        slasher.registerDomain(L2_CHAIN_ID, l2Avs);
    }

    function test_RegisterDomain_RevertWhen_Locked() public {
        vm.startPrank(owner);
        slasher.proposeDomain(L2_CHAIN_ID, l2Avs);
        vm.warp(START + 7 days - 1);
        vm.expectRevert(
            abi.encodeWithSelector(IEquivocationSlasher.DomainLocked.selector, L2_CHAIN_ID, l2Avs, START + 7 days)
        );
        slasher.registerDomain(L2_CHAIN_ID, l2Avs);
    }

    function test_RegisterDomain() public {
        vm.startPrank(owner);
        slasher.proposeDomain(L2_CHAIN_ID, l2Avs);
        vm.warp(START + 7 days);
        vm.expectEmit(address(slasher));
        emit IEquivocationSlasher.DomainRegistered(domainSeparator(L2_CHAIN_ID, l2Avs), L2_CHAIN_ID, l2Avs);
        slasher.registerDomain(L2_CHAIN_ID, l2Avs);
        assertDomain(L2_CHAIN_ID, l2Avs, true, 0);
        assertDomain(L2_CHAIN_ID, avs, false, 0);
    }

    // -- ownership, reading

    function test_Owner_IsTheAvss() public {
        vm.mockCall(avs, abi.encodeCall(Ownable.owner, ()), abi.encode(stranger));
        vm.expectRevert(abi.encodeWithSelector(IEquivocationSlasher.NotOwner.selector, owner, stranger));
        vm.prank(owner);
        slasher.proposeDomain(L2_CHAIN_ID, l2Avs);
        vm.prank(stranger);
        slasher.proposeDomain(L2_CHAIN_ID, l2Avs);
    }

    function test_GetDomain_KnowsTheAvssOwn() public view {
        assertDomain(block.chainid, avs, true, 0);
        assertDomain(block.chainid + 1, avs, false, 0);
        assertDomain(block.chainid, l2Avs, false, 0);
    }
}
