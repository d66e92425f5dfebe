import type { AddressInfo } from 'node:net'
import { OptionalDependencyMissingError } from '../errors/verification.ts'
import type { Aggregator } from './createAggregator.ts'

/** An aggregator that listens. */
export type AggregatorServer = AsyncDisposable & {
  /** What `httpAggregator` takes. */
  readonly url: string
  readonly port: number
  /**
   * Takes no more calls, lets those under way end for a moment, and frees the port. Stop the aggregator (the signal of
   * `run`) first: it ends the calls that are held open. May be called again.
   */
  stop(): Promise<void>
}

/** Milliseconds that calls have to end. */
const grace = 1_000

/**
 * Has an aggregator listen for HTTP. Transport security is for a proxy in front of it. Needs the package
 * `@hono/node-server`.
 *
 * @param parameters.port TCP port; 0 for a free one. Default: 8080.
 * @param parameters.hostname Address to listen at. Default: 127.0.0.1, for this machine only.
 * @throws `OptionalDependencyMissingError`; the system's error where the port cannot be had.
 *
 * @example
 * const server = await serveAggregator({ aggregator, port: 8080, hostname: '0.0.0.0' })
 * await aggregator.run({ signal })
 * await server.stop()
 */
export async function serveAggregator({
  aggregator,
  port = 8080,
  hostname = '127.0.0.1',
}: {
  aggregator: Aggregator
  port?: number | undefined
  hostname?: string | undefined
}): Promise<AggregatorServer> {
  const { createAdaptorServer } = await import('@hono/node-server').catch((cause: unknown) => {
    throw new OptionalDependencyMissingError({
      name: '@hono/node-server',
      install: 'npm install @hono/node-server',
      cause,
    })
  })
  const server = createAdaptorServer({
    fetch: (request: Request, { incoming }: { incoming: { socket: { remoteAddress?: string | undefined } } }) =>
      aggregator.fetch(request, { remoteAddress: incoming.socket.remoteAddress }),
  })
  const address = await new Promise<AddressInfo>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, hostname, () => {
      const bound = server.address()
      if (bound === null || typeof bound === 'string') reject(new TypeError('The server does not listen on TCP.'))
      else resolve(bound)
    })
  })

  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        if ('closeAllConnections' in server) server.closeAllConnections()
      }, grace)
      // Nobody calls again on a connection that is kept.
      if ('keepAliveTimeout' in server) server.keepAliveTimeout = 1
      server.close(() => {
        clearTimeout(timer)
        resolve()
      })
      if ('closeIdleConnections' in server) server.closeIdleConnections()
    })
    return stopped
  }
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return { url: `http://${host}:${address.port}`, port: address.port, stop, [Symbol.asyncDispose]: stop }
}
