// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { ILedger } from "../../src/interfaces/ILedger.sol";
import { Job, Opening, Request } from "../../src/types/DataTypes.sol";
import { ReenteringReceiver } from "../mocks/ReenteringReceiver.sol";
import { RevertingReceiver } from "../mocks/RevertingReceiver.sol";
import { FalseReturningToken, FeeOnTransferToken, HookToken, MockToken, NoReturnToken } from "../mocks/Tokens.sol";
import { AVSTest } from "../utils/AVSTest.sol";

contract ProofOfInferenceAVSLedgerTest is AVSTest {
    uint256 private constant DELAY = LIFETIME + 1 hours;

    /// @dev Has `account` earn the reward of a job in `asset`.
    function earn(address account, address asset) private {
        acceptAsset(asset);
        Job memory job = plainJob();
        job.payee = account;
        job.salt = bytes32(uint256(uint160(asset)));
        Request memory request = requestFor(job);
        request.asset = asset;
        open(request, job);
        decide(request, job, true);
    }

    function initiate(address account, address asset, uint256 amount) private {
        vm.prank(account);
        avs.initiateDepositWithdrawal(asset, amount);
    }

    function complete(address account, address asset) private returns (uint256) {
        vm.prank(account);
        return avs.completeDepositWithdrawal(asset);
    }

    // -- deposit

    function test_Deposit_RevertWhen_AmountIsZero() public {
        vm.expectRevert(ILedger.ZeroAmount.selector);
        avs.deposit(NATIVE, 0);
        vm.expectRevert(ILedger.ZeroAmount.selector);
        avs.deposit(address(token), 0);
    }

    function test_Deposit_RevertWhen_ValueIsNotAmount() public {
        uint256[3] memory values = [uint256(0), 9, 11];
        for (uint256 i; i < values.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(ILedger.IncorrectPayment.selector, NATIVE, 10, values[i]));
            vm.prank(requester);
            avs.deposit{ value: values[i] }(NATIVE, 10);
        }
    }

    function test_Deposit_RevertWhen_ValueComesWithToken() public {
        mintAndApprove(address(token), requester, 10);
        vm.expectRevert(abi.encodeWithSelector(ILedger.IncorrectPayment.selector, NATIVE, 0, 1));
        vm.prank(requester);
        avs.deposit{ value: 1 }(address(token), 10);
    }

    function test_Deposit_RevertWhen_NotAllowed() public {
        mintAndApprove(address(token), requester, 9);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(avs), 9, 10));
        vm.prank(requester);
        avs.deposit(address(token), 10);
    }

    function test_Deposit_RevertWhen_TokenReturnsFalse() public {
        FalseReturningToken liar = new FalseReturningToken();
        mintAndApprove(address(liar), requester, 10);
        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(liar)));
        vm.prank(requester);
        avs.deposit(address(liar), 10);
    }

    function test_Deposit_RevertWhen_TokenIsNoContract() public {
        vm.expectRevert();
        vm.prank(requester);
        avs.deposit(stranger, 10);
    }

    function test_Deposit() public {
        vm.expectEmit(address(avs));
        emit ILedger.Deposited(requester, NATIVE, 10);
        depositFor(requester, NATIVE, 10);
        depositFor(requester, NATIVE, 5);
        depositFor(requester, address(token), 7);
        assertDeposit(NATIVE, requester, 15);
        assertDeposit(address(token), requester, 7);
        assertDeposit(NATIVE, stranger, 0);
        assertEarnings(NATIVE, requester, 0);
        assertEq(address(avs).balance, 15);
        assertEq(token.balanceOf(address(avs)), 7);
    }

    function testFuzz_Deposit_FeeOnTransfer(uint128 amount) public {
        vm.assume(amount != 0);
        FeeOnTransferToken taxed = new FeeOnTransferToken();
        uint256 received = amount - amount / 100;
        mintAndApprove(address(taxed), requester, amount);
        vm.expectEmit(address(avs));
        emit ILedger.Deposited(requester, address(taxed), received);
        vm.prank(requester);
        avs.deposit(address(taxed), amount);
        assertDeposit(address(taxed), requester, received);
        assertEq(taxed.balanceOf(address(avs)), received);

        initiate(requester, address(taxed), received);
        vm.warp(START + DELAY);
        complete(requester, address(taxed));
        assertEq(taxed.balanceOf(address(avs)), 0);
    }

    function test_Deposit_TokenWithoutReturnValue() public {
        NoReturnToken silent = new NoReturnToken();
        depositFor(requester, address(silent), 10);
        assertDeposit(address(silent), requester, 10);
        initiate(requester, address(silent), 10);
        vm.warp(START + DELAY);
        complete(requester, address(silent));
        assertEq(silent.balanceOf(requester), 10);
    }

    // -- initiateDepositWithdrawal

    function test_Initiate_RevertWhen_AmountIsZero() public {
        depositFor(requester, NATIVE, 10);
        vm.expectRevert(ILedger.ZeroAmount.selector);
        initiate(requester, NATIVE, 0);
    }

    function test_Initiate_RevertWhen_MoreThanDeposit() public {
        depositFor(requester, NATIVE, 10);
        vm.expectRevert(abi.encodeWithSelector(ILedger.InsufficientDeposit.selector, requester, NATIVE, 11, 10));
        initiate(requester, NATIVE, 11);
        vm.expectRevert(abi.encodeWithSelector(ILedger.InsufficientDeposit.selector, stranger, NATIVE, 1, 0));
        initiate(stranger, NATIVE, 1);
    }

    function test_Initiate() public {
        assertGt(avs.depositWithdrawalDelay(), LIFETIME);
        depositFor(requester, NATIVE, 10);
        vm.expectEmit(address(avs));
        emit ILedger.DepositWithdrawalInitiated(requester, NATIVE, 10, START + DELAY);
        initiate(requester, NATIVE, 10);
        assertDeposit(NATIVE, requester, 10);
        (uint256 amount, uint256 availableAt) = avs.getDepositWithdrawal(NATIVE, requester);
        assertEq(amount, 10);
        assertEq(availableAt, START + DELAY);
        (amount, availableAt) = avs.getDepositWithdrawal(address(token), requester);
        assertEq(amount | availableAt, 0);
    }

    function test_Initiate_ReplacesEarlier() public {
        depositFor(requester, NATIVE, 10);
        initiate(requester, NATIVE, 10);
        vm.warp(START + DELAY);
        initiate(requester, NATIVE, 4);
        vm.expectRevert(abi.encodeWithSelector(ILedger.WithdrawalNotReady.selector, START + 2 * DELAY));
        complete(requester, NATIVE);
        vm.warp(START + 2 * DELAY);
        assertEq(complete(requester, NATIVE), 4);
        assertDeposit(NATIVE, requester, 6);
    }

    // -- completeDepositWithdrawal

    function test_Complete_RevertWhen_NonePending() public {
        depositFor(requester, NATIVE, 10);
        vm.expectRevert(abi.encodeWithSelector(ILedger.NothingToWithdraw.selector, requester, NATIVE));
        complete(requester, NATIVE);
    }

    function test_Complete_RevertWhen_NotReady() public {
        depositFor(requester, NATIVE, 10);
        initiate(requester, NATIVE, 10);
        vm.warp(START + DELAY - 1);
        vm.expectRevert(abi.encodeWithSelector(ILedger.WithdrawalNotReady.selector, START + DELAY));
        complete(requester, NATIVE);
        // nor can anybody else complete it
        vm.warp(START + DELAY);
        vm.expectRevert(abi.encodeWithSelector(ILedger.NothingToWithdraw.selector, stranger, NATIVE));
        complete(stranger, NATIVE);
    }

    function test_Complete() public {
        depositFor(requester, address(token), 10);
        depositFor(stranger, address(token), 100);
        initiate(requester, address(token), 8);
        vm.warp(START + DELAY);
        vm.expectEmit(address(avs));
        emit ILedger.DepositWithdrawn(requester, address(token), 8);
        assertEq(complete(requester, address(token)), 8);
        assertEq(token.balanceOf(requester), 8);
        assertDeposit(address(token), requester, 2);
        vm.expectRevert(abi.encodeWithSelector(ILedger.NothingToWithdraw.selector, requester, address(token)));
        complete(requester, address(token));
    }

    function test_Complete_PaysWhatIsLeft() public {
        depositFor(requester, NATIVE, REWARD);
        initiate(requester, NATIVE, REWARD);
        Request memory request = requestFor(plainJob());
        request.verificationFee = MINIMUM_FEE;
        request.reward = REWARD / 2;
        Opening memory opening;
        opening.fromDeposit = true;
        vm.prank(requester);
        avs.requestInferenceVerification(request, plainJob(), opening);

        uint256 before = requester.balance;
        uint256 left = REWARD - REWARD / 2 - MINIMUM_FEE;
        vm.warp(START + DELAY);
        assertEq(complete(requester, NATIVE), left);
        assertEq(requester.balance, before + left);
        assertDeposit(NATIVE, requester, 0);
    }

    function testFuzz_Complete_NeverMoreThanDeposit(uint96 deposited, uint96 asked) public {
        deposited = uint96(bound(deposited, 1, type(uint96).max));
        asked = uint96(bound(asked, 1, deposited));
        depositFor(stranger, NATIVE, 100 ether);
        depositFor(payee, NATIVE, deposited);
        initiate(payee, NATIVE, asked);
        vm.warp(START + DELAY);
        assertEq(complete(payee, NATIVE), asked);
        assertEq(payee.balance, asked);
        assertEq(address(avs).balance, 100 ether + uint256(deposited) - asked);
    }

    function test_Complete_RevertWhen_TokenReturnsFalse() public {
        FalseReturningToken liar = new FalseReturningToken();
        liar.setFailing(false);
        depositFor(requester, address(liar), 10);
        initiate(requester, address(liar), 10);
        liar.setFailing(true);
        vm.warp(START + DELAY);
        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(liar)));
        complete(requester, address(liar));
        liar.setFailing(false);
        assertEq(complete(requester, address(liar)), 10);
        assertEq(liar.balanceOf(requester), 10);
    }

    function test_Complete_RevertWhen_AccountRejects() public {
        address account = address(new RevertingReceiver());
        depositFor(account, NATIVE, 10);
        initiate(account, NATIVE, 10);
        vm.warp(START + DELAY);
        vm.expectRevert(RevertingReceiver.Rejected.selector);
        complete(account, NATIVE);
        assertDeposit(NATIVE, account, 10);
        (uint256 amount,) = avs.getDepositWithdrawal(NATIVE, account);
        assertEq(amount, 10);
    }

    // -- withdrawEarnings

    function test_Withdraw_RevertWhen_None() public {
        depositFor(requester, NATIVE, 10);
        vm.expectRevert(abi.encodeWithSelector(ILedger.NothingToWithdraw.selector, requester, NATIVE));
        avs.withdrawEarnings(NATIVE, requester);
    }

    function test_Withdraw() public {
        earn(payee, NATIVE);
        earn(payee, address(token));
        vm.expectEmit(address(avs));
        emit ILedger.EarningsWithdrawn(payee, NATIVE, REWARD);
        vm.prank(stranger);
        assertEq(avs.withdrawEarnings(NATIVE, payee), REWARD);
        assertEq(payee.balance, REWARD);
        assertEarnings(NATIVE, payee, 0);
        vm.expectRevert(abi.encodeWithSelector(ILedger.NothingToWithdraw.selector, payee, NATIVE));
        avs.withdrawEarnings(NATIVE, payee);
        avs.withdrawEarnings(address(token), payee);
        assertEq(token.balanceOf(payee), REWARD);
    }

    function test_Withdraw_TokenWithoutReturnValue() public {
        NoReturnToken silent = new NoReturnToken();
        earn(payee, address(silent));
        avs.withdrawEarnings(address(silent), payee);
        assertEq(silent.balanceOf(payee), REWARD);
    }

    function test_Withdraw_RevertWhen_TokenReturnsFalse() public {
        FalseReturningToken liar = new FalseReturningToken();
        liar.setFailing(false);
        earn(payee, address(liar));
        liar.setFailing(true);
        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(liar)));
        avs.withdrawEarnings(address(liar), payee);
        assertEarnings(address(liar), payee, REWARD);
    }

    /// @dev An account that cannot be paid stops nobody else, and no settlement.
    function test_Withdraw_RevertWhen_AccountRejects() public {
        address account = address(new RevertingReceiver());
        earn(account, NATIVE);
        assertEarnings(NATIVE, account, REWARD);
        vm.expectRevert(RevertingReceiver.Rejected.selector);
        avs.withdrawEarnings(NATIVE, account);
        assertEarnings(NATIVE, account, REWARD);
        avs.withdrawEarnings(NATIVE, requester);
    }

    // -- accounts and tokens that call back

    function movements(address account) private view returns (bytes[4] memory) {
        Opening memory opening;
        return [
            abi.encodeCall(avs.withdrawEarnings, (NATIVE, account)),
            abi.encodeCall(avs.completeDepositWithdrawal, (NATIVE)),
            abi.encodeCall(avs.deposit, (NATIVE, 1)),
            abi.encodeCall(avs.requestInferenceVerification, (requestFor(plainJob()), plainJob(), opening))
        ];
    }

    function assertRefused(ReenteringReceiver account, uint256 attempts) private view {
        assertEq(account.attempts(), attempts);
        assertFalse(account.succeeded());
        assertEq(
            account.result(), abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector)
        );
    }

    function test_Withdraw_AccountReenters() public {
        ReenteringReceiver account = new ReenteringReceiver();
        earn(address(account), NATIVE);
        depositFor(address(account), NATIVE, 1 ether);
        initiate(address(account), NATIVE, 1 ether);
        vm.warp(START + DELAY);
        uint256 snapshot = vm.snapshotState();
        bytes[4] memory calls = movements(address(account));
        for (uint256 i; i < calls.length; ++i) {
            account.setReentry(address(avs), calls[i]);
            uint256 before = address(account).balance;
            avs.withdrawEarnings(NATIVE, address(account));
            assertRefused(account, 1);
            assertEq(address(account).balance, before + REWARD);
            assertEarnings(NATIVE, address(account), 0);
            vm.revertToState(snapshot);
        }
    }

    function test_Complete_AccountReenters() public {
        ReenteringReceiver account = new ReenteringReceiver();
        earn(address(account), NATIVE);
        depositFor(address(account), NATIVE, 1 ether);
        initiate(address(account), NATIVE, 1 ether);
        vm.warp(START + DELAY);
        uint256 snapshot = vm.snapshotState();
        bytes[4] memory calls = movements(address(account));
        for (uint256 i; i < calls.length; ++i) {
            account.setReentry(address(avs), calls[i]);
            uint256 before = address(account).balance;
            complete(address(account), NATIVE);
            assertRefused(account, 1);
            assertEq(address(account).balance, before + 1 ether);
            assertDeposit(NATIVE, address(account), 0);
            vm.revertToState(snapshot);
        }
    }

    function test_Deposit_TokenCallsBack() public {
        HookToken hooked = new HookToken();
        ReenteringReceiver account = new ReenteringReceiver();
        hooked.setHook(address(account), abi.encodeCall(account.reenter, ()));
        mintAndApprove(address(hooked), address(account), 10);
        bytes[4] memory calls = movements(address(account));
        for (uint256 i; i < calls.length; ++i) {
            account.setReentry(address(avs), calls[i]);
            vm.prank(address(account));
            avs.deposit(address(hooked), 1);
            assertRefused(account, i + 1);
        }
        assertDeposit(address(hooked), address(account), 4);

        // and on the way out
        initiate(address(account), address(hooked), 4);
        vm.warp(START + DELAY);
        account.setReentry(address(avs), abi.encodeCall(avs.completeDepositWithdrawal, (address(hooked))));
        complete(address(account), address(hooked));
        assertRefused(account, 5);
        assertEq(hooked.balanceOf(address(account)), 10);
        assertEq(hooked.balanceOf(address(avs)), 0);
    }

    function test_Withdraw_TokenCallsBack() public {
        HookToken hooked = new HookToken();
        ReenteringReceiver account = new ReenteringReceiver();
        earn(address(account), address(hooked));
        hooked.setHook(address(account), abi.encodeCall(account.reenter, ()));
        account.setReentry(address(avs), abi.encodeCall(avs.withdrawEarnings, (address(hooked), address(account))));
        avs.withdrawEarnings(address(hooked), address(account));
        assertRefused(account, 1);
        assertEq(hooked.balanceOf(address(account)), REWARD);
    }
}
