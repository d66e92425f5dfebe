import type { Address, Client } from 'viem'
import { readContract } from 'viem/actions'
import * as proofOfInferenceAvsAbi from '../../abis/calls/proofOfInferenceAvs.ts'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import { withContractErrors } from '../../errors/contract.ts'
import type { DeploymentParameter, ReadErrorType, ReadParameters } from '../types.ts'

/**
 * Reads whether a certificate of a request of the requester with this nonce was settled: another one never is. Requests
 * that are opened on chain use no nonce.
 *
 * @example
 * const isSettled = await isNonceUsed(client, { deployment, requester: request.requester, nonce: request.nonce })
 */
export async function isNonceUsed(client: Client, parameters: isNonceUsed.Parameters): Promise<isNonceUsed.ReturnType> {
  const { deployment, blockNumber, requester, nonce } = parameters
  await assertDeployment(client, deployment)
  return withContractErrors(
    readContract(client, {
      address: deployment.avs,
      abi: proofOfInferenceAvsAbi.isNonceUsed,
      functionName: 'isNonceUsed',
      args: [requester, nonce],
      blockNumber,
    }),
  )
}

export declare namespace isNonceUsed {
  type BoundParameters = ReadParameters & {
    requester: Address
    /** 0..2^256 − 1. */
    nonce: bigint
  }
  type Parameters = BoundParameters & DeploymentParameter
  type ReturnType = boolean
  type ErrorType = ReadErrorType
}
