import { createVoterCache } from '../actions/internal/voterCache.ts'
import { assertDeployment } from '../deployments/assertDeployment.ts'
import type { Deployment } from '../deployments/deployment.ts'
import { AggregatorRunningError } from '../errors/aggregator.ts'
import type { Logger, OperatorClient } from '../operator/types.ts'
import { type CallInfo, createApp } from './app.ts'
import { createBook } from './book.ts'
import { createIntake } from './intake.ts'
import { createConcurrencyLimit, createRateLimit, type Rate } from './limits.ts'
import { createSettler } from './settler.ts'

/** What an aggregator lets others do. */
export type AggregatorLimits = {
  /** Requests to remember, those that are over included. Default: 10 000. */
  readonly maxRequests: number
  /** Signed requests of one requester under way. Default: 256. */
  readonly maxRequestsPerRequester: number
  /** Calls that are held open, at the same time. Default: 2048. */
  readonly maxConnections: number
  /** Of them, from one client. Default: 64. */
  readonly maxConnectionsPerClient: number
  /** Calls of one client; what asks the chain counts as five. Default: 6000 per minute, 1000 at once. */
  readonly perClient: Rate
  /** Commitments and votes of one operator. Default: 6000 per minute, 1000 at once. */
  readonly perOperator: Rate
}

/** What an aggregator is made of. */
export type AggregatorConfig = {
  /** Reads the chain; its account pays for the transactions, and sends nothing else meanwhile. */
  readonly client: OperatorClient
  readonly deployment: Deployment
  /** Most requests that are settled in one transaction; at least 1. Default: 20. */
  readonly batchSize?: number | undefined
  /** Milliseconds that a request with enough votes waits for others at most. Default: 2000. */
  readonly batchInterval?: number | undefined
  /** Seconds before a request's deadline when it waits for no others. Default: 30. */
  readonly deadlineMargin?: number | undefined
  /** Milliseconds after which a transaction that is not mined is sent again with higher fees. Default: 60 000. */
  readonly stallTimeout?: number | undefined
  /** Blocks to wait for, that of the settlement included, before a request counts as settled. Default: 1. */
  readonly confirmations?: number | undefined
  /** Milliseconds that a stopping aggregator waits for its last transactions. Default: 15 000. */
  readonly drainTimeout?: number | undefined
  /** Milliseconds between signs of life to those who watch. Default: 10 000. */
  readonly heartbeatInterval?: number | undefined
  /**
   * What to post to the ERC-8004 registries right after a settlement, of jobs that name an agent: the job's own receipt,
   * where the agent has asked for it, and feedback. The account pays for each. Default: both.
   */
  readonly post?: readonly ('receipt' | 'feedback')[] | undefined
  readonly limits?: Partial<AggregatorLimits> | undefined
  /**
   * Tells clients apart, for the limits. Default: the network address, of IPv6 the first 64 bits. Behind a proxy take
   * what the proxy says of the address.
   */
  readonly clientKey?: ((request: Request, info: CallInfo) => string) | undefined
  readonly logger?: Logger | undefined
}

/** How a running aggregator is doing. */
export type AggregatorStatus = {
  readonly isRunning: boolean
  /** Requests that are remembered, by how they stand. */
  readonly requests: { readonly [status in 'collecting' | 'certified' | 'settled' | 'expired']: number }
  /** Requests that wait for their transaction. */
  readonly queued: number
  /** Batches under way. */
  readonly batches: number
  /** Transactions that are not mined yet. */
  readonly transactions: number
  /** Calls that are held open. */
  readonly connections: number
}

/** Collects signed requests and votes, and settles them. Built by {@link createAggregator}. */
export type Aggregator = {
  /** Answers a call; see the protocol in the guide. Never rejects for what the other side sends. */
  fetch(request: Request, info?: CallInfo): Promise<Response>
  /**
   * Settles what has enough votes until the signal aborts; then ends all calls, submits the rest and resolves. While it
   * does not run, calls are refused.
   *
   * Rejects with an `AggregatorRunningError` when it runs already, or where the deployment does not match the chain.
   */
  run(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  /** How it is doing now. */
  status(): AggregatorStatus
}

/**
 * An aggregator: takes signed requests from requesters and votes from operators, and settles many of them in one
 * transaction. Nobody needs to trust it: it can withhold, but it can forge nothing, since the contracts check every
 * signature. What it knows is in memory, bounded, and gone when it restarts; requesters and operators send it again.
 *
 * Everything is checked before it costs anything: sizes and rates, shapes, the requester's signature, the terms and the
 * deposit, the operators' keys and weights. Needs the package `hono`: `fetch` rejects with an
 * `OptionalDependencyMissingError` without it.
 *
 * @throws A `RangeError` for a number out of range.
 *
 * @example
 * const aggregator = createAggregator({ client, deployment })
 * const server = await serveAggregator({ aggregator, port: 8080 })
 * await aggregator.run({ signal })
 * await server.stop()
 */
export function createAggregator(config: AggregatorConfig): Aggregator {
  const { client, deployment, logger } = config
  const { confirmations = 1, stallTimeout = 60_000, drainTimeout = 15_000, heartbeatInterval = 10_000 } = config
  const { batchSize = 20, batchInterval = 2_000, deadlineMargin = 30, post = ['receipt', 'feedback'] } = config
  const limits: AggregatorLimits = { ...defaultLimits, ...config.limits }
  assertAtLeast(1, { batchSize, confirmations, stallTimeout, heartbeatInterval, ...toNumbers(limits) })
  assertAtLeast(0, { batchInterval, deadlineMargin, drainTimeout })

  const book = createBook(limits)
  const voters = createVoterCache()
  const shared = { client, deployment, book, voters }
  const settler = createSettler({
    ...shared,
    batchSize,
    batchInterval,
    deadlineMargin,
    stallTimeout,
    depth: confirmations - 1,
    post,
    logger,
  })
  const intake = createIntake({
    ...shared,
    operatorLimit: createRateLimit(limits.perOperator),
    onCertified: settler.certified,
    onVote: settler.voted,
  })
  const connections = createConcurrencyLimit({ total: limits.maxConnections, perKey: limits.maxConnectionsPerClient })

  let hasBegun = false
  let isRunning = false
  let stopping = new AbortController()
  let app: ReturnType<typeof createApp> | undefined
  const loadApp = () =>
    createApp({
      book,
      intake,
      connections,
      clientLimit: createRateLimit(limits.perClient),
      clientKey: config.clientKey ?? toNetwork,
      heartbeatInterval,
      isRunning: () => isRunning,
      stopping: () => stopping.signal,
      logger,
    })

  return {
    async fetch(request, info = {}) {
      app ??= loadApp()
      return (await app).fetch(request, info)
    },
    async run({ signal } = {}) {
      if (hasBegun) throw new AggregatorRunningError()
      hasBegun = true
      const stop = new AbortController()
      const onAbort = () => {
        isRunning = false
        stop.abort()
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      try {
        await assertDeployment(client, deployment)
        if (signal?.aborted) return
        stopping = stop
        isRunning = true
        logger?.info('started', { chainId: deployment.chainId, avs: deployment.avs })
        await settler.run({ signal: stop.signal, drainTimeout })
        logger?.info('stopped', settler.status())
      } finally {
        onAbort()
        signal?.removeEventListener('abort', onAbort)
        hasBegun = false
      }
    },
    status: () => ({ isRunning, requests: book.count(), connections: connections.size, ...settler.status() }),
  }
}

const defaultLimits: AggregatorLimits = {
  maxRequests: 10_000,
  maxRequestsPerRequester: 256,
  maxConnections: 2048,
  maxConnectionsPerClient: 64,
  perClient: { perMinute: 6_000, burst: 1_000 },
  perOperator: { perMinute: 6_000, burst: 1_000 },
}

function toNumbers({ perClient, perOperator, ...numbers }: AggregatorLimits) {
  return {
    ...numbers,
    'perClient.perMinute': perClient.perMinute,
    'perClient.burst': perClient.burst,
    'perOperator.perMinute': perOperator.perMinute,
    'perOperator.burst': perOperator.burst,
  }
}

function assertAtLeast(least: number, numbers: { readonly [name: string]: number }): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (!(Number.isFinite(value) && value >= least)) {
      throw new RangeError(`${name} is ${value}, and must be at least ${least}.`)
    }
  }
}

/** Who has an IPv6 address has as many as they like of its first 64 bits. */
function toNetwork(_: Request, { remoteAddress = 'unknown' }: CallInfo): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(remoteAddress)?.[1]
  if (mapped !== undefined || !remoteAddress.includes(':')) return mapped ?? remoteAddress
  const [head = '', tail] = remoteAddress.split('%')[0]?.split('::') ?? []
  const before = head.split(':')
  const missing = tail === undefined ? 0 : 8 - before.length - tail.split(':').length
  return [...before, ...Array<string>(Math.max(0, missing)).fill('0')].slice(0, 4).join(':')
}
