import type { Address, Hex } from 'viem'
import { PolicyInvalidError } from '../errors/verification.ts'
import { decodeManifest } from '../payload/documents.ts'
import type { PayloadSource } from '../payload/store.ts'
import { getVerified } from '../payload/transfer.ts'
import type { ModelManifest } from '../payload/types.ts'
import type { Runner, RunnerRegistry } from '../runner/types.ts'
import { createRandom } from './random.ts'
import type { PolicyJob, VerificationContext } from './types.ts'

/** What a context is made of. */
export type VerificationContextParameters = {
  readonly job: PolicyJob
  /** Who will attest. */
  readonly operator: Address
  readonly runners: RunnerRegistry
  /** Where the manifests of reference models are fetched from. */
  readonly payloads: PayloadSource
  /** The operator's salt for the request: 32 bytes that nobody else knows. */
  readonly operatorSalt: Hex
  readonly signal: AbortSignal
  readonly modelVersionId?: Hex | undefined
}

/**
 * What a verifier may use for a job: runners from a registry, and random streams. `dispose` hands back the runners it
 * took.
 *
 * @example
 * const context = createVerificationContext({ job, operator, runners, payloads, operatorSalt, signal })
 * try {
 *   return await runVerifier(verifier, job, context)
 * } finally {
 *   await context.dispose()
 * }
 */
export function createVerificationContext(
  parameters: VerificationContextParameters,
): VerificationContext & { dispose(): Promise<void> } {
  const { job, operator, runners, payloads, operatorSalt, signal, modelVersionId } = parameters
  const leases = new Map<string, Promise<Runner>>()

  async function manifestOf(role: string): Promise<ModelManifest> {
    if (role === 'model') return job.manifest
    const references = job.policy.references
    const reference = Object.hasOwn(references, role) ? references[role] : undefined
    const refuse = (issue: string) => new PolicyInvalidError({ verifier: job.policy.verifier, issues: [issue] })
    if (reference?.manifestDigest === undefined)
      throw refuse(`references.${role}: the verifier needs a model with a manifest in this role`)
    const manifest = decodeManifest(await getVerified(payloads, reference.manifestDigest, { signal }))
    if (reference.weightsDigest !== undefined && reference.weightsDigest !== manifest.weights.digest)
      throw refuse(`references.${role}: the manifest names other weights than the policy`)
    return manifest
  }

  return {
    operator,
    signal,
    operatorSalt,
    shared: (name) => createRandom(job.jobId, name),
    secret: (name) => createRandom(operatorSalt, name),
    runner(role = 'model') {
      let lease = leases.get(role)
      if (!lease) {
        lease = manifestOf(role).then((manifest) =>
          runners.resolve(manifest, { signal, ...(role === 'model' && { modelVersionId }) }),
        )
        leases.set(role, lease)
      }
      return lease
    },
    async dispose() {
      const held = await Promise.allSettled(leases.values())
      leases.clear()
      // A lease that was never granted needs no handing back; its error went to whoever asked.
      await Promise.all(held.map((lease) => (lease.status === 'fulfilled' ? lease.value.dispose() : undefined)))
    },
  }
}
