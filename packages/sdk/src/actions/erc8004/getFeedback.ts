import type { Address, Client } from 'viem'
import { readContract } from 'viem/actions'
import { reputationRegistryAbi } from '../../abis/erc8004.ts'
import { assertRegistries } from '../../erc8004/assertRegistries.ts'
import type { RegistryMissingError } from '../../errors/receipts.ts'
import type { ReadParameters } from '../types.ts'
import { withErc8004Errors } from './executeErc8004Write.ts'
import { requireRegistry } from './requireRegistry.ts'
import type { Erc8004ReadErrorType, RegistriesParameter } from './types.ts'

/**
 * Reads what clients said of an agent. Anybody can say anything: choose whose word counts, such as that of the AVS.
 *
 * @returns In the order of the clients, then of their feedback.
 * @throws `RegistryMissingError`
 *
 * @example
 * const feedback = await getFeedback(client, { registries: deployment, agentId: 7n, clients: [deployment.avs] })
 */
export async function getFeedback(client: Client, parameters: getFeedback.Parameters): Promise<getFeedback.ReturnType> {
  const { registries, agentId, clients, tag1 = '', tag2 = '', includeRevoked = false, blockNumber } = parameters
  const address = requireRegistry(registries, 'reputationRegistry')
  assertClients(clients)
  await assertRegistries(client, registries)
  const [of, indexes, values, valueDecimals, tag1s, tag2s, revoked] = await withErc8004Errors(
    readContract(client, {
      address,
      abi: reputationRegistryAbi,
      functionName: 'readAllFeedback',
      args: [agentId, clients, tag1, tag2, includeRevoked],
      blockNumber,
    }),
  )
  const lists = { indexes, values, valueDecimals, tag1s, tag2s, revoked }
  return of.map((client, index) => ({
    client,
    feedbackIndex: at(lists.indexes, index),
    value: at(lists.values, index),
    valueDecimals: at(lists.valueDecimals, index),
    tag1: at(lists.tag1s, index),
    tag2: at(lists.tag2s, index),
    isRevoked: at(lists.revoked, index),
  }))
}

export declare namespace getFeedback {
  type Parameters = ReadParameters &
    RegistriesParameter & {
      agentId: bigint
      /** Whose feedback; at least one, and each once. */
      clients: readonly Address[]
      /** Default: any. */
      tag1?: string | undefined
      /** Default: any. */
      tag2?: string | undefined
      /** Default: `false`. */
      includeRevoked?: boolean | undefined
    }
  type ReturnType = {
    client: Address
    /** From 1. */
    feedbackIndex: bigint
    /** In units of 10^−valueDecimals. */
    value: bigint
    valueDecimals: number
    tag1: string
    tag2: string
    isRevoked: boolean
  }[]
  type ErrorType = Erc8004ReadErrorType | RegistryMissingError
}

/** The registry takes none for anybody, and counts one that is named twice twice. */
export function assertClients(clients: readonly Address[]): void {
  const distinct = new Set(clients.map((client) => client.toLowerCase()))
  if (clients.length === 0 || distinct.size < clients.length)
    throw new RangeError('`clients` must name at least one, and each only once.')
}

function at<item>(items: readonly item[], index: number): item {
  const item = items[index]
  if (item === undefined) throw new RangeError('The lists that the registry returned are not of one length.')
  return item
}
