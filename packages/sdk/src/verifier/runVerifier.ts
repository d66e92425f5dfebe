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
import { assertTakes } from './assertTakes.ts'
import type { PolicyJob, Verdict, VerificationContext, VerificationResult, Verifier } from './types.ts'
import { toEvidence, verifySample } from './verifySample.ts'

const verdictSchema: v.GenericSchema<unknown, Verdict> = v.strictObject({
  status: v.picklist(['valid', 'invalid', 'inconclusive']),
  grade: v.exactOptional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  reason: v.exactOptional(v.string()),
  metrics: named(v.pipe(v.number(), v.finite())),
  evidence: ipldValue,
  provesWork: v.exactOptional(v.boolean()),
})

type Fail = (reason: string, cause?: unknown) => VerifierFailedError

/**
 * Runs a verifier on a job, and says what the operator is to attest. A verifier of single inferences judges a batch by
 * the items that the operator's salt draws, as the policy says: the batch is invalid if more of them than
 * `allowedFailures` are, valid if no more could be even if the inconclusive ones were, otherwise inconclusive.
 *
 * Throws a `PolicyInvalidError` if the policy is not one of this verifier and revision, a `BatchMismatchError` if it is
 * not for batches and the job is one, or the reverse, or the batch is too small, a `VerifierFailedError` if the
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
  const failed: Fail = (reason, cause) => new VerifierFailedError({ verifier: method, reason, cause })
  const policy = parsePolicy(verifier, job.policy)
  assertTakes(job.policy, 'batch' in job ? job.batch.size : undefined)

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
    const verifying = verify(verifier, job, policy, { ...context, runner, signal: limit.signal }, failed)
    found = await abortable(verifying, limit.signal)
  } catch (error) {
    if (limit.timedOut()) throw failed(`it took longer than ${options.timeout} ms`, error)
    context.signal.throwIfAborted()
    throw isProofOfInferenceError(error) ? error : failed('it threw', error)
  } finally {
    limit.clear()
  }

  const { confidence } = job.policy
  const verdict = parseVerdict(found, confidence, failed)
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

/** What the verifier says of the job, which is one that the policy takes. */
async function verify<policy>(
  verifier: Verifier<policy>,
  job: PolicyJob,
  policy: policy,
  context: VerificationContext,
  failed: Fail,
): Promise<unknown> {
  const { signal, operatorSalt } = context
  if (verifier.scope === 'batch') {
    if (!('batch' in job)) throw failed('it was given a single inference')
    const { size, items } = job.batch
    const batch: typeof job.batch = { size, items: (indices, options) => items(indices, { signal, ...options }) }
    return verifier.verify({ ...job, batch, policy }, context)
  }
  if (!('batch' in job)) return verifier.verify({ ...job, policy }, context)

  const { batch, ...rest } = job
  const rule = job.policy.batch
  if (rule === undefined || rule === 'verifier') throw failed('it was given a batch')
  if (operatorSalt === undefined) throw failed('the context has no operatorSalt, which draws the items')
  return verifySample({
    batch,
    rule,
    operatorSalt,
    signal,
    async verify({ index, input, claimed }) {
      const streams = {
        // Of their own for each item, so that chance does not strike all of them alike.
        shared: (name: string) => context.shared(`batch/${index}/${name}`),
        secret: (name: string) => context.secret(`batch/${index}/${name}`),
      }
      try {
        const found = await verifier.verify({ ...rest, input, claimed, policy }, { ...context, ...streams })
        return parseVerdict(found, job.policy.confidence, failed)
      } catch (error) {
        if (signal.aborted || isProofOfInferenceError(error)) throw error
        throw failed(`it threw on item ${index}`, error)
      }
    },
  })
}

function parseVerdict(found: unknown, { graded }: PolicyDocument['confidence'], failed: Fail): Verdict {
  const parsed = v.safeParse(verdictSchema, found)
  if (!parsed.success) throw failed(`it returned no verdict: ${v.summarize(parsed.issues)}`)
  if (parsed.output.grade !== undefined && !graded) throw failed('it graded under a policy that is not graded')
  return parsed.output
}

/** The policy's parameters, if the policy is one of the verifier. */
function parsePolicy<policy>(verifier: Verifier<policy>, document: PolicyDocument): policy {
  const method = `${verifier.name}@${verifier.revision}`
  const refuse = (issues: readonly string[], cause?: unknown) =>
    new PolicyInvalidError({ verifier: method, issues, cause })
  if (document.verifier !== verifier.name || document.revision !== verifier.revision)
    throw refuse([`it is for ${document.verifier}@${document.revision}`])
  if ((verifier.scope === 'batch') !== (document.batch === 'verifier'))
    throw refuse([
      verifier.scope === 'batch'
        ? "batch: it must be 'verifier', as the verifier judges batches"
        : 'batch: the verifier judges single inferences',
    ])
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
  failed: Fail
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
      ...toEvidence(verdict),
    })
  } catch (cause) {
    throw failed('its evidence cannot be encoded', cause)
  }
  return { bytes, digest: await digest(bytes), blocks: [] }
}
