import { type Address, type Client, type GetContractEventsErrorType, type Hex, isAddressEqual } from 'viem'
import { getContractEvents, readContract } from 'viem/actions'
import { validationRegistryAbi } from '../../abis/erc8004.ts'
import { assertRegistries } from '../../erc8004/assertRegistries.ts'
import type { ValidationNotFoundError } from '../../errors/erc8004.ts'
import type { RegistryMissingError } from '../../errors/receipts.ts'
import { toValidationError } from '../avs/postReceipt.ts'
import { getBlockRanges } from '../internal/blockRanges.ts'
import type { BlockRangeParameters, EventPosition } from '../types.ts'
import { withErc8004Errors } from './executeErc8004Write.ts'
import { requireRegistry } from './requireRegistry.ts'
import type { Erc8004ReadErrorType, RegistriesParameter } from './types.ts'

/**
 * Reads a validation with its history. The registry's state alone does not tell a request without an answer from one
 * that was answered with 0, nor that an answer was another one before: the events do.
 *
 * @returns `answers`: in their order; none is pending. `flips`: how often the response changed from one answer to the
 * next. `isConsistent`: whether the registry's state is that of the last answer, or of none; false too where the range
 * of blocks is too short for that.
 * @throws `ValidationNotFoundError`, `RegistryMissingError`
 *
 * @example
 * const { answers, flips } = await getValidation(client, { registries: deployment, requestHash, fromBlock })
 */
export async function getValidation(
  client: Client,
  parameters: getValidation.Parameters,
): Promise<getValidation.ReturnType> {
  const { registries, requestHash } = parameters
  const address = requireRegistry(registries, 'validationRegistry')
  await assertRegistries(client, registries)
  const { fromBlock, toBlock, ranges } = await getBlockRanges(client, {
    ...parameters,
    deployment: { startBlock: parameters.fromBlock },
  })
  const contract = { address, abi: validationRegistryAbi } as const
  let status: readonly [Address, bigint, number, Hex, string, bigint]
  try {
    status = await withErc8004Errors(
      readContract(client, {
        ...contract,
        functionName: 'getValidationStatus',
        args: [requestHash],
        blockNumber: toBlock,
      }),
    )
  } catch (error) {
    throw toValidationError(error, () => requestHash)
  }
  const [validator, agentId, response, responseHash, tag, lastUpdate] = status
  let request: getValidation.ReturnType['request'] = null
  const answers: getValidation.Answer[] = []
  let isOneValidation = true
  for (const range of ranges) {
    const query = { ...contract, args: { requestHash }, strict: true, ...range } as const
    const [requests, responses] = await Promise.all([
      getContractEvents(client, { ...query, eventName: 'ValidationRequest' }),
      getContractEvents(client, { ...query, eventName: 'ValidationResponse' }),
    ])
    for (const { args, blockNumber, logIndex, transactionHash } of requests)
      request ??= { uri: args.requestURI, blockNumber, logIndex, transactionHash }
    for (const { args, blockNumber, logIndex, transactionHash } of responses) {
      const { response, responseHash, responseURI: uri, tag } = args
      answers.push({ response, responseHash, uri, tag, blockNumber, logIndex, transactionHash })
    }
    for (const { args } of [...requests, ...responses])
      isOneValidation &&= isAddressEqual(args.validatorAddress, validator) && args.agentId === agentId
  }
  const last = answers.at(-1) ?? { response: 0, responseHash: `0x${'00'.repeat(32)}`, tag: '' }
  return {
    requestHash,
    validator,
    agentId,
    fromBlock,
    toBlock,
    lastUpdate,
    request,
    answers,
    flips: answers.slice(1).filter(({ response }, index) => response !== answers[index]?.response).length,
    isConsistent:
      isOneValidation &&
      request !== null &&
      last.response === response &&
      last.responseHash === responseHash &&
      last.tag === tag,
  }
}

export declare namespace getValidation {
  type Parameters = Omit<BlockRangeParameters, 'fromBlock'> &
    RegistriesParameter & {
      requestHash: Hex
      /** No later than the block of the request. */
      fromBlock: bigint
    }
  type Answer = EventPosition & {
    /** 0..100. */
    response: number
    responseHash: Hex
    uri: string
    tag: string
  }
  type ReturnType = {
    requestHash: Hex
    validator: Address
    agentId: bigint
    fromBlock: bigint
    toBlock: bigint
    /** Unix time in seconds of the last answer, or of the request. */
    lastUpdate: bigint
    /** When it was filed; `null` where that was not in the range of blocks. */
    request: (EventPosition & { uri: string }) | null
    answers: Answer[]
    flips: number
    isConsistent: boolean
  }
  type ErrorType =
    | Erc8004ReadErrorType
    | GetContractEventsErrorType
    | RegistryMissingError
    | ValidationNotFoundError
    | getBlockRanges.ErrorType
}
