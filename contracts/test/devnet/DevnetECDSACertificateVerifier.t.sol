// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Test, Vm } from "forge-std/Test.sol";

import { DevnetECDSACertificateVerifier } from "../../devnet/DevnetECDSACertificateVerifier.sol";
import { DevnetOperatorTableUpdater } from "../../devnet/DevnetOperatorTableUpdater.sol";
import { ECDSACertificate, OperatorSetConfig } from "../../devnet/EigenLayerTypes.sol";
import { OperatorSet } from "../../src/interfaces/external/IAllocationManager.sol";
import { ECDSAOperatorInfo } from "../../src/interfaces/external/IECDSACertificateVerifier.sol";

/// @dev Three operators, each with one unit of a kind of stake and ten of another, in a table at `TIMESTAMP`.
contract DevnetECDSACertificateVerifierTest is Test {
    uint32 private constant TIMESTAMP = 1_800_000_000;
    uint32 private constant STALENESS = 14 days;
    uint32 private constant SET_ID = 7;
    bytes32 private constant MESSAGE = keccak256("message");

    DevnetOperatorTableUpdater private updater;
    DevnetECDSACertificateVerifier private verifier;
    Vm.Wallet[] private operators;
    Vm.Wallet private outsider;
    address private avs = makeAddr("avs");
    address private owner = makeAddr("set owner");
    address private stranger = makeAddr("stranger");

    function setUp() public {
        vm.warp(TIMESTAMP);
        updater = new DevnetOperatorTableUpdater(address(this));
        verifier = updater.ecdsaCertificateVerifier();
        outsider = vm.createWallet("outsider");
        _addOperator("operator 0");
        _addOperator("operator 1");
        _addOperator("operator 2");
        _post(TIMESTAMP, _table());
    }

    // -- setting up

    /// @dev Operators are kept by ascending address.
    function _addOperator(string memory name) private {
        operators.push(vm.createWallet(name));
        for (uint256 i = operators.length - 1; i > 0 && operators[i].addr < operators[i - 1].addr; --i) {
            Vm.Wallet memory higher = operators[i - 1];
            operators[i - 1] = operators[i];
            operators[i] = higher;
        }
    }

    function _set() private view returns (OperatorSet memory) {
        return OperatorSet(avs, SET_ID);
    }

    function _config() private view returns (OperatorSetConfig memory) {
        return OperatorSetConfig(owner, STALENESS);
    }

    function _table() private view returns (ECDSAOperatorInfo[] memory infos) {
        infos = new ECDSAOperatorInfo[](operators.length);
        for (uint256 i = 0; i < infos.length; ++i) {
            infos[i] = ECDSAOperatorInfo(operators[i].addr, new uint256[](2));
            infos[i].weights[0] = 1;
            infos[i].weights[1] = 10;
        }
    }

    function _post(uint32 timestamp, ECDSAOperatorInfo[] memory infos) private {
        updater.postOperatorTable(_set(), timestamp, infos, _config());
    }

    function _disableRoot(uint32 timestamp) private {
        updater.disableRoot(updater.getGlobalTableRootByTimestamp(timestamp));
    }

    // -- certificates

    function _sign(Vm.Wallet memory wallet) private view returns (bytes memory) {
        return _sign(wallet, verifier.calculateCertificateDigest(TIMESTAMP, MESSAGE));
    }

    function _sign(Vm.Wallet memory wallet, bytes32 digest) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(wallet.privateKey, digest);
        return abi.encodePacked(r, s, v);
    }

    function _certificate(bytes memory signatures) private pure returns (ECDSACertificate memory) {
        return ECDSACertificate(TIMESTAMP, MESSAGE, signatures);
    }

    /// @notice Signed by the first `count` operators.
    function _certificateOf(uint256 count) private view returns (ECDSACertificate memory) {
        bytes memory signatures;
        for (uint256 i = 0; i < count; ++i) {
            signatures = abi.encodePacked(signatures, _sign(operators[i]));
        }
        return _certificate(signatures);
    }

    function _expectRefused(ECDSACertificate memory certificate, bytes4 selector) private {
        vm.expectRevert(selector);
        verifier.verifyCertificate(_set(), certificate);
        vm.expectRevert(selector);
        verifier.verifyCertificateProportion(_set(), certificate, new uint16[](2));
        vm.expectRevert(selector);
        verifier.verifyCertificateNominal(_set(), certificate, new uint256[](2));
    }

    function _isProportion(uint256 signerCount, uint16 first, uint16 second) private view returns (bool isReached) {
        uint16[] memory thresholds = new uint16[](2);
        (thresholds[0], thresholds[1]) = (first, second);
        (isReached,) = verifier.verifyCertificateProportion(_set(), _certificateOf(signerCount), thresholds);
    }

    function _isNominal(uint256 signerCount, uint256 first, uint256 second) private view returns (bool isReached) {
        uint256[] memory thresholds = new uint256[](2);
        (thresholds[0], thresholds[1]) = (first, second);
        (isReached,) = verifier.verifyCertificateNominal(_set(), _certificateOf(signerCount), thresholds);
    }

    // -- tables

    function test_OnlyTheTableUpdaterPosts() public {
        assertEq(verifier.operatorTableUpdater(), address(updater));
        vm.expectRevert(DevnetECDSACertificateVerifier.OnlyTableUpdater.selector);
        verifier.updateOperatorTable(_set(), TIMESTAMP + 1, _table(), _config());

        vm.warp(TIMESTAMP + 1);
        vm.expectEmit(address(verifier));
        emit DevnetECDSACertificateVerifier.TableUpdated(_set(), TIMESTAMP + 1, _table());
        vm.prank(address(updater));
        verifier.updateOperatorTable(_set(), TIMESTAMP + 1, _table(), _config());
        assertEq(verifier.latestReferenceTimestamp(_set()), TIMESTAMP + 1);
    }

    function test_TablesAreReadAtTheirTimestamps() public view {
        assertTrue(verifier.isReferenceTimestampSet(_set(), TIMESTAMP));
        assertEq(verifier.latestReferenceTimestamp(_set()), TIMESTAMP);
        assertEq(verifier.maxOperatorTableStaleness(_set()), STALENESS);
        assertEq(verifier.getOperatorSetOwner(_set()), owner);
        assertEq(verifier.getOperatorCount(_set(), TIMESTAMP), 3);
        assertEq(keccak256(abi.encode(verifier.getOperatorInfos(_set(), TIMESTAMP))), keccak256(abi.encode(_table())));
        ECDSAOperatorInfo memory info = verifier.getOperatorInfo(_set(), TIMESTAMP, 2);
        assertEq(info.pubkey, operators[2].addr);
        assertEq(info.weights[1], 10);
        uint256[] memory totals = verifier.getTotalStakeWeights(_set(), TIMESTAMP);
        assertEq(totals.length, 2);
        assertEq(totals[0], 3);
        assertEq(totals[1], 30);
    }

    function test_NoTableIsEmpty() public {
        OperatorSet[2] memory sets = [_set(), OperatorSet(avs, SET_ID + 1)];
        uint32[2] memory timestamps = [TIMESTAMP + 1, TIMESTAMP];
        for (uint256 i = 0; i < sets.length; ++i) {
            assertFalse(verifier.isReferenceTimestampSet(sets[i], timestamps[i]));
            assertEq(verifier.getOperatorInfos(sets[i], timestamps[i]).length, 0);
            assertEq(verifier.getOperatorCount(sets[i], timestamps[i]), 0);
            vm.expectRevert(DevnetECDSACertificateVerifier.OperatorCountZero.selector);
            verifier.getTotalStakeWeights(sets[i], timestamps[i]);
        }
        assertEq(verifier.latestReferenceTimestamp(sets[1]), 0);
        vm.expectRevert(DevnetECDSACertificateVerifier.IndexOutOfBounds.selector);
        verifier.getOperatorInfo(_set(), TIMESTAMP, 3);
    }

    function test_TimestampsAscendAndOldTablesStay() public {
        vm.warp(TIMESTAMP + 10);
        vm.expectRevert(DevnetECDSACertificateVerifier.TableUpdateStale.selector);
        _post(TIMESTAMP, _table());
        vm.expectRevert(DevnetECDSACertificateVerifier.TableUpdateStale.selector);
        _post(TIMESTAMP - 1, _table());
        _post(TIMESTAMP + 1, new ECDSAOperatorInfo[](0));
        assertTrue(verifier.isReferenceTimestampSet(_set(), TIMESTAMP + 1));
        assertEq(verifier.getOperatorCount(_set(), TIMESTAMP), 3);
        (uint256[] memory signed,) = verifier.verifyCertificate(_set(), _certificateOf(1));
        assertEq(signed[0], 1);
    }

    // -- the table updater

    function test_OnlyTheOwnerPostsAndDisables() public {
        bytes32 root = updater.getGlobalTableRootByTimestamp(TIMESTAMP);
        vm.startPrank(stranger);
        vm.expectRevert(DevnetOperatorTableUpdater.OnlyOwner.selector);
        updater.postOperatorTable(_set(), TIMESTAMP + 1, _table(), _config());
        vm.expectRevert(DevnetOperatorTableUpdater.OnlyPauser.selector);
        updater.disableRoot(root);
    }

    function test_NoTableIsPostedInTheFuture() public {
        vm.expectRevert(DevnetOperatorTableUpdater.GlobalTableRootInFuture.selector);
        _post(TIMESTAMP + 1, _table());
    }

    function test_SetsShareTheRootOfATimestamp() public {
        OperatorSet memory other = OperatorSet(avs, SET_ID + 1);
        updater.postOperatorTable(other, TIMESTAMP, _table(), _config());
        bytes32 root = updater.getGlobalTableRootByTimestamp(TIMESTAMP);
        assertTrue(updater.isRootValid(root));
        assertTrue(updater.isRootValidByTimestamp(TIMESTAMP));
        assertFalse(updater.isRootValidByTimestamp(TIMESTAMP + 1));

        vm.expectEmit(address(updater));
        emit DevnetOperatorTableUpdater.GlobalRootDisabled(root);
        updater.disableRoot(root);
        assertFalse(updater.isRootValid(root));
        assertFalse(updater.isRootValidByTimestamp(TIMESTAMP));
        vm.expectRevert(DevnetOperatorTableUpdater.InvalidRoot.selector);
        updater.disableRoot(root);
        vm.expectRevert(DevnetOperatorTableUpdater.InvalidRoot.selector);
        updater.postOperatorTable(OperatorSet(avs, SET_ID + 2), TIMESTAMP, _table(), _config());

        vm.warp(TIMESTAMP + 1);
        _post(TIMESTAMP + 1, _table());
        assertTrue(updater.isRootValidByTimestamp(TIMESTAMP + 1));
    }

    // -- verifying

    function test_SignersAddUp() public view {
        (uint256[] memory signed, address[] memory signers) = verifier.verifyCertificate(_set(), _certificateOf(2));
        assertEq(signed.length, 2);
        assertEq(signed[0], 2);
        assertEq(signed[1], 20);
        assertEq(signers.length, 2);
        assertEq(signers[0], operators[0].addr);
        assertEq(signers[1], operators[1].addr);
    }

    function test_TheDigestHasNoChainId() public {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,address verifyingContract)"),
                keccak256("EigenLayer"),
                keccak256("1"),
                address(verifier)
            )
        );
        bytes32 certificate = keccak256(
            abi.encode(keccak256("ECDSACertificate(uint32 referenceTimestamp,bytes32 messageHash)"), TIMESTAMP, MESSAGE)
        );
        bytes memory data = abi.encodePacked(hex"1901", domain, certificate);
        assertEq(verifier.domainSeparator(), domain);
        assertEq(verifier.calculateCertificateDigestBytes(TIMESTAMP, MESSAGE), data);
        assertEq(verifier.calculateCertificateDigest(TIMESTAMP, MESSAGE), keccak256(data));
        vm.chainId(8453);
        assertEq(verifier.calculateCertificateDigest(TIMESTAMP, MESSAGE), keccak256(data));
        assertEq(bytes(verifier.version())[0], "1");
    }

    function test_StaleTablesAreRefused() public {
        vm.warp(TIMESTAMP + STALENESS);
        verifier.verifyCertificate(_set(), _certificateOf(1));
        vm.warp(TIMESTAMP + STALENESS + 1);
        _expectRefused(_certificateOf(1), DevnetECDSACertificateVerifier.CertificateStale.selector);

        // the newest table's period holds for all, and none is for ever
        updater.postOperatorTable(_set(), TIMESTAMP + 1, _table(), OperatorSetConfig(owner, 0));
        verifier.verifyCertificate(_set(), _certificateOf(1));
    }

    function test_UnknownTimestampsAreRefused() public {
        ECDSACertificate memory certificate = _certificateOf(1);
        certificate.referenceTimestamp = TIMESTAMP + 1;
        _expectRefused(certificate, DevnetECDSACertificateVerifier.ReferenceTimestampDoesNotExist.selector);
    }

    function test_DisabledRootsAreRefused() public {
        _disableRoot(TIMESTAMP);
        _expectRefused(_certificateOf(1), DevnetECDSACertificateVerifier.RootDisabled.selector);
    }

    function test_SignaturesHave65Bytes() public {
        bytes4 selector = DevnetECDSACertificateVerifier.InvalidSignatureLength.selector;
        bytes memory signature = _sign(operators[0]);
        _expectRefused(_certificate(""), selector);
        _expectRefused(_certificate(abi.encodePacked(signature, uint8(0))), selector);
        signature[64] = 0;
        _expectRefused(_certificate(signature), DevnetECDSACertificateVerifier.InvalidSignature.selector);
    }

    function test_SignersAscend() public {
        bytes4 selector = DevnetECDSACertificateVerifier.SignersNotOrdered.selector;
        bytes memory first = _sign(operators[0]);
        _expectRefused(_certificate(abi.encodePacked(_sign(operators[1]), first)), selector);
        _expectRefused(_certificate(abi.encodePacked(first, first)), selector);
    }

    function test_OneOutsiderVoidsAll() public {
        bytes memory signatures;
        bool isAdded;
        for (uint256 i = 0; i < operators.length; ++i) {
            if (!isAdded && outsider.addr < operators[i].addr) {
                signatures = abi.encodePacked(signatures, _sign(outsider));
                isAdded = true;
            }
            signatures = abi.encodePacked(signatures, _sign(operators[i]));
        }
        if (!isAdded) signatures = abi.encodePacked(signatures, _sign(outsider));
        _expectRefused(_certificate(signatures), DevnetECDSACertificateVerifier.VerificationFailed.selector);
    }

    function test_ASignatureOfAnotherMessageIsAnOutsiders() public {
        bytes memory signature = _sign(operators[0], verifier.calculateCertificateDigest(TIMESTAMP, keccak256("other")));
        _expectRefused(_certificate(signature), DevnetECDSACertificateVerifier.VerificationFailed.selector);
    }

    function test_ATableWithoutOperatorsVerifiesNothing() public {
        vm.warp(TIMESTAMP + 1);
        _post(TIMESTAMP + 1, new ECDSAOperatorInfo[](0));
        bytes32 digest = verifier.calculateCertificateDigest(TIMESTAMP + 1, MESSAGE);
        ECDSACertificate memory certificate = ECDSACertificate(TIMESTAMP + 1, MESSAGE, _sign(operators[0], digest));
        _expectRefused(certificate, DevnetECDSACertificateVerifier.OperatorCountZero.selector);
    }

    function test_ProportionsAreRoundedDown() public view {
        // of 3, two thirds and a bit is 2
        assertTrue(_isProportion(2, 6_667, 0));
        assertFalse(_isProportion(1, 6_667, 0));
        // of 30, it is 20
        assertTrue(_isProportion(2, 6_667, 6_667));
        assertFalse(_isProportion(2, 6_667, 7_000));
        assertFalse(_isProportion(2, 10_000, 0));
        assertTrue(_isProportion(3, 10_000, 10_000));
    }

    function test_NominalThresholdsAreReached() public view {
        assertTrue(_isNominal(2, 2, 20));
        assertFalse(_isNominal(2, 3, 20));
        assertFalse(_isNominal(2, 2, 21));
    }

    function test_ThereIsAThresholdForEveryKindOfStake() public {
        ECDSACertificate memory certificate = _certificateOf(1);
        for (uint256 length = 1; length <= 3; length += 2) {
            vm.expectRevert(DevnetECDSACertificateVerifier.ArrayLengthMismatch.selector);
            verifier.verifyCertificateProportion(_set(), certificate, new uint16[](length));
            vm.expectRevert(DevnetECDSACertificateVerifier.ArrayLengthMismatch.selector);
            verifier.verifyCertificateNominal(_set(), certificate, new uint256[](length));
        }
    }
}
