// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Test } from "forge-std/Test.sol";

import { Problem } from "../../src/libraries/Problem.sol";

contract ProblemTest is Test {
    error One(address a);
    error Two(bytes32 a, uint8 b);
    error Three(uint40 a, bool b, uint256 c);
    error Four(bytes32 a, uint96 b, uint96 c, uint96 d);

    function raise(bytes memory problem) external pure returns (bool) {
        Problem.raise(problem);
        return true;
    }

    function testFuzz_Encode_IsTheError(address a, bytes32 b, uint8 c, uint40 d, bool e, uint256 f, uint96 g)
        public
        pure
    {
        assertEq(Problem.encode(One.selector, uint160(a)), abi.encodeWithSelector(One.selector, a));
        assertEq(Problem.encode(Two.selector, uint256(b), c), abi.encodeWithSelector(Two.selector, b, c));
        assertEq(Problem.encode(Three.selector, d, e ? 1 : 0, f), abi.encodeWithSelector(Three.selector, d, e, f));
        assertEq(
            Problem.encode(Four.selector, uint256(b), g, ~g, g / 2),
            abi.encodeWithSelector(Four.selector, b, g, ~g, g / 2)
        );
    }

    function testFuzz_Raise_RevertsWithIt(bytes memory problem) public {
        vm.assume(problem.length != 0);
        (bool success, bytes memory reason) = address(this).call(abi.encodeCall(this.raise, (problem)));
        assertFalse(success);
        assertEq(reason, problem);
    }

    function test_Raise_NoProblem() public view {
        assertTrue(this.raise(""));
    }
}
