import {
  Client,
  ConfigBuilder,
  computeValidationRequestHash,
  computeValidationSubjectHash,
  PaymentGuaranteeRequestClaims,
  PaymentGuaranteeRequestClaimsV2,
} from '@4mica/sdk'
import { type PrivateKeyAccount, parseAbi, parseEther, zeroAddress } from 'viem'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createDevnet, type Devnet } from '../createDevnet.ts'
import { devnetValidationRegistry } from '../generated/artifacts.ts'
import type { DevnetFourMica } from './startFourMica.ts'

// The unmodified client of 4Mica against the devnet's core.

const tag = 'proof-of-inference'
let devnet: Devnet<DevnetFourMica>
let payer: Client
let payee: Client

const connect = (account: PrivateKeyAccount) =>
  Client.new(
    new ConfigBuilder()
      .rpcUrl(devnet.fourMica.url)
      .ethereumHttpRpcUrl(devnet.rpcUrl)
      .contractAddress(devnet.fourMica.contract)
      .signer(account)
      .build(),
  )
const quick = { pollingInterval: 10 }
/** The client's types ask for numbers, which it would write without 0x; it writes a text as it is. */
const hex = (value: bigint) => `0x${value.toString(16)}` as unknown as bigint

beforeAll(async () => {
  devnet = await createDevnet({ stakes: [], fourMica: { remunerationGracePeriod: 100 } })
  payer = await connect(devnet.accounts.requester)
  payee = await connect(devnet.accounts.agent)
  await devnet.client.writeContractSync({
    account: devnet.accounts.agent,
    address: devnet.deployment.identityRegistry,
    abi: parseAbi(['function register() returns (uint256 agentId)']),
    functionName: 'register',
    throwOnReceiptRevert: true,
  })
  await payer.user.deposit(parseEther('10'), undefined, quick)
})

afterAll(() => devnet?.stop())

async function openTab(version: 1 | 2, erc20Token?: string) {
  const { requester, agent } = devnet.accounts
  const tab = await payee.recipient.createTab(requester.address, agent.address, erc20Token, 3_000, version)
  const { startTimestamp } = (await payee.recipient.getTab(tab.tabId)) ?? { startTimestamp: Number.NaN }
  return { ...tab, startTimestamp }
}

async function issueV1(amount: bigint) {
  const { requester, agent } = devnet.accounts
  const { tabId, nextReqId, startTimestamp } = await openTab(1)
  const claims = PaymentGuaranteeRequestClaims.new(
    requester.address,
    agent.address,
    tabId,
    amount,
    startTimestamp,
    undefined,
    nextReqId,
  )
  const { signature, scheme } = await payer.user.signPayment(claims)
  const issue = () => payee.recipient.issuePaymentGuarantee(claims, signature, scheme)
  return { tabId, reqId: nextReqId, claims, issue }
}

describe('V1', () => {
  test('issues a guarantee, records the payment of its tab once, reuses the tab', async () => {
    const { tabId, reqId, issue } = await issueV1(parseEther('1'))
    const certificate = await issue()
    await expect(payee.recipient.verifyPaymentGuarantee(certificate)).resolves.toMatchObject({
      amount: parseEther('1'),
      totalAmount: parseEther('1'),
      version: 1,
    })
    await expect(issue()).rejects.toMatchObject({ status: 400, message: expect.stringContaining('duplicate') })
    const recovered = await payee.recipient.getGuarantee(tabId, reqId)
    expect(JSON.parse(recovered?.certificate ?? '')).toEqual(certificate)

    const before = await payee.recipient.getUserAssetBalance(devnet.accounts.requester.address, zeroAddress)
    expect(before).toMatchObject({ total: parseEther('10'), locked: parseEther('1') })
    await payer.user.payTab(hex(tabId), hex(reqId), parseEther('1'), devnet.accounts.agent.address, undefined, quick)
    await vi.waitUntil(async () => (await payer.user.getTabPaymentStatus(tabId)).paid === parseEther('1'), {
      timeout: 10_000,
    })
    await expect(payee.recipient.getTab(tabId)).resolves.toMatchObject({ settlementStatus: 'SETTLED' })
    await expect(payee.recipient.listRecipientPayments()).resolves.toHaveLength(1)
    await expect(payee.recipient.listSettledTabs()).resolves.toHaveLength(1)

    const next = await issueV1(parseEther('2'))
    expect(next).toMatchObject({ tabId, reqId: reqId + 1n })
    const { totalAmount } = await payee.recipient.verifyPaymentGuarantee(await next.issue())
    expect(totalAmount).toBe(parseEther('3'))
    await expect(payee.recipient.listPendingRemunerations()).resolves.toHaveLength(1)
  })

  test('does not record the ids that the client writes by default', async () => {
    const { tabId, reqId, issue } = await issueV1(1n)
    await issue()
    const { paid } = await payer.user.getTabPaymentStatus(tabId)
    await payer.user.payTab(tabId, reqId, 7n, devnet.accounts.agent.address, undefined, quick)
    // One that is recorded, later.
    await payer.user.payTab(hex(tabId), hex(reqId), 1n, devnet.accounts.agent.address, undefined, quick)
    await vi.waitUntil(async () => (await payer.user.getTabPaymentStatus(tabId)).paid > paid, { timeout: 10_000 })
    expect((await payer.user.getTabPaymentStatus(tabId)).paid).toBe(paid + 1n)
  })

  test('guarantees no more than the collateral that is free', async () => {
    const { issue } = await issueV1(parseEther('9'))
    await expect(issue()).rejects.toMatchObject({ status: 400, message: expect.stringContaining('collateral') })
  })
})

describe('V2', () => {
  async function claimV2(changes: Partial<PaymentGuaranteeRequestClaimsV2> = {}) {
    const { requester, agent } = devnet.accounts
    const { tabId, nextReqId, startTimestamp } = await openTab(2)
    const base = {
      userAddress: requester.address,
      recipientAddress: agent.address,
      tabId,
      reqId: nextReqId,
      amount: parseEther('0.1'),
      timestamp: startTimestamp,
      assetAddress: zeroAddress,
    }
    const unbound = new PaymentGuaranteeRequestClaimsV2({
      ...base,
      validationRegistryAddress: devnet.deployment.validationRegistry,
      validationRequestHash: `0x${'00'.repeat(32)}`,
      validationChainId: devnet.chain.id,
      validatorAddress: devnet.accounts.deployer.address,
      validatorAgentId: 0n,
      minValidationScore: 90,
      validationSubjectHash: computeValidationSubjectHash(new PaymentGuaranteeRequestClaims(base)),
      jobHash: `0x${'11'.repeat(32)}`,
      requiredValidationTag: tag,
      ...changes,
    })
    return new PaymentGuaranteeRequestClaimsV2({
      ...unbound,
      validationRequestHash: changes.validationRequestHash ?? computeValidationRequestHash(unbound),
    })
  }
  const issue = async (claims: PaymentGuaranteeRequestClaimsV2) => {
    const { signature, scheme } = await payer.user.signPayment(claims)
    return payee.recipient.issuePaymentGuarantee(claims, signature, scheme)
  }

  test.each([
    ['no job', { jobHash: `0x${'00'.repeat(32)}` }, /job hash/],
    ['another chain', { validationChainId: 1 }, /chain/],
    ['another registry', { validationRegistryAddress: zeroAddress }, /untrusted/],
    ['a hash that is not canonical', { validationRequestHash: `0x${'22'.repeat(32)}` }, /canonical/],
    ['another recipient', { recipientAddress: zeroAddress }, /recipient/],
  ])('refuses %s', async (_, changes, reason) => {
    await expect(issue(await claimV2(changes))).rejects.toMatchObject({
      status: 400,
      message: expect.stringMatching(reason),
    })
  })

  test('remunerates once the validation is in the registry', async () => {
    const claims = await claimV2()
    const certificate = await issue(claims)
    await expect(payee.recipient.verifyPaymentGuarantee(certificate)).resolves.toMatchObject({ version: 2 })
    const registry = { address: devnet.deployment.validationRegistry, abi: devnetValidationRegistry.abi } as const
    const requestHash = computeValidationRequestHash(claims)
    await devnet.client.writeContractSync({
      ...registry,
      account: devnet.accounts.agent,
      functionName: 'validationRequest',
      args: [devnet.accounts.deployer.address, 0n, '', requestHash],
      throwOnReceiptRevert: true,
    })
    await devnet.client.increaseTime({ seconds: 200 })
    await devnet.mine()
    // The client does not look at the receipt.
    await expect(payee.recipient.remunerate(certificate, quick)).resolves.toMatchObject({ status: 'reverted' })
    await devnet.client.writeContractSync({
      ...registry,
      account: devnet.accounts.deployer,
      functionName: 'validationResponse',
      args: [requestHash, 95, '', `0x${'33'.repeat(32)}`, tag],
      throwOnReceiptRevert: true,
    })
    await expect(payee.recipient.remunerate(certificate, quick)).resolves.toMatchObject({ status: 'success' })
    await expect(payee.user.getTabPaymentStatus(claims.tabId)).resolves.toMatchObject({ remunerated: true })
    const next = await claimV2()
    expect(next.tabId).not.toBe(claims.tabId)
  })
})

test('needs a token for all but the public part', async () => {
  const answer = await fetch(`${devnet.fourMica.url}/core/tabs/0x1`)
  expect(answer.status).toBe(401)
  await expect(answer.json()).resolves.toHaveProperty('error')
  const stranger = await connect(devnet.accounts.deployer)
  await expect(
    stranger.recipient.createTab(devnet.accounts.requester.address, devnet.accounts.agent.address, null),
  ).rejects.toMatchObject({ status: 403 })
})
