/** How often something may be done. */
export type Rate = {
  /** In a minute, over time. */
  readonly perMinute: number
  /** At once. */
  readonly burst: number
}

/** Keys that are remembered; a key that was forgotten starts anew. */
const maxKeys = 10_000

/** Counts what is done, by key: a bucket of `burst` tokens each that fills up again. */
export function createRateLimit({ perMinute, burst }: Rate, now: () => number = Date.now) {
  const buckets = new Map<string, { tokens: number; at: number }>()
  return {
    /**
     * Takes tokens; less than none gives some back. Returns 0, or after how many milliseconds there will be enough;
     * nothing is taken then.
     */
    take(key: string, cost = 1): number {
      const at = now()
      const bucket = buckets.get(key)
      // Clocks can go back.
      const elapsed = bucket ? Math.max(0, at - bucket.at) : 0
      const tokens = bucket ? Math.min(burst, bucket.tokens + (elapsed * perMinute) / 60_000) : burst
      const isTaken = tokens >= cost
      // Last in the order of the map is who came last.
      buckets.delete(key)
      buckets.set(key, { tokens: isTaken ? tokens - cost : tokens, at })
      const oldest = buckets.keys().next()
      if (buckets.size > maxKeys && !oldest.done) buckets.delete(oldest.value)
      return isTaken ? 0 : Math.ceil(((cost - tokens) * 60_000) / perMinute)
    },
  }
}

export type RateLimit = ReturnType<typeof createRateLimit>

/** Counts what is going on at the same time, in all and by key. */
export function createConcurrencyLimit({ total, perKey }: { total: number; perKey: number }) {
  const counts = new Map<string, number>()
  let sum = 0
  return {
    /** What ends it, to be called once; `undefined` when there is too much. */
    enter(key: string): (() => void) | undefined {
      const count = counts.get(key) ?? 0
      if (sum >= total || count >= perKey) return undefined
      sum++
      counts.set(key, count + 1)
      let isOver = false
      return () => {
        if (isOver) return
        isOver = true
        sum--
        const rest = (counts.get(key) ?? 1) - 1
        if (rest === 0) counts.delete(key)
        else counts.set(key, rest)
      }
    },
    get size() {
      return sum
    },
  }
}
