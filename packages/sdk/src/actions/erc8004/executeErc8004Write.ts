import { BaseError, type Client, decodeErrorResult } from 'viem'
import { identityRegistryAbi } from '../../abis/erc8004.ts'
import { assertRegistries } from '../../erc8004/assertRegistries.ts'
import { toContractError } from '../../errors/contract.ts'
import { AgentNotFoundError } from '../../errors/erc8004.ts'
import { findRevert } from '../../errors/revertData.ts'
import { executeCall, type executeWrite } from '../internal/executeWrite.ts'
import type { WriteParameters } from '../types.ts'
import type { RegistriesParameter } from './types.ts'

/** Calls a registry, see `executeCall`. */
export function executeErc8004Write(
  client: Client,
  parameters: WriteParameters & RegistriesParameter,
  contractCall: Parameters<typeof executeCall>[2],
): ReturnType<typeof executeCall> {
  const { registries } = parameters
  return executeCall(client, parameters, contractCall, {
    chainId: registries.chainId,
    assert: () => assertRegistries(client, registries),
    toError: toErc8004Error,
  })
}

export declare namespace executeErc8004Write {
  type ErrorType = assertRegistries.ErrorType | AgentNotFoundError | executeWrite.ErrorType
}

/** The error of the SDK for a failed call of a registry, which refuses nearly everything with a text only. */
export async function toErc8004Error(error: unknown): Promise<unknown> {
  const revert = error instanceof BaseError ? findRevert(error) : undefined
  if (revert === undefined) return toContractError(error)
  try {
    const { errorName, args } = decodeErrorResult({ abi: identityRegistryAbi, data: revert.data })
    if (errorName === 'ERC721NonexistentToken')
      return new AgentNotFoundError({ agentId: args[0], cause: revert.carrier })
  } catch (cause) {
    // Not one of the registry's.
    if (!(cause instanceof BaseError)) throw cause
  }
  return toContractError(error)
}

/** Resolves as the call does, or rejects with the error of the SDK for it. */
export async function withErc8004Errors<result>(call: Promise<result>): Promise<result> {
  try {
    return await call
  } catch (error) {
    throw await toErc8004Error(error)
  }
}
