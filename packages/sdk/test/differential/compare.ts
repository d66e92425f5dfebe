import type { Address, Hex } from 'viem'
import { expect } from 'vitest'
import type { Job, Request } from '../../src/utils/typedData.ts'
import { createModel, type Model, type Outcome } from './model.ts'
import type { Block, Event, Operation, Scenario } from './operations.ts'
import type { Answer, Reading, Stage } from './stage.ts'
import { accounts, agentIds, assetsOf, operators, stranger, type World } from './world.ts'

export type Subjects = { readonly requests: readonly Request[]; readonly jobs: readonly Job[] }

/** How often something happened, over many scenarios: what shows that they are worth running. */
export type Tally = Map<string, number>

/**
 * Runs a scenario on the model and on the contract, with everything settled, claimed and withdrawn at the end, and
 * expects the same of both: results or refusals, events, and the whole state.
 *
 * @returns What the contract said and how it ended.
 */
export async function expectSame(
  stage: Stage,
  scenario: Scenario,
  subjects: Subjects,
  tally: Tally,
): Promise<{ readonly answers: readonly Answer[]; readonly reading: Reading }> {
  const { world } = stage
  const { hashJob, hashRequest } = world.digests
  const model = createModel(world, scenario.electorates)
  const outcomes = applyAll(model, scenario.blocks)
  const last = createFinale(world, model, subjects, scenario.blocks)
  const blocks = [...scenario.blocks, ...last.blocks]
  const expected = [...outcomes, ...last.outcomes]

  const requestIds = subjects.requests.map(hashRequest)
  const jobIds = subjects.jobs.map(hashJob)
  const { answers, reading } = await stage.run({ ...scenario, blocks }, requestIds, jobIds)

  expect(answers.length).toBe(expected.length)
  const operations = blocks.flatMap((block) => block.operations)
  for (const [index, answer] of answers.entries()) {
    const outcome = expected[index]
    const operation = operations[index]
    if (outcome === undefined || operation === undefined) throw new Error(`There is no operation ${index}.`)
    expectAnswer(answer, outcome, operation, index, tally)
  }
  expect(reading).toEqual(readModel(world, model, requestIds, jobIds))
  expectCovered(reading, subjects)
  for (const [what, times] of model.occurrences) count(tally, what, times)
  return { answers, reading }
}

function applyAll(model: Model, blocks: readonly Block[]): Outcome[] {
  return blocks.flatMap(({ timestamp, operations }) => operations.map((operation) => model.apply(operation, timestamp)))
}

/** Settles what is open, claims and releases every fee and withdraws all earnings, after every deadline. */
function createFinale(world: World, model: Model, { requests, jobs }: Subjects, blocks: readonly Block[]) {
  const from = stranger.address
  const latest = Math.max(...requests.map(({ deadline }) => deadline), ...blocks.map(({ timestamp }) => timestamp))
  const timestamp = latest + 1
  const outcomes: Outcome[] = []
  const operations: Operation[] = []
  const act = (operation: Operation) => {
    operations.push(operation)
    outcomes.push(model.apply(operation, timestamp))
  }
  for (const request of requests) {
    const job = jobs.find((job) => world.digests.hashJob(job) === request.jobId)
    if (job !== undefined) act({ from, name: 'settleRequest', request, job })
  }
  const settled = requests.filter(model.isFinal)
  for (const request of settled) act({ from, name: 'releaseUnearnedFee', request })
  for (const { address: operator } of operators) act({ from, name: 'claimFees', operator, requests: settled })
  for (const asset of assetsOf(world))
    for (const account of accounts)
      if (model.readBalance(asset, account).earnings !== 0n) act({ from, name: 'withdrawEarnings', asset, account })
  return { blocks: [{ timestamp, operations }], outcomes }
}

function expectAnswer(answer: Answer, outcome: Outcome, operation: Operation, index: number, tally: Tally): void {
  const where = `operation ${index}, ${operation.name}`
  if ('error' in answer) {
    expect(outcome.refusals ?? [], where).toContain(answer.error)
    count(tally, answer.error)
    return
  }
  if (outcome.refusals !== undefined) {
    expect(answer, where).toEqual({ refusals: outcome.refusals })
    return
  }
  expect(answer.returned, where).toEqual(outcome.returned)
  const actual = groupEvents(answer.events)
  expect(actual, where).toEqual(groupEvents(withActualReasons(outcome.events, actual)))
  count(tally, operation.name)
  for (const { name, args } of answer.events) {
    count(tally, name)
    if (typeof args.reason === 'string') count(tally, `${name}: ${args.reason}`)
  }
}

/** Events by name, in order; what operators were paid is added up, since it does not matter in how many events. */
function groupEvents(events: readonly Event[]): Record<string, readonly unknown[]> {
  const claimed = new Map<string, bigint>()
  const groups: Record<string, unknown[]> = {}
  for (const { name, args } of events) {
    if (name === 'FeesClaimed') {
      const key = `${args.operator} ${args.asset}`
      const sum = (claimed.get(key) ?? 0n) + BigInt(String(args.amount))
      if (sum !== 0n) claimed.set(key, sum)
      continue
    }
    groups[name] = [...(groups[name] ?? []), args]
  }
  return { ...groups, claimed: [...claimed].sort() }
}

/** Where the contract's reason is among those that apply, it is the expected one. */
function withActualReasons(events: readonly Event[], actual: Record<string, readonly unknown[]>): Event[] {
  const seen = new Map<string, number>()
  return events.map(({ name, args }) => {
    const position = seen.get(name) ?? 0
    seen.set(name, position + 1)
    const counterpart = actual[name]?.[position]
    if (!Array.isArray(args.reason) || !isReasoned(counterpart)) return { name, args }
    return args.reason.includes(counterpart.reason)
      ? { name, args: { ...args, reason: counterpart.reason } }
      : { name, args }
  })
}

function isReasoned(args: unknown): args is { readonly reason: string } {
  return typeof args === 'object' && args !== null && 'reason' in args && typeof args.reason === 'string'
}

function readModel(world: World, model: Model, requestIds: readonly Hex[], jobIds: readonly Hex[]): Reading {
  const assets = assetsOf(world)
  return {
    requests: requestIds.map(model.readRequest),
    jobs: jobIds.map(model.readJob),
    commitments: requestIds.flatMap((requestId) =>
      operators.map(({ address }) => model.readCommitment(requestId, address)),
    ),
    balances: assets.flatMap((asset) => accounts.map((account: Address) => ({ ...model.readBalance(asset, account) }))),
    holdings: assets.map(model.readHolding),
    agents: agentIds.map((agentId) => model.readAgent(agentId)),
    model: model.readModel(),
    modelAgents: agentIds.map((agentId) => model.readModel(agentId)),
  }
}

/** Once everything is settled and withdrawn, only deposits are left, and less than a unit for each vote. */
function expectCovered({ balances, holdings, requests }: Reading, subjects: Subjects): void {
  expect(requests.filter(({ status }) => status === 1)).toEqual([])
  for (const [index, holding] of holdings.entries()) {
    const deposits = balances
      .slice(index * accounts.length, (index + 1) * accounts.length)
      .reduce((sum, { deposit }) => sum + deposit, 0n)
    expect(holding).toBeGreaterThanOrEqual(deposits)
    expect(holding - deposits).toBeLessThanOrEqual(BigInt(operators.length * subjects.requests.length))
  }
}

export function count(tally: Tally, what: string, times = 1): void {
  tally.set(what, (tally.get(what) ?? 0) + times)
}
