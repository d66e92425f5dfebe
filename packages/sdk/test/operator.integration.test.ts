import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDevnet, type Devnet } from '@proof-of-inference/devnet'
import { getCommitment, getEarnings, getRequestState } from '@proof-of-inference/sdk/actions'
import { directoryStore } from '@proof-of-inference/sdk/node'
import {
  createOperator,
  memoryOperatorStore,
  type OperatorConfig,
  type OperatorEvent,
  type OperatorStore,
} from '@proof-of-inference/sdk/operator'
import {
  decode,
  digest,
  encode,
  type InferenceOutput,
  type ModelManifest,
  memoryPayloadStore,
  type PayloadStore,
  type PolicyDocument,
  type TensorsInput,
} from '@proof-of-inference/sdk/payload'
import { createRequester, publishModel, type RequestParameters } from '@proof-of-inference/sdk/requester'
import { onnx } from '@proof-of-inference/sdk/runner/onnx'
import { defineVerifier, type ItemVerifier, invalid, type Verifier, valid } from '@proof-of-inference/sdk/verifier'
import { exact } from '@proof-of-inference/verifier-exact'
import * as v from 'valibot'
import { createWalletClient, custom, type Hex, http, parseEther, zeroAddress } from 'viem'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { deriveOperatorSalt } from '../src/operator/salt.ts'

const file = createRequire(import.meta.url).resolve('@ricky0123/vad-web/dist/silero_vad_v5.onnx')
const fee = parseEther('0.001')
/** Operator 0 decides alone what asks for 70 % and one attestation. */
const stakes = [70n, 20n, 10n].map((tokens) => tokens * 10n ** 18n)

const input: TensorsInput = {
  type: 'tensors',
  tensors: {
    input: { dtype: 'float32', dims: [1, 576], data: new Float32Array(576).map((_, index) => Math.sin(index / 5) / 3) },
    state: { dtype: 'float32', dims: [2, 1, 128], data: new Float32Array(256) },
    sr: { dtype: 'int64', dims: [], data: new BigInt64Array([16_000n]) },
  },
}

let devnet: Devnet
let payloads: PayloadStore
let weights: Uint8Array
let manifest: ModelManifest
let honest: InferenceOutput
let model: string
/** What was started in a test and still runs. */
let stops: (() => Promise<void>)[] = []
let snapshot: Hex

beforeAll(async () => {
  devnet = await createDevnet({ stakes })
  payloads = memoryPayloadStore()
  weights = new Uint8Array(await readFile(file))
  manifest = {
    v: 1,
    name: 'silero-vad',
    weights: { digest: await digest(weights), format: 'onnx', size: weights.length },
    runtimes: [],
  }
  model = await publish('silero-vad', { policy: exact.policy(), weights })
  const runner = await onnx().load({ manifest, weights })
  honest = await runner.run(input)
  await runner.dispose()
})
afterAll(() => devnet?.stop())

beforeEach(async () => {
  snapshot = await devnet.snapshot()
})
afterEach(async () => {
  await Promise.all(stops.map((stop) => stop()))
  stops = []
  await devnet.revert(snapshot)
})

async function publish(
  name: string,
  { policy, ...rest }: { policy: PolicyDocument; weights?: Uint8Array; manifest?: ModelManifest },
): Promise<string> {
  const { modelVersionId } = await publishModel(connect(devnet.accounts.deployer), {
    deployment: devnet.deployment,
    payloads,
    name,
    manifest,
    policy,
    fees: [{ asset: zeroAddress, accepted: true, minimumFee: fee }],
    ...rest,
  })
  return modelVersionId
}

type Send = (request: { method: string; params?: unknown }) => Promise<unknown>

/** A client of the devnet; `intercept` stands between it and the node. */
function connect(
  account: Devnet['accounts']['deployer'],
  intercept: (request: { method: string; params?: unknown }, send: Send) => Promise<unknown> = (request, send) =>
    send(request),
) {
  const { request: send } = http(devnet.rpcUrl)({ chain: devnet.chain })
  const request = (each: { method: string; params?: unknown }) => intercept(each, send as Send)
  return createWalletClient({
    account,
    chain: devnet.chain,
    transport: custom({ request }, { retryCount: 0 }),
    pollingInterval: 20,
    cacheTime: 0,
  })
}

function operatorOf(index: number) {
  const operator = devnet.accounts.operators[index]
  if (!operator) throw new Error(`There is no operator ${index}.`)
  return operator
}

type Started = Awaited<ReturnType<typeof start>>

/** Runs an operator until `stop`, or the end of the test. */
async function start(index: number, config: Partial<OperatorConfig> = {}, blocks = 2) {
  const { account, signer } = operatorOf(index)
  const events: OperatorEvent[] = []
  const waiting = new Set<() => void>()
  const operator = createOperator({
    client: connect(account),
    deployment: devnet.deployment,
    signer,
    payloads,
    store: memoryOperatorStore(),
    verifiers: [exact()],
    runners: [onnx()],
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
    const find = () =>
      events.find(
        (event): event is Found =>
          event.type === type && (!requestId || ('requestId' in event && event.requestId === requestId)),
      )
    return new Promise<Found>((resolve, reject) => {
      const check = () => {
        const found = find()
        if (!found) return
        waiting.delete(check)
        resolve(found)
      }
      waiting.add(check)
      check()
      done.then(
        () => reject(new Error(`It stopped without ${type}: ${JSON.stringify(events.map((each) => each.type))}`)),
        reject,
      )
    })
  }
  stops.push(() => stop().catch(() => {}))
  await until('started')
  // Requests refer to the block before them, which must be after the one that the store was made at.
  if (blocks > 0) await devnet.mine(blocks)
  return { operator, events, until, stop, done, account }
}

const requester = () =>
  createRequester({ client: connect(devnet.accounts.requester), deployment: devnet.deployment, payloads })

function request(parameters: Partial<Exclude<RequestParameters, { prepared: unknown }>> = {}) {
  return requester().request({
    model,
    input,
    output: honest,
    payee: devnet.accounts.agent.address,
    reward: parseEther('0.01'),
    deadline: { seconds: 600 },
    quorumBps: 7000,
    ...parameters,
  })
}

type Opened = Awaited<ReturnType<typeof request>>

/** Waits until it holds. */
const expectSoon = <value>(read: () => value) => expect.poll(read, { timeout: 10_000, interval: 20 })

/** Makes the next block one of this time, and mines it. */
async function moveTo(timestamp: number) {
  await devnet.client.setNextBlockTimestamp({ timestamp: BigInt(timestamp) })
  await devnet.mine()
}

const openedAt = async ({ id: requestId }: Opened) =>
  (await getRequestState(devnet.client, { deployment: devnet.deployment, requestId })).openedAt

const earningsOf = ({ account: { address } }: Started) =>
  getEarnings(devnet.client, { deployment: devnet.deployment, asset: zeroAddress, account: address })

const typesOf = ({ events }: Started, requestId: Hex) =>
  events.filter((event) => 'requestId' in event && event.requestId === requestId).map(({ type }) => type)

/** The output with one bit of one element changed. */
function changed(output: InferenceOutput): InferenceOutput {
  const copy = structuredClone(output)
  if (copy.type !== 'tensors') throw new Error('not tensors')
  const data = copy.tensors.output?.data
  if (!(data instanceof Float32Array)) throw new Error('not floats')
  const bits = new Uint32Array(data.buffer)
  bits[0] = (bits[0] ?? 0) ^ 1
  return copy
}

/** The exact verifier, but that it always says the same. */
function biased(status: 'valid' | 'invalid'): Verifier {
  return { ...exact(), verify: () => (status === 'valid' ? valid({ evidence: 1 }) : invalid({ evidence: 1 })) }
}

/** A store of which some answers are replaced. */
function tampered(get: (digest: Hex, bytes: () => Promise<Uint8Array>) => Promise<Uint8Array>): PayloadStore {
  return { put: payloads.put, get: (key, options) => get(key, () => payloads.get(key, options)) }
}

describe('an honest operator', () => {
  test('verifies a real model, with others, and claims its share of the fees', async () => {
    const operators = await Promise.all([start(0), start(1), start(2)])
    const good = await request({ quorumBps: 10_000, minAttestations: 3 })
    const bad = await request({ output: changed(honest), quorumBps: 10_000, minAttestations: 3 })
    expect(await good.outcome({ timeout: 20_000 })).toMatchObject({ status: 'verified', response: 99 })
    expect(await bad.outcome({ timeout: 20_000 })).toMatchObject({ status: 'rejected' })

    for (const [index, started] of operators.entries()) {
      expect(await started.until('verified', good.id)).toMatchObject({ verdict: 'valid', confidence: 9_997 })
      expect(await started.until('verified', bad.id)).toMatchObject({ verdict: 'invalid', confidence: 9_997 })
      for (const [{ id }, status] of [
        [good, 'verified'],
        [bad, 'rejected'],
      ] as const) {
        expect(await started.until('settled', id)).toMatchObject({ status, votedWithOutcome: true })
        await started.until('attested', id)
        expect(typesOf(started, id).slice(0, 3)).toEqual(['seen', 'fetched', 'verified'])
        expect(typesOf(started, id).slice(3).sort()).toEqual(['attested', 'settled'])
      }
      // The vote that completed a quorum was paid with it; the other shares are to be claimed.
      const unpaid: Hex[] = []
      for (const { id, outcome } of [good, bad]) {
        const { attestations } = await outcome()
        if (attestations.at(-1)?.operator !== started.account.address) unpaid.push(id)
      }
      const share = (fee * (stakes[index] ?? 0n)) / 10n ** 20n
      expect(await earningsOf(started)).toBe(BigInt(2 - unpaid.length) * share)
      const claims = await started.operator.claimFees()
      expect(claims.flatMap(({ requestIds }) => requestIds).sort()).toEqual(unpaid.sort())
      expect(claims.reduce((sum, { amount }) => sum + amount, 0n)).toBe(BigInt(unpaid.length) * share)
      expect(await earningsOf(started)).toBe(2n * share)
      expect(await started.operator.claimFees()).toEqual([])
      expect(started.events.filter(({ type }) => type === 'error')).toEqual([])
    }
  })

  test('stores the evidence that its attestation names', async () => {
    await start(0)
    const { id, outcome } = await request()
    const { attestations } = await outcome({ timeout: 20_000 })
    const [evidenceDigest] = attestations.map((each) => each.evidenceDigest)
    if (!evidenceDigest) throw new Error('no attestation')
    expect(decode(await payloads.get(evidenceDigest))).toMatchObject({
      type: 'evidence',
      requestId: id,
      status: 'valid',
    })
  })

  test('reads payloads that were published on chain', async () => {
    const prepared = await requester().prepareJob({
      model,
      input,
      output: honest,
      payee: devnet.accounts.agent.address,
    })
    const inline = [prepared.job.inputDigest, prepared.job.outputDigest]
    const store = tampered((key, bytes) => (inline.includes(key) ? Promise.reject(new Error('not here')) : bytes()))
    await start(0, { payloads: store })
    const terms = { reward: 1n, deadline: { seconds: 600 }, inline: true }
    const { outcome } = await requester().request({ prepared, ...terms })
    expect(await outcome({ timeout: 20_000 })).toMatchObject({ status: 'verified' })
  })

  test('sends many votes at once without a collision of nonces', async () => {
    const started = await start(0)
    const requests: Opened[] = []
    for (let index = 0; index < 8; index++) requests.push(await request())
    for (const { id, outcome } of requests) {
      expect(await outcome({ timeout: 20_000 })).toMatchObject({ status: 'verified' })
      expect(await started.until('settled', id)).toMatchObject({ votedWithOutcome: true })
    }
    expect(started.events.filter(({ type }) => type === 'error')).toEqual([])
    // Each decided its request alone, and was paid at once.
    expect(await earningsOf(started)).toBe((8n * fee * 7n) / 10n)
    expect(await started.operator.claimFees()).toEqual([])
  })

  test('sends votes that are ready in one transaction', async () => {
    const store = memoryOperatorStore()
    await (await start(0, { store })).stop()
    const requests: Opened[] = []
    for (let index = 0; index < 4; index++) requests.push(await request())
    const started = await start(0, { store, voteInterval: 60_000 })
    const hashes = new Set<Hex>()
    for (const { id } of requests) hashes.add((await started.until('attested', id)).hash)
    expect(hashes.size).toBe(1)
    for (const { id } of requests) {
      expect(await started.until('settled', id)).toMatchObject({ votedWithOutcome: true })
    }
    expect(started.events.filter(({ type }) => type === 'error')).toEqual([])
  })

  test('says how it is doing', async () => {
    const started = await start(0)
    expect(started.operator.status()).toMatchObject({ phase: 'running', verifying: 0, transactions: 0 })
    await expect(started.operator.run()).rejects.toMatchObject({ name: 'OperatorRunningError' })
    await started.stop()
    expect(started.operator.status()).toEqual({ phase: 'idle' })
    await expect(started.operator.claimFees()).rejects.toMatchObject({ name: 'OperatorNotRunningError' })
  })
})

describe('a restart', () => {
  let directory: string
  let state: () => OperatorStore
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'operator-'))
    state = () => directoryStore(directory)
  })
  afterEach(() => rm(directory, { recursive: true }))

  test('in the middle of a verification begins it again', async () => {
    let begin: (() => void) | undefined
    const begun = new Promise<void>((resolve) => {
      begin = resolve
    })
    const stuck: ItemVerifier = {
      ...exact(),
      verify: (_, { signal }) =>
        new Promise((_resolve, reject) => {
          begin?.()
          signal.addEventListener('abort', () => reject(signal.reason))
        }),
    }
    const first = await start(0, { store: state(), verifiers: [stuck] })
    const { id, outcome } = await request()
    await begun
    await first.stop()
    expect(typesOf(first, id)).toEqual(['seen', 'fetched'])

    const second = await start(0, { store: state() })
    expect(await outcome({ timeout: 20_000 })).toMatchObject({ status: 'verified' })
    await second.until('settled', id)
    expect(typesOf(second, id)).not.toContain('seen')
  })

  test('takes in the requests that were opened and settled meanwhile', async () => {
    const first = await start(0, { store: state() })
    await first.stop()
    const opened = await request()
    const late = await request({ deadline: { seconds: 30 } })
    await moveTo(late.request.deadline + 1)
    expect(await late.outcome({ timeout: 20_000 })).toMatchObject({ status: 'expired' })
    const second = await start(0, { store: state() })
    expect(await opened.outcome({ timeout: 20_000 })).toMatchObject({ status: 'verified' })
    expect(await second.until('settled', late.id)).toMatchObject({ status: 'expired', votedWithOutcome: false })
  })

  test('sends the verdict that was signed, whatever the verifier would say now', async () => {
    const refusing = connect(operatorOf(0).account, async (each, send) => {
      if (each.method === 'eth_sendRawTransaction') throw new Error('the node takes no transactions')
      return send(each)
    })
    const first = await start(0, { store: state(), client: refusing })
    const { id, outcome } = await request()
    await first.until('verified', id)
    const failure = await first.until('error', id)
    expect(String(failure.error)).toContain('the node takes no transactions')
    await first.stop()

    const second = await start(0, { store: state(), verifiers: [biased('invalid')] })
    expect(await outcome({ timeout: 20_000 })).toMatchObject({ status: 'verified' })
    await second.until('settled', id)
    expect(typesOf(second, id)).not.toContain('verified')
  })

  test('sends the same verdict for a request that a reorg moved', async () => {
    const refusing = connect(operatorOf(0).account, async (each, send) => {
      if (each.method === 'eth_sendRawTransaction') throw new Error('the node takes no transactions')
      return send(each)
    })
    const store = state()
    const first = await start(0, { store, client: refusing })
    const { id, outcome, blockNumber } = await request()
    await first.until('verified', id)
    await first.stop()
    // As after a reorg: the request is not known, and comes again.
    const { chainId, avs } = devnet.deployment
    await store.open({ chainId, avs, operator: first.account.address }, () => Promise.reject(new Error('not new')))
    const { hash } = await devnet.client.getBlock({ blockNumber: blockNumber - 1n })
    await store.write({ remove: [id], cursor: [{ number: blockNumber - 1n, hash }] })
    await store.close()

    const second = await start(0, { store, verifiers: [biased('invalid')] })
    expect(await outcome({ timeout: 20_000 })).toMatchObject({ status: 'verified' })
    await second.until('settled', id)
    expect(typesOf(second, id)).toContain('seen')
    expect(typesOf(second, id)).not.toContain('verified')
  })

  test('after the vote was sent, and before that was known, sends no second one', async () => {
    let sent = 0
    const forgetful = connect(operatorOf(0).account, async (each, send) => {
      const answer = await send(each)
      if (each.method !== 'eth_sendRawTransaction') return answer
      sent++
      throw new Error('the connection broke')
    })
    const first = await start(0, { store: state(), client: forgetful })
    const { id } = await request({ quorumBps: 10_000 })
    await first.until('error', id)
    await first.stop()
    const second = await start(0, { store: state(), client: forgetful })
    await expectSoon(() => second.operator.status()).toMatchObject({ requests: { verified: 0, attested: 1 } })
    expect(sent).toBe(1)
  })

  test('on a new store leaves alone what an earlier one may have signed', async () => {
    const { id } = await request()
    const started = await start(0)
    const seen = await request()
    await started.until('settled', seen.id)
    expect(typesOf(started, id)).toEqual([])
  })

  test.each([
    { what: 'rolls back with the chain', hasReceipt: true },
    { what: 'rolls back with a chain that loses a vote whose receipt it still waits for', hasReceipt: false },
  ])('$what', async ({ hasReceipt }) => {
    let isHidden = !hasReceipt
    const client = connect(operatorOf(0).account, async (each, send) => {
      return each.method === 'eth_getTransactionReceipt' && isHidden ? null : send(each)
    })
    const started = await start(0, { store: state(), client, stallTimeout: hasReceipt ? undefined : 500 })
    const { id } = await request({ quorumBps: 10_000 })
    await started.until('attested', id)
    await expectSoon(() => started.operator.status()).toMatchObject({
      requests: { attested: 1 },
      transactions: hasReceipt ? 0 : 1,
    })
    // The vote's block is replaced by an empty one.
    const { request: rpc } = devnet.client
    await rpc({ method: 'anvil_reorg', params: [1, []] } as never)
    await devnet.mine()
    isHidden = false
    const isCounted = async () =>
      (await getRequestState(devnet.client, { deployment: devnet.deployment, requestId: id })).validVotes !== 0n
    await expectSoon(isCounted).toBe(true)
    await expectSoon(() => started.events.filter(({ type }) => type === 'attested')).toHaveLength(2)
    expect(started.events.filter(({ type }) => type === 'verified')).toHaveLength(1)
  })
})

describe('a commit window', () => {
  test('is kept, across a restart: commit within, reveal after, and earn after the outcome', async () => {
    const stores = [memoryOperatorStore(), memoryOperatorStore(), memoryOperatorStore()] as const
    const first = await Promise.all(stores.map((store, index) => start(index, { store })))
    const opened = await request({ commitWindow: 60, quorumBps: 9000, minAttestations: 2 })
    for (const started of first) await started.until('committed', opened.id)
    await Promise.all(first.map((started) => started.stop()))
    for (const started of first) expect(typesOf(started, opened.id)).not.toContain('attested')

    await moveTo((await openedAt(opened)) + 61)
    const second = await Promise.all([start(0, { store: stores[0] }), start(1, { store: stores[1] })])
    expect(await opened.outcome({ timeout: 20_000 })).toMatchObject({ status: 'verified' })
    for (const started of second) {
      expect(await started.until('settled', opened.id)).toMatchObject({ votedWithOutcome: true })
      expect(typesOf(started, opened.id)).not.toContain('committed')
    }
    // The third comes when it is decided: its vote no longer counts, but it was committed in time and earns.
    const third = await start(2, { store: stores[2] })
    expect(await third.until('settled', opened.id)).toMatchObject({ status: 'verified', votedWithOutcome: true })
    expect(await third.operator.claimFees()).toMatchObject([{ amount: fee / 10n }])
  })

  test('keeps the evidence back, across a restart, until the vote is revealed', async () => {
    const store = memoryOperatorStore()
    const puts: Hex[] = []
    const recording: PayloadStore = {
      get: payloads.get,
      async put(bytes, options) {
        const key = await payloads.put(bytes, options)
        puts.push(key)
        return key
      },
    }
    const first = await start(0, { store, payloads: recording })
    const opened = await request({ commitWindow: 60 })
    await first.until('committed', opened.id)
    await first.stop()
    expect(puts).toEqual([])

    await moveTo((await openedAt(opened)) + 61)
    // What it would find now is not what it committed to.
    await start(0, { store, payloads: recording, verifiers: [biased('invalid')] })
    const { attestations } = await opened.outcome({ timeout: 20_000 })
    expect(puts).toEqual(attestations.map(({ evidenceDigest }) => evidenceDigest))
    expect(decode(await payloads.get(puts[0] ?? '0x'))).toMatchObject({ requestId: opened.id, status: 'valid' })
  })

  test('does not reveal a vote whose evidence cannot be published', async () => {
    let isDown = true
    const unreliable: PayloadStore = {
      get: payloads.get,
      put: (bytes, options) => (isDown ? Promise.reject(new Error('It is down.')) : payloads.put(bytes, options)),
    }
    const started = await start(0, { payloads: unreliable })
    const opened = await request()
    await started.until('error', opened.id)
    expect(
      (await getRequestState(devnet.client, { deployment: devnet.deployment, requestId: opened.id })).validVotes,
    ).toBe(0n)
    isDown = false
    expect(await opened.outcome({ timeout: 20_000 })).toMatchObject({ status: 'verified' })
  })

  test('that was missed ends in abstaining', async () => {
    const store = memoryOperatorStore()
    await (await start(0, { store })).stop()
    const opened = await request({ commitWindow: 60 })
    await moveTo((await openedAt(opened)) + 61)
    const started = await start(0, { store })
    expect(await started.until('skipped', opened.id)).toMatchObject({ reason: 'commit-window-missed' })
  })

  test('takes a commitment that was sent before a crash for its own', async () => {
    const store = memoryOperatorStore()
    const forgetful = connect(operatorOf(0).account, async (each, send) => {
      const answer = await send(each)
      if (each.method === 'eth_sendRawTransaction') throw new Error('the connection broke')
      return answer
    })
    const first = await start(0, { store, client: forgetful })
    const opened = await request({ commitWindow: 60 })
    await first.until('error', opened.id)
    await first.stop()
    const { deployment, client } = devnet
    const operator = operatorOf(0).account.address
    expect(await getCommitment(client, { deployment, requestId: opened.id, operator })).not.toBeNull()
    await moveTo((await openedAt(opened)) + 61)
    const second = await start(0, { store })
    expect(await second.until('settled', opened.id)).toMatchObject({ votedWithOutcome: true })
  })
})

describe('what cannot be verified is not voted on', () => {
  test.each(['inputDigest', 'outputDigest'] as const)('%s: other bytes than it names', async (name) => {
    const opened: { job?: Opened['job'] } = {}
    const store = tampered(async (key, bytes) => {
      const found = await bytes()
      if (key === opened.job?.[name]) found[0] = (found[0] ?? 0) ^ 1
      return found
    })
    const prepared = await requester().prepareJob({
      model,
      input,
      output: honest,
      payee: devnet.accounts.agent.address,
    })
    opened.job = prepared.job
    const started = await start(0, { payloads: store })
    const { id, request: terms } = await requester().request({ prepared, reward: 1n, deadline: { seconds: 60 } })
    const { error, retryInMs } = await started.until('error', id)
    expect(error).toMatchObject({ name: 'PayloadUnavailableError' })
    expect(retryInMs).toBeGreaterThan(0)
    await moveTo(terms.deadline)
    expect(await started.until('skipped', id)).toMatchObject({ reason: 'payload-mismatch' })
  })

  test('a payload out of reach is waited for', async () => {
    let isReachable = false
    const started = await start(0, {
      payloads: tampered((_, bytes) => (isReachable ? bytes() : Promise.reject(new Error('down')))),
    })
    const { id, outcome } = await request()
    await started.until('error', id)
    isReachable = true
    expect(await outcome({ timeout: 20_000 })).toMatchObject({ status: 'verified' })
  })

  test('a payload out of reach until the deadline', async () => {
    const started = await start(0, { payloads: tampered(() => Promise.reject(new Error('down'))) })
    const { id, request: terms } = await request()
    await started.until('error', id)
    await moveTo(terms.deadline)
    expect(await started.until('skipped', id)).toMatchObject({ reason: 'payload-unavailable' })
  })

  test('a payload that is too large', async () => {
    const started = await start(0, { maxPayloadBytes: 1000 })
    const { id } = await request()
    expect(await started.until('skipped', id)).toMatchObject({ reason: 'payload-too-large' })
  })

  test('bytes with the right digest that are no output', async () => {
    const started = await start(0)
    const garbage = await payloads.put(encode({ v: 1, type: 'poem' }))
    const { id } = await request({ output: { digest: garbage } })
    expect(await started.until('skipped', id)).toMatchObject({ reason: 'payload-invalid' })
  })

  test('weights that nobody holds', async () => {
    const started = await start(0)
    const missing = {
      ...manifest,
      weights: { ...manifest.weights, digest: await digest(new Uint8Array([1])), size: 1 },
    }
    const claimed = { ...honest, runtime: { ...honest.runtime, weightsDigest: missing.weights.digest } }
    const version = await publish('missing', { policy: exact.policy(), manifest: missing })
    const { id, outcome, request: terms } = await request({ model: version, output: claimed })
    expect((await started.until('error', id)).error).toMatchObject({ name: 'RunnerUnavailableError' })
    await moveTo(terms.deadline + 1)
    expect(await started.until('skipped', id)).toMatchObject({ reason: 'runner-unavailable' })
    expect(await outcome({ timeout: 20_000 })).toMatchObject({ status: 'expired' })
  })

  test('weights that are not those of the manifest', async () => {
    const wrong = new Uint8Array(weights)
    wrong[1000] = (wrong[1000] ?? 0) ^ 1
    const started = await start(0, {
      payloads: tampered(async (key, bytes) => (key === manifest.weights.digest ? wrong : bytes())),
    })
    const { id, request: terms } = await request()
    expect((await started.until('error', id)).error).toMatchObject({ name: 'WeightsDigestMismatchError' })
    await moveTo(terms.deadline)
    expect(await started.until('skipped', id)).toMatchObject({ reason: 'weights-mismatch' })
  })

  test('an inconclusive verdict, and a verifier that fails', async () => {
    const started = await start(0)
    const otherRuntime = { ...honest, runtime: { ...honest.runtime, version: '0.0.1' } }
    const { id } = await request({ output: otherRuntime })
    expect(await started.until('skipped', id)).toMatchObject({ reason: 'inconclusive' })
    await started.stop()

    const failing: Verifier = {
      ...exact(),
      verify: () => {
        throw new Error('a bug')
      },
    }
    const second = await start(0, { verifiers: [failing] })
    const other = await request()
    expect(await second.until('skipped', other.id)).toMatchObject({ reason: 'verification-failed' })
    expect(second.events.filter(({ type }) => type === 'error')).toHaveLength(3)
  })

  test('a verification that takes too long', async () => {
    const endless: ItemVerifier = { ...exact(), verify: () => new Promise(() => {}) }
    const started = await start(0, { verifiers: [endless], jobTimeout: 10 })
    const { id } = await request()
    expect(await started.until('skipped', id)).toMatchObject({ reason: 'verification-failed' })
  })

  test("a method without a verifier, and a policy that is not the version's", async () => {
    const parameters = v.strictObject({})
    const unknown = defineVerifier({
      name: '@test/unknown',
      revision: 1,
      scope: 'item',
      requires: [],
      policy: parameters,
      verify: () => valid({ evidence: null }),
    })
    const document: PolicyDocument = {
      v: 1,
      verifier: unknown.name,
      revision: 1,
      parameters: {},
      confidence: { valid: 9000, invalid: 9000 },
      references: {},
    }
    const version = await publish('unknown', { policy: document })
    const started = await start(0)
    const first = await request({ model: version })
    expect(await started.until('skipped', first.id)).toMatchObject({ reason: 'unknown-method' })
    // Parameters that the verifier of the policy does not know.
    const odd = await publish('odd', { policy: { ...exact.policy(), parameters: { tolerance: 1 } } })
    const second = await request({ model: odd })
    expect(await started.until('skipped', second.id)).toMatchObject({ reason: 'policy-mismatch' })
  })

  test('a fee below the floor, or in an asset without one', async () => {
    const started = await start(0, { minimumFee: { [zeroAddress]: fee + 1n } })
    const { id } = await request()
    expect(await started.until('skipped', id)).toMatchObject({ reason: 'fee-below-floor' })
    await request({ verificationFee: fee + 1n }).then(({ id }) => started.until('attested', id))
    await started.stop()
    const unlisted = await start(0, { minimumFee: { [devnet.token]: 1n } })
    const other = await request()
    expect(await unlisted.until('skipped', other.id)).toMatchObject({ reason: 'fee-below-floor' })
    await unlisted.stop()
    const asked = await start(0, { minimumFee: async ({ request: { verificationFee } }) => verificationFee + 1n })
    const last = await request()
    expect(await asked.until('skipped', last.id)).toMatchObject({ reason: 'fee-below-floor' })
  })

  test('by an address that is no operator, or with a key that is not registered', async () => {
    const stranger = await start(0, { operator: devnet.accounts.agent.address })
    const wrongKey = await start(0, { signer: operatorOf(1).signer })
    const { id } = await request()
    expect(await stranger.until('skipped', id)).toMatchObject({ reason: 'not-an-operator' })
    expect(await wrongKey.until('skipped', id)).toMatchObject({ reason: 'wrong-signing-key' })
  })

  test('a request whose reference is from before the store', async () => {
    const started = await start(0, {}, 0)
    // Opened in the block after the one that the store was made at, to which it refers.
    const { id } = await request()
    expect(await started.until('skipped', id)).toMatchObject({ reason: 'store-too-new' })
  })

  test('when the deadline is near', async () => {
    const started = await start(0, { deadlineMargin: 100 })
    const { id } = await request({ deadline: { seconds: 90 } })
    expect(await started.until('skipped', id)).toMatchObject({ reason: 'deadline' })
  })
})

describe('transactions', () => {
  test('that are pending together have different nonces, though the node does not count them yet', async () => {
    const store = memoryOperatorStore()
    const { account } = operatorOf(0)
    await (await start(0, { store })).stop()
    const opened = [await request({ quorumBps: 10_000 }), await request({ quorumBps: 10_000 })]
    await devnet.client.setAutomine(false)
    const lagging = connect(account, (each, send) =>
      send(each.method === 'eth_getTransactionCount' ? { ...each, params: [account.address, 'latest'] } : each),
    )
    const started = await start(0, { store, client: lagging, voteInterval: 0 }, 0)
    await expectSoon(async () => (await devnet.client.getTxpoolStatus()).pending).toBe(2)
    await devnet.mine()
    for (const { id } of opened) await started.until('attested', id)
    await devnet.client.setAutomine(true)
  })

  test('that stall are sent again with higher fees, and count once', async () => {
    const started = await start(0, { stallTimeout: 100 })
    const { id } = await request({ quorumBps: 10_000 })
    await started.until('attested', id)
    await devnet.client.setAutomine(false)
    const opening = request({ quorumBps: 10_000 })
    const mined = devnet.client.getBlockNumber()
    await expectSoon(async () => (await devnet.client.getTxpoolStatus()).pending).toBe(1)
    await devnet.mine()
    const second = await opening
    const { address } = operatorOf(0).account
    const pendingFee = async () => {
      const { pending } = await devnet.client.getTxpoolContent()
      const mine = Object.entries(pending).find(([from]) => from.toLowerCase() === address.toLowerCase())?.[1]
      const [transaction] = Object.values(mine ?? {})
      return BigInt(transaction?.maxFeePerGas ?? 0n)
    }
    await expectSoon(pendingFee).toBeGreaterThan(0n)
    const before = await pendingFee()
    await expectSoon(pendingFee).toBeGreaterThanOrEqual((before * 9n) / 8n)
    await devnet.mine()
    await started.until('attested', second.id)
    expect(await mined).toBeLessThan(await devnet.client.getBlockNumber())
    expect(await devnet.client.getTransactionCount({ address })).toBe(
      await devnet.client.getTransactionCount({ address, blockTag: 'pending' }),
    )
    await devnet.client.setAutomine(true)
  })
})

describe('failures', () => {
  test('of the node are waited out', async () => {
    let isDown = false
    const client = connect(operatorOf(0).account, async (each, send) => {
      if (isDown) throw new Error('connect ECONNREFUSED')
      return send(each)
    })
    const started = await start(0, { client })
    isDown = true
    const { retryInMs } = await started.until('error')
    expect(retryInMs).toBe(500)
    const { id } = await request()
    isDown = false
    await started.until('attested', id)
  })

  test('of the store end the run', async () => {
    const store = memoryOperatorStore()
    const started = await start(0, {
      store: {
        ...store,
        write: async (changes) => {
          if (changes.put?.length) throw new Error('the disk is full')
          await store.write(changes)
        },
      },
    })
    await request()
    await expect(started.done).rejects.toThrow('the disk is full')
    expect(started.events.at(-1)).toEqual({ type: 'stopped' })
    // It is closed, and may be opened again.
    await (await start(0, { store })).stop()
  })

  test('to start are told at once', async () => {
    const client = connect(operatorOf(0).account)
    const config = {
      ...{ client, payloads, store: memoryOperatorStore(), verifiers: [], runners: [] },
      deployment: { ...devnet.deployment, chainId: 1 },
    }
    await expect(createOperator(config).run()).rejects.toMatchObject({ name: 'ChainMismatchError' })
    const account = operatorOf(0).account.address
    const remote = createWalletClient({ account, transport: http(devnet.rpcUrl) })
    expect(() => createOperator({ ...config, client: remote })).toThrow('no key to sign')
    expect(() => createOperator({ ...config, concurrency: 0 })).toThrow(RangeError)
    expect(() => createOperator({ ...config, blockRange: 0n })).toThrow(RangeError)
  })

  test('and everything else is logged without a secret', async () => {
    const lines: string[] = []
    const log = (message: string, fields: unknown) => {
      const text = JSON.stringify(fields, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value))
      lines.push(`${message} ${text}`)
    }
    const apiKey = 'an-api-key-in-the-address'
    const inner = memoryOperatorStore()
    let secret: Hex | undefined
    const store: OperatorStore = {
      ...inner,
      async open(...parameters) {
        const origin = await inner.open(...parameters)
        secret = origin.secret
        return origin
      },
    }
    let isDown = false
    const url = `http://127.0.0.1:1/${apiKey}`
    const down = http(url, { retryCount: 0 })({})
    const client = connect(operatorOf(0).account, (each, send) => (isDown ? (down.request as Send)(each) : send(each)))
    const logger = { debug: log, info: log, warn: log, error: log }
    const started = await start(0, { store, client, logger })
    const opened = await request({ commitWindow: 60 })
    await started.until('committed', opened.id)
    isDown = true
    const { error } = await started.until('error')
    isDown = false
    expect(String(error)).toContain(apiKey)
    await moveTo((await openedAt(opened)) + 61)
    await started.until('attested', opened.id)
    const text = lines.join('\n')
    expect(text).toContain('committed')
    expect(text).toContain('HTTP request failed')
    if (!secret) throw new Error('no secret')
    const salt = await deriveOperatorSalt(secret, { ...devnet.deployment, requestId: opened.id })
    for (const hidden of [apiKey, secret.slice(2), salt.slice(2)]) expect(text).not.toContain(hidden)
  })

  test('of a listener harm nothing', async () => {
    const { account, signer } = operatorOf(0)
    const errors: string[] = []
    const nothing = () => {}
    const operator = createOperator({
      client: connect(account),
      deployment: devnet.deployment,
      signer,
      payloads,
      store: memoryOperatorStore(),
      verifiers: [exact()],
      runners: [onnx()],
      logger: { debug: nothing, info: nothing, warn: nothing, error: (message) => errors.push(message) },
      onEvent: () => {
        throw new Error('a bug of the app')
      },
    })
    const controller = new AbortController()
    const done = operator.run({ signal: controller.signal })
    await expectSoon(() => operator.status().phase).toBe('running')
    await devnet.mine(2)
    const { outcome } = await request()
    expect(await outcome({ timeout: 20_000 })).toMatchObject({ status: 'verified' })
    controller.abort()
    await done
    expect(errors.length).toBeGreaterThan(3)
  })
})
