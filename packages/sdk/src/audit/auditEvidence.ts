import { type Client, type GetContractEventsErrorType, type Hex, isAddressEqual, recoverAddress } from 'viem'
import { getContractEvents } from 'viem/actions'
import * as proofOfInferenceAvsAbi from '../abis/calls/proofOfInferenceAvs.ts'
import type { getAttestations } from '../actions/avs/getAttestations.ts'
import { getRequest } from '../actions/avs/getRequest.ts'
import { getBlockRanges } from '../actions/internal/blockRanges.ts'
import type { OpenedRequest } from '../actions/internal/queryRequests.ts'
import { getVoter } from '../actions/operatorSet/getVoter.ts'
import type { getModelVersion } from '../actions/registry/getModelVersion.ts'
import type { BlockRangeParameters, DeploymentParameter } from '../actions/types.ts'
import { InvalidSignerError } from '../errors/avs.ts'
import { isProofOfInferenceError } from '../errors/base.ts'
import { ForgedEventError } from '../errors/operator.ts'
import { readVersion } from '../operator/reads.ts'
import type { PayloadSource } from '../payload/store.ts'
import { getVerified } from '../payload/transfer.ts'
import { commitmentHash, hashAttestation, hashJob, hashRequest } from '../utils/typedData.ts'
import { decodeEvidence, type Evidence } from '../verifier/evidence.ts'
import { methodId } from '../verifier/methodId.ts'
import { failed, passed, unchecked } from './check.ts'
import { type Repetition, repeatVerification } from './repeatVerification.ts'
import type { AuditCheck, AuditCheckName, EvidenceAudit } from './types.ts'

/** Most bytes of evidence. */
const defaultMaxEvidenceBytes = 16 * 1024 * 1024

/**
 * Demands and checks the evidence of a vote: fetches it by the digest in the vote, and makes sure that it is about that
 * request, by that operator, of the model version's method, and says what the vote says. With `repeat`, runs the
 * verifier again and compares.
 *
 * Evidence that passes without a repeated run proves no work: all of it may be made up. What can be derived from the
 * claimed output, as all evidence of the exact verifier for a valid verdict, proves none even then; `provesWork` says
 * whether it does.
 *
 * What the operator did wrong is in the report; errors are for what hinders the audit.
 *
 * @throws `RequestNotFoundError`, `ForgedEventError`; `InvalidSignerError` if the operator did not sign the vote; with
 * `repeat`, what fetching the payloads and running the verifier throw.
 *
 * @example
 * const repeat = { verifier: exact(), runners: runnerRegistry({ runners: [onnx()], payloads }) }
 * for (const attestation of await getAttestations(client, { deployment, requestId })) {
 *   const audit = await auditEvidence(client, { deployment, attestation, payloads, repeat })
 *   if (audit.outcome !== 'passed') console.log(audit.operator, audit.checks)
 * }
 */
export async function auditEvidence(
  client: Client,
  parameters: auditEvidence.Parameters,
): Promise<auditEvidence.ReturnType> {
  const { deployment, attestation, payloads, repeat, signal } = parameters
  const { requestId, operator, evidenceDigest } = attestation
  const opened = await readRequest(client, parameters)
  const { jobId, job } = opened
  const version = await readVersion(client, { deployment, modelVersionId: job.modelVersionId })
  const attestationDigest = await assertSigned(client, parameters, { opened, version })

  const fetched = await fetchEvidence(parameters)
  const { bytes } = fetched
  const decoded = bytes ? decode(bytes) : { evidence: null, shape: unchecked('there is no evidence') }
  const { evidence } = decoded
  const claims = checkClaims(attestation, { opened, version, evidence })
  const operatorSalt = repeat?.operatorSalt
  const salt =
    operatorSalt === undefined
      ? unchecked('the salt of the operator was not given')
      : await checkSalt(client, parameters, { opened, attestationDigest, operatorSalt })

  let repetition: Repetition = {
    repeatedVerdict: unchecked('it was not asked for'),
    repeatedEvidence: unchecked('it was not asked for'),
    provesWork: false,
  }
  if (repeat)
    repetition = await repeatVerification(client, {
      deployment,
      opened,
      attestation,
      evidence: bytes && evidence ? { bytes, content: evidence } : null,
      payloads,
      ...repeat,
      signal: signal ?? new AbortController().signal,
    })
  const { provesWork, ...repeated } = repetition
  const { available, digest } = fetched
  const checks = { available, digest, shape: decoded.shape, ...claims, salt, ...repeated }
  const hasFailed = (names: readonly AuditCheckName[]) => names.some((name) => checks[name].result === 'failed')
  const ofEvidence = ['shape', 'request', 'operator', 'method', 'verdict', 'salt'] as const
  return {
    requestId,
    jobId,
    operator,
    evidenceDigest,
    outcome: hasFailed([...ofEvidence, 'repeatedVerdict', 'repeatedEvidence'])
      ? 'failed'
      : bytes
        ? 'passed'
        : 'unavailable',
    checks,
    evidence,
    // Of another's result it is no proof, nor of one drawn with another salt.
    provesWork: provesWork && !hasFailed(ofEvidence),
  }
}

export declare namespace auditEvidence {
  type BoundParameters = Pick<BlockRangeParameters, 'fromBlock' | 'blocksPerQuery'> & {
    /** The vote, see `getAttestations`. */
    attestation: Pick<
      getAttestations.SubmittedAttestation,
      'requestId' | 'operator' | 'isValid' | 'confidence' | 'evidenceDigest' | 'signature'
    >
    /** Holds the evidence; for `repeat` the model's manifest and policy, the input and the output, too. */
    payloads: PayloadSource
    /** Run the verifier again, and compare. Default: nothing is run. */
    repeat?: repeatVerification.Options | undefined
    /** Most bytes of evidence. Default: 16 MiB. */
    maxEvidenceBytes?: number | undefined
    signal?: AbortSignal | undefined
  }
  type Parameters = BoundParameters & DeploymentParameter
  type ReturnType = EvidenceAudit
  type ErrorType =
    | getRequest.ErrorType
    | getModelVersion.ErrorType
    | getVoter.ErrorType
    | repeatVerification.ErrorType
    | ForgedEventError
    | GetContractEventsErrorType
    | InvalidSignerError
}

type Attestation = auditEvidence.BoundParameters['attestation']
type Facts = { opened: OpenedRequest; version: Awaited<ReturnType<typeof readVersion>> }

/** The request and its job, if they are what their ids say: an accusation must not rest on a node's word. */
async function readRequest(client: Client, parameters: auditEvidence.Parameters): Promise<OpenedRequest> {
  const { deployment, attestation, fromBlock, blocksPerQuery } = parameters
  const { requestId } = attestation
  const opened = await getRequest(client, { deployment, requestId, fromBlock, blocksPerQuery })
  const { request, job } = opened
  const actualRequestId = hashRequest({ deployment, request })
  if (actualRequestId !== requestId.toLowerCase())
    throw new ForgedEventError({ what: 'request', expected: requestId, actual: actualRequestId })
  const actualJobId = hashJob({ deployment, job })
  if (actualJobId !== request.jobId)
    throw new ForgedEventError({ what: 'job', expected: request.jobId, actual: actualJobId })
  return opened
}

/** Makes sure that the vote is the operator's. Returns what it signed. */
async function assertSigned(
  client: Client,
  { deployment, attestation: { signature, ...vote } }: auditEvidence.Parameters,
  { opened, version }: Facts,
): Promise<Hex> {
  const { requestId, operator, isValid, confidence, evidenceDigest } = vote
  const attestationDigest = hashAttestation({
    deployment,
    attestation: { requestId, operator, isValid, confidence, evidenceDigest, method: version.methodId },
  })
  const timepoint = opened.request.referenceTimepoint
  const [recovered, { signingKey }] = await Promise.all([
    recoverAddress({ hash: attestationDigest, signature }),
    getVoter(client, { deployment, operator, timepoint }),
  ])
  if (!isAddressEqual(recovered, signingKey)) throw new InvalidSignerError({ recovered, signingKey })
  return attestationDigest
}

async function fetchEvidence({
  attestation: { evidenceDigest },
  payloads,
  maxEvidenceBytes = defaultMaxEvidenceBytes,
  signal,
}: auditEvidence.Parameters): Promise<{ available: AuditCheck; digest: AuditCheck; bytes: Uint8Array | null }> {
  try {
    const bytes = await getVerified(payloads, evidenceDigest, { maxBytes: maxEvidenceBytes, signal })
    return { available: passed, digest: passed, bytes }
  } catch (error) {
    if (!isProofOfInferenceError(error)) throw error
    // Stores report wrong bytes among other failures.
    if (error.walk('PayloadDigestMismatchError'))
      return { available: passed, digest: failed(error.message), bytes: null }
    if (error.name !== 'PayloadUnavailableError' && error.name !== 'PayloadTooLargeError') throw error
    return { available: failed(error.message), digest: unchecked('there is no evidence'), bytes: null }
  }
}

function decode(bytes: Uint8Array): { evidence: Evidence | null; shape: AuditCheck } {
  try {
    return { evidence: decodeEvidence(bytes), shape: passed }
  } catch (error) {
    if (!isProofOfInferenceError(error)) throw error
    return { evidence: null, shape: failed(error.message) }
  }
}

/** What the evidence says it is, against what the vote says it is. */
function checkClaims(
  { requestId, operator, isValid }: Attestation,
  { opened, version, evidence }: Facts & { evidence: Evidence | null },
): Pick<EvidenceAudit['checks'], 'request' | 'operator' | 'method' | 'verdict'> {
  if (!evidence) {
    const check = unchecked('there is no evidence')
    return { request: check, operator: check, method: check, verdict: check }
  }
  const isOfRequest = evidence.requestId === requestId.toLowerCase() && evidence.jobId === opened.jobId
  const method = `${evidence.verifier}@${evidence.revision}`
  const status = isValid ? 'valid' : 'invalid'
  return {
    request: isOfRequest ? passed : failed(`it is about request ${evidence.requestId} of job ${evidence.jobId}`),
    operator: isAddressEqual(evidence.operator, operator) ? passed : failed(`it is by ${evidence.operator}`),
    method:
      methodId({ name: evidence.verifier, revision: evidence.revision }) === version.methodId
        ? passed
        : failed(`it is of ${method}`),
    verdict: evidence.status === status ? passed : failed(`it says ${evidence.status}, the vote ${status}`),
  }
}

/** Whether the operator was bound to the salt before it could know what the salt draws. */
async function checkSalt(
  client: Client,
  { deployment, attestation: { requestId, operator }, blocksPerQuery }: auditEvidence.Parameters,
  { opened, attestationDigest, operatorSalt }: { opened: OpenedRequest; attestationDigest: Hex; operatorSalt: Hex },
): Promise<AuditCheck> {
  if (opened.request.commitWindow === 0)
    return unchecked('without a commit window nothing binds an operator to its salt')
  const { ranges } = await getBlockRanges(client, { deployment, fromBlock: opened.blockNumber, blocksPerQuery })
  for (const range of ranges) {
    const [event] = await getContractEvents(client, {
      address: deployment.avs,
      abi: proofOfInferenceAvsAbi.VerificationCommitted,
      eventName: 'VerificationCommitted',
      args: { requestId, operator },
      strict: true,
      ...range,
    })
    if (!event) continue
    return event.args.commitment === commitmentHash(attestationDigest, operatorSalt)
      ? passed
      : failed('it is not the salt of the commitment')
  }
  return unchecked('the operator made no commitment')
}
