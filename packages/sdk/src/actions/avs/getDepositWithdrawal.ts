import type { Address, Client } from 'viem'
import { readContract } from 'viem/actions'
import * as proofOfInferenceAvsAbi from '../../abis/calls/proofOfInferenceAvs.ts'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import { withContractErrors } from '../../errors/contract.ts'
import type { DeploymentParameter, ReadErrorType, ReadParameters } from '../types.ts'

/**
 * Reads the pending withdrawal of a deposit.
 *
 * @returns `null` when none is pending.
 *
 * @example
 * const withdrawal = await getDepositWithdrawal(client, { deployment, asset: zeroAddress, account: account.address })
 */
export async function getDepositWithdrawal(
  client: Client,
  parameters: getDepositWithdrawal.Parameters,
): Promise<getDepositWithdrawal.ReturnType> {
  const { deployment, blockNumber, asset, account } = parameters
  await assertDeployment(client, deployment)
  const [amount, availableAt] = await withContractErrors(
    readContract(client, {
      address: deployment.avs,
      abi: proofOfInferenceAvsAbi.getDepositWithdrawal,
      functionName: 'getDepositWithdrawal',
      args: [asset, account],
      blockNumber,
    }),
  )
  return amount === 0n ? null : { amount, availableAt }
}

export declare namespace getDepositWithdrawal {
  type BoundParameters = ReadParameters & {
    /** The ERC-20; the zero address is the native currency. */
    asset: Address
    /** Whose deposit. */
    account: Address
  }
  type Parameters = BoundParameters & DeploymentParameter
  type ReturnType = {
    /** What was asked for, in the smallest unit of the asset. */
    amount: bigint
    /** Unix time in seconds from which it can be completed. */
    availableAt: bigint
  } | null
  type ErrorType = ReadErrorType
}
