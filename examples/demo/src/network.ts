import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Devnet } from '@proof-of-inference/devnet'
import { registerAgent as register } from '@proof-of-inference/sdk/erc8004'
import type { PayloadStore } from '@proof-of-inference/sdk/payload'
import { publishModel } from '@proof-of-inference/sdk/requester'
import { exact } from '@proof-of-inference/verifier-exact'
import { createWalletClient, formatEther, http, type LocalAccount, parseEther, zeroAddress } from 'viem'
import { startOperator } from './operatorProcess.ts'
import { type Progress, short } from './progress.ts'
import type { OperatorMessage } from './settings.ts'
import { loadSilero } from './silero.ts'

const minimumFee = parseEther('0.001')

export function createClient(devnet: Devnet, account: LocalAccount) {
  return createWalletClient({ account, chain: devnet.chain, transport: http(), pollingInterval: 100 })
}

/** Version 1 is Silero VAD v5. Version 2 names weights that nobody has. */
export async function publishModels(devnet: Devnet, payloads: PayloadStore, progress: Progress) {
  const { deployment, accounts } = devnet
  const client = createClient(devnet, accounts.deployer)
  const { weights, manifest } = await loadSilero('v5')
  const model = {
    deployment,
    payloads,
    name: 'silero-vad',
    policy: exact.policy(),
    fees: [{ asset: zeroAddress, accepted: true, minimumFee }],
  }
  const { modelId, gasUsed } = await publishModel(client, { ...model, manifest, weights })
  progress.tell(
    'model',
    `silero-vad version 1: weights ${short(manifest.weights.digest)}, policy exact; ${gasUsed} gas`,
  )
  const lost: typeof manifest = { ...manifest, weights: { ...manifest.weights, digest: `0x${'5a'.repeat(32)}` } }
  await publishModel(client, { ...model, manifest: lost })
  progress.tell('model', `silero-vad version 2: weights ${short(lost.weights.digest)}, which nobody holds`)
  const name = `${accounts.deployer.address}/silero-vad`
  return { manifests: { 1: manifest, 2: lost }, modelId, versions: { 1: `${name}@1`, 2: `${name}@2` } as const }
}

/** Gives the agent an ERC-8004 identity; its wallet is the account that registers it. */
export async function registerAgent(devnet: Devnet, progress: Progress): Promise<bigint> {
  const client = createClient(devnet, devnet.accounts.agent)
  const { agentId } = await register(client, { registries: devnet.deployment })
  progress.tell('agent', `ERC-8004 agent ${agentId}, wallet ${short(client.account.address)}`)
  return agentId
}

export function startOperators(parameters: {
  devnet: Devnet
  payloadsUrl: string
  state: { directory: string }
  progress: Progress
}) {
  const { devnet, payloadsUrl, state, progress } = parameters
  const { deployment, accounts, rpcUrl } = devnet
  const operators = accounts.operators.map(({ stake }, index) => {
    const name = `operator ${'ABC'[index]}`
    // The one with the least stake lies.
    const isDishonest = index === accounts.operators.length - 1
    const said = new Set<string>()
    const operator = startOperator({
      name,
      settings: {
        rpcUrl,
        deployment: { ...deployment, startBlock: Number(deployment.startBlock) },
        payloadsUrl,
        stateDirectory: path.join(state.directory, String(index)),
        // the devnet's operators follow the deployer, the requester and the agent, two keys each
        accountIndex: 3 + 2 * index,
        signerIndex: 4 + 2 * index,
        isDishonest,
      },
      onMessage(message) {
        // what is tried again fails again: said once
        const line = describe(message)
        if (!said.has(line)) progress.tell(name, line)
        said.add(line)
      },
      onRestart: (reason) => progress.tell(name, `its process ended (${reason}); starts again on the same state`),
    })
    const started = operator.started.then(() =>
      progress.tell(name, `runs, stake ${formatEther(stake)}${isDishonest ? ', dishonest: always says valid' : ''}`),
    )
    return { ...operator, started }
  })
  return {
    /** Once all of them read the chain. */
    started: Promise.all(operators.map(({ started }) => started)),
    crash: (index: number) => operators[index]?.crash(),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(operators.map((operator) => operator.stop()))
    },
  }
}

export async function createStateDirectory() {
  const directory = await mkdtemp(path.join(tmpdir(), 'proof-of-inference-demo-'))
  return { directory, [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) }
}

function describe(message: OperatorMessage): string {
  if (message.type === 'error') return message.message.split('\n')[0] ?? ''
  const { event } = message
  if (event.type === 'started' || event.type === 'stopped') return event.type
  if (event.type === 'reorg') return `reorg after block ${event.blockNumber}`
  const request = short(event.requestId)
  if (event.type === 'verified') return `${request} ${event.verdict} (${event.ms} ms)`
  if (event.type === 'skipped') return `${request} skipped: ${event.reason}`
  if (event.type === 'settled') return `${request} ${event.status}${event.votedWithOutcome ? ', as it voted' : ''}`
  return `${request} ${event.type}`
}
