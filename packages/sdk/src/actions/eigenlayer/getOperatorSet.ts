import { type Client, type ContractFunctionReturnType, isAddressEqual } from 'viem'
import { readContract } from 'viem/actions'
import * as operatorRegistrarAbi from '../../abis/calls/operatorRegistrar.ts'
import { allocationManagerAbi } from '../../abis/eigenlayer.ts'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import { assertEigenLayer } from '../../eigenlayer/assertEigenLayer.ts'
import type { OperatorSet } from '../../eigenlayer/types.ts'
import { withContractErrors } from '../../errors/contract.ts'
import { withEigenLayerErrors } from '../../errors/eigenLayerContract.ts'
import { EigenLayerMismatchError } from '../../errors/eigenlayer.ts'
import type { DeploymentParameter, ReadErrorType, ReadParameters } from '../types.ts'
import type { EigenLayerParameter, EigenLayerReadErrorType } from './types.ts'

/**
 * Reads the operator set of a deployment, and what its registrar asks of operators.
 *
 * @throws `EigenLayerMismatchError`: the deployment is not on this EigenLayer.
 *
 * @example
 * const { operatorSet, strategies } = await getOperatorSet(client, { eigenLayer, deployment })
 */
export async function getOperatorSet(
  client: Client,
  parameters: getOperatorSet.Parameters,
): Promise<getOperatorSet.ReturnType> {
  const { eigenLayer, deployment, blockNumber } = parameters
  await Promise.all([assertEigenLayer(client, eigenLayer), assertDeployment(client, deployment)])
  const termsAbi = [
    ...operatorRegistrarAbi.operatorSetId,
    ...operatorRegistrarAbi.getStrategies,
    ...operatorRegistrarAbi.minWeight,
    ...operatorRegistrarAbi.maxWeightAge,
    ...operatorRegistrarAbi.slashabilityHorizon,
  ] as const
  const registrar = { address: deployment.operatorSet, abi: termsAbi, blockNumber } as const
  const [id, strategies, minWeight, maxWeightAge, slashabilityHorizon] = await withContractErrors(
    Promise.all([
      readContract(client, { ...registrar, functionName: 'operatorSetId' }),
      readContract(client, { ...registrar, functionName: 'getStrategies' }),
      readContract(client, { ...registrar, functionName: 'minWeight' }),
      readContract(client, { ...registrar, functionName: 'maxWeightAge' }),
      readContract(client, { ...registrar, functionName: 'slashabilityHorizon' }),
    ]),
  )
  const operatorSet = { avs: deployment.avs, id }
  const allocationManager = { address: eigenLayer.allocationManager, abi: allocationManagerAbi, blockNumber } as const
  const [actual, slashable] = await withEigenLayerErrors(
    Promise.all([
      readContract(client, { ...allocationManager, functionName: 'getAVSRegistrar', args: [operatorSet.avs] }),
      readContract(client, { ...allocationManager, functionName: 'getStrategiesInOperatorSet', args: [operatorSet] }),
    ]),
  )
  const expected = deployment.operatorSet
  if (!isAddressEqual(actual, expected))
    throw new EigenLayerMismatchError({ contract: 'operatorSet', expected, actual })
  return {
    operatorSet,
    strategies: strategies.filter(({ strategy }) => slashable.some((other) => isAddressEqual(other, strategy))),
    minWeight,
    maxWeightAge,
    slashabilityHorizon,
  }
}

export declare namespace getOperatorSet {
  type Parameters = ReadParameters & DeploymentParameter & EigenLayerParameter
  type ReturnType = {
    operatorSet: OperatorSet
    /** In which stake counts, and can be slashed. `multiplier`: weight per share, 1e18 for one. */
    strategies: ContractFunctionReturnType<typeof operatorRegistrarAbi.getStrategies, 'view', 'getStrategies'>
    /** Least weight to hold an index, and so to vote. */
    minWeight: bigint
    /** Blocks after which a weight that was not refreshed no longer votes. */
    maxWeightAge: number
    /** Blocks ahead for which stake must stay slashable to count. */
    slashabilityHorizon: number
  }
  type ErrorType = EigenLayerReadErrorType | ReadErrorType
}
