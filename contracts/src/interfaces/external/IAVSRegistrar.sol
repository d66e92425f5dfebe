// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title What EigenLayer's AllocationManager calls when operators join and leave
interface IAVSRegistrar {
    function registerOperator(address operator, address avs, uint32[] calldata operatorSetIds, bytes calldata data)
        external;
    function deregisterOperator(address operator, address avs, uint32[] calldata operatorSetIds) external;
    function supportsAVS(address avs) external view returns (bool);
}
