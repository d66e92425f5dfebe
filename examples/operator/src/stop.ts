import type { Operator } from '@proof-of-inference/sdk/operator'

/**
 * Stops an operator once no vote is signed that is not on chain, or after a time: what is left then is in the store, and
 * goes out after the next start.
 *
 * @param parameters.timeout Milliseconds.
 */
export function createStop({ status, timeout }: { status: Operator['status']; timeout: number }) {
  const controller = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const stop = () => {
    clearTimeout(timer)
    controller.abort()
  }
  const check = () => {
    if (timer !== undefined && countSigned(status()) === 0) stop()
  }
  return {
    /** For `run` of the operator. */
    signal: controller.signal,
    begin() {
      timer ??= setTimeout(stop, timeout)
      check()
    },
    /** To be told of every event: each may be the end of a vote. */
    onEvent: () => setImmediate(check),
  }
}

/** Votes that are signed, and not in a block yet. Those that were committed to wait for the end of the commit window. */
function countSigned(status: ReturnType<Operator['status']>): number {
  if (status.phase !== 'running') return 0
  const { verified, committed, revealed } = status.requests
  return verified + committed + revealed
}
