import { describeError } from './failure.ts'
import type { Logger, OperatorEvent } from './types.ts'

const levels = {
  started: 'info',
  seen: 'info',
  fetched: 'debug',
  verified: 'info',
  committed: 'info',
  revealed: 'info',
  attested: 'info',
  skipped: 'warn',
  refused: 'warn',
  settled: 'info',
  reorg: 'warn',
  error: 'warn',
  stopped: 'info',
} as const satisfies { [type in OperatorEvent['type']]: keyof Logger }

/** Tells the logger and the listener of events. What a listener throws is logged, and harms nothing. */
export function createReporter({
  logger,
  onEvent,
}: {
  logger?: Logger | undefined
  onEvent?: ((event: OperatorEvent) => void) | undefined
}) {
  return (event: OperatorEvent): void => {
    const { type, ...fields } = event
    logger?.[levels[type]](type, event.type === 'error' ? { ...fields, error: describeError(event.error) } : fields)
    try {
      onEvent?.(event)
    } catch (error) {
      logger?.error('onEvent threw', { error: describeError(error) })
    }
  }
}
