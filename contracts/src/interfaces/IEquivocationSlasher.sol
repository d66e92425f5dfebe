// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Attestation, Request } from "../types/DataTypes.sol";
import { IOperatorRegistrar } from "./IOperatorRegistrar.sol";

/// @notice The slasher's parameters, fixed at deployment.
struct SlasherConfig {
    /// @dev The `IOperatorRegistrar` that tells the AVS, the operator set, the keys, and EigenLayer's contracts.
    address operatorSet;
    /// @dev What an equivocation costs: a fraction of the stake allocated to the set, 1e18 = all; 1..0.5e18.
    uint256 wad;
}

/// @notice The evidence: two attestations to one request, and where they count.
struct Equivocation {
    /// @dev The EIP-712 domain, next to the name 'ProofOfInference' and the version '1'.
    uint256 chainId;
    address avs;
    /// @dev What both attestations are about. It need not have been opened: a fast-path request never is.
    Request request;
    Attestation first;
    bytes firstSignature;
    Attestation second;
    bytes secondSignature;
}

/// @title Slashes operators that sign two contradicting verdicts on one request
/// @notice Contradicting is: one `isValid`, the other not. Another confidence, method or evidence is not. Anyone may
/// submit the evidence. An operator loses the same fraction of its stake in every strategy of the set, once per request.
///
/// Whose key must have signed depends on the domain:
/// - This AVS's own: the signing key that let `attestation.operator` vote at the request's `referenceTimepoint`, for
///   `slashabilityHorizon` blocks after it. Those are the blocks for which the stake behind a vote is held; a key that
///   was replaced long ago cannot harm its operator after them.
/// - A registered one, of an AVS on another chain: `attestation.operator` is itself the signing address there, and must
///   be the key of an operator in the KeyRegistrar now. The reference is a time of the other chain's clock, at which
///   this chain knows no keys; but EigenLayer lets no operator change its key while it can be slashed, so the key now
///   is the key at every reference since the operator's stake was at risk.
interface IEquivocationSlasher {
    event DomainProposed(bytes32 indexed domainSeparator, uint256 chainId, address avs, uint40 executableAt);
    event DomainCancelled(bytes32 indexed domainSeparator, uint256 chainId, address avs);
    event DomainRegistered(bytes32 indexed domainSeparator, uint256 chainId, address avs);
    /// @param operator The operator as EigenLayer knows it.
    /// @param slashId EigenLayer's number of the slash in the operator set.
    /// @param shares Taken from each of `strategies`.
    event EquivocationSlashed(
        address indexed operator, bytes32 indexed requestId, uint256 slashId, address[] strategies, uint256[] shares
    );

    error AlreadySlashed(address operator, bytes32 requestId);
    /// @notice An attestation is about another request, or the request is of another domain.
    error AttestationMismatch(bytes32 requestId, bytes32 attestationRequestId);
    error DomainAlreadyProposed(uint256 chainId, address avs, uint40 executableAt);
    error DomainAlreadyRegistered(uint256 chainId, address avs);
    error DomainLocked(uint256 chainId, address avs, uint40 executableAt);
    error DomainNotProposed(uint256 chainId, address avs);
    error DomainNotRegistered(uint256 chainId, address avs);
    /// @notice More blocks have passed since the reference than those for which stake is held.
    error EvidenceExpired(uint48 referenceTimepoint, uint32 slashabilityHorizon);
    error InvalidConfig(string parameter);
    /// @notice Zero, or of this chain, whose only domain is this AVS's own.
    error InvalidDomain(uint256 chainId, address avs);
    error InvalidSigner(address recovered, address signingKey);
    error NotOwner(address caller, address owner);
    /// @notice EigenLayer found nothing to take. The evidence is not used up: it can be submitted again.
    error NothingSlashed(address operator, bytes32 requestId);
    /// @notice Not an operator with an index at the request's reference, or one whose weight was stale then.
    error OperatorCannotVote(address operator, uint48 referenceTimepoint);
    error OperatorMismatch(address first, address second);
    error SameVerdict(bytes32 requestId, bool isValid);
    /// @notice Not the key of an operator of the set now.
    error UnknownSigningKey(address signingKey);

    // -- evidence

    /// @notice Slashes the operator that signed both attestations. Anyone may call.
    /// @dev EigenLayer's own errors come through: `OperatorNotSlashable` once the operator left for good.
    /// @return slashId EigenLayer's number of the slash in the operator set.
    /// @return shares Taken per strategy of the set, strategies ascending; not all zero.
    function slash(Equivocation calldata equivocation) external returns (uint256 slashId, uint256[] memory shares);

    // -- domains

    /// @notice Announces the domain of the AVS `avs_` on chain `chainId`; it can be registered after `DOMAIN_DELAY`.
    /// Caller: the owner of this AVS.
    function proposeDomain(uint256 chainId, address avs_) external;

    /// @notice Withdraws a proposal, at any time before it is registered. Caller: the owner of this AVS.
    function cancelDomain(uint256 chainId, address avs_) external;

    /// @notice Registers, for good, a domain that was proposed `DOMAIN_DELAY` ago. Caller: the owner of this AVS.
    function registerDomain(uint256 chainId, address avs_) external;

    // -- reading

    /// @notice Whether evidence under the domain counts, and when (unix time) a proposal of it can be registered: 0
    /// when there is no proposal.
    function getDomain(uint256 chainId, address avs_)
        external
        view
        returns (bytes32 domainSeparator, bool isRegistered, uint40 executableAt);

    /// @notice Whether the operator, as EigenLayer knows it, was slashed for the request.
    function isSlashed(address operator, bytes32 requestId) external view returns (bool);

    /// @notice Seconds between the proposal of a domain and its registration.
    // solhint-disable-next-line func-name-mixedcase
    function DOMAIN_DELAY() external view returns (uint40);

    /// @notice What an equivocation costs: a fraction of the stake allocated to the set, 1e18 = all.
    function wad() external view returns (uint256);

    /// @notice Blocks after a request's reference in which evidence under this AVS's own domain is accepted.
    function slashabilityHorizon() external view returns (uint32);

    function operatorSet() external view returns (IOperatorRegistrar);
    function operatorSetId() external view returns (uint32);
    function avs() external view returns (address);
}
