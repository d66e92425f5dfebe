import pRetry from 'p-retry'
import * as v from 'valibot'
import { RunnerFailedError } from '../errors/verification.ts'
import { tokenId } from '../payload/schemas.ts'
import type { ChatInput, InferenceInput, ModelManifest, TextOutput } from '../payload/types.ts'
import { abortable, withTimeout } from '../utils/abort.ts'
import { readCapped } from '../utils/readCapped.ts'
import { type Completion, parseCompletion, type Sampling } from './completion.ts'
import { defineRunner } from './defineRunner.ts'
import type { PositionScores, Runner, RunnerFactory } from './types.ts'

/** Which server to ask, and for which model. */
export type OpenaiOptions = {
  /** Of the API, with its version: `http://localhost:8000/v1`. */
  readonly baseUrl: string
  /** What the server runs, as its operator knows it; goes into the fingerprint of every output. */
  readonly runtime: { readonly engine: string; readonly version: string; readonly provider: string }
  /** Sent as a bearer token; in no error and no output. */
  readonly apiKey?: string
  /**
   * vLLM's extensions, for servers that have them: token ids with every output, and scores of given tokens: so many of
   * the likeliest at each position, 1..20. Default: none, so that outputs have no token ids and the runner does not score.
   */
  readonly promptLogprobs?: number
  /** Milliseconds for one attempt, to the last byte. Default: 120,000. */
  readonly timeout?: number
  /** Attempts after the first, where the server is overloaded, down or out of reach. Default: 3. */
  readonly retries?: number
  /** Milliseconds before the second attempt; doubled before each further one. Default: 500. */
  readonly retryDelay?: number
  /** Most bytes of an answer. Default: 64 MiB. */
  readonly maxBytes?: number
  /** Default: the platform's. */
  readonly fetch?: typeof globalThis.fetch
}

/** Weights of format `served-model`: JSON that names the model as the server does, and whatever else describes it. */
const servedModel = v.pipe(
  v.string(),
  v.parseJson(),
  v.looseObject({ model: v.pipe(v.string(), v.nonEmpty(), v.maxLength(256)) }),
)

const choice = { finish_reason: v.nullable(v.string()), token_ids: v.nullish(v.array(tokenId)) }
const chatAnswer = v.object({
  choices: v.tuple([v.object({ ...choice, message: v.object({ content: v.string() }) })]),
})
const completionAnswer = v.object({ choices: v.tuple([v.object({ ...choice, text: v.string() })]) })
const logprobs = v.record(v.pipe(v.string(), v.digits()), v.object({ logprob: v.pipe(v.number(), v.maxValue(0)) }))
const scoredAnswer = v.object({
  choices: v.tuple([v.object({ prompt_logprobs: v.array(v.nullable(logprobs)) })]),
})
const tokenized = v.object({ tokens: v.array(tokenId) })
const detokenized = v.object({ prompt: v.string() })
const serverError = v.union([
  v.pipe(
    v.object({ error: v.object({ message: v.string() }) }),
    v.transform(({ error }) => error.message),
  ),
  v.pipe(
    v.object({ message: v.string() }),
    v.transform(({ message }) => message),
  ),
])

/**
 * Runs models behind an OpenAI-compatible server (vLLM, llama.cpp, hosted ones). Inputs of type `chat` go to
 * `/chat/completions`, a {@link Completion} to `/completions`; outputs are text.
 *
 * The weights of such a model, of format `served-model`, are a JSON document, `{ "model": "<name on the server>", … }`,
 * which may hold digests of the real weights: what the server runs is its operator's word. Batching servers do not
 * repeat themselves bit for bit, so the runner is not deterministic.
 *
 * `run` throws a `RunnerFailedError` when the server refuses, answers something else than text, or is still overloaded
 * or out of reach after all retries. Redirects are refused. Not for browsers with a key.
 *
 * @example
 * const runner = openai({
 *   baseUrl: 'http://localhost:8000/v1',
 *   runtime: { engine: 'vllm', version: '0.11.0', provider: 'cuda' },
 *   promptLogprobs: 20,
 * })
 */
export function openai(options: OpenaiOptions): RunnerFactory {
  const { runtime, promptLogprobs } = options
  if (
    promptLogprobs !== undefined &&
    !(Number.isInteger(promptLogprobs) && promptLogprobs >= 1 && promptLogprobs <= 20)
  )
    throw new RangeError(`promptLogprobs must be an integer in 1..20, not ${promptLogprobs}`)
  const server = createServer(options)
  return defineRunner({
    name: 'openai',
    formats: ['served-model'],
    supports: () => true,
    async load({ manifest, weights }) {
      const parsed = v.safeParse(servedModel, new TextDecoder().decode(weights))
      if (!parsed.success) throw failure('the weights are not JSON that names a model')
      return createRunner(server, parsed.output.model, manifest, runtime, promptLogprobs)
    },
  })
}

type Server = ReturnType<typeof createServer>

function createRunner(
  server: Server,
  model: string,
  manifest: ModelManifest,
  runtime: OpenaiOptions['runtime'],
  promptLogprobs: number | undefined,
): Runner {
  const fingerprint = { ...runtime, threads: 1, optimization: 'server', weightsDigest: manifest.weights.digest }
  let isDisposed = false
  const assertUsable = () => {
    if (isDisposed) throw failure('it was disposed')
  }
  const extended = promptLogprobs === undefined ? {} : { return_token_ids: true }

  return {
    fingerprint,
    deterministic: false,
    async run(input, { seed, signal } = {}) {
      assertUsable()
      const request = readInput(input)
      const body = { model, ...sampling(request, seed), ...extended }
      const { text, found } =
        'messages' in request
          ? await server
              .post('chat/completions', { ...body, messages: request.messages }, chatAnswer, signal)
              .then(({ choices: [found] }) => ({ found, text: found.message.content }))
          : await server
              .post('completions', { ...body, prompt: request.prompt }, completionAnswer, signal)
              .then(({ choices: [found] }) => ({ found, text: found.text }))
      if (found.finish_reason !== 'stop' && found.finish_reason !== 'length')
        throw failure(`the server ended the text by ${found.finish_reason ?? 'nothing it says'}`)
      const tokenIds = found.token_ids ?? undefined
      if (promptLogprobs !== undefined && !tokenIds) throw failure('the server gives no token ids')
      const output: TextOutput = { type: 'text', text, ...(tokenIds && { tokenIds }), runtime: fingerprint }
      return output
    },
    ...(promptLogprobs !== undefined && {
      async *score(input, tokenIds, { signal } = {}) {
        assertUsable()
        const request = readInput(input)
        const before =
          'messages' in request
            ? await server.tokenize({ model, messages: request.messages, add_generation_prompt: true }, signal)
            : typeof request.prompt === 'string'
              ? await server.tokenize({ model, prompt: request.prompt }, signal)
              : request.prompt
        const prompt = [...before, ...tokenIds]
        const body = { model, prompt, max_tokens: 1, temperature: 0, prompt_logprobs: promptLogprobs }
        const { choices } = await server.post('completions', body, scoredAnswer, signal)
        const scores = choices[0].prompt_logprobs
        if (scores.length !== prompt.length)
          throw failure(`the server scored ${scores.length} tokens of ${prompt.length}`)
        yield* scores.slice(before.length).map(toScores)
      },
      async decode(tokenIds, { signal } = {}) {
        assertUsable()
        return (await server.post('../detokenize', { model, tokens: tokenIds }, detokenized, signal)).prompt
      },
    }),
    async dispose() {
      isDisposed = true
    },
  }
}

function readInput(input: InferenceInput): ChatInput | Completion {
  const request = input.type === 'chat' ? input : parseCompletion(input)
  if (request) return request
  throw failure('the server takes a chat, or an input of type json with a prompt and how to sample')
}

function sampling({ temperature, topP, topK, maxTokens, seed, stop }: Sampling, seedOfRun: number | undefined) {
  // What is undefined is not part of JSON.
  return {
    temperature,
    top_p: topP,
    top_k: topK,
    max_tokens: maxTokens,
    seed: seed ?? seedOfRun,
    stop,
    stream: false,
    n: 1,
  }
}

function toScores(likeliest: v.InferOutput<typeof logprobs> | null, position: number): PositionScores {
  if (!likeliest) throw failure(`the server gave no scores at position ${position}`)
  const found = Object.entries(likeliest).map(([id, { logprob }]) => ({ id: Number(id), logprob }))
  found.sort((a, b) => b.logprob - a.logprob || a.id - b.id)
  return {
    kind: 'topK',
    position,
    tokenIds: Uint32Array.from(found, ({ id }) => id),
    logprobs: Float32Array.from(found, ({ logprob }) => logprob),
  }
}

/** Talks to the server: with the key, within the limits, again where that may help. */
function createServer(options: OpenaiOptions) {
  const { apiKey, timeout = 120_000, retries = 3, retryDelay = 500, maxBytes = 64 * 2 ** 20 } = options
  const base = parseBase(options.baseUrl)
  /** Errors of attempts after which another one may do. */
  const transient = new WeakSet<Error>()
  const again = (reason: string, cause?: unknown) => {
    const error = failure(reason, cause)
    transient.add(error)
    return error
  }
  const withoutKey = (text: string) => (apiKey ? text.replaceAll(apiKey, '[key]') : text)

  async function attempt(url: URL, body: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const limit = withTimeout(signal, timeout)
    try {
      const fetch = options.fetch ?? globalThis.fetch
      const headers = { 'content-type': 'application/json', ...(apiKey && { authorization: `Bearer ${apiKey}` }) }
      const request = fetch(url, { method: 'POST', body, headers, redirect: 'manual', signal: limit.signal })
      const response = await abortable(request, limit.signal)
      const bytes = await readCapped(response, maxBytes, limit.signal)
      if (!bytes) throw failure(`the answer has more than ${maxBytes} bytes`)
      if (response.status === 200) return bytes
      const reason = `the server answered ${response.status}${messageOf(bytes)}`
      const isTransient = response.status === 408 || response.status === 429 || response.status >= 500
      throw isTransient ? again(withoutKey(reason)) : failure(withoutKey(reason))
    } catch (error) {
      signal?.throwIfAborted()
      if (error instanceof RunnerFailedError) throw error
      if (limit.timedOut()) throw again(`the server did not answer within ${timeout} ms`)
      // The platform's message, and nothing that may hold the request.
      throw again('the server could not be reached, or broke off', new Error(withoutKey(String(error))))
    } finally {
      limit.clear()
    }
  }

  async function post<output>(
    path: string,
    body: unknown,
    schema: v.GenericSchema<unknown, output>,
    signal: AbortSignal | undefined,
  ): Promise<output> {
    signal?.throwIfAborted()
    const url = new URL(path, base)
    const encoded = JSON.stringify(body)
    const bytes = await pRetry(() => attempt(url, encoded, signal), {
      retries,
      minTimeout: retryDelay,
      maxTimeout: 30_000,
      signal,
      shouldRetry: ({ error }) => transient.has(error),
    })
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), new TextDecoder().decode(bytes))
    if (parsed.success) return parsed.output
    throw failure(`the server's answer is not of the shape: ${withoutKey(v.summarize(parsed.issues)).slice(0, 500)}`)
  }

  return {
    post,
    tokenize: async (body: unknown, signal: AbortSignal | undefined) =>
      (await post('../tokenize', body, tokenized, signal)).tokens,
  }
}

/** What the server says is wrong, in at most 300 characters. */
function messageOf(bytes: Uint8Array): string {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), serverError), new TextDecoder().decode(bytes))
  return parsed.success ? `: ${parsed.output.slice(0, 300)}` : ''
}

function parseBase(baseUrl: string): URL {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '' || url.search !== '')
    throw new RangeError('baseUrl must be an http(s) URL without credentials or query; give the key as apiKey')
  url.pathname = `${url.pathname.replace(/\/$/, '')}/`
  return url
}

function failure(reason: string, cause?: unknown): RunnerFailedError {
  return new RunnerFailedError({ runner: 'openai', reason, cause })
}
