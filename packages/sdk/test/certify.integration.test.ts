import { createDevnet, type Devnet } from '@proof-of-inference/devnet'
import { proofOfInferenceAvsAbi } from '@proof-of-inference/sdk/abis'
import { deposit, getJobState, getRequestState } from '@proof-of-inference/sdk/actions'
import { type HttpAggregator, httpAggregator, type RequesterAggregator } from '@proof-of-inference/sdk/aggregator'
import { registerAgent, requestValidation } from '@proof-of-inference/sdk/erc8004'
import {
  digest,
  type InferenceInput,
  type InferenceOutput,
  memoryPayloadStore,
  type PayloadStore,
} from '@proof-of-inference/sdk/payload'
import { type CertifyParameters, createRequester, publishModel, signConsent } from '@proof-of-inference/sdk/requester'
import { methodId } from '@proof-of-inference/sdk/verifier'
import { createWalletClient, type Hex, http, parseAbi, parseEther, zeroAddress } from 'viem'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { createOperators } from './scriptedOperators.ts'

const verifier = { verifier: '@proof-of-inference/verifier-exact', revision: 1 }
const identityRegistryAbi = parseAbi(['function register() returns (uint256 agentId)'])

let devnet: Devnet
let operators: ReturnType<typeof createOperators>
let snapshot: Hex
let payloads: PayloadStore
let model: string
let input: InferenceInput
let output: InferenceOutput

beforeAll(async () => {
  devnet = await createDevnet()
  const { deployment } = devnet
  const weights = new Uint8Array([1, 2, 3, 4])
  const weightsDigest = await digest(weights)
  payloads = memoryPayloadStore()
  await publishModel(connect('deployer'), {
    ...{ deployment, payloads, name: 'toy', weights },
    manifest: { v: 1, name: 'toy', weights: { digest: weightsDigest, format: 'onnx', size: 4 }, runtimes: [] },
    policy: { v: 1, ...verifier, parameters: {}, confidence: { valid: 9900, invalid: 9800 }, references: {} },
    fees: [{ asset: zeroAddress, accepted: true, minimumFee: 1_000n }],
  })
  model = `${devnet.accounts.deployer.address}/toy@1`
  input = { type: 'json', value: { question: 1 } }
  const runtime = { engine: 'toy', version: '1.0.0', provider: 'cpu', threads: 1, optimization: 'none' }
  output = { type: 'json', value: { answer: 2 }, runtime: { ...runtime, weightsDigest } }
  operators = createOperators(devnet, methodId({ name: verifier.verifier, revision: verifier.revision }))
  await deposit(connect('requester'), { deployment, asset: zeroAddress, amount: parseEther('1') })
}, 60_000)
afterAll(() => devnet?.stop())
beforeEach(async () => {
  snapshot = await devnet.snapshot()
})
afterEach(async () => {
  await operators.stop()
  await devnet.revert(snapshot)
})

function connect(role: 'deployer' | 'requester' | 'agent') {
  const account = devnet.accounts[role]
  return createWalletClient({ account, chain: devnet.chain, transport: http(), pollingInterval: 20, cacheTime: 0 })
}

const createTestRequester = () =>
  createRequester({ client: connect('requester'), deployment: devnet.deployment, payloads })

function terms(aggregator: RequesterAggregator, changes: object = {}): CertifyParameters {
  const payee = devnet.accounts.agent.address
  return { model, input, output, payee, reward: 5_000n, deadline: { seconds: 120 }, aggregator, ...changes }
}

/** An aggregator that nobody can reach. */
const nowhere = () => httpAggregator({ url: 'http://127.0.0.1:9', timeout: 1_000 })

test('the consensus is there before the chain has seen the request, and is settled', async () => {
  const { api } = await operators.start({ batchInterval: 300 })
  for (const index of [0, 1]) operators.operate(api, index)
  const agentId = await connect('agent')
    .writeContract({ address: devnet.deployment.identityRegistry, abi: identityRegistryAbi, functionName: 'register' })
    .then(() => 0n)
  const consent = (job: Parameters<typeof signConsent>[1]['job']) =>
    signConsent(connect('agent'), { deployment: devnet.deployment, job })
  const request = await createTestRequester().certify(terms(api, { agent: { id: agentId, consent }, payee: undefined }))
  expect(request.request).toMatchObject({ commitWindow: 0, verificationFee: 1_000n })
  expect(await payloads.get(request.job.inputDigest)).toBeInstanceOf(Uint8Array)

  const { certificate, ...verified } = await request.certificate({ timeout: 10_000 })
  expect(verified).toMatchObject({ requestId: request.id, jobId: request.jobId, status: 'verified', response: 99 })
  expect(certificate).toMatchObject({ request: request.request, consent: expect.stringMatching(/^0x[0-9a-f]{130}$/) })
  const state = () => getJobState(devnet.client, { deployment: devnet.deployment, jobId: request.jobId })
  expect(await state()).toMatchObject({ status: 'none' })

  const outcome = await request.outcome({ timeout: 10_000 })
  expect(outcome).toMatchObject({ status: 'verified', response: 99, requestId: request.id, latency: 0 })
  expect(outcome.attestations).toHaveLength(2)
  expect(await state()).toMatchObject({ status: 'verified', consentedAt: expect.any(Number) })
  // Once settled, too.
  expect(await request.certificate({ timeout: 10_000 })).toMatchObject({ status: 'verified', response: 99 })
})

test('the aggregator posts the receipt that the agent asked for, and feedback; anyone can check it', async () => {
  const { deployment } = devnet
  const { api } = await operators.start()
  for (const index of [0, 1]) operators.operate(api, index)
  const agent = connect('agent')
  const { agentId } = await registerAgent(agent, { registries: deployment })
  const consent = (job: Parameters<typeof signConsent>[1]['job']) => signConsent(agent, { deployment, job })
  const request = await createTestRequester().certify(terms(api, { agent: { id: agentId, consent }, payee: undefined }))
  const { jobId: requestHash } = request
  await requestValidation(agent, { registries: deployment, validator: deployment.avs, agentId, requestHash })

  expect(await request.outcome({ timeout: 10_000 })).toMatchObject({ status: 'verified' })
  const avs = { address: deployment.avs, abi: proofOfInferenceAvsAbi, functionName: 'isPosted' } as const
  const registries = [deployment.validationRegistry, deployment.reputationRegistry]
  await vi.waitUntil(
    async () => {
      const posted = await Promise.all(
        registries.map((registry) => devnet.client.readContract({ ...avs, args: [registry, requestHash] })),
      )
      return posted.every(Boolean)
    },
    { timeout: 10_000 },
  )
  const nonce = await devnet.client.getTransactionCount({ address: devnet.accounts.requester.address })
  const receipt = await request.receipt({ timeout: 10_000 })
  expect(receipt).toMatchObject({ status: 'verified', response: 99, jobId: requestHash })
  // It was posted already.
  expect(await devnet.client.getTransactionCount({ address: devnet.accounts.requester.address })).toBe(nonce)
})

test('the requester posts what nobody has posted', async () => {
  const { deployment } = devnet
  const { api } = await operators.start({ post: [] })
  for (const index of [0, 1]) operators.operate(api, index)
  const agent = connect('agent')
  const { agentId } = await registerAgent(agent, { registries: deployment })
  const consent = (job: Parameters<typeof signConsent>[1]['job']) => signConsent(agent, { deployment, job })
  const request = await createTestRequester().certify(terms(api, { agent: { id: agentId, consent }, payee: undefined }))
  await expect(request.receipt({ timeout: 10_000 })).rejects.toMatchObject({ name: 'ValidationNotFoundError' })
  const { jobId: requestHash } = request
  await requestValidation(agent, { registries: deployment, validator: deployment.avs, agentId, requestHash })
  expect(await request.receipt({ timeout: 10_000, post: false })).toMatchObject({ status: 'pending' })
  expect(await request.receipt({ timeout: 10_000 })).toMatchObject({ status: 'verified', response: 99 })
  expect(await request.receipt({ timeout: 10_000 })).toMatchObject({ status: 'verified', response: 99 })
})

test('the input and the output are stored side by side', async () => {
  const waiting: (() => void)[] = []
  const pairwise: PayloadStore = {
    ...payloads,
    async put(bytes, options) {
      await new Promise<void>((resolve) => {
        waiting.push(resolve)
        if (waiting.length === 2) for (const go of waiting) go()
      })
      return payloads.put(bytes, options)
    },
  }
  const requester = createRequester({
    client: connect('requester'),
    deployment: devnet.deployment,
    payloads: pairwise,
  })
  await requester.certify(terms(nowhere(), { signal: AbortSignal.timeout(4_000) }))
  expect(waiting).toHaveLength(2)
})

test('an aggregator that is down is an error of the certificate; the very same request can be opened', async () => {
  const request = await createTestRequester().certify(terms(nowhere()))
  await expect(request.certificate()).rejects.toMatchObject({ name: 'AggregatorUnavailableError' })
  const opened = await request.open()
  expect(opened).toMatchObject({ id: request.id, request: request.request })
  await expect(request.open()).rejects.toMatchObject({ name: 'RequestAlreadyOpenedError' })
  // What operators sign for it counts, whoever brings it.
  const { api } = await operators.start()
  await Promise.all([0, 1].map((index) => operators.takePart(api, request.request, index)))
  expect(await request.outcome({ timeout: 10_000 })).toMatchObject({ status: 'verified', requestId: request.id })
})

test('`openAfter` opens it where the aggregator is down, slow, or forges', async () => {
  const { api } = await operators.start()
  const finish = async (request: Awaited<ReturnType<ReturnType<typeof createTestRequester>['certify']>>) => {
    const outcome = request.outcome({ openAfter: 300, timeout: 15_000 })
    const { deployment } = devnet
    await vi.waitUntil(
      async () => (await getRequestState(devnet.client, { deployment, requestId: request.id })).status === 'open',
      { timeout: 10_000 },
    )
    // Open on chain, it is known to any aggregator.
    await Promise.all([0, 1].map((index) => operators.takePart(api, request.request, index)))
    return outcome
  }
  const verified = { status: 'verified', response: 99 }
  expect(await finish(await createTestRequester().certify(terms(nowhere())))).toMatchObject(verified)

  const silent: RequesterAggregator = {
    submitRequest: async () => {},
    getCertificate: (_, { signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  }
  expect(await finish(await createTestRequester().certify(terms(silent)))).toMatchObject(verified)

  const forging: RequesterAggregator = {
    submitRequest: async () => {},
    async getCertificate() {
      const { vote } = await operators.decide(forged.request, 0)
      const { operator } = (await operators.decide(forged.request, 1)).vote.attestation
      const twice = { ...vote, attestation: { ...vote.attestation, operator } }
      return { ...forged, votes: [vote, twice] }
    },
  }
  const forged = await createTestRequester().certify(terms(forging))
  await expect(forged.certificate()).rejects.toMatchObject({ name: 'QuorumNotReachedError' })
  expect(await finish(forged)).toMatchObject(verified)
})

test('a slow one is a timeout', async () => {
  const { api } = await operators.start()
  const request = await createTestRequester().certify(terms(api))
  await expect(request.certificate({ timeout: 100 })).rejects.toMatchObject({
    name: 'CertificateTimeoutError',
    requestId: request.id,
    timeout: 100,
  })
  const controller = new AbortController()
  const waiting = request.certificate({ signal: controller.signal })
  controller.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
  await expect(request.outcome({ timeout: 50 })).rejects.toMatchObject({ name: 'OutcomeTimeoutError' })
})

test('an aggregator that has restarted gets the request again', async () => {
  const before = await operators.start()
  const request = await createTestRequester().certify(terms(before.api))
  await before.stop()
  await expect(request.certificate()).rejects.toMatchObject({ name: 'AggregatorUnavailableError' })
  const { api } = await operators.start({}, before.server.port)
  for (const index of [0, 1]) operators.operate(api, index)
  expect(await request.certificate({ timeout: 10_000 })).toMatchObject({ status: 'verified' })
})

test('an aggregator that forgets it between two calls gets it again', async () => {
  const { api } = await operators.start()
  for (const index of [0, 1]) operators.operate(api, index)
  let asked = 0
  const forgetful: RequesterAggregator = {
    submitRequest: (signed, options) => (asked === 0 ? Promise.resolve() : api.submitRequest(signed, options)),
    getCertificate(id, options) {
      asked++
      return api.getCertificate(id, options)
    },
  }
  const request = await createTestRequester().certify(terms(forgetful))
  expect(await request.certificate({ timeout: 10_000 })).toMatchObject({ status: 'verified' })
  expect(asked).toBe(2)
})

test('what never reaches the chain is void', async () => {
  const request = await createTestRequester().certify(terms(nowhere(), { deadline: { seconds: 60 } }))
  await devnet.client.setNextBlockTimestamp({ timestamp: BigInt(request.request.deadline) + 1n })
  await devnet.mine()
  await expect(request.outcome()).rejects.toMatchObject({ name: 'RequestNeverOpenedError', requestId: request.id })
})

test('what would be refused is found before anything is signed', async () => {
  const api: HttpAggregator = nowhere()
  const requester = createTestRequester()
  await expect(requester.certify(terms(api, { reward: parseEther('1') }))).rejects.toMatchObject({
    name: 'InsufficientDepositError',
  })
  await expect(requester.certify(terms(api, { quorumBps: 5000 }))).rejects.toMatchObject({ name: 'InvalidQuorumError' })
  const readOnly = createRequester({
    client: connect('requester'),
    deployment: devnet.deployment,
    payloads: { get: payloads.get },
  })
  await expect(readOnly.certify(terms(api))).rejects.toMatchObject({ name: 'PayloadNotStoredError' })
})
