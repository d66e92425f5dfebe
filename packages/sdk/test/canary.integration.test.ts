import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createDevnet, type Devnet } from '@proof-of-inference/devnet'
import { type Attestation, commitmentHash } from '@proof-of-inference/sdk'
import {
  commitVerification,
  getAttestations,
  getCanaries,
  getJobState,
  getOperatorRecord,
  revealCanary,
  signAttestation,
  submitVerification,
} from '@proof-of-inference/sdk/actions'
import { createOperator, memoryOperatorStore, type OperatorEvent } from '@proof-of-inference/sdk/operator'
import {
  digest,
  encode,
  type InferenceOutput,
  type ModelManifest,
  memoryPayloadStore,
  type PayloadStore,
  type TensorsInput,
} from '@proof-of-inference/sdk/payload'
import {
  type Canary,
  createCanary,
  createRequester,
  type InferenceRequest,
  publishModel,
  type RequestParameters,
} from '@proof-of-inference/sdk/requester'
import { runnerRegistry } from '@proof-of-inference/sdk/runner'
import { onnx } from '@proof-of-inference/sdk/runner/onnx'
import { auditEvidence, findCopiedEvidence, methodId } from '@proof-of-inference/sdk/verifier'
import { exact } from '@proof-of-inference/verifier-exact'
import { createWalletClient, type Hex, http, keccak256, toHex, zeroAddress } from 'viem'
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest'

const file = createRequire(import.meta.url).resolve('@ricky0123/vad-web/dist/silero_vad_v5.onnx')
/** The first two do their work; the third does none. */
const stakes = [40n, 40n, 20n].map((tokens) => tokens * 10n ** 18n)
const lazy = 2

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
let honest: InferenceOutput
let model: Hex
/** What was started and still runs. */
let stops: (() => Promise<void>)[] = []

beforeAll(async () => {
  devnet = await createDevnet({ stakes })
  payloads = memoryPayloadStore()
  const weights = new Uint8Array(await readFile(file))
  const manifest: ModelManifest = {
    v: 1,
    name: 'silero-vad',
    weights: { digest: await digest(weights), format: 'onnx', size: weights.length },
    runtimes: [],
  }
  const published = await publishModel(connect(devnet.accounts.deployer), {
    deployment: devnet.deployment,
    payloads,
    name: 'silero-vad',
    manifest,
    policy: exact.policy(),
    weights,
    fees: [{ asset: zeroAddress, accepted: true, minimumFee: 100n }],
  })
  model = published.modelVersionId
  const runner = await onnx().load({ manifest, weights })
  honest = await runner.run(input)
  await runner.dispose()
})
afterEach(async () => {
  await Promise.all(stops.map((stop) => stop()))
  stops = []
})
afterAll(() => devnet?.stop())

function connect(account: Devnet['accounts']['deployer']) {
  const transport = http(devnet.rpcUrl)
  return createWalletClient({ account, chain: devnet.chain, transport, pollingInterval: 20, cacheTime: 0 })
}

function operatorAt(index: number) {
  const operator = devnet.accounts.operators[index]
  if (!operator) throw new Error(`There is no operator ${index}.`)
  return operator
}

/** Runs an honest operator that judges only once `begin` resolved. */
async function start(index: number, begin: Promise<void>) {
  const { account, signer } = operatorAt(index)
  const verifier = exact()
  const waiting: typeof verifier = {
    ...verifier,
    async verify(job, context) {
      await begin
      return verifier.verify(job, context)
    },
  }
  const events: OperatorEvent[] = []
  const operator = createOperator({
    client: connect(account),
    deployment: devnet.deployment,
    signer,
    payloads,
    store: memoryOperatorStore(),
    verifiers: [waiting],
    runners: [onnx()],
    onEvent: (event) => void events.push(event),
  })
  const controller = new AbortController()
  const done = operator.run({ signal: controller.signal })
  stops.push(async () => {
    controller.abort()
    await done
  })
  await until(events, 'started')
  return events
}

/** Waits for an event of a type. */
const until = (events: readonly OperatorEvent[], type: OperatorEvent['type']) =>
  expect.poll(() => events.map((event) => event.type), { timeout: 15_000, interval: 20 }).toContain(type)

/** Runs both honest operators; they judge after `begin`. */
async function startHonest() {
  let begin: () => void = () => {}
  const begun = new Promise<void>((resolve) => {
    begin = resolve
  })
  const events = await Promise.all([start(0, begun), start(1, begun)])
  // Requests refer to the block before them, which must be after the one that a store was made at.
  await devnet.mine(2)
  return { begin, events }
}

const requester = () =>
  createRequester({ client: connect(devnet.accounts.requester), deployment: devnet.deployment, payloads })

function request(
  { salt }: Pick<Canary, 'salt'>,
  terms: Partial<Exclude<RequestParameters, { prepared: unknown }>> = {},
) {
  const output = changed(honest)
  return requester().request({ model, input, output, salt, reward: 0n, deadline: { seconds: 600 }, ...terms })
}

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

/** A vote of the lazy operator. */
async function voteLazily(
  { id, job, request }: InferenceRequest,
  changes: Pick<Attestation, 'isValid' | 'evidenceDigest'>,
) {
  const { account, signer } = operatorAt(lazy)
  const { deployment } = devnet
  const client = connect(account)
  const attestation: Attestation = {
    requestId: id,
    operator: account.address,
    confidence: 9_997,
    method: methodId(exact()),
    ...changes,
  }
  const signature = await signAttestation(client, { deployment, account: signer, attestation })
  return submitVerification(client, { deployment, request, job, attestation, signature })
}

/** The evidence of who says that an output is the model's, without having run it. */
function makeUpEvidence({ id, jobId, job }: InferenceRequest): Uint8Array {
  return encode({
    v: 1,
    type: 'evidence',
    verifier: exact().name,
    revision: exact().revision,
    requestId: id,
    jobId,
    operator: operatorAt(lazy).account.address.toLowerCase(),
    runtimes: { model: { ...honest.runtime } },
    status: 'valid',
    metrics: { compared: 257, mismatches: 0, maxAbs: 0 },
    evidence: { reference: job.outputDigest, runtime: { ...honest.runtime } },
  })
}

const audit = async (opened: InferenceRequest, index: number) => {
  const { deployment } = devnet
  const { address } = operatorAt(index).account
  const attestations = await getAttestations(devnet.client, { deployment, requestId: opened.id })
  const attestation = attestations.find(({ operator }) => operator === address)
  if (!attestation) throw new Error(`Operator ${index} has not voted.`)
  const runners = runnerRegistry({ runners: [onnx()], payloads })
  try {
    return await auditEvidence(devnet.client, {
      deployment,
      attestation,
      payloads,
      repeat: { verifier: exact(), runners },
    })
  } finally {
    await runners.dispose()
  }
}

const recordOf = (index: number) =>
  getOperatorRecord(devnet.client, {
    deployment: devnet.deployment,
    operator: operatorAt(index).account.address,
    canaryRequesters: [devnet.accounts.requester.address],
  })

test('canaries, records and audits tell an operator that does no work from those that do', async () => {
  const { deployment } = devnet
  const first = await startHonest()
  const canary = createCanary({ isValid: false })
  const opened = await request(canary, { quorumBps: 8000, minAttestations: 2 })
  expect(opened.job.salt).toBe(canary.salt)
  await expect(requester().revealCanary({ job: opened.job, ...canary })).rejects.toMatchObject({
    name: 'CanaryRevealedTooEarlyError',
    jobId: opened.jobId,
    requestIds: [opened.id],
    deadline: opened.request.deadline,
  })
  await voteLazily(opened, { isValid: true, evidenceDigest: await payloads.put(makeUpEvidence(opened)) })
  first.begin()
  expect(await opened.outcome({ timeout: 20_000 })).toMatchObject({ status: 'rejected' })
  const revealed = await requester().revealCanary({ job: opened.job, ...canary })
  expect(revealed.jobId).toBe(opened.jobId)
  await Promise.all(stops.map((stop) => stop()))
  stops = []

  // One that copies is right about the next canary.
  const second = await startHonest()
  const copied = createCanary({ isValid: false })
  const another = await request(copied, { quorumBps: 10_000, minAttestations: 3 })
  second.begin()
  await Promise.all(second.events.map((events) => until(events, 'attested')))
  const [original] = await getAttestations(devnet.client, { deployment, requestId: another.id })
  if (!original) throw new Error('nobody has voted')
  await voteLazily(another, { isValid: original.isValid, evidenceDigest: original.evidenceDigest })
  expect(await another.outcome({ timeout: 20_000 })).toMatchObject({ status: 'rejected' })
  await requester().revealCanary({ job: another.job, ...copied })
  await Promise.all(stops.map((stop) => stop()))
  stops = []

  // With a commit window there is nothing to copy: it commits to something, and reveals nothing.
  const third = await startHonest()
  third.begin()
  const secret = await request(createCanary({ isValid: false }), {
    quorumBps: 8000,
    minAttestations: 2,
    commitWindow: 60,
  })
  const commitment = commitmentHash(keccak256(toHex('something')), keccak256(toHex('salt')))
  const { account } = operatorAt(lazy)
  const operator = account.address
  await commitVerification(connect(account), { deployment, request: secret.request, operator, commitment })
  await Promise.all(third.events.map((events) => until(events, 'committed')))
  const openedAt = (await devnet.client.getBlock({ blockNumber: secret.blockNumber })).timestamp
  await devnet.client.setNextBlockTimestamp({ timestamp: openedAt + 61n })
  await devnet.mine()
  expect(await secret.outcome({ timeout: 20_000 })).toMatchObject({ status: 'rejected' })
  expect((await recordOf(lazy)).commitments).toMatchObject({ total: 1, pending: 1, unrevealed: 0 })
  await devnet.client.setNextBlockTimestamp({ timestamp: BigInt(secret.request.deadline) + 1n })
  await devnet.mine()

  const canaries = await getCanaries(devnet.client, { deployment })
  expect(canaries).toMatchObject(
    [opened, another].map(({ id, jobId }) => ({
      jobId,
      isValid: false,
      requesters: [devnet.accounts.requester.address],
      requests: [{ requestId: id }],
    })),
  )
  for (const index of [0, 1])
    expect(await recordOf(index)).toMatchObject({
      votes: { total: 3, counted: 3 },
      outcomes: { open: 0, expired: 0, agreed: 3, disagreed: 0, disagreement: { rate: 0 } },
      commitments: { total: 1, revealed: 1, pending: 0, unrevealed: 0 },
      canaries: { right: 2, wrong: 0, test: { state: 'undecided' } },
    })
  expect(await recordOf(lazy)).toMatchObject({
    votes: { total: 2, counted: 2 },
    outcomes: { agreed: 1, disagreed: 1, disagreement: { rate: 0.5 } },
    commitments: { total: 1, revealed: 0, pending: 0, unrevealed: 1, unrevealedRequestIds: [secret.id] },
    canaries: { right: 1, wrong: 1, test: { state: 'undecided' } },
  })

  for (const request of [opened, another, secret])
    for (const index of [0, 1])
      expect(await audit(request, index)).toMatchObject({
        outcome: 'passed',
        checks: { repeatedVerdict: { result: 'passed' }, repeatedEvidence: { result: 'passed' } },
        evidence: { status: 'invalid' },
        // The reference's digest is not in the claimed output.
        provesWork: true,
      })
  // What it made up is well made: only running the model tells.
  expect(await audit(opened, lazy)).toMatchObject({
    outcome: 'failed',
    checks: {
      shape: { result: 'passed' },
      verdict: { result: 'passed' },
      repeatedVerdict: { result: 'failed' },
      repeatedEvidence: { result: 'failed' },
    },
    provesWork: false,
  })
  expect(await audit(another, lazy)).toMatchObject({
    outcome: 'failed',
    checks: { operator: { result: 'failed' }, repeatedVerdict: { result: 'passed' } },
    provesWork: false,
  })
  const requestIds = [opened.id, another.id, secret.id]
  const attestations = await Promise.all(
    requestIds.map((requestId) => getAttestations(devnet.client, { deployment, requestId })),
  )
  expect(findCopiedEvidence(attestations.flat()).map((votes) => votes.map((vote) => vote.operator))).toEqual([
    [original.operator, operator],
  ])
}, 90_000)

test('evidence for a valid verdict of the exact verifier proves nothing', async () => {
  const { begin } = await startHonest()
  begin()
  const opened = await request(createCanary({ isValid: true }), { output: honest, quorumBps: 8000, minAttestations: 2 })
  expect(await opened.outcome({ timeout: 20_000 })).toMatchObject({ status: 'verified' })
  const report = await audit(opened, 0)
  expect(report).toMatchObject({ outcome: 'passed', provesWork: false })
  // All of it can be had from the claimed output.
  expect(report.evidence?.evidence).toEqual({ reference: opened.job.outputDigest, runtime: honest.runtime })
})

test('a canary is revealed after its requests are over, with what it was made with', async () => {
  const { deployment } = devnet
  const client = connect(devnet.accounts.agent)
  const canary = createCanary({ isValid: true })
  const prepared = await requester().prepareJob({ model, input, output: honest, salt: canary.salt })
  const { job, jobId } = prepared
  // It may be with an aggregator.
  await expect(requester().revealCanary({ job, ...canary })).rejects.toMatchObject({
    name: 'CanaryRevealedTooEarlyError',
    jobId,
    requestIds: [],
    deadline: undefined,
  })
  const opened = await requester().request({ prepared, reward: 0n, deadline: { seconds: 60 } })
  await expect(requester().revealCanary({ job, ...canary })).rejects.toThrow(opened.id)
  // Until then, and no later: the clock stands.
  onTestFinished(() => devnet.client.removeBlockTimestampInterval())
  await devnet.client.setBlockTimestampInterval({ interval: 0 })
  await devnet.client.setNextBlockTimestamp({ timestamp: BigInt(opened.request.deadline) })
  await devnet.mine()
  await expect(requester().revealCanary({ job, ...canary })).rejects.toThrow(opened.id)
  await devnet.client.setNextBlockTimestamp({ timestamp: BigInt(opened.request.deadline) + 1n })
  await devnet.mine()
  expect(await requester().revealCanary({ job, ...canary })).toMatchObject({ jobId })
  expect(await getJobState(devnet.client, { deployment, jobId })).toMatchObject({ status: 'none' })

  // The contract's hash is ours: it takes neither another verdict, nor another secret.
  for (const changes of [{ isValid: false }, { secret: keccak256(toHex('another')) }])
    await expect(revealCanary(client, { deployment, job, ...canary, ...changes })).rejects.toMatchObject({
      name: 'CanaryMismatchError',
      actual: canary.salt,
    })
  const rejecting = createCanary({ isValid: false })
  const early = await request(rejecting)
  expect(await requester().revealCanary({ job: early.job, ...rejecting, force: true })).toMatchObject({
    jobId: early.jobId,
  })
  const canaries = await getCanaries(devnet.client, { deployment, fromBlock: opened.blockNumber })
  expect(canaries).toMatchObject([
    { jobId, isValid: true },
    { jobId: early.jobId, isValid: false },
  ])
})
