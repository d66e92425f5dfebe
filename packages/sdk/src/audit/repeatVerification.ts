import { type Client, type Hex, zeroHash } from 'viem'
import type { getPublishedPayload } from '../actions/avs/getPublishedPayload.ts'
import type { OpenedRequest } from '../actions/internal/queryRequests.ts'
import type { Deployment } from '../deployments/deployment.ts'
import { isProofOfInferenceError } from '../errors/base.ts'
import type {
  PayloadDigestMismatchError,
  PayloadInvalidError,
  PayloadTooLargeError,
  PayloadUnavailableError,
} from '../errors/payload.ts'
import { OperatorSaltMissingError } from '../errors/request.ts'
import type { PolicyInvalidError, RunnerUnavailableError, VerifierFailedError } from '../errors/verification.ts'
import type { getModelPolicy } from '../model/getModelPolicy.ts'
import { fetchJob } from '../operator/judge.ts'
import { createReads } from '../operator/reads.ts'
import { runtimeClass } from '../payload/fingerprint.ts'
import type { PayloadSource } from '../payload/store.ts'
import { defaultMaxBytes } from '../payload/transfer.ts'
import type { RunnerRegistry } from '../runner/types.ts'
import { equalBytes } from '../utils/bytes.ts'
import { createVerificationContext } from '../verifier/createVerificationContext.ts'
import { decodeEvidence, type Evidence } from '../verifier/evidence.ts'
import { runVerifier } from '../verifier/runVerifier.ts'
import type { PolicyJob, VerificationContext, VerificationResult, Verifier } from '../verifier/types.ts'
import type { auditEvidence } from './auditEvidence.ts'
import { failed, passed, unchecked } from './check.ts'
import type { AuditCheck, EvidenceAudit } from './types.ts'

export type Repetition = Pick<EvidenceAudit, 'provesWork'> &
  Pick<EvidenceAudit['checks'], 'repeatedVerdict' | 'repeatedEvidence'>

type Parameters = repeatVerification.Options & {
  deployment: Deployment
  opened: OpenedRequest
  attestation: auditEvidence.BoundParameters['attestation']
  evidence: { bytes: Uint8Array; content: Evidence } | null
  payloads: PayloadSource
  signal: AbortSignal
}

/** Runs the verifier as the operator should have, and compares what it comes to with the vote and the evidence. */
export async function repeatVerification(client: Client, parameters: Parameters): Promise<Repetition> {
  const { deployment, opened, attestation, payloads, maxPayloadBytes = defaultMaxBytes, signal } = parameters
  const job = await fetchJob(client, {
    deployment,
    record: opened,
    payloads,
    reads: createReads({ client, deployment, payloads }),
    maxBytes: maxPayloadBytes,
    signal,
  })
  const repeated = await run(job, parameters)
  if ('unchecked' in repeated) return nothing(repeated.unchecked)
  const { result, isDeterministic } = repeated
  if (result.abstain) return nothing(`the repeated run is inconclusive: ${result.verdict.reason ?? 'no reason given'}`)

  const repeatedEvidence = compareEvidence(parameters.evidence, result.evidence.bytes, isDeterministic)
  // A grade may be another on another runtime.
  const isConfidenceFixed = !job.policy.confidence.graded || !result.isValid || repeatedEvidence.result === 'passed'
  const signed = describe(attestation)
  const isSame =
    result.isValid === attestation.isValid && (!isConfidenceFixed || result.confidence === attestation.confidence)
  return {
    repeatedVerdict: isSame ? passed : failed(`it is ${describe(result)}; the vote says ${signed}`),
    repeatedEvidence,
    provesWork: repeatedEvidence.result === 'passed' && result.verdict.provesWork === true,
  }
}

export declare namespace repeatVerification {
  type Options = {
    /** The verifier of the model version. */
    verifier: Verifier
    /** See `runnerRegistry`. Best of the runtime that the operator has; otherwise only the verdict can be compared. */
    runners: RunnerRegistry
    /**
     * The operator's salt for the request, where it revealed one: needed if the verifier draws on it. Compared with its
     * commitment if the request has a commit window.
     */
    operatorSalt?: Hex | undefined
    /** Milliseconds. Default: no limit. */
    timeout?: number | undefined
    /** Most bytes of the input or the output, chunks included. Default: 64 MiB. */
    maxPayloadBytes?: number | undefined
  }
  type ErrorType =
    | getModelPolicy.ErrorType
    | getPublishedPayload.ErrorType
    | PayloadDigestMismatchError
    | PayloadInvalidError
    | PayloadTooLargeError
    | PayloadUnavailableError
    | PolicyInvalidError
    | RunnerUnavailableError
    | VerifierFailedError
}

type Run = { result: VerificationResult; isDeterministic: boolean } | { unchecked: string }

async function run(job: PolicyJob, parameters: Parameters): Promise<Run> {
  const { opened, attestation, verifier, runners, payloads, operatorSalt, timeout, signal } = parameters
  const { operator, requestId } = attestation
  const { modelVersionId } = opened.job
  const withoutSalt = { unchecked: 'the verifier draws on the salt of the operator, which was not given' }
  const isSampled = 'batch' in job && job.policy.batch !== 'verifier'
  if (isSampled && operatorSalt === undefined) return withoutSalt
  const created = createVerificationContext({
    job,
    operator,
    runners,
    payloads,
    operatorSalt: operatorSalt ?? zeroHash,
    signal,
    modelVersionId,
  })
  let isDeterministic = true
  const runner: VerificationContext['runner'] = async (role) => {
    const found = await created.runner(role)
    isDeterministic &&= found.deterministic
    return found
  }
  const { shared } = created
  const context: VerificationContext =
    operatorSalt !== undefined
      ? { ...created, runner }
      : {
          operator,
          signal,
          shared,
          runner,
          secret() {
            throw new OperatorSaltMissingError({ requestId })
          },
        }
  try {
    return { result: await runVerifier(verifier, job, context, { timeout }), isDeterministic }
  } catch (error) {
    if (!isProofOfInferenceError(error, 'OperatorSaltMissingError')) throw error
    return withoutSalt
  } finally {
    await created.dispose()
  }
}

function nothing(reason: string): Repetition {
  return { repeatedVerdict: unchecked(reason), repeatedEvidence: unchecked(reason), provesWork: false }
}

function describe({ isValid, confidence }: { isValid: boolean; confidence: number }): string {
  return `${isValid ? 'valid' : 'invalid'} with confidence ${confidence}`
}

function compareEvidence(given: Parameters['evidence'], bytes: Uint8Array, isDeterministic: boolean): AuditCheck {
  if (!given) return unchecked('there is no evidence')
  if (equalBytes(given.bytes, bytes)) return passed
  const theirs = given.content.runtimes
  const ours = decodeEvidence(bytes).runtimes
  for (const role of new Set([...Object.keys(theirs), ...Object.keys(ours)])) {
    const [a, b] = [theirs[role], ours[role]]
    if (!a || !b || a.weightsDigest !== b.weightsDigest)
      return failed(`${role}: it names ${a ? `weights ${a.weightsDigest}` : 'no model'} in this role`)
    if (runtimeClass(a) !== runtimeClass(b))
      return unchecked(`${role}: it is of ${runtimeClass(a)}, the repeated run of ${runtimeClass(b)}`)
  }
  if (!isDeterministic) return unchecked('the runner is not deterministic')
  return failed('the repeated run gives other evidence')
}
