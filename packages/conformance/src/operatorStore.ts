import { hashJob, hashRequest, type Job, type Request } from '@proof-of-inference/sdk'
import type {
  Cursor,
  OperatorStore,
  RequestRecord,
  RequestState,
  SignedVote,
  StoreOrigin,
} from '@proof-of-inference/sdk/operator'
import { type Address, getAddress, type Hex, keccak256, toHex } from 'viem'
import { expect } from 'vitest'
import { type Check, register, rejectionOf } from './suite.ts'

/** Where a store is kept: a directory, a database. */
export type OperatorStorePlace = {
  /** The store that is kept there, closed, as a process would find it. */
  find(): OperatorStore
  /** Removes all that is there. */
  dispose?(): Promise<void>
}

/** The store to test. */
export type OperatorStoreConformanceParameters = {
  /** Names the store in the report. */
  readonly name: string
  /** A new and empty place; called for every check. */
  create(): OperatorStorePlace | Promise<OperatorStorePlace>
}

/**
 * Tests that an operator store does what `OperatorStore` says: it is made once, for one operator, open once at a time;
 * keeps every state of a request; never takes a second verdict. For vitest: call it in a test file.
 *
 * @example
 * operatorStoreConformance({
 *   name: 'postgresStore',
 *   async create() {
 *     const schema = await createSchema()
 *     return { find: () => postgresStore({ pool, schema }), dispose: () => dropSchema(schema) }
 *   },
 * })
 */
export function operatorStoreConformance(parameters: OperatorStoreConformanceParameters): void {
  register(`${parameters.name} conforms to OperatorStore`, operatorStoreChecks(parameters))
}

const hashOf = (name: string): Hex => keccak256(toHex(name))
const addressOf = (name: string): Address => getAddress(`0x${hashOf(name).slice(-40)}`)
const owner: StoreOrigin['owner'] = {
  chainId: 31_337,
  avs: addressOf('avs'),
  operator: '0xa0Ee7A142d267C1f36714E4a8F75612F20a79720',
}
const created = { secret: hashOf('secret'), blockNumber: 7n, timepoint: 7 }
const make = async () => created
const cursor: Cursor = [
  { number: 2n ** 60n, hash: hashOf('b') },
  { number: 8n, hash: hashOf('a') },
]

function recordOf(name: string, changes: Partial<RequestRecord> = {}): RequestRecord {
  const job: Job = {
    modelVersionId: hashOf('version'),
    inputDigest: hashOf('input'),
    outputDigest: hashOf('output'),
    hasAgent: true,
    agentId: 2n ** 255n,
    payee: addressOf('payee'),
    quorumBps: 6667,
    minAttestations: 1,
    minConfidence: 9000,
    salt: hashOf(name),
  }
  const deployment = { chainId: owner.chainId, avs: owner.avs }
  const request: Request = {
    jobId: hashJob({ deployment, job }),
    requester: addressOf('requester'),
    asset: addressOf('asset'),
    reward: 2n ** 100n,
    verificationFee: 1000n,
    deadline: 2_000_000_000,
    referenceTimepoint: 1,
    commitWindow: 0,
    nonce: 0n,
  }
  return {
    requestId: hashRequest({ deployment, request }),
    request,
    job,
    blockNumber: 10n,
    transactionHash: hashOf('transaction'),
    state: { status: 'seen' },
    ...changes,
  }
}

function voteOn(requestId: Hex, changes: Partial<SignedVote['attestation']> = {}): SignedVote {
  const attestation = {
    ...{ requestId, operator: owner.operator, isValid: true, confidence: 9900 },
    ...{ method: hashOf('method'), evidenceDigest: hashOf('evidence'), ...changes },
  }
  return { attestation, signature: '0x1234', side: attestation.isValid ? 'verified' : 'rejected' }
}

const signed = ({ attestation, signature }: SignedVote) => ({ attestation, signature })
const verified = (record: RequestRecord, vote = voteOn(record.requestId)): RequestRecord => ({
  ...record,
  state: { status: 'verified', vote },
})

export function operatorStoreChecks({ create }: Pick<OperatorStoreConformanceParameters, 'create'>): Check[] {
  type Opened = { store: OperatorStore; reopen(): Promise<OperatorStore>; place: OperatorStorePlace }

  /** A check that is given an open store. */
  const check = (name: string, body: (opened: Opened) => Promise<void>): Check => ({
    name,
    async run() {
      const place = await create()
      let store = place.find()
      try {
        await store.open(owner, make)
        const reopen = async () => {
          await store.close()
          store = place.find()
          await store.open(owner, make)
          return store
        }
        await body({ store, reopen, place })
      } finally {
        await store.close()
        await place.dispose?.()
      }
    },
  })

  return [
    {
      name: 'is not made if its block cannot be read',
      async run() {
        const place = await create()
        const store = place.find()
        try {
          await expect(store.open(owner, () => Promise.reject(new Error('no node')))).rejects.toThrow('no node')
          const origin = await store.open(owner, async () => ({ ...created, timepoint: 9 }))
          expect(origin).toEqual({ owner, ...created, timepoint: 9 })
        } finally {
          await store.close()
          await place.dispose?.()
        }
      },
    },
    check('is made once', async ({ store }) => {
      expect(await store.getCursor()).toBeUndefined()
      await store.close()
      const again = () => Promise.reject(new Error('it was made again'))
      expect(await store.open(owner, again)).toEqual({ owner, ...created })
    }),
    check("is one operator's, on one deployment", async ({ store }) => {
      await store.close()
      for (const change of [{ chainId: 1 }, { avs: owner.operator }, { operator: owner.avs }]) {
        const error = await rejectionOf(store.open({ ...owner, ...change }, make), "it opened for another's owner")
        expect(error).toMatchObject({ name: 'StoreMismatchError' })
      }
      await store.open({ ...owner, operator: owner.operator.toLowerCase() as Address }, make)
    }),
    check('is open once at a time', async ({ store, place }) => {
      await expect(store.open(owner, make)).rejects.toMatchObject({ name: 'StoreLockedError' })
      await expect(place.find().open(owner, make)).rejects.toMatchObject({ name: 'StoreLockedError' })
      await store.write({ cursor })
      expect(await store.getCursor()).toEqual(cursor)
    }),
    check('refuses all use while it is closed', async ({ store }) => {
      await store.close()
      await store.close()
      const record = recordOf('a')
      const uses = [
        () => store.getCursor(),
        () => store.getRequest(record.requestId),
        () => store.getRequests('open'),
        () => store.write({ cursor }),
        () => store.getAttestation(record.requestId),
        () => store.putAttestation(signed(voteOn(record.requestId)), record),
      ]
      for (const use of uses) await expect(use()).rejects.toMatchObject({ name: 'StoreNotOpenError' })
    }),
    check('keeps the cursor', async ({ store, reopen }) => {
      await store.write({ cursor })
      expect(await (await reopen()).getCursor()).toEqual(cursor)
    }),
    check('keeps every state of a request, field by field', async ({ store, reopen }) => {
      const vote = voteOn(hashOf('any'))
      const states: RequestState[] = [
        { status: 'seen' },
        { status: 'fetched' },
        { status: 'verified', vote },
        { status: 'committed', vote, blockNumber: 2n ** 60n },
        { status: 'committed', vote, blockNumber: 11n, outcome: { status: 'rejected', blockNumber: 12n } },
        { status: 'revealed', vote },
        { status: 'attested', vote, blockNumber: 11n },
        { status: 'settled', outcome: 'expired', votedWithOutcome: false, areFeesClaimed: false, blockNumber: 12n },
        {
          ...{ status: 'settled', outcome: 'verified', votedWithOutcome: true, areFeesClaimed: true },
          ...{ vote, blockNumber: 12n },
        },
        {
          ...{ status: 'settled', outcome: 'rejected', votedWithOutcome: false, areFeesClaimed: false },
          ...{ vote, votedAt: 11n, blockNumber: 12n },
        },
        { status: 'skipped', reason: 'runner-unavailable', blockNumber: 12n },
        { status: 'skipped', reason: 'deadline', details: '"quoted"', vote, blockNumber: 12n },
      ]
      for (const [index, state] of states.entries()) {
        const record = recordOf(`request ${index}`, { state })
        await store.write({ put: [record] })
        expect(await store.getRequest(record.requestId)).toEqual(record)
      }
      const found = await (await reopen()).getRequests({ after: 0n })
      expect(found).toHaveLength(states.length)
      expect(found.map(({ state }) => state)).toEqual(expect.arrayContaining(states))
    }),
    check('keeps a request that its requester signed, before and after the chain has it', async ({ reopen }) => {
      let store = await reopen()
      const opening = recordOf('a')
      const unopened = { ...opening, blockNumber: null, transactionHash: null }
      const consented = { requesterSignature: hashOf('signature'), consent: hashOf('consent') }
      for (const record of [
        { ...unopened, signed: { requesterSignature: hashOf('signature') } },
        { ...unopened, signed: consented },
        { ...opening, signed: consented },
      ]) {
        await store.write({ put: [record] })
        store = await reopen()
        expect(await store.getRequest(record.requestId)).toEqual(record)
        expect(await store.getRequests('open')).toEqual([record])
      }
      // What the chain has not seen goes with no block.
      await store.write({ put: [{ ...unopened, signed: consented }] })
      expect(await store.getRequests({ after: 0n })).toEqual([])
    }),
    check('finds requests that are open, unclaimed, and changed after a block', async ({ store, reopen }) => {
      const vote = voteOn(hashOf('any'))
      const settled = {
        status: 'settled',
        outcome: 'verified',
        votedWithOutcome: true,
        vote,
        blockNumber: 30n,
      } as const
      const a = recordOf('a', { blockNumber: 9n })
      const b = recordOf('b', { blockNumber: 10n, state: { ...settled, areFeesClaimed: false } })
      const c = recordOf('c', { blockNumber: 100n, state: { ...settled, areFeesClaimed: true } })
      await store.write({ cursor, put: [a, b, c] })
      expect(await store.getRequests('open')).toEqual([a])
      expect(await store.getRequests('unclaimed')).toEqual([b])
      const idsAfter = async (after: bigint) => (await store.getRequests({ after })).map(({ requestId }) => requestId)
      expect(await idsAfter(8n)).toEqual([a, b, c].map(({ requestId }) => requestId))
      expect(await idsAfter(29n)).toEqual([b, c].map(({ requestId }) => requestId))
      expect(await idsAfter(30n)).toEqual([c.requestId])
      expect(await idsAfter(100n)).toEqual([])

      const skipped = { ...a, state: { status: 'skipped', reason: 'deadline', blockNumber: 40n } } as const
      const claimed = { ...b, state: { ...settled, areFeesClaimed: true } }
      await store.write({ put: [skipped, claimed], remove: [c.requestId] })
      const again = await reopen()
      expect(await again.getRequests('open')).toEqual([])
      expect(await again.getRequests('unclaimed')).toEqual([])
      expect((await again.getRequests({ after: 8n })).map(({ requestId }) => requestId)).toEqual([
        b.requestId,
        a.requestId,
      ])
      expect(await again.getRequest(c.requestId)).toBeUndefined()
    }),
    check('refuses another attestation for a request, for good', async ({ store, reopen }) => {
      const record = recordOf('a')
      const { requestId } = record
      const vote = voteOn(requestId)
      await store.putAttestation(signed(vote), verified(record))
      expect(await store.getRequest(requestId)).toEqual(verified(record))

      const others = [
        { isValid: false },
        { confidence: 1 },
        { evidenceDigest: hashOf('x') },
        { method: hashOf('x') },
        { operator: owner.avs },
      ]
      const refuseOthers = async (current: OperatorStore) => {
        for (const change of others) {
          const other = voteOn(requestId, change)
          const putting = current.putAttestation(signed(other), verified(record, other))
          const error = await rejectionOf(putting, `it took a second attestation, with ${Object.keys(change)} changed`)
          expect(error).toMatchObject({ name: 'EquivocationRefusedError', requestId })
        }
        expect(await current.getAttestation(requestId)).toEqual(signed(vote))
      }
      await refuseOthers(store)
      expect(await store.getRequest(requestId)).toEqual(verified(record))
      const again = await reopen()
      await refuseOthers(again)
      await again.write({ remove: [requestId] })
      await refuseOthers(again)
    }),
    check('keeps the first signature of an attestation', async ({ store }) => {
      const record = recordOf('a')
      const vote = voteOn(record.requestId)
      await store.putAttestation(signed(vote), verified(record))
      await store.putAttestation({ ...signed(vote), signature: '0x5678' }, verified(record))
      expect(await store.getAttestation(record.requestId)).toEqual(signed(vote))
    }),
    check('keeps the evidence of an attestation for good', async ({ store, reopen }) => {
      const record = recordOf('a')
      const vote = voteOn(record.requestId)
      const withEvidence = { ...signed(vote), evidence: '0xa101' } as const
      await store.putAttestation(withEvidence, verified(record))
      await store.putAttestation(signed(vote), verified(record))
      await store.putAttestation({ ...withEvidence, evidence: '0xa102' }, verified(record))
      const again = await reopen()
      expect(await again.getAttestation(record.requestId)).toEqual(withEvidence)
    }),
    check('lets only one of two racing attestations in', async ({ store }) => {
      const record = recordOf('a')
      const put = (isValid: boolean) => {
        const vote = voteOn(record.requestId, { isValid })
        return store.putAttestation(signed(vote), verified(record, vote))
      }
      const results = await Promise.allSettled([put(true), put(false)])
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    }),
    check('writes in the order of the calls', async ({ store }) => {
      const record = recordOf('a')
      await Promise.all([
        store.write({ put: [record] }),
        store.write({ remove: [record.requestId] }),
        store.write({ put: [{ ...record, blockNumber: 11n }] }),
      ])
      expect(await store.getRequests({ after: 0n })).toEqual([{ ...record, blockNumber: 11n }])
    }),
  ]
}
