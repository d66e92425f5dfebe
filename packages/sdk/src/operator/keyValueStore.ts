import type { Hex } from 'viem'
import { EquivocationRefusedError, StoreMismatchError, StoreNotOpenError, type StoreOwner } from '../errors/operator.ts'
import type { Attestation } from '../utils/typedData.ts'
import { attestationCodec, cursorCodec, originCodec, requestRecordCodec } from './codec.ts'
import { isTerminal } from './machine.ts'
import type { OperatorStore, RequestRecord } from './store.ts'

export type Operation = { type: 'put'; key: string; value: string } | { type: 'del'; key: string }

/** An open database of texts by key. */
export type KeyValueDatabase = {
  get(key: string): Promise<string | undefined>
  /** Keys from `gte` on and before `lt`, in order. */
  keys(range: { gte: string; lt: string }): Promise<string[]>
  /** Does all operations or none. With `sync`, they survive a power failure once this resolves. */
  batch(operations: Operation[], options: { sync: boolean }): Promise<void>
  close(): Promise<void>
}

const originKey = 'origin'
const cursorKey = 'cursor'
const requestKey = (requestId: Hex) => `request/${requestId.toLowerCase()}`
const attestationKey = (requestId: Hex) => `attestation/${requestId.toLowerCase()}`
/** '0' is the character after '/', with which each prefix ends. */
const afterPrefix = (prefix: string) => `${prefix.slice(0, -1)}0`
/** In the order of the numbers. */
const blockPrefix = (blockNumber: bigint) => `block/${blockNumber.toString().padStart(20, '0')}/`

/** An operator's store in a database of texts. `connect` throws a `StoreLockedError` while it is open elsewhere. */
export function keyValueOperatorStore(connect: () => Promise<KeyValueDatabase>): OperatorStore {
  let connection: KeyValueDatabase | undefined
  let queue: Promise<unknown> = Promise.resolve()
  /** Unfinished requests as they were last written. */
  const unfinished = new Map<string, RequestRecord>()

  function database(): KeyValueDatabase {
    if (!connection) throw new StoreNotOpenError()
    return connection
  }

  /** One after the other, so that nothing is written between a check and what relies on it. */
  function exclusively<result>(work: () => Promise<result>): Promise<result> {
    const done = queue.then(work)
    queue = done.catch(() => {})
    return done
  }

  async function getRequest(requestId: Hex): Promise<RequestRecord | undefined> {
    const key = requestKey(requestId)
    const text = await database().get(key)
    return text === undefined ? undefined : requestRecordCodec.decode(text, key)
  }

  /** Keys without a value, by which requests are found among all that ever were. */
  function toIndexKeys(record: RequestRecord): string[] {
    const requestId = record.requestId.toLowerCase()
    return [
      `${blockPrefix(getLastBlock(record))}${requestId}`,
      ...(isTerminal(record.state) ? [] : [`open/${requestId}`]),
      ...(isUnclaimed(record) ? [`unclaimed/${requestId}`] : []),
    ]
  }

  /** Writes a request, or removes it, and its keys with it. */
  async function replaceRequest(requestId: Hex, record: RequestRecord | undefined): Promise<Operation[]> {
    const previous = unfinished.get(requestKey(requestId)) ?? (await getRequest(requestId))
    const operations = (previous ? toIndexKeys(previous) : []).map((key): Operation => ({ type: 'del', key }))
    const key = requestKey(requestId)
    if (!record) return [...operations, { type: 'del', key }]
    operations.push({ type: 'put', key, value: requestRecordCodec.encode(record) })
    return operations.concat(toIndexKeys(record).map((each) => ({ type: 'put', key: each, value: '' })))
  }

  /** Writes all of it or nothing. */
  async function commit(
    operations: Operation[],
    { put, remove = [], sync }: { put: readonly RequestRecord[]; remove?: readonly Hex[]; sync: boolean },
  ): Promise<void> {
    for (const requestId of [...remove, ...put.map((record) => record.requestId)])
      unfinished.delete(requestKey(requestId))
    await database().batch(operations, { sync })
    for (const record of put) if (!isTerminal(record.state)) unfinished.set(requestKey(record.requestId), record)
  }

  async function getAttestation(requestId: Hex) {
    const key = attestationKey(requestId)
    const text = await database().get(key)
    return text === undefined ? undefined : attestationCodec.decode(text, key)
  }

  return {
    open: (owner, create) =>
      exclusively(async () => {
        const opened = await connect()
        try {
          const text = await opened.get(originKey)
          let origin = text === undefined ? undefined : originCodec.decode(text, originKey)
          if (origin === undefined) {
            origin = { owner, ...(await create()) }
            const value = originCodec.encode(origin)
            await opened.batch([{ type: 'put', key: originKey, value }], { sync: true })
          }
          if (!isSameOwner(origin.owner, owner)) throw new StoreMismatchError({ expected: owner, actual: origin.owner })
          connection = opened
          return origin
        } catch (error) {
          await opened.close()
          throw error
        }
      }),
    async getCursor() {
      const text = await database().get(cursorKey)
      return text === undefined ? undefined : cursorCodec.decode(text, cursorKey)
    },
    getRequest,
    async getRequests(filter) {
      const prefix = typeof filter === 'string' ? `${filter}/` : 'block/'
      const gte = typeof filter === 'string' ? prefix : blockPrefix(filter.after + 1n)
      const records: RequestRecord[] = []
      for (const indexKey of await database().keys({ gte, lt: afterPrefix(prefix) })) {
        const key = `request/${indexKey.slice(indexKey.lastIndexOf('/') + 1)}`
        const text = await database().get(key)
        if (text !== undefined) records.push(requestRecordCodec.decode(text, key))
      }
      return records
    },
    write: ({ cursor, put = [], remove = [] }) =>
      exclusively(async () => {
        const operations: Operation[] = []
        for (const requestId of remove) operations.push(...(await replaceRequest(requestId, undefined)))
        for (const record of put) operations.push(...(await replaceRequest(record.requestId, record)))
        if (cursor) operations.push({ type: 'put', key: cursorKey, value: cursorCodec.encode(cursor) })
        await commit(operations, { put, remove, sync: false })
      }),
    getAttestation,
    putAttestation: (signed, record) =>
      exclusively(async () => {
        const { requestId } = signed.attestation
        const existing = await getAttestation(requestId)
        if (existing && !isSameAttestation(existing.attestation, signed.attestation)) {
          throw new EquivocationRefusedError({ requestId })
        }
        const value = attestationCodec.encode({ ...signed, ...existing })
        const operations = await replaceRequest(requestId, record)
        operations.push({ type: 'put', key: attestationKey(requestId), value })
        await commit(operations, { put: [record], sync: true })
      }),
    close: () =>
      exclusively(async () => {
        unfinished.clear()
        await connection?.close()
        connection = undefined
      }),
  }
}

/** The last block in which something happened to a request, as far as the operator is concerned. */
function getLastBlock({ blockNumber, state }: RequestRecord): bigint {
  const ofState = 'blockNumber' in state ? state.blockNumber : 0n
  const ofOutcome = state.status === 'committed' ? (state.outcome?.blockNumber ?? 0n) : 0n
  return [ofState, ofOutcome].reduce((last, block) => (block > last ? block : last), blockNumber ?? 0n)
}

function isUnclaimed({ state }: RequestRecord): boolean {
  return state.status === 'settled' && state.votedWithOutcome && !state.areFeesClaimed
}

function isSameOwner(a: StoreOwner, b: StoreOwner): boolean {
  return a.chainId === b.chainId && isSame(a.avs, b.avs) && isSame(a.operator, b.operator)
}

/** Field by field: the signature may differ, as ECDSA has many for one message. */
function isSameAttestation(a: Attestation, b: Attestation): boolean {
  return (
    isSame(a.requestId, b.requestId) &&
    isSame(a.operator, b.operator) &&
    a.isValid === b.isValid &&
    a.confidence === b.confidence &&
    isSame(a.method, b.method) &&
    isSame(a.evidenceDigest, b.evidenceDigest)
  )
}

function isSame(a: Hex, b: Hex): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
