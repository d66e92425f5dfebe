const brand = Symbol.for('@proof-of-inference/error')

/** Where the errors' pages are. */
const docsBaseUrl = 'https://github.com/proof-of-inference/proof-of-inference/blob/main/'

/** What an error is made of, besides its message. */
export type ProofOfInferenceErrorOptions<name extends string = string> = {
  /** The error's stable name: a literal, so that minifiers cannot change it. */
  name: name
  /** What led to the error. */
  cause?: unknown
  /** A library's own words, where they help. */
  details?: string | undefined
  /** Path of the error's page in the repository. Default: `docs/errors/<name in kebab case>.md`. */
  docsPath?: string | undefined
  /** The facts, then what to do, a line each. */
  metaMessages?: readonly string[] | undefined
}

/**
 * Base of every error of the SDK. Tell errors apart by their `name`, with {@link isProofOfInferenceError}, which also
 * recognises errors of another copy of the SDK, where `instanceof` does not.
 *
 * @example
 * class TabClosedError extends ProofOfInferenceError<'TabClosedError'> {
 *   constructor({ tab, cause }: { tab: bigint; cause?: unknown }) {
 *     super(`Tab ${tab} is closed.`, { name: 'TabClosedError', cause, metaMessages: ['Open another tab.'] })
 *   }
 * }
 */
export class ProofOfInferenceError<name extends string = string> extends Error {
  override readonly name: name
  /** What happened, in a sentence. */
  readonly shortMessage: string
  /** The facts and what to do, a line each. */
  readonly metaMessages: readonly string[]
  readonly details: string | undefined
  /** Address of the error's page. */
  readonly docsUrl: string

  constructor(shortMessage: string, options: ProofOfInferenceErrorOptions<name>) {
    const metaMessages = options.metaMessages ?? []
    const docsUrl = `${docsBaseUrl}${options.docsPath ?? `docs/errors/${toKebabCase(options.name)}.md`}`
    const message = [
      shortMessage,
      ...(metaMessages.length > 0 ? ['', ...metaMessages] : []),
      '',
      `Docs: ${docsUrl}`,
      ...(options.details === undefined ? [] : [`Details: ${options.details}`]),
    ].join('\n')
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = options.name
    this.shortMessage = shortMessage
    this.metaMessages = metaMessages
    this.details = options.details
    this.docsUrl = docsUrl
    Object.defineProperty(this, brand, { value: true })
  }

  /** Whether a value is an error of the SDK, of any copy of it, and of the given name if one is given. */
  static is<name extends string = string>(value: unknown, name?: name): value is ProofOfInferenceError<name> {
    return isProofOfInferenceError(value, name)
  }

  /**
   * The first error, among this one and what caused it, that has the name or satisfies the predicate; `undefined` if
   * none does. Looks into each of several causes (`AggregateError`). Without an argument, the innermost cause.
   *
   * @example
   * error.walk('PayloadDigestMismatchError')
   */
  walk(): unknown
  walk<name extends string>(name: name): ProofOfInferenceError<name> | undefined
  walk(predicate: (error: unknown) => boolean): unknown
  walk(test?: string | ((error: unknown) => boolean)): unknown {
    const chain = [...causes(this)]
    if (test === undefined) return chain.at(-1)
    return chain.find(typeof test === 'string' ? (error) => isProofOfInferenceError(error, test) : test)
  }
}

/** An error and all that caused it, depth first. */
function* causes(error: unknown, seen = new Set<unknown>()): Generator<unknown> {
  if (seen.has(error)) return
  seen.add(error)
  yield error
  if (!(error instanceof Error) && !isProofOfInferenceError(error)) return
  if (error instanceof AggregateError) for (const each of error.errors) yield* causes(each, seen)
  if (error.cause !== undefined && error.cause !== null) yield* causes(error.cause, seen)
}

/**
 * Whether a value is an error of the SDK, of any copy of it, and of the given name if one is given.
 *
 * @example
 * if (isProofOfInferenceError(error, 'PayloadUnavailableError')) await tryAnotherStore()
 */
export function isProofOfInferenceError<name extends string = string>(
  value: unknown,
  name?: name,
): value is ProofOfInferenceError<name> {
  if (typeof value !== 'object' || value === null) return false
  if (!(brand in value) || !('name' in value)) return false
  return name === undefined || value.name === name
}

function toKebabCase(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])|([A-Z])(?=[A-Z][a-z])/g, '$1$3-$2').toLowerCase()
}
