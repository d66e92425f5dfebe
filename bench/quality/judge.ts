import type { IpldValue, PolicyDocument, TensorsOutput } from '@proof-of-inference/sdk/payload'
import type { Runner } from '@proof-of-inference/sdk/runner'
import { createRandom, type ItemVerifier, runVerifier } from '@proof-of-inference/sdk/verifier'
import type { BenchModel } from './models.ts'

const id = `0x${'01'.repeat(32)}` as const
const input = { type: 'json', value: null } as const

/** The verdict on an output. The run has been made: once for all that is judged against it. */
export async function judge<policy extends IpldValue>(
  verifier: ItemVerifier<policy>,
  policy: PolicyDocument<policy>,
  parameters: {
    readonly model: Pick<BenchModel, 'manifest'>
    readonly claimed: TensorsOutput
    readonly expected: TensorsOutput
    readonly runner: Runner
  },
) {
  const { model, claimed, expected } = parameters
  const random = (name: string) => createRandom(id, name)
  const runner: Runner = { ...parameters.runner, run: async () => expected }
  const { manifest } = model
  const { signal } = new AbortController()
  const context = {
    operator: `0x${'01'.repeat(20)}`,
    runner: async () => runner,
    shared: random,
    secret: random,
    signal,
  } as const
  return (await runVerifier(verifier, { requestId: id, jobId: id, input, claimed, manifest, policy }, context)).verdict
    .status
}
