/** Values by key, the least recently added of which make room. What fails is asked again. */
export function createCache<value>(limit: number) {
  let entries = new Map<string, value>()
  return {
    async get(key: string, read: () => Promise<value>): Promise<value> {
      const known = entries.get(key)
      if (known !== undefined) return known
      const before = entries
      const value = await read()
      before.set(key, value)
      for (const oldest of before.keys()) {
        if (before.size <= limit) break
        before.delete(oldest)
      }
      return value
    },
    /** What is being read is not kept either. */
    clear(): void {
      entries = new Map()
    },
  }
}
