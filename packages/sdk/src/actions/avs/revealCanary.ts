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
import type { CanaryMismatchError } from '../../errors/avs.ts'
import type { Job } from '../../utils/typedData.ts'
import { executeWrite } from '../internal/executeWrite.ts'
import { firstEvent } from '../internal/firstEvent.ts'
import type { DeploymentParameter, WriteParameters, WriteReturnType } from '../types.ts'

/**
 * Tells which verdict on a job was the right one, to which the job's salt committed. Anyone who knows the secret may
 * send it.
 *
 * Sent while operators can still vote, it helps those that copy: `requester.revealCanary` refuses that, this does not.
 *
 * @returns `jobId`: the digest of the job.
 * @throws `CanaryMismatchError`
 *
 * @example
 * await revealCanary(client, { deployment, job, isValid: false, secret })
 */
export async function revealCanary<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: revealCanary.Parameters<account>,
): Promise<revealCanary.ReturnType> {
  const { deployment, job, isValid, secret } = parameters
  const { transaction, logs } = await executeWrite(client, parameters, {
    to: deployment.avs,
    data: encodeFunctionData({
      abi: proofOfInferenceAvsAbi.revealCanary,
      functionName: 'revealCanary',
      args: [job, isValid, secret],
    }),
  })
  const events = parseEventLogs({ abi: proofOfInferenceAvsAbi.CanaryRevealed, eventName: 'CanaryRevealed', logs })
  const { jobId } = firstEvent(events, { eventName: 'CanaryRevealed', ...transaction })
  return { ...transaction, jobId }
}

export declare namespace revealCanary {
  type BoundParameters<account extends Account | undefined = Account | undefined> = WriteParameters<account> & {
    job: Job
    /** The right verdict, as `createCanary` was given it. */
    isValid: boolean
    /** See `createCanary`. */
    secret: Hex
  }
  type Parameters<account extends Account | undefined = Account | undefined> = BoundParameters<account> &
    DeploymentParameter
  type ReturnType = WriteReturnType & { jobId: Hex }
  type ErrorType = executeWrite.ErrorType | CanaryMismatchError
}
