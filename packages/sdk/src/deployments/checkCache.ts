import type { Client } from 'viem'

/**
 * Remembers what was checked with a client, by a key, so that a client asks the node once. A failure is not remembered.
 */
export function createCheckCache<result = void>(): (
  client: Client,
  key: string,
  check: () => Promise<result>,
) => Promise<result> {
  const checks = new WeakMap<Client, Map<string, Promise<result>>>()
  return (client, key, check) => {
    const known = checks.get(client) ?? new Map<string, Promise<result>>()
    checks.set(client, known)
    let checked = known.get(key)
    if (checked === undefined) {
      checked = check()
      known.set(key, checked)
      checked.catch(() => known.delete(key))
    }
    return checked
  }
}
