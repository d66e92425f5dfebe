import type { Address, Client } from 'viem'
import { readContract } from 'viem/actions'
import * as proofOfInferenceAvsAbi from '../../abis/calls/proofOfInferenceAvs.ts'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import { withContractErrors } from '../../errors/contract.ts'
import type { DeploymentParameter, ReadErrorType, ReadParameters } from '../types.ts'

/**
 * Reads what an account can withdraw at once with `withdrawEarnings`, in the smallest unit of the asset.
 *
 * @example
 * const amount = await getEarnings(client, { deployment, asset: zeroAddress, account: operator })
 */
export async function getEarnings(client: Client, parameters: getEarnings.Parameters): Promise<getEarnings.ReturnType> {
  const { deployment, blockNumber, asset, account } = parameters
  await assertDeployment(client, deployment)
  return withContractErrors(
    readContract(client, {
      address: deployment.avs,
      abi: proofOfInferenceAvsAbi.getEarnings,
      functionName: 'getEarnings',
      args: [asset, account],
      blockNumber,
    }),
  )
}

export declare namespace getEarnings {
  type BoundParameters = ReadParameters & {
    /** The ERC-20; the zero address is the native currency. */
    asset: Address
    /** Whose earnings. */
    account: Address
  }
  type Parameters = BoundParameters & DeploymentParameter
  type ReturnType = bigint
  type ErrorType = ReadErrorType
}
