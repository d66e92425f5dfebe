import type { Address, Client } from 'viem'
import { readContract } from 'viem/actions'
import { validationRegistryAbi } from '../../abis/erc8004.ts'
import { assertRegistries } from '../../erc8004/assertRegistries.ts'
import type { RegistryMissingError } from '../../errors/receipts.ts'
import type { ReadParameters } from '../types.ts'
import { withErc8004Errors } from './executeErc8004Write.ts'
import { requireRegistry } from './requireRegistry.ts'
import type { Erc8004ReadErrorType, RegistriesParameter } from './types.ts'

/**
 * Reads how many of an agent's validations some validators answered, and the mean of the answers. The registry goes
 * through all of the agent's validations, which anybody can add to only with the agent's consent; a node may run out of
 * gas for an agent with very many.
 *
 * @returns `meanResponse`: 0..100, rounded down; `null` of none.
 * @throws `RegistryMissingError`
 *
 * @example
 * const { count, meanResponse } = await getValidationSummary(client, {
 *   registries: deployment, agentId: 7n, validators: [deployment.avs], tag: receiptTag,
 * })
 */
export async function getValidationSummary(
  client: Client,
  parameters: getValidationSummary.Parameters,
): Promise<getValidationSummary.ReturnType> {
  const { registries, agentId, validators, tag = '', blockNumber } = parameters
  const address = requireRegistry(registries, 'validationRegistry')
  if (validators.length === 0) throw new RangeError('`validators` is empty: it would be anybody.')
  await assertRegistries(client, registries)
  const [count, mean] = await withErc8004Errors(
    readContract(client, {
      address,
      abi: validationRegistryAbi,
      functionName: 'getSummary',
      args: [agentId, validators, tag],
      blockNumber,
    }),
  )
  return { count, meanResponse: count === 0n ? null : mean }
}

export declare namespace getValidationSummary {
  type Parameters = ReadParameters &
    RegistriesParameter & {
      agentId: bigint
      /** Whose answers count; at least one. */
      validators: readonly Address[]
      /** Default: any. */
      tag?: string | undefined
    }
  type ReturnType = { count: bigint; meanResponse: number | null }
  type ErrorType = Erc8004ReadErrorType | RegistryMissingError
}
