import type { PolicyDocument } from '@proof-of-inference/sdk/payload'
import type { ItemVerifier } from '@proof-of-inference/sdk/verifier'
import { expectTypeOf } from 'vitest'
import { type ExactParameters, exact } from '../../src/index.ts'

expectTypeOf(exact()).toEqualTypeOf<ItemVerifier<ExactParameters>>()
expectTypeOf(exact.policy()).toEqualTypeOf<PolicyDocument<ExactParameters>>()
expectTypeOf(exact.policy).toBeCallableWith({
  tolerances: [{ claimed: 'a', reference: 'b', atol: 0, rtol: 0 }],
  text: { normalization: 'NFC', unicode: '16.0' },
})
// @ts-expect-error no such form
exact.policy({ text: { normalization: 'NFD' } })
