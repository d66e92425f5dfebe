import type { Address, Client } from 'viem'
import { readContract } from 'viem/actions'
import * as proofOfInferenceAvsAbi from '../../abis/calls/proofOfInferenceAvs.ts'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import { withContractErrors } from '../../errors/contract.ts'
import type { DeploymentParameter, ReadErrorType, ReadParameters } from '../types.ts'

/**
 * Reads what an account has deposited to pay its requests from, in the smallest unit of the asset.
 *
 * @example
 * const amount = await getDeposit(client, { deployment, asset: zeroAddress, account: account.address })
 */
export async function getDeposit(client: Client, parameters: getDeposit.Parameters): Promise<getDeposit.ReturnType> {
  const { deployment, blockNumber, asset, account } = parameters
  await assertDeployment(client, deployment)
  return withContractErrors(
    readContract(client, {
      address: deployment.avs,
      abi: proofOfInferenceAvsAbi.getDeposit,
      functionName: 'getDeposit',
      args: [asset, account],
      blockNumber,
    }),
  )
}

export declare namespace getDeposit {
  type BoundParameters = ReadParameters & {
    /** The ERC-20; the zero address is the native currency. */
    asset: Address
    /** Whose deposit. */
    account: Address
  }
  type Parameters = BoundParameters & DeploymentParameter
  type ReturnType = bigint
  type ErrorType = ReadErrorType
}
