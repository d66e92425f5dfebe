import type { GetBlockErrorType, GetTransactionReceiptErrorType, Hex, SimulateContractErrorType } from 'viem'
import type { getRequest } from '../actions/avs/getRequest.ts'
import type { requestInferenceVerification } from '../actions/avs/requestInferenceVerification.ts'
import type { revealCanary as sendRevelation } from '../actions/avs/revealCanary.ts'
import type { signRequest } from '../actions/avs/signRequest.ts'
import type { getFee } from '../actions/registry/getFee.ts'
import type { resolveModel } from '../actions/registry/resolveModel.ts'
import type { PayloadEncodingError, PayloadInvalidError, PayloadNotStoredError } from '../errors/payload.ts'
import type { InlinePayloadTooLargeError, QuorumUnreachableError } from '../errors/requester.ts'
import type { BatchMismatchError } from '../errors/verification.ts'
import type { getModelPolicy } from '../model/getModelPolicy.ts'
import { assertConfig } from './assertParameters.ts'
import { certifyRequest } from './certifyRequest.ts'
import { createNonces } from './createNonces.ts'
import type { getAgentWallet } from './getAgentWallet.ts'
import { openRequest } from './openRequest.ts'
import { prepareJob } from './prepareJob.ts'
import { revealCanary } from './revealCanary.ts'
import { findRequest } from './toInferenceRequest.ts'
import type {
  CertifiedRequest,
  CertifyParameters,
  InferenceRequest,
  JobParameters,
  PreparedJob,
  RequesterConfig,
  RequestParameters,
  RevealCanaryParameters,
} from './types.ts'

/** Has inferences verified. Built by {@link createRequester}. */
export type Requester = {
  /**
   * Has the output of a model verified: checks everything, makes the payloads available to the operators, and opens a
   * request that pays for the verification.
   *
   * Whatever would be refused, or could only expire, is found before anything is stored or paid:
   * - the model version, with its manifest and policy, which are fetched by digest and checked (`UnknownModelError`,
   *   `UnknownModelVersionError`, `InvalidModelReferenceError`, `ModelInactiveError`, `PolicyMismatchError`, errors of
   *   payloads);
   * - the payloads: both are of one inference, or batches of equal size (`PayloadInvalidError`), as the policy takes them
   *   (`BatchMismatchError`). Of a payload that is given by its digest, that is found by the operators. None has more
   *   bytes than operators take (`PayloadTooLargeError`, see `maxPayloadBytes` of the requester);
   * - the terms, by a simulation (`AssetNotAcceptedError`, `FeeBelowMinimumError`, `InvalidDeadlineError`,
   *   `InvalidCommitWindowError`, `InvalidQuorumError`, `InvalidMinAttestationsError`, `InvalidMinConfidenceError`,
   *   `InvalidPayeeError`, `ConsentMissingError`, `InsufficientDepositError`, `InsufficientAllowanceError`,
   *   `JobAlreadyDecidedError`, `RequestsArePausedError`);
   * - the operators: those that may vote at the reference must be able to reach the quorum (`QuorumUnreachableError`).
   *
   * The reference, at which stake weights are taken, is the timepoint before the present of the operator set's clock.
   *
   * @throws The errors above, `AgentWalletMissingError`, `InlinePayloadTooLargeError`; all:
   * {@link createRequester.RequestErrorType}.
   *
   * @example
   * const request = await requester.request({
   *   model: '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266/silero-vad@2',
   *   input,
   *   output,
   *   agent: { id: 7n, consent: (job) => signConsent(agentClient, { deployment, job }) },
   *   reward: parseEther('0.01'),
   *   deadline: { seconds: 120 },
   * })
   * const outcome = await request.outcome()
   */
  request(parameters: RequestParameters): Promise<InferenceRequest>
  /**
   * Has the output of a model verified without waiting for the chain: signs a request against the requester's deposit,
   * and hands it to an aggregator. The operators' consensus can be checked at once (`certificate`), and is settled
   * afterwards with others, at a fraction of the price of a request of its own.
   *
   * Everything is checked as by `request`, and the payloads are stored; so the deposit must cover reward and fee. An
   * aggregator that is down or refuses is not an error here, but of `certificate`: the signed request is good without
   * it, and `open` opens it on chain.
   *
   * Whoever gets the signature can have the request settled until its deadline, by operators' votes only.
   *
   * @throws As `request`; all: {@link createRequester.CertifyErrorType}.
   *
   * @example
   * const aggregator = httpAggregator({ url: 'https://aggregator.example.com' })
   * const request = await requester.certify({ model, input, output, reward, deadline: { seconds: 120 }, aggregator })
   * const { status, response } = await request.certificate({ timeout: 10_000 })
   * const outcome = await request.outcome()
   */
  certify(parameters: CertifyParameters): Promise<CertifiedRequest>
  /**
   * Builds the job of a request without sending anything, so that its agent can sign it. Pass it to `request` as it is:
   * the salt is part of the id.
   *
   * @throws {@link createRequester.PrepareJobErrorType}
   *
   * @example
   * const prepared = await requester.prepareJob({ model, input, output, agent: { id: 7n } })
   * const consent = await askAgent(prepared.job)
   * const request = await requester.request({ prepared, consent, reward, deadline: { seconds: 120 } })
   */
  prepareJob(parameters: JobParameters): Promise<PreparedJob>
  /**
   * Finds a request again by its id, such as after a restart. Any request of the deployment will do.
   *
   * @throws `RequestNotFoundError`
   *
   * @example
   * const outcome = await (await requester.resume(requestId)).outcome()
   */
  resume(requestId: Hex): Promise<InferenceRequest>
  /**
   * Tells, after the fact, which verdict on a canary was the right one. Refuses while that would help operators that
   * copy: while the job is undecided and a request of it open whose deadline has not passed, or none is on chain. What
   * was handed to an aggregator and is not on chain yet is not seen: wait for its deadline.
   *
   * @throws `CanaryRevealedTooEarlyError`, `CanaryMismatchError`; all: {@link createRequester.RevealCanaryErrorType}
   *
   * @example
   * const canary = createCanary({ isValid: false })
   * const { job, outcome } = await requester.request({ model, input, output: wrong, salt: canary.salt, ...terms })
   * await outcome()
   * await requester.revealCanary({ job, ...canary })
   */
  revealCanary(parameters: RevealCanaryParameters): Promise<sendRevelation.ReturnType>
}

/**
 * Makes a requester: what an app needs to have inferences verified.
 *
 * @param config `client` pays with its account; `payloads` holds the models' manifests and policies and takes inputs
 * and outputs.
 * @throws `AccountMissingError`, `TypeError` for what is no configuration
 *
 * @example
 * const client = createWalletClient({ account, chain, transport: http() })
 * const requester = createRequester({ client, deployment, payloads: httpPayloadStore({ url }) })
 */
export function createRequester(config: RequesterConfig): Requester {
  assertConfig(config)
  const context = { ...config, takeNonce: createNonces() }
  return {
    request: (parameters) => openRequest(context, parameters),
    certify: (parameters) => certifyRequest(context, parameters),
    prepareJob: (parameters) => prepareJob(config, parameters),
    revealCanary: (parameters) => revealCanary(config, parameters),
    resume: (requestId) => findRequest(config, requestId),
  }
}

export declare namespace createRequester {
  type Config = RequesterConfig
  type ReturnType = Requester
  type PrepareJobErrorType =
    | BatchMismatchError
    | PayloadEncodingError
    | PayloadInvalidError
    | getAgentWallet.ErrorType
    | getModelPolicy.ErrorType
    | resolveModel.ErrorType
  type RequestErrorType =
    | PrepareJobErrorType
    | GetBlockErrorType
    | InlinePayloadTooLargeError
    | PayloadNotStoredError
    | QuorumUnreachableError
    | SimulateContractErrorType
    | getFee.ErrorType
    | requestInferenceVerification.ErrorType
  type RevealCanaryErrorType = revealCanary.ErrorType
  type CertifyErrorType = RequestErrorType | signRequest.ErrorType
  type ResumeErrorType = GetTransactionReceiptErrorType | getRequest.ErrorType
}
