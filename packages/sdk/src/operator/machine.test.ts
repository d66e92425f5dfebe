import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createVote, hashOf } from '../../test/fixtures.ts'
import { isTerminal, type RequestEvent, type RequestState, transition } from './machine.ts'

const requestId = hashOf('request')
const blockNumber = fc.bigInt({ min: 1n, max: 20n })
const outcome = fc.constantFrom('verified', 'rejected', 'expired' as const)
const vote = fc.boolean().map((isValid) => createVote(requestId, { isValid }))
const rolledBack = fc.record({ type: fc.constant('rolledBack' as const), blockNumber })
const onward: fc.Arbitrary<RequestEvent> = fc.oneof(
  fc.constant({ type: 'fetched' } as const),
  fc.record({ type: fc.constant('signed' as const), vote }),
  fc.record({ type: fc.constant('committed' as const), blockNumber }),
  fc.constant({ type: 'revealed' } as const),
  fc.record({ type: fc.constant('attested' as const), blockNumber }),
  fc.record({
    type: fc.constant('skipped' as const),
    reason: fc.constantFrom('deadline', 'inconclusive' as const),
    blockNumber,
  }),
  fc.record({
    type: fc.constant('decided' as const),
    outcome: fc.constantFrom('verified', 'rejected' as const),
    blockNumber,
  }),
  fc.record({ type: fc.constant('finalized' as const), outcome, isPaid: fc.boolean(), blockNumber }),
  fc.constant({ type: 'feesClaimed' } as const),
)
const anything: fc.Arbitrary<RequestEvent> = fc.oneof(
  { weight: 6, arbitrary: onward },
  { arbitrary: rolledBack, weight: 1 },
)

const seen: RequestState = { status: 'seen' }
const voteOf = (state: RequestState) => ('vote' in state ? state.vote : undefined)

/** Every state on the way, the first included. */
function walk(events: readonly RequestEvent[]): RequestState[] {
  const states = [seen]
  for (const event of events) states.push(transition(states.at(-1) ?? seen, event))
  return states
}

function check(events: fc.Arbitrary<RequestEvent>, holds: (states: RequestState[], events: RequestEvent[]) => void) {
  fc.assert(
    fc.property(fc.array(events, { maxLength: 25 }), (list) => holds(walk(list), list)),
    { numRuns: 2000, seed: 1 },
  )
}

describe('transition', () => {
  test('takes the way of a request without a commit window', () => {
    const vote = createVote(requestId)
    const states = walk([
      { type: 'fetched' },
      { type: 'signed', vote },
      { type: 'attested', blockNumber: 5n },
      { type: 'finalized', outcome: 'verified', isPaid: false, blockNumber: 6n },
      { type: 'feesClaimed' },
    ])
    expect(states.map(({ status }) => status)).toEqual([
      'seen',
      'fetched',
      'verified',
      'attested',
      'settled',
      'settled',
    ])
    expect(states.at(-1)).toEqual({
      status: 'settled',
      outcome: 'verified',
      votedWithOutcome: true,
      areFeesClaimed: true,
      vote,
      votedAt: 5n,
      blockNumber: 6n,
    })
    // A vote before the fork still counts after it.
    const settled = states.at(-1) ?? seen
    expect(transition(settled, { type: 'rolledBack', blockNumber: 5n })).toEqual(states[3])
    expect(transition(settled, { type: 'rolledBack', blockNumber: 4n })).toEqual(states[2])
  })

  test('still reveals a committed vote that is on the side that won', () => {
    const vote = createVote(requestId)
    const committed = transition({ status: 'verified', vote }, { type: 'committed', blockNumber: 5n })
    const finalized = { type: 'finalized', isPaid: false, blockNumber: 6n } as const
    const won = transition(committed, { ...finalized, outcome: 'verified' })
    expect(won).toMatchObject({ status: 'committed', outcome: { status: 'verified', blockNumber: 6n } })
    expect(transition(won, { type: 'attested', blockNumber: 7n })).toMatchObject({
      status: 'settled',
      votedWithOutcome: true,
      areFeesClaimed: false,
    })
    expect(transition(won, { type: 'skipped', reason: 'deadline', blockNumber: 7n })).toMatchObject({
      status: 'settled',
      outcome: 'verified',
      votedWithOutcome: false,
    })
    expect(transition(won, { type: 'rolledBack', blockNumber: 5n })).toEqual(committed)
    const lost = transition(committed, { ...finalized, outcome: 'rejected' })
    expect(lost).toMatchObject({ status: 'settled', votedWithOutcome: false })
  })

  test('takes the way of a vote that an aggregator sends, and knows what was paid at once', () => {
    const vote = createVote(requestId)
    const finalized = { type: 'finalized', outcome: 'verified', isPaid: true, blockNumber: 6n } as const
    const states = walk([
      { type: 'signed', vote },
      { type: 'revealed' },
      { type: 'rolledBack', blockNumber: 0n },
      { type: 'attested', blockNumber: 5n },
      finalized,
    ])
    expect(states.map(({ status }) => status)).toEqual([
      'seen',
      'verified',
      'revealed',
      'revealed',
      'attested',
      'settled',
    ])
    expect(states.at(-1)).toMatchObject({ votedWithOutcome: true, areFeesClaimed: true })
    // Nothing was paid for a vote that lost.
    const lost = transition({ status: 'revealed', vote }, { ...finalized, outcome: 'rejected' })
    expect(lost).toMatchObject({ votedWithOutcome: false, areFeesClaimed: false })
  })

  test('counts a vote that was sent after it was given up', () => {
    const vote = createVote(requestId)
    const skipped = { status: 'skipped', reason: 'deadline', vote, blockNumber: 5n } as const
    const attested = { type: 'attested', blockNumber: 6n } as const
    expect(transition(skipped, attested)).toEqual({ status: 'attested', vote, blockNumber: 6n })
    const { vote: _, ...unsigned } = skipped
    expect(transition(unsigned, attested)).toBe(unsigned)
    // A committed vote earns when it is revealed after the outcome, by the deadline.
    const settled = {
      status: 'settled',
      outcome: 'verified',
      votedWithOutcome: false,
      areFeesClaimed: false,
      vote,
      blockNumber: 5n,
    } as const
    expect(transition(settled, attested)).toMatchObject({ votedWithOutcome: true, areFeesClaimed: false })
    const lost = { ...settled, outcome: 'rejected' } as const
    expect(transition(lost, attested)).toBe(lost)
  })

  test('never drops or replaces a signed vote', () => {
    check(anything, (states) => {
      const first = states.findIndex((state) => voteOf(state) !== undefined)
      if (first < 0) return
      const signed = states[first]
      for (const state of states.slice(first)) expect(voteOf(state)).toBe(signed && voteOf(signed))
    })
  })

  test('changes nothing when an event comes twice', () => {
    check(anything, (states, events) => {
      const [state, event] = [states.at(-1) ?? seen, events.at(-1)]
      if (event) expect(transition(state, event)).toEqual(state)
    })
  })

  test('only goes on, unless the chain is rolled back', () => {
    const ranks = ['seen', 'fetched', 'verified', 'committed', 'revealed', 'attested', 'settled'].entries()
    const rankOf = Object.fromEntries([...ranks].map(([rank, status]) => [status, rank]))
    check(onward, (states) => {
      // What was given up may have been sent all the same.
      const passed = states.flatMap(({ status }) => (status === 'skipped' ? [] : [rankOf[status] ?? Number.NaN]))
      expect(passed).toEqual(passed.toSorted((a, b) => a - b))
    })
  })

  test('ends for good: what is finished is only ever settled or claimed, or rolled back', () => {
    check(onward, (states, events) => {
      for (const [index, event] of events.entries()) {
        const [before, after] = [states[index] ?? seen, states[index + 1]]
        if (!isTerminal(before) || before === after) continue
        // A signed vote may come to count after it was given up, by whoever holds it.
        const isLate = event.type === 'attested' || (event.type === 'finalized' && before.status === 'skipped')
        expect((isLate && voteOf(before) !== undefined) || event.type === 'feesClaimed').toBe(true)
      }
    })
  })

  test('counts only a vote on the side that won', () => {
    check(anything, (states) => {
      for (const state of states) {
        if (state.status !== 'settled') continue
        if (state.votedWithOutcome) expect(state.vote?.side).toBe(state.outcome)
        if (state.areFeesClaimed) expect(state.votedWithOutcome).toBe(true)
      }
    })
  })

  test('takes back what happened after a block, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 25 }), blockNumber, (events, block) => {
        const before = walk(events).at(-1) ?? seen
        const after = transition(before, { type: 'rolledBack', blockNumber: block })
        const blocksOf = (state: RequestState) => [
          ...('blockNumber' in state ? [state.blockNumber] : []),
          ...(state.status === 'committed' && state.outcome ? [state.outcome.blockNumber] : []),
        ]
        for (const each of blocksOf(after)) expect(each).toBeLessThanOrEqual(block)
        if (blocksOf(before).every((each) => each <= block)) expect(after).toBe(before)
      }),
      { numRuns: 2000, seed: 1 },
    )
  })
})
