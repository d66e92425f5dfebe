import type { Client } from 'viem'
import { readContract } from 'viem/actions'
import { reputationRegistryAbi } from '../../abis/erc8004.ts'
import { assertRegistries } from '../../erc8004/assertRegistries.ts'
import type { RegistryMissingError } from '../../errors/receipts.ts'
import { withErc8004Errors } from './executeErc8004Write.ts'
import { assertClients, type getFeedback } from './getFeedback.ts'
import { requireRegistry } from './requireRegistry.ts'
import type { Erc8004ReadErrorType } from './types.ts'

/**
 * Reads how often clients rated an agent, and the mean. The registry goes through all of it, for about 10,000 gas a
 * record: a node may refuse for very many.
 *
 * @returns `mean`: in units of 10^−`decimals`, rounded towards zero; `null` of none.
 * @throws `RegistryMissingError`
 *
 * @example
 * const { count, mean } = await getFeedbackSummary(client, { registries: deployment, agentId: 7n, clients: [deployment.avs] })
 */
export async function getFeedbackSummary(
  client: Client,
  parameters: getFeedbackSummary.Parameters,
): Promise<getFeedbackSummary.ReturnType> {
  const { registries, agentId, clients, tag1 = '', tag2 = '', blockNumber } = parameters
  const address = requireRegistry(registries, 'reputationRegistry')
  assertClients(clients)
  await assertRegistries(client, registries)
  const [count, mean, decimals] = await withErc8004Errors(
    readContract(client, {
      address,
      abi: reputationRegistryAbi,
      functionName: 'getSummary',
      args: [agentId, clients, tag1, tag2],
      blockNumber,
    }),
  )
  return { count, mean: count === 0n ? null : mean, decimals }
}

export declare namespace getFeedbackSummary {
  type Parameters = Omit<getFeedback.Parameters, 'includeRevoked'>
  type ReturnType = { count: bigint; mean: bigint | null; decimals: number }
  type ErrorType = Erc8004ReadErrorType | RegistryMissingError
}
