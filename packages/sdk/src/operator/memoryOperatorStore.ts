import { StoreLockedError } from '../errors/operator.ts'
import { keyValueOperatorStore } from './keyValueStore.ts'
import type { OperatorStore } from './store.ts'

/**
 * A store that forgets everything when the process ends, for tests. Closing and opening it again keeps what it holds.
 *
 * An operator that loses its store abstains from requests older than the new one; keep real operators' on disk
 * (`directoryStore`).
 *
 * @example
 * const store = memoryOperatorStore()
 */
export function memoryOperatorStore(): OperatorStore {
  const entries = new Map<string, string>()
  let isLocked = false
  return keyValueOperatorStore(async () => {
    if (isLocked) throw new StoreLockedError({ path: 'memory' })
    isLocked = true
    return {
      get: async (key) => entries.get(key),
      keys: async ({ gte, lt }) => [...entries.keys()].filter((key) => key >= gte && key < lt).sort(),
      async batch(operations) {
        for (const operation of operations) {
          if (operation.type === 'put') entries.set(operation.key, operation.value)
          else entries.delete(operation.key)
        }
      },
      async close() {
        isLocked = false
      },
    }
  })
}
