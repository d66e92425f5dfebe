// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Test } from "forge-std/Test.sol";

import { DevnetECDSACertificateVerifier } from "../../devnet/DevnetECDSACertificateVerifier.sol";
import { DevnetOperatorTableUpdater } from "../../devnet/DevnetOperatorTableUpdater.sol";
import { OperatorSetConfig } from "../../devnet/EigenLayerTypes.sol";
import { OperatorTableSet } from "../../src/OperatorTableSet.sol";
import { Voter } from "../../src/interfaces/IOperatorSet.sol";
import { TableSetConfig } from "../../src/interfaces/IOperatorTableSet.sol";
import { OperatorSet } from "../../src/interfaces/external/IAllocationManager.sol";
import { ECDSAOperatorInfo } from "../../src/interfaces/external/IECDSACertificateVerifier.sol";

/// @notice A set over EigenLayer's stand-ins, with two kinds of stake, of multipliers 1 and 0.5.
abstract contract TableSetTest is Test {
    uint32 internal constant SET_ID = 3;
    uint96 internal constant MIN_WEIGHT = 100;
    /// @dev What one of 256 seats can have of a uint96.
    uint96 internal constant MAX_WEIGHT = (1 << 88) - 1;
    uint32 internal constant MAX_REFERENCE_AGE = 8 days;
    uint32 internal constant SUPERSEDED_GRACE = 1 hours;
    uint32 internal constant REQUEST_LIFETIME = 1 days;
    uint32 internal constant EVIDENCE_WINDOW = 4 days;
    /// @dev 8 + 1 + 4 days.
    uint40 internal constant HORIZON = 13 days;
    uint48 internal constant TABLE_TIME = 1_799_990_000;

    DevnetOperatorTableUpdater internal updater;
    DevnetECDSACertificateVerifier internal verifier;
    OperatorTableSet internal tableSet;
    address internal l1Avs = makeAddr("L1 AVS");
    /// @dev The staleness period that tables are posted with; 0 for none.
    uint32 internal staleness;

    function setUp() public virtual {
        vm.warp(TABLE_TIME);
        updater = new DevnetOperatorTableUpdater(address(this));
        verifier = updater.ecdsaCertificateVerifier();
        tableSet = new OperatorTableSet(tableSetConfig());
    }

    function tableSetConfig() internal view returns (TableSetConfig memory config) {
        config.certificateVerifier = address(verifier);
        config.avs = l1Avs;
        config.operatorSetId = SET_ID;
        config.multipliers = new uint96[](2);
        config.multipliers[0] = 1e18;
        config.multipliers[1] = 0.5e18;
        config.minWeight = MIN_WEIGHT;
        config.maxReferenceAge = MAX_REFERENCE_AGE;
        config.supersededGrace = SUPERSEDED_GRACE;
        config.maxRequestLifetime = REQUEST_LIFETIME;
        config.evidenceWindow = EVIDENCE_WINDOW;
        config.weightLookahead = uint32(HORIZON) + 1;
    }

    // -- tables

    function l1Set() internal view returns (OperatorSet memory) {
        return OperatorSet(l1Avs, SET_ID);
    }

    function operatorNumber(uint256 i) internal pure returns (address) {
        return address(uint160(0x10_000 + i));
    }

    /// @notice An entry with `stake` of the kind whose multiplier is 1.
    function entry(address operator, uint256 stake) internal pure returns (ECDSAOperatorInfo memory) {
        return entry(operator, stake, 0);
    }

    function entry(address operator, uint256 stake, uint256 halfStake)
        internal
        pure
        returns (ECDSAOperatorInfo memory info)
    {
        info = ECDSAOperatorInfo(operator, new uint256[](2));
        info.weights[0] = stake;
        info.weights[1] = halfStake;
    }

    function tableOf(address operator, uint256 stake) internal pure returns (ECDSAOperatorInfo[] memory infos) {
        infos = new ECDSAOperatorInfo[](1);
        infos[0] = entry(operator, stake);
    }

    /// @notice Operators 0, 1, … with stakes `first`, `first` + 1, …
    function ladder(uint256 count, uint256 first) internal pure returns (ECDSAOperatorInfo[] memory infos) {
        infos = new ECDSAOperatorInfo[](count);
        for (uint256 i = 0; i < count; ++i) {
            infos[i] = entry(operatorNumber(i), first + i);
        }
    }

    function post(uint48 timestamp, ECDSAOperatorInfo[] memory infos) internal {
        updater.postOperatorTable(l1Set(), uint32(timestamp), infos, OperatorSetConfig(l1Avs, staleness));
    }

    function postAndLoad(uint48 timestamp, ECDSAOperatorInfo[] memory infos) internal {
        post(timestamp, infos);
        tableSet.loadTable(timestamp);
    }

    function disableRoot(uint48 timestamp) internal {
        updater.disableRoot(updater.getGlobalTableRootByTimestamp(uint32(timestamp)));
    }

    function voterAt(address operator, uint48 timepoint) internal view returns (Voter memory voter) {
        (voter,) = tableSet.getVoter(operator, timepoint);
    }
}
