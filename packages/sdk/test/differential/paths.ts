import fc from 'fast-check'
import { type Address, zeroAddress, zeroHash } from 'viem'
import type { Subjects } from './compare.ts'
import type { CastVote, Operation, Scenario, SignedCertificate } from './operations.ts'
import { createCast, type RequestPlan, type ScenarioPlan, scenarioPlan, votePlan } from './scenarios.ts'
import { sign } from './signing.ts'
import { payee, requesters, start, stranger, type World } from './world.ts'

/** The ways by which the same votes can come to the chain. */
export const paths = [
  'one by one',
  'ballot',
  'certificate',
  'some first',
  'certificate first',
  'in two ballots',
] as const
export type Path = (typeof paths)[number]

/** A job, requests of it, and votes on the first of them. */
export const pathPlan = fc.record({
  scenario: scenarioPlan.map(toValid),
  /** From a first operator on; more than there are vote again. */
  first: fc.nat({ max: 5 }),
  votes: fc.array(votePlan, { minLength: 1, maxLength: 9, size: 'max' }),
  /** How many of the votes come before the others, where some do. */
  head: fc.nat({ max: 7 }),
  /** Votes on another open request of the job, before the first is decided. */
  otherVotes: fc.nat({ max: 2 }),
})
export type PathPlan = typeof pathPlan extends fc.Arbitrary<infer plan> ? plan : never

/** One job that can be requested, and three requests of it: the one voted on, one that stays open, one only signed. */
function toValid({ electorates, jobs, requests, opinions }: ScenarioPlan) {
  const [job] = jobs
  const [request] = requests
  if (job === undefined || request === undefined) throw new Error('A plan has a job and a request.')
  const bound = (value: number, least: number, most: number) => Math.min(Math.max(value, least), most)
  return {
    electorates,
    opinions,
    jobs: [
      {
        ...job,
        version: job.version % 3,
        agentId: job.agentId === 0n ? 0n : 7n,
        strayAgentId: false,
        payee: job.hasAgent || job.payee === 'nobody' ? ('payee' as const) : job.payee,
        quorumBps: bound(job.quorumBps, 5_001, 10_000),
        minAttestations: bound(job.minAttestations, 1, 3),
        minConfidence:
          job.minConfidence === 'below' || job.minConfidence === 'above' ? ('most' as const) : job.minConfidence,
      },
    ],
    requests: ([100, 200, 604_800] as const).map((lifetime, index): RequestPlan => {
      const plan = requests[index] ?? request
      return {
        ...plan,
        job: 0,
        asset: plan.asset === 'other' ? 'token' : plan.asset,
        verificationFee: plan.verificationFee < 3n ? 3n : plan.verificationFee,
        lifetime,
        timepoint: plan.timepoint === 901 ? 901 : 990,
        commitWindow: 0,
      }
    }),
  }
}

/** The scenario of the votes' coming by a path; all else is the same for each. */
export function createPath(world: World, plan: PathPlan, path: Path): { scenario: Scenario; subjects: Subjects } {
  const { electorates, jobs, requests, vote } = createCast(world, plan.scenario)
  const { hashJob, hashRequest } = world.digests
  const [job] = jobs
  const [request, open, signed] = requests
  if (job === undefined || request === undefined || open === undefined || signed === undefined)
    throw new Error('A plan has a job and three requests.')
  const from = stranger.address
  const consent = sign(payee, hashJob(job))
  const votes = plan.votes.map((votePlan, index) => vote(0, (plan.first + index) % sizeOf(request), votePlan))
  const head = plan.head % votes.length

  function sizeOf({ referenceTimepoint }: { referenceTimepoint: number }): number {
    return electorates.find(({ timepoint }) => timepoint === referenceTimepoint)?.voters.length ?? 1
  }
  const openRequest = (which: typeof request): Operation => ({
    name: 'requestInferenceVerification',
    from: which.requester,
    request: which,
    job,
    consent,
    fromDeposit: true,
    input: '0x',
    output: '0x',
    value: 0n,
  })
  const submit = (vote: CastVote): Operation => ({
    name: 'submitVerification',
    from,
    request,
    job,
    vote,
    operatorSalt: zeroHash,
  })
  const ballot = (which: typeof request, votes: readonly CastVote[]): Operation => ({
    name: 'submitVerifications',
    from,
    ballots: [{ request: which, job, votes, operatorSalts: [] }],
  })
  const certificateOf = (which: typeof request, votes: readonly CastVote[]): SignedCertificate => {
    const requester = requesters.find(({ address }) => address === which.requester) ?? stranger
    return { request: which, job, consent, votes, requesterSignature: sign(requester, hashRequest(which)) }
  }
  const certify = (which: typeof request, votes: readonly CastVote[]): Operation => ({
    name: 'settleCertificates',
    from,
    certificates: [certificateOf(which, votes)],
  })
  const deposits = requesters.flatMap(({ address }) =>
    [zeroAddress, world.token].map((asset: Address): Operation => {
      const amount = 2n ** 131n
      return { name: 'deposit', from: address, asset, amount, value: asset === zeroAddress ? amount : 0n }
    }),
  )
  const ways: Record<Path, readonly Operation[]> = {
    'one by one': [openRequest(request), ...votes.map(submit)],
    ballot: [openRequest(request), ballot(request, votes)],
    certificate: [certify(request, votes)],
    // the race: the request is opened and voted on while its certificate is under way, and the other way round
    'some first': [openRequest(request), ...votes.slice(0, head).map(submit), certify(request, votes)],
    'certificate first': [certify(request, votes), openRequest(request), ...votes.map(submit), ballot(request, votes)],
    'in two ballots': [openRequest(request), ballot(request, votes.slice(0, head)), ballot(request, votes.slice(head))],
  }
  const others = Array.from({ length: plan.otherVotes }, (_, index) =>
    vote(1, index % sizeOf(open), { contradicts: false, fault: 'none' }),
  )
  const operations: Operation[] = [
    ...deposits,
    openRequest(open),
    ...(others.length > 0 ? [ballot(open, others)] : []),
    ...ways[path],
    // what was decided cannot be decided, nor paid for, again
    certify(request, votes),
    certify(signed, []),
    certify(signed, votes),
    ballot(open, []),
  ]
  return { scenario: { electorates, blocks: [{ timestamp: start, operations }] }, subjects: { requests, jobs } }
}
