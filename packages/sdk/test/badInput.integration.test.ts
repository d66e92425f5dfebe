import { createDevnet, type Devnet } from '@proof-of-inference/devnet'
import {
  assertDeployment,
  commitmentHash,
  type Deployment,
  hashAttestation,
  hashJob,
  hashRequest,
  proofOfInferenceActions,
  type Request,
} from '@proof-of-inference/sdk'
import { getDeposit, requestInferenceVerification } from '@proof-of-inference/sdk/actions'
import { createPublicClient, http, keccak256, parseAbi, parseEther, sha256, toHex, zeroAddress, zeroHash } from 'viem'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createMarket } from './market.ts'

const maxWeightAge = 300

let devnet: Devnet
let market: Awaited<ReturnType<typeof createMarket>>
let snapshot: `0x${string}`
beforeAll(async () => {
  devnet = await createDevnet({ registrar: { maxWeightAge } })
  market = await createMarket(devnet)
})
afterAll(() => devnet.stop())
beforeEach(async () => {
  snapshot = await devnet.snapshot()
})
afterEach(() => devnet.revert(snapshot))

const native = zeroAddress

/** Refused before anything is sent: with this error, and no transaction of the account. */
async function expectRefusal(call: Promise<unknown>, error: { name: string; [fact: string]: unknown }) {
  const settled = call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  const address = market.requester.account.address
  const nonce = await market.requester.getTransactionCount({ address })
  const refusal = await settled
  expect(refusal).toMatchObject(error)
  expect(refusal).toHaveProperty('docsUrl', expect.stringMatching(/docs\/errors\/[a-z-]+-error\.md$/))
  expect(await market.requester.getTransactionCount({ address })).toBe(nonce)
}

function operatorAt(index: number) {
  const operator = market.operators[index]
  if (!operator) throw new Error(`There is no operator ${index}.`)
  return operator
}

describe('opening a request', () => {
  const open = async (
    jobChanges: Parameters<typeof market.createJob>[0],
    requestChanges: Partial<Request> = {},
    options: { fromDeposit?: boolean; input?: `0x${string}`; output?: `0x${string}`; consent?: `0x${string}` } = {},
  ) => {
    const job = market.createJob(jobChanges)
    const request = await market.createRequest(job, requestChanges)
    return market.requester.requestInferenceVerification({ request, job, ...options })
  }

  test('an unknown model version', () => {
    const modelVersionId = keccak256('0x01')
    return expectRefusal(open({ modelVersionId }), { name: 'UnknownModelVersionError', modelVersionId })
  })

  test('a model that is not active', async () => {
    const { modelId, requester } = market
    await requester.setActive({ modelId, active: false })
    await expectRefusal(open({}), { name: 'ModelInactiveError', modelId })
  })

  test('a fee below the minimum', () =>
    expectRefusal(open({}, { verificationFee: 99n }), {
      name: 'FeeBelowMinimumError',
      verificationFee: 99n,
      minimumFee: 100n,
    }))

  test('an asset that is not accepted', () => {
    const asset = devnet.eigenLayer.stakeToken
    return expectRefusal(open({}, { asset, reward: 0n, verificationFee: 0n }), {
      name: 'AssetNotAcceptedError',
      modelId: market.modelId,
      asset,
    })
  })

  test('a deposit that is too small', async () => {
    await market.requester.deposit({ asset: native, amount: 5n })
    const account = market.requester.account.address
    await expectRefusal(open({}, { reward: 900n, verificationFee: 100n }, { fromDeposit: true }), {
      name: 'InsufficientDepositError',
      account,
      asset: native,
      required: 1000n,
      available: 5n,
    })
    await expectRefusal(market.requester.initiateDepositWithdrawal({ asset: native, amount: 6n }), {
      name: 'InsufficientDepositError',
      required: 6n,
      available: 5n,
    })
  })

  test('a token that lacks allowance', async () => {
    await expectRefusal(open({}, { asset: devnet.token }), { name: 'InsufficientAllowanceError', allowance: 0n })
    await expectRefusal(market.requester.deposit({ asset: devnet.token, amount: 3n }), {
      name: 'InsufficientAllowanceError',
      required: 3n,
    })
  })

  test('a token that lacks balance', async () => {
    const { agent, deployment } = market
    await devnet.client.writeContractSync({
      account: agent.account,
      address: devnet.token,
      abi: parseAbi(['function approve(address, uint256)']),
      functionName: 'approve',
      args: [deployment.avs, 3n],
      throwOnReceiptRevert: true,
    })
    await expectRefusal(agent.deposit({ asset: devnet.token, amount: 3n }), {
      name: 'ContractRevertedError',
      reason: expect.stringContaining('ERC20InsufficientBalance'),
    })
  })

  test('missing consent', async () => {
    const payee = market.agent.account.address
    const named = { hasAgent: true, agentId: 0n, payee }
    await expectRefusal(open(named), { name: 'ConsentMissingError', agentId: 0n, payee })
    // Another job's consent, and another's signature.
    const consent = await market.agent.signConsent({ job: market.createJob(named) })
    await expectRefusal(open(named, {}, { consent }), { name: 'ConsentMissingError' })
    const job = market.createJob(named)
    const forged = await market.requester.signConsent({ job })
    await expectRefusal(market.requester.recordConsent({ job, consent: forged }), { name: 'ConsentMissingError' })
  })

  test('an agent id without an agent', async () => {
    await expectRefusal(open({ agentId: 3n }), { name: 'InvalidAgentError', hasAgent: false, agentId: 3n })
    await expectRefusal(market.requester.recordConsent({ job: market.createJob(), consent: '0x' }), {
      name: 'InvalidAgentError',
    })
  })

  test('a reward for nobody', () =>
    expectRefusal(open({ payee: zeroAddress }), { name: 'InvalidPayeeError', payee: zeroAddress }))

  test('a payload with a wrong digest', async () => {
    const expected = sha256('0x03')
    await expectRefusal(open({}, {}, { input: '0x33' }), {
      name: 'PayloadDigestMismatchError',
      expected,
      actual: sha256('0x33'),
    })
    await expectRefusal(open({}, {}, { output: '0x33' }), { name: 'PayloadDigestMismatchError' })
  })

  test('a deadline that is past, or too far away', async () => {
    const { timestamp } = await market.requester.getBlock()
    await expectRefusal(open({}, { deadline: Number(timestamp) - 1 }), {
      name: 'InvalidDeadlineError',
      deadline: Number(timestamp) - 1,
    })
    await expectRefusal(open({}, { deadline: Number(timestamp) + 100_000 }), { name: 'InvalidDeadlineError' })
  })

  test('terms out of range', async () => {
    await expectRefusal(open({ quorumBps: 5000 }), { name: 'InvalidQuorumError', quorumBps: 5000 })
    await expectRefusal(open({ minAttestations: 0 }), { name: 'InvalidMinAttestationsError', minAttestations: 0 })
    await expectRefusal(open({ minConfidence: 9901 }), {
      name: 'InvalidMinConfidenceError',
      minConfidence: 9901,
      validConfidence: 9900,
    })
    await expectRefusal(open({}, { commitWindow: 10_000 }), { name: 'InvalidCommitWindowError', commitWindow: 10_000 })
    const referenceTimepoint = Number(await market.requester.getBlockNumber()) + 10
    await expectRefusal(open({}, { referenceTimepoint }), { name: 'InvalidReferenceError', referenceTimepoint })
  })

  test('a job that is not the one of the request', async () => {
    const job = market.createJob()
    const other = market.createJob()
    const request = await market.createRequest(job)
    const { deployment } = market
    await expectRefusal(market.requester.requestInferenceVerification({ request, job: other }), {
      name: 'JobMismatchError',
      expected: hashJob({ deployment, job }),
      actual: hashJob({ deployment, job: other }),
    })
  })

  test('a request of somebody else', async () => {
    const job = market.createJob()
    const request = await market.createRequest(job)
    const requester = market.requester.account.address
    await expectRefusal(market.agent.requestInferenceVerification({ request, job }), {
      name: 'NotRequesterError',
      caller: market.agent.account.address,
      requester,
    })
  })

  test('the same request again', async () => {
    const { requestId, request, job } = await market.open()
    await expectRefusal(market.requester.requestInferenceVerification({ request, job }), {
      name: 'RequestAlreadyOpenedError',
      requestId,
    })
  })

  test('a job that is decided', async () => {
    const opened = await market.open()
    await market.vote(opened, 0)
    await market.vote(opened, 1)
    const request = await market.createRequest(opened.job)
    await expectRefusal(market.requester.requestInferenceVerification({ request, job: opened.job }), {
      name: 'JobAlreadyDecidedError',
      jobId: opened.jobId,
      status: 'verified',
    })
  })

  test('while requests are paused', async () => {
    await devnet.client.writeContractSync({
      account: devnet.accounts.deployer,
      address: market.deployment.avs,
      abi: parseAbi(['function pauseRequests()']),
      functionName: 'pauseRequests',
      throwOnReceiptRevert: true,
    })
    const { timestamp } = await market.requester.getBlock()
    await expectRefusal(open({}), { name: 'RequestsArePausedError', since: Number(timestamp) })
  })

  test('without an account', async () => {
    const client = createPublicClient({ chain: devnet.chain, transport: http() })
    const job = market.createJob()
    const request = await market.createRequest(job)
    // @ts-expect-error a client without an account needs one
    await expectRefusal(requestInferenceVerification(client, { deployment: market.deployment, request, job }), {
      name: 'AccountMissingError',
    })
  })
})

describe('voting', () => {
  test('a non-operator', async () => {
    const { requester } = market
    const opened = await market.open()
    const operator = requester.account.address
    const attestation = market.attest(opened.request, operator)
    const signature = await requester.signAttestation({ attestation })
    await expectRefusal(requester.submitVerification({ ...opened, attestation, signature }), {
      name: 'NotAnOperatorError',
      operator,
      referenceTimepoint: opened.request.referenceTimepoint,
    })
  })

  test('a stale operator, until its weight is refreshed', async () => {
    const { requester } = market
    await devnet.mine(maxWeightAge + 1)
    const opened = await market.open()
    const operator = operatorAt(0).account.address
    await expectRefusal(market.vote(opened, 0), {
      name: 'StaleOperatorError',
      operator,
      weight: parseEther('50'),
      message: expect.stringContaining('refreshWeights'),
    })
    await requester.refreshWeights({ operators: [operator] })
    await devnet.mine()
    const fresh = await market.open()
    expect(await market.vote(fresh, 0)).toMatchObject({ status: 'open' })
  })

  test('a non-operator and a stale operator that commit', async () => {
    const { requester } = market
    await devnet.mine(maxWeightAge + 1)
    const { request } = await market.open({}, { commitWindow: 60 })
    const commit = (operator: `0x${string}`) =>
      requester.commitVerification({ request, operator, commitment: keccak256('0x') })
    await expectRefusal(commit(requester.account.address), { name: 'NotAnOperatorError' })
    await expectRefusal(commit(operatorAt(0).account.address), { name: 'StaleOperatorError' })
  })

  test('another method', async () => {
    const opened = await market.open()
    const method = keccak256(toHex('@acme/other@1'))
    await expectRefusal(market.vote(opened, 0, { method }), {
      name: 'MethodMismatchError',
      expected: market.version.methodId,
      actual: method,
    })
  })

  test('too much confidence', async () => {
    const opened = await market.open()
    await expectRefusal(market.vote(opened, 0, { confidence: 9901 }), {
      name: 'ConfidenceOutOfRangeError',
      confidence: 9901,
      maximum: 9900,
    })
  })

  test('after the deadline', async () => {
    const opened = await market.open()
    await market.moveTo(opened.request.deadline + 1)
    await expectRefusal(market.vote(opened, 0), {
      name: 'RequestDeadlinePassedError',
      requestId: opened.requestId,
      deadline: opened.request.deadline,
    })
  })

  test('twice', async () => {
    const opened = await market.open()
    await market.vote(opened, 0)
    await expectRefusal(market.vote(opened, 0, { isValid: false }), {
      name: 'AlreadyVotedError',
      requestId: opened.requestId,
      operator: operatorAt(0).account.address,
    })
  })

  test('on a request that is final, or was never opened', async () => {
    const opened = await market.open()
    await market.vote(opened, 0)
    await market.vote(opened, 1)
    await expectRefusal(market.vote(opened, 2), { name: 'RequestNotOpenError', status: 'verified' })
    const job = market.createJob()
    const request = await market.createRequest(job)
    await expectRefusal(market.vote({ job, request }, 0), { name: 'RequestNotOpenError', status: 'none' })
  })

  test('with the key of somebody else, or for another request', async () => {
    const { requester } = market
    const opened = await market.open()
    const operator = operatorAt(0).account.address
    const attestation = market.attest(opened.request, operator)
    const signature = await requester.signAttestation({ attestation })
    await expectRefusal(requester.submitVerification({ ...opened, attestation, signature }), {
      name: 'InvalidSignerError',
      recovered: requester.account.address,
      signingKey: devnet.accounts.operators[0]?.signer.address,
    })
    await expectRefusal(market.vote(opened, 0, { requestId: zeroHash }), {
      name: 'AttestationMismatchError',
      requestId: opened.requestId,
      attestationRequestId: zeroHash,
    })
  })

  test('against the commit window', async () => {
    const { requester, deployment } = market
    const plain = await market.open()
    const operator = operatorAt(0)
    const address = operator.account.address
    const commitment = keccak256('0x')
    await expectRefusal(operator.commitVerification({ request: plain.request, operator: address, commitment }), {
      name: 'CommitWindowClosedError',
    })
    const opened = await market.open({}, { commitWindow: 60 })
    const { request } = opened
    await expectRefusal(requester.commitVerification({ request, operator: address, commitment }), {
      name: 'NotCommitterError',
      caller: requester.account.address,
      operator: address,
    })
    await operator.commitVerification({ request, operator: address, commitment })
    await expectRefusal(operator.commitVerification({ request, operator: address, commitment }), {
      name: 'AlreadyCommittedError',
    })
    const attestation = market.attest(request, address)
    const signature = await operator.sign(attestation)
    await expectRefusal(operator.submitVerification({ ...opened, attestation, signature }), {
      name: 'OperatorSaltMissingError',
    })
    const operatorSalt = keccak256('0x01')
    expect(commitmentHash(hashAttestation({ deployment, attestation }), operatorSalt)).not.toBe(commitment)
    const reveal = () => operator.submitVerification({ ...opened, attestation, signature, operatorSalt })
    await expectRefusal(reveal(), { name: 'CommitWindowOpenError' })
    await market.moveTo(request.deadline - 10)
    await expectRefusal(reveal(), { name: 'CommitmentMismatchError', operator: address })
  })
})

describe('settling and money', () => {
  test('too early', async () => {
    const opened = await market.open()
    const { request, requestId } = opened
    const { deadline } = request
    await expectRefusal(market.requester.settleRequest(opened), {
      name: 'RequestNotSettleableError',
      requestId,
      deadline,
    })
    await expectRefusal(market.requester.releaseUnearnedFee({ request }), {
      name: 'RequestNotFinalError',
      status: 'open',
    })
    const operator = operatorAt(0).account.address
    await expectRefusal(market.requester.claimFees({ operator, requests: [request] }), { name: 'RequestNotFinalError' })
  })

  test('nothing', async () => {
    const { requester } = market
    const account = requester.account.address
    await expectRefusal(requester.withdrawEarnings({ asset: native }), { name: 'NothingToWithdrawError', account })
    await expectRefusal(requester.completeDepositWithdrawal({ asset: native }), { name: 'NothingToWithdrawError' })
    await expectRefusal(requester.deposit({ asset: native, amount: 0n }), { name: 'ZeroAmountError' })
    await expectRefusal(requester.initiateDepositWithdrawal({ asset: native, amount: 0n }), { name: 'ZeroAmountError' })
  })
})

describe('models and operators', () => {
  test('unknown ones', async () => {
    const { requester } = market
    const owner = requester.account.address
    const modelId = keccak256('0x')
    await expectRefusal(requester.getModelInfo({ modelId }), { name: 'UnknownModelError', modelId })
    await expectRefusal(requester.getFee({ modelId, asset: native }), { name: 'UnknownModelError' })
    await expectRefusal(requester.setActive({ modelId, active: true }), { name: 'UnknownModelError' })
    await expectRefusal(requester.resolveModel({ model: `${owner}/nothing@1` }), { name: 'UnknownModelError' })
    await expectRefusal(requester.resolveModel({ model: `${owner}/silero-vad@9` }), {
      name: 'UnknownModelVersionError',
      modelId: market.modelId,
      number: 9,
    })
    await expectRefusal(requester.resolveModel({ model: modelId }), {
      name: 'UnknownModelVersionError',
      modelVersionId: modelId,
    })
    await expectRefusal(requester.resolveModel({ model: `${owner}/silero-vad` }), {
      name: 'InvalidModelReferenceError',
    })
  })

  test('what a model cannot be', async () => {
    const { requester, agent, modelId, version } = market
    const register = (name: string, changes: Partial<typeof version> = {}) =>
      requester.registerModel({ name, version: { ...version, ...changes }, fees: [] })
    await expectRefusal(register('Silero VAD'), { name: 'InvalidModelNameError', modelName: 'Silero VAD' })
    await expectRefusal(register('silero-vad'), { name: 'ModelAlreadyRegisteredError', modelId })
    await expectRefusal(register('b', { manifestDigest: zeroHash }), { name: 'MissingDigestError' })
    await expectRefusal(register('b', { validConfidence: 99 }), {
      name: 'InvalidValidConfidenceError',
      validConfidence: 99,
    })
    await expectRefusal(agent.publishVersion({ modelId, version }), {
      name: 'NotModelOwnerError',
      modelId,
      caller: agent.account.address,
      owner: requester.account.address,
    })
    await expectRefusal(requester.transferModel({ modelId, newOwner: zeroAddress }), { name: 'InvalidModelOwnerError' })
  })

  test('timepoints that are not past, and members that are none', async () => {
    const { requester } = market
    const timepoint = (await requester.getClock()) + 5
    await expectRefusal(requester.getTotalWeight({ timepoint }), { name: 'TimepointNotPastError', timepoint })
    const operator = requester.account.address
    await expectRefusal(requester.getVoter({ operator, timepoint }), { name: 'TimepointNotPastError' })
    await expectRefusal(requester.refreshWeights({ operators: [operator] }), { name: 'NotMemberError', operator })
  })

  test('a payload that was not published', () => {
    const digest = sha256('0x03')
    return expectRefusal(market.requester.getPublishedPayload({ digest }), { name: 'PayloadUnavailableError', digest })
  })
})

describe('a deployment that is another one', () => {
  const check = async (changes: Partial<Deployment>, error: { name: string; [fact: string]: unknown }) => {
    const deployment = { ...devnet.deployment, ...changes }
    await expectRefusal(assertDeployment(devnet.client, deployment), error)
    const account = market.requester.account.address
    await expectRefusal(getDeposit(devnet.client, { deployment, asset: native, account }), error)
    const requester = market.requester.extend(proofOfInferenceActions({ deployment }))
    await expectRefusal(requester.deposit({ asset: native, amount: 1n }), error)
  }

  test('by its chain id', () => check({ chainId: 1 }, { name: 'ChainMismatchError', expected: 1, actual: 31_337 }))

  test('by an address without code', () => {
    const avs = '0x00000000000000000000000000000000000000aA'
    return check({ avs }, { name: 'ContractCodeMissingError', contract: 'avs', address: avs })
  })

  test('by the hash of its code', () => {
    const { avs, codeHashes } = devnet.deployment
    if (!codeHashes) throw new Error('The devnet gives the hashes of its code.')
    const expected = keccak256('0x60')
    return check(
      { codeHashes: { ...codeHashes, avs: expected } },
      { name: 'ContractCodeMismatchError', contract: 'avs', address: avs, expected, actual: codeHashes.avs },
    )
  })

  test('by what the AVS uses', async () => {
    await check(
      { identityRegistry: devnet.token },
      {
        name: 'DeploymentMismatchError',
        contract: 'identityRegistry',
        expected: devnet.token,
        actual: devnet.deployment.identityRegistry,
      },
    )
    await check({ avs: devnet.token, codeHashes: undefined }, { name: 'DeploymentMismatchError', actual: null })
  })

  test('signatures do not carry over', async () => {
    const opened = await market.open()
    const elsewhere = { ...devnet.deployment, avs: devnet.token }
    expect(hashRequest({ deployment: elsewhere, request: opened.request })).not.toBe(opened.requestId)
  })
})
