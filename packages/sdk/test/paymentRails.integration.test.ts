import { type PaymentRailFixture, paymentRailConformance } from '@proof-of-inference/conformance'
import { createDevnet, type Devnet, type DevnetFourMica } from '@proof-of-inference/devnet'
import type { Job } from '@proof-of-inference/sdk'
import { postReceipt, signConsent } from '@proof-of-inference/sdk/actions'
import { getReceiptBinding, memoryPaymentStore, type PaymentMessage } from '@proof-of-inference/sdk/payments'
import { afterAll, beforeAll, expect } from 'vitest'
import { createPaymentStage, type Stage } from './paymentStage.ts'

const delays = { remunerationGracePeriod: 1_000, tabExpirationTime: 3_600, synchronizationDelay: 60 }
let devnet: Devnet<DevnetFourMica>
let stage: Stage

beforeAll(async () => {
  devnet = await createDevnet({ fourMica: delays })
  stage = await createPaymentStage(devnet)
})

afterAll(() => devnet?.stop())

async function createParties() {
  const payer = await stage.createAccount()
  const agent = await stage.createAgent()
  const stores = [memoryPaymentStore(), memoryPaymentStore()] as const
  const createJob = async () => {
    const job = stage.createJob(agent)
    const consent = await signConsent(devnet.client, {
      deployment: devnet.deployment,
      account: agent.wallet.account,
      job,
    })
    return { job, consent }
  }
  const { getTokens: getBalance, moveTo, readTime } = stage
  return { payer, agent, stores, shared: { asset: devnet.token, createJob, getBalance, moveTo, readTime } }
}

type Decide = PaymentRailFixture['decide']

paymentRailConformance({
  name: 'fourMica',
  async create() {
    const { payer, agent, stores, shared } = await createParties()
    const startPayer = () => stage.createFourMica(payer, { store: stores[0] })
    const startPayee = () => stage.createFourMica(agent.wallet, { store: stores[1] })
    const decide: Decide = async ({ promise, job, isValid }) => {
      await stage.decide(agent.wallet.account, job, isValid)
      const { deployment, accounts } = devnet
      const { binding, requestHash } = getReceiptBinding({ deployment, promise })
      const receipt = await postReceipt(devnet.client, { deployment, account: accounts.requester, job, binding })
      expect(receipt).toMatchObject({ requestHash, response: isValid ? 99 : 0 })
    }
    return {
      ...shared,
      payer: { address: payer.account.address, rail: startPayer(), restart: startPayer },
      payee: { address: agent.wallet.account.address, rail: startPayee(), restart: startPayee },
      decide,
      collectAfter: delays.remunerationGracePeriod + 5,
      expiresAfter: delays.tabExpirationTime + 5,
      fee: 0n,
    }
  },
})

paymentRailConformance({
  name: 'escrow',
  async create() {
    const { payer, agent, stores, shared } = await createParties()
    const startPayer = () => stage.createEscrow(payer, { store: stores[0] })
    const startPayee = () => stage.createEscrow(agent.wallet, { store: stores[1] })
    const decide = async ({ promise, job, isValid }: { promise: PaymentMessage; job: Job; isValid: boolean }) => {
      const opened = await findRequest(promise, job)
      await stage.vote(opened, isValid)
    }
    return {
      ...shared,
      payer: { address: payer.account.address, rail: startPayer(), restart: startPayer },
      payee: { address: agent.wallet.account.address, rail: startPayee(), restart: startPayee },
      decide,
      collectAfter: 0,
      expiresAfter: 605,
      // What 80 % of the operators earn; the rest comes back.
      fee: 160n,
    }
  },
})

async function findRequest(promise: PaymentMessage, job: Job) {
  const requests = await devnet.client.getContractEvents({
    address: devnet.deployment.avs,
    abi: (await import('@proof-of-inference/sdk/abis')).proofOfInferenceAvsAbi,
    eventName: 'InferenceVerificationRequested',
    fromBlock: devnet.deployment.startBlock,
  })
  const request = requests.find(({ args }) => args.jobId === promise.jobId)?.args.request
  if (!request) throw new Error(`There is no request for the job ${promise.jobId}.`)
  return { job, request }
}
