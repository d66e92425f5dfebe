import type { Address, Client, Hex } from 'viem'
import { getChainId, getCode } from 'viem/actions'
import { ChainMismatchError, ContractCodeMissingError, type NamedContract } from '../errors/deployment.ts'

/** Makes sure that a client, and its `chain` if it has one, is on the chain. */
export async function assertChainId(client: Client, expected: number): Promise<void> {
  const actual = await getChainId(client)
  if (actual !== expected) throw new ChainMismatchError({ expected, actual })
  // Transactions are checked against the chain of the client by viem, so that it must be this one, too.
  if (client.chain && client.chain.id !== expected) throw new ChainMismatchError({ expected, actual: client.chain.id })
}

/** The code at an address, which must have some. */
export async function assertContract(
  client: Client,
  { contract, address }: { contract: NamedContract; address: Address },
): Promise<Hex> {
  const code = await getCode(client, { address })
  if (code === undefined) throw new ContractCodeMissingError({ contract, address })
  return code
}
