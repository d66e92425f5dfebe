/**
 * Bit for bit in the same runtime class, within a tolerance across classes.
 *
 * @module @proof-of-inference/verifier-exact
 */

export { exact } from './exact.ts'
export type { ExactParameters, ExactPolicyOptions, TextRule, Tolerance } from './policy.ts'
