import * as v from 'valibot'
import { addressSchema, uintSchema } from '../messages.ts'

// What the core service answers with, as far as it is used. Nothing that is missing becomes zero.

const u256 = v.pipe(
  v.string(),
  v.regex(/^0x[0-9a-fA-F]{1,64}$/, 'not a number'),
  v.transform((text) => BigInt(text)),
)
const bareHex = (pattern: RegExp) =>
  v.pipe(
    v.string(),
    v.regex(pattern, 'not hex'),
    v.transform((text): `0x${string}` => `0x${text.replace(/^0x/, '').toLowerCase()}`),
  )

export const createdTabSchema = v.object({
  id: u256,
  user_address: addressSchema,
  recipient_address: addressSchema,
  asset_address: addressSchema,
  guarantee_version: v.literal(2),
  next_req_id: u256,
})

export const tabSchema = v.object({
  tab_id: u256,
  user_address: addressSchema,
  recipient_address: addressSchema,
  asset_address: addressSchema,
  start_timestamp: uintSchema,
  ttl_seconds: uintSchema,
  status: v.picklist(['PENDING', 'OPEN', 'CLOSED']),
})

export const certificateSchema = v.object({
  claims: bareHex(/^(0x)?([0-9a-fA-F]{2})+$/),
  signature: bareHex(/^(0x)?[0-9a-fA-F]{192}$/),
})

export const guaranteeListSchema = v.array(v.object({ req_id: u256 }))

/** The certificate of a guarantee is JSON within JSON. */
export const guaranteeSchema = v.nullable(
  v.object({ req_id: u256, certificate: v.pipe(v.string(), v.parseJson(), certificateSchema) }),
)
