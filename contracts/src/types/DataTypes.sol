// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice What is to be verified. Its EIP-712 digest is the `jobId`, which payments and receipts commit to.
/// @dev The field order is part of the EIP-712 type.
struct Job {
    /// @dev The model version the output is claimed to come from.
    bytes32 modelVersionId;
    /// @dev sha2-256 of the input payload's bytes.
    bytes32 inputDigest;
    /// @dev sha2-256 of the output payload's bytes.
    bytes32 outputDigest;
    /// @dev Whether the job names an ERC-8004 agent. Id 0 is a real agent, hence the flag.
    bool hasAgent;
    /// @dev The ERC-8004 agent id; 0 when `hasAgent` is false.
    uint256 agentId;
    /// @dev Who receives the reward when the job is Verified: the agent's wallet when an agent is named.
    address payee;
    /// @dev Share of the total stake weight that decides, in basis points: 5001..10000.
    uint16 quorumBps;
    /// @dev Least number of attestations on the winning side: 1..256.
    uint16 minAttestations;
    /// @dev Least confidence for a vote to count as valid, in basis points: 100..the version's confidence.
    uint16 minConfidence;
    /// @dev The buyer's 32 random bytes, fixed before the output exists.
    bytes32 salt;
}

/// @notice Who pays for the verification of a job, and until when. Its EIP-712 digest is the `requestId`.
/// @dev The field order is part of the EIP-712 type.
struct Request {
    bytes32 jobId;
    /// @dev Who pays, and who gets refunds.
    address requester;
    /// @dev The ERC-20 the amounts are in; the zero address is the chain's native currency.
    address asset;
    /// @dev Paid to the job's payee when Verified, in the asset's smallest unit.
    uint128 reward;
    /// @dev Shared by the operators that voted with the outcome, in the asset's smallest unit.
    uint128 verificationFee;
    /// @dev Last second at which votes are accepted, unix time.
    uint40 deadline;
    /// @dev Stake weights are taken at this point of the operator set's clock.
    uint48 referenceTimepoint;
    /// @dev Seconds after the opening in which operators commit to votes before revealing them; 0 for none.
    uint32 commitWindow;
    /// @dev Tells apart requests that are otherwise equal.
    uint256 nonce;
}

/// @notice An operator's signed verdict on a request (EIP-712).
/// @dev The field order is part of the EIP-712 type.
struct Attestation {
    bytes32 requestId;
    address operator;
    bool isValid;
    /// @dev Basis points, 0..10000; for a valid verdict not above the version's confidence.
    uint16 confidence;
    /// @dev The verification method that was run; must be the version's.
    bytes32 method;
    /// @dev sha2-256 of the evidence payload's bytes.
    bytes32 evidenceDigest;
}

/// @notice An attestation as it travels with its request, which says the rest: its id, and its model version's method.
struct Vote {
    address operator;
    bool isValid;
    /// @dev As in the attestation.
    uint16 confidence;
    bytes32 evidenceDigest;
    /// @dev The signing key's signature over the attestation, in EIP-2098's compact form: `r`, and `s` with the
    /// parity of y in its top bit.
    bytes32 r;
    bytes32 vs;
}

/// @notice Votes of several operators on a request that is open.
struct Ballot {
    Request request;
    Job job;
    Vote[] votes;
    /// @dev Opens the commitment of each vote where the request has a commit window; empty where it has none.
    bytes32[] operatorSalts;
}

/// @notice A consensus reached before the chain saw the request: the request as its requester signed it, and the votes.
struct Certificate {
    Request request;
    Job job;
    /// @dev The requester's signature over the requestId: ECDSA, or ERC-1271 where the requester is a contract.
    bytes requesterSignature;
    /// @dev As in an `Opening`.
    bytes consent;
    Vote[] votes;
}

/// @notice How a request (or a job) ended.
/// @dev A job is only ever `None`, `Verified` or `Rejected`.
enum Status {
    None,
    Open,
    Verified,
    Rejected,
    Expired
}

/// @notice What accompanies the opening of a request.
struct Opening {
    /// @dev Pay from the requester's deposit instead of with this call.
    bool fromDeposit;
    /// @dev The payee's signature over the job; empty when the job names no agent or its consent is recorded.
    bytes consent;
    /// @dev The input payload's bytes, or empty when it travels through a payload store.
    bytes input;
    /// @dev The output payload's bytes, or empty when it travels through a payload store.
    bytes output;
}
