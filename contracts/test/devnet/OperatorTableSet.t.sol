// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { AVSConfig, ProofOfInferenceAVS } from "../../src/ProofOfInferenceAVS.sol";
import { IOperatorTableSet } from "../../src/interfaces/IOperatorTableSet.sol";
import { IProofOfInferenceAVS } from "../../src/interfaces/IProofOfInferenceAVS.sol";
import { ECDSAOperatorInfo } from "../../src/interfaces/external/IECDSACertificateVerifier.sol";
import { Attestation, Job, Opening, Request, Status } from "../../src/types/DataTypes.sol";
import { AVSTest } from "../utils/AVSTest.sol";
import { TableSetTest } from "../utils/TableSetTest.sol";

/// @notice A real AVS on a chain without restaking: its operators are the signing addresses of a posted table, with the
/// weights 40, 30, 20 and 10 times the least.
contract DevnetOperatorTableSetTest is AVSTest, TableSetTest {
    function setUp() public override(AVSTest, TableSetTest) {
        TableSetTest.setUp();
        AVSTest.setUp();
        AVSConfig memory config = avsConfigOnTables();
        avs = new ProofOfInferenceAVS(config);
        registerModel();

        ECDSAOperatorInfo[] memory infos = new ECDSAOperatorInfo[](operators.length);
        for (uint256 i = 0; i < operators.length; ++i) {
            operators[i].account = operators[i].signer;
            infos[i] = entry(operators[i].signer, operators[i].weight * uint256(MIN_WEIGHT));
        }
        postAndLoad(TABLE_TIME, infos);
    }

    function avsConfigOnTables() private returns (AVSConfig memory config) {
        deployRegistry();
        config = avsConfig();
        config.operatorSet = address(tableSet);
    }

    function tableRequest(Job memory job) private view returns (Request memory request) {
        request = requestFor(job);
        request.referenceTimepoint = TABLE_TIME;
    }

    function assertReferenceRefused(Request memory request, Job memory job) private {
        Opening memory opening;
        vm.expectRevert(
            abi.encodeWithSelector(IProofOfInferenceAVS.InvalidReference.selector, request.referenceTimepoint)
        );
        vm.prank(requester);
        avs.requestInferenceVerification{ value: REWARD + FEE }(request, job, opening);
    }

    function test_TwoSignaturesVerifyARequest() public {
        Job memory job = plainJob();
        Request memory request = tableRequest(job);
        open(request, job);
        assertEq(vote(request, job, 0, true), Status.Open);
        assertEq(vote(request, job, 1, true), Status.Verified);

        // who votes with the outcome earns its share of the fee, at its signing address
        assertEq(claim(0, request), FEE * 40 / 100);
        assertEq(claim(2, request), 0);
        assertEarnings(NATIVE, operators[0].signer, FEE * 40 / 100);
        // the vote that decided was paid at once
        assertEarnings(NATIVE, operators[1].signer, FEE * 30 / 100);
        assertEarnings(NATIVE, payee, REWARD);
        vm.prank(stranger);
        avs.withdrawEarnings(NATIVE, operators[0].signer);
        assertEq(operators[0].signer.balance, FEE * 40 / 100);
    }

    function test_AnOutsidersVoteIsRefused() public {
        Job memory job = plainJob();
        Request memory request = tableRequest(job);
        open(request, job);
        operators[3].account = makeAddr("not in the table");
        Attestation memory attestation = attestationOf(request, 3, true);
        bytes memory signature = signAttestation(attestation, 3);
        vm.expectRevert(
            abi.encodeWithSelector(IProofOfInferenceAVS.OperatorCannotVote.selector, operators[3].account, TABLE_TIME)
        );
        avs.submitVerification(request, job, attestation, signature, 0);

        // nor does a signature by another key count as the operator's
        operators[3].account = operators[2].signer;
        attestation = attestationOf(request, 3, true);
        signature = signAttestation(attestation, 3);
        vm.expectRevert(
            abi.encodeWithSelector(
                IProofOfInferenceAVS.InvalidSigner.selector, operators[3].signer, operators[2].signer
            )
        );
        avs.submitVerification(request, job, attestation, signature, 0);
    }

    function test_ATableThatIsNotLoadedIsRefused() public {
        Job memory job = plainJob();
        Request memory request = tableRequest(job);
        request.referenceTimepoint = TABLE_TIME + 1;
        assertReferenceRefused(request, job);
        post(TABLE_TIME + 1, tableOf(operators[0].signer, MIN_WEIGHT));
        assertReferenceRefused(request, job);
        tableSet.loadTable(TABLE_TIME + 1);
        open(request, job);
    }

    function test_AStaleTableIsRefused() public {
        Job memory job = plainJob();
        Request memory request = tableRequest(job);
        vm.warp(TABLE_TIME + MAX_REFERENCE_AGE + 1);
        request.deadline = uint40(block.timestamp) + 1 hours;
        assertReferenceRefused(request, job);
        vm.warp(TABLE_TIME + MAX_REFERENCE_AGE);
        open(request, job);
    }

    /// @notice What was opened before a root was disabled keeps its voters; what is opened after needs another table.
    function test_ADisabledRootEndsNewRequestsOnly() public {
        Job memory job = plainJob();
        Request memory request = tableRequest(job);
        open(request, job);
        disableRoot(TABLE_TIME);
        decide(request, job, true);

        job.salt = keccak256("another");
        assertReferenceRefused(tableRequest(job), job);
    }

    /// @notice A request that outlives its table settles by it.
    function test_ANewTableDoesNotChangeAnOpenRequest() public {
        Job memory job = plainJob();
        Request memory request = tableRequest(job);
        open(request, job);
        vm.warp(DEADLINE);
        postAndLoad(DEADLINE - 1, tableOf(operators[3].signer, 1_000 * uint256(MIN_WEIGHT)));
        decide(request, job, false);
        assertStatus(request, Status.Rejected);
    }
}
