import { type Address, type Client, zeroAddress } from 'viem'
import { readContract } from 'viem/actions'
import { identityRegistryAbi } from '../../abis/erc8004.ts'
import { assertRegistries } from '../../erc8004/assertRegistries.ts'
import type { AgentNotFoundError } from '../../errors/erc8004.ts'
import type { ReadParameters } from '../types.ts'
import { withErc8004Errors } from './executeErc8004Write.ts'
import type { Erc8004ReadErrorType, RegistriesParameter } from './types.ts'

/**
 * Reads an agent: who owns it, where it says who it is, and the wallet that consents and is paid for it.
 *
 * @returns `uri` is empty where none is set; `wallet` is `null` where none is, such as after a transfer.
 * @throws `AgentNotFoundError`
 *
 * @example
 * const { owner, uri, wallet } = await getAgent(client, { registries: deployment, agentId: 7n })
 */
export async function getAgent(client: Client, parameters: getAgent.Parameters): Promise<getAgent.ReturnType> {
  const { registries, agentId, blockNumber } = parameters
  await assertRegistries(client, registries)
  const contract = { address: registries.identityRegistry, abi: identityRegistryAbi, blockNumber } as const
  const args = [agentId] as const
  const [owner, uri, wallet] = await withErc8004Errors(
    Promise.all([
      readContract(client, { ...contract, functionName: 'ownerOf', args }),
      readContract(client, { ...contract, functionName: 'tokenURI', args }),
      readContract(client, { ...contract, functionName: 'getAgentWallet', args }),
    ]),
  )
  return { agentId, owner, uri, wallet: wallet === zeroAddress ? null : wallet }
}

export declare namespace getAgent {
  type Parameters = ReadParameters & RegistriesParameter & { agentId: bigint }
  type ReturnType = { agentId: bigint; owner: Address; uri: string; wallet: Address | null }
  type ErrorType = Erc8004ReadErrorType | AgentNotFoundError
}
