import { type Account, type Address, type Chain, type Client, encodeFunctionData, type Hex, type Transport } from 'viem'
import { validationRegistryAbi } from '../../abis/erc8004.ts'
import type { RegistryMissingError } from '../../errors/receipts.ts'
import type { WriteParameters, WriteReturnType } from '../types.ts'
import { executeErc8004Write } from './executeErc8004Write.ts'
import { requireRegistry } from './requireRegistry.ts'
import type { RegistriesParameter } from './types.ts'

/**
 * Files a validation request of an agent. The sender: the agent's owner, or whom it approved.
 *
 * A hash belongs for good to whoever files it first, and anybody with an agent can: file it before the job is known to
 * others, which is before its output is released, and look who has it (`getValidation`).
 *
 * @throws `AgentNotFoundError`, `RegistryMissingError`; `ContractRevertedError` with the reason `exists`: the hash is
 * filed already.
 *
 * @example
 * const requestHash = hashValidationRequest({ deployment, job })
 * await requestValidation(client, { registries: deployment, validator: deployment.avs, agentId: 7n, requestHash })
 */
export async function requestValidation<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: requestValidation.Parameters<account>,
): Promise<requestValidation.ReturnType> {
  const { registries, validator, agentId, requestHash, uri = '' } = parameters
  const { transaction } = await executeErc8004Write(client, parameters, {
    to: requireRegistry(registries, 'validationRegistry'),
    data: encodeFunctionData({
      abi: validationRegistryAbi,
      functionName: 'validationRequest',
      args: [validator, agentId, uri, requestHash],
    }),
  })
  return transaction
}

export declare namespace requestValidation {
  type Parameters<account extends Account | undefined = Account | undefined> = WriteParameters<account> &
    RegistriesParameter & {
      /** Who is to answer: the AVS for what it is to post a receipt for. */
      validator: Address
      agentId: bigint
      /** For the AVS: see `hashValidationRequest`. */
      requestHash: Hex
      /** Default: none. */
      uri?: string | undefined
    }
  type ReturnType = WriteReturnType
  type ErrorType = executeErc8004Write.ErrorType | RegistryMissingError
}
