import type { Address, Client, ContractFunctionReturnType, Hex } from 'viem'
import { readContract } from 'viem/actions'
import * as modelRegistryAbi from '../../abis/calls/modelRegistry.ts'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import { withContractErrors } from '../../errors/contract.ts'
import type { UnknownModelError } from '../../errors/registry.ts'
import type { DeploymentParameter, ReadErrorType, ReadParameters } from '../types.ts'

/**
 * Reads what the verification of a model costs at least in an asset, and whether it can be paid in it.
 *
 * @returns `minimumFee` in the smallest unit of the asset.
 * @throws `UnknownModelError`
 *
 * @example
 * const { accepted, minimumFee } = await getFee(client, { deployment, modelId, asset: zeroAddress })
 */
export async function getFee(client: Client, parameters: getFee.Parameters): Promise<getFee.ReturnType> {
  const { deployment, blockNumber, modelId, asset } = parameters
  await assertDeployment(client, deployment)
  const { accepted, minimumFee } = await withContractErrors(
    readContract(client, {
      address: deployment.modelRegistry,
      abi: modelRegistryAbi.getFee,
      functionName: 'getFee',
      args: [modelId, asset],
      blockNumber,
    }),
  )
  return { accepted, minimumFee }
}

export declare namespace getFee {
  type BoundParameters = ReadParameters & {
    /** See `computeModelId`. */
    modelId: Hex
    /** The ERC-20; the zero address is the native currency. */
    asset: Address
  }
  type Parameters = BoundParameters & DeploymentParameter
  type ReturnType = Omit<ContractFunctionReturnType<typeof modelRegistryAbi.getFee, 'view', 'getFee'>, 'asset'>
  type ErrorType = ReadErrorType | UnknownModelError
}
