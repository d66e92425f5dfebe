import type { Address, Chain, Hex } from 'viem'
import { countAccounts, type DevnetAccounts, devnetMnemonic } from './accounts.ts'
import { type AnvilExit, startAnvil } from './anvil.ts'
import { createDevnetClient, type DevnetClient, defineDevnetChain, setupGas, succeed } from './client.ts'
import * as artifacts from './generated/artifacts.ts'

/** A running chain, and what controls it. */
export type DevnetChain = AsyncDisposable & {
  readonly rpcUrl: string
  readonly chain: Chain
  readonly accounts: DevnetAccounts
  /** viem's public, wallet and test actions; pass any account to write. */
  readonly client: DevnetClient
  /** Mines blocks at once. Default: one. */
  mine(blocks?: number): Promise<void>
  /** Remembers the state of the chain; see `revert`. */
  snapshot(): Promise<Hex>
  /** Goes back to a snapshot, which can be used only once. */
  revert(id: Hex): Promise<void>
  /** Resolves when the chain has ended, for whatever reason. */
  readonly exited: Promise<AnvilExit>
  /** Ends the chain; resolves when it has ended and its port is free. May be called again. */
  stop(): Promise<void>
}

const million = 10n ** 24n

/**
 * Starts a chain with funded accounts, and sets it up: a block for every transaction until that is done, and from then
 * on one every `blockTime` seconds, if that is given. With `automine` there are both, from the start. Ends it again where
 * the setup fails.
 */
export async function startChain<setup extends { token: Address }>(
  parameters: {
    port: number
    blockTime: number | undefined
    automine?: boolean | undefined
    chainId: number
    startBlock: number
    accounts: DevnetAccounts
    /** Wei per gas, for good. Default: as anvil has it. */
    baseFee?: number | undefined
  },
  setUp: (client: DevnetClient) => Promise<setup>,
): Promise<DevnetChain & setup> {
  const { port, blockTime, automine = false, chainId, startBlock, accounts, baseFee } = parameters
  const isMixed = automine && blockTime !== undefined
  const anvil = await startAnvil({
    port,
    args: [
      ...['--accounts', String(countAccounts(accounts.operators.length)), '--mnemonic', devnetMnemonic],
      ...['--chain-id', String(chainId), '--number', String(startBlock), '--hardfork', 'prague'],
      ...(baseFee === undefined ? [] : ['--base-fee', String(baseFee)]),
      ...(isMixed ? ['--block-time', String(blockTime), '--mixed-mining'] : []),
    ],
  })
  const chain = defineDevnetChain({ chainId, rpcUrl: anvil.rpcUrl, blockTime: blockTime ?? 1 })
  const client = createDevnetClient(chain)
  try {
    const setup = await setUp(client)
    await mint(client, setup.token, accounts.requester.address)
    if (blockTime !== undefined && !isMixed) await client.setIntervalMining({ interval: blockTime })
    return {
      ...setup,
      rpcUrl: anvil.rpcUrl,
      chain,
      accounts,
      client,
      mine: (blocks = 1) => client.mine({ blocks }),
      snapshot: () => client.snapshot(),
      revert: (id) => client.revert({ id }),
      exited: anvil.exited,
      stop: anvil.stop,
      [Symbol.asyncDispose]: anvil.stop,
    }
  } catch (error) {
    await anvil.stop()
    throw error
  }
}

/** Gives the requester what it pays with. */
async function mint(client: DevnetClient, token: Address, requester: Address): Promise<void> {
  await succeed(
    client,
    client.writeContractSync({
      gas: setupGas,
      account: requester,
      address: token,
      abi: artifacts.devnetToken.abi,
      functionName: 'mint',
      args: [requester, million],
    }),
  )
}
