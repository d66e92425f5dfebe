import { type Account, type Chain, type Client, encodeFunctionData, type Transport } from 'viem'
import { identityRegistryAbi } from '../../abis/erc8004.ts'
import type { WriteParameters, WriteReturnType } from '../types.ts'
import { executeErc8004Write } from './executeErc8004Write.ts'
import type { RegistriesParameter } from './types.ts'

/**
 * Says where the registration file of an agent is. The sender: the agent's owner, or whom it approved.
 *
 * @throws `AgentNotFoundError`
 *
 * @example
 * await setAgentUri(client, { registries: deployment, agentId, uri: 'https://agent.example.com/card.json' })
 */
export async function setAgentUri<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: setAgentUri.Parameters<account>,
): Promise<setAgentUri.ReturnType> {
  const { registries, agentId, uri } = parameters
  const { transaction } = await executeErc8004Write(client, parameters, {
    to: registries.identityRegistry,
    data: encodeFunctionData({ abi: identityRegistryAbi, functionName: 'setAgentURI', args: [agentId, uri] }),
  })
  return transaction
}

export declare namespace setAgentUri {
  type Parameters<account extends Account | undefined = Account | undefined> = WriteParameters<account> &
    RegistriesParameter & { agentId: bigint; uri: string }
  type ReturnType = WriteReturnType
  type ErrorType = executeErc8004Write.ErrorType
}
