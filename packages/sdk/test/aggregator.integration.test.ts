import { createDevnet, type Devnet } from '@proof-of-inference/devnet'
import { hashRequest, type Job, type Request } from '@proof-of-inference/sdk'
import type { HttpAggregator, RevealedVote, SignedCommitment, SignedRequest } from '@proof-of-inference/sdk/aggregator'
import { createWalletClient, custom, type Hex, http, keccak256, parseEther, zeroAddress } from 'viem'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { toJson } from '../src/aggregator/protocol.ts'
import { createMarket } from './market.ts'
import { createOperators } from './scriptedOperators.ts'

let devnet: Devnet
let market: Awaited<ReturnType<typeof createMarket>>
let operators: ReturnType<typeof createOperators>
let snapshot: Hex
beforeAll(async () => {
  devnet = await createDevnet()
  market = await createMarket(devnet)
  operators = createOperators(devnet, market.version.methodId)
  await market.requester.deposit({ asset: zeroAddress, amount: parseEther('10') })
})
afterAll(() => devnet?.stop())

beforeEach(async () => {
  snapshot = await devnet.snapshot()
})
afterEach(async () => {
  await operators.stop()
  await devnet.revert(snapshot)
})

const { signal } = new AbortController()
const native = zeroAddress

async function signRequest({ job: jobChanges, request: requestChanges }: Changes = {}): Promise<Signed> {
  const job = market.createJob(jobChanges)
  const request = await market.createRequest(job, { reward: 1_000n, ...requestChanges })
  const requesterSignature = await market.requester.signRequest({ request })
  return { request, job, requesterSignature, id: hashRequest({ deployment: market.deployment, request }) }
}
type Changes = { job?: Partial<Job>; request?: Partial<Request> }
type Signed = SignedRequest & { readonly id: Hex }

const settledOf = (api: HttpAggregator, id: Hex) =>
  vi.waitUntil(
    async () => {
      const progress = await api.getProgress(id)
      return progress.status === 'settled' && progress
    },
    { timeout: 10_000, interval: 20 },
  )

describe('signed requests', () => {
  test('are certified before the chain sees them, and settled after', async () => {
    const { api, aggregator } = await operators.start()
    for (const index of [0, 1]) operators.operate(api, index)
    const signed = await signRequest()
    await api.submitRequest(signed)
    await api.submitRequest(signed)

    const { votes, ...certificate } = await api.getCertificate(signed.id, { signal })
    expect(certificate).toMatchObject({ request: signed.request, job: signed.job })
    expect(votes).toHaveLength(2)
    const progress = await settledOf(api, signed.id)
    expect(progress).toMatchObject({ isOpen: false, outcome: 'verified' })
    expect(progress.commitments).toBe(2)
    const outcome = await market.requester.waitForOutcome({ requestId: signed.id })
    expect(outcome).toMatchObject({ status: 'verified', response: 99, transactionHash: progress.transactionHash })
    const payee = devnet.accounts.agent.address
    expect(await market.requester.getEarnings({ asset: native, account: payee })).toBe(1_000n)
    expect(aggregator.status()).toMatchObject({ isRunning: true, queued: 0, requests: { settled: 1 } })
  })

  test('a majority against the output rejects it', async () => {
    const { api } = await operators.start()
    const signed = await signRequest()
    await api.submitRequest(signed)
    await Promise.all([
      operators.takePart(api, signed.request, 0, { isValid: false }),
      operators.takePart(api, signed.request, 1, { isValid: false }),
      operators.takePart(api, signed.request, 2),
    ])
    const { votes } = await api.getCertificate(signed.id, { signal })
    expect(votes.map(({ attestation }) => attestation.isValid)).toEqual([false, false])
    expect(await settledOf(api, signed.id)).toMatchObject({ outcome: 'rejected' })
  })

  test('several are settled in one transaction', async () => {
    const { api } = await operators.start({ batchSize: 4, batchInterval: 60_000 })
    const all = [await signRequest(), await signRequest(), await signRequest(), await signRequest()]
    for (const signed of all) await api.submitRequest(signed)
    for (const { request } of all) await Promise.all([0, 1].map((index) => operators.takePart(api, request, index)))
    const progress = await Promise.all(all.map(({ id }) => settledOf(api, id)))
    expect(new Set(progress.map(({ transactionHash }) => transactionHash)).size).toBe(1)
  })

  test('a batch waits for others, unless a deadline is near; then they go along', async () => {
    const { api, aggregator } = await operators.start({ batchInterval: 60_000, deadlineMargin: 300 })
    const late = await signRequest()
    const soon = await signRequest({ request: { deadline: Math.floor(Date.now() / 1000) + 120 } })
    await api.submitRequest(late)
    await api.submitRequest(soon)
    await Promise.all([0, 1].map((index) => operators.takePart(api, late.request, index)))
    await api.getCertificate(late.id, { signal })
    expect(aggregator.status()).toMatchObject({ queued: 1, batches: 0 })
    await Promise.all([0, 1].map((index) => operators.takePart(api, soon.request, index)))
    const { transactionHash } = await settledOf(api, soon.id)
    expect(await settledOf(api, late.id)).toMatchObject({ transactionHash })
  })

  test('one that cannot be paid is left out of the batch and says why; the others are settled', async () => {
    const { api } = await operators.start({ batchSize: 3, batchInterval: 60_000 })
    const { agent } = market
    await agent.deposit({ asset: native, amount: 3_000n })
    const sign = async () => {
      const { id: _, ...signed } = await signRequest()
      const request = { ...signed.request, requester: agent.account.address, reward: 400n, verificationFee: 100n }
      const id = hashRequest({ deployment: market.deployment, request })
      return { ...signed, request, requesterSignature: await agent.signRequest({ request }), id }
    }
    const poor = [await sign(), await sign()]
    const rich = await signRequest()
    for (const signed of [...poor, rich]) await api.submitRequest(signed)
    // The deposit goes elsewhere, but for one of the two.
    const job = market.createJob()
    const spending = { requester: agent.account.address, reward: 2_400n, verificationFee: 100n }
    const request = await market.createRequest(job, spending)
    await agent.requestInferenceVerification({ request, job, fromDeposit: true })

    for (const each of [...poor, rich]) {
      await Promise.all([0, 1].map((index) => operators.takePart(api, each.request, index)))
    }
    const { transactionHash } = await settledOf(api, rich.id)
    const progress = await Promise.all(poor.map(({ id }) => api.getProgress(id)))
    expect(progress.find(({ status }) => status === 'settled')).toMatchObject({ transactionHash })
    expect(progress.find(({ status }) => status === 'certified')).toMatchObject({
      reason: { code: 'InsufficientDeposit' },
    })
    // It is tried again.
    await agent.deposit({ asset: native, amount: 500n })
    for (const { id } of poor) await settledOf(api, id)
  })

  test('count as settled after so many confirmations, and are settled again if the chain drops them', async () => {
    const { api, aggregator } = await operators.start({ confirmations: 3 })
    const signed = await signRequest()
    await api.submitRequest(signed)
    const isDecided = async () => {
      const { status } = await market.requester.getJobState({ jobId: signed.request.jobId })
      return status === 'verified'
    }
    const before = await devnet.snapshot()
    await Promise.all([0, 1].map((index) => operators.takePart(api, signed.request, index)))
    await vi.waitUntil(isDecided, { timeout: 10_000, interval: 20 })
    await devnet.mine()
    expect(await api.getProgress(signed.id)).toMatchObject({ status: 'certified' })

    // The chain goes on without the transaction.
    await devnet.revert(before)
    expect(await isDecided()).toBe(false)
    await devnet.mine(3)
    await vi.waitUntil(isDecided, { timeout: 10_000, interval: 20 })
    expect(await api.getProgress(signed.id)).toMatchObject({ status: 'certified' })
    await devnet.mine(2)
    expect(await settledOf(api, signed.id)).toMatchObject({ outcome: 'verified' })
    expect(aggregator.status()).toMatchObject({ batches: 0, transactions: 0 })
  })

  test('a batch that fails as a whole is split', async () => {
    const { api } = await operators.start({ batchSize: 4, batchInterval: 60_000 })
    const all = [await signRequest(), await signRequest(), await signRequest(), await signRequest()]
    for (const signed of all) await api.submitRequest(signed)
    // Room for one or two.
    await devnet.client.setBlockGasLimit({ gasLimit: 750_000n })
    try {
      for (const { request } of all) {
        await Promise.all([0, 1].map((index) => operators.takePart(api, request, index)))
      }
      const progress = await Promise.all(all.map(({ id }) => settledOf(api, id)))
      expect(new Set(progress.map(({ transactionHash }) => transactionHash)).size).toBeGreaterThan(1)
    } finally {
      await devnet.client.setBlockGasLimit({ gasLimit: 30_000_000n })
    }
  })

  test('settle by the decision of their job where another request was faster', async () => {
    const { api } = await operators.start()
    const signed = await signRequest()
    await api.submitRequest(signed)
    const opened = { job: signed.job, request: await market.createRequest(signed.job) }
    await market.requester.requestInferenceVerification(opened)
    await market.vote(opened, 0, { isValid: false })
    await market.vote(opened, 1, { isValid: false })
    await Promise.all([0, 1].map((index) => operators.takePart(api, signed.request, index)))
    expect(await settledOf(api, signed.id)).toMatchObject({ outcome: 'rejected' })
  })

  test('expire where no quorum comes', async () => {
    const { api } = await operators.start({ limits: { maxRequests: 1 } })
    const signed = await signRequest({ request: { deadline: Math.floor(Date.now() / 1000) + 60 } })
    await api.submitRequest(signed)
    const { commitment } = await operators.decide(signed.request, 2)
    await api.postCommitment(commitment, { signal })
    const other = await signRequest()
    await expect(api.submitRequest(other)).rejects.toMatchObject({ name: 'AggregatorUnavailableError' })
    vi.useFakeTimers({ toFake: ['Date'], now: (signed.request.deadline + 1) * 1000 })
    try {
      await expect(api.getCertificate(signed.id, { signal })).rejects.toMatchObject({
        code: 'RequestOver',
        status: 410,
      })
      const vote = await operators.decide(signed.request, 0)
      await expect(api.postCommitment(vote.commitment, { signal })).rejects.toMatchObject({
        code: 'RequestDeadlinePassed',
      })
    } finally {
      vi.useRealTimers()
    }
    // There is room again.
    await api.submitRequest(other)
    await expect(api.getProgress(signed.id)).rejects.toMatchObject({ code: 'RequestUnknown', status: 404 })
  })
})

describe('a node that fails', () => {
  /** A client whose node fails where it is told to: before or after it took the call. */
  function failing(fails: (method: string) => 'before' | 'after' | undefined) {
    const { request: send } = http(devnet.rpcUrl)({ chain: devnet.chain, retryCount: 0 })
    return createWalletClient({
      account: devnet.accounts.deployer,
      chain: devnet.chain,
      pollingInterval: 10,
      cacheTime: 0,
      transport: custom(
        {
          async request({ method, params }) {
            const when = fails(method)
            if (when === 'before') throw new Error('The node is down: https://node.test/secret')
            const answer = await send({ method, params })
            if (when === 'after') throw new Error('The node went down: https://node.test/secret')
            return answer
          },
        },
        { retryCount: 0 },
      ),
    })
  }

  test('after it took the transaction does not make it be settled twice', async () => {
    let sent = 0
    const client = failing((method) => (method === 'eth_sendRawTransaction' && ++sent === 1 ? 'after' : undefined))
    const { api } = await operators.start({ client })
    const signed = await signRequest()
    await api.submitRequest(signed)
    await Promise.all([0, 1].map((index) => operators.takePart(api, signed.request, index)))
    const progress = await settledOf(api, signed.id)
    expect(progress).toMatchObject({ outcome: 'verified' })
    expect(progress.transactionHash).toBeUndefined()
    expect(sent).toBe(1)
  })

  test('before it took the transaction is asked again', async () => {
    let sent = 0
    const client = failing((method) => (method === 'eth_sendRawTransaction' && ++sent === 1 ? 'before' : undefined))
    const { api } = await operators.start({ client })
    const signed = await signRequest()
    await api.submitRequest(signed)
    await Promise.all([0, 1].map((index) => operators.takePart(api, signed.request, index)))
    await vi.waitUntil(async () => (await api.getProgress(signed.id)).reason?.code === 'ChainUnavailable')
    expect(await settledOf(api, signed.id)).toMatchObject({ transactionHash: expect.any(String) })
    expect(sent).toBe(2)
  })

  test('makes the aggregator unavailable, and is not quoted', async () => {
    let isDown = false
    const warnings: unknown[] = []
    const log = (...args: unknown[]) => void warnings.push(args)
    const logger = { debug: log, info: log, warn: log, error: log }
    const { api, server } = await operators.start({ client: failing(() => (isDown ? 'before' : undefined)), logger })
    isDown = true
    const signed = await signRequest()
    await expect(api.submitRequest(signed)).rejects.toMatchObject({ name: 'AggregatorUnavailableError' })
    const response = await fetch(`${server.url}/v1/requests`, {
      method: 'POST',
      body: toJson({ request: signed.request, job: signed.job, requesterSignature: signed.requesterSignature }),
    })
    expect(response.status).toBe(503)
    expect(await response.text()).toBe(
      '{"error":{"code":"ChainUnavailable","message":"The chain could not be asked."}}',
    )
    expect(JSON.stringify(warnings)).not.toContain('secret')
    isDown = false
    await api.submitRequest(signed)
  })
})

describe('requests that are open on chain', () => {
  test('are read from there, and get their votes in one transaction', async () => {
    const { api } = await operators.start({ batchInterval: 300 })
    const opened = [await market.open(), await market.open()]
    await Promise.all(opened.flatMap(({ request }) => [0, 1].map((index) => operators.takePart(api, request, index))))
    const progress = await Promise.all(opened.map(({ requestId }) => settledOf(api, requestId)))
    expect(progress).toMatchObject([{ isOpen: true, outcome: 'verified' }, { isOpen: true }])
    expect(new Set(progress.map(({ transactionHash }) => transactionHash)).size).toBe(1)
    const [first] = opened
    if (!first) throw new Error('unreachable')
    expect(await market.requester.waitForOutcome({ requestId: first.requestId })).toMatchObject({ response: 99 })
    await expect(api.getCertificate(first.requestId, { signal })).rejects.toMatchObject({ code: 'RequestNotSigned' })
  })

  test('get the votes there are before the deadline, on top of those on chain', async () => {
    const { api } = await operators.start({ deadlineMargin: 700 })
    const opened = await market.open({ minAttestations: 3 })
    const { request, requestId } = opened
    await market.vote(opened, 0)
    // They have no quorum without the first, and commit all the same.
    const [first, second, third] = [
      await operators.decide(request, 0),
      await operators.decide(request, 1),
      await operators.decide(request, 2),
    ]
    for (const { commitment } of [first, second, third]) await api.postCommitment(commitment, { signal })
    await api.getCommitments(requestId, { signal })
    await api.postVote(first.vote, { signal })
    await api.postVote(second.vote, { signal })
    await vi.waitUntil(async () => (await api.getProgress(requestId)).transactionHash !== undefined, {
      timeout: 10_000,
      interval: 20,
    })
    expect(await api.getProgress(requestId)).toMatchObject({ status: 'collecting' })
    expect((await market.requester.getRequestState({ requestId })).validWeight).toBe(parseEther('80'))
    await api.postVote(third.vote, { signal })
    expect(await settledOf(api, requestId)).toMatchObject({ outcome: 'verified', votes: 3 })
  })

  test('with a commit window, unknown or over are refused', async () => {
    const { api } = await operators.start()
    const slow = await market.open({}, { commitWindow: 60 })
    await expect(api.getProgress(slow.requestId)).rejects.toMatchObject({ code: 'InvalidCommitWindow', status: 422 })
    await expect(api.getProgress(keccak256('0x05'))).rejects.toMatchObject({ code: 'RequestUnknown', status: 404 })
    const over = await market.open()
    await market.vote(over, 0)
    await market.vote(over, 1)
    await expect(api.getProgress(over.requestId)).rejects.toMatchObject({ code: 'RequestNotOpen', status: 409 })
  })

  test('may have been signed, too: handed in before or after', async () => {
    const { api } = await operators.start()
    const signed = await signRequest()
    await api.submitRequest(signed)
    await market.requester.requestInferenceVerification(signed)
    await Promise.all([0, 1].map((index) => operators.takePart(api, signed.request, index)))
    expect(await settledOf(api, signed.id)).toMatchObject({ isOpen: false, outcome: 'verified' })

    const other = await signRequest()
    await market.requester.requestInferenceVerification(other)
    await api.submitRequest(other)
    await Promise.all([0, 1].map((index) => operators.takePart(api, other.request, index)))
    expect(await settledOf(api, other.id)).toMatchObject({ isOpen: true, outcome: 'verified' })
  })
})

describe('refuses', () => {
  const refusal = (promise: Promise<unknown>, status: number, code: string) =>
    expect(promise).rejects.toMatchObject({ name: 'AggregatorRefusedError', status, code })

  test('requests whose reference is about to end', async () => {
    const { api } = await operators.start()
    const signed = await signRequest({
      request: { deadline: (await market.createRequest(market.createJob())).deadline + 1_500 },
    })
    await devnet.mine(501)
    await refusal(api.submitRequest(signed), 422, 'ReferenceTooOld')
  })

  test('requests that are not signed, not payable, or not what the contract takes', async () => {
    const { api } = await operators.start()
    const signed = await signRequest()
    const strange = { ...signed, requesterSignature: await market.agent.signRequest({ request: signed.request }) }
    await refusal(api.submitRequest(strange), 403, 'InvalidRequesterSignature')
    await refusal(api.submitRequest({ ...signed, requesterSignature: '0x' }), 403, 'InvalidRequesterSignature')
    await refusal(api.submitRequest({ ...signed, job: market.createJob() }), 422, 'JobMismatch')
    await refusal(api.submitRequest(await signRequest({ request: { commitWindow: 1 } })), 422, 'InvalidCommitWindow')
    await refusal(api.submitRequest(await signRequest({ request: { deadline: 1 } })), 409, 'RequestDeadlinePassed')
    await refusal(api.submitRequest(await signRequest({ request: { verificationFee: 1n } })), 422, 'FeeBelowMinimum')
    await refusal(api.submitRequest(await signRequest({ job: { quorumBps: 5000 } })), 422, 'InvalidQuorum')
    await refusal(
      api.submitRequest(await signRequest({ job: { hasAgent: true, payee: market.agent.account.address } })),
      422,
      'ConsentMissing',
    )
  })

  test('requests that the deposit does not cover: with the others under way, and what is about to be withdrawn', async () => {
    const { api } = await operators.start()
    const reward = parseEther('4')
    const [first, second, third] = [
      await signRequest({ request: { reward } }),
      await signRequest({ request: { reward } }),
      await signRequest({ request: { reward } }),
    ]
    await api.submitRequest(first)
    await api.submitRequest(second)
    await refusal(api.submitRequest(third), 422, 'InsufficientDeposit')
    // What comes at the same time is counted, too.
    await Promise.all([0, 1].map((index) => operators.takePart(api, first.request, index)))
    await settledOf(api, first.id)
    const small = [await signRequest({ request: { reward: parseEther('1.5') } })]
    small.push(await signRequest({ request: { reward: parseEther('1.5') } }))
    const results = await Promise.allSettled(small.map((each) => api.submitRequest(each)))
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  test('requests whose deposit may have left by the deadline', async () => {
    const { api } = await operators.start()
    await market.requester.initiateDepositWithdrawal({ asset: native, amount: parseEther('10') })
    const pending = await market.requester.getDepositWithdrawal({
      asset: native,
      account: market.requester.account.address,
    })
    // Available in more than an hour: no request of now runs as long.
    await api.submitRequest(await signRequest())
    vi.useFakeTimers({ toFake: ['Date'], now: Number(pending?.availableAt) * 1000 - 500_000 })
    try {
      await market.moveTo(Number(pending?.availableAt) - 500)
      await refusal(api.submitRequest(await signRequest()), 422, 'InsufficientDeposit')
    } finally {
      vi.useRealTimers()
    }
  })

  test('more requests of one requester than it takes', async () => {
    const { api } = await operators.start({ limits: { maxRequestsPerRequester: 1 } })
    await api.submitRequest(await signRequest())
    await refusal(api.submitRequest(await signRequest()), 429, 'TooManyRequests')
  })

  test('commitments of who is no operator, of other keys, for other requests, and a second different one', async () => {
    const { api, server } = await operators.start()
    const signed = await signRequest()
    await api.submitRequest(signed)
    const { commitment } = await operators.decide(signed.request, 0)
    const post = (each: SignedCommitment) => api.postCommitment(each, { signal })
    await refusal(post({ ...commitment, operator: market.agent.account.address }), 403, 'OperatorCannotVote')
    await refusal(post({ ...commitment, operator: operators.operatorAt(1).account.address }), 403, 'InvalidSigner')
    await refusal(post({ ...commitment, commitment: keccak256('0x06') }), 403, 'InvalidSigner')
    await post(commitment)
    await post(commitment)
    const other = await operators.decide(signed.request, 0, { isValid: false })
    await refusal(post(other.commitment), 409, 'AlreadyCommitted')
    const elsewhere = await fetch(`${server.url}/v1/requests/${keccak256('0x07')}/commitments`, {
      method: 'POST',
      body: JSON.stringify(commitment),
    })
    expect(elsewhere.status).toBe(400)
  })

  test('votes without a commitment, before a quorum has committed, and others than were committed', async () => {
    const { api } = await operators.start()
    const signed = await signRequest()
    await api.submitRequest(signed)
    const [first, second] = [await operators.decide(signed.request, 0), await operators.decide(signed.request, 1)]
    const post = (vote: RevealedVote) => api.postVote(vote, { signal })
    await refusal(post(first.vote), 409, 'CommitmentMissing')
    await api.postCommitment(first.commitment, { signal })
    await refusal(post(first.vote), 409, 'CommitmentsIncomplete')
    await api.postCommitment(second.commitment, { signal })
    const other = await operators.decide(signed.request, 0, { isValid: false })
    await refusal(post(other.vote), 409, 'CommitmentMismatch')
    await refusal(post({ ...first.vote, operatorSalt: keccak256('0x08') }), 409, 'CommitmentMismatch')
    await refusal(post({ ...first.vote, signature: second.vote.signature }), 403, 'InvalidSigner')
    await post(first.vote)
    await post(first.vote)
    expect(await api.getProgress(signed.id)).toMatchObject({ status: 'collecting', commitments: 2, votes: 1 })
  })

  test('votes that the contract would not count', async () => {
    const { api } = await operators.start()
    const signed = await signRequest()
    await api.submitRequest(signed)
    const { vote, commitment } = await operators.decide(signed.request, 0, { confidence: 9901 })
    await api.postCommitment(commitment, { signal })
    await api.postCommitment((await operators.decide(signed.request, 1)).commitment, { signal })
    await refusal(api.postVote(vote, { signal }), 422, 'ConfidenceOutOfRange')
  })

  test('floods: of a client, of an operator, of open calls', async () => {
    const slow = { perMinute: 1, burst: 20 }
    const client = await operators.start({ limits: { perClient: slow } })
    const calls = await Promise.all(
      Array.from({ length: 21 }, () => fetch(`${client.server.url}/v1/requests/0x`).then(({ status }) => status)),
    )
    expect(calls.filter((status) => status === 429)).toHaveLength(1)
    const refused = await fetch(`${client.server.url}/v1/requests/0x`)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(30)

    const operator = await operators.start({ limits: { perOperator: { perMinute: 1, burst: 1 } } })
    const signed = await signRequest()
    await operator.api.submitRequest(signed)
    const { commitment } = await operators.decide(signed.request, 0)
    await operator.api.postCommitment(commitment, { signal })
    await refusal(operator.api.postCommitment(commitment, { signal }), 429, 'RateLimited')

    const open = await operators.start({ limits: { maxConnectionsPerClient: 1 } })
    const streams = [await fetch(`${open.server.url}/v1/requests`), await fetch(`${open.server.url}/v1/requests`)]
    expect(streams.map(({ status }) => status)).toEqual([200, 429])
    await streams[0]?.body?.cancel()
    await vi.waitUntil(() => open.aggregator.status().connections === 0)
  })

  test('floods of operators that are none', async () => {
    const { api } = await operators.start({ limits: { perClient: { perMinute: 1, burst: 20 } } })
    const signed = await signRequest()
    await api.submitRequest(signed)
    // Those who are, are not charged for being looked up.
    for (const index of [0, 1, 2]) {
      await api.postCommitment((await operators.decide(signed.request, index)).commitment, { signal })
    }
    const { commitment } = await operators.decide(signed.request, 0)
    const codes: unknown[] = []
    for (const operator of [devnet.token, devnet.deployment.avs, devnet.deployment.modelRegistry]) {
      await api.postCommitment({ ...commitment, operator }, { signal }).catch(({ code }) => codes.push(code))
    }
    expect(codes).toEqual(['OperatorCannotVote', 'OperatorCannotVote', 'RateLimited'])
  })

  test('bodies that are no JSON, not of the shape, or too large, without harm', async () => {
    const { aggregator, api, server } = await operators.start()
    const post = async (body: BodyInit) => {
      const response = await fetch(`${server.url}/v1/requests`, { method: 'POST', body })
      return { status: response.status, answer: await response.json() }
    }
    const invalid = { status: 400, answer: { error: { code: 'BodyInvalid', message: expect.any(String) } } }
    const bodies = ['', '{', 'null', '[]', '"\\ud800"', '{"request":{}}', '['.repeat(30_000), new Uint8Array([255])]
    for (const body of bodies) expect(await post(body)).toEqual(invalid)
    expect(await post('x'.repeat(70_000))).toMatchObject({ status: 413, answer: { error: { code: 'BodyTooLarge' } } })
    let chunks = 0
    const large = new ReadableStream({
      pull: (controller) => (++chunks > 100 ? controller.close() : controller.enqueue(new Uint8Array(10_000))),
    })
    const init = { method: 'POST', body: large, duplex: 'half' }
    const chunked = await aggregator.fetch(new Request(`${server.url}/v1/requests`, init))
    expect(chunked.status).toBe(413)
    expect(chunks).toBeLessThan(20)
    expect((await fetch(`${server.url}/v2`)).status).toBe(404)
    expect((await fetch(`${server.url}/v1/requests/0x12`)).status).toBe(400)
    await api.submitRequest(await signRequest())
  })
})

describe('connections', () => {
  test('who watches is told of what is open already, and of what comes', async () => {
    const { api } = await operators.start()
    const [first, second] = [await signRequest(), await signRequest()]
    await api.submitRequest(first)
    const controller = new AbortController()
    const seen: Hex[] = []
    for await (const { request, job } of api.watchRequests({ signal: controller.signal })) {
      seen.push(job.salt)
      if (seen.length === 1) {
        expect(request).toEqual(first.request)
        await api.submitRequest(second)
      } else controller.abort()
    }
    expect(seen).toEqual([first.job.salt, second.job.salt])
  })

  test('a stream that its reader cancels ends quietly', async () => {
    const { aggregator } = await operators.start()
    const { body } = await aggregator.fetch(new Request('http://localhost/v1/requests'), { remoteAddress: '192.0.2.1' })
    await body?.cancel()
    expect(aggregator.status().connections).toBe(0)
  })

  test('a restart in the middle of a round is seen, and what was lost is sent again', async () => {
    const before = await operators.start()
    const { api } = before
    const signed = await signRequest()
    await api.submitRequest(signed)
    const watching = (async () => {
      for await (const _ of api.watchRequests({ signal })) {
        // until the connection is lost
      }
    })()
    const lost = expect(watching).rejects.toMatchObject({ name: 'AggregatorUnavailableError' })
    const waiting = api.getCertificate(signed.id, { signal })
    const interrupted = expect(waiting).rejects.toMatchObject({ name: 'AggregatorUnavailableError' })
    const { commitment, vote } = await operators.decide(signed.request, 0)
    await api.postCommitment(commitment, { signal })
    await vi.waitUntil(() => before.aggregator.status().connections === 2)
    await before.stop()
    await lost
    await interrupted
    await expect(api.submitRequest(signed)).rejects.toMatchObject({ name: 'AggregatorUnavailableError' })

    await operators.start({}, before.server.port)
    await expect(api.postVote(vote, { signal })).rejects.toMatchObject({ code: 'RequestUnknown' })
    await api.submitRequest(signed)
    await Promise.all([0, 1].map((index) => operators.takePart(api, signed.request, index)))
    expect(await settledOf(api, signed.id)).toMatchObject({ outcome: 'verified' })
  })

  test('a stopping aggregator settles what it has', async () => {
    const { api, aggregator, stop } = await operators.start({ batchInterval: 60_000 })
    const signed = await signRequest()
    await api.submitRequest(signed)
    await Promise.all([0, 1].map((index) => operators.takePart(api, signed.request, index)))
    await stop()
    expect(aggregator.status()).toMatchObject({ isRunning: false, queued: 0, requests: { settled: 1 } })
    expect(await market.requester.getJobState({ jobId: signed.request.jobId })).toMatchObject({ status: 'verified' })
  })

  test('an aborted wait leaves nothing behind', async () => {
    const { api, aggregator } = await operators.start()
    const signed = await signRequest()
    await api.submitRequest(signed)
    const controller = new AbortController()
    const waiting = api.getCommitments(signed.id, { signal: controller.signal })
    await vi.waitUntil(() => aggregator.status().connections === 1)
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    await vi.waitUntil(() => aggregator.status().connections === 0)
  })

  test('one that does not run, or runs twice, says so', async () => {
    const { aggregator, stop } = await operators.start()
    await expect(aggregator.run()).rejects.toMatchObject({ name: 'AggregatorRunningError' })
    await stop()
    const response = await aggregator.fetch(new Request('http://aggregator/v1/requests'))
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ error: { code: 'NotRunning' } })
  })
})
