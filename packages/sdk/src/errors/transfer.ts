import { isProofOfInferenceError, ProofOfInferenceError } from './base.ts'

/** An error as it goes from a thread to another: structured cloning keeps neither name nor facts nor brand. */
export type TransferredError =
  | {
      readonly isOurs: boolean
      readonly message: string
      readonly stack: string | undefined
      /** `name`, and what else the error says, as far as it can be cloned. */
      readonly facts: { readonly [key: string]: unknown }
      readonly cause?: TransferredError
      /** Of an `AggregateError`. */
      readonly errors?: readonly TransferredError[]
    }
  /** What was thrown without being an error. */
  | { readonly thrown: unknown }

/** Causes beyond it are left out: an error can be its own. */
const maxDepth = 16

/** What another thread makes the error of again, by {@link fromTransferred}. */
export function toTransferred(error: unknown, depth = 0): TransferredError {
  if (!(error instanceof Error)) return { thrown: isCloneable(error) ? error : String(error) }
  const { name, message, stack, cause } = error
  const others = Object.entries(error).filter(
    ([key, value]) => !['cause', 'errors'].includes(key) && isCloneable(value),
  )
  const isDeep = depth >= maxDepth
  return {
    isOurs: isProofOfInferenceError(error),
    message,
    stack,
    facts: { ...Object.fromEntries(others), name },
    ...(!isDeep && cause !== undefined && { cause: toTransferred(cause, depth + 1) }),
    ...(!isDeep &&
      error instanceof AggregateError && { errors: error.errors.map((each) => toTransferred(each, depth + 1)) }),
  }
}

/** The error with its name, message, facts, brand and causes; not of its class, other than `ProofOfInferenceError`. */
export function fromTransferred(transferred: TransferredError): unknown {
  if ('thrown' in transferred) return transferred.thrown
  const { isOurs, message, stack, facts, errors } = transferred
  const cause = transferred.cause && fromTransferred(transferred.cause)
  const options = cause === undefined ? undefined : { cause }
  const error = isOurs
    ? new ProofOfInferenceError(message, { name: String(facts.name), ...options })
    : errors
      ? new AggregateError(errors.map(fromTransferred), message, options)
      : new Error(message, options)
  const hidden = { writable: true, configurable: true }
  Object.defineProperty(error, 'message', { value: message, ...hidden })
  Object.defineProperty(error, 'stack', { value: stack, ...hidden })
  return Object.assign(error, facts)
}

function isCloneable(value: unknown): boolean {
  try {
    structuredClone(value)
    return true
  } catch {
    return false
  }
}
