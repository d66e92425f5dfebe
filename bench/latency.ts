import { setMaxListeners } from 'node:events'
import { cpus, loadavg } from 'node:os'
import path from 'node:path'
import { createDevnet, createPayloadServer, type Devnet } from '@proof-of-inference/devnet'
import { proofOfInferenceActions } from '@proof-of-inference/sdk'
import { httpAggregator, type RequesterAggregator } from '@proof-of-inference/sdk/aggregator'
import { httpPayloadStore } from '@proof-of-inference/sdk/payload'
import { createRequester, publishModel } from '@proof-of-inference/sdk/requester'
import { onnx } from '@proof-of-inference/sdk/runner/onnx'
import { exact } from '@proof-of-inference/verifier-exact'
import { createWalletClient, type Hex, http, parseEther, zeroAddress } from 'viem'
import type { BenchContext } from './main.ts'
import { createSpeech, loadSilero } from './models.ts'
import { measureOverhead, type OverheadReport } from './overhead.ts'
import { type Child, createStateDirectory, now, startProcess } from './processes.ts'

const warmUps = 8
const certified = 80
const opened = 20
/**
 * Milliseconds that the aggregator of the slow path waits for more votes to bring together: by its default it would miss
 * the next block. That of the fast path has the default, since nobody waits for its settlements.
 */
const slowPathInterval = 200
/** All of them are to vote, so that the slowest counts. */
const minAttestations = 3

type Quantiles = { readonly p50: number; readonly p95: number; readonly min: number; readonly max: number }

export type LatencyReport = {
  readonly machine: { readonly cpus: number; readonly arch: string; readonly node: string }
  /** Of a minute, before and after. */
  readonly loadAverage: readonly number[]
  /** From the call of `certify` to the checked certificate, in milliseconds. */
  readonly fastPath: {
    readonly n: number
    readonly ms: Quantiles
    readonly bars: { readonly p50: number; readonly p95: number }
    /** One after the other; the operators' are those of the one that revealed its vote last. */
    readonly stages: { readonly [stage: string]: Quantiles }
    /** Of all operators. */
    readonly operator: { readonly runner: Quantiles; readonly everythingElse: Quantiles }
  }
  /** By blocks: how many requests were final so many blocks later. */
  readonly slowPath: {
    readonly n: number
    readonly afterOpening: { readonly [blocks: string]: number }
    readonly afterAttestations: { readonly [blocks: string]: number }
    readonly withinOneBlockOfAttestations: number
  }
  readonly overhead: OverheadReport
}

/**
 * How long a verification takes by each way, with three operators in processes of their own, and what an operator adds to
 * the inference that it repeats.
 */
export async function latency({ progress }: BenchContext): Promise<LatencyReport> {
  const stop = new AbortController()
  // Of every request that is under way.
  setMaxListeners(0, stop.signal)
  const interrupt = () => stop.abort(new Error('Interrupted.'))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, interrupt)
  const before = loadavg()[0] ?? 0
  const paths = await measurePaths(stop, progress)
  const overhead = await measureOverhead(stop, progress)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, interrupt)
  return {
    machine: { cpus: cpus().length, arch: process.arch, node: process.version },
    loadAverage: [before, loadavg()[0] ?? 0].map(round),
    ...paths,
    overhead,
  }
}

async function measurePaths(stop: AbortController, progress: BenchContext['progress']) {
  await using devnet = await createDevnet({ blockTime: 1 })
  await using server = await createPayloadServer()
  const market = await openMarket(devnet, server.url)
  const around = { devnet, payloadsUrl: server.url }
  const { signal } = stop
  const fastPath = await withProcesses({ ...around, batchInterval: undefined }, stop, (aggregator, operators) => {
    progress('a chain, an aggregator, a payload server and three operators run')
    return measureFastPath(market, aggregator, operators, signal, progress)
  })
  const slowPath = await withProcesses({ ...around, batchInterval: slowPathInterval }, stop, (_, operators) =>
    measureSlowPath(market, operators, devnet, signal, progress),
  )
  return { fastPath, slowPath }
}

/** Runs an aggregator and three operators, each in a process of its own with a new store, as long as `use` takes. */
async function withProcesses<result>(
  { devnet, payloadsUrl, batchInterval }: { devnet: Devnet; payloadsUrl: string; batchInterval: number | undefined },
  stop: AbortController,
  use: (aggregator: RequesterAggregator, operators: readonly Child[]) => Promise<result>,
): Promise<result> {
  const { rpcUrl, deployment } = devnet
  const chain = { rpcUrl, deployment }
  await using state = await createStateDirectory()
  await using aggregator = await startProcess({ role: 'aggregator', ...chain, batchInterval }, stop)
  const { url } = aggregator
  if (url === undefined) throw new Error('The aggregator did not say where it is.')
  const shared = { role: 'operator', ...chain, payloadsUrl, aggregatorUrl: url, isThreaded: false } as const
  const start = (index: number) =>
    startProcess({ ...shared, stateDirectory: path.join(state.directory, String(index)), index }, stop)
  await using first = await start(0)
  await using second = await start(1)
  await using third = await start(2)
  // A new store takes no request that refers to a block before it.
  await devnet.mine(2)
  return await use(httpAggregator({ url }), [first, second, third])
}

type Market = Awaited<ReturnType<typeof openMarket>>

/** A model, and a requester with a deposit. */
async function openMarket({ deployment, accounts, chain }: Devnet, payloadsUrl: string) {
  const payloads = httpPayloadStore({ url: payloadsUrl, allowPrivateNetwork: true })
  const client = createWalletClient({ account: accounts.requester, chain, transport: http(), pollingInterval: 100 })
  const silero = await loadSilero()
  const { modelVersionId: model } = await publishModel(client, {
    ...{ deployment, payloads, name: 'silero-vad', policy: exact.policy(), ...silero },
    fees: [{ asset: zeroAddress, accepted: true, minimumFee: 1n }],
  })
  await client
    .extend(proofOfInferenceActions({ deployment }))
    .deposit({ asset: zeroAddress, amount: parseEther('100') })
  const runner = await onnx().load(silero)
  let made = 0
  return {
    requester: createRequester({ client, deployment, payloads }),
    /** A new inference, with what is paid for it. */
    async infer() {
      const input = createSpeech(made++)
      const output = await runner.run(input)
      const payee = accounts.agent.address
      const terms = { payee, reward: parseEther('0.001'), deadline: { seconds: 600 }, minAttestations }
      return { model, input, output, ...terms }
    },
  }
}

async function measureFastPath(
  { requester, infer }: Market,
  aggregator: RequesterAggregator,
  operators: readonly Child[],
  signal: AbortSignal,
  progress: BenchContext['progress'],
): Promise<LatencyReport['fastPath']> {
  const totals: number[] = []
  const stages = new Map<string, number[]>()
  const runs: number[] = []
  const rest: number[] = []
  for (let index = 0; index < warmUps + certified; index++) {
    const inference = await infer()
    for (const { messages } of operators) messages.length = 0
    const calledAt = now()
    const request = await requester.certify({ ...inference, aggregator, signal })
    const handedInAt = now()
    const { status } = await request.certificate({ timeout: 30_000, signal })
    const certifiedAt = now()
    if (status !== 'verified') throw new Error(`A request was ${status}.`)
    await Promise.all(operators.map((operator) => operator.until(() => hasRevealed(operator, request.id))))
    if (index < warmUps) continue

    const times = operators.map((operator) => readTimes(operator, request.id))
    const last = times.reduce((a, b) => (b.revealed > a.revealed ? b : a))
    totals.push(certifiedAt - calledAt)
    for (const { run, seen, revealed } of times) {
      runs.push(run)
      rest.push(revealed - seen - run)
    }
    const parts = {
      'requester: certify, until handed in': handedInAt - calledAt,
      'operator: from handed in to seen': last.seen - handedInAt,
      'operator: from seen to fetched': last.fetched - last.seen,
      'operator: the runner': last.run,
      'operator: from fetched to verified, besides the runner': last.verified - last.fetched - last.run,
      'operator: from verified to revealed': last.revealed - last.verified,
      'requester: from the last vote to the checked certificate': certifiedAt - last.revealed,
    }
    for (const [stage, ms] of Object.entries(parts)) stages.set(stage, [...(stages.get(stage) ?? []), ms])
    if (totals.length % 20 === 0) progress(`fast path: ${totals.length} requests, ${toText(toQuantiles(totals))}`)
  }
  for (const [stage, ms] of stages) progress(`fast path: ${toText(toQuantiles(ms))}: ${stage}`)
  return {
    n: totals.length,
    ms: toQuantiles(totals),
    bars: { p50: 150, p95: 500 },
    stages: Object.fromEntries([...stages].map(([stage, ms]) => [stage, toQuantiles(ms)])),
    operator: { runner: toQuantiles(runs), everythingElse: toQuantiles(rest) },
  }
}

async function measureSlowPath(
  { requester, infer }: Market,
  operators: readonly Child[],
  { client }: Devnet,
  signal: AbortSignal,
  progress: BenchContext['progress'],
): Promise<LatencyReport['slowPath']> {
  /** When each block was first seen, oldest first. */
  const blocks: { number: bigint; at: number }[] = []
  const unwatch = client.watchBlockNumber({
    pollingInterval: 50,
    emitMissed: true,
    onBlockNumber: (number) => blocks.push({ number, at: now() }),
  })
  const afterOpening: number[] = []
  const afterAttestations: number[] = []
  try {
    for (let index = 0; index < opened; index++) {
      const inference = await infer()
      for (const { messages } of operators) messages.length = 0
      const request = await requester.request({ ...inference, signal })
      const outcome = await request.outcome({ timeout: 60_000, signal })
      if (outcome.status !== 'verified') throw new Error(`A request was ${outcome.status}.`)
      await Promise.all(operators.map((operator) => operator.until(() => hasRevealed(operator, request.id))))
      const lastAt = Math.max(...operators.map((operator) => readTimes(operator, request.id).revealed))
      const head = blocks.findLast(({ at }) => at <= lastAt)?.number ?? request.blockNumber
      afterOpening.push(Number(outcome.blockNumber - request.blockNumber))
      afterAttestations.push(Number(outcome.blockNumber - head))
      if ((index + 1) % 5 === 0) progress(`slow path: ${index + 1} requests`)
    }
  } finally {
    unwatch()
  }
  return {
    n: afterOpening.length,
    afterOpening: toDistribution(afterOpening),
    afterAttestations: toDistribution(afterAttestations),
    withinOneBlockOfAttestations: afterAttestations.filter((count) => count <= 1).length,
  }
}

function hasRevealed({ messages }: Child, requestId: Hex): boolean {
  return messages.some(
    (message) => message.type === 'event' && message.event.type === 'revealed' && message.event.requestId === requestId,
  )
}

/** When an operator was how far with a request. */
function readTimes({ messages }: Child, requestId: Hex) {
  const timeOf = (type: 'seen' | 'fetched' | 'verified' | 'revealed') => {
    const found = messages.find(
      (message) => message.type === 'event' && message.event.type === type && message.event.requestId === requestId,
    )
    if (!found) throw new Error(`An operator has not ${type} a request.`)
    return found.at
  }
  // Of the one request that there is at a time.
  const run = messages.reduce((sum, message) => sum + (message.type === 'run' ? message.ms : 0), 0)
  return {
    seen: timeOf('seen'),
    fetched: timeOf('fetched'),
    verified: timeOf('verified'),
    revealed: timeOf('revealed'),
    run,
  }
}

const round = (value: number) => Math.round(value * 10) / 10

/** By nearest rank. */
function toQuantiles(values: readonly number[]): Quantiles {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) => round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN)
  return { p50: at(0.5), p95: at(0.95), min: at(0), max: at(1) }
}

function toText({ p50, p95 }: Quantiles): string {
  return `p50 ${p50} ms, p95 ${p95} ms`
}

function toDistribution(values: readonly number[]): { [value: string]: number } {
  const counts: { [value: string]: number } = {}
  for (const value of [...values].sort((a, b) => a - b)) counts[value] = (counts[value] ?? 0) + 1
  return counts
}
