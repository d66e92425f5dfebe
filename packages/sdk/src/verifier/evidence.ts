import * as v from 'valibot'
import type { Address, Hex } from 'viem'
import { decodeCanonical } from '../payload/codec.ts'
import { ipldValue, named, parse, runtimeFingerprint } from '../payload/schemas.ts'
import type { IpldValue, RuntimeFingerprint } from '../payload/types.ts'

/** An operator's evidence for its vote, as {@link runVerifier} encodes it. All of it is the operator's word. */
export type Evidence = {
  readonly v: 1
  readonly type: 'evidence'
  /** The verifier's name. */
  readonly verifier: string
  /** The verifier's revision. */
  readonly revision: number
  readonly requestId: Hex
  readonly jobId: Hex
  /** In lower case. */
  readonly operator: Address
  /** What ran the models, by the role in which the verifier asked for them. */
  readonly runtimes: { readonly [role: string]: RuntimeFingerprint }
  readonly status: 'valid' | 'invalid'
  readonly grade?: number
  readonly reason?: string
  readonly metrics: { readonly [name: string]: number }
  /** What the verifier gave. */
  readonly evidence: IpldValue
}

const hash = v.custom<Hex>((value) => typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value), 'a hash')
const address = v.custom<Address>(
  (value) => typeof value === 'string' && /^0x[0-9a-f]{40}$/.test(value),
  'an address in lower case',
)

const schema: v.GenericSchema<unknown, Evidence> = v.strictObject({
  v: v.literal(1),
  type: v.literal('evidence'),
  verifier: v.string(),
  revision: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  requestId: hash,
  jobId: hash,
  operator: address,
  runtimes: named(runtimeFingerprint),
  status: v.picklist(['valid', 'invalid']),
  grade: v.exactOptional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  reason: v.exactOptional(v.string()),
  metrics: named(v.pipe(v.number(), v.finite())),
  evidence: ipldValue,
})

/**
 * Decodes an operator's evidence. `bytes` are to come from `getVerified`. Throws a `PayloadInvalidError` if they
 * are not of the shape, a `PayloadNotCanonicalError` if they are not its canonical encoding.
 *
 * @example
 * const evidence = decodeEvidence(await getVerified(payloads, attestation.evidenceDigest))
 */
export function decodeEvidence(bytes: Uint8Array): Evidence {
  return parse(schema, decodeCanonical(bytes), { what: 'evidence' })
}
