import {
  createOperator,
  memoryOperatorStore,
  type Operator,
  type OperatorConfig,
  type OperatorEvent,
} from '@proof-of-inference/sdk/operator'
import { createWalletClient, http } from 'viem'
import type { Devnet } from './createDevnet.ts'

export type RunOperatorsOptions = Pick<OperatorConfig, 'aggregator' | 'payloads' | 'runners' | 'verifiers'> & {
  /** What happens to them, as it happens. `index`: of the operator, among `devnet.accounts.operators`. */
  readonly onEvent?: ((event: OperatorEvent, index: number) => void) | undefined
}

/** The running operators of a devnet. */
export type RunningOperators = AsyncDisposable & {
  /** In the order of `devnet.accounts.operators`. */
  readonly operators: readonly Operator[]
  /** Stops them; resolves when they have finished what cannot be interrupted. Rejects if one could not go on. */
  stop(): Promise<void>
}

/**
 * Has the operators of a devnet work, in this process and with nothing on disk, and waits until a request can be made
 * that they vote on.
 *
 * @throws What `run` of an operator throws where it cannot start.
 *
 * @example
 * const devnet = await createDevnet()
 * const operators = await runOperators(devnet, { payloads, verifiers: [exact()], runners: [onnx()] })
 * // … have inferences verified
 * await operators.stop()
 * await devnet.stop()
 */
export async function runOperators(devnet: Devnet, options: RunOperatorsOptions): Promise<RunningOperators> {
  const { onEvent, ...config } = options
  const { accounts, chain, deployment } = devnet
  const stopping = new AbortController()
  const started: Promise<void>[] = []
  const operators = accounts.operators.map(({ account, signer }, index) => {
    let start = () => {}
    started.push(
      new Promise((resolve) => {
        start = resolve
      }),
    )
    return createOperator({
      ...config,
      client: createWalletClient({ account, chain, transport: http(), pollingInterval: 50 }),
      deployment,
      signer,
      store: memoryOperatorStore(),
      onEvent(event) {
        if (event.type === 'started') start()
        onEvent?.(event, index)
      },
    })
  })
  const running = Promise.all(operators.map((operator) => operator.run({ signal: stopping.signal })))
  // Told by `stop`, or right below.
  running.catch(() => {})
  const stop = async () => {
    stopping.abort()
    await running
  }
  await Promise.race([Promise.all(started), running]).catch((error: unknown) => {
    stopping.abort()
    throw error
  })
  // They abstain from requests that refer to a time before their stores were made.
  for (let block = 0; block < 2; block++) await devnet.mine()
  return { operators, stop, [Symbol.asyncDispose]: stop }
}
