import { setTimeout } from 'node:timers/promises'
import {
  BaseError,
  type Chain,
  type Client,
  createTestClient,
  decodeErrorResult,
  defineChain,
  type Hex,
  type HttpTransport,
  http,
  isHex,
  type PublicActions,
  publicActions,
  type TestActions,
  type TestRpcSchema,
  type TransactionReceipt,
  type WaitForTransactionReceiptParameters,
  type WalletActions,
  walletActions,
} from 'viem'
import { getTransactionReceipt, waitForTransactionReceipt } from 'viem/actions'
import { DevnetSetupError } from './errors.ts'
import * as artifacts from './generated/artifacts.ts'

/** Reads, writes (with any account of the devnet) and controls the chain: viem's public, wallet and test actions. */
export type DevnetClient = Client<
  HttpTransport,
  Chain,
  undefined,
  TestRpcSchema<'anvil'>,
  { mode: 'anvil' } & TestActions & PublicActions<HttpTransport, Chain> & WalletActions<Chain>
>

export function defineDevnetChain(parameters: { chainId: number; rpcUrl: string; blockTime: number }): Chain {
  return defineChain({
    id: parameters.chainId,
    name: 'Proof-of-Inference devnet',
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [parameters.rpcUrl] } },
    blockTime: parameters.blockTime * 1000,
    testnet: true,
  })
}

export function createDevnetClient(chain: Chain): DevnetClient {
  return createTestClient({ mode: 'anvil', chain, transport: http(), pollingInterval: 20, cacheTime: 0 })
    .extend(publicActions)
    .extend(walletActions)
    .extend((client) => ({
      waitForTransactionReceipt: (parameters: WaitForTransactionReceiptParameters<Chain>) =>
        waitForReceipt(client, parameters),
    }))
}

/** Milliseconds. */
const askingInterval = 200

/**
 * As viem waits, which asks when a block is new, and can miss the only one that there is: here it is asked now and then
 * besides. What is sent and waited for in one call waits by this, too.
 */
async function waitForReceipt(
  client: Client<HttpTransport, Chain>,
  parameters: WaitForTransactionReceiptParameters<Chain>,
): Promise<TransactionReceipt> {
  const { hash, confirmations = 1 } = parameters
  const ended = new AbortController()
  const signal = parameters.signal ? AbortSignal.any([parameters.signal, ended.signal]) : ended.signal
  const ask = async (): Promise<TransactionReceipt> => {
    for (;;) {
      await setTimeout(askingInterval, undefined, { signal })
      const receipt = await getTransactionReceipt(client, { hash }).catch(() => undefined)
      if (receipt && confirmations <= 1) return receipt
    }
  }
  try {
    return await Promise.race([waitForTransactionReceipt(client, { ...parameters, signal }), ask()])
  } finally {
    ended.abort()
  }
}

/**
 * Gas of every transaction of the setup: more than any needs. anvil's estimates are for the latest block and fall short
 * where the next one costs more.
 */
export const setupGas = 10_000_000n

/**
 * Waits for a transaction of the setup.
 *
 * @throws `DevnetSetupError` with the contract's error if it reverted.
 */
export async function succeed(
  client: DevnetClient,
  transaction: Promise<TransactionReceipt>,
): Promise<TransactionReceipt> {
  const receipt = await transaction
  if (receipt.status === 'success') return receipt
  const { from, to, input: data } = await client.getTransaction({ hash: receipt.transactionHash })
  const cause = await client
    .call({ account: from, to, data, gas: setupGas, blockNumber: receipt.blockNumber - 1n })
    .catch((error: unknown) => error)
  const target = to === null ? 'a deployment' : `a call of ${to}`
  throw new DevnetSetupError({ reason: `${target} by ${from} reverted with ${describeRevert(cause)}`, cause })
}

function describeRevert(error: unknown): string {
  const isCarrier = (candidate: unknown): candidate is Error & { data: Hex } =>
    candidate instanceof Error && 'data' in candidate && isHex(candidate.data)
  const carrier = error instanceof BaseError ? error.walk(isCarrier) : undefined
  if (!isCarrier(carrier)) return 'no data'
  const abi = Object.values(artifacts).flatMap((artifact) => artifact.abi.filter(({ type }) => type === 'error'))
  try {
    const { errorName, args = [] } = decodeErrorResult({ abi, data: carrier.data })
    return `${errorName}(${args.join(', ')})`
  } catch {
    return carrier.data // not an error of these contracts
  }
}
