import { type Account, type Chain, type Client, encodeFunctionData, type Transport } from 'viem'
import { reputationRegistryAbi } from '../../abis/erc8004.ts'
import type { RegistryMissingError } from '../../errors/receipts.ts'
import type { WriteParameters, WriteReturnType } from '../types.ts'
import { executeErc8004Write } from './executeErc8004Write.ts'
import { requireRegistry } from './requireRegistry.ts'
import type { RegistriesParameter } from './types.ts'

/**
 * Takes back feedback that the sender gave.
 *
 * @throws `RegistryMissingError`; `ContractRevertedError` with the registry's reason.
 *
 * @example
 * await revokeFeedback(client, { registries: deployment, agentId: 7n, feedbackIndex: 1n })
 */
export async function revokeFeedback<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: revokeFeedback.Parameters<account>,
): Promise<revokeFeedback.ReturnType> {
  const { registries, agentId, feedbackIndex } = parameters
  const { transaction } = await executeErc8004Write(client, parameters, {
    to: requireRegistry(registries, 'reputationRegistry'),
    data: encodeFunctionData({
      abi: reputationRegistryAbi,
      functionName: 'revokeFeedback',
      args: [agentId, feedbackIndex],
    }),
  })
  return transaction
}

export declare namespace revokeFeedback {
  type Parameters<account extends Account | undefined = Account | undefined> = WriteParameters<account> &
    RegistriesParameter & { agentId: bigint; feedbackIndex: bigint }
  type ReturnType = WriteReturnType
  type ErrorType = executeErc8004Write.ErrorType | RegistryMissingError
}
