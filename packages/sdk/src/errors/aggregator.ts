import type { Hex } from 'viem'
import { ProofOfInferenceError } from './base.ts'

/** The aggregator could not be reached, broke off, or failed. */
export class AggregatorUnavailableError extends ProofOfInferenceError<'AggregatorUnavailableError'> {
  readonly url: string
  constructor({ url, reason, cause }: { url: string; reason: string; cause?: unknown }) {
    super(`The aggregator is not available: ${reason}.`, {
      name: 'AggregatorUnavailableError',
      cause,
      metaMessages: [
        `URL: ${url}`,
        'Try again, or do without it: a requester can open the request on chain, an operator can submit its vote itself.',
      ],
    })
    this.url = url
  }
}

/** The aggregator is there, and said no. */
export class AggregatorRefusedError extends ProofOfInferenceError<'AggregatorRefusedError'> {
  readonly url: string
  /** Of the HTTP answer: 400..499. */
  readonly status: number
  /** Its reason in a word, such as `InsufficientDeposit`, see the table in the guide to aggregators. */
  readonly code: string
  constructor({ url, status, code, reason }: { url: string; status: number; code: string; reason: string }) {
    super(`The aggregator refused: ${code}.`, {
      name: 'AggregatorRefusedError',
      metaMessages: [
        `URL: ${url}`,
        `Status: ${status}`,
        `Reason, in its words: ${reason}`,
        'An aggregator decides nothing: what it refuses can still be submitted to the contracts directly.',
      ],
    })
    this.url = url
    this.status = status
    this.code = code
  }
}

/** What the aggregator sent is not what was asked for. */
export class AggregatorAnswerInvalidError extends ProofOfInferenceError<'AggregatorAnswerInvalidError'> {
  readonly url: string
  /** What is wrong, a line each. */
  readonly issues: readonly string[]
  constructor({ url, issues, cause }: { url: string; issues: readonly string[]; cause?: unknown }) {
    super('The answer of the aggregator is not well-formed.', {
      name: 'AggregatorAnswerInvalidError',
      cause,
      metaMessages: [
        `URL: ${url}`,
        ...issues.map((issue) => `- ${issue}`),
        'Check the address and the version of the aggregator, or use another one.',
      ],
    })
    this.url = url
    this.issues = issues
  }
}

/** The aggregator runs already. */
export class AggregatorRunningError extends ProofOfInferenceError<'AggregatorRunningError'> {
  constructor() {
    super('The aggregator runs already.', {
      name: 'AggregatorRunningError',
      metaMessages: ['Call `run` once, and again only after its promise has settled.'],
    })
  }
}

/** The operators reached no consensus on a signed request in the time given. */
export class CertificateTimeoutError extends ProofOfInferenceError<'CertificateTimeoutError'> {
  readonly requestId: Hex
  /** Milliseconds. */
  readonly timeout: number
  constructor({ requestId, timeout, cause }: { requestId: Hex; timeout: number; cause?: unknown }) {
    super('There was no certificate in the time given.', {
      name: 'CertificateTimeoutError',
      cause,
      metaMessages: [
        `requestId: ${requestId}`,
        `timeout: ${timeout} ms`,
        'Wait again, or open the very same request on chain with `open`. It may still be settled until its deadline.',
      ],
    })
    this.requestId = requestId
    this.timeout = timeout
  }
}

/** The deadline of a signed request passed before the chain saw it: it is void, and cost nothing. */
export class RequestNeverOpenedError extends ProofOfInferenceError<'RequestNeverOpenedError'> {
  readonly requestId: Hex
  /** Unix time in seconds. */
  readonly deadline: number
  constructor({ requestId, deadline }: { requestId: Hex; deadline: number }) {
    super('The deadline of the signed request passed before it reached the chain.', {
      name: 'RequestNeverOpenedError',
      metaMessages: [
        `requestId: ${requestId}`,
        `deadline: ${deadline}`,
        'Nothing was paid. Ask again, with a later deadline or another aggregator, or open a request on chain.',
      ],
    })
    this.requestId = requestId
    this.deadline = deadline
  }
}
