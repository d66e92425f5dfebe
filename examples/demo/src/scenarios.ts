import type { InferenceOutput, ModelManifest } from '@proof-of-inference/sdk/payload'
import { claimAs, infer, speech, tamper } from './silero.ts'

export type Scenario = {
  readonly name: string
  readonly says: string
  readonly expected: 'verified' | 'rejected' | 'expired'
  /** Which version of the model the output is sold as. */
  readonly version: 1 | 2
  readonly deadline: { readonly seconds: number }
  readonly input: ReturnType<typeof speech>
  readonly output: InferenceOutput
}

/** What agents try: honest work, another model's output, a forged output, and one that nobody can check. */
export async function createScenarios(manifests: { 1: ModelManifest; 2: ModelManifest }): Promise<Scenario[]> {
  const input = speech(140)
  const honest = await infer('v5', input)
  const other = await infer('v6', input)
  return [
    {
      name: 'honest',
      says: 'the output of Silero VAD v5, sold as what it is',
      expected: 'verified',
      version: 1,
      deadline: { seconds: 120 },
      input,
      output: honest,
    },
    {
      name: 'wrong-model',
      says: 'the output of v6, sold as v5',
      expected: 'rejected',
      version: 1,
      deadline: { seconds: 120 },
      input,
      output: claimAs(other, manifests[1]),
    },
    {
      name: 'tampered',
      says: 'the output of v5 with the last bit of one element changed',
      expected: 'rejected',
      version: 1,
      deadline: { seconds: 120 },
      input,
      output: tamper(honest),
    },
    {
      name: 'no-weights',
      says: 'sold as version 2, whose weights nobody holds; deadline in 20 s',
      expected: 'expired',
      version: 2,
      deadline: { seconds: 20 },
      input,
      output: claimAs(honest, manifests[2]),
    },
  ]
}
