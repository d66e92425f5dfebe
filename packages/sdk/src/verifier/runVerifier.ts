import * as v from 'valibot'
import type { Address } from 'viem'
import { isProofOfInferenceError } from '../errors/base.ts'
import { PolicyInvalidError, VerifierFailedError } from '../errors/verification.ts'
import { encode } from '../payload/codec.ts'
import { digest } from '../payload/digest.ts'
import { ipldValue, named } from '../payload/schemas.ts'
import type { EncodedPayload, IpldValue, PolicyDocument, RuntimeFingerprint } from '../payload/types.ts'
import { abortable, withTimeout } from '../utils/abort.ts'
import { equalBytes } from '../utils/bytes.ts'
import type { PolicyJob, Verdict, VerificationContext, VerificationResult, Verifier } from './types.ts'

const verdictSchema: v.GenericSchema<unknown, Verdict> = v.strictObject({
  status: v.picklist(['valid', 'invalid', 'inconclusive']),
  grade: v.exactOptional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  reason: v.exactOptional(v.string()),
  metrics: named(v.pipe(v.number(), v.finite())),
  evidence: ipldValue,
  provesWork: v.exactOptional(v.boolean()),
})

/**
 * Runs a verifier on a job, and says what the operator is to attest.
 *
 * Throws a `PolicyInvalidError` if the policy is not one of this verifier and revision, a `VerifierFailedError` if the
 * verifier throws an error of its own, takes too long, or returns something that is not a verdict; errors of the SDK
 * (no runner, wrong weights, …) rise as they are. A failure never judges.
 *
 * @param options.timeout Milliseconds; default: none.
 *
 * @example
 * const result = await runVerifier(exact(), job, context, { timeout: 60_000 })
 * if (!result.abstain) attest(result.isValid, result.confidence, result.evidence.digest)
 */
export async function runVerifier<policy>(
  verifier: Verifier<policy>,
  job: PolicyJob,
  context: VerificationContext,
  options: { readonly timeout?: number | undefined } = {},
): Promise<VerificationResult> {
  const method = `${verifier.name}@${verifier.revision}`
  const failed = (reason: string, cause?: unknown) => new VerifierFailedError({ verifier: method, reason, cause })
  const policy = parsePolicy(verifier, job.policy)

  const runtimes: Record<string, RuntimeFingerprint> = {}
  const runner: VerificationContext['runner'] = async (role = 'model') => {
    const found = await context.runner(role)
    runtimes[role] = found.fingerprint
    return found
  }
  const limit = withTimeout(context.signal, options.timeout)
  let found: unknown
  try {
    limit.signal.throwIfAborted()
    const verifying = (async () => verifier.verify({ ...job, policy }, { ...context, runner, signal: limit.signal }))()
    found = await abortable(verifying, limit.signal)
  } catch (error) {
    if (limit.timedOut()) throw failed(`it took longer than ${options.timeout} ms`, error)
    context.signal.throwIfAborted()
    throw isProofOfInferenceError(error) ? error : failed('it threw', error)
  } finally {
    limit.clear()
  }

  const parsed = v.safeParse(verdictSchema, found)
  if (!parsed.success) throw failed(`it returned no verdict: ${v.summarize(parsed.issues)}`)
  const verdict = parsed.output
  const { confidence } = job.policy
  if (verdict.grade !== undefined && !confidence.graded) throw failed('it graded under a policy that is not graded')
  if (verdict.status === 'inconclusive') return { abstain: true, verdict }
  const isValid = verdict.status === 'valid'
  if (isValid && confidence.graded && verdict.grade === undefined) throw failed('it gave no grade')
  return {
    abstain: false,
    verdict,
    isValid,
    confidence: !isValid
      ? confidence.invalid
      : verdict.grade === undefined
        ? confidence.valid
        : Math.min(Math.round(verdict.grade * 10_000), confidence.valid),
    evidence: await encodeEvidence({ verifier, job, operator: context.operator, runtimes, verdict, failed }),
  }
}

/** The policy's parameters, if the policy is one of the verifier. */
function parsePolicy<policy>(verifier: Verifier<policy>, document: PolicyDocument): policy {
  const method = `${verifier.name}@${verifier.revision}`
  const refuse = (issues: readonly string[], cause?: unknown) =>
    new PolicyInvalidError({ verifier: method, issues, cause })
  if (document.verifier !== verifier.name || document.revision !== verifier.revision)
    throw refuse([`it is for ${document.verifier}@${document.revision}`])
  const result = verifier.policy['~standard'].validate(document.parameters)
  if (result instanceof Promise) throw refuse(['the verifier parses it asynchronously, which is not allowed'])
  if (result.issues)
    throw refuse(
      result.issues.map(({ message, path }) => {
        const place = path?.map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
        return place ? `parameters.${place}: ${message}` : `parameters: ${message}`
      }),
    )
  if (!isSame(result.value, document.parameters))
    throw refuse(['it is not fully resolved: the verifier would fill in or change something'])
  return result.value
}

/** Whether parsing changed nothing. */
function isSame(parsed: unknown, parameters: IpldValue): boolean {
  try {
    return equalBytes(encode(parsed as IpldValue), encode(parameters))
  } catch (error) {
    // What has no encoding is not what was decoded.
    if (isProofOfInferenceError(error, 'PayloadEncodingError')) return false
    throw error
  }
}

/** The verdict with what it is about, so that its digest stands for nothing else. */
async function encodeEvidence({
  verifier,
  job,
  operator,
  runtimes,
  verdict,
  failed,
}: {
  verifier: Verifier
  job: PolicyJob
  operator: Address
  runtimes: { readonly [role: string]: RuntimeFingerprint }
  verdict: Verdict
  failed: (reason: string, cause?: unknown) => VerifierFailedError
}): Promise<EncodedPayload> {
  let bytes: Uint8Array
  try {
    bytes = encode({
      v: 1,
      type: 'evidence',
      verifier: verifier.name,
      revision: verifier.revision,
      requestId: job.requestId,
      jobId: job.jobId,
      // Without it, the evidence of one honest operator would be that of all.
      operator: operator.toLowerCase(),
      runtimes,
      status: verdict.status,
      ...(verdict.grade !== undefined && { grade: verdict.grade + 0 }),
      ...(verdict.reason !== undefined && { reason: verdict.reason }),
      // −0 has no encoding; adding 0 makes it 0.
      metrics: Object.fromEntries(Object.entries(verdict.metrics).map(([name, metric]) => [name, metric + 0])),
      evidence: verdict.evidence,
    })
  } catch (cause) {
    throw failed('its evidence cannot be encoded', cause)
  }
  return { bytes, digest: await digest(bytes), blocks: [] }
}
