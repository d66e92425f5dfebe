import PQueue from 'p-queue'
import {
  type Address,
  BaseError,
  type Hash,
  type Hex,
  NonceTooLowError,
  TransactionNotFoundError,
  type TransactionReceipt,
  TransactionReceiptNotFoundError,
} from 'viem'
import {
  call,
  estimateFeesPerGas,
  estimateGas,
  getGasPrice,
  getTransaction,
  getTransactionCount,
  getTransactionReceipt,
  sendTransaction,
} from 'viem/actions'
import { toContractError, withContractErrors } from '../errors/contract.ts'
import { TransactionRevertedError } from '../errors/transaction.ts'
import { delay } from './delay.ts'
import type { OperatorClient } from './types.ts'

type ContractCall = { to: Address; data: Hex; gasHeadroom?: bigint | undefined }

type Sent = { nonce: number; gas: bigint; hashes: Hash[]; wasSuperseded: boolean }

export type TransactionSender = ReturnType<typeof createTransactionSender>

/**
 * Sends an account's transactions: one at a time up to the point where the node took it, so that nonces do not collide,
 * and waits for their receipts side by side. The account must not send anything elsewhere meanwhile.
 *
 * @param parameters.stallTimeout Milliseconds after which a transaction that is not mined is sent again, with the same
 * nonce and higher fees.
 * @param parameters.onError Told of failures that are waited out: a node that does not answer, a replacement that it
 * does not take.
 */
export function createTransactionSender({
  client,
  pollingInterval,
  stallTimeout,
  onError,
}: {
  client: OperatorClient
  pollingInterval: number
  stallTimeout: number
  onError: (error: unknown) => void
}) {
  const { account } = client
  const queue = new PQueue({ concurrency: 1 })
  /** Nonces of what was sent and is not mined yet, as far as is known. */
  const inFlight = new Set<number>()
  let unmined = 0

  async function transmit(contractCall: ContractCall, { nonce, gas }: Pick<Sent, 'nonce' | 'gas'>, fees: object = {}) {
    const { to, data } = contractCall
    // Without a chain viem does not compare it with the node's; the deployment's was compared before.
    return sendTransaction(client, { account, chain: client.chain ?? null, to, data, nonce, gas, ...fees })
  }

  async function sendFirst(contractCall: ContractCall, signal: AbortSignal): Promise<Sent> {
    signal.throwIfAborted()
    const request = { account, to: contractCall.to, data: contractCall.data }
    await withContractErrors(call(client, request))
    const gas = (await withContractErrors(estimateGas(client, request))) + (contractCall.gasHeadroom ?? 0n)
    const pending = await getTransactionCount(client, { address: account.address, blockTag: 'pending' })
    // The node may not count yet what it took just now. Without any of that, it knows best: a reorg may have gone back.
    const nonce = Math.max(pending, ...[...inFlight].map((each) => each + 1))
    signal.throwIfAborted()
    const hash = await withContractErrors(transmit(contractCall, { nonce, gas }))
    inFlight.add(nonce)
    return { nonce, gas, hashes: [hash], wasSuperseded: false }
  }

  /** Sends it again with the same nonce: with higher fees, or as it was if the node forgot it. */
  async function replace(contractCall: ContractCall, sent: Sent, isWanted: boolean): Promise<void> {
    const hash = sent.hashes.at(-1)
    // Nothing after it is mined before it is.
    const isBlocking = [...inFlight].some((nonce) => nonce > sent.nonce)
    if (hash === undefined) return
    try {
      const pending = await findTransaction(client, hash)
      if (!isWanted && !isBlocking) {
        if (pending) return
        throw new TransactionNotFoundError({ hash })
      }
      if (pending && pending.blockNumber !== null) return
      const fees = pending ? await getRaisedFees(client, pending) : {}
      sent.hashes.push(await transmit(contractCall, sent, fees))
    } catch (error) {
      if (error instanceof TransactionNotFoundError) throw error
      if (!isNonceTooLow(error)) return onError(error)
      // One of them was mined just now, and its receipt will come; or another transaction took the nonce.
      if (sent.wasSuperseded) throw error
      sent.wasSuperseded = true
    }
  }

  async function findReceipt(hashes: readonly Hash[]): Promise<TransactionReceipt | undefined> {
    for (const hash of hashes) {
      try {
        return await getTransactionReceipt(client, { hash })
      } catch (error) {
        // A node that does not answer is asked again.
        if (!(error instanceof TransactionReceiptNotFoundError)) onError(error)
      }
    }
    return undefined
  }

  async function waitForReceipt(
    contractCall: ContractCall,
    sent: Sent,
    { signal, isWanted }: { signal: AbortSignal; isWanted: () => boolean },
  ): Promise<TransactionReceipt> {
    let stalledAt = Date.now() + stallTimeout
    for (;;) {
      const receipt = await findReceipt(sent.hashes)
      if (receipt) return receipt
      signal.throwIfAborted()
      if (Date.now() >= stalledAt) {
        await replace(contractCall, sent, isWanted())
        stalledAt = Date.now() + stallTimeout
      }
      await delay(pollingInterval, signal)
    }
  }

  return {
    /**
     * Simulates a call, sends it and waits until it is mined.
     *
     * Throws the contract's error where it refuses, a `TransactionRevertedError` if it was mined in vain, the signal's
     * reason, or what the node answers. After the signal aborts, a transaction that was sent may still be mined.
     *
     * @param options.isWanted Whether a stalled transaction is still worth higher fees.
     */
    async send(
      contractCall: ContractCall,
      options: { signal: AbortSignal; isWanted: () => boolean },
    ): Promise<TransactionReceipt> {
      unmined++
      try {
        const sent = await queue.add(() => sendFirst(contractCall, options.signal), { throwOnTimeout: true })
        const receipt = await waitForReceipt(contractCall, sent, options).finally(() => inFlight.delete(sent.nonce))
        if (receipt.status === 'success') return receipt
        const { transactionHash, blockNumber } = receipt
        const { to, data } = contractCall
        // What the call is refused with after the block that it failed in.
        const cause = await call(client, { account, to, data, blockNumber }).then(() => undefined, toContractError)
        throw new TransactionRevertedError({ transactionHash, blockNumber, cause })
      } finally {
        unmined--
      }
    },
    /** Transactions that are not mined yet. */
    get pending() {
      return unmined
    },
  }
}

type Transaction = Awaited<ReturnType<typeof getTransaction>>

/** A transaction that the node knows, pending or mined. */
async function findTransaction(client: OperatorClient, hash: Hash): Promise<Transaction | undefined> {
  try {
    return await getTransaction(client, { hash })
  } catch (error) {
    if (error instanceof TransactionNotFoundError) return undefined
    throw error
  }
}

/** Fees with which nodes take a replacement: an eighth more, or today's if those are higher. */
async function getRaisedFees(client: OperatorClient, transaction: Transaction): Promise<object> {
  if (transaction.maxFeePerGas === undefined || transaction.maxPriorityFeePerGas === undefined) {
    return { gasPrice: max(raise(transaction.gasPrice ?? 0n), await getGasPrice(client)) }
  }
  const today = await estimateFeesPerGas(client, { chain: client.chain ?? null, type: 'eip1559' })
  return {
    maxFeePerGas: max(raise(transaction.maxFeePerGas), today.maxFeePerGas),
    maxPriorityFeePerGas: max(raise(transaction.maxPriorityFeePerGas), today.maxPriorityFeePerGas),
  }
}

function raise(fee: bigint): bigint {
  return (fee * 9n) / 8n + 1n
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}

function isNonceTooLow(error: unknown): boolean {
  return error instanceof BaseError && error.walk((cause) => cause instanceof NonceTooLowError) !== null
}
