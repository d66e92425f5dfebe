import type { Client, ContractFunctionReturnType, Hex } from 'viem'
import { readContract } from 'viem/actions'
import * as proofOfInferenceAvsAbi from '../../abis/calls/proofOfInferenceAvs.ts'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import { withContractErrors } from '../../errors/contract.ts'
import { type JobStatus, toJobStatus } from '../../utils/requestStatus.ts'
import type { DeploymentParameter, ReadErrorType, ReadParameters } from '../types.ts'

/**
 * Reads the record that the AVS keeps of a job: its decision and the consent of its agent.
 *
 * @returns `status` is `'none'` while the job is undecided. `response` is 1..100 when verified, 0 otherwise;
 * `decidedAt` and `consentedAt` are unix time in seconds, 0 when it did not happen. `recordHash` commits to the audit
 * record: the upper 160 bits of keccak256 of the ABI-encoded running hash of the request that decided the job, status and
 * response, the rest zero.
 *
 * @example
 * const { status, response } = await getJobState(client, { deployment, jobId })
 */
export async function getJobState(client: Client, parameters: getJobState.Parameters): Promise<getJobState.ReturnType> {
  const { deployment, blockNumber, jobId } = parameters
  await assertDeployment(client, deployment)
  const state = await withContractErrors(
    readContract(client, {
      address: deployment.avs,
      abi: proofOfInferenceAvsAbi.getJobState,
      functionName: 'getJobState',
      args: [jobId],
      blockNumber,
    }),
  )
  return { ...state, status: toJobStatus(state.status) }
}

export declare namespace getJobState {
  type BoundParameters = ReadParameters & {
    /** Digest of the job, see `hashJob`. */
    jobId: Hex
  }
  type Parameters = BoundParameters & DeploymentParameter
  type ReturnType = Omit<
    ContractFunctionReturnType<typeof proofOfInferenceAvsAbi.getJobState, 'view', 'getJobState'>,
    'status'
  > & {
    status: JobStatus
  }
  type ErrorType = ReadErrorType
}
