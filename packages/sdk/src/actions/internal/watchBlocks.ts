import type { Client } from 'viem'
import { getBlockNumber } from 'viem/actions'

/** How to watch for something in new blocks. */
export type WatchParameters = {
  /** The first block to read. Default: the latest one, what is in it included. */
  fromBlock?: bigint | undefined
  /** Called when a poll fails, and with what the listener throws; the watching goes on. */
  onError?: ((error: unknown) => void) | undefined
  /** Milliseconds between polls. Default: that of the client. */
  pollingInterval?: number | undefined
}

/**
 * Reads every block once, in order, by polling: what could not be read is read with the next poll. Returns a function
 * that ends the watching.
 */
export function watchBlocks<item>(
  client: Client,
  {
    fromBlock,
    onError,
    pollingInterval = client.pollingInterval,
    read,
    onItems,
  }: WatchParameters & {
    read: (range: { fromBlock: bigint; toBlock: bigint }) => Promise<item[]>
    /** Never with none. */
    onItems: (items: item[]) => void
  },
): () => void {
  let next = fromBlock
  let timer: ReturnType<typeof setTimeout> | undefined
  let isWatching = true

  const poll = async () => {
    const toBlock = await getBlockNumber(client, { cacheTime: 0 })
    next ??= toBlock
    if (toBlock < next) return
    const items = await read({ fromBlock: next, toBlock })
    if (!isWatching) return
    next = toBlock + 1n
    if (items.length > 0) onItems(items)
  }
  const run = async () => {
    try {
      await poll()
    } catch (error) {
      if (isWatching) onError?.(error)
    }
    if (isWatching) timer = setTimeout(run, pollingInterval)
  }
  void run()

  return () => {
    isWatching = false
    clearTimeout(timer)
  }
}
