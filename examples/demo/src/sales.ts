import type { Devnet, DevnetFourMica } from '@proof-of-inference/devnet'
import { signConsent, type verifyReceipt } from '@proof-of-inference/sdk/actions'
import { hashValidationRequest, requestValidation } from '@proof-of-inference/sdk/erc8004'
import type { PayloadStore } from '@proof-of-inference/sdk/payload'
import { fourMica, getReceiptBinding, memoryPaymentStore, type PaymentMessage } from '@proof-of-inference/sdk/payments'
import {
  createRequester,
  type InferenceRequest,
  type Outcome,
  type PreparedJob,
} from '@proof-of-inference/sdk/requester'
import { formatEther, type Hash, type LocalAccount, parseEther } from 'viem'
import { claimAnyway } from './claimAnyway.ts'
import { createClient } from './network.ts'
import { type Progress, paint, short } from './progress.ts'
import type { Scenario } from './scenarios.ts'

/** What an output costs, by whichever rail. */
export const price = parseEther('0.01')

export type Settled = {
  scenario: Scenario
  request: InferenceRequest
  outcome: Outcome
  latencyMs: number
  gas: bigint
}

/** An output that was handed in for verification. */
export type Sale = {
  readonly scenario: Scenario
  readonly request: InferenceRequest
  /** The guarantee that it is sold for; `undefined` where its price is in the AVS. */
  readonly promise: PaymentMessage | undefined
  readonly settled: Promise<Settled>
}

export type Receipt = verifyReceipt.ReturnType

/** How a guarantee ended. */
export type Claim = {
  readonly sale: Sale
  readonly receipt: Receipt
  readonly status: string
  readonly transactionHash: Hash
  /** What the agent's account got, in wei. */
  readonly received: bigint
  /** What the contract refused the claim with. */
  readonly reason: string | undefined
}

/** The requester buys and the agent sells, step by step as two that do not trust each other would. */
export function createSales(parameters: {
  devnet: Devnet<DevnetFourMica>
  payloads: PayloadStore
  agentId: bigint
  versions: { 1: string; 2: string }
  progress: Progress
}) {
  const { devnet, payloads, agentId, versions, progress } = parameters
  const { deployment, accounts } = devnet
  const agentClient = createClient(devnet, accounts.agent)
  const requesterOf = (account: LocalAccount) =>
    createRequester({ client: createClient(devnet, account), deployment, payloads })
  const requester = requesterOf(accounts.requester)
  // Anyone may settle what nobody decided; the requester's account has other things to do.
  const bystander = requesterOf(accounts.deployer)
  const rail = (account: LocalAccount) =>
    fourMica({
      client: createClient(devnet, account),
      deployment,
      core: devnet.fourMica,
      rpcUrl: devnet.rpcUrl,
      store: memoryPaymentStore(),
    })
  const { payer, status } = rail(accounts.requester)
  const { payee } = rail(accounts.agent)

  /** The agent files the jobId, for which the AVS is to post a receipt. */
  async function file({ job }: PreparedJob): Promise<void> {
    const requestHash = hashValidationRequest({ deployment, job })
    await requestValidation(agentClient, { registries: deployment, validator: deployment.avs, agentId, requestHash })
  }

  /** The requester signs a guarantee; the agent has it issued and checks it, and files its validation request. */
  async function guarantee({ job, jobId }: PreparedJob): Promise<PaymentMessage> {
    const offer = await payee.offer({ payer: accounts.requester.address })
    const promise = await payer.promise({ offer, job, amount: price })
    await payee.accept({ promise, job, amount: price })
    progress.tell('4Mica', `guarantees ${formatEther(price)} ETH for the job ${short(jobId)}, if it is verified`)
    return promise
  }

  async function watch(scenario: Scenario, request: InferenceRequest): Promise<Settled> {
    const openedAt = performance.now()
    const watched = await bystander.resume(request.id)
    const outcome = await watched.outcome({ pollingInterval: 100 })
    const latencyMs = Math.round(performance.now() - openedAt)
    progress.tell('consensus', `${short(request.id)} ${scenario.name}: ${paint(outcome.status)} after ${latencyMs} ms`)
    return { scenario, request, outcome, latencyMs, gas: await sumGas(request, outcome) }
  }

  /** Gas of all transactions that a request took: opening, votes, settlement. */
  async function sumGas(request: InferenceRequest, outcome: Outcome): Promise<bigint> {
    const hashes = new Set([...outcome.attestations, outcome, request].map(({ transactionHash }) => transactionHash))
    const receipts = await Promise.all([...hashes].map((hash) => devnet.client.getTransactionReceipt({ hash })))
    return receipts.reduce((sum, { gasUsed }) => sum + gasUsed, 0n)
  }

  /** What a transaction of the agent's brought it, apart from what it spent on gas. */
  async function readReceived(hash: Hash): Promise<bigint> {
    const { blockNumber, gasUsed, effectiveGasPrice } = await devnet.client.getTransactionReceipt({ hash })
    const { address } = accounts.agent
    const [before, after] = await Promise.all(
      [blockNumber - 1n, blockNumber].map((at) => devnet.client.getBalance({ address, blockNumber: at })),
    )
    if (before === undefined || after === undefined) throw new Error('The chain has no balances.')
    return after - before + gasUsed * effectiveGasPrice
  }

  const sales = {
    payer,
    /** Has an output verified; what is to be paid for it is promised before. */
    async open(scenario: Scenario): Promise<Sale> {
      const prepared = await requester.prepareJob({
        model: versions[scenario.version],
        input: scenario.input,
        output: scenario.output,
        agent: { id: agentId },
        minAttestations: 2,
      })
      const promise = scenario.rail === '4mica' ? await guarantee(prepared) : undefined
      if (!promise) await file(prepared)
      const request = await requester.request({
        prepared,
        consent: (job) => signConsent(agentClient, { deployment, job }),
        reward: promise ? 0n : price,
        funding: 'deposit',
        deadline: scenario.deadline,
      })
      progress.tell('requester', `opened ${short(request.id)} ${scenario.name}: ${scenario.says}`)
      return { scenario, request, promise, settled: watch(scenario, request) }
    },

    /** Posts the outcome to ERC-8004's registries, and checks what is there down to every vote's signature. */
    async readReceipt({ scenario, request, promise }: Sale): Promise<Receipt> {
      const binding = promise && getReceiptBinding({ deployment, promise }).binding
      const receipt = await request.receipt({ binding, pollingInterval: 100 })
      const { response, proven } = receipt
      progress.tell(
        'receipt',
        `${short(request.id)} ${scenario.name}: ${response} of 100, ${proven.length} facts proven`,
      )
      return receipt
    },

    /** The agent claims a guarantee: what was verified is paid from the collateral, all else the contract refuses. */
    async claim(sale: Sale, promise: PaymentMessage): Promise<Claim> {
      const { outcome } = await sale.settled
      const receipt = await sales.readReceipt(sale)
      if (outcome.status === 'verified') {
        const { transactionHash } = await payee.collect(promise)
        if (!transactionHash) throw new Error('Somebody else has claimed the guarantee.')
        const received = await readReceived(transactionHash)
        progress.tell('4Mica', `paid the agent ${formatEther(received)} ETH from the requester's collateral`)
        return { sale, receipt, status: await status(promise), transactionHash, received, reason: undefined }
      }
      const { transactionHash, reason } = await claimAnyway(devnet, promise)
      progress.tell('4Mica', `refuses to pay the agent: ${reason}`)
      const received = await readReceived(transactionHash)
      return { sale, receipt, status: await status(promise), transactionHash, received, reason }
    },
  }
  return sales
}
