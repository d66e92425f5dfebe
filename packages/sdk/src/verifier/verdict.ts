import type { IpldValue } from '../payload/types.ts'
import type { Verdict } from './types.ts'

type Findings = {
  readonly metrics?: { readonly [name: string]: number }
  readonly evidence?: IpldValue
  readonly provesWork?: boolean
}

/**
 * The output is the model's.
 *
 * @param findings `grade`, 0..1, only if the policy is graded.
 *
 * @example
 * return valid({ metrics: { maxAbs: 0 } })
 */
export function valid(findings: Findings & { readonly grade?: number } = {}): Verdict {
  return { status: 'valid', metrics: {}, evidence: null, ...findings }
}

/**
 * The output is not the model's.
 *
 * @example
 * return invalid({ reason: 'shape', metrics: { compared: 0 } })
 */
export function invalid(findings: Findings & { readonly grade?: number; readonly reason?: string } = {}): Verdict {
  return { status: 'invalid', metrics: {}, evidence: null, ...findings }
}

/**
 * The method cannot tell here, and the operator abstains. For failures, throw instead.
 *
 * @example
 * return inconclusive({ reason: 'the policy has no tolerance for this pair of runtimes' })
 */
export function inconclusive(findings: Findings & { readonly reason: string }): Verdict {
  return { status: 'inconclusive', metrics: {}, evidence: null, ...findings }
}
