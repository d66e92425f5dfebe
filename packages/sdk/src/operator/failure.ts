import { BaseError } from 'viem'
import { isProofOfInferenceError, type ProofOfInferenceError } from '../errors/base.ts'
import { PayloadUnavailableError } from '../errors/payload.ts'
import { onChain } from '../payload/inlinePayloadStore.ts'
import type { SkipReason } from './machine.ts'

/** What a failure means for a request. */
export type Failure = {
  /** Why the request is skipped, if it comes to that. */
  readonly reason: SkipReason
  /**
   * `later`: something is out of order that may come back, so it is tried until the deadline. `few`: a few times. `no`:
   * it would fail again.
   */
  readonly retry: 'later' | 'few' | 'no'
  readonly details: string
}

/** By the outermost error's name: what it was caused by says less about what it means. */
const failures: { readonly [name: string]: Pick<Failure, 'reason' | 'retry'> } = {
  PayloadUnavailableError: { reason: 'payload-unavailable', retry: 'later' },
  PayloadNotStoredError: { reason: 'payload-unavailable', retry: 'later' },
  PayloadDigestMismatchError: { reason: 'payload-mismatch', retry: 'later' },
  // An address stays what it is.
  DisallowedUrlError: { reason: 'payload-unavailable', retry: 'no' },
  PayloadTooLargeError: { reason: 'payload-too-large', retry: 'no' },
  PayloadInvalidError: { reason: 'payload-invalid', retry: 'no' },
  PayloadNotCanonicalError: { reason: 'payload-invalid', retry: 'no' },
  RunnerUnavailableError: { reason: 'runner-unavailable', retry: 'later' },
  WeightsDigestMismatchError: { reason: 'weights-mismatch', retry: 'later' },
  OptionalDependencyMissingError: { reason: 'runner-unavailable', retry: 'no' },
  RunnerFailedError: { reason: 'verification-failed', retry: 'few' },
  VerifierFailedError: { reason: 'verification-failed', retry: 'few' },
  TimeoutError: { reason: 'verification-failed', retry: 'few' },
  PolicyInvalidError: { reason: 'policy-mismatch', retry: 'no' },
  BatchMismatchError: { reason: 'policy-mismatch', retry: 'no' },
  PolicyMismatchError: { reason: 'policy-mismatch', retry: 'no' },
  UnknownMethodError: { reason: 'unknown-method', retry: 'no' },
  NotAnOperatorError: { reason: 'not-an-operator', retry: 'no' },
  OperatorCannotVoteError: { reason: 'not-an-operator', retry: 'no' },
  StaleOperatorError: { reason: 'stale-weight', retry: 'no' },
  InvalidSignerError: { reason: 'wrong-signing-key', retry: 'no' },
  RequestDeadlinePassedError: { reason: 'deadline', retry: 'no' },
  CommitWindowClosedError: { reason: 'commit-window-missed', retry: 'no' },
  NotCommitterError: { reason: 'vote-refused', retry: 'no' },
  MethodMismatchError: { reason: 'vote-refused', retry: 'no' },
  ConfidenceOutOfRangeError: { reason: 'vote-refused', retry: 'no' },
  EquivocationRefusedError: { reason: 'vote-refused', retry: 'no' },
  ContractRevertedError: { reason: 'vote-refused', retry: 'few' },
  TransactionRevertedError: { reason: 'vote-refused', retry: 'few' },
}

/** A store of several reports the failures of all of them as one. */
const withinUnavailable = ['PayloadTooLargeError', 'PayloadDigestMismatchError'] as const

/** What a failure means. What is not known, such as a node that does not answer, is tried again until the deadline. */
export function toFailure(error: unknown): Failure {
  const details = describeError(error)
  // viem's are failures of the node, whatever they are called.
  let name = error instanceof Error && !(error instanceof BaseError) ? error.name : ''
  if (name === 'PayloadUnavailableError' && isProofOfInferenceError(error)) {
    name = withinUnavailable.find((each) => error.walk(each) !== undefined) ?? name
    const failed = toFailedStores(error)
    if (failed.length > 0 && failed.every((each) => isProofOfInferenceError(each, 'DisallowedUrlError')))
      name = 'DisallowedUrlError'
  }
  const known = Object.hasOwn(failures, name) ? failures[name] : undefined
  return { ...(known ?? { reason: 'deadline', retry: 'later' }), details }
}

/**
 * An error in a line that may be logged: the message of an error of viem or the SDK names addresses, which may contain
 * keys of an account with a provider.
 */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (isProofOfInferenceError(error, 'PayloadUnavailableError'))
    return `${error.name}: ${error.shortMessage} ${describeUnavailable(error)}`
  if ('shortMessage' in error && typeof error.shortMessage === 'string') return `${error.name}: ${error.shortMessage}`
  return `${error.name}: ${error.message}`
}

/** The digest, and why each store failed. Of an address only the host: a path or a query may contain keys. */
function describeUnavailable(error: ProofOfInferenceError<'PayloadUnavailableError'>): string {
  const digest = 'digest' in error ? `${error.digest}: ` : ''
  const reasons = toFailedStores(error).map((each) => {
    if (!isProofOfInferenceError(each, 'PayloadUnavailableError')) return describeError(each)
    const { sources = [], reason } = each as Partial<PayloadUnavailableError>
    return [...sources.map(toHost), reason].filter((part) => part !== undefined).join(': ')
  })
  return digest + reasons.join('; ')
}

/** What the stores failed with, each by itself; the chain is none where it just has nothing. */
function toFailedStores(error: unknown): unknown[] {
  if (!isProofOfInferenceError(error, 'PayloadUnavailableError')) return [error]
  const { cause } = error
  // Told again with the name of the payload.
  if (isProofOfInferenceError(cause, 'PayloadUnavailableError')) return toFailedStores(cause)
  if (!(cause instanceof AggregateError)) return [error]
  const failed = cause.errors.flatMap(toFailedStores)
  const elsewhere = failed.filter((each) => !(each instanceof PayloadUnavailableError && each.sources[0] === onChain))
  return elsewhere.length > 0 ? elsewhere : failed
}

function toHost(source: string): string {
  return URL.canParse(source) ? new URL(source).host : source
}
