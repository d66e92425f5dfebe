/** Resolves after a time, or as soon as the signal aborts. */
export function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
  })
}

/** Milliseconds to wait after so many failures in a row: half a second, then twice as long each time, up to 30 s. */
export function backoff(failures: number): number {
  return Math.min(30_000, 500 * 2 ** (failures - 1))
}
