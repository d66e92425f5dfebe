import { createDevnet, type Devnet, type DevnetFourMica } from '@proof-of-inference/devnet'
import { isProofOfInferenceError } from '@proof-of-inference/sdk'
import { memoryPaymentStore, type PaymentMessage, type PaymentStatus } from '@proof-of-inference/sdk/payments'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPaymentStage, type Stage } from './paymentStage.ts'

// Sums what everybody has before and after random sequences of operations, each by a payer and a payee of its own, and
// compares it with what was promised and verified.

const sequences = 1_000
/** Sequences that run side by side; between their steps the clock of the chain moves. */
const width = 40
const steps = 6
const delays = {
  remunerationGracePeriod: 600,
  tabExpirationTime: 2_400,
  synchronizationDelay: 30,
  withdrawalGracePeriod: 3_000,
}
let devnet: Devnet<DevnetFourMica>
let stage: Stage

beforeAll(async () => {
  devnet = await createDevnet({ fourMica: delays })
  stage = await createPaymentStage(devnet)
})

afterAll(() => devnet?.stop())

/** Numbers that are the same in every run: mulberry32. */
function createRandom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

type Sale = { promise: PaymentMessage; amount: bigint; wasVerified: boolean }

async function startSequence(seed: number) {
  const random = createRandom(seed)
  const asset = devnet.token
  const [payer, agent] = await Promise.all([stage.createAccount(), stage.createAgent()])
  const stores = [memoryPaymentStore(), memoryPaymentStore()] as const
  const startPayer = () => stage.createFourMica(payer, { store: stores[0] })
  const startPayee = () => stage.createFourMica(agent.wallet, { store: stores[1] })
  let buyer = startPayer()
  let seller = startPayee()
  const sales: Sale[] = []
  const pick = () => sales[random(sales.length)]
  const refusals: string[] = []

  async function sell(): Promise<void> {
    const amount = BigInt(1 + random(200))
    const job = stage.createJob(agent)
    const offer = await seller.payee.offer({ payer: payer.account.address, asset })
    const promise = await buyer.payer.promise({ job, amount, asset, offer })
    await seller.payee.accept({ job, amount, asset, promise })
    sales.push({ promise, amount, wasVerified: false })
  }

  async function respond(sale: Sale | undefined): Promise<void> {
    if (!sale) return
    const [response, tag] = ([[99], [99], [99], [0], [89], [99, 'other']] as const)[random(6)] ?? [0]
    const isGood = response >= 90 && tag === undefined
    // The AVS answers once.
    if ((await seller.status(sale.promise)) !== 'pending') return
    await stage.respond(sale.promise, response, tag)
    sale.wasVerified = isGood
  }

  const operations = [
    sell,
    sell,
    () => respond(sales.at(-1)),
    () => respond(pick()),
    async () => void (await buyer.payer.deposit({ amount: BigInt(1 + random(100)), key: `${random(3)}`, asset })),
    async () => {
      const sale = pick()
      if (sale) await buyer.payer.pay(sale.promise)
    },
    async () => {
      const sale = pick()
      if (sale) await seller.payee.collect(sale.promise)
    },
    async () => void (await buyer.payer.requestWithdrawal({ amount: BigInt(1 + random(400)), asset })),
    async () => void (await buyer.payer.completeWithdrawal({ asset })),
    async () => {
      buyer = startPayer()
      seller = startPayee()
    },
  ]

  await buyer.payer.deposit({ amount: 400n, key: 'first', asset })
  return {
    async step(): Promise<void> {
      try {
        await operations[random(operations.length)]?.()
      } catch (error) {
        // Whatever is refused, is by an error of the SDK.
        if (!isProofOfInferenceError(error)) throw error
        refusals.push(error.name)
      }
    },
    async settle() {
      const statuses: PaymentStatus[] = []
      for (const { promise } of sales) statuses.push(await seller.status(promise))
      const paid = sales.filter((_, index) => statuses[index] === 'paid')
      const owed = paid.reduce((sum, { amount }) => sum + amount, 0n)
      const [inWallet, { deposited }, received] = await Promise.all([
        stage.getTokens(payer.account.address),
        buyer.payer.getFunds({ asset }),
        stage.getTokens(agent.wallet.account.address),
      ])
      // Nothing was paid that was not verified, nor twice; nobody else has any of it.
      expect(
        paid.every(({ wasVerified }) => wasVerified),
        `seed ${seed}`,
      ).toBe(true)
      expect({ seed, received, kept: inWallet + deposited }).toEqual({
        seed,
        received: 1_000n + owed,
        kept: 1_000n - owed,
      })
      return { deposited, sales: sales.length, paid: paid.length, refusals }
    },
  }
}

test(`no money is lost or made in ${sequences} random sequences of operations`, { timeout: 900_000 }, async () => {
  const random = createRandom(7)
  let collateral = 0n
  const counts = { sales: 0, paid: 0 }
  const refusals = new Set<string>()
  for (let first = 0; first < sequences; first += width) {
    const wave = await Promise.all(Array.from({ length: width }, (_, index) => startSequence(first + index)))
    for (let step = 0; step < steps; step += 1) {
      await Promise.all(wave.map((sequence) => sequence.step()))
      if (random(3) === 0) await stage.moveTo((await stage.readTime()) + random(900))
    }
    for (const sequence of wave) {
      const settled = await sequence.settle()
      collateral += settled.deposited
      counts.sales += settled.sales
      counts.paid += settled.paid
      for (const name of settled.refusals) refusals.add(name)
    }
  }
  // What the contract holds is what the payers have in it.
  await expect(stage.getTokens(devnet.fourMica.contract)).resolves.toBe(collateral)
  expect(counts.paid).toBeGreaterThan(sequences / 10)
  expect([...refusals].sort()).toMatchInlineSnapshot()
})
