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
  /** Keys that start with the prefix, in order. */
  keys(prefix: string): Promise<string[]>
  /** Does all operations or none. With `sync`, they survive a power failure once this resolves. */
  batch(operations: Operation[], options: { sync: boolean }): Promise<void>
  close(): Promise<void>
}

const originKey = 'origin'
const cursorKey = 'cursor'
const requestKey = (requestId: Hex) => `request/${requestId.toLowerCase()}`
const attestationKey = (requestId: Hex) => `attestation/${requestId.toLowerCase()}`
/** Keys without a value, so that what is at work is found among all that ever was. */
const indexes = {
  open: (record: RequestRecord) => !isTerminal(record.state),
  unclaimed: ({ state }: RequestRecord) =>
    state.status === 'settled' && state.votedWithOutcome && !state.areFeesClaimed,
}
const indexNames = ['open', 'unclaimed'] as const
const indexKey = (index: keyof typeof indexes, requestId: Hex) => `${index}/${requestId.toLowerCase()}`

/** An operator's store in a database of texts. `connect` throws a `StoreLockedError` while it is open elsewhere. */
export function keyValueOperatorStore(connect: () => Promise<KeyValueDatabase>): OperatorStore {
  let connection: KeyValueDatabase | undefined
  let queue: Promise<unknown> = Promise.resolve()

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
    async getRequests(filter = 'all') {
      const prefix = filter === 'all' ? 'request/' : `${filter}/`
      const records: RequestRecord[] = []
      for (const key of await database().keys(prefix)) {
        const text = await database().get(`request/${key.slice(prefix.length)}`)
        if (text !== undefined) records.push(requestRecordCodec.decode(text, key))
      }
      return records
    },
    write: ({ cursor, put = [], remove = [] }) =>
      exclusively(async () => {
        const operations: Operation[] = put.flatMap(putRequest)
        for (const requestId of remove) operations.push(...removeRequest(requestId))
        if (cursor) operations.push({ type: 'put', key: cursorKey, value: cursorCodec.encode(cursor) })
        await database().batch(operations, { sync: false })
      }),
    getAttestation,
    putAttestation: (signed, record) =>
      exclusively(async () => {
        const { requestId } = signed.attestation
        const existing = await getAttestation(requestId)
        if (existing && !isSameAttestation(existing.attestation, signed.attestation)) {
          throw new EquivocationRefusedError({ requestId })
        }
        const value = attestationCodec.encode(existing ?? signed)
        const operations: Operation[] = [{ type: 'put', key: attestationKey(requestId), value }, ...putRequest(record)]
        await database().batch(operations, { sync: true })
      }),
    close: () =>
      exclusively(async () => {
        await connection?.close()
        connection = undefined
      }),
  }
}

function putRequest(record: RequestRecord): Operation[] {
  const { requestId } = record
  return [
    { type: 'put', key: requestKey(requestId), value: requestRecordCodec.encode(record) },
    ...indexNames.map((index): Operation => {
      const key = indexKey(index, requestId)
      return indexes[index](record) ? { type: 'put', key, value: '' } : { type: 'del', key }
    }),
  ]
}

function removeRequest(requestId: Hex): Operation[] {
  const keys = [requestKey(requestId), ...indexNames.map((index) => indexKey(index, requestId))]
  return keys.map((key) => ({ type: 'del', key }))
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
