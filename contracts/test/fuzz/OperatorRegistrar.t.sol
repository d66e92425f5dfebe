// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { OperatorRegistrar } from "../../src/OperatorRegistrar.sol";
import { RegistrarConfig } from "../../src/interfaces/IOperatorRegistrar.sol";
import { Voter } from "../../src/interfaces/IOperatorSet.sol";
import { RegistrarTest } from "../utils/RegistrarTest.sol";

/// @notice The registrar's history against a plain model that writes down every operator at every block.
contract OperatorRegistrarFuzzTest is RegistrarTest {
    uint256 private constant OPERATORS = 6;
    /// @dev Short, so that weights go stale within a run.
    uint32 private constant SHORT_AGE = 4;

    struct Snapshot {
        bool seated;
        uint96 weight;
        uint256 refreshedAt;
        address signingKey;
    }

    mapping(address operator => bool) private members;
    mapping(address operator => uint256) private stakes;
    mapping(address operator => address) private keys;
    mapping(address operator => Snapshot) private current;
    mapping(uint256 timepoint => mapping(address operator => Snapshot)) private history;

    function setUp() public override {
        super.setUp();
        RegistrarConfig memory config = registrarConfig();
        config.maxWeightAge = SHORT_AGE;
        registrar = new OperatorRegistrar(config);
    }

    function operatorNumber(uint256 i) private pure returns (address) {
        return address(uint160(0x10_000 + i));
    }

    /// @dev What the model says of an operator that joins or is refreshed now.
    function checkpoint(address operator) private {
        uint256 weight = stakes[operator] < MAX_WEIGHT ? stakes[operator] : MAX_WEIGHT;
        bool seated = weight >= MIN_WEIGHT && keys[operator] != address(0);
        current[operator] =
            Snapshot(seated, seated ? uint96(weight) : 0, vm.getBlockNumber(), seated ? keys[operator] : address(0));
    }

    function act(uint256 seed) private {
        address operator = operatorNumber((seed >> 8) % OPERATORS);
        uint256 action = seed % 8;
        if (action <= 1) {
            stakes[operator] = bound(seed >> 32, 0, 4 * MIN_WEIGHT);
            if (seed >> 16 & 31 == 0) stakes[operator] = uint256(MAX_WEIGHT) + (seed >> 240);
            setStake(operator, stakes[operator]);
        } else if (action == 2) {
            keys[operator] = seed >> 16 & 3 == 0 ? address(0) : address(uint160(0x20_000 + (seed >> 24) % 100));
            keyRegistrar.setKey(operator, keys[operator]);
        } else if (action == 3 && members[operator]) {
            deregister(operator);
            members[operator] = false;
            delete current[operator];
        } else if (action <= 5 && !members[operator]) {
            if (keys[operator] == address(0)) {
                keys[operator] = keyOf(operator);
                keyRegistrar.setKey(operator, keys[operator]);
            }
            register(operator);
            members[operator] = true;
            checkpoint(operator);
        } else if (members[operator]) {
            refresh(operator);
            checkpoint(operator);
        }
    }

    /// @notice Ends the block: what holds now is what holds at it for ever.
    function endBlocks(uint256 count) private {
        for (uint256 i = 0; i < count; ++i) {
            uint256 timepoint = vm.getBlockNumber();
            for (uint256 j = 0; j < OPERATORS; ++j) {
                history[timepoint][operatorNumber(j)] = current[operatorNumber(j)];
            }
            vm.roll(timepoint + 1);
        }
    }

    function assertBlock(uint256 timepoint) private view {
        uint256 sum;
        uint256 indices;
        for (uint256 i = 0; i < OPERATORS; ++i) {
            address operator = operatorNumber(i);
            Snapshot memory expected = history[timepoint][operator];
            Voter memory voter = voterAt(operator, timepoint);
            sum += voter.weight;
            assertEq(voter.weight, expected.weight, "weight");
            assertEq(voter.signingKey, expected.signingKey, "signingKey");
            assertEq(voter.canVote, expected.seated && timepoint <= expected.refreshedAt + SHORT_AGE, "canVote");
            if (!expected.seated) continue;
            assertEq(indices & 1 << voter.index, 0, "index held twice");
            indices |= 1 << voter.index;
        }
        assertEq(registrar.getTotalWeight(uint48(timepoint)), sum, "total");
    }

    /// forge-config: default.fuzz.runs = 150
    function testFuzz_History_IsThatOfThePlainModel(uint256[40] memory seeds) public {
        for (uint256 i = 0; i < seeds.length; ++i) {
            uint256 seed = uint256(keccak256(abi.encode(seeds[i])));
            act(seed);
            // several changes of a block, and stretches long enough for weights to go stale
            uint256 pause = seed >> 248;
            endBlocks(pause < 100 ? 0 : pause < 240 ? 1 : SHORT_AGE - 1);
        }
        endBlocks(1);
        for (uint256 timepoint = START_BLOCK - 1; timepoint < vm.getBlockNumber(); ++timepoint) {
            assertBlock(timepoint);
        }
    }
}

/// @notice All 256 seats held, by operators that come, go and change.
contract FullOperatorRegistrarFuzzTest is RegistrarTest {
    uint256 private constant OPERATORS = 264;

    function operatorNumber(uint256 i) private pure returns (address) {
        return address(uint160(0x10_000 + i));
    }

    function setUp() public override {
        super.setUp();
        for (uint256 i = 0; i < OPERATORS; ++i) {
            join(operatorNumber(i), 1_000);
        }
        vm.roll(START_BLOCK + 1);
    }

    function act(uint256 seed) private {
        address operator = operatorNumber((seed >> 8) % OPERATORS);
        if (!registrar.isMember(operator)) {
            register(operator);
        } else if (seed % 4 == 0) {
            deregister(operator);
        } else {
            setStake(operator, bound(seed >> 32, MIN_WEIGHT - 10, 2_000));
            refresh(operator);
        }
    }

    /// @dev The least weight of a seat, and how many are held; asserts that the indices are unique and the total is
    /// the sum of the seats at the timepoint.
    function assertSeats(uint256 timepoint) private view returns (uint256 lightest, uint256 held) {
        uint256 sum;
        uint256 indices;
        lightest = type(uint256).max;
        for (uint256 i = 0; i < OPERATORS; ++i) {
            Voter memory voter = voterAt(operatorNumber(i), timepoint);
            if (voter.signingKey == address(0)) continue;
            assertEq(indices & 1 << voter.index, 0, "index held twice");
            indices |= 1 << voter.index;
            sum += voter.weight;
            ++held;
            if (voter.weight < lightest) lightest = voter.weight;
        }
        assertEq(registrar.getTotalWeight(uint48(timepoint)), sum, "total");
    }

    /// forge-config: default.fuzz.runs = 40
    function testFuzz_Full_TheLightestIsReplacedOnlyByAHeavier(uint256[4] memory seeds, uint96 stake) public {
        for (uint256 i = 0; i < seeds.length; ++i) {
            act(uint256(keccak256(abi.encode(seeds[i]))));
        }
        stake = uint96(bound(stake, MIN_WEIGHT, 2_500));
        uint256 before = vm.getBlockNumber();
        vm.roll(before + 1);
        (uint256 lightest, uint256 held) = assertSeats(before);

        address newcomer = makeAddr("newcomer");
        join(newcomer, stake);
        assertEq(isSeated(newcomer), held < 256 || stake > lightest, "seated");
        assertEq(registrar.getSeatedOperators().length, held < 256 ? held + 1 : 256);
        for (uint256 i = 0; i < OPERATORS; ++i) {
            // the newcomer is none of the operators: whoever lost its seat was the lightest
            Voter memory voter = voterAt(operatorNumber(i), before);
            if (voter.weight > lightest) assertTrue(isSeated(operatorNumber(i)), "kept");
        }
    }
}
