import {
  type Account,
  type Chain,
  type Client,
  encodeFunctionData,
  type Hex,
  parseEventLogs,
  type Transport,
} from 'viem'
import { identityRegistryAbi } from '../../abis/erc8004.ts'
import { firstEvent } from '../internal/firstEvent.ts'
import type { WriteParameters, WriteReturnType } from '../types.ts'
import { executeErc8004Write } from './executeErc8004Write.ts'
import type { RegistriesParameter } from './types.ts'

/**
 * Registers an agent, owned by the sender, whose account is its wallet, too.
 *
 * @returns `agentId`: the first of a registry is 0.
 *
 * @example
 * const { agentId } = await registerAgent(client, { registries: deployment, uri: 'https://agent.example.com/card.json' })
 */
export async function registerAgent<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: registerAgent.Parameters<account>,
): Promise<registerAgent.ReturnType> {
  const { registries, uri = '', metadata = [] } = parameters
  const { transaction, logs } = await executeErc8004Write(client, parameters, {
    to: registries.identityRegistry,
    data: encodeFunctionData({
      abi: identityRegistryAbi,
      functionName: 'register',
      args: [uri, metadata.map(({ key, value }) => ({ metadataKey: key, metadataValue: value }))],
    }),
  })
  const events = parseEventLogs({ abi: identityRegistryAbi, eventName: 'Registered', logs })
  const { agentId } = firstEvent(events, { eventName: 'Registered', ...transaction })
  return { ...transaction, agentId }
}

export declare namespace registerAgent {
  type Parameters<account extends Account | undefined = Account | undefined> = WriteParameters<account> &
    RegistriesParameter & {
      /** Where its registration file is. Default: nowhere yet, see `setAgentUri`. */
      uri?: string | undefined
      /** All but `agentWallet`. Default: none. */
      metadata?: readonly { readonly key: string; readonly value: Hex }[] | undefined
    }
  type ReturnType = WriteReturnType & { agentId: bigint }
  type ErrorType = executeErc8004Write.ErrorType
}
