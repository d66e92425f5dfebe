import type { Address, Hash, Hex } from 'viem'
import { ProofOfInferenceError } from './base.ts'

/** The 4Mica core service could not be reached, was too slow, or failed. */
export class FourMicaUnavailableError extends ProofOfInferenceError<'FourMicaUnavailableError'> {
  readonly url: string
  constructor({ url, action, reason, cause }: { url: string; action: string; reason: string; cause?: unknown }) {
    super(`4Mica is not available: ${reason}.`, {
      name: 'FourMicaUnavailableError',
      cause,
      metaMessages: [
        `URL: ${url}`,
        `While: ${action}`,
        'Try again: what was signed, issued or sent is not done twice. A guarantee that was issued can be claimed without the service.',
      ],
    })
    this.url = url
  }
}

/** The 4Mica core service is there, and said no. */
export class FourMicaRefusedError extends ProofOfInferenceError<'FourMicaRefusedError'> {
  readonly url: string
  /** Of the HTTP answer: 400..499. */
  readonly status: number
  /** In the service's words. */
  readonly reason: string
  constructor({
    url,
    action,
    status,
    reason,
    cause,
  }: { url: string; action: string; status: number; reason: string; cause?: unknown }) {
    super(`4Mica refused: ${reason}.`, {
      name: 'FourMicaRefusedError',
      cause,
      metaMessages: [
        `URL: ${url}`,
        `While: ${action}`,
        `Status: ${status}`,
        'Nothing is owed by what was refused. Too little free collateral: the payer deposits more. A closed tab: the payee makes a new offer.',
      ],
    })
    this.url = url
    this.status = status
    this.reason = reason
  }
}

/** What the 4Mica core service sent is incomplete, or not what was asked for. */
export class FourMicaAnswerInvalidError extends ProofOfInferenceError<'FourMicaAnswerInvalidError'> {
  readonly url: string
  /** What is wrong, a line each. */
  readonly issues: readonly string[]
  constructor({
    url,
    action,
    issues,
    cause,
  }: { url: string; action: string; issues: readonly string[]; cause?: unknown }) {
    super('The answer of 4Mica is not well-formed.', {
      name: 'FourMicaAnswerInvalidError',
      cause,
      metaMessages: [
        `URL: ${url}`,
        `While: ${action}`,
        ...issues.map((issue) => `- ${issue}`),
        'Nothing was taken from it. Check the address of the service and its version.',
      ],
    })
    this.url = url
    this.issues = issues
  }
}

/** The service or its contract is not the one that was configured. */
export class FourMicaMismatchError extends ProofOfInferenceError<'FourMicaMismatchError'> {
  readonly url: string
  /** What differs, such as `contract address`. */
  readonly fact: string
  readonly expected: string
  readonly actual: string
  constructor({ url, fact, expected, actual }: { url: string; fact: string; expected: string; actual: string }) {
    super(`4Mica is not what was configured: another ${fact}.`, {
      name: 'FourMicaMismatchError',
      metaMessages: [
        `URL: ${url}`,
        `expected: ${expected}`,
        `actual: ${actual}`,
        'Nothing was signed or sent. Check the configuration against a source you trust; do not copy what the service says.',
      ],
    })
    this.url = url
    this.fact = fact
    this.expected = expected
    this.actual = actual
  }
}

/** A step with 4Mica failed, in its client or on the chain. */
export class FourMicaFailedError extends ProofOfInferenceError<'FourMicaFailedError'> {
  readonly action: string
  constructor({ action, cause }: { action: string; cause: unknown }) {
    super(`4Mica failed: ${action}.`, {
      name: 'FourMicaFailedError',
      cause,
      metaMessages: [
        ...(cause instanceof Error ? [`Reason: ${cause.message.split('\n', 1)[0]}`] : []),
        'The cause has the details. Calling again is safe: a payment that is under way is waited for, not sent again.',
      ],
    })
    this.action = action
  }
}

/** A guarantee is not the one that was asked for, or not signed by 4Mica. */
export class GuaranteeInvalidError extends ProofOfInferenceError<'GuaranteeInvalidError'> {
  /** What is wrong: a field of the guarantee, `signature` or `encoding`. */
  readonly field: string
  constructor({
    field,
    expected,
    actual,
    cause,
  }: { field: string; expected: string; actual: string; cause?: unknown }) {
    super(`The guarantee is invalid: ${field}.`, {
      name: 'GuaranteeInvalidError',
      cause,
      metaMessages: [
        `expected: ${expected}`,
        `actual: ${actual}`,
        'Do not work for it: it would not be paid. The payer has lost nothing.',
      ],
    })
    this.field = field
  }
}

/** Somebody else has filed the validation request of a guarantee, which can never be claimed now. */
export class ValidationRequestTakenError extends ProofOfInferenceError<'ValidationRequestTakenError'> {
  readonly requestHash: Hex
  readonly validator: Address
  readonly agentId: bigint
  constructor({ requestHash, validator, agentId }: { requestHash: Hex; validator: Address; agentId: bigint }) {
    super('The validation request of the guarantee was filed by somebody else.', {
      name: 'ValidationRequestTakenError',
      metaMessages: [
        `requestHash: ${requestHash}`,
        `validator: ${validator}`,
        `agentId: ${agentId}`,
        'The guarantee cannot be claimed: do not work for it. Ask for one on a new tab.',
      ],
    })
    this.requestHash = requestHash
    this.validator = validator
    this.agentId = agentId
  }
}

/** A guarantee of the tab is not settled, and another one would release or lose its amount. */
export class TabUnresolvedError extends ProofOfInferenceError<'TabUnresolvedError'> {
  readonly tabId: bigint
  /** `undefined`: a guarantee that this side has no record of. */
  readonly jobId: Hex | undefined
  readonly status: string
  constructor({ tabId, jobId, status }: { tabId: bigint; jobId: Hex | undefined; status: string }) {
    super(`A guarantee of the tab is ${status}.`, {
      name: 'TabUnresolvedError',
      metaMessages: [
        `tabId: ${tabId}`,
        `jobId: ${jobId ?? 'unknown to this side'}`,
        'One claim settles all of a tab. Wait until each of its jobs is verified or paid; where one was rejected, until the tab has ended.',
      ],
    })
    this.tabId = tabId
    this.jobId = jobId
    this.status = status
  }
}

/** The tab, or the time in which a promise can be kept, is over. */
export class PaymentExpiredError extends ProofOfInferenceError<'PaymentExpiredError'> {
  /** Unix time in seconds. */
  readonly expiredAt: number
  constructor({ what, expiredAt }: { what: string; expiredAt: number }) {
    super(`The time of ${what} is over.`, {
      name: 'PaymentExpiredError',
      metaMessages: [`expiredAt: ${expiredAt}`, 'Begin anew: the payee makes another offer.'],
    })
    this.expiredAt = expiredAt
  }
}

/** It is too early: what is due can be claimed later. */
export class PaymentNotDueError extends ProofOfInferenceError<'PaymentNotDueError'> {
  /** Unix time in seconds. */
  readonly dueAt: number
  constructor({ dueAt }: { dueAt: number }) {
    super('The amount is not due yet.', {
      name: 'PaymentNotDueError',
      metaMessages: [`dueAt: ${dueAt}`, 'Nothing is lost: call again at that time, by the clock of the chain.'],
    })
    this.dueAt = dueAt
  }
}

/** Paying now could pay twice, since the payee may claim the same amount. */
export class PaymentTooLateError extends ProofOfInferenceError<'PaymentTooLateError'> {
  /** Unix time in seconds. */
  readonly closedAt: number
  constructor({ closedAt }: { closedAt: number }) {
    super('It is too late to pay the tab: the payee can claim the amount from the collateral.', {
      name: 'PaymentTooLateError',
      metaMessages: [
        `closedAt: ${closedAt}`,
        'Do nothing: the payee is paid from the collateral. A payment that crosses the claim would be paid twice.',
      ],
    })
    this.closedAt = closedAt
  }
}

/** What was promised need not be paid as things stand. */
export class PaymentNotPayableError extends ProofOfInferenceError<'PaymentNotPayableError'> {
  readonly jobId: Hex
  readonly status: string
  constructor({ jobId, status }: { jobId: Hex; status: string }) {
    super(`The promised payment is ${status}, not payable.`, {
      name: 'PaymentNotPayableError',
      metaMessages: [
        `jobId: ${jobId}`,
        status === 'pending'
          ? 'Wait until the job is verified and its receipt is posted.'
          : 'The money stays with, or returns to, the payer.',
      ],
    })
    this.jobId = jobId
    this.status = status
  }
}

/** An offer or a promise is not about the job, the parties or the amount it should be about. */
export class PaymentMismatchError extends ProofOfInferenceError<'PaymentMismatchError'> {
  /** What differs. */
  readonly field: string
  readonly expected: string
  readonly actual: string
  constructor({ field, expected, actual }: { field: string; expected: string; actual: string }) {
    super(`The payment is not what it should be: another ${field}.`, {
      name: 'PaymentMismatchError',
      metaMessages: [
        `expected: ${expected}`,
        `actual: ${actual}`,
        'Nothing was signed or sent. Agree on job, parties, asset and amount first; a job is promised one payment.',
      ],
    })
    this.field = field
    this.expected = expected
    this.actual = actual
  }
}

/** The collateral does not cover the amount. */
export class InsufficientCollateralError extends ProofOfInferenceError<'InsufficientCollateralError'> {
  /** In the smallest unit of the asset. */
  readonly required: bigint
  /** Less what is being withdrawn. In the smallest unit of the asset. */
  readonly available: bigint
  constructor({ required, available }: { required: bigint; available: bigint }) {
    super('The collateral is too small.', {
      name: 'InsufficientCollateralError',
      metaMessages: [`required: ${required}`, `available: ${available}`, 'Deposit more, or cancel the withdrawal.'],
    })
    this.required = required
    this.available = available
  }
}

/** The payment was made, and is not on record yet. */
export class PaymentUnrecordedError extends ProofOfInferenceError<'PaymentUnrecordedError'> {
  readonly transactionHash: Hash
  constructor({ transactionHash, timeout }: { transactionHash: Hash; timeout: number }) {
    super('The payment was made, but 4Mica has not recorded it in the time given.', {
      name: 'PaymentUnrecordedError',
      metaMessages: [
        `transactionHash: ${transactionHash}`,
        `timeout: ${timeout} ms`,
        'Call `pay` again: it waits for this payment and sends no other. If it stays unrecorded, show 4Mica the transaction: until then the payee could claim the amount again.',
      ],
    })
    this.transactionHash = transactionHash
  }
}
