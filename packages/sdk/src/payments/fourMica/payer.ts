import { type Hash, numberToHex, zeroAddress } from 'viem'
import { getBlock, readContract } from 'viem/actions'
import { core4MicaAbi } from '../../abis/fourMica.ts'
import { sleep } from '../../actions/internal/sleep.ts'
import {
  FourMicaFailedError,
  InsufficientCollateralError,
  PaymentExpiredError,
  PaymentNotDueError,
  PaymentNotPayableError,
  PaymentTooLateError,
  PaymentUnrecordedError,
  TabUnresolvedError,
} from '../../errors/payments.ts'
import { receiptTag } from '../../utils/validationRequest.ts'
import { assertAmount, assertSame, parseMessage, parseStored, toAsset } from '../messages.ts'
import type { Payer, PaymentFunds, PaymentTerms } from '../types.ts'
import type { Context } from './context.ts'
import { hashSubject, hashValidationRequest } from './guarantee.ts'
import {
  type GuaranteePromise,
  identifyJob,
  offerSchema,
  promiseSchema,
  tabKey,
  tabPrefix,
  toClaims,
  toMessage,
} from './messages.ts'
import { readPayments, readStanding, readTime } from './standing.ts'
import { guaranteeListSchema } from './wire.ts'

/** The side that signs guarantees and pays tabs. */
export function createPayer(context: Context): Payer {
  const { config, store, journal, service, exclusively, getConnection, readTab } = context
  const { client, deployment, core, recordTimeout = 60_000 } = config
  const account = client.account.address

  /** All that this side signed on a tab, in order. */
  async function readSigned(tabId: bigint): Promise<GuaranteePromise[]> {
    const keys = await store.keys(tabPrefix('signed', tabId))
    return Promise.all(keys.map(async (key) => parseStored(promiseSchema, (await store.get(key)) ?? '', key)))
  }

  /** One claim settles all of a tab: nothing else on it may be open. */
  async function assertResolved(tabId: bigint, signed: readonly GuaranteePromise[]): Promise<void> {
    const connection = await getConnection()
    for (const earlier of signed) {
      const status = await readStanding(config, connection, {
        claims: toClaims(earlier, { deployment, registry: connection.registry }),
        totalAmount: earlier.totalAmount,
      })
      if (status !== 'paid' && status !== 'payable')
        throw new TabUnresolvedError({ tabId, jobId: earlier.jobId, status })
    }
    const issued = await service.ask(connection.client, 'reading the guarantees of the tab', guaranteeListSchema, () =>
      connection.client.rpc.getTabGuarantees(tabId),
    )
    const unknown = issued.find(({ req_id }) => !signed.some(({ reqId }) => reqId === req_id))
    if (unknown) throw new TabUnresolvedError({ tabId, jobId: undefined, status: 'not of this store' })
  }

  async function sign({ offer, job, amount, ...terms }: Parameters<Payer['promise']>[0]): Promise<GuaranteePromise> {
    assertAmount(amount)
    const asset = toAsset(terms)
    const { jobId, agentId, minScore } = identifyJob(deployment, job)
    const parsed = parseMessage(offerSchema, offer)
    assertSame('contract', core.contract, parsed.contract)
    assertSame('payer', account, parsed.payer)
    assertSame('payee', job.payee, parsed.payee)
    assertSame('asset', asset, parsed.asset)

    const connection = await getConnection()
    const key = `promise/${jobId}`
    const earlier = await store.get(key)
    if (earlier !== undefined) {
      const promise = parseStored(promiseSchema, earlier, key)
      assertSame('amount', promise.amount, amount)
      assertSame('asset', promise.asset, asset)
      const claims = toClaims(promise, { deployment, registry: connection.registry })
      const status = await readStanding(config, connection, { claims, totalAmount: promise.totalAmount })
      // What has expired can never be claimed: only then another promise is safe.
      if (status !== 'expired') return promise
    }

    const { tabId, reqId } = parsed
    const tab = await readTab(tabId)
    assertSame('payer of the tab', account, tab.user_address)
    assertSame('payee of the tab', job.payee, tab.recipient_address)
    assertSame('asset of the tab', asset, tab.asset_address)
    const [{ timestamp: latest }, now] = await Promise.all([getBlock(client), readTime(config)])
    const endsAt = tab.start_timestamp + tab.ttl_seconds
    const timestamp = Math.max(Number(latest), tab.start_timestamp)
    if (tab.status === 'CLOSED' || timestamp > endsAt)
      throw new PaymentExpiredError({ what: 'the tab', expiredAt: endsAt })
    assertSame('start of the tab', 'in the past', timestamp <= now ? 'in the past' : 'in the future')

    const signed = await readSigned(tabId)
    await assertResolved(tabId, signed)
    if (signed.some((each) => each.reqId === reqId)) assertSame('request id', 'one that was not signed before', reqId)
    const { deposited, withdrawing } = await getFunds({ asset })
    if (amount > deposited - withdrawing)
      throw new InsufficientCollateralError({ required: amount, available: deposited - withdrawing })

    const unsigned = {
      ...{ rail: parsed.rail, contract: parsed.contract, payer: parsed.payer, payee: parsed.payee },
      ...{ asset: parsed.asset, tabId, reqId, jobId, amount, timestamp, minScore, agentId },
      totalAmount: signed.reduce((sum, each) => sum + each.amount, amount),
    }
    const claims = toClaims(unsigned, { deployment, registry: connection.registry })
    const { signature } = await connection.client.user
      .signPayment(
        new connection.sdk.PaymentGuaranteeRequestClaimsV2({
          userAddress: claims.payer,
          recipientAddress: claims.payee,
          tabId,
          reqId,
          amount,
          timestamp,
          assetAddress: claims.asset,
          validationRegistryAddress: claims.registry,
          validationRequestHash: hashValidationRequest(claims),
          validationChainId: claims.chainId,
          validatorAddress: claims.validator,
          validatorAgentId: agentId,
          minValidationScore: minScore,
          validationSubjectHash: hashSubject(claims),
          jobHash: jobId,
          requiredValidationTag: receiptTag,
        }),
      )
      .catch((cause: unknown) => {
        throw new FourMicaFailedError({ action: 'signing the guarantee', cause })
      })
    const message = toMessage({ ...unsigned, signature: `0x${signature.slice(2)}` })
    // On record before anybody else has it.
    const text = JSON.stringify(message)
    await store.write({ [key]: text, [tabKey('signed', unsigned)]: text })
    return parseMessage(promiseSchema, message)
  }

  /** Pays one guarantee of a tab, all before it being paid. */
  async function payOne(promise: GuaranteePromise): Promise<Hash | undefined> {
    const { jobId, tabId, reqId, amount, payee, asset, timestamp, totalAmount } = promise
    const connection = await getConnection()
    const name = `pay/${jobId}`
    const claims = toClaims(promise, { deployment, registry: connection.registry })
    const status = await readStanding(config, connection, { claims, totalAmount })
    if (status === 'paid') return journal.find(name)
    const token = asset === zeroAddress ? undefined : asset
    const { transactionHash } = await journal.sendOnce(name, 'paying the tab', {
      // Only what is not under way already can be refused.
      async prepare() {
        if (status !== 'payable') throw new PaymentNotPayableError({ jobId, status })
        const closedAt = timestamp + connection.remunerationGracePeriod - connection.synchronizationDelay
        if ((await readTime(config)) >= closedAt) throw new PaymentTooLateError({ closedAt })
        if (token) await connection.client.user.approveErc20(token, amount, journal.waiting)
      },
      send: () =>
        connection.client.user.payTab(toIdText(tabId), toIdText(reqId), amount, payee, token, journal.waiting),
    })
    await waitForRecord({ tabId, totalAmount, transactionHash })
    return transactionHash
  }

  /** The core writes down what it sees on the chain; until then the payee could claim the same amount. */
  async function waitForRecord(parameters: { tabId: bigint; totalAmount: bigint; transactionHash: Hash }) {
    const { tabId, totalAmount, transactionHash } = parameters
    const interval = Math.max(1, client.pollingInterval)
    for (let waited = 0; ; waited += interval) {
      const { paid, isRemunerated } = await readPayments(config, tabId)
      if (paid >= totalAmount || isRemunerated) return
      if (waited >= recordTimeout) throw new PaymentUnrecordedError({ transactionHash, timeout: recordTimeout })
      await sleep(interval, undefined)
    }
  }

  async function getFunds(parameters?: Pick<PaymentTerms, 'asset'>): Promise<PaymentFunds> {
    const contract = { address: core.contract, abi: core4MicaAbi } as const
    const [[deposited, requestedAt, withdrawing], delay] = await Promise.all([
      readContract(client, { ...contract, functionName: 'getUser', args: [account, toAsset(parameters)] }),
      readContract(client, { ...contract, functionName: 'withdrawalGracePeriod' }),
    ]).catch((cause: unknown) => {
      throw new FourMicaFailedError({ action: 'reading the collateral', cause })
    })
    return { deposited, withdrawing, availableAt: requestedAt === 0n ? undefined : Number(requestedAt + delay) }
  }

  const toToken = (parameters?: Pick<PaymentTerms, 'asset'>) => {
    const asset = toAsset(parameters)
    return asset === zeroAddress ? undefined : asset
  }

  return {
    async deposit({ amount, key, ...parameters }) {
      assertAmount(amount)
      const { client: fourMica } = await getConnection()
      const token = toToken(parameters)
      return journal.sendOnce(`deposit/${key}`, 'depositing', {
        async prepare() {
          if (token) await fourMica.user.approveErc20(token, amount, journal.waiting)
        },
        send: () => fourMica.user.deposit(amount, token, journal.waiting),
      })
    },
    getFunds,
    async requestWithdrawal({ amount, ...parameters }) {
      assertAmount(amount)
      const { client: fourMica } = await getConnection()
      const { deposited } = await getFunds(parameters)
      if (amount > deposited) throw new InsufficientCollateralError({ required: amount, available: deposited })
      return journal.send('requesting the withdrawal', () =>
        fourMica.user.requestWithdrawal(amount, toToken(parameters), journal.waiting),
      )
    },
    async completeWithdrawal(parameters) {
      const { client: fourMica } = await getConnection()
      const { availableAt } = await getFunds(parameters)
      if (availableAt !== undefined && (await readTime(config)) < availableAt)
        throw new PaymentNotDueError({ dueAt: availableAt })
      return journal.send('completing the withdrawal', () =>
        fourMica.user.finalizeWithdrawal(toToken(parameters), journal.waiting),
      )
    },
    promise: (parameters) => exclusively(async () => toMessage(await sign(parameters))),
    pay: (message) =>
      exclusively(async () => {
        const { tabId, reqId, jobId } = parseMessage(promiseSchema, message)
        const signed = await readSigned(tabId)
        const index = signed.findIndex((each) => each.reqId === reqId && each.jobId === jobId)
        if (index === -1) throw new TabUnresolvedError({ tabId, jobId, status: 'not of this store' })
        let transactionHash: Hash | undefined
        // In order, so that what is paid on the tab tells which of them are.
        for (const promise of signed.slice(0, index + 1)) transactionHash = await payOne(promise)
        return { status: 'paid', transactionHash }
      }),
  }
}

/**
 * The client writes numbers without 0x into the payment, where the core reads them as decimal or not at all; a text it
 * writes as it is.
 */
function toIdText(id: bigint): bigint {
  return numberToHex(id) as unknown as bigint
}
