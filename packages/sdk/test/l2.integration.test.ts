import { createDevnet, createL2Devnet, type Devnet, type L2Devnet } from '@proof-of-inference/devnet'
import { type Attestation, attestationTypes, proofOfInferenceActions, toTypedDataDomain } from '@proof-of-inference/sdk'
import { getOperatorShares, modifyAllocations } from '@proof-of-inference/sdk/eigenlayer'
import { createOperator, memoryOperatorStore, type OperatorEvent } from '@proof-of-inference/sdk/operator'
import { digest, type JsonOutput, memoryPayloadStore, type PayloadStore } from '@proof-of-inference/sdk/payload'
import { escrow, memoryPaymentStore } from '@proof-of-inference/sdk/payments'
import { createRequester, publishModel, type RequestParameters } from '@proof-of-inference/sdk/requester'
import { methodId } from '@proof-of-inference/sdk/verifier'
import {
  type Account,
  createWalletClient,
  type Hex,
  http,
  parseAbi,
  parseEther,
  publicActions,
  zeroAddress,
  zeroHash,
} from 'viem'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { createOperators } from './scriptedOperators.ts'
import { policyOf, word } from './wordVerifier.ts'

const fee = parseEther('0.001')
const reward = parseEther('0.01')
/** Any two come to a quorum of 66.67 %, and none alone. */
const stakes = [40n, 35n, 34n].map((tokens) => tokens * 10n ** 18n)
const totalStake = stakes.reduce((sum, stake) => sum + stake)
const supersededGrace = 60
const maxStaleness = 3_600
const terms = { quorumBps: 6667, minAttestations: 2, reward, deadline: { seconds: 600 } } as const
const updaterAbi = parseAbi([
  'function getGlobalTableRootByTimestamp(uint32 referenceTimestamp) view returns (bytes32)',
  'function disableRoot(bytes32 globalTableRoot)',
])

let l1: Devnet
let l2: L2Devnet
let payloads: PayloadStore
let model: Hex
let right: JsonOutput
let aggregators: ReturnType<typeof createOperators>
let stops: (() => Promise<void>)[] = []
let snapshots: { readonly l1: Hex; readonly l2: Hex }

beforeAll(async () => {
  l1 = await createDevnet({ stakes })
  l2 = await createL2Devnet({ l1, maxStaleness, tableSet: { supersededGrace } })
  payloads = memoryPayloadStore()
  const weightsDigest = await digest(new Uint8Array([1]))
  const runtime = { engine: 'none', version: '1', provider: 'none', threads: 1, optimization: 'none', weightsDigest }
  right = { type: 'json', value: 'right', runtime }
  const published = await publishModel(connect(l2, l2.accounts.deployer), {
    ...{ deployment: l2.deployment, payloads, name: 'word', policy: policyOf(word()) },
    manifest: { v: 1, name: 'word', weights: { digest: weightsDigest, format: 'none', size: 1 }, runtimes: [] },
    fees: [{ asset: zeroAddress, accepted: true, minimumFee: fee }],
  })
  model = published.modelVersionId
  await connect(l2, l2.accounts.requester).deposit({ asset: zeroAddress, amount: parseEther('1') })
  aggregators = createOperators(l2, methodId({ name: word().name, revision: word().revision }))
}, 60_000)
afterAll(async () => {
  await l2?.stop()
  await l1?.stop()
})

beforeEach(async () => {
  snapshots = { l1: await l1.snapshot(), l2: await l2.snapshot() }
})
afterEach(async () => {
  await Promise.all(stops.map((stop) => stop()))
  stops = []
  await aggregators.stop()
  await l2.revert(snapshots.l2)
  await l1.revert(snapshots.l1)
})

const connect = <account extends Account>({ chain, deployment }: Devnet | L2Devnet, account: account) =>
  createWalletClient({ account, chain, transport: http(), pollingInterval: 20, cacheTime: 0 })
    .extend(publicActions)
    .extend(proofOfInferenceActions({ deployment }))

const anyone = () => connect(l2, l2.accounts.agent)

function operatorOf(index: number) {
  const operator = l1.accounts.operators[index]
  if (!operator) throw new Error(`There is no operator ${index}.`)
  return operator
}

const signerOf = (index: number) => operatorOf(index).signer

/** Runs an operator on the L2, with a new store, until the end of the test. It is its signing address there. */
async function start(index: number, aggregator?: Parameters<typeof createOperator>[0]['aggregator']) {
  const events: OperatorEvent[] = []
  const waiting = new Set<() => void>()
  const operator = createOperator({
    ...{ client: connect(l2, signerOf(index)), deployment: l2.deployment, payloads, store: memoryOperatorStore() },
    ...{ verifiers: [word()], runners: [], aggregator },
    onEvent(event) {
      events.push(event)
      for (const check of waiting) check()
    },
  })
  const controller = new AbortController()
  const done = operator.run({ signal: controller.signal })
  stops.push(async () => {
    controller.abort()
    await done
  })
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
      done.then(() => reject(new Error(`It stopped without ${type}.`)), reject)
    })
  }
  await until('started')
  return { operator, until }
}

const startAll = (...rest: [aggregator?: Parameters<typeof start>[1]]) =>
  Promise.all([0, 1, 2].map((index) => start(index, ...rest)))

const requester = () =>
  createRequester({ client: connect(l2, l2.accounts.requester), deployment: l2.deployment, payloads })

function request(changes: Partial<Exclude<RequestParameters, { prepared: unknown }>> = {}) {
  const { address: payee } = l2.accounts.agent
  return requester().request({
    ...{ model, payee },
    input: { type: 'json', value: 1 },
    output: right,
    ...terms,
    ...changes,
  })
}

/** Makes the next block of the L2 one of this time, and mines it. */
/** The clock then stands until the test ends, so that a slow machine sees no later block. */
async function moveTo(timestamp: number) {
  onTestFinished(() => l2.client.removeBlockTimestampInterval())
  await l2.client.setBlockTimestampInterval({ interval: 0 })
  await l2.client.setNextBlockTimestamp({ timestamp: BigInt(timestamp) })
  await l2.mine()
}

/** Changes an operator's allocation on L1; returns the stake that the next table gives it. */
async function allocate(index: number, magnitude: bigint) {
  const { strategy, operatorSet } = l1.eigenLayer
  await modifyAllocations(connect(l1, operatorOf(index).account), {
    eigenLayer: { ...l1.eigenLayer, chainId: l1.chain.id },
    allocations: [{ operatorSet, strategies: [strategy], newMagnitudes: [magnitude] }],
  })
  // The delay of 100,800 blocks then ends within the 100,000 that a table looks ahead.
  await l1.mine(1_000)
  return ((stakes[index] ?? 0n) * magnitude) / 10n ** 18n
}

describe('requests', () => {
  test('are verified by the votes of the operators in the table', async () => {
    const operators = await startAll()
    const referenceTimepoint = await l2.postTable()
    const opened = await request()
    expect(opened.request).toMatchObject({ referenceTimepoint })
    expect(await opened.outcome()).toMatchObject({ status: 'verified', response: 99 })
    // Two of them decide it; who did earns at its signing address.
    await Promise.all(operators.map(({ until }) => until('settled', opened.id)))
    const attestations = await anyone().getAttestations({ requestId: opened.id })
    const voters = attestations.map(({ operator }) => operator)
    expect(voters.length).toBeGreaterThanOrEqual(2)
    expect([0, 1, 2].map((index) => signerOf(index).address)).toEqual(expect.arrayContaining(voters))
    const account = attestations.at(-1)?.operator ?? zeroAddress
    const earned = await anyone().getEarnings({ asset: zeroAddress, account })
    expect(earned).toBeGreaterThan(0n)
    await anyone().withdrawEarnings({ asset: zeroAddress, account })
  })

  test('are certified by an aggregator before the chain has seen them', async () => {
    const { api } = await aggregators.start()
    const operators = await startAll(api)
    const referenceTimepoint = await l2.postTable()
    const { address: payee } = l2.accounts.agent
    const certified = await requester().certify({
      ...{ aggregator: api, model, payee, input: { type: 'json', value: 2 }, output: right },
      ...terms,
    })
    expect(certified.request).toMatchObject({ referenceTimepoint })
    const { status, certificate } = await certified.certificate()
    expect(status).toBe('verified')
    expect(certificate.votes.length).toBeGreaterThanOrEqual(2)
    expect(await certified.outcome()).toMatchObject({ status: 'verified', response: 99 })
    await Promise.all(operators.map(({ until }) => until('settled', certified.id)))
  })

  test('are paid by the escrow', async () => {
    const { deployment } = l2
    const amount = parseEther('0.01')
    const { requester: payer, agent: payee } = l2.accounts
    const railOf = (account: typeof payer) =>
      escrow({ client: connect(l2, account), deployment, store: memoryPaymentStore() })
    const [paying, paid] = [railOf(payer), railOf(payee)]
    const input = { type: 'json', value: 1 } as const
    const { job } = await requester().prepareJob({ ...{ model, input, output: right, ...terms }, payee: payee.address })
    // The reference is a table's timestamp, which is long past.
    await l2.mine(30)
    const offer = await paid.payee.offer({ payer: payer.address })
    const promise = await paying.payer.promise({ offer, job, amount })
    await paid.payee.accept({ promise, job, amount })
    await expect(paid.status(promise)).resolves.toBe('pending')
  })

  test('are rejected where the output is wrong', async () => {
    await startAll()
    await l2.postTable()
    const opened = await request({ output: { ...right, value: 'wrong' } })
    expect(await opened.outcome()).toMatchObject({ status: 'rejected', response: 0 })
  })

  test('keep the weights that they refer to, when a new table is loaded in between', async () => {
    const before = await l2.postTable()
    const opened = await request()
    const left = await allocate(0, 10n ** 17n)
    const after = await l2.postTable()
    const { operators, totalWeight } = await anyone().getTable({ timepoint: after })
    const at = (timepoint: number) => anyone().getVoter({ operator: signerOf(0).address, timepoint })
    expect(await at(before)).toMatchObject({ weight: stakes[0], totalWeight: totalStake, index: 0 })
    expect(await at(after)).toMatchObject({ weight: left, totalWeight, index: 2 })
    expect(operators.map(({ operator }) => operator)).toEqual([1, 2, 0].map((index) => signerOf(index).address))

    // Operators 0 and 1 have a quorum by the table before, and by the one after only with 2.
    for (const index of [0, 1]) await submit(opened, index)
    expect(await opened.outcome()).toMatchObject({ status: 'verified' })
    const next = await request()
    expect(next.request.referenceTimepoint).toBe(after)
    for (const index of [0, 1]) await submit(next, index)
    expect(await anyone().getRequestState({ requestId: next.id })).toMatchObject({ status: 'open' })
    await submit(next, 2)
    expect(await next.outcome()).toMatchObject({ status: 'verified' })
  })

  test('are not what an operator with a new store votes on, if their table is older', async () => {
    const operators = await startAll()
    const early = await request()
    const skips = await Promise.all(operators.map(({ until }) => until('skipped', early.id)))
    expect(skips.map(({ reason }) => reason)).toEqual(Array(3).fill('store-too-new'))
    await l2.postTable()
    const late = await request()
    expect(await late.outcome()).toMatchObject({ status: 'verified' })
    expect(await anyone().getRequestState({ requestId: early.id })).toMatchObject({ status: 'open' })
  })

  test('that could only expire are refused', async () => {
    // All can vote; nothing is stale on an L2.
    const error = { name: 'QuorumUnreachableError', minAttestations: 4, staleOperators: [] }
    await expect(request({ minAttestations: 4 })).rejects.toMatchObject(error)
  })
})

type Opened = Awaited<ReturnType<typeof request>>

async function attest(opened: Pick<Opened, 'id'>, index: number, isValid = true) {
  const message: Attestation = {
    ...{ requestId: opened.id, operator: signerOf(index).address, isValid, confidence: 9_900 },
    ...{ method: methodId({ name: word().name, revision: word().revision }), evidenceDigest: zeroHash },
  }
  const domain = toTypedDataDomain(l2.deployment)
  const typed = { domain, types: attestationTypes, primaryType: 'Attestation', message } as const
  return { attestation: message, signature: await signerOf(index).signTypedData(typed) }
}

async function submit({ id, request: params, job }: Opened, index: number) {
  const vote = await attest({ id }, index)
  return anyone().submitVerification({ request: params, job, ...vote })
}

describe('tables', () => {
  test('are read with their terms', async () => {
    const posted = await l2.postTable({ load: false })
    const { loaded } = await anyone().getLatestTable()
    expect(loaded).toBeLessThan(posted)
    expect(await anyone().getLatestTable()).toMatchObject({ posted, isValidReference: true, maxAge: maxStaleness })
    await expect(anyone().getTotalWeight({ timepoint: posted })).rejects.toMatchObject({
      name: 'TableNotLoadedError',
      timepoint: posted,
    })

    const table = await anyone().loadTable({})
    expect(table).toMatchObject({
      timepoint: posted,
      totalWeight: totalStake,
      operators: [0, 1, 2].map((index) => ({ operator: signerOf(index).address, index, weight: stakes[index] })),
    })
    const { timepoint, totalWeight, operators } = table
    expect(await anyone().getTable({ timepoint })).toEqual({ timepoint, totalWeight, operators })
    expect(await anyone().getLatestTable()).toMatchObject({ loaded: posted, posted })
    expect(await anyone().getSeatedOperators()).toEqual(operators.map(({ operator }) => operator))
    expect(await anyone().getReferenceTimepoint()).toBe(posted)

    expect(await anyone().getTableSetTerms()).toEqual({
      certificateVerifier: l2.tables.certificateVerifier,
      operatorSet: l1.eigenLayer.operatorSet,
      multipliers: [10n ** 18n],
      minWeight: 1n,
      maxReferenceAge: 86_400,
      supersededGrace,
      maxRequestLifetime: 3_600,
      weightLookahead: 100_000,
      slashabilityHorizon: 93_600,
      slashable: true,
    })
  })

  test('are loaded once, and only the newest', async () => {
    const old = await l2.postTable({ load: false })
    const latest = await l2.postTable({ load: false })
    const notLatest = { name: 'NotLatestTableError', timepoint: old, latest }
    await expect(anyone().loadTable({ timepoint: old })).rejects.toMatchObject(notLatest)
    await anyone().loadTable({ timepoint: latest })
    await expect(anyone().loadTable({})).rejects.toMatchObject({ name: 'TableAlreadyLoadedError', timepoint: latest })
  })

  test('that went stale are not referred to', async () => {
    const posted = await l2.postTable()
    await moveTo(posted + maxStaleness)
    await request()
    await moveTo(posted + maxStaleness + 1)
    const stale = { name: 'NoCurrentTableError', reason: 'stale', loaded: posted, posted, maxAge: maxStaleness }
    await expect(request()).rejects.toMatchObject(stale)
    // Nor does the contract take one.
    const next = await l2.postTable()
    const opened = await request()
    expect(opened.request.referenceTimepoint).toBe(next)
    await expect(
      connect(l2, l2.accounts.requester).requestInferenceVerification({
        request: { ...opened.request, referenceTimepoint: posted },
        job: opened.job,
      }),
    ).rejects.toMatchObject({ name: 'InvalidReferenceError', referenceTimepoint: posted })
  })

  test('that are posted and not loaded end the one before, after a grace period', async () => {
    const loaded = await l2.postTable()
    const posted = await l2.postTable({ load: false })
    await moveTo(posted + supersededGrace)
    expect((await request()).request.referenceTimepoint).toBe(loaded)
    await moveTo(posted + supersededGrace + 1)
    await expect(request()).rejects.toMatchObject({ name: 'NoCurrentTableError', reason: 'not-loaded', loaded, posted })
    await anyone().loadTable({})
    expect((await request()).request.referenceTimepoint).toBe(posted)
  })

  test('that EigenLayer withdrew are neither referred to nor loaded', async () => {
    const updater = { address: l2.tables.tableUpdater, abi: updaterAbi } as const
    const withdraw = async (timestamp: number) => {
      const root = await l2.client.readContract({
        ...updater,
        functionName: 'getGlobalTableRootByTimestamp',
        args: [timestamp],
      })
      const account = l2.accounts.deployer.address
      await l2.client.writeContractSync({ ...updater, account, functionName: 'disableRoot', args: [root] })
    }
    const loaded = await l2.postTable()
    await withdraw(loaded)
    await expect(request()).rejects.toMatchObject({ name: 'NoCurrentTableError', reason: 'root-disabled', loaded })
    const posted = await l2.postTable({ load: false })
    await withdraw(posted)
    await expect(anyone().loadTable({})).rejects.toMatchObject({ name: 'TableRootDisabledError', timepoint: posted })
  })

  test('are nothing to a deployment on L1, nor checkpoints to one on an L2', async () => {
    const onL1 = connect(l1, l1.accounts.agent)
    expect(await onL1.getOperatorSetKind()).toBe('registrar')
    expect(await anyone().getOperatorSetKind()).toBe('tables')
    expect(await onL1.getReferenceTimepoint()).toBe((await onL1.getClock()) - 1)
    const mismatch = (expected: string, actual: string) => ({
      name: 'OperatorSetKindMismatchError',
      ...{ expected, actual },
    })
    await expect(onL1.loadTable({})).rejects.toMatchObject(mismatch('tables', 'registrar'))
    await expect(onL1.getLatestTable()).rejects.toMatchObject(mismatch('tables', 'registrar'))
    const operator = signerOf(0).address
    await expect(anyone().refreshWeights({ operators: [operator] })).rejects.toMatchObject(
      mismatch('registrar', 'tables'),
    )
    await expect(anyone().getCheckpoint({ operator })).rejects.toMatchObject(mismatch('registrar', 'tables'))
  })

  test('list who has the least weight only', async () => {
    const minWeight = stakes[1] ?? 0n
    await using chain = await createL2Devnet({ l1, chainId: 41_003, tableSet: { minWeight } })
    const client = connect(chain, chain.accounts.agent)
    const { operators, totalWeight } = await client.getTable({ timepoint: await client.getReferenceTimepoint() })
    expect(operators.map(({ operator }) => operator)).toEqual([0, 1].map((index) => signerOf(index).address))
    expect(totalWeight).toBe((stakes[0] ?? 0n) + minWeight)
    expect(await client.getSeatedOperators()).toEqual(operators.map(({ operator }) => operator))
  })

  test('of nobody leave requests without a reference', async () => {
    await using lonely = await createDevnet({ stakes: [], chainId: 41_001 })
    await using chain = await createL2Devnet({ l1: lonely })
    const client = connect(chain, chain.accounts.agent)
    const nothing = { name: 'NoCurrentTableError', reason: 'none-posted', loaded: null, posted: null }
    await expect(client.getReferenceTimepoint()).rejects.toMatchObject(nothing)
    await expect(client.loadTable({})).rejects.toMatchObject(nothing)
    expect(await client.getSeatedOperators()).toEqual([])
    const posted = await chain.postTable({ load: false })
    await expect(client.loadTable({})).rejects.toMatchObject({ name: 'TableWithoutWeightError', timepoint: posted })
  })
})

test('an operator that contradicts itself on the L2 is slashed on L1', async () => {
  await l2.postTable()
  const opened = await request()
  const contradiction = [await attest(opened, 0), await attest(opened, 0, false), await attest(opened, 1)]
  const found = await anyone().findEquivocations({ attestations: contradiction })
  expect(found).toMatchObject([{ chainId: BigInt(l2.chain.id), avs: l2.deployment.avs }])
  const [equivocation] = found
  if (!equivocation) throw new Error('None was found.')
  await expect(anyone().slashEquivocation({ equivocation })).rejects.toMatchObject({ name: 'SlasherMissingError' })

  const onL1 = connect(l1, l1.accounts.agent)
  await expect(onL1.slashEquivocation({ equivocation })).rejects.toMatchObject({ name: 'DomainNotRegisteredError' })
  const owner = connect(l1, l1.accounts.deployer)
  const domain = { chainId: l2.chain.id, avs: l2.deployment.avs }
  const { executableAt } = await owner.proposeSlasherDomain({ domain })
  await l1.client.setNextBlockTimestamp({ timestamp: BigInt(executableAt) })
  await l1.mine()
  await owner.registerSlasherDomain({ domain })

  const { operator, shares } = await onL1.slashEquivocation({ equivocation })
  const stake = stakes[0] ?? 0n
  const { account } = operatorOf(0)
  expect(operator).toBe(account.address)
  expect(shares).toEqual([stake / 10n])
  const left = await getOperatorShares(onL1, {
    ...{ eigenLayer: { ...l1.eigenLayer, chainId: l1.chain.id }, operator: account.address },
    strategies: [l1.eigenLayer.strategy],
  })
  expect(left).toMatchObject([stake - stake / 10n])

  // The next table says so on the L2.
  const timepoint = await l2.postTable()
  expect(await anyone().getVoter({ operator: signerOf(0).address, timepoint })).toMatchObject({
    weight: stake - stake / 10n,
  })
})
