import type { PolicyDocument } from '@proof-of-inference/sdk/payload'
import { defineVerifier, invalid, type Verifier, valid } from '@proof-of-inference/sdk/verifier'
import * as v from 'valibot'

/** Finds the word `right` valid, and all else invalid; or always says the same. It needs no model. */
export function word(always?: 'valid' | 'invalid'): Verifier {
  return defineVerifier({
    name: '@test/word',
    revision: 1,
    scope: 'item',
    requires: [],
    policy: v.strictObject({}),
    verify({ claimed }) {
      const isRight = claimed.type === 'json' && claimed.value === 'right'
      const status = always ?? (isRight ? 'valid' : 'invalid')
      return status === 'valid' ? valid({ evidence: status }) : invalid({ evidence: status })
    },
  })
}

export function policyOf({ name, revision }: Verifier): PolicyDocument {
  const confidence = { valid: 9_900, invalid: 9_900 }
  return { v: 1, verifier: name, revision, parameters: {}, confidence, references: {} }
}
