/** A signal that aborts with another one, or after a time. Call `clear` when the work is done. */
export function withTimeout(
  signal: AbortSignal | undefined,
  timeout: number | undefined,
): { signal: AbortSignal; timedOut: () => boolean; clear: () => void } {
  const controller = new AbortController()
  let timedOut = false
  const onAbort = () => controller.abort(signal?.reason)
  if (signal?.aborted) onAbort()
  else signal?.addEventListener('abort', onAbort, { once: true })
  const timer =
    timeout === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = !controller.signal.aborted
          controller.abort(new DOMException(`Not done within ${timeout} ms.`, 'TimeoutError'))
        }, timeout)
  return {
    signal: controller.signal,
    timedOut: () => timedOut,
    clear: () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    },
  }
}

/** The promise's result, unless the signal aborts first: then throws the signal's reason. */
export async function abortable<result>(promise: Promise<result>, signal: AbortSignal | undefined): Promise<result> {
  if (!signal) return promise
  let onAbort: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    if (onAbort) signal.removeEventListener('abort', onAbort)
  }
}
