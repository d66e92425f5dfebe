import type { InferenceOutput, ModelManifest } from '@proof-of-inference/sdk/payload'
import { claimAs, infer, speech, tamper } from './silero.ts'

export type Scenario = {
  readonly name: string
  readonly says: string
  readonly expected: 'verified' | 'rejected' | 'expired'
  /** How the agent is to be paid: from the requester's deposit in the AVS, or by a guarantee of 4Mica. */
  readonly rail: 'escrow' | '4mica'
  /** Which version of the model the output is sold as. */
  readonly version: 1 | 2
  readonly deadline: { readonly seconds: number }
  readonly input: ReturnType<typeof speech>
  readonly output: InferenceOutput
}

/**
 * What agents try: honest work, another model's output, a forged output, and one that nobody can check. Guarantees come
 * last: the parties have one tab, on which one has to be settled before the next is signed.
 */
export async function createScenarios(manifests: { 1: ModelManifest; 2: ModelManifest }): Promise<Scenario[]> {
  const input = speech(140)
  const honest = await infer('v5', input)
  const other = await infer('v6', input)
  return [
    {
      name: 'honest',
      says: 'the output of Silero VAD v5, sold as what it is',
      expected: 'verified',
      rail: 'escrow',
      version: 1,
      deadline: { seconds: 120 },
      input,
      output: honest,
    },
    {
      name: 'tampered',
      says: 'the output of v5 with the last bit of one element changed',
      expected: 'rejected',
      rail: 'escrow',
      version: 1,
      deadline: { seconds: 120 },
      input,
      output: tamper(honest),
    },
    {
      name: 'no-weights',
      says: 'sold as version 2, whose weights nobody holds; deadline in 20 s',
      expected: 'expired',
      rail: 'escrow',
      version: 2,
      deadline: { seconds: 20 },
      input,
      output: claimAs(honest, manifests[2]),
    },
    {
      name: 'honest-guaranteed',
      says: 'the same again, paid by a guarantee of 4Mica',
      expected: 'verified',
      rail: '4mica',
      version: 1,
      deadline: { seconds: 120 },
      input,
      output: honest,
    },
    {
      name: 'wrong-model',
      says: 'the output of v6, sold as v5 for a guarantee of 4Mica',
      expected: 'rejected',
      rail: '4mica',
      version: 1,
      deadline: { seconds: 120 },
      input,
      output: claimAs(other, manifests[1]),
    },
  ]
}
