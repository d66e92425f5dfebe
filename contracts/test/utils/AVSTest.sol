// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Test } from "forge-std/Test.sol";

import { ModelRegistry } from "../../src/ModelRegistry.sol";
import { AVSConfig, ProofOfInferenceAVS } from "../../src/ProofOfInferenceAVS.sol";
import { AssetFee, ModelConfig, VersionConfig } from "../../src/interfaces/IModelRegistry.sol";
import { Voter } from "../../src/interfaces/IOperatorSet.sol";
import { Attestation, Certificate, Job, Opening, Request, Status, Vote } from "../../src/types/DataTypes.sol";
import { MockIdentityRegistry } from "../mocks/MockIdentityRegistry.sol";
import { MockOperatorSet } from "../mocks/MockOperatorSet.sol";
import { MockToken } from "../mocks/Tokens.sol";

/// @notice An AVS with four operators of weights 40, 30, 20 and 10, a model, an agent, and a requester with means.
/// @dev Ids and digests are computed here, apart from the contract under test, so that helpers may be used between a
/// cheatcode and the call it is for.
abstract contract AVSTest is Test {
    struct Operator {
        address account;
        address signer;
        uint256 key;
        uint8 index;
        uint96 weight;
    }

    bytes32 internal constant JOB_TYPEHASH = keccak256(
        "Job(bytes32 modelVersionId,bytes32 inputDigest,bytes32 outputDigest,bool hasAgent,uint256 agentId,address payee,uint16 quorumBps,uint16 minAttestations,uint16 minConfidence,bytes32 salt)"
    );
    bytes32 internal constant REQUEST_TYPEHASH = keccak256(
        "Request(bytes32 jobId,address requester,address asset,uint128 reward,uint128 verificationFee,uint40 deadline,uint48 referenceTimepoint,uint32 commitWindow,uint256 nonce)"
    );
    bytes32 internal constant ATTESTATION_TYPEHASH = keccak256(
        "Attestation(bytes32 requestId,address operator,bool isValid,uint16 confidence,bytes32 method,bytes32 evidenceDigest)"
    );

    address internal constant NATIVE = address(0);
    uint40 internal constant START = 1_800_000_000;
    uint40 internal constant DEADLINE = START + 1 hours;
    uint32 internal constant LIFETIME = 7 days;
    uint48 internal constant CLOCK = 1_000;
    uint48 internal constant REFERENCE = 990;
    uint96 internal constant TOTAL_WEIGHT = 100;
    uint16 internal constant VALID_CONFIDENCE = 9_900;
    uint128 internal constant REWARD = 1 ether;
    uint128 internal constant FEE = 0.1 ether;
    uint128 internal constant MINIMUM_FEE = 0.01 ether;
    uint256 internal constant AGENT_ID = 7;
    bytes32 internal constant METHOD = keccak256("@proof-of-inference/verifier-exact@1");
    bytes internal constant INPUT = "the input";
    bytes internal constant OUTPUT = "the output";

    ProofOfInferenceAVS internal avs;
    ModelRegistry internal registry;
    MockOperatorSet internal operatorSet;
    MockIdentityRegistry internal identityRegistry;
    MockToken internal token;

    Operator[] internal operators;
    address internal owner = makeAddr("owner");
    address internal modelOwner = makeAddr("model owner");
    address internal requester;
    uint256 internal requesterKey;
    address internal stranger = makeAddr("stranger");
    address internal payee;
    uint256 internal payeeKey;
    bytes32 internal inputDigest = sha256(INPUT);
    bytes32 internal outputDigest = sha256(OUTPUT);
    bytes32 internal modelId;
    bytes32 internal versionId;

    function setUp() public virtual {
        vm.warp(START);
        (payee, payeeKey) = makeAddrAndKey("payee");
        (requester, requesterKey) = makeAddrAndKey("requester");
        operatorSet = new MockOperatorSet(CLOCK, LIFETIME);
        identityRegistry = new MockIdentityRegistry();
        identityRegistry.setAgentWallet(AGENT_ID, payee);
        token = new MockToken();
        deploy();
        registerModel();
        addOperator("operator 0", 0, 40);
        addOperator("operator 1", 7, 30);
        addOperator("operator 2", 128, 20);
        addOperator("operator 3", 255, 10);
        vm.deal(requester, 1_000 ether);
    }

    // -- setting up

    /// @dev The registry is deployed first, with the address that the AVS is about to get.
    function deploy() internal {
        address predicted = deployRegistry();
        avs = new ProofOfInferenceAVS(avsConfig());
        assertEq(address(avs), predicted);
    }

    /// @dev Returns the address of the registry's AVS, which is to be deployed next.
    function deployRegistry() internal returns (address predicted) {
        predicted = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        registry = new ModelRegistry(predicted);
    }

    function avsConfig() internal view virtual returns (AVSConfig memory config) {
        config.owner = owner;
        config.modelRegistry = address(registry);
        config.operatorSet = address(operatorSet);
        config.identityRegistry = address(identityRegistry);
    }

    function registerModel() internal {
        ModelConfig memory config;
        config.version = VersionConfig(keccak256("manifest"), keccak256("policy"), METHOD, VALID_CONFIDENCE);
        config.fees = new AssetFee[](2);
        config.fees[0] = AssetFee(NATIVE, true, MINIMUM_FEE);
        config.fees[1] = AssetFee(address(token), true, 0);
        vm.prank(modelOwner);
        (modelId, versionId) = registry.registerModel("silero-vad", config);
    }

    function acceptAsset(address asset) internal {
        AssetFee[] memory fees = new AssetFee[](1);
        fees[0] = AssetFee(asset, true, 0);
        vm.prank(modelOwner);
        registry.setFees(modelId, fees);
    }

    function addOperator(string memory name, uint8 index, uint96 weight) internal {
        (address signer, uint256 key) = makeAddrAndKey(string.concat(name, "'s signing key"));
        operators.push(Operator(makeAddr(name), signer, key, index, weight));
        setVoter(operators.length - 1, REFERENCE, true);
    }

    function setVoter(uint256 i, uint48 timepoint, bool canVote) internal {
        Operator memory operator = operators[i];
        operatorSet.setVoter(
            timepoint, operator.account, Voter(canVote, operator.index, operator.weight, operator.signer)
        );
    }

    // -- parameters

    /// @notice A job that names no agent: two thirds of the weight and two attestations decide it.
    function plainJob() internal view returns (Job memory job) {
        job.modelVersionId = versionId;
        job.inputDigest = inputDigest;
        job.outputDigest = outputDigest;
        job.payee = payee;
        job.quorumBps = 6_667;
        job.minAttestations = 2;
        job.minConfidence = 5_000;
        job.salt = keccak256("salt");
    }

    function agentJob() internal view returns (Job memory job) {
        job = plainJob();
        job.hasAgent = true;
        job.agentId = AGENT_ID;
    }

    /// @notice A request in the native currency, without a commit window.
    function requestFor(Job memory job) internal view returns (Request memory request) {
        request.jobId = jobIdOf(job);
        request.requester = requester;
        request.asset = NATIVE;
        request.reward = REWARD;
        request.verificationFee = FEE;
        request.deadline = DEADLINE;
        request.referenceTimepoint = REFERENCE;
    }

    /// @notice Operator `i`'s verdict on the request, as confident as the version's policy is.
    function attestationOf(Request memory request, uint256 i, bool isValid)
        internal
        view
        returns (Attestation memory attestation)
    {
        attestation.requestId = requestIdOf(request);
        attestation.operator = operators[i].account;
        attestation.isValid = isValid;
        attestation.confidence = VALID_CONFIDENCE;
        attestation.method = METHOD;
        attestation.evidenceDigest = keccak256(abi.encode("evidence", i));
    }

    // -- ids, digests, signatures

    function domainSeparator(uint256 chainId, address verifyingContract) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("ProofOfInference"),
                keccak256("1"),
                chainId,
                verifyingContract
            )
        );
    }

    function typedDataHash(bytes32 structHash) internal view returns (bytes32) {
        return keccak256(abi.encodePacked("\x19\x01", domainSeparator(block.chainid, address(avs)), structHash));
    }

    function jobIdOf(Job memory job) internal view returns (bytes32) {
        return typedDataHash(keccak256(abi.encode(JOB_TYPEHASH, job)));
    }

    function requestIdOf(Request memory request) internal view returns (bytes32) {
        return typedDataHash(keccak256(abi.encode(REQUEST_TYPEHASH, request)));
    }

    function digestOf(Attestation memory attestation) internal view returns (bytes32) {
        return typedDataHash(keccak256(abi.encode(ATTESTATION_TYPEHASH, attestation)));
    }

    function truncated(bytes32 hash) internal pure returns (bytes32) {
        return bytes32(bytes20(hash));
    }

    /// @notice The running hash over one more attestation.
    function extended(bytes32 runningHash, bytes32 digest) internal pure returns (bytes32) {
        return truncated(keccak256(abi.encode(runningHash, digest)));
    }

    function recordHashOf(bytes32 runningHash, Status status, uint8 response) internal pure returns (bytes32) {
        return truncated(keccak256(abi.encode(runningHash, status, response)));
    }

    /// @dev What {VerificationSubmitted} says of a vote, in one word.
    function verdictOf(bool isValid, uint16 confidence, uint96 weight, bool isCounted) internal pure returns (uint256) {
        return uint256(uint128(bytes16(abi.encodePacked(weight, confidence, isCounted, isValid))));
    }

    function sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @notice EIP-2098's form of a signature.
    function compact(bytes memory signature) internal pure returns (bytes32 r, bytes32 vs) {
        uint8 v = uint8(signature[64]);
        assembly ("memory-safe") {
            r := mload(add(signature, 0x20))
            vs := or(mload(add(signature, 0x40)), shl(255, sub(v, 27)))
        }
    }

    function signAttestation(Attestation memory attestation, uint256 i) internal view returns (bytes memory) {
        return sign(operators[i].key, digestOf(attestation));
    }

    function signConsent(Job memory job) internal view returns (bytes memory) {
        return sign(payeeKey, jobIdOf(job));
    }

    // -- votes that travel together

    /// @notice Operator `i`'s signed vote, as confident as the version's policy is.
    function voteOf(Request memory request, uint256 i, bool isValid) internal view returns (Vote memory) {
        return voteOf(attestationOf(request, i, isValid), i);
    }

    /// @notice The attestation, signed by operator `i`, as it travels with others.
    function voteOf(Attestation memory attestation, uint256 i) internal view returns (Vote memory cast) {
        cast.operator = attestation.operator;
        cast.isValid = attestation.isValid;
        cast.confidence = attestation.confidence;
        cast.evidenceDigest = attestation.evidenceDigest;
        (cast.r, cast.vs) = compact(signAttestation(attestation, i));
    }

    /// @notice Votes of the first `count` operators, who agree.
    function votesOf(Request memory request, uint256 count, bool isValid) internal view returns (Vote[] memory votes) {
        votes = new Vote[](count);
        for (uint256 i; i < count; ++i) {
            votes[i] = voteOf(request, i, isValid);
        }
    }

    function saltsOf(uint256 count) internal pure returns (bytes32[] memory salts) {
        salts = new bytes32[](count);
        for (uint256 i; i < count; ++i) {
            salts[i] = saltOf(i);
        }
    }

    /// @notice The request as its requester signs it, with the agent's consent if it names one.
    function certificateOf(Request memory request, Job memory job, Vote[] memory votes)
        internal
        view
        returns (Certificate memory certificate)
    {
        certificate.request = request;
        certificate.job = job;
        certificate.requesterSignature = sign(requesterKey, requestIdOf(request));
        if (job.hasAgent) certificate.consent = signConsent(job);
        certificate.votes = votes;
    }

    // -- acting

    /// @notice Opens the request as its requester, paid with the call; with the agent's consent if it names one.
    function open(Request memory request, Job memory job) internal returns (bytes32) {
        Opening memory opening;
        if (job.hasAgent) opening.consent = signConsent(job);
        uint256 amount = uint256(request.reward) + request.verificationFee;
        if (request.asset != NATIVE) {
            mintAndApprove(request.asset, request.requester, amount);
            amount = 0;
        }
        vm.prank(request.requester);
        return avs.requestInferenceVerification{ value: amount }(request, job, opening);
    }

    /// @notice Opens the request as its requester, paid from a deposit that is made before.
    function openFromDeposit(Request memory request, Job memory job) internal returns (bytes32) {
        Opening memory opening;
        opening.fromDeposit = true;
        if (job.hasAgent) opening.consent = signConsent(job);
        depositFor(request.requester, request.asset, uint256(request.reward) + request.verificationFee);
        vm.prank(request.requester);
        return avs.requestInferenceVerification(request, job, opening);
    }

    function depositFor(address account, address asset, uint256 amount) internal {
        if (asset == NATIVE) {
            vm.deal(account, account.balance + amount);
            vm.prank(account);
            avs.deposit{ value: amount }(asset, amount);
        } else {
            mintAndApprove(asset, account, amount);
            vm.prank(account);
            avs.deposit(asset, amount);
        }
    }

    function mintAndApprove(address asset, address account, uint256 amount) internal {
        MockToken(asset).mint(account, amount);
        // not through ERC20's interface: a token may return nothing
        vm.prank(account);
        (bool success,) = asset.call(abi.encodeCall(MockToken(asset).approve, (address(avs), amount)));
        assertTrue(success);
    }

    /// @notice Submits operator `i`'s vote on a request without a commit window.
    function vote(Request memory request, Job memory job, uint256 i, bool isValid) internal returns (Status) {
        return submit(request, job, attestationOf(request, i, isValid), i);
    }

    function submit(Request memory request, Job memory job, Attestation memory attestation, uint256 i)
        internal
        returns (Status)
    {
        return avs.submitVerification(request, job, attestation, signAttestation(attestation, i), 0);
    }

    function saltOf(uint256 i) internal pure returns (bytes32) {
        return keccak256(abi.encode("operator salt", i));
    }

    function commitmentOf(Request memory request, uint256 i, bool isValid) internal view returns (bytes32) {
        return keccak256(abi.encode(digestOf(attestationOf(request, i, isValid)), saltOf(i)));
    }

    function commit(Request memory request, uint256 i, bool isValid) internal {
        vm.prank(operators[i].account);
        avs.commitVerification(request, operators[i].account, commitmentOf(request, i, isValid));
    }

    function reveal(Request memory request, Job memory job, uint256 i, bool isValid) internal returns (Status) {
        Attestation memory attestation = attestationOf(request, i, isValid);
        return avs.submitVerification(request, job, attestation, signAttestation(attestation, i), saltOf(i));
    }

    /// @notice Has operators 0 and 1 (70 % of the weight) vote alike, which decides a default job.
    function decide(Request memory request, Job memory job, bool isValid) internal {
        vote(request, job, 0, isValid);
        Status status = vote(request, job, 1, isValid);
        assertEq(status, isValid ? Status.Verified : Status.Rejected);
    }

    function claim(uint256 i, Request memory request) internal returns (uint256) {
        Request[] memory requests = new Request[](1);
        requests[0] = request;
        return avs.claimFees(operators[i].account, requests);
    }

    // -- asserting

    function assertEq(Status actual, Status expected) internal pure {
        assertEq(uint8(actual), uint8(expected), "status");
    }

    function assertStatus(Request memory request, Status expected) internal view {
        assertEq(avs.getRequestState(requestIdOf(request)).status, expected);
    }

    function assertEarnings(address asset, address account, uint256 expected) internal view {
        assertEq(avs.getEarnings(asset, account), expected, "earnings");
    }

    function assertDeposit(address asset, address account, uint256 expected) internal view {
        assertEq(avs.getDeposit(asset, account), expected, "deposit");
    }
}
