// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IAVSRegistrar } from "../../src/interfaces/external/IAVSRegistrar.sol";
import {
    CreateSetParamsV2,
    IAllocationManager,
    OperatorSet,
    SlashingParams
} from "../../src/interfaces/external/IAllocationManager.sol";

/// @notice Slashable stakes and the shares of a slash set by hand, and a memory of what an AVS set up.
contract MockAllocationManager is IAllocationManager {
    error InvalidAVSRegistrar();

    uint32 public DEALLOCATION_DELAY;
    mapping(address avs => string) public metadataURIs;
    mapping(address avs => address) public registrars;

    mapping(address avs => mapping(uint32 id => address[])) private _strategies;
    mapping(address avs => mapping(uint32 id => address)) private _slashers;
    mapping(address operator => mapping(address strategy => uint256)) private _stakes;
    mapping(address strategy => uint256) private _shares;
    uint256 private _slashCount;

    constructor(uint32 deallocationDelay) {
        DEALLOCATION_DELAY = deallocationDelay;
    }

    function setDeallocationDelay(uint32 deallocationDelay) external {
        DEALLOCATION_DELAY = deallocationDelay;
    }

    function setStake(address operator, address strategy, uint256 stake) external {
        _stakes[operator][strategy] = stake;
    }

    /// @notice What each slash takes of `strategy`.
    function setSlashedShares(address strategy, uint256 shares) external {
        _shares[strategy] = shares;
    }

    function updateAVSMetadataURI(address avs, string calldata metadataURI) external {
        metadataURIs[avs] = metadataURI;
    }

    function setAVSRegistrar(address avs, address registrar) external {
        if (!IAVSRegistrar(registrar).supportsAVS(avs)) revert InvalidAVSRegistrar();
        registrars[avs] = registrar;
    }

    function createOperatorSets(address avs, CreateSetParamsV2[] calldata params) external {
        for (uint256 i = 0; i < params.length; ++i) {
            _strategies[avs][params[i].operatorSetId] = params[i].strategies;
            _slashers[avs][params[i].operatorSetId] = params[i].slasher;
        }
    }

    function slashOperator(address, SlashingParams calldata params)
        external
        returns (uint256 slashId, uint256[] memory shares)
    {
        shares = new uint256[](params.strategies.length);
        for (uint256 i = 0; i < shares.length; ++i) {
            shares[i] = _shares[params.strategies[i]];
        }
        return (++_slashCount, shares);
    }

    function getSlasher(OperatorSet calldata operatorSet) external view virtual returns (address) {
        return _slashers[operatorSet.avs][operatorSet.id];
    }

    function getStrategies(address avs, uint32 operatorSetId) external view returns (address[] memory) {
        return _strategies[avs][operatorSetId];
    }

    function getStrategiesInOperatorSet(OperatorSet calldata operatorSet) external view returns (address[] memory) {
        return _strategies[operatorSet.avs][operatorSet.id];
    }

    function getMinimumSlashableStake(
        OperatorSet calldata,
        address[] calldata operators,
        address[] calldata strategies,
        uint32
    ) external view returns (uint256[][] memory stakes) {
        stakes = new uint256[][](operators.length);
        for (uint256 i = 0; i < operators.length; ++i) {
            stakes[i] = new uint256[](strategies.length);
            for (uint256 j = 0; j < strategies.length; ++j) {
                stakes[i][j] = _stakes[operators[i]][strategies[j]];
            }
        }
    }
}
