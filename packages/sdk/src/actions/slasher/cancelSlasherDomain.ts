import { type Account, type Chain, type Client, encodeFunctionData, type Transport } from 'viem'
import * as equivocationSlasherAbi from '../../abis/calls/equivocationSlasher.ts'
import type { DomainNotProposedError, NotOwnerError, SlasherMissingError } from '../../errors/slasher.ts'
import { executeWrite } from '../internal/executeWrite.ts'
import { requireSlasher } from '../internal/requireSlasher.ts'
import type { DeploymentParameter, WriteParameters, WriteReturnType } from '../types.ts'
import type { SlasherDomain } from './types.ts'

/**
 * Withdraws the proposal of a domain, at any time before it is registered. Sender: the owner of the AVS.
 *
 * @throws `DomainNotProposedError`, `NotOwnerError`, `SlasherMissingError`
 *
 * @example
 * await cancelSlasherDomain(client, { deployment, domain: { chainId: base.id, avs } })
 */
export async function cancelSlasherDomain<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: cancelSlasherDomain.Parameters<account>,
): Promise<cancelSlasherDomain.ReturnType> {
  const { deployment, domain } = parameters
  const { transaction } = await executeWrite(client, parameters, {
    to: requireSlasher(deployment),
    data: encodeFunctionData({
      abi: equivocationSlasherAbi.cancelDomain,
      functionName: 'cancelDomain',
      args: [BigInt(domain.chainId), domain.avs],
    }),
  })
  return transaction
}

export declare namespace cancelSlasherDomain {
  type BoundParameters<account extends Account | undefined = Account | undefined> = WriteParameters<account> & {
    domain: SlasherDomain
  }
  type Parameters<account extends Account | undefined = Account | undefined> = BoundParameters<account> &
    DeploymentParameter
  type ReturnType = WriteReturnType
  type ErrorType = executeWrite.ErrorType | DomainNotProposedError | NotOwnerError | SlasherMissingError
}
