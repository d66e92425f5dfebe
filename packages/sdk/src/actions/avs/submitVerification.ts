import {
  type Account,
  type Chain,
  type Client,
  encodeFunctionData,
  type Hex,
  parseEventLogs,
  type Transport,
  zeroHash,
} from 'viem'
import * as proofOfInferenceAvsAbi from '../../abis/calls/proofOfInferenceAvs.ts'
import type {
  AlreadyVotedError,
  AttestationMismatchError,
  CommitmentMismatchError,
  CommitWindowOpenError,
  ConfidenceOutOfRangeError,
  InvalidSignerError,
  JobMismatchError,
  MethodMismatchError,
  RequestDeadlinePassedError,
  RequestNotOpenError,
} from '../../errors/avs.ts'
import { OperatorSaltMissingError } from '../../errors/request.ts'
import { type RequestStatus, toRequestStatus } from '../../utils/requestStatus.ts'
import type { Attestation, Job, Request } from '../../utils/typedData.ts'
import { readVerdict } from '../../utils/vote.ts'
import { executeWrite } from '../internal/executeWrite.ts'
import { explainOperator } from '../internal/explainOperator.ts'
import { firstEvent } from '../internal/firstEvent.ts'
import type { DeploymentParameter, WriteParameters, WriteReturnType } from '../types.ts'

/**
 * Above what a decision costs beyond a vote: another vote may be mined between the estimate and this one, which then
 * completes the quorum.
 */
const decisionGas = 400_000n

/**
 * Submits the signed vote of an operator, and finalises the request when it completes a quorum. Anyone may send it.
 *
 * @returns `status`: of the request after the vote. `weight`: of the operator at the reference of the request.
 * `isCounted`: false for a committed vote that was revealed after the request was final.
 * @throws `AlreadyVotedError`, `AttestationMismatchError`, `CommitmentMismatchError`, `CommitWindowOpenError`,
 * `ConfidenceOutOfRangeError`, `InvalidSignerError`, `JobMismatchError`, `MethodMismatchError`, `NotAnOperatorError`,
 * `OperatorSaltMissingError`, `RequestDeadlinePassedError`, `RequestNotOpenError`, `StaleOperatorError`
 *
 * @example
 * const signature = await signAttestation(client, { deployment, attestation })
 * const { status } = await submitVerification(client, { deployment, request, job, attestation, signature })
 */
export async function submitVerification<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: submitVerification.Parameters<account>,
): Promise<submitVerification.ReturnType> {
  const { deployment, request, job, attestation, signature, operatorSalt } = parameters
  if (request.commitWindow !== 0 && operatorSalt === undefined) {
    throw new OperatorSaltMissingError({ requestId: attestation.requestId })
  }
  const write = executeWrite(client, parameters, {
    to: deployment.avs,
    data: encodeFunctionData({
      abi: proofOfInferenceAvsAbi.submitVerification,
      functionName: 'submitVerification',
      // Without a commit window there is no salt, for which the contract takes zero.
      args: [request, job, attestation, signature, operatorSalt ?? zeroHash],
    }),
    gasHeadroom: decisionGas,
  })
  const { transaction, logs } = await explainOperator(client, deployment, write)
  const votes = parseEventLogs({
    abi: proofOfInferenceAvsAbi.VerificationSubmitted,
    eventName: 'VerificationSubmitted',
    logs,
    args: { requestId: attestation.requestId, operator: attestation.operator },
  })
  const { requestId, verdict } = firstEvent(votes, { eventName: 'VerificationSubmitted', ...transaction })
  const { weight, isCounted } = readVerdict(verdict)
  const [finalized] = parseEventLogs({
    abi: proofOfInferenceAvsAbi.RequestFinalized,
    eventName: 'RequestFinalized',
    logs,
    args: { requestId },
  })
  const status = finalized ? toRequestStatus(finalized.args.status) : 'open'
  return { ...transaction, requestId, weight, isCounted, status }
}

export declare namespace submitVerification {
  type BoundParameters<account extends Account | undefined = Account | undefined> = WriteParameters<account> & {
    request: Request
    job: Job
    attestation: Attestation
    /** Of the signing key of the operator, see `signAttestation`. */
    signature: Hex
    /** Opens the commitment; needed where the request has a commit window. */
    operatorSalt?: Hex | undefined
  }
  type Parameters<account extends Account | undefined = Account | undefined> = BoundParameters<account> &
    DeploymentParameter
  type ReturnType = WriteReturnType & { requestId: Hex; weight: bigint; isCounted: boolean; status: RequestStatus }
  type ErrorType =
    | executeWrite.ErrorType
    | explainOperator.ErrorType
    | AlreadyVotedError
    | AttestationMismatchError
    | CommitmentMismatchError
    | CommitWindowOpenError
    | ConfidenceOutOfRangeError
    | InvalidSignerError
    | JobMismatchError
    | MethodMismatchError
    | OperatorSaltMissingError
    | RequestDeadlinePassedError
    | RequestNotOpenError
}
