import type { Calibrated } from '@proof-of-inference/sdk/calibration'
import type { PolicyDocument } from '@proof-of-inference/sdk/payload'
import type { ItemVerifier } from '@proof-of-inference/sdk/verifier'
import { expectTypeOf } from 'vitest'
import { type CrossvalParameters, crossval } from '../../src/index.ts'

const panel = [{ role: 'model', weight: 1, runtime: 'a' }]
const confidence = { valid: 9_900, invalid: 9_900 }

expectTypeOf(crossval()).toEqualTypeOf<ItemVerifier<CrossvalParameters>>()
expectTypeOf(crossval.policy({ panel, claims: [], confidence })).toEqualTypeOf<PolicyDocument<CrossvalParameters>>()
expectTypeOf(crossval.calibrated({ panel })).toEqualTypeOf<(found: Calibrated) => PolicyDocument<CrossvalParameters>>()
// @ts-expect-error there is no panel by default
crossval.calibrated({})
