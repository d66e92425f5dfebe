import { createServer, type Server } from 'node:http'
import { runnerConformance } from '@proof-of-inference/conformance'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { digest } from '../payload/digest.ts'
import type { ModelManifest } from '../payload/types.ts'
import { type OpenaiOptions, openai } from './openai.ts'
import type { PositionScores } from './types.ts'

const weights = new TextEncoder().encode(JSON.stringify({ model: 'acme/upper', revision: 'main' }))
const manifest: ModelManifest = {
  v: 1,
  name: 'upper',
  weights: { digest: await digest(weights), format: 'served-model', size: weights.length },
  runtimes: [],
}
const apiKey = 'sk-test-0123456789'
const chat = { type: 'chat', messages: [{ role: 'user', content: 'hi' }], temperature: 0, maxTokens: 4 } as const
const completion = (prompt: string) =>
  ({ type: 'json', value: { prompt, maxTokens: 4, temperature: 0, seed: 7 } }) as const
const ids = (text: string) => [...text].map((each) => each.charCodeAt(0))

type Reply = { status: number; body: unknown; headers?: Record<string, string> }
type Call = { path: string; body: Record<string, unknown>; authorization: string | undefined }
const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** A server that behaves like vLLM: a model that answers in upper case. `answer` may say otherwise of a call. */
async function serve(answer: (call: Call, index: number) => Reply | 'hang' | 'hang up' | undefined = () => undefined) {
  const calls: Call[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = JSON.parse(Buffer.concat(chunks).toString())
    const call = { path: request.url ?? '', body, authorization: request.headers.authorization }
    calls.push(call)
    const reply = answer(call, calls.length - 1) ?? model(call)
    if (reply === 'hang') return
    if (reply === 'hang up') return request.socket.destroy()
    response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers })
    response.end(JSON.stringify(reply.body))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { baseUrl: `http://127.0.0.1:${address.port}/v1`, calls }
}

function model({ path, body }: Call): Reply {
  if (body.model !== 'acme/upper')
    return { status: 404, body: { error: { message: `The model ${body.model} does not exist.`, code: 404 } } }
  const rest = (text: string) => {
    const token_ids = body.return_token_ids ? { token_ids: ids(text) } : {}
    return { finish_reason: 'length', ...token_ids }
  }
  if (path === '/v1/chat/completions') {
    const [{ content }] = body.messages as [{ content: string }]
    const text = content.toUpperCase()
    return { status: 200, body: { choices: [{ message: { role: 'assistant', content: text }, ...rest(text) }] } }
  }
  if (path === '/tokenize') return { status: 200, body: { tokens: ids(String(body.prompt ?? 'hi')) } }
  if (path === '/detokenize')
    return { status: 200, body: { prompt: String.fromCharCode(...(body.tokens as number[])) } }
  const { prompt } = body
  if (Array.isArray(prompt)) {
    const scores = prompt.map((id, at) => (at === 0 ? null : { 65: { logprob: -0.5 }, [id]: { logprob: -1.5 } }))
    return { status: 200, body: { choices: [{ text: '', prompt_logprobs: scores, ...rest('') }] } }
  }
  const text = String(prompt).toUpperCase()
  return { status: 200, body: { choices: [{ text, ...rest(text) }] } }
}

const runtime = { engine: 'vllm', version: '0.11.0', provider: 'cuda' }
const load = (options: Partial<OpenaiOptions> & { baseUrl: string }) =>
  openai({ runtime, apiKey, retryDelay: 1, ...options }).load({ manifest, weights })

describe('conforms', async () => {
  const local = (async (url: URL, init: { body: string; signal: AbortSignal }) => {
    init.signal.throwIfAborted()
    const { status, body } = model({ path: url.pathname, body: JSON.parse(init.body), authorization: undefined })
    return new Response(JSON.stringify(body), { status })
  }) as unknown as typeof fetch
  runnerConformance({
    create: () => openai({ baseUrl: 'http://localhost/v1', runtime, fetch: local, promptLogprobs: 5 }),
    fixtures: {
      manifest,
      weights,
      inputs: [completion('one'), completion('two')],
      badInputs: { 'no prompt': { type: 'json', value: 1 }, tensors: { type: 'tensors', tensors: {} } },
      tokenIds: [65, 66],
    },
  })
})

test('chats and completes, with what the input says of sampling', async () => {
  const { baseUrl, calls } = await serve()
  const runner = await load({ baseUrl })
  expect(await runner.run(chat)).toEqual({ type: 'text', text: 'HI', runtime: runner.fingerprint })
  expect(await runner.run(completion('abc'))).toMatchObject({ text: 'ABC' })
  expect(calls).toEqual([
    {
      path: '/v1/chat/completions',
      body: { model: 'acme/upper', messages: chat.messages, temperature: 0, max_tokens: 4, stream: false, n: 1 },
      authorization: `Bearer ${apiKey}`,
    },
    {
      path: '/v1/completions',
      body: { model: 'acme/upper', prompt: 'abc', temperature: 0, max_tokens: 4, seed: 7, stream: false, n: 1 },
      authorization: `Bearer ${apiKey}`,
    },
  ])
  expect(runner).toMatchObject({ deterministic: false, fingerprint: { engine: 'vllm', version: '0.11.0' } })
  expect(runner.score).toBeUndefined()
})

test('scores given tokens and knows their text where the server has vLLM’s extensions', async () => {
  const { baseUrl, calls } = await serve()
  const runner = await load({ baseUrl, promptLogprobs: 5 })
  expect(await runner.run(chat)).toMatchObject({ text: 'HI', tokenIds: ids('HI') })
  const scores: PositionScores[] = []
  for await (const each of runner.score?.(completion('ab'), [66, 65]) ?? []) scores.push(each)
  expect(scores).toEqual([
    { kind: 'topK', position: 0, tokenIds: Uint32Array.of(65, 66), logprobs: Float32Array.of(-0.5, -1.5) },
    { kind: 'topK', position: 1, tokenIds: Uint32Array.of(65), logprobs: Float32Array.of(-1.5) },
  ])
  expect(calls.at(-1)?.body).toMatchObject({ prompt: [97, 98, 66, 65], prompt_logprobs: 5, max_tokens: 1 })
  expect(await runner.decode?.([72, 73])).toBe('HI')
})

test.each([429, 500, 503])('tries again after %i, as often as allowed', async (status) => {
  const busy = { status, body: { error: { message: 'busy' } } }
  const passing = await serve((_, index) => (index < 2 ? busy : undefined))
  expect(await (await load(passing)).run(chat)).toMatchObject({ text: 'HI' })
  expect(passing.calls).toHaveLength(3)
  const lasting = await serve(() => busy)
  await expect((await load({ ...lasting, retries: 1 })).run(chat)).rejects.toThrow(`answered ${status}: busy`)
  expect(lasting.calls).toHaveLength(2)
})

test('tries again when the connection breaks, or the server is silent', async () => {
  const broken = await serve((_, index) => (index === 0 ? 'hang up' : undefined))
  expect(await (await load(broken)).run(chat)).toMatchObject({ text: 'HI' })
  // Not a server: on a busy machine, a call may not have reached it when its time is over.
  const silent = vi.fn(
    (_: unknown, { signal }: RequestInit = {}) =>
      new Promise<Response>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
  )
  const { baseUrl } = broken
  const runner = await load({ baseUrl, fetch: silent, timeout: 20, retries: 1 })
  await expect(runner.run(chat)).rejects.toThrow('within 20 ms')
  expect(silent).toHaveBeenCalledTimes(2)
})

test.each([400, 401, 404, 422])('does not try again after %i', async (status) => {
  const { baseUrl, calls } = await serve(() => ({ status, body: { error: { message: 'no' } } }))
  await expect((await load({ baseUrl })).run(chat)).rejects.toMatchObject({
    name: 'RunnerFailedError',
    message: expect.stringContaining(`answered ${status}: no`),
  })
  expect(calls).toHaveLength(1)
})

test('tells the key to nobody: not in errors, not to where a server redirects', async () => {
  const { baseUrl } = await serve(() => ({ status: 401, body: { error: { message: `Incorrect API key: ${apiKey}` } } }))
  const runner = await load({ baseUrl })
  const error: Error = await runner.run(chat).then(
    () => Promise.reject(new Error('it ran')),
    (error) => error,
  )
  expect(error.message).toContain('Incorrect API key: [key]')
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error)) + String(error.cause)).not.toContain(apiKey)
  const elsewhere = await serve()
  const redirecting = await serve(() => ({ status: 307, body: {}, headers: { location: elsewhere.baseUrl } }))
  await expect((await load(redirecting)).run(chat)).rejects.toThrow('answered 307')
  expect(elsewhere.calls).toEqual([])
  const failing = (async () => {
    throw new TypeError(`fetch failed with Bearer ${apiKey}`)
  }) as typeof fetch
  const broken = await load({ baseUrl, fetch: failing, retries: 0 })
  await expect(broken.run(chat)).rejects.toSatisfy((error) => !String(error.cause).includes(apiKey))
})

test.each<[string, unknown]>([
  ['no choices', { choices: [] }],
  ['no content', { choices: [{ finish_reason: 'stop', message: { content: null } }] }],
  ['a text that a filter ended', { choices: [{ finish_reason: 'content_filter', message: { content: 'x' } }] }],
  ['a text that is not ended', { choices: [{ finish_reason: null, message: { content: 'x' } }] }],
])('fails on an answer with %s', async (_, body) => {
  const { baseUrl } = await serve(() => ({ status: 200, body }))
  await expect((await load({ baseUrl })).run(chat)).rejects.toMatchObject({ name: 'RunnerFailedError' })
})

test('fails on too large an answer, too few scores, missing token ids', async () => {
  const { baseUrl } = await serve(({ body }) =>
    'prompt_logprobs' in body
      ? { status: 200, body: { choices: [{ prompt_logprobs: [null] }] } }
      : { status: 200, body: { choices: [{ finish_reason: 'stop', message: { content: 'x' } }] } },
  )
  await expect((await load({ baseUrl, maxBytes: 10 })).run(chat)).rejects.toThrow('more than 10 bytes')
  const runner = await load({ baseUrl, promptLogprobs: 5 })
  await expect(runner.run(chat)).rejects.toThrow('no token ids')
  const score = async () => {
    for await (const _ of runner.score?.({ ...completion('a'), value: { prompt: [1] } }, [2]) ?? []) break
  }
  await expect(score()).rejects.toThrow('scored 1 tokens of 2')
})

test('ends when aborted, also while it waits', async () => {
  const controller = new AbortController()
  const { baseUrl } = await serve(() => {
    controller.abort(new Error('enough'))
    return { status: 503, body: {} }
  })
  const runner = await load({ baseUrl, retryDelay: 60_000 })
  await expect(runner.run(chat, { signal: controller.signal })).rejects.toThrow('enough')
})

test('refuses an address with credentials, or of another scheme, without repeating it', () => {
  for (const baseUrl of [
    'http://user:secret@localhost/v1',
    'ftp://localhost',
    'nowhere',
    'http://localhost/v1?key=secret',
  ])
    expect(() => openai({ baseUrl, runtime })).toThrow(/^baseUrl must be an http\(s\) URL without credentials/)
  expect(() => openai({ baseUrl: 'http://localhost/v1', runtime, promptLogprobs: 0 })).toThrow(RangeError)
})
