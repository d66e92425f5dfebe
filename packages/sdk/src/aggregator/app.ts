import type { Context } from 'hono'
import * as v from 'valibot'
import { OptionalDependencyMissingError } from '../errors/verification.ts'
import { describeError } from '../operator/failure.ts'
import type { Logger } from '../operator/types.ts'
import { type Book, type Round, toProgress, winningVotes } from './book.ts'
import type { Intake, Spend } from './intake.ts'
import type { createConcurrencyLimit, RateLimit } from './limits.ts'
import {
  bytes32Schema,
  describeIssues,
  maxMessageBytes,
  revealedVoteSchema,
  signedCommitmentSchema,
  signedRequestSchema,
  streamType,
  toJson,
} from './protocol.ts'
import { Refusal, toRefusal } from './refusal.ts'

/** Who calls. */
export type CallInfo = {
  /** The network address of the other side. */
  readonly remoteAddress?: string | undefined
}

/** Longest that a call is held open for something to happen, in seconds. */
const maxWait = 30

type Environment = { Bindings: CallInfo; Variables: { key: string; spend: Spend } }

/** The HTTP side of an aggregator. */
export async function createApp({
  book,
  intake,
  clientLimit,
  connections,
  clientKey,
  heartbeatInterval,
  isRunning,
  stopping,
  logger,
}: {
  book: Book
  intake: Intake
  clientLimit: RateLimit
  connections: ReturnType<typeof createConcurrencyLimit>
  clientKey: (request: Request, info: CallInfo) => string
  /** Milliseconds. */
  heartbeatInterval: number
  isRunning: () => boolean
  /** Aborts when the aggregator stops. */
  stopping: () => AbortSignal
  logger: Logger | undefined
}) {
  const { Hono, bodyLimit, cors } = await loadHono()
  const app = new Hono<Environment>()

  app.onError((error) => {
    const refusal = toRefusal(error)
    if (refusal.status >= 500) logger?.warn('a call failed', { code: refusal.code, error: describeError(error) })
    return answerRefusal(refusal)
  })
  app.notFound(() => answerRefusal(new Refusal(404, 'NotFound', 'There is nothing at this address.')))
  // Nothing here depends on who a browser's user is.
  app.use(cors())
  app.use(async (c, next) => {
    if (!isRunning()) throw new Refusal(503, 'NotRunning', 'The aggregator does not run.')
    const key = clientKey(c.req.raw, c.env)
    const spend = (cost: number) => {
      const retryAfter = clientLimit.take(key, cost)
      if (retryAfter > 0) throw new Refusal(429, 'RateLimited', 'There are too many calls from there.', retryAfter)
    }
    spend(1)
    c.set('key', key)
    c.set('spend', spend)
    await next()
  })
  app.use(
    bodyLimit({
      maxSize: maxMessageBytes,
      onError: () => answerRefusal(new Refusal(413, 'BodyTooLarge', `A body has at most ${maxMessageBytes} bytes.`)),
    }),
  )

  app.post('/v1/requests', async (c) => {
    const signed = await readBody(c, signedRequestSchema)
    return answer(toProgress(await intake.takeRequest(signed, c.get('spend'))))
  })

  app.get('/v1/requests', (c) => {
    const leave = enter(c)
    let end = (_isCancelled?: boolean) => {}
    const body = new ReadableStream<Uint8Array>(
      {
        start(controller) {
          const stop = stopping()
          const onStop = () => end()
          const heartbeat = new TextEncoder().encode('\n')
          const send = (line: Uint8Array) => {
            controller.enqueue(line)
            // Who does not read is left behind; it can come back and is told again.
            if ((controller.desiredSize ?? 0) <= 0) end()
          }
          const timer = setInterval(() => send(heartbeat), heartbeatInterval)
          let unwatch = () => {}
          let isOver = false
          end = (isCancelled) => {
            if (isOver) return
            isOver = true
            clearInterval(timer)
            unwatch()
            stop.removeEventListener('abort', onStop)
            leave()
            if (!isCancelled) controller.close()
          }
          stop.addEventListener('abort', onStop)
          send(heartbeat)
          unwatch = book.watch((line) => {
            if (!isOver) send(line)
          })
          if (isOver) unwatch()
        },
        cancel: () => end(true),
      },
      // A line is a reference to the one copy there is of it.
      { highWaterMark: 100_000 },
    )
    return new Response(body, { headers: { 'content-type': streamType, 'cache-control': 'no-store' } })
  })

  app.get('/v1/requests/:id', async (c) => answer(toProgress(await findRound(c))))

  app.post('/v1/requests/:id/commitments', async (c) => {
    const commitment = await readBody(c, signedCommitmentSchema)
    assertSame(c, commitment.requestId)
    await intake.takeCommitment(commitment, c.get('spend'))
    return answer({})
  })

  app.get('/v1/requests/:id/commitments', async (c) => {
    const round = await findRound(c)
    await wait(c, round, () => round.isCommitted || !isCollecting(round))
    if (round.isCommitted) return answer({ commitments: [...round.commitments.values()] })
    assertNotExpired(round)
    return new Response(null, { status: 204 })
  })

  app.post('/v1/requests/:id/votes', async (c) => {
    const vote = await readBody(c, revealedVoteSchema)
    assertSame(c, vote.attestation.requestId)
    await intake.takeVote(vote, c.get('spend'))
    return answer({})
  })

  app.get('/v1/requests/:id/certificate', async (c) => {
    const round = await findRound(c)
    const { signed } = round
    if (!signed) {
      throw new Refusal(409, 'RequestNotSigned', 'The request was opened on chain: its outcome is there.')
    }
    await wait(c, round, () => !isCollecting(round))
    const votes = winningVotes(round).map(({ attestation, signature }) => ({ attestation, signature }))
    if (votes.length > 0) return answer({ ...signed, votes })
    assertNotExpired(round)
    return new Response(null, { status: 204 })
  })

  async function findRound(c: Context<Environment>): Promise<Round> {
    book.expire()
    const parsed = v.safeParse(bytes32Schema, c.req.param('id'))
    if (!parsed.success) throw new Refusal(400, 'BodyInvalid', 'The id of a request is 32 bytes in hex.')
    return intake.find(parsed.output, c.get('spend'))
  }

  function enter(c: Context<Environment>): () => void {
    const leave = connections.enter(c.get('key'))
    if (!leave) throw new Refusal(429, 'TooManyConnections', 'There are too many open calls.', 1_000)
    return leave
  }

  /** Holds the call until the condition holds, or as long as it asks for. */
  async function wait(c: Context<Environment>, round: Round, condition: () => boolean): Promise<void> {
    const seconds = Number(c.req.query('wait') ?? 0)
    if (!(seconds > 0) || condition()) return
    const leave = enter(c)
    const abort = new AbortController()
    const end = () => abort.abort()
    const [gone, stop] = [c.req.raw.signal, stopping()]
    gone.addEventListener('abort', end)
    stop.addEventListener('abort', end)
    try {
      await book.waitFor(round, condition, { timeout: Math.min(seconds, maxWait) * 1000, signal: abort.signal })
    } finally {
      gone.removeEventListener('abort', end)
      stop.removeEventListener('abort', end)
      leave()
    }
  }

  return app
}

const isCollecting = ({ status }: Round) => status === 'collecting'

function assertNotExpired({ status }: Round): void {
  if (status === 'collecting' || status === 'certified') return
  throw new Refusal(410, 'RequestOver', `The request is ${status}, and there is nothing more to come.`)
}

function assertSame(c: Context<Environment>, requestId: string): void {
  if (c.req.param('id')?.toLowerCase() === requestId) return
  throw new Refusal(400, 'BodyInvalid', 'The body is for another request than the address.')
}

async function readBody<output>(c: Context<Environment>, schema: v.GenericSchema<unknown, output>): Promise<output> {
  const text = await c.req.text()
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Refusal(400, 'BodyInvalid', 'The body is not JSON.')
  }
  const parsed = v.safeParse(schema, value)
  if (parsed.success) return parsed.output
  throw new Refusal(400, 'BodyInvalid', describeIssues(parsed.issues).join('; ').slice(0, 1024))
}

function answer(value: unknown, init: ResponseInit = {}): Response {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store', ...init.headers }
  return new Response(toJson(value), { ...init, headers })
}

function answerRefusal({ status, code, message, retryAfter }: Refusal): Response {
  return answer(
    { error: { code, message } },
    {
      status,
      ...(retryAfter !== undefined && { headers: { 'retry-after': String(Math.ceil(retryAfter / 1000)) } }),
    },
  )
}

async function loadHono() {
  try {
    const [{ Hono }, { bodyLimit }, { cors }] = await Promise.all([
      import('hono'),
      import('hono/body-limit'),
      import('hono/cors'),
    ])
    return { Hono, bodyLimit, cors }
  } catch (cause) {
    throw new OptionalDependencyMissingError({ name: 'hono', install: 'npm install hono', cause })
  }
}
