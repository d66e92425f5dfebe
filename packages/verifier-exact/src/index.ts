export { exact } from './exact.ts'
export type { ExactParameters, ExactPolicyOptions, TextRule, Tolerance } from './policy.ts'
