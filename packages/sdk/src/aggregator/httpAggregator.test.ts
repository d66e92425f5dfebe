import { keccak256 } from 'viem'
import { afterEach, expect, test, vi } from 'vitest'
import { createJob, createRequest, hashOf } from '../../test/fixtures.ts'
import { httpAggregator } from './httpAggregator.ts'
import { toJson } from './protocol.ts'

const job = createJob('job', { hasAgent: false, agentId: 0n })
const signed = { request: createRequest(job, 0n), job, requesterSignature: '0x12' } as const
const requestId = hashOf('request')
const progress = { requestId, status: 'collecting', isOpen: false, commitments: 0, votes: 0 }
const commitment = {
  requestId,
  operator: '0x00000000000000000000000000000000000000A5',
  commitment: hashOf('commitment'),
  signature: `0x${'11'.repeat(65)}`,
} as const
const { signal } = new AbortController()

afterEach(() => vi.useRealTimers())

/** An aggregator that answers like that. */
function answering(
  answer: (url: URL, init: RequestInit) => Response | Promise<Response>,
  url = 'https://aggregator.test/base/',
) {
  const calls: { url: string; body: unknown }[] = []
  const api = httpAggregator({
    url,
    timeout: 500,
    idleTimeout: 200,
    headers: { authorization: 'Bearer 1' },
    fetch: async (input, init = {}) => {
      calls.push({ url: String(input), body: init.body })
      expect(init).toMatchObject({ redirect: 'manual', headers: { authorization: 'Bearer 1' } })
      return answer(new URL(String(input)), init)
    },
  })
  return { api, calls }
}

const json = (value: unknown, init?: ResponseInit) => new Response(toJson(value), init)

test('calls are as the protocol has them, and have nothing else in them', async () => {
  const { api, calls } = answering((_, { method }) => json(method === 'POST' ? {} : progress))
  const extra = { ...commitment, secret: 'mine' }
  await api.postCommitment(extra, { signal })
  expect(await api.getProgress(requestId)).toEqual(progress)
  expect(calls).toEqual([
    { url: `https://aggregator.test/base/v1/requests/${requestId}/commitments`, body: toJson(commitment) },
    { url: `https://aggregator.test/base/v1/requests/${requestId}`, body: undefined },
  ])
})

test('no answer, a failure and a redirect make it unavailable', async () => {
  const unavailable = { name: 'AggregatorUnavailableError', url: 'https://aggregator.test/base/' }
  const failing = answering(() => Promise.reject(new TypeError('fetch failed'))).api
  await expect(failing.getProgress(requestId)).rejects.toMatchObject(unavailable)
  const broken = answering(() => json({ error: { code: 'Busy', message: '' } }, { status: 503 })).api
  await expect(broken.getProgress(requestId)).rejects.toMatchObject({
    ...unavailable,
    message: expect.stringContaining('503 Busy'),
  })
  const redirecting = answering(() => new Response(null, { status: 302, headers: { location: 'http://10.0.0.1' } })).api
  await expect(redirecting.getProgress(requestId)).rejects.toMatchObject(unavailable)
  const silent = answering(() => new Promise(() => {})).api
  await expect(silent.getProgress(requestId)).rejects.toMatchObject({
    ...unavailable,
    message: expect.stringContaining('in time'),
  })
  const stalling = answering(() => new Response(new ReadableStream())).api
  await expect(stalling.getProgress(requestId)).rejects.toMatchObject(unavailable)
  expect(() => httpAggregator({ url: 'aggregator.test' })).toThrow('no absolute http or https URL')
  expect(() => httpAggregator({ url: 'file:///etc/passwd' })).toThrow('no absolute http or https URL')
})

test('a refusal has its reason, if there is one', async () => {
  const refusing = answering(() =>
    json({ error: { code: 'InsufficientDeposit', message: 'Too little.' } }, { status: 422 }),
  )
  await expect(refusing.api.submitRequest(signed)).rejects.toMatchObject({
    name: 'AggregatorRefusedError',
    status: 422,
    code: 'InsufficientDeposit',
    message: expect.stringContaining('Too little.'),
  })
  for (const body of ['', '<html>', '{"error":{"code":"a b","message":""}}', 'x'.repeat(100_000)]) {
    const unexplained = answering(() => new Response(body, { status: 403 })).api
    await expect(unexplained.submitRequest(signed)).rejects.toMatchObject({ status: 403, code: 'Unexplained' })
  }
})

test('answers of the wrong shape, size or request are invalid', async () => {
  const invalid = { name: 'AggregatorAnswerInvalidError' }
  const bodies = ['', '{', '[]', '{}', toJson({ ...progress, votes: -1 }), toJson({ ...progress, more: 1 })]
  for (const body of bodies) {
    await expect(answering(() => new Response(body)).api.getProgress(requestId)).rejects.toMatchObject(invalid)
  }
  let cancelled = false
  let chunks = 0
  const large = () =>
    new ReadableStream({
      pull: (controller) => (++chunks > 20 ? controller.close() : controller.enqueue(new Uint8Array(50_000))),
      cancel: () => {
        cancelled = true
      },
    })
  await expect(answering(() => new Response(large())).api.getProgress(requestId)).rejects.toMatchObject(invalid)
  expect(cancelled).toBe(true)
  const other = answering(() =>
    json({ commitments: [commitment, { ...commitment, requestId: keccak256('0x01') }] }),
  ).api
  await expect(other.getCommitments(requestId, { signal })).rejects.toMatchObject(invalid)
})

test('what is not there yet is asked for again, not too fast, until the signal aborts', async () => {
  vi.useFakeTimers()
  const controller = new AbortController()
  let asked = 0
  const { api, calls } = answering(() =>
    ++asked < 3 ? new Response(null, { status: 204 }) : json({ commitments: [commitment] }),
  )
  const waiting = api.getCommitments(requestId, { signal: controller.signal })
  await vi.advanceTimersByTimeAsync(999)
  expect(asked).toBe(1)
  await vi.advanceTimersByTimeAsync(1_001)
  expect(await waiting).toEqual([commitment])
  expect(calls.map(({ url }) => url.slice(-8))).toEqual(['?wait=25', '?wait=25', '?wait=25'])

  asked = -1_000
  const endless = api.getCommitments(requestId, { signal: controller.signal })
  const aborted = expect(endless).rejects.toThrow('enough')
  await vi.advanceTimersByTimeAsync(5_000)
  controller.abort(new Error('enough'))
  await aborted
})

test('a stream is read by the line, however it is cut', async () => {
  const line = new TextEncoder().encode(`\n${toJson(signed)}\n\n${toJson(signed)}\n`)
  for (const size of [1, 7, 1_000_000]) {
    const { api } = answering(() => {
      let offset = 0
      return new Response(
        new ReadableStream({
          pull(controller) {
            controller.enqueue(line.subarray(offset, offset + size))
            offset += size
            if (offset >= line.length) controller.close()
          },
        }),
      )
    })
    const seen: unknown[] = []
    const watching = (async () => {
      for await (const each of api.watchRequests({ signal })) seen.push(each)
    })()
    await expect(watching).rejects.toMatchObject({ name: 'AggregatorUnavailableError' })
    expect(seen).toEqual([signed, signed])
  }
})

test('a stream ends by the signal, by silence, and by what is no line of it', async () => {
  const watch = async (body: ReadableStream | string, watched: AbortSignal = signal) => {
    for await (const _ of answering(() => new Response(body)).api.watchRequests({ signal: watched })) break
  }
  const controller = new AbortController()
  const watching = watch(new ReadableStream(), controller.signal)
  controller.abort()
  await watching
  await expect(watch(new ReadableStream())).rejects.toMatchObject({
    name: 'AggregatorUnavailableError',
    message: expect.stringContaining('sign of life'),
  })
  for (const body of ['no json\n', '{}\n', 'x'.repeat(70_000)]) {
    await expect(watch(body)).rejects.toMatchObject({ name: 'AggregatorAnswerInvalidError' })
  }
  // Who leaves ends the connection.
  let cancelled = false
  const cancel = () => {
    cancelled = true
  }
  await watch(
    new ReadableStream({
      start: (stream) => stream.enqueue(new TextEncoder().encode(`${toJson(signed)}\n`)),
      cancel,
    }),
  )
  expect(cancelled).toBe(true)
})
