import { createDevnet, type Devnet, type DevnetFourMica } from '@proof-of-inference/devnet'
import { isProofOfInferenceError } from '@proof-of-inference/sdk'
import { memoryPaymentStore, type PaymentMessage } from '@proof-of-inference/sdk/payments'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPaymentStage, type Stage } from './paymentStage.ts'

// Sums what everybody has before and after random sequences of operations, each by a payer and a payee of its own, and
// compares it with what was promised and verified.

const sequences = 1_000
/** Sequences that run side by side; between their steps the clock of the chain moves. */
const width = 20
const steps = 4
const delays = {
  remunerationGracePeriod: 600,
  tabExpirationTime: 2_400,
  synchronizationDelay: 30,
  withdrawalGracePeriod: 3_000,
}
/** Milliseconds. All share a machine, which may be busy. */
const timeout = 120_000
let devnet: Devnet<DevnetFourMica>
let stage: Stage

// A client that misses the block of its transaction, which is easy on a chain that mines on demand, waits for the next.
let mining: ReturnType<typeof setInterval>
beforeAll(async () => {
  devnet = await createDevnet({ fourMica: delays })
  mining = setInterval(() => void devnet.mine().catch(() => {}), 1_000)
  stage = await createPaymentStage(devnet)
})

afterAll(async () => {
  clearInterval(mining)
  await devnet?.stop()
})

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

/** One agent sells to all; it starts anew now and then. */
async function startSeller() {
  const agent = await stage.createAgent()
  const store = memoryPaymentStore()
  const start = () => stage.createFourMica(agent.wallet, { store, timeout })
  const seller = {
    agent,
    rail: start(),
    restart() {
      seller.rail = start()
    },
  }
  return seller
}

async function startSequence(seed: number, seller: Awaited<ReturnType<typeof startSeller>>) {
  const random = createRandom(seed)
  const asset = devnet.token
  const payer = await stage.createPayer(1_000n)
  const store = memoryPaymentStore()
  const start = () => stage.createFourMica(payer, { store, timeout })
  let buyer = start()
  const sales: Sale[] = []
  const pick = () => sales[random(sales.length)]
  const refusals: string[] = []

  async function sell(): Promise<void> {
    const amount = BigInt(1 + random(200))
    const job = stage.createJob(seller.agent)
    const offer = await seller.rail.payee.offer({ payer: payer.account.address, asset })
    const promise = await buyer.payer.promise({ job, amount, asset, offer })
    await seller.rail.payee.accept({ job, amount, asset, promise })
    sales.push({ promise, amount, wasVerified: false })
  }

  async function respond(): Promise<void> {
    const sale = sales.at(-1)
    // The AVS answers once.
    if (!sale || (await seller.rail.status(sale.promise)) !== 'pending') return
    const [response, tag] = ([[99], [99], [99], [99], [0], [89], [99, 'other']] as const)[random(7)] ?? [0]
    await stage.respond(sale.promise, response, tag)
    sale.wasVerified = response >= 90 && tag === undefined
  }

  const pay = async (sale = pick()) => void (sale && (await buyer.payer.pay(sale.promise)))
  const collect = async (sale = pick()) => void (sale && (await seller.rail.payee.collect(sale.promise)))
  const operations = [
    sell,
    respond,
    () => pay(),
    () => collect(),
    async () => void (await buyer.payer.deposit({ amount: BigInt(1 + random(100)), key: `${random(3)}`, asset })),
    async () => void (await buyer.payer.requestWithdrawal({ amount: BigInt(1 + random(400)), asset })),
    async () => void (await buyer.payer.completeWithdrawal({ asset })),
    async () => {
      buyer = start()
    },
  ]
  /** What would come next if nothing went wrong, as often as anything else. */
  function next() {
    const sale = sales.at(-1)
    if (random(2) === 0) return operations[random(operations.length)]
    if (!sale) return sell
    return sale.wasVerified ? () => (random(2) === 0 ? pay(sale) : collect(sale)) : respond
  }

  await buyer.payer.deposit({ amount: 400n, key: 'first', asset })
  return {
    async step(): Promise<void> {
      try {
        await next()?.()
      } catch (error) {
        // Whatever is refused, is by an error of the SDK.
        if (!isProofOfInferenceError(error)) throw error
        refusals.push(error.name)
      }
    },
    /** What the payer has left, and what it has paid, by the promises that are. */
    async settle() {
      let owed = 0n
      for (const { promise, amount, wasVerified } of sales) {
        if ((await buyer.status(promise)) !== 'paid') continue
        expect(wasVerified, `seed ${seed}`).toBe(true)
        owed += amount
      }
      const [inWallet, { deposited }] = await Promise.all([
        stage.getTokens(payer.account.address),
        buyer.payer.getFunds({ asset }),
      ])
      expect({ seed, kept: inWallet + deposited }).toEqual({ seed, kept: 1_000n - owed })
      return { deposited, owed, refusals }
    },
  }
}

test(`no money is lost or made in ${sequences} random sequences of operations`, { timeout: 1_800_000 }, async () => {
  const random = createRandom(7)
  const seller = await startSeller()
  const before = await stage.getTokens(seller.agent.wallet.account.address)
  const total = { deposited: 0n, owed: 0n, payers: 0 }
  const refusals = new Set<string>()
  for (let first = 0; first < sequences; first += width) {
    const wave = await Promise.all(Array.from({ length: width }, (_, index) => startSequence(first + index, seller)))
    for (let step = 0; step < steps; step += 1) {
      await Promise.all(wave.map((sequence) => sequence.step()))
      if (random(3) === 0) await stage.moveTo((await stage.readTime()) + random(900))
      if (random(5) === 0) seller.restart()
    }
    for (const sequence of wave) {
      const settled = await sequence.settle()
      total.deposited += settled.deposited
      total.owed += settled.owed
      if (settled.owed > 0n) total.payers += 1
      for (const name of settled.refusals) refusals.add(name)
    }
  }
  // The agent got what was verified and paid for, the contract holds what the payers have in it, and that is all.
  await expect(stage.getTokens(seller.agent.wallet.account.address)).resolves.toBe(before + total.owed)
  await expect(stage.getTokens(devnet.fourMica.contract)).resolves.toBe(total.deposited)
  expect(total.payers).toBeGreaterThan(sequences / 10)
  expect([...refusals].sort()).toEqual(expect.arrayContaining(['PaymentNotPayableError', 'TabUnresolvedError']))
})
