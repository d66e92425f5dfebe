// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { MessageHashUtils } from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import { DevnetAllocationManager } from "../../devnet/DevnetAllocationManager.sol";
import { DevnetStrategy } from "../../devnet/DevnetStrategy.sol";
import { AllocateParams, SlashingParams } from "../../devnet/EigenLayerTypes.sol";
import { OperatorSets } from "../../devnet/OperatorSets.sol";
import { EquivocationSlasher } from "../../src/EquivocationSlasher.sol";
import { ModelRegistry } from "../../src/ModelRegistry.sol";
import { OperatorRegistrar } from "../../src/OperatorRegistrar.sol";
import { AVSConfig, ProofOfInferenceAVS } from "../../src/ProofOfInferenceAVS.sol";
import { Equivocation, IEquivocationSlasher, SlasherConfig } from "../../src/interfaces/IEquivocationSlasher.sol";
import { AssetFee, ModelConfig, VersionConfig } from "../../src/interfaces/IModelRegistry.sol";
import { RegistrarConfig, StrategyWeight } from "../../src/interfaces/IOperatorRegistrar.sol";
import { OperatorSet } from "../../src/interfaces/external/IAllocationManager.sol";
import { Hashing } from "../../src/libraries/Hashing.sol";
import { Attestation, Job, Opening, Request, Status } from "../../src/types/DataTypes.sol";
import { MockIdentityRegistry } from "../mocks/MockIdentityRegistry.sol";
import { EigenLayerTest } from "./EigenLayerTest.sol";

/// @notice The slasher of a real AVS's operator set, in EigenLayer's stand-ins: two strategies, and an operator with
/// half of 100 e18 of each allocated.
contract DevnetEquivocationSlasherTest is EigenLayerTest {
    uint40 private constant START = 1_800_000_000;
    uint96 private constant MIN_WEIGHT = 1e18;
    /// @dev 10 + 5 + (60 + 60) / 12, less than the 50 blocks of the deallocation delay.
    uint32 private constant HORIZON = 25;
    uint64 private constant SLASHED = 0.1e18;
    uint256 private constant L2_CHAIN_ID = 8453;
    bytes32 private constant METHOD = keccak256("@proof-of-inference/verifier-exact@1");

    ProofOfInferenceAVS private avsContract;
    ModelRegistry private modelRegistry;
    OperatorRegistrar private operatorSet;
    EquivocationSlasher private slasher;
    address private otherStrategy;
    address private owner = makeAddr("owner");
    address private requester = makeAddr("requester");
    address private l2Avs = makeAddr("L2 AVS");
    address private signer;
    uint256 private signerKey;
    bytes32 private versionId;

    function setUp() public override {
        super.setUp();
        vm.warp(START);
        (signer, signerKey) = makeAddrAndKey("signing key");
        otherStrategy = address(new DevnetStrategy(address(token)));
        strategyManager.addStrategiesToDepositWhitelist(_list(otherStrategy));
        // the set lists its strategies in descending order
        if (strategy < otherStrategy) (strategy, otherStrategy) = (otherStrategy, strategy);
        deployAVS();

        stakeIn(strategy, operator);
        stakeIn(otherStrategy, operator);
        allocateBoth(operator, 0.5e18);
        registerKey(operator, signerKey);
        _join(operator);
        vm.roll(block.number + 5);
    }

    // -- setting up

    function deployAVS() private {
        avs = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 4);
        modelRegistry = new ModelRegistry(avs);
        operatorSet = new OperatorRegistrar(registrarConfig());
        slasher = new EquivocationSlasher(SlasherConfig(address(operatorSet), SLASHED));
        AVSConfig memory config;
        config.owner = owner;
        config.modelRegistry = address(modelRegistry);
        config.operatorSet = address(operatorSet);
        config.identityRegistry = address(new MockIdentityRegistry());
        config.allocationManager = address(manager);
        config.keyRegistrar = address(keyRegistrar);
        config.slasher = address(slasher);
        config.operatorSetId = SET_ID;
        config.strategies = new address[](2);
        (config.strategies[0], config.strategies[1]) = (strategy, otherStrategy);
        avsContract = new ProofOfInferenceAVS(config);
        assertEq(address(avsContract), avs);
        assertEq(manager.getSlasher(_set()), address(slasher));
    }

    function registrarConfig() private view returns (RegistrarConfig memory config) {
        config.avs = avs;
        config.allocationManager = address(manager);
        config.keyRegistrar = address(keyRegistrar);
        config.operatorSetId = SET_ID;
        config.strategies = new StrategyWeight[](2);
        config.strategies[0] = StrategyWeight(otherStrategy, 1e18);
        config.strategies[1] = StrategyWeight(strategy, 1e18);
        config.minWeight = MIN_WEIGHT;
        config.maxWeightAge = 10;
        config.maxReferenceAge = 5;
        config.maxRequestLifetime = 60;
        config.evidenceWindow = 60;
        config.minBlockTime = 12;
    }

    /// @notice Brings the account's stake in the strategy up to `STAKE`.
    function stakeIn(address strategy_, address account) private {
        uint256 missing = STAKE - delegation.operatorShares(account, strategy_);
        if (missing == 0) return;
        token.mint(account, missing);
        vm.startPrank(account);
        token.approve(address(strategyManager), missing);
        strategyManager.depositIntoStrategy(strategy_, address(token), missing);
        vm.stopPrank();
    }

    function allocateBoth(address account, uint64 magnitude) private {
        AllocateParams[] memory params = new AllocateParams[](1);
        params[0] = AllocateParams(_set(), new address[](2), new uint64[](2));
        (params[0].strategies[0], params[0].strategies[1]) = (strategy, otherStrategy);
        (params[0].newMagnitudes[0], params[0].newMagnitudes[1]) = (magnitude, magnitude);
        vm.prank(account);
        manager.modifyAllocations(account, params);
    }

    function registerKey(address account, uint256 key) private {
        registerKeyIn(_set(), account, key);
    }

    function registerKeyIn(OperatorSet memory set, address account, uint256 key) private {
        bytes32 digest = keyRegistrar.getECDSAKeyRegistrationMessageHash(account, set, vm.addr(key));
        bytes memory signature = sign(key, digest);
        vm.prank(account);
        keyRegistrar.registerKey(account, set, abi.encodePacked(vm.addr(key)), signature);
    }

    function registerL2Domain() private {
        vm.startPrank(owner);
        slasher.proposeDomain(L2_CHAIN_ID, l2Avs);
        vm.warp(START + 7 days);
        slasher.registerDomain(L2_CHAIN_ID, l2Avs);
        vm.stopPrank();
    }

    // -- evidence

    function plainJob() private view returns (Job memory job) {
        job.modelVersionId = versionId;
        job.payee = requester;
        job.quorumBps = 6_667;
        job.minAttestations = 2;
        job.minConfidence = 5_000;
    }

    function plainRequest() private view returns (Request memory request) {
        request.jobId = avsContract.hashJob(plainJob());
        request.requester = requester;
        request.deadline = START + 30;
        request.referenceTimepoint = uint48(block.number - 1);
    }

    function attest(bytes32 requestId, address account, bool isValid) private pure returns (Attestation memory) {
        return Attestation(requestId, account, isValid, 9_000, METHOD, keccak256("evidence"));
    }

    /// @notice Hashed by the AVS itself.
    function ownEquivocation(Request memory request) private view returns (Equivocation memory equivocation) {
        bytes32 requestId = avsContract.hashRequest(request);
        equivocation.chainId = block.chainid;
        equivocation.avs = avs;
        equivocation.request = request;
        equivocation.first = attest(requestId, operator, true);
        equivocation.second = attest(requestId, operator, false);
        equivocation.firstSignature = sign(signerKey, avsContract.hashAttestation(equivocation.first));
        equivocation.secondSignature = sign(signerKey, avsContract.hashAttestation(equivocation.second));
    }

    function l2Equivocation(uint256 key) private view returns (Equivocation memory equivocation) {
        (bytes32 separator,,) = slasher.getDomain(L2_CHAIN_ID, l2Avs);
        Request memory request = plainRequest();
        request.referenceTimepoint = START;
        bytes32 requestId = this.hash(separator, request);
        equivocation.chainId = L2_CHAIN_ID;
        equivocation.avs = l2Avs;
        equivocation.request = request;
        equivocation.first = attest(requestId, vm.addr(key), true);
        equivocation.second = attest(requestId, vm.addr(key), false);
        equivocation.firstSignature = sign(key, this.hash(separator, equivocation.first));
        equivocation.secondSignature = sign(key, this.hash(separator, equivocation.second));
    }

    function hash(bytes32 separator, Request calldata request) external pure returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(separator, Hashing.structHash(request));
    }

    function hash(bytes32 separator, Attestation calldata attestation) external pure returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(separator, Hashing.structHash(attestation));
    }

    function sign(uint256 key, bytes32 digest) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev Stake is shares × magnitude / maximum magnitude, rounded down at each.
    function assertStakes(address account, uint256 expected) private view {
        address[] memory strategies = new address[](2);
        (strategies[0], strategies[1]) = (strategy, otherStrategy);
        uint256[] memory stakes = manager.getAllocatedStake(_set(), _list(account), strategies)[0];
        assertApproxEqAbs(stakes[0], expected, 100, "stake");
        assertApproxEqAbs(stakes[1], expected, 100, "other stake");
    }

    // -- slashing

    function test_AnEquivocationTakesTheFractionOfEveryStrategy() public {
        assertStakes(operator, 50e18);
        vm.prank(stranger);
        (uint256 slashId, uint256[] memory shares) = slasher.slash(ownEquivocation(plainRequest()));
        assertEq(slashId, 1);
        assertEq(shares.length, 2);
        assertEq(shares[0], 5e18);
        assertEq(shares[1], 5e18);
        assertStakes(operator, 45e18);
        assertEq(manager.getMaxMagnitude(operator, strategy), 0.95e18);
    }

    function test_AnotherRequestTakesTheFractionOfWhatIsLeft() public {
        Request memory request = plainRequest();
        slasher.slash(ownEquivocation(request));
        bytes32 requestId = avsContract.hashRequest(request);
        Equivocation memory equivocation = ownEquivocation(request);
        vm.expectRevert(abi.encodeWithSelector(IEquivocationSlasher.AlreadySlashed.selector, operator, requestId));
        slasher.slash(equivocation);
        request.nonce = 1;
        slasher.slash(ownEquivocation(request));
        assertStakes(operator, 40.5e18);
    }

    function test_TheWeightFollowsARefresh() public {
        slasher.slash(ownEquivocation(plainRequest()));
        operatorSet.refresh(_list(operator));
        (,, uint96 weight,,) = operatorSet.getCheckpoint(operator);
        assertApproxEqAbs(weight, 90e18, 200);
    }

    function test_AVoteThatTheAvsCountedIsEvidence() public {
        ModelConfig memory config;
        config.version = VersionConfig(keccak256("manifest"), keccak256("policy"), METHOD, 9_900);
        config.fees = new AssetFee[](1);
        config.fees[0] = AssetFee(address(0), true, 0);
        (, versionId) = modelRegistry.registerModel("silero-vad", config);

        Request memory request = plainRequest();
        Opening memory opening;
        vm.prank(requester);
        avsContract.requestInferenceVerification(request, plainJob(), opening);
        Equivocation memory equivocation = ownEquivocation(request);
        Status status = avsContract.submitVerification(
            request, plainJob(), equivocation.first, equivocation.firstSignature, bytes32(0)
        );
        assertEq(uint8(status), uint8(Status.Open));
        assertEq(avsContract.getRequestState(avsContract.hashRequest(request)).validWeight, 100e18);
        slasher.slash(equivocation);
        assertStakes(operator, 45e18);
    }

    function test_NobodyElseSlashes() public {
        SlashingParams memory params = _slashing(SLASHED);
        address[4] memory others = [avs, owner, operator, stranger];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(OperatorSets.InvalidCaller.selector);
            manager.slashOperator(avs, params);
        }
    }

    // -- leaving

    function test_LeavingDoesNotHelpWithinTheHorizon() public {
        Equivocation memory equivocation = ownEquivocation(plainRequest());
        allocateBoth(operator, 0);
        _leave(operator);
        vm.roll(equivocation.request.referenceTimepoint + HORIZON);
        slasher.slash(equivocation);
        assertEq(manager.getMaxMagnitude(operator, strategy), 0.95e18);
        assertEq(manager.getMaxMagnitude(operator, otherStrategy), 0.95e18);
    }

    function test_WhoLeftForGoodIsOutOfReach() public {
        registerL2Domain();
        Equivocation memory equivocation = l2Equivocation(signerKey);
        _leave(operator);
        uint256 left = block.number;
        vm.roll(left + DEALLOCATION_DELAY + 1);
        vm.expectRevert(DevnetAllocationManager.OperatorNotSlashable.selector);
        slasher.slash(equivocation);
        assertFalse(slasher.isSlashed(operator, equivocation.first.requestId));

        vm.roll(left + DEALLOCATION_DELAY);
        slasher.slash(equivocation);
        assertStakes(operator, 45e18);
    }

    function test_AReplacedKeyHarmsNobody() public {
        registerL2Domain();
        Request memory request = plainRequest();
        Equivocation memory own = ownEquivocation(request);
        Equivocation memory l2 = l2Equivocation(signerKey);
        _leave(operator);
        vm.roll(block.number + DEALLOCATION_DELAY + 1);
        vm.prank(operator);
        keyRegistrar.deregisterKey(operator, _set());
        (, uint256 newKey) = makeAddrAndKey("new signing key");
        registerKey(operator, newKey);
        _join(operator);

        vm.expectRevert(
            abi.encodeWithSelector(IEquivocationSlasher.EvidenceExpired.selector, request.referenceTimepoint, HORIZON)
        );
        slasher.slash(own);
        vm.expectRevert(abi.encodeWithSelector(IEquivocationSlasher.UnknownSigningKey.selector, signer));
        slasher.slash(l2);
        slasher.slash(l2Equivocation(newKey));
    }

    // -- another chain's domain

    function test_ASigningAddressOfAnotherChainIsItsOperatorHere() public {
        Equivocation memory equivocation = l2Equivocation(signerKey);
        vm.expectRevert(abi.encodeWithSelector(IEquivocationSlasher.DomainNotRegistered.selector, L2_CHAIN_ID, l2Avs));
        slasher.slash(equivocation);
        registerL2Domain();
        slasher.slash(equivocation);
        assertTrue(slasher.isSlashed(operator, equivocation.first.requestId));
        assertStakes(operator, 45e18);
    }

    function test_AKeyOfAnotherSetIsNone() public {
        registerL2Domain();
        (address otherKeyAddress, uint256 otherKey) = makeAddrAndKey("key in another set");
        OperatorSet memory other = OperatorSet(stranger, 1);
        vm.prank(stranger);
        keyRegistrar.configureOperatorSet(other, 1);
        registerKeyIn(other, operator, otherKey);
        // the operator did register it, and does have a key in our set
        (address found, bool isRegistered) =
            keyRegistrar.getOperatorFromSigningKey(_set(), abi.encodePacked(otherKeyAddress));
        assertEq(found, operator);
        assertTrue(isRegistered);

        Equivocation memory equivocation = l2Equivocation(otherKey);
        vm.expectRevert(abi.encodeWithSelector(IEquivocationSlasher.UnknownSigningKey.selector, otherKeyAddress));
        slasher.slash(equivocation);
    }

    // -- nothing to take

    function test_EvidenceIsKeptWhileNothingIsAllocated() public {
        registerL2Domain();
        address late = makeAddr("late operator");
        (, uint256 lateKey) = makeAddrAndKey("late signing key");
        _becomeOperator(late, 20);
        stakeIn(strategy, late);
        stakeIn(otherStrategy, late);
        registerKey(late, lateKey);
        _join(late);
        Equivocation memory equivocation = l2Equivocation(lateKey);
        bytes memory nothing =
            abi.encodeWithSelector(IEquivocationSlasher.NothingSlashed.selector, late, equivocation.first.requestId);

        vm.expectRevert(nothing);
        slasher.slash(equivocation);
        allocateBoth(late, 0.5e18);
        vm.roll(block.number + 19);
        vm.expectRevert(nothing);
        slasher.slash(equivocation);
        assertFalse(slasher.isSlashed(late, equivocation.first.requestId));
        assertEq(manager.getSlashCount(_set()), 0);

        vm.roll(block.number + 1);
        slasher.slash(equivocation);
        assertStakes(late, 45e18);
        assertStakes(operator, 50e18);
    }
}
