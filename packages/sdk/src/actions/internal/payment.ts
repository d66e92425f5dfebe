import {
  type Account,
  type Address,
  type Client,
  erc20Abi,
  isAddressEqual,
  type ReadContractErrorType,
  zeroAddress,
} from 'viem'
import { readContract } from 'viem/actions'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import type { Deployment } from '../../deployments/deployment.ts'
import { InsufficientAllowanceError } from '../../errors/transaction.ts'
import { toAccount } from './executeWrite.ts'

/**
 * The native currency to send with a call that pays an amount of an asset. For a token that is nothing, and its
 * allowance must cover the amount.
 */
export async function getNativeValue(
  client: Client,
  {
    deployment,
    asset,
    amount,
    ...parameters
  }: { deployment: Deployment; account?: Account | Address | undefined; asset: Address; amount: bigint },
): Promise<bigint> {
  if (isAddressEqual(asset, zeroAddress)) return amount
  const owner = toAccount(client, parameters).address
  await assertDeployment(client, deployment)
  const allowance = await readContract(client, {
    address: asset,
    abi: erc20Abi,
    functionName: 'allowance',
    args: [owner, deployment.avs],
  })
  if (allowance < amount) {
    throw new InsufficientAllowanceError({ asset, owner, spender: deployment.avs, required: amount, allowance })
  }
  return 0n
}

export declare namespace getNativeValue {
  type ErrorType = assertDeployment.ErrorType | InsufficientAllowanceError | ReadContractErrorType
}
