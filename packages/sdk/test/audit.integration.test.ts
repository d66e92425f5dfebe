import { createDevnet, type Devnet } from '@proof-of-inference/devnet'
import { type Attestation, commitmentHash, hashAttestation } from '@proof-of-inference/sdk'
import { commitVerification, signAttestation } from '@proof-of-inference/sdk/actions'
import {
  decodeInference,
  digest,
  encode,
  encodeInput,
  encodeOutput,
  type IpldValue,
  type ModelManifest,
  memoryPayloadStore,
  type PayloadSource,
  type PayloadStore,
  type PolicyDocument,
  type RuntimeFingerprint,
} from '@proof-of-inference/sdk/payload'
import { createRequester, type InferenceRequest, publishModel } from '@proof-of-inference/sdk/requester'
import { defineRunner, type RunnerRegistry, runnerRegistry } from '@proof-of-inference/sdk/runner'
import {
  type AuditCheckName,
  auditEvidence,
  batchSampling,
  createVerificationContext,
  decodeEvidence,
  defineVerifier,
  type EvidenceAudit,
  type ItemVerifier,
  inconclusive,
  invalid,
  methodId,
  runVerifier,
  valid,
} from '@proof-of-inference/sdk/verifier'
import * as v from 'valibot'
import { createWalletClient, custom, type Hex, http, zeroAddress } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const weights = new Uint8Array([1, 2, 3])
const salt = `0x${'5a'.repeat(32)}` as const
const parameters = v.strictObject({ drawsOnSalt: v.boolean() })
type Options = { deterministic?: boolean; provider?: string }

let devnet: Devnet
let payloads: PayloadStore
let manifest: ModelManifest
/** Requests for the verification of outputs of the toy, which doubles numbers. */
let right: InferenceRequest
let wrong: InferenceRequest
let committed: InferenceRequest
/** Of a version whose verifier draws on the operator's salt. */
let salted: InferenceRequest

/** Doubles numbers. */
function toyRunners({ deterministic = true, provider = 'cpu' }: Options = {}): RunnerRegistry {
  const runner = defineRunner({
    name: 'toy',
    formats: ['toy'],
    supports: () => true,
    async load({ manifest }) {
      const fingerprint = runtimeOf(manifest.weights.digest, provider)
      return {
        fingerprint,
        deterministic,
        run: async (input) => ({
          type: 'json',
          value: input.type === 'json' ? Number(input.value) * 2 : null,
          runtime: fingerprint,
        }),
        dispose: async () => {},
      }
    },
  })
  return runnerRegistry({ runners: [runner], payloads })
}

const runtimeOf = (weightsDigest: Hex, provider = 'cpu'): RuntimeFingerprint => ({
  engine: 'toy',
  version: '1',
  provider,
  threads: 1,
  optimization: 'none',
  weightsDigest,
})

/** Compares numbers, and says what it found. */
const toy = (changes: Partial<ItemVerifier<v.InferOutput<typeof parameters>>> = {}) =>
  defineVerifier<v.InferOutput<typeof parameters>>({
    name: '@acme/toy',
    revision: 1,
    scope: 'item',
    requires: ['run'],
    policy: parameters,
    async verify({ input, claimed, policy }, { runner, secret, signal }) {
      const reference = await (await runner()).run(input, { signal })
      if (claimed.type !== 'json' || reference.type !== 'json') return inconclusive({ reason: 'no numbers' })
      const evidence = { answer: reference.value, ...(policy.drawsOnSalt && { drawn: secret('x').int(1_000_000) }) }
      return claimed.value === reference.value ? valid({ evidence }) : invalid({ evidence, provesWork: true })
    },
    ...changes,
  })

beforeAll(async () => {
  devnet = await createDevnet()
  payloads = memoryPayloadStore()
  const weightsDigest = await digest(weights)
  manifest = { v: 1, name: 'toy', weights: { digest: weightsDigest, format: 'toy', size: 3 }, runtimes: [] }
  const publish = async (name: string, drawsOnSalt: boolean) => {
    const policy: PolicyDocument = {
      v: 1,
      verifier: '@acme/toy',
      revision: 1,
      parameters: { drawsOnSalt },
      confidence: { valid: 9900, invalid: 9800 },
      references: {},
    }
    const fees = [{ asset: zeroAddress, accepted: true, minimumFee: 1n }]
    const client = connect(devnet.accounts.deployer)
    return publishModel(client, { deployment: devnet.deployment, payloads, name, manifest, policy, weights, fees })
  }
  const plain = await publish('toy', false)
  const drawing = await publish('toy-salted', true)
  const open = ({ modelVersionId }: { modelVersionId: Hex }, answer: number, commitWindow = 0) =>
    createRequester({ client: connect(devnet.accounts.requester), deployment: devnet.deployment, payloads }).request({
      model: modelVersionId,
      input: { type: 'json', value: 21 },
      output: { type: 'json', value: answer, runtime: runtimeOf(weightsDigest) },
      reward: 0n,
      deadline: { seconds: 600 },
      commitWindow,
    })
  right = await open(plain, 42)
  wrong = await open(plain, 41)
  committed = await open(drawing, 42, 300)
  salted = await open(drawing, 42)
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

/** What an honest operator finds. */
async function work(request: InferenceRequest, { runners = toyRunners(), index = 0 } = {}) {
  const { jobId, id: requestId } = request
  const claimedValue = request === wrong ? 41 : 42
  const job = {
    requestId,
    jobId,
    input: { type: 'json', value: 21 },
    claimed: { type: 'json', value: claimedValue, runtime: runtimeOf(manifest.weights.digest) },
    manifest,
    policy: {
      v: 1,
      verifier: '@acme/toy',
      revision: 1,
      parameters: { drawsOnSalt: request === committed || request === salted },
      confidence: { valid: 9900, invalid: 9800 },
      references: {},
    },
  } as const
  const operator = operatorAt(index).account.address
  const signal = new AbortController().signal
  const context = createVerificationContext({ job, operator, runners, payloads, operatorSalt: salt, signal })
  const result = await runVerifier(toy(), job, context)
  await context.dispose()
  if (result.abstain) throw new Error('it abstained')
  return result
}

type Vote = Parameters<typeof auditEvidence>[1]['attestation']

/** A vote of an operator, signed with its key. */
async function vote(request: InferenceRequest, changes: Partial<Attestation> = {}, index = 0): Promise<Vote> {
  const { account, signer } = operatorAt(index)
  const attestation: Attestation = {
    requestId: request.id,
    operator: account.address,
    isValid: request !== wrong,
    confidence: request === wrong ? 9800 : 9900,
    method: methodId(toy()),
    evidenceDigest: `0x${'00'.repeat(32)}`,
    ...changes,
  }
  const signature = await signAttestation(connect(account), {
    deployment: devnet.deployment,
    account: signer,
    attestation,
  })
  return { ...attestation, signature }
}

/** A vote with evidence that is stored as it is. */
async function voteWith(request: InferenceRequest, bytes: Uint8Array, changes: Partial<Attestation> = {}) {
  return vote(request, { evidenceDigest: await payloads.put(bytes), ...changes })
}

/** A vote with honest evidence of which something was changed. */
async function voteWithForged(
  request: InferenceRequest,
  changes: { [key: string]: IpldValue },
  ofVote: Partial<Attestation> = {},
) {
  const { evidence } = await work(request)
  return voteWith(request, encode({ ...decodeEvidence(evidence.bytes), ...changes } as IpldValue), ofVote)
}

const audit = (attestation: Vote, changes: Partial<Parameters<typeof auditEvidence>[1]> = {}) =>
  auditEvidence(devnet.client, { deployment: devnet.deployment, attestation, payloads, ...changes })

const auditByRepeating = (
  attestation: Vote,
  {
    runners = toyRunners(),
    verifier = toy(),
    operatorSalt,
  }: { runners?: RunnerRegistry; verifier?: ItemVerifier<{ drawsOnSalt: boolean }>; operatorSalt?: Hex } = {},
) => audit(attestation, { repeat: { verifier, runners, operatorSalt } })

const checksOf = ({ checks }: EvidenceAudit, result: 'passed' | 'failed' | 'unchecked') =>
  Object.entries(checks).flatMap(([name, check]) => (check.result === result ? [name] : []))

const claims: AuditCheckName[] = ['available', 'digest', 'shape', 'request', 'operator', 'method', 'verdict']

describe('without a repeated run', () => {
  test('honest evidence passes, and proves nothing', async () => {
    const { evidence } = await work(wrong)
    const attestation = await voteWith(wrong, evidence.bytes)
    const report = await audit(attestation)
    expect(report).toMatchObject({
      requestId: wrong.id,
      jobId: wrong.jobId,
      operator: attestation.operator,
      evidenceDigest: evidence.digest,
      outcome: 'passed',
      evidence: { status: 'invalid', operator: attestation.operator.toLowerCase(), evidence: { answer: 42 } },
      provesWork: false,
    })
    expect(checksOf(report, 'passed')).toEqual(claims)
    expect(checksOf(report, 'unchecked')).toEqual(['salt', 'repeatedVerdict', 'repeatedEvidence'])
  })

  test.each<[string, AuditCheckName, { [key: string]: IpldValue }]>([
    ['another request', 'request', { requestId: salt }],
    ['another job', 'request', { jobId: salt }],
    ['another operator', 'operator', { operator: `0x${'0e'.repeat(20)}` }],
    ['another revision', 'method', { revision: 2 }],
    ['another verifier', 'method', { verifier: '@acme/other' }],
    ['the other verdict', 'verdict', { status: 'invalid' }],
  ])('evidence of %s fails', async (_, name, changes) => {
    const report = await audit(await voteWithForged(right, changes))
    expect(report.outcome).toBe('failed')
    expect(checksOf(report, 'failed')).toEqual([name])
  })

  test.each<[string, () => Promise<Uint8Array>]>([
    ['something else', async () => encode('evidence')],
    ['no DAG-CBOR', async () => new Uint8Array([0xff])],
    ['more than evidence has', async () => encode({ ...decodeEvidence((await work(right)).evidence.bytes), x: 1 })],
    [
      'an inconclusive verdict',
      async () => encode({ ...decodeEvidence((await work(right)).evidence.bytes), status: 'inconclusive' }),
    ],
  ])('%s is no evidence', async (_, bytesOf) => {
    const report = await audit(await voteWith(right, await bytesOf()))
    expect(report).toMatchObject({ outcome: 'failed', evidence: null, provesWork: false })
    expect(checksOf(report, 'failed')).toEqual(['shape'])
    expect(report.checks.request.result).toBe('unchecked')
  })

  test('evidence that nobody has is unavailable', async () => {
    const report = await audit(await vote(right, { evidenceDigest: `0x${'0f'.repeat(32)}` }))
    expect(report).toMatchObject({ outcome: 'unavailable', evidence: null })
    expect(checksOf(report, 'failed')).toEqual(['available'])
    expect(checksOf(report, 'passed')).toEqual([])
  })

  test('other bytes than the digest’s are no evidence', async () => {
    const { evidence } = await work(right)
    const lying: PayloadSource = { get: async () => evidence.bytes }
    const report = await audit(await vote(right, { evidenceDigest: `0x${'0f'.repeat(32)}` }), { payloads: lying })
    expect(report).toMatchObject({ outcome: 'unavailable', evidence: null })
    expect(checksOf(report, 'failed')).toEqual(['digest'])
  })

  test('too large evidence is not taken in', async () => {
    const { evidence } = await work(right)
    const report = await audit(await voteWith(right, evidence.bytes), { maxEvidenceBytes: evidence.bytes.length - 1 })
    expect(report.outcome).toBe('unavailable')
    expect(checksOf(report, 'failed')).toEqual(['available'])
  })

  test('what hinders the audit throws', async () => {
    const { evidence } = await work(right)
    const broken: PayloadSource = { get: () => Promise.reject(new TypeError('a bug')) }
    await expect(audit(await vote(right), { payloads: broken })).rejects.toThrow('a bug')
    const attestation = await voteWith(right, evidence.bytes)
    await expect(audit({ ...attestation, isValid: false })).rejects.toMatchObject({ name: 'InvalidSignerError' })
    const { signature } = await vote(right, { evidenceDigest: evidence.digest }, 1)
    await expect(audit({ ...attestation, signature })).rejects.toMatchObject({ name: 'InvalidSignerError' })
    await expect(audit({ ...attestation, requestId: salt })).rejects.toMatchObject({ name: 'RequestNotFoundError' })
  })

  test('a node that lies about the request accuses nobody', async () => {
    const { request: send } = http(devnet.rpcUrl)({ chain: devnet.chain })
    const { data } = await devnet.client.getTransactionReceipt({ hash: wrong.transactionHash }).then(({ logs }) => {
      const [log] = logs
      if (!log) throw new Error('no log')
      return log
    })
    const client = createWalletClient({
      account: devnet.accounts.requester,
      chain: devnet.chain,
      transport: custom({
        async request(each: { method: string; params?: unknown }) {
          const answer: unknown = await send(each as never)
          return each.method === 'eth_getLogs' && Array.isArray(answer)
            ? answer.map((log: object) => ({ ...log, data }))
            : answer
        },
      }),
    })
    const { evidence } = await work(right)
    const attestation = await voteWith(right, evidence.bytes)
    await expect(auditEvidence(client, { deployment: devnet.deployment, attestation, payloads })).rejects.toMatchObject(
      { name: 'ForgedEventError' },
    )
  })
})

describe('with a repeated run', () => {
  test('honest evidence of an invalid verdict passes, and proves that the model was run', async () => {
    const { evidence } = await work(wrong)
    const report = await auditByRepeating(await voteWith(wrong, evidence.bytes))
    expect(report).toMatchObject({ outcome: 'passed', provesWork: true })
    expect(checksOf(report, 'passed')).toEqual([...claims, 'repeatedVerdict', 'repeatedEvidence'])
  })

  test('honest evidence of a valid verdict passes, and proves nothing', async () => {
    const { evidence } = await work(right)
    const report = await auditByRepeating(await voteWith(right, evidence.bytes))
    expect(report).toMatchObject({ outcome: 'passed', provesWork: false })
    expect(checksOf(report, 'passed')).toEqual([...claims, 'repeatedVerdict', 'repeatedEvidence'])
  })

  test('a made-up result is found', async () => {
    const report = await auditByRepeating(await voteWithForged(wrong, { evidence: { answer: 43 } }))
    expect(report).toMatchObject({ outcome: 'failed', provesWork: false })
    expect(checksOf(report, 'failed')).toEqual(['repeatedEvidence'])
  })

  test('a wrong verdict is found, with or without evidence', async () => {
    const forged = await voteWithForged(
      wrong,
      { status: 'valid', evidence: { answer: 41 } },
      { isValid: true, confidence: 9900 },
    )
    const report = await auditByRepeating(forged)
    expect(report).toMatchObject({ outcome: 'failed', provesWork: false })
    expect(checksOf(report, 'failed')).toEqual(['repeatedVerdict', 'repeatedEvidence'])
    const without = await auditByRepeating(await vote(wrong, { isValid: true }))
    expect(without.outcome).toBe('failed')
    expect(checksOf(without, 'failed')).toEqual(['available', 'repeatedVerdict'])
  })

  test('another confidence than the policy’s is found', async () => {
    const { evidence } = await work(right)
    const report = await auditByRepeating(await voteWith(right, evidence.bytes, { confidence: 9899 }))
    expect(checksOf(report, 'failed')).toEqual(['repeatedVerdict'])
    expect(report.checks.repeatedVerdict).toMatchObject({ reason: expect.stringContaining('9899') })
  })

  test('evidence copied from another operator proves nothing, though the result is right', async () => {
    const { evidence } = await work(wrong, { index: 1 })
    const report = await auditByRepeating(await voteWith(wrong, evidence.bytes))
    expect(report).toMatchObject({ outcome: 'failed', provesWork: false })
    expect(checksOf(report, 'failed')).toEqual(['operator', 'repeatedEvidence'])
  })

  test('only the verdict is compared where runtimes differ, or do not repeat themselves', async () => {
    const { evidence } = await work(wrong)
    const attestation = await voteWith(wrong, evidence.bytes)
    const elsewhere = await auditByRepeating(attestation, { runners: toyRunners({ provider: 'gpu' }) })
    expect(elsewhere).toMatchObject({ outcome: 'passed', provesWork: false })
    expect(elsewhere.checks).toMatchObject({
      repeatedVerdict: { result: 'passed' },
      repeatedEvidence: { result: 'unchecked', reason: expect.stringContaining('gpu') },
    })
    const forged = await voteWithForged(wrong, { evidence: { answer: 43 } })
    const random = await auditByRepeating(forged, { runners: toyRunners({ deterministic: false }) })
    expect(random).toMatchObject({ outcome: 'passed', provesWork: false })
    expect(random.checks.repeatedEvidence).toMatchObject({ result: 'unchecked' })
  })

  test('evidence that names other weights, or no model, fails', async () => {
    const [other, none] = await Promise.all(
      [{ model: { ...runtimeOf(salt) } }, {}].map(async (runtimes) =>
        auditByRepeating(await voteWithForged(wrong, { runtimes })),
      ),
    )
    expect(other?.checks.repeatedEvidence).toMatchObject({ result: 'failed', reason: expect.stringContaining(salt) })
    expect(none?.checks.repeatedEvidence).toMatchObject({
      result: 'failed',
      reason: expect.stringContaining('no model'),
    })
  })

  test('an inconclusive run says nothing', async () => {
    const { evidence } = await work(right)
    const verifier = toy({ verify: () => inconclusive({ reason: 'no tolerance' }) })
    const report = await auditByRepeating(await voteWith(right, evidence.bytes), { verifier })
    expect(report).toMatchObject({ outcome: 'passed', provesWork: false })
    expect(report.checks.repeatedVerdict).toMatchObject({
      result: 'unchecked',
      reason: expect.stringContaining('no tolerance'),
    })
  })

  test('a verifier of another revision, and one that fails, throw', async () => {
    const { evidence } = await work(right)
    const attestation = await voteWith(right, evidence.bytes)
    await expect(auditByRepeating(attestation, { verifier: toy({ revision: 2 }) })).rejects.toMatchObject({
      name: 'PolicyInvalidError',
    })
    const broken = toy({ verify: () => Promise.reject(new Error('a bug')) })
    await expect(auditByRepeating(attestation, { verifier: broken })).rejects.toMatchObject({
      name: 'VerifierFailedError',
    })
  })
})

describe('a verifier that draws on the operator’s salt', () => {
  test('is repeated with the salt, and only with it', async () => {
    const { evidence } = await work(salted)
    const attestation = await voteWith(salted, evidence.bytes)
    const without = await auditByRepeating(attestation)
    expect(without.outcome).toBe('passed')
    expect(without.checks).toMatchObject({
      salt: { result: 'unchecked' },
      repeatedVerdict: { result: 'unchecked', reason: expect.stringContaining('salt') },
    })
    const repeated = await auditByRepeating(attestation, { operatorSalt: salt })
    expect(repeated.checks).toMatchObject({
      salt: { result: 'unchecked', reason: expect.stringContaining('commit window') },
      repeatedEvidence: { result: 'passed' },
    })
    const other = await auditByRepeating(attestation, { operatorSalt: `0x${'5b'.repeat(32)}` })
    expect(checksOf(other, 'failed')).toEqual(['repeatedEvidence'])
  })

  test('binds the salt by the commitment', async () => {
    const { deployment } = devnet
    const { evidence } = await work(committed)
    const attestation = await voteWith(committed, evidence.bytes)
    const { signature: _, ...signed } = attestation
    const digest = hashAttestation({ deployment, attestation: { ...signed, method: methodId(toy()) } })
    const { operator } = attestation
    const before = await auditByRepeating(attestation, { operatorSalt: salt })
    expect(before.checks.salt).toMatchObject({ result: 'unchecked', reason: 'the operator made no commitment' })
    await commitVerification(connect(operatorAt(0).account), {
      deployment,
      request: committed.request,
      operator,
      commitment: commitmentHash(digest, salt),
    })
    const report = await auditByRepeating(attestation, { operatorSalt: salt })
    expect(report.outcome).toBe('passed')
    expect(checksOf(report, 'passed')).toEqual([...claims, 'salt', 'repeatedVerdict', 'repeatedEvidence'])
    const other = await auditByRepeating(attestation, { operatorSalt: `0x${'5b'.repeat(32)}` })
    expect(checksOf(other, 'failed')).toEqual(['salt', 'repeatedEvidence'])
  })
})

test('the sample of a batch is repeated with the salt that its evidence reveals', async () => {
  const { deployment } = devnet
  const policy: PolicyDocument = {
    v: 1,
    verifier: '@acme/toy',
    revision: 1,
    parameters: { drawsOnSalt: false },
    confidence: { valid: 9800, invalid: 9800 },
    references: {},
    batch: batchSampling({
      itemErrorUpper: 0.01,
      itemMissUpper: 0.01,
      alpha: 0.01,
      cheatFraction: 0.5,
      sample: 16,
    }),
  }
  const fees = [{ asset: zeroAddress, accepted: true, minimumFee: 1n }]
  const publication = { deployment, payloads, name: 'toy-batch', manifest, policy, weights, fees }
  const { modelVersionId } = await publishModel(connect(devnet.accounts.deployer), publication)
  const numbers = [...Array(64).keys()]
  const input = { type: 'batch', items: numbers.map((value) => ({ type: 'json', value }) as const) } as const
  const runtime = runtimeOf(manifest.weights.digest)
  const output = {
    type: 'batch',
    items: numbers.map((value) => ({ type: 'json', value: value * 2 + 1, runtime }) as const),
  } as const
  const client = connect(devnet.accounts.requester)
  const terms = { reward: 0n, deadline: { seconds: 600 } }
  const opened = await createRequester({ client, deployment, payloads }).request({
    model: modelVersionId,
    input,
    output,
    ...terms,
  })
  const encoded = { input: (await encodeInput(input)).bytes, output: (await encodeOutput(output)).bytes }
  const found = await decodeInference(encoded, { store: payloads })
  const job = { requestId: opened.id, jobId: opened.jobId, ...found, manifest, policy }
  const operator = operatorAt(0).account.address
  const { signal } = new AbortController()
  const runners = toyRunners()
  const context = createVerificationContext({ job, operator, runners, payloads, operatorSalt: salt, signal })
  const result = await runVerifier(toy(), job, context)
  if (result.abstain) throw new Error('it abstained')
  const attestation = await voteWith(opened, result.evidence.bytes, { isValid: false, confidence: 9800 })

  const without = await auditByRepeating(attestation)
  expect(without).toMatchObject({ outcome: 'passed', evidence: { evidence: { salt } }, provesWork: false })
  expect(without.checks.repeatedEvidence).toMatchObject({ result: 'unchecked' })
  const repeated = await auditByRepeating(attestation, { operatorSalt: salt })
  expect(repeated).toMatchObject({ outcome: 'passed', provesWork: true })
  expect(checksOf(repeated, 'passed')).toEqual([...claims, 'repeatedVerdict', 'repeatedEvidence'])
  const other = await auditByRepeating(attestation, { operatorSalt: `0x${'5b'.repeat(32)}` })
  expect(checksOf(other, 'failed')).toEqual(['repeatedEvidence'])
})
