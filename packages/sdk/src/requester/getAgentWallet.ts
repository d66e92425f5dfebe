import { type Address, BaseError, type Client, ContractFunctionRevertedError, parseAbi, zeroAddress } from 'viem'
import { readContract } from 'viem/actions'
import type { Deployment } from '../deployments/deployment.ts'
import { AgentWalletMissingError } from '../errors/requester.ts'

const identityRegistryAbi = parseAbi(['function getAgentWallet(uint256 agentId) view returns (address)'])

/**
 * Reads the wallet that consents and is paid for an ERC-8004 agent.
 *
 * @throws `AgentWalletMissingError`
 */
export async function getAgentWallet(
  client: Client,
  { deployment, agentId }: { deployment: Deployment; agentId: bigint },
): Promise<Address> {
  let wallet: Address
  try {
    wallet = await readContract(client, {
      address: deployment.identityRegistry,
      abi: identityRegistryAbi,
      functionName: 'getAgentWallet',
      args: [agentId],
    })
  } catch (error) {
    // Registries may refuse to speak of an agent that does not exist.
    const isRevert = error instanceof BaseError && error.walk((cause) => cause instanceof ContractFunctionRevertedError)
    if (isRevert) throw new AgentWalletMissingError({ agentId, cause: error })
    throw error
  }
  if (wallet === zeroAddress) throw new AgentWalletMissingError({ agentId })
  return wallet
}
