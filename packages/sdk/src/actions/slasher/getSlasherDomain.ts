import type { Client, Hex } from 'viem'
import { readContract } from 'viem/actions'
import * as equivocationSlasherAbi from '../../abis/calls/equivocationSlasher.ts'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import { withContractErrors } from '../../errors/contract.ts'
import type { SlasherMissingError } from '../../errors/slasher.ts'
import { requireSlasher } from '../internal/requireSlasher.ts'
import type { DeploymentParameter, ReadErrorType, ReadParameters } from '../types.ts'
import type { SlasherDomain } from './types.ts'

/**
 * Reads whether the slasher accepts evidence of an AVS on another chain, or is about to.
 *
 * @returns `isRegistered` is true for the AVS of the deployment itself as well. `executableAt`: unix time from which a
 * proposal of the domain can be registered; `null` when there is no proposal.
 * @throws `SlasherMissingError`
 *
 * @example
 * const { isRegistered } = await getSlasherDomain(client, { deployment, domain: { chainId: base.id, avs } })
 */
export async function getSlasherDomain(
  client: Client,
  parameters: getSlasherDomain.Parameters,
): Promise<getSlasherDomain.ReturnType> {
  const { deployment, blockNumber, domain } = parameters
  const address = requireSlasher(deployment)
  await assertDeployment(client, deployment)
  const [domainSeparator, isRegistered, executableAt] = await withContractErrors(
    readContract(client, {
      address,
      abi: equivocationSlasherAbi.getDomain,
      functionName: 'getDomain',
      args: [BigInt(domain.chainId), domain.avs],
      blockNumber,
    }),
  )
  return { domainSeparator, isRegistered, executableAt: executableAt === 0 ? null : executableAt }
}

export declare namespace getSlasherDomain {
  type BoundParameters = ReadParameters & {
    domain: SlasherDomain
  }
  type Parameters = BoundParameters & DeploymentParameter
  type ReturnType = {
    /** EIP-712 domain separator of the AVS. */
    domainSeparator: Hex
    isRegistered: boolean
    executableAt: number | null
  }
  type ErrorType = ReadErrorType | SlasherMissingError
}
