import * as v from 'valibot'
import type { Hex } from 'viem'
import type { Certificate } from '../actions/avs/settleCertificates.ts'
import { sleep } from '../actions/internal/sleep.ts'
import {
  AggregatorAnswerInvalidError,
  AggregatorRefusedError,
  AggregatorUnavailableError,
} from '../errors/aggregator.ts'
import { isProofOfInferenceError } from '../errors/base.ts'
import { abortable, withTimeout } from '../utils/abort.ts'
import { readCapped } from '../utils/readCapped.ts'
import {
  certificateSchema,
  commitmentsSchema,
  describeIssues,
  maxListBytes,
  maxMessageBytes,
  progressSchema,
  type RequestProgress,
  refusalSchema,
  signedRequestSchema,
  toJson,
} from './protocol.ts'
import type { AggregatorClient, RevealedVote, SignedCommitment, SignedRequest } from './types.ts'

/** Where an aggregator is, and how long to wait for it. */
export type HttpAggregatorOptions = {
  /** Where the aggregator is: `https://aggregator.example.com`. */
  readonly url: string
  /** Default: the platform's. */
  readonly fetch?: typeof globalThis.fetch | undefined
  /** Milliseconds for a call, besides what it is held open for. Default: 10 000. */
  readonly timeout?: number | undefined
  /** Milliseconds without a sign of life after which a watched connection is lost. Default: 45 000. */
  readonly idleTimeout?: number | undefined
  /** Sent with every call, such as an authorization. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** What a requester asks of an aggregator. Every method rejects when it is down, refuses, or the signal aborts. */
export interface RequesterAggregator {
  /** Hands in a signed request; again and again, if need be. */
  submitRequest(request: SignedRequest, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  /** Resolves once the aggregator says that there is a consensus; `verifyCertificate` tells whether there is. */
  getCertificate(requestId: Hex, options: { readonly signal: AbortSignal }): Promise<Certificate>
}

/** An aggregator elsewhere. */
export type HttpAggregator = AggregatorClient &
  RequesterAggregator & {
    /** How the aggregator is with a request, as it says. */
    getProgress(requestId: Hex, options?: { readonly signal?: AbortSignal | undefined }): Promise<RequestProgress>
  }

/** Seconds that a call may be held open. */
const wait = 25

/** Milliseconds before a call that came to nothing is made again. */
const leastInterval = 1_000

type Call<output> = {
  path: string
  body?: unknown
  signal: AbortSignal | undefined
  /** Seconds that the aggregator may hold the call. */
  held?: number
  maxBytes?: number
  schema: v.GenericSchema<unknown, output>
}

/**
 * An aggregator, by HTTP: for operators (`createOperator`) and requesters (`requester.certify`).
 *
 * Trusts it with nothing: answers are bounded while they stream in and must have the right shape, redirects are refused,
 * and every call has a timeout. What is signed is to be checked by whoever uses it.
 *
 * Methods throw `AggregatorUnavailableError`, `AggregatorRefusedError`, `AggregatorAnswerInvalidError`, or the signal's
 * reason.
 *
 * @throws `AggregatorUnavailableError` where the URL is none of http or https.
 *
 * @example
 * const aggregator = httpAggregator({ url: 'https://aggregator.example.com' })
 * const { status } = await aggregator.getProgress(requestId)
 */
export function httpAggregator(options: HttpAggregatorOptions): HttpAggregator {
  const { timeout = 10_000, idleTimeout = 45_000, headers = {} } = options
  const base = parseUrl(options.url)
  const url = base.href
  const unavailable = (reason: string, cause?: unknown) => new AggregatorUnavailableError({ url, reason, cause })

  async function request(path: string, init: RequestInit, signal: AbortSignal): Promise<Response> {
    const target = new URL(base)
    const [pathname = '', search = ''] = path.split('?')
    target.pathname = `${base.pathname.replace(/\/$/, '')}/v1/${pathname}`
    target.search = search
    const fetch = options.fetch ?? globalThis.fetch
    const response = await abortable(
      fetch(target, { ...init, headers: { ...headers, ...init.headers }, redirect: 'manual', signal }),
      signal,
    )
    if (response.status >= 200 && response.status < 300) return response
    if (response.type === 'opaqueredirect' || response.status < 400) {
      await response.body?.cancel()
      throw unavailable('it redirects')
    }
    const refusal = await readJson(response, maxMessageBytes, signal).then(
      (value) => v.safeParse(refusalSchema, value),
      () => undefined,
    )
    signal.throwIfAborted()
    const { code, message } = refusal?.success
      ? refusal.output.error
      : { code: 'Unexplained', message: 'It gave no reason.' }
    const { status } = response
    if (status >= 500) throw unavailable(`it answered ${status} ${code}`)
    throw new AggregatorRefusedError({ url, status, code, reason: message })
  }

  async function readJson(response: Response, maxBytes: number, signal: AbortSignal): Promise<unknown> {
    const bytes = await readCapped(response, maxBytes, signal)
    const invalid = (issue: string, cause?: unknown) =>
      new AggregatorAnswerInvalidError({ url, issues: [issue], cause })
    if (!bytes) throw invalid(`it is larger than ${maxBytes} bytes`)
    return parseJson(bytes, (cause) => invalid('it is not JSON', cause))
  }

  function check<output>(schema: v.GenericSchema<unknown, output>, value: unknown): output {
    const parsed = v.safeParse(schema, value)
    if (parsed.success) return parsed.output
    throw new AggregatorAnswerInvalidError({ url, issues: describeIssues(parsed.issues) })
  }

  /** Makes a call; `undefined` when it came to nothing yet. */
  async function exchange<output>(parameters: Call<output>): Promise<output | undefined> {
    const { path, body, signal, held = 0, maxBytes = maxMessageBytes, schema } = parameters
    signal?.throwIfAborted()
    const limit = withTimeout(signal, timeout + held * 1000)
    const init = body === undefined ? {} : { method: 'POST', body: toJson(body), headers: jsonHeaders }
    try {
      const response = await request(path, init, limit.signal)
      if (response.status === 204) return undefined
      return check(schema, await readJson(response, maxBytes, limit.signal))
    } catch (error) {
      signal?.throwIfAborted()
      if (isProofOfInferenceError(error)) throw error
      throw unavailable(limit.timedOut() ? 'it did not answer in time' : 'it cannot be reached, or broke off', error)
    } finally {
      limit.clear()
    }
  }

  /** Calls until there is an answer. */
  async function poll<output>(parameters: Call<output> & { signal: AbortSignal }): Promise<output> {
    for (;;) {
      const calledAt = Date.now()
      const path = `${parameters.path}?wait=${wait}`
      const output = await exchange({ ...parameters, path, held: wait, maxBytes: maxListBytes })
      if (output !== undefined) return output
      await sleep(Math.max(0, leastInterval - (Date.now() - calledAt)), parameters.signal)
    }
  }

  /** The lines of the stream, until the connection is lost. */
  async function* watch(signal: AbortSignal): AsyncGenerator<SignedRequest> {
    const controller = new AbortController()
    const onAbort = () => controller.abort(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    let timer: ReturnType<typeof setTimeout> | undefined
    let reader: ReadableStreamDefaultReader<Uint8Array> | undefined
    const alive = (within: number) => {
      clearTimeout(timer)
      timer = setTimeout(() => controller.abort(unavailable('it gives no sign of life')), within)
    }
    try {
      alive(timeout)
      const response = await request('requests', {}, controller.signal)
      reader = response.body?.getReader()
      let rest = new Uint8Array()
      while (reader) {
        alive(idleTimeout)
        const { done, value } = await abortable(reader.read(), controller.signal)
        if (done) break
        let bytes = concat(rest, value)
        for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10)) {
          const line = bytes.subarray(0, end)
          bytes = bytes.subarray(end + 1)
          if (line.length === 0) continue
          const invalid = (cause: unknown) =>
            new AggregatorAnswerInvalidError({ url, issues: ['a line is not JSON'], cause })
          // Whoever takes its time over a request is not to lose the connection for it.
          clearTimeout(timer)
          yield check(signedRequestSchema, parseJson(line, invalid))
        }
        rest = bytes
        if (rest.length > maxMessageBytes) {
          throw new AggregatorAnswerInvalidError({ url, issues: [`a line is longer than ${maxMessageBytes} bytes`] })
        }
      }
      throw unavailable('the connection was lost')
    } catch (error) {
      if (signal.aborted) return
      if (isProofOfInferenceError(error)) throw error
      throw unavailable('the connection was lost', error)
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      controller.abort()
      // One that broke off cannot be cancelled, and need not be.
      await reader?.cancel().catch(() => {})
    }
  }

  return {
    watchRequests: ({ signal }) => watch(signal),
    async postCommitment({ requestId, operator, commitment, signature }: SignedCommitment, { signal }) {
      const path = `requests/${requestId}/commitments`
      // No more than the protocol has, here and below: what else the caller keeps is not for the aggregator.
      const body = { requestId, operator, commitment, signature }
      await exchange({ path, body, signal, schema: v.strictObject({}) })
    },
    async getCommitments(requestId, { signal }) {
      const path = `requests/${requestId}/commitments`
      const { commitments } = await poll({ path, signal, schema: commitmentsSchema })
      if (commitments.some((commitment) => commitment.requestId !== requestId.toLowerCase())) {
        throw new AggregatorAnswerInvalidError({ url, issues: ['a commitment is for another request'] })
      }
      return commitments
    },
    async postVote({ attestation, signature, operatorSalt }: RevealedVote, { signal }) {
      const path = `requests/${attestation.requestId}/votes`
      await exchange({ path, body: { attestation, signature, operatorSalt }, signal, schema: v.strictObject({}) })
    },
    async submitRequest({ request: asked, job, requesterSignature, consent }, { signal } = {}) {
      const body = { request: asked, job, requesterSignature, consent }
      await exchange({ path: 'requests', body, signal, schema: progressSchema })
    },
    async getCertificate(requestId, { signal }) {
      return poll({ path: `requests/${requestId}/certificate`, signal, schema: certificateSchema })
    },
    async getProgress(requestId, { signal } = {}) {
      const progress = await exchange({ path: `requests/${requestId}`, signal, schema: progressSchema })
      if (progress) return progress
      throw new AggregatorAnswerInvalidError({ url, issues: ['it is empty'] })
    },
  }
}

const jsonHeaders = { 'content-type': 'application/json' }

function parseJson(bytes: Uint8Array, toError: (cause: unknown) => Error): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw toError(cause)
  }
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(a.length + b.length)
  bytes.set(a)
  bytes.set(b, a.length)
  return bytes
}

function parseUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return parsed
  throw new AggregatorUnavailableError({ url, reason: 'its address is no absolute http or https URL' })
}
