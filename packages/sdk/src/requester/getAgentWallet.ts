import { type Address, type Client, type ReadContractErrorType, zeroAddress } from 'viem'
import { readContract } from 'viem/actions'
import { identityRegistryAbi } from '../abis/erc8004.ts'
import type { Deployment } from '../deployments/deployment.ts'
import { withContractErrors } from '../errors/contract.ts'
import { AgentWalletMissingError } from '../errors/requester.ts'
import type { ContractRevertedError } from '../errors/transaction.ts'

/**
 * Reads the wallet that consents and is paid for an ERC-8004 agent.
 *
 * @throws `AgentWalletMissingError`
 */
export async function getAgentWallet(
  client: Client,
  { deployment, agentId }: { deployment: Deployment; agentId: bigint },
): Promise<Address> {
  const wallet = await withContractErrors(
    readContract(client, {
      address: deployment.identityRegistry,
      abi: identityRegistryAbi,
      functionName: 'getAgentWallet',
      args: [agentId],
    }),
  )
  // What the registry says of an agent that does not exist, too.
  if (wallet === zeroAddress) throw new AgentWalletMissingError({ agentId })
  return wallet
}

export declare namespace getAgentWallet {
  type ErrorType = AgentWalletMissingError | ContractRevertedError | ReadContractErrorType
}
