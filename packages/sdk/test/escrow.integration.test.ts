import { createDevnet, type Devnet, type DevnetFourMica } from '@proof-of-inference/devnet'
import type { Request } from '@proof-of-inference/sdk'
import { requestInferenceVerification, signConsent } from '@proof-of-inference/sdk/actions'
import { memoryPaymentStore, type PaymentMessage } from '@proof-of-inference/sdk/payments'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPaymentStage, type Stage } from './paymentStage.ts'

// The request is the payer's, and so are its terms.

let devnet: Devnet<DevnetFourMica>
let stage: Stage

beforeAll(async () => {
  devnet = await createDevnet({ fourMica: true })
  stage = await createPaymentStage(devnet)
})

afterAll(() => devnet?.stop())

/** A request on terms that the payer's own rail would not choose. */
async function promise(changes: (now: number) => Partial<Request>, minAttestations = 2) {
  const { deployment, token: asset } = devnet
  const payer = await stage.createAccount()
  const agent = await stage.createAgent()
  const job = stage.createJob(agent, { minAttestations })
  const amount = 100n
  const consent = await signConsent(devnet.client, { deployment, account: agent.wallet.account, job })
  await stage.createEscrow(payer).payer.deposit({ amount: 500n, key: 'first', asset })
  const now = await stage.readTime()
  const request = await stage.market.createRequest(job, {
    ...{ asset, requester: payer.account.address, reward: amount, verificationFee: 200n, deadline: now + 600 },
    ...changes(now),
  })
  await requestInferenceVerification(payer, { deployment, request, job, fromDeposit: true, consent })
  const { reward, verificationFee, nonce } = request
  const message: PaymentMessage = {
    ...{ rail: 'escrow', avs: deployment.avs, ...request, ...job },
    ...{ reward: `${reward}`, verificationFee: `${verificationFee}`, nonce: `${nonce}`, agentId: `${job.agentId}` },
    hasAgent: 1,
  }
  const store = memoryPaymentStore()
  const startPayee = () => stage.createEscrow(agent.wallet, { store })
  const accept = () => startPayee().payee.accept({ promise: message, job, amount, asset })
  return { accept, job, message, now, payer, request, startPayee }
}

describe('a payee', () => {
  test('takes no promise that operators have not the time to decide', async () => {
    const { accept } = await promise((now) => ({ deadline: now + 200 }))
    await expect(accept()).rejects.toMatchObject({ name: 'PaymentExpiredError' })
  })

  test('takes no promise whose votes are hidden until the end', async () => {
    const { accept } = await promise(() => ({ commitWindow: 590 }))
    await expect(accept()).rejects.toMatchObject({ name: 'PaymentMismatchError', field: 'commit window' })
  })

  test('takes no promise that operators cannot decide', async () => {
    const { accept } = await promise(() => ({}), 50)
    await expect(accept()).rejects.toMatchObject({ name: 'QuorumUnreachableError', minAttestations: 50 })
  })

  test('stands by what it has taken, however late', async () => {
    const { accept, now } = await promise(() => ({}))
    await accept()
    await stage.moveTo(now + 550)
    await accept()
  })

  test('collects what is its own only', async () => {
    const { message, job, request, payer, startPayee } = await promise(() => ({}))
    await stage.vote({ job, request }, true)
    await expect(stage.createEscrow(payer).payee.collect(message)).rejects.toMatchObject({
      ...{ name: 'PaymentMismatchError', field: 'payee' },
    })
    await expect(startPayee().payee.collect(message)).resolves.toMatchObject({ status: 'paid' })
  })
})
