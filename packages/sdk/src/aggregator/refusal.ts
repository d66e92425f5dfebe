import { ContractError } from '../errors/contractError.ts'
import { ContractRevertedError } from '../errors/transaction.ts'
import type { Reason } from './protocol.ts'

/** Why a call is answered with an error. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  /** Of the HTTP answer. */
  readonly status: number
  readonly code: string
  /** Milliseconds after which it may be tried again. */
  readonly retryAfter: number | undefined
  constructor(status: number, code: string, message: string, retryAfter?: number) {
    super(message)
    this.status = status
    this.code = code
    this.retryAfter = retryAfter
  }
}

/** By the contracts' errors; what is not here is 422. */
const statuses: { readonly [code: string]: number } = {
  AlreadyVoted: 409,
  CommitmentMismatch: 409,
  InvalidRequesterSignature: 403,
  InvalidSigner: 403,
  JobAlreadyDecided: 409,
  NonceAlreadyUsed: 409,
  OperatorCannotVote: 403,
  RequestAlreadyOpened: 409,
  RequestDeadlinePassed: 409,
  RequestNotOpen: 409,
}

/** The refusal that an error of the contracts amounts to; anything else is the node's failure, or ours. */
export function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  const reason = toReason(error)
  if (!isContractError(error)) return new Refusal(503, reason.code, reason.message)
  return new Refusal(statuses[reason.code] ?? 422, reason.code, reason.message)
}

/** Why something failed, in words that may be shown: what nodes answer may have keys in it. */
export function toReason(error: unknown): Reason {
  if (error instanceof Refusal) return { code: error.code, message: error.message }
  if (!isContractError(error)) return { code: 'ChainUnavailable', message: 'The chain could not be asked.' }
  return {
    code: error.name.replace(/Error$/, ''),
    // With the facts: they are the contract's.
    message: [error.shortMessage, ...error.metaMessages].join(' ').slice(0, 1024),
  }
}

/** Whether it is the contracts that refuse. */
export function isContractError(error: unknown): error is ContractError | ContractRevertedError {
  return error instanceof ContractError || error instanceof ContractRevertedError
}
