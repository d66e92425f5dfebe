import { createDevnet, type Devnet } from '@proof-of-inference/devnet'
import {
  type Attestation,
  commitmentHash,
  type Deployment,
  hashAttestation,
  hashJob,
  hashRequest,
  type Job,
  proofOfInferenceActions,
  type Request,
} from '@proof-of-inference/sdk'
import { proofOfInferenceAvsAbi } from '@proof-of-inference/sdk/abis'
import { verifyReceipt } from '@proof-of-inference/sdk/actions'
import {
  getFeedback,
  getFeedbackSummary,
  getValidationSummary,
  hashValidationRequest,
  receiptTag,
  registerAgent,
  requestValidation,
  validationRegistryAbi,
} from '@proof-of-inference/sdk/erc8004'
import {
  type Address,
  createClient,
  createWalletClient,
  custom,
  decodeEventLog,
  encodeDeployData,
  encodeFunctionData,
  getContractAddress,
  type Hex,
  http,
  keccak256,
  publicActions,
  toHex,
  zeroAddress,
} from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as artifacts from './generated/artifacts.ts'
import { createMarket } from './market.ts'

const agentId = 0n
const binding = { subjectHash: keccak256(toHex('a tab')), minScore: 80 }

let devnet: Devnet
let market: Awaited<ReturnType<typeof createMarket>>
let deployment: Devnet['deployment']
beforeAll(async () => {
  devnet = await createDevnet()
  market = await createMarket(devnet)
  deployment = devnet.deployment
})
afterAll(() => devnet?.stop())

const file = (requestHash: Hex, validator: Address = deployment.avs) =>
  requestValidation(market.agent, { registries: deployment, validator, agentId, requestHash })

/** The same hash, written otherwise. */
const loud = (hash: Hex): Hex => `0x${hash.slice(2).toUpperCase()}`

/** Has a job of the agent decided. */
async function decide(isValid = true, changes: Partial<Job> = {}, requestChanges: Partial<Request> = {}) {
  const job = market.createJob({ hasAgent: true, agentId, ...changes })
  const request = await market.createRequest(job, requestChanges)
  const consent = await market.agent.signConsent({ job })
  await market.requester.requestInferenceVerification({ request, job, consent })
  await market.vote({ job, request }, 0, { isValid })
  await market.vote({ job, request }, 1, { isValid })
  return { job, request, jobId: hashJob({ deployment, job }) }
}

describe('a receipt', () => {
  test('is proven from the node alone', async () => {
    const { job, jobId } = await decide()
    await file(jobId)
    const pending = await verifyReceipt(devnet.client, { deployment, jobId })
    expect(pending).toMatchObject({ status: 'pending', response: null, jobId, requestHash: jobId })
    expect(pending.checks).toMatchObject({
      answered: { result: 'unchecked' },
      binding: { result: 'passed' },
      signatures: { result: 'passed' },
    })

    const posted = await market.operators[0]?.postReceipt({ job, uri: 'ipfs://nobody-reads-this' })
    expect(posted).toMatchObject({ jobId, requestHash: jobId, response: 99 })
    const receipt = await verifyReceipt(devnet.client, { deployment, jobId })
    expect(receipt).toMatchObject({ status: 'verified', response: 99, jobId, requestHash: jobId })
    expect(Object.values(receipt.checks)).toEqual(Array(12).fill({ result: 'passed' }))
    expect(receipt.proven).toHaveLength(12)
    expect(receipt.notProven).toContainEqual(expect.stringContaining('That the verdict is right'))
    expect(receipt.validation).toMatchObject({ flips: 0, isConsistent: true, validator: receipt.validation.validator })
    expect(receipt.trail?.requests[0]?.attestations).toHaveLength(2)
    expect(await verifyReceipt(devnet.client, { deployment, requestHash: jobId })).toEqual(receipt)
    expect(await verifyReceipt(devnet.client, { deployment, requestHash: loud(jobId) })).toMatchObject({
      status: 'verified',
    })
    expect(await verifyReceipt(devnet.client, { deployment, jobId: loud(jobId) })).toMatchObject({ status: 'verified' })
    // with as many queries as a stingy node needs
    expect(await market.requester.verifyReceipt({ jobId, blocksPerQuery: 3n })).toMatchObject({ status: 'verified' })
  })

  test('with 0 is not a pending one', async () => {
    const { job, jobId } = await decide(false)
    await file(jobId)
    const registry = { address: deployment.validationRegistry, abi: validationRegistryAbi } as const
    const read = () => devnet.client.readContract({ ...registry, functionName: 'getValidationStatus', args: [jobId] })
    expect((await read())[2]).toBe(0)
    expect(await verifyReceipt(devnet.client, { deployment, jobId })).toMatchObject({ status: 'pending' })
    await market.requester.postReceipt({ job })
    expect((await read())[2]).toBe(0)
    expect(await verifyReceipt(devnet.client, { deployment, jobId })).toMatchObject({
      status: 'rejected',
      response: 0,
    })
  })

  test('answers a guarantee', async () => {
    const { job, jobId } = await decide()
    const requestHash = hashValidationRequest({ deployment, job, binding })
    expect(requestHash).not.toBe(jobId)
    await file(requestHash)
    expect(await verifyReceipt(devnet.client, { deployment, requestHash })).toMatchObject({
      status: 'pending',
      jobId: null,
      trail: null,
    })
    expect(await market.requester.postReceipt({ job, binding })).toMatchObject({ requestHash, response: 99 })
    const receipt = await verifyReceipt(devnet.client, { deployment, requestHash })
    expect(receipt).toMatchObject({ status: 'verified', jobId })
    // it is the only one of the job
    expect(await verifyReceipt(devnet.client, { deployment, jobId })).toEqual(receipt)
    expect(receipt.trail?.receipts).toMatchObject([{ requestHash, binding, response: 99 }])
    expect(await verifyReceipt(devnet.client, { deployment, requestHash: loud(requestHash) })).toMatchObject({
      status: 'verified',
    })
  })

  test('of votes that were committed first', async () => {
    const job = market.createJob({ hasAgent: true, agentId })
    const request = await market.createRequest(job, { commitWindow: 60 })
    const consent = await market.agent.signConsent({ job })
    await market.requester.requestInferenceVerification({ request, job, consent })
    const opened = await market.requester.getBlock()
    const votes = await Promise.all(
      market.operators.map(async (operator, index) => {
        const attestation = market.attest(request, operator.account.address)
        const operatorSalt = keccak256(toHex(`salt of ${index}`))
        await operator.commitVerification({
          request,
          operator: operator.account.address,
          commitment: commitmentHash(hashAttestation({ deployment, attestation }), operatorSalt),
        })
        return { attestation, operatorSalt, signature: await operator.sign(attestation) }
      }),
    )
    await market.moveTo(Number(opened.timestamp) + 61)
    for (const vote of votes) await market.requester.submitVerification({ request, job, ...vote })
    const jobId = hashJob({ deployment, job })
    await file(jobId)
    await market.requester.postReceipt({ job })
    expect(await market.requester.verifyReceipt({ jobId })).toMatchObject({ status: 'verified', response: 99 })
  })

  test('is posted once, whoever posts it', async () => {
    const { job, jobId } = await decide()
    await expect(market.requester.postReceipt({ job })).rejects.toMatchObject({
      name: 'ValidationNotFoundError',
      requestHash: jobId,
    })
    await file(jobId)
    await market.requester.postReceipt({ job })
    await expect(market.requester.postReceipt({ job })).rejects.toMatchObject({
      name: 'AlreadyPostedError',
      id: jobId,
    })
    await expect(file(jobId)).rejects.toMatchObject({ name: 'ContractRevertedError', reason: 'exists' })
  })

  test('is not to be had for another job, by a squatter, or without a decision', async () => {
    const { job, jobId } = await decide()
    const other = { ...job, outputDigest: keccak256('0x01') }
    await file(hashJob({ deployment, job: other }))
    await expect(market.requester.postReceipt({ job: other })).rejects.toMatchObject({ name: 'JobNotDecidedError' })
    await expect(market.requester.verifyReceipt({ jobId })).rejects.toMatchObject({ name: 'ValidationNotFoundError' })

    const { agentId: squatter } = await registerAgent(market.requester, { registries: deployment })
    await requestValidation(market.requester, {
      registries: deployment,
      validator: deployment.avs,
      agentId: squatter,
      requestHash: jobId,
    })
    await expect(market.requester.postReceipt({ job })).rejects.toMatchObject({
      name: 'ValidationMismatchError',
      agentId: squatter,
    })
    expect(await market.requester.verifyReceipt({ jobId })).toMatchObject({
      status: 'invalid',
      checks: { agent: { result: 'failed' }, validator: { result: 'passed' } },
    })
  })

  test('of another validator is none, and its flips are told', async () => {
    const { jobId } = await decide(false)
    const { account } = market.operators[0] ?? {}
    if (!account) throw new Error('There is no operator.')
    await file(jobId, account.address)
    const trail = await market.requester.getAuditTrail({ jobId })
    const answer = (response: number) =>
      devnet.client.writeContractSync({
        account,
        address: deployment.validationRegistry,
        abi: validationRegistryAbi,
        functionName: 'validationResponse',
        args: [jobId, response, '', trail.decision?.recordHash ?? '0x', receiptTag],
        throwOnReceiptRevert: true,
      })
    await answer(100)
    await answer(0)
    await answer(0)
    await answer(100)
    const receipt = await market.requester.verifyReceipt({ jobId })
    expect(receipt).toMatchObject({
      status: 'invalid',
      response: 100,
      validation: { flips: 2, isConsistent: true },
      checks: {
        validator: { result: 'failed' },
        history: { result: 'failed', reason: '4 answers, in which the response changed 2 times' },
        answer: { result: 'failed' },
        record: { result: 'passed' },
      },
    })
  })

  test('is unproven where the blocks do not reach back', async () => {
    const { job, jobId } = await decide()
    await file(jobId)
    const { blockNumber } = await market.requester.postReceipt({ job })
    expect(await market.requester.verifyReceipt({ jobId, fromBlock: blockNumber })).toMatchObject({
      status: 'unproven',
      jobId: null,
      checks: { history: { result: 'unchecked' }, binding: { result: 'unchecked' }, record: { result: 'unchecked' } },
    })
    // nothing had been answered yet
    expect(await market.requester.verifyReceipt({ jobId, toBlock: blockNumber - 1n })).toMatchObject({
      status: 'pending',
    })
  })
})

test('feedback and summaries count what the AVS gave', async () => {
  const { agentId } = await registerAgent(market.agent, { registries: deployment })
  for (const isValid of [true, false]) {
    const { job, jobId } = await decide(isValid, { agentId })
    await requestValidation(market.agent, {
      ...{ registries: deployment, validator: deployment.avs, agentId },
      requestHash: jobId,
    })
    await market.requester.postReceipt({ job })
    expect(await market.requester.postFeedback({ job })).toMatchObject({ jobId, agentId, value: isValid ? 99 : 0 })
    await expect(market.requester.postFeedback({ job })).rejects.toMatchObject({ name: 'AlreadyPostedError' })
  }
  const of = { registries: deployment, agentId }
  const clients = [deployment.avs]
  expect(await getFeedback(devnet.client, { ...of, clients })).toMatchObject([
    { feedbackIndex: 1n, value: 99n, tag1: receiptTag },
    { feedbackIndex: 2n, value: 0n, tag1: receiptTag },
  ])
  expect(await getFeedbackSummary(devnet.client, { ...of, clients })).toEqual({ count: 2n, mean: 49n, decimals: 0 })
  const validators = [deployment.avs]
  expect(await getValidationSummary(devnet.client, { ...of, validators, tag: receiptTag })).toEqual({
    count: 2n,
    meanResponse: 49,
  })
  expect(await getValidationSummary(devnet.client, { ...of, validators, tag: 'other' })).toEqual({
    count: 0n,
    meanResponse: null,
  })
  expect(await market.requester.getAgentRecord({ agentId })).toMatchObject({
    totalJobs: 2n,
    verifiedJobs: 1n,
    requests: { total: 2, open: 0, verified: 1, rejected: 1, expired: 0 },
    jobs: {
      decided: 2,
      verified: 1,
      accuracy: { rate: 0.5, lower: expect.closeTo(0.0945), upper: expect.closeTo(0.9055) },
    },
    meanResponse: 99,
    volume: [{ asset: zeroAddress, rewards: 2n * 10n ** 18n, fees: 2_000n }],
  })
})

test('the stats of a model are those of a range of blocks', async () => {
  const fromBlock = (await devnet.client.getBlockNumber()) + 1n
  const before = await market.requester.getModelStats({ modelId: market.modelId })
  await decide()
  await decide(false)
  const plain = await market.open()
  await market.vote(plain, 0)
  await market.vote(plain, 1)
  const expired = await market.open()
  await market.moveTo(expired.request.deadline + 1)
  await market.requester.settleRequest(expired)
  const stats = await market.requester.getModelStats({ modelId: market.modelId, fromBlock })
  expect(stats).toMatchObject({
    fromBlock,
    totalInferences: before.totalInferences + 2n,
    requests: { total: 4, open: 0, verified: 2, rejected: 1, expired: 1 },
    jobs: { decided: 3, verified: 2, accuracy: { rate: 2 / 3 } },
    meanResponse: 99,
    withAgent: { requests: { total: 2 }, jobs: { decided: 2, verified: 1 } },
    versions: [{ modelVersionId: market.modelVersionId, number: 1, jobs: { decided: 3 } }],
  })
  const all = await market.requester.getModelStats({ modelId: market.modelId })
  expect(all.withAgent.jobs.decided).toBe(Number(all.totalInferences))
  expect(all.withAgent.jobs.verified).toBe(Number(all.successfulVerifications))
  await expect(market.requester.getModelStats({ modelId: keccak256('0x') })).rejects.toMatchObject({
    name: 'UnknownModelError',
  })
})

test('a second deployment cannot give a receipt of the first', async () => {
  const { job, jobId } = await decide(false)
  const imposter = await createImposter()
  const own = { ...job, modelVersionId: imposter.modelVersionId, minAttestations: 1 }
  const ownId = hashJob({ deployment: imposter.deployment, job: own })
  await imposter.verify(own, await market.agent.extend(proofOfInferenceActions(imposter)).signConsent({ job: own }))
  await file(ownId, imposter.deployment.avs)
  const poster = market.requester.extend(proofOfInferenceActions(imposter))
  expect(await poster.postReceipt({ job: own })).toMatchObject({ response: 100 })
  // by its own lights all is well
  expect(await poster.verifyReceipt({ jobId: ownId })).toMatchObject({ status: 'verified' })

  const receipt = await market.requester.verifyReceipt({ requestHash: ownId })
  expect(receipt).toMatchObject({ status: 'invalid', jobId: null, checks: { validator: { result: 'failed' } } })
  await file(jobId)
  await expect(poster.postReceipt({ job })).rejects.toMatchObject({ name: 'JobNotDecidedError' })
  expect(await market.requester.verifyReceipt({ jobId })).toMatchObject({ status: 'pending' })
})

describe('what a node says', () => {
  test('is caught where a word of it is altered by a bit', async () => {
    const { job, jobId } = await decide()
    await file(jobId)
    await market.requester.postReceipt({ job })
    const recording = new Map<string, unknown>()
    const ask = async ({ method, params }: { method: string; params?: unknown }) => {
      const key = JSON.stringify([method, params])
      if (!recording.has(key)) recording.set(key, await devnet.client.request({ method, params } as never))
      return recording.get(key)
    }
    const toBlock = await devnet.client.getBlockNumber()
    const verify = (request: typeof ask) =>
      verifyReceipt(createClient({ transport: custom({ request }, { retryCount: 0 }) }), { deployment, jobId, toBlock })
    expect(await verify(ask)).toMatchObject({ status: 'verified' })

    const logs = new Map<string, { topics: Hex[]; data: Hex }>()
    for (const answer of recording.values())
      for (const log of Array.isArray(answer) ? answer : []) logs.set(`${log.blockNumber}/${log.logIndex}`, log)
    expect(logs.size).toBe(8)
    const unnoticed: string[] = []
    let altered = 0
    for (const [position, log] of logs) {
      const words = (log.data.length - 2) / 64 + log.topics.length - 1
      for (let word = 0; word < words; word++) {
        const lie = async (call: { method: string; params?: unknown }) => {
          const answer = await ask(call)
          if (!Array.isArray(answer)) return answer
          return answer.map((each) => (`${each.blockNumber}/${each.logIndex}` === position ? alter(each, word) : each))
        }
        altered++
        // What does not even decode is no receipt either.
        const receipt = await verify(lie).catch(() => null)
        const status = receipt?.status ?? 'refused'
        // the second word of a vote's data is the digest of its evidence
        if (nameOf(log) === 'VerificationSubmitted' && word === 3)
          expect(receipt?.checks).toMatchObject({ record: { result: 'failed' }, signatures: { result: 'failed' } })
        if (status === 'verified') unnoticed.push(`${nameOf(log)} ${word}`)
      }
    }
    expect(altered).toBeGreaterThan(60)
    // Whether the deposit paid; the least response, which only a guarantee has; and where an empty URI is, its length, and what follows the tag.
    // In an order of their own: what is asked side by side is recorded as it is answered.
    expect(unnoticed.sort()).toEqual([
      'InferenceVerificationRequested 22',
      'ReceiptPosted 3',
      'ValidationResponse 4',
      'ValidationResponse 7',
      'ValidationResponse 9',
    ])
  }, 60_000)
})

/** Topics after the first, then the words of the data: the last bit of one of them is another. */
function alter<log extends { topics: Hex[]; data: Hex }>(log: log, word: number): log {
  const indexed = log.topics.length - 1
  const flip = (hex: Hex, end: number): Hex =>
    `0x${hex.slice(2, end - 1)}${(Number.parseInt(hex.slice(end - 1, end), 16) ^ 1).toString(16)}${hex.slice(end)}`
  if (word < indexed) {
    return { ...log, topics: log.topics.map((topic, index) => (index === word + 1 ? flip(topic, 66) : topic)) }
  }
  return { ...log, data: flip(log.data, 2 + 64 * (word - indexed + 1)) }
}

function nameOf(log: { topics: Hex[]; data: Hex }): string {
  const [signature, ...args] = log.topics
  if (!signature) throw new Error('A log without a topic.')
  return decodeEventLog({
    abi: [...proofOfInferenceAvsAbi, ...validationRegistryAbi],
    topics: [signature, ...args],
    data: log.data,
  }).eventName
}

/** Another deployment that uses the same registries, whose only operator says that everything is valid. */
async function createImposter() {
  const { client, accounts } = devnet
  const { identityRegistry, validationRegistry, reputationRegistry, chainId } = deployment
  const account = accounts.requester
  const wallet = createWalletClient({ account, chain: devnet.chain, transport: http(), cacheTime: 0 }).extend(
    publicActions,
  )
  const deploy = async (data: Hex): Promise<Address> => {
    const { contractAddress } = await client.sendTransactionSync({ account, data, throwOnReceiptRevert: true })
    if (!contractAddress) throw new Error('A deployment made no contract.')
    return contractAddress
  }
  const operatorSet = await deploy(encodeDeployData({ ...artifacts.mockOperatorSet, args: [100, 86_400] }))
  const nonce = await wallet.getTransactionCount({ address: account.address })
  const avs = getContractAddress({ from: account.address, nonce: BigInt(nonce + 1) })
  const modelRegistry = await deploy(encodeDeployData({ ...artifacts.modelRegistry, args: [avs] }))
  const config = {
    ...{ owner: account.address, modelRegistry, operatorSet, identityRegistry, validationRegistry, reputationRegistry },
    ...{ allocationManager: zeroAddress, keyRegistrar: zeroAddress, slasher: zeroAddress },
    ...{ operatorSetId: 0, strategies: [], metadataURI: '' },
    tables: { crossChainRegistry: zeroAddress, calculator: zeroAddress, maxStaleness: 0 },
  }
  await deploy(encodeDeployData({ ...artifacts.proofOfInferenceAVS, args: [config] }))
  const imposter: Deployment = {
    ...{ chainId, startBlock: await client.getBlockNumber(), avs, modelRegistry, operatorSet, slasher: null },
    ...{ identityRegistry, validationRegistry, reputationRegistry },
  }
  const actions = wallet.extend(proofOfInferenceActions({ deployment: imposter }))
  const version = { ...market.version, validConfidence: 10_000 }
  const { modelVersionId } = await actions.registerModel({
    name: 'anything',
    version,
    fees: [{ asset: zeroAddress, accepted: true, minimumFee: 0n }],
  })
  const referenceTimepoint = 99
  await client.sendTransactionSync({
    account,
    to: operatorSet,
    data: encodeFunctionData({
      abi: artifacts.mockOperatorSet.abi,
      functionName: 'setVoter',
      args: [referenceTimepoint, account.address, { canVote: true, index: 0, weight: 1n, signingKey: account.address }],
    }),
    throwOnReceiptRevert: true,
  })
  return {
    deployment: imposter,
    modelVersionId,
    async verify(job: Job, consent: Hex) {
      const request = await market.createRequest(job, {
        jobId: hashJob({ deployment: imposter, job }),
        referenceTimepoint,
      })
      await actions.requestInferenceVerification({ request, job, consent })
      const attestation: Attestation = {
        ...market.attest(request, account.address, { confidence: 10_000 }),
        requestId: hashRequest({ deployment: imposter, request }),
      }
      const signature = await account.sign({ hash: hashAttestation({ deployment: imposter, attestation }) })
      await actions.submitVerification({ request, job, attestation, signature })
    },
  }
}
