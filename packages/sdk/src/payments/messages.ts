import * as v from 'valibot'
import { type Address, getAddress, type Hex, isAddress, zeroAddress } from 'viem'
import { StoreCorruptedError } from '../errors/operator.ts'
import { PaymentMismatchError } from '../errors/payments.ts'
import type { PaymentMessage } from './types.ts'

export const hexSchema = v.pipe(
  v.string(),
  v.regex(/^0x[0-9a-fA-F]*$/, 'not hex'),
  v.transform((text): Hex => `0x${text.slice(2).toLowerCase()}`),
)
export const hashSchema = v.pipe(
  v.string(),
  v.regex(/^0x[0-9a-fA-F]{64}$/, 'not 32 bytes'),
  v.transform((text): Hex => `0x${text.slice(2).toLowerCase()}`),
)
export const addressSchema = v.pipe(
  v.string(),
  v.check((text) => isAddress(text, { strict: false }), 'not an address'),
  v.transform((text): Address => getAddress(text)),
)
/** In decimal digits: JSON has no large numbers. */
export const amountSchema = v.pipe(
  v.string(),
  v.regex(/^(0|[1-9]\d{0,77})$/, 'not an amount'),
  v.transform((text) => BigInt(text)),
)
export const uintSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

/**
 * Reads what the other side sent.
 *
 * @throws `PaymentMismatchError`
 */
export function parseMessage<schema extends v.GenericSchema>(
  schema: schema,
  message: PaymentMessage,
): v.InferOutput<schema> {
  const result = v.safeParse(schema, message)
  if (result.success) return result.output
  throw new PaymentMismatchError({
    field: 'form of the message',
    expected: 'one of this rail',
    actual: v.summarize(result.issues),
  })
}

/** Reads what the store holds. */
export function parseStored<schema extends v.GenericSchema>(
  schema: schema,
  text: string,
  key: string,
): v.InferOutput<schema> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new StoreCorruptedError({ key, issues: ['it is not JSON'], cause })
  }
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  throw new StoreCorruptedError({ key, issues: v.summarize(result.issues).split('\n') })
}

/** @throws `PaymentMismatchError` */
export function assertSame(field: string, expected: string | number | bigint, actual: string | number | bigint): void {
  if (String(expected).toLowerCase() === String(actual).toLowerCase()) return
  throw new PaymentMismatchError({ field, expected: String(expected), actual: String(actual) })
}

/** The zero address, which stands for it, where no asset is named. */
export function toAsset({ asset = zeroAddress }: { asset?: Address | undefined } = {}): Address {
  return asset
}

/** @throws `PaymentMismatchError` */
export function assertAmount(amount: bigint): void {
  if (amount <= 0n || amount >= 1n << 128n) {
    throw new PaymentMismatchError({
      field: 'amount',
      expected: 'more than 0, less than 2^128',
      actual: String(amount),
    })
  }
}
