import type { Account, Chain, Client, Hex, SignTypedDataErrorType, Transport } from 'viem'
import { signTypedData } from 'viem/actions'
import { assertDeployment } from '../../deployments/assertDeployment.ts'
import type { AccountMissingError } from '../../errors/transaction.ts'
import { type Job, jobTypes, toTypedDataDomain } from '../../utils/typedData.ts'
import { toAccount } from '../internal/executeWrite.ts'
import type { AccountParameter, DeploymentParameter } from '../types.ts'

/**
 * Signs an agent's consent to a job, with the account that is the payee of the job and the wallet of the agent.
 *
 * @returns The EIP-712 signature, for `requestInferenceVerification` or `recordConsent`.
 *
 * @example
 * const consent = await signConsent(agentClient, { deployment, job })
 */
export async function signConsent<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: signConsent.Parameters<account>,
): Promise<signConsent.ReturnType> {
  const { deployment, job } = parameters
  const account = toAccount(client, parameters)
  await assertDeployment(client, deployment)
  return signTypedData(client, {
    account,
    domain: toTypedDataDomain(deployment),
    types: jobTypes,
    primaryType: 'Job',
    message: job,
  })
}

export declare namespace signConsent {
  type BoundParameters<account extends Account | undefined = Account | undefined> = AccountParameter<account> & {
    job: Job
  }
  type Parameters<account extends Account | undefined = Account | undefined> = BoundParameters<account> &
    DeploymentParameter
  type ReturnType = Hex
  type ErrorType = assertDeployment.ErrorType | AccountMissingError | SignTypedDataErrorType
}
