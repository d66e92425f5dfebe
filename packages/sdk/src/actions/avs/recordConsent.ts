import { type Account, type Chain, type Client, encodeFunctionData, type Hex, type Transport } from 'viem'
import * as proofOfInferenceAvsAbi from '../../abis/calls/proofOfInferenceAvs.ts'
import type { ConsentMissingError, InvalidAgentError } from '../../errors/avs.ts'
import { hashJob, type Job } from '../../utils/typedData.ts'
import { executeWrite } from '../internal/executeWrite.ts'
import type { DeploymentParameter, WriteParameters, WriteReturnType } from '../types.ts'

/**
 * Records for good that the agent of a job consented to it, so that a later change of its wallet strands nothing.
 * Anyone may send it. A request can also bring the consent with it.
 *
 * @returns `jobId`: the digest of the job. Consent that was recorded before stays as it is.
 * @throws `ConsentMissingError`, `InvalidAgentError`
 *
 * @example
 * const consent = await signConsent(agentClient, { deployment, job })
 * await recordConsent(client, { deployment, job, consent })
 */
export async function recordConsent<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: recordConsent.Parameters<account>,
): Promise<recordConsent.ReturnType> {
  const { deployment, job, consent } = parameters
  const { transaction } = await executeWrite(client, parameters, {
    to: deployment.avs,
    data: encodeFunctionData({
      abi: proofOfInferenceAvsAbi.recordConsent,
      functionName: 'recordConsent',
      args: [job, consent],
    }),
  })
  return { ...transaction, jobId: hashJob({ deployment, job }) }
}

export declare namespace recordConsent {
  type BoundParameters<account extends Account | undefined = Account | undefined> = WriteParameters<account> & {
    job: Job
    /** The signature of `job.payee` over the job: ECDSA, or ERC-1271 where it is a contract. See `signConsent`. */
    consent: Hex
  }
  type Parameters<account extends Account | undefined = Account | undefined> = BoundParameters<account> &
    DeploymentParameter
  type ReturnType = WriteReturnType & { jobId: Hex }
  type ErrorType = executeWrite.ErrorType | ConsentMissingError | InvalidAgentError
}
