import { type Account, type Chain, type Client, encodeFunctionData, parseEventLogs, type Transport } from 'viem'
import * as equivocationSlasherAbi from '../../abis/calls/equivocationSlasher.ts'
import type {
  DomainAlreadyProposedError,
  DomainAlreadyRegisteredError,
  InvalidDomainError,
  NotOwnerError,
  SlasherMissingError,
} from '../../errors/slasher.ts'
import { executeWrite } from '../internal/executeWrite.ts'
import { firstEvent } from '../internal/firstEvent.ts'
import { requireSlasher } from '../internal/requireSlasher.ts'
import type { DeploymentParameter, WriteParameters, WriteReturnType } from '../types.ts'
import type { SlasherDomain } from './types.ts'

/**
 * Announces that the slasher is to accept evidence of an AVS on another chain. It can be registered after a delay of
 * seven days, in which operators may object or leave. Sender: the owner of the AVS.
 *
 * @returns `executableAt`: unix time from which it can be registered.
 * @throws `DomainAlreadyProposedError`, `DomainAlreadyRegisteredError`, `InvalidDomainError`, `NotOwnerError`, `SlasherMissingError`
 *
 * @example
 * const { executableAt } = await proposeSlasherDomain(client, { deployment, domain: { chainId: base.id, avs } })
 */
export async function proposeSlasherDomain<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: proposeSlasherDomain.Parameters<account>,
): Promise<proposeSlasherDomain.ReturnType> {
  const { deployment, domain } = parameters
  const { transaction, logs } = await executeWrite(client, parameters, {
    to: requireSlasher(deployment),
    data: encodeFunctionData({
      abi: equivocationSlasherAbi.proposeDomain,
      functionName: 'proposeDomain',
      args: [BigInt(domain.chainId), domain.avs],
    }),
  })
  const eventName = 'DomainProposed'
  const events = parseEventLogs({ abi: equivocationSlasherAbi.DomainProposed, eventName, logs })
  const { executableAt } = firstEvent(events, { eventName, ...transaction })
  return { ...transaction, executableAt }
}

export declare namespace proposeSlasherDomain {
  type BoundParameters<account extends Account | undefined = Account | undefined> = WriteParameters<account> & {
    domain: SlasherDomain
  }
  type Parameters<account extends Account | undefined = Account | undefined> = BoundParameters<account> &
    DeploymentParameter
  type ReturnType = WriteReturnType & { executableAt: number }
  type ErrorType =
    | executeWrite.ErrorType
    | DomainAlreadyProposedError
    | DomainAlreadyRegisteredError
    | InvalidDomainError
    | NotOwnerError
    | SlasherMissingError
}
