// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC1271 } from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title Signatures of accounts with and without code
library Signatures {
    /// @dev What a wallet may spend on checking a signature.
    uint256 private constant WALLET_GAS = 500_000;

    /// @notice Whether `signer` signed `digest`: by ECDSA (65 bytes, low s), or else, where it has code, by ERC-1271.
    /// @dev ECDSA comes first, since an account may have both a key and code (EIP-7702).
    function isValid(address signer, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        (address recovered,,) = ECDSA.tryRecoverCalldata(digest, signature);
        if (recovered != address(0) && recovered == signer) return true;
        if (signer.code.length == 0) return false;
        bytes memory data = abi.encodeCall(IERC1271.isValidSignature, (digest, signature));
        bool success;
        uint256 size;
        bytes32 answer;
        // One word is copied of what the wallet returns, however much that is.
        assembly ("memory-safe") {
            success := staticcall(WALLET_GAS, signer, add(data, 0x20), mload(data), 0, 0x20)
            size := returndatasize()
            answer := mload(0)
        }
        return success && size >= 32 && answer == bytes32(IERC1271.isValidSignature.selector);
    }
}
