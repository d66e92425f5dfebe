import { BaseError, ContractFunctionRevertedError, isAddressEqual } from 'viem'
import { getBlock, readContract } from 'viem/actions'
import { validationRegistryAbi } from '../../abis/erc8004.ts'
import { core4MicaAbi } from '../../abis/fourMica.ts'
import { getJobState } from '../../actions/avs/getJobState.ts'
import { FourMicaFailedError } from '../../errors/payments.ts'
import { receiptTag } from '../../utils/validationRequest.ts'
import type { PaymentStatus } from '../types.ts'
import type { Connection } from './connect.ts'
import { type GuaranteeClaims, hashValidationRequest } from './guarantee.ts'
import type { FourMicaConfig } from './types.ts'

/** Unix time in seconds, of the next block. */
export async function readTime({ client }: FourMicaConfig): Promise<number> {
  return Number((await getBlock(client, { blockTag: 'pending' })).timestamp)
}

/** What the contract says was paid on a tab. */
export async function readPayments({ client, core }: FourMicaConfig, tabId: bigint) {
  const [paid, isRemunerated] = await readContract(client, {
    address: core.contract,
    abi: core4MicaAbi,
    functionName: 'getPaymentStatus',
    args: [tabId],
  }).catch((cause: unknown) => {
    throw new FourMicaFailedError({ action: 'reading the payments of the tab', cause })
  })
  return { paid, isRemunerated }
}

/** The validation of a guarantee in the registry; `undefined` while nobody has filed it. */
export async function readValidation({ client }: FourMicaConfig, claims: GuaranteeClaims) {
  try {
    const [validator, agentId, response, , tag] = await readContract(client, {
      address: claims.registry,
      abi: validationRegistryAbi,
      functionName: 'getValidationStatus',
      args: [hashValidationRequest(claims)],
    })
    const isOurs = isAddressEqual(validator, claims.validator) && agentId === claims.agentId
    // The AVS never answers without its tag: without one there is no answer, though the response reads 0.
    return {
      validator,
      agentId,
      isOurs,
      isAnswered: tag !== '',
      isPassed: response >= claims.minScore && tag === receiptTag,
    }
  } catch (cause) {
    const isUnknown = cause instanceof BaseError && cause.walk((e) => e instanceof ContractFunctionRevertedError)
    if (isUnknown) return undefined
    throw new FourMicaFailedError({ action: 'reading the validation registry', cause })
  }
}

/** How a guarantee stands by what the chain says. */
export async function readStanding(
  config: FourMicaConfig,
  { tabExpirationTime }: Connection,
  { claims, totalAmount }: { claims: GuaranteeClaims; totalAmount: bigint },
): Promise<PaymentStatus> {
  const { client, deployment } = config
  const [{ paid, isRemunerated }, validation, job, now] = await Promise.all([
    readPayments(config, claims.tabId),
    readValidation(config, claims),
    getJobState(client, { deployment, jobId: claims.jobId }),
    readTime(config),
  ])
  if (isRemunerated || paid >= totalAmount) return 'paid'
  if (job.status === 'rejected' || (validation && !validation.isOurs)) return 'rejected'
  if (validation?.isAnswered && !validation.isPassed) return 'rejected'
  if (now > claims.timestamp + tabExpirationTime) return 'expired'
  return validation?.isAnswered ? 'payable' : 'pending'
}
