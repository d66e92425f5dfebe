import { type Account, type Chain, type Client, encodeFunctionData, type Transport } from 'viem'
import * as equivocationSlasherAbi from '../../abis/calls/equivocationSlasher.ts'
import type {
  DomainLockedError,
  DomainNotProposedError,
  NotOwnerError,
  SlasherMissingError,
} from '../../errors/slasher.ts'
import { executeWrite } from '../internal/executeWrite.ts'
import { requireSlasher } from '../internal/requireSlasher.ts'
import type { DeploymentParameter, WriteParameters, WriteReturnType } from '../types.ts'
import type { SlasherDomain } from './types.ts'

/**
 * Registers, for good, a domain that was proposed long enough ago. Sender: the owner of the AVS.
 *
 * @throws `DomainLockedError`, `DomainNotProposedError`, `NotOwnerError`, `SlasherMissingError`
 *
 * @example
 * await registerSlasherDomain(client, { deployment, domain: { chainId: base.id, avs } })
 */
export async function registerSlasherDomain<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: registerSlasherDomain.Parameters<account>,
): Promise<registerSlasherDomain.ReturnType> {
  const { deployment, domain } = parameters
  const { transaction } = await executeWrite(client, parameters, {
    to: requireSlasher(deployment),
    data: encodeFunctionData({
      abi: equivocationSlasherAbi.registerDomain,
      functionName: 'registerDomain',
      args: [BigInt(domain.chainId), domain.avs],
    }),
  })
  return transaction
}

export declare namespace registerSlasherDomain {
  type BoundParameters<account extends Account | undefined = Account | undefined> = WriteParameters<account> & {
    domain: SlasherDomain
  }
  type Parameters<account extends Account | undefined = Account | undefined> = BoundParameters<account> &
    DeploymentParameter
  type ReturnType = WriteReturnType
  type ErrorType =
    | executeWrite.ErrorType
    | DomainLockedError
    | DomainNotProposedError
    | NotOwnerError
    | SlasherMissingError
}
