import type { Address, Hash, Hex } from 'viem'
import type { Job } from '../utils/typedData.ts'

/**
 * What the sides tell each other: a flat JSON object, to be sent as it is. Each rail checks what it is given; the other
 * side may lie.
 */
export type PaymentMessage = { readonly rail: string; readonly [field: string]: string | number }

/** What is paid for, and how much. */
export type PaymentTerms = {
  /** Its `payee` is paid once it is verified. */
  readonly job: Job
  /** In the smallest unit of the asset; more than 0. */
  readonly amount: bigint
  /** The ERC-20; the zero address is the native currency. Default: the native currency. */
  readonly asset?: Address | undefined
}

/**
 * How a promised payment stands.
 *
 * - `pending`: the job is not decided, or its receipt not posted.
 * - `payable`: verified; nothing that the payer does can take it back.
 * - `paid`: the payee has it, or it is in the payee's earnings.
 * - `rejected`: the job was rejected; nothing is owed.
 * - `expired`: the time is over; nothing can be claimed any more.
 */
export type PaymentStatus = 'pending' | 'payable' | 'paid' | 'rejected' | 'expired'

/** What paying or collecting came to. */
export type PaymentResult = {
  readonly status: 'paid'
  /** What was sent for it, now or at an earlier try; `undefined` where this side had nothing to send. */
  readonly transactionHash: Hash | undefined
}

/** What a payer has, in the smallest unit of the asset. */
export type PaymentFunds = {
  /** In the smallest unit of the asset. What is being withdrawn is part of it. */
  readonly deposited: bigint
  /** In the smallest unit of the asset. */
  readonly withdrawing: bigint
  /** Unix time in seconds from which the withdrawal can be completed; `undefined` without one. */
  readonly availableAt: number | undefined
}

/** The side that buys. */
export type Payer = {
  /**
   * Puts money behind promises.
   *
   * @param parameters.key Names this deposit: with the same key it is made once, however often it is asked for.
   */
  deposit(parameters: { amount: bigint; key: string; asset?: Address | undefined }): Promise<{ transactionHash: Hash }>
  /** What the payer has left for promises. */
  getFunds(parameters?: { asset?: Address | undefined }): Promise<PaymentFunds>
  /** Starts the delay after which the amount can leave. Replaces an earlier withdrawal. */
  requestWithdrawal(parameters: { amount: bigint; asset?: Address | undefined }): Promise<{ transactionHash: Hash }>
  /** @throws `PaymentNotDueError` before the delay is over. */
  completeWithdrawal(parameters?: { asset?: Address | undefined }): Promise<{ transactionHash: Hash }>
  /**
   * Promises to pay if the job is verified. One promise a job: the same is returned for the same terms, also after a
   * crash.
   *
   * @param parameters.offer Of the payee.
   * @param parameters.consent The payee's signature over the job, where the rail opens the request and the job names an
   * agent whose consent is not recorded.
   * @returns What the payee's `accept` takes.
   */
  promise(
    parameters: PaymentTerms & { readonly offer: PaymentMessage; readonly consent?: Hex | undefined },
  ): Promise<PaymentMessage>
  /** Keeps the promise, once it is payable. May be called again: a payment is never made twice. */
  pay(promise: PaymentMessage): Promise<PaymentResult>
}

/** The side that sells. */
export type Payee = {
  /** What a payer needs to promise a payment to this account. */
  offer(parameters: { payer: Address; asset?: Address | undefined }): Promise<PaymentMessage>
  /**
   * Makes sure that the job will be paid if it is verified. Release the output, or begin the work, only after it. May be
   * called again.
   */
  accept(parameters: PaymentTerms & { readonly promise: PaymentMessage }): Promise<void>
  /** Takes what is due. May be called again. */
  collect(promise: PaymentMessage): Promise<PaymentResult>
}

/** A way to be paid for verified jobs. An account may be on both sides of it. */
export type PaymentRail = {
  readonly name: string
  readonly payer: Payer
  readonly payee: Payee
  /** How the promise stands by what the chain says. Either side may ask. */
  status(promise: PaymentMessage): Promise<PaymentStatus>
}
