// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Attestation, Job, Request, Vote } from "../types/DataTypes.sol";

/// @title EIP-712 struct hashes of jobs, requests and attestations
/// @dev Every field is one static word, so `abi.encode(typehash, struct)` is the EIP-712 encoding.
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

    function structHash(Job memory job) internal pure returns (bytes32) {
        return keccak256(abi.encode(JOB_TYPEHASH, job));
    }

    function structHash(Request memory request) internal pure returns (bytes32) {
        return keccak256(abi.encode(REQUEST_TYPEHASH, request));
    }

    function structHash(Attestation calldata attestation) internal pure returns (bytes32) {
        return keccak256(abi.encode(ATTESTATION_TYPEHASH, attestation));
    }

    /// @notice The struct hash of the attestation that a vote stands for.
    function structHash(bytes32 requestId, Vote memory vote, bytes32 method) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                ATTESTATION_TYPEHASH,
                requestId,
                vote.operator,
                vote.isValid,
                vote.confidence,
                method,
                vote.evidenceDigest
            )
        );
    }

    /// @notice What a job's salt is when the job is a canary.
    function canarySalt(bool isValid, bytes32 secret) internal pure returns (bytes32) {
        return keccak256(abi.encode(CANARY_TYPEHASH, isValid, secret));
    }
}
