import type { Hex } from 'viem'
import type { JobStatus } from '../utils/requestStatus.ts'
import { ProofOfInferenceError } from './base.ts'

/** No such request was opened in the blocks that were searched. */
export class RequestNotFoundError extends ProofOfInferenceError<'RequestNotFoundError'> {
  readonly requestId: Hex
  constructor({ requestId, fromBlock, toBlock }: { requestId: Hex; fromBlock: bigint; toBlock: bigint }) {
    super('The request was not found.', {
      name: 'RequestNotFoundError',
      metaMessages: [
        `requestId: ${requestId}`,
        `blocks searched: ${fromBlock} to ${toBlock}`,
        'Check the id and the deployment, and search from an earlier block (`fromBlock`).',
      ],
    })
    this.requestId = requestId
  }
}

/** No request of the job was opened in the blocks that were searched. */
export class JobNotFoundError extends ProofOfInferenceError<'JobNotFoundError'> {
  readonly jobId: Hex
  constructor({ jobId, fromBlock, toBlock }: { jobId: Hex; fromBlock: bigint; toBlock: bigint }) {
    super('No request of the job was found.', {
      name: 'JobNotFoundError',
      metaMessages: [
        `jobId: ${jobId}`,
        `blocks searched: ${fromBlock} to ${toBlock}`,
        'Check the id and the deployment, and search from an earlier block (`fromBlock`). What is settled by a certificate is found once that is settled.',
      ],
    })
    this.jobId = jobId
  }
}

/** The request can be settled, but nobody has. */
export class RequestUnsettledError extends ProofOfInferenceError<'RequestUnsettledError'> {
  readonly requestId: Hex
  /** Unix time in seconds. */
  readonly deadline: number
  /** What another request of the job decided; `none` when the deadline passed without a decision. */
  readonly jobStatus: JobStatus
  constructor({ requestId, deadline, jobStatus }: { requestId: Hex; deadline: number; jobStatus: JobStatus }) {
    super(
      jobStatus === 'none'
        ? 'The deadline passed without an outcome, and the request has not been settled.'
        : `The job was ${jobStatus} by another request, and this one has not been settled.`,
      {
        name: 'RequestUnsettledError',
        metaMessages: [
          `requestId: ${requestId}`,
          `deadline: ${deadline}`,
          'Settle it with `settleRequest`, or pass `settle: true` to `waitForOutcome`.',
        ],
      },
    )
    this.requestId = requestId
    this.deadline = deadline
    this.jobStatus = jobStatus
  }
}

/** The request had no outcome in the time given. */
export class OutcomeTimeoutError extends ProofOfInferenceError<'OutcomeTimeoutError'> {
  readonly requestId: Hex
  /** Milliseconds. */
  readonly timeout: number
  constructor({ requestId, timeout }: { requestId: Hex; timeout: number }) {
    super('The request had no outcome in the time given.', {
      name: 'OutcomeTimeoutError',
      metaMessages: [
        `requestId: ${requestId}`,
        `timeout: ${timeout} ms`,
        'The request goes on: wait longer with `waitForOutcome`.',
      ],
    })
    this.requestId = requestId
    this.timeout = timeout
  }
}

/** The request has a commit window, and the vote comes without the salt of its commitment. */
export class OperatorSaltMissingError extends ProofOfInferenceError<'OperatorSaltMissingError'> {
  readonly requestId: Hex
  constructor({ requestId }: { requestId: Hex }) {
    super('The vote needs the salt that it was committed with.', {
      name: 'OperatorSaltMissingError',
      metaMessages: [
        `requestId: ${requestId}`,
        'Pass `operatorSalt`, the one of `commitmentHash(attestationDigest, operatorSalt)`.',
      ],
    })
    this.requestId = requestId
  }
}
