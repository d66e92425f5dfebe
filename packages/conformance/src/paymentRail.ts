import type { Job } from '@proof-of-inference/sdk'
import type { PaymentMessage, PaymentRail } from '@proof-of-inference/sdk/payments'
import type { Address, Hex } from 'viem'
import { describe, expect, test } from 'vitest'

/** A payer and a payee that never met, with what it takes to let jobs be decided and time pass. */
export type PaymentRailFixture = {
  readonly payer: {
    readonly address: Address
    readonly rail: PaymentRail
    /** Another instance, over the same store: what is left after a crash. */
    restart(): PaymentRail
  }
  readonly payee: { readonly address: Address; readonly rail: PaymentRail; restart(): PaymentRail }
  /** An asset other than the chain's own, so that fees for gas do not count. */
  readonly asset: Address
  /** A job of the payee, with its consent. Another one each time. */
  createJob(): Promise<{ readonly job: Job; readonly consent: Hex }>
  /** Has the promised job decided, and its receipt posted. */
  decide(parameters: { promise: PaymentMessage; job: Job; isValid: boolean }): Promise<void>
  /** What an account holds of the asset. */
  getBalance(address: Address): Promise<bigint>
  /** Moves the clock of the chain to a unix time in seconds, unless it is past. */
  moveTo(timestamp: number): Promise<void>
  /** Unix time in seconds, of the chain. */
  readTime(): Promise<number>
  /** Seconds after a promise in which it can be collected, if it was verified at once, and after which it is over. */
  readonly collectAfter: number
  readonly expiresAfter: number
  /** Beyond the amount, what a promise costs the payer once it is decided. */
  readonly fee: bigint
}

/**
 * Tests that a payment rail keeps promises exactly: what is verified is paid once, what is not is not, and nothing is
 * lost on the way. To be called in a test file of vitest.
 *
 * @param parameters.create Another fixture each time; the payer holds at least 1,000 of the asset.
 *
 * @example
 * paymentRailConformance({ name: 'escrow', create: () => createEscrowFixture(devnet) })
 */
export function paymentRailConformance(parameters: {
  readonly name: string
  readonly create: () => Promise<PaymentRailFixture>
}): void {
  const amount = 100n

  /** A deposit, and a promise that was accepted. */
  async function begin() {
    const fixture = await parameters.create()
    const { payer, payee, asset } = fixture
    await payer.rail.payer.deposit({ amount: 500n, key: 'first', asset })
    const { job, consent } = await fixture.createJob()
    const offer = await payee.rail.payee.offer({ payer: payer.address, asset })
    const terms = { job, amount, asset }
    const promisedAt = await fixture.readTime()
    const promise = await payer.rail.payer.promise({ ...terms, offer, consent })
    const status = () => payee.rail.status(promise)
    return { ...fixture, offer, terms, job, consent, promise, promisedAt, status }
  }

  /** All that an account has, in its wallet and as funds. */
  async function getWealth({ getBalance, payer, asset }: PaymentRailFixture): Promise<bigint> {
    return (await getBalance(payer.address)) + (await payer.rail.payer.getFunds({ asset })).deposited
  }

  describe(`${parameters.name} is a payment rail`, () => {
    test('a deposit is made once for a key', async () => {
      const fixture = await parameters.create()
      const { payer, asset, getBalance } = fixture
      const before = await getBalance(payer.address)
      const first = await payer.rail.payer.deposit({ amount: 300n, key: 'a', asset })
      await expect(payer.rail.payer.deposit({ amount: 300n, key: 'a', asset })).resolves.toEqual(first)
      await expect(payer.restart().payer.deposit({ amount: 300n, key: 'a', asset })).resolves.toEqual(first)
      await expect(payer.rail.payer.getFunds({ asset })).resolves.toMatchObject({ deposited: 300n, withdrawing: 0n })
      await expect(getBalance(payer.address)).resolves.toBe(before - 300n)
    })

    test('funds leave after the delay, not before', async () => {
      const fixture = await parameters.create()
      const { payer, asset, getBalance } = fixture
      const before = await getBalance(payer.address)
      await payer.rail.payer.deposit({ amount: 300n, key: 'a', asset })
      await payer.rail.payer.requestWithdrawal({ amount: 300n, asset })
      await expect(payer.rail.payer.completeWithdrawal({ asset })).rejects.toMatchObject({ name: 'PaymentNotDueError' })
      const { availableAt, withdrawing } = await payer.rail.payer.getFunds({ asset })
      expect(withdrawing).toBe(300n)
      await fixture.moveTo(availableAt ?? 0)
      await payer.rail.payer.completeWithdrawal({ asset })
      await expect(getBalance(payer.address)).resolves.toBe(before)
      await expect(payer.rail.payer.getFunds({ asset })).resolves.toMatchObject({
        deposited: 0n,
        availableAt: undefined,
      })
    })

    test('messages survive JSON', async () => {
      const { offer, promise } = await begin()
      expect(JSON.parse(JSON.stringify([offer, promise]))).toEqual([offer, promise])
    })

    test('a job is promised once, also after a crash', async () => {
      const { payer, offer, terms, consent, promise } = await begin()
      const again = { ...terms, offer, consent }
      await expect(payer.rail.payer.promise(again)).resolves.toEqual(promise)
      await expect(payer.restart().payer.promise(again)).resolves.toEqual(promise)
      await expect(payer.rail.payer.promise({ ...again, amount: amount + 1n })).rejects.toMatchObject({
        name: 'PaymentMismatchError',
      })
    })

    test('the payee takes no other amount, asset or job, and what it takes, again', async () => {
      const { payee, terms, promise, createJob, status } = await begin()
      const refusal = { name: 'PaymentMismatchError' }
      const other = await createJob()
      const accept = (changes: object) => payee.rail.payee.accept({ ...terms, promise, ...changes })
      await expect(accept({ amount: amount + 1n })).rejects.toMatchObject(refusal)
      await expect(accept({ asset: undefined })).rejects.toMatchObject(refusal)
      await expect(accept({ job: other.job })).rejects.toMatchObject(refusal)
      await expect(accept({ promise: { rail: 'another' } })).rejects.toMatchObject(refusal)
      await accept({})
      await accept({})
      await payee.restart().payee.accept({ ...terms, promise })
      await expect(status()).resolves.toBe('pending')
    })

    test('nothing is paid before the job is verified', async () => {
      const fixture = await begin()
      const { payer, payee, terms, promise } = fixture
      await payee.rail.payee.accept({ ...terms, promise })
      const wealth = await getWealth(fixture)
      const refusal = { name: 'PaymentNotPayableError' }
      await expect(payer.rail.payer.pay(promise)).rejects.toMatchObject(refusal)
      await expect(payee.rail.payee.collect(promise)).rejects.toMatchObject(refusal)
      await expect(getWealth(fixture)).resolves.toBe(wealth)
    })

    test('what is verified is paid by the payer, once', async () => {
      const fixture = await begin()
      const { payer, payee, terms, promise, job, decide, getBalance, status, fee } = fixture
      await payee.rail.payee.accept({ ...terms, promise })
      const [paidOut, wealth] = [await getBalance(payee.address), 1_000n]
      await decide({ promise, job, isValid: true })
      expect(['payable', 'paid']).toContain(await status())
      const { transactionHash } = await payer.rail.payer.pay(promise)
      await expect(status()).resolves.toBe('paid')
      await expect(payer.rail.payer.pay(promise)).resolves.toEqual({ status: 'paid', transactionHash })
      await expect(payer.restart().payer.pay(promise)).resolves.toEqual({ status: 'paid', transactionHash })
      await payee.rail.payee.collect(promise)
      await payee.restart().payee.collect(promise)
      await expect(getBalance(payee.address)).resolves.toBe(paidOut + amount)
      await expect(getWealth(fixture)).resolves.toBe(wealth - amount - fee)
    })

    test('what is verified is collected by the payee, once, without the payer', async () => {
      const fixture = await begin()
      const { payee, payer, terms, promise, promisedAt, job, decide, getBalance, status, moveTo, fee } = fixture
      await payee.rail.payee.accept({ ...terms, promise })
      const before = await getBalance(payee.address)
      await decide({ promise, job, isValid: true })
      await moveTo(promisedAt + fixture.collectAfter)
      await payee.rail.payee.collect(promise)
      await payee.rail.payee.collect(promise)
      await payee.restart().payee.collect(promise)
      await expect(status()).resolves.toBe('paid')
      await payer.rail.payer.pay(promise)
      await expect(getBalance(payee.address)).resolves.toBe(before + amount)
      await expect(getWealth(fixture)).resolves.toBe(1_000n - amount - fee)
    })

    test('what is rejected is not paid', async () => {
      const fixture = await begin()
      const { payer, payee, terms, promise, promisedAt, job, decide, getBalance, status, moveTo, fee } = fixture
      await payee.rail.payee.accept({ ...terms, promise })
      const before = await getBalance(payee.address)
      await decide({ promise, job, isValid: false })
      await expect(status()).resolves.toBe('rejected')
      await moveTo(promisedAt + fixture.collectAfter)
      const refusal = { name: 'PaymentNotPayableError', status: 'rejected' }
      await expect(payer.rail.payer.pay(promise)).rejects.toMatchObject(refusal)
      await expect(payee.rail.payee.collect(promise)).rejects.toMatchObject(refusal)
      await expect(getBalance(payee.address)).resolves.toBe(before)
      await expect(getWealth(fixture)).resolves.toBe(1_000n - fee)
    })

    test('what nobody decides expires', async () => {
      const fixture = await begin()
      const { payer, payee, terms, promise, promisedAt, status, moveTo } = fixture
      await payee.rail.payee.accept({ ...terms, promise })
      await moveTo(promisedAt + fixture.expiresAfter)
      await expect(status()).resolves.toBe('expired')
      const refusal = { name: 'PaymentNotPayableError', status: 'expired' }
      await expect(payer.rail.payer.pay(promise)).rejects.toMatchObject(refusal)
      await expect(payee.rail.payee.collect(promise)).rejects.toMatchObject(refusal)
    })
  })
}
