// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Guarantee, IGuaranteeDecoder } from "./DevnetCore4Mica.sol";

interface IValidationStatus {
    function getValidationStatus(bytes32 requestHash)
        external
        view
        returns (
            address validatorAddress,
            uint256 agentId,
            uint8 response,
            bytes32 responseHash,
            string memory tag,
            uint256 lastUpdate
        );
}

/// @title Stand-in for 4Mica's decoder of V2 guarantees: payable once an ERC-8004 validation is good enough
contract DevnetValidationRegistryGuaranteeDecoder is IGuaranteeDecoder {
    struct GuaranteeV2 {
        bytes32 domain;
        uint256 tabId;
        uint256 reqId;
        address client;
        address recipient;
        uint256 amount;
        uint256 totalAmount;
        address asset;
        uint64 timestamp;
        uint64 version;
        address validationRegistry;
        bytes32 validationRequestHash;
        uint64 validationChainId;
        address validator;
        uint256 validatorAgentId;
        uint8 minValidationScore;
        bytes32 validationSubjectHash;
        bytes32 jobHash;
        string requiredValidationTag;
    }

    uint64 private constant VERSION = 2;
    bytes32 private constant SUBJECT_BINDING = keccak256("4MICA_VALIDATION_SUBJECT_V1");
    bytes32 private constant REQUEST_BINDING = keccak256("4MICA_VALIDATION_REQUEST_V2");

    mapping(address registry => bool) public isTrustedValidationRegistry;

    error InvalidMinValidationScore(uint8 score);
    error InvalidValidationChainId(uint64 expected, uint64 actual);
    error UnsupportedGuaranteeVersion(uint64 version);
    error UntrustedValidationRegistry(address registry);
    error ValidationAgentMismatch(uint256 expected, uint256 actual);
    error ValidationLookupFailed(address registry, bytes32 requestHash);
    error ValidationRequestHashMismatch(bytes32 expected, bytes32 actual);
    error ValidationScoreTooLow(uint8 response, uint8 minValidationScore);
    error ValidationSubjectHashMismatch(bytes32 expected, bytes32 actual);
    error ValidationTagMismatch(bytes32 expectedTagHash, bytes32 actualTagHash);
    error ValidationValidatorMismatch(address expected, address actual);

    constructor(address[] memory trustedRegistries) {
        for (uint256 i = 0; i < trustedRegistries.length; ++i) {
            isTrustedValidationRegistry[trustedRegistries[i]] = true;
        }
    }

    function decode(bytes calldata data) external view returns (Guarantee memory) {
        GuaranteeV2 memory g = abi.decode(data, (GuaranteeV2));
        require(g.version == VERSION, UnsupportedGuaranteeVersion(g.version));
        require(g.minValidationScore >= 1 && g.minValidationScore <= 100, InvalidMinValidationScore(g.minValidationScore));
        require(
            g.validationChainId == block.chainid,
            InvalidValidationChainId(uint64(block.chainid), g.validationChainId)
        );
        require(
            isTrustedValidationRegistry[g.validationRegistry], UntrustedValidationRegistry(g.validationRegistry)
        );
        bytes32 subjectHash = _hashSubject(g);
        require(
            g.validationSubjectHash == subjectHash, ValidationSubjectHashMismatch(subjectHash, g.validationSubjectHash)
        );
        bytes32 requestHash = _hashRequest(g);
        require(
            g.validationRequestHash == requestHash, ValidationRequestHashMismatch(requestHash, g.validationRequestHash)
        );
        _requireValidation(g);
        return Guarantee(
            g.domain,
            g.tabId,
            g.reqId,
            g.client,
            g.recipient,
            g.amount,
            g.totalAmount,
            g.asset,
            g.timestamp,
            g.version
        );
    }

    /// @dev A request that was not answered has the score 0 in the registry, hence is too low. An empty tag asks for none.
    function _requireValidation(GuaranteeV2 memory g) private view {
        try IValidationStatus(g.validationRegistry).getValidationStatus(g.validationRequestHash) returns (
            address validator, uint256 agentId, uint8 response, bytes32, string memory tag, uint256
        ) {
            require(response >= g.minValidationScore, ValidationScoreTooLow(response, g.minValidationScore));
            require(validator == g.validator, ValidationValidatorMismatch(g.validator, validator));
            require(agentId == g.validatorAgentId, ValidationAgentMismatch(g.validatorAgentId, agentId));
            bytes32 required = keccak256(bytes(g.requiredValidationTag));
            bytes32 actual = keccak256(bytes(tag));
            require(
                bytes(g.requiredValidationTag).length == 0 || required == actual, ValidationTagMismatch(required, actual)
            );
        } catch {
            revert ValidationLookupFailed(g.validationRegistry, g.validationRequestHash);
        }
    }

    function _hashSubject(GuaranteeV2 memory g) private pure returns (bytes32) {
        return keccak256(
            abi.encode(SUBJECT_BINDING, g.tabId, g.reqId, g.client, g.recipient, g.amount, g.asset, g.timestamp)
        );
    }

    function _hashRequest(GuaranteeV2 memory g) private pure returns (bytes32) {
        return keccak256(
            abi.encode(
                REQUEST_BINDING,
                uint256(g.validationChainId),
                g.validationRegistry,
                g.validator,
                g.validatorAgentId,
                g.validationSubjectHash,
                g.minValidationScore,
                keccak256(bytes(g.requiredValidationTag)),
                g.jobHash
            )
        );
    }
}
