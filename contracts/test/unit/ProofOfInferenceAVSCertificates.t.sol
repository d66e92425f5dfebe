// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Vm } from "forge-std/Vm.sol";

import { ILedger } from "../../src/interfaces/ILedger.sol";
import { IModelRegistry, ModelInfo, VersionConfig } from "../../src/interfaces/IModelRegistry.sol";
import { Voter } from "../../src/interfaces/IOperatorSet.sol";
import { IProofOfInferenceAVS, JobState, RequestState } from "../../src/interfaces/IProofOfInferenceAVS.sol";
import { Attestation, Ballot, Certificate, Job, Opening, Request, Status, Vote } from "../../src/types/DataTypes.sol";
import { MockToken } from "../mocks/Tokens.sol";
import { FickleWallet, LyingWallet, TerseWallet } from "../mocks/Wallets.sol";
import { AVSTest } from "../utils/AVSTest.sol";

contract ProofOfInferenceAVSCertificatesTest is AVSTest {
    Job private job;
    Request private request;

    function setUp() public override {
        super.setUp();
        job = plainJob();
        request = requestFor(job);
        depositFor(requester, NATIVE, REWARD + FEE);
    }

    // -- helpers

    function settle(Certificate memory only) private returns (Status) {
        Certificate[] memory certificates = new Certificate[](1);
        certificates[0] = only;
        return avs.settleCertificates(certificates)[0];
    }

    /// @dev Operators 0 and 1 agree.
    function certificate(bool isValid) private view returns (Certificate memory) {
        return certificateOf(request, job, votesOf(request, 2, isValid));
    }

    /// @dev The certificate of a request of its own job.
    function another(uint256 n, bool isValid) private view returns (Certificate memory) {
        Job memory otherJob = job;
        otherJob.salt = bytes32(n);
        Request memory other = request;
        other.jobId = jobIdOf(otherJob);
        other.nonce = n;
        return certificateOf(other, otherJob, votesOf(other, 2, isValid));
    }

    function use(Job memory job_) private {
        job = job_;
        request.jobId = jobIdOf(job_);
    }

    function notOpen(Request memory of_, Status status) private view returns (bytes memory) {
        return abi.encodeWithSelector(IProofOfInferenceAVS.RequestNotOpen.selector, requestIdOf(of_), status);
    }

    /// @dev Says why, and nothing else; writes nothing.
    function expectSkipped(Certificate memory skipped, bytes memory reason, Status status) private {
        vm.record();
        vm.recordLogs();
        assertEq(settle(skipped), status);
        (, bytes32[] memory writes) = vm.accesses(address(avs));
        assertEq(writes.length, 0, "writes");
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1, "events");
        assertEq(logs[0].topics[0], IProofOfInferenceAVS.RequestSkipped.selector);
        assertEq(logs[0].topics[1], requestIdOf(skipped.request));
        assertEq(logs[0].data, abi.encode(reason), "reason");
    }

    function expectSkipped(bytes memory reason) private {
        expectSkipped(certificate(true), reason, Status.None);
    }

    /// @dev The slow path reverts with the reason, for which the certificate is skipped.
    function expectUnopenable(bytes memory reason) private {
        Opening memory opening;
        opening.fromDeposit = true;
        if (job.hasAgent) opening.consent = signConsent(job);
        vm.expectRevert(reason);
        vm.prank(requester);
        avs.requestInferenceVerification(request, job, opening);
        expectSkipped(reason);
    }

    function expectUnopenable(bytes4 selector, uint256 a) private {
        expectUnopenable(abi.encodeWithSelector(selector, a));
    }

    function expectUnopenable(bytes4 selector, uint256 a, uint256 b) private {
        expectUnopenable(abi.encodeWithSelector(selector, a, b));
    }

    function expectUnopenable(Job memory job_, bytes4 selector, uint256 a) private {
        use(job_);
        expectUnopenable(selector, a);
    }

    function assertUnrecorded(Request memory of_) private view {
        RequestState memory empty;
        assertEq(abi.encode(avs.getRequestState(requestIdOf(of_))), abi.encode(empty));
    }

    function assertDecidedBy(Request memory of_, Status status) private view {
        JobState memory state = avs.getJobState(of_.jobId);
        assertEq(state.status, status);
        assertEq(state.decidedAt, block.timestamp);
    }

    function assertRecords(uint64 total, uint64 verified) private view {
        (uint64 totalJobs, uint64 verifiedJobs) = avs.getAgentRecord(AGENT_ID);
        assertEq(totalJobs, total);
        assertEq(verifiedJobs, verified);
        ModelInfo memory info = registry.getModelInfo(modelId);
        assertEq(info.totalInferences, total);
        assertEq(info.successfulVerifications, verified);
    }

    // -- settling

    function test_NoCertificates() public {
        vm.recordLogs();
        assertEq(avs.settleCertificates(new Certificate[](0)).length, 0);
        assertEq(vm.getRecordedLogs().length, 0);
    }

    function test_Verified() public {
        Certificate memory settled = certificate(true);
        vm.prank(stranger);
        assertEq(settle(settled), Status.Verified);
        assertDecidedBy(request, Status.Verified);
        assertUnrecorded(request);
        assertEarnings(NATIVE, payee, REWARD);
        assertEarnings(NATIVE, operators[0].account, FEE * 40 / 100);
        assertEarnings(NATIVE, operators[1].account, FEE * 30 / 100);
        assertDeposit(NATIVE, requester, FEE * 30 / 100);
        assertEarnings(NATIVE, requester, 0);
        assertRecords(0, 0);
        bytes32 runningHash =
            extended(extended(0, digestOf(attestationOf(request, 0, true))), digestOf(attestationOf(request, 1, true)));
        JobState memory state = avs.getJobState(request.jobId);
        assertEq(state.recordHash, recordHashOf(runningHash, Status.Verified, 99));
        assertEq(state.response, 99);
        assertEq(state.consentedAt, 0);
        // all that was escrowed can go out
        avs.withdrawEarnings(NATIVE, payee);
        avs.withdrawEarnings(NATIVE, operators[0].account);
        avs.withdrawEarnings(NATIVE, operators[1].account);
        assertEq(address(avs).balance, FEE * 30 / 100);
    }

    function test_Rejected() public {
        assertEq(settle(certificate(false)), Status.Rejected);
        assertDecidedBy(request, Status.Rejected);
        assertUnrecorded(request);
        assertEarnings(NATIVE, payee, 0);
        assertEarnings(NATIVE, operators[0].account, FEE * 40 / 100);
        assertDeposit(NATIVE, requester, REWARD + FEE * 30 / 100);
        assertEarnings(NATIVE, requester, 0);
        assertEq(avs.getJobState(request.jobId).response, 0);
    }

    function test_Token() public {
        request.asset = address(token);
        depositFor(requester, address(token), REWARD + FEE + 5);
        assertEq(settle(certificate(true)), Status.Verified);
        assertEarnings(address(token), payee, REWARD);
        assertEarnings(address(token), operators[1].account, FEE * 30 / 100);
        assertDeposit(address(token), requester, FEE * 30 / 100 + 5);
        assertDeposit(NATIVE, requester, REWARD + FEE);
        assertEarnings(NATIVE, payee, 0);
    }

    function test_Free() public {
        request.asset = address(token);
        request.reward = 0;
        request.verificationFee = 0;
        assertEq(settle(certificate(true)), Status.Verified);
        assertDecidedBy(request, Status.Verified);
        assertEarnings(address(token), payee, 0);
    }

    /// @dev What is escrowed is paid, but for what rounding leaves: less than one unit a voter.
    function testFuzz_Fees(uint128 reward, uint128 fee, uint96[4] memory weights, bool isValid, uint256 extra) public {
        reward = uint128(bound(reward, 0, type(uint128).max));
        extra = bound(extra, 0, type(uint128).max);
        request.asset = address(token);
        request.reward = reward;
        request.verificationFee = fee;
        uint256 total;
        for (uint256 i; i < 4; ++i) {
            operators[i].weight = uint96(bound(weights[i], 1, type(uint96).max / 4));
            setVoter(i, REFERENCE, true);
            total += operators[i].weight;
        }
        job.quorumBps = 10_000;
        use(job);
        uint256 deposit = uint256(reward) + fee + extra;
        depositFor(requester, address(token), deposit);
        Status status = settle(certificateOf(request, job, votesOf(request, 4, isValid)));
        assertEq(status, isValid ? Status.Verified : Status.Rejected);
        uint256 paid;
        for (uint256 i; i < 4; ++i) {
            uint256 share = uint256(fee) * operators[i].weight / total;
            assertEarnings(address(token), operators[i].account, share);
            paid += share;
        }
        assertLe(paid, fee);
        assertLt(fee - paid, 4);
        assertEarnings(address(token), payee, isValid ? reward : 0);
        assertDeposit(address(token), requester, isValid ? extra : extra + reward);
    }

    function test_SkipsVotes() public {
        Vote[] memory votes = new Vote[](7);
        votes[0] = voteOf(request, 0, true);
        votes[1] = voteOf(request, 0, false);
        votes[2] = voteOf(request, 3, false);
        votes[3] = voteOf(request, 1, false);
        votes[3].isValid = true;
        votes[4] = voteOf(request, 1, true);
        votes[5] = voteOf(request, 2, true);
        votes[6] = voteOf(request, 3, false);
        bytes32 requestId = requestIdOf(request);
        bytes[4] memory reasons;
        reasons[0] = abi.encodeWithSelector(IProofOfInferenceAVS.AlreadyVoted.selector, requestId, operators[0].account);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(operators[1].key, digestOf(attestationOf(request, 1, false)));
        reasons[1] = abi.encodeWithSelector(
            IProofOfInferenceAVS.InvalidSigner.selector,
            ecrecover(digestOf(attestationOf(request, 1, true)), v, r, s),
            operators[1].signer
        );
        reasons[2] = reasons[3] = notOpen(request, Status.Verified);
        uint8[4] memory skipped = [1, 3, 5, 6];
        for (uint256 i; i < 4; ++i) {
            vm.expectEmit(address(avs));
            emit IProofOfInferenceAVS.VerificationSkipped(requestId, votes[skipped[i]].operator, reasons[i]);
        }
        assertEq(settle(certificateOf(request, job, votes)), Status.Verified);
        assertEarnings(NATIVE, operators[0].account, FEE * 40 / 100);
        assertEarnings(NATIVE, operators[1].account, FEE * 30 / 100);
        assertEarnings(NATIVE, operators[2].account, 0);
        assertEarnings(NATIVE, operators[3].account, 0);
        assertDeposit(NATIVE, requester, FEE * 30 / 100);
    }

    // -- as the slow path

    /// @dev Both ways from the same beginning: the same events in the same order, the same job, money and statistics.
    /// @param dissent Whether operator 3 votes first, against the others.
    function assertLikeSlowPath(bool isValid, bool dissent) private {
        depositFor(requester, request.asset, REWARD + FEE);
        Opening memory opening;
        opening.fromDeposit = true;
        if (job.hasAgent) opening.consent = signConsent(job);
        Vote[] memory votes = new Vote[](dissent ? 3 : 2);
        if (dissent) votes[0] = voteOf(request, 3, !isValid);
        votes[votes.length - 2] = voteOf(request, 0, isValid);
        votes[votes.length - 1] = voteOf(request, 1, isValid);

        uint256 snapshot = vm.snapshotState();
        vm.recordLogs();
        vm.prank(requester);
        avs.requestInferenceVerification(request, job, opening);
        if (dissent) vote(request, job, 3, !isValid);
        decide(request, job, isValid);
        Vm.Log[] memory expectedLogs = vm.getRecordedLogs();
        claim(0, request);
        bytes memory expected = whatIsLeft();
        vm.revertToState(snapshot);

        vm.recordLogs();
        settle(certificateOf(request, job, votes));
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, expectedLogs.length);
        for (uint256 i; i < logs.length; ++i) {
            assertEq(abi.encode(logs[i]), abi.encode(expectedLogs[i]), "event");
        }
        assertEq(whatIsLeft(), expected, "state");
    }

    function whatIsLeft() private view returns (bytes memory left) {
        (uint64 totalJobs, uint64 verifiedJobs) = avs.getAgentRecord(AGENT_ID);
        left = abi.encode(
            avs.getJobState(request.jobId),
            registry.getModelInfo(modelId),
            totalJobs,
            verifiedJobs,
            avs.getDeposit(request.asset, requester),
            avs.getEarnings(request.asset, requester),
            avs.getEarnings(request.asset, payee)
        );
        for (uint256 i; i < 4; ++i) {
            left = abi.encode(left, avs.getEarnings(request.asset, operators[i].account));
        }
    }

    function test_LikeSlowPath() public {
        for (uint256 i; i < 16; ++i) {
            Job memory job_ = i & 1 == 0 ? plainJob() : agentJob();
            job_.salt = bytes32(i);
            use(job_);
            request.nonce = i;
            request.asset = i & 2 == 0 ? NATIVE : address(token);
            assertLikeSlowPath(i & 4 == 0, i & 8 != 0);
        }
        assertRecords(8, 4);
    }

    // -- the requester's signature

    function expectUnsigned(Certificate memory unsigned, bytes memory signature) private {
        unsigned.requesterSignature = signature;
        expectSkipped(
            unsigned,
            abi.encodeWithSelector(
                IProofOfInferenceAVS.InvalidRequesterSignature.selector,
                requestIdOf(unsigned.request),
                unsigned.request.requester
            ),
            Status.None
        );
    }

    function test_Skips_Unsigned() public {
        Certificate memory unsigned = certificate(true);
        bytes memory signature = unsigned.requesterSignature;
        expectUnsigned(unsigned, "");
        expectUnsigned(unsigned, new bytes(65));
        expectUnsigned(unsigned, sign(payeeKey, requestIdOf(request)));
        expectUnsigned(unsigned, sign(requesterKey, request.jobId));
        expectUnsigned(unsigned, sign(requesterKey, requestIdOf(another(1, true).request)));
        bytes32 structHash = keccak256(abi.encode(REQUEST_TYPEHASH, request));
        bytes32[2] memory domains =
            [domainSeparator(block.chainid + 1, address(avs)), domainSeparator(block.chainid, address(registry))];
        for (uint256 i; i < 2; ++i) {
            expectUnsigned(
                unsigned, sign(requesterKey, keccak256(abi.encodePacked("\x19\x01", domains[i], structHash)))
            );
        }
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(requesterKey, requestIdOf(request));
        uint8 flipped = v == 27 ? 28 : 27;
        expectUnsigned(unsigned, abi.encodePacked(r, bytes32(SECP256K1_ORDER - uint256(s)), flipped));
        expectUnsigned(unsigned, abi.encodePacked(signature, uint8(0)));
        unsigned.requesterSignature = signature;
        assertEq(settle(unsigned), Status.Verified);
    }

    /// @dev Whatever the requester did not sign, its deposit does not pay.
    function testFuzz_Skips_Changed(uint128 reward, uint128 fee, uint40 deadline, uint256 nonce) public {
        bytes memory signature = certificate(true).requesterSignature;
        bytes32 requestId = requestIdOf(request);
        request.reward = uint128(bound(reward, 0, REWARD));
        request.verificationFee = uint128(bound(fee, MINIMUM_FEE, FEE));
        request.deadline = uint40(bound(deadline, START + 1, START + LIFETIME));
        request.nonce = nonce;
        vm.assume(requestIdOf(request) != requestId);
        expectUnsigned(certificate(true), signature);
    }

    /// @dev A stranger names the requester's deposit.
    function test_Skips_AnothersDeposit() public {
        Certificate memory stolen = certificate(true);
        (, uint256 strangerKey) = makeAddrAndKey("stranger");
        expectUnsigned(stolen, sign(strangerKey, requestIdOf(request)));
    }

    /// @dev The request of a wallet with means.
    function useWallet(address wallet) private {
        request.requester = wallet;
        depositFor(wallet, NATIVE, REWARD + FEE);
    }

    function test_WalletSigns() public {
        useWallet(address(new LyingWallet()));
        Certificate memory signed = certificate(true);
        signed.requesterSignature = "anything";
        assertEq(settle(signed), Status.Verified);
        assertDeposit(NATIVE, request.requester, FEE * 30 / 100);
        assertDeposit(NATIVE, requester, REWARD + FEE);
    }

    function test_Skips_WalletRefuses() public {
        FickleWallet wallet = new FickleWallet();
        useWallet(address(wallet));
        wallet.setAnswer(false);
        expectUnsigned(certificate(true), "anything");
        wallet.setAnswer(true);
        assertEq(settle(certificate(true)), Status.Verified);
    }

    function test_Skips_WalletWithoutERC1271() public {
        useWallet(address(new TerseWallet()));
        expectUnsigned(certificate(true), "anything");
        useWallet(address(token));
        expectUnsigned(certificate(true), "anything");
    }

    // -- consent

    function test_ConsentInTheCertificate() public {
        use(agentJob());
        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.ConsentRecorded(request.jobId, AGENT_ID, payee);
        assertEq(settle(certificate(true)), Status.Verified);
        assertEq(avs.getJobState(request.jobId).consentedAt, START);
        assertRecords(1, 1);
    }

    function test_ConsentRecordedBefore() public {
        use(agentJob());
        avs.recordConsent(job, signConsent(job));
        // a change of wallet strands nothing
        identityRegistry.setAgentWallet(AGENT_ID, stranger);
        vm.warp(START + 5);
        Certificate memory settled = certificate(false);
        settled.consent = "";
        assertEq(settle(settled), Status.Rejected);
        assertEq(avs.getJobState(request.jobId).consentedAt, START);
        assertRecords(1, 0);
    }

    function expectNoConsent(Certificate memory unconsented, bytes memory consent) private {
        unconsented.consent = consent;
        expectSkipped(
            unconsented,
            abi.encodeWithSelector(IProofOfInferenceAVS.ConsentMissing.selector, request.jobId, AGENT_ID, payee),
            Status.None
        );
    }

    function test_Skips_NoConsent() public {
        use(agentJob());
        Certificate memory unconsented = certificate(true);
        bytes memory consent = unconsented.consent;
        expectNoConsent(unconsented, "");
        expectNoConsent(unconsented, sign(requesterKey, request.jobId));
        expectNoConsent(unconsented, sign(payeeKey, requestIdOf(request)));
        identityRegistry.setAgentWallet(AGENT_ID, stranger);
        expectNoConsent(unconsented, consent);
        identityRegistry.setAgentWallet(AGENT_ID, payee);
        unconsented.consent = consent;
        assertEq(settle(unconsented), Status.Verified);
    }

    // -- what an opening is refused for

    function test_Skips_CommitWindow() public {
        request.commitWindow = 1;
        bytes memory reason =
            abi.encodeWithSelector(IProofOfInferenceAVS.InvalidCommitWindow.selector, 1, request.deadline);
        expectSkipped(reason);
        open(request, job);
        expectSkipped(certificate(true), reason, Status.Open);
    }

    function test_Skips_AnotherJob() public {
        job.quorumBps = 5_001;
        expectUnopenable(IProofOfInferenceAVS.JobMismatch.selector, uint256(request.jobId), uint256(jobIdOf(job)));
    }

    function test_Skips_Paused() public {
        Job memory consented = agentJob();
        avs.recordConsent(consented, signConsent(consented));
        vm.warp(START + 1);
        vm.prank(owner);
        avs.pauseRequests();
        expectUnopenable(IProofOfInferenceAVS.RequestsArePaused.selector, START + 1);
        // consent that comes along is no earlier consent
        Job memory unconsented = agentJob();
        unconsented.salt = 0;
        expectUnopenable(unconsented, IProofOfInferenceAVS.RequestsArePaused.selector, START + 1);

        use(consented);
        vm.warp(START + 1 + 21 days);
        request.deadline = START + 22 days;
        uint256 snapshot = vm.snapshotState();
        assertEq(settle(certificate(true)), Status.Verified);
        vm.revertToState(snapshot);
        vm.warp(START + 1 + 21 days + 1);
        expectUnopenable(IProofOfInferenceAVS.RequestsArePaused.selector, START + 1);
    }

    function test_Skips_Model() public {
        job.modelVersionId = modelId;
        expectUnopenable(job, IModelRegistry.UnknownModelVersion.selector, uint256(modelId));
        use(plainJob());
        vm.prank(modelOwner);
        registry.setActive(modelId, false);
        expectUnopenable(IProofOfInferenceAVS.ModelInactive.selector, uint256(modelId));
    }

    function test_Skips_Asset() public {
        request.asset = address(new MockToken());
        depositFor(requester, request.asset, REWARD + FEE);
        expectUnopenable(
            IProofOfInferenceAVS.AssetNotAccepted.selector, uint256(modelId), uint256(uint160(request.asset))
        );
    }

    function test_Skips_Fee() public {
        request.verificationFee = MINIMUM_FEE - 1;
        expectUnopenable(IProofOfInferenceAVS.FeeBelowMinimum.selector, MINIMUM_FEE - 1, MINIMUM_FEE);
        request.verificationFee = MINIMUM_FEE;
        assertEq(settle(certificate(true)), Status.Verified);
    }

    function test_Skips_Job() public {
        uint16[4] memory quorums = [0, 5_000, 10_001, type(uint16).max];
        for (uint256 i; i < quorums.length; ++i) {
            job.quorumBps = quorums[i];
            expectUnopenable(job, IProofOfInferenceAVS.InvalidQuorum.selector, quorums[i]);
        }
        job = plainJob();
        uint16[2] memory attestations = [0, 257];
        for (uint256 i; i < attestations.length; ++i) {
            job.minAttestations = attestations[i];
            expectUnopenable(job, IProofOfInferenceAVS.InvalidMinAttestations.selector, attestations[i]);
        }
        uint16[2] memory confidences = [99, VALID_CONFIDENCE + 1];
        for (uint256 i; i < confidences.length; ++i) {
            use(plainJob());
            job.minConfidence = confidences[i];
            use(job);
            expectUnopenable(IProofOfInferenceAVS.InvalidMinConfidence.selector, confidences[i], VALID_CONFIDENCE);
        }
        job = plainJob();
        job.agentId = AGENT_ID;
        use(job);
        expectUnopenable(IProofOfInferenceAVS.InvalidAgent.selector, 0, AGENT_ID);
        job = plainJob();
        job.payee = address(0);
        expectUnopenable(job, IProofOfInferenceAVS.InvalidPayee.selector, 0);
        job = agentJob();
        job.payee = address(0);
        request.reward = 0;
        expectUnopenable(job, IProofOfInferenceAVS.InvalidPayee.selector, 0);
    }

    function test_Skips_Deadline() public {
        uint40[4] memory deadlines = [0, START, START + LIFETIME + 1, type(uint40).max];
        for (uint256 i; i < deadlines.length; ++i) {
            request.deadline = deadlines[i];
            expectUnopenable(
                abi.encodeWithSelector(
                    IProofOfInferenceAVS.InvalidDeadline.selector,
                    deadlines[i],
                    uint256(START) + 1,
                    uint256(START) + LIFETIME
                )
            );
        }
    }

    function test_DeadlineBounds() public {
        uint256 snapshot = vm.snapshotState();
        request.deadline = START + 1;
        assertEq(settle(certificate(true)), Status.Verified);
        vm.revertToState(snapshot);
        request.deadline = START + LIFETIME;
        assertEq(settle(certificate(true)), Status.Verified);
    }

    function test_Skips_Reference() public {
        uint48[3] memory references = [CLOCK, CLOCK + 1, CLOCK - 101];
        for (uint256 i; i < references.length; ++i) {
            request.referenceTimepoint = references[i];
            expectUnopenable(IProofOfInferenceAVS.InvalidReference.selector, references[i]);
        }
    }

    function test_Skips_Deposit() public {
        vm.prank(requester);
        avs.initiateDepositWithdrawal(NATIVE, 1);
        skip(avs.depositWithdrawalDelay());
        vm.prank(requester);
        avs.completeDepositWithdrawal(NATIVE);
        request.deadline = uint40(vm.getBlockTimestamp() + 1 hours);
        bytes memory reason = abi.encodeWithSelector(
            ILedger.InsufficientDeposit.selector, requester, NATIVE, REWARD + FEE, REWARD + FEE - 1
        );
        expectUnopenable(reason);
        // not by earnings, nor by another's or another asset's deposit
        depositFor(stranger, NATIVE, 10 ether);
        depositFor(requester, address(token), 10 ether);
        expectUnopenable(reason);
        depositFor(requester, NATIVE, 1);
        assertEq(settle(certificate(false)), Status.Rejected);
    }

    function test_Skips_SecondOfADeposit() public {
        Certificate[] memory certificates = new Certificate[](3);
        for (uint256 i; i < 3; ++i) {
            certificates[i] = another(i, true);
        }
        // a cheap one goes through, by what the first gave back
        certificates[2].request.reward = 0;
        certificates[2].request.verificationFee = MINIMUM_FEE;
        certificates[2] =
            certificateOf(certificates[2].request, certificates[2].job, votesOf(certificates[2].request, 2, true));
        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.RequestSkipped(
            requestIdOf(certificates[1].request),
            abi.encodeWithSelector(
                ILedger.InsufficientDeposit.selector, requester, NATIVE, REWARD + FEE, FEE * 30 / 100
            )
        );
        Status[] memory statuses = avs.settleCertificates(certificates);
        assertEq(statuses[0], Status.Verified);
        assertEq(statuses[1], Status.None);
        assertEq(statuses[2], Status.Verified);
        assertDeposit(NATIVE, requester, FEE * 30 / 100 - MINIMUM_FEE * 70 / 100);
        assertEarnings(NATIVE, payee, REWARD);
        assertEq(avs.getJobState(certificates[1].request.jobId).status, Status.None);
        // the skipped one is not lost
        depositFor(requester, NATIVE, REWARD + FEE);
        assertEq(settle(certificates[1]), Status.Verified);
    }

    // -- no quorum

    function expectNoQuorum(Vote[] memory votes, uint96 validWeight, uint96 invalidWeight) private {
        expectSkipped(
            certificateOf(request, job, votes),
            abi.encodeWithSelector(
                IProofOfInferenceAVS.QuorumNotReached.selector,
                requestIdOf(request),
                validWeight,
                invalidWeight,
                TOTAL_WEIGHT
            ),
            Status.None
        );
    }

    function test_Skips_NoQuorum() public {
        use(agentJob());
        expectNoQuorum(new Vote[](0), 0, 0);
        expectNoQuorum(votesOf(request, 1, true), 40, 0);
        Vote[] memory votes = votesOf(request, 4, true);
        for (uint256 i = 1; i < 3; ++i) {
            votes[i] = voteOf(request, i, false);
        }
        expectNoQuorum(votes, 50, 50);
        // votes that do not count make none
        votes = votesOf(request, 2, false);
        votes[1] = votes[0];
        expectNoQuorum(votes, 0, 40);
        votes = votesOf(request, 2, true);
        votes[0].confidence -= 1;
        expectNoQuorum(votes, 30, 0);
        job.minAttestations = 3;
        use(job);
        expectNoQuorum(votesOf(request, 2, true), 70, 0);
        // nor does it stand in the way of a better one
        assertEq(settle(certificateOf(request, job, votesOf(request, 3, true))), Status.Verified);
    }

    function test_Skips_NoWeight() public {
        for (uint256 i; i < 4; ++i) {
            operators[i].weight = 0;
            setVoter(i, REFERENCE, true);
        }
        assertEq(operatorSet.getTotalWeight(REFERENCE), 0);
        expectSkipped(
            certificateOf(request, job, votesOf(request, 4, true)),
            abi.encodeWithSelector(IProofOfInferenceAVS.QuorumNotReached.selector, requestIdOf(request), 0, 0, 0),
            Status.None
        );
    }

    // -- many

    function test_SkipsOneInTheMiddle() public {
        depositFor(requester, NATIVE, 10 * uint256(REWARD + FEE));
        Certificate[] memory certificates = new Certificate[](9);
        for (uint256 i; i < 9; ++i) {
            certificates[i] = another(i, i % 2 == 0);
        }
        certificates[3].requesterSignature = "";
        certificates[6].votes = new Vote[](0);
        Status[] memory statuses = avs.settleCertificates(certificates);
        for (uint256 i; i < 9; ++i) {
            Status decision = i % 2 == 0 ? Status.Verified : Status.Rejected;
            if (i == 3 || i == 6) decision = Status.None;
            assertEq(statuses[i], decision);
            assertEq(avs.getJobState(certificates[i].request.jobId).status, decision);
            assertUnrecorded(certificates[i].request);
        }
        // 0, 2, 4, 8 were Verified; 1, 5, 7 Rejected
        assertEarnings(NATIVE, payee, 4 * REWARD);
        assertEarnings(NATIVE, operators[0].account, 7 * (FEE * 40 / 100));
        assertDeposit(NATIVE, requester, 7 * uint256(REWARD) + 11 * uint256(FEE) - 7 * (uint256(FEE) * 70 / 100));
    }

    // -- one after another, of what differs

    /// @dev Keys, weights and indices are those of each one's reference, whatever the one before had.
    function test_References() public {
        uint48 later = REFERENCE + 1;
        (address signer, uint256 key) = makeAddrAndKey("operator 0's next key");
        operatorSet.setVoter(later, operators[0].account, Voter(true, 3, 80, signer));
        operatorSet.setVoter(later, operators[1].account, Voter(true, 4, 20, operators[1].signer));
        depositFor(requester, NATIVE, 10 ether);
        Certificate[] memory certificates = new Certificate[](4);
        for (uint256 i; i < 4; ++i) {
            job.salt = bytes32(i);
            use(job);
            request.nonce = i;
            request.referenceTimepoint = i % 2 == 0 ? REFERENCE : later;
            Vote[] memory votes = votesOf(request, 2, true);
            if (i % 2 != 0) {
                (votes[0].r, votes[0].vs) = compact(sign(key, digestOf(attestationOf(request, 0, true))));
            }
            certificates[i] = certificateOf(request, job, votes);
        }
        // the key of the other reference
        certificates[3].votes[0] = voteOf(certificates[3].request, 0, true);
        Status[] memory statuses = avs.settleCertificates(certificates);
        for (uint256 i; i < 3; ++i) {
            assertEq(statuses[i], Status.Verified);
        }
        assertEq(statuses[3], Status.None);
        assertEarnings(NATIVE, operators[0].account, 2 * FEE * 40 / 100 + FEE * 80 / 100);
        assertEarnings(NATIVE, operators[1].account, 2 * FEE * 30 / 100 + FEE * 20 / 100);
    }

    /// @dev At one reference, but others vote, in another order, and fewer.
    function test_Operators() public {
        depositFor(requester, NATIVE, 10 ether);
        uint8[3][4] memory voters = [[0, 1, 2], [1, 0, 2], [1, 2, 0], [0, 2, 3]];
        Certificate[] memory certificates = new Certificate[](4);
        for (uint256 i; i < 4; ++i) {
            job.salt = bytes32(i);
            use(job);
            request.nonce = i;
            Vote[] memory votes = new Vote[](i == 3 ? 3 : 2);
            for (uint256 k; k < votes.length; ++k) {
                votes[k] = voteOf(request, voters[i][k], true);
            }
            certificates[i] = certificateOf(request, job, votes);
        }
        Status[] memory statuses = avs.settleCertificates(certificates);
        assertEq(statuses[0], Status.Verified);
        assertEq(statuses[1], Status.Verified);
        assertEq(statuses[2], Status.None);
        assertEq(statuses[3], Status.Verified);
        assertEarnings(NATIVE, operators[0].account, 3 * FEE * 40 / 100);
        assertEarnings(NATIVE, operators[1].account, 2 * FEE * 30 / 100);
        assertEarnings(NATIVE, operators[2].account, FEE * 20 / 100);
        assertEarnings(NATIVE, operators[3].account, FEE * 10 / 100);
    }

    /// @dev The third operator voted on the first one only.
    function test_FewerVotes() public {
        depositFor(requester, NATIVE, 10 ether);
        Certificate[] memory certificates = new Certificate[](2);
        for (uint256 i; i < 2; ++i) {
            job.quorumBps = i == 0 ? 9_000 : 7_000;
            use(job);
            request.nonce = i;
            certificates[i] = certificateOf(request, job, votesOf(request, 3 - i, true));
        }
        Status[] memory statuses = avs.settleCertificates(certificates);
        assertEq(statuses[0], Status.Verified);
        assertEq(statuses[1], Status.Verified);
        assertEarnings(NATIVE, operators[0].account, 2 * FEE * 40 / 100);
        assertEarnings(NATIVE, operators[2].account, FEE * 20 / 100);
    }

    /// @dev What one's votes fell short of is not the next one's problem, nor are its voters forgotten.
    function test_AfterOneThatIsSkipped() public {
        depositFor(requester, NATIVE, 10 ether);
        Certificate[] memory certificates = new Certificate[](3);
        for (uint256 i; i < 3; ++i) {
            job.salt = bytes32(i);
            use(job);
            request.nonce = i;
            certificates[i] = certificate(true);
        }
        certificates[0].votes[1].confidence = 1;
        certificates[1].votes[0].evidenceDigest = 0;
        Status[] memory statuses = avs.settleCertificates(certificates);
        assertEq(statuses[0], Status.None);
        assertEq(statuses[1], Status.None);
        assertEq(statuses[2], Status.Verified);
        assertEarnings(NATIVE, operators[0].account, FEE * 40 / 100);
        assertEarnings(NATIVE, operators[1].account, FEE * 30 / 100);
    }

    /// @dev Method, confidence and the least fee are each one's own version's, in its asset.
    function test_Versions() public {
        bytes32 method = keccak256("another method");
        vm.startPrank(modelOwner);
        bytes32 secondVersionId =
            registry.publishVersion(modelId, VersionConfig("manifest", "policy", method, VALID_CONFIDENCE - 100));
        vm.stopPrank();
        depositFor(requester, NATIVE, 10 ether);
        depositFor(requester, address(token), REWARD);
        Certificate[] memory certificates = new Certificate[](5);
        for (uint256 i; i < 5; ++i) {
            job.salt = bytes32(i);
            // the last two differ in nothing but the asset
            bool isSecond = i % 2 != 0 || i == 4;
            job.modelVersionId = isSecond ? secondVersionId : versionId;
            use(job);
            request.nonce = i;
            // only the token has no least fee
            if (i >= 3) request.verificationFee = 0;
            request.asset = i == 3 ? address(token) : NATIVE;
            Vote[] memory votes = new Vote[](2);
            for (uint256 k; k < 2; ++k) {
                Attestation memory attestation = attestationOf(request, k, true);
                if (isSecond) {
                    attestation.method = method;
                    attestation.confidence -= 100;
                }
                votes[k] = voteOf(attestation, k);
            }
            certificates[i] = certificateOf(request, job, votes);
        }
        Status[] memory statuses = avs.settleCertificates(certificates);
        for (uint256 i; i < 4; ++i) {
            assertEq(statuses[i], Status.Verified);
            assertEq(avs.getJobState(certificates[i].request.jobId).response, i % 2 == 0 ? 99 : 98);
        }
        assertEq(statuses[4], Status.None);
    }

    // -- once

    function nonceUsed(uint256 nonce) private view returns (bytes memory) {
        return abi.encodeWithSelector(IProofOfInferenceAVS.NonceAlreadyUsed.selector, requester, nonce);
    }

    function test_Skips_Replay() public {
        depositFor(requester, NATIVE, 10 ether);
        Certificate[] memory certificates = new Certificate[](3);
        for (uint256 i; i < 3; ++i) {
            certificates[i] = certificate(true);
        }
        // other votes do not make it another request
        certificates[2].votes = votesOf(request, 4, false);
        for (uint256 i = 1; i < 3; ++i) {
            vm.expectEmit(address(avs));
            emit IProofOfInferenceAVS.RequestSkipped(requestIdOf(request), nonceUsed(0));
        }
        Status[] memory statuses = avs.settleCertificates(certificates);
        assertEq(statuses[0], Status.Verified);
        assertEq(statuses[1], Status.None);
        assertEq(statuses[2], Status.None);
        assertEarnings(NATIVE, payee, REWARD);
        vm.warp(START + 60);
        expectSkipped(certificates[0], nonceUsed(0), Status.None);
        expectSkipped(certificates[2], nonceUsed(0), Status.None);
        vm.warp(DEADLINE + 1);
        expectSkipped(certificates[0], nonceUsed(0), Status.None);
        assertDeposit(NATIVE, requester, 10 ether + FEE * 30 / 100);
    }

    /// @dev Another job, and everything else, does not help.
    function test_Skips_UsedNonce() public {
        depositFor(requester, NATIVE, 10 ether);
        assertFalse(avs.isNonceUsed(requester, 0));
        settle(certificate(true));
        assertTrue(avs.isNonceUsed(requester, 0));
        job.salt = "another";
        use(job);
        request.reward = 1;
        expectUnopenable(nonceUsed(0));
        request.nonce = 1;
        assertEq(settle(certificate(true)), Status.Verified);
    }

    /// @dev One nonce is one bit, of one requester.
    function testFuzz_Nonce(uint256 nonce, uint8 bit, address other) public {
        depositFor(requester, NATIVE, 10 ether);
        request.nonce = nonce;
        assertEq(settle(certificate(true)), Status.Verified);
        assertTrue(avs.isNonceUsed(requester, nonce));
        assertFalse(avs.isNonceUsed(requester, nonce ^ (1 << bit)));
        if (other != requester) assertFalse(avs.isNonceUsed(other, nonce));
        job.salt = "another";
        use(job);
        request.nonce = nonce ^ (1 << bit);
        assertEq(settle(certificate(true)), Status.Verified);
        assertTrue(avs.isNonceUsed(requester, nonce));
        assertTrue(avs.isNonceUsed(requester, request.nonce));
    }

    /// @dev What is opened, or skipped, uses no nonce: it is there for another request.
    function test_OpeningUsesNoNonce() public {
        depositFor(requester, NATIVE, 10 ether);
        Certificate memory refused = certificate(true);
        refused.votes = new Vote[](0);
        settle(refused);
        assertFalse(avs.isNonceUsed(requester, 0));
        open(request, job);
        assertEq(settle(certificate(true)), Status.Verified);
        assertFalse(avs.isNonceUsed(requester, 0));
        request.reward = 1;
        assertEq(settle(certificate(true)), Status.Verified);
        assertTrue(avs.isNonceUsed(requester, 0));
    }

    /// @dev A request that expired keeps its record, which keeps its certificate out; it is retried as another one.
    function test_ExpiredAndRetried() public {
        depositFor(requester, NATIVE, 10 ether);
        openFromDeposit(request, job);
        Certificate memory late = certificate(true);
        vm.warp(DEADLINE + 1);
        avs.settleRequest(request, job);
        expectSkipped(late, notOpen(request, Status.Expired), Status.Expired);
        request.deadline = DEADLINE + 1 hours;
        assertEq(settle(certificate(true)), Status.Verified);
        assertTrue(avs.isNonceUsed(requester, 0));
        expectSkipped(late, notOpen(late.request, Status.Expired), Status.Expired);
    }

    /// @dev Without the requester's signature, nobody uses up its nonce.
    function test_NonceOfAnother() public {
        Certificate memory forged = certificate(true);
        forged.requesterSignature = sign(payeeKey, requestIdOf(request));
        settle(forged);
        assertFalse(avs.isNonceUsed(requester, 0));
        (address other, uint256 otherKey) = makeAddrAndKey("another requester");
        depositFor(other, NATIVE, REWARD + FEE);
        forged.request.requester = other;
        forged.requesterSignature = sign(otherKey, requestIdOf(forged.request));
        forged.votes = votesOf(forged.request, 2, true);
        assertEq(settle(forged), Status.Verified);
        assertTrue(avs.isNonceUsed(other, 0));
        assertFalse(avs.isNonceUsed(requester, 0));
    }

    function test_RefusedElsewhere() public {
        depositFor(requester, NATIVE, 10 ether);
        settle(certificate(false));
        bytes32 requestId = requestIdOf(request);
        Opening memory opening;
        opening.fromDeposit = true;
        vm.expectRevert(
            abi.encodeWithSelector(IProofOfInferenceAVS.JobAlreadyDecided.selector, request.jobId, Status.Rejected)
        );
        vm.prank(requester);
        avs.requestInferenceVerification(request, job, opening);

        bytes memory reason = notOpen(request, Status.None);
        bytes32 commitment = commitmentOf(request, 2, true);
        vm.expectRevert(reason);
        vm.prank(operators[2].account);
        avs.commitVerification(request, operators[2].account, commitment);
        Attestation memory attestation = attestationOf(request, 2, true);
        bytes memory signature = signAttestation(attestation, 2);
        vm.expectRevert(reason);
        avs.submitVerification(request, job, attestation, signature, 0);
        vm.expectRevert(reason);
        avs.settleRequest(request, job);

        reason = abi.encodeWithSelector(IProofOfInferenceAVS.RequestNotFinal.selector, requestId, Status.None);
        Request[] memory requests = new Request[](1);
        requests[0] = request;
        for (uint256 i; i < 4; ++i) {
            assertEq(avs.claimFees(operators[i].account, requests), 0);
        }
        vm.warp(DEADLINE + 1);
        vm.expectRevert(reason);
        avs.releaseUnearnedFee(request);
        vm.expectRevert(notOpen(request, Status.None));
        avs.settleRequest(request, job);
    }

    function test_RefusedInABallot() public {
        settle(certificate(true));
        Ballot[] memory ballots = new Ballot[](1);
        ballots[0] = Ballot(request, job, votesOf(request, 4, true), new bytes32[](0));
        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.RequestSkipped(requestIdOf(request), notOpen(request, Status.None));
        assertEq(avs.submitVerifications(ballots)[0], Status.None);
    }

    // -- open requests

    function test_CompletesOpenRequest() public {
        open(request, job);
        vote(request, job, 3, true);
        Certificate memory completing = certificate(true);
        // neither is needed any more
        completing.requesterSignature = "";
        vm.recordLogs();
        assertEq(settle(completing), Status.Verified);
        // two votes, RequestFinalized
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 3);
        assertEq(logs[2].topics[0], IProofOfInferenceAVS.RequestFinalized.selector);
        (,,, bool decidesJob) = abi.decode(logs[2].data, (Status, uint8, bytes32, bool));
        assertTrue(decidesJob);
        assertDeposit(NATIVE, requester, REWARD + FEE);
        assertEarnings(NATIVE, requester, FEE * 20 / 100);
        assertEarnings(NATIVE, payee, REWARD);
        assertStatus(request, Status.Verified);
        assertDecidedBy(request, Status.Verified);
        assertEq(claim(3, request), FEE * 10 / 100);
        for (uint256 i; i < 4; ++i) {
            assertEq(claim(i, request), 0);
        }
        expectSkipped(completing, notOpen(request, Status.Verified), Status.Verified);
    }

    function test_CompletesOpenRequest_FromDeposit() public {
        openFromDeposit(request, job);
        assertEq(settle(certificate(false)), Status.Rejected);
        assertDeposit(NATIVE, requester, 2 * uint256(REWARD) + FEE + FEE * 30 / 100);
        assertEarnings(NATIVE, requester, 0);
    }

    /// @dev The checks of opening it were made when it was opened.
    function test_CompletesOpenRequest_WhilePaused() public {
        open(request, job);
        vm.prank(owner);
        avs.pauseRequests();
        vm.prank(modelOwner);
        registry.setActive(modelId, false);
        operatorSet.setClock(CLOCK + 1_000);
        assertEq(settle(certificate(true)), Status.Verified);
    }

    function test_OpenRequest_KeepsVotes() public {
        open(request, job);
        assertEq(settle(certificateOf(request, job, votesOf(request, 1, true))), Status.Open);
        RequestState memory state = avs.getRequestState(requestIdOf(request));
        assertEq(state.validWeight, 40);
        assertEq(state.validVotes, 1);
        assertEq(vote(request, job, 1, true), Status.Verified);
        assertEq(claim(0, request), FEE * 40 / 100);
    }

    function test_OpenRequest_DeadlinePassed() public {
        open(request, job);
        vm.warp(DEADLINE + 1);
        bytes memory reason = abi.encodeWithSelector(
            IProofOfInferenceAVS.RequestDeadlinePassed.selector, requestIdOf(request), DEADLINE
        );
        expectSkipped(certificate(true), reason, Status.Open);
        avs.settleRequest(request, job);
        expectSkipped(certificate(true), notOpen(request, Status.Expired), Status.Expired);
    }

    function test_OpenRequest_AnotherJob() public {
        open(request, job);
        Certificate memory skipped = certificate(true);
        skipped.job.quorumBps = 5_001;
        expectSkipped(
            skipped,
            abi.encodeWithSelector(IProofOfInferenceAVS.JobMismatch.selector, request.jobId, jobIdOf(skipped.job)),
            Status.Open
        );
    }

    function test_Skips_Final() public {
        open(request, job);
        decide(request, job, false);
        expectSkipped(certificate(true), notOpen(request, Status.Rejected), Status.Rejected);
        assertDeposit(NATIVE, requester, REWARD + FEE);
    }

    /// @dev A slow request ends by what a certificate of another request decided.
    function test_DecidesForOpenRequests() public {
        Request memory slow = request;
        slow.nonce = 1;
        open(slow, job);
        vote(slow, job, 3, true);
        vote(slow, job, 2, false);
        assertEq(settle(certificate(true)), Status.Verified);
        assertStatus(slow, Status.Open);
        assertEq(avs.settleRequest(slow, job), Status.Verified);
        assertEarnings(NATIVE, payee, 2 * REWARD);
        assertEarnings(NATIVE, requester, FEE * 90 / 100);
        assertEq(claim(3, slow), FEE * 10 / 100);
        assertEq(claim(2, slow), 0);
        assertEq(claim(0, slow), 0);
    }

    // -- decided jobs

    /// @dev Events: opened, final. The votes are not looked at, and nobody is paid for them.
    function settleByDecision(Certificate memory bound_, Status decision) private {
        depositFor(bound_.request.requester, NATIVE, REWARD + FEE);
        uint256 deposit = avs.getDeposit(NATIVE, requester);
        uint256 reward = avs.getEarnings(NATIVE, payee);
        uint256 fees = avs.getEarnings(NATIVE, operators[0].account);
        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.InferenceVerificationRequested(
            requestIdOf(bound_.request), bound_.request.jobId, requester, bound_.request, bound_.job, true
        );
        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.RequestFinalized(
            requestIdOf(bound_.request), bound_.request.jobId, decision, decision == Status.Verified ? 99 : 0, 0, false
        );
        vm.recordLogs();
        assertEq(settle(bound_), decision);
        assertEq(vm.getRecordedLogs().length, 2);

        assertDeposit(NATIVE, requester, decision == Status.Verified ? deposit - REWARD : deposit);
        assertEarnings(NATIVE, payee, decision == Status.Verified ? reward + REWARD : reward);
        assertEarnings(NATIVE, operators[0].account, fees);
        assertUnrecorded(bound_.request);
        assertTrue(avs.isNonceUsed(requester, bound_.request.nonce));

        expectSkipped(bound_, nonceUsed(bound_.request.nonce), Status.None);
        for (uint256 i; i < 4; ++i) {
            assertEq(claim(i, bound_.request), 0);
        }
    }

    function test_DecidedSlowly() public {
        for (uint256 i; i < 2; ++i) {
            job.salt = bytes32(i);
            use(job);
            request.nonce = i;
            Request memory slow = request;
            slow.nonce = 2;
            open(slow, job);
            decide(slow, job, i == 0);
            JobState memory before = avs.getJobState(request.jobId);
            vm.warp(START + 60);
            // by votes that say the opposite
            settleByDecision(
                certificateOf(request, job, votesOf(request, 4, i != 0)), i == 0 ? Status.Verified : Status.Rejected
            );
            assertEq(abi.encode(avs.getJobState(request.jobId)), abi.encode(before));
        }
    }

    function test_DecidedByCertificate() public {
        use(agentJob());
        settle(certificate(true));
        Certificate memory first = certificate(true);
        request.nonce = 1;
        identityRegistry.setAgentWallet(AGENT_ID, stranger);
        Certificate memory second = certificateOf(request, job, new Vote[](0));
        second.consent = "";
        settleByDecision(second, Status.Verified);
        request.nonce = 2;
        settleByDecision(certificateOf(request, job, votesOf(request, 4, false)), Status.Verified);
        assertRecords(1, 1);
        expectSkipped(first, nonceUsed(0), Status.None);
        expectSkipped(second, nonceUsed(1), Status.None);
    }

    function test_DecidedInTheSameCall() public {
        depositFor(requester, NATIVE, REWARD + FEE);
        Certificate[] memory certificates = new Certificate[](3);
        certificates[0] = certificate(true);
        request.nonce = 1;
        certificates[1] = certificateOf(request, job, votesOf(request, 2, false));
        certificates[2] = certificates[1];
        Status[] memory statuses = avs.settleCertificates(certificates);
        assertEq(statuses[0], Status.Verified);
        assertEq(statuses[1], Status.Verified);
        assertEq(statuses[2], Status.None);
        assertEarnings(NATIVE, payee, 2 * REWARD);
        assertEarnings(NATIVE, operators[0].account, FEE * 40 / 100);
        assertDeposit(NATIVE, requester, FEE + FEE * 30 / 100);
    }

    function test_DecidedJob_StillChecked() public {
        settle(certificate(true));
        request.nonce = 1;
        bytes memory reason = abi.encodeWithSelector(
            ILedger.InsufficientDeposit.selector, requester, NATIVE, REWARD + FEE, FEE * 30 / 100
        );
        expectSkipped(reason);
        depositFor(requester, NATIVE, 10 ether);
        expectUnsigned(certificate(true), "");
        Certificate memory another = certificate(true);
        another.job.salt = "another";
        expectSkipped(
            another,
            abi.encodeWithSelector(IProofOfInferenceAVS.JobMismatch.selector, request.jobId, jobIdOf(another.job)),
            Status.None
        );
        vm.warp(DEADLINE);
        uint256 snapshot = vm.snapshotState();
        assertEq(settle(certificate(true)), Status.Verified);
        vm.revertToState(snapshot);
        vm.warp(DEADLINE + 1);
        expectSkipped(
            abi.encodeWithSelector(IProofOfInferenceAVS.RequestDeadlinePassed.selector, requestIdOf(request), DEADLINE)
        );
    }

    /// @dev A job without a payee is decided by a request without a reward; one with a reward cannot be paid.
    function test_DecidedJob_NobodyToPay() public {
        job.payee = address(0);
        use(job);
        request.reward = 0;
        settle(certificate(true));
        depositFor(requester, NATIVE, 10 ether);
        request.nonce = 1;
        request.reward = 1;
        expectSkipped(abi.encodeWithSelector(IProofOfInferenceAVS.InvalidPayee.selector, address(0)));
        request.reward = 0;
        assertEq(settle(certificate(true)), Status.Verified);
    }

    /// @dev What was promised stays promised: none of this can be changed to keep the payee from its reward.
    function test_DecidedJob_WhateverChanged() public {
        settle(certificate(true));
        request.nonce = 1;
        vm.prank(owner);
        avs.pauseRequests();
        vm.prank(modelOwner);
        registry.setActive(modelId, false);
        request.asset = address(new MockToken());
        depositFor(requester, request.asset, REWARD);
        request.verificationFee = 0;
        request.deadline = DEADLINE + 2 * LIFETIME;
        request.referenceTimepoint = type(uint48).max;
        assertEq(settle(certificateOf(request, job, new Vote[](0))), Status.Verified);
        assertEarnings(request.asset, payee, REWARD);
        assertDeposit(request.asset, requester, 0);
    }

    /// @dev An open request of a decided job ends by the decision, whatever its certificate's votes say.
    function test_DecidedJob_OpenRequest() public {
        Request memory slow = request;
        slow.nonce = 1;
        open(slow, job);
        settle(certificate(true));
        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.RequestFinalized(requestIdOf(slow), slow.jobId, Status.Verified, 99, 0, false);
        vm.expectEmit(address(avs));
        emit IProofOfInferenceAVS.RequestSkipped(requestIdOf(slow), notOpen(slow, Status.Verified));
        assertEq(settle(certificateOf(slow, job, votesOf(slow, 4, false))), Status.Verified);
        assertEarnings(NATIVE, payee, 2 * REWARD);
        assertEarnings(NATIVE, requester, FEE);
    }

    // -- several requesters in one call

    function test_Batch_Requesters() public {
        (address other, uint256 otherKey) = makeAddrAndKey("another requester");
        depositFor(requester, NATIVE, 10 ether);
        depositFor(other, NATIVE, REWARD + FEE);
        uint256 deposit = avs.getDeposit(NATIVE, requester);
        Certificate[] memory certificates = new Certificate[](5);
        for (uint256 i; i < 4; ++i) {
            certificates[i] = another(1 + i / 2, true);
            if (i % 2 == 0) continue;
            certificates[i].request.requester = other;
            certificates[i].request.jobId = jobIdOf(certificates[i].job = saltedJob(100 + i));
            Vote[] memory votes = votesOf(certificates[i].request, 2, true);
            certificates[i].votes = votes;
            certificates[i].requesterSignature = sign(otherKey, requestIdOf(certificates[i].request));
        }
        // its nonce was used two certificates before
        certificates[4] = certificates[2];
        Status[] memory statuses = avs.settleCertificates(certificates);
        assertEq(statuses[0], Status.Verified);
        assertEq(statuses[1], Status.Verified);
        assertEq(statuses[2], Status.Verified);
        assertEq(statuses[3], Status.None);
        assertEq(statuses[4], Status.None);
        assertLt(avs.getDeposit(NATIVE, other), REWARD + FEE);
        assertEq(deposit - avs.getDeposit(NATIVE, requester), 2 * (REWARD + FEE - avs.getDeposit(NATIVE, other)));
        assertTrue(avs.isNonceUsed(other, 1) && avs.isNonceUsed(requester, 1) && avs.isNonceUsed(requester, 2));
        assertFalse(avs.isNonceUsed(other, 2));
    }

    function test_Batch_Assets() public {
        address[2] memory assets = [NATIVE, address(token)];
        Certificate[] memory certificates = new Certificate[](4);
        uint256[2] memory deposits;
        for (uint256 i; i < 4; ++i) {
            request.asset = assets[i % 2];
            certificates[i] = another(1 + i, true);
            depositFor(requester, assets[i % 2], REWARD + FEE);
        }
        for (uint256 i; i < 2; ++i) {
            deposits[i] = avs.getDeposit(assets[i], requester);
        }
        Status[] memory statuses = avs.settleCertificates(certificates);
        for (uint256 i; i < 4; ++i) {
            assertEq(statuses[i], Status.Verified);
        }
        for (uint256 i; i < 2; ++i) {
            assertEarnings(assets[i], payee, 2 * REWARD);
            uint256 earned =
                avs.getEarnings(assets[i], operators[0].account) + avs.getEarnings(assets[i], operators[1].account);
            assertEq(deposits[i] - avs.getDeposit(assets[i], requester), 2 * REWARD + earned, "deposit");
            assertGt(earned, 0);
        }
    }

    function saltedJob(uint256 salt) private view returns (Job memory plain) {
        plain = job;
        plain.salt = bytes32(salt);
    }
}
