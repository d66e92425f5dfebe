import * as v from 'valibot'
import {
  type Address,
  bytesToBigInt,
  type Chain,
  type Client,
  type Hash,
  type LocalAccount,
  type Transport,
} from 'viem'
import { getBlock, getBlockNumber } from 'viem/actions'
import { completeDepositWithdrawal } from '../actions/avs/completeDepositWithdrawal.ts'
import { deposit } from '../actions/avs/deposit.ts'
import { getDeposit } from '../actions/avs/getDeposit.ts'
import { getDepositWithdrawal } from '../actions/avs/getDepositWithdrawal.ts'
import { getEarnings } from '../actions/avs/getEarnings.ts'
import { getJobState } from '../actions/avs/getJobState.ts'
import { getRequestState } from '../actions/avs/getRequestState.ts'
import { initiateDepositWithdrawal } from '../actions/avs/initiateDepositWithdrawal.ts'
import { requestInferenceVerification } from '../actions/avs/requestInferenceVerification.ts'
import { settleRequest } from '../actions/avs/settleRequest.ts'
import { withdrawEarnings } from '../actions/avs/withdrawEarnings.ts'
import { createVoterCache } from '../actions/internal/voterCache.ts'
import { getReferenceTimepoint } from '../actions/operatorSet/getReferenceTimepoint.ts'
import { getFee } from '../actions/registry/getFee.ts'
import { getModelVersion } from '../actions/registry/getModelVersion.ts'
import type { Deployment } from '../deployments/deployment.ts'
import { PaymentExpiredError, PaymentNotDueError, PaymentNotPayableError } from '../errors/payments.ts'
import { assertQuorumReachable } from '../requester/assertQuorumReachable.ts'
import { hashJob, hashRequest, type Job, type Request } from '../utils/typedData.ts'
import { createJournal } from './journal.ts'
import {
  addressSchema,
  amountSchema,
  assertAmount,
  assertSame,
  hashSchema,
  parseMessage,
  parseStored,
  toAsset,
  uintSchema,
} from './messages.ts'
import { createQueue, type PaymentStore, scopeStore } from './store.ts'
import type { PaymentMessage, PaymentRail, PaymentStatus } from './types.ts'

const railName = 'escrow'

/** What the escrow rail is made of. */
export type EscrowConfig = {
  /** Its account signs and sends: a local one, such as of `privateKeyToAccount`. */
  readonly client: Client<Transport, Chain | undefined, LocalAccount>
  readonly deployment: Deployment
  /** What was opened, accepted and sent. */
  readonly store: PaymentStore
  /**
   * Seconds from a promise to the deadline of its request. A payee accepts a promise only while half of them are left, so
   * that operators have the time. Default: 600.
   */
  readonly lifetime?: number | undefined
}

const offerSchema = v.strictObject({
  rail: v.literal(railName),
  avs: addressSchema,
  payer: addressSchema,
  payee: addressSchema,
  asset: addressSchema,
})

/** As it is kept: `read` looks into it. */
const messageSchema = v.objectWithRest({ rail: v.literal(railName) }, v.union([v.string(), v.number()]))

/** The request, and the job in it, so that either side can settle it. */
const promiseSchema = v.strictObject({
  rail: v.literal(railName),
  avs: addressSchema,
  jobId: hashSchema,
  requester: addressSchema,
  asset: addressSchema,
  reward: amountSchema,
  verificationFee: amountSchema,
  deadline: uintSchema,
  referenceTimepoint: uintSchema,
  commitWindow: uintSchema,
  nonce: amountSchema,
  modelVersionId: hashSchema,
  inputDigest: hashSchema,
  outputDigest: hashSchema,
  hasAgent: v.picklist([0, 1]),
  agentId: amountSchema,
  payee: addressSchema,
  quorumBps: uintSchema,
  minAttestations: uintSchema,
  minConfidence: uintSchema,
  salt: hashSchema,
})

function toMessage(avs: Address, request: Request, job: Job): PaymentMessage {
  const { payee, hasAgent, agentId, ...terms } = job
  return {
    rail: railName,
    avs,
    ...request,
    reward: String(request.reward),
    verificationFee: String(request.verificationFee),
    nonce: String(request.nonce),
    ...terms,
    payee,
    hasAgent: hasAgent ? 1 : 0,
    agentId: String(agentId),
  }
}

/**
 * Pays by the AVS's own escrow: the promise is an open request with the amount as its reward, paid from the payer's
 * deposit. The contract pays the payee when the job is verified, and the payer otherwise.
 *
 * `payer.promise` opens the request; operators must find the payloads by then. `payer.pay` settles it if need be;
 * `payee.collect` withdraws the payee's earnings, of this and other jobs alike.
 *
 * @example
 * const rail = escrow({ client, deployment, store })
 * await rail.payer.deposit({ amount: parseEther('1'), key: 'first' })
 * const promise = await rail.payer.promise({ offer, job, amount: parseEther('0.01'), consent })
 */
export function escrow(config: EscrowConfig): PaymentRail {
  const { client, deployment, lifetime = 600 } = config
  const account = client.account.address
  const store = scopeStore(config.store, `${railName}/${deployment.avs.toLowerCase()}/${account.toLowerCase()}/`)
  const journal = createJournal({ client, account: client.account, store, toError: (_, cause) => cause })
  const exclusively = createQueue()
  const readTime = async () => Number((await getBlock(client, { blockTag: 'pending' })).timestamp)

  function read(message: PaymentMessage) {
    const fields = parseMessage(promiseSchema, message)
    const { rail: _, avs, jobId, requester, asset, reward, verificationFee, deadline, ...rest } = fields
    const { referenceTimepoint, commitWindow, nonce, hasAgent, ...terms } = rest
    const request: Request = {
      jobId,
      requester,
      asset,
      reward,
      verificationFee,
      deadline,
      referenceTimepoint,
      commitWindow,
      nonce,
    }
    const job: Job = { ...terms, hasAgent: hasAgent === 1 }
    assertSame('AVS', deployment.avs, avs)
    assertSame('job', hashJob({ deployment, job }), jobId)
    return { request, job, jobId, requestId: hashRequest({ deployment, request }) }
  }

  /** How the request stands; a decided job decides it, also where nobody has settled it yet. */
  async function readStanding({ request, jobId, requestId }: ReturnType<typeof read>) {
    const [state, job, now] = await Promise.all([
      getRequestState(client, { deployment, requestId }),
      getJobState(client, { deployment, jobId }),
      readTime(),
    ])
    const isOpen = state.status === 'open'
    const decision = isOpen && job.status !== 'none' && job.decidedAt <= request.deadline ? job.status : 'none'
    const toStatus = (): PaymentStatus => {
      if (state.status === 'verified') return 'paid'
      if (state.status === 'rejected' || decision === 'rejected') return 'rejected'
      if (decision === 'verified') return 'payable'
      if (state.status === 'expired' || now > request.deadline) return 'expired'
      return 'pending'
    }
    return { status: toStatus(), isOpen, wasOpened: state.status !== 'none' }
  }

  async function createRequest(
    job: Job,
    jobId: Hash,
    terms: { amount: bigint; asset: Request['asset'] },
  ): Promise<Request> {
    const { modelId } = await getModelVersion(client, { deployment, modelVersionId: job.modelVersionId })
    const [{ minimumFee }, referenceTimepoint, now] = await Promise.all([
      getFee(client, { deployment, modelId, asset: terms.asset }),
      getReferenceTimepoint(client, { deployment }),
      readTime(),
    ])
    return {
      jobId,
      requester: account,
      asset: terms.asset,
      reward: terms.amount,
      verificationFee: minimumFee,
      deadline: now + lifetime,
      referenceTimepoint,
      commitWindow: 0,
      nonce: bytesToBigInt(crypto.getRandomValues(new Uint8Array(8))),
    }
  }

  async function promise(parameters: Parameters<PaymentRail['payer']['promise']>[0]): Promise<PaymentMessage> {
    const { offer, job, amount, consent } = parameters
    assertAmount(amount)
    const asset = toAsset(parameters)
    const offered = parseMessage(offerSchema, offer)
    assertSame('AVS', deployment.avs, offered.avs)
    assertSame('payer', account, offered.payer)
    assertSame('payee', job.payee, offered.payee)
    assertSame('asset', asset, offered.asset)
    const jobId = hashJob({ deployment, job })
    const key = `promise/${jobId}`
    const stored = await store.get(key)
    let message: PaymentMessage | undefined = stored === undefined ? undefined : parseStored(messageSchema, stored, key)
    if (message) {
      const earlier = read(message)
      assertSame('amount', earlier.request.reward, amount)
      assertSame('asset', earlier.request.asset, asset)
      const { wasOpened, status } = await readStanding(earlier)
      if (wasOpened && status !== 'expired') return message
      // One that was never opened is sent as it was, unless it is too late for it.
      if (wasOpened || (await readTime()) >= earlier.request.deadline) message = undefined
    }
    if (!message) {
      message = toMessage(deployment.avs, await createRequest(job, jobId, { amount, asset }), job)
      // On record before it is sent: a retry sends the very same request, which opens once.
      await store.write({ [key]: JSON.stringify(message) })
    }
    const { request } = read(message)
    await requestInferenceVerification(client, { deployment, request, job, fromDeposit: true, consent })
    return message
  }

  /** Makes sure that operators can decide a request before it expires: its terms are the payer's choice. */
  async function assertDecidable({ request, job }: ReturnType<typeof read>): Promise<void> {
    const { commitWindow, deadline, referenceTimepoint } = request
    assertSame('commit window', 0, commitWindow)
    const expiredAt = deadline - Math.floor(lifetime / 2)
    if ((await readTime()) > expiredAt) throw new PaymentExpiredError({ what: 'the promise', expiredAt })
    const blockNumber = await getBlockNumber(client, { cacheTime: 0 })
    const voters = createVoterCache()
    await assertQuorumReachable(client, { deployment, job, referenceTimepoint, blockNumber, voters })
  }

  /** Settles what is decided but open. */
  async function settle(message: PaymentMessage): Promise<Hash | undefined> {
    const promised = read(message)
    const { status } = await readStanding(promised)
    if (status === 'paid') return undefined
    if (status !== 'payable') throw new PaymentNotPayableError({ jobId: promised.jobId, status })
    const { transactionHash } = await settleRequest(client, {
      deployment,
      request: promised.request,
      job: promised.job,
    })
    return transactionHash
  }

  return {
    name: railName,
    payer: {
      async deposit({ amount, key, ...terms }) {
        assertAmount(amount)
        const signer = { account: journal.signer }
        return journal.sendOnce(`deposit/${key}`, 'depositing', {
          send: async () => ({
            ...(await deposit(client, { ...signer, deployment, asset: toAsset(terms), amount })),
            status: 'success',
          }),
        })
      },
      async getFunds(parameters) {
        const asset = toAsset(parameters)
        const [deposited, withdrawal] = await Promise.all([
          getDeposit(client, { deployment, account, asset }),
          getDepositWithdrawal(client, { deployment, account, asset }),
        ])
        if (!withdrawal) return { deposited, withdrawing: 0n, availableAt: undefined }
        return { deposited, withdrawing: withdrawal.amount, availableAt: Number(withdrawal.availableAt) }
      },
      requestWithdrawal: ({ amount, ...terms }) =>
        initiateDepositWithdrawal(client, { deployment, asset: toAsset(terms), amount }),
      async completeWithdrawal(parameters) {
        const asset = toAsset(parameters)
        const withdrawal = await getDepositWithdrawal(client, { deployment, account, asset })
        const dueAt = Number(withdrawal?.availableAt ?? 0n)
        if ((await readTime()) < dueAt) throw new PaymentNotDueError({ dueAt })
        return completeDepositWithdrawal(client, { deployment, asset })
      },
      promise: (parameters) => exclusively(() => promise(parameters)),
      pay: (message) => exclusively(async () => ({ status: 'paid', transactionHash: await settle(message) })),
    },
    payee: {
      async offer({ payer, ...terms }) {
        return { rail: railName, avs: deployment.avs, payer, payee: account, asset: toAsset(terms) }
      },
      async accept({ promise: message, job, amount, ...terms }) {
        assertAmount(amount)
        const promised = read(message)
        assertSame('job', hashJob({ deployment, job }), promised.jobId)
        assertSame('payee', account, job.payee)
        assertSame('amount', amount, promised.request.reward)
        assertSame('asset', toAsset(terms), promised.request.asset)
        const { status, wasOpened } = await readStanding(promised)
        if (!wasOpened) assertSame('request on chain', promised.requestId, 'none')
        if (status === 'expired')
          throw new PaymentExpiredError({ what: 'the request', expiredAt: promised.request.deadline })
        if (status === 'rejected') throw new PaymentNotPayableError({ jobId: promised.jobId, status })
        const key = `accepted/${promised.requestId}`
        if (status !== 'pending' || (await store.get(key)) !== undefined) return
        await assertDecidable(promised)
        await store.write({ [key]: JSON.stringify(message) })
      },
      collect: (message) =>
        exclusively(async () => {
          assertSame('payee', account, read(message).job.payee)
          const settled = await settle(message)
          const { asset } = read(message).request
          if ((await getEarnings(client, { deployment, account, asset })) === 0n)
            return { status: 'paid', transactionHash: settled }
          const { transactionHash } = await withdrawEarnings(client, { deployment, asset })
          return { status: 'paid', transactionHash }
        }),
    },
    status: async (message) => (await readStanding(read(message))).status,
  }
}
