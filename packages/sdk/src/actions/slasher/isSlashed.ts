import type { Address, Client, Hex } from 'viem'
import { readContract } from 'viem/actions'
import * as equivocationSlasherAbi from '../../abis/calls/equivocationSlasher.ts'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import { withContractErrors } from '../../errors/contract.ts'
import type { SlasherMissingError } from '../../errors/slasher.ts'
import { requireSlasher } from '../internal/requireSlasher.ts'
import type { DeploymentParameter, ReadErrorType, ReadParameters } from '../types.ts'

/**
 * Reads whether an operator was slashed for a request.
 *
 * @throws `SlasherMissingError`
 *
 * @example
 * const isKnown = await isSlashed(client, { deployment, operator, requestId })
 */
export async function isSlashed(client: Client, parameters: isSlashed.Parameters): Promise<isSlashed.ReturnType> {
  const { deployment, blockNumber, operator, requestId } = parameters
  const address = requireSlasher(deployment)
  await assertDeployment(client, deployment)
  return withContractErrors(
    readContract(client, {
      address,
      abi: equivocationSlasherAbi.isSlashed,
      functionName: 'isSlashed',
      args: [operator, requestId],
      blockNumber,
    }),
  )
}

export declare namespace isSlashed {
  type BoundParameters = ReadParameters & {
    /** As EigenLayer knows it; not the signing address that stands for it on another chain. */
    operator: Address
    requestId: Hex
  }
  type Parameters = BoundParameters & DeploymentParameter
  type ReturnType = boolean
  type ErrorType = ReadErrorType | SlasherMissingError
}
