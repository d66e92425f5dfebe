import type { PolicyDocument } from '@proof-of-inference/sdk/payload'
import { defineVerifier, invalid, valid } from '@proof-of-inference/sdk/verifier'
import * as v from 'valibot'

const name = '@example/numeric-rubric'
const revision = 1

/** What decides a verdict: the whole of it, for the policy is what operators agree by. */
const parameters = v.strictObject({ tolerance: v.pipe(v.number(), v.finite(), v.minValue(0)) })

/** An answer is right if it has the numbers of the reference's, in any order and wording. */
export function numericRubric() {
  return defineVerifier<v.InferOutput<typeof parameters>>({
    name,
    revision,
    scope: 'item',
    requires: ['run'],
    policy: parameters,
    async verify({ claimed, input, policy: { tolerance } }, context) {
      const runner = await context.runner()
      const reference = await runner.run(input, { signal: context.signal })
      if (reference.type !== 'text') throw new TypeError('the reference does not answer with text')
      if (claimed.type !== 'text') return invalid({ reason: 'the answer is no text' })
      const [expected, found] = [numbersIn(reference.text), numbersIn(claimed.text)]
      const evidence = { expected: expected.map(String) }
      if (expected.length !== found.length)
        return invalid({ reason: `it has ${found.length} numbers, not ${expected.length}`, evidence })
      const worst = expected.reduce((most, each, index) => Math.max(most, Math.abs(each - (found[index] ?? 0))), 0)
      const findings = { metrics: { worst }, evidence }
      // The numbers of the reference cannot be told from a wrong answer.
      return worst <= tolerance ? valid(findings) : invalid({ ...findings, provesWork: true })
    },
  })
}

/** A policy of the rubric; the confidence is what was measured. */
numericRubric.policy = (options: v.InferOutput<typeof parameters>): PolicyDocument => ({
  v: 1,
  verifier: name,
  revision,
  parameters: v.parse(parameters, options),
  confidence: { valid: 9_900, invalid: 9_900 },
  references: {},
})

/** The numbers of a text, from the least. */
function numbersIn(text: string): number[] {
  return [...text.matchAll(/\d{1,15}(\.\d{1,15})?/g)].map(([digits]) => Number(digits)).sort((a, b) => a - b)
}
