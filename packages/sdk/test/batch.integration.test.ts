import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createDevnet, type Devnet } from '@proof-of-inference/devnet'
import { proofOfInferenceAvsAbi } from '@proof-of-inference/sdk/abis'
import { getRequestState } from '@proof-of-inference/sdk/actions'
import { createOperator, memoryOperatorStore, type OperatorEvent } from '@proof-of-inference/sdk/operator'
import {
  type BatchOutput,
  decode,
  decodePolicy,
  digest,
  encodeInput,
  getVerified,
  type InferenceInput,
  type InferenceOutput,
  type ModelManifest,
  memoryPayloadStore,
  type PayloadStore,
} from '@proof-of-inference/sdk/payload'
import { createRequester, publishModel, type RequestParameters } from '@proof-of-inference/sdk/requester'
import { onnx } from '@proof-of-inference/sdk/runner/onnx'
import { batchSampling, sampleBatch } from '@proof-of-inference/sdk/verifier'
import { exact } from '@proof-of-inference/verifier-exact'
import * as v from 'valibot'
import { createWalletClient, decodeFunctionData, type Hex, http, isHex, parseEther, zeroAddress } from 'viem'
import { getTransaction } from 'viem/actions'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const resolve = createRequire(import.meta.url).resolve
const size = 64
/** So many that every sample holds more of them than are allowed. */
const cheated = 20
/** At most 1 % of honest batches are rejected; of 64 items with 20 false ones, no sample is accepted. */
const batch = batchSampling({
  itemErrorUpper: 3e-4,
  itemMissUpper: 3e-4,
  alpha: 0.01,
  cheatFraction: 0.3,
  sample: 48,
})
const confidence = { valid: 9_900, invalid: 9_900 }

/** 36 ms of a tone at 16 kHz. */
function tone(pitch: number): InferenceInput {
  const data = Float32Array.from({ length: 576 }, (_, index) => 0.3 * Math.sin((2 * Math.PI * pitch * index) / 16_000))
  return {
    type: 'tensors',
    tensors: {
      input: { dtype: 'float32', dims: [1, 576], data },
      state: { dtype: 'float32', dims: [2, 1, 128], data: new Float32Array(256) },
      sr: { dtype: 'int64', dims: [], data: BigInt64Array.of(16_000n) },
    },
  }
}
const input = { type: 'batch', items: Array.from({ length: size }, (_, index) => tone(80 + 5 * index)) } as const

let devnet: Devnet
let payloads: PayloadStore
let manifest: ModelManifest
let honest: InferenceOutput[]
let other: InferenceOutput[]
let model: string
let stops: (() => Promise<void>)[] = []

async function load(version: string) {
  const weights = new Uint8Array(await readFile(resolve(`@ricky0123/vad-web/dist/silero_vad_${version}.onnx`)))
  const { length } = weights
  const weightsOf = { digest: await digest(weights), format: 'onnx', size: length }
  return { weights, manifest: { v: 1, name: `silero-vad-${version}`, weights: weightsOf, runtimes: [] } as const }
}

/** What a version of the model answers to the first items. */
async function infer(version: string, count: number): Promise<InferenceOutput[]> {
  const runner = await onnx().load(await load(version))
  const outputs: InferenceOutput[] = []
  for (const item of input.items.slice(0, count)) outputs.push(await runner.run(item))
  await runner.dispose()
  return outputs
}

beforeAll(async () => {
  // Two operators, both of which a quorum of 100 % needs.
  devnet = await createDevnet({ stakes: [60n * 10n ** 18n, 40n * 10n ** 18n] })
  payloads = memoryPayloadStore()
  const v5 = await load('v5')
  manifest = v5.manifest
  honest = await infer('v5', size)
  other = await infer('v6', cheated)
  model = await publish('silero-vad', exact.policy({ batch, confidence }), v5.weights)
})
afterAll(async () => {
  await Promise.all(stops.map((stop) => stop()))
  stops = []
  await devnet?.stop()
})

function connect(account: Devnet['accounts']['deployer']) {
  return createWalletClient({
    account,
    chain: devnet.chain,
    transport: http(devnet.rpcUrl, { retryCount: 0 }),
    pollingInterval: 20,
    cacheTime: 0,
  })
}

async function publish(name: string, policy: ReturnType<typeof exact.policy>, weights?: Uint8Array) {
  const { modelVersionId } = await publishModel(connect(devnet.accounts.deployer), {
    deployment: devnet.deployment,
    payloads,
    name,
    manifest,
    policy,
    weights,
    fees: [{ asset: zeroAddress, accepted: true, minimumFee: parseEther('0.001') }],
  })
  return modelVersionId
}

/** Runs both operators; `fetched` are the digests that each asked its store for. */
async function startOperators() {
  const started = devnet.accounts.operators.map(({ account, signer }) => {
    const fetched: Hex[] = []
    const events: OperatorEvent[] = []
    let begin: (() => void) | undefined
    const begun = new Promise<void>((resolve) => {
      begin = resolve
    })
    const operator = createOperator({
      client: connect(account),
      deployment: devnet.deployment,
      signer,
      payloads: {
        put: payloads.put,
        get(key, options) {
          fetched.push(key)
          return payloads.get(key, options)
        },
      },
      store: memoryOperatorStore(),
      verifiers: [exact()],
      runners: [onnx()],
      onEvent(event) {
        events.push(event)
        if (event.type === 'started') begin?.()
      },
    })
    const controller = new AbortController()
    const done = operator.run({ signal: controller.signal })
    stops.push(async () => {
      controller.abort()
      await done
    })
    return { events, fetched, begun: Promise.race([begun, done]) }
  })
  await Promise.all(started.map(({ begun }) => begun))
  // Requests refer to the block before them, which must be after the one that a store was made at.
  await devnet.mine(2)
  return started
}

/** Waits until it holds. */
const expectSoon = <value>(read: () => value) => expect.poll(read, { timeout: 20_000, interval: 20 })

function request(parameters: Partial<Exclude<RequestParameters, { prepared: unknown }>> = {}, store = payloads) {
  return createRequester({
    client: connect(devnet.accounts.requester),
    deployment: devnet.deployment,
    payloads: store,
  }).request({
    model,
    input,
    output: { type: 'batch', items: honest },
    payee: devnet.accounts.agent.address,
    reward: parseEther('0.01'),
    deadline: { seconds: 600 },
    quorumBps: 10_000,
    minAttestations: 2,
    ...parameters,
  })
}

const evidenceSchema = v.object({
  status: v.string(),
  metrics: v.record(v.string(), v.number()),
  evidence: v.strictObject({
    size: v.literal(size),
    salt: v.custom<Hex>((value) => isHex(value)),
    sampled: v.array(v.number()),
    items: v.array(v.object({ index: v.number(), status: v.string(), evidence: v.unknown() })),
  }),
})

async function readEvidence(evidenceDigest: Hex) {
  return v.parse(evidenceSchema, decode(await getVerified(payloads, evidenceDigest)))
}

test('the policy comes back from the store with its figures', async () => {
  const found = createRequester({ client: connect(devnet.accounts.requester), deployment: devnet.deployment, payloads })
  const { model: version } = await found.prepareJob({ model, input, output: { type: 'batch', items: honest } })
  const { batch } = decodePolicy(await payloads.get(version.version.policyDigest))
  expect(batch).toMatchObject({ sample: 48, allowedFailures: 1 })
})

describe('two operators', () => {
  let operators: Awaited<ReturnType<typeof startOperators>>
  beforeAll(async () => {
    operators = await startOperators()
  })

  test('verify an honest batch in one request, each by the items that its salt draws', async () => {
    const opened = await request({ commitWindow: 60 })
    for (const { events } of operators)
      await expectSoon(() => events.some((each) => each.type === 'committed' && each.requestId === opened.id)).toBe(
        true,
      )
    const { openedAt } = await getRequestState(devnet.client, { deployment: devnet.deployment, requestId: opened.id })
    await devnet.client.setNextBlockTimestamp({ timestamp: BigInt(openedAt + 61) })
    await devnet.mine()
    const outcome = await opened.outcome({ timeout: 20_000 })
    expect(outcome).toMatchObject({ status: 'verified', response: 99 })
    expect(outcome.attestations).toHaveLength(2)

    const samples: number[][] = []
    for (const { evidenceDigest, transactionHash } of outcome.attestations) {
      const { status, metrics, evidence } = await readEvidence(evidenceDigest)
      expect(status).toBe('valid')
      expect(metrics).toEqual({ size, sampled: 48, checked: 47, failed: 0, inconclusive: 0 })
      // What was revealed on chain draws what the operator says to have checked.
      const { input: data } = await getTransaction(devnet.client, { hash: transactionHash })
      const call = decodeFunctionData({ abi: proofOfInferenceAvsAbi, data })
      if (call.functionName !== 'submitVerification') throw new Error(`a call of ${call.functionName}`)
      const operatorSalt = call.args[4]
      expect(evidence.salt).toBe(operatorSalt)
      expect(evidence.sampled).toEqual(sampleBatch({ operatorSalt, size, sample: 48 }))
      expect(evidence.items.map(({ index }) => index)).toEqual(evidence.sampled.slice(0, 47))
      samples.push(evidence.sampled)
    }
    expect(samples[0]).not.toEqual(samples[1])
    expect(new Set(samples[0])).not.toEqual(new Set(samples[1]))

    const items = new Set((await encodeInput(input)).blocks.map((block) => block.digest))
    for (const { fetched } of operators) {
      const asked = fetched.filter((key) => items.has(key)).length
      // What was drawn and not needed may have been on its way.
      expect(asked).toBeGreaterThanOrEqual(47)
      expect(asked).toBeLessThanOrEqual(48)
    }
  })

  test('reject a batch of which 30 % come from another model, which claims to be the right one', async () => {
    const claimed = other.map((output) => {
      const runtime = { ...output.runtime, weightsDigest: manifest.weights.digest }
      return { ...output, runtime }
    })
    const output: BatchOutput = { type: 'batch', items: [...claimed, ...honest.slice(cheated)] }
    const opened = await request({ output })
    const { attestations, status } = await opened.outcome({ timeout: 20_000 })
    expect(status).toBe('rejected')
    expect(attestations).toHaveLength(2)
    for (const { evidenceDigest } of attestations) {
      const { status, metrics, evidence } = await readEvidence(evidenceDigest)
      expect(status).toBe('invalid')
      expect(metrics).toMatchObject({ failed: 2, inconclusive: 0, checked: evidence.items.length })
      expect(evidence.sampled).toEqual(sampleBatch({ operatorSalt: evidence.salt, size, sample: 48 }))
      for (const { index, status } of evidence.items) expect(status).toBe(index < cheated ? 'invalid' : 'valid')
    }
  })

  test('skip a batch that their policy says nothing of, when it comes by its digest', async () => {
    const itemsOnly = await publish('items-only', exact.policy())
    const outputs: BatchOutput = { type: 'batch', items: honest }
    const requester = createRequester({
      client: connect(devnet.accounts.requester),
      deployment: devnet.deployment,
      payloads,
    })
    const { job } = await requester.prepareJob({ model, input, output: outputs })
    const opened = await request({
      model: itemsOnly,
      input: { digest: job.inputDigest },
      output: { digest: job.outputDigest },
    })
    for (const { events } of operators)
      await expectSoon(() =>
        events.find((each) => each.type === 'skipped' && each.requestId === opened.id),
      ).toMatchObject({ reason: 'policy-mismatch', details: expect.stringContaining('says nothing of batches') })
  })
})

describe('the requester refuses, before anything is stored or paid,', () => {
  const first = (count: number) => ({
    input: { type: 'batch', items: input.items.slice(0, count) } as const,
    output: { type: 'batch', items: honest.slice(0, count) } as const,
  })
  test.each<[string, () => Partial<Parameters<typeof request>[0]>, string, string]>([
    [
      'batches of unequal size',
      () => ({ output: first(63).output }),
      'PayloadInvalidError',
      'a batch of 64, the output a batch of 63',
    ],
    [
      'a batch for a single output',
      () => ({ output: { ...first(1).output.items[0] } as InferenceOutput }),
      'PayloadInvalidError',
      'the output a single one',
    ],
    ['an empty batch', () => first(0), 'PayloadInvalidError', '1 to 4096 items, not 0'],
    [
      'a batch of fewer items than are sampled',
      () => first(47),
      'BatchMismatchError',
      'a batch of 47, and the policy samples 48 items',
    ],
    [
      'a batch within the transaction',
      () => ({
        inline: true,
        input: { type: 'batch', items: Array(48).fill({ type: 'json', value: 1 }) },
        output: { type: 'batch', items: Array(48).fill(honest[0]) },
      }),
      'PayloadNotStoredError',
      'do not travel with a transaction',
    ],
  ])('%s', async (_, change, name, message) => {
    const before = await devnet.client.getBlockNumber()
    const put: Hex[] = []
    const recording: PayloadStore = {
      get: payloads.get,
      async put(bytes, options) {
        put.push(await payloads.put(bytes, options))
        return put.at(-1) ?? '0x'
      },
    }
    await expect(request(change(), recording)).rejects.toMatchObject({
      name,
      message: expect.stringContaining(message),
    })
    expect(put).toEqual([])
    expect(await devnet.client.getBlockNumber()).toBe(before)
  })

  test('a batch under a policy that says nothing of batches', async () => {
    const itemsOnly = await publish('items-only', exact.policy())
    await expect(request({ model: itemsOnly })).rejects.toMatchObject({ name: 'BatchMismatchError' })
  })
})
