import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createRecord, createVote, hashOf, owner } from '../../test/fixtures.ts'
import { directoryStore } from './directoryStore.ts'
import type { RequestState, SignedVote } from './machine.ts'
import { memoryOperatorStore } from './memoryOperatorStore.ts'
import type { Cursor, OperatorStore, RequestRecord } from './store.ts'

const created = { secret: hashOf('secret'), blockNumber: 7n, timepoint: 7 }
const create = async () => created
const cursor: Cursor = [
  { number: 2n ** 60n, hash: hashOf('b') },
  { number: 8n, hash: hashOf('a') },
]

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'operator-store-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

/** A function that gives the store as a process would find it, again and again. */
const stores: [name: string, make: () => () => OperatorStore][] = [
  [
    'memoryOperatorStore',
    () => {
      const store = memoryOperatorStore()
      return () => store
    },
  ],
  ['directoryStore', () => () => directoryStore(join(directory, 'state'))],
]

const signed = ({ attestation, signature }: SignedVote) => ({ attestation, signature })
const verified = (record: RequestRecord, vote = createVote(record.requestId)) => ({
  ...record,
  state: { status: 'verified', vote } as const,
})

describe.each(stores)('%s', (_, make) => {
  let reopen: () => Promise<OperatorStore>
  let store: OperatorStore
  beforeEach(async () => {
    const find = make()
    reopen = async () => {
      await store?.close()
      store = find()
      await store.open(owner, create)
      return store
    }
    store = find()
    await store.open(owner, create)
  })
  afterEach(() => store.close())

  test('is made once', async () => {
    await store.close()
    const again = vi.fn(create)
    expect(await (await reopen()).getCursor()).toBeUndefined()
    await store.close()
    expect(await store.open(owner, again)).toEqual({ owner, ...created })
    expect(again).not.toHaveBeenCalled()
  })

  test('is not made if its block cannot be read', async () => {
    const other = make()()
    await store.close()
    await rm(directory, { recursive: true })
    await expect(other.open(owner, () => Promise.reject(new Error('no node')))).rejects.toThrow('no node')
    expect(await other.open(owner, async () => ({ ...created, timepoint: 9 }))).toMatchObject({ timepoint: 9 })
    await other.close()
  })

  test("is one operator's, on one deployment", async () => {
    await store.close()
    for (const change of [{ chainId: 1 }, { avs: owner.operator }, { operator: owner.avs }]) {
      await expect(store.open({ ...owner, ...change }, create)).rejects.toMatchObject({ name: 'StoreMismatchError' })
    }
    const sameInLowerCase = { ...owner, operator: owner.operator.toLowerCase() as `0x${string}` }
    await store.open(sameInLowerCase, create)
  })

  test('is open once at a time', async () => {
    await expect(store.open(owner, create)).rejects.toMatchObject({ name: 'StoreLockedError' })
    await store.write({ cursor })
    expect(await store.getCursor()).toEqual(cursor)
  })

  test('refuses all use while it is closed', async () => {
    await store.close()
    await store.close()
    const record = createRecord('a')
    const uses = [
      () => store.getCursor(),
      () => store.getRequest(record.requestId),
      () => store.getRequests('open'),
      () => store.write({ cursor }),
      () => store.getAttestation(record.requestId),
      () => store.putAttestation(signed(createVote(record.requestId)), record),
    ]
    for (const use of uses) await expect(use()).rejects.toMatchObject({ name: 'StoreNotOpenError' })
  })

  test('keeps every state of a request, field by field', async () => {
    const { requestId } = createRecord('a')
    const vote = createVote(requestId)
    const states: RequestState[] = [
      { status: 'seen' },
      { status: 'fetched' },
      { status: 'verified', vote },
      { status: 'committed', vote, blockNumber: 2n ** 60n },
      { status: 'committed', vote, blockNumber: 11n, outcome: { status: 'rejected', blockNumber: 12n } },
      { status: 'revealed', vote },
      { status: 'attested', vote, blockNumber: 11n },
      { status: 'settled', outcome: 'expired', votedWithOutcome: false, areFeesClaimed: false, blockNumber: 12n },
      { status: 'settled', outcome: 'verified', votedWithOutcome: true, areFeesClaimed: true, vote, blockNumber: 12n },
      {
        ...{ status: 'settled', outcome: 'rejected', votedWithOutcome: false, areFeesClaimed: false },
        ...{ vote, votedAt: 11n, blockNumber: 12n },
      },
      { status: 'skipped', reason: 'runner-unavailable', blockNumber: 12n },
      { status: 'skipped', reason: 'deadline', details: '"quoted"', vote, blockNumber: 12n },
    ]
    for (const [index, state] of states.entries()) {
      const record = createRecord(`request ${index}`, { state })
      await store.write({ put: [record] })
      expect(await store.getRequest(record.requestId)).toEqual(record)
    }
    await reopen()
    expect((await store.getRequests({ after: 0n })).map(({ state }) => state)).toEqual(expect.arrayContaining(states))
  })

  test('keeps a request that its requester signed, before and after the chain has it', async () => {
    const opening = createRecord('a')
    const unopened = { ...opening, blockNumber: null, transactionHash: null }
    const consented = { requesterSignature: hashOf('signature'), consent: hashOf('consent') }
    for (const record of [
      { ...unopened, signed: { requesterSignature: hashOf('signature') } },
      { ...unopened, signed: consented },
      { ...opening, signed: consented },
    ]) {
      await store.write({ put: [record] })
      await reopen()
      expect(await store.getRequest(record.requestId)).toEqual(record)
      expect(await store.getRequests('open')).toEqual([record])
    }
    // What the chain has not seen goes with no block.
    await store.write({ put: [{ ...unopened, signed: consented }] })
    expect(await store.getRequests({ after: 0n })).toEqual([])
  })

  test('finds requests that are open, that have a fee to claim, and that changed after a block', async () => {
    const vote = createVote(hashOf('any'))
    const settled = { status: 'settled', outcome: 'verified', votedWithOutcome: true, vote, blockNumber: 30n } as const
    const a = createRecord('a', { blockNumber: 9n })
    const b = createRecord('b', { blockNumber: 10n, state: { ...settled, areFeesClaimed: false } })
    const c = createRecord('c', { blockNumber: 100n, state: { ...settled, areFeesClaimed: true } })
    await store.write({ cursor, put: [a, b, c] })
    expect(await store.getRequests('open')).toEqual([a])
    expect(await store.getRequests('unclaimed')).toEqual([b])
    const idsAfter = async (after: bigint) => (await store.getRequests({ after })).map(({ requestId }) => requestId)
    expect(await idsAfter(8n)).toEqual([a, b, c].map(({ requestId }) => requestId))
    expect(await idsAfter(29n)).toEqual([b, c].map(({ requestId }) => requestId))
    expect(await idsAfter(30n)).toEqual([c.requestId])
    expect(await idsAfter(100n)).toEqual([])

    const skipped = { ...a, state: { status: 'skipped', reason: 'deadline', blockNumber: 40n } } as const
    await store.write({ put: [skipped, { ...b, state: { ...settled, areFeesClaimed: true } }], remove: [c.requestId] })
    await reopen()
    expect(await store.getRequests('open')).toEqual([])
    expect(await store.getRequests('unclaimed')).toEqual([])
    expect(await idsAfter(8n)).toEqual([b.requestId, a.requestId])
    expect(await store.getRequest(c.requestId)).toBeUndefined()
  })

  test('refuses another attestation for a request, for good', async () => {
    const record = createRecord('a')
    const { requestId } = record
    const vote = createVote(requestId)
    await store.putAttestation(signed(vote), verified(record))
    expect(await store.getRequest(requestId)).toEqual(verified(record))

    const others = [
      { isValid: false },
      { confidence: 1 },
      { evidenceDigest: hashOf('x') },
      { method: hashOf('x') },
      { operator: owner.avs },
    ]
    const refuseOthers = async () => {
      for (const change of others) {
        const other = createVote(requestId, change)
        const putting = store.putAttestation(signed(other), verified(record, other))
        await expect(putting).rejects.toMatchObject({ name: 'EquivocationRefusedError', requestId })
      }
      expect(await store.getAttestation(requestId)).toEqual(signed(vote))
    }
    await refuseOthers()
    expect(await store.getRequest(requestId)).toEqual(verified(record))
    await reopen()
    await refuseOthers()
    await store.write({ remove: [requestId] })
    await refuseOthers()
  })

  test('keeps the first signature of an attestation', async () => {
    const record = createRecord('a')
    const vote = createVote(record.requestId)
    await store.putAttestation(signed(vote), verified(record))
    await store.putAttestation({ ...signed(vote), signature: '0x5678' }, verified(record))
    expect(await store.getAttestation(record.requestId)).toEqual(signed(vote))
  })

  test('keeps the evidence of an attestation for good', async () => {
    const record = createRecord('a')
    const vote = createVote(record.requestId)
    const withEvidence = { ...signed(vote), evidence: '0xa101' } as const
    await store.putAttestation(withEvidence, verified(record))
    await store.putAttestation(signed(vote), verified(record))
    await store.putAttestation({ ...withEvidence, evidence: '0xa102' }, verified(record))
    await reopen()
    expect(await store.getAttestation(record.requestId)).toEqual(withEvidence)
  })

  test('lets only one of two racing attestations in', async () => {
    const record = createRecord('a')
    const put = (isValid: boolean) => {
      const vote = createVote(record.requestId, { isValid })
      return store.putAttestation(signed(vote), verified(record, vote))
    }
    const results = await Promise.allSettled([put(true), put(false)])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  })

  test('writes in the order of the calls', async () => {
    const record = createRecord('a')
    const writes = [
      store.write({ put: [record] }),
      store.write({ remove: [record.requestId] }),
      store.write({ put: [{ ...record, blockNumber: 11n }] }),
    ]
    await Promise.all(writes)
    expect(await store.getRequests({ after: 0n })).toEqual([{ ...record, blockNumber: 11n }])
  })
})

describe('directoryStore', () => {
  test('is readable by its owner only', async () => {
    const path = join(directory, 'deep', 'state')
    const store = directoryStore(path)
    await store.open(owner, create)
    expect((await stat(path)).mode & 0o077).toBe(0)
    await store.close()
  })

  test('survives a killed process, and is locked until then', async () => {
    const path = join(directory, 'state')
    const script = fileURLToPath(new URL('../../test/holdStore.ts', import.meta.url))
    const child = spawn(process.execPath, ['--import', 'tsx', script, path], { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      const [line] = await once(child.stdout, 'data')
      expect(String(line)).toBe('stored\n')
      await expect(directoryStore(path).open(owner, create)).rejects.toMatchObject({ name: 'StoreLockedError', path })
    } finally {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    const store = directoryStore(path)
    expect(await store.open(owner, create)).toEqual({ owner, ...created })
    const record = createRecord('a')
    expect(await store.getRequest(record.requestId)).toEqual(verified(record))
    expect(await store.getAttestation(record.requestId)).toEqual(signed(createVote(record.requestId)))
    await store.close()
  })

  test('names a damaged entry without showing it', async () => {
    const path = join(directory, 'state')
    const { ClassicLevel } = await import('classic-level')
    const level = new ClassicLevel(path)
    await level.put(
      'origin',
      JSON.stringify({ format: 1, owner, secret: 'not a secret any more', blockNumber: '7', timepoint: 7 }),
    )
    await level.close()
    const opening = directoryStore(path).open(owner, create)
    await expect(opening).rejects.toMatchObject({ name: 'StoreCorruptedError', key: 'origin' })
    await expect(opening).rejects.not.toThrow('not a secret')
  })
})
