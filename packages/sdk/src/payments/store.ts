/**
 * Where a rail remembers what it signed and sent, so that a retry after a crash does neither twice. It holds no keys.
 * Two processes must not use the same one at once.
 */
export type PaymentStore = {
  /** What was written last; `undefined` if nothing was. */
  get(key: string): Promise<string | undefined>
  /** Keys with the prefix, in order. */
  keys(prefix: string): Promise<string[]>
  /** Writes all entries or none; `undefined` removes. They survive a power failure once this resolves. */
  write(entries: { readonly [key: string]: string | undefined }): Promise<void>
  /** Frees what the store holds. */
  close(): Promise<void>
}

/** The part of a store that is one rail's and one account's. */
export function scopeStore(store: PaymentStore, scope: string): Omit<PaymentStore, 'close'> {
  return {
    get: (key) => store.get(scope + key),
    keys: async (prefix) => (await store.keys(scope + prefix)).map((key) => key.slice(scope.length)),
    write: (entries) =>
      store.write(Object.fromEntries(Object.entries(entries).map(([key, value]) => [scope + key, value]))),
  }
}

/** A queue of one: what is checked stays true until it is relied on. */
export function createQueue(): <result>(work: () => Promise<result>) => Promise<result> {
  let queue: Promise<unknown> = Promise.resolve()
  return (work) => {
    const done = queue.then(work)
    queue = done.catch(() => {})
    return done
  }
}
