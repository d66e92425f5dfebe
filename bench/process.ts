// A process of the latency bench: an operator, an aggregator or bare inference. Started by processes.ts.
import { createAggregator, httpAggregator } from '@proof-of-inference/sdk/aggregator'
import { directoryStore, serveAggregator, workerRunner } from '@proof-of-inference/sdk/node'
import { createOperator } from '@proof-of-inference/sdk/operator'
import { httpPayloadStore } from '@proof-of-inference/sdk/payload'
import { defineRunner, type RunnerFactory } from '@proof-of-inference/sdk/runner'
import { onnx } from '@proof-of-inference/sdk/runner/onnx'
import { exact } from '@proof-of-inference/verifier-exact'
import { createWalletClient, http } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { foundry } from 'viem/chains'
import { createInputs, loadRecognizer } from './models.ts'
import { type Message, now, type Settings, settingsVariable, testMnemonic } from './processes.ts'

const json = process.env[settingsVariable]
if (json === undefined) throw new Error(`${settingsVariable} is not set: these processes are started by a bench.`)
const settings: Settings = JSON.parse(json, (key, value) => (key === 'startBlock' ? BigInt(value) : value))
const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'disconnect'] as const) process.once(signal, () => stopping.abort())

/** Milliseconds of processor time that this process has used. */
function cpu(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

type Told<message> = message extends unknown ? Omit<message, 'at' | 'cpu'> : never
const tell = (message: Told<Message>) => {
  // Whoever started it may be gone.
  if (process.connected) process.send?.({ ...message, at: now(), cpu: cpu() })
}

/** Tells how long each run takes. */
function timed(factory: RunnerFactory): RunnerFactory {
  return defineRunner({
    ...factory,
    async load(parameters) {
      const runner = await factory.load(parameters)
      return {
        ...runner,
        async run(...options) {
          const startedAt = performance.now()
          const output = await runner.run(...options)
          tell({ type: 'run', ms: performance.now() - startedAt })
          return output
        },
      }
    },
  })
}

const connect = (rpcUrl: string, addressIndex: number) =>
  createWalletClient({
    account: mnemonicToAccount(testMnemonic, { addressIndex }),
    chain: foundry,
    transport: http(rpcUrl),
    pollingInterval: 100,
  })

if (settings.role === 'operator') {
  const { rpcUrl, deployment, payloadsUrl, stateDirectory, index, aggregatorUrl, isThreaded } = settings
  const runner = isThreaded ? await workerRunner({ module: new URL('runner.ts', import.meta.url) }) : onnx()
  await createOperator({
    // The devnet's operators follow the deployer, the requester and the agent, two keys each.
    client: connect(rpcUrl, 3 + 2 * index),
    signer: mnemonicToAccount(testMnemonic, { addressIndex: 4 + 2 * index }),
    deployment,
    payloads: httpPayloadStore({ url: payloadsUrl, allowPrivateNetwork: true }),
    store: directoryStore(stateDirectory),
    verifiers: [exact()],
    runners: [timed(runner)],
    aggregator: aggregatorUrl === undefined ? undefined : httpAggregator({ url: aggregatorUrl }),
    onEvent(event) {
      if (event.type === 'error') tell({ type: 'error', message: String(event.error) })
      else if (event.type === 'started') tell({ type: 'ready' })
      else tell({ type: 'event', event })
    },
  }).run({ signal: stopping.signal })
} else if (settings.role === 'aggregator') {
  const { rpcUrl, deployment, batchInterval } = settings
  const aggregator = createAggregator({ client: connect(rpcUrl, 0), deployment, batchInterval })
  const server = await serveAggregator({ aggregator, port: 0 })
  tell({ type: 'ready', url: server.url })
  await aggregator.run({ signal: stopping.signal })
  await server.stop()
} else {
  const { weights, manifest } = await loadRecognizer()
  const runner = await onnx().load({ weights, manifest })
  const inputs = createInputs(settings.inputs)
  for (const input of inputs.slice(0, 2)) await runner.run(input)
  process.on('message', async () => {
    const [startedAt, before] = [performance.now(), cpu()]
    for (const input of inputs) await runner.run(input)
    tell({ type: 'inferred', ms: performance.now() - startedAt, cpuMs: cpu() - before })
  })
  tell({ type: 'ready' })
  await new Promise((resolve) => stopping.signal.addEventListener('abort', resolve))
  await runner.dispose()
}
if (process.connected) process.disconnect()
