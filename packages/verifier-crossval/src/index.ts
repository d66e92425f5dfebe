/**
 * Agreement with a panel of reference models or runtimes.
 *
 * @module @proof-of-inference/verifier-crossval
 */

export type { Answer } from './consensus.ts'
export { crossval } from './crossval.ts'
export type { ClaimThresholds, CrossvalParameters, CrossvalPolicyOptions, Panellist } from './policy.ts'
