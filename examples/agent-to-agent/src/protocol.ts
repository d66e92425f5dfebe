import * as v from 'valibot'
import { isAddress, isHex, parseEther } from 'viem'

// What the two sides have agreed on beforehand, and what they send each other as JSON.

export const price = parseEther('0.01')

/** How surely the output is to be verified. */
export const assurance = { quorumBps: 6667, minAttestations: 2 }

const hash = v.custom<`0x${string}`>((value) => isHex(value) && value.length === 66)
const address = v.custom<`0x${string}`>((value) => typeof value === 'string' && isAddress(value))
/** The rail checks the rest of it. */
const message = v.objectWithRest({ rail: v.string() }, v.union([v.string(), v.number()]))

/** The buyer asks for an inference; its input is in the payload store. */
export const inquirySchema = v.strictObject({ buyer: address, inputDigest: hash })

/** The seller has an output, which it keeps, and says how it can be paid. */
export const quoteSchema = v.strictObject({
  agentId: v.pipe(
    v.string(),
    v.digits(),
    v.transform((id) => BigInt(id)),
  ),
  outputDigest: hash,
  offer: message,
})

/** The buyer promises to pay for the job with this salt. All else of the job both sides know. */
export const orderSchema = v.strictObject({ outputDigest: hash, salt: hash, promise: message })

/** The seller agrees to the job; its output is in the payload store now. */
export const deliverySchema = v.strictObject({ consent: v.custom<`0x${string}`>((value) => isHex(value)) })

/** How the payments for what was sold stand. */
export const salesSchema = v.array(v.strictObject({ outputDigest: hash, status: v.string() }))
