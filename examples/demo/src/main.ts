import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { createDevnet, createPayloadServer, type Devnet } from '@proof-of-inference/devnet'
import { proofOfInferenceActions } from '@proof-of-inference/sdk'
import { claimFees, getEarnings, signConsent, withdrawEarnings } from '@proof-of-inference/sdk/actions'
import { httpPayloadStore, type PayloadStore } from '@proof-of-inference/sdk/payload'
import { createRequester, type InferenceRequest, type Outcome, publishModel } from '@proof-of-inference/sdk/requester'
import { exact } from '@proof-of-inference/verifier-exact'
import {
  type Address,
  createWalletClient,
  formatEther,
  http,
  type LocalAccount,
  parseAbi,
  parseEther,
  parseEventLogs,
  publicActions,
  zeroAddress,
} from 'viem'
import { type OperatorProcess, startOperator } from './operatorProcess.ts'
import { createProgress, type Progress, paint, short } from './progress.ts'
import { createScenarios, type Scenario } from './scenarios.ts'
import type { OperatorMessage } from './settings.ts'
import { loadSilero } from './silero.ts'

const usage = `Verifies real inferences end to end on a local chain.

Usage: npm run demo -- [options]

  --json            print one JSON document instead of the progress
  --crash-operator  kill an operator in the middle of its work, and let it start again
  --help            print this`

const reward = parseEther('0.01')
const minimumFee = parseEther('0.001')
const deposited = parseEther('1')

type Settled = { scenario: Scenario; request: InferenceRequest; outcome: Outcome; latencyMs: number; gas: bigint }

async function main() {
  const { values: options } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      'crash-operator': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (options.help) return console.log(usage)

  const progress = createProgress(options.json)
  progress.title('Proof-of-Inference Market: is this output what the model says?')
  await using devnet = await createDevnet({ blockTime: 1 })
  await using server = await createPayloadServer()
  await using state = await createStateDirectory()
  progress.tell('devnet', `a chain at ${devnet.rpcUrl}, contracts deployed, operators registered and staked`)
  progress.tell('payload store', `${server.url}, content-addressed`)

  const payloads = httpPayloadStore({ url: server.url, allowPrivateNetwork: true })
  const { manifests, modelId, versions } = await publishModels(devnet, payloads, progress)
  const agentId = await registerAgent(devnet, progress)
  await using operators = await startOperators({ devnet, payloadsUrl: server.url, state, progress })

  const client = createClient(devnet, devnet.accounts.requester)
  const market = client.extend(publicActions).extend(proofOfInferenceActions({ deployment: devnet.deployment }))
  await market.deposit({ asset: zeroAddress, amount: deposited })
  progress.tell('requester', `deposited ${formatEther(deposited)} ETH to pay requests from`)

  const requester = createRequester({ client, deployment: devnet.deployment, payloads })
  const agentClient = createClient(devnet, devnet.accounts.agent)
  const pending: Promise<Settled>[] = []
  for (const scenario of await createScenarios(manifests)) {
    const request = await requester.request({
      model: versions[scenario.version],
      input: scenario.input,
      output: scenario.output,
      agent: { id: agentId, consent: (job) => signConsent(agentClient, { deployment: devnet.deployment, job }) },
      reward,
      funding: 'deposit',
      deadline: scenario.deadline,
      minAttestations: 2,
    })
    const openedAt = performance.now()
    progress.tell('requester', `opened ${short(request.id)} ${scenario.name}: ${scenario.says}`)
    if (options['crash-operator'] && scenario.name === 'honest') {
      progress.tell('demo', 'kills operator B')
      operators.crash(1)
    }
    pending.push(
      request.outcome({ pollingInterval: 100 }).then(async (outcome) => {
        const latencyMs = Math.round(performance.now() - openedAt)
        progress.tell(
          'consensus',
          `${short(request.id)} ${scenario.name}: ${paint(outcome.status)} after ${latencyMs} ms`,
        )
        return { scenario, request, outcome, latencyMs, gas: await sumGas(devnet, request, outcome) }
      }),
    )
  }
  const settled = await Promise.all(pending)

  // -- who gets what
  const deployment = devnet.deployment
  const decided = settled.filter(({ outcome }) => outcome.status !== 'expired').map(({ request }) => request.request)
  const { amount: agentEarned } = await withdrawEarnings(agentClient, {
    deployment,
    asset: zeroAddress,
    owner: agentClient.account.address,
  })
  progress.tell('agent', `withdrew ${formatEther(agentEarned)} ETH`)
  const fees: { operator: Address; stake: bigint; earned: bigint }[] = []
  for (const { account, stake } of devnet.accounts.operators) {
    // What the votes that decided earned was credited with the decision; the rest is claimed.
    await claimFees(client, { deployment, operator: account.address, requests: decided })
    const asset = zeroAddress
    const earned = await getEarnings(client, { deployment, asset, account: account.address })
    if (earned > 0n) await withdrawEarnings(client, { deployment, asset, owner: account.address })
    fees.push({ operator: account.address, stake, earned })
    progress.tell(`operator ${'ABC'[fees.length - 1]}`, `earned ${formatEther(earned)} ETH of fees`)
  }
  const depositLeft = await market.getDeposit({ asset: zeroAddress, account: client.account.address })
  const spent = deposited - depositLeft
  const paid = fees.reduce((sum, { earned }) => sum + earned, agentEarned)
  const model = await market.getModelInfo({ modelId })
  const agent = await market.getAgentRecord({ agentId })
  const isExpected = settled.every(({ scenario, outcome }) => outcome.status === scenario.expected)
  const ok = isExpected && spent === paid

  if (options.json) {
    const document = {
      requests: settled.map(({ scenario, request, outcome, latencyMs, gas }) => ({
        id: request.id,
        jobId: request.jobId,
        scenario: scenario.name,
        outcome: outcome.status,
        expected: scenario.expected,
        attestations: outcome.attestations.map(({ operator, isValid, confidence, weight }) => ({
          operator,
          isValid,
          confidence,
          weight: weight.toString(),
        })),
        latencyMs,
        gas: Number(gas),
      })),
      balances: {
        requester: { deposited: deposited.toString(), left: depositLeft.toString(), spent: spent.toString() },
        agent: { earned: agentEarned.toString() },
        operators: fees.map(({ operator, stake, earned }) => ({
          operator,
          stake: stake.toString(),
          earned: earned.toString(),
        })),
      },
      model: {
        id: modelId,
        name: model.name,
        totalInferences: Number(model.totalInferences),
        successfulVerifications: Number(model.successfulVerifications),
        accuracyBps: model.accuracyBps,
      },
      agent: { id: Number(agentId), totalJobs: Number(agent.totalJobs), verifiedJobs: Number(agent.verifiedJobs) },
      ok,
    }
    console.log(JSON.stringify(document, null, 2))
  } else {
    report({ progress, settled, fees, agentEarned, spent, model, agent, agentId })
    if (!isExpected) console.error('An outcome is not the expected one.')
    if (spent !== paid) console.error(`The requester spent ${spent} wei, but ${paid} wei were paid out.`)
  }
  process.exitCode = ok ? 0 : 1
}

function createClient(devnet: Devnet, account: LocalAccount) {
  return createWalletClient({ account, chain: devnet.chain, transport: http(), pollingInterval: 100 })
}

/** Version 1 is Silero VAD v5. Version 2 names weights that nobody has. */
async function publishModels(devnet: Devnet, payloads: PayloadStore, progress: Progress) {
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
  return { manifests: { 1: manifest, 2: lost }, modelId, versions: { 1: `${name}@1`, 2: `${name}@2` } }
}

/** Gives the agent an ERC-8004 identity; its wallet is the account that registers it. */
async function registerAgent(devnet: Devnet, progress: Progress): Promise<bigint> {
  const abi = parseAbi([
    'function register() returns (uint256 agentId)',
    'event Registered(uint256 indexed agentId, string agentURI, address indexed owner)',
  ])
  const { logs } = await createClient(devnet, devnet.accounts.agent).writeContractSync({
    address: devnet.deployment.identityRegistry,
    abi,
    functionName: 'register',
    throwOnReceiptRevert: true,
  })
  const [registered] = parseEventLogs({ abi, eventName: 'Registered', logs })
  if (!registered) throw new Error('The identity registry registered no agent.')
  const { agentId } = registered.args
  progress.tell('agent', `ERC-8004 agent ${agentId}, wallet ${short(devnet.accounts.agent.address)}`)
  return agentId
}

async function startOperators(parameters: {
  devnet: Devnet
  payloadsUrl: string
  state: { directory: string }
  progress: Progress
}) {
  const { devnet, payloadsUrl, state, progress } = parameters
  const { deployment, accounts, rpcUrl } = devnet
  const operators: OperatorProcess[] = await Promise.all(
    accounts.operators.map(async ({ stake }, index) => {
      const name = `operator ${'ABC'[index]}`
      // The one with the least stake lies.
      const isDishonest = index === accounts.operators.length - 1
      const said = new Set<string>()
      const operator = await startOperator({
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
      progress.tell(name, `runs, stake ${formatEther(stake)}${isDishonest ? ', dishonest: always says valid' : ''}`)
      return operator
    }),
  )
  return {
    crash: (index: number) => operators[index]?.crash(),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(operators.map((operator) => operator.stop()))
    },
  }
}

/** Removed at the end, also when interrupted; the chain and the operators end with this process. */
async function createStateDirectory() {
  const directory = await mkdtemp(path.join(tmpdir(), 'proof-of-inference-demo-'))
  for (const [signal, code] of [['SIGINT', 130] as const, ['SIGTERM', 143] as const]) {
    process.once(signal, () => {
      rmSync(directory, { recursive: true, force: true })
      process.exit(code)
    })
  }
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

/** Gas of all transactions that a request took: opening, votes, settlement. */
async function sumGas(devnet: Devnet, request: InferenceRequest, outcome: Outcome): Promise<bigint> {
  const hashes = new Set([...outcome.attestations, outcome, request].map(({ transactionHash }) => transactionHash))
  const receipts = await Promise.all([...hashes].map((hash) => devnet.client.getTransactionReceipt({ hash })))
  return receipts.reduce((sum, { gasUsed }) => sum + gasUsed, 0n)
}

function report(parameters: {
  progress: Progress
  settled: readonly Settled[]
  fees: readonly { operator: Address; stake: bigint; earned: bigint }[]
  agentEarned: bigint
  spent: bigint
  model: { totalInferences: bigint; successfulVerifications: bigint; accuracyBps: number }
  agent: { totalJobs: bigint; verifiedJobs: bigint }
  agentId: bigint
}) {
  const { progress, settled, fees, agentEarned, spent, model, agent, agentId } = parameters
  const totalStake = fees.reduce((sum, { stake }) => sum + stake, 0n)
  const share = (weight: bigint) => `${(weight * 100n) / totalStake} %`
  progress.title('Requests')
  progress.table(
    ['request', 'scenario', 'outcome', 'response', 'stake: valid', 'invalid', 'latency', 'gas', 'reward went to'],
    settled.map(({ scenario, request, outcome, latencyMs, gas }) => {
      const weight = (isValid: boolean) =>
        outcome.attestations.filter((vote) => vote.isValid === isValid).reduce((sum, vote) => sum + vote.weight, 0n)
      return [
        short(request.id),
        scenario.name,
        paint(outcome.status),
        outcome.status === 'expired' ? '' : String(outcome.response),
        share(weight(true)),
        share(weight(false)),
        `${latencyMs} ms`,
        String(gas),
        outcome.status === 'verified' ? 'the agent' : 'the requester, back',
      ]
    }),
  )
  progress.title('Money')
  progress.table(
    ['who', 'stake', 'ETH'],
    [
      ['requester', '', `-${formatEther(spent)}`],
      ['agent', '', formatEther(agentEarned)],
      ...fees.map(({ stake, earned }, index) => [`operator ${'ABC'[index]}`, formatEther(stake), formatEther(earned)]),
    ],
  )
  progress.title('Record')
  progress.table(
    ['of', 'decided', 'verified', 'accuracy'],
    [
      [
        'model silero-vad',
        String(model.totalInferences),
        String(model.successfulVerifications),
        `${model.accuracyBps / 100} %`,
      ],
      [
        `agent ${agentId}`,
        String(agent.totalJobs),
        String(agent.verifiedJobs),
        agent.totalJobs === 0n ? '' : `${Number((agent.verifiedJobs * 10_000n) / agent.totalJobs) / 100} %`,
      ],
    ],
  )
}

await main()
