import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readVerdict } from '../src/utils/vote.ts'
import { expectSame, type Tally } from './differential/compare.ts'
import { createScenario, type EntryPlan, faultless, type ScenarioPlan, scenarioPlan } from './differential/scenarios.ts'
import { createStage, type Stage } from './differential/stage.ts'

/** More of them find more: DIFFERENTIAL_SCENARIOS=100000. */
const numRuns = Number(process.env.DIFFERENTIAL_SCENARIOS ?? 3_000)

let stage: Stage
beforeAll(async () => {
  stage = await createStage()
})
afterAll(() => stage.stop())

/** What has to have happened for the scenarios to be worth anything: the contract's errors, and what the model noticed. */
const required = [
  ...['AlreadyCommitted', 'AlreadyVoted', 'AssetNotAccepted', 'AttestationMismatch', 'CommitWindowClosed'],
  ...['CommitWindowOpen', 'CommitmentMismatch', 'ConfidenceOutOfRange', 'ConsentMissing', 'FeeBelowMinimum'],
  ...['IncorrectPayment', 'InsufficientDeposit', 'InvalidAgent', 'InvalidCommitWindow', 'InvalidDeadline'],
  ...['InvalidMinAttestations', 'InvalidMinConfidence', 'InvalidPayee', 'InvalidQuorum', 'InvalidReference'],
  ...['InvalidSigner', 'JobAlreadyDecided', 'JobMismatch', 'MethodMismatch', 'ModelInactive', 'NotCommitter'],
  ...['NonceAlreadyUsed', 'RequestSkipped: NonceAlreadyUsed'],
  ...['NotRequester', 'NothingToWithdraw', 'OperatorCannotVote', 'OwnableUnauthorizedAccount', 'PayloadDigestMismatch'],
  ...['RequestAlreadyOpened', 'RequestDeadlinePassed', 'RequestNotFinal', 'RequestNotOpen', 'RequestNotSettleable'],
  ...['RequestsArePaused', 'UnknownModelVersion', 'WithdrawalNotReady', 'ZeroAmount'],
  ...['RequestSkipped: InvalidRequesterSignature', 'RequestSkipped: OperatorSaltsMismatch'],
  ...['RequestSkipped: QuorumNotReached', 'VerificationSkipped: AlreadyVoted', 'VerificationSkipped: InvalidSigner'],
  ...['verified by a certificate', 'rejected by a certificate', 'a certificate of a decided job'],
  ...['exactly a quorum', 'a quorum of too few attestations', 'a vote that only earns'],
  ...['DepositWithdrawn', 'FeesClaimed', 'OutcomeRecorded', 'UnearnedFeeReleased', 'PayloadPublished'],
]

test('the contracts do what the model does, scenario by scenario', { timeout: 3_600_000 }, async () => {
  const tally: Tally = new Map()
  await fc.assert(
    fc.asyncProperty(scenarioPlan, async (plan) => {
      const { scenario, subjects } = createScenario(stage.world, plan)
      await expectSame(stage, scenario, subjects, tally)
    }),
    // without shrinking, which takes minutes: a failure is reproduced by its path
    { numRuns, seed: 7, endOnFailure: true },
  )
  console.log(`${numRuns} scenarios:`, Object.fromEntries([...tally].sort()))
  if (numRuns >= 3_000) expect(required.filter((what) => !tally.has(what))).toEqual([])
})

// Two votes of the least confidence in one ballot, the first of which decides: one that took the weight of the second
// for one of full confidence would say 43.
test('votes after the deciding one in its ballot leave the response as it is', async () => {
  const entry: EntryPlan = {
    request: 0,
    wrongJob: false,
    first: 0,
    voters: 6,
    votes: [faultless, faultless],
    salts: 'right',
    signature: 'right',
    consent: 'right',
  }
  const electorate = {
    weights: [4n, 3n],
    indices: [0, 1],
    isEmpty: false,
    voters: [{ canVote: true, usesOtherKey: false }],
  }
  const plan: ScenarioPlan = {
    electorates: [electorate, electorate],
    jobs: [
      {
        version: 0,
        hasAgent: false,
        agentId: 0n,
        strayAgentId: false,
        payee: 'payee',
        quorumBps: 5_001,
        minAttestations: 1,
        minConfidence: 'least',
        salt: 0,
        isValid: true,
      },
    ],
    requests: [
      {
        job: 0,
        requester: 0,
        asset: 'native',
        reward: 1n,
        verificationFee: 7n,
        lifetime: 100,
        timepoint: 990,
        commitWindow: 30,
        opening: 'deposit',
        isCommitted: true,
      },
    ],
    opinions: [{ agrees: true, confidence: 'least', random: 0 }],
    deposit: 10n ** 18n,
    steps: [
      { name: 'wait', request: 0, until: 'afterWindow' },
      { name: 'ballots', entries: [entry] },
    ],
  }
  const { scenario, subjects } = createScenario(stage.world, plan)
  const { answers, reading } = await expectSame(stage, scenario, subjects, new Map())
  const said = answers.flatMap((answer) => ('events' in answer ? answer.events : []))
  const counted = said
    .filter(({ name }) => name === 'VerificationSubmitted')
    .map(({ args }) => readVerdict(BigInt(String(args.verdict))).isCounted)
  expect(counted).toEqual([true, false])
  expect(reading.jobs[0]?.response).toBe(1)
})
