import type { Account, Chain, Client, Hex, SignTypedDataErrorType, Transport } from 'viem'
import { signTypedData } from 'viem/actions'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import type { AccountMissingError } from '../../errors/transaction.ts'
import { type Request, requestTypes, toTypedDataDomain } from '../../utils/typedData.ts'
import { toAccount } from '../internal/executeWrite.ts'
import type { AccountParameter, DeploymentParameter } from '../types.ts'

/**
 * Signs a request as its requester, so that operators can verify it and settle it against the requester's deposit before
 * the chain has seen it. Whoever holds the signature can do so until the deadline.
 *
 * @returns The EIP-712 signature, for `settleCertificates`.
 *
 * @example
 * const requesterSignature = await signRequest(client, { deployment, request })
 */
export async function signRequest<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: signRequest.Parameters<account>,
): Promise<signRequest.ReturnType> {
  const { deployment, request } = parameters
  const account = toAccount(client, parameters)
  await assertDeployment(client, deployment)
  return signTypedData(client, {
    account,
    domain: toTypedDataDomain(deployment),
    types: requestTypes,
    primaryType: 'Request',
    message: request,
  })
}

export declare namespace signRequest {
  type BoundParameters<account extends Account | undefined = Account | undefined> = AccountParameter<account> & {
    request: Request
  }
  type Parameters<account extends Account | undefined = Account | undefined> = BoundParameters<account> &
    DeploymentParameter
  type ReturnType = Hex
  type ErrorType = assertDeployment.ErrorType | AccountMissingError | SignTypedDataErrorType
}
