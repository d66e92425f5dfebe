// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Attestation, Ballot, Certificate, Job, Opening, Request, Status } from "../types/DataTypes.sol";
import { ILedger } from "./ILedger.sol";
import { IModelRegistry } from "./IModelRegistry.sol";
import { IOperatorSet } from "./IOperatorSet.sol";
import { IReceipts } from "./IReceipts.sol";
import { IIdentityRegistry } from "./external/IIdentityRegistry.sol";

/// @notice The contract's record of a request. What is not here follows from the request's own fields. A request that
/// a certificate settled has none: it is in its job's record, its requester's nonces, and the events.
struct RequestState {
    Status status;
    bool fromDeposit;
    /// @dev Whether the part of the fee that nobody earned has been returned.
    bool feeSettled;
    /// @dev Unix time of the opening.
    uint40 openedAt;
    uint96 validWeight;
    uint96 invalidWeight;
    /// @dev Sum, over the valid votes, of weight × what the vote's confidence is below the version's. Zero once final.
    uint112 confidenceShortfall;
    /// @dev Over the accepted attestations, in order: for each, the upper 160 bits of keccak256(abi.encode(runningHash,
    /// attestation digest)), the rest zero. Zero once the request is final: its event has it.
    bytes32 runningHash;
    /// @dev Votes by operator index. A bit is cleared when its fee is claimed; those of the call that made the request
    /// final are paid at once, and are not recorded.
    uint256 validVotes;
    uint256 invalidVotes;
}

/// @notice The contract's record of a job.
struct JobState {
    /// @dev None, Verified or Rejected.
    Status status;
    /// @dev Weight-mean confidence of the winning votes, 1..100, when Verified; 0 when Rejected.
    uint8 response;
    uint40 decidedAt;
    /// @dev Unix time the agent's consent was recorded; 0 when it was not.
    uint40 consentedAt;
    /// @dev A commitment to the audit record, of the size of an address: the upper 160 bits of keccak256(abi.encode(
    /// running hash of the deciding request, status, response)); the rest is zero. Zero until the job is decided.
    bytes32 recordHash;
}

/// @title Requests for the verification of an inference, stake-weighted consensus on them, and their settlement
interface IProofOfInferenceAVS is ILedger, IReceipts {
    event InferenceVerificationRequested(
        bytes32 indexed requestId,
        bytes32 indexed jobId,
        address indexed requester,
        Request request,
        Job job,
        bool fromDeposit
    );
    /// @notice A payload that travelled inline. `digest` is its sha2-256, computed by the contract.
    event PayloadPublished(bytes32 indexed digest, bytes data);
    event ConsentRecorded(bytes32 indexed jobId, uint256 indexed agentId, address indexed payee);
    event VerificationCommitted(bytes32 indexed requestId, address indexed operator, bytes32 commitment);
    /// @param verdict isValid as signed 0..7 | isCounted 8..15 | confidence 16..31 | weight 32..127. A committed vote that
    /// was revealed after the request was final is not counted.
    /// @param r The signature, in EIP-2098's compact form.
    event VerificationSubmitted(
        bytes32 indexed requestId,
        address indexed operator,
        uint256 verdict,
        bytes32 evidenceDigest,
        bytes32 r,
        bytes32 vs
    );
    /// @notice A vote of a ballot or certificate did not count.
    /// @param reason The error that the vote alone would have failed with, encoded.
    event VerificationSkipped(bytes32 indexed requestId, address indexed operator, bytes reason);
    /// @notice A ballot or certificate as a whole did not count.
    /// @param reason The error that it alone would have failed with, encoded.
    event RequestSkipped(bytes32 indexed requestId, bytes reason);
    /// @notice The request is final.
    /// @param runningHash Over the attestations to the request that were accepted before.
    /// @param decidesJob Whether these attestations decided the job, which no request before it had; false where the
    /// request Expired, or settles by an earlier decision, which `status` and `response` then are of.
    event RequestFinalized(
        bytes32 indexed requestId,
        bytes32 indexed jobId,
        Status status,
        uint8 response,
        bytes32 runningHash,
        bool decidesJob
    );
    /// @dev Not emitted for what is paid at once, in the call that makes the request final.
    event FeesClaimed(address indexed operator, address indexed asset, uint256 amount);
    event UnearnedFeeReleased(bytes32 indexed requestId, uint256 amount);
    /// @notice The right verdict on a job, to which its requester had committed by the job's salt.
    event CanaryRevealed(bytes32 indexed jobId, bool isValid);
    event RequestsPaused();
    event RequestsUnpaused();

    error AlreadyCommitted(bytes32 requestId, address operator);
    error AlreadyVoted(bytes32 requestId, address operator);
    error AttestationMismatch(bytes32 requestId, bytes32 attestationRequestId);
    error AssetNotAccepted(bytes32 modelId, address asset);
    error CommitWindowClosed(uint256 closedAt);
    error CommitWindowOpen(uint256 closesAt);
    error CommitmentMismatch(bytes32 requestId, address operator);
    /// @notice The salt of the job is another one.
    error CanaryMismatch(bytes32 expected, bytes32 actual);
    error ConfidenceOutOfRange(uint16 confidence, uint16 maximum);
    error ConsentMissing(bytes32 jobId, uint256 agentId, address payee);
    error ContractMissing(address expected);
    error FeeBelowMinimum(uint256 verificationFee, uint256 minimumFee);
    error InvalidAgent(bool hasAgent, uint256 agentId);
    error InvalidCommitWindow(uint32 commitWindow, uint40 deadline);
    error InvalidDeadline(uint40 deadline, uint256 earliest, uint256 latest);
    error InvalidMinAttestations(uint16 minAttestations);
    error InvalidMinConfidence(uint16 minConfidence, uint16 validConfidence);
    error InvalidPayee(address payee);
    error InvalidQuorum(uint16 quorumBps);
    error InvalidReference(uint48 referenceTimepoint);
    error InvalidRequesterSignature(bytes32 requestId, address requester);
    error InvalidSigner(address recovered, address signingKey);
    error JobAlreadyDecided(bytes32 jobId, Status status);
    error JobMismatch(bytes32 expected, bytes32 actual);
    error MethodMismatch(bytes32 expected, bytes32 actual);
    error ModelInactive(bytes32 modelId);
    /// @notice The registry takes outcomes from another AVS.
    error ModelRegistryMismatch(address modelRegistry, address avs);
    /// @notice A certificate of a request with this nonce was settled.
    error NonceAlreadyUsed(address requester, uint256 nonce);
    error NotCommitter(address caller, address operator);
    error NotRequester(address caller, address requester);
    /// @notice Not an operator with an index at the request's reference, or one whose weight was stale then.
    error OperatorCannotVote(address operator, uint48 referenceTimepoint);
    error OperatorSaltsMismatch(uint256 votes, uint256 operatorSalts);
    error PayloadDigestMismatch(bytes32 expected, bytes32 actual);
    /// @notice A certificate's votes decide nothing.
    error QuorumNotReached(bytes32 requestId, uint96 validWeight, uint96 invalidWeight, uint96 totalWeight);
    error RequestAlreadyOpened(bytes32 requestId);
    error RequestDeadlinePassed(bytes32 requestId, uint40 deadline);
    error RequestNotFinal(bytes32 requestId, Status status);
    error RequestNotOpen(bytes32 requestId, Status status);
    /// @notice Neither is the job decided nor the deadline passed.
    error RequestNotSettleable(bytes32 requestId, uint40 deadline);
    error RequestsArePaused(uint40 since);
    /// @notice The slasher serves another AVS.
    error SlasherMismatch(address slasher, address avs);

    // -- requests

    /// @notice Opens a request: escrows reward and fee, records the agent's consent, publishes inline payloads.
    /// @dev Caller must be `request.requester`, and its nonce not used by a certificate. With `opening.fromDeposit` the deposit pays; otherwise exactly
    /// reward + fee is taken with the call (as value, or from an ERC-20 allowance).
    /// @return requestId The request's EIP-712 digest.
    function requestInferenceVerification(Request calldata request, Job calldata job, Opening calldata opening)
        external
        payable
        returns (bytes32 requestId);

    /// @notice Records, once and for good, that the job's agent agreed to it. Anyone may call.
    /// @param consent The payee's signature over the jobId: ECDSA, or ERC-1271 where the payee is a contract.
    function recordConsent(Job calldata job, bytes calldata consent) external;

    /// @notice Settles an open request by its job's decision, or as Expired once its deadline passed. Anyone may call.
    /// @dev A job decided at or before a request's deadline binds the request, whoever calls and whenever.
    function settleRequest(Request calldata request, Job calldata job) external returns (Status);

    // -- votes

    /// @notice Commits an operator to a vote, while the request's commit window is open. Caller: the operator or its
    /// signing key.
    /// @param commitment keccak256(abi.encode(attestationDigest, operatorSalt)).
    function commitVerification(Request calldata request, address operator, bytes32 commitment) external;

    /// @notice Submits an operator's signed vote; finalises the request when it completes a quorum. Anyone may call.
    /// @param operatorSalt Opens the commitment where the request has a commit window; zero where it has none.
    /// @return status The request's status after the vote.
    function submitVerification(
        Request calldata request,
        Job calldata job,
        Attestation calldata attestation,
        bytes calldata signature,
        bytes32 operatorSalt
    ) external returns (Status status);

    /// @notice Submits votes on any number of open requests. What `submitVerification` would refuse is skipped, and said in
    /// an event; the rest counts. Anyone may call.
    /// @dev Each vote that counts costs what one signature and its records cost; a ballot has no other bound.
    /// @return statuses Each request's status after its ballot.
    function submitVerifications(Ballot[] calldata ballots) external returns (Status[] memory statuses);

    // -- certificates

    /// @notice Opens, decides and settles requests at once, each against its requester's deposit, by votes that were
    /// collected before. An open request is completed by the votes instead. Anyone may call.
    /// @dev What cannot be settled is skipped, and said in an event; the rest is. The checks are those of opening a
    /// request and of voting on it; there is no commit window. A request of a job that is decided already settles by
    /// that decision, without its votes: also while requests are paused, and whatever became of the model and of the
    /// reference; it must be unexpired, signed and payable. Fees and refunds are credited at once. A settled request has
    /// no record: its requester's nonce is used, and no other certificate with that nonce is settled.
    /// @return statuses Each request's status after its certificate.
    function settleCertificates(Certificate[] calldata certificates) external returns (Status[] memory statuses);

    // -- canaries

    /// @notice Tells, after the fact, which verdict on a job was the right one. Anyone who knows the secret may call.
    /// @dev Proves that the requester knew it when it made the job, whose salt is
    /// keccak256(abi.encode(keccak256("Canary(bool isValid,bytes32 secret)"), isValid, secret)); not that it is right.
    /// @param secret 32 bytes that nobody could guess.
    function revealCanary(Job calldata job, bool isValid, bytes32 secret) external;

    // -- fees

    /// @notice Credits an operator's share of the fees of final requests it voted right on. Anyone may call; what was
    /// claimed before, or earned nothing, adds nothing; nor does a request without a record, as one that a certificate
    /// settled, which paid at once. An open one fails with `RequestNotFinal`: it may have something to claim later.
    function claimFees(address operator, Request[] calldata requests) external returns (uint256 credited);

    /// @notice Returns to the requester what nobody earned of the fee of a request with a commit window, once its
    /// deadline passed. Without a window this happens at finalisation.
    function releaseUnearnedFee(Request calldata request) external returns (uint256 amount);

    // -- owner

    /// @notice Stops new requests. Jobs consented to before may still be requested for 21 days.
    function pauseRequests() external;

    function unpauseRequests() external;

    /// @notice Sets the AVS's metadata in EigenLayer.
    function setMetadataURI(string calldata metadataURI) external;

    // -- reading

    /// @notice The EIP-712 digest of a job: its id.
    function hashJob(Job calldata job) external view returns (bytes32);

    /// @notice The EIP-712 digest of a request: its id.
    function hashRequest(Request calldata request) external view returns (bytes32);

    /// @notice The EIP-712 digest that an operator's signing key signs.
    function hashAttestation(Attestation calldata attestation) external view returns (bytes32);

    function getRequestState(bytes32 requestId) external view returns (RequestState memory);

    function getJobState(bytes32 jobId) external view returns (JobState memory);

    /// @notice An operator's open commitment to a vote; zero when there is none.
    function getCommitment(bytes32 requestId, address operator) external view returns (bytes32);

    /// @notice Whether a certificate of one of the requester's requests with this nonce was settled. Nonces are in no
    /// order; 256 that differ in their lowest 8 bits only share a slot, which makes all but the first of them cheaper.
    function isNonceUsed(address requester, uint256 nonce) external view returns (bool);

    /// @notice Decided jobs that the agent consented to, and how many of them were Verified.
    function getAgentRecord(uint256 agentId) external view returns (uint64 totalJobs, uint64 verifiedJobs);

    /// @notice Unix time since which new requests are paused; 0 when they are not.
    function pausedSince() external view returns (uint40);

    function modelRegistry() external view returns (IModelRegistry);

    function operatorSet() external view returns (IOperatorSet);

    function identityRegistry() external view returns (IIdentityRegistry);
}
