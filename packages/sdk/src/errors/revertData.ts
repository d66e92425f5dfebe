import { type BaseError, type Hex, isHex } from 'viem'

/** Nodes put what a call reverted with in `data` of the error, or of an object in it. */
export function findRevertData(error: BaseError): Hex | undefined {
  let data: Hex | undefined
  error.walk((cause) => {
    data = toRevertData(cause)
    return data !== undefined
  })
  return data
}

function toRevertData(value: unknown): Hex | undefined {
  if (typeof value !== 'object' || value === null || !('data' in value)) return undefined
  if (isHex(value.data)) return value.data === '0x' ? undefined : value.data
  return toRevertData(value.data)
}
