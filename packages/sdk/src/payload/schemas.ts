import * as v from 'valibot'
import { PayloadInvalidError } from '../errors/payload.ts'
import { batchRule, honestClaims } from './batchRule.ts'
import { isDigest } from './digest.ts'
import type {
  ChatInput,
  Digest,
  IpldValue,
  ModelManifest,
  ModelReference,
  PolicyDocument,
  RuntimeFingerprint,
  RuntimeProfile,
  VerdictCounts,
} from './types.ts'

// Shapes of the payloads. Everything is strict: an unknown key is an error, since it would be part of the digest while
// nobody reads it. Values were decoded (or will be encoded) by the codec, which has its own rules.

const digest = v.custom<Digest>(isDigest, 'a sha2-256 digest: 0x and 64 lower-case hex digits')
const text = v.pipe(v.string(), v.nonEmpty(), v.maxLength(256))
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1))
const basisPoints = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(10_000))

/** Any value of the codec; absence is not one. */
export const ipldValue = v.custom<IpldValue>((value) => value !== undefined, 'a value')

/** Members by name. Refuses the names that valibot's own record leaves out without a word. */
export function named<output>(member: v.GenericSchema<unknown, output>) {
  return v.pipe(
    v.custom<Record<string, unknown>>(
      (value) => !['__proto__', 'prototype', 'constructor'].some((name) => Object.hasOwn(Object(value), name)),
      '__proto__, prototype and constructor cannot be names',
    ),
    v.record(text, member),
  )
}

export const runtimeProfile: v.GenericSchema<unknown, RuntimeProfile> = v.strictObject({
  engine: text,
  version: text,
  provider: text,
  threads: positive,
  optimization: text,
})

export const runtimeFingerprint: v.GenericSchema<unknown, RuntimeFingerprint> = v.strictObject({
  engine: text,
  version: text,
  provider: text,
  threads: positive,
  optimization: text,
  weightsDigest: digest,
})

export const chatInput: v.GenericSchema<unknown, ChatInput> = v.strictObject({
  type: v.literal('chat'),
  messages: v.pipe(v.array(v.strictObject({ role: text, content: v.string() })), v.minLength(1)),
  temperature: v.exactOptional(v.pipe(v.number(), v.minValue(0))),
  topP: v.exactOptional(v.pipe(v.number(), v.gtValue(0), v.maxValue(1))),
  topK: v.exactOptional(positive),
  maxTokens: v.exactOptional(positive),
  seed: v.exactOptional(count),
  stop: v.exactOptional(v.array(v.pipe(v.string(), v.nonEmpty()))),
})

/** A token id. */
export const tokenId = count

export const modelManifest: v.GenericSchema<unknown, ModelManifest> = v.strictObject({
  v: v.literal(1),
  name: text,
  weights: v.strictObject({ digest, format: text, size: positive }),
  tokenizer: v.exactOptional(v.strictObject({ digest, format: text })),
  runtimes: v.array(runtimeProfile),
})

const verdictCounts: v.GenericSchema<unknown, VerdictCounts> = v.pipe(
  v.strictObject({ n: positive, valid: count, invalid: count, inconclusive: count }),
  v.check(
    ({ n, valid, invalid, inconclusive }) => n === valid + invalid + inconclusive,
    'n is not the sum of the counts',
  ),
)

const modelReference: v.GenericSchema<unknown, ModelReference> = v.pipe(
  v.strictObject({ manifestDigest: v.exactOptional(digest), weightsDigest: v.exactOptional(digest) }),
  v.check((reference) => Object.keys(reference).length > 0, 'a reference needs a digest'),
)

const policyMembers: v.GenericSchema<unknown, PolicyDocument> = v.strictObject({
  v: v.literal(1),
  verifier: text,
  revision: positive,
  parameters: ipldValue,
  confidence: v.strictObject({
    // The registry takes no less than 100 for a version's confidence.
    valid: v.pipe(basisPoints, v.minValue(100)),
    invalid: basisPoints,
    graded: v.exactOptional(v.boolean()),
  }),
  references: v.pipe(
    named(modelReference),
    v.check((references) => !Object.hasOwn(references, 'model'), 'the role "model" is the verified model itself'),
  ),
  batch: v.exactOptional(batchRule),
  errorRates: v.exactOptional(v.strictObject({ honest: verdictCounts, attacks: named(verdictCounts) })),
  calibration: v.exactOptional(
    v.strictObject({
      calibrationSet: v.exactOptional(digest),
      testSet: v.exactOptional(digest),
      report: v.exactOptional(digest),
    }),
  ),
})

export const policyDocument = v.pipe(policyMembers, honestClaims)

/** The value if the schema accepts it; otherwise throws a `PayloadInvalidError` with every issue and its place. */
export function parse<output>(
  schema: v.GenericSchema<unknown, output>,
  value: unknown,
  { what, digest }: { what: string; digest?: string | undefined },
): output {
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  throw new PayloadInvalidError({
    what,
    digest,
    issues: result.issues.map((issue) => `${v.getDotPath(issue) ?? what}: ${issue.message}`),
  })
}
