import type { RunnerFailedError } from '../errors/verification.ts'

/** Runs of a model, one after the other, until it is disposed. */
export type OneAtATime = {
  /** Runs it when the last one is over, whether or not that failed. An abort takes effect before and after it. */
  run<result>(signal: AbortSignal | undefined, body: () => Promise<result>): Promise<result>
  /** Frees the model when the last run is over; once. */
  dispose(): Promise<void>
}

export function oneAtATime(fail: (reason: string) => RunnerFailedError, free: () => Promise<unknown>): OneAtATime {
  let running: Promise<unknown> = Promise.resolve()
  let disposed: Promise<void> | undefined
  return {
    async run(signal, body) {
      if (disposed) throw fail('it was disposed')
      const result = running.then(async () => {
        signal?.throwIfAborted()
        const found = await body()
        signal?.throwIfAborted()
        return found
      })
      running = result.catch(() => undefined)
      return result
    },
    dispose() {
      disposed ??= running.then(async () => void (await free()))
      return disposed
    },
  }
}
