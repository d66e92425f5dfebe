// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { BLS } from "solady/utils/ext/ithaca/BLS.sol";

import { DevnetCore4Mica, Guarantee } from "../../devnet/DevnetCore4Mica.sol";
import {
    DevnetValidationRegistryGuaranteeDecoder as Decoder
} from "../../devnet/DevnetValidationRegistryGuaranteeDecoder.sol";
import { FourMicaTest, ScriptedRegistry } from "../utils/FourMicaTest.sol";

/// forge-config: default.evm_version = "prague"
contract DevnetCore4MicaTest is FourMicaTest {
    function setUp() public override {
        super.setUp();
        vm.prank(payer);
        core.deposit{ value: 10 ether }();
    }

    function _remunerate(Guarantee memory guarantee) internal {
        bytes memory envelope = _envelope(guarantee);
        core.remunerate(envelope, _sign(envelope));
    }

    function _remunerate(Decoder.GuaranteeV2 memory guarantee) internal {
        bytes memory envelope = _envelopeV2(guarantee);
        core.remunerate(envelope, _sign(envelope));
    }

    function _validate(bytes32 requestHash, uint8 response) internal {
        registry.set(requestHash, ScriptedRegistry.Validation(avs, 3, response, "proof-of-inference"));
    }

    // -- signatures

    /// @dev A signature that @noble/curves made with the secret key 7.
    function test_AcceptsASignatureOfAnotherImplementation() public view {
        bytes memory envelope = _envelope(
            Guarantee(
                keccak256("domain"),
                1,
                2,
                0x1111111111111111111111111111111111111111,
                0x2222222222222222222222222222222222222222,
                3,
                4,
                address(0),
                5,
                1
            )
        );
        BLS.G2Point memory signature = BLS.G2Point(
            0x000000000000000000000000000000000b19ebc47f732344ad54cc4a5eb961be,
            0xf03f1e287027be23c6176bba96319f1348535244ccc855ff1fb6ba8a3841cbe5,
            0x000000000000000000000000000000000c31ee4164288bcd63b818bcee2900c5,
            0xae4b0403bd85c8c69c19d70988ddc3a1348a3b259ce3e73e68a6cdacd26c9f52,
            0x0000000000000000000000000000000006d29118459a6c072216234c5fd5c4af,
            0x5e445b56a5a135bd97d9e39197bf880b8efaa69da1a64b41f55458e69c367673,
            0x0000000000000000000000000000000013f19a72cc598d86469b35acdf6f4e0d,
            0xdbcb131d441dfff88d64ec933985a0850d9badd2183e697fd08f978de2de2249
        );
        assertEq(keccak256(abi.encode(signature)), keccak256(abi.encode(_sign(envelope))));
        assertEq(core.verifyAndDecodeGuarantee(envelope, signature).totalAmount, 4);
    }

    function test_RevertWhen_TheSignatureIsOfAnotherMessageOrKey() public {
        Guarantee memory guarantee = _guarantee();
        bytes memory envelope = _envelope(guarantee);
        BLS.G2Point memory byOther = _sign(envelope, 8);
        guarantee.totalAmount += 1;
        BLS.G2Point memory ofOther = _sign(_envelope(guarantee));
        vm.expectRevert(DevnetCore4Mica.InvalidSignature.selector);
        core.verifyAndDecodeGuarantee(envelope, byOther);
        vm.expectRevert(DevnetCore4Mica.InvalidSignature.selector);
        core.verifyAndDecodeGuarantee(envelope, ofOther);
    }

    function test_RevertWhen_TheVersionIsDisabledOrUnknown() public {
        vm.prank(owner);
        core.configureGuaranteeVersion(2, _key(), _domain(2), address(decoder), false);
        bytes memory envelope = _envelopeV2(_guaranteeV2());
        BLS.G2Point memory signature = _sign(envelope);
        vm.expectRevert(abi.encodeWithSelector(DevnetCore4Mica.UnsupportedGuaranteeVersion.selector, 2));
        core.remunerate(envelope, signature);
    }

    // -- remuneration

    function test_PaysWhatTheTabOwes_Once() public {
        Guarantee memory guarantee = _guarantee();
        guarantee.totalAmount = 3 ether;
        vm.prank(operator);
        core.recordPaymentById(keccak256("a"), 1, address(0), 1 ether);
        vm.warp(START + 5);
        _remunerate(guarantee);
        assertEq(payee.balance, 2 ether);
        assertEq(core.collateral(payer), 8 ether);
        (uint256 paid, bool remunerated,) = core.getPaymentStatus(1);
        assertEq(paid, 1 ether);
        assertTrue(remunerated);

        bytes memory envelope = _envelope(guarantee);
        BLS.G2Point memory signature = _sign(envelope);
        vm.expectRevert(DevnetCore4Mica.TabPreviouslyRemunerated.selector);
        core.remunerate(envelope, signature);
    }

    function test_RevertWhen_ItIsTooEarlyOrTooLate() public {
        bytes memory envelope = _envelope(_guarantee());
        BLS.G2Point memory signature = _sign(envelope);
        vm.warp(START + 4);
        vm.expectRevert(DevnetCore4Mica.TabNotYetOverdue.selector);
        core.remunerate(envelope, signature);
        vm.warp(START + 3601);
        vm.expectRevert(DevnetCore4Mica.TabExpired.selector);
        core.remunerate(envelope, signature);
        vm.warp(START + 3600);
        core.remunerate(envelope, signature);
    }

    function test_RevertWhen_TheTabIsPaidOrTheCollateralGone() public {
        bytes memory envelope = _envelope(_guarantee());
        BLS.G2Point memory signature = _sign(envelope);
        vm.prank(operator);
        core.recordPaymentById(keccak256("a"), 1, address(0), 1 ether);
        vm.warp(START + 5);
        vm.expectRevert(DevnetCore4Mica.TabAlreadyPaid.selector);
        core.remunerate(envelope, signature);

        Guarantee memory guarantee = _guarantee();
        (guarantee.timestamp, guarantee.totalAmount) = (uint64(START), 12 ether);
        envelope = _envelope(guarantee);
        signature = _sign(envelope);
        vm.expectRevert(DevnetCore4Mica.DoubleSpendingDetected.selector);
        core.remunerate(envelope, signature);
    }

    function test_RevertWhen_TheDomainIsAnothers() public {
        Guarantee memory guarantee = _guarantee();
        guarantee.domain = keccak256("another");
        bytes memory envelope = _envelope(guarantee);
        BLS.G2Point memory signature = _sign(envelope);
        vm.warp(START + 5);
        vm.expectRevert(DevnetCore4Mica.InvalidGuaranteeDomain.selector);
        core.remunerate(envelope, signature);
    }

    // -- payments

    function test_RecordsAPaymentOnce() public {
        vm.startPrank(operator);
        core.recordPaymentById(keccak256("a"), 1, address(0), 1 ether);
        core.recordPaymentById(keccak256("a"), 1, address(0), 1 ether);
        (uint256 paid,,) = core.payments(1);
        assertEq(paid, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(DevnetCore4Mica.PaymentRecordConflict.selector, keccak256("a")));
        core.recordPaymentById(keccak256("a"), 1, address(0), 2 ether);
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(DevnetCore4Mica.AccessManagedUnauthorized.selector, address(this)));
        core.recordPaymentById(keccak256("b"), 1, address(0), 1 ether);
    }

    function test_PaysATabInAToken() public {
        token.mint(payer, 5);
        vm.startPrank(payer);
        token.approve(address(core), 5);
        vm.expectEmit(address(core));
        emit DevnetCore4Mica.TabPaid(1, address(token), payer, payee, 5);
        core.payTabInERC20Token(1, address(token), 5, payee);
        assertEq(token.balanceOf(payee), 5);
    }

    // -- collateral

    function test_WithdrawsAfterTheDelay() public {
        vm.startPrank(payer);
        core.requestWithdrawal(4 ether);
        vm.warp(START + 7199);
        vm.expectRevert(DevnetCore4Mica.GracePeriodNotElapsed.selector);
        core.finalizeWithdrawal();
        vm.warp(START + 7200);
        core.finalizeWithdrawal();
        assertEq(payer.balance, 94 ether);
        assertEq(core.collateral(payer), 6 ether);
        vm.expectRevert(DevnetCore4Mica.NoWithdrawalRequested.selector);
        core.finalizeWithdrawal();
    }

    function test_AWithdrawalLeavesWhatRemunerationTook() public {
        vm.prank(payer);
        core.requestWithdrawal(10 ether);
        vm.warp(START + 5);
        Guarantee memory guarantee = _guarantee();
        guarantee.timestamp = uint64(START);
        _remunerate(guarantee);
        vm.warp(START + 7200);
        vm.prank(payer);
        core.finalizeWithdrawal();
        assertEq(payer.balance, 99 ether);
        assertEq(address(core).balance, 0);
    }

    function test_TakesOnlyWhatIsCollateral() public {
        vm.expectRevert(DevnetCore4Mica.DirectTransferNotAllowed.selector);
        payable(address(core)).transfer(0);
        vm.expectRevert(abi.encodeWithSelector(DevnetCore4Mica.UnsupportedAsset.selector, avs));
        core.depositStablecoin(avs, 1);
        vm.prank(payer);
        vm.expectRevert(DevnetCore4Mica.InsufficientAvailable.selector);
        core.requestWithdrawal(11 ether);
    }

    function test_RevertWhen_TheDelaysDoNotFit() public {
        vm.startPrank(owner);
        vm.expectRevert(DevnetCore4Mica.IllegalValue.selector);
        core.setTimingParameters(10, 10, 1, 7200);
        vm.expectRevert(DevnetCore4Mica.IllegalValue.selector);
        core.setTimingParameters(5, 10, 1, 11);
        core.setTimingParameters(5, 10, 1, 12);
    }

    // -- V2

    function test_PaysAValidatedGuarantee() public {
        Decoder.GuaranteeV2 memory g = _guaranteeV2();
        _validate(g.validationRequestHash, 90);
        vm.warp(START + 5);
        _remunerate(g);
        assertEq(payee.balance, 1 ether);
    }

    function test_RevertWhen_TheGuaranteeIsNotCanonical() public {
        Decoder.GuaranteeV2 memory g = _guaranteeV2();
        g.minValidationScore = 0;
        _expectRefusal(g, abi.encodeWithSelector(Decoder.InvalidMinValidationScore.selector, 0));
        g = _guaranteeV2();
        g.validationChainId = 1;
        _expectRefusal(g, abi.encodeWithSelector(Decoder.InvalidValidationChainId.selector, block.chainid, 1));
        g = _guaranteeV2();
        g.validationRegistry = avs;
        _expectRefusal(g, abi.encodeWithSelector(Decoder.UntrustedValidationRegistry.selector, avs));
        g = _guaranteeV2();
        bytes32 good = g.validationSubjectHash;
        g.validationSubjectHash = 0;
        _expectRefusal(g, abi.encodeWithSelector(Decoder.ValidationSubjectHashMismatch.selector, good, 0));
        g = _guaranteeV2();
        good = g.validationRequestHash;
        g.validationRequestHash = 0;
        _expectRefusal(g, abi.encodeWithSelector(Decoder.ValidationRequestHashMismatch.selector, good, 0));
    }

    function test_RevertWhen_TheValidationFallsShort() public {
        Decoder.GuaranteeV2 memory g = _guaranteeV2();
        bytes32 hash = g.validationRequestHash;
        _expectRefusal(g, abi.encodeWithSelector(Decoder.ValidationLookupFailed.selector, registry, hash));
        _validate(hash, 89);
        _expectRefusal(g, abi.encodeWithSelector(Decoder.ValidationScoreTooLow.selector, 89, 90));
        registry.set(hash, ScriptedRegistry.Validation(payee, 3, 90, "proof-of-inference"));
        _expectRefusal(g, abi.encodeWithSelector(Decoder.ValidationValidatorMismatch.selector, avs, payee));
        registry.set(hash, ScriptedRegistry.Validation(avs, 4, 90, "proof-of-inference"));
        _expectRefusal(g, abi.encodeWithSelector(Decoder.ValidationAgentMismatch.selector, 3, 4));
        registry.set(hash, ScriptedRegistry.Validation(avs, 3, 90, "other"));
        _expectRefusal(
            g,
            abi.encodeWithSelector(
                Decoder.ValidationTagMismatch.selector, keccak256("proof-of-inference"), keccak256("other")
            )
        );
        vm.warp(START + 5);
        g.requiredValidationTag = "";
        _bind(g);
        registry.set(g.validationRequestHash, ScriptedRegistry.Validation(avs, 3, 90, "any"));
        _remunerate(g);
    }

    function test_RevertWhen_TheResponseIsFlippedBeforeTheClaim() public {
        Decoder.GuaranteeV2 memory g = _guaranteeV2();
        _validate(g.validationRequestHash, 95);
        _validate(g.validationRequestHash, 0);
        _expectRefusal(g, abi.encodeWithSelector(Decoder.ValidationScoreTooLow.selector, 0, 90));
    }

    function _expectRefusal(Decoder.GuaranteeV2 memory g, bytes memory reason) internal {
        bytes memory envelope = _envelopeV2(g);
        BLS.G2Point memory signature = _sign(envelope);
        vm.expectRevert(reason);
        core.remunerate(envelope, signature);
    }

    // -- accounting

    /// @dev Any sequence of operations on one tab moves only what was promised, and loses nothing.
    function testFuzz_NothingIsLost(uint256 seed) public {
        uint256 total;
        uint256 recorded;
        uint256 collected;
        uint256 withdrawn;
        for (uint256 i = 0; i < 12; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 amount = 1 + (seed >> 8) % 4 ether;
            vm.warp(block.timestamp + (seed >> 128) % 1500);
            uint256 operation = seed % 6;
            uint256 before = payee.balance;
            if (operation == 0) {
                vm.prank(payer);
                core.deposit{ value: amount }();
            } else if (operation == 1) {
                vm.prank(payer);
                try core.requestWithdrawal(amount) { } catch { }
            } else if (operation == 2) {
                uint256 held = payer.balance;
                vm.prank(payer);
                try core.finalizeWithdrawal() { } catch { }
                withdrawn += payer.balance - held;
            } else if (operation == 3) {
                vm.prank(operator);
                core.recordPaymentById(bytes32(seed), 1, address(0), amount);
                recorded += amount;
            } else {
                if (operation == 4) total += amount;
                Decoder.GuaranteeV2 memory g = _guaranteeV2();
                (g.totalAmount, g.timestamp) = (total, uint64(block.timestamp - 5));
                _bind(g);
                _validate(g.validationRequestHash, uint8((seed >> 32) % 101));
                bytes memory envelope = _envelopeV2(g);
                try core.remunerate(envelope, _sign(envelope)) {
                    assertEq(collected, 0);
                    assertGe((seed >> 32) % 101, 90);
                    assertEq(payee.balance - before, total - recorded);
                } catch { }
                collected += payee.balance - before;
            }
        }
        assertEq(address(core).balance, core.collateral(payer));
        assertEq(payer.balance + core.collateral(payer) + collected, 100 ether);
        assertEq(payee.balance, collected);
    }
}
