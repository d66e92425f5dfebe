// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Ownable } from "@openzeppelin/contracts/access/Ownable.sol";
import { Arrays } from "@openzeppelin/contracts/utils/Arrays.sol";
import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { MessageHashUtils } from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import { Equivocation, IEquivocationSlasher, SlasherConfig } from "./interfaces/IEquivocationSlasher.sol";
import { IOperatorRegistrar } from "./interfaces/IOperatorRegistrar.sol";
import { Voter } from "./interfaces/IOperatorSet.sol";
import { IAllocationManager, OperatorSet, SlashingParams } from "./interfaces/external/IAllocationManager.sol";
import { IKeyRegistrar } from "./interfaces/external/IKeyRegistrar.sol";
import { Hashing } from "./libraries/Hashing.sol";
import { Attestation } from "./types/DataTypes.sol";

/// @title Equivocation slasher
/// @notice The slasher of the AVS's operator set in EigenLayer. Nobody can change what it slashes for, nor how much.
contract EquivocationSlasher is IEquivocationSlasher {
    uint256 private constant MAX_WAD = 0.5e18;
    /// @dev ERC-5267: name, version, chainId and verifyingContract.
    bytes1 private constant DOMAIN_FIELDS = 0x0f;
    /// @inheritdoc IEquivocationSlasher
    uint40 public constant override DOMAIN_DELAY = 7 days;

    /// @inheritdoc IEquivocationSlasher
    uint256 public immutable override wad;
    /// @inheritdoc IEquivocationSlasher
    uint32 public immutable override slashabilityHorizon;
    /// @inheritdoc IEquivocationSlasher
    IOperatorRegistrar public immutable override operatorSet;
    /// @inheritdoc IEquivocationSlasher
    uint32 public immutable override operatorSetId;
    /// @inheritdoc IEquivocationSlasher
    address public immutable override avs;

    IAllocationManager private immutable _allocationManager;
    IKeyRegistrar private immutable _keyRegistrar;

    /// @dev One slot: isRegistered 0..7 | executableAt 8..47. Registered, it has no proposal.
    struct DomainState {
        bool isRegistered;
        uint40 executableAt;
    }

    mapping(bytes32 domainSeparator => DomainState) private _domains;
    /// @inheritdoc IEquivocationSlasher
    mapping(address operator => mapping(bytes32 requestId => bool)) public override isSlashed;

    constructor(SlasherConfig memory config) {
        if (config.operatorSet.code.length == 0) revert InvalidConfig("operatorSet");
        if (config.wad == 0 || config.wad > MAX_WAD) revert InvalidConfig("wad");
        wad = config.wad;
        operatorSet = IOperatorRegistrar(config.operatorSet);
        slashabilityHorizon = IOperatorRegistrar(config.operatorSet).slashabilityHorizon();
        operatorSetId = IOperatorRegistrar(config.operatorSet).operatorSetId();
        avs = IOperatorRegistrar(config.operatorSet).avs();
        _allocationManager = IOperatorRegistrar(config.operatorSet).allocationManager();
        _keyRegistrar = IOperatorRegistrar(config.operatorSet).keyRegistrar();
    }

    modifier onlyOwner() {
        address owner = Ownable(avs).owner();
        if (msg.sender != owner) revert NotOwner(msg.sender, owner);
        _;
    }

    // -- evidence

    /// @inheritdoc IEquivocationSlasher
    function slash(Equivocation calldata equivocation) external returns (uint256 slashId, uint256[] memory shares) {
        bytes32 separator = _domainSeparator(equivocation.chainId, equivocation.avs);
        bool isOwnDomain = _isOwnDomain(equivocation.chainId, equivocation.avs);
        if (!isOwnDomain && !_domains[separator].isRegistered) {
            revert DomainNotRegistered(equivocation.chainId, equivocation.avs);
        }
        bytes32 requestId = MessageHashUtils.toTypedDataHash(separator, Hashing.structHash(equivocation.request));
        _requireContradiction(requestId, equivocation.first, equivocation.second);

        address operator = equivocation.first.operator;
        address signingKey = operator;
        if (isOwnDomain) signingKey = _signingKeyAt(operator, equivocation.request.referenceTimepoint);
        else operator = _operatorOf(signingKey);
        _requireSignature(separator, equivocation.first, equivocation.firstSignature, signingKey);
        _requireSignature(separator, equivocation.second, equivocation.secondSignature, signingKey);
        return _slash(operator, requestId);
    }

    // -- domains

    /// @inheritdoc IEquivocationSlasher
    function proposeDomain(uint256 chainId, address avs_) external onlyOwner {
        if (chainId == 0 || chainId == block.chainid || avs_ == address(0)) revert InvalidDomain(chainId, avs_);
        bytes32 separator = _domainSeparator(chainId, avs_);
        DomainState storage domain = _domains[separator];
        if (domain.isRegistered) revert DomainAlreadyRegistered(chainId, avs_);
        if (domain.executableAt != 0) revert DomainAlreadyProposed(chainId, avs_, domain.executableAt);
        domain.executableAt = uint40(block.timestamp) + DOMAIN_DELAY;
        emit DomainProposed(separator, chainId, avs_, domain.executableAt);
    }

    /// @inheritdoc IEquivocationSlasher
    function cancelDomain(uint256 chainId, address avs_) external onlyOwner {
        bytes32 separator = _domainSeparator(chainId, avs_);
        if (_domains[separator].executableAt == 0) revert DomainNotProposed(chainId, avs_);
        delete _domains[separator];
        emit DomainCancelled(separator, chainId, avs_);
    }

    /// @inheritdoc IEquivocationSlasher
    function registerDomain(uint256 chainId, address avs_) external onlyOwner {
        bytes32 separator = _domainSeparator(chainId, avs_);
        uint40 executableAt = _domains[separator].executableAt;
        if (executableAt == 0) revert DomainNotProposed(chainId, avs_);
        if (block.timestamp < executableAt) revert DomainLocked(chainId, avs_, executableAt);
        _domains[separator] = DomainState(true, 0);
        emit DomainRegistered(separator, chainId, avs_);
    }

    // -- reading

    /// @inheritdoc IEquivocationSlasher
    function getDomain(uint256 chainId, address avs_)
        external
        view
        returns (bytes32 domainSeparator, bool isRegistered, uint40 executableAt)
    {
        domainSeparator = _domainSeparator(chainId, avs_);
        DomainState memory domain = _domains[domainSeparator];
        return (domainSeparator, domain.isRegistered || _isOwnDomain(chainId, avs_), domain.executableAt);
    }

    // -- internals

    function _requireContradiction(bytes32 requestId, Attestation calldata first, Attestation calldata second)
        private
        pure
    {
        if (first.requestId != requestId) revert AttestationMismatch(requestId, first.requestId);
        if (second.requestId != requestId) revert AttestationMismatch(requestId, second.requestId);
        if (first.operator != second.operator) revert OperatorMismatch(first.operator, second.operator);
        if (first.isValid == second.isValid) revert SameVerdict(requestId, first.isValid);
    }

    /// @dev The key of an operator that could vote at `timepoint`.
    function _signingKeyAt(address operator, uint48 timepoint) private view returns (address) {
        (Voter memory voter,) = operatorSet.getVoter(operator, timepoint);
        if (!voter.canVote) revert OperatorCannotVote(operator, timepoint);
        if (operatorSet.clock() - timepoint > slashabilityHorizon) {
            revert EvidenceExpired(timepoint, slashabilityHorizon);
        }
        return voter.signingKey;
    }

    /// @dev The KeyRegistrar remembers who registered a key in any set at any time, so whether it is that operator's
    /// key in this set now is asked for apart.
    function _operatorOf(address signingKey) private view returns (address operator) {
        OperatorSet memory set = OperatorSet(avs, operatorSetId);
        (operator,) = _keyRegistrar.getOperatorFromSigningKey(set, abi.encodePacked(signingKey));
        if (_keyRegistrar.getECDSAAddress(set, operator) != signingKey) revert UnknownSigningKey(signingKey);
    }

    function _requireSignature(
        bytes32 separator,
        Attestation calldata attestation,
        bytes calldata signature,
        address signingKey
    ) private pure {
        bytes32 digest = MessageHashUtils.toTypedDataHash(separator, Hashing.structHash(attestation));
        (address recovered,,) = ECDSA.tryRecoverCalldata(digest, signature);
        if (recovered == address(0) || recovered != signingKey) revert InvalidSigner(recovered, signingKey);
    }

    function _slash(address operator, bytes32 requestId) private returns (uint256 slashId, uint256[] memory shares) {
        if (isSlashed[operator][requestId]) revert AlreadySlashed(operator, requestId);
        isSlashed[operator][requestId] = true;

        address[] memory strategies =
            Arrays.sort(_allocationManager.getStrategiesInOperatorSet(OperatorSet(avs, operatorSetId)));
        uint256[] memory wads = new uint256[](strategies.length);
        for (uint256 i = 0; i < wads.length; ++i) {
            wads[i] = wad;
        }
        (slashId, shares) = _allocationManager.slashOperator(
            avs, SlashingParams(operator, operatorSetId, strategies, wads, "equivocation")
        );
        uint256 taken;
        for (uint256 i = 0; i < shares.length; ++i) {
            taken |= shares[i];
        }
        if (taken == 0) revert NothingSlashed(operator, requestId);
        emit EquivocationSlashed(operator, requestId, slashId, strategies, shares);
    }

    function _isOwnDomain(uint256 chainId, address avs_) private view returns (bool) {
        return chainId == block.chainid && avs_ == avs;
    }

    function _domainSeparator(uint256 chainId, address avs_) private pure returns (bytes32) {
        return MessageHashUtils.toDomainSeparator(
            DOMAIN_FIELDS, keccak256("ProofOfInference"), keccak256("1"), chainId, avs_, bytes32(0)
        );
    }
}
