import { createDevnet, type Devnet } from '@proof-of-inference/devnet'
import { createVoterCache, hashRequest, isProofOfInferenceError, type Job, type Request } from '@proof-of-inference/sdk'
import fc from 'fast-check'
import { concatHex, type Hex, keccak256, parseEther, toHex, zeroAddress } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createMarket } from './market.ts'

let devnet: Devnet
let market: Awaited<ReturnType<typeof createMarket>>
let snapshot: Hex
beforeAll(async () => {
  devnet = await createDevnet()
  market = await createMarket(devnet)
  await market.requester.deposit({ asset: zeroAddress, amount: parseEther('10') })
})
afterAll(() => devnet?.stop())
beforeEach(async () => {
  snapshot = await devnet.snapshot()
})
afterEach(() => devnet.revert(snapshot))

const stranger = privateKeyToAccount(keccak256(toHex('nobody knows me')))

const kinds = [
  'good',
  'of another operator',
  'of nobody',
  'over another method',
  'over another request',
  'under another method',
] as const

type Ballot = {
  operator: number
  isValid: boolean
  confidence: number
  signature: (typeof kinds)[number]
}

/** Votes as they are described: operator 3 is none. */
async function castVotes(request: Request, ballots: readonly Ballot[]) {
  return Promise.all(
    ballots.map(async ({ operator: index, signature: kind, ...verdict }) => {
      const operator = market.operators[index]?.account.address ?? stranger.address
      const attestation = market.attest(request, operator, verdict)
      const signer = market.operators[kind === 'of another operator' ? (index + 1) % 3 : index]
      const signed = {
        ...attestation,
        ...(kind === 'over another method' && { method: keccak256('0x01') }),
        ...(kind === 'over another request' && { requestId: keccak256('0x02') }),
      }
      const signature =
        kind === 'of nobody'
          ? concatHex([keccak256(toHex(`r${index}`)), `0x7${keccak256(toHex('s')).slice(3)}`, '0x1b'])
          : await (signer ? signer.sign(signed) : market.requester.signAttestation({ account: stranger, attestation }))
      // Does not travel with the vote.
      if (kind === 'under another method') attestation.method = keccak256('0x04')
      return { attestation, signature }
    }),
  )
}

/** A certificate of these votes, of a request that only the requester has seen. */
async function certify(
  ballots: readonly Ballot[],
  { job: jobChanges = {}, request: requestChanges = {} }: { job?: Partial<Job>; request?: Partial<Request> } = {},
) {
  const job = market.createJob(jobChanges)
  const request = await market.createRequest(job, { reward: 1_000n, ...requestChanges })
  const requesterSignature = await market.requester.signRequest({ request })
  return { request, job, requesterSignature, votes: await castVotes(request, ballots) }
}

const good = (operator: number, isValid = true, confidence = 9900): Ballot => ({
  operator,
  isValid,
  confidence,
  signature: 'good',
})

describe('the contract and verifyCertificate', () => {
  const createBallot = (leaning: boolean): fc.Arbitrary<Ballot> =>
    fc.record({
      operator: fc.integer({ min: 0, max: 3 }),
      isValid: fc.oneof({ weight: 5, arbitrary: fc.constant(leaning) }, fc.boolean()),
      confidence: fc.oneof(
        { weight: 3, arbitrary: fc.constant(9900) },
        fc.constantFrom(0, 8999, 9001, 9901, 10_001),
        fc.integer({ min: 9000, max: 9900 }),
      ),
      signature: fc.oneof({ weight: 4, arbitrary: fc.constant('good' as const) }, fc.constantFrom(...kinds)),
    })
  const ballots = fc.boolean().chain((leaning) => fc.array(createBallot(leaning), { minLength: 2, maxLength: 6 }))
  const terms = fc.record({
    quorumBps: fc.oneof({ weight: 6, arbitrary: fc.constant(5001) }, fc.constantFrom(5000, 8000, 8001, 10_000)),
    minAttestations: fc.oneof({ weight: 6, arbitrary: fc.constant(1) }, fc.integer({ min: 0, max: 3 })),
    minConfidence: fc.oneof({ weight: 9, arbitrary: fc.constant(9000) }, fc.constantFrom(9900, 99)),
  })
  const flaw = fc.oneof(
    { weight: 8, arbitrary: fc.constant('none' as const) },
    fc.constantFrom('signature' as const, 'deposit' as const, 'open' as const, 'decided' as const, 'job' as const),
  )

  test('agree on random certificates', { timeout: 240_000 }, async () => {
    const voters = createVoterCache()
    const seen = { verified: 0, rejected: 0, refused: 0 }
    await fc.assert(
      fc.asyncProperty(ballots, terms, flaw, async (cast, jobChanges, problem) => {
        const before = await devnet.snapshot()
        // A request on chain must have terms that the chain takes.
        const isOnChain = problem === 'open' || problem === 'decided'
        const certificate = await certify(cast, {
          job: isOnChain ? {} : jobChanges,
          request: problem === 'deposit' ? { reward: parseEther('10') } : {},
        })
        const { job, request } = certificate
        if (problem === 'signature') {
          certificate.requesterSignature = await market.agent.signRequest({ request })
        }
        if (problem === 'job') certificate.job = { ...job, salt: keccak256('0x03') }
        if (isOnChain) {
          await market.requester.requestInferenceVerification({ request, job })
          await market.vote({ request, job }, 1, { confidence: 9500 })
          if (problem === 'decided') await market.vote({ request, job }, 0)
        }

        const verified = await market.requester.verifyCertificate({ certificate, voters }).catch((error) => error)
        const { results } = await market.requester.settleCertificates({ certificates: [certificate] })
        const [result] = results
        const { status, response } = await market.requester.getJobState({ jobId: request.jobId })
        if (result?.status === 'verified' || result?.status === 'rejected') {
          expect(verified).toMatchObject({ status, response, requestId: result.requestId, jobId: request.jobId })
          expect(verified.votes.map(describeVote)).toEqual(result.votes.map(describeVote))
          seen[result.status]++
        } else {
          expect(isProofOfInferenceError(verified) && verified.name).toBe(
            result?.error?.name ?? 'QuorumNotReachedError',
          )
          seen.refused++
        }
        await devnet.revert(before)
      }),
      { numRuns: 150, seed: 7, endOnFailure: true },
    )
    // Or the test shows nothing.
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(15)
  })

  const describeVote = ({
    operator,
    weight,
    isCounted,
    error,
  }: {
    operator: Hex
    weight: bigint
    isCounted: boolean
    error: Error | undefined
  }) => ({ operator: operator.toLowerCase(), weight, isCounted, error: error?.name })
})

test('a consensus is known before the chain has seen the request', async () => {
  const certificate = await certify([good(0), good(1, true, 9500), good(2)])
  const { requester, operators } = market
  const requestId = hashRequest({ deployment: market.deployment, request: certificate.request })
  const verified = await requester.verifyCertificate({ certificate })
  expect(verified).toMatchObject({
    requestId,
    status: 'verified',
    response: 97,
    weight: parseEther('80'),
    totalWeight: parseEther('100'),
  })
  expect(verified.votes.map(({ operator, isCounted }) => ({ operator, isCounted }))).toEqual([
    { operator: operators[0]?.account.address, isCounted: true },
    { operator: operators[1]?.account.address, isCounted: true },
    { operator: operators[2]?.account.address, isCounted: false },
  ])
  expect(await requester.getRequestState({ requestId })).toMatchObject({ status: 'none' })
})

test('valid verdicts below the least confidence reject', async () => {
  const certificate = await certify([good(0, true, 8999), good(1, true, 8999)])
  expect(await market.requester.verifyCertificate({ certificate })).toMatchObject({ status: 'rejected', response: 0 })
})

test('what is missing is said', async () => {
  const certificate = await certify([good(0), { ...good(1), signature: 'of another operator' }])
  const error = await market.requester.verifyCertificate({ certificate }).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({
    name: 'QuorumNotReachedError',
    validWeight: parseEther('50'),
    invalidWeight: 0n,
    totalWeight: parseEther('100'),
  })
  expect(isProofOfInferenceError(error) && error.walk('InvalidSignerError')).toMatchObject({
    signingKey: devnet.accounts.operators[1]?.signer.address,
  })
})

test('a settled certificate is what it was settled as; another of the same request is not', async () => {
  const { requester } = market
  const certificate = await certify([good(0), good(1)])
  await requester.settleCertificates({ certificates: [certificate] })
  expect(await requester.verifyCertificate({ certificate })).toMatchObject({ status: 'verified', response: 99 })
  const other = { ...certificate, votes: await castVotes(certificate.request, [good(0), good(1, true, 9000)]) }
  await expect(requester.verifyCertificate({ certificate: other })).rejects.toMatchObject({
    name: 'JobAlreadyDecidedError',
    status: 'verified',
  })
})

test('a decision of the job by another request, a passed deadline and a commit window are refused', async () => {
  const { requester } = market
  const certificate = await certify([good(0), good(1)])
  const opened = { job: certificate.job, request: await market.createRequest(certificate.job) }
  await requester.requestInferenceVerification(opened)
  await market.vote(opened, 0, { isValid: false })
  await market.vote(opened, 1, { isValid: false })
  await expect(requester.verifyCertificate({ certificate })).rejects.toMatchObject({
    name: 'JobAlreadyDecidedError',
    status: 'rejected',
  })

  const late = await certify([good(0), good(1)])
  const tooLate = { ...late, request: { ...late.request, nonce: late.request.nonce + 1000n } }
  await requester.requestInferenceVerification({ job: late.job, request: tooLate.request })
  await market.moveTo(late.request.deadline + 1)
  await expect(requester.verifyCertificate({ certificate: late })).rejects.toMatchObject({
    name: 'InvalidDeadlineError',
  })
  await expect(requester.verifyCertificate({ certificate: tooLate })).rejects.toMatchObject({
    name: 'RequestDeadlinePassedError',
  })
  const slow = { ...late, request: { ...late.request, commitWindow: 5 } }
  await expect(requester.verifyCertificate({ certificate: slow })).rejects.toMatchObject({
    name: 'InvalidCommitWindowError',
  })
})

test('the requester may be a wallet', async () => {
  const { requester } = market
  const wallet = '0x00000000000000000000000000000000000a11e7'
  // Answers isValidSignature's selector to every call: mstore(0, selector << 224), return(0, 32).
  await devnet.client.setCode({ address: wallet, bytecode: '0x631626ba7e60e01b60005260206000f3' })
  const job = market.createJob()
  const request = await market.createRequest(job, { requester: wallet, reward: 0n, verificationFee: 100n })
  const votes = await castVotes(request, [good(0), good(1)])
  const certificate = { request, job, requesterSignature: '0xdeadbeef', votes } as const
  await expect(requester.verifyCertificate({ certificate })).rejects.toMatchObject({ name: 'InsufficientDepositError' })
  await devnet.client.setBalance({ address: wallet, value: parseEther('1') })
  await devnet.client.impersonateAccount({ address: wallet })
  await requester.deposit({ account: wallet, asset: zeroAddress, amount: 100n })
  expect(await requester.verifyCertificate({ certificate })).toMatchObject({ status: 'verified' })
  // Says something else: mstore(0, 1), return(0, 32).
  await devnet.client.setCode({ address: wallet, bytecode: '0x600160005260206000f3' })
  await expect(requester.verifyCertificate({ certificate })).rejects.toMatchObject({
    name: 'InvalidRequesterSignatureError',
  })
})

test('operators are read once for all certificates of a timepoint', async () => {
  const { requester } = market
  const [a, b] = [await certify([good(0), good(1)]), await certify([good(0), good(1)])]
  const same = { ...b, request: { ...b.request, referenceTimepoint: a.request.referenceTimepoint } }
  const second = {
    ...same,
    requesterSignature: await requester.signRequest({ request: same.request }),
    votes: await castVotes(same.request, [good(0), good(1)]),
  }
  const voters = createVoterCache()
  await requester.verifyCertificate({ certificate: a, voters })
  expect(voters.size).toBe(2)
  await requester.verifyCertificate({ certificate: second, voters })
  expect(voters.size).toBe(2)
})
