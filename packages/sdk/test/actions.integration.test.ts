import { createDevnet, type Devnet } from '@proof-of-inference/devnet'
import {
  commitmentHash,
  computeModelId,
  computeModelVersionId,
  hashAttestation,
  hashJob,
  hashRequest,
} from '@proof-of-inference/sdk'
import { erc20Abi, hexToBytes, keccak256, parseEther, sha256, toHex, zeroAddress } from 'viem'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createMarket } from './market.ts'

let devnet: Devnet
let market: Awaited<ReturnType<typeof createMarket>>
let snapshot: `0x${string}`
beforeAll(async () => {
  devnet = await createDevnet()
  market = await createMarket(devnet)
})
afterAll(() => devnet.stop())
beforeEach(async () => {
  snapshot = await devnet.snapshot()
})
afterEach(() => devnet.revert(snapshot))

const native = zeroAddress

function operatorAt(index: number) {
  const operator = market.operators[index]
  if (!operator) throw new Error(`There is no operator ${index}.`)
  return operator
}

describe('requests', () => {
  test('an honest output is verified, paid and recorded', async () => {
    const { requester, agent, deployment, operators } = market
    const input = toHex('the input')
    const job = market.createJob({
      hasAgent: true,
      agentId: 0n,
      payee: agent.account.address,
      inputDigest: sha256(input),
    })
    const request = await market.createRequest(job)
    const consent = await agent.signConsent({ job })
    const opened = await requester.requestInferenceVerification({ request, job, consent, input })
    expect(opened).toEqual({
      requestId: hashRequest({ deployment, request }),
      jobId: hashJob({ deployment, job }),
      transactionHash: expect.stringMatching(/^0x[0-9a-f]{64}$/),
      blockNumber: expect.any(BigInt),
      gasUsed: expect.any(BigInt),
    })
    const { requestId, jobId } = opened

    expect(await requester.getPublishedPayload({ digest: job.inputDigest })).toEqual(hexToBytes(input))
    expect(await requester.getRequest({ requestId })).toMatchObject({
      requestId,
      jobId,
      request,
      job,
      fromDeposit: false,
    })
    expect(await requester.getRequests({ jobId })).toHaveLength(1)
    expect(await requester.getRequests({ requester: agent.account.address })).toEqual([])
    expect(await requester.getRequestState({ requestId })).toMatchObject({ status: 'open', validWeight: 0n })

    const first = await market.vote({ job, request }, 0)
    expect(first).toMatchObject({ requestId, status: 'open', isCounted: true, weight: parseEther('50') })
    const second = await market.vote({ job, request }, 1, { confidence: 9500 })
    expect(second).toMatchObject({ requestId, status: 'verified', weight: parseEther('30') })

    const outcome = await requester.waitForOutcome({ requestId })
    expect(outcome).toMatchObject({
      status: 'verified',
      response: 97,
      requestId,
      jobId,
      transactionHash: second.transactionHash,
    })
    expect(
      outcome.attestations.map(({ operator, isValid, confidence }) => ({ operator, isValid, confidence })),
    ).toEqual([
      { operator: operatorAt(0).account.address, isValid: true, confidence: 9900 },
      { operator: operatorAt(1).account.address, isValid: true, confidence: 9500 },
    ])
    expect(await requester.getJobState({ jobId })).toMatchObject({ status: 'verified', response: 97 })
    expect(await requester.getAgentRecord({ agentId: 0n })).toMatchObject({ totalJobs: 1n, verifiedJobs: 1n })
    expect(await requester.getModelInfo({ modelId: market.modelId })).toMatchObject({
      totalInferences: 1n,
      successfulVerifications: 1n,
      accuracyBps: 10_000,
    })
    expect(await requester.getModelAgentRecord({ modelId: market.modelId, agentId: 0n })).toEqual({
      totalInferences: 1n,
      successfulVerifications: 1n,
    })

    const owner = agent.account.address
    expect(await requester.getEarnings({ asset: native, account: owner })).toBe(request.reward)
    expect(await requester.withdrawEarnings({ asset: native, owner })).toMatchObject({ amount: request.reward })
    expect(await requester.getEarnings({ asset: native, account: owner })).toBe(0n)

    const operator = operatorAt(0).account.address
    expect(await requester.claimFees({ operator, requests: [request] })).toMatchObject({
      credits: [{ asset: native, amount: 500n }],
    })
    expect(await requester.claimFees({ operator, requests: [request] })).toMatchObject({ credits: [] })
    expect(await requester.getEarnings({ asset: native, account: operator })).toBe(500n)
    expect(operators).toHaveLength(3)
  })

  test('a wrong output is rejected, and the requester refunded', async () => {
    const { requester } = market
    const opened = await market.open()
    await market.vote(opened, 0, { isValid: false })
    await market.vote(opened, 1, { isValid: false })
    const outcome = await requester.waitForOutcome({ requestId: opened.requestId })
    expect(outcome).toMatchObject({ status: 'rejected', response: 0 })
    // The reward, and the part of the fee that nobody earned.
    expect(await requester.getEarnings({ asset: native, account: requester.account.address })).toBe(
      opened.request.reward + 200n,
    )
  })

  test('without a quorum it expires when it is settled', async () => {
    const { requester } = market
    const opened = await market.open()
    await market.moveTo(opened.request.deadline + 1)
    expect(await requester.settleRequest(opened)).toMatchObject({ status: 'expired', requestId: opened.requestId })
    expect(await requester.waitForOutcome({ requestId: opened.requestId })).toMatchObject({
      status: 'expired',
      response: null,
      attestations: [],
    })
    expect(await requester.getEarnings({ asset: native, account: requester.account.address })).toBe(
      opened.request.reward + opened.request.verificationFee,
    )
  })

  test('waiting settles what can be settled, or says so', async () => {
    const { requester } = market
    const opened = await market.open()
    const { requestId } = opened
    await expect(requester.waitForOutcome({ requestId, timeout: 1 })).rejects.toMatchObject({
      name: 'OutcomeTimeoutError',
      requestId,
    })
    await market.moveTo(opened.request.deadline + 1)
    await expect(requester.waitForOutcome({ requestId })).rejects.toMatchObject({
      name: 'RequestUnsettledError',
      requestId,
      jobStatus: 'none',
    })
    expect(await requester.waitForOutcome({ requestId, settle: true })).toMatchObject({ status: 'expired' })
  })

  test('a request of a decided job ends by the decision', async () => {
    const { requester } = market
    const opened = await market.open()
    const request = await market.createRequest(opened.job)
    const other = await requester.requestInferenceVerification({ request, job: opened.job })
    await market.vote(opened, 0)
    await market.vote(opened, 1)
    await expect(requester.waitForOutcome({ requestId: other.requestId })).rejects.toMatchObject({
      name: 'RequestUnsettledError',
      jobStatus: 'verified',
    })
    expect(await requester.waitForOutcome({ requestId: other.requestId, settle: true })).toMatchObject({
      status: 'verified',
      response: 99,
      attestations: [],
    })
  })

  test('an unknown request is not waited for', async () => {
    const requestId = keccak256('0x')
    await expect(market.requester.waitForOutcome({ requestId })).rejects.toMatchObject({
      name: 'RequestNotFoundError',
      requestId,
    })
  })

  test('watching finds every request once', async () => {
    const { requester } = market
    const first = await market.open()
    const seen: string[] = []
    const errors: unknown[] = []
    await new Promise<void>((resolve, reject) => {
      const unwatch = requester.watchRequests({
        pollingInterval: 10,
        onRequests(requests) {
          seen.push(...requests.map(({ requestId }) => requestId))
          if (seen.length >= 3) {
            unwatch()
            resolve()
          }
        },
        onError: (error) => errors.push(error),
      })
      market
        .open()
        .then(() => market.open())
        .catch(reject)
    })
    expect(errors).toEqual([])
    expect(seen[0]).toBe(first.requestId)
    expect(new Set(seen).size).toBe(3)
  })

  test('watching finds every attestation of a request once, and no other', async () => {
    const { requester } = market
    const [opened, another] = [await market.open(), await market.open()]
    const { requestId, blockNumber: fromBlock } = opened
    await market.vote(opened, 0)
    const errors: unknown[] = []
    const seen = await new Promise<string[]>((resolve, reject) => {
      const operators: string[] = []
      const unwatch = requester.watchAttestations({
        ...{ requestId, fromBlock },
        pollingInterval: 10,
        onAttestations(attestations) {
          operators.push(...attestations.map(({ operator }) => operator))
          if (operators.length < 2) return
          unwatch()
          resolve(operators)
        },
        onError: (error) => errors.push(error),
      })
      market
        .vote(another, 2)
        .then(() => market.vote(opened, 1))
        .catch(reject)
    })
    expect(errors).toEqual([])
    expect(seen).toEqual([0, 1].map((index) => operatorAt(index).account.address))
  })
})

describe('commit and reveal', () => {
  test('committed votes are revealed, and the rest of the fee released', async () => {
    const { requester, deployment } = market
    const opened = await market.open({}, { commitWindow: 60 })
    const { request, job, requestId } = opened
    const votes = await Promise.all(
      [0, 1, 2].map(async (index) => {
        const operator = operatorAt(index)
        const attestation = market.attest(request, operator.account.address)
        const operatorSalt = keccak256(toHex(index))
        const commitment = commitmentHash(hashAttestation({ deployment, attestation }), operatorSalt)
        return { operator, attestation, operatorSalt, commitment, signature: await operator.sign(attestation) }
      }),
    )
    for (const { operator, commitment } of votes) {
      const address = operator.account.address
      expect(await requester.getCommitment({ requestId, operator: address })).toBeNull()
      expect(await operator.commitVerification({ request, operator: address, commitment })).toMatchObject({ requestId })
      expect(await requester.getCommitment({ requestId, operator: address })).toBe(commitment)
    }
    await market.moveTo(request.deadline - 300)
    const results = []
    for (const { operator, attestation, operatorSalt, signature } of votes) {
      results.push(await operator.submitVerification({ request, job, attestation, signature, operatorSalt }))
    }
    expect(results.map(({ status, isCounted }) => ({ status, isCounted }))).toEqual([
      { status: 'open', isCounted: true },
      { status: 'verified', isCounted: true },
      { status: 'open', isCounted: false },
    ])
    const outcome = await requester.waitForOutcome({ requestId })
    expect(outcome.attestations).toHaveLength(2)
    expect(await requester.getAttestations({ requestId })).toHaveLength(3)

    await market.moveTo(request.deadline + 1)
    expect(await requester.releaseUnearnedFee({ request })).toMatchObject({ amount: 0n })
    const operator = operatorAt(2).account.address
    expect(await requester.claimFees({ operator, requests: [request] })).toMatchObject({
      credits: [{ asset: native, amount: 200n }],
    })
  })
})

describe('consent', () => {
  test('is recorded once and for good', async () => {
    const { requester, agent } = market
    const job = market.createJob({ hasAgent: true, payee: agent.account.address })
    const consent = await agent.signConsent({ job })
    const { jobId } = await requester.recordConsent({ job, consent })
    const { consentedAt } = await requester.getJobState({ jobId })
    expect(consentedAt).toBeGreaterThan(0)
    expect(await requester.recordConsent({ job, consent: '0x' })).toMatchObject({ jobId })
    const request = await market.createRequest(job)
    expect(await requester.requestInferenceVerification({ request, job })).toMatchObject({ jobId })
  })
})

describe('money', () => {
  test('a deposit pays requests and can be withdrawn', async () => {
    const { requester } = market
    const owner = requester.account.address
    expect(await requester.deposit({ asset: native, amount: parseEther('3') })).toMatchObject({
      amount: parseEther('3'),
    })
    const job = market.createJob()
    const request = await market.createRequest(job)
    const { requestId } = await requester.requestInferenceVerification({ request, job, fromDeposit: true })
    expect(await requester.getRequest({ requestId })).toMatchObject({ fromDeposit: true })
    const left = parseEther('2') - 1_000n
    expect(await requester.getDeposit({ asset: native, account: owner })).toBe(left)

    expect(await requester.getDepositWithdrawal({ asset: native, account: owner })).toBeNull()
    const { amount, availableAt } = await requester.initiateDepositWithdrawal({ asset: native, amount: left })
    expect(await requester.getDepositWithdrawal({ asset: native, account: owner })).toEqual({ amount, availableAt })
    await expect(requester.completeDepositWithdrawal({ asset: native })).rejects.toMatchObject({
      name: 'WithdrawalNotReadyError',
      availableAt,
    })
    await market.moveTo(Number(availableAt))
    expect(await requester.completeDepositWithdrawal({ asset: native })).toMatchObject({ amount: left })
    expect(await requester.getDeposit({ asset: native, account: owner })).toBe(0n)
  })

  test('a token pays with the call once it is allowed to', async () => {
    const { requester, deployment } = market
    const job = market.createJob()
    const request = await market.createRequest(job, { asset: devnet.token })
    const required = request.reward + request.verificationFee
    await expect(requester.requestInferenceVerification({ request, job })).rejects.toMatchObject({
      name: 'InsufficientAllowanceError',
      asset: devnet.token,
      owner: requester.account.address,
      spender: deployment.avs,
      required,
      allowance: 0n,
    })
    const allow = (amount: bigint) =>
      devnet.client.writeContractSync({
        account: requester.account,
        address: devnet.token,
        abi: erc20Abi,
        functionName: 'approve',
        args: [deployment.avs, amount],
        throwOnReceiptRevert: true,
      })
    await allow(required)
    await requester.requestInferenceVerification({ request, job })
    await allow(5n)
    expect(await requester.deposit({ asset: devnet.token, amount: 5n })).toMatchObject({ amount: 5n })
    expect(await requester.getDeposit({ asset: devnet.token, account: requester.account.address })).toBe(5n)
  })
})

describe('models', () => {
  test('are registered, versioned, priced, stopped and handed over', async () => {
    const { requester, agent, version } = market
    const originalOwner = agent.account.address
    const modelId = computeModelId({ originalOwner, name: 'my-model' })
    const first = computeModelVersionId({ modelId, number: 1, version })
    expect(await agent.registerModel({ name: 'my-model', version, fees: [] })).toMatchObject({
      modelId,
      modelVersionId: first,
    })
    const next = { ...version, policyDigest: sha256('0x05') }
    const second = computeModelVersionId({ modelId, number: 2, version: next })
    expect(await agent.publishVersion({ modelId, version: next })).toMatchObject({ modelVersionId: second, number: 2 })
    expect(await requester.getModelVersionId({ modelId, number: 1 })).toBe(first)
    expect(await requester.getModelVersion({ modelVersionId: second })).toEqual({ modelId, number: 2, ...next })
    const resolved = { modelVersionId: second, modelId, number: 2, ...next }
    expect(await requester.resolveModel({ model: `${originalOwner}/my-model@2` })).toEqual(resolved)
    expect(await requester.resolveModel({ model: second })).toEqual(resolved)

    const asset = native
    expect(await requester.getFee({ modelId, asset })).toEqual({ accepted: false, minimumFee: 0n })
    await agent.setFees({ modelId, fees: [{ asset, accepted: true, minimumFee: 7n }] })
    expect(await requester.getFee({ modelId, asset })).toEqual({ accepted: true, minimumFee: 7n })

    await agent.setActive({ modelId, active: false })
    await agent.transferModel({ modelId, newOwner: requester.account.address })
    expect(await requester.getModelInfo({ modelId })).toEqual({
      owner: requester.account.address,
      active: false,
      name: 'my-model',
      latestVersion: 2,
      latestVersionId: second,
      totalInferences: 0n,
      successfulVerifications: 0n,
      accuracyBps: 0,
    })
    await requester.setActive({ modelId, active: true })
  })
})

describe('operators', () => {
  test('are read and refreshed', async () => {
    const { requester } = market
    const operator = operatorAt(1).account.address
    const signingKey = devnet.accounts.operators[1]?.signer.address
    expect(await requester.getSeatedOperators()).toEqual(market.operators.map(({ account }) => account.address))
    const timepoint = (await requester.getClock()) - 1
    const voter = { canVote: true, index: 1, weight: parseEther('30'), signingKey }
    expect(await requester.getVoter({ operator, timepoint })).toEqual({ ...voter, totalWeight: parseEther('100') })
    expect(await requester.getTotalWeight({ timepoint })).toBe(parseEther('100'))
    const { checkpoints, blockNumber } = await requester.refreshWeights({ operators: [operator] })
    const checkpoint = { isSeated: true, index: 1, weight: parseEther('30'), signingKey }
    expect(checkpoints).toEqual([{ operator, ...checkpoint }])
    expect(await requester.getCheckpoint({ operator })).toEqual({ ...checkpoint, timepoint: Number(blockNumber) })
    expect(await requester.getCheckpoint({ operator: requester.account.address })).toBeNull()
  })
})
