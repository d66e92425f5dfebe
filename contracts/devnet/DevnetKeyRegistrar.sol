// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { OperatorSet } from "../src/interfaces/external/IAllocationManager.sol";
import { DevnetAllocationManager } from "./DevnetAllocationManager.sol";
import { MessageHashUtils } from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import { SignatureChecker } from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

/// @title Stand-in for EigenLayer's KeyRegistrar: the operators' signing keys, ECDSA only
/// @dev An account acts for itself only. A key, once registered anywhere, can never be registered again.
contract DevnetKeyRegistrar {
    struct Key {
        bool isRegistered;
        bytes data;
    }

    uint8 private constant NONE = 0;
    uint8 private constant ECDSA = 1;

    bytes32 public constant ECDSA_KEY_REGISTRATION_TYPEHASH =
        keccak256("ECDSAKeyRegistration(address operator,address avs,uint32 operatorSetId,address keyAddress)");

    DevnetAllocationManager public immutable allocationManager;

    mapping(bytes32 keyHash => bool) public isKeyGloballyRegistered;
    mapping(bytes32 setHash => uint8) private _curveTypes;
    mapping(bytes32 setHash => mapping(address operator => Key)) private _keys;
    mapping(bytes32 keyHash => address) private _operators;

    event KeyDeregistered(OperatorSet operatorSet, address indexed operator, uint8 curveType);
    event KeyRegistered(OperatorSet operatorSet, address indexed operator, uint8 curveType, bytes pubkey);
    event OperatorSetConfigured(OperatorSet operatorSet, uint8 curveType);

    error ConfigurationAlreadySet();
    error InvalidCurveType();
    error InvalidKeyFormat();
    error InvalidPermissions();
    error InvalidSignature();
    error KeyAlreadyRegistered();
    error KeyNotFound(OperatorSet operatorSet, address operator);
    error OperatorAlreadyRegistered();
    error OperatorSetNotConfigured();
    error OperatorStillSlashable(OperatorSet operatorSet, address operator);
    error ZeroPubkey();

    constructor(DevnetAllocationManager allocationManager_) {
        allocationManager = allocationManager_;
    }

    modifier onlyFor(address account) {
        require(msg.sender == account, InvalidPermissions());
        _;
    }

    /// @param curveType 1 is ECDSA. EigenLayer's other curve, BN254, is not modelled.
    function configureOperatorSet(OperatorSet memory operatorSet, uint8 curveType) external onlyFor(operatorSet.avs) {
        require(curveType == ECDSA, InvalidCurveType());
        require(getOperatorSetCurveType(operatorSet) == NONE, ConfigurationAlreadySet());
        _curveTypes[_hash(operatorSet)] = curveType;
        emit OperatorSetConfigured(operatorSet, curveType);
    }

    /// @param keyData The 20 bytes of the key's address.
    /// @param signature By the key, over `getECDSAKeyRegistrationMessageHash`.
    function registerKey(
        address operator,
        OperatorSet memory operatorSet,
        bytes calldata keyData,
        bytes calldata signature
    ) external onlyFor(operator) {
        require(getOperatorSetCurveType(operatorSet) != NONE, OperatorSetNotConfigured());
        require(!isRegistered(operatorSet, operator), OperatorAlreadyRegistered());
        require(keyData.length == 20, InvalidKeyFormat());
        address key = address(bytes20(keyData));
        require(key != address(0), ZeroPubkey());
        require(!isKeyGloballyRegistered[keccak256(keyData)], KeyAlreadyRegistered());
        bytes32 digest = getECDSAKeyRegistrationMessageHash(operator, operatorSet, key);
        require(SignatureChecker.isValidSignatureNow(key, digest, signature), InvalidSignature());

        isKeyGloballyRegistered[keccak256(keyData)] = true;
        _operators[keccak256(keyData)] = operator;
        _keys[_hash(operatorSet)][operator] = Key(true, keyData);
        emit KeyRegistered(operatorSet, operator, ECDSA, keyData);
    }

    function deregisterKey(address operator, OperatorSet memory operatorSet) external onlyFor(operator) {
        require(
            !allocationManager.isOperatorSlashable(operator, operatorSet), OperatorStillSlashable(operatorSet, operator)
        );
        require(getOperatorSetCurveType(operatorSet) != NONE, OperatorSetNotConfigured());
        require(isRegistered(operatorSet, operator), KeyNotFound(operatorSet, operator));
        delete _keys[_hash(operatorSet)][operator];
        emit KeyDeregistered(operatorSet, operator, ECDSA);
    }

    function isRegistered(OperatorSet memory operatorSet, address operator) public view returns (bool) {
        return _keys[_hash(operatorSet)][operator].isRegistered;
    }

    function getOperatorSetCurveType(OperatorSet memory operatorSet) public view returns (uint8) {
        return _curveTypes[_hash(operatorSet)];
    }

    function getECDSAKey(OperatorSet memory operatorSet, address operator) public view returns (bytes memory) {
        require(getOperatorSetCurveType(operatorSet) == ECDSA, InvalidCurveType());
        return _keys[_hash(operatorSet)][operator].data;
    }

    function getECDSAAddress(OperatorSet memory operatorSet, address operator) external view returns (address) {
        return address(bytes20(getECDSAKey(operatorSet, operator)));
    }

    function getKeyHash(OperatorSet memory operatorSet, address operator) external view returns (bytes32) {
        return isRegistered(operatorSet, operator) ? keccak256(_keys[_hash(operatorSet)][operator].data) : bytes32(0);
    }

    /// @return The operator that registered the key, in whichever set.
    /// @return Whether that operator now has a key in this set.
    function getOperatorFromSigningKey(OperatorSet memory operatorSet, bytes memory keyData)
        external
        view
        returns (address, bool)
    {
        require(getOperatorSetCurveType(operatorSet) == ECDSA, InvalidCurveType());
        address operator = _operators[keccak256(keyData)];
        return (operator, isRegistered(operatorSet, operator));
    }

    function getECDSAKeyRegistrationMessageHash(address operator, OperatorSet memory operatorSet, address keyAddress)
        public
        view
        returns (bytes32)
    {
        return MessageHashUtils.toTypedDataHash(
            domainSeparator(),
            keccak256(
                abi.encode(ECDSA_KEY_REGISTRATION_TYPEHASH, operator, operatorSet.avs, operatorSet.id, keyAddress)
            )
        );
    }

    function domainSeparator() public view returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("EigenLayer"),
                keccak256("1"),
                block.chainid,
                address(this)
            )
        );
    }

    function _hash(OperatorSet memory operatorSet) private pure returns (bytes32) {
        return keccak256(abi.encode(operatorSet));
    }
}
