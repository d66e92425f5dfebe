import {
  type Account,
  type Chain,
  type Client,
  encodeFunctionData,
  type Hex,
  parseEventLogs,
  type Transport,
} from 'viem'
import * as proofOfInferenceAvsAbi from '../../abis/calls/proofOfInferenceAvs.ts'
import { ValidationNotFoundError } from '../../errors/erc8004.ts'
import type {
  AlreadyPostedError,
  JobNotDecidedError,
  RegistryMissingError,
  ValidationMismatchError,
} from '../../errors/receipts.ts'
import { ContractRevertedError } from '../../errors/transaction.ts'
import type { Job } from '../../utils/typedData.ts'
import { type Binding, hashValidationRequest, ownBinding } from '../../utils/validationRequest.ts'
import { executeWrite } from '../internal/executeWrite.ts'
import { firstEvent } from '../internal/firstEvent.ts'
import type { DeploymentParameter, WriteParameters, WriteReturnType } from '../types.ts'

/** What the registry may spend beyond the estimate: one made in the second of the last update falls short. */
export const receiptGasHeadroom = 30_000n

/**
 * Has the AVS answer a validation request in the ERC-8004 ValidationRegistry with the outcome of a job, as its
 * validator. Anyone may send it, once for a hash; the agent must have filed the hash (`requestValidation`) for the AVS.
 *
 * @returns `requestHash`: what was answered. `response`: 1..100 when the job was verified, 0 when it was rejected.
 * @throws `JobNotDecidedError`, `ValidationNotFoundError`, `ValidationMismatchError`, `AlreadyPostedError`,
 * `RegistryMissingError`, `InvalidAgentError`
 *
 * @example
 * const { requestHash, response } = await postReceipt(client, { deployment, job })
 */
export async function postReceipt<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: postReceipt.Parameters<account>,
): Promise<postReceipt.ReturnType> {
  const { deployment, job, binding } = parameters
  try {
    const { transaction, logs } = await executeWrite(client, parameters, {
      to: deployment.avs,
      data: encodePostReceipt(parameters),
      gasHeadroom: receiptGasHeadroom,
    })
    const events = parseEventLogs({ abi: proofOfInferenceAvsAbi.ReceiptPosted, eventName: 'ReceiptPosted', logs })
    const { jobId, requestHash, response } = firstEvent(events, { eventName: 'ReceiptPosted', ...transaction })
    return { ...transaction, jobId, requestHash, response }
  } catch (error) {
    throw toValidationError(error, () => hashValidationRequest({ deployment, job, binding }))
  }
}

export declare namespace postReceipt {
  type BoundParameters<account extends Account | undefined = Account | undefined> = WriteParameters<account> &
    Omit<encodePostReceipt.Parameters, 'deployment'>
  type Parameters<account extends Account | undefined = Account | undefined> = BoundParameters<account> &
    DeploymentParameter
  type ReturnType = WriteReturnType & { jobId: Hex; requestHash: Hex; response: number }
  type ErrorType =
    | executeWrite.ErrorType
    | AlreadyPostedError
    | JobNotDecidedError
    | RegistryMissingError
    | ValidationMismatchError
    | ValidationNotFoundError
}

/** The call of {@link postReceipt}. */
export function encodePostReceipt({ job, binding = ownBinding, uri = '' }: encodePostReceipt.Parameters): Hex {
  return encodeFunctionData({
    abi: proofOfInferenceAvsAbi.postReceipt,
    functionName: 'postReceipt',
    args: [job, binding, uri],
  })
}

export declare namespace encodePostReceipt {
  type Parameters = {
    job: Job
    /** Of the 4Mica guarantee to answer. Default: none; the jobId itself is answered. */
    binding?: Binding | undefined
    /** Where you say that the record is. It proves nothing, and nobody needs it. Default: nowhere. */
    uri?: string | undefined
  }
}

/** The registry refuses a hash that nobody filed with a text only. */
export function toValidationError(error: unknown, requestHash: () => Hex): unknown {
  const isUnknown = error instanceof ContractRevertedError && error.reason === 'unknown'
  return isUnknown ? new ValidationNotFoundError({ requestHash: requestHash(), cause: error }) : error
}
