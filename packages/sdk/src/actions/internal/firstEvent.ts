import type { Hash } from 'viem'
import { EventMissingError } from '../../errors/transaction.ts'

/** The arguments of the first of a transaction's events of a name. */
export function firstEvent<args>(
  events: readonly { args: args }[],
  { eventName, transactionHash }: { eventName: string; transactionHash: Hash },
): args {
  const event = events[0]
  if (event === undefined) throw new EventMissingError({ eventName, transactionHash })
  return event.args
}
