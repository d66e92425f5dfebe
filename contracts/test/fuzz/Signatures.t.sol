// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Test } from "forge-std/Test.sol";

import { Signatures } from "../../src/libraries/Signatures.sol";

contract SignaturesTest is Test {
    function compact(bytes calldata signature) external pure returns (bytes32 r, bytes32 vs) {
        return Signatures.compact(signature);
    }

    function isValid(address signer, bytes32 digest, bytes calldata signature) external view returns (bool) {
        return Signatures.isValid(signer, digest, signature);
    }

    function keyOf(uint256 seed) private pure returns (uint256) {
        return bound(seed, 1, SECP256K1_ORDER - 1);
    }

    function assertNobody(bytes32 digest, bytes memory signature) private view {
        (bytes32 r, bytes32 vs) = this.compact(signature);
        assertEq(Signatures.recover(digest, r, vs), address(0));
    }

    function testFuzz_CompactThenRecover(uint256 seed, bytes32 digest) public view {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf(seed), digest);
        (bytes32 compactR, bytes32 vs) = this.compact(abi.encodePacked(r, s, v));
        assertEq(compactR, r);
        assertEq(vs, bytes32(uint256(s) + (v == 28 ? 2 ** 255 : 0)));
        assertEq(Signatures.recover(digest, r, vs), vm.addr(keyOf(seed)));
        (bytes32 expectedR, bytes32 expectedVs) = vm.signCompact(keyOf(seed), digest);
        assertEq(compactR, expectedR);
        assertEq(vs, expectedVs);
    }

    /// @dev As OpenZeppelin's check of the 65 bytes: what is no signature there is none here.
    function testFuzz_AsThe65Bytes(uint256 seed, bytes32 digest, bytes32 s, uint8 v) public view {
        (uint8 goodV, bytes32 r, bytes32 goodS) = vm.sign(keyOf(seed), digest);
        if (seed % 3 == 0) s = goodS;
        if (seed % 3 == 1) s = bytes32(SECP256K1_ORDER - uint256(goodS));
        if (seed % 5 != 0) v = v % 2 == 0 ? goodV : goodV ^ 7;
        bytes memory signature = abi.encodePacked(r, s, v);
        (bytes32 compactR, bytes32 vs) = this.compact(signature);
        address recovered = Signatures.recover(digest, compactR, vs);
        address signer = vm.addr(keyOf(seed));
        assertEq(recovered == signer, this.isValid(signer, digest, signature));
        bool isLow = uint256(s) <= SECP256K1_ORDER / 2;
        address plain = isLow && (v == 27 || v == 28) ? ecrecover(digest, v, r, s) : address(0);
        assertEq(recovered, plain);
    }

    function testFuzz_Compact_OtherLengths(bytes memory signature, bytes32 digest) public view {
        vm.assume(signature.length != 65);
        (bytes32 r, bytes32 vs) = this.compact(signature);
        assertEq(r, 0);
        assertEq(vs, 0);
        assertNobody(digest, signature);
    }

    function testFuzz_Compact_HighS(bytes32 r, uint256 s, bytes32 digest, bool isOdd) public view {
        s = bound(s, SECP256K1_ORDER / 2 + 1, type(uint256).max);
        assertNobody(digest, abi.encodePacked(r, s, isOdd ? uint8(28) : uint8(27)));
    }

    function testFuzz_Compact_OtherV(uint256 seed, bytes32 digest, uint8 v) public view {
        vm.assume(v != 27 && v != 28);
        (, bytes32 r, bytes32 s) = vm.sign(keyOf(seed), digest);
        assertNobody(digest, abi.encodePacked(r, s, v));
    }
}
