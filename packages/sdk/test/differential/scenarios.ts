import fc from 'fast-check'
import { type Address, type Hex, keccak256, sha256, toHex, zeroAddress, zeroHash } from 'viem'
import { type Attestation, commitmentHash, type Job, type Request } from '../../src/utils/typedData.ts'
import type { Subjects } from './compare.ts'
import type { Block, CastVote, Electorate, Operation, Scenario } from './operations.ts'
import { createSigner, type Signed, type Signer, sign, signByNobody } from './signing.ts'
import {
  input,
  modelOwner,
  operators,
  output,
  owner,
  payee,
  requesters,
  signingKeys,
  start,
  stranger,
  unacceptedAsset,
  versions,
  type World,
  withdrawalDelay,
} from './world.ts'

/** What most often is so, and rarely something else. */
const mostly = <value>(usual: fc.Arbitrary<value>, unusual: fc.Arbitrary<value>, weight = 24) =>
  fc.oneof({ arbitrary: usual, weight }, { arbitrary: unusual, weight: 1 })
const always = <const value>(value: value) => fc.constant(value)
const oneOf = <const value>(...values: value[]) => fc.constantFrom(...values)
const rarely = (weight: number) => mostly<boolean>(always(false), always(true), weight)

const maxTotalWeight = 2n ** 96n - 1n
const amounts = oneOf(0n, 1n, 2n, 7n, 100n, 999_999n, 10n ** 18n + 1n, 2n ** 128n - 1n)

// -- operators

const weights: fc.Arbitrary<readonly bigint[]> = fc.oneof(
  { weight: 4, arbitrary: fc.array(fc.bigInt({ min: 1n, max: 5n }), { minLength: 1, maxLength: 6 }) },
  { weight: 2, arbitrary: fc.nat({ max: 5 }).map((more) => Array.from({ length: more + 1 }, () => 1n)) },
  { weight: 1, arbitrary: always([4n, 3n, 2n, 1n]) },
  // all of what a set can weigh, in one or in equal parts
  {
    weight: 1,
    arbitrary: fc
      .nat({ max: 5 })
      .map((more) => Array.from({ length: more + 1 }, () => maxTotalWeight / BigInt(more + 1))),
  },
  { weight: 1, arbitrary: always([maxTotalWeight - 5n, 1n, 1n, 1n, 1n, 1n]) },
  { weight: 2, arbitrary: fc.array(fc.bigInt({ min: 1n, max: 2n ** 93n }), { minLength: 1, maxLength: 6 }) },
)

const voterPlan = fc.record({ canVote: mostly<boolean>(always(true), always(false), 10), usesOtherKey: rarely(20) })
const electoratePlan = fc.record({
  weights,
  voters: fc.array(voterPlan, { minLength: 6, maxLength: 6 }),
  indices: fc.shuffledSubarray([0, 1, 7, 127, 128, 254, 255], { minLength: 6, maxLength: 6 }),
  /** Whether nobody has weight, or can vote. */
  isEmpty: rarely(40),
})

/** The clock's readings at which there is an electorate; then one that is too old, and one that is not yet past. */
const timepoints = [990, 901] as const
const badTimepoints = [899, 1_000] as const

// -- jobs and requests

const jobPlan = fc.record({
  version: mostly(oneOf<number>(0, 0, 1, 2), always<number>(3), 60),
  hasAgent: fc.boolean(),
  agentId: mostly(oneOf<bigint>(0n, 7n), always<bigint>(8n), 60),
  strayAgentId: rarely(60),
  payee: mostly(always('payee'), oneOf('requester', 'operator', 'nobody'), 12),
  quorumBps: mostly(
    oneOf<number>(5_001, 5_001, 6_000, 6_667, 7_000, 7_500, 8_000, 10_000),
    oneOf<number>(0, 5_000, 10_001),
    60,
  ),
  minAttestations: mostly(oneOf<number>(1, 1, 1, 2, 2, 3), oneOf<number>(0, 4, 6, 256, 257), 20),
  minConfidence: mostly(oneOf('least', 'middle', 'most'), oneOf('below', 'above'), 60),
  salt: fc.nat({ max: 3 }),
  isValid: oneOf(true, true, false),
})
type JobPlan = typeof jobPlan extends fc.Arbitrary<infer plan> ? plan : never

const requestPlan = fc.record({
  job: oneOf<number>(0, 0, 0, 1),
  requester: oneOf<number>(0, 0, 1),
  asset: mostly(oneOf('native', 'token'), always('other'), 60),
  reward: amounts,
  verificationFee: mostly(oneOf(3n, 7n, 100n, 999_999n, 10n ** 18n + 1n, 2n ** 128n - 1n), oneOf(0n, 2n), 12),
  lifetime: mostly(oneOf<number>(100, 100, 200, 604_800), oneOf<number>(0, 60, 604_801)),
  timepoint: mostly(oneOf<number>(...timepoints), oneOf<number>(...badTimepoints), 60),
  commitWindow: oneOf<number>(0, 0, 0, 0, 30, 60),
  /** How it comes to the chain before anything else happens, if it does. */
  opening: oneOf('deposit', 'call', 'none'),
  /** Whether everybody commits to an opinion at once, if there is a window. */
  isCommitted: mostly<boolean>(always(true), always(false), 4),
})

export type RequestPlan = typeof requestPlan extends fc.Arbitrary<infer plan> ? plan : never

/** What an operator thinks of a request, unless it contradicts itself. */
const opinionPlan = fc.record({
  agrees: mostly<boolean>(always(true), always(false), 8),
  confidence: oneOf('most', 'most', 'most', 'most', 'between', 'between', 'between', 'least', 'least', 'below', 'zero'),
  random: fc.nat({ max: 10_000 }),
})
type OpinionPlan = typeof opinionPlan extends fc.Arbitrary<infer plan> ? plan : never

// -- steps

const nat = fc.nat({ max: 59 })
export const votePlan = fc.record({
  contradicts: rarely(12),
  fault: mostly(
    always('none'),
    oneOf('wrongKey', 'noSignature', 'wrongMethod', 'wrongRequest', 'overconfident', 'stranger', 'wrongSalt'),
    14,
  ),
})
type VotePlan = typeof votePlan extends fc.Arbitrary<infer plan> ? plan : never

const entryPlan = fc.record({
  request: nat,
  wrongJob: rarely(40),
  /** The operators that vote are this many, from a first one on; more than there are vote again. */
  first: nat,
  voters: oneOf(1, 3, 4, 6, 6, 6, 7),
  votes: fc.array(votePlan, { minLength: 7, maxLength: 7 }),
  salts: mostly(always('right'), always('wrong'), 30),
  signature: mostly(always('right'), oneOf('wrong', 'none'), 20),
  consent: mostly(always('right'), oneOf('wrong', 'none'), 20),
})
export type EntryPlan = typeof entryPlan extends fc.Arbitrary<infer plan> ? plan : never

const entries = fc.array(entryPlan, { minLength: 1, maxLength: 3 })
const requestIndices = fc.array(nat, { maxLength: 3 })
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      name: always('open'),
      entry: entryPlan,
      fromDeposit: fc.boolean(),
      stranger: rarely(40),
      value: mostly(always('right'), always('wrong'), 30),
      payloads: mostly(always('none'), oneOf('right', 'wrong'), 6),
    }),
  },
  { weight: 9, arbitrary: fc.record({ name: always('submit'), entry: entryPlan }) },
  { weight: 5, arbitrary: fc.record({ name: always('ballots'), entries }) },
  { weight: 6, arbitrary: fc.record({ name: always('certificates'), entries }) },
  {
    weight: 3,
    arbitrary: fc.record({ name: always('commit'), entry: entryPlan, by: oneOf('operator', 'key', 'key', 'stranger') }),
  },
  { weight: 3, arbitrary: fc.record({ name: always('claim'), operator: nat, requests: requestIndices }) },
  { weight: 2, arbitrary: fc.record({ name: always('settle'), entry: entryPlan }) },
  { weight: 2, arbitrary: fc.record({ name: always('release'), request: nat, isAtDeadline: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ name: always('consent'), entry: entryPlan }) },
  {
    weight: 5,
    arbitrary: fc.record({
      name: always('wait'),
      request: nat,
      until: mostly(
        oneOf('windowEnd', 'afterWindow', 'afterWindow', 'afterWindow', 'second', 'deadline', 'afterDeadline'),
        always('delay'),
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      name: always('ledger'),
      action: oneOf('deposit', 'initiate', 'complete', 'earnings', 'withdraw', 'withdrawEarly'),
      account: nat,
      asset: oneOf('native', 'token'),
      amount: amounts,
      value: mostly(always('right'), always('wrong'), 8),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      name: always('govern'),
      action: oneOf('pause', 'pause', 'unpause', 'deactivate', 'activate', 'wallet'),
      stranger: rarely(8),
    }),
  },
)
type Step = typeof step extends fc.Arbitrary<infer plan> ? plan : never

/** What a scenario is made of, so that it can be shrunk. */
export const scenarioPlan = fc.record({
  electorates: fc.tuple(electoratePlan, electoratePlan),
  jobs: fc.array(jobPlan, { minLength: 1, maxLength: 2 }),
  requests: fc.array(requestPlan, { minLength: 1, maxLength: 4 }),
  opinions: fc.array(opinionPlan, { minLength: 24, maxLength: 24 }),
  deposit: mostly(always(2n ** 131n), oneOf(10n ** 18n, 0n), 6),
  steps: fc.array(step, { minLength: 4, maxLength: 20 }),
})
export type ScenarioPlan = typeof scenarioPlan extends fc.Arbitrary<infer plan> ? plan : never

const salts = operators.map((_, index) => keccak256(toHex(`salt ${index}`)))
const wrongSalt = keccak256(toHex('wrong salt'))
const evidence = operators.map((_, index) => keccak256(toHex(`evidence ${index}`)))
const unknownVersion = keccak256(toHex('a version that nobody published'))
const inputDigest = sha256(input)
const outputDigest = sha256(output)
const list = (...operations: Operation[]): Operation[] => operations
const otherSigner = createSigner('somebody else')
const pick = <value>(values: readonly value[], index: number): value => {
  const value = values[index % values.length]
  if (value === undefined) throw new RangeError('There is nothing to pick from.')
  return value
}

/** Jobs, requests and votes of a plan, signed for a deployment. */
export function createCast(world: World, plan: Pick<ScenarioPlan, 'electorates' | 'jobs' | 'requests' | 'opinions'>) {
  const { hashAttestation, hashJob, hashRequest } = world.digests
  const jobs = plan.jobs.map((plan) => createJob(world, plan))
  const requests = plan.requests.map((requestPlan, index): Request => {
    const { asset, job, lifetime, requester, reward, verificationFee, timepoint, commitWindow } = requestPlan
    return {
      reward,
      verificationFee,
      commitWindow,
      jobId: hashJob(pick(jobs, job)),
      requester: pick(requesters, requester).address,
      asset: asset === 'native' ? zeroAddress : asset === 'token' ? world.token : unacceptedAsset,
      deadline: start + lifetime,
      referenceTimepoint: timepoint,
      // two by two: of those that certificates bring, one is settled
      nonce: BigInt(index >> 1),
    }
  })
  const electorates = plan.electorates.map(
    (plan, index): Electorate => ({
      timepoint: pick(timepoints, index),
      voters: plan.weights.map((weight, position) => {
        const { canVote, usesOtherKey } = pick(plan.voters, position)
        return {
          operator: pick(operators, position).address,
          // no set seats an operator without weight: the contract relies on it to know that somebody has voted
          canVote: canVote && !plan.isEmpty,
          index: pick(plan.indices, position),
          weight: plan.isEmpty ? 0n : weight,
          signingKey: usesOtherKey ? otherSigner.address : pick(signingKeys, position).address,
        }
      }),
    }),
  )
  const jobIndexOf = (requestIndex: number) => pick(plan.requests, requestIndex).job % jobs.length
  const keyOf = (operator: Address, request: Request): Signer => {
    const electorate = electorates.find(({ timepoint }) => timepoint === request.referenceTimepoint)
    const address = electorate?.voters.find((voter) => voter.operator === operator)?.signingKey
    return signingKeys.find((key) => key.address === address) ?? otherSigner
  }

  const attest = (requestIndex: number, operatorIndex: number, { contradicts, fault }: VotePlan): Attestation => {
    const request = pick(requests, requestIndex)
    const jobPlan = pick(plan.jobs, jobIndexOf(requestIndex))
    const opinion = pick(plan.opinions, (requestIndex % requests.length) * operators.length + operatorIndex)
    const version = pick(versions, jobPlan.version)
    const isValid = (opinion.agrees === jobPlan.isValid) !== contradicts
    const honest = confidenceOf(
      opinion,
      pick(jobs, jobIndexOf(requestIndex)),
      isValid ? version.validConfidence : 10_000,
    )
    const other = pick(requests, requestIndex + 1)
    return {
      requestId: hashRequest(fault === 'wrongRequest' ? other : request),
      operator: fault === 'stranger' ? stranger.address : pick(operators, operatorIndex).address,
      isValid,
      confidence: fault === 'overconfident' ? (isValid ? version.validConfidence : 10_000) + 1 : honest,
      method: fault === 'wrongMethod' ? zeroHash : version.methodId,
      evidenceDigest: pick(evidence, operatorIndex),
    }
  }
  const vote = (requestIndex: number, operatorIndex: number, votePlan: VotePlan): CastVote => {
    const attestation = attest(requestIndex, operatorIndex, votePlan)
    const digest = hashAttestation(attestation)
    if (votePlan.fault === 'noSignature') return { attestation, signed: signByNobody(digest) }
    const key = votePlan.fault === 'wrongKey' ? stranger : keyOf(attestation.operator, pick(requests, requestIndex))
    return { attestation, signed: sign(key, digest) }
  }
  const saltOf = (operatorIndex: number, { fault }: VotePlan): Hex =>
    fault === 'wrongSalt' ? wrongSalt : pick(salts, operatorIndex)
  return { electorates, jobs, requests, jobIndexOf, vote, saltOf }
}

function createJob(world: World, plan: JobPlan): Job {
  const { validConfidence } = pick(versions, plan.version)
  const payees = { payee: payee.address, requester: requesters[0].address, operator: pick(operators, 0).address }
  const confidences = {
    below: 99,
    least: 100,
    middle: Math.floor((100 + validConfidence) / 2),
    most: validConfidence,
    above: validConfidence + 1,
  }
  return {
    modelVersionId: world.versionIds[plan.version] ?? unknownVersion,
    inputDigest: inputDigest,
    outputDigest: outputDigest,
    hasAgent: plan.hasAgent,
    agentId: plan.hasAgent ? plan.agentId : plan.strayAgentId ? 7n : 0n,
    payee: plan.payee === 'nobody' ? zeroAddress : payees[plan.payee],
    quorumBps: plan.quorumBps,
    minAttestations: plan.minAttestations,
    minConfidence: confidences[plan.minConfidence],
    salt: pick(salts, plan.salt),
  }
}

function confidenceOf({ confidence, random }: OpinionPlan, job: Job, most: number): number {
  switch (confidence) {
    case 'most':
      return most
    case 'between':
      return job.minConfidence + (random % Math.max(1, most - job.minConfidence + 1))
    case 'least':
      return job.minConfidence
    case 'below':
      return Math.max(0, job.minConfidence - 1)
    case 'zero':
      return 0
  }
}

/** Signatures of a plan's entry over what it names: right ones, wrong ones or none. */
function signAs(quality: 'right' | 'wrong' | 'none', signer: Signer, digest: Hex): Signed {
  if (quality === 'none') return signByNobody(digest)
  return sign(quality === 'right' ? signer : stranger, digest)
}

export const faultless: VotePlan = { contradicts: false, fault: 'none' }

/** What brings a request to the chain, and has everybody commit to a vote on it. */
function toFirstSteps({ opening, commitWindow, isCommitted }: RequestPlan, request: number): Step[] {
  if (opening === 'none') return []
  const votes = operators.map(() => faultless)
  const entry: EntryPlan = {
    request,
    votes,
    wrongJob: false,
    first: 0,
    voters: 6,
    salts: 'right',
    signature: 'right',
    consent: 'right',
  }
  const open: Step = {
    name: 'open',
    entry,
    fromDeposit: opening === 'deposit',
    stranger: false,
    value: 'right',
    payloads: 'none',
  }
  return isCommitted && commitWindow !== 0 ? [open, { name: 'commit', entry, by: 'key' }] : [open]
}

/** The scenario that a plan stands for, on a deployment. */
export function createScenario(world: World, plan: ScenarioPlan): { scenario: Scenario; subjects: Subjects } {
  const { hashAttestation, hashJob, hashRequest } = world.digests
  const { electorates, jobs, requests, jobIndexOf, vote, saltOf } = createCast(world, plan)
  const blocks: { timestamp: number; operations: Operation[] }[] = []
  const openedAt = new Map<Request, number>()
  let now = start
  const act = (operation: Operation) => {
    const block = blocks.at(-1)
    if (block?.timestamp === now) block.operations.push(operation)
    else blocks.push({ timestamp: now, operations: [operation] })
  }
  const assetOf = (asset: 'native' | 'token') => (asset === 'native' ? zeroAddress : world.token)
  const agentSigner = (job: Job): Signer =>
    [payee, ...requesters, ...operators].find(({ address }) => address === job.payee) ?? stranger

  const resolve = (entry: EntryPlan) => {
    const request = pick(requests, entry.request)
    const job = pick(jobs, jobIndexOf(entry.request) + (entry.wrongJob ? 1 : 0))
    const electorate = electorates.find(({ timepoint }) => timepoint === request.referenceTimepoint)
    const size = electorate?.voters.length ?? operators.length
    const cast = entry.votes.slice(0, entry.voters).map((votePlan, offset) => {
      const operatorIndex = (entry.first + offset) % size
      return {
        operator: pick(operators, operatorIndex).address,
        key: pick(signingKeys, operatorIndex).address,
        vote: vote(entry.request, operatorIndex, votePlan),
        salt: saltOf(operatorIndex, votePlan),
      }
    })
    const consent = signAs(entry.consent, agentSigner(job), hashJob(job))
    return { request, job, cast, consent, votes: cast.map(({ vote }) => vote) }
  }

  const perform = (step: Step): Operation[] => {
    switch (step.name) {
      case 'open': {
        const { request, job, consent } = resolve(step.entry)
        const amount = request.reward + request.verificationFee
        const due = step.fromDeposit || request.asset !== zeroAddress ? 0n : amount
        if (!openedAt.has(request)) openedAt.set(request, now)
        return list({
          from: step.stranger ? stranger.address : request.requester,
          name: 'requestInferenceVerification',
          request,
          job,
          fromDeposit: step.fromDeposit,
          consent,
          input: step.payloads === 'none' ? '0x' : input,
          output: step.payloads === 'none' ? '0x' : step.payloads === 'right' ? output : input,
          value: step.value === 'right' ? due : due + 1n,
        })
      }
      case 'submit': {
        const { request, job, cast } = resolve(step.entry)
        const [first] = cast
        if (first === undefined) return []
        const operatorSalt = request.commitWindow === 0 ? zeroHash : first.salt
        return list({
          from: stranger.address,
          name: 'submitVerification',
          request,
          job,
          vote: first.vote,
          operatorSalt,
        })
      }
      case 'ballots':
        return list({
          from: stranger.address,
          name: 'submitVerifications',
          ballots: step.entries.map((entry) => {
            const { request, job, cast, votes } = resolve(entry)
            const hasSalts = (request.commitWindow !== 0) === (entry.salts === 'right')
            return { request, job, votes, operatorSalts: hasSalts ? cast.map(({ salt }) => salt) : [] }
          }),
        })
      case 'certificates':
        return list({
          from: stranger.address,
          name: 'settleCertificates',
          certificates: step.entries.map((entry) => {
            const { request, job, consent, votes } = resolve(entry)
            const requester = requesters.find(({ address }) => address === request.requester) ?? stranger
            const requesterSignature = signAs(entry.signature, requester, hashRequest(request))
            return { request, job, votes, consent, requesterSignature }
          }),
        })
      case 'commit': {
        const { request, cast } = resolve(step.entry)
        return cast.map(({ operator, key, vote: { attestation }, salt }) => {
          const digest = hashAttestation(attestation)
          const commitment = attestation.method === zeroHash ? zeroHash : commitmentHash(digest, salt)
          const from = step.by === 'operator' ? operator : step.by === 'key' ? key : stranger.address
          return { from, name: 'commitVerification', request, operator, commitment }
        })
      }
      case 'claim':
        return list({
          from: stranger.address,
          name: 'claimFees',
          operator: pick(operators, step.operator).address,
          requests: step.requests.map((index) => pick(requests, index)),
        })
      case 'settle': {
        const { request, job } = resolve(step.entry)
        return list({ from: stranger.address, name: 'settleRequest', request, job })
      }
      case 'release': {
        const request = pick(requests, step.request)
        if (step.isAtDeadline) now = Math.max(now, request.deadline)
        return list({ from: stranger.address, name: 'releaseUnearnedFee', request })
      }
      case 'consent': {
        const { job, consent } = resolve(step.entry)
        return list({ from: stranger.address, name: 'recordConsent', job, consent })
      }
      case 'wait': {
        const request = pick(requests, step.request)
        const windowEnd = (openedAt.get(request) ?? now) + request.commitWindow
        const times = {
          windowEnd,
          afterWindow: windowEnd + 1,
          deadline: request.deadline,
          afterDeadline: request.deadline + 1,
          second: now + 1,
          delay: now + withdrawalDelay,
        }
        now = Math.max(now, times[step.until])
        return []
      }
      case 'ledger': {
        const from = pick(requesters, step.account).address
        const asset = assetOf(step.asset)
        const { amount } = step
        if (step.action === 'withdraw' || step.action === 'withdrawEarly') {
          act({ from, name: 'initiateDepositWithdrawal', asset, amount })
          now += withdrawalDelay - (step.action === 'withdraw' ? 0 : 1)
          return list({ from, name: 'completeDepositWithdrawal', asset })
        }
        if (step.action === 'complete') return list({ from, name: 'completeDepositWithdrawal', asset })
        if (step.action === 'initiate') return list({ from, name: 'initiateDepositWithdrawal', asset, amount })
        if (step.action === 'earnings') {
          const account = pick([...requesters, payee, ...operators], step.account).address
          return list({ from: stranger.address, name: 'withdrawEarnings', asset, account })
        }
        const due = asset === zeroAddress ? amount : 0n
        return list({ from, name: 'deposit', asset, amount, value: step.value === 'right' ? due : due + 1n })
      }
      case 'govern': {
        if (step.action === 'wallet')
          return list({ from: stranger.address, name: 'setAgentWallet', agentId: 7n, wallet: stranger.address })
        if (step.action === 'activate' || step.action === 'deactivate')
          return list({ from: modelOwner.address, name: 'setActive', isActive: step.action === 'activate' })
        const from = step.stranger ? stranger.address : owner.address
        return list({ from, name: step.action === 'pause' ? 'pauseRequests' : 'unpauseRequests' })
      }
    }
  }

  for (const { address: from } of requesters)
    for (const asset of [zeroAddress, world.token])
      act({ from, name: 'deposit', asset, amount: plan.deposit, value: asset === zeroAddress ? plan.deposit : 0n })
  for (const step of plan.requests.flatMap(toFirstSteps)) for (const operation of perform(step)) act(operation)
  for (const step of plan.steps) for (const operation of perform(step)) act(operation)
  return { scenario: { electorates, blocks: blocks satisfies Block[] }, subjects: { requests, jobs } }
}
