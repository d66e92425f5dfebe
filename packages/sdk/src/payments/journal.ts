import {
  type Client,
  type Hash,
  type Hex,
  isHex,
  keccak256,
  type LocalAccount,
  parseTransaction,
  type TransactionReceipt,
  TransactionReceiptNotFoundError,
} from 'viem'
import { getTransactionCount, getTransactionReceipt, sendRawTransaction } from 'viem/actions'
import { waitForReceipt } from '../actions/internal/waitForReceipt.ts'
import { StoreCorruptedError } from '../errors/operator.ts'
import { TransactionRevertedError } from '../errors/transaction.ts'
import { createQueue, type PaymentStore } from './store.ts'

/** Milliseconds to wait for a transaction to be mined. */
const receiptTimeout = 60_000

export type Journal = ReturnType<typeof createJournal>

/**
 * Sees to it that a transaction is sent once, whatever library sends it: the account it signs with writes each signed
 * transaction down before it can be sent. A retry sends the very same bytes again.
 */
export function createJournal({
  client,
  account,
  store,
  toError,
}: {
  client: Client
  account: LocalAccount
  store: Pick<PaymentStore, 'get' | 'write'>
  /** The error for what a library threw. */
  toError: (action: string, cause: unknown) => unknown
}) {
  const exclusively = createQueue()
  let key: string | undefined

  const signTransaction: LocalAccount['signTransaction'] = async (transaction, options) => {
    const raw = await account.signTransaction(transaction, options)
    if (key !== undefined) await store.write({ [key]: raw })
    return raw
  }

  async function findReceipt(hash: Hash): Promise<TransactionReceipt | undefined> {
    try {
      return await getTransactionReceipt(client, { hash })
    } catch (error) {
      if (error instanceof TransactionReceiptNotFoundError) return undefined
      throw error
    }
  }

  /** What became of a transaction that was signed before; `undefined` if it never moved anything, and never will. */
  async function resume(raw: Hex): Promise<TransactionReceipt | undefined> {
    const hash = keccak256(raw)
    const { nonce = 0 } = parseTransaction(raw)
    const used = await getTransactionCount(client, { address: account.address, blockTag: 'latest' })
    const mined = await findReceipt(hash)
    if (mined) return mined.status === 'success' ? mined : undefined
    // Another transaction has its nonce.
    if (used > nonce) return undefined
    await sendRawTransaction(client, { serializedTransaction: raw }).catch(async (error: unknown) => {
      // The node may know it already; what it will not take at all, it does not know either.
      const isKnown = error instanceof Error && /already known|already imported/i.test(error.message)
      if (!isKnown && !(await findReceipt(hash))) throw error
    })
    const receipt = await waitForReceipt(client, { hash, timeout: receiptTimeout })
    return receipt.status === 'success' ? receipt : undefined
  }

  async function run<result>(action: string, call: () => Promise<result>): Promise<result> {
    return call().catch((cause: unknown) => {
      throw toError(action, cause)
    })
  }

  /** Sends, and makes sure of the receipt. */
  async function send(action: string, call: () => Promise<unknown>): Promise<{ transactionHash: Hash }> {
    const receipt = await run(action, call)
    if (!isReceipt(receipt)) throw toError(action, new TypeError('There is no receipt.'))
    const { status, transactionHash, blockNumber } = receipt
    if (status === 'success') return { transactionHash }
    throw new TransactionRevertedError({ transactionHash, blockNumber })
  }

  return {
    /** What to sign with. */
    signer: { ...account, signTransaction },
    /** What 4Mica's client takes along to a transaction. */
    waiting: { timeout: receiptTimeout, pollingInterval: client.pollingInterval },
    send: (action: string, call: () => Promise<unknown>) => exclusively(() => send(action, call)),
    /** The transaction that was signed for a name, whatever became of it. */
    async find(name: string): Promise<Hash | undefined> {
      const raw = await store.get(toEntry(name))
      return isHex(raw) ? keccak256(raw) : undefined
    },
    /** As `send`, once for a name. `send` signs one transaction; `prepare` comes before it, unless there is one. */
    sendOnce: (
      name: string,
      action: string,
      { prepare, send: call }: { prepare?: () => Promise<void>; send: () => Promise<unknown> },
    ) =>
      exclusively(async () => {
        const entry = toEntry(name)
        const earlier = await store.get(entry)
        if (earlier !== undefined) {
          if (!isHex(earlier)) throw new StoreCorruptedError({ key: entry, issues: ['it is not a transaction'] })
          const receipt = await run(action, () => resume(earlier))
          if (receipt) return { transactionHash: receipt.transactionHash }
        }
        if (prepare) await run(action, prepare)
        key = entry
        try {
          return await send(action, call)
        } finally {
          key = undefined
        }
      }),
  }
}

const toEntry = (name: string) => `transaction/${name}`

/** 4Mica's client does not say what it returns. */
function isReceipt(value: unknown): value is Pick<TransactionReceipt, 'status' | 'transactionHash' | 'blockNumber'> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'status' in value &&
    'transactionHash' in value &&
    'blockNumber' in value
  )
}
