import { type BaseError, type Hex, isHex } from 'viem'

/** What a call reverted with, and the innermost error that has it: the node's, without viem's readings of it. */
export function findRevert(error: BaseError): { data: Hex; carrier: Error } | undefined {
  let revert: { data: Hex; carrier: Error } | undefined
  let carrier: Error = error
  error.walk((cause) => {
    // A node's answer, or what a wallet throws, need be no error.
    if (cause instanceof Error) carrier = cause
    const data = toRevertData(cause)
    if (data !== undefined) revert = { data, carrier }
    return false
  })
  return revert
}

/** Nodes put it in `data` of the error, or of an object in it. */
function toRevertData(value: unknown): Hex | undefined {
  if (typeof value !== 'object' || value === null || !('data' in value)) return undefined
  if (isHex(value.data)) return value.data === '0x' ? undefined : value.data
  return toRevertData(value.data)
}
