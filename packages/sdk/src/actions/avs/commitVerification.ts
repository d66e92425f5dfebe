import {
  type Account,
  type Address,
  type Chain,
  type Client,
  encodeFunctionData,
  type Hex,
  parseEventLogs,
  type Transport,
} from 'viem'
import * as proofOfInferenceAvsAbi from '../../abis/calls/proofOfInferenceAvs.ts'
import type {
  AlreadyCommittedError,
  CommitWindowClosedError,
  JobAlreadyDecidedError,
  NotCommitterError,
  RequestNotOpenError,
} from '../../errors/avs.ts'
import type { Request } from '../../utils/typedData.ts'
import { executeWrite } from '../internal/executeWrite.ts'
import { explainOperator } from '../internal/explainOperator.ts'
import { firstEvent } from '../internal/firstEvent.ts'
import type { DeploymentParameter, WriteParameters, WriteReturnType } from '../types.ts'

/**
 * Commits an operator to a vote while the commit window of the request is open. The sender is the operator or its
 * signing key.
 *
 * @throws `AlreadyCommittedError`, `CommitWindowClosedError`, `JobAlreadyDecidedError`, `NotAnOperatorError`,
 * `NotCommitterError`, `RequestNotOpenError`, `StaleOperatorError`
 *
 * @example
 * const commitment = commitmentHash(hashAttestation({ deployment, attestation }), operatorSalt)
 * await commitVerification(client, { deployment, request, operator, commitment })
 */
export async function commitVerification<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: commitVerification.Parameters<account>,
): Promise<commitVerification.ReturnType> {
  const { deployment, request, operator, commitment } = parameters
  const write = executeWrite(client, parameters, {
    to: deployment.avs,
    data: encodeFunctionData({
      abi: proofOfInferenceAvsAbi.commitVerification,
      functionName: 'commitVerification',
      args: [request, operator, commitment],
    }),
  })
  const { transaction, logs } = await explainOperator(client, deployment, write)
  const events = parseEventLogs({
    abi: proofOfInferenceAvsAbi.VerificationCommitted,
    eventName: 'VerificationCommitted',
    logs,
  })
  const { requestId } = firstEvent(events, { eventName: 'VerificationCommitted', ...transaction })
  return { ...transaction, requestId }
}

export declare namespace commitVerification {
  type BoundParameters<account extends Account | undefined = Account | undefined> = WriteParameters<account> & {
    request: Request
    operator: Address
    /** See `commitmentHash`. */
    commitment: Hex
  }
  type Parameters<account extends Account | undefined = Account | undefined> = BoundParameters<account> &
    DeploymentParameter
  type ReturnType = WriteReturnType & { requestId: Hex }
  type ErrorType =
    | executeWrite.ErrorType
    | explainOperator.ErrorType
    | AlreadyCommittedError
    | CommitWindowClosedError
    | JobAlreadyDecidedError
    | NotCommitterError
    | RequestNotOpenError
}
