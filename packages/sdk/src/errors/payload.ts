import { ProofOfInferenceError } from './base.ts'

/** The bytes are not those that the digest names. */
export class PayloadDigestMismatchError extends ProofOfInferenceError<'PayloadDigestMismatchError'> {
  readonly expected: string
  readonly actual: string
  constructor({
    expected,
    actual,
    uri,
    cause,
  }: { expected: string; actual: string; uri?: string | undefined; cause?: unknown }) {
    super('The payload is not the one its digest names.', {
      name: 'PayloadDigestMismatchError',
      cause,
      metaMessages: [
        `Expected: ${expected}`,
        `Actual:   ${actual}`,
        ...(uri === undefined ? [] : [`Source:   ${uri}`]),
        'The source holds other bytes, or they changed on the way. Use another source.',
      ],
    })
    this.expected = expected
    this.actual = actual
  }
}

/** The payload has more bytes than the caller accepts. */
export class PayloadTooLargeError extends ProofOfInferenceError<'PayloadTooLargeError'> {
  /** Bytes. */
  readonly limit: number
  /** Bytes, when known. */
  readonly size: number | undefined
  constructor({
    limit,
    size,
    uri,
    hint,
  }: { limit: number; size?: number | undefined; uri?: string | undefined; hint?: string | undefined }) {
    super('The payload is too large.', {
      name: 'PayloadTooLargeError',
      metaMessages: [
        `Limit:  ${limit} bytes`,
        `Size:   ${size === undefined ? 'over the limit' : `${size} bytes`}`,
        ...(uri === undefined ? [] : [`Source: ${uri}`]),
        hint ??
          'If a payload of this size is expected, raise `maxBytes` of the call and of the store; of an operator, `maxPayloadBytes`.',
      ],
    })
    this.limit = limit
    this.size = size
  }
}

/** No source gave the payload. */
export class PayloadUnavailableError extends ProofOfInferenceError<'PayloadUnavailableError'> {
  readonly digest: string
  /** Where it was looked for. */
  readonly sources: readonly string[]
  readonly reason: string | undefined
  /** What to do, where the source knows better than to ask for the payload. */
  readonly hint: string | undefined
  constructor({
    digest,
    what = 'payload',
    sources,
    reason,
    hint,
    cause,
  }: {
    digest: string
    /** Which payload it is. */
    what?: string
    sources: readonly string[]
    reason?: string | undefined
    hint?: string | undefined
    cause?: unknown
  }) {
    super(`The ${what} could not be fetched.`, {
      name: 'PayloadUnavailableError',
      cause,
      metaMessages: [
        `Digest: ${digest}`,
        ...sources.map((source) => `Source: ${source}`),
        ...(reason === undefined ? [] : [`Reason: ${reason}`]),
        hint ?? 'Ask the party that made the payload to publish it, or add a store that holds it.',
      ],
    })
    this.digest = digest
    this.sources = sources
    this.reason = reason
    this.hint = hint
  }
}

/** A store did not take the payload. */
export class PayloadNotStoredError extends ProofOfInferenceError<'PayloadNotStoredError'> {
  readonly digest: string
  constructor({
    digest,
    sources,
    reason,
    cause,
  }: { digest: string; sources: readonly string[]; reason: string; cause?: unknown }) {
    super('The payload could not be stored.', {
      name: 'PayloadNotStoredError',
      cause,
      metaMessages: [
        `Digest: ${digest}`,
        ...sources.map((source) => `Store:  ${source}`),
        `Reason: ${reason}`,
        'Check that the store is reachable and takes uploads, or use another store.',
      ],
    })
    this.digest = digest
  }
}

/** The value cannot be encoded without losing something. */
export class PayloadEncodingError extends ProofOfInferenceError<'PayloadEncodingError'> {
  /** Where in the value, such as `tensors.input.dims[0]`. */
  readonly path: string
  constructor({ path, reason, cause }: { path: string; reason: string; cause?: unknown }) {
    super(`The value cannot be encoded: ${reason}.`, {
      name: 'PayloadEncodingError',
      cause,
      metaMessages: [`At: ${path === '' ? 'the value itself' : path}`, 'Change the value so that nothing is lost.'],
    })
    this.path = path
  }
}

/** The bytes are not a payload of the expected shape. */
export class PayloadInvalidError extends ProofOfInferenceError<'PayloadInvalidError'> {
  readonly digest: string | undefined
  readonly issues: readonly string[]
  constructor({
    digest,
    what = 'payload',
    issues,
    cause,
  }: { digest?: string | undefined; what?: string; issues: readonly string[]; cause?: unknown }) {
    super(`The ${what} is not well-formed.`, {
      name: 'PayloadInvalidError',
      cause,
      metaMessages: [
        ...(digest === undefined ? [] : [`Digest: ${digest}`]),
        ...issues.map((issue) => `- ${issue}`),
        'Encode it with the functions of `@proof-of-inference/sdk/payload`.',
      ],
    })
    this.digest = digest
    this.issues = issues
  }
}

/** The bytes decode, but are not the one encoding that their value has. */
export class PayloadNotCanonicalError extends ProofOfInferenceError<'PayloadNotCanonicalError'> {
  readonly digest: string | undefined
  constructor({ digest, what = 'payload' }: { digest?: string | undefined; what?: string } = {}) {
    super(`The ${what} is not in canonical DAG-CBOR.`, {
      name: 'PayloadNotCanonicalError',
      metaMessages: [
        ...(digest === undefined ? [] : [`Digest: ${digest}`]),
        'Policies and manifests must be canonical, so that one value has one digest.',
        'Encode it with the functions of `@proof-of-inference/sdk/payload`.',
      ],
    })
    this.digest = digest
  }
}

/** A payload store's address may not be used. */
export class DisallowedUrlError extends ProofOfInferenceError<'DisallowedUrlError'> {
  readonly url: string
  constructor({ url, reason, hint, cause }: { url: string; reason: string; hint?: string; cause?: unknown }) {
    super(`The address may not be used: ${reason}.`, {
      name: 'DisallowedUrlError',
      cause,
      metaMessages: [`URL: ${url}`, hint ?? 'Use a public https address.'],
    })
    this.url = url
  }
}
