import type { Account, Chain, Client, Hex, SignTypedDataErrorType, Transport } from 'viem'
import { signTypedData } from 'viem/actions'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import type { AccountMissingError } from '../../errors/transaction.ts'
import { type Attestation, attestationTypes, toTypedDataDomain } from '../../utils/typedData.ts'
import { toAccount } from '../internal/executeWrite.ts'
import type { AccountParameter, DeploymentParameter } from '../types.ts'

/**
 * Signs the verdict of an operator on a request, with its signing key. Whoever signs two verdicts on one request that
 * contradict each other can be held to account for it: keep what was signed, and never sign anew.
 *
 * @returns The EIP-712 signature, for `submitVerification`.
 *
 * @example
 * const signature = await signAttestation(client, { deployment, attestation })
 */
export async function signAttestation<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: signAttestation.Parameters<account>,
): Promise<signAttestation.ReturnType> {
  const { deployment, attestation } = parameters
  const account = toAccount(client, parameters)
  await assertDeployment(client, deployment)
  return signTypedData(client, {
    account,
    domain: toTypedDataDomain(deployment),
    types: attestationTypes,
    primaryType: 'Attestation',
    message: attestation,
  })
}

export declare namespace signAttestation {
  type BoundParameters<account extends Account | undefined = Account | undefined> = AccountParameter<account> & {
    attestation: Attestation
  }
  type Parameters<account extends Account | undefined = Account | undefined> = BoundParameters<account> &
    DeploymentParameter
  type ReturnType = Hex
  type ErrorType = assertDeployment.ErrorType | AccountMissingError | SignTypedDataErrorType
}
