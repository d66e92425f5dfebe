import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { createDevnet, createPayloadServer, type Devnet } from '@proof-of-inference/devnet'
import { registerAgent } from '@proof-of-inference/sdk/erc8004'
import { createOperator, memoryOperatorStore, type OperatorEvent } from '@proof-of-inference/sdk/operator'
import { digest, httpPayloadStore } from '@proof-of-inference/sdk/payload'
import { publishModel } from '@proof-of-inference/sdk/requester'
import { onnx } from '@proof-of-inference/sdk/runner/onnx'
import { exact } from '@proof-of-inference/verifier-exact'
import { createWalletClient, http, type LocalAccount, parseEther, zeroAddress } from 'viem'
import type { SettingsJson } from '../settings.ts'

/** A market on this machine, with a model that operators verify. */
export type Market = AsyncDisposable & {
  readonly devnet: Devnet
  readonly settings: SettingsJson
  /** Ends the operators, and resolves when they have ended; the chain and the payload store go on. */
  stopOperators(): Promise<void>
}

export type MarketOptions = {
  /** Whole seconds between blocks. Default: a block for every transaction. */
  readonly blockTime?: number | undefined
  /** Told what the operators do, by their index. */
  readonly onEvent?: ((operator: number, event: OperatorEvent) => void) | undefined
}

/** Starts a chain, a payload store and operators, publishes Silero VAD v5 and registers the agent that runs it. */
export async function startMarket(options: MarketOptions = {}): Promise<Market> {
  const devnet = await createDevnet({ blockTime: options.blockTime })
  const server = await createPayloadServer()
  const stopping = new AbortController()
  const operators: Promise<void>[] = []
  const stopOperators = async () => {
    stopping.abort()
    await Promise.all(operators)
  }
  const stop = async () => {
    try {
      await stopOperators()
    } finally {
      await server.stop()
      await devnet.stop()
    }
  }
  try {
    const published = await publish(devnet, server.url)
    const started = devnet.accounts.operators.map((_, index) => {
      const { running, ready } = runOperator({ devnet, payloadsUrl: server.url, index, stopping, ...options })
      operators.push(running)
      return ready
    })
    // Operators abstain from requests that refer to a time before their store was made.
    await Promise.race([Promise.all(started), Promise.all(operators)])
    await devnet.mine(2)
    const settings = {
      rpcUrl: devnet.rpcUrl,
      payloadsUrl: server.url,
      deployment: { ...devnet.deployment, startBlock: Number(devnet.deployment.startBlock) },
      ...published,
    }
    return { devnet, settings, stopOperators, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function connect({ chain }: Devnet, account: LocalAccount) {
  return createWalletClient({ account, chain, transport: http(), pollingInterval: 100 })
}

/** Publishes the model, with its weights in the payload store, and registers the agent. */
async function publish(devnet: Devnet, payloadsUrl: string) {
  const { accounts, deployment } = devnet
  const directory = path.dirname(createRequire(import.meta.url).resolve('@ricky0123/vad-web'))
  const weights = new Uint8Array(await readFile(path.join(directory, 'silero_vad_v5.onnx')))
  await publishModel(connect(devnet, accounts.deployer), {
    deployment,
    payloads: httpPayloadStore({ url: payloadsUrl, allowPrivateNetwork: true }),
    name: 'silero-vad',
    policy: exact.policy(),
    manifest: {
      v: 1,
      name: 'Silero VAD v5',
      weights: { digest: await digest(weights), format: 'onnx', size: weights.length },
      runtimes: [],
    },
    weights,
    fees: [{ asset: zeroAddress, accepted: true, minimumFee: parseEther('0.001') }],
  })
  const { agentId } = await registerAgent(connect(devnet, accounts.agent), { registries: deployment })
  return { model: `${accounts.deployer.address}/silero-vad@1`, agentId: String(agentId) }
}

/** Runs one of the devnet's operators; `ready` resolves once it reads the chain. */
function runOperator(
  parameters: MarketOptions & { devnet: Devnet; payloadsUrl: string; index: number; stopping: AbortController },
) {
  const { devnet, payloadsUrl, index, stopping, onEvent } = parameters
  const keys = devnet.accounts.operators[index]
  if (!keys) throw new RangeError(`The devnet has no operator ${index}.`)
  let start = () => {}
  const ready = new Promise<void>((resolve) => {
    start = resolve
  })
  const operator = createOperator({
    client: connect(devnet, keys.account),
    signer: keys.signer,
    deployment: devnet.deployment,
    payloads: httpPayloadStore({ url: payloadsUrl, allowPrivateNetwork: true }),
    store: memoryOperatorStore(),
    verifiers: [exact()],
    runners: [onnx()],
    onEvent(event) {
      if (event.type === 'started') start()
      onEvent?.(index, event)
    },
  })
  return { running: operator.run({ signal: stopping.signal }), ready }
}
