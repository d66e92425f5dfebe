// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC1271 } from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @title Signatures of accounts with and without code
library Signatures {
    /// @dev What a wallet may spend on checking a signature.
    uint256 private constant WALLET_GAS = 500_000;
    /// @dev Half of secp256k1's order, rounded down (EIP-2): of a signature and its mirror image, one counts.
    uint256 private constant MAX_S = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// @notice Whether `signer` signed `digest`: by ECDSA (65 bytes, low s), or else, where it has code, by ERC-1271.
    /// @dev ECDSA comes first, since an account may have both a key and code (EIP-7702).
    function isValid(address signer, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        (bytes32 r, bytes32 vs) = compact(signature);
        address recovered = recover(digest, r, vs);
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

    /// @notice Who signed `digest`, by ECDSA in EIP-2098's compact form; zero when nobody did, or s is high.
    /// @dev As `ecrecover`, without its checks of what has been checked: fails where the precompile does, for want of gas.
    function recover(bytes32 digest, bytes32 r, bytes32 vs) internal view returns (address signer) {
        uint256 s = uint256(vs) & type(uint256).max >> 1;
        if (s > MAX_S) return address(0);
        assembly ("memory-safe") {
            let pointer := mload(0x40)
            mstore(pointer, digest)
            mstore(add(pointer, 0x20), add(27, shr(255, vs)))
            mstore(add(pointer, 0x40), r)
            mstore(add(pointer, 0x60), s)
            mstore(0, 0) // stays where nobody signed
            if iszero(staticcall(gas(), 1, pointer, 0x80, 0, 0x20)) { revert(0, 0) }
            signer := mload(0)
        }
    }

    /// @notice A signature of 65 bytes in EIP-2098's compact form; zeros, which nobody signed, when it has none.
    function compact(bytes calldata signature) internal pure returns (bytes32 r, bytes32 vs) {
        if (signature.length != 65) return (0, 0);
        uint8 v = uint8(signature[64]);
        uint256 s = uint256(bytes32(signature[32:64]));
        if (s >> 255 != 0 || (v != 27 && v != 28)) return (0, 0);
        return (bytes32(signature[:32]), bytes32(s | uint256(v - 27) << 255));
    }
}
