import type { Client, ContractFunctionReturnType, Hex } from 'viem'
import { readContract } from 'viem/actions'
import * as proofOfInferenceAvsAbi from '../../abis/calls/proofOfInferenceAvs.ts'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import { withContractErrors } from '../../errors/contract.ts'
import { type RequestStatus, toRequestStatus } from '../../utils/requestStatus.ts'
import type { DeploymentParameter, ReadErrorType, ReadParameters } from '../types.ts'

/**
 * Reads the record that the AVS keeps of a request: its status, and the votes so far.
 *
 * @returns `status` is `'none'` for a request that was never opened, and for one that a certificate settled, of which
 * only the events tell: see `waitForOutcome`. Weights are in the unit of the operator set; `openedAt` is unix time in
 * seconds; `validVotes` and `invalidVotes` are bitmaps by operator index, less the votes that were paid already.
 *
 * @example
 * const { status, validWeight } = await getRequestState(client, { deployment, requestId })
 */
export async function getRequestState(
  client: Client,
  parameters: getRequestState.Parameters,
): Promise<getRequestState.ReturnType> {
  const { deployment, blockNumber, requestId } = parameters
  await assertDeployment(client, deployment)
  const state = await withContractErrors(
    readContract(client, {
      address: deployment.avs,
      abi: proofOfInferenceAvsAbi.getRequestState,
      functionName: 'getRequestState',
      args: [requestId],
      blockNumber,
    }),
  )
  return { ...state, status: toRequestStatus(state.status) }
}

export declare namespace getRequestState {
  type BoundParameters = ReadParameters & {
    /** Digest of the request, see `hashRequest`. */
    requestId: Hex
  }
  type Parameters = BoundParameters & DeploymentParameter
  type ReturnType = Omit<
    ContractFunctionReturnType<typeof proofOfInferenceAvsAbi.getRequestState, 'view', 'getRequestState'>,
    'status'
  > & { status: RequestStatus }
  type ErrorType = ReadErrorType
}
