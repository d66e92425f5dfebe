// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { OperatorSet } from "../src/interfaces/external/IAllocationManager.sol";
import { ECDSAOperatorInfo } from "../src/interfaces/external/IECDSACertificateVerifier.sol";
import { IOperatorTableUpdater } from "../src/interfaces/external/IOperatorTableUpdater.sol";
import { DevnetECDSACertificateVerifier } from "./DevnetECDSACertificateVerifier.sol";
import { OperatorSetConfig } from "./EigenLayerTypes.sol";

/// @title Stand-in for EigenLayer's OperatorTableUpdater: posts operator tables, and knows which roots hold
/// @dev The real one takes roots signed by EigenLayer's generator, and from anyone tables proved against them. Here
/// the owner posts tables (`postOperatorTable` and `OnlyOwner` are not in the real ABI) and is the pauser, who disables
/// roots; every timestamp has a root of its own.
contract DevnetOperatorTableUpdater is IOperatorTableUpdater {
    address public immutable owner;
    DevnetECDSACertificateVerifier public immutable ecdsaCertificateVerifier;

    mapping(uint32 timestamp => bytes32) private _roots;
    mapping(bytes32 globalTableRoot => bool) public isRootValid;

    event GlobalRootDisabled(bytes32 indexed globalTableRoot);
    event NewGlobalTableRoot(uint32 indexed referenceTimestamp, bytes32 indexed globalTableRoot);

    error GlobalTableRootInFuture();
    error InvalidRoot();
    error OnlyOwner();
    error OnlyPauser();

    constructor(address owner_) {
        owner = owner_;
        ecdsaCertificateVerifier = new DevnetECDSACertificateVerifier(address(this));
    }

    /// @notice Confirms the root of the timestamp, unless it was, and posts one set's table under it.
    /// @param referenceTimestamp Not in the future, and after the set's newest table.
    /// @param operatorSetConfig Its `maxStalenessPeriod`, in seconds, then holds for all tables of the set; 0 for ever.
    function postOperatorTable(
        OperatorSet calldata operatorSet,
        uint32 referenceTimestamp,
        ECDSAOperatorInfo[] calldata operatorInfos,
        OperatorSetConfig calldata operatorSetConfig
    ) external {
        require(msg.sender == owner, OnlyOwner());
        require(referenceTimestamp <= block.timestamp, GlobalTableRootInFuture());
        bytes32 root = _roots[referenceTimestamp];
        if (root == 0) {
            root = keccak256(abi.encode(referenceTimestamp));
            _roots[referenceTimestamp] = root;
            isRootValid[root] = true;
            emit NewGlobalTableRoot(referenceTimestamp, root);
        }
        require(isRootValid[root], InvalidRoot());
        ecdsaCertificateVerifier.updateOperatorTable(
            operatorSet, referenceTimestamp, operatorInfos, operatorSetConfig
        );
    }

    /// @notice Disables the root of a timestamp, and with it the tables of all sets at it.
    function disableRoot(bytes32 globalTableRoot) external {
        require(msg.sender == owner, OnlyPauser());
        require(isRootValid[globalTableRoot], InvalidRoot());
        isRootValid[globalTableRoot] = false;
        emit GlobalRootDisabled(globalTableRoot);
    }

    function getGlobalTableRootByTimestamp(uint32 referenceTimestamp) external view returns (bytes32) {
        return _roots[referenceTimestamp];
    }

    function isRootValidByTimestamp(uint32 referenceTimestamp) external view returns (bool) {
        return isRootValid[_roots[referenceTimestamp]];
    }
}
