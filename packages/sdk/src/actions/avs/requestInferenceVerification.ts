import {
  type Account,
  bytesToHex,
  type Chain,
  type Client,
  encodeFunctionData,
  type Hex,
  parseEventLogs,
  type Transport,
} from 'viem'
import * as proofOfInferenceAvsAbi from '../../abis/calls/proofOfInferenceAvs.ts'
import type {
  AssetNotAcceptedError,
  ConsentMissingError,
  FeeBelowMinimumError,
  IncorrectPaymentError,
  InsufficientDepositError,
  InvalidAgentError,
  InvalidCommitWindowError,
  InvalidDeadlineError,
  InvalidMinAttestationsError,
  InvalidMinConfidenceError,
  InvalidPayeeError,
  InvalidQuorumError,
  InvalidReferenceError,
  JobAlreadyDecidedError,
  JobMismatchError,
  ModelInactiveError,
  NotRequesterError,
  RequestAlreadyOpenedError,
  RequestsArePausedError,
} from '../../errors/avs.ts'
import type { PayloadDigestMismatchError } from '../../errors/payload.ts'
import type { UnknownModelVersionError } from '../../errors/registry.ts'
import type { Job, Request } from '../../utils/typedData.ts'
import { executeWrite } from '../internal/executeWrite.ts'
import { firstEvent } from '../internal/firstEvent.ts'
import { getNativeValue } from '../internal/payment.ts'
import type { DeploymentParameter, WriteParameters, WriteReturnType } from '../types.ts'

/**
 * Opens a request for the verification of an inference, and puts its reward and fee into escrow. The sender is
 * `request.requester`.
 *
 * Pays reward plus fee with the call, for which a token needs an allowance for the AVS, or from the deposit.
 *
 * @returns `requestId` and `jobId`: the digests of the request and the job.
 * @throws An error for every term that the request does not meet, such as `FeeBelowMinimumError`,
 * `ConsentMissingError`, `InvalidDeadlineError`, `InsufficientDepositError`, `InsufficientAllowanceError`,
 * `UnknownModelVersionError`; before anything is sent. All: {@link requestInferenceVerification.ErrorType}.
 *
 * @example
 * const job: Job = {
 *   modelVersionId, inputDigest, outputDigest, hasAgent: false, agentId: 0n, payee: seller,
 *   quorumBps: 6667, minAttestations: 2, minConfidence: 9000, salt,
 * }
 * const request: Request = {
 *   jobId: hashJob({ deployment, job }), requester: account.address, asset: zeroAddress,
 *   reward: parseEther('0.01'), verificationFee: parseEther('0.001'), deadline, referenceTimepoint,
 *   commitWindow: 0, nonce: 0n,
 * }
 * const { requestId } = await requestInferenceVerification(client, { deployment, request, job })
 */
export async function requestInferenceVerification<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: requestInferenceVerification.Parameters<account>,
): Promise<requestInferenceVerification.ReturnType> {
  const { deployment, request, job, fromDeposit = false, consent = '0x', input = '0x', output = '0x' } = parameters
  const amount = request.reward + request.verificationFee
  const { transaction, logs } = await executeWrite(client, parameters, {
    to: deployment.avs,
    data: encodeFunctionData({
      abi: proofOfInferenceAvsAbi.requestInferenceVerification,
      functionName: 'requestInferenceVerification',
      args: [request, job, { fromDeposit, consent, input: toHexBytes(input), output: toHexBytes(output) }],
    }),
    value: fromDeposit ? 0n : await getNativeValue(client, { ...parameters, asset: request.asset, amount }),
  })
  const events = parseEventLogs({
    abi: proofOfInferenceAvsAbi.InferenceVerificationRequested,
    eventName: 'InferenceVerificationRequested',
    logs,
  })
  const { requestId, jobId } = firstEvent(events, { eventName: 'InferenceVerificationRequested', ...transaction })
  return { ...transaction, requestId, jobId }
}

function toHexBytes(bytes: Uint8Array | Hex): Hex {
  return typeof bytes === 'string' ? bytes : bytesToHex(bytes)
}

export declare namespace requestInferenceVerification {
  type BoundParameters<account extends Account | undefined = Account | undefined> = WriteParameters<account> & {
    request: Request
    /** Its digest is `request.jobId`, see `hashJob`. */
    job: Job
    /** Pay from the deposit of the requester instead of with the call. Default: `false`. */
    fromDeposit?: boolean | undefined
    /** The signature of `job.payee` over the job, see `signConsent`. Needed where the job names an agent. */
    consent?: Hex | undefined
    /** The bytes of the input payload, to publish them with the request. */
    input?: Uint8Array | Hex | undefined
    /** The bytes of the output payload, to publish them with the request. */
    output?: Uint8Array | Hex | undefined
  }
  type Parameters<account extends Account | undefined = Account | undefined> = BoundParameters<account> &
    DeploymentParameter
  type ReturnType = WriteReturnType & { requestId: Hex; jobId: Hex }
  type ErrorType =
    | executeWrite.ErrorType
    | getNativeValue.ErrorType
    | AssetNotAcceptedError
    | ConsentMissingError
    | FeeBelowMinimumError
    | IncorrectPaymentError
    | InsufficientDepositError
    | InvalidAgentError
    | InvalidCommitWindowError
    | InvalidDeadlineError
    | InvalidMinAttestationsError
    | InvalidMinConfidenceError
    | InvalidPayeeError
    | InvalidQuorumError
    | InvalidReferenceError
    | JobAlreadyDecidedError
    | JobMismatchError
    | ModelInactiveError
    | NotRequesterError
    | PayloadDigestMismatchError
    | RequestAlreadyOpenedError
    | RequestsArePausedError
    | UnknownModelVersionError
}
