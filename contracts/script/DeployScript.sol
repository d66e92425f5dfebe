// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Script } from "forge-std/Script.sol";

import { ProofOfInferenceAVS } from "../src/ProofOfInferenceAVS.sol";

/// @title What the deploy scripts share: the environment, creating contracts, checking their links, writing it all down
/// @notice `DEPLOYMENTS` in the environment is the directory that `<chainId>.json` is written to, `deployments` or below it.
abstract contract DeployScript is Script {
    error MissingVariable(string name);
    /// @notice The variable's address has no code on this chain.
    error ContractMissing(string name, address account);
    error ValueTooLarge(string name, uint256 value, uint256 maximum);
    /// @notice A contract that was deployed is not linked to the others as it should be.
    error DeploymentMismatch(string link, address expected, address actual);

    // -- creating

    /// @dev From what `npm run build:contracts` builds: the very code that the packages are tested with.
    function _create(string memory name, bytes memory arguments) internal returns (address created) {
        bytes memory code = abi.encodePacked(vm.getCode(string.concat("out/", name, ".sol/", name, ".json")), arguments);
        assembly ("memory-safe") {
            created := create(0, add(code, 0x20), mload(code))
            if iszero(created) {
                returndatacopy(code, 0, returndatasize())
                revert(code, returndatasize())
            }
        }
    }

    function _requireLink(string memory link, address expected, address actual) internal pure {
        if (actual != expected) revert DeploymentMismatch(link, expected, actual);
    }

    // -- writing it down

    /// @dev Writes the file that `parseDeployment` of the SDK reads.
    /// @param slasher Zero where there is none.
    function _save(uint256 startBlock, ProofOfInferenceAVS avs, address slasher) internal returns (string memory path) {
        address modelRegistry = address(avs.modelRegistry());
        address operatorSet = address(avs.operatorSet());
        string memory hashes = "codeHashes";
        vm.serializeBytes32(hashes, "avs", address(avs).codehash);
        vm.serializeBytes32(hashes, "modelRegistry", modelRegistry.codehash);
        vm.serializeBytes32(hashes, "slasher", slasher.codehash);
        hashes = vm.serializeBytes32(hashes, "operatorSet", operatorSet.codehash);

        string memory json = "deployment";
        vm.serializeUint(json, "chainId", block.chainid);
        vm.serializeUint(json, "startBlock", startBlock);
        vm.serializeAddress(json, "avs", address(avs));
        vm.serializeAddress(json, "modelRegistry", modelRegistry);
        vm.serializeAddress(json, "operatorSet", operatorSet);
        vm.serializeAddress(json, "slasher", slasher);
        vm.serializeAddress(json, "identityRegistry", address(avs.identityRegistry()));
        vm.serializeAddress(json, "validationRegistry", address(avs.validationRegistry()));
        vm.serializeAddress(json, "reputationRegistry", address(avs.reputationRegistry()));
        json = vm.serializeString(json, "codeHashes", hashes);

        string memory directory = vm.envOr("DEPLOYMENTS", string("deployments"));
        vm.createDir(directory, true);
        path = string.concat(directory, "/", vm.toString(block.chainid), ".json");
        vm.writeJson(json, path);
        // what the chain has not is said to be null, not zero
        if (address(avs.validationRegistry()) == address(0)) vm.writeJson("null", path, ".validationRegistry");
        if (address(avs.reputationRegistry()) == address(0)) vm.writeJson("null", path, ".reputationRegistry");
        if (slasher != address(0)) return path;
        vm.writeJson("null", path, ".slasher");
        vm.writeJson("null", path, ".codeHashes.slasher");
    }

    // -- the environment

    function _contract(string memory name) internal view returns (address account) {
        account = _address(name);
        if (account.code.length == 0) revert ContractMissing(name, account);
    }

    function _address(string memory name) internal view returns (address) {
        _requireVariable(name);
        return vm.envAddress(name);
    }

    function _requireVariable(string memory name) internal view {
        if (!vm.envExists(name)) revert MissingVariable(name);
    }

    function _uint32(string memory name, uint256 fallback_) internal view returns (uint32) {
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint32(_uint(name, fallback_, type(uint32).max));
    }

    function _uint96(string memory name, uint256 fallback_) internal view returns (uint96) {
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint96(_uint(name, fallback_, type(uint96).max));
    }

    function _uint(string memory name, uint256 fallback_, uint256 maximum) internal view returns (uint256 value) {
        value = vm.envOr(name, fallback_);
        _requireAtMost(name, value, maximum);
    }

    function _requireAtMost(string memory name, uint256 value, uint256 maximum) internal pure {
        if (value > maximum) revert ValueTooLarge(name, value, maximum);
    }
}
