// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Test } from "forge-std/Test.sol";
import { BLS } from "solady/utils/ext/ithaca/BLS.sol";

import { DevnetCore4Mica, Guarantee } from "../../devnet/DevnetCore4Mica.sol";
import { DevnetToken } from "../../devnet/DevnetToken.sol";
import { DevnetValidationRegistryGuaranteeDecoder } from "../../devnet/DevnetValidationRegistryGuaranteeDecoder.sol";

/// @dev Says of any request what it is told to.
contract ScriptedRegistry {
    struct Validation {
        address validator;
        uint256 agentId;
        uint8 response;
        string tag;
    }

    mapping(bytes32 requestHash => Validation) private _validations;

    function set(bytes32 requestHash, Validation calldata validation) external {
        _validations[requestHash] = validation;
    }

    function getValidationStatus(bytes32 requestHash)
        external
        view
        returns (address, uint256, uint8, bytes32, string memory, uint256)
    {
        Validation storage v = _validations[requestHash];
        require(v.validator != address(0), "unknown");
        return (v.validator, v.agentId, v.response, 0, v.tag, 1);
    }
}

/// @dev A core whose secret key is 7, so that guarantees can be signed by the precompiles.
abstract contract FourMicaTest is Test {
    uint256 internal constant SECRET_KEY = 7;
    uint256 internal constant START = 1_800_000_000;

    DevnetCore4Mica internal core;
    DevnetToken internal token;
    ScriptedRegistry internal registry;
    DevnetValidationRegistryGuaranteeDecoder internal decoder;
    address internal owner = makeAddr("owner");
    address internal operator = makeAddr("operator");
    address internal payer = makeAddr("payer");
    address internal payee = makeAddr("payee");
    address internal avs = makeAddr("avs");

    function setUp() public virtual {
        vm.warp(START);
        token = new DevnetToken("Token", "TOK");
        registry = new ScriptedRegistry();
        address[] memory registries = new address[](1);
        registries[0] = address(registry);
        decoder = new DevnetValidationRegistryGuaranteeDecoder(registries);
        address[] memory tokens = new address[](1);
        tokens[0] = address(token);
        core = new DevnetCore4Mica(owner, operator, _key(), tokens, DevnetCore4Mica.Timing(5, 3600, 1, 7200));
        vm.prank(owner);
        core.configureGuaranteeVersion(2, _key(), _domain(2), address(decoder), true);
        vm.deal(payer, 100 ether);
    }

    function _domain(uint64 version) internal view returns (bytes32) {
        string memory name = version == 1 ? "4MICA_CORE_GUARANTEE_V1" : "4MICA_CORE_GUARANTEE_V2";
        return keccak256(abi.encode(name, block.chainid, address(core)));
    }

    function _guarantee() internal view returns (Guarantee memory) {
        return Guarantee(_domain(1), 1, 0, payer, payee, 1 ether, 1 ether, address(0), uint64(block.timestamp), 1);
    }

    function _envelope(Guarantee memory guarantee) internal pure returns (bytes memory) {
        return abi.encode(uint64(1), abi.encode(guarantee));
    }

    function _guaranteeV2() internal view returns (DevnetValidationRegistryGuaranteeDecoder.GuaranteeV2 memory g) {
        g.domain = _domain(2);
        g.tabId = 1;
        g.client = payer;
        g.recipient = payee;
        g.amount = 1 ether;
        g.totalAmount = 1 ether;
        g.timestamp = uint64(block.timestamp);
        g.version = 2;
        g.validationRegistry = address(registry);
        g.validationChainId = uint64(block.chainid);
        g.validator = avs;
        g.validatorAgentId = 3;
        g.minValidationScore = 90;
        g.jobHash = keccak256("job");
        g.requiredValidationTag = "proof-of-inference";
        _bind(g);
    }

    /// @dev Sets the hashes as the facts of 4Mica have them.
    function _bind(DevnetValidationRegistryGuaranteeDecoder.GuaranteeV2 memory g) internal pure {
        g.validationSubjectHash = keccak256(
            abi.encode(
                keccak256("4MICA_VALIDATION_SUBJECT_V1"),
                g.tabId,
                g.reqId,
                g.client,
                g.recipient,
                g.amount,
                g.asset,
                g.timestamp
            )
        );
        g.validationRequestHash = keccak256(
            abi.encode(
                keccak256("4MICA_VALIDATION_REQUEST_V2"),
                uint256(g.validationChainId),
                g.validationRegistry,
                g.validator,
                g.validatorAgentId,
                g.validationSubjectHash,
                g.minValidationScore,
                keccak256(bytes(g.requiredValidationTag)),
                g.jobHash
            )
        );
    }

    function _envelopeV2(DevnetValidationRegistryGuaranteeDecoder.GuaranteeV2 memory g)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encode(uint64(2), abi.encode(g));
    }

    function _sign(bytes memory message) internal view returns (BLS.G2Point memory) {
        return _sign(message, SECRET_KEY);
    }

    function _sign(bytes memory message, uint256 secretKey) internal view returns (BLS.G2Point memory) {
        BLS.G2Point[] memory points = new BLS.G2Point[](1);
        points[0] = BLS.hashToG2(message);
        bytes32[] memory scalars = new bytes32[](1);
        scalars[0] = bytes32(secretKey);
        return BLS.msm(points, scalars);
    }

    /// @dev 7 · G1, by @noble/curves.
    function _key() internal pure returns (BLS.G1Point memory) {
        return BLS.G1Point(
            0x000000000000000000000000000000001928f3beb93519eecf0145da903b40a4,
            0xc97dca00b21f12ac0df3be9116ef2ef27b2ae6bcd4c5bc2d54ef5a70627efcb7,
            0x00000000000000000000000000000000108dadbaa4b636445639d5ae3089b3c4,
            0x3a8a1d47818edd1839d7383959a41c10fdc66849cfa1b08c5a11ec7e28981a1c
        );
    }
}
