import type { Client, TransactionReceipt, WaitForTransactionReceiptErrorType } from 'viem'
import {
  getTransactionReceipt,
  type WaitForTransactionReceiptParameters,
  waitForTransactionReceipt,
} from 'viem/actions'
import { sleep } from './sleep.ts'

/** Milliseconds between asking besides. */
const interval = 2_000

/**
 * Waits for a receipt as viem does, and asks for it now and then besides: viem asks when a block is new, and shares an
 * answer that is under way, so that it can miss the only block there is on a chain that mines on demand.
 */
export async function waitForReceipt(
  client: Client,
  parameters: Omit<WaitForTransactionReceiptParameters, 'signal'>,
): Promise<TransactionReceipt> {
  const { hash, confirmations = 1 } = parameters
  const ended = new AbortController()
  const { signal } = ended
  const ask = async (): Promise<TransactionReceipt> => {
    for (;;) {
      await sleep(interval, signal)
      // What fails here fails there, too.
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

export declare namespace waitForReceipt {
  type ErrorType = WaitForTransactionReceiptErrorType
}
