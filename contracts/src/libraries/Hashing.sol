// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { EfficientHashLib } from "solady/utils/EfficientHashLib.sol";

import { Attestation, Job, Request, Status } from "../types/DataTypes.sol";

/// @title EIP-712 struct hashes of jobs, requests and attestations
/// @dev Every field is one static word, so `abi.encode(typehash, struct)` is the EIP-712 encoding; and in memory, where
/// fields are clean, it is the typehash before the struct as it lies there.
library Hashing {
    bytes32 internal constant JOB_TYPEHASH = keccak256(
        "Job(bytes32 modelVersionId,bytes32 inputDigest,bytes32 outputDigest,bool hasAgent,uint256 agentId,"
        "address payee,uint16 quorumBps,uint16 minAttestations,uint16 minConfidence,bytes32 salt)"
    );
    bytes32 internal constant REQUEST_TYPEHASH = keccak256(
        "Request(bytes32 jobId,address requester,address asset,uint128 reward,uint128 verificationFee,"
        "uint40 deadline,uint48 referenceTimepoint,uint32 commitWindow,uint256 nonce)"
    );
    bytes32 internal constant ATTESTATION_TYPEHASH = keccak256(
        "Attestation(bytes32 requestId,address operator,bool isValid,uint16 confidence,bytes32 method,"
        "bytes32 evidenceDigest)"
    );

    bytes32 internal constant CANARY_TYPEHASH = keccak256("Canary(bool isValid,bytes32 secret)");

    uint256 private constant RECORD_BITS = 160;

    function structHash(Job memory job) internal pure returns (bytes32 hash) {
        bytes32 typehash = JOB_TYPEHASH;
        assembly ("memory-safe") {
            let pointer := mload(0x40)
            mstore(pointer, typehash)
            mcopy(add(pointer, 0x20), job, 0x140)
            hash := keccak256(pointer, 0x160)
        }
    }

    function structHash(Request memory request) internal pure returns (bytes32 hash) {
        bytes32 typehash = REQUEST_TYPEHASH;
        assembly ("memory-safe") {
            let pointer := mload(0x40)
            mstore(pointer, typehash)
            mcopy(add(pointer, 0x20), request, 0x120)
            hash := keccak256(pointer, 0x140)
        }
    }

    function structHash(Attestation calldata attestation) internal pure returns (bytes32) {
        return keccak256(abi.encode(ATTESTATION_TYPEHASH, attestation));
    }

    /// @notice The EIP-712 digest of what has the struct hash.
    function toDigest(bytes32 domainSeparator, bytes32 structHash_) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let pointer := mload(0x40)
            mstore(pointer, hex"1901")
            mstore(add(pointer, 0x02), domainSeparator)
            mstore(add(pointer, 0x22), structHash_)
            hash := keccak256(pointer, 0x42)
        }
    }

    /// @notice The running hash after one more attestation: the upper 160 bits of keccak256(abi.encode(runningHash,
    /// digest)), the rest zero.
    function extend(bytes32 runningHash, bytes32 digest) internal pure returns (bytes32) {
        return _truncate(EfficientHashLib.hash(runningHash, digest));
    }

    /// @notice The upper 160 bits of keccak256(abi.encode(runningHash, status, response)), the rest zero.
    function recordHash(bytes32 runningHash, Status status, uint8 response) internal pure returns (bytes32) {
        return _truncate(EfficientHashLib.hash(runningHash, bytes32(uint256(status)), bytes32(uint256(response))));
    }

    /// @notice What a job's salt is when the job is a canary.
    function canarySalt(bool isValid, bytes32 secret) internal pure returns (bytes32) {
        return keccak256(abi.encode(CANARY_TYPEHASH, isValid, secret));
    }

    /// @dev As many bits as an address has: a record shares its slot.
    function _truncate(bytes32 hash) private pure returns (bytes32) {
        return hash >> (256 - RECORD_BITS) << (256 - RECORD_BITS);
    }
}
