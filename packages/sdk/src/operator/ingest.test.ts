import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  createFakeNode,
  decidedLog,
  type FakeNode,
  finalizedLog,
  inTransaction,
  newRequest,
  openedLog,
  votedLog,
} from '../../test/fakeNode.ts'
import { createVote, deployment, hashOf, owner } from '../../test/fixtures.ts'
import { createBook } from './book.ts'
import { createIngest } from './ingest.ts'
import { memoryOperatorStore } from './memoryOperatorStore.ts'
import type { Standing } from './standing.ts'
import type { OperatorStore, RequestRecord } from './store.ts'

type Options = {
  node: FakeNode
  store?: OperatorStore
  depth?: number
  blockRange?: bigint
  readStanding?: (record: RequestRecord) => Promise<Standing>
}

const nothingVoted = async (): Promise<Standing> => ({
  status: 'open',
  validWeight: 0n,
  invalidWeight: 0n,
  closesAt: 0,
  voter: { canVote: true, index: 0, weight: 1n, signingKey: owner.operator, totalWeight: 1n },
  hasVoted: false,
  commitment: null,
})

/** The part of an operator that reads the chain, as a process of it: `look` once, or `catchUp`. */
async function start({ node, store = memoryOperatorStore(), ...options }: Options) {
  const { depth = 0, blockRange = 100n, readStanding = nothingVoted } = options
  const origin = await store.open(owner, async () => ({ secret: hashOf('secret'), blockNumber: 0n, timepoint: 0 }))
  const seen: string[] = []
  const voted: [requestId: string, transactionHash: string][] = []
  const errors: unknown[] = []
  const ingest = createIngest({ client: node.client, deployment, operator: owner.operator, depth, blockRange })
  const book = createBook({
    deployment,
    store,
    readStanding,
    onChange: ({ requestId }, previous, votedIn) => {
      if (!previous) seen.push(requestId)
      if (votedIn) voted.push([requestId, votedIn])
    },
    onForged: (error) => errors.push(error),
    onFatal: (error) => errors.push(error),
  })
  await book.load()
  let cursor = (await store.getCursor()) ?? ([await ingest.getReference(origin.blockNumber)] as const)
  const look = async () => {
    const result = await ingest.next(cursor)
    if (result.type === 'reorg') await book.rollBack(result.cursor)
    if (result.type === 'logs') {
      await book.absorb(result.logs, { after: cursor[0].number, cursor: result.cursor })
    }
    if (result.type !== 'idle') cursor = result.cursor
    return result.type
  }
  const catchUp = async () => {
    while ((await look()) !== 'idle') {}
  }
  const states = async () =>
    Object.fromEntries((await store.getRequests({ after: -1n })).map(({ requestId, state }) => [requestId, state]))
  return { book, store, seen, voted, errors, look, catchUp, states, cursor: () => cursor }
}

describe('ingest', () => {
  test('takes in the requests after the store was made, once, in order', async () => {
    const node = createFakeNode()
    const requests = [newRequest('a'), newRequest('b'), newRequest('c')]
    for (const { job, request } of requests) node.mine(openedLog(job, request))
    const operator = await start({ node })
    await operator.catchUp()
    await operator.catchUp()
    expect(operator.seen).toEqual(requests.map(({ requestId }) => requestId))
    const [first] = requests
    expect(first && (await operator.store.getRequest(first.requestId))).toEqual({
      ...{ requestId: first?.requestId, request: first?.request, job: first?.job },
      ...{ blockNumber: 1n, transactionHash: hashOf('transaction'), state: { status: 'seen' } },
    })
  })

  test('waits until blocks are deep enough', async () => {
    const node = createFakeNode()
    const { job, request, requestId } = newRequest('a')
    node.mine(openedLog(job, request))
    const operator = await start({ node, depth: 2 })
    node.mine()
    await operator.catchUp()
    expect(operator.seen).toEqual([])
    node.mine()
    await operator.catchUp()
    expect(operator.seen).toEqual([requestId])
  })

  test.each([
    'query exceeds max block range',
    'Query returned more than 10000 results',
    'block range is too large',
    'Log response size exceeded',
    'eth_getLogs is limited to a 5 blocks range',
  ])('asks for less when the node says "%s", and for more again', async (rangeError) => {
    const node = createFakeNode()
    node.rangeError = rangeError
    for (let index = 0; index < 200; index++) node.mine()
    const { job, request, requestId } = newRequest('a')
    node.mine(openedLog(job, request))
    node.maxRange = 5n
    const operator = await start({ node })
    await operator.look()
    node.maxRange = 50n
    await operator.catchUp()
    expect(operator.seen).toEqual([requestId])
    const sizes = node.ranges.map(([from, to]) => Number(to - from) + 1)
    expect(sizes[0]).toBeLessThanOrEqual(5)
    expect(Math.max(...sizes)).toBeGreaterThan(5)
    // No block twice, none left out.
    expect(sizes.reduce((sum, size) => sum + size)).toBe(node.blocks.length - 1)
  })

  test('gives up on what is no matter of the range, having lost nothing', async () => {
    const node = createFakeNode()
    const { job, request, requestId } = newRequest('a')
    node.mine(openedLog(job, request))
    const operator = await start({ node })
    node.before = () => {
      throw new Error('connect ECONNREFUSED')
    }
    await expect(operator.look()).rejects.toThrow('ECONNREFUSED')
    node.before = () => {}
    await operator.catchUp()
    expect(operator.seen).toEqual([requestId])
  })

  test('waits for a node that is behind', async () => {
    const node = createFakeNode()
    node.mine()
    const last = node.mine()
    const operator = await start({ node })
    await operator.catchUp()
    node.blocks.pop()
    expect(await operator.look()).toBe('idle')
    expect(operator.cursor()[0]).toEqual({ number: last.number, hash: last.hash })
  })

  test('takes back what a reorg removed, and takes in what it brought', async () => {
    const node = createFakeNode()
    const [stays, goes, comes] = [newRequest('stays'), newRequest('goes'), newRequest('comes')]
    node.mine(openedLog(stays.job, stays.request))
    node.mine()
    node.mine(openedLog(goes.job, goes.request))
    const operator = await start({ node })
    await operator.catchUp()
    const work = operator.book.works.get(goes.requestId)
    node.reorg(2, openedLog(comes.job, comes.request))
    await operator.catchUp()
    expect(Object.keys(await operator.states()).sort()).toEqual([stays.requestId, comes.requestId].sort())
    expect([...operator.book.works.keys()].sort()).toEqual([stays.requestId, comes.requestId].sort())
    expect(work?.controller.signal.aborted).toBe(true)
  })

  test('notices a reorg that the chain has grown past', async () => {
    const node = createFakeNode()
    node.mine()
    node.mine()
    const operator = await start({ node })
    await operator.catchUp()
    const { job, request, requestId } = newRequest('a')
    node.reorg(2, openedLog(job, request))
    node.mine()
    await operator.catchUp()
    expect(operator.seen).toEqual([requestId])
  })

  test.each([1, 2, 3])('notices a reorg at call %i of a look', async (call) => {
    const node = createFakeNode()
    node.mine()
    const operator = await start({ node })
    await operator.catchUp()
    const [goes, comes] = [newRequest('goes'), newRequest('comes')]
    node.mine()
    node.mine(openedLog(goes.job, goes.request))
    let left = call
    node.before = () => {
      if (--left === 0) node.reorg(3, openedLog(comes.job, comes.request))
    }
    await operator.look()
    node.before = () => {}
    node.mine()
    await operator.catchUp()
    expect(Object.keys(await operator.states())).toEqual([comes.requestId])
  })

  test('finds a reorg deeper than it remembers', async () => {
    const node = createFakeNode()
    for (let index = 0; index < 10; index++) node.mine()
    const operator = await start({ node, blockRange: 1n })
    await operator.catchUp()
    for (let index = 0; index < 200; index++) node.mine()
    await operator.catchUp()
    const { job, request, requestId } = newRequest('a')
    node.reorg(205, openedLog(job, request))
    await operator.catchUp()
    expect(operator.seen).toEqual([requestId])
  })

  test('keeps a signed vote when its request moves to another block, and what happened before the fork', async () => {
    const node = createFakeNode()
    const { job, request, requestId } = newRequest('a')
    node.mine(openedLog(job, request))
    const operator = await start({ node })
    await operator.catchUp()
    const work = operator.book.works.get(requestId)
    if (!work) throw new Error('no work')
    const vote = createVote(requestId)
    expect(await operator.book.sign(work, vote)).toBe(true)
    node.reorg(1, openedLog(job, request))
    await operator.catchUp()
    expect(await operator.states()).toEqual({ [requestId]: { status: 'seen' } })
    expect(await operator.store.getAttestation(requestId)).toEqual({
      attestation: vote.attestation,
      signature: vote.signature,
    })
    // What was judged before belongs to a work that is over.
    expect(await operator.book.sign(work, vote)).toBe(false)
  })

  test('finds out that its vote was in a block that is gone, though it was never read', async () => {
    const node = createFakeNode()
    const { job, request, requestId } = newRequest('a')
    node.mine(openedLog(job, request))
    const operator = await start({ node })
    await operator.catchUp()
    const work = operator.book.works.get(requestId)
    if (!work) throw new Error('no work')
    await operator.book.sign(work, createVote(requestId))
    // The receipt was in block 2, which is replaced before it is read.
    await operator.book.advance(work, { type: 'attested', blockNumber: 2n })
    node.mine()
    await operator.catchUp()
    expect((await operator.states())[requestId]).toMatchObject({ status: 'verified' })

    await operator.book.advance(work, { type: 'attested', blockNumber: 3n })
    node.mine(votedLog(requestId, owner.operator))
    await operator.catchUp()
    expect((await operator.states())[requestId]).toMatchObject({ status: 'attested', blockNumber: 3n })
    expect(operator.voted).toEqual([])
  })

  test('ends work on a request that is final, or whose job another request decided', async () => {
    const node = createFakeNode()
    const a = newRequest('a')
    const sibling = newRequest('a', { nonce: 1n })
    const other = newRequest('b')
    node.mine(...[a, sibling, other].map(({ job, request }) => openedLog(job, request)))
    const operator = await start({ node })
    await operator.catchUp()
    const signals = [...operator.book.works.values()].map((work) => work.controller.signal)
    node.mine(decidedLog(a.jobId, a.requestId, 'rejected'))
    await operator.catchUp()
    expect(await operator.states()).toEqual({
      [a.requestId]: expect.objectContaining({ status: 'settled', outcome: 'rejected', votedWithOutcome: false }),
      [sibling.requestId]: expect.objectContaining({ status: 'skipped', reason: 'job-decided' }),
      [other.requestId]: { status: 'seen' },
    })
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, false])
    // Opened and final in one range: never worked on.
    const late = newRequest('late')
    node.mine(openedLog(late.job, late.request))
    node.mine(finalizedLog(late.jobId, late.requestId, 'expired'))
    await operator.catchUp()
    expect((await operator.states())[late.requestId]).toMatchObject({ status: 'settled', outcome: 'expired' })
    expect([...operator.book.works.keys()]).toEqual([other.requestId])
  })

  describe('a vote that somebody sent', () => {
    /** An operator that signed a vote on an open request. */
    async function startSigned(options: Partial<Options> = {}) {
      const node = createFakeNode()
      const asked = newRequest('a')
      node.mine(openedLog(asked.job, asked.request))
      const operator = await start({ node, ...options })
      await operator.catchUp()
      const work = operator.book.works.get(asked.requestId)
      if (!work) throw new Error('no work')
      await operator.book.sign(work, createVote(asked.requestId))
      const state = async () => (await operator.states())[asked.requestId]
      return { node, operator, work, state, ...asked }
    }

    test('counts by its event, until a reorg', async () => {
      const { node, operator, state, job, request, requestId } = await startSigned()
      node.mine(votedLog(requestId, owner.avs))
      await operator.catchUp()
      expect(await state()).toMatchObject({ status: 'verified' })
      node.mine(...inTransaction('vote', votedLog(requestId, owner.operator)))
      await operator.catchUp()
      expect(await state()).toMatchObject({ status: 'attested', blockNumber: 3n })
      expect(operator.voted).toEqual([[requestId, hashOf('vote')]])
      node.reorg(1)
      await operator.catchUp()
      expect(await state()).toMatchObject({ status: 'verified' })
      // The request and the vote, in another block: what was signed is known by the store alone.
      node.reorg(3, openedLog(job, request))
      node.mine(...inTransaction('again', votedLog(requestId, owner.operator)))
      await operator.catchUp()
      expect(await state()).toMatchObject({ status: 'attested', vote: createVote(requestId) })
    })

    test('counts when the operator had given it up', async () => {
      const { node, operator, work, state, jobId, requestId } = await startSigned()
      await operator.book.advance(work, { type: 'skipped', reason: 'deadline', blockNumber: 1n })
      node.mine(votedLog(requestId, owner.operator))
      await operator.catchUp()
      expect(await state()).toMatchObject({ status: 'attested' })
      node.mine(finalizedLog(jobId, requestId, 'verified'))
      await operator.catchUp()
      expect(await state()).toMatchObject({ status: 'settled', votedWithOutcome: true, areFeesClaimed: false })
    })

    test.each([
      // The vote of the very call that decided, which left no bit.
      { together: true, hasBit: false, isPaid: true },
      // An earlier call of the same transaction left one.
      { together: true, hasBit: true, isPaid: false },
      { together: false, hasBit: true, isPaid: false },
      { together: false, hasBit: false, isPaid: false },
    ])('is known to be paid if it was: %o', async ({ together, hasBit, isPaid }) => {
      const readStanding = async () => ({ ...(await nothingVoted()), hasVoted: hasBit })
      const { node, operator, state, jobId, requestId } = await startSigned({ readStanding })
      const vote = votedLog(requestId, owner.operator)
      const decided = decidedLog(jobId, requestId, 'verified')
      if (together) node.mine(...inTransaction('all', vote, decided))
      else node.mine(...inTransaction('first', vote), ...inTransaction('second', decided))
      await operator.catchUp()
      expect(await state()).toMatchObject({ status: 'settled', votedWithOutcome: true, areFeesClaimed: isPaid })
      expect(await operator.store.getRequests('unclaimed')).toHaveLength(isPaid ? 0 : 1)
    })

    test('still counts when the chain drops what came after it', async () => {
      const { node, operator, state, jobId, requestId } = await startSigned()
      node.mine(votedLog(requestId, owner.operator))
      node.mine(finalizedLog(jobId, requestId, 'verified'))
      await operator.catchUp()
      expect(await state()).toMatchObject({ status: 'settled', votedWithOutcome: true })
      node.reorg(1)
      await operator.catchUp()
      expect(await state()).toMatchObject({ status: 'attested', blockNumber: 2n })
      node.mine(finalizedLog(jobId, requestId, 'rejected'))
      await operator.catchUp()
      expect(await state()).toMatchObject({ status: 'settled', outcome: 'rejected', votedWithOutcome: false })
    })

    test('does not count when the request became final without it', async () => {
      const { node, operator, state, jobId, requestId } = await startSigned()
      node.mine(votedLog(requestId, owner.avs), finalizedLog(jobId, requestId, 'verified'))
      await operator.catchUp()
      expect(await state()).toMatchObject({ status: 'settled', votedWithOutcome: false })
    })
  })

  describe('a certificate', () => {
    const settle = ({ job, request, jobId, requestId }: ReturnType<typeof newRequest>) =>
      inTransaction(
        'settled',
        openedLog(job, request),
        votedLog(requestId, owner.operator),
        decidedLog(jobId, requestId, 'verified'),
      )
    const signedRecord = ({ job, request, requestId }: ReturnType<typeof newRequest>): RequestRecord => ({
      ...{ requestId, request, job, blockNumber: null, transactionHash: null },
      signed: { requesterSignature: '0x1234' },
      state: { status: 'seen' },
    })

    test('of a request that was never seen is no work', async () => {
      const node = createFakeNode()
      const unseen = newRequest('a')
      const operator = await start({ node, readStanding: () => Promise.reject(new Error('asked')) })
      node.mine(...settle(unseen))
      await operator.catchUp()
      expect(await operator.states()).toEqual({
        [unseen.requestId]: expect.objectContaining({ status: 'settled', votedWithOutcome: false }),
      })
      expect([...operator.book.works.keys()]).toEqual([])
    })

    test('settles a signed request, until a reorg, whose credit comes back', async () => {
      const node = createFakeNode()
      const asked = newRequest('a')
      const { requestId, request } = asked
      const store = memoryOperatorStore()
      const operator = await start({ node, store, readStanding: () => Promise.reject(new Error('asked')) })
      const work = await operator.book.admit(signedRecord(asked), () => true)
      if (typeof work === 'string') throw new Error(work)
      expect(operator.seen).toEqual([requestId])
      expect(await operator.book.admit(signedRecord(asked), () => true)).toBe('known')
      expect(await operator.book.admit(signedRecord(newRequest('b')), () => false)).toBe('refused')
      const cost = request.reward + request.verificationFee
      expect(operator.book.getCredit(request)).toBe(cost)
      expect(operator.book.getCredit({ ...request, asset: owner.avs })).toBe(0n)
      expect(operator.book.getCredit({ ...request, requester: owner.avs })).toBe(0n)
      await operator.book.sign(work, createVote(requestId))
      await operator.book.advance(work, { type: 'revealed' })

      node.mine(...settle(asked))
      await operator.catchUp()
      const settled = { status: 'settled', votedWithOutcome: true, areFeesClaimed: true }
      expect(await store.getRequest(requestId)).toMatchObject({
        ...{ blockNumber: 1n, transactionHash: hashOf('settled'), signed: { requesterSignature: '0x1234' } },
        state: settled,
      })
      expect(operator.voted).toEqual([[requestId, hashOf('settled')]])
      expect(operator.book.getCredit(request)).toBe(0n)
      expect(work.controller.signal.aborted).toBe(true)

      node.reorg(1)
      await operator.catchUp()
      expect(await store.getRequest(requestId)).toMatchObject({
        ...{ blockNumber: null, transactionHash: null, signed: { requesterSignature: '0x1234' } },
        state: { status: 'verified', vote: createVote(requestId) },
      })
      expect(operator.book.getCredit(request)).toBe(cost)
      // It is still there after a restart, and settles when it comes again.
      await store.close()
      const again = await start({ node, store })
      expect(again.book.getCredit(request)).toBe(cost)
      node.mine(...settle(asked))
      await again.catchUp()
      expect(await again.states()).toEqual({ [requestId]: expect.objectContaining(settled) })
    })

    test('is not needed where the requester opens the request itself', async () => {
      const node = createFakeNode()
      const asked = newRequest('a')
      const operator = await start({ node })
      const work = await operator.book.admit(signedRecord(asked), () => true)
      if (typeof work === 'string') throw new Error(work)
      node.mine(openedLog(asked.job, asked.request))
      await operator.catchUp()
      // The work goes on as it was, and is no credit any more.
      expect(operator.book.works.get(asked.requestId)).toBe(work)
      expect(work.record).toMatchObject({ blockNumber: 1n, state: { status: 'seen' } })
      expect(operator.book.getCredit(asked.request)).toBe(0n)
      node.reorg(1)
      await operator.catchUp()
      expect(operator.book.works.get(asked.requestId)?.record.blockNumber).toBeNull()
      expect(operator.book.getCredit(asked.request)).toBeGreaterThan(0n)
      expect(operator.seen).toEqual([asked.requestId])
    })
  })

  test('ignores a request or a job that is not what its id says', async () => {
    const node = createFakeNode()
    const [a, b] = [newRequest('a'), newRequest('b')]
    node.mine(openedLog(a.job, a.request, { requestId: b.requestId }), openedLog(b.job, a.request))
    const operator = await start({ node })
    await operator.catchUp()
    expect(operator.errors).toEqual([
      expect.objectContaining({ name: 'ForgedEventError', expected: b.requestId, actual: a.requestId }),
      expect.objectContaining({ name: 'ForgedEventError', expected: a.jobId, actual: b.jobId }),
    ])
    expect(await operator.states()).toEqual({})
    node.mine(openedLog(b.job, b.request))
    await operator.catchUp()
    expect(Object.keys(await operator.states())).toEqual([b.requestId])
  })
})

/** What can happen to a chain, its node and an operator that reads it. */
type Step =
  | { type: 'mine'; requests: number; empty: number }
  | { type: 'reorg'; depth: number; requests: number; empty: number }
  /** The node fails at the n-th call of the next look, or replaces the chain at it. */
  | { type: 'failAt' | 'reorgAt'; call: number }
  | { type: 'look' }
  /** The process ends at whatever point it is, and another one goes on with its store. */
  | { type: 'restart' }
  | { type: 'maxRange'; blocks: number }

const small = fc.integer({ min: 1, max: 4 })
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ type: fc.constant('mine' as const), requests: fc.nat(3), empty: fc.nat(6) }),
  fc.record({ type: fc.constant('reorg' as const), depth: small, requests: fc.nat(2), empty: fc.nat(3) }),
  fc.record({ type: fc.constantFrom('failAt' as const, 'reorgAt' as const), call: fc.integer({ min: 1, max: 6 }) }),
  fc.constant({ type: 'look' } as const),
  fc.constant({ type: 'look' } as const),
  fc.constant({ type: 'restart' } as const),
  fc.record({ type: fc.constant('maxRange' as const), blocks: small }),
)

test('whatever happens, the store ends up with exactly the requests of the chain', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.nat(2), async (steps, depth) => {
      const node = createFakeNode()
      const store = memoryOperatorStore()
      let made = 0
      const openSome = (count: number) =>
        Array.from({ length: count }, () => {
          const { job, request } = newRequest(`request ${made++}`)
          return openedLog(job, request)
        })
      const reorg = (depth: number, requests: number) => {
        // The block that the store was made at stays.
        const most = Math.min(depth, node.blocks.length - 1)
        if (most > 0) node.reorg(most, ...openSome(requests))
      }
      const run = () => start({ node, store, depth, blockRange: 5n })
      let operator = await run()
      for (const each of steps) {
        if (each.type === 'mine') {
          node.mine(...openSome(each.requests))
          for (let index = 0; index < each.empty; index++) node.mine()
        } else if (each.type === 'reorg') {
          reorg(each.depth, each.requests)
          for (let index = 0; index < each.empty; index++) node.mine()
        } else if (each.type === 'maxRange') {
          node.maxRange = BigInt(each.blocks)
        } else if (each.type === 'look') {
          await operator.look().catch(() => {})
          node.before = () => {}
        } else if (each.type === 'restart') {
          node.before = () => {}
          await store.close()
          operator = await run()
        } else {
          let left = each.call
          node.before = () => {
            if (--left !== 0) return
            if (each.type === 'failAt') throw new Error('the node went away')
            reorg(2, 1)
          }
        }
      }
      node.before = () => {}
      const end = node.blocks.length
      for (let index = 0; index < depth; index++) node.mine()
      await operator.catchUp()
      const inChain = node.blocks.slice(0, end).flatMap(({ logs }) => logs.map(({ requestId }) => requestId))
      expect(Object.keys(await operator.states()).sort()).toEqual(inChain.sort())
      expect([...operator.book.works.keys()].sort()).toEqual(inChain)
      await store.close()
    }),
    { numRuns: 200, seed: 1 },
  )
})
