import { createServer } from 'node:http'
import type { Deployment } from '@proof-of-inference/sdk'
import { getReferenceTimepoint, getVoter } from '@proof-of-inference/sdk/actions'
import type { Operator } from '@proof-of-inference/sdk/operator'
import type { Address, Client } from 'viem'
import { getBlockNumber } from 'viem/actions'
import { stringify } from './log.ts'

export type Health = {
  readonly isHealthy: boolean
  /** Why not. */
  readonly reason: string | undefined
  readonly status: ReturnType<Operator['status']>
  /** Blocks that the operator is behind the node; `undefined` where that is not known. */
  readonly lag?: number
  /** Its stake weight, which counts in the next requests. */
  readonly weight?: bigint
}

/** Whether an operator works, sees the chain, and has a vote in the next requests: by its own word, and the node's. */
export async function checkHealth(parameters: {
  operator: Pick<Operator, 'status'>
  client: Client
  deployment: Deployment
  address: Address
  signer: Address
  maxLag: number
}): Promise<Health> {
  const { operator, client, deployment, address, signer, maxLag } = parameters
  const status = operator.status()
  const sick = (reason: string, facts?: Pick<Health, 'lag' | 'weight'>): Health => ({
    isHealthy: false,
    reason,
    status,
    ...facts,
  })
  if (status.phase !== 'running') return sick(`it is ${status.phase}`)
  try {
    const head = await getBlockNumber(client, { cacheTime: 0 })
    // The operator may have seen a block that came since the node was asked.
    const lag = Math.max(0, Number(head - status.cursor))
    if (lag > maxLag) return sick(`it is ${lag} blocks behind the node`, { lag })
    const timepoint = await getReferenceTimepoint(client, { deployment })
    const { canVote, weight, signingKey } = await getVoter(client, { deployment, operator: address, timepoint })
    if (!canVote)
      return sick('it has no vote: it is to join the operator set, or its weight to be refreshed', { lag, weight })
    if (signingKey !== signer) return sick(`another signing key is registered: ${signingKey}`, { lag, weight })
    return { isHealthy: true, reason: undefined, status, lag, weight }
  } catch (error) {
    return sick(`the chain does not answer (${error instanceof Error ? error.name : 'unknown'})`)
  }
}

/** Answers `GET /health`: 200 or 503, and a JSON document. */
export async function serveHealth(parameters: { port: number; hostname: string; check: () => Promise<Health> }) {
  const { port, hostname, check } = parameters
  const server = createServer(async (request, response) => {
    const reply = (code: number, body: object) =>
      response.writeHead(code, { 'content-type': 'application/json' }).end(`${stringify(body)}\n`)
    if (request.method !== 'GET' || request.url !== '/health') return reply(404, { error: 'GET /health' })
    const health = await check()
    reply(health.isHealthy ? 200 : 503, health)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, hostname, resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('The server does not listen on TCP.')
  return {
    port: address.port,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
