import * as v from 'valibot'
import { encodeFunctionData, isAddressEqual, zeroAddress } from 'viem'
import { validationRegistryAbi } from '../../abis/erc8004.ts'
import { executeWrite } from '../../actions/internal/executeWrite.ts'
import { isProofOfInferenceError } from '../../errors/base.ts'
import {
  FourMicaAnswerInvalidError,
  FourMicaFailedError,
  PaymentExpiredError,
  PaymentNotDueError,
  PaymentNotPayableError,
  TabUnresolvedError,
  ValidationRequestTakenError,
} from '../../errors/payments.ts'
import { receiptTag } from '../../utils/validationRequest.ts'
import { assertAmount, assertSame, parseMessage, parseStored, toAsset } from '../messages.ts'
import type { Payee } from '../types.ts'
import type { Context } from './context.ts'
import {
  assertCertificate,
  type Certificate,
  type GuaranteeClaims,
  hashSubject,
  hashValidationRequest,
} from './guarantee.ts'
import {
  type GuaranteePromise,
  identifyJob,
  promiseSchema,
  railName,
  tabKey,
  tabPrefix,
  toClaims,
  toMessage,
} from './messages.ts'
import { readStanding, readTime, readValidation } from './standing.ts'
import { certificateSchema, createdTabSchema, guaranteeSchema } from './wire.ts'

const acceptedSchema = v.strictObject({ promise: promiseSchema, certificate: certificateSchema })

/** Gas to allow beyond the estimate: the registry writes the time, which can change what the next block costs. */
const filingHeadroom = 50_000n

/** The side that opens tabs, has guarantees issued, and claims them. */
export function createPayee(context: Context): Payee {
  const { config, store, journal, service, exclusively, getConnection } = context
  const { client, deployment, core } = config
  const account = client.account.address

  const readAccepted = async (tabId: bigint) => {
    const keys = await store.keys(tabPrefix('accepted', tabId))
    return Promise.all(keys.map(async (key) => parseStored(acceptedSchema, (await store.get(key)) ?? '', key)))
  }

  /** Has the guarantee issued, or finds that it was. */
  async function obtain(promise: GuaranteePromise, claims: GuaranteeClaims): Promise<Certificate> {
    const { client: fourMica, sdk } = await getConnection()
    const request = new sdk.PaymentGuaranteeRequestClaimsV2({
      userAddress: claims.payer,
      recipientAddress: claims.payee,
      tabId: claims.tabId,
      reqId: claims.reqId,
      amount: claims.amount,
      timestamp: claims.timestamp,
      assetAddress: claims.asset,
      validationRegistryAddress: claims.registry,
      validationRequestHash: hashValidationRequest(claims),
      validationChainId: claims.chainId,
      validatorAddress: claims.validator,
      validatorAgentId: claims.agentId,
      minValidationScore: claims.minScore,
      validationSubjectHash: hashSubject(claims),
      jobHash: claims.jobId,
      requiredValidationTag: receiptTag,
    })
    try {
      return await service.ask(fourMica, 'issuing the guarantee', certificateSchema, () =>
        fourMica.recipient.issuePaymentGuarantee(request, promise.signature, sdk.SigningScheme.EIP712),
      )
    } catch (error) {
      // The answer to an earlier try may have been lost: then it is a duplicate.
      if (!isProofOfInferenceError(error)) throw error
      const issued = await service
        .ask(fourMica, 'reading the guarantee', guaranteeSchema, () =>
          fourMica.rpc.getGuarantee(claims.tabId, claims.reqId),
        )
        .catch(() => null)
      if (issued?.req_id !== claims.reqId) throw error
      return issued.certificate
    }
  }

  /** Files the validation request, unless it is; makes sure that it is ours. */
  async function file(claims: GuaranteeClaims): Promise<void> {
    const requestHash = hashValidationRequest(claims)
    const isFiled = async () => {
      const validation = await readValidation(config, claims)
      if (validation && !validation.isOurs) throw new ValidationRequestTakenError({ requestHash, ...validation })
      return validation !== undefined
    }
    if (await isFiled()) return
    try {
      await executeWrite(
        client,
        { deployment },
        {
          to: claims.registry,
          data: encodeFunctionData({
            abi: validationRegistryAbi,
            functionName: 'validationRequest',
            args: [claims.validator, claims.agentId, '', requestHash],
          }),
          gasHeadroom: filingHeadroom,
        },
      )
    } catch (cause) {
      // Somebody else may have been faster.
      if (await isFiled()) return
      throw new FourMicaFailedError({ action: 'filing the validation request', cause })
    }
    if (!(await isFiled()))
      throw new FourMicaFailedError({ action: 'filing the validation request', cause: new Error('It is not on file.') })
  }

  async function accept({ promise: message, job, amount, ...terms }: Parameters<Payee['accept']>[0]): Promise<void> {
    assertAmount(amount)
    const { jobId, agentId, minScore } = identifyJob(deployment, job)
    const promise = parseMessage(promiseSchema, message)
    assertSame('contract', core.contract, promise.contract)
    assertSame('payee', account, promise.payee)
    assertSame('payee of the job', account, job.payee)
    assertSame('job', jobId, promise.jobId)
    assertSame('agent', agentId, promise.agentId)
    assertSame('minimum score', minScore, promise.minScore)
    assertSame('amount', amount, promise.amount)
    assertSame('asset', toAsset(terms), promise.asset)

    const connection = await getConnection()
    const claims = toClaims(promise, { deployment, registry: connection.registry })
    const key = tabKey('accepted', promise)
    const earlier = await store.get(key)
    if (earlier === undefined) {
      // Enough time must be left to have the job verified and to claim.
      const expiredAt = promise.timestamp + Math.floor(connection.tabExpirationTime / 2)
      if ((await readTime(config)) > expiredAt) throw new PaymentExpiredError({ what: 'the promise', expiredAt })
      const previous = (await readAccepted(promise.tabId)).filter((each) => each.promise.reqId < promise.reqId)
      const owed = previous.reduce((sum, each) => sum + each.promise.amount, amount)
      if (promise.totalAmount < owed) assertSame('total of the tab', owed, promise.totalAmount)
      const certificate = await obtain(promise, claims)
      const { domain, key: verificationKey } = connection
      assertCertificate(certificate, { claims, totalAmount: promise.totalAmount, domain, key: verificationKey })
      await store.write({ [key]: JSON.stringify({ promise: toMessage(promise), certificate }) })
    } else {
      const accepted = toMessage(parseStored(acceptedSchema, earlier, key).promise)
      const given = toMessage(promise)
      for (const [field, value] of Object.entries(accepted))
        assertSame(`${field} of the accepted promise`, value, given[field] ?? 'none')
    }
    await file(claims)
  }

  async function collect(message: Parameters<Payee['collect']>[0]): ReturnType<Payee['collect']> {
    const { tabId, jobId, reqId } = parseMessage(promiseSchema, message)
    const connection = await getConnection()
    const accepted = await Promise.all(
      (await readAccepted(tabId)).map(async (each) => ({
        ...each,
        status: await readStanding(config, connection, {
          claims: toClaims(each.promise, { deployment, registry: connection.registry }),
          totalAmount: each.promise.totalAmount,
        }),
      })),
    )
    const wanted = accepted.find(({ promise }) => promise.reqId === reqId && promise.jobId === jobId)
    if (!wanted) throw new TabUnresolvedError({ tabId, jobId, status: 'not of this store' })
    if (wanted.status === 'paid') return { status: 'paid', transactionHash: undefined }
    if (wanted.status !== 'payable') throw new PaymentNotPayableError({ jobId, status: wanted.status })
    // A tab is claimed once: what comes later on it would be lost.
    const open = accepted.find(({ promise, status }) => promise.reqId > reqId && status === 'pending')
    if (open) throw new TabUnresolvedError({ tabId, jobId: open.promise.jobId, status: open.status })
    const last = accepted.findLast(({ status }) => status === 'payable') ?? wanted
    const dueAt = last.promise.timestamp + connection.remunerationGracePeriod
    if ((await readTime(config)) < dueAt) throw new PaymentNotDueError({ dueAt })
    const { transactionHash } = await journal.sendOnce(`collect/${tabId}`, 'claiming the guarantee', {
      send: () => connection.client.recipient.remunerate(last.certificate, journal.waiting),
    })
    return { status: 'paid', transactionHash }
  }

  return {
    async offer({ payer, ...terms }) {
      const asset = toAsset(terms)
      const { client: fourMica } = await getConnection()
      const action = 'opening a tab'
      const token = asset === zeroAddress ? null : asset
      const tab = await service.ask(fourMica, action, createdTabSchema, () =>
        fourMica.rpc.createPaymentTab({
          user_address: payer,
          recipient_address: account,
          erc20_token: token,
          ttl: config.tabTtl ?? null,
          guarantee_version: 2,
        }),
      )
      const isAsked =
        isAddressEqual(tab.user_address, payer) &&
        isAddressEqual(tab.recipient_address, account) &&
        isAddressEqual(tab.asset_address, asset)
      if (!isAsked)
        throw new FourMicaAnswerInvalidError({
          url: core.url,
          action,
          issues: ['the tab is for others, or another asset'],
        })
      return toMessage({
        rail: railName,
        contract: core.contract,
        payer: tab.user_address,
        payee: tab.recipient_address,
        asset: tab.asset_address,
        tabId: tab.id,
        reqId: tab.next_req_id,
      })
    },
    accept: (parameters) => exclusively(() => accept(parameters)),
    collect: (promise) => exclusively(() => collect(promise)),
  }
}
