import {
  type Account,
  type Address,
  type Chain,
  type Client,
  encodeFunctionData,
  type GetBlockErrorType,
  type Hex,
  type SignTypedDataErrorType,
  type Transport,
} from 'viem'
import { parseAccount } from 'viem/accounts'
import { getBlock, signTypedData } from 'viem/actions'
import { identityRegistryAbi } from '../../abis/erc8004.ts'
import type { WriteParameters, WriteReturnType } from '../types.ts'
import { executeErc8004Write } from './executeErc8004Write.ts'
import { getAgent } from './getAgent.ts'
import type { RegistriesParameter } from './types.ts'

/** Seconds; the registry takes signatures for at most five minutes ahead. */
const validity = 240n

/**
 * Gives an agent another wallet, which consents by a signature that is good for four minutes. The sender: the agent's
 * owner, or whom it approved.
 *
 * @throws `AgentNotFoundError`
 *
 * @example
 * await setAgentWallet(client, { registries: deployment, agentId, wallet: privateKeyToAccount(key) })
 */
export async function setAgentWallet<account extends Account | undefined>(
  client: Client<Transport, Chain | undefined, account>,
  parameters: setAgentWallet.Parameters<account>,
): Promise<setAgentWallet.ReturnType> {
  const { registries, agentId } = parameters
  const wallet = parseAccount(parameters.wallet)
  const [{ owner }, { timestamp }] = await Promise.all([getAgent(client, { registries, agentId }), getBlock(client)])
  const deadline = timestamp + validity
  const signature: Hex = await signTypedData(client, {
    account: wallet,
    domain: {
      name: 'ERC8004IdentityRegistry',
      version: '1',
      chainId: registries.chainId,
      verifyingContract: registries.identityRegistry,
    },
    types: {
      AgentWalletSet: [
        { name: 'agentId', type: 'uint256' },
        { name: 'newWallet', type: 'address' },
        { name: 'owner', type: 'address' },
        { name: 'deadline', type: 'uint256' },
      ],
    },
    primaryType: 'AgentWalletSet',
    message: { agentId, newWallet: wallet.address, owner, deadline },
  })
  const { transaction } = await executeErc8004Write(client, parameters, {
    to: registries.identityRegistry,
    data: encodeFunctionData({
      abi: identityRegistryAbi,
      functionName: 'setAgentWallet',
      args: [agentId, wallet.address, deadline, signature],
    }),
  })
  return transaction
}

export declare namespace setAgentWallet {
  type Parameters<account extends Account | undefined = Account | undefined> = WriteParameters<account> &
    RegistriesParameter & {
      agentId: bigint
      /** The new wallet. An address is signed for by the wallet of the client. */
      wallet: Account | Address
    }
  type ReturnType = WriteReturnType
  type ErrorType = executeErc8004Write.ErrorType | getAgent.ErrorType | GetBlockErrorType | SignTypedDataErrorType
}
