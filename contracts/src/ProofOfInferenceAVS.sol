// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Certificates } from "./Certificates.sol";
import { Ledger } from "./Ledger.sol";
import { Openings } from "./Openings.sol";
import { Receipts } from "./Receipts.sol";
import { IEquivocationSlasher } from "./interfaces/IEquivocationSlasher.sol";
import { IProofOfInferenceAVS } from "./interfaces/IProofOfInferenceAVS.sol";
import { CreateSetParamsV2, IAllocationManager, OperatorSet } from "./interfaces/external/IAllocationManager.sol";
import { ICrossChainRegistry, OperatorSetConfig } from "./interfaces/external/ICrossChainRegistry.sol";
import { IKeyRegistrar } from "./interfaces/external/IKeyRegistrar.sol";
import { Arguments } from "./libraries/Arguments.sol";
import { Hashing } from "./libraries/Hashing.sol";
import { Problem } from "./libraries/Problem.sol";
import { Deposit } from "./types/Balances.sol";
import { Job, Opening, Request, Status } from "./types/DataTypes.sol";
import { Tally } from "./types/Tally.sol";

/// @notice How other chains learn of the operator set.
struct TableConfig {
    /// @dev EigenLayer's CrossChainRegistry, or zero for an operator set that is of no use elsewhere; the rest is unused
    /// then. The AVS can reserve only here: whoever could change the calculator later would decide who votes there.
    address crossChainRegistry;
    /// @dev Must give each operator's minimum slashable stake, looked ahead, by strategy.
    address calculator;
    /// @dev Seconds; zero for never.
    uint32 maxStaleness;
}

/// @notice The AVS's parameters, fixed at deployment.
struct AVSConfig {
    address owner;
    address modelRegistry;
    address operatorSet;
    address identityRegistry;
    /// @dev ERC-8004's other registries; each zero where the chain has none.
    address validationRegistry;
    address reputationRegistry;
    /// @dev EigenLayer's AllocationManager, or zero where the chain has none; the rest is unused then.
    address allocationManager;
    address keyRegistrar;
    /// @dev The `IEquivocationSlasher` that alone may slash in the operator set.
    address slasher;
    uint32 operatorSetId;
    address[] strategies;
    string metadataURI;
    TableConfig tables;
}

/// @title Proof-of-Inference AVS
/// @notice Immutable: an upgrade is a new contract and operator set. The owner can pause new requests and set the
/// AVS's metadata, nothing else.
contract ProofOfInferenceAVS is Certificates {
    using Arguments for Job;
    using Problem for bytes;

    /// @dev Added to the longest request to get the delay of a deposit's withdrawal.
    uint256 private constant DEPOSIT_WITHDRAWAL_MARGIN = 1 hours;
    uint8 private constant CURVE_ECDSA = 1;

    IAllocationManager private immutable _allocationManager;

    constructor(AVSConfig memory config)
        Ledger(_maxRequestLifetimeOf(config.operatorSet) + DEPOSIT_WITHDRAWAL_MARGIN)
        Openings(config.owner, config.modelRegistry, config.operatorSet, config.identityRegistry)
        Receipts(config.validationRegistry, config.reputationRegistry)
    {
        _allocationManager = IAllocationManager(config.allocationManager);
        if (config.allocationManager != address(0)) _joinEigenLayer(config);
    }

    // -- requests

    /// @inheritdoc IProofOfInferenceAVS
    function requestInferenceVerification(Request calldata request, Job calldata job, Opening calldata opening)
        external
        payable
        nonReentrant
        returns (bytes32)
    {
        if (msg.sender != request.requester) revert NotRequester(msg.sender, request.requester);
        Tally memory tally = _newTally();
        _load(tally, request, job);
        if (tally.state.status != Status.None) revert RequestAlreadyOpened(tally.requestId);
        _checkJob(tally).raise();
        if (tally.jobState.status != Status.None) {
            revert JobAlreadyDecided(request.jobId, tally.jobState.status);
        }
        _checkNonce(tally.shared, tally.request).raise();
        _checkOpening(tally).raise();
        if (_needsConsent(tally)) {
            _checkConsent(request.jobId, tally.job, opening.consent).raise();
            _recordConsent(tally);
        }
        _jobs[request.jobId].save(tally.jobState, true);
        _open(tally, opening.fromDeposit);
        _requests[tally.requestId].saveHead(tally.state);
        _publish(job.inputDigest, opening.input);
        _publish(job.outputDigest, opening.output);
        if (opening.fromDeposit) {
            if (msg.value != 0) revert IncorrectPayment(NATIVE, 0, msg.value);
            Deposit memory held = tally.shared.deposit;
            _hold(held, request.asset, request.requester);
            _checkDeposit(held, _amountOf(tally.request)).raise();
            held.amount -= _amountOf(tally.request);
            _write(held);
        } else {
            _receiveExactly(request.asset, _amountOf(tally.request));
        }
        return tally.requestId;
    }

    /// @inheritdoc IProofOfInferenceAVS
    function recordConsent(Job calldata job, bytes calldata consent) external {
        Tally memory tally;
        job.copyTo(tally.job);
        tally.request.jobId = hashJob(job);
        if (!job.hasAgent) revert InvalidAgent(false, job.agentId);
        bool wasOpened = _jobs[tally.request.jobId].load(tally.jobState);
        if (tally.jobState.consentedAt != 0) return;
        _checkConsent(tally.request.jobId, tally.job, consent).raise();
        _recordConsent(tally);
        _jobs[tally.request.jobId].save(tally.jobState, wasOpened);
    }

    // -- canaries

    /// @inheritdoc IProofOfInferenceAVS
    function revealCanary(Job calldata job, bool isValid, bytes32 secret) external {
        bytes32 salt = Hashing.canarySalt(isValid, secret);
        if (salt != job.salt) revert CanaryMismatch(salt, job.salt);
        emit CanaryRevealed(hashJob(job), isValid);
    }

    // -- owner

    /// @inheritdoc IProofOfInferenceAVS
    function setMetadataURI(string calldata metadataURI) external onlyOwner {
        _requireContract(address(_allocationManager));
        _allocationManager.updateAVSMetadataURI(address(this), metadataURI);
    }

    // -- deployment

    /// @dev The registrar must already stand at `operatorSet` and support this address; the slasher must be its own.
    function _joinEigenLayer(AVSConfig memory config) private {
        _requireContract(config.slasher);
        address slashed = IEquivocationSlasher(config.slasher).avs();
        if (slashed != address(this)) revert SlasherMismatch(config.slasher, slashed);
        IAllocationManager manager = IAllocationManager(config.allocationManager);
        manager.updateAVSMetadataURI(address(this), config.metadataURI);
        manager.setAVSRegistrar(address(this), config.operatorSet);
        CreateSetParamsV2[] memory sets = new CreateSetParamsV2[](1);
        sets[0] = CreateSetParamsV2(config.operatorSetId, config.strategies, config.slasher);
        manager.createOperatorSets(address(this), sets);
        OperatorSet memory operatorSet_ = OperatorSet(address(this), config.operatorSetId);
        IKeyRegistrar(config.keyRegistrar).configureOperatorSet(operatorSet_, CURVE_ECDSA);
        if (config.tables.crossChainRegistry == address(0)) return;
        _requireContract(config.tables.calculator);
        // This address, which nobody has the key of, owns the set on other chains.
        ICrossChainRegistry(config.tables.crossChainRegistry)
            .createGenerationReservation(
                operatorSet_, config.tables.calculator, OperatorSetConfig(address(this), config.tables.maxStaleness)
            );
    }
}
