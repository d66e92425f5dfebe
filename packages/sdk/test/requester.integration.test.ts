import { createDevnet, type Devnet, type DevnetOperator } from '@proof-of-inference/devnet'
import { isProofOfInferenceError } from '@proof-of-inference/sdk'
import {
  deposit,
  getDeposit,
  getEarnings,
  getModelInfo,
  getPublishedPayload,
  recordConsent,
  refreshWeights,
  registerModel,
  setActive,
  signAttestation,
  submitVerification,
  transferModel,
} from '@proof-of-inference/sdk/actions'
import {
  decodeInput,
  decodeOutput,
  digest,
  encode,
  encodeInput,
  encodeManifest,
  encodeOutput,
  encodePolicy,
  getVerified,
  httpPayloadStore,
  type InferenceInput,
  type InferenceOutput,
  type ModelManifest,
  memoryPayloadStore,
  type PayloadStore,
  type PolicyDocument,
} from '@proof-of-inference/sdk/payload'
import {
  createRequester,
  getModelPolicy,
  type InferenceRequest,
  publishModel,
  type RequestParameters,
  signConsent,
} from '@proof-of-inference/sdk/requester'
import { methodId } from '@proof-of-inference/sdk/verifier'
import { createWalletClient, erc20Abi, type Hex, http, isHash, parseAbi, parseEther, zeroAddress } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const identityRegistryAbi = parseAbi([
  'function register() returns (uint256 agentId)',
  'function unsetAgentWallet(uint256 agentId)',
])

const verifier = { verifier: '@proof-of-inference/verifier-exact', revision: 1 }
const policy: PolicyDocument = {
  v: 1,
  ...verifier,
  parameters: {},
  confidence: { valid: 9900, invalid: 9800 },
  references: {},
  errorRates: {
    honest: { n: 299, valid: 299, invalid: 0, inconclusive: 0 },
    attacks: { sibling: { n: 299, valid: 0, invalid: 299, inconclusive: 0 } },
  },
  calibration: { calibrationSet: `0x${'0c'.repeat(32)}`, testSet: `0x${'0d'.repeat(32)}` },
}
const method = methodId({ name: verifier.verifier, revision: verifier.revision })
const weights = new Uint8Array([1, 2, 3, 4])
const minimumFee = parseEther('0.001')
const reward = parseEther('0.01')
const deadline = { seconds: 120 }
/** Blocks: more than the tests mine. */
const maxWeightAge = 500

let devnet: Devnet
let manifest: ModelManifest
/** `owner/name@version` of a model that takes the native currency and the devnet's token. */
let model: string
let modelId: Hex
let modelVersionId: Hex
let documents: PayloadStore
let input: InferenceInput
let output: InferenceOutput

beforeAll(async () => {
  devnet = await createDevnet({ registrar: { maxWeightAge } })
  documents = memoryPayloadStore()
  const weightsDigest = await digest(weights)
  manifest = { v: 1, name: 'toy', weights: { digest: weightsDigest, format: 'onnx', size: 4 }, runtimes: [] }
  input = {
    type: 'tensors',
    tensors: { x: { dtype: 'float32', dims: [2], data: new Float32Array([0.5, Number.NaN]) } },
  }
  output = {
    type: 'json',
    value: { label: 'speech' },
    runtime: { engine: 'toy', version: '1.0.0', provider: 'cpu', threads: 1, optimization: 'none', weightsDigest },
  }
  const { deployment, token } = devnet
  const published = await publishModel(connect('deployer'), {
    deployment,
    payloads: documents,
    name: 'toy',
    manifest,
    policy,
    weights,
    fees: [
      { asset: zeroAddress, accepted: true, minimumFee },
      { asset: token, accepted: true, minimumFee },
    ],
  })
  modelId = published.modelId
  modelVersionId = published.modelVersionId
  model = `${devnet.accounts.deployer.address}/toy@1`
}, 60_000)

afterAll(() => devnet?.stop())

function connect(role: 'deployer' | 'requester' | 'agent') {
  return createWalletClient({
    account: devnet.accounts[role],
    chain: devnet.chain,
    transport: http(),
    pollingInterval: 20,
    cacheTime: 0,
  })
}

/** A requester with a store of its own that holds the model's documents. */
async function createTestRequester() {
  const payloads = memoryPayloadStore()
  const { version } = await getModelPolicy(devnet.client, {
    deployment: devnet.deployment,
    payloads: documents,
    modelVersionId,
  })
  await payloads.put(await documents.get(version.manifestDigest))
  await payloads.put(await documents.get(version.policyDigest))
  const client = connect('requester')
  return { client, payloads, requester: createRequester({ client, deployment: devnet.deployment, payloads }) }
}

function request(parameters: Partial<Exclude<RequestParameters, { prepared: unknown }>> = {}) {
  return { model, input, output, payee: devnet.accounts.agent.address, reward, deadline, ...parameters }
}

/** An agent whose wallet is the devnet's agent account. */
async function registerAgent(): Promise<bigint> {
  const call = {
    account: devnet.accounts.agent,
    address: devnet.deployment.identityRegistry,
    abi: identityRegistryAbi,
    functionName: 'register',
  } as const
  const { result, request } = await devnet.client.simulateContract(call)
  await devnet.client.writeContractSync(request)
  return result
}

function operator(index: number): DevnetOperator {
  const found = devnet.accounts.operators[index]
  if (!found) throw new Error(`There is no operator ${index}.`)
  return found
}

async function attest({ id, job, request }: InferenceRequest, { account, signer }: DevnetOperator, isValid: boolean) {
  const { client, deployment } = devnet
  const attestation = {
    requestId: id,
    operator: account.address,
    isValid,
    confidence: isValid ? 9900 : 9800,
    method,
    evidenceDigest: await digest(encode({ by: account.address })),
  }
  const signature = await signAttestation(client, { deployment, account: signer, attestation })
  return submitVerification(client, { deployment, account, request, job, attestation, signature })
}

async function passDeadline({ request }: InferenceRequest) {
  await devnet.client.setNextBlockTimestamp({ timestamp: BigInt(request.deadline) + 1n })
  await devnet.mine()
}

/** The error that a promise rejects with, which must be one of the SDK. */
async function errorOf(promise: Promise<unknown>) {
  const error: unknown = await promise.then(
    () => new Error('It did not reject.'),
    (reason: unknown) => reason,
  )
  if (!isProofOfInferenceError(error)) throw error
  return error
}

/** Runs on a copy of the chain, which is thrown away. */
async function isolated(run: () => Promise<void>) {
  const id = await devnet.snapshot()
  try {
    await run()
  } finally {
    await devnet.revert(id)
  }
}

describe('request', () => {
  test('a verified output: consent, payloads, defaults, outcome, resuming', async () => {
    const { client, payloads, requester } = await createTestRequester()
    const agentId = await registerAgent()
    const before = await devnet.client.getBlock()
    const opened = await requester.request({
      model,
      input,
      output,
      agent: { id: agentId, consent: (job) => signConsent(connect('agent'), { deployment: devnet.deployment, job }) },
      reward,
      deadline,
    })

    expect(opened.job).toMatchObject({
      modelVersionId,
      hasAgent: true,
      agentId,
      payee: devnet.accounts.agent.address,
      quorumBps: 6667,
      minAttestations: 1,
      minConfidence: 9900,
    })
    expect(opened.request).toMatchObject({
      jobId: opened.jobId,
      requester: client.account.address,
      asset: zeroAddress,
      reward,
      verificationFee: minimumFee,
      commitWindow: 0,
      referenceTimepoint: Number(before.number) - 1,
    })
    expect(isHash(opened.job.salt)).toBe(true)
    expect(opened.gasUsed).toBeGreaterThan(0n)
    const { inputDigest, outputDigest } = opened.job
    expect(await decodeInput(await getVerified(payloads, inputDigest))).toEqual(input)
    expect(await decodeOutput(await getVerified(payloads, outputDigest))).toEqual(output)

    await attest(opened, operator(0), true)
    await attest(opened, operator(1), true)
    const outcome = await opened.outcome()
    expect(outcome).toMatchObject({ requestId: opened.id, jobId: opened.jobId, status: 'verified', response: 99 })
    expect(outcome.attestations).toMatchObject([
      { operator: operator(0).account.address, isValid: true, confidence: 9900, weight: operator(0).stake },
      { operator: operator(1).account.address, isValid: true, confidence: 9900, weight: operator(1).stake },
    ])
    expect(outcome.latency).toBeGreaterThanOrEqual(0)
    const payee = { asset: zeroAddress, account: devnet.accounts.agent.address }
    expect(await getEarnings(devnet.client, { deployment: devnet.deployment, ...payee })).toBe(reward)

    const resumed = await requester.resume(opened.id)
    const methods = { outcome: undefined, receipt: undefined }
    expect({ ...resumed, ...methods }).toEqual({ ...opened, ...methods })
    expect(await resumed.outcome()).toEqual(outcome)
  })

  test('a rejected output gives the reward back to the deposit that paid', async () => {
    const { client, requester } = await createTestRequester()
    const { deployment } = devnet
    const ledger = { deployment, asset: zeroAddress, account: client.account.address }
    await deposit(client, { deployment, asset: zeroAddress, amount: reward + minimumFee })
    const before = await getDeposit(client, ledger)
    const opened = await requester.request(request({ funding: 'deposit' }))
    expect(await getDeposit(client, ledger)).toBe(before - reward - minimumFee)
    await attest(opened, operator(0), false)
    await attest(opened, operator(2), true)
    await attest(opened, operator(1), false)
    const outcome = await opened.outcome()
    expect(outcome).toMatchObject({ status: 'rejected', response: 0 })
    expect(outcome.attestations.map(({ isValid }) => isValid)).toEqual([false, true, false])
    // The lightest operator voted against the outcome and earns nothing: its fifth of the fee comes back, too.
    expect(await getDeposit(client, ledger)).toBe(before - minimumFee + minimumFee / 5n)
  })

  test('a request without a quorum expires, and is settled by waiting for its outcome', async () => {
    await isolated(async () => {
      const { client, requester } = await createTestRequester()
      const { timestamp } = await devnet.client.getBlock()
      const opened = await requester.request(request({ deadline: { timestamp: Number(timestamp) + 1000 } }))
      expect(opened.request.deadline).toBe(Number(timestamp) + 1000)
      expect((await errorOf(opened.outcome({ timeout: 50 }))).name).toBe('OutcomeTimeoutError')
      const controller = new AbortController()
      const aborted = opened.outcome({ signal: controller.signal })
      controller.abort(new Error('enough'))
      await expect(aborted).rejects.toThrow('enough')
      await passDeadline(opened)
      expect((await errorOf(opened.outcome({ settle: false }))).name).toBe('RequestUnsettledError')
      const account = { deployment: devnet.deployment, asset: zeroAddress, account: client.account.address }
      const before = await getEarnings(client, account)
      const outcome = await opened.outcome()
      expect(outcome).toMatchObject({ status: 'expired', response: null, attestations: [] })
      expect(outcome.latency).toBeGreaterThanOrEqual(1000 - 30)
      expect(await getEarnings(client, account)).toBe(before + reward + minimumFee)
    })
  })

  test('payloads travel with the transaction where nothing stores them', async () => {
    const { client, payloads } = await createTestRequester()
    const { deployment } = devnet
    const source = { get: payloads.get }
    const requester = createRequester({ client, deployment, payloads: source })
    const { job } = await requester.request(request())
    const published = await getPublishedPayload(client, { deployment, digest: job.inputDigest })
    expect(published).toEqual((await encodeInput(input)).bytes)
    expect(await decodeOutput(await getPublishedPayload(client, { deployment, digest: job.outputDigest }))).toEqual(
      output,
    )

    const refused = await errorOf(requester.request(request({ inline: false })))
    expect(refused.name).toBe('PayloadNotStoredError')
    const huge = { type: 'json', value: new Uint8Array(121 * 1024) } as const
    const tooLarge = await errorOf(requester.request(request({ input: huge })))
    expect(tooLarge).toMatchObject({ name: 'InlinePayloadTooLargeError', limit: 120 * 1024 })
  })

  test('payloads are stored only if not inline', async () => {
    const { payloads, requester } = await createTestRequester()
    const { job } = await requester.request(request({ inline: true }))
    expect((await errorOf(payloads.get(job.inputDigest))).name).toBe('PayloadUnavailableError')
  })

  test('payloads that are named by digest must be there', async () => {
    const { payloads, requester } = await createTestRequester()
    const encoded = { input: await encodeInput(input), output: await encodeOutput(output) }
    await payloads.put(encoded.input.bytes)
    const parameters = request({ input: { digest: encoded.input.digest }, output: { digest: encoded.output.digest } })
    const error = await errorOf(requester.request(parameters))
    expect(error).toMatchObject({ name: 'PayloadUnavailableError', digest: encoded.output.digest })
    await payloads.put(encoded.output.bytes)
    const { job } = await requester.request(parameters)
    expect(job).toMatchObject({ inputDigest: encoded.input.digest, outputDigest: encoded.output.digest })
    const malformed = await errorOf(requester.request(request({ input: { digest: '0x12' } })))
    expect(malformed.name).toBe('PayloadInvalidError')
  })

  test('pays with a token, given an allowance', async () => {
    const { client, requester } = await createTestRequester()
    const asset = devnet.token
    const error = await errorOf(requester.request(request({ asset })))
    expect(error).toMatchObject({ name: 'InsufficientAllowanceError', required: reward + minimumFee, allowance: 0n })
    await devnet.client.writeContractSync({
      account: client.account,
      address: asset,
      abi: erc20Abi,
      functionName: 'approve',
      args: [devnet.deployment.avs, reward + minimumFee],
    })
    const opened = await requester.request(request({ asset }))
    expect(opened.request).toMatchObject({ asset, verificationFee: minimumFee })
  })

  test('two equal requests at once are two requests', async () => {
    const { requester } = await createTestRequester()
    const prepared = await requester.prepareJob(request())
    const first = await requester.request({ prepared, reward, deadline })
    const second = await requester.request({ prepared, reward, deadline })
    expect(second.jobId).toBe(first.jobId)
    expect(second.id).not.toBe(first.id)
    await attest(second, operator(0), true)
    await attest(second, operator(1), true)
    // The first was decided by the second.
    expect(await first.outcome()).toMatchObject({ status: 'verified', response: 99, attestations: [] })
    const { name } = await errorOf(requester.request({ prepared, reward, deadline }))
    expect(name).toBe('JobAlreadyDecidedError')
  })

  test('can be aborted before anything is sent', async () => {
    const { client, requester } = await createTestRequester()
    const nonce = await devnet.client.getTransactionCount({ address: client.account.address })
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(requester.request(request({ signal }))).rejects.toThrow('enough')
    const prepared = await requester.prepareJob(request())
    for (const inline of [false, true])
      await expect(requester.request({ prepared, reward, deadline, inline, signal })).rejects.toThrow('enough')
    expect(await devnet.client.getTransactionCount({ address: client.account.address })).toBe(nonce)
  })
})

describe('consent', () => {
  test('is signed over the prepared job', async () => {
    const { requester } = await createTestRequester()
    const agentId = await registerAgent()
    const prepared = await requester.prepareJob({ model, input, output, agent: { id: agentId } })
    expect(prepared.encoded.output).toEqual(await encodeOutput(output))
    expect(prepared.model).toMatchObject({ modelVersionId, manifest, policy })
    const { job } = prepared
    const consent = await signConsent(connect('agent'), { deployment: devnet.deployment, job })
    const opened = await requester.request({ prepared, consent, reward, deadline })
    expect(opened).toMatchObject({ jobId: prepared.jobId, job })
  })

  test('need not be given once it is recorded', async () => {
    const { client, requester } = await createTestRequester()
    const { deployment } = devnet
    const prepared = await requester.prepareJob({ model, input, output, agent: { id: await registerAgent() } })
    const { job } = prepared
    const consent = await signConsent(connect('agent'), { deployment, job })
    await recordConsent(client, { deployment, job, consent })
    await expect(requester.request({ prepared, reward, deadline })).resolves.toMatchObject({ job })
  })

  test('is missing, of somebody else, or for a payee who is not the agent', async () => {
    const { client, requester } = await createTestRequester()
    const { deployment } = devnet
    const id = await registerAgent()
    const missing = await errorOf(requester.request({ model, input, output, agent: { id }, reward, deadline }))
    expect(missing).toMatchObject({
      name: 'ConsentMissingError',
      agentId: id,
      payee: devnet.accounts.agent.address,
    })
    const forged = await errorOf(
      requester.request(
        request({
          payee: undefined,
          agent: { id, consent: (job) => signConsent(client, { deployment, job }) },
        }),
      ),
    )
    expect(forged.name).toBe('ConsentMissingError')
    const redirected = await errorOf(
      requester.request(
        request({
          payee: client.account.address,
          agent: { id, consent: (job) => signConsent(client, { deployment, job }) },
        }),
      ),
    )
    expect(redirected.name).toBe('ConsentMissingError')
  })

  test('has no place in a job without an agent', async () => {
    const { requester } = await createTestRequester()
    const prepared = await requester.prepareJob(request())
    const error = await errorOf(requester.request({ prepared, consent: '0x1234', reward, deadline }))
    expect(error.name).toBe('InvalidAgentError')
  })

  test('cannot be had of an agent without a wallet', async () => {
    const { requester } = await createTestRequester()
    const unknown = await errorOf(requester.prepareJob({ model, input, output, agent: { id: 1_000_000n } }))
    expect(unknown).toMatchObject({ name: 'AgentWalletMissingError', agentId: 1_000_000n })
    const id = await registerAgent()
    await devnet.client.writeContractSync({
      account: devnet.accounts.agent,
      address: devnet.deployment.identityRegistry,
      abi: identityRegistryAbi,
      functionName: 'unsetAgentWallet',
      args: [id],
    })
    const unset = await errorOf(requester.prepareJob({ model, input, output, agent: { id } }))
    expect(unset).toMatchObject({ name: 'AgentWalletMissingError', agentId: id })
  })
})

describe('what would be refused is refused before anything is stored or sent', () => {
  const longAgo = 1_000_000_000
  const refusals: [string, Partial<Parameters<typeof request>[0]>][] = [
    ['AssetNotAcceptedError', { asset: '0x00000000000000000000000000000000000000aa', funding: 'deposit' }],
    // not a token, so that it cannot be asked for an allowance
    ['AssetNotAcceptedError', { asset: '0x00000000000000000000000000000000000000aa', verificationFee: 0n }],
    ['FeeBelowMinimumError', { verificationFee: minimumFee - 1n }],
    ['InsufficientDepositError', { reward: parseEther('5000'), funding: 'deposit' }],
    ['InvalidCommitWindowError', { commitWindow: 500 }],
    ['InvalidDeadlineError', { deadline: { timestamp: longAgo } }],
    ['InvalidDeadlineError', { deadline: { seconds: 1_000_000 } }],
    ['InvalidDeadlineError', { deadline: { seconds: -1 } }],
    ['InvalidDeadlineError', { deadline: { timestamp: 4_000_000_000_000 } }],
    ['InvalidDeadlineError', { deadline: { seconds: Number.NaN } }],
    ['InvalidMinAttestationsError', { minAttestations: 0 }],
    ['InvalidMinConfidenceError', { minConfidence: 9901 }],
    ['InvalidModelReferenceError', { model: 'toy' }],
    ['InvalidPayeeError', { payee: zeroAddress }],
    ['InvalidQuorumError', { quorumBps: 5000 }],
    ['QuorumUnreachableError', { minAttestations: 4 }],
    ['UnknownModelVersionError', { model: `0x${'12'.repeat(32)}` }],
  ]
  test.each(refusals)('%s: %o', async (name, parameters) => {
    const { client, payloads, requester } = await createTestRequester()
    const nonce = await devnet.client.getTransactionCount({ address: client.account.address })
    const error = await errorOf(requester.request(request(parameters)))
    expect(error.name).toBe(name)
    const stored = await errorOf(payloads.get((await encodeInput(input)).digest))
    expect(stored.name).toBe('PayloadUnavailableError')
    expect(await devnet.client.getTransactionCount({ address: client.account.address })).toBe(nonce)
  })

  const malformed: [string, object][] = [
    ['PayloadInvalidError: The input is not well-formed.', { input: { prompt: 'hi' } }],
    ['PayloadInvalidError: The input is not well-formed.', { input: { type: 'batch' } }],
    ['PayloadInvalidError: The output is not well-formed.', { output: undefined }],
    ['PayloadInvalidError: The output is not well-formed.', { output: 'speech' }],
    ['TypeError: `deadline` is', { deadline: undefined }],
    ['TypeError: `deadline` is', { deadline: 120n }],
    ['TypeError: `deadline` is', { deadline: Date.now() }],
    ['TypeError: `deadline` is', { deadline: new Date() }],
    ['TypeError: `deadline` is', { deadline: { seconds: '120' } }],
    ['TypeError: `reward` is', { reward: 0 }],
    ['TypeError: `reward` is', { reward: undefined }],
    ['TypeError: `verificationFee` is', { verificationFee: 1 }],
    ['TypeError: `nonce` is', { nonce: 1 }],
    ['TypeError: `agent` is', { agent: { id: 7 } }],
    ['TypeError: `prepared` is', { prepared: undefined }],
  ]
  test.each(malformed)('what the types forbid: %s %o', async (message, parameters) => {
    const { requester } = await createTestRequester()
    const error = await requester.request({ ...request(), ...parameters }).catch((error: unknown) => error)
    expect(String(error)).toContain(message)
  })

  test('no parameters, and no aggregator', async () => {
    const { requester } = await createTestRequester()
    const nothing = JSON.parse('{}')
    await expect(requester.request(nothing.parameters)).rejects.toThrow('Pass an object with `model`')
    await expect(requester.prepareJob(nothing.parameters)).rejects.toThrow('Pass an object with `model`')
    await expect(requester.certify({ ...request(), ...nothing })).rejects.toThrow('`aggregator` is one of')
  })

  test.each([
    ['client', undefined, 'Pass a client'],
    ['deployment', undefined, 'Pass a deployment'],
    ['payloads', undefined, 'Pass a payload store'],
    ['maxPayloadBytes', 0, '`maxPayloadBytes` is a number of bytes'],
  ])('a requester without a proper %s', (member, value, message) => {
    const { deployment } = devnet
    const config = { client: connect('requester'), deployment, payloads: documents }
    expect(() => createRequester({ ...config, [member]: value })).toThrow(message)
  })

  test('a requester without an account', () => {
    const client = createWalletClient({ chain: devnet.chain, transport: http() })
    const { deployment } = devnet
    // @ts-expect-error nobody pays
    expect(() => createRequester({ client, deployment, payloads: documents })).toThrow(
      expect.objectContaining({ name: 'AccountMissingError' }),
    )
  })

  test('payloads larger than operators take, unless it is allowed', async () => {
    const { client, payloads } = await createTestRequester()
    const { deployment } = devnet
    const limited = createRequester({ client, deployment, payloads, maxPayloadBytes: 4096 })
    const of = (length: number): InferenceInput => ({
      type: 'tensors',
      tensors: { x: { dtype: 'uint8', dims: [length], data: new Uint8Array(length) } },
    })
    const tooLarge = await errorOf(limited.request(request({ input: of(4097) })))
    expect(tooLarge).toMatchObject({ name: 'PayloadTooLargeError', limit: 4096 })
    expect(tooLarge.message).toContain('Raise `maxPayloadBytes` of the requester')
    const text: InferenceInput = { type: 'json', value: 'x'.repeat(4096) }
    expect((await errorOf(limited.request(request({ input: text })))).name).toBe('PayloadTooLargeError')
    for (const refused of [of(4097), text])
      expect((await errorOf(payloads.get((await encodeInput(refused)).digest))).name).toBe('PayloadUnavailableError')
    const stored = await payloads.put((await encodeInput(text)).bytes)
    expect((await errorOf(limited.request(request({ input: { digest: stored } })))).name).toBe('PayloadTooLargeError')
    const allowing = createRequester({ client, deployment, payloads, maxPayloadBytes: 8192 })
    await allowing.prepareJob(request({ input: of(4097) }))
    // Of each item by itself, as the policy of the model takes no batches to begin with.
    const batch = { type: 'batch', items: [of(3000), of(3000)] } as const
    const outputs = { type: 'batch', items: [output, output] } as const
    expect((await errorOf(limited.prepareJob(request({ input: batch, output: outputs })))).name).toBe(
      'BatchMismatchError',
    )
  })

  test('70 MiB, where nothing else is said', async () => {
    const { requester } = await createTestRequester()
    const length = 70 * 2 ** 20
    const tensor = { dtype: 'uint8', dims: [length], data: new Uint8Array(length) } as const
    const error = await errorOf(requester.request(request({ input: { type: 'tensors', tensors: { x: tensor } } })))
    expect(error).toMatchObject({ name: 'PayloadTooLargeError', limit: 64 * 2 ** 20, size: length })
  })

  test('a name or a number that no model has', async () => {
    const { requester } = await createTestRequester()
    const owner = devnet.accounts.deployer.address
    const unknownModel = await errorOf(requester.request(request({ model: `${owner}/nothing@1` })))
    expect(unknownModel).toMatchObject({ name: 'UnknownModelError', reference: `${owner}/nothing@1` })
    expect(unknownModel.message).toContain(`reference: ${owner}/nothing@1\n`)
    const unknownVersion = await errorOf(requester.request(request({ model: `${owner}/toy@9` })))
    expect(unknownVersion).toMatchObject({ name: 'UnknownModelVersionError', reference: `${owner}/toy@9`, number: 9 })
    expect(unknownVersion.message).toContain(`reference: ${owner}/toy@9\n`)
  })

  test('an inactive model', async () => {
    await isolated(async () => {
      const { requester } = await createTestRequester()
      await setActive(connect('deployer'), { deployment: devnet.deployment, modelId, active: false })
      const error = await errorOf(requester.request(request()))
      expect(error).toMatchObject({ name: 'ModelInactiveError', modelId })
    })
  })

  test('operators whose weights are stale, until enough are refreshed', async () => {
    await isolated(async () => {
      const { client, requester } = await createTestRequester()
      const { deployment } = devnet
      const operators = devnet.accounts.operators.map(({ account }) => account.address)
      await devnet.mine(maxWeightAge)
      const stale = await errorOf(requester.request(request()))
      expect(stale).toMatchObject({
        name: 'QuorumUnreachableError',
        totalWeight: 100n * 10n ** 18n,
        votingWeight: 0n,
        quorumBps: 6667,
        votingOperators: [],
        staleOperators: operators,
      })
      await refreshWeights(client, { deployment, operators: operators.slice(1) })
      await devnet.mine(2)
      const half = await errorOf(requester.request(request()))
      expect(half).toMatchObject({
        name: 'QuorumUnreachableError',
        votingWeight: 50n * 10n ** 18n,
        staleOperators: operators.slice(0, 1),
      })
      await refreshWeights(client, { deployment, operators: operators.slice(0, 1) })
      await devnet.mine(2)
      await requester.request(request({ quorumBps: 10_000, minAttestations: 3 }))
    })
  })

  test('an operator set without any weight', async () => {
    await using empty = await createDevnet({ stakes: [] })
    const payloads = memoryPayloadStore()
    const { deployment, chain, accounts } = empty
    const client = createWalletClient({ account: accounts.requester, chain, transport: http(), pollingInterval: 20 })
    const fees = [{ asset: zeroAddress, accepted: true, minimumFee: 0n }]
    const published = await publishModel(client, { deployment, payloads, name: 'toy', manifest, policy, fees })
    const requester = createRequester({ client, deployment, payloads })
    const parameters = { ...request(), model: published.modelVersionId, quorumBps: 5001 }
    const error = await errorOf(requester.request(parameters))
    expect(error).toMatchObject({ name: 'QuorumUnreachableError', totalWeight: 0n, staleOperators: [] })
  }, 30_000)
})

describe('getModelPolicy', () => {
  test('says which document a store does not hold', async () => {
    const { deployment } = devnet
    const { version } = await getModelPolicy(devnet.client, { deployment, payloads: documents, modelVersionId })
    const payloads = memoryPayloadStore()
    await payloads.put(await documents.get(version.manifestDigest))
    const error = await errorOf(getModelPolicy(devnet.client, { deployment, payloads, modelVersionId }))
    expect(error).toMatchObject({
      name: 'PayloadUnavailableError',
      shortMessage: `The policy of the model version ${modelVersionId} could not be fetched.`,
      digest: version.policyDigest,
      reason: 'not stored here',
    })
    expect(error.message).toContain('Ask the owner of the model')
    const unreachable = httpPayloadStore({ url: 'http://127.0.0.1:1', allowPrivateNetwork: true })
    const refused = await errorOf(getModelPolicy(devnet.client, { deployment, payloads: unreachable, modelVersionId }))
    expect(refused.message).toMatch(/of the model version (.|\n)*Check the address of the store/)
  })

  test('refuses documents that were tampered with, or are not canonical', async () => {
    const { deployment, client } = devnet
    const { version } = await getModelPolicy(client, { deployment, payloads: documents, modelVersionId })
    for (const digest of [version.manifestDigest, version.policyDigest]) {
      const tampered: Pick<PayloadStore, 'get'> = {
        async get(key, options) {
          const bytes = await documents.get(key, options)
          if (key === digest) bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1
          return bytes
        },
      }
      const error = await errorOf(getModelPolicy(client, { deployment, payloads: tampered, modelVersionId }))
      expect(error).toMatchObject({ name: 'PayloadDigestMismatchError', expected: digest })
    }
    const missing = await errorOf(
      getModelPolicy(client, { deployment, payloads: memoryPayloadStore(), modelVersionId }),
    )
    expect(missing.name).toBe('PayloadUnavailableError')
  })

  test.each([
    { name: 'PolicyMismatchError', registered: { methodId: `0x${'ab'.repeat(32)}` as Hex }, issues: ['methodId'] },
    { name: 'PolicyMismatchError', registered: { validConfidence: 9901 }, issues: ['validConfidence'] },
    {
      name: 'PolicyMismatchError',
      registered: { methodId: `0x${'ab'.repeat(32)}` as Hex, validConfidence: 9899 },
      issues: ['methodId', 'validConfidence'],
    },
    { name: 'PayloadNotCanonicalError', reorder: true },
  ])('refuses a version that contradicts its policy: $name $issues', async (wrong) => {
    const { deployment } = devnet
    const payloads = memoryPayloadStore()
    const { bytes } = await encodePolicy(policy)
    // Map entries in another order decode to the same policy: here `v`, the first of the top-level keys, comes last.
    const reordered = new Uint8Array([bytes[0] ?? 0, ...bytes.slice(4), ...bytes.slice(1, 4)])
    const policyDigest = await payloads.put(wrong.reorder ? reordered : bytes)
    const manifestDigest = await payloads.put((await encodeManifest(manifest)).bytes)
    await isolated(async () => {
      const version = { manifestDigest, policyDigest, methodId: method, validConfidence: 9900, ...wrong.registered }
      const registered = await registerModel(connect('deployer'), { deployment, name: 'wrong', version, fees: [] })
      const requester = createRequester({ client: connect('requester'), deployment, payloads })
      const error = await errorOf(requester.request(request({ model: registered.modelVersionId })))
      expect(error.name).toBe(wrong.name)
      for (const issue of wrong.issues ?? []) expect(error.message).toContain(`the version's ${issue} is`)
    })
  })
})

describe('publishModel', () => {
  const fees = [{ asset: zeroAddress, accepted: true, minimumFee }]

  test('registers a model, publishes its next version, and changes its fees, each only once', async () => {
    const { deployment } = devnet
    const payloads = memoryPayloadStore()
    const client = connect('agent')
    const parameters = { deployment, payloads, name: 'other', manifest, policy, weights, fees }
    const first = await publishModel(client, parameters)
    expect(first.number).toBe(1)
    expect(first.gasUsed).toBeGreaterThan(0n)
    expect(await payloads.get(manifest.weights.digest)).toEqual(weights)
    const documents = await getModelPolicy(client, { deployment, payloads, modelVersionId: first.modelVersionId })
    expect(documents).toMatchObject({
      manifest,
      policy,
      version: { modelId: first.modelId, number: 1, methodId: method, validConfidence: 9900 },
    })
    expect(await publishModel(client, parameters)).toEqual({ ...first, gasUsed: 0n })

    const stricter = { ...policy, confidence: { valid: 9950, invalid: 9800 } }
    const changed = { ...parameters, policy: stricter, fees: [{ asset: zeroAddress, accepted: true, minimumFee: 7n }] }
    const second = await publishModel(client, changed)
    expect(second).toMatchObject({ modelId: first.modelId, number: 2 })
    expect(await getModelInfo(client, { deployment, modelId: first.modelId })).toMatchObject({
      latestVersion: 2,
      latestVersionId: second.modelVersionId,
    })
    expect(await publishModel(client, changed)).toEqual({ ...second, gasUsed: 0n })
    const withoutNewVersion = await publishModel(client, { ...changed, fees })
    expect(withoutNewVersion).toMatchObject({ modelVersionId: second.modelVersionId, number: 2 })
    expect(withoutNewVersion.gasUsed).toBeGreaterThan(0n)
  })

  test('refuses weights that are not those of the manifest, before storing anything', async () => {
    const { deployment } = devnet
    const payloads: PayloadStore = {
      put: () => Promise.reject(new Error('Something was stored.')),
      get: () => Promise.reject(new Error('Something was read.')),
    }
    const parameters = { deployment, payloads, name: 'bad', manifest, policy, fees }
    const tampered = new Uint8Array([1, 2, 3, 5])
    const mismatch = await errorOf(publishModel(connect('agent'), { ...parameters, weights: tampered }))
    expect(mismatch).toMatchObject({ name: 'WeightsDigestMismatchError', actual: await digest(tampered) })
    const misSized = { ...manifest, weights: { ...manifest.weights, size: 5 } }
    const size = await errorOf(publishModel(connect('agent'), { ...parameters, manifest: misSized, weights }))
    expect(size.name).toBe('PayloadInvalidError')
  })

  test('refuses a model that was given away', async () => {
    await isolated(async () => {
      const { deployment, accounts } = devnet
      const newOwner = accounts.requester.address
      await transferModel(connect('deployer'), { deployment, modelId, newOwner })
      const payloads = memoryPayloadStore()
      const parameters = { deployment, payloads, name: 'toy', manifest, policy, fees }
      const error = await errorOf(publishModel(connect('deployer'), parameters))
      expect(error).toMatchObject({ name: 'NotModelOwnerError', modelId, owner: newOwner })
    })
  })
})

test('receipt: of a job without an agent there is none to wait for', async () => {
  const { requester } = await createTestRequester()
  const opened = await requester.request(request())
  const error = await errorOf(opened.receipt())
  expect(error.name).toBe('InvalidAgentError')
  expect(error.message).toContain('`agent: { id, consent }`')
})

test('resume: an id that no request has', async () => {
  const { requester } = await createTestRequester()
  expect((await errorOf(requester.resume(`0x${'34'.repeat(32)}`))).name).toBe('RequestNotFoundError')
})
