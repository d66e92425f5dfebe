import type { Client } from 'viem'
import { readContract } from 'viem/actions'
import * as equivocationSlasherAbi from '../../abis/calls/equivocationSlasher.ts'
import * as operatorRegistrarAbi from '../../abis/calls/operatorRegistrar.ts'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import { withContractErrors } from '../../errors/contract.ts'
import type { SlasherMissingError } from '../../errors/slasher.ts'
import { requireSlasher } from '../internal/requireSlasher.ts'
import type { DeploymentParameter, ReadErrorType, ReadParameters } from '../types.ts'

/**
 * Reads what an equivocation costs, and for how long it can be punished.
 *
 * @throws `SlasherMissingError`
 *
 * @example
 * const { wad, slashable } = await getSlashingTerms(client, { deployment })
 * if (!slashable) throw new Error('Operators can leave before their stake could be slashed.')
 */
export async function getSlashingTerms(
  client: Client,
  parameters: getSlashingTerms.Parameters,
): Promise<getSlashingTerms.ReturnType> {
  const { deployment, blockNumber } = parameters
  const slasherAbi = [
    ...equivocationSlasherAbi.wad,
    ...equivocationSlasherAbi.slashabilityHorizon,
    ...equivocationSlasherAbi.DOMAIN_DELAY,
  ] as const
  const slasher = { address: requireSlasher(deployment), abi: slasherAbi, blockNumber } as const
  await assertDeployment(client, deployment)
  const [wad, slashabilityHorizon, domainDelay, slashable] = await withContractErrors(
    Promise.all([
      readContract(client, { ...slasher, functionName: 'wad' }),
      readContract(client, { ...slasher, functionName: 'slashabilityHorizon' }),
      readContract(client, { ...slasher, functionName: 'DOMAIN_DELAY' }),
      readContract(client, {
        address: deployment.operatorSet,
        abi: operatorRegistrarAbi.slashable,
        functionName: 'slashable',
        blockNumber,
      }),
    ]),
  )
  return { wad, slashabilityHorizon, domainDelay, slashable }
}

export declare namespace getSlashingTerms {
  type BoundParameters = ReadParameters
  type Parameters = BoundParameters & DeploymentParameter
  type ReturnType = {
    /** What an equivocation costs: a fraction of the stake allocated to the operator set, 1e18 for all. */
    wad: bigint
    /** Blocks after the reference of a request in which evidence on it is accepted. */
    slashabilityHorizon: number
    /** Seconds between the proposal of the domain of another chain and its registration. */
    domainDelay: number
    /** Whether stake stays slashable for the horizon: false on testnets that waived it, where operators can leave first. */
    slashable: boolean
  }
  type ErrorType = ReadErrorType | SlasherMissingError
}
