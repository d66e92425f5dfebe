import { parseArgs } from 'node:util'
import { createDevnet, createPayloadServer } from '@proof-of-inference/devnet'
import { proofOfInferenceActions } from '@proof-of-inference/sdk'
import { claimFees, getEarnings, withdrawEarnings } from '@proof-of-inference/sdk/actions'
import { getFeedbackSummary, getValidationSummary, receiptTag } from '@proof-of-inference/sdk/erc8004'
import { httpPayloadStore } from '@proof-of-inference/sdk/payload'
import { formatEther, parseEther, publicActions, zeroAddress } from 'viem'
import { createClient, createStateDirectory, publishModels, registerAgent, startOperators } from './network.ts'
import { createProgress } from './progress.ts'
import { findFaults, type Result, report, toDocument } from './result.ts'
import { type Claim, createSales, type Receipt, type Sale } from './sales.ts'
import { createScenarios } from './scenarios.ts'

const usage = `Verifies real inferences end to end on a local chain.

Usage: npm run demo -- [options]

  --json            print one JSON document instead of the progress
  --crash-operator  kill an operator in the middle of its work, and let it start again
  --help            print this`

const deposited = parseEther('1')
const collateral = parseEther('0.05')

/** What a signal ends, in this order; the chain ends with this process. */
const running: AsyncDisposable[] = []
let isInterrupted = false
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, async () => {
    isInterrupted = true
    // Ctrl-C reaches the chain, too: what is under way fails.
    process.on('unhandledRejection', () => {})
    for (const each of running) await each[Symbol.asyncDispose]()
    console.error('Interrupted: the operators and the chain are stopped.')
    process.exit(130)
  })

function parse() {
  try {
    return parseArgs({
      options: {
        json: { type: 'boolean', default: false },
        'crash-operator': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    // Its first sentence: Node goes on about positional arguments.
    console.error(`${String(error instanceof Error ? error.message : error).split(/\.(?:\s|$)/)[0]}. --help says more.`)
    process.exit(2)
  }
}

async function main() {
  const options = parse()
  if (options.help) return console.log(usage)

  const progress = createProgress(options.json)
  progress.title('Proof-of-Inference Market: is this output what the model says?')
  // Between a guarantee and its receipt are four blocks, of a second each: no claim of it is early.
  await using devnet = await createDevnet({ blockTime: 1, fourMica: { remunerationGracePeriod: 3 } })
  await using server = await createPayloadServer()
  await using state = await createStateDirectory()
  running.push(state)
  progress.tell('devnet', `a chain at ${devnet.rpcUrl}, contracts deployed, operators registered and staked`)
  progress.tell('payload store', `${server.url}, content-addressed`)

  const { deployment, accounts } = devnet
  const payloads = httpPayloadStore({ url: server.url, allowPrivateNetwork: true })
  const { manifests, modelId, versions } = await publishModels(devnet, payloads, progress)
  const agentId = await registerAgent(devnet, progress)
  await using operators = startOperators({ devnet, payloadsUrl: server.url, state, progress })
  running.unshift(operators)
  await operators.started

  const client = createClient(devnet, accounts.requester)
  const market = client.extend(publicActions).extend(proofOfInferenceActions({ deployment }))
  await market.deposit({ asset: zeroAddress, amount: deposited })
  const sales = createSales({ devnet, payloads, agentId, versions, progress })
  await sales.payer.deposit({ amount: collateral, key: 'collateral' })
  progress.tell('requester', `deposited ${formatEther(deposited)} ETH with the AVS to pay requests from`)
  progress.tell('requester', `deposited ${formatEther(collateral)} ETH with 4Mica as collateral`)

  const opened: Sale[] = []
  const claims: Claim[] = []
  for (const scenario of await createScenarios(manifests)) {
    const sale = await sales.open(scenario)
    opened.push(sale)
    if (options['crash-operator'] && scenario.name === 'honest') {
      progress.tell('demo', 'kills operator B')
      operators.crash(1)
    }
    if (sale.promise) claims.push(await sales.claim(sale, sale.promise))
  }
  const receipts = new Map<Sale, Receipt>(claims.map(({ sale, receipt }) => [sale, receipt]))
  for (const sale of opened)
    if (!sale.promise && (await sale.settled).outcome.status !== 'expired')
      receipts.set(sale, await sales.readReceipt(sale))
  const settled = await Promise.all(opened.map((sale) => sale.settled))

  // -- who gets what
  const decided = settled.filter(({ outcome }) => outcome.status !== 'expired').map(({ request }) => request.request)
  const agentClient = createClient(devnet, accounts.agent)
  const owner = accounts.agent.address
  const { amount: agentEarned } = await withdrawEarnings(agentClient, { deployment, asset: zeroAddress, owner })
  progress.tell('agent', `withdrew ${formatEther(agentEarned)} ETH`)
  const fees: Result['fees'][number][] = []
  for (const { account, stake } of accounts.operators) {
    // What the votes that decided earned was credited with the decision; the rest is claimed.
    await claimFees(client, { deployment, operator: account.address, requests: decided })
    const asset = zeroAddress
    const earned = await getEarnings(client, { deployment, asset, account: account.address })
    if (earned > 0n) await withdrawEarnings(client, { deployment, asset, owner: account.address })
    fees.push({ operator: account.address, stake, earned })
    progress.tell(`operator ${'ABC'[fees.length - 1]}`, `earned ${formatEther(earned)} ETH of fees`)
  }

  const of = { registries: deployment, agentId }
  const tag = receiptTag
  const result: Result = {
    settled,
    claims,
    receipts: opened.flatMap((sale) => {
      const receipt = receipts.get(sale)
      return receipt ? [{ sale, receipt }] : []
    }),
    fees,
    deposited,
    depositLeft: await market.getDeposit({ asset: zeroAddress, account: client.account.address }),
    collateral,
    collateralLeft: (await sales.payer.getFunds()).deposited,
    agentEarned,
    model: await market.getModelInfo({ modelId }),
    modelId,
    agent: await market.getAgentRecord({ agentId }),
    agentId,
    feedback: await getFeedbackSummary(client, { ...of, clients: [deployment.avs], tag1: tag }),
    validations: await getValidationSummary(client, { ...of, validators: [deployment.avs], tag }),
  }
  const faults = findFaults(result)
  if (options.json) console.log(JSON.stringify(toDocument(result, faults.length === 0), null, 2))
  else report(result, progress)
  for (const fault of faults) console.error(fault)
  process.exitCode = faults.length === 0 ? 0 : 1
}

await main().catch((error: unknown) => {
  if (!isInterrupted) throw error
})
