// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice What the next version of a model consists of.
struct VersionConfig {
    /// @dev sha2-256 of the model manifest's bytes.
    bytes32 manifestDigest;
    /// @dev sha2-256 of the verification policy's bytes.
    bytes32 policyDigest;
    /// @dev keccak256 of the verifier's `name@revision`.
    bytes32 methodId;
    /// @dev Confidence of a valid verdict under the policy, in basis points: 100..10000.
    uint16 validConfidence;
}

/// @notice The least verification fee a model asks for in an asset.
struct AssetFee {
    /// @dev The zero address is the chain's native currency.
    address asset;
    /// @dev Whether requests may pay in this asset.
    bool accepted;
    /// @dev In the asset's smallest unit.
    uint128 minimumFee;
}

/// @notice What a model is registered with: its first version, and what its verification costs.
struct ModelConfig {
    VersionConfig version;
    AssetFee[] fees;
}

/// @notice A model and its record.
struct ModelInfo {
    address owner;
    bool active;
    string name;
    /// @dev Number of the latest version; the first is 1.
    uint32 latestVersion;
    bytes32 latestVersionId;
    /// @dev Jobs with an agent's consent that were decided.
    uint64 totalInferences;
    /// @dev Those of them that were Verified.
    uint64 successfulVerifications;
    /// @dev successfulVerifications × 10000 / totalInferences; 0 while nothing was decided.
    uint16 accuracyBps;
}

/// @notice An immutable version of a model.
struct ModelVersion {
    bytes32 modelId;
    uint32 number;
    bytes32 manifestDigest;
    bytes32 policyDigest;
    bytes32 methodId;
    uint16 validConfidence;
}

/// @notice What the AVS needs to know to open a request.
struct RequestTerms {
    /// @dev Zero when there is no such version; the rest is then zero, too.
    bytes32 modelId;
    bytes32 methodId;
    bool active;
    bool accepted;
    uint16 validConfidence;
    uint128 minimumFee;
}

/// @title Models, their immutable versions, and their record
interface IModelRegistry {
    event ModelRegistered(bytes32 indexed modelId, address indexed owner, string name);
    event VersionPublished(
        bytes32 indexed modelId, bytes32 indexed modelVersionId, uint32 number, VersionConfig config
    );
    event FeeSet(bytes32 indexed modelId, address indexed asset, bool accepted, uint128 minimumFee);
    event ModelActiveSet(bytes32 indexed modelId, bool active);
    event ModelTransferred(bytes32 indexed modelId, address indexed from, address indexed to);
    event OutcomeRecorded(
        bytes32 indexed modelId, bytes32 indexed modelVersionId, uint256 indexed agentId, bool verified
    );

    /// @notice The name is not 1..64 characters of a-z, 0-9, '.', '_' and '-'.
    error InvalidModelName(string name);
    error ModelAlreadyRegistered(bytes32 modelId);
    error UnknownModel(bytes32 modelId);
    error UnknownModelVersion(bytes32 modelVersionId);
    error NotModelOwner(bytes32 modelId, address caller, address owner);
    /// @notice A digest or the method id is zero.
    error MissingDigest();
    error InvalidValidConfidence(uint16 validConfidence);
    error InvalidModelOwner(address owner);
    /// @notice Only the AVS writes outcomes.
    error NotAVS(address caller);

    /// @notice The only address that may write outcomes.
    function avs() external view returns (address);

    /// @notice Registers a model under the caller, with its first version.
    /// @param name Unique among the caller's models: 1..64 characters of a-z, 0-9, '.', '_' and '-'.
    /// @return modelId keccak256(abi.encode(caller, name)).
    /// @return modelVersionId Id of version 1.
    function registerModel(string calldata name, ModelConfig calldata config)
        external
        returns (bytes32 modelId, bytes32 modelVersionId);

    /// @notice Publishes the next version of a model. Versions never change once published.
    function publishVersion(bytes32 modelId, VersionConfig calldata config) external returns (bytes32 modelVersionId);

    /// @notice Sets which assets pay for a model's verification, and the least fee in each.
    function setFees(bytes32 modelId, AssetFee[] calldata fees) external;

    /// @notice Says whether new requests may name the model. Open requests are unaffected.
    function setActive(bytes32 modelId, bool active) external;

    /// @notice Hands the model to `newOwner`. Its id stays that of its first owner.
    function transferModel(bytes32 modelId, address newOwner) external;

    /// @notice Counts a decided job with consent.
    function recordOutcome(bytes32 modelVersionId, uint256 agentId, bool verified) external;

    function computeModelId(address originalOwner, string calldata name) external pure returns (bytes32);

    /// @notice keccak256(abi.encode(modelId, number, manifestDigest, policyDigest, methodId, validConfidence)).
    function computeModelVersionId(bytes32 modelId, uint32 number, VersionConfig calldata config)
        external
        pure
        returns (bytes32);

    function getModelInfo(bytes32 modelId) external view returns (ModelInfo memory);

    function getModelVersion(bytes32 modelVersionId) external view returns (ModelVersion memory);

    /// @notice The id of version `number` of a model.
    function getModelVersionId(bytes32 modelId, uint32 number) external view returns (bytes32);

    function getFee(bytes32 modelId, address asset) external view returns (AssetFee memory);

    /// @notice The record of a model with the jobs of one agent only, since throwaway agents can consent to garbage.
    function getModelAgentRecord(bytes32 modelId, uint256 agentId)
        external
        view
        returns (uint64 totalInferences, uint64 successfulVerifications);

    /// @notice What a request for the version in the asset must keep to; all zero when there is no such version.
    function getRequestTerms(bytes32 modelVersionId, address asset) external view returns (RequestTerms memory);

    /// @notice The method a version is verified with, and its confidence for a valid verdict.
    function getVersionMethod(bytes32 modelVersionId) external view returns (bytes32 methodId, uint16 validConfidence);
}
