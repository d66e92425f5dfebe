import type { PaymentStore } from './store.ts'

/**
 * A store that forgets everything when the process ends, for tests. A rail that forgot refuses to go on with the tabs
 * it was using; keep real ones on disk (`directoryPaymentStore`).
 *
 * @example
 * const store = memoryPaymentStore()
 */
export function memoryPaymentStore(): PaymentStore {
  const held = new Map<string, string>()
  return {
    get: async (key) => held.get(key),
    keys: async (prefix) => [...held.keys()].filter((key) => key.startsWith(prefix)).sort(),
    async write(entries) {
      for (const [key, value] of Object.entries(entries)) {
        if (value === undefined) held.delete(key)
        else held.set(key, value)
      }
    },
    close: async () => {},
  }
}
