import { connectLevel } from '../operator/directoryStore.ts'
import type { KeyValueDatabase, Operation } from '../operator/keyValueStore.ts'
import type { PaymentStore } from './store.ts'

/**
 * A store in a directory on disk (LevelDB), which is made, for its owner only, if it does not exist. One process at a
 * time can use it.
 *
 * Needs the package `classic-level`. The first use throws an `OptionalDependencyMissingError` without it, a
 * `StoreLockedError` while the directory is in use.
 *
 * @example
 * const store = directoryPaymentStore('./payments')
 */
export function directoryPaymentStore(path: string): PaymentStore {
  let connection: Promise<KeyValueDatabase> | undefined
  const open = () => {
    connection ??= connectLevel(path).catch((error: unknown) => {
      connection = undefined
      throw error
    })
    return connection
  }
  return {
    get: async (key) => (await open()).get(key),
    keys: async (prefix) => (await open()).keys({ gte: prefix, lt: `${prefix}\uffff` }),
    async write(entries) {
      const operations = Object.entries(entries).map(
        ([key, value]): Operation => (value === undefined ? { type: 'del', key } : { type: 'put', key, value }),
      )
      await (await open()).batch(operations, { sync: true })
    },
    async close() {
      await (await connection)?.close()
      connection = undefined
    },
  }
}
