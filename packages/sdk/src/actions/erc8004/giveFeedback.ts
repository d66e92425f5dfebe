import {
  type Account,
  type Chain,
  type Client,
  encodeFunctionData,
  type Hex,
  parseEventLogs,
  type Transport,
  zeroHash,
} from 'viem'
import { reputationRegistryAbi } from '../../abis/erc8004.ts'
import type { RegistryMissingError } from '../../errors/receipts.ts'
import { firstEvent } from '../internal/firstEvent.ts'
import type { WriteParameters, WriteReturnType } from '../types.ts'
import { executeErc8004Write } from './executeErc8004Write.ts'
import { requireRegistry } from './requireRegistry.ts'
import type { RegistriesParameter } from './types.ts'

/**
 * Rates an agent. Its owner, and whom it approved, cannot.
 *
 * @returns `feedbackIndex`: the sender's first feedback on the agent is 1.
 * @throws `AgentNotFoundError`, `RegistryMissingError`; `ContractRevertedError` with the registry's reason.
 *
 * @example
 * await giveFeedback(client, { registries: deployment, agentId: 7n, value: 9977n, valueDecimals: 2, tag1: 'uptime' })
 */
export async function giveFeedback<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: giveFeedback.Parameters<account>,
): Promise<giveFeedback.ReturnType> {
  const { registries, agentId, value, valueDecimals = 0, tag1 = '', tag2 = '' } = parameters
  const { endpoint = '', uri = '', hash = zeroHash } = parameters
  const { transaction, logs } = await executeErc8004Write(client, parameters, {
    to: requireRegistry(registries, 'reputationRegistry'),
    data: encodeFunctionData({
      abi: reputationRegistryAbi,
      functionName: 'giveFeedback',
      args: [agentId, value, valueDecimals, tag1, tag2, endpoint, uri, hash],
    }),
  })
  const events = parseEventLogs({ abi: reputationRegistryAbi, eventName: 'NewFeedback', logs })
  const { feedbackIndex } = firstEvent(events, { eventName: 'NewFeedback', ...transaction })
  return { ...transaction, feedbackIndex }
}

export declare namespace giveFeedback {
  type Parameters<account extends Account | undefined = Account | undefined> = WriteParameters<account> &
    RegistriesParameter & {
      agentId: bigint
      /** In units of 10^−valueDecimals; −1e38..1e38. */
      value: bigint
      /** 0..18. Default: 0. */
      valueDecimals?: number | undefined
      /** What is rated. Default: empty. */
      tag1?: string | undefined
      /** Default: empty. */
      tag2?: string | undefined
      /** Of the agent, that was used. Default: empty. */
      endpoint?: string | undefined
      /** Of a file that says more. Default: none. */
      uri?: string | undefined
      /** keccak256 of that file. Default: zero. */
      hash?: Hex | undefined
    }
  type ReturnType = WriteReturnType & { feedbackIndex: bigint }
  type ErrorType = executeErc8004Write.ErrorType | RegistryMissingError
}
