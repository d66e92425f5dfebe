import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createDevnet, type Devnet } from '@proof-of-inference/devnet'
import { commitmentHash, hashAttestation, hashJob, hashRequest, type Job, type Request } from '@proof-of-inference/sdk'
import { proofOfInferenceAvsAbi } from '@proof-of-inference/sdk/abis'
import {
  completeDepositWithdrawal,
  deposit,
  getAttestations,
  getClock,
  getDeposit,
  getDepositWithdrawal,
  getEarnings,
  initiateDepositWithdrawal,
  requestInferenceVerification,
  settleCertificates,
  signRequest,
  submitVerifications,
} from '@proof-of-inference/sdk/actions'
import { directoryPayloadStore, directoryStore } from '@proof-of-inference/sdk/node'
import {
  type AggregatorClient,
  createOperator,
  memoryOperatorStore,
  type OperatorConfig,
  type OperatorEvent,
  type RevealedVote,
  type SignedCommitment,
  type SignedRequest,
} from '@proof-of-inference/sdk/operator'
import {
  digest,
  type JsonOutput,
  type ModelManifest,
  type PayloadStore,
  putPayload,
} from '@proof-of-inference/sdk/payload'
import { createRequester, publishModel, type RequestParameters } from '@proof-of-inference/sdk/requester'
import {
  createWalletClient,
  custom,
  getAbiItem,
  type Hex,
  http,
  parseEther,
  toFunctionSelector,
  zeroAddress,
} from 'viem'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { commitmentTypes, toTypedDataDomain } from '../src/utils/typedData.ts'
import { createFakeAggregator, type FakeAggregator } from './fakeAggregator.ts'
import { policyOf, word } from './wordVerifier.ts'

const fee = parseEther('0.001')
const reward = parseEther('0.01')
const cost = fee + reward
/** The first and another come to a quorum of 66.67 %, and none alone. */
const stakes = [40n, 35n, 34n].map((tokens) => tokens * 10n ** 18n)
const totalStake = stakes.reduce((sum, stake) => sum + stake)

let devnet: Devnet
let directory: string
let payloads: PayloadStore
let model: Hex
let right: JsonOutput
let aggregator: FakeAggregator
/** What was started in a test and still runs. */
let stops: (() => Promise<void>)[] = []
let snapshot: Hex

beforeAll(async () => {
  devnet = await createDevnet({ stakes })
  directory = await mkdtemp(join(tmpdir(), 'operator-'))
  payloads = directoryPayloadStore(join(directory, 'payloads'))
  const weightsDigest = await digest(new Uint8Array([1]))
  const weights = { digest: weightsDigest, format: 'none', size: 1 }
  const manifest: ModelManifest = { v: 1, name: 'word', weights, runtimes: [] }
  const runtime = { engine: 'none', version: '1', provider: 'none', threads: 1, optimization: 'none', weightsDigest }
  right = { type: 'json', value: 'right', runtime }
  const published = await publishModel(connect(devnet.accounts.deployer), {
    deployment: devnet.deployment,
    payloads,
    name: 'word',
    manifest,
    policy: policyOf(word()),
    fees: [{ asset: zeroAddress, accepted: true, minimumFee: fee }],
  })
  model = published.modelVersionId
  await deposit(requesterClient(), { deployment: devnet.deployment, asset: zeroAddress, amount: 10n * cost })
})
afterAll(async () => {
  await devnet?.stop()
  await rm(directory, { recursive: true, force: true })
})

beforeEach(async () => {
  snapshot = await devnet.snapshot()
  aggregator = createFakeAggregator({ quorum: 3 })
})
afterEach(async () => {
  await Promise.all(stops.map((stop) => stop()))
  stops = []
  await devnet.revert(snapshot)
})

/** A client of the devnet; `before` is told of what it is about to ask. */
function connect(
  account: Devnet['accounts']['deployer'],
  before: (method: string, params: unknown) => unknown = () => {},
) {
  const { request: send } = http(devnet.rpcUrl)({ chain: devnet.chain })
  const request = async (each: { method: string; params?: unknown }) => {
    await before(each.method, each.params)
    return send(each as Parameters<typeof send>[0])
  }
  return createWalletClient({
    account,
    chain: devnet.chain,
    transport: custom({ request }, { retryCount: 0 }),
    pollingInterval: 20,
    cacheTime: 0,
  })
}

const requesterClient = () => connect(devnet.accounts.requester)

function operatorOf(index: number) {
  const operator = devnet.accounts.operators[index]
  if (!operator) throw new Error(`There is no operator ${index}.`)
  return operator
}

type Started = Awaited<ReturnType<typeof start>>

/** Runs an operator until `stop`, or the end of the test. */
async function start(
  index: number,
  config: Partial<OperatorConfig> = {},
  blocks = 2,
  before?: Parameters<typeof connect>[1],
) {
  const { account, signer } = operatorOf(index)
  const events: OperatorEvent[] = []
  const waiting = new Set<() => void>()
  const sent = { count: 0 }
  const client = connect(account, (method, params) => {
    if (method === 'eth_sendRawTransaction') sent.count++
    return before?.(method, params)
  })
  const operator = createOperator({
    ...{ client, deployment: devnet.deployment, signer, payloads, store: memoryOperatorStore() },
    ...{ verifiers: [word()], runners: [], aggregator: aggregator.client },
    ...config,
    onEvent(event) {
      events.push(event)
      for (const check of waiting) check()
    },
  })
  const controller = new AbortController()
  const done = operator.run({ signal: controller.signal })
  const stop = async () => {
    controller.abort()
    await done
  }
  /** The first event of a type, of a request if one is given; fails if the operator ends without. */
  const until = <type extends OperatorEvent['type']>(type: type, requestId?: Hex) => {
    type Found = Extract<OperatorEvent, { type: type }>
    const isFound = (event: OperatorEvent): event is Found =>
      event.type === type && (!requestId || ('requestId' in event && event.requestId === requestId))
    return new Promise<Found>((resolve, reject) => {
      const check = () => {
        const found = events.find(isFound)
        if (!found) return
        waiting.delete(check)
        resolve(found)
      }
      waiting.add(check)
      check()
      const types = () => JSON.stringify(events.map((each) => each.type))
      done.then(() => reject(new Error(`It stopped without ${type}: ${types()}`)), reject)
    })
  }
  stops.push(() => stop().catch(() => {}))
  await until('started')
  // Requests refer to the block before them, which must be after the one that the store was made at.
  if (blocks > 0) await devnet.mine(blocks)
  return { operator, events, until, stop, done, account, sent }
}

const requester = () => createRequester({ client: requesterClient(), deployment: devnet.deployment, payloads })
const input = { type: 'json', value: 'question' } as const
const terms = { quorumBps: 6667, minAttestations: 2 }

/** Opens a request on chain. */
function open(parameters: Partial<Exclude<RequestParameters, { prepared: unknown }>> = {}) {
  const { address: payee } = devnet.accounts.agent
  const deadline = { seconds: 600 }
  return requester().request({ model, input, output: right, payee, reward, deadline, ...terms, ...parameters })
}

let nonce = 0n

/** A request that is signed and not sent, whose payloads are there. */
async function signNew(changes: { job?: Partial<Job>; request?: Partial<Request> } = {}) {
  const { deployment } = devnet
  const { address: payee } = devnet.accounts.agent
  const prepared = await requester().prepareJob({ model, input, output: right, payee, ...terms })
  for (const payload of [prepared.encoded.input, prepared.encoded.output]) {
    if (payload) await putPayload(payloads, payload)
  }
  const job = { ...prepared.job, ...changes.job }
  const client = requesterClient()
  const block = await devnet.client.getBlock()
  const request: Request = {
    jobId: changes.job ? hashJob({ deployment, job }) : prepared.jobId,
    requester: client.account.address,
    asset: zeroAddress,
    reward,
    verificationFee: fee,
    deadline: Number(block.timestamp) + 600,
    referenceTimepoint: (await getClock(client, { deployment })) - 1,
    commitWindow: 0,
    nonce: nonce++,
    ...changes.request,
  }
  const requesterSignature = await signRequest(client, { deployment, request })
  return { id: hashRequest({ deployment, request }), request, job, requesterSignature }
}

/** Settles signed requests by the votes that the aggregator has. */
function settle(...requests: (SignedRequest & { id: Hex })[]) {
  return settleCertificates(connect(devnet.accounts.deployer), {
    deployment: devnet.deployment,
    certificates: requests.map((each) => ({ ...each, votes: aggregator.votesOn(each.id) })),
  })
}

/** Waits until it holds. */
const expectSoon = <value>(read: () => value) => expect.poll(read, { timeout: 10_000, interval: 20 })

/** Makes the next block one of this time, and mines it. */
async function moveTo(timestamp: number) {
  await devnet.client.setNextBlockTimestamp({ timestamp: BigInt(timestamp) })
  await devnet.mine()
}

const typesOf = ({ events }: Started, requestId: Hex) =>
  events.filter((event) => 'requestId' in event && event.requestId === requestId).map(({ type }) => type)

const earningsOf = ({ account: { address } }: Started) =>
  getEarnings(devnet.client, { deployment: devnet.deployment, asset: zeroAddress, account: address })

/** Another operator's commitment; what is changed is changed before it is signed. */
async function commitAs(index: number, message: Omit<SignedCommitment, 'signature' | 'operator'>, by = index) {
  const full = { ...message, operator: operatorOf(index).account.address }
  const domain = toTypedDataDomain(devnet.deployment)
  const { signer } = operatorOf(by)
  const types = commitmentTypes
  return { ...full, signature: await signer.signTypedData({ domain, types, primaryType: 'Commitment', message: full }) }
}

const someHash = (byte: string): Hex => `0x${byte.repeat(32)}`

/** Aggregators that show commitments which do not bind a quorum, of operator 0's view. */
const lies: [name: string, lie: (requestId: Hex, own: SignedCommitment) => Promise<SignedCommitment[]>][] = [
  ['none', async () => []],
  ['those of too little weight', async (_, own) => [own]],
  ['its own twice', async (_, own) => [own, { ...own }]],
  ['a forged one', async (requestId) => [await commitAs(1, { requestId, commitment: someHash('11') }, 2)]],
  [
    'one that is no signature',
    async (requestId) => [{ ...(await commitAs(1, { requestId, commitment: someHash('11') })), signature: '0x12' }],
  ],
  [
    'those to another request',
    async () => [await commitAs(1, { requestId: someHash('22'), commitment: someHash('11') })],
  ],
  [
    'those to another request, renamed',
    async (requestId) => [
      { ...(await commitAs(1, { requestId: someHash('22'), commitment: someHash('11') })), requestId },
    ],
  ],
  ['a copy of its own', async (requestId, { commitment }) => [await commitAs(1, { requestId, commitment })]],
  [
    'one of a stranger',
    async (requestId) => {
      const message = { requestId, commitment: someHash('11'), operator: devnet.accounts.agent.address }
      const domain = toTypedDataDomain(devnet.deployment)
      const typed = { domain, types: commitmentTypes, primaryType: 'Commitment', message } as const
      return [{ ...message, signature: await devnet.accounts.agent.signTypedData(typed) }]
    },
  ],
]

/** An aggregator that is honest but for its commitments. */
function lying(lie: (requestId: Hex, own: SignedCommitment) => Promise<SignedCommitment[]>): AggregatorClient {
  return {
    ...aggregator.client,
    async getCommitments(requestId) {
      const own = aggregator.commitmentsOn(requestId).find(({ operator }) => operator === operatorOf(0).account.address)
      if (!own) throw new Error('It did not commit.')
      return lie(requestId, own)
    },
  }
}

describe('an open request', () => {
  test('is voted on together, in one transaction that is not the operators', async () => {
    const operators = await Promise.all([start(0), start(1), start(2)])
    const { id, request, job, outcome } = await open({ quorumBps: 10_000, minAttestations: 3 })
    const votes = await aggregator.untilVotes(id)
    for (const started of operators) {
      await started.until('revealed', id)
      await expectSoon(() => started.operator.status()).toMatchObject({ requests: { revealed: 1 }, signed: 0 })
    }
    const { deployment } = devnet
    for (const { attestation, operatorSalt } of votes) {
      const commitment = commitmentHash(hashAttestation({ deployment, attestation }), operatorSalt)
      expect(aggregator.commitmentsOn(id)).toContainEqual(expect.objectContaining({ commitment }))
    }
    const client = connect(devnet.accounts.deployer)
    const ballots = [{ request, job, votes }]
    const { transactionHash } = await submitVerifications(client, { deployment, ballots })
    expect(await outcome({ timeout: 20_000 })).toMatchObject({ status: 'verified' })
    for (const [index, started] of operators.entries()) {
      expect(await started.until('attested', id)).toMatchObject({ hash: transactionHash })
      expect(await started.until('settled', id)).toMatchObject({ votedWithOutcome: true })
      expect(await earningsOf(started)).toBe((fee * (stakes[index] ?? 0n)) / totalStake)
      // Paid with the decision: there is nothing to claim.
      expect(await started.operator.claimFees()).toEqual([])
      expect(started.sent.count).toBe(0)
      expect(typesOf(started, id)).toEqual(['seen', 'fetched', 'verified', 'revealed', 'attested', 'settled'])
    }
  })

  test('fees of votes that did not decide are claimed', async () => {
    const started = await start(0)
    await Promise.all([start(1), start(2)])
    const { id, request, job } = await open()
    const votes = await aggregator.untilVotes(id)
    const mine = ({ attestation }: RevealedVote) => attestation.operator === started.account.address
    const { deployment } = devnet
    const client = connect(devnet.accounts.deployer)
    // Two ballots of one transaction: the first does not decide, and is not paid by the second.
    const ballots = [votes.filter(mine), votes.filter((vote) => !mine(vote))].map((some) => ({
      request,
      job,
      votes: some,
    }))
    await submitVerifications(client, { deployment, ballots })
    await started.until('settled', id)
    expect(await started.operator.claimFees()).toMatchObject([{ requestIds: [id] }])
    expect(await earningsOf(started)).toBe((fee * 40n) / 109n)
  })

  const never = () => new Promise<never>(() => {})
  const broken = () => Promise.reject(new Error('down'))
  test.each<[name: string, Partial<AggregatorClient>]>([
    ['is down', { postCommitment: broken }],
    ['never answers', { postCommitment: never }],
    ['never gets a quorum together', { getCommitments: never }],
    ['dies after the commitments', { getCommitments: broken }],
    ['dies before the vote', { postVote: broken }],
    ['takes the vote and says nothing', { postVote: never }],
    // What is revealed to it never reaches the chain.
    ['keeps the vote', {}],
  ])('is voted on directly when the aggregator %s', async (_, changes) => {
    const client = { ...aggregator.client, ...changes }
    const operators = await Promise.all(
      [0, 1, 2].map((index) => start(index, { aggregator: client, aggregatorTimeout: 250 })),
    )
    const { id, outcome } = await open({ quorumBps: 10_000, minAttestations: 3 })
    expect(await outcome({ timeout: 20_000 })).toMatchObject({ status: 'verified' })
    for (const started of operators) {
      expect(await started.until('settled', id)).toMatchObject({ votedWithOutcome: true })
      expect(started.sent.count).toBe(1)
      const failures = started.events.filter(({ type }) => type === 'error')
      if ('postCommitment' in changes || 'getCommitments' in changes) {
        expect(failures).toMatchObject([{ error: { name: 'AggregatorFailedError' }, requestId: id }])
        expect(aggregator.votesOn(id)).toEqual([])
      }
      expect(typesOf(started, id)).not.toContain('skipped')
    }
  })

  test.each(lies)('is voted on directly, and nothing revealed, when the aggregator shows %s', async (_, lie) => {
    const started = await start(0, { aggregator: lying(lie) })
    const { id } = await open()
    await started.until('attested', id)
    expect(started.sent.count).toBe(1)
    expect(aggregator.votesOn(id)).toEqual([])
    const { error } = await started.until('error', id)
    expect(error).toMatchObject({ name: 'CommitmentsInsufficientError' })
  })

  test('counts what the aggregator sent after all, and is not voted on twice', async () => {
    const deployer = connect(devnet.accounts.deployer)
    const { deployment } = devnet
    let opened: { request: Request; job: Job } | undefined
    const client: AggregatorClient = {
      ...aggregator.client,
      getCommitments: async (requestId) => [await commitAs(1, { requestId, commitment: someHash('11') })],
      // The vote is on chain, and the operator is told that it failed.
      async postVote(vote) {
        if (!opened) throw new Error('nothing opened')
        await submitVerifications(deployer, { deployment, ballots: [{ ...opened, votes: [vote] }] })
        throw new Error('the connection broke')
      },
    }
    const store = memoryOperatorStore()
    await (await start(0, { store })).stop()
    const request = await open()
    opened = request
    const started = await start(0, { store, aggregator: client }, 0)
    await started.until('attested', request.id)
    expect(started.sent.count).toBe(0)
    await expectSoon(() => started.operator.status()).toMatchObject({ requests: { attested: 1 } })
  })

  test.each([
    { by: 'its own vote', voters: [0], quorumBps: 10_000, last: 'attested' },
    { by: 'the votes of others', voters: [1, 2], quorumBps: 6_000, last: 'settled' },
  ] as const)('is left alone when $by came first', async ({ voters, quorumBps, last }) => {
    const { deployment } = devnet
    const selector = toFunctionSelector(getAbiItem({ abi: proofOfInferenceAvsAbi, name: 'submitVerification' }))
    let opened: Awaited<ReturnType<typeof open>> | undefined
    let isDone = false
    // Just before the operator asks the chain what it would say of its vote, the aggregator sends votes after all.
    const before = async (method: string, params: unknown) => {
      if (isDone || !opened || method !== 'eth_call' || !JSON.stringify(params).includes(selector)) return
      isDone = true
      const chosen = voters.map((index) => operatorOf(index).account.address)
      const votes = aggregator.votesOn(opened.id).filter(({ attestation }) => chosen.includes(attestation.operator))
      const ballots = [{ ...opened, votes }]
      await submitVerifications(connect(devnet.accounts.deployer), { deployment, ballots })
    }
    const started = await start(0, { aggregatorTimeout: 250 }, 2, before)
    await Promise.all([start(1), start(2)])
    opened = await open({ quorumBps, minAttestations: 2 })
    await started.until(last, opened.id)
    expect(isDone).toBe(true)
    expect(started.sent.count).toBe(0)
    expect(typesOf(started, opened.id)).toEqual(['seen', 'fetched', 'verified', 'revealed', last])
  })

  test('near its deadline goes directly', async () => {
    const started = await start(0, { aggregatorMargin: 100 })
    const { id } = await open({ deadline: { seconds: 90 } })
    await started.until('attested', id)
    expect(aggregator.commitmentsOn(id)).toEqual([])
  })
})

describe('a signed request', () => {
  test('is verified, revealed and settled before the chain has seen it', async () => {
    const operators = await Promise.all([start(0), start(1), start(2)])
    await aggregator.untilWatched(3)
    const job = { quorumBps: 10_000, minAttestations: 3 }
    const [first, second] = [await signNew({ job }), await signNew({ job })]
    aggregator.publish(first)
    aggregator.publish(second)
    await aggregator.untilVotes(first.id)
    await aggregator.untilVotes(second.id)
    for (const started of operators) {
      expect(await started.until('seen', first.id)).toMatchObject({ source: 'aggregator' })
      await expectSoon(() => started.operator.status()).toMatchObject({ requests: { revealed: 2 }, signed: 2 })
    }
    const { results } = await settle(first, second)
    expect(results).toMatchObject([{ status: 'verified' }, { status: 'verified' }])
    for (const [index, started] of operators.entries()) {
      expect(typesOf(started, first.id).slice(0, 4)).toEqual(['seen', 'fetched', 'verified', 'revealed'])
      for (const { id } of [first, second]) await started.until('settled', id)
      expect(started.operator.status()).toMatchObject({ signed: 0, requests: { attested: 0, revealed: 0 } })
      expect(await started.operator.claimFees()).toEqual([])
      expect(started.sent.count).toBe(0)
      expect(await earningsOf(started)).toBe(2n * ((fee * (stakes[index] ?? 0n)) / totalStake))
    }
  })

  test('that an operator never saw is none of its work', async () => {
    await Promise.all([start(0), start(1), start(2)])
    await aggregator.untilWatched(3)
    const signed = await signNew()
    aggregator.publish(signed)
    await aggregator.untilVotes(signed.id)
    const store = memoryOperatorStore()
    await (await start(0, { store, aggregator: undefined })).stop()
    await settle(signed)
    const late = await start(0, { store, aggregator: undefined }, 0)
    await late.until('settled', signed.id)
    expect(typesOf(late, signed.id)).toEqual(['seen', 'settled'])
    expect(late.sent.count).toBe(0)
  })

  test.each(lies)('is not revealed, nor sent, when the aggregator shows %s', async (_, lie) => {
    const started = await start(0, { aggregator: lying(lie) })
    await aggregator.untilWatched(1)
    const signed = await signNew()
    aggregator.publish(signed)
    const { error, retryInMs } = await started.until('error', signed.id)
    expect(error).toMatchObject({ name: 'CommitmentsInsufficientError' })
    expect(retryInMs).toBeGreaterThan(0)
    await moveTo(signed.request.deadline + 1)
    expect(await started.until('skipped', signed.id)).toMatchObject({ reason: 'deadline' })
    expect(aggregator.votesOn(signed.id)).toEqual([])
    expect(started.sent.count).toBe(0)
  })

  test('is refused unless the chain would settle it', async () => {
    const started = await start(0, { minimumFee: { [zeroAddress]: fee } })
    await aggregator.untilWatched(1)
    const refusalOf = async (signed: SignedRequest) => {
      aggregator.publish(signed)
      return started.until('refused', hashRequest({ deployment: devnet.deployment, request: signed.request }))
    }
    const good = await signNew()
    const { address: requesterAddress } = devnet.accounts.agent
    const stranger = await signNew({ request: { requester: requesterAddress } })
    expect(await refusalOf(stranger)).toMatchObject({ reason: 'signature-invalid' })
    const changed = { ...good, request: { ...good.request, reward: 1n } }
    expect(await refusalOf(changed)).toMatchObject({ reason: 'signature-invalid' })
    const otherJob = { ...good, job: { ...good.job, minAttestations: 1 } }
    expect(await refusalOf(otherJob)).toMatchObject({ reason: 'terms-refused' })

    const terms: [changes: Parameters<typeof signNew>[0], reason: string, details: string][] = [
      [{ request: { commitWindow: 60 } }, 'terms-refused', 'commit window'],
      [{ request: { verificationFee: fee - 1n } }, 'terms-refused', 'FeeBelowMinimum'],
      [{ request: { asset: devnet.token } }, 'terms-refused', 'AssetNotAccepted'],
      [{ request: { referenceTimepoint: 1 } }, 'store-too-new', 'reference 1'],
      [{ request: { deadline: good.request.deadline + 10 ** 9 } }, 'terms-refused', 'InvalidDeadline'],
      [{ request: { deadline: good.request.deadline - 600 } }, 'deadline', ''],
      [{ request: { reward: 100n * reward } }, 'exposure-exceeded', 'InsufficientDeposit'],
      [{ job: { minConfidence: 10_000 } }, 'terms-refused', 'InvalidMinConfidence'],
      [{ job: { hasAgent: true, agentId: 7n } }, 'terms-refused', 'ConsentMissing'],
      [{ job: { modelVersionId: someHash('33') } }, 'terms-refused', 'UnknownModelVersion'],
    ]
    for (const [changes, reason, details] of terms) {
      const refused = await refusalOf(await signNew(changes))
      expect(refused).toMatchObject({ reason })
      expect(refused.details ?? '').toContain(details)
    }
    expect(started.operator.status()).toMatchObject({ signed: 0 })
    // Nothing of it is kept.
    aggregator.publish(good)
    await started.until('verified', good.id)
    // Only one of the two could be settled.
    const sameNonce = await signNew({ request: { nonce: good.request.nonce } })
    expect(await refusalOf(sameNonce)).toMatchObject({
      reason: 'terms-refused',
      details: expect.stringContaining('nonce'),
    })
    const lasting = await signNew({ request: { deadline: good.request.deadline + 1_500 } })
    await devnet.mine(501)
    // It could be opened for as many blocks still, and a certificate of it might not be settled by then.
    expect(await refusalOf(lasting)).toMatchObject({
      reason: 'terms-refused',
      details: expect.stringContaining('about to end'),
    })
    const refused = await signNew()
    await started.stop()
    const dear = await start(0, { minimumFee: { [zeroAddress]: fee + 1n } }, 0)
    await aggregator.untilWatched(1)
    aggregator.publish(refused)
    expect(await dear.until('refused', refused.id)).toMatchObject({ reason: 'store-too-new' })
    await devnet.mine(2)
    const other = await signNew()
    aggregator.publish(other)
    expect(await dear.until('refused', other.id)).toMatchObject({ reason: 'fee-below-floor' })
  })

  test('is refused by an operator that cannot vote on it', async () => {
    const wrongKey = await start(0, { signer: operatorOf(1).signer })
    const stranger = await start(0, { operator: devnet.accounts.agent.address })
    await aggregator.untilWatched(2)
    const signed = await signNew()
    aggregator.publish(signed)
    expect(await wrongKey.until('refused', signed.id)).toMatchObject({ reason: 'wrong-signing-key' })
    expect(await stranger.until('refused', signed.id)).toMatchObject({ reason: 'not-an-operator' })
  })

  test('is worked on up to the exposure, which comes back when requests are settled or expire', async () => {
    const operators = await Promise.all(
      [0, 1, 2].map((index) => start(index, { exposure: { [zeroAddress]: 2n * cost } })),
    )
    await aggregator.untilWatched(3)
    const [first, second, third] = [
      await signNew(),
      await signNew({ request: { deadline: Number((await devnet.client.getBlock()).timestamp) + 300 } }),
      await signNew(),
    ]
    for (const each of [first, second]) {
      aggregator.publish(each)
      await aggregator.untilVotes(each.id)
    }
    aggregator.publish(third)
    for (const started of operators) {
      expect(await started.until('refused', third.id)).toMatchObject({
        reason: 'exposure-exceeded',
        details: `${2n * cost} + ${cost} of ${2n * cost}`,
      })
      expect(typesOf(started, third.id)).toEqual(['refused'])
    }
    await settle(first)
    aggregator.publish(third)
    await aggregator.untilVotes(third.id)
    await moveTo(second.request.deadline + 1)
    for (const started of operators) {
      expect(await started.until('skipped', second.id)).toMatchObject({ reason: 'unsettled' })
    }
    const fourth = await signNew()
    aggregator.publish(fourth)
    await aggregator.untilVotes(fourth.id)
  })

  test('is no work without credit: an asset that is not named, a function that says so', async () => {
    const unnamed = await start(0, { exposure: {} })
    const asked = await start(1, { exposure: async ({ request }) => request.reward })
    await aggregator.untilWatched(2)
    const signed = await signNew()
    aggregator.publish(signed)
    expect(await unnamed.until('refused', signed.id)).toMatchObject({ reason: 'exposure-exceeded' })
    expect(await asked.until('refused', signed.id)).toMatchObject({ reason: 'exposure-exceeded' })
  })

  test('is covered by what the deposit is sure to hold until the deadline', async () => {
    const { deployment } = devnet
    const client = requesterClient()
    const account = client.account.address
    const asset = zeroAddress
    const balance = await getDeposit(client, { deployment, asset, account })
    await initiateDepositWithdrawal(client, { deployment, asset, amount: balance - cost })
    const withdrawal = await getDepositWithdrawal(client, { deployment, asset, account })
    if (!withdrawal) throw new Error('no withdrawal')
    await moveTo(Number(withdrawal.availableAt) - 300)
    // Weights of before have grown stale meanwhile; what is refused is refused all the same.
    const started = await start(0)
    await aggregator.untilWatched(1)
    const before = await signNew({ request: { deadline: Number(withdrawal.availableAt) - 1, reward: 2n * reward } })
    const after = await signNew({ request: { deadline: Number(withdrawal.availableAt), reward: 2n * reward } })
    aggregator.publish(after)
    expect(await started.until('refused', after.id)).toMatchObject({ reason: 'exposure-exceeded' })
    aggregator.publish(before)
    await started.until('verified', before.id)
    await moveTo(Number(withdrawal.availableAt))
    await completeDepositWithdrawal(client, { deployment, asset })
    const last = await signNew({ request: { reward: 2n * reward } })
    aggregator.publish(last)
    expect(await started.until('refused', last.id)).toMatchObject({ reason: 'exposure-exceeded' })
  })

  test('that its requester opens instead goes on with the same vote', async () => {
    const operators = await Promise.all([0, 1, 2].map((index) => start(index, { aggregatorTimeout: 250 })))
    await aggregator.untilWatched(3)
    const signed = await signNew()
    aggregator.publish(signed)
    const votes = await aggregator.untilVotes(signed.id)
    const { request, job, id: requestId } = signed
    const { deployment } = devnet
    await requestInferenceVerification(requesterClient(), { deployment, request, job })
    for (const started of operators) await started.until('settled', requestId)
    const attestations = await getAttestations(devnet.client, { deployment, requestId })
    expect(attestations.length).toBeGreaterThanOrEqual(2)
    for (const { operator, signature } of attestations) {
      expect(votes.find(({ attestation }) => attestation.operator === operator)).toMatchObject({ signature })
    }
    for (const started of operators) {
      expect(typesOf(started, requestId).filter((type) => type === 'verified')).toHaveLength(1)
    }
  })

  test('comes again over a connection that broke', async () => {
    const started = await start(0)
    await aggregator.untilWatched(1)
    aggregator.disconnect()
    const { error, retryInMs } = await started.until('error')
    expect(error).toMatchObject({ name: 'AggregatorFailedError', step: 'watchRequests' })
    expect(retryInMs).toBe(500)
    const signed = await signNew()
    await aggregator.untilWatched(1)
    aggregator.publish(signed)
    aggregator.publish(signed)
    await started.until('verified', signed.id)
    expect(typesOf(started, signed.id).filter((type) => type === 'seen')).toHaveLength(1)
  })

  test('is offered again to an aggregator that lost its votes', async () => {
    const operators = await Promise.all([0, 1, 2].map((index) => start(index, { aggregatorTimeout: 250 })))
    await aggregator.untilWatched(3)
    const signed = await signNew()
    aggregator.publish(signed)
    const votes = await aggregator.untilVotes(signed.id)
    for (const started of operators) await started.until('revealed', signed.id)
    aggregator.forget()
    const again = await aggregator.untilVotes(signed.id)
    const signatures = (some: RevealedVote[]) => some.map(({ signature }) => signature).sort()
    expect(signatures(again)).toEqual(signatures(votes))
    await settle(signed)
    for (const started of operators) await started.until('settled', signed.id)
  })

  test('comes back when the chain drops its settlement', async () => {
    const operators = await Promise.all([start(0), start(1), start(2)])
    await aggregator.untilWatched(3)
    const signed = await signNew()
    aggregator.publish(signed)
    await aggregator.untilVotes(signed.id)
    await settle(signed)
    for (const started of operators) await started.until('settled', signed.id)
    await devnet.client.request({ method: 'anvil_reorg', params: [1, []] } as never)
    await devnet.mine()
    for (const started of operators) {
      await expectSoon(() => started.operator.status()).toMatchObject({ requests: { revealed: 1 }, signed: 1 })
    }
    const { results } = await settle(signed)
    expect(results).toMatchObject([{ status: 'verified' }])
    for (const started of operators) {
      await expectSoon(() => started.events.filter(({ type }) => type === 'settled')).toHaveLength(2)
      expect(started.events.filter(({ type }) => type === 'verified')).toHaveLength(1)
    }
  })
})

test('a process that is killed between signing and revealing reveals the same verdict when it comes back', async () => {
  const path = join(directory, 'state')
  const { account } = operatorOf(0)
  const created = await start(0, { store: directoryStore(path), aggregator: undefined })
  await created.stop()
  const others = await Promise.all([start(1), start(2)])
  await aggregator.untilWatched(2)
  const { id, requesterSignature, request, job } = await signNew()
  const script = fileURLToPath(new URL('operatorProcess.ts', import.meta.url))
  const settings = { directory, rpcUrl: devnet.rpcUrl, deployment: devnet.deployment, request, job, requesterSignature }
  const text = JSON.stringify(settings, (_, value) => (typeof value === 'bigint' ? `${value}n` : value))
  const child = spawn(process.execPath, ['--import', 'tsx', script, text], { stdio: ['ignore', 'pipe', 'inherit'] })
  let committed: SignedCommitment
  try {
    const [line] = await once(child.stdout, 'data')
    committed = JSON.parse(String(line))
    const second = createOperator({
      ...{ client: connect(account), deployment: devnet.deployment, signer: operatorOf(0).signer, payloads },
      ...{ store: directoryStore(path), verifiers: [word()], runners: [] },
    })
    await expect(second.run()).rejects.toMatchObject({ name: 'StoreLockedError' })
  } finally {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  // What the verifier would say now is no matter.
  aggregator.publish({ request, job, requesterSignature })
  const second = await start(0, { store: directoryStore(path), verifiers: [word('invalid')] })
  const votes = await aggregator.untilVotes(id)
  const vote = votes.find(({ attestation }) => attestation.operator === account.address)
  expect(vote?.attestation.isValid).toBe(true)
  expect(aggregator.commitmentsOn(id)).toContainEqual(committed)
  await settle({ id, request, job, requesterSignature })
  for (const started of [second, ...others]) await started.until('settled', id)
  expect(typesOf(second, id)).not.toContain('verified')
})
