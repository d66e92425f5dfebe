// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Ownable } from "@openzeppelin/contracts/access/Ownable.sol";

import { EquivocationSlasher } from "../../src/EquivocationSlasher.sol";
import { Equivocation, SlasherConfig } from "../../src/interfaces/IEquivocationSlasher.sol";
import { CreateSetParamsV2 } from "../../src/interfaces/external/IAllocationManager.sol";
import { Attestation, Request } from "../../src/types/DataTypes.sol";
import { RegistrarTest } from "./RegistrarTest.sol";

/// @notice A slasher over the registrar of `RegistrarTest`, with one operator that joined at `START_BLOCK`, and an AVS
/// on another chain whose domain is not registered yet.
/// @dev Ids and digests are computed here, apart from the contract under test.
abstract contract SlasherTest is RegistrarTest {
    bytes32 internal constant REQUEST_TYPEHASH = keccak256(
        "Request(bytes32 jobId,address requester,address asset,uint128 reward,uint128 verificationFee,uint40 deadline,uint48 referenceTimepoint,uint32 commitWindow,uint256 nonce)"
    );
    bytes32 internal constant ATTESTATION_TYPEHASH = keccak256(
        "Attestation(bytes32 requestId,address operator,bool isValid,uint16 confidence,bytes32 method,bytes32 evidenceDigest)"
    );

    uint40 internal constant START = 1_800_000_000;
    uint48 internal constant REFERENCE = uint48(START_BLOCK + 5);
    uint256 internal constant WAD = 0.1e18;
    uint256 internal constant L2_CHAIN_ID = 8453;

    EquivocationSlasher internal slasher;
    address internal owner = makeAddr("owner");
    address internal l2Avs = makeAddr("L2 AVS");
    address internal operator = makeAddr("operator");
    address internal signer;
    uint256 internal signerKey;

    function setUp() public virtual override {
        super.setUp();
        vm.warp(START);
        vm.mockCall(avs, abi.encodeCall(Ownable.owner, ()), abi.encode(owner));
        slasher = new EquivocationSlasher(slasherConfig());

        // not in ascending order
        CreateSetParamsV2[] memory sets = new CreateSetParamsV2[](1);
        sets[0] = CreateSetParamsV2(SET_ID, new address[](2), address(slasher));
        (sets[0].strategies[0], sets[0].strategies[1]) = (halfStrategy, strategy);
        allocationManager.createOperatorSets(avs, sets);
        allocationManager.setSlashedShares(strategy, 5);
        allocationManager.setSlashedShares(halfStrategy, 7);

        (signer, signerKey) = makeAddrAndKey("signing key");
        setStake(operator, 1_000);
        keyRegistrar.setKey(operator, signer);
        register(operator);
        vm.roll(START_BLOCK + 10);
    }

    /// @dev To be called from outside where a revert is expected, as `RegistrarTest.create`.
    function create(SlasherConfig memory config) external returns (EquivocationSlasher) {
        return new EquivocationSlasher(config);
    }

    function slasherConfig() internal view returns (SlasherConfig memory) {
        return SlasherConfig(address(registrar), WAD);
    }

    function registerL2Domain() internal {
        vm.startPrank(owner);
        slasher.proposeDomain(L2_CHAIN_ID, l2Avs);
        vm.warp(START + 7 days);
        slasher.registerDomain(L2_CHAIN_ID, l2Avs);
        vm.stopPrank();
    }

    // -- evidence

    function plainRequest() internal returns (Request memory request) {
        request.jobId = keccak256("job");
        request.requester = makeAddr("requester");
        request.reward = 1 ether;
        request.verificationFee = 0.1 ether;
        request.deadline = START + 1 hours;
        request.referenceTimepoint = REFERENCE;
    }

    /// @notice What the operator is to be slashed for in this AVS's own domain.
    function ownEquivocation() internal returns (Equivocation memory) {
        return equivocationOn(block.chainid, avs, operator, plainRequest());
    }

    /// @notice What the operator is to be slashed for in the other chain's domain: there it is its signing address.
    function l2Equivocation() internal returns (Equivocation memory) {
        Request memory request = plainRequest();
        request.referenceTimepoint = START;
        return equivocationOn(L2_CHAIN_ID, l2Avs, signer, request);
    }

    function equivocationOn(uint256 chainId, address avs_, address operator_, Request memory request)
        internal
        view
        returns (Equivocation memory equivocation)
    {
        equivocation.chainId = chainId;
        equivocation.avs = avs_;
        equivocation.request = request;
        bytes32 requestId = requestIdOf(equivocation);
        equivocation.first =
            Attestation(requestId, operator_, true, 9_900, keccak256("method"), keccak256("first evidence"));
        equivocation.second =
            Attestation(requestId, operator_, false, 8_000, keccak256("method"), keccak256("second evidence"));
        signBoth(equivocation, signerKey);
    }

    function signBoth(Equivocation memory equivocation, uint256 key) internal view {
        equivocation.firstSignature = sign(key, digestOf(equivocation, equivocation.first));
        equivocation.secondSignature = sign(key, digestOf(equivocation, equivocation.second));
    }

    function sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function requestIdOf(Equivocation memory equivocation) internal pure returns (bytes32) {
        return typedDataHash(equivocation, keccak256(abi.encode(REQUEST_TYPEHASH, equivocation.request)));
    }

    function digestOf(Equivocation memory equivocation, Attestation memory attestation)
        internal
        pure
        returns (bytes32)
    {
        return typedDataHash(equivocation, keccak256(abi.encode(ATTESTATION_TYPEHASH, attestation)));
    }

    function typedDataHash(Equivocation memory equivocation, bytes32 structHash) internal pure returns (bytes32) {
        bytes32 separator = domainSeparator(equivocation.chainId, equivocation.avs);
        return keccak256(abi.encodePacked("\x19\x01", separator, structHash));
    }

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
}
