import { calibrate } from '@proof-of-inference/sdk/calibration'
import type { PolicyDocument } from '@proof-of-inference/sdk/payload'
import type { ItemVerifier } from '@proof-of-inference/sdk/verifier'
import { expectTypeOf } from 'vitest'
import { type CosineParameters, cosine, type Embedder, lexicalEmbedder } from '../../src/index.ts'

const embedder = {} as Embedder
const confidence = { valid: 9_900, invalid: 9_900 }

expectTypeOf(lexicalEmbedder()).toEqualTypeOf<Embedder>()
expectTypeOf(cosine()).toEqualTypeOf<ItemVerifier<CosineParameters>>()
expectTypeOf(cosine({ embedder })).toEqualTypeOf<ItemVerifier<CosineParameters>>()
expectTypeOf(cosine.policy({ pairs: [], confidence })).toEqualTypeOf<PolicyDocument<CosineParameters>>()
// @ts-expect-error thresholds are measured, there are no defaults
cosine.policy()
expectTypeOf(calibrate({ honest: [], attacks: {}, floors: {}, build: cosine.calibrated() }))
  .resolves.toHaveProperty('policy')
  .toEqualTypeOf<PolicyDocument<CosineParameters>>()
