import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { directoryPayloadStore } from '@proof-of-inference/sdk/node'
import { httpPayloadStore } from '@proof-of-inference/sdk/payload'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createPayloadServer, type PayloadServer } from './payloadServer.ts'

const bytes = new TextEncoder().encode('a payload')
const digestOf = (data: Uint8Array) => `0x${createHash('sha256').update(data).digest('hex')}` as const

let server: PayloadServer
beforeEach(async () => {
  server = await createPayloadServer({ maxBytes: 100 })
})
afterEach(() => server.stop())

const put = (path: string, body: Uint8Array<ArrayBuffer>) => fetch(`${server.url}/${path}`, { method: 'PUT', body })

test('gives back what was put, through the HTTP store', async () => {
  const store = httpPayloadStore({ url: server.url, allowPrivateNetwork: true })
  const digest = await store.put(bytes)
  expect(digest).toBe(digestOf(bytes))
  expect(await store.get(digest)).toEqual(bytes)
})

test('answers 201 to a payload and serves its bytes', async () => {
  expect((await put(digestOf(bytes), bytes)).status).toBe(201)
  const response = await fetch(`${server.url}/${digestOf(bytes)}`)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-length')).toBe('9')
  expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes)
})

test('refuses bytes that are not the digest', async () => {
  expect((await put(digestOf(new Uint8Array([1])), bytes)).status).toBe(422)
  expect((await fetch(`${server.url}/${digestOf(new Uint8Array([1]))}`)).status).toBe(404)
})

test('refuses what is too large, announced or not', async () => {
  const large = new Uint8Array(101)
  expect((await put(digestOf(large), large)).status).toBe(413)
  const stream = new ReadableStream({
    start(controller) {
      controller.enqueue(large)
      controller.close()
    },
  })
  const init: RequestInit & { duplex: 'half' } = { method: 'PUT', body: stream, duplex: 'half' }
  expect((await fetch(`${server.url}/${digestOf(large)}`, init)).status).toBe(413)
  expect((await put(digestOf(large.subarray(1)), large.subarray(1))).status).toBe(201)
})

test('knows only addresses that are digests', async () => {
  expect((await fetch(`${server.url}/etc/passwd`)).status).toBe(404)
  expect((await put(digestOf(bytes).toUpperCase(), bytes)).status).toBe(404)
})

test('knows GET and PUT only', async () => {
  const response = await fetch(`${server.url}/${digestOf(bytes)}`, { method: 'DELETE' })
  expect(response.status).toBe(405)
  expect(response.headers.get('allow')).toBe('GET, PUT')
})

test('lets web pages in, whatever they come from', async () => {
  const preflight = await fetch(`${server.url}/${digestOf(bytes)}`, { method: 'OPTIONS' })
  expect(preflight.status).toBe(204)
  expect(Object.fromEntries(preflight.headers)).toMatchObject({
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'GET, PUT',
    'access-control-allow-headers': '*',
  })
  for (const answer of [await put(digestOf(bytes), bytes), await put(digestOf(bytes), new Uint8Array([1]))])
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
})

test('serves no file that was changed on disk', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'payloads-'))
  await using onDisk = await createPayloadServer({ store: directoryPayloadStore(directory) })
  const store = httpPayloadStore({ url: onDisk.url, allowPrivateNetwork: true })
  const digest = await store.put(bytes)
  expect(await store.get(digest)).toEqual(bytes)
  await writeFile(join(directory, digest), 'a Payload')
  expect((await fetch(`${onDisk.url}/${digest}`)).status).toBe(500)
  await rm(directory, { recursive: true })
})

test('refuses a port that is taken, and frees its own', async () => {
  const port = Number(new URL(server.url).port)
  await expect(createPayloadServer({ port })).rejects.toMatchObject({ name: 'PortInUseError', port })
  await server.stop()
  const again = await createPayloadServer({ port })
  await again.stop()
})
