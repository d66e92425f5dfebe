// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { LibString } from "solady/utils/LibString.sol";

import {
    AssetFee,
    IModelRegistry,
    ModelConfig,
    ModelInfo,
    ModelVersion,
    RequestTerms,
    VersionConfig
} from "./interfaces/IModelRegistry.sol";

/// @title ModelRegistry
/// @notice Models, their immutable versions, and the record the AVS keeps of them.
contract ModelRegistry is IModelRegistry {
    uint256 private constant MAX_NAME_LENGTH = 64;
    /// @dev One bit per 7-bit character: a-z, 0-9, '-', '.' and '_'.
    uint128 private constant NAME_CHARACTERS =
        (((1 << 26) - 1) << 97) | (((1 << 10) - 1) << 48) | (1 << 45) | (1 << 46) | (1 << 95);
    uint16 private constant MAX_BPS = 10_000;
    /// @dev The AVS's response is in 1..100, so a valid verdict is at least 1 %.
    uint16 private constant MIN_VALID_CONFIDENCE = 100;

    /// @dev A record, packed: bits 0..63 count the outcomes, bits 64..127 those that were Verified.
    uint256 private constant ONE_OUTCOME = 1;
    uint256 private constant ONE_VERIFIED = (1 << 64) | ONE_OUTCOME;

    /// @inheritdoc IModelRegistry
    address public immutable avs;

    struct Model {
        // slot 0: owner 160 | active 8 | latestVersion 32 | unused 56. No owner: no model.
        address owner;
        bool active;
        uint32 latestVersion;
        // slot 1: totalInferences 64 | successfulVerifications 64 | unused 128
        uint256 record;
        // slot 2 and on
        string name;
    }

    struct Version {
        // slots 0..3: one value each, none of them zero in a published version
        bytes32 modelId;
        bytes32 methodId;
        bytes32 manifestDigest;
        bytes32 policyDigest;
        // slot 4: number 32 | validConfidence 16 | unused 208
        uint32 number;
        uint16 validConfidence;
    }

    struct Fee {
        // slot 0: accepted 8 | minimumFee 128 | unused 120
        bool accepted;
        uint128 minimumFee;
    }

    mapping(bytes32 modelId => Model) private _models;
    mapping(bytes32 modelVersionId => Version) private _versions;
    mapping(bytes32 modelId => mapping(uint32 number => bytes32 modelVersionId)) private _versionIds;
    mapping(bytes32 modelId => mapping(address asset => Fee)) private _fees;
    /// @dev Packed as `Model.record`.
    mapping(bytes32 modelId => mapping(uint256 agentId => uint256 record)) private _agentRecords;

    /// @param avs_ The only address that may write outcomes. It may be without code yet: the AVS is deployed with the
    /// registry's address.
    constructor(address avs_) {
        if (avs_ == address(0)) revert NotAVS(avs_);
        avs = avs_;
    }

    modifier onlyModelOwner(bytes32 modelId) {
        address owner = _requireModel(modelId).owner;
        if (msg.sender != owner) revert NotModelOwner(modelId, msg.sender, owner);
        _;
    }

    // -- models

    /// @inheritdoc IModelRegistry
    function registerModel(string calldata name, ModelConfig calldata config)
        external
        returns (bytes32 modelId, bytes32 modelVersionId)
    {
        uint256 length = bytes(name).length;
        if (length == 0 || length > MAX_NAME_LENGTH || !LibString.is7BitASCII(name, NAME_CHARACTERS)) {
            revert InvalidModelName(name);
        }
        modelId = computeModelId(msg.sender, name);
        Model storage model = _models[modelId];
        if (model.owner != address(0)) revert ModelAlreadyRegistered(modelId);

        model.owner = msg.sender;
        model.active = true;
        model.name = name;
        emit ModelRegistered(modelId, msg.sender, name);
        modelVersionId = _publishVersion(modelId, config.version);
        _setFees(modelId, config.fees);
    }

    /// @inheritdoc IModelRegistry
    function publishVersion(bytes32 modelId, VersionConfig calldata config)
        external
        onlyModelOwner(modelId)
        returns (bytes32 modelVersionId)
    {
        return _publishVersion(modelId, config);
    }

    /// @inheritdoc IModelRegistry
    function setFees(bytes32 modelId, AssetFee[] calldata fees) external onlyModelOwner(modelId) {
        _setFees(modelId, fees);
    }

    /// @inheritdoc IModelRegistry
    function setActive(bytes32 modelId, bool active) external onlyModelOwner(modelId) {
        _models[modelId].active = active;
        emit ModelActiveSet(modelId, active);
    }

    /// @inheritdoc IModelRegistry
    function transferModel(bytes32 modelId, address newOwner) external onlyModelOwner(modelId) {
        if (newOwner == address(0)) revert InvalidModelOwner(newOwner);
        _models[modelId].owner = newOwner;
        emit ModelTransferred(modelId, msg.sender, newOwner);
    }

    function _publishVersion(bytes32 modelId, VersionConfig calldata config) private returns (bytes32 modelVersionId) {
        if (config.manifestDigest == 0 || config.policyDigest == 0 || config.methodId == 0) revert MissingDigest();
        if (config.validConfidence < MIN_VALID_CONFIDENCE || config.validConfidence > MAX_BPS) {
            revert InvalidValidConfidence(config.validConfidence);
        }
        uint32 number = ++_models[modelId].latestVersion;
        modelVersionId = computeModelVersionId(modelId, number, config);
        _versionIds[modelId][number] = modelVersionId;
        _versions[modelVersionId] = Version({
            modelId: modelId,
            methodId: config.methodId,
            manifestDigest: config.manifestDigest,
            policyDigest: config.policyDigest,
            number: number,
            validConfidence: config.validConfidence
        });
        emit VersionPublished(modelId, modelVersionId, number, config);
    }

    function _setFees(bytes32 modelId, AssetFee[] calldata fees) private {
        for (uint256 i; i < fees.length; ++i) {
            AssetFee calldata fee = fees[i];
            _fees[modelId][fee.asset] = Fee(fee.accepted, fee.minimumFee);
            emit FeeSet(modelId, fee.asset, fee.accepted, fee.minimumFee);
        }
    }

    // -- outcomes

    /// @inheritdoc IModelRegistry
    function recordOutcome(bytes32 modelVersionId, uint256 agentId, bool verified) external {
        if (msg.sender != avs) revert NotAVS(msg.sender);
        bytes32 modelId = _requireVersion(modelVersionId).modelId;

        // 2^64 outcomes are out of reach, so one count never carries into the next.
        uint256 outcome = verified ? ONE_VERIFIED : ONE_OUTCOME;
        _models[modelId].record += outcome;
        _agentRecords[modelId][agentId] += outcome;
        emit OutcomeRecorded(modelId, modelVersionId, agentId, verified);
    }

    // -- reading

    /// @inheritdoc IModelRegistry
    function computeModelId(address originalOwner, string calldata name) public pure returns (bytes32) {
        return keccak256(abi.encode(originalOwner, name));
    }

    /// @inheritdoc IModelRegistry
    function computeModelVersionId(bytes32 modelId, uint32 number, VersionConfig calldata config)
        public
        pure
        returns (bytes32)
    {
        return keccak256(
            abi.encode(
                modelId, number, config.manifestDigest, config.policyDigest, config.methodId, config.validConfidence
            )
        );
    }

    /// @inheritdoc IModelRegistry
    function getModelInfo(bytes32 modelId) external view returns (ModelInfo memory info) {
        Model storage model = _requireModel(modelId);
        (uint64 total, uint64 verified) = _unpackRecord(model.record);
        info.owner = model.owner;
        info.active = model.active;
        info.name = model.name;
        info.latestVersion = model.latestVersion;
        info.latestVersionId = _versionIds[modelId][model.latestVersion];
        info.totalInferences = total;
        info.successfulVerifications = verified;
        // casting to 'uint16' is safe because verified <= total
        // forge-lint: disable-next-line(unsafe-typecast)
        if (total > 0) info.accuracyBps = uint16(uint256(verified) * MAX_BPS / total);
    }

    /// @inheritdoc IModelRegistry
    function getModelVersion(bytes32 modelVersionId) external view returns (ModelVersion memory) {
        Version storage version = _requireVersion(modelVersionId);
        return ModelVersion({
            modelId: version.modelId,
            number: version.number,
            manifestDigest: version.manifestDigest,
            policyDigest: version.policyDigest,
            methodId: version.methodId,
            validConfidence: version.validConfidence
        });
    }

    /// @inheritdoc IModelRegistry
    function getModelVersionId(bytes32 modelId, uint32 number) external view returns (bytes32 modelVersionId) {
        _requireModel(modelId);
        modelVersionId = _versionIds[modelId][number];
        if (modelVersionId == 0) revert UnknownModelVersion(modelVersionId);
    }

    /// @inheritdoc IModelRegistry
    function getFee(bytes32 modelId, address asset) external view returns (AssetFee memory) {
        _requireModel(modelId);
        Fee storage fee = _fees[modelId][asset];
        return AssetFee(asset, fee.accepted, fee.minimumFee);
    }

    /// @inheritdoc IModelRegistry
    function getModelAgentRecord(bytes32 modelId, uint256 agentId)
        external
        view
        returns (uint64 totalInferences, uint64 successfulVerifications)
    {
        _requireModel(modelId);
        return _unpackRecord(_agentRecords[modelId][agentId]);
    }

    /// @inheritdoc IModelRegistry
    function getRequestTerms(bytes32 modelVersionId, address asset) external view returns (RequestTerms memory terms) {
        Version storage version = _versions[modelVersionId];
        bytes32 modelId = version.modelId;
        if (modelId == 0) return terms;
        Fee storage fee = _fees[modelId][asset];
        return RequestTerms({
            modelId: modelId,
            methodId: version.methodId,
            active: _models[modelId].active,
            accepted: fee.accepted,
            validConfidence: version.validConfidence,
            minimumFee: fee.minimumFee
        });
    }

    /// @inheritdoc IModelRegistry
    /// @dev Asked once per vote, hence two storage slots: the method itself says whether the version exists.
    function getVersionMethod(bytes32 modelVersionId) external view returns (bytes32 methodId, uint16 validConfidence) {
        Version storage version = _versions[modelVersionId];
        methodId = version.methodId;
        if (methodId == 0) revert UnknownModelVersion(modelVersionId);
        validConfidence = version.validConfidence;
    }

    function _requireModel(bytes32 modelId) private view returns (Model storage model) {
        model = _models[modelId];
        if (model.owner == address(0)) revert UnknownModel(modelId);
    }

    function _requireVersion(bytes32 modelVersionId) private view returns (Version storage version) {
        version = _versions[modelVersionId];
        if (version.modelId == 0) revert UnknownModelVersion(modelVersionId);
    }

    function _unpackRecord(uint256 record) private pure returns (uint64 total, uint64 verified) {
        // casting to 'uint64' is safe because the counts are 64 bits each
        // forge-lint: disable-next-line(unsafe-typecast)
        return (uint64(record), uint64(record >> 64));
    }
}
