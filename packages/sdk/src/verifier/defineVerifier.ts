import { InvalidDefinitionError } from '../errors/verification.ts'
import type { BatchVerifier, ItemVerifier, Verifier } from './types.ts'

/** An npm package name, with an optional `/strategy`. It cannot contain `@` but at its start: method ids rely on it. */
const namePattern = /^(@[a-z0-9-~][a-z0-9-._~]*\/)?[a-z0-9-~][a-z0-9-._~]*(\/[a-z0-9][a-z0-9-]*)?$/

/**
 * Defines a verifier. Throws an `InvalidDefinitionError` if the name is not an npm package name (with an optional
 * `/strategy`) or the revision not a positive integer.
 *
 * @example
 * export const numericRubric = () =>
 *   defineVerifier({
 *     name: '@acme/numeric-rubric',
 *     revision: 1,
 *     scope: 'item',
 *     requires: [],
 *     policy: v.strictObject({ tolerance: v.number() }),
 *     verify({ claimed, policy }) {
 *       const worst = claimed.type === 'json' ? Math.abs(Number(claimed.value) - 1) : Number.POSITIVE_INFINITY
 *       return worst <= policy.tolerance ? valid({ metrics: { worst } }) : invalid({ reason: 'too far from 1' })
 *     },
 *   })
 *
 * @example
 * export const spread = () =>
 *   defineVerifier({
 *     name: '@acme/spread',
 *     revision: 1,
 *     scope: 'batch',
 *     requires: [],
 *     policy: v.strictObject({ least: v.number() }),
 *     async verify({ batch, policy }) {
 *       const values: number[] = []
 *       for await (const { claimed } of batch.items()) if (claimed.type === 'json') values.push(Number(claimed.value))
 *       const spread = Math.max(...values) - Math.min(...values)
 *       return spread >= policy.least ? valid({ metrics: { spread } }) : invalid({ metrics: { spread } })
 *     },
 *   })
 */
export function defineVerifier<policy>(definition: ItemVerifier<policy>): ItemVerifier<policy>
export function defineVerifier<policy>(definition: BatchVerifier<policy>): BatchVerifier<policy>
export function defineVerifier<policy>(definition: Verifier<policy>): Verifier<policy> {
  const { name, revision } = definition
  const refuse = (reason: string) => new InvalidDefinitionError({ what: 'verifier', reason })
  if (name.length > 214 || !namePattern.test(name))
    throw refuse(`"${name}" is not an npm package name, with an optional /strategy`)
  if (!Number.isSafeInteger(revision) || revision < 1)
    throw refuse(`the revision of ${name} is ${revision}, not a positive integer`)
  return Object.freeze({ ...definition, requires: Object.freeze([...definition.requires]) })
}
