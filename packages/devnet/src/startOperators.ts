import { createOperator, memoryOperatorStore, type OperatorEvent } from '@proof-of-inference/sdk/operator'
import type { PayloadStore } from '@proof-of-inference/sdk/payload'
import type { RunnerFactory } from '@proof-of-inference/sdk/runner'
import type { Verifier } from '@proof-of-inference/sdk/verifier'
import { createWalletClient, http } from 'viem'
import type { Devnet } from './createDevnet.ts'

/** What the operators of a devnet are started with. */
export type StartOperatorsOptions = {
  readonly devnet: Pick<Devnet, 'chain' | 'deployment' | 'accounts' | 'mine'>
  /** Where requesters and agents put payloads and weights. */
  readonly payloads: PayloadStore
  readonly verifiers: readonly Verifier[]
  readonly runners: readonly RunnerFactory[]
  /** What an operator does and fails at. `index`: its place among the devnet's operators, from 0. */
  readonly onEvent?: ((index: number, event: OperatorEvent) => void) | undefined
}

/** Running operators. */
export type RunningOperators = AsyncDisposable & {
  /** Ends them all; resolves when they have ended. May be called again. Rejects where one could not go on. */
  stop(): Promise<void>
}

/**
 * Runs every operator of a devnet in this process, with stores in memory. Resolves when they take requests. They abstain
 * from requests that refer to a time before that.
 *
 * @throws What `Operator.run` rejects with where an operator cannot start.
 *
 * @example
 * const operators = await startOperators({ devnet, payloads, verifiers: [exact()], runners: [onnx()] })
 * await operators.stop()
 */
export async function startOperators(options: StartOperatorsOptions): Promise<RunningOperators> {
  const { devnet, payloads, verifiers, runners, onEvent } = options
  const { accounts, chain, deployment } = devnet
  const stopping = new AbortController()
  const started: Promise<void>[] = []
  const running = accounts.operators.map(({ account, signer }, index) => {
    const { promise, resolve } = withResolver()
    started.push(promise)
    return createOperator({
      client: createWalletClient({ account, chain, transport: http(), pollingInterval: 100 }),
      ...{ deployment, signer, payloads, store: memoryOperatorStore(), verifiers, runners },
      onEvent(event) {
        if (event.type === 'started') resolve()
        onEvent?.(index, event)
      },
    }).run({ signal: stopping.signal })
  })
  const stop = async () => {
    stopping.abort()
    await Promise.all(running)
  }
  try {
    // One that ends before it has started has failed.
    await Promise.race([Promise.all(started), Promise.all(running)])
    // The reference of a request is before the newest block, and has to be after the stores were made.
    await devnet.mine(2)
  } catch (error) {
    await stop().catch(() => undefined)
    throw error
  }
  return { stop, [Symbol.asyncDispose]: stop }
}

function withResolver(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
