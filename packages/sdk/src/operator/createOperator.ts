import type { Account, LocalAccount } from 'viem'
import { assertDeployment } from '../deployments/assertDeployment.ts'
import { OperatorNotRunningError, OperatorRunningError, SignerMissingError } from '../errors/operator.ts'
import { verifierRegistry } from '../verifier/verifierRegistry.ts'
import { claimAllFees } from './claimFees.ts'
import { createReporter } from './report.ts'
import { openSession, type Session } from './session.ts'
import type { Operator, OperatorConfig } from './types.ts'

/**
 * An operator: reads requests from the chain, verifies each with the verifier of its model version, signs the verdict
 * and submits it. Joins nothing by itself: it is to be registered in EigenLayer beforehand.
 *
 * - No request is missed while it is down, and none is handled twice: how far the chain was read, and where the operator
 *   is with each request, is in the store.
 * - A verdict is in the store before it leaves the process, and never is a different one signed for the same request.
 * - It abstains rather than guesses. A payload, a model or a node out of reach is waited for until the deadline. A payload
 *   that has the right digest and is not what it should be, an inconclusive verdict and a verifier that fails end in
 *   `skipped`, with the reason.
 * - With an `aggregator`, votes reach the chain together with others', and requests that their requesters signed are
 *   verified before the chain has seen them, against the requesters' deposits. The aggregator is not trusted.
 * - Requests whose reference is not after the store was made are skipped, as an earlier store may have signed for them.
 *
 * Throws a `SignerMissingError` if nothing can sign, an `InvalidDefinitionError` if two verifiers are the same, a
 * `RangeError` for a number out of range.
 *
 * @example
 * const operator = createOperator({
 *   client,
 *   deployment,
 *   payloads: httpPayloadStore({ url }),
 *   store: directoryStore('./state'),
 *   verifiers: [exact()],
 *   runners: [onnx()],
 *   onEvent: (event) => console.log(event),
 * })
 * await operator.run({ signal })
 */
export function createOperator(config: OperatorConfig): Operator {
  const { client, deployment, store } = config
  const operator = config.operator ?? client.account.address
  const signer = config.signer ?? toLocalAccount(client.account)
  const verifiers = verifierRegistry(config.verifiers)
  const emit = createReporter(config)
  assertRanges(config)

  let stop: AbortController | undefined
  let session: Session | undefined

  return {
    async run({ signal } = {}) {
      if (stop) throw new OperatorRunningError()
      const controller = new AbortController()
      stop = controller
      const onAbort = () => controller.abort()
      signal?.addEventListener('abort', onAbort, { once: true })
      if (signal?.aborted) onAbort()
      try {
        await assertDeployment(client, deployment)
        session = await openSession({ config, operator, signer, verifiers, emit, stop: controller })
        await session.work()
      } finally {
        controller.abort()
        signal?.removeEventListener('abort', onAbort)
        try {
          await session?.close()
        } finally {
          session = undefined
          stop = undefined
          emit({ type: 'stopped' })
        }
      }
    },
    status() {
      if (!session) return { phase: stop ? 'starting' : 'idle' }
      return { phase: stop?.signal.aborted ? 'stopping' : 'running', ...session.getStatus() }
    },
    async claimFees() {
      if (!session || !stop) throw new OperatorNotRunningError()
      return claimAllFees({ deployment, operator, store, sender: session.sender, signal: stop.signal })
    },
  }
}

function toLocalAccount(account: Account): LocalAccount {
  if (account.type !== 'local') throw new SignerMissingError()
  return account
}

function assertRanges(config: OperatorConfig): void {
  const times = ['pollingInterval', 'jobTimeout', 'stallTimeout', 'aggregatorTimeout'] as const
  const positive = ['concurrency', 'confirmations', 'maxPayloadBytes', 'maxBatchBytes', ...times] as const
  for (const name of positive) assertAtLeast(name, config[name], 1)
  for (const name of ['deadlineMargin', 'aggregatorMargin', 'voteInterval'] as const)
    assertAtLeast(name, config[name], 0)
  if (config.blockRange !== undefined && config.blockRange < 1n) {
    throw new RangeError(`\`blockRange\` is ${config.blockRange}; it must be at least 1.`)
  }
}

function assertAtLeast(name: string, value: number | undefined, least: number): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= least)) return
  throw new RangeError(`\`${name}\` is ${value}; it must be an integer of at least ${least}.`)
}
