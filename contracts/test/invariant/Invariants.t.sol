// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Test } from "forge-std/Test.sol";
import { LibBit } from "solady/utils/LibBit.sol";

import { ModelRegistry } from "../../src/ModelRegistry.sol";
import { OperatorRegistrar } from "../../src/OperatorRegistrar.sol";
import { AVSConfig, ProofOfInferenceAVS } from "../../src/ProofOfInferenceAVS.sol";
import { AssetFee, ModelConfig, VersionConfig } from "../../src/interfaces/IModelRegistry.sol";
import { RegistrarConfig, StrategyWeight } from "../../src/interfaces/IOperatorRegistrar.sol";
import { Voter } from "../../src/interfaces/IOperatorSet.sol";
import { JobState, RequestState } from "../../src/interfaces/IProofOfInferenceAVS.sol";
import { Job, Request, Status } from "../../src/types/DataTypes.sol";
import { MockAllocationManager } from "../mocks/MockAllocationManager.sol";
import { MockIdentityRegistry } from "../mocks/MockIdentityRegistry.sol";
import { MockKeyRegistrar } from "../mocks/MockKeyRegistrar.sol";
import { FeeOnTransferToken, MockToken } from "../mocks/Tokens.sol";
import { LedgerHandler } from "./handlers/LedgerHandler.sol";
import { OperatorHandler } from "./handlers/OperatorHandler.sol";
import { RequestHandler } from "./handlers/RequestHandler.sol";
import { TimeHandler } from "./handlers/TimeHandler.sol";
import { VoteHandler } from "./handlers/VoteHandler.sol";
import { Ballot, Checkpoint, Decision, Entry, Store, World } from "./stores/Store.sol";

/// @notice The AVS, its model registry and its registrar, under everything that their users can do.
/// forge-config: default.invariant.fail-on-revert = true
contract InvariantTest is Test {
    uint256 private constant WEALTH = 1e30;
    uint32 private constant LIFETIME = 30 minutes;

    Store private store;
    World private world;
    LedgerHandler private ledgerHandler;
    RequestHandler private requestHandler;
    VoteHandler private voteHandler;
    OperatorHandler private operatorHandler;
    TimeHandler private timeHandler;

    // -- setting up

    function setUp() public {
        vm.warp(1_800_000_000);
        vm.roll(20_000_000);
        deploy();
        createAccounts();
        store = new Store(world);
        ledgerHandler = new LedgerHandler(store);
        requestHandler = new RequestHandler(store);
        voteHandler = new VoteHandler(store);
        operatorHandler = new OperatorHandler(store);
        timeHandler = new TimeHandler(store);
        fundAccounts();
        joinOperators();
        vm.roll(20_000_050);
        excludeAll();
        targetContract(address(ledgerHandler));
        targetContract(address(requestHandler));
        targetContract(address(voteHandler));
        targetContract(address(operatorHandler));
        targetContract(address(timeHandler));
    }

    function deploy() private {
        world.assets = [address(0), address(new MockToken()), address(new FeeOnTransferToken())];
        world.strategies = [address(0x51), address(0x52)];
        world.minWeight = 1 ether;
        world.maxWeightAge = 600;
        world.allocationManager = new MockAllocationManager(100_800);
        world.keyRegistrar = new MockKeyRegistrar();
        world.identityRegistry = new MockIdentityRegistry();
        address predicted = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 2);
        ModelRegistry modelRegistry = new ModelRegistry(predicted);
        world.registrar = new OperatorRegistrar(registrarConfig(predicted));
        world.avs = new ProofOfInferenceAVS(avsConfig(address(modelRegistry)));

        world.method = keccak256("method");
        ModelConfig memory model;
        model.version = VersionConfig(keccak256("manifest"), keccak256("policy"), world.method, 9_900);
        model.fees = new AssetFee[](3);
        for (uint256 i = 0; i < 3; ++i) {
            model.fees[i] = AssetFee(world.assets[i], true, 0.001 ether);
        }
        (, world.modelVersionId) = modelRegistry.registerModel("model", model);
    }

    function registrarConfig(address avs) private view returns (RegistrarConfig memory config) {
        config.avs = avs;
        config.allocationManager = address(world.allocationManager);
        config.keyRegistrar = address(world.keyRegistrar);
        config.strategies = new StrategyWeight[](2);
        config.strategies[0] = StrategyWeight(world.strategies[0], 1e18);
        config.strategies[1] = StrategyWeight(world.strategies[1], 0.5e18);
        config.minWeight = world.minWeight;
        config.maxWeightAge = uint32(world.maxWeightAge);
        config.maxReferenceAge = 40;
        config.maxRequestLifetime = LIFETIME;
        config.evidenceWindow = 1 days;
        config.minBlockTime = 12;
    }

    function avsConfig(address modelRegistry) private view returns (AVSConfig memory config) {
        config.owner = address(this);
        config.modelRegistry = modelRegistry;
        config.operatorSet = address(world.registrar);
        config.identityRegistry = address(world.identityRegistry);
        config.allocationManager = address(world.allocationManager);
        config.keyRegistrar = address(world.keyRegistrar);
        config.strategies = new address[](2);
        config.strategies[0] = world.strategies[0];
        config.strategies[1] = world.strategies[1];
    }

    function createAccounts() private {
        world.requesters = [makeAddr("requester 0"), makeAddr("requester 1"), makeAddr("requester 2")];
        world.payees = [makeAddr("payee 0"), makeAddr("payee 1")];
        for (uint256 i = 0; i < world.operators.length; ++i) {
            world.operators[i] = makeAddr(string.concat("operator ", vm.toString(i)));
        }
    }

    function fundAccounts() private {
        for (uint256 i = 0; i < 3; ++i) {
            vm.deal(world.requesters[i], WEALTH);
            for (uint256 j = 1; j < 3; ++j) {
                MockToken(world.assets[j]).mint(world.requesters[i], WEALTH);
                vm.prank(world.requesters[i]);
                MockToken(world.assets[j]).approve(address(world.avs), type(uint256).max);
            }
        }
        for (uint256 i = 0; i < 2; ++i) {
            (address payee, uint256 key) = makeAddrAndKey(string.concat("payee ", vm.toString(i)));
            store.addSigner(payee, payee, key);
            world.identityRegistry.setAgentWallet(i, payee);
        }
    }

    /// @dev All but the last have a key and stake; four of them have joined.
    function joinOperators() private {
        for (uint256 i = 0; i < world.operators.length; ++i) {
            (address signer, uint256 key) = makeAddrAndKey(string.concat("signer ", vm.toString(i)));
            world.keyRegistrar.setKey(world.operators[i], signer);
            store.addSigner(world.operators[i], signer, key);
            if (i == 6) continue;
            uint256[2] memory stakes = [(10 + 7 * i) * 1 ether, i * 3 ether + 1];
            world.allocationManager.setStake(world.operators[i], world.strategies[0], stakes[0]);
            world.allocationManager.setStake(world.operators[i], world.strategies[1], stakes[1]);
            store.setStakes(world.operators[i], stakes);
            if (i < 4) operatorHandler.join(i);
        }
    }

    function excludeAll() private {
        // callers of handlers: withdrawing for others is the only thing a caller could change
        excludeSender(address(world.avs));
    }

    // -- invariants

    /// @dev Open escrow is reward and fee until a request is final, and then what is left of the fee.
    function invariant_BalanceCoversDepositsEarningsAndOpenEscrow() public view {
        for (uint256 i = 0; i < 3; ++i) {
            address asset = world.assets[i];
            uint256 owed = depositsAndEarnings(asset);
            for (uint256 j = 0; j < store.requestCount(); ++j) {
                if (store.getRequest(j).asset == asset) owed += escrowOf(j);
            }
            uint256 balance =
                asset == address(0) ? address(world.avs).balance : MockToken(asset).balanceOf(address(world.avs));
            assertGe(balance, owed, "balance");
        }
    }

    function invariant_JobHasAtMostOneOutcomeAndEveryRequestEndsByIt() public view {
        for (uint256 i = 0; i < store.jobCount(); ++i) {
            Decision memory decision = store.getDecision(i);
            JobState memory state = world.avs.getJobState(world.avs.hashJob(store.getJob(i)));
            assertEq(uint8(state.status), uint8(decision.status), "job's outcome");
            assertEq(state.decidedAt, decision.decidedAt, "decidedAt");
            assertEq(state.recordHash, decision.recordHash, "recordHash");
        }
        for (uint256 i = 0; i < store.requestCount(); ++i) {
            assertOutcome(i);
        }
    }

    function invariant_OperatorCountsAtMostOncePerRequestAndOnlyWithFreshWeight() public view {
        for (uint256 i = 0; i < store.requestCount(); ++i) {
            assertTally(i);
        }
    }

    function invariant_FeesPaidNeverExceedTheFee() public view {
        for (uint256 i = 0; i < store.requestCount(); ++i) {
            Entry memory entry = store.getEntry(i);
            Request memory request = store.getRequest(i);
            assertLe(entry.feesPaid + entry.feeReturned, request.verificationFee, "fee");
            if (entry.outcome == Status.Open || entry.outcome == Status.Expired) assertEq(entry.feesPaid, 0, "paid");
        }
    }

    /// @dev Deposits and wallets of requesters move only by their own calls and by refunds, and a reward goes to the
    /// payee of a Verified job or back, whole, once.
    function invariant_NobodyButTheRequesterGetsItsDeposit() public view {
        for (uint256 i = 0; i < 3; ++i) {
            for (uint256 j = 0; j < 3; ++j) {
                address account = world.requesters[i];
                address asset = world.assets[j];
                int256 deposit = int256(world.avs.getDeposit(asset, account));
                assertEq(deposit, store.deposits(asset, account), "deposit");
                uint256 wallet = asset == address(0) ? account.balance : MockToken(asset).balanceOf(account);
                assertEq(int256(wallet) - int256(WEALTH), store.wallets(asset, account), "wallet");
            }
        }
        for (uint256 i = 0; i < store.requestCount(); ++i) {
            Entry memory entry = store.getEntry(i);
            uint256 reward = entry.outcome == Status.Open ? 0 : store.getRequest(i).reward;
            bool isVerified = entry.outcome == Status.Verified;
            assertEq(entry.rewardPaid, isVerified ? reward : 0, "reward paid");
            assertEq(entry.rewardReturned, isVerified ? 0 : reward, "reward returned");
        }
    }

    function invariant_TotalWeightIsSumOfSeats() public view {
        assertTotal(vm.getBlockNumber() - 1);
        for (uint256 i = 0; i < store.requestCount(); ++i) {
            assertTotal(store.getRequest(i).referenceTimepoint);
        }
    }

    // -- after a run

    /// @dev Everybody can take out what is theirs; what stays is what the rounding of fees left.
    function afterInvariant() public {
        vm.warp(vm.getBlockTimestamp() + 1 days);
        for (uint256 i = 0; i < store.requestCount(); ++i) {
            requestHandler.settle(i);
            requestHandler.releaseUnearnedFee(i);
        }
        uint256 dust;
        dust; // per asset below
        for (uint256 i = 0; i < store.requestCount(); ++i) {
            assertTrue(store.getEntry(i).outcome != Status.Open, "settled");
        }
    }

    // -- helpers

    function depositsAndEarnings(address asset) private view returns (uint256 sum) {
        for (uint256 i = 0; i < 3; ++i) {
            sum += world.avs.getDeposit(asset, world.requesters[i]);
            sum += world.avs.getEarnings(asset, world.requesters[i]);
        }
        for (uint256 i = 0; i < 2; ++i) {
            sum += world.avs.getEarnings(asset, world.payees[i]);
        }
        for (uint256 i = 0; i < world.operators.length; ++i) {
            sum += world.avs.getEarnings(asset, world.operators[i]);
        }
    }

    function escrowOf(uint256 i) private view returns (uint256) {
        Entry memory entry = store.getEntry(i);
        Request memory request = store.getRequest(i);
        if (entry.outcome == Status.Open) return uint256(request.reward) + request.verificationFee;
        return request.verificationFee - entry.feesPaid - entry.feeReturned;
    }

    function assertOutcome(uint256 i) private view {
        Entry memory entry = store.getEntry(i);
        assertEq(uint8(world.avs.getRequestState(entry.id).status), uint8(entry.outcome), "request's outcome");
        if (entry.outcome == Status.Open) return;
        Decision memory decision = store.getDecision(entry.jobIndex);
        bool isBound = decision.status != Status.None && decision.decidedAt <= store.getRequest(i).deadline;
        assertEq(uint8(entry.outcome), uint8(isBound ? decision.status : Status.Expired), "by the job's outcome");
    }

    function assertTally(uint256 i) private view {
        Entry memory entry = store.getEntry(i);
        Request memory request = store.getRequest(i);
        uint256 minConfidence = store.getJob(entry.jobIndex).minConfidence;
        uint256[3] memory expected;
        uint256 voters;
        for (uint256 k = 0; k < world.operators.length; ++k) {
            Ballot memory ballot = store.getBallot(i, world.operators[k]);
            if (ballot.accepted == 0) continue;
            assertEq(ballot.accepted, 1, "voted once");
            (Checkpoint memory checkpoint, bool canVote) =
                store.checkpointAt(world.operators[k], request.referenceTimepoint);
            assertTrue(canVote, "fresh");
            ++voters;
            bool isValid = ballot.isValid && ballot.confidence >= minConfidence;
            expected[isValid ? 0 : 1] += checkpoint.weight;
            if (isValid && ballot.isCounted) expected[2] += uint256(checkpoint.weight) * ballot.confidence;
        }
        RequestState memory state = world.avs.getRequestState(entry.id);
        assertEq(state.validWeight, expected[0], "validWeight");
        assertEq(state.invalidWeight, expected[1], "invalidWeight");
        assertEq(state.weightedConfidence, expected[2], "weightedConfidence");
        // claimed votes have no bit
        assertLe(LibBit.popCount(state.validVotes) + LibBit.popCount(state.invalidVotes), voters, "votes");
    }

    function assertTotal(uint256 timepoint) private view {
        uint256 sum;
        uint256 expected;
        uint256 indices;
        for (uint256 i = 0; i < world.operators.length; ++i) {
            (Voter memory voter,) = world.registrar.getVoter(world.operators[i], uint48(timepoint));
            (Checkpoint memory checkpoint,) = store.checkpointAt(world.operators[i], timepoint);
            sum += voter.weight;
            expected += checkpoint.weight;
            if (voter.weight == 0) continue;
            assertEq(indices & 1 << voter.index, 0, "index held twice");
            indices |= 1 << voter.index;
        }
        assertEq(world.registrar.getTotalWeight(uint48(timepoint)), sum, "sum of the seats");
        assertEq(sum, expected, "sum of the model's");
    }
}
