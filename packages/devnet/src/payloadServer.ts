import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { isProofOfInferenceError } from '@proof-of-inference/sdk'
import { defaultMaxBytes, memoryPayloadStore, type PayloadStore } from '@proof-of-inference/sdk/payload'
import type { Hex } from 'viem'
import { PortInUseError } from './errors.ts'

/** What a payload server is started with. */
export type PayloadServerOptions = {
  /** What holds the payloads. Default: memory. */
  readonly store?: PayloadStore | undefined
  /** TCP port on loopback. Default: a free one. */
  readonly port?: number | undefined
  /** Most bytes of a payload. Default: 64 MiB. */
  readonly maxBytes?: number | undefined
}

/** A running payload server. */
export type PayloadServer = AsyncDisposable & {
  /** What `httpPayloadStore` takes. */
  readonly url: string
  /** Ends all connections and frees the port. May be called again. */
  stop(): Promise<void>
}

/** A payload's address: lower-case hex, since one payload has one address. */
const path = /^\/(0x[0-9a-f]{64})$/

/**
 * Shares payloads between processes on this machine, over HTTP on loopback, and with web pages (CORS), as anvil does.
 * It has no access control: for devnets.
 *
 * - `GET /{digest}`: 200 and the bytes, 404 when it does not hold them.
 * - `PUT /{digest}`: 201, 422 when the body's sha2-256 is not the digest, 413 when it is too large.
 *
 * @throws `PortInUseError`
 *
 * @example
 * const server = await createPayloadServer()
 * const payloads = httpPayloadStore({ url: server.url, allowPrivateNetwork: true })
 * await server.stop()
 */
export async function createPayloadServer(options: PayloadServerOptions = {}): Promise<PayloadServer> {
  const { store = memoryPayloadStore(), port = 0, maxBytes = defaultMaxBytes } = options
  const server = createServer((request, response) => {
    answer(request, response, store, maxBytes).catch((error: unknown) => {
      if (response.headersSent) response.destroy()
      else reply(response, 500, error instanceof Error ? error.message : String(error))
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(cause.code === 'EADDRINUSE' ? new PortInUseError({ port, cause }) : cause)
    })
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('The server does not listen on TCP.')

  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
    return stopped
  }
  return { url: `http://127.0.0.1:${address.port}`, stop, [Symbol.asyncDispose]: stop }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  store: PayloadStore,
  maxBytes: number,
): Promise<void> {
  response.setHeader('access-control-allow-origin', '*')
  if (request.method === 'OPTIONS') {
    response.setHeader('access-control-allow-methods', 'GET, PUT')
    response.setHeader('access-control-allow-headers', '*')
    response.writeHead(204).end()
    return
  }
  const digest = path.exec(request.url ?? '')?.[1] as Hex | undefined
  if (digest === undefined) return reply(response, 404, 'Payloads are at /{digest}: 0x and 64 lower-case hex digits.')
  if (request.method === 'GET') {
    try {
      const bytes = await store.get(digest, { maxBytes })
      response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes.length }).end(bytes)
    } catch (error) {
      if (!isProofOfInferenceError(error, 'PayloadUnavailableError')) throw error
      reply(response, 404, 'No such payload.')
    }
    return
  }
  if (request.method !== 'PUT') {
    response.setHeader('allow', 'GET, PUT')
    return reply(response, 405, 'Use GET or PUT.')
  }
  const body = await readBody(request, maxBytes)
  if (body === undefined) {
    response.setHeader('connection', 'close')
    return reply(response, 413, `At most ${maxBytes} bytes.`)
  }
  const actual = `0x${createHash('sha256').update(body).digest('hex')}`
  if (actual !== digest) return reply(response, 422, `The body's digest is ${actual}.`)
  await store.put(body)
  reply(response, 201, 'Stored.')
}

/** The body, or nothing as soon as it is too large. */
async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return undefined
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function reply(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${message}\n`)
}
