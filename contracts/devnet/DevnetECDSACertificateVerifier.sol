// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { OperatorSet } from "../src/interfaces/external/IAllocationManager.sol";
import { ECDSAOperatorInfo } from "../src/interfaces/external/IECDSACertificateVerifier.sol";
import { IOperatorTableUpdater } from "../src/interfaces/external/IOperatorTableUpdater.sol";
import { ECDSACertificate, OperatorSetConfig } from "./EigenLayerTypes.sol";
import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { MessageHashUtils } from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

/// @title Stand-in for EigenLayer's ECDSACertificateVerifier: operator tables on other chains, and what operators sign
/// @dev The table updater is trusted with the contents of a table; old tables stay, and still verify.
contract DevnetECDSACertificateVerifier {
    struct SetState {
        uint32 latest;
        uint32 maxStaleness;
        address owner;
    }

    uint256 private constant SIGNATURE_LENGTH = 65;
    uint256 private constant BPS = 10_000;
    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,address verifyingContract)");
    bytes32 private constant CERTIFICATE_TYPEHASH =
        keccak256("ECDSACertificate(uint32 referenceTimestamp,bytes32 messageHash)");

    string public constant version = "1.9.0";
    address public immutable operatorTableUpdater;

    mapping(bytes32 setHash => SetState) private _sets;
    mapping(bytes32 setHash => mapping(uint32 timestamp => bool)) private _isPosted;
    mapping(bytes32 setHash => mapping(uint32 timestamp => ECDSAOperatorInfo[])) private _tables;

    event TableUpdated(OperatorSet operatorSet, uint32 referenceTimestamp, ECDSAOperatorInfo[] operatorInfos);

    error ArrayLengthMismatch();
    error CertificateStale();
    error IndexOutOfBounds();
    error InvalidSignature();
    error InvalidSignatureLength();
    error OnlyTableUpdater();
    error OperatorCountZero();
    error ReferenceTimestampDoesNotExist();
    error RootDisabled();
    error SignersNotOrdered();
    error TableUpdateStale();
    error VerificationFailed();

    constructor(address operatorTableUpdater_) {
        operatorTableUpdater = operatorTableUpdater_;
    }

    // -- tables

    /// @dev A set may be posted without operators.
    function updateOperatorTable(
        OperatorSet calldata operatorSet,
        uint32 referenceTimestamp,
        ECDSAOperatorInfo[] calldata operatorInfos,
        OperatorSetConfig calldata operatorSetConfig
    ) external {
        require(msg.sender == operatorTableUpdater, OnlyTableUpdater());
        bytes32 key = _hash(operatorSet);
        require(referenceTimestamp > _sets[key].latest, TableUpdateStale());
        _sets[key] = SetState(referenceTimestamp, operatorSetConfig.maxStalenessPeriod, operatorSetConfig.owner);
        _isPosted[key][referenceTimestamp] = true;
        for (uint256 i = 0; i < operatorInfos.length; ++i) {
            _tables[key][referenceTimestamp].push(operatorInfos[i]);
        }
        emit TableUpdated(operatorSet, referenceTimestamp, operatorInfos);
    }

    // -- certificates

    /// @return The signed weights by kind of stake.
    /// @return The signers, ascending.
    function verifyCertificate(OperatorSet calldata operatorSet, ECDSACertificate calldata cert)
        external
        view
        returns (uint256[] memory, address[] memory)
    {
        return _verify(operatorSet, cert);
    }

    /// @param totalStakeProportionThresholds By kind of stake, the share of the total that must have signed, in basis
    /// points. What it comes to is rounded down.
    function verifyCertificateProportion(
        OperatorSet calldata operatorSet,
        ECDSACertificate calldata cert,
        uint16[] calldata totalStakeProportionThresholds
    ) external view returns (bool, address[] memory) {
        (uint256[] memory signed, address[] memory signers) = _verify(operatorSet, cert);
        require(signed.length == totalStakeProportionThresholds.length, ArrayLengthMismatch());
        uint256[] memory thresholds = getTotalStakeWeights(operatorSet, cert.referenceTimestamp);
        for (uint256 i = 0; i < thresholds.length; ++i) {
            thresholds[i] = thresholds[i] * totalStakeProportionThresholds[i] / BPS;
        }
        return (_isReached(signed, thresholds), signers);
    }

    /// @param totalStakeNominalThresholds By kind of stake, the weight that must have signed.
    function verifyCertificateNominal(
        OperatorSet calldata operatorSet,
        ECDSACertificate calldata cert,
        uint256[] memory totalStakeNominalThresholds
    ) external view returns (bool, address[] memory) {
        (uint256[] memory signed, address[] memory signers) = _verify(operatorSet, cert);
        require(signed.length == totalStakeNominalThresholds.length, ArrayLengthMismatch());
        return (_isReached(signed, totalStakeNominalThresholds), signers);
    }

    /// @return The digest that operators sign. It binds neither chain nor set: the message hash must.
    function calculateCertificateDigest(uint32 referenceTimestamp, bytes32 messageHash) public view returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(domainSeparator(), _structHash(referenceTimestamp, messageHash));
    }

    /// @return What `calculateCertificateDigest` is the keccak256 of.
    function calculateCertificateDigestBytes(uint32 referenceTimestamp, bytes32 messageHash)
        external
        view
        returns (bytes memory)
    {
        return abi.encodePacked(hex"1901", domainSeparator(), _structHash(referenceTimestamp, messageHash));
    }

    function domainSeparator() public view returns (bytes32) {
        return keccak256(abi.encode(DOMAIN_TYPEHASH, keccak256("EigenLayer"), keccak256("1"), address(this)));
    }

    // -- reading

    function latestReferenceTimestamp(OperatorSet memory operatorSet) external view returns (uint32) {
        return _sets[_hash(operatorSet)].latest;
    }

    function maxOperatorTableStaleness(OperatorSet memory operatorSet) external view returns (uint32) {
        return _sets[_hash(operatorSet)].maxStaleness;
    }

    function getOperatorSetOwner(OperatorSet memory operatorSet) external view returns (address) {
        return _sets[_hash(operatorSet)].owner;
    }

    function isReferenceTimestampSet(OperatorSet memory operatorSet, uint32 referenceTimestamp)
        external
        view
        returns (bool)
    {
        return _isPosted[_hash(operatorSet)][referenceTimestamp];
    }

    function getOperatorCount(OperatorSet memory operatorSet, uint32 referenceTimestamp)
        external
        view
        returns (uint256)
    {
        return _tables[_hash(operatorSet)][referenceTimestamp].length;
    }

    function getOperatorInfo(OperatorSet memory operatorSet, uint32 referenceTimestamp, uint256 operatorIndex)
        external
        view
        returns (ECDSAOperatorInfo memory)
    {
        ECDSAOperatorInfo[] storage table = _tables[_hash(operatorSet)][referenceTimestamp];
        require(operatorIndex < table.length, IndexOutOfBounds());
        return table[operatorIndex];
    }

    function getOperatorInfos(OperatorSet memory operatorSet, uint32 referenceTimestamp)
        external
        view
        returns (ECDSAOperatorInfo[] memory)
    {
        return _tables[_hash(operatorSet)][referenceTimestamp];
    }

    /// @return totals By kind of stake; the first operator tells how many kinds there are.
    function getTotalStakeWeights(OperatorSet calldata operatorSet, uint32 referenceTimestamp)
        public
        view
        returns (uint256[] memory)
    {
        ECDSAOperatorInfo[] storage table = _tables[_hash(operatorSet)][referenceTimestamp];
        require(table.length != 0, OperatorCountZero());
        uint256[] memory totals = new uint256[](table[0].weights.length);
        for (uint256 i = 0; i < table.length; ++i) {
            _add(totals, table[i].weights);
        }
        return totals;
    }

    // -- internals

    function _verify(OperatorSet calldata operatorSet, ECDSACertificate calldata cert)
        private
        view
        returns (uint256[] memory signed, address[] memory signers)
    {
        bytes32 key = _hash(operatorSet);
        uint256 staleness = _sets[key].maxStaleness;
        require(staleness == 0 || block.timestamp <= cert.referenceTimestamp + staleness, CertificateStale());
        require(_isPosted[key][cert.referenceTimestamp], ReferenceTimestampDoesNotExist());
        require(
            IOperatorTableUpdater(operatorTableUpdater).isRootValidByTimestamp(cert.referenceTimestamp), RootDisabled()
        );
        signers = _recover(calculateCertificateDigest(cert.referenceTimestamp, cert.messageHash), cert.sig);
        signed = new uint256[](getTotalStakeWeights(operatorSet, cert.referenceTimestamp).length);
        for (uint256 i = 0; i < signers.length; ++i) {
            _add(signed, _weightsOf(_tables[key][cert.referenceTimestamp], signers[i]));
        }
    }

    /// @dev Signers must ascend, so that none counts twice.
    function _recover(bytes32 digest, bytes calldata signatures) private pure returns (address[] memory signers) {
        require(
            signatures.length != 0 && signatures.length % SIGNATURE_LENGTH == 0, InvalidSignatureLength()
        );
        signers = new address[](signatures.length / SIGNATURE_LENGTH);
        address previous;
        for (uint256 i = 0; i < signers.length; ++i) {
            bytes calldata signature = signatures[i * SIGNATURE_LENGTH:(i + 1) * SIGNATURE_LENGTH];
            (address signer, ECDSA.RecoverError error_,) = ECDSA.tryRecoverCalldata(digest, signature);
            require(error_ == ECDSA.RecoverError.NoError, InvalidSignature());
            require(signer > previous, SignersNotOrdered());
            signers[i] = signer;
            previous = signer;
        }
    }

    function _weightsOf(ECDSAOperatorInfo[] storage table, address signer) private view returns (uint256[] memory) {
        for (uint256 i = 0; i < table.length; ++i) {
            if (table[i].pubkey == signer) return table[i].weights;
        }
        revert VerificationFailed();
    }

    function _add(uint256[] memory sums, uint256[] memory weights) private pure {
        for (uint256 i = 0; i < weights.length && i < sums.length; ++i) {
            sums[i] += weights[i];
        }
    }

    function _isReached(uint256[] memory signed, uint256[] memory thresholds) private pure returns (bool) {
        for (uint256 i = 0; i < signed.length; ++i) {
            if (signed[i] < thresholds[i]) return false;
        }
        return true;
    }

    function _structHash(uint32 referenceTimestamp, bytes32 messageHash) private pure returns (bytes32) {
        return keccak256(abi.encode(CERTIFICATE_TYPEHASH, referenceTimestamp, messageHash));
    }

    function _hash(OperatorSet memory operatorSet) private pure returns (bytes32) {
        return keccak256(abi.encode(operatorSet));
    }
}
