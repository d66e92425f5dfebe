import { createDevnet, type Devnet, type DevnetFourMica } from '@proof-of-inference/devnet'
import {
  getReceiptBinding,
  memoryPaymentStore,
  type PaymentMessage,
  type PaymentRail,
  type PaymentStore,
} from '@proof-of-inference/sdk/payments'
import { decodeAbiParameters, encodeAbiParameters, type Hex, parseAbiParameters, zeroAddress } from 'viem'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { change, startLyingCore } from './lyingCore.ts'
import { createPaymentStage, type Stage } from './paymentStage.ts'

// Each way in which the rail can fail ends in a typed error or the right refusal, with no money lost.

const delays = { remunerationGracePeriod: 1_000, tabExpirationTime: 3_600, synchronizationDelay: 60 }
const amount = 100n
let devnet: Devnet<DevnetFourMica>
let stage: Stage
let core: Awaited<ReturnType<typeof startLyingCore>>

beforeAll(async () => {
  devnet = await createDevnet({ fourMica: delays })
  stage = await createPaymentStage(devnet)
  core = await startLyingCore(devnet.fourMica.url)
})

afterAll(async () => {
  await core?.stop()
  await devnet?.stop()
})

type Parties = Awaited<ReturnType<typeof createParties>>

async function createParties() {
  const payer = await stage.createAccount()
  const agent = await stage.createAgent()
  const { contract, codeHash } = devnet.fourMica
  const through = { core: { url: core.url, contract, codeHash }, timeout: 2_000 }
  const payerStore = memoryPaymentStore()
  const payerRail = stage.createFourMica(payer, { ...through, store: payerStore })
  const payeeRail = stage.createFourMica(agent.wallet, through)
  await payerRail.payer.deposit({ amount: 500n, key: 'first', asset: devnet.token })
  return { payer, agent, payerRail, payeeRail, payerStore, through }
}

/** A promise that the payee has not seen yet. */
async function promise({ payer, agent, payerRail, payeeRail }: Parties, asset = devnet.token) {
  const job = stage.createJob(agent)
  const offer = await payeeRail.payee.offer({ payer: payer.account.address, asset })
  const terms = { job, amount, asset }
  return { terms, offer, promise: await payerRail.payer.promise({ ...terms, offer }) }
}

async function sell(parties: Parties) {
  const sale = await promise(parties)
  await parties.payeeRail.payee.accept({ ...sale.terms, promise: sale.promise })
  return sale.promise
}

const named = (name: string, facts: object = {}) => expect.objectContaining({ name, ...facts })
const getPaid = ({ agent }: Parties) => stage.getTokens(agent.wallet.account.address)
const getCollateral = async ({ payerRail }: Parties) =>
  (await payerRail.payer.getFunds({ asset: devnet.token })).deposited
const timestampOf = (message: PaymentMessage) => Number(message.timestamp)

let parties: Parties
beforeEach(async () => {
  parties = await createParties()
})
afterEach(() => core.tell())

describe('the core service', () => {
  test('is down', async () => {
    const url = 'http://127.0.0.1:9'
    const rail = stage.createFourMica(parties.payer, { core: { ...devnet.fourMica, url } })
    const error = await rail.payer.deposit({ amount: 1n, key: 'a' }).catch((each: unknown) => each)
    expect(error).toEqual(named('FourMicaUnavailableError', { url }))
    expect(error).toHaveProperty('cause')
  })

  test('is slow', async () => {
    core.tell((path) => (path === '/core/public-params' ? new Promise(() => {}) : undefined))
    const rail = stage.createFourMica(parties.payer, { ...parties.through, timeout: 50 })
    await expect(rail.payer.deposit({ amount: 1n, key: 'a' })).rejects.toEqual(named('FourMicaUnavailableError'))
  })

  test('fails', async () => {
    core.tell(() => Promise.resolve(new Response('{"error":"broken"}', { status: 503 })))
    const rail = stage.createFourMica(parties.payer, parties.through)
    await expect(rail.payer.deposit({ amount: 1n, key: 'a' })).rejects.toEqual(named('FourMicaUnavailableError'))
  })

  test.each([
    ['contract address', { contract_address: zeroAddress }],
    ['contract address', { contract_address: null }],
    ['chain id', { chain_id: 1 }],
    ['public key', { public_key: Array.from({ length: 48 }, () => 1) }],
    ['EIP-712 version', { eip712_version: '2' }],
    ['trusted validation registry', { trusted_validation_registries: [] }],
    ['hash of validation requests', { validation_hash_canonicalization_version: null }],
  ])('lies about the %s: %o', async (fact, lie) => {
    core.tell(change(/public-params/, (json) => ({ ...json, ...lie })))
    const rail = stage.createFourMica(parties.payer, parties.through)
    const error = await rail.payer.deposit({ amount: 1n, key: 'a' }).catch((each: unknown) => each)
    // The client itself notices another chain.
    if (fact === 'chain id') expect(error).toEqual(named('FourMicaFailedError'))
    else expect(error).toEqual(named('FourMicaMismatchError', { fact }))
  })

  test('has no contract', async () => {
    const { url, codeHash } = devnet.fourMica
    const contract = parties.payer.account.address
    const rail = stage.createFourMica(parties.payer, { core: { url, contract, codeHash } })
    await expect(rail.payer.deposit({ amount: 1n, key: 'a' })).rejects.toEqual(
      named('ContractCodeMissingError', { contract: 'core4Mica', address: contract }),
    )
  })

  test('has a contract of other code', async () => {
    const { url, contract } = devnet.fourMica
    const rail = stage.createFourMica(parties.payer, { core: { url, contract, codeHash: `0x${'00'.repeat(32)}` } })
    await expect(rail.payer.deposit({ amount: 1n, key: 'a' })).rejects.toEqual(
      named('FourMicaMismatchError', { fact: 'contract code' }),
    )
  })

  test.each([
    ['nothing', () => ({})],
    ['no id', ({ id: _, ...rest }: Record<string, unknown>) => rest],
    ['an empty id', (json: Record<string, unknown>) => ({ ...json, id: '' })],
    ['no request id', ({ next_req_id: _, ...rest }: Record<string, unknown>) => rest],
    ['a tab of somebody else', (json: Record<string, unknown>) => ({ ...json, user_address: devnet.token })],
    ['a tab of the first version', (json: Record<string, unknown>) => ({ ...json, guarantee_version: 1 })],
  ])('opens a tab with %s', async (_, edit) => {
    core.tell(change(/payment-tabs/, edit))
    await expect(
      parties.payeeRail.payee.offer({ payer: parties.payer.account.address, asset: devnet.token }),
    ).rejects.toEqual(named('FourMicaAnswerInvalidError'))
  })

  test('has forgotten the session', async () => {
    await parties.payeeRail.payee.offer({ payer: parties.payer.account.address, asset: devnet.token })
    let isRevoked = true
    core.tell((path) => {
      if (path.startsWith('/auth') || !isRevoked) return undefined
      isRevoked = false
      return Promise.resolve(Response.json({ error: 'unknown token' }, { status: 401 }))
    })
    await parties.payeeRail.payee.offer({ payer: parties.payer.account.address, asset: devnet.token })
    expect(isRevoked).toBe(false)
  })
})

describe('the certificate', () => {
  const envelope = parseAbiParameters('uint64 version, bytes data')

  /** The certificate with one byte of its data changed, counted in words. */
  const changeWord = (word: number) => (json: Record<string, unknown>) => {
    const [version, data] = decodeAbiParameters(envelope, `0x${json.claims}`)
    const at = 2 + (word + 1) * 64 - 1
    const digit = (Number.parseInt(data.charAt(at), 16) ^ 1).toString(16)
    const changed: Hex = `0x${data.slice(2, at)}${digit}${data.slice(at + 1)}`
    return { ...json, claims: encodeAbiParameters(envelope, [version, changed]).slice(2) }
  }

  // Word 0 is the offset of the tuple.
  test.each([
    ['domain', 1],
    ['tabId', 2],
    ['reqId', 3],
    ['payer', 4],
    ['payee', 5],
    ['amount', 6],
    ['totalAmount', 7],
    ['asset', 8],
    ['timestamp', 9],
    ['registry', 11],
    ['requestHash', 12],
    ['chainId', 13],
    ['validator', 14],
    ['agentId', 15],
    ['minScore', 16],
    ['subjectHash', 17],
    ['jobId', 18],
  ])('is for another %s', async (field, word) => {
    const sale = await promise(parties)
    core.tell(change(/core\/guarantees$/, changeWord(word)))
    await expect(parties.payeeRail.payee.accept({ ...sale.terms, promise: sale.promise })).rejects.toEqual(
      named('GuaranteeInvalidError', { field }),
    )
    // The true one is there all the same.
    core.tell()
    await parties.payeeRail.payee.accept({ ...sale.terms, promise: sale.promise })
    await expect(parties.payeeRail.status(sale.promise)).resolves.toBe('pending')
  })

  test('has the signature of another one', async () => {
    const other = await createParties()
    let signature: unknown
    core.tell(
      change(/core\/guarantees$/, (json) => {
        signature = json.signature
        return json
      }),
    )
    await sell(other)
    const sale = await promise(parties)
    core.tell(change(/core\/guarantees$/, (json) => ({ ...json, signature })))
    await expect(parties.payeeRail.payee.accept({ ...sale.terms, promise: sale.promise })).rejects.toEqual(
      named('GuaranteeInvalidError', { field: 'signature' }),
    )
  })

  test('has a signature that is no point', async () => {
    const sale = await promise(parties)
    core.tell(change(/core\/guarantees$/, (json) => ({ ...json, signature: '11'.repeat(96) })))
    await expect(parties.payeeRail.payee.accept({ ...sale.terms, promise: sale.promise })).rejects.toEqual(
      named('GuaranteeInvalidError', { field: 'signature' }),
    )
  })

  test('is lost on the way, or empty, and found again', async () => {
    for (const answer of [() => Response.json({ error: 'gone' }, { status: 502 }), () => Response.json({})]) {
      const each = await createParties()
      const sale = await promise(each)
      core.tell((path, forward) => (path === '/core/guarantees' ? forward().then(answer) : undefined))
      await each.payeeRail.payee.accept({ ...sale.terms, promise: sale.promise })
    }
  })

  test('is not issued while the service is away', async () => {
    const sale = await promise(parties)
    core.tell(() => Promise.resolve(Response.json({ error: 'away' }, { status: 502 })))
    const accept = () => parties.payeeRail.payee.accept({ ...sale.terms, promise: sale.promise })
    await expect(accept()).rejects.toEqual(named('FourMicaUnavailableError'))
    core.tell()
    await accept()
  })
})

describe('a promise', () => {
  test('is not signed beyond the collateral', async () => {
    const { payer, agent, payerRail, payeeRail } = parties
    const offer = await payeeRail.payee.offer({ payer: payer.account.address, asset: devnet.token })
    const terms = { job: stage.createJob(agent), asset: devnet.token, offer }
    await expect(payerRail.payer.promise({ ...terms, amount: 501n })).rejects.toEqual(
      named('InsufficientCollateralError', { required: 501n, available: 500n }),
    )
    await payerRail.payer.requestWithdrawal({ amount: 450n, asset: devnet.token })
    await expect(payerRail.payer.promise({ ...terms, amount })).rejects.toEqual(named('InsufficientCollateralError'))
  })

  test('that exceeds what others have left of the collateral is refused', async () => {
    const other = { ...parties, agent: await stage.createAgent() }
    other.payeeRail = stage.createFourMica(other.agent.wallet, parties.through)
    const big = async (each: Parties) => {
      const offer = await each.payeeRail.payee.offer({ payer: each.payer.account.address, asset: devnet.token })
      const terms = { job: stage.createJob(each.agent), amount: 300n, asset: devnet.token }
      return { ...terms, promise: await each.payerRail.payer.promise({ ...terms, offer }) }
    }
    await parties.payeeRail.payee.accept(await big(parties))
    const second = await big(other)
    await expect(other.payeeRail.payee.accept(second)).rejects.toEqual(named('FourMicaRefusedError', { status: 400 }))
    await parties.payerRail.payer.deposit({ amount: 200n, key: 'more', asset: devnet.token })
    await other.payeeRail.payee.accept(second)
  })

  test('waits until what is earlier on the tab is verified or paid', async () => {
    const { payerRail, payeeRail } = parties
    const first = await sell(parties)
    await expect(promise(parties)).rejects.toEqual(named('TabUnresolvedError', { status: 'pending' }))
    await stage.respond(first, 99)
    const second = await sell(parties)
    expect(second).toMatchObject({ tabId: first.tabId, totalAmount: '200' })
    await stage.moveTo(timestampOf(second) + delays.remunerationGracePeriod)
    // A claim of the first would lose the second.
    await expect(payeeRail.payee.collect(first)).rejects.toEqual(named('TabUnresolvedError'))
    await stage.respond(second, 99)
    await payeeRail.payee.collect(first)
    await payeeRail.payee.collect(second)
    await expect(getPaid(parties)).resolves.toBe(1_200n)
    await expect(getCollateral(parties)).resolves.toBe(300n)
    const third = await sell(parties)
    expect(third.tabId).not.toBe(first.tabId)
    await expect(payerRail.status(third)).resolves.toBe('pending')
  })

  test('is not signed on the tab of a rejected one', async () => {
    const first = await sell(parties)
    await stage.respond(first, 0)
    await expect(promise(parties)).rejects.toEqual(named('TabUnresolvedError', { status: 'rejected' }))
  })

  test('is not signed by a store that forgot the tab', async () => {
    await stage.respond(await sell(parties), 99)
    const payerRail = stage.createFourMica(parties.payer, parties.through)
    await expect(promise({ ...parties, payerRail })).rejects.toEqual(named('TabUnresolvedError', { jobId: undefined }))
  })

  test('pays several on a tab in order, each once', async () => {
    const { payerRail } = parties
    const first = await sell(parties)
    await stage.respond(first, 99)
    const second = await sell(parties)
    await stage.respond(second, 99)
    await payerRail.payer.pay(second)
    await payerRail.payer.pay(first)
    await expect(getPaid(parties)).resolves.toBe(1_200n)
    await expect(promise(parties)).resolves.toMatchObject({ promise: { tabId: first.tabId, totalAmount: '300' } })
  })

  test('is not signed on a tab that has ended', async () => {
    const { payer, agent, payerRail, payeeRail } = parties
    const offer = await payeeRail.payee.offer({ payer: payer.account.address, asset: devnet.token })
    await stage.moveTo((await stage.readTime()) + delays.tabExpirationTime + 1)
    const terms = { job: stage.createJob(agent), amount, asset: devnet.token }
    await expect(payerRail.payer.promise({ ...terms, offer })).rejects.toEqual(named('PaymentExpiredError'))
  })

  test('is not accepted when little time is left', async () => {
    const sale = await promise(parties)
    await stage.moveTo(timestampOf(sale.promise) + delays.tabExpirationTime / 2 + 1)
    await expect(parties.payeeRail.payee.accept({ ...sale.terms, promise: sale.promise })).rejects.toEqual(
      named('PaymentExpiredError'),
    )
  })

  test('with a changed amount, score or signature is refused', async () => {
    const { terms, promise: message } = await promise(parties)
    const accept = (changes: object) =>
      parties.payeeRail.payee.accept({ ...terms, promise: { ...message, ...changes } })
    await expect(accept({ minScore: 91 })).rejects.toEqual(named('PaymentMismatchError', { field: 'minimum score' }))
    await expect(accept({ amount: '99' })).rejects.toEqual(named('PaymentMismatchError', { field: 'amount' }))
    await expect(accept({ signature: `0x${'22'.repeat(65)}` })).rejects.toEqual(
      named('FourMicaRefusedError', { status: 400 }),
    )
    await expect(accept({ surprise: 1 })).rejects.toEqual(named('PaymentMismatchError'))
  })

  test.each([
    ['amount', { amount: '999', totalAmount: '999' }, 999n],
    ['payer', { payer: '0x000000000000000000000000000000000000dEaD' }, amount],
    ['signature', { signature: `0x${'22'.repeat(65)}` }, amount],
  ])('that was accepted is not another one the second time: its %s', async (field, changes, changed) => {
    const { terms, promise: signed } = await promise(parties)
    const { accept } = parties.payeeRail.payee
    await accept({ ...terms, promise: signed })
    await accept({ ...terms, promise: signed })
    await expect(accept({ ...terms, amount: changed, promise: { ...signed, ...changes } })).rejects.toEqual(
      named('PaymentMismatchError', { field: `${field} of the accepted promise` }),
    )
  })

  test('whose validation request somebody else has filed is refused', async () => {
    const sale = await promise(parties)
    const { requestHash } = getReceiptBinding({ deployment: devnet.deployment, promise: sale.promise })
    await stage.squat(await stage.createAgent(), requestHash)
    await expect(parties.payeeRail.payee.accept({ ...sale.terms, promise: sale.promise })).rejects.toEqual(
      named('ValidationRequestTakenError', { requestHash }),
    )
  })
})

describe('the receipt', () => {
  test.each([
    ['a score below the minimum', 89, undefined],
    ['another tag', 99, 'another tag'],
  ])('has %s', async (_, response, tag) => {
    const { payerRail, payeeRail } = parties
    const message = await sell(parties)
    await stage.respond(message, response, tag)
    await stage.moveTo(timestampOf(message) + delays.remunerationGracePeriod)
    const refusal = named('PaymentNotPayableError', { status: 'rejected' })
    await expect(payeeRail.payee.collect(message)).rejects.toEqual(refusal)
    await expect(payerRail.payer.pay(message)).rejects.toEqual(refusal)
    await expect(getPaid(parties)).resolves.toBe(1_000n)
  })

  test('is withdrawn before the claim', async () => {
    const message = await sell(parties)
    await stage.respond(message, 99)
    await stage.respond(message, 0)
    await stage.moveTo(timestampOf(message) + delays.remunerationGracePeriod)
    await expect(parties.payeeRail.payee.collect(message)).rejects.toEqual(named('PaymentNotPayableError'))
  })

  test('is withdrawn after the payment, which stays', async () => {
    const message = await sell(parties)
    await stage.respond(message, 99)
    await parties.payerRail.payer.pay(message)
    await stage.respond(message, 0)
    await expect(parties.payerRail.status(message)).resolves.toBe('paid')
    await stage.moveTo(timestampOf(message) + delays.remunerationGracePeriod)
    await parties.payeeRail.payee.collect(message)
    await expect(getPaid(parties)).resolves.toBe(1_100n)
  })
})

describe('time', () => {
  test('a claim waits for the grace period; a payment comes before it', async () => {
    const { payerRail, payeeRail } = parties
    const message = await sell(parties)
    await stage.respond(message, 99)
    const dueAt = timestampOf(message) + delays.remunerationGracePeriod
    await expect(payeeRail.payee.collect(message)).rejects.toEqual(named('PaymentNotDueError', { dueAt }))
    const closedAt = dueAt - delays.synchronizationDelay
    await stage.moveTo(closedAt)
    await expect(payerRail.payer.pay(message)).rejects.toEqual(named('PaymentTooLateError', { closedAt }))
    await stage.moveTo(dueAt)
    await payeeRail.payee.collect(message)
    await expect(payerRail.payer.pay(message)).resolves.toEqual({ status: 'paid', transactionHash: undefined })
    await expect(getPaid(parties)).resolves.toBe(1_100n)
  })
})

describe('a crash', () => {
  /** A store that survives, of a process that dies right after it has written a certain entry. */
  const dying = (store: PaymentStore, entry: string): PaymentStore => ({
    ...store,
    async write(entries) {
      await store.write(entries)
      if (Object.keys(entries).some((key) => key.includes(entry))) throw new Error('The process died.')
    },
  })
  const restart = (store: PaymentStore): PaymentRail =>
    stage.createFourMica(parties.payer, { ...parties.through, store })

  test('after a deposit was signed makes one deposit', async () => {
    const store = memoryPaymentStore()
    const deposit = { amount: 200n, key: 'second', asset: devnet.token }
    await expect(restart(dying(store, 'transaction/deposit')).payer.deposit(deposit)).rejects.toEqual(
      named('FourMicaFailedError'),
    )
    await expect(getCollateral(parties)).resolves.toBe(500n)
    await restart(store).payer.deposit(deposit)
    await restart(store).payer.deposit(deposit)
    await expect(getCollateral(parties)).resolves.toBe(700n)
  })

  test('after a payment was signed pays once', async () => {
    const message = await sell(parties)
    await stage.respond(message, 99)
    await expect(restart(dying(parties.payerStore, 'transaction/pay')).payer.pay(message)).rejects.toEqual(
      named('FourMicaFailedError'),
    )
    await expect(getPaid(parties)).resolves.toBe(1_000n)
    // Also when meanwhile it is too late to begin.
    const rail = restart(parties.payerStore)
    const { transactionHash } = await rail.payer.pay(message)
    await expect(restart(parties.payerStore).payer.pay(message)).resolves.toEqual({ status: 'paid', transactionHash })
    await expect(getPaid(parties)).resolves.toBe(1_100n)
  })

  test('after a payment whose nonce went to another transaction pays once', async () => {
    const message = await sell(parties)
    await stage.respond(message, 99)
    await restart(dying(parties.payerStore, 'transaction/pay'))
      .payer.pay(message)
      .catch(() => {})
    const { payer } = parties
    await payer.sendTransactionSync({ to: payer.account.address })
    await restart(parties.payerStore).payer.pay(message)
    await expect(getPaid(parties)).resolves.toBe(1_100n)
  })

  test('after a promise was signed signs no other', async () => {
    const { payer, agent, payeeRail } = parties
    const store = memoryPaymentStore()
    const offer = await payeeRail.payee.offer({ payer: payer.account.address, asset: devnet.token })
    const terms = { job: stage.createJob(agent), amount, asset: devnet.token, offer }
    await expect(restart(dying(store, 'promise/')).payer.promise(terms)).rejects.toThrow('The process died.')
    const message = await restart(store).payer.promise(terms)
    await stage.moveTo((await stage.readTime()) + 10)
    await expect(restart(store).payer.promise(terms)).resolves.toEqual(message)
  })
})

test('ether is paid so that the core records it', async () => {
  const { payerRail, agent } = parties
  await payerRail.payer.deposit({ amount: 500n, key: 'ether' })
  const { terms, promise: message } = await promise(parties, zeroAddress)
  await parties.payeeRail.payee.accept({ ...terms, promise: message })
  await stage.respond(message, 99)
  const { address } = agent.wallet.account
  const before = await devnet.client.getBalance({ address })
  await payerRail.payer.pay(message)
  await payerRail.payer.pay(message)
  await expect(devnet.client.getBalance({ address })).resolves.toBe(before + amount)
  await expect(payerRail.status(message)).resolves.toBe('paid')
})

test('a deployment without a validation registry has no such rail', async () => {
  const rail = stage.createFourMica(parties.payer, {
    deployment: { ...devnet.deployment, validationRegistry: null },
  })
  await expect(rail.payer.deposit({ amount: 1n, key: 'a' })).rejects.toEqual(named('RegistryMissingError'))
})
