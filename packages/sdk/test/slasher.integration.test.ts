import { createDevnet, type Devnet } from '@proof-of-inference/devnet'
import {
  type Attestation,
  assertDeployment,
  attestationTypes,
  hashRequest,
  proofOfInferenceActions,
  type Request,
  type SigningDomain,
  toTypedDataDomain,
} from '@proof-of-inference/sdk'
import { type Equivocation, findEquivocations, type SignedAttestation } from '@proof-of-inference/sdk/actions'
import {
  deregisterFromOperatorSets,
  type EigenLayerDeployment,
  getOperatorShares,
  getSlashableStake,
  modifyAllocations,
} from '@proof-of-inference/sdk/eigenlayer'
import {
  type Account,
  createWalletClient,
  type Hex,
  hexToBigInt,
  http,
  keccak256,
  numberToHex,
  parseEther,
  publicActions,
  slice,
  toHex,
} from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createMarket } from './market.ts'

const deallocationDelay = 300
/** 50 + 50 + (600 + 600) / 12, in blocks. */
const horizon = 200
const wad = 2n * 10n ** 17n
const stake = parseEther('50')
const left = stake - (stake * wad) / 10n ** 18n

let devnet: Devnet
let market: Awaited<ReturnType<typeof createMarket>>
let eigenLayer: EigenLayerDeployment
let snapshot: Hex
beforeAll(async () => {
  devnet = await createDevnet({
    stakes: [stake, parseEther('30'), parseEther('20')],
    slashWad: wad,
    delays: { deallocation: deallocationDelay },
    registrar: {
      maxWeightAge: 50,
      maxReferenceAge: 50,
      maxRequestLifetime: 600,
      evidenceWindow: 600,
      minBlockTime: 12,
    },
  })
  eigenLayer = { ...devnet.eigenLayer, chainId: devnet.chain.id }
  market = await createMarket(devnet)
})
afterAll(() => devnet.stop())
beforeEach(async () => {
  snapshot = await devnet.snapshot()
})
afterEach(() => devnet.revert(snapshot))

const at = <item>(items: readonly item[], index: number): item => {
  const item = items[index]
  if (item === undefined) throw new Error(`There is no item ${index}.`)
  return item
}

const connect = (account: Account) =>
  createWalletClient({ account, chain: devnet.chain, transport: http(), pollingInterval: 20, cacheTime: 0 })
    .extend(publicActions)
    .extend(proofOfInferenceActions({ deployment: devnet.deployment }))

const accountOf = (index: number) => at(devnet.accounts.operators, index).account
const signerOf = (index: number) => at(devnet.accounts.operators, index).signer

async function sign(
  signer: PrivateKeyAccount,
  attestation: Attestation,
  domain: SigningDomain = devnet.deployment,
): Promise<SignedAttestation> {
  const signature = await signer.signTypedData({
    domain: toTypedDataDomain(domain),
    types: attestationTypes,
    primaryType: 'Attestation',
    message: attestation,
  })
  return { attestation, signature }
}

/** What operator `index` signs on the request. */
const attest = (request: Request, index: number, changes: Partial<Attestation> = {}) =>
  sign(signerOf(index), market.attest(request, accountOf(index).address, changes))

const toEvidence = (
  request: Request,
  first: SignedAttestation,
  second: SignedAttestation,
  { chainId, avs }: SigningDomain = devnet.deployment,
): Equivocation => ({
  chainId: BigInt(chainId),
  avs,
  request,
  first: first.attestation,
  firstSignature: first.signature,
  second: second.attestation,
  secondSignature: second.signature,
})

/** Operator `index` says both of a request that is opened for it. */
async function equivocate(index: number) {
  const { request, job, requestId } = await market.open()
  const valid = await attest(request, index)
  const invalid = await attest(request, index, { isValid: false })
  return { request, job, requestId, valid, invalid, equivocation: toEvidence(request, valid, invalid) }
}

const sharesOf = async (index: number) => {
  const { strategy } = devnet.eigenLayer
  return at(
    await getOperatorShares(devnet.client, {
      eigenLayer,
      operator: accountOf(index).address,
      strategies: [strategy],
    }),
    0,
  )
}

const leave = (index: number) => {
  const { avs, id } = devnet.eigenLayer.operatorSet
  return deregisterFromOperatorSets(connect(accountOf(index)), { eigenLayer, avs, operatorSetIds: [id] })
}

describe('an operator that contradicts itself', () => {
  test('is found by its vote, and slashed by anyone, once', async () => {
    const { request, job, requestId } = await market.open()
    await market.vote({ request, job }, 0)
    const held = await attest(request, 0, { isValid: false, confidence: 0 })
    const operator = accountOf(0).address

    const anyone = market.agent
    const equivocation = at(await anyone.findEquivocations({ attestations: [held] }), 0)
    expect(equivocation).toMatchObject({
      chainId: BigInt(devnet.chain.id),
      avs: devnet.deployment.avs,
      request,
      first: { requestId, operator, isValid: true, method: market.version.methodId },
      second: held.attestation,
      secondSignature: held.signature,
    })
    expect(await anyone.isSlashed({ operator, requestId })).toBe(false)

    const { strategy, operatorSet } = devnet.eigenLayer
    const slash = await anyone.slashEquivocation({ equivocation })
    expect(slash).toEqual({
      transactionHash: expect.stringMatching(/^0x[0-9a-f]{64}$/),
      blockNumber: expect.any(BigInt),
      gasUsed: expect.any(BigInt),
      operator,
      requestId,
      slashId: 1n,
      strategies: [strategy],
      shares: [(stake * wad) / 10n ** 18n],
    })
    expect(await anyone.isSlashed({ operator, requestId })).toBe(true)
    expect(await anyone.isSlashed({ operator: accountOf(1).address, requestId })).toBe(false)
    expect(await sharesOf(0)).toBe(left)
    expect(await sharesOf(1)).toBe(parseEther('30'))
    const stakes = { eigenLayer, operatorSet, operators: [operator], strategies: [strategy], horizon }
    expect(await getSlashableStake(anyone, stakes)).toEqual([[left]])

    // the weight follows when it is refreshed, which anyone may do
    expect(await anyone.getCheckpoint({ operator })).toMatchObject({ weight: stake })
    await anyone.refreshWeights({ operators: [operator] })
    expect(await anyone.getCheckpoint({ operator })).toMatchObject({ isSeated: true, weight: left })

    const again = { name: 'AlreadySlashedError', operator, requestId }
    await expect(anyone.slashEquivocation({ equivocation })).rejects.toMatchObject(again)
    const other = await attest(request, 0, { isValid: false, evidenceDigest: keccak256('0x05') })
    const evidence = toEvidence(request, other, await attest(request, 0))
    await expect(anyone.slashEquivocation({ equivocation: evidence })).rejects.toMatchObject(again)
    expect(await sharesOf(0)).toBe(left)
  })

  test('is slashed again for another request, of what is left', async () => {
    const [one, two] = [await equivocate(0), await equivocate(0)]
    await market.agent.slashEquivocation(one)
    const { slashId, shares } = await market.agent.slashEquivocation(two)
    expect(slashId).toBe(2n)
    expect(shares).toEqual([(left * wad) / 10n ** 18n])
  })

  test('is slashed on a request that was never opened', async () => {
    const job = market.createJob()
    const request = await market.createRequest(job)
    const attestations = [await attest(request, 1), await attest(request, 1, { isValid: false })]
    await devnet.mine()
    await expect(market.agent.findEquivocations({ attestations })).rejects.toMatchObject({
      name: 'RequestNotFoundError',
    })
    const otherJob = market.createJob()
    await expect(
      market.agent.findEquivocations({ attestations, requests: [{ request, job: otherJob }] }),
    ).rejects.toMatchObject({ name: 'JobMismatchError', expected: request.jobId })
    const found = await market.agent.findEquivocations({ attestations, requests: [{ request, job }] })
    expect(found).toEqual([toEvidence(request, at(attestations, 0), at(attestations, 1))])
    await market.agent.slashEquivocation({ equivocation: at(found, 0) })
    expect(await sharesOf(1)).toBe(parseEther('24'))
  })

  test('is slashed through the horizon, not after it', async () => {
    const { request, equivocation } = await equivocate(0)
    // the slash is mined in the block after the latest
    const last = request.referenceTimepoint + horizon
    await devnet.mine(last - 1 - Number(await devnet.client.getBlockNumber()))
    const before = await devnet.snapshot()
    const { blockNumber } = await market.agent.slashEquivocation({ equivocation })
    expect(blockNumber).toBe(BigInt(last))
    await devnet.revert(before)
    await devnet.mine(2)
    await expect(market.agent.slashEquivocation({ equivocation })).rejects.toMatchObject({
      name: 'EvidenceExpiredError',
      referenceTimepoint: request.referenceTimepoint,
      slashabilityHorizon: horizon,
    })
    expect(await sharesOf(0)).toBe(stake)
  })

  test('is slashed after it left, while its stake is held', async () => {
    const { request, equivocation } = await equivocate(0)
    await leave(0)
    await devnet.mine(request.referenceTimepoint + horizon - 1 - Number(await devnet.client.getBlockNumber()))
    const { shares } = await market.agent.slashEquivocation({ equivocation })
    expect(shares).toEqual([stake - left])
    expect(await sharesOf(0)).toBe(left)
  })
})

describe('an honest operator is not slashed', () => {
  const expectRefusal = async (equivocation: Equivocation, error: object) => {
    await expect(market.agent.slashEquivocation({ equivocation })).rejects.toMatchObject(error)
    expect(await sharesOf(0)).toBe(stake)
  }

  test('for the same verdict with other evidence and confidence', async () => {
    const { request, requestId, valid } = await equivocate(0)
    const other = await attest(request, 0, { confidence: 9_500, evidenceDigest: keccak256('0x05') })
    await expectRefusal(toEvidence(request, valid, other), { name: 'SameVerdictError', requestId, isValid: true })
    expect(await market.agent.findEquivocations({ attestations: [valid, other] })).toEqual([])
    // a low confidence makes the AVS count the vote as one against, and is no contradiction
    await market.vote({ request, job: (await market.agent.getRequest({ requestId })).job }, 0, { confidence: 0 })
    expect(await market.agent.findEquivocations({ attestations: [valid] })).toEqual([])
  })

  test('for what others signed in its name', async () => {
    const { request, valid, invalid } = await equivocate(0)
    const { attestation } = invalid
    const signingKey = signerOf(0).address
    const forged = [
      await sign(signerOf(1), attestation),
      await sign(privateKeyToAccount(keccak256('0x01')), attestation),
    ]
    for (const one of forged) {
      await expectRefusal(toEvidence(request, valid, one), { name: 'InvalidSignerError', signingKey })
    }
    // signatures of the right key that are none to the contracts
    const s = hexToBigInt(slice(invalid.signature, 32, 64))
    const highS = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n - s
    const v = slice(invalid.signature, 64) === '0x1b' ? '1c' : '1b'
    const malformed: Hex[] = [
      `${slice(invalid.signature, 0, 32)}${numberToHex(highS, { size: 32 }).slice(2)}${v}`,
      `${slice(invalid.signature, 0, 64)}${slice(invalid.signature, 64) === '0x1b' ? '00' : '01'}`,
      `0x${'00'.repeat(64)}1b`,
      slice(invalid.signature, 0, 64),
      '0x',
    ]
    for (const signature of malformed) {
      forged.push({ attestation, signature })
      await expectRefusal(toEvidence(request, valid, { attestation, signature }), { name: 'InvalidSignerError' })
    }
    expect(await market.agent.findEquivocations({ attestations: [...forged, valid] })).toEqual([])
    // and they do not hide what it did sign
    expect(await market.agent.findEquivocations({ attestations: [...forged, valid, invalid] })).toEqual([
      toEvidence(request, valid, invalid),
    ])
  })

  test('for a verdict on another request, or for another AVS', async () => {
    const { request, requestId, valid } = await equivocate(0)
    const other = await market.open()
    const elsewhere = await attest(other.request, 0, { isValid: false })
    const mismatch = {
      name: 'AttestationMismatchError',
      requestId,
      attestationRequestId: other.requestId,
    }
    await expectRefusal(toEvidence(request, valid, elsewhere), mismatch)
    expect(await market.agent.findEquivocations({ attestations: [valid, elsewhere] })).toEqual([])

    const domain = { chainId: devnet.chain.id, avs: devnet.token }
    const foreign = await sign(signerOf(0), market.attest(request, accountOf(0).address, { isValid: false }), domain)
    await expectRefusal(toEvidence(request, valid, foreign), { name: 'InvalidSignerError' })
    expect(await market.agent.findEquivocations({ attestations: [valid, foreign] })).toEqual([])
    await expectRefusal(toEvidence(request, valid, foreign, domain), {
      name: 'DomainNotRegisteredError',
      chainId: BigInt(devnet.chain.id),
      avs: devnet.token,
    })
  })

  test('for what another operator says', async () => {
    const { request, valid } = await equivocate(0)
    const other = await attest(request, 1, { isValid: false })
    await expectRefusal(toEvidence(request, valid, other), {
      name: 'OperatorMismatchError',
      first: accountOf(0).address,
      second: accountOf(1).address,
    })
    expect(await market.agent.findEquivocations({ attestations: [valid, other] })).toEqual([])
  })

  test('and nobody is who could not vote', async () => {
    const { request } = await equivocate(0)
    const nobody = privateKeyToAccount(keccak256(toHex('nobody')))
    const both = [
      await sign(nobody, market.attest(request, nobody.address)),
      await sign(nobody, market.attest(request, nobody.address, { isValid: false })),
    ]
    expect(await market.agent.findEquivocations({ attestations: both })).toEqual([])
    await expectRefusal(toEvidence(request, at(both, 0), at(both, 1)), {
      name: 'OperatorCannotVoteError',
      operator: nobody.address,
    })
  })
})

describe('evidence of another chain', () => {
  const domain = { chainId: 8453, avs: '0x00000000000000000000000000000000000000b5' } as const
  const facts = { chainId: BigInt(domain.chainId), avs: expect.stringMatching(new RegExp(domain.avs, 'i')) }

  const registerDomain = async () => {
    const owner = connect(devnet.accounts.deployer)
    const { executableAt } = await owner.proposeSlasherDomain({ domain })
    await market.moveTo(executableAt)
    await owner.registerSlasherDomain({ domain })
  }

  /** Operator `index` says both of a request there, where it goes by its signing address. */
  async function equivocateThere(index: number): Promise<Equivocation> {
    const signer = signerOf(index)
    const request = { ...(await market.createRequest(market.createJob())), referenceTimepoint: 1_800_000_000 }
    const requestId = hashRequest({ deployment: domain, request })
    const attestation = { ...market.attest(request, signer.address), requestId }
    const valid = await sign(signer, attestation, domain)
    const invalid = await sign(signer, { ...attestation, isValid: false }, domain)
    return toEvidence(request, valid, invalid, domain)
  }

  test('counts once its domain is registered', async () => {
    const equivocation = await equivocateThere(0)
    const notRegistered = { name: 'DomainNotRegisteredError', ...facts }
    await expect(market.agent.slashEquivocation({ equivocation })).rejects.toMatchObject(notRegistered)

    const owner = connect(devnet.accounts.deployer)
    const { domainDelay } = await owner.getSlashingTerms()
    expect(await owner.getSlasherDomain({ domain })).toMatchObject({ isRegistered: false, executableAt: null })
    const { executableAt, blockNumber } = await owner.proposeSlasherDomain({ domain })
    expect(executableAt).toBe(Number((await owner.getBlock({ blockNumber })).timestamp) + domainDelay)
    expect(await owner.getSlasherDomain({ domain })).toMatchObject({ isRegistered: false, executableAt })
    await expect(owner.proposeSlasherDomain({ domain })).rejects.toMatchObject({
      name: 'DomainAlreadyProposedError',
      executableAt,
      ...facts,
    })
    await expect(owner.registerSlasherDomain({ domain })).rejects.toMatchObject({
      name: 'DomainLockedError',
      executableAt,
    })
    await expect(market.agent.slashEquivocation({ equivocation })).rejects.toMatchObject(notRegistered)

    await market.moveTo(executableAt)
    await owner.registerSlasherDomain({ domain })
    expect(await owner.getSlasherDomain({ domain })).toMatchObject({ isRegistered: true, executableAt: null })
    await expect(owner.proposeSlasherDomain({ domain })).rejects.toMatchObject({ name: 'DomainAlreadyRegisteredError' })
    await expect(owner.cancelSlasherDomain({ domain })).rejects.toMatchObject({ name: 'DomainNotProposedError' })

    const slash = await market.agent.slashEquivocation({ equivocation })
    expect(slash).toMatchObject({ operator: accountOf(0).address, shares: [stake - left] })
    expect(await market.agent.isSlashed(slash)).toBe(true)
  })

  test('is not, when its proposal was cancelled', async () => {
    const owner = connect(devnet.accounts.deployer)
    const { executableAt } = await owner.proposeSlasherDomain({ domain })
    await owner.cancelSlasherDomain({ domain })
    await market.moveTo(executableAt)
    await expect(owner.registerSlasherDomain({ domain })).rejects.toMatchObject({
      name: 'DomainNotProposedError',
      ...facts,
    })
  })

  test('only the owner decides which', async () => {
    const { agent } = market
    const refused = {
      name: 'NotOwnerError',
      caller: agent.account.address,
      owner: devnet.accounts.deployer.address,
    }
    await expect(agent.proposeSlasherDomain({ domain })).rejects.toMatchObject(refused)
    await expect(agent.cancelSlasherDomain({ domain })).rejects.toMatchObject(refused)
    await expect(agent.registerSlasherDomain({ domain })).rejects.toMatchObject(refused)
    const own = { chainId: devnet.chain.id, avs: devnet.deployment.avs }
    await expect(connect(devnet.accounts.deployer).proposeSlasherDomain({ domain: own })).rejects.toMatchObject({
      name: 'InvalidDomainError',
      ...own,
      chainId: BigInt(own.chainId),
    })
    expect(await agent.getSlasherDomain({ domain: own })).toMatchObject({ isRegistered: true, executableAt: null })
  })

  test('is found on a deployment without a slasher', async () => {
    const { codeHashes, ...deployment } = devnet.deployment
    const there = { ...deployment, slasher: null }
    const { request, requestId } = await market.open()
    const attestation = { ...market.attest(request, signerOf(0).address), requestId }
    const valid = await sign(signerOf(0), attestation)
    const invalid = await sign(signerOf(0), { ...attestation, isValid: false })
    const attestations = [invalid, valid, await sign(signerOf(1), attestation)]
    const found = await findEquivocations(devnet.client, { deployment: there, attestations })
    expect(found).toEqual([toEvidence(request, valid, invalid)])
    const client = connect(devnet.accounts.agent).extend(proofOfInferenceActions({ deployment: there }))
    await expect(client.slashEquivocation({ equivocation: at(found, 0) })).rejects.toMatchObject({
      name: 'SlasherMissingError',
      chainId: devnet.chain.id,
      avs: deployment.avs,
    })
    await expect(client.getSlashingTerms()).rejects.toMatchObject({ name: 'SlasherMissingError' })
  })

  test('is refused for who left for good, and for keys that are nobody’s', async () => {
    await registerDomain()
    const equivocation = await equivocateThere(0)
    await leave(0)
    await devnet.mine(deallocationDelay + 1)
    await expect(market.agent.slashEquivocation({ equivocation })).rejects.toMatchObject({
      name: 'EigenLayerRevertedError',
      errorName: 'OperatorNotSlashable',
    })
    const stranger = privateKeyToAccount(keccak256(toHex('stranger')))
    const attestation = { ...equivocation.first, operator: stranger.address }
    const [one, other] = [
      await sign(stranger, attestation, domain),
      await sign(stranger, { ...attestation, isValid: false }, domain),
    ]
    await expect(
      market.agent.slashEquivocation({ equivocation: toEvidence(equivocation.request, one, other, domain) }),
    ).rejects.toMatchObject({ name: 'UnknownSigningKeyError', signingKey: stranger.address })
    expect(await sharesOf(0)).toBe(stake)
  })

  test('is kept while there is nothing to take', async () => {
    await registerDomain()
    const equivocation = await equivocateThere(0)
    const { strategy, operatorSet } = devnet.eigenLayer
    const allocate = (magnitude: bigint) =>
      modifyAllocations(connect(accountOf(0)), {
        eigenLayer,
        allocations: [{ operatorSet, strategies: [strategy], newMagnitudes: [magnitude] }],
      })
    await allocate(0n)
    await devnet.mine(deallocationDelay + 1)
    const operator = accountOf(0).address
    const { requestId } = equivocation.first
    await expect(market.agent.slashEquivocation({ equivocation })).rejects.toMatchObject({
      name: 'NothingSlashedError',
      operator,
      requestId,
    })
    expect(await market.agent.isSlashed({ operator, requestId })).toBe(false)
    await allocate(10n ** 18n)
    await devnet.mine()
    await market.agent.slashEquivocation({ equivocation })
    expect(await sharesOf(0)).toBe(left)
  })
})

test('the terms are those of the deployment', async () => {
  expect(await market.agent.getSlashingTerms()).toEqual({
    wad,
    slashabilityHorizon: horizon,
    domainDelay: 7 * 86_400,
    slashable: true,
  })
})

describe('a wrong slasher is noticed before anything is sent', () => {
  const check = (changes: Partial<Devnet['deployment']>, error: object) =>
    expect(assertDeployment(devnet.client, { ...devnet.deployment, ...changes })).rejects.toMatchObject(error)

  test('by its address, its code and what it names', async () => {
    const { slasher, codeHashes, operatorSet } = devnet.deployment
    if (!codeHashes?.slasher) throw new Error('The devnet gives the hash of the slasher.')
    const nobody = accountOf(0).address
    await check({ slasher: nobody }, { name: 'ContractCodeMissingError', contract: 'slasher', address: nobody })
    const expected = keccak256('0x60')
    await check(
      { codeHashes: { ...codeHashes, slasher: expected } },
      { name: 'ContractCodeMismatchError', contract: 'slasher', expected, actual: codeHashes.slasher },
    )
    await check(
      { slasher: operatorSet, codeHashes: undefined },
      {
        name: 'DeploymentMismatchError',
        contract: 'slasher',
        link: 'allocationManager.getSlasher',
        expected: operatorSet,
        actual: slasher,
      },
    )
  })
})
