import { type Address, type Client, type Hex, zeroHash } from 'viem'
import { readContract } from 'viem/actions'
import * as proofOfInferenceAvsAbi from '../../abis/calls/proofOfInferenceAvs.ts'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import { withContractErrors } from '../../errors/contract.ts'
import type { DeploymentParameter, ReadErrorType, ReadParameters } from '../types.ts'

/**
 * Reads the commitment of an operator to a vote that it has not revealed.
 *
 * @returns `null` when there is none.
 *
 * @example
 * const commitment = await getCommitment(client, { deployment, requestId, operator })
 */
export async function getCommitment(
  client: Client,
  parameters: getCommitment.Parameters,
): Promise<getCommitment.ReturnType> {
  const { deployment, blockNumber, requestId, operator } = parameters
  await assertDeployment(client, deployment)
  const commitment = await withContractErrors(
    readContract(client, {
      address: deployment.avs,
      abi: proofOfInferenceAvsAbi.getCommitment,
      functionName: 'getCommitment',
      args: [requestId, operator],
      blockNumber,
    }),
  )
  return commitment === zeroHash ? null : commitment
}

export declare namespace getCommitment {
  type BoundParameters = ReadParameters & {
    requestId: Hex
    operator: Address
  }
  type Parameters = BoundParameters & DeploymentParameter
  type ReturnType = Hex | null
  type ErrorType = ReadErrorType
}
